"""Money of one currency that settles documents of another: QuickBooks takes it in the currency of the customer."""

from decimal import Decimal

from odoo import models

from ...qbo import documents
from .sales import money


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _worth(self, reading, items, total, currency):
        """Return the currency in which a receipt goes to QuickBooks, and its total and rate there.

        A receipt has the currency of its customer there (Intuit: "Manage multiple currencies"). Where Odoo settles an
        invoice with other money, the receipt goes in the invoice's currency, at the rate that gives what Odoo books in
        home currency.

        :param items: the receivable items of the receipt
        :param total: exact money in ``currency``
        :return: (currency, {"total", "exchange_rate"}); a problem is noted on the reading
        """
        partials = self._of_documents(items.matched_debit_ids)
        settled = partials.debit_currency_id
        if not partials or settled == currency:
            return currency, {"total": total, "exchange_rate": self._rate(items, currency)}
        if len(settled) > 1:
            reading.problem = self._several_currencies(settled | currency)
            return currency, {"total": total, "exchange_rate": self._rate(items, currency)}
        # What is used shows in the rest alone: with exchange differences the parts do not say it.
        used = sum((money(abs(item.amount_currency) - abs(item.amount_residual_currency), item.currency_id)
                    for item in items), documents.ZERO)
        paid = sum((money(one.debit_amount_currency, settled) for one in partials), documents.ZERO)
        worth = money(float(paid * total / used), settled) if used and used != total else paid
        return settled, {"total": worth, "exchange_rate": self._rate_of(items, settled, worth)}

    def _of_documents(self, partials):
        """Return the partial reconciliations without those of Odoo's exchange differences, which move home values."""
        exchanges = self.env["account.partial.reconcile"].search([
            ("exchange_move_id", "in", partials.debit_move_id.move_id.ids)]).exchange_move_id
        return partials.filtered(lambda one: one.debit_move_id.move_id not in exchanges)

    def _rate_of(self, items, currency, total):
        """Return home units for one of ``currency`` that make ``total`` what the items have in home currency."""
        if currency == items.company_currency_id or not total:
            return None
        home = sum((Decimal(repr(abs(item.balance))) for item in items), documents.ZERO)
        return (home / total).quantize(Decimal("0.00000001")).normalize()

    def _several_currencies(self, currencies):
        return ("several_currencies", self.env._(
            "It settles documents in %(currencies)s. A payment in QuickBooks has one currency, that of its customer. "
            "Undo the reconciliation and register one payment for each currency.",
            currencies=", ".join(currencies.mapped("name"))))
