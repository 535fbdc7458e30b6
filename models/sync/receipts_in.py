"""Sales receipts and refund receipts, neutral form to Odoo: a posted document, and a payment that settles it."""

import dataclasses

from odoo import models

from ...qbo import documents
from .applications import Application
from .representation import DOCUMENT, SETTLEMENT
from .sales_in import IGNORED_FIELDS

# What only the payment says; the rest is said by the document too.
MONEY_FIELDS = {"reference", "method_id", "deposit_account_id"}
# A change of these moves the receivable item, which has to be open for it.
SHARED_FIELDS = {"total", "txn_date", "customer_id", "currency", "exchange_rate"}


class QboSyncReceipt(models.AbstractModel):
    _inherit = "qbo.sync.receipt"

    _payment_type = "inbound"

    # === MAY IT COME IN? === #

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            arrival.role = DOCUMENT
        return result

    def _prepare_one(self, session, arrival):
        if not arrival.document.customer_id:
            arrival.problem = ("no_customer", self.env._(
                "It names no customer, and documents of Odoo have one. Choose a customer on it in QuickBooks, for "
                "instance one for cash sales."))
            return
        super()._prepare_one(session, arrival)
        if arrival.document.total:
            session.handler("Payment")._journal(session, arrival.document)
            arrival.needs += session.resolver.take_needs()

    def _match(self, session, arrivals):
        """Return receipts that are the same already, with the payment that makes them receipts."""
        found = super()._match(session, arrivals)
        rule = self.env["qbo.sync.representation"]
        return {qbo_id: move for qbo_id, move in found.items()
                if not move.amount_total or rule._settlement(session, move)}

    # === CREATING === #

    def _create_records(self, session, arrivals):
        result = super()._create_records(session, arrivals)
        self._pay(session, [arrival for arrival in arrivals if arrival.document.total])
        return result

    def _pay(self, session, arrivals):
        """Create, post and apply the payments of documents that are posted and open."""
        handler = session.handler("Payment")
        payments = handler._post_payments(session, [
            {**handler._payment_values(session, self._as_payment(arrival), self._payment_type),
             "destination_account_id": self._receivable(arrival.record).account_id.id} for arrival in arrivals])
        self._apply(list(zip(arrivals, payments, strict=True)))

    def _apply(self, pairs):
        """Let each payment settle the whole of its document, ``[(arrival, payment)]``."""
        applications = []
        for arrival, payment in pairs:
            items = self._receivable(arrival.record), self._receivable(payment.move_id)
            debit, credit = items if self._payment_type == "inbound" else items[::-1]
            applications.append(Application(debit.id, credit.id, arrival.document.total))
        self.env["qbo.sync.applications"]._apply_exact(applications)

    def _receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _as_payment(self, arrival, payment=None):
        """Return the arrival of the money alone: what a payment of QuickBooks would say."""
        document = arrival.document
        return dataclasses.replace(arrival, record=payment, document=documents.Payment(
            customer_id=document.customer_id, txn_date=document.txn_date, total=document.total,
            currency=document.currency, exchange_rate=document.exchange_rate, reference=document.reference,
            method_id=document.method_id, deposit_account_id=document.deposit_account_id))

    # === UPDATING === #

    def _update(self, session, arrival):
        """Take over what changed in the document and in its money; what was settled is settled again."""
        changed = set(arrival.fields) - IGNORED_FIELDS
        if "voided" in changed and arrival.document.voided:
            self._cancel(arrival.record)
            return
        payment = self._money_of(arrival.record)
        moves = bool(changed & SHARED_FIELDS)
        if moves:
            arrival.record.line_ids.remove_move_reconcile()
        super()._update(session, dataclasses.replace(arrival, fields=tuple(changed - MONEY_FIELDS)))
        if changed & (MONEY_FIELDS | SHARED_FIELDS):
            self._update_money(session, arrival, payment, changed, moves)

    def _update_money(self, session, arrival, payment, changed, moves):
        handler = session.handler("Payment")
        if not payment and arrival.document.total:
            self._pay(session, [arrival])
        elif payment and not arrival.document.total:
            handler._cancel(payment)
        elif payment:
            moves = moves or "deposit_account_id" in changed
            if moves:
                handler._unapply(payment)
            handler._rewrite(session, self._as_payment(arrival, payment), changed, self._payment_type)
            if moves:
                self._apply([(arrival, payment)])

    def _money_of(self, move):
        """Return the payment that a linked document came with, also when it does not settle it any more."""
        binding = self.env["qbo.binding"].search([
            ("entity", "=", self._qbo_entity), ("model", "=", "account.move"), ("res_id", "=", move.id),
            ("role", "=", DOCUMENT), ("qbo_id", "!=", False)], limit=1)
        linked = self.env["account.payment"].browse(
            binding._parts().filtered(lambda part: part.role == SETTLEMENT).mapped("res_id")).exists()
        return linked[:1] or self.env["qbo.sync.representation"]._only_payment(move)

    def _cancel(self, move):
        """Cancel the money with the document, whatever it settles by now."""
        payment = self._money_of(move)
        if payment:
            self.env["qbo.sync.payment"]._cancel(payment)
        return super()._cancel(move)


class QboSyncRefundReceipt(models.AbstractModel):
    _inherit = "qbo.sync.refundreceipt"

    _payment_type = "outbound"
