"""Mappings of what reports are split by, and of currencies: where they are used, and what a person does with them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

ANALYTIC = "account.analytic.account"


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    can_activate = fields.Boolean(compute="_compute_can_activate")

    def _compute_can_activate(self):
        wanted = self.filtered(lambda mapping: mapping.model == "res.currency" and mapping.reference_id.active)
        sleeping = set(self.env["res.currency"].with_context(active_test=False).search(
            [("id", "in", wanted.mapped("res_id")), ("active", "=", False)]).ids)
        for mapping in self:
            mapping.can_activate = mapping in wanted and mapping.res_id in sleeping

    def action_activate_currency(self):
        """Switch the currency on in Odoo, which QuickBooks uses already.

        :raise AccessError: for a user who may not change currencies
        """
        currencies = self.env["res.currency"].browse(self.filtered("can_activate").mapped("res_id"))
        if not currencies.has_access("write"):
            raise AccessError(self.env._(
                "Switching on a currency needs the right to change Odoo's settings. Ask an administrator of Odoo."))
        currencies.write({"active": True})
        self.invalidate_recordset(["can_activate"])

    @api.model
    def _usage(self, backend, entity, model):
        if model not in (ANALYTIC, "res.company", "res.currency", "res.partner.category"):
            return super()._usage(backend, entity, model)
        companies = [("company_id", "in", backend.sudo()._companies().ids)]
        moves = [*companies, ("state", "=", "posted"), ("move_type", "in", ("out_invoice", "out_refund"))]
        lines = [*companies, ("parent_state", "=", "posted"), ("display_type", "=", "product"),
                 ("move_id.move_type", "in", ("out_invoice", "out_refund"))]
        return {
            # Odoo counts the documents, not the lines, of an analytic account.
            ANALYTIC: ("account.move.line", lines, "analytic_distribution", "__count"),
            "res.company": ("account.move", moves, "company_id", "__count"),
            "res.currency": ("account.move", moves, "currency_id", "__count"),
            "res.partner.category": ("res.partner", [("customer_rank", ">", 0)], "category_id", "__count"),
        }[model]
