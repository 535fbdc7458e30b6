"""Status of products: a variant is one item in QuickBooks, a template shows the worst of its variants."""

from odoo import models
from odoo.tools import SQL


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "qbo.status.mixin"]

    def _qbo_entity(self):
        return "Item"


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "qbo.status.mixin"]

    def _qbo_entity(self):
        return "Item"

    def _qbo_linked(self):
        return self.product_variant_ids

    def _qbo_links_sql(self, record_id, backend_id):
        return SQL(
            "FROM product_product p LEFT JOIN qbo_binding b ON b.model = 'product.product' AND b.res_id = p.id"
            " AND b.backend_id = %s WHERE p.product_tmpl_id = %s AND p.active",
            backend_id,
            record_id,
        )

    def _qbo_linked_ids(self, fname, values):
        return SQL(
            "(SELECT p.product_tmpl_id FROM product_product p WHERE p.id IN %s)",
            self.env["product.product"]._qbo_linked_ids(fname, values),
        )
