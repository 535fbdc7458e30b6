"""The error catalogue: what a code means and how to mend it."""

from odoo import fields, models

FIXES = [
    ("none", "Nothing to do"),
    ("map", "Map it"),
    ("link", "Link to the existing record"),
    ("rename", "Rename"),
    ("renumber", "Change the number"),
    ("open_period", "Open the period"),
    ("reconnect", "Reconnect"),
    ("retry", "Retry"),
    ("wait", "Wait"),
    ("undeposit", "Remove it from the deposit"),
    ("difference", "Book the difference"),
    ("credit_note", "Credit note in the open period"),
    ("reactivate", "Make it active again"),
    ("check_data", "Correct the record"),
    ("merge", "Merge"),
]


class QboErrorGuide(models.Model):
    """One cause of failure in a bookkeeper's words."""

    _name = "qbo.error.guide"
    _description = "QuickBooks Error Guide"
    _order = "sequence, code"
    _rec_name = "code"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, index=True, help="Code of QuickBooks, or our own word.")
    pattern = fields.Char(help="Regular expression that the text must match, when one code has several causes.")
    error_class = fields.Char("Class")
    cause = fields.Text(required=True, translate=True)
    how_to_fix = fields.Text("How to fix", required=True, translate=True)
    fix = fields.Selection(FIXES, required=True, default="none")
