"""Linking a stocked product with an inventory item asks a person to confirm two costs of goods sold."""

from odoo import fields, models
from odoo.exceptions import UserError


class QboRelinkWizard(models.TransientModel):
    _inherit = "qbo.relink.wizard"

    double_cost_ok = fields.Boolean(
        "Both sides book the cost of goods sold",
        help="Tick it to link a stocked product with an inventory item all the same: each sale then books its cost "
             "in Odoo and in QuickBooks.")

    def _relink(self, qbo_id, reason):
        self._check_double_cost(qbo_id)
        return super()._relink(qbo_id, reason)

    def _check_double_cost(self, qbo_id):
        """Refuse the link of a stocked product with an inventory item that nobody confirmed.

        :raise UserError: naming both, and the two costs
        """
        if self.entity != "Item" or self.double_cost_ok:
            return
        product = self.env[self.model].browse(self.res_id)
        item = self.env["qbo.reference"].sudo().search([
            ("backend_id", "=", self.backend_id.id), ("entity", "=", "Item"), ("qbo_id", "=", qbo_id),
            ("kind", "=", "Inventory")], limit=1)
        if item and self.env["qbo.sync.item"]._stocked(product):
            raise UserError(self.env["qbo.sync.stock"]._double_cost(item.name, product))
