"""Changes of products are noted in the user's transaction, by one statement, and judged later by the worker."""

from odoo import api, models

# What QuickBooks hears about an item, by the model that stores it.
SHARED_FIELDS = frozenset(
    {
        "name",
        "default_code",
        "type",
        "description_sale",
        "description_purchase",
        "list_price",
        "lst_price",
        "sale_ok",
        "purchase_ok",
        "active",
        "categ_id",
        "company_id",
        "product_template_attribute_value_ids",
        "attribute_line_ids",
    }
)
# Each company has its own value: only the connection of the company at work is concerned.
COMPANY_FIELDS = frozenset({"standard_price", "property_account_income_id", "property_account_expense_id"})


def mark_products(records, changed):
    """Note that ``records`` may have changed, if one of the field names ``changed`` is synced."""
    if changed & SHARED_FIELDS:
        records.env["qbo.change"]._mark(records._name, records.ids)
    elif changed & COMPANY_FIELDS:
        records.env["qbo.change"]._mark(records._name, records.ids, [records.env.company.id])


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        changed = set(vals)
        result = super().write(vals)
        mark_products(self, changed)
        return result

    def unlink(self):
        # The database deletes the variants with their template; no unlink of theirs is called.
        variant_ids = self.with_context(active_test=False).product_variant_ids.ids
        result = super().unlink()
        self.env["qbo.change"]._mark("product.product", variant_ids)
        return result


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        products = super().create(vals_list)
        self.env["qbo.change"]._mark("product.product", products.ids)
        return products

    def write(self, vals):
        changed = set(vals)
        result = super().write(vals)
        mark_products(self, changed)
        return result

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["qbo.change"]._mark("product.product", ids)
        return result
