"""Payments without a journal entry: what they are meant for, until the bank line comes that books it.

In Odoo with its bank reconciliation a payment whose method has no outstanding account books nothing: its invoices show
"In payment", and the receivables move with the bank line. By default QuickBooks hears of it then; by the connection's
choice it gets the payment at once, and the bank line is not sent a second time.
"""

from decimal import Decimal
from itertools import combinations

from odoo import models

from ...qbo import documents
from .representation import PAID_STATES
from .sales import money

# More payments than this for one bank line are not sorted out by trying.
MOST_INTENTS = 10


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _read_intent(self, session, reading, payment):
        """Read a payment without journal entry: with the invoices that it is meant for, if the connection says so."""
        known = session.qbo_id("Payment", "account.payment", payment.id)
        if not known and session.backend.entryless_payments != "send":
            reading.stay = self.env._(
                "The payment has no journal entry yet; it waits for the bank line that it is reconciled with.")
            return
        currency, lines = payment.currency_id, []
        for move, amount in self._intended(session, payment).items():
            link = self._link(session, reading, self._receipt_document_items(move)[:1])
            reading.identity += ((move.id, str(amount)),)
            if link:
                lines.append(documents.PaymentLine(amount, txn_id=link[1], txn_type=link[0]))
        self._finish_reading(session, reading, {
            "txn_date": payment.date, "total": money(payment.amount, currency), **self._reference(payment.memo),
            "method_id": session.resolver.out("PaymentMethod", payment.payment_method_line_id, required=False),
            "deposit_account_id": self._money_account(session, payment.journal_id),
            "exchange_rate": self._rate_of_day(payment)}, payment.partner_id, currency, lines)

    def _rate_of_day(self, payment):
        """Return home units for one unit of the payment's currency as Odoo will book it; None in home currency."""
        home = payment.company_id.currency_id
        if payment.currency_id == home:
            return None
        rate = payment.currency_id._get_conversion_rate(payment.currency_id, home, payment.company_id, payment.date)
        return Decimal(repr(rate)).quantize(Decimal("0.00000001")).normalize()

    def _intended(self, session, payment):
        """Return {invoice: amount} of what a payment is meant for, the oldest invoice first; never more than is open.
        """
        result, left = {}, money(payment.amount, payment.currency_id)
        meant = payment.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type in ("out_invoice", "out_receipt")
            and move.currency_id == payment.currency_id)
        for move in meant.sorted(lambda move: (move.invoice_date_due or move.date, move.id)):
            part = min(left, self._open_for(session, payment, move))
            if part > 0:
                result[move] = part
                left -= part
        return result

    def _open_for(self, session, payment, move):
        """Return what a payment may settle of an invoice: what is open, and what its own bank line has settled since;
        less what payments before it are meant for.
        """
        partials = self._receipt_document_items(move).matched_credit_ids
        own = [money(partial.debit_amount_currency, move.currency_id) for partial in partials
               if partial.credit_move_id.move_id.statement_line_id
               and not session.qbo_id("Payment", "account.move", partial.credit_move_id.move_id.id)]
        earlier = move.matched_payment_ids.filtered(
            lambda other: not other.move_id and other.state in PAID_STATES and other.id < payment.id)
        taken = (self._intended(session, other).get(move, documents.ZERO) for other in earlier)
        return money(move.amount_residual, move.currency_id) + sum(own) - sum(taken)

    def _receipt_document_items(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _read_receipt(self, session, target, move):
        reading = super()._read_receipt(session, target, move)
        if reading.document and move.statement_line_id \
                and not session.qbo_id("Payment", "account.move", move.id, target.role):
            self._known_already(session, reading, move)
        return reading

    def _known_already(self, session, reading, move):
        """Keep the bank line of a payment at home that QuickBooks has already; ask where the amounts do not fit."""
        invoices = self._receipt_items(move).matched_debit_ids.debit_move_id.move_id
        sent = invoices.matched_payment_ids.filtered(
            lambda payment: not payment.move_id and session.qbo_id("Payment", "account.payment", payment.id))
        if not sent:
            return
        total, amounts = reading.document.total, [money(payment.amount, payment.currency_id) for payment in sent]
        names = ", ".join(sent.mapped("display_name"))
        fits = any(sum(some) == total for size in range(1, min(len(amounts), MOST_INTENTS) + 1)
                   for some in combinations(amounts[:MOST_INTENTS], size))
        reading.document = None
        if fits:
            reading.stay = self.env._("QuickBooks has it already, as %(payments)s.", payments=names)
        else:
            reading.problem = ("bank_line_differs", self.env._(
                "The bank line of %(amount)s settles invoices of %(customer)s for which QuickBooks has %(payments)s of "
                "%(sum)s already. Correct the payments in Odoo, or exclude the bank line.", amount=total,
                customer=reading.partner_name, payments=names, sum=sum(amounts)))
