"""Up to which day sales tax was filed: typed by a person, proposed from what both sides know."""

from odoo import api, fields, models

from ..qbo import errors, tax_report

# Where QuickBooks files the returns itself, and keeps them and their payments (Intuit, Accounting API reference,
# TaxReturn and TaxPayment); countries stand with two or three letters.
FILING_COUNTRIES = ("AU", "AUS", "CA", "CAN", "GB", "GBR", "UK")


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    tax_filed_until = fields.Date(
        "Tax filed until", tracking=True,
        help="Sales tax (VAT, GST) is filed up to this day. What would change amount, tax, customer or date of a "
             "document before it waits for approval, in both directions, whatever the rule of approval says.")
    qbo_tax_filed = fields.Date("Last tax return in QuickBooks", readonly=True, copy=False)
    qbo_tax_paid = fields.Date(
        "Month before the last tax payment in QuickBooks", readonly=True, copy=False,
        help="A return that was paid ended in the month before the payment at the latest. Proposed where QuickBooks "
             "tells of no return.")
    tax_filed_proposal = fields.Date("Proposed", compute="_compute_tax_filed_proposal")

    @api.depends("tax_filed_until", "qbo_tax_filed", "qbo_tax_paid", "company_id.tax_lock_date")
    def _compute_tax_filed_proposal(self):
        """Propose the later of Odoo's tax lock date and QuickBooks' last return, where it is later than what is set.

        Where QuickBooks tells of no return, its last payment to the agency stands for one.
        """
        for backend in self:
            there = backend.qbo_tax_filed or backend.qbo_tax_paid
            later = max([day for day in (backend.company_id.tax_lock_date, there) if day], default=False)
            backend.tax_filed_proposal = later and (
                not backend.tax_filed_until or later > backend.tax_filed_until) and later

    def action_take_tax_filed(self):
        """Take over the proposed day."""
        for backend in self.filtered("tax_filed_proposal"):
            backend.tax_filed_until = backend.tax_filed_proposal

    def _refresh_company_facts(self, client):
        """Read the last tax return of the agencies too, where QuickBooks keeps sales tax, and when it was paid.

        Source: Intuit, Accounting API reference, TaxAgency (``LastFileDate``), TaxReturn and TaxPayment.
        """
        super()._refresh_company_facts(client)
        if self.qbo_tax_mode == "none":
            return
        days = [fields.Date.to_date(row["LastFileDate"][:10])
                for row in self._tax_rows(client, "TaxAgency") if row.get("LastFileDate")]
        self.qbo_tax_paid = False
        if self._keeps_tax_payments():
            returned = tax_report.filed_until(self._tax_rows(client, "TaxReturn"))
            days += [returned] if returned else []
            paid = tax_report.paid_until(tax_report.tax_payments(self._tax_rows(client, "TaxPayment")))
            self.qbo_tax_paid = paid or False
        self.qbo_tax_filed = max(days, default=False)

    def _keeps_tax_payments(self):
        return self.qbo_tax_mode == "global" and (self.qbo_country or "").upper() in FILING_COUNTRIES

    def _tax_rows(self, client, entity, where=""):
        """Return objects of the tax centre; none where QuickBooks does not have that kind."""
        try:
            return list(client.query(entity, where=where))
        except errors.QboError as error:
            if error.policy != errors.Policy.ASK:
                raise
            return []
