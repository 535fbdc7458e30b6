"""Money that is paid back to customers: an outgoing payment of Odoo is an expense or cheque on receivables.

What it pays back is applied to it like to an invoice: by the payment that was too high, or by a payment of zero that
uses a credit note. Refunds that a person enters in QuickBooks come in as entries, see ``entries.py``.
"""

import dataclasses

from odoo import models
from odoo.exceptions import UserError

from ...qbo import decide, documents
from .entries import NOTE_FIELDS
from .representation import PAID_STATES
from .sales import money
from .session import Need, Reading, Target

MODEL = "account.payment"
CHEQUE_NAMES = ("check", "checks", "cheque", "cheques")
HEADER = frozenset({"total", "txn_date", "customer_id", "deposit_account_id", "currency", "exchange_rate"})


class QboSyncPurchase(models.AbstractModel):
    _inherit = "qbo.sync.purchase"

    # === WHAT IS CONCERNED === #

    def _targets(self, session, model, ids):
        targets = super()._targets(session, model, ids)
        if model == "account.move":
            ids = self.env[model].browse(ids).exists().origin_payment_id.ids
        return targets + (self._refund_targets(session, ids) if model in ("account.move", MODEL) else [])

    def _refund_targets(self, session, ids):
        payments = self.env[MODEL].browse(ids).exists()
        receipts = self.env["qbo.sync.representation"]._receipt_of(session, payments.filtered(self._is_refund))
        own = payments.filtered(
            lambda payment: payment.id not in receipts and self._refund_in_scope(session, payment))
        gone = self.env["qbo.binding"]._by_record(session.backend, "Purchase", MODEL, set(ids) - set(payments.ids))
        return [Target("Purchase", MODEL, res_id) for res_id in [*own.ids, *(res_id for res_id, _role in gone)]]

    def _is_refund(self, payment):
        return payment.payment_type == "outbound" and payment.partner_type == "customer" and bool(payment.partner_id)

    def _refund_in_scope(self, session, payment):
        if payment.company_id.id not in session.company_ids or not self._is_refund(payment):
            return False
        cutoff = session.policies["Purchase"].cutoff_date
        if cutoff and payment.date < cutoff:
            return False
        if session.handler("Payment")._stays_home(session, payment.journal_id):
            return bool(session.qbo_id("Purchase", MODEL, payment.id))
        return payment.state in PAID_STATES or bool(session.qbo_id("Purchase", MODEL, payment.id))

    def _scan_ids(self, session, since):
        domain = [("partner_type", "=", "customer"), ("payment_type", "=", "outbound"),
                  ("state", "in", (*PAID_STATES, "canceled")), ("company_id", "in", list(session.company_ids))]
        if since:
            domain.append(("write_date", ">=", since))
        return [*super()._scan_ids(session, since), (MODEL, self.env[MODEL].search(domain).ids)]

    # === READING === #

    def _sends(self, target):
        return target.model == MODEL or super()._sends(target)

    def _read(self, session, targets):
        refunds = [target for target in targets if target.model == MODEL]
        readings = super()._read(session, [target for target in targets if target.model != MODEL])
        payments = self.env[MODEL].browse([target.res_id for target in refunds]).exists()
        receipts = self.env["qbo.sync.representation"]._receipt_of(session, payments)
        found = {payment.id: payment for payment in payments}
        for target in refunds:
            readings[target] = self._read_refund(session, target, found.get(target.res_id), receipts)
        return readings

    def _read_refund(self, session, target, payment, receipts):
        """Read money that was paid back to a customer."""
        if not payment:
            return Reading(target, gone="delete")
        reading = session.handler("Payment")._start(
            target, payment.display_name, payment.partner_id, payment.amount, payment.currency_id, payment.date)
        if payment.state in ("canceled", "rejected"):
            reading.gone = "delete"
        elif payment.state not in PAID_STATES:
            reading.stay = self.env._("It is a draft in Odoo.")
        elif payment.id in receipts:
            reading.stay = self.env._(
                "It goes to QuickBooks with %(receipt)s.", receipt=receipts[payment.id].display_name)
        elif not payment.move_id:
            reading.stay = self.env._(
                "The payment has no journal entry yet; it waits for the bank line that it is reconciled with.")
        else:
            self._fill_refund(session, reading, payment)
        return reading

    def _fill_refund(self, session, reading, payment):
        sales, currency = session.handler("Invoice"), payment.currency_id
        receivable_id = self._receivable_account(session, currency)
        reading.problem = sales._currency_problem(session, currency) or (None if receivable_id else (
            "no_receivable_account", self.env._(
                "QuickBooks has no receivable account in %(currency)s yet. It makes one with the first invoice in that "
                "currency; then retry.", currency=currency.name)))
        if reading.problem:
            return
        session.resolver.take_missing()
        row = {"partner_id": payment.partner_id.id,
               "commercial_partner_id": payment.partner_id.commercial_partner_id.id}
        customer_id = sales._customer(session, reading, row, currency)
        account_id = session.handler("Payment")._money_account(session, payment.journal_id)
        reading.needs += session.resolver.take_needs()
        items = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        customer_id, reading.problem = self.env["qbo.sync.merged"]._settling(
            session, payment.partner_id, customer_id, items.matched_credit_ids.credit_move_id.move_id)
        total = money(payment.amount, currency)
        reading.document = documents.Purchase(
            txn_date=payment.date, currency=currency.name, private_note=(payment.memo or payment.name or "").strip(),
            exchange_rate=session.handler("Payment")._rate(items, currency), total=total,
            link_type="Check" if self._by_cheque(session, payment, account_id) else "Expense", lines=(
                documents.EntryLine(total, account_id=receivable_id, customer_id=customer_id),
                documents.EntryLine(-total, account_id=account_id)))

    def _receivable_account(self, session, currency):
        """Return QuickBooks' receivable account of a currency, '' when it has none yet."""
        home = session.backend.company_id.currency_id.name
        rows = self.env["qbo.reference"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Account"), ("kind", "=", "Accounts Receivable")],
            order="id")
        return next((row.qbo_id for row in rows if ((row.document or {}).get("currency") or home) == currency.name), "")

    def _by_cheque(self, session, payment, account_id):
        """Tell whether money left by cheque, which QuickBooks takes from bank accounts only."""
        method = payment.payment_method_line_id
        if not method.code.startswith("check") and (method.name or "").strip().casefold() not in CHEQUE_NAMES:
            return False
        return bool(self.env["qbo.reference"].search_count([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Account"), ("qbo_id", "=", account_id),
            ("kind", "=", "Bank")], limit=1))

    # === WHAT IS APPLIED TO IT === #

    def _is_sent(self, session, payment):
        """Tell whether a payment is, or will be, an expense of QuickBooks."""
        if not payment or not self._is_refund(payment):
            return False
        return bool(session.qbo_id("Purchase", MODEL, payment.id)) or (
            session.allows("Purchase", "out") and self._refund_in_scope(session, payment)
            and not self.env["qbo.sync.representation"]._receipt_of(session, payment)
            and not session.is_excluded("Purchase", MODEL, payment.id))

    def _refund_link(self, session, reading, item):
        """Return (type, id) by which payments call the expense of a receivable item, None after noting what hinders."""
        payment = item.move_id.origin_payment_id
        if not payment or not self._is_refund(payment):
            return None
        binding = self.env["qbo.binding"]._by_record(session.backend, "Purchase", MODEL, [payment.id]).get(
            (payment.id, ""))
        if binding and binding.qbo_id and not binding.missing:
            told = decide.load_base("Purchase", binding.base or {}).qbo
            return (told.link_type if told else "Expense", binding.qbo_id)
        if self._is_sent(session, payment):
            target = Target("Purchase", MODEL, payment.id)
            reading.needs.append(Need(target.key(), self.env._(
                "%(document)s is not in QuickBooks yet.", document=payment.display_name), target,
                payment.display_name))
        return None

    # === IN === #

    def _match(self, session, arrivals):
        """Return outgoing payments that are the same already: customer, date and amount, and not linked."""
        matches, taken = super()._match(session, arrivals), set()
        for arrival in arrivals:
            payment = self._twin(session, arrival.document) if arrival.qbo_id not in matches else None
            if payment and len(payment) == 1 and payment.id not in taken:
                matches[arrival.qbo_id] = payment
                taken.add(payment.id)
        return matches

    def _twin(self, session, document):
        owed = [line for line in document.lines if line.customer_id]
        customer = session.record_id("Customer", owed[0].customer_id) if len(owed) == 1 else None
        if not customer or document.total <= 0:
            return None
        partner = self.env["res.partner"].browse(customer[1]).commercial_partner_id
        payments = self.env[MODEL].search([
            ("partner_id", "child_of", partner.id), ("date", "=", document.txn_date), ("partner_type", "=", "customer"),
            ("amount", "=", float(document.total)), ("state", "in", PAID_STATES), ("payment_type", "=", "outbound"),
            ("company_id", "in", list(session.company_ids))])
        linked = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("model", "=", MODEL), ("res_id", "in", payments.ids),
            ("qbo_id", "!=", False)]).mapped("res_id")
        return payments.filtered(lambda payment: payment.id not in linked)

    def _link_ignore(self, session, ours, theirs):
        """Two refunds of the same customer and amount are the same."""
        if (ours.total, ours.txn_date) == (theirs.total, theirs.txn_date):
            return frozenset(field.name for field in dataclasses.fields(ours))
        return super()._link_ignore(session, ours, theirs)

    def _update(self, session, arrival):
        """Follow a changed refund: its words, or its amount, date and account, and apply again what still fits."""
        if arrival.record._name != MODEL:
            return super()._update(session, arrival)
        if not arrival.document.lines:
            self._cancel(arrival.record)
        elif set(arrival.fields) <= NOTE_FIELDS:
            arrival.record.memo = arrival.document.private_note or False
        else:
            self._rewrite_refund(session, arrival)
        return None

    def _rewrite_refund(self, session, arrival):
        handler, document = session.handler("Payment"), arrival.document
        owed = [line for line in document.lines if line.customer_id]
        other = [line for line in document.lines if not line.customer_id]
        if len(owed) != 1 or len(other) != 1 or document.total <= 0:
            raise UserError(self.env._(
                "QuickBooks turned the refund %(payment)s into something that one payment of Odoo cannot say. Cancel "
                "the payment and clear its ID, then it comes over as an entry.",
                payment=arrival.record.display_name))
        payment, applications = arrival.record, self.env["qbo.sync.applications"]
        applied = applications._remember(payment.move_id)
        handler._unapply(payment)
        handler._rewrite(session, dataclasses.replace(arrival, document=documents.Payment(
            customer_id=owed[0].customer_id, txn_date=document.txn_date, total=document.total,
            currency=document.currency, exchange_rate=document.exchange_rate, private_note=document.private_note,
            deposit_account_id=other[0].account_id)), HEADER | {"private_note"}, "outbound")
        applications._restore(payment.move_id, applied)

    def _remove(self, session, binding, operation):
        """The refund was deleted in QuickBooks: it is cancelled here, and the credit is open again."""
        if binding.model != MODEL:
            return super()._remove(session, binding, operation)
        if binding._record():
            self._cancel(binding._record())
        return self.env._("It was deleted in QuickBooks and is cancelled here.")

    def _cancel(self, record):
        if record._name == MODEL:
            return self.env["qbo.sync.payment"]._cancel(record)
        return super()._cancel(record)
