"""Which QuickBooks list entry an Odoo record corresponds to."""

from odoo import api, fields, models

from .const import REFERENCE_ENTITIES


class QboMapping(models.Model):
    """Many Odoo records to one list entry; of those, ``default_in`` is the one that imports use.

    A row without a reference is a question to a person: the record is used, but has no counterpart yet.
    """

    _name = "qbo.mapping"
    _description = "QuickBooks Mapping"
    _inherit = ["mail.thread"]
    _order = "entity, state desc, id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    entity = fields.Selection(REFERENCE_ENTITIES, "Kind", required=True)
    model = fields.Char(
        required=True,
        help="Odoo model: account.account, account.tax, account.payment.term, account.payment.method.line, "
             "account.journal.")
    res_id = fields.Many2oneReference(model_field="model", required=True, string="Odoo record")
    record_name = fields.Char(compute="_compute_record_name", search="_search_record_name")
    reference_id = fields.Many2one(
        "qbo.reference", "QuickBooks entry",
        domain="[('backend_id', '=', backend_id), ('entity', '=', entity), ('qbo_id', 'not in', ('TAX', 'NON'))]",
        ondelete="restrict", tracking=True, index=True)
    default_in = fields.Boolean("Used by imports", default=True, tracking=True)
    state = fields.Selection(
        [("missing", "Missing"), ("proposed", "Proposed"), ("mapped", "Mapped")], required=True, default="missing",
        tracking=True)
    found_by = fields.Selection(
        [("code", "Same code"), ("name", "Same name"), ("rate", "Same rate"), ("type", "Only one of its type"),
         ("similar", "Similar name"), ("person", "Chosen by a person")], tracking=True)
    confidence = fields.Integer(aggregator=None, help="How alike the two are, in percent.")
    blocked_count = fields.Integer("Blocks", compute="_compute_blocked_count")

    _record_uniq = models.UniqueIndex("(backend_id, entity, model, res_id)")

    def _compute_record_name(self):
        for model, mappings in self.grouped("model").items():
            # A person who maps need not work in every branch to see its name.
            source = self.env[model].sudo() if model == "res.company" else self.env[model]
            records = {record.id: record for record in source.browse(mappings.mapped("res_id")).exists()}
            for mapping in mappings:
                record = records.get(mapping.res_id)
                mapping.record_name = record.display_name if record else self.env._("(deleted)")

    @api.depends("model", "res_id")
    def _compute_display_name(self):
        for mapping in self:
            mapping.display_name = mapping.record_name

    @api.model
    def _search_record_name(self, operator, value):
        if operator not in ("ilike", "like", "=", "=ilike"):
            return NotImplemented
        domain = [("id", "=", 0)]
        for model in sorted({model for _entity, model in self.env["qbo.sync.propose"]._pairs()}):
            ids = [record_id for record_id, _name in self.env[model].name_search(value, operator=operator, limit=200)]
            domain = ["|", "&", ("model", "=", model), ("res_id", "in", ids), *domain]
        return domain

    def _compute_blocked_count(self):
        keys = {mapping.id: mapping._blocking_key() for mapping in self}
        groups = dict(self.env["qbo.job"]._read_group(
            [("state", "=", "blocked"), ("blocked_key", "in", list(keys.values())),
             ("backend_id", "in", self.backend_id.ids)], ["blocked_key"], ["__count"]))
        for mapping in self:
            mapping.blocked_count = groups.get(keys[mapping.id], 0)

    def _blocking_key(self):
        """Return the key that jobs carry while they wait for this mapping."""
        return f"map:{self.entity}:{self.model}:{self.res_id}"
