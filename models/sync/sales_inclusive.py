"""Prices that include tax: QuickBooks shows the prices that Odoo's customers see, and the other way round."""

from decimal import ROUND_HALF_UP, Decimal

from odoo import models

from ...qbo import inclusive
from .sales import money

CENT = Decimal("0.01")


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    # === OUT === #

    def _paid(self, session, line, amount, currency, sign):
        """Return what the customer pays for a line whose price includes its tax; None where the tax comes on top.

        :param amount: the net amount, in the document's currency; a line without tax costs just that
        :param sign: -1 where the document is the opposite one in QuickBooks
        """
        if session.profile.tax_mode != "global":
            return None
        taxes = self.env["account.tax"].browse(line["tax_ids"])._flatten_taxes_and_sort_them()[0].filtered("amount")
        if not all(tax.price_include for tax in taxes):
            return None
        return sign * money(line["price_total"], currency) if taxes else amount

    def _priced(self, session, values):
        """Return the lines of a document with their prices, where QuickBooks comes to the same cents by them."""
        if session.profile.tax_mode != "global":
            return values["lines"]
        return inclusive.fitting(values["lines"], self._rates(session), values["total_tax"])

    def _formed(self, session, wanted, theirs):
        """Give a new document the form that the connection asks for; what QuickBooks has keeps its form if it can."""
        if session.profile.tax_mode != "global":
            return wanted
        asked = theirs.global_tax == inclusive.INCLUSIVE if theirs else session.backend.included_prices == "paid"
        return inclusive.formed(wanted, theirs, asked)

    # === IN === #

    def _fix_tax(self, session, document, lines):
        """Give the lines of a document at prices that include tax these prices, and the tax that is in each of them."""
        items = [line for line in document.lines if line.kind == "item"]
        sold = [line for line in lines if not line.get("display_type")]
        # What is booked of a difference has lines of its own.
        same = [self._amount(line) for line in sold] == [item.amount for item in items]
        if not same or not self._is_inclusive(document, items) or not self._takes_prices(sold):
            return super()._fix_tax(session, document, lines)
        for item, line in zip(items, sold, strict=True):
            if line["tax_ids"][0][2]:
                self._put_tax(session, document, line, item.tax_inclusive_amount - item.amount)
                line.update(self._paid_price(item))
                line["extra_tax_data"].update(price_unit=line["price_unit"], quantity=line["quantity"])
        return None

    def _is_inclusive(self, document, items):
        """Tell whether the prices of a document say what tax is in each: a discount lowers it by a share."""
        known = document.global_tax == inclusive.INCLUSIVE and len(items) == sum(
            line.kind != "note" for line in document.lines)
        return known and all(line.tax_inclusive_amount is not None for line in items) and sum(
            line.tax_inclusive_amount - line.amount for line in items) == document.total_tax

    def _takes_prices(self, lines):
        """Tell whether all taxes of new lines are included in the price in Odoo too."""
        return all(tax.price_include for line in lines for tax in self._flat(line) if tax.amount)

    def _paid_price(self, item):
        """Return quantity and price that give what the customer pays, in Odoo's precision; else one piece."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        if item.quantity:
            price = round(item.tax_inclusive_amount / item.quantity, digits)
            if (price * item.quantity).quantize(CENT, ROUND_HALF_UP) == item.tax_inclusive_amount:
                return {"quantity": float(item.quantity), "price_unit": float(price)}
        return {"quantity": 1.0, "price_unit": float(item.tax_inclusive_amount)}
