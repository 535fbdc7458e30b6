"""What the game leaves out, and which differences are no defect: each in one place, each with its reason."""

LEFT_OUT = {
    "qbo.revalue": "A revaluation of what customers owe in foreign money is an entry in home currency alone, which each"
                   " book makes for itself (docs/coverage.md); the judge compares the accounts in home currency.",
}
"""Acts that are not played: name of the act (``odoo.edit``, ``qbo.bounce``) and why. Take a line away to play it."""

WAITS = ("approval", "failed", "conflict")
"""States of a job that waits for a person."""
STATUSES = ("approval", "failed", "conflict", "missing", "skipped", "excluded")
"""States of a link in which the two sides need not be equal, and the record says so."""

MEANINGLESS = ("Record does not exist or has been deleted", "can be reset to draft", "Traceback", "singleton")
"""Words of a program in the sentence of a job: such a job explains nothing."""

DOCUMENTED = {
    "draft": "A document that went back to draft in Odoo is changed in QuickBooks when it is posted or cancelled.",
}
"""Differences that docs/coverage.md says: code and sentence."""
