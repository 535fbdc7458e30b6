"""What a connection does with payments that Odoo books without a journal entry."""

from odoo import api, fields, models


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    entryless_payments = fields.Selection(
        [("wait", "Wait for the bank line"), ("send", "Send them with the invoices they are meant for")],
        "Payments without journal entry", required=True, default="wait", tracking=True,
        help="Odoo books no entry for a payment whose method has no outstanding account: its invoice is open until the "
             "bank line comes. Sent at once, QuickBooks shows it paid before Odoo's receivables do, and the comparison "
             "of the receivables differs by it until the bank line is matched; the bank line is not sent again.")
    entryless_journals = fields.Char(
        "Journals without outstanding account", compute="_compute_entryless_journals", compute_sudo=True,
        help="Mapped journals whose incoming payments have no journal entry.")

    @api.depends("company_id")
    def _compute_entryless_journals(self):
        """Name the mapped journals whose payments book nothing until the bank line comes."""
        books_late = self.env["account.move"]._get_invoice_in_payment_state() == "in_payment"
        for backend in self:
            mapped = self.env["qbo.mapping"].search([
                ("backend_id", "=", backend.id), ("entity", "=", "Account"), ("model", "=", "account.journal"),
                ("state", "=", "mapped")]).mapped("res_id") if books_late and backend.ids else []
            journals = self.env["account.journal"].browse(mapped).exists().filtered(lambda journal: any(
                not method.payment_account_id for method in journal.inbound_payment_method_line_ids))
            backend.entryless_journals = ", ".join(journals.mapped("display_name")) or False
