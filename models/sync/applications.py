"""Exact applications: this much of this credit on that debit, never more, nothing written off."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError


class Application(NamedTuple):
    """Apply ``amount`` (in the currency of the two journal items) of a credit item to a debit item."""

    debit_line_id: int
    credit_line_id: int
    amount: Decimal


class NotOpen(UserError):
    """Less is open than shall be applied; ``code`` is the entry of the error guide."""

    code = "not_open"


class QboSyncApplications(models.AbstractModel):
    _name = "qbo.sync.applications"
    _description = "QuickBooks Exact Applications"

    def _apply_exact(self, applications):
        """Reconcile pairs of receivable items for exactly the given amounts.

        Where Odoo's own reconciliation would give the same amounts it is used, in one plan for all, because it also
        closes fully paid documents, books exchange differences and cash-basis taxes. The others become partial
        reconciliations of the exact amount.

        :raise NotOpen: when an amount exceeds what is open on either side; nothing is applied then
        """
        lines = self.env["account.move.line"]
        residuals = self._residuals(applications)
        plan, exact = [], []
        for application in applications:
            debit, credit = application.debit_line_id, application.credit_line_id
            natural = min(residuals[debit], residuals[credit])
            if not 0 < application.amount <= natural:
                short = debit if residuals[debit] <= residuals[credit] else credit
                raise NotOpen(self._over_applied(
                    lines.browse(debit), lines.browse(credit), lines.browse(short), application.amount, natural))
            # Once an exact application waits, a plan that runs before it must not eat what it needs.
            (plan if application.amount == natural else exact).append(application)
            residuals[debit] -= application.amount
            residuals[credit] -= application.amount
        self._apply_partials(exact)
        if plan:
            lines._reconcile_plan([
                lines.browse((application.debit_line_id, application.credit_line_id)) for application in plan])

    def _residuals(self, applications):
        ids = {line_id for application in applications for line_id in application[:2]}
        return {line.id: self._open_amount(line) for line in self.env["account.move.line"].browse(ids)}

    def _open_amount(self, line):
        """Return what is open of a receivable item, exactly, in its currency; never below 0."""
        return abs(Decimal(repr(line.amount_residual_currency)).quantize(
            Decimal(1).scaleb(-line.currency_id.decimal_places)))

    def _over_applied(self, debit, credit, short, amount, natural):
        """Say what takes the amount that is missing on the item ``short``, and how a person makes room."""
        others = self._applied_to(short)
        places = debit.currency_id.decimal_places
        words = {
            "amount": f"{amount:.{places}f}", "open": f"{natural:.{places}f}",
            "credit": credit.move_id.display_name, "debit": debit.move_id.display_name,
            "customer": debit.partner_id.display_name or "",
            "short": short[:1].move_id.name or "",
            "others": ", ".join(others)}
        if not others:
            return self.env._(
                "QuickBooks applies %(amount)s of %(credit)s to %(debit)s of %(customer)s, but %(short)s is only "
                "%(open)s in Odoo. Make both sides equal: change %(short)s here, or the payment in QuickBooks.",
                **words)
        return self.env._(
            "QuickBooks applies %(amount)s of %(credit)s to %(debit)s of %(customer)s, but only %(open)s of %(short)s "
            "is open in Odoo, because it is reconciled with %(others)s. Undo that reconciliation here (then it comes "
            "over by itself), or take the amount off in QuickBooks.", **words)

    def _applied_to(self, items):
        """Return in words what receivable items are reconciled with: document and amount."""
        found = [(one.credit_move_id, one.debit_amount_currency) for one in items.matched_credit_ids]
        found += [(one.debit_move_id, one.credit_amount_currency) for one in items.matched_debit_ids]
        return [f"{other.move_id.name} ({amount:.2f})" for other, amount in found]

    def _apply_partials(self, applications):
        """Create partial reconciliations of exact amounts, with the entries that Odoo makes of them.

        Exchange differences and cash-basis taxes hang on their partial, so that they go when it is undone.
        """
        values, exchange = [], []
        for application in applications:
            debit, credit = (self.env["account.move.line"].browse(line_id) for line_id in application[:2])
            result = debit._prepare_reconciliation_single_partial(
                self._capped(debit, application.amount), self._capped(credit, application.amount))
            values.append(result["partial_values"])
            if result.get("exchange_values") and result["exchange_values"]["move_values"]["line_ids"]:
                exchange.append((len(values) - 1, result["exchange_values"]))
        partials = self.env["account.partial.reconcile"].create(values)
        if exchange:
            moves = self.env["account.move.line"]._create_exchange_difference_moves([found for _, found in exchange])
            for (place, _found), move in zip(exchange, moves, strict=True):
                partials[place].exchange_move_id = move
        taxed = partials.filtered(lambda partial: partial.company_id.tax_exigibility)
        if taxed and not self.env.context.get("no_cash_basis"):
            taxed._create_tax_cash_basis_moves()
            taxed._set_draft_caba_move_vals()

    def _capped(self, line, amount):
        """Return what Odoo takes as an item with only ``amount`` left; the company amount is its share."""
        sign = 1 if line.amount_residual_currency > 0 else -1
        share = float(amount) / abs(line.amount_residual_currency)
        return {
            "aml": line, "amount_residual_currency": sign * float(amount), "parent_state": line.parent_state,
            "amount_residual": line.company_currency_id.round(line.amount_residual * share)}

    # === PUTTING BACK === #

    def _remember(self, move):
        """Return what is applied to the receivable items of a document: [(other item id, amount, rows that keep it)].
        """
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        partials = items.matched_credit_ids | items.matched_debit_ids
        rows = self.env["qbo.application"].search([("partial_ids", "in", partials.ids)])
        applied = []
        for partial in partials:
            credited = partial.debit_move_id in items
            applied.append((
                (partial.credit_move_id if credited else partial.debit_move_id).id,
                partial.debit_amount_currency if credited else partial.credit_amount_currency,
                rows.filtered(lambda row, partial=partial: partial in row.partial_ids)))
        return applied

    def _take_off_bank_lines(self, move):
        """Take bank lines off a document that will change: Odoo would undo their match and book them as unknown money.

        They stay what the customer paid; :meth:`_restore` applies them again.
        """
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        partials = items.matched_credit_ids | items.matched_debit_ids
        partials.filtered(lambda partial: (
            partial.debit_move_id | partial.credit_move_id).move_id.statement_line_id).unlink()

    def _take_off_new(self, move, applied):
        """Undo what posting applied by itself: Odoo sets a reversal against what it reverses, as far as both go.

        Exchange differences go with what they belong to: by themselves they settle nothing.
        """
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        before = {(other_id, amount) for other_id, amount, _rows in applied}
        new = items.matched_credit_ids.filtered(lambda partial: partial.debit_amount_currency and (
            partial.credit_move_id.id, partial.debit_amount_currency) not in before)
        new |= items.matched_debit_ids.filtered(lambda partial: partial.credit_amount_currency and (
            partial.debit_move_id.id, partial.credit_amount_currency) not in before)
        new.unlink()

    def _restore(self, move, applied):
        """Apply again what was applied before, as far as it fits the new total; the rest stays open over there."""
        self._take_off_new(move, applied)
        places = move.currency_id.decimal_places
        kept = Counter(other_id for other_id, _amount, _rows in self._remember(move))
        for other_id, amount, rows in applied:
            items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
            other = self.env["account.move.line"].browse(other_id).exists()
            kept[other_id] -= 1
            if kept[other_id] >= 0 or not items or not other or other.reconciled:
                continue
            item = self._of_same_customer(items, other)[:1]
            fits = min(abs(item.amount_residual_currency), abs(other.amount_residual_currency), amount)
            self._apply_again(item, other, Decimal(repr(fits)).quantize(Decimal(1).scaleb(-places)), rows)

    def _spread(self, moves, applied):
        """Apply ``applied`` (see :meth:`_remember`) to the open items of several documents that are one in QuickBooks.
        """
        for other_id, amount, rows in applied:
            other = self.env["account.move.line"].browse(other_id).exists()
            items = moves.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled)
            left = Decimal(repr(amount)).quantize(Decimal(1).scaleb(-moves.currency_id.decimal_places))
            for item in self._of_same_customer(items, other) if other else ():
                part = min(left, self._open_amount(item), self._open_amount(other))
                self._apply_again(item, other, part, rows)
                left -= part

    def _of_same_customer(self, items, other):
        """Return those of ``items`` that have the customer of ``other``; all of them when none has."""
        partner = other.partner_id.commercial_partner_id
        return items.filtered(lambda line: line.partner_id.commercial_partner_id == partner) or items

    def _apply_again(self, item, other, amount, rows):
        """Apply an exact amount of one receivable item to another; ``rows`` keep what comes of it."""
        if amount > 0:
            debit, credit = (item, other) if item.balance > 0 else (other, item)
            self._apply_exact([Application(debit.id, credit.id, amount)])
            made = debit.matched_credit_ids & credit.matched_debit_ids
            rows.write({"partial_ids": [(4, partial.id) for partial in made]})
