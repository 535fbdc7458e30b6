"""How far each source has been read."""

from odoo import fields, models


class QboCursor(models.Model):
    """Position in one source of changes of a backend: change data capture, a paged query, the ledger scan."""

    _name = "qbo.cursor"
    _description = "QuickBooks Reading Position"
    _rec_name = "source"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    source = fields.Char(required=True, help="'cdc', 'query:<entity>', 'scan:<model>' or 'rates:<day>'.")
    position = fields.Integer(help="Rows of a paged query that were read.")
    moment = fields.Char(help="Point in time, ISO 8601 with zone, up to which the source was read.")
    done = fields.Boolean()

    _source_uniq = models.UniqueIndex("(backend_id, source)")
