"""A cached row of a QuickBooks list that people map to."""

from odoo import api, fields, models

from .const import REFERENCE_ENTITIES


class QboReference(models.Model):
    """Account, item, tax code, term, payment method, class ... as QuickBooks last listed it; never edited by hand."""

    _name = "qbo.reference"
    _description = "QuickBooks List Entry"
    _order = "entity, name, id"
    _rec_names_search = ["name", "code", "qbo_id"]

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    entity = fields.Selection(REFERENCE_ENTITIES, "List", required=True)
    qbo_id = fields.Char("QuickBooks ID", required=True)
    name = fields.Char(required=True)
    code = fields.Char(help="Account number, SKU.")
    kind = fields.Char("Type", help="Account type, item type.")
    rate = fields.Float(digits=(16, 6), help="Tax rate in percent; of a tax code, the sum of its sales rates.")
    document = fields.Json(help="The neutral form.")
    active = fields.Boolean(default=True)
    sync_token = fields.Char()
    mapping_ids = fields.One2many("qbo.mapping", "reference_id")

    _qbo_uniq = models.UniqueIndex("(backend_id, entity, qbo_id)")

    @api.depends("name", "code", "rate", "active", "entity")
    def _compute_display_name(self):
        for reference in self:
            name = f"{reference.code} {reference.name}" if reference.code else reference.name
            if reference.entity in ("TaxCode", "TaxRate") and reference.rate:
                name = f"{name} ({reference.rate:.6g} %)"
            # A name is free again once its entry is inactive, so two entries may have the same one.
            reference.display_name = name if reference.active else self.env._("%(name)s (inactive)", name=name)
