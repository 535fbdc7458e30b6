"""Taxes of invoices and credit memos on their way to QuickBooks: codes, and the cents that each rate has in Odoo."""

from decimal import Decimal

from odoo import models
from odoo.tools import float_compare

from ...qbo import taxes as charging
from ...qbo.documents import ZERO
from ..const import UNTAXED_KEY
from .sales import AMOUNTS, money
from .session import Need

# A tax of the module l10n_account_withholding_tax that is booked with the payment only.
WITHHELD = "is_withholding_tax_on_payment"


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    # === CODES === #

    def _on_documents(self, tax_ids):
        """Return the ids of taxes that a document charges: what payments withhold is a default on its lines."""
        taxes = self.env["account.tax"].browse(tax_ids)
        if WITHHELD not in taxes._fields:
            return tax_ids
        return taxes.filtered(lambda tax: not tax[WITHHELD]).ids

    def _taxes(self, line):
        """Return the taxes of a line that make a difference."""
        return self.env["account.tax"].browse(line["tax_ids"]).filtered(
            lambda tax: tax.amount_type == "group" or tax.amount)

    def _combined(self, session, taxes):
        """Return the one tax that stands for ``taxes``: itself, or the mapped group that consists of them; else none.

        QuickBooks has one code for taxes that are charged together (GST and PST, state and city); in Odoo that is a
        tax of the type group.
        """
        if len(taxes) <= 1:
            return taxes
        mapped = self.env["account.tax"].browse(self._mapped_taxes(session))
        return next((tax for tax in mapped if tax.children_tax_ids == taxes), taxes.browse())

    def _mapped_taxes(self, session):
        """Return {tax id: QuickBooks' tax code} of the mapped taxes."""
        rows = session.once(("mapped taxes",), lambda: self.env["qbo.mapping"].search([
            ("backend_id", "=", session.backend.id), ("model", "=", "account.tax"), ("state", "=", "mapped"),
            ("reference_id", "!=", False)]))
        living = self.env["account.tax"].browse(rows.mapped("res_id")).exists()
        return {row.res_id: row.reference_id.qbo_id for row in rows if row.res_id in living.ids}

    def _tax_code(self, session, lines):
        """Return the one tax code of a US document and a problem, one of them empty; elsewhere only a problem."""
        if session.profile.tax_mode == "none":
            return "", None
        sets = {self._taxes(line) if session.profile.is_us else self.env["account.tax"].browse(line["tax_ids"])
                for line in lines if line["display_type"] == "product"} - {self.env["account.tax"]}
        if not session.profile.is_us:
            return "", self._line_problem(session, sets)
        if not sets:
            return "", None
        every = self.env["account.tax"].union(*sets)
        code = self._combined(session, every) if len(sets) == 1 else every.browse()
        if not code:
            return "", ("several_taxes", self.env._(
                "QuickBooks takes one sales tax for a whole document, and this one has %(taxes)s. Use one tax that "
                "combines them: a tax of the type 'Group of Taxes', mapped to QuickBooks' combined code.",
                taxes=", ".join(every.mapped("name"))))
        # Under automated tax a code would have QuickBooks compute the tax again; the total alone is what Odoo charged.
        return session.resolver.out("TaxCode", code) if session.profile.tax_mode == "us_manual" else "", None

    def _line_problem(self, session, sets):
        """Return what hinders a document on which each line has a code of its own, None for nothing."""
        several = [taxes for taxes in sets if not self._combined(session, taxes)]
        if several:
            return ("several_taxes", self.env._(
                "QuickBooks takes one tax code on a line, and this document has a line with %(taxes)s. Map a tax of "
                "the type 'Group of Taxes' that consists of them to QuickBooks' combined code.",
                taxes=", ".join(several[0].mapped("name"))))
        return None

    def _untaxed_needs(self, session, lines):
        """Return what a document waits for that has a line without a tax where QuickBooks wants a code on each."""
        if session.profile.tax_mode != "global" or self._untaxed_code(session) or all(
                line["tax_ids"] for line in lines if line["display_type"] in AMOUNTS):
            return []
        return [Need(UNTAXED_KEY, self.env._(
            "QuickBooks wants a tax code on each line, and one of these lines has no tax. Give it a tax of 0 %, or "
            "have an administrator choose the tax code of lines without a tax (Rules of the connection)."))]

    def _line_tax_code(self, session, line):
        if session.profile.tax_mode == "none":
            return ""
        if session.profile.is_us:
            return "TAX" if line["display_type"] == "product" and self._taxes(line) else "NON"
        taxes = self._combined(session, self.env["account.tax"].browse(line["tax_ids"]))
        return session.resolver.out("TaxCode", taxes) if taxes else self._untaxed_code(session)

    def _untaxed_code(self, session):
        """Return the code of lines without a tax, where every line must have one; '' when nobody has chosen it."""
        return session.backend.untaxed_code_id.qbo_id or ""

    # === CENTS === #

    def _is_tax(self, line):
        """Tell whether a journal item is a tax: also rounding to coins that the largest tax takes."""
        return line["display_type"] == "tax" or bool(line["tax_repartition_line_id"])

    def _own_tax(self, session, values, lines, currency):
        """Return the tax lines that keep Odoo's tax where QuickBooks would charge other cents; () where it agrees.

        Under automated tax QuickBooks' rates depend on addresses, so nothing can be computed; the total is sent.
        """
        if session.profile.tax_mode not in ("us_manual", "global") or not self._same_rates(session, lines):
            return ()
        sums = {}
        for line in values["lines"]:
            code = values["tax_code_id"] if line.tax_code_id == "TAX" else line.tax_code_id
            if line.kind == "item" and code and code != "NON":
                sums[code] = sums.get(code, ZERO) + line.amount
        return charging.override(
            sums, self._rates(session), self._tax_by_code(session, lines, currency), values["total_tax"])

    def _preview(self, document):
        """Return what QuickBooks would charge by itself, where Odoo's tax is sent in its place."""
        own = sum((charging.computed(line) for line in document.tax_lines), ZERO)
        if not document.tax_lines or own == document.total_tax:
            return ""
        return self.env._("tax of Odoo %(ours)s; QuickBooks would compute %(theirs)s",
                          ours=document.total_tax, theirs=own)

    def _same_rates(self, session, lines):
        """Tell whether QuickBooks charges the percents of Odoo's taxes: only cents of rounding may be told otherwise.

        A tax that is mapped to a code of another rate is an error of the mapping. What the agency gets would not be
        what the code says, so QuickBooks computes, and the difference becomes a warning.
        """
        rates, mapped = self._rates(session), self._mapped_taxes(session)
        taxes = self.env["account.tax"].browse({line["group_tax_id"] or line["tax_line_id"] for line in lines
                                                if self._is_tax(line)})
        return all(self._same_rate(tax, rates[mapped[tax.id]]) for tax in taxes if mapped.get(tax.id) in rates)

    def _same_rate(self, tax, rates):
        parts = tax.children_tax_ids or tax
        if any(rate.on in charging.COMPOUND for rate in rates) or any(
                part.amount_type != "percent" or part.include_base_amount for part in parts):
            return True
        return float_compare(
            float(sum(map(self._percent, parts))), float(sum(rate.percent for rate in rates)), 4) == 0

    def _tax_by_code(self, session, lines, currency):
        """Return what Odoo has charged by QuickBooks' tax code, as far as its taxes are mapped."""
        found, mapped = {}, self._mapped_taxes(session)
        for line in lines:
            if self._is_tax(line):
                code = mapped.get(line["group_tax_id"] or line["tax_line_id"], "")
                found[code] = found.get(code, ZERO) + money(self._sign * line["amount_currency"], currency)
        return found

    def _rates(self, session):
        """Return the rates of each tax code of QuickBooks, as the cached lists have them."""
        return session.once(("tax rates",), lambda: self._read_rates(session))

    def _read_rates(self, session):
        rows = self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", session.backend.id), ("entity", "in", ("TaxCode", "TaxRate"))])
        percents = {row.qbo_id: Decimal(str(row.rate)) for row in rows if row.entity == "TaxRate"}
        rates = {}
        for row in rows.filtered(lambda row: row.entity == "TaxCode"):
            parts = sorted((row.document or {}).get("sales_rates", ()), key=lambda part: part.get("order", 0))
            if all(part["rate_id"] in percents for part in parts):
                rates[row.qbo_id] = tuple(
                    charging.Rate(part["rate_id"], percents[part["rate_id"]], part.get("applicable", ""))
                    for part in parts)
        return rates
