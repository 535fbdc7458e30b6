"""Up to which day sales tax was filed: typed by a person, proposed from what both sides know."""

from odoo import api, fields, models

from ..qbo import errors


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    tax_filed_until = fields.Date(
        "Tax filed until", tracking=True,
        help="Sales tax (VAT, GST) is filed up to this day. What would change amount, tax, customer or date of a "
             "document before it waits for approval, in both directions, whatever the rule of approval says.")
    qbo_tax_filed = fields.Date("Last tax return in QuickBooks", readonly=True, copy=False)
    tax_filed_proposal = fields.Date("Proposed", compute="_compute_tax_filed_proposal")

    @api.depends("tax_filed_until", "qbo_tax_filed", "company_id.tax_lock_date")
    def _compute_tax_filed_proposal(self):
        """Propose the later of Odoo's tax lock date and QuickBooks' last return, where it is later than what is set."""
        for backend in self:
            known = [day for day in (backend.company_id.tax_lock_date, backend.qbo_tax_filed) if day]
            later = max(known, default=False)
            backend.tax_filed_proposal = later and (
                not backend.tax_filed_until or later > backend.tax_filed_until) and later

    def action_take_tax_filed(self):
        """Take over the proposed day."""
        for backend in self.filtered("tax_filed_proposal"):
            backend.tax_filed_until = backend.tax_filed_proposal

    def _refresh_company_facts(self, client):
        """Read the last tax return of the agencies too, where QuickBooks keeps sales tax.

        Source: Intuit, Accounting API reference, TaxAgency (``LastFileDate``).
        """
        super()._refresh_company_facts(client)
        if self.qbo_tax_mode == "none":
            return
        try:
            days = [row["LastFileDate"][:10] for row in client.query("TaxAgency") if row.get("LastFileDate")]
        except errors.QboError as error:
            if error.policy != errors.Policy.ASK:
                raise
            return
        self.qbo_tax_filed = max(days, default=False)
