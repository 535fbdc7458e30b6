"""Throttle slots and counts of calls."""

from odoo import fields, models


class QboCallBucket(models.Model):
    """Calls of one backend in one minute, by kind; written in short transactions of its own."""

    _name = "qbo.call.bucket"
    _description = "QuickBooks Call Count"
    _log_access = False
    _rec_name = "minute"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    minute = fields.Datetime(required=True)
    core = fields.Integer("Writes")
    metered = fields.Integer("Reads")
    batch = fields.Integer("Batches")
    throttled = fields.Integer()

    _minute_uniq = models.UniqueIndex("(backend_id, minute)")
