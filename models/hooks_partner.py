"""Changes of partners are noted in the user's transaction, by one statement, and judged later by the worker."""

from odoo import api, fields, models

# What QuickBooks hears about a partner. `customer_rank` is left out: posting raises it on each invoice, and a first
# document brings its customer along anyway.
SHARED_FIELDS = frozenset(
    {
        "name",
        "email",
        "phone",
        "qbo_mobile",
        "website",
        "comment",
        "street",
        "street2",
        "city",
        "zip",
        "state_id",
        "country_id",
        "active",
        "is_company",
        "company_name",
        "parent_id",
        "type",
        "category_id",
    }
)
# Each company has its own value: only the connection of the company at work is concerned.
COMPANY_FIELDS = frozenset({"property_payment_term_id", "property_account_position_id"})


class ResPartner(models.Model):
    _inherit = "res.partner"

    qbo_mobile = fields.Char(
        "Mobile (QuickBooks)",
        copy=False,
        help="The mobile number that QuickBooks keeps beside the phone number; Odoo has one number for both.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        self.env["qbo.change"]._mark("res.partner", partners.ids)
        return partners

    def write(self, vals):
        # The keys are read before: other overrides take handled ones out of the dict.
        changed = set(vals)
        result = super().write(vals)
        if changed & SHARED_FIELDS:
            self.env["qbo.change"]._mark("res.partner", self.ids)
        elif changed & COMPANY_FIELDS:
            self.env["qbo.change"]._mark("res.partner", self.ids, [self.env.company.id])
        return result

    def _update_address(self, vals):
        """A contact that follows its parent's address is written past every override of ``write``."""
        result = super()._update_address(vals)
        if vals.keys() & SHARED_FIELDS.intersection(self._address_fields()):
            self.env["qbo.change"]._mark("res.partner", self.ids)
        return result

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["qbo.change"]._mark("res.partner", ids)
        return result
