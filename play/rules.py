"""What the game leaves out, and which differences are no defect: each in one place, each with its reason."""

LEFT_OUT: dict[str, str] = {}
"""Acts that are not played: name of the act (``odoo.edit``, ``qbo.bounce``) and why. None at present."""

WAITS = ("approval", "failed", "conflict")
"""States of a job that waits for a person."""
STATUSES = ("approval", "failed", "conflict", "missing", "skipped", "excluded")
"""States of a link in which the two sides need not be equal, and the record says so."""

LABELS = {"Total": "total", "Tax": "tax", "Not applied": "open", "Applied": "open"}
"""What a note of a link may explain, by its label, if both figures are those of the books: field of a side."""
NOT_HERE = "because the document is not here"
"""Words of a note that explains what is open, if one of the documents that are settled is really not in Odoo."""

MEANINGLESS = (
    "Record does not exist or has been deleted", "can be reset to draft", "Traceback", "singleton", "violates",
    "A rule of QuickBooks' bookkeeping forbids this", "that this record is mapped to does not exist")
"""Words of a program in the sentence of a job, or words that fit everything: such a job explains nothing."""

DOCUMENTED = {
    "draft": "A document that went back to draft in Odoo is changed in QuickBooks when it is posted or cancelled.",
    "listed": "A charge that QuickBooks gives to no app is listed with its customer and what is open of it.",
    "receipt": "The one payment that settles a receipt, or pays all of a credit note back, crosses with it.",
}
"""Differences that docs/coverage.md says: code and sentence."""
