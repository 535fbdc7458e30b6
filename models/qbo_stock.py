"""Who keeps the stock: the rule of a connection."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    stock_keeper = fields.Selection(
        [("odoo", "Odoo, or nobody"), ("qbo", "QuickBooks")], "Who keeps the stock", required=True, default="odoo",
        tracking=True,
        help="QuickBooks books the cost of goods sold with each invoice of an inventory item, and Odoo with each "
             "delivery of a stocked product: stock belongs to one side. Odoo or nobody: new items are created without "
             "stock. QuickBooks: new goods are created as inventory items with nothing on hand.")
    stock_asset_id = fields.Many2one(
        "qbo.reference", "Inventory asset", tracking=True, ondelete="restrict",
        domain="[('backend_id', '=', id), ('entity', '=', 'Account'), ('kind', '=', 'Other Current Asset')]")
    stock_cost_id = fields.Many2one(
        "qbo.reference", "Cost of goods sold", tracking=True, ondelete="restrict",
        domain="[('backend_id', '=', id), ('entity', '=', 'Account'), ('kind', '=', 'Cost of Goods Sold')]")
    stock_start_date = fields.Date(
        "Stock is kept from", tracking=True,
        help="QuickBooks takes no document of an inventory item from before this day.")

    @api.constrains("stock_keeper", "stock_asset_id", "stock_cost_id", "stock_start_date")
    def _check_stock(self):
        for backend in self.filtered(lambda backend: backend.stock_keeper == "qbo"):
            if not (backend.stock_asset_id and backend.stock_cost_id and backend.stock_start_date):
                raise ValidationError(self.env._(
                    "Where QuickBooks keeps the stock, choose the accounts of inventory asset and cost of goods sold, "
                    "and the day from which stock is kept."))
