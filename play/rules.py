"""What the game leaves out, and which differences are no defect: each in one place, each with its reason."""

LEFT_OUT: dict[str, str] = {}
"""Acts that are not played: name of the act (``odoo.edit``, ``qbo.bounce``) and why. None at present."""

WAITS = ("approval", "failed", "conflict")
"""States of a job that waits for a person."""
STATUSES = ("approval", "failed", "conflict", "missing", "skipped", "excluded")
"""States of a link in which the two sides need not be equal, and the record says so."""

MEANINGLESS = ("Record does not exist or has been deleted", "can be reset to draft", "Traceback", "singleton", "violates")
"""Words of a program in the sentence of a job: such a job explains nothing."""

DOCUMENTED = {
    "draft": "A document that went back to draft in Odoo is changed in QuickBooks when it is posted or cancelled.",
}
"""Differences that docs/coverage.md says: code and sentence."""
