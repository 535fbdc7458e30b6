"""Throttle slots and counts of calls."""

from odoo import fields, models


class UnguardedMany2one(fields.Many2one):
    """A many2one without foreign key.

    The throttle writes in short transactions of its own, from any thread. A foreign key would lock the connection's row
    in each of them, and wait for whoever edits it.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a constraint; rows of a deleted connection are removed by its ``unlink``."""


class QboCallBucket(models.Model):
    """Calls of one backend in one minute, by kind; written in short transactions of its own."""

    _name = "qbo.call.bucket"
    _description = "QuickBooks Call Count"
    _log_access = False
    _rec_name = "minute"

    backend_id = UnguardedMany2one("qbo.backend", required=True, ondelete="cascade", index=True)
    minute = fields.Datetime(required=True)
    core = fields.Integer("Writes")
    metered = fields.Integer("Reads")
    batch = fields.Integer("Batches")
    throttled = fields.Integer()
    recent = fields.Json(help="Times of the latest requests, in seconds of the database's clock.")

    _minute_uniq = models.UniqueIndex("(backend_id, minute)")
