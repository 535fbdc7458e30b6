"""Status of payments."""

from odoo import models
from odoo.tools import SQL


class AccountPayment(models.Model):
    """A document belongs to one company: its status is of the connection of that company, whichever is current."""

    _name = "account.payment"
    _inherit = ["account.payment", "qbo.status.mixin"]

    def _qbo_backend_sql(self, alias):
        return self.env["qbo.backend"]._qbo_sql_of_company(SQL.identifier(alias, "company_id"))

    def _qbo_backend_ids(self):
        return self.env["qbo.backend"]._qbo_ids_of_documents(self)

    def _qbo_eligible_sql(self, alias):
        return SQL("%s = 'customer'", SQL.identifier(alias, "partner_type"))

    def _qbo_eligible(self):
        return self.partner_type == "customer"

    def _qbo_entity(self):
        return "Payment" if self.payment_type == "inbound" else "Purchase"

    def _qbo_compared(self):
        return [(self.env._("Amount"), self.amount, "total")]

    def write(self, vals):
        """Excluding a payment changes no payment, so nothing of it is written."""
        if vals.keys() == {"qbo_exclude"}:
            self.check_access("write")
            self._qbo_set_excluded(bool(vals["qbo_exclude"]))
            return True
        return super().write(vals)
