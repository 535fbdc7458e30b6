"""Taxes of invoices and credit memos that come in: QuickBooks' cents stand on Odoo's lines."""

from decimal import ROUND_HALF_UP, Decimal

from odoo import Command, models

CENT = Decimal("0.01")


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    def _tax(self, session, document, line):
        """Return the tax of a line; in US companies it is the document's code on the lines that say TAX."""
        taxes = self.env["account.tax"]
        if line.kind == "note" or session.profile.tax_mode == "none":
            return taxes
        if session.profile.is_us:
            taxed = line.tax_code_id == "TAX" if line.kind == "item" else document.apply_tax_after_discount
            if not taxed or not document.tax_code_id or not document.total_tax:
                return taxes
            return session.resolver.inn("TaxCode", document.tax_code_id, "account.tax")
        if not line.tax_code_id:
            return taxes
        untaxed = line.tax_code_id == self._untaxed_code(session)
        return session.resolver.inn("TaxCode", line.tax_code_id, "account.tax", required=not untaxed)

    def _fix_tax(self, session, document, lines):
        """Put QuickBooks' tax cents on the lines where Odoo would compute others: they survive draft and repost."""
        taxed = [line for line in lines if line.get("tax_ids") and line["tax_ids"][0][2]]
        if not taxed or self._expected_tax(session, taxed) == document.total_tax:
            return
        # A line whose taxes add nothing keeps what Odoo books of them: a reverse charge stands on both sides.
        taxed = [line for line in taxed if self._adds(line)] or taxed
        # A line of a higher rate has more of the tax; what rounding leaves goes where it matters least.
        weights = [self._amount(line) * sum(percent for _tax, percent in self._parts(line)) for line in taxed]
        if not sum(weights):
            weights = [self._amount(line) for line in taxed]
        base, left = sum(weights) or Decimal(1), document.total_tax
        ordered = sorted(zip(weights, taxed, strict=True), key=lambda pair: abs(pair[0]))
        for position, (weight, line) in enumerate(ordered, 1):
            tax = left if position == len(taxed) else (document.total_tax * weight / base).quantize(CENT)
            left -= tax
            self._put_tax(session, document, line, tax)

    def _adds(self, line):
        return any(percent or tax.amount_type != "percent" for tax, percent in self._parts(line))

    def _amount(self, line):
        return Decimal(repr(line["quantity"])) * Decimal(repr(line["price_unit"]))

    def _net(self, line):
        """Return the net amount of a new line, also of one whose price includes the tax."""
        stored = line.get("extra_tax_data")
        return Decimal(repr(stored["manual_total_excluded_currency"])) if stored else self._amount(line)

    def _flat(self, line):
        """Return the taxes of a line with those inside of groups."""
        return self.env["account.tax"].browse(line["tax_ids"][0][2])._flatten_taxes_and_sort_them()[0]

    def _parts(self, line):
        """Return (tax, percentage) of each tax of a line; a tax that is no percentage counts as 0."""
        return [(tax, self._percent(tax) if tax.amount_type == "percent" else Decimal(0))
                for tax in self._flat(line)]

    def _percent(self, tax):
        """Return the percentage that a tax adds to a document: 0 where it is booked on both sides (reverse charge)."""
        parts = tax.invoice_repartition_line_ids.filtered(lambda part: part.repartition_type == "tax")
        return Decimal(repr(tax.amount)) * sum(Decimal(repr(part.factor_percent)) for part in parts) / 100

    def _is_simple(self, tax):
        """Tell whether a tax is a percentage of the net amount that comes on top."""
        return tax.amount_type == "percent" and not tax.price_include and not tax.include_base_amount

    def _expected_tax(self, session, lines):
        """Return what Odoo will charge on new lines; None where a tax is not a simple percentage."""
        if not all(self._is_simple(tax) for line in lines for tax in self._flat(line)):
            return None
        globally = session.backend.company_id.tax_calculation_rounding_method == "round_globally"
        groups = {}
        for number, line in enumerate(lines):
            for tax, percent in self._parts(line):
                key = (tax.id, 0 if globally else number)
                groups[key] = groups.get(key, 0) + self._amount(line) * percent / 100
        return sum(tax.quantize(CENT, ROUND_HALF_UP) for tax in groups.values())

    def _keep_withheld(self, move, lines):
        """Give rewritten lines back the taxes that payments withhold, by product: QuickBooks does not know them.

        :param lines: the values of the new lines, which are changed
        """
        charged = self._on_documents(move.invoice_line_ids.tax_ids.ids)
        held = {line.product_id.id: set(line.tax_ids.ids) - set(charged) for line in move.invoice_line_ids}
        for line in lines:
            if line.get("tax_ids") and held.get(line.get("product_id")):
                line["tax_ids"] = [Command.set([*line["tax_ids"][0][2], *held[line["product_id"]]])]

    def _put_tax(self, session, document, line, tax):
        """Store a tax amount on a line as Odoo stores one that somebody typed; several taxes share it by their rates.

        The price of a line whose tax is included in the price is what the customer pays; its net amount is stored too.
        """
        amount = self._amount(line)
        if any(part.price_include for part in self._flat(line)):
            line.update(quantity=1.0, price_unit=float(amount + tax))
        line["extra_tax_data"] = self._manual_tax(session, document, line, amount, tax)

    def _manual_tax(self, session, document, line, amount, tax):
        rate = float(1 / document.exchange_rate) if document.exchange_rate else 1.0
        currency_id = session.currency_id(document.currency) or session.backend.company_id.currency_id.id
        manual = {}
        for part, value in self._shares(line, tax):
            manual[str(part.id)] = {
                "tax_amount_currency": float(value), "tax_amount": float(value) / rate,
                "base_amount_currency": float(amount), "base_amount": float(amount) / rate}
        return {"currency_id": currency_id, "price_unit": line["price_unit"], "quantity": line["quantity"],
                "discount": line["discount"], "rate": rate, "manual_tax_amounts": manual,
                "manual_total_excluded_currency": float(amount), "manual_total_excluded": float(amount) / rate}

    def _shares(self, line, tax):
        """Return (tax of Odoo, amount) of each tax of a line; the last gets what rounding leaves."""
        parts = self._parts(line)
        whole, left, shares = sum(percent for _part, percent in parts), tax, []
        for part, percent in parts[:-1]:
            value = (tax * percent / whole).quantize(CENT, ROUND_HALF_UP) if whole else Decimal(0)
            shares.append((part, value))
            left -= value
        return [*shares, (parts[-1][0], left)]
