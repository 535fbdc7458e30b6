"""Payments, Odoo to neutral form. The source of a QuickBooks payment is a receivable credit, whatever model made it."""

import dataclasses
import functools
from decimal import Decimal

from odoo import models

from ...qbo import documents
from .representation import ENTITIES, RECEIPT_ENTITIES
from .sales import money
from .session import Need, Reading, Target

PAID_STATES = ("in_process", "paid")


class QboSyncPayment(models.AbstractModel):
    """One receipt is one QuickBooks Payment, with the exact amounts of its partial reconciliations as lines.

    Three models stand for receipts: ``account.payment``; ``account.move`` (a bank statement line or an entry reconciled
    with invoices, one part for each customer); ``qbo.application`` (a credit note applied to invoices, a Payment of
    zero).
    """

    _name = "qbo.sync.payment"
    _inherit = "qbo.sync.entity"
    _description = "QuickBooks Sync of Payments"

    _qbo_entity = "Payment"

    # === WHAT IS CONCERNED === #

    def _targets(self, session, model, ids):
        if model == "account.payment":
            return self._payment_targets(session, ids)
        if model == "account.move":
            return self._move_targets(session, ids)
        return []

    def _payment_targets(self, session, ids):
        payments = self.env["account.payment"].browse(ids).exists()
        money = self.env["qbo.sync.representation"]._receipt_of(session, payments)
        own = payments.filtered(lambda payment: payment.id not in money and self._in_scope(session, payment))
        bindings = self.env["qbo.binding"]._by_record(
            session.backend, "Payment", "account.payment", set(ids) - set(payments.ids))
        return [Target("Payment", "account.payment", res_id) for res_id in [*own.ids, *(key[0] for key in bindings)]]

    def _in_scope(self, session, payment):
        """Tell whether a payment may cross: money that came in from a customer, posted now or linked already.

        Money that goes out to a customer (a refund) and payments of vendors stay in Odoo.
        """
        if payment.company_id.id not in session.company_ids or payment.partner_type != "customer":
            return False
        if payment.payment_type != "inbound" or not payment.partner_id:
            return False
        cutoff = session.policies["Payment"].cutoff_date
        if cutoff and payment.date < cutoff:
            return False
        if self._stays_home(session, payment.journal_id):
            return bool(session.qbo_id("Payment", "account.payment", payment.id))
        return payment.state in PAID_STATES or bool(session.qbo_id("Payment", "account.payment", payment.id))

    def _move_targets(self, session, ids):
        """Sort changed entries: that of a payment concerns the payment; what is applied of a credit note, or of an
        entry that QuickBooks has, is an application. The rest are receipts.
        """
        moves = self.env["account.move"].browse(ids).exists()
        targets = self._payment_targets(session, moves.origin_payment_id.ids)
        for move in moves - moves.filtered("origin_payment_id"):
            if move.company_id.id in session.company_ids:
                targets += self._targets_of_move(session, move)
        return targets + self._linked_parts(session, ids)

    def _targets_of_move(self, session, move):
        cutoff = session.policies["Payment"].cutoff_date
        if cutoff and move.date < cutoff or self._stays_home(session, move.journal_id):
            return []
        if self._is_credit(move) or (
                move.move_type == "entry" and session.handler("JournalEntry")._crosses(session, move)):
            return self._application_targets(session, move)
        if move.move_type == "entry" and self._is_receipt(move):
            return [Target("Payment", "account.move", move.id, part) for part in self._parts(session, move)]
        return []

    def _is_credit(self, move):
        """Tell whether a document is a credit of the customer: a credit note, or an invoice below zero."""
        return move.move_type == "out_refund" or (move.move_type in ENTITIES and move.amount_total < 0)

    def _is_receipt(self, move):
        """Entries that Odoo makes by itself (exchange differences, cash-basis taxes) never travel."""
        return not (move.tax_cash_basis_rec_id or move.reversed_entry_id) and move.state == "posted" \
            and not self.env["account.partial.reconcile"].search_count([("exchange_move_id", "=", move.id)], limit=1)

    def _parts(self, session, move):
        """Return one role for each customer whose receivables an entry lowers: '' when there is one.

        A bank line lowers them as soon as it names the customer, other entries when they settle invoices.

        An entry that went in parts keeps its parts, also when only one customer is left.
        """
        items = self._receipt_items(move)
        items = items if move.statement_line_id else items.filtered("matched_debit_ids")
        partners = items.partner_id.commercial_partner_id
        linked = self.env["qbo.binding"]._by_record(session.backend, "Payment", "account.move", [move.id])
        if len(partners) == 1 and not any(role for _res_id, role in linked):
            return [""]
        return [f"part:{partner.id}" for partner in partners]

    def _receipt_items(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and line.balance < 0 and line.partner_id)

    def _linked_parts(self, session, ids):
        bindings = self.env["qbo.binding"]._by_record(session.backend, "Payment", "account.move", ids)
        return [Target("Payment", "account.move", res_id, role) for res_id, role in bindings]

    def _application_targets(self, session, move):
        """Return the rows that stand for what of a credit is applied, one a customer; made when first needed.

        A payment that came from QuickBooks with money and this credit is looked at too: the credit may be taken off.
        """
        found = self.env["qbo.application"].search([
            ("backend_id", "=", session.backend.id), ("credit_move_id", "=", move.id)])
        rows = found.filtered(lambda row: not row.payment_id)
        # What QuickBooks deleted stands for nothing any more: credit that is applied again is a new payment there.
        rows -= self._deleted_there(session, rows)
        own = rows.filtered(lambda row: not self._is_imported(session, row))
        self._follow_credit(session, own)
        partners = self._credit_partials(session, move).credit_move_id.partner_id.commercial_partner_id
        own |= own.create([
            {"backend_id": session.backend.id, "company_id": move.company_id.id, "credit_move_id": move.id,
             "partner_id": partner.id, "date": move.invoice_date or move.date}
            for partner in partners - own.partner_id])
        # Rows that came from QuickBooks are looked at too: somebody may have undone their applications here.
        return [Target("Payment", "qbo.application", row.id) for row in own | rows] + [
            Target("Payment", "account.payment", payment.id) for payment in found.payment_id]

    def _deleted_there(self, session, rows):
        links = self.env["qbo.binding"]._by_record(session.backend, "Payment", "qbo.application", rows.ids)
        return rows.filtered(lambda row: (row.id, "") in links and links[row.id, ""].missing)

    def _is_imported(self, session, row):
        return bool(row.partial_ids) or bool(session.qbo_id("Payment", "qbo.application", row.id) and self.env[
            "qbo.binding"]._by_record(session.backend, "Payment", "qbo.application", [row.id])[row.id, ""].imported)

    def _credit_partials(self, session, move):
        """Return what of a credit note or entry settles what QuickBooks has, beside payments that came from there."""
        entries = session.handler("JournalEntry")
        partials = move.line_ids.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id.move_type in ENTITIES
            or session.handler("Purchase")._is_sent(session, partial.debit_move_id.move_id.origin_payment_id)
            or entries._crosses(session, partial.debit_move_id.move_id))
        taken = self.env["qbo.application"].search([
            ("backend_id", "=", session.backend.id), ("partial_ids", "in", partials.ids)]).partial_ids
        return partials - taken

    def _scan_ids(self, session, since):
        domain = [("partner_type", "=", "customer"), ("payment_type", "=", "inbound"),
                  ("state", "in", (*PAID_STATES, "canceled")), ("company_id", "in", list(session.company_ids))]
        partials = [("company_id", "in", list(session.company_ids)),
                    ("debit_move_id.account_id.account_type", "=", "asset_receivable")]
        if since:
            domain.append(("write_date", ">=", since))
            partials.append(("create_date", ">=", since))
        payments = self.env["account.payment"].search(domain)
        found = self.env["account.partial.reconcile"].search(partials)
        moves = found.credit_move_id.move_id | found.debit_move_id.move_id
        entries = moves.filtered(lambda move: move.move_type in ("entry", "out_refund") and not move.origin_payment_id)
        ids = payments.ids
        if not since:
            linked = self.env["qbo.binding"]._by_record(session.backend, "Payment", "account.payment", ids)
            ids = [res_id for res_id in ids if (res_id, "") not in linked]
        return [("account.payment", ids), ("account.move", entries.ids)]

    # === READING === #

    def _read(self, session, targets):
        session.resolver.take_missing()
        by_model = {}
        for target in targets:
            by_model.setdefault(target.model, []).append(target)
        payment_ids = [target.res_id for target in by_model.get("account.payment", ())]
        credits = self.env["qbo.application"].search([("payment_id", "in", payment_ids)]).grouped("payment_id")
        receipts = self.env["qbo.sync.representation"]._receipt_of(
            session, self.env["account.payment"].browse(payment_ids))
        readers = {
            "account.payment": functools.partial(self._read_payment, credits, receipts),
            "account.move": self._read_receipt, "qbo.application": self._read_application}
        self._preload(session, by_model)
        result = {}
        for model, own in by_model.items():
            records = {record.id: record for record in self.env[model].browse(
                [target.res_id for target in own]).exists()}
            for target in own:
                record = records.get(target.res_id)
                result[target] = readers[model](session, target, record) if record else Reading(target, gone="void")
        return result

    def _preload(self, session, by_model):
        """Ask for the links of all settled documents and customers at once instead of payment by payment."""
        ids = {model: [target.res_id for target in targets] for model, targets in by_model.items()}
        payments = self.env["account.payment"].browse(ids.get("account.payment", ())).exists()
        entries = self.env["account.move"].browse(ids.get("account.move", ())).exists()
        settled = (payments.move_id | entries).line_ids.matched_debit_ids.debit_move_id.move_id
        invoices = settled.filtered(lambda move: move.move_type == "out_invoice")
        session.preload_links("Invoice", "account.move", invoices.ids)
        session.handler("JournalEntry")._links(session, settled)
        partners = payments.partner_id | entries.line_ids.partner_id
        session.preload_links("Customer", "res.partner", (partners | partners.commercial_partner_id).ids)

    def _read_payment(self, credits, receipts, session, target, payment):
        came_in = self._came_in(payment)
        reading = self._start(target, payment.display_name, payment.partner_id, float(came_in), payment.currency_id,
                              payment.date)
        if payment.state in ("canceled", "rejected"):
            reading.gone = "void"
        elif payment.state not in PAID_STATES:
            reading.stay = self.env._("It is a draft in Odoo.")
        elif payment.id in receipts:
            reading.stay = self.env._(
                "It goes to QuickBooks with %(receipt)s.", receipt=receipts[payment.id].display_name)
        elif not payment.move_id:
            self._read_intent(session, reading, payment)
        else:
            items = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            applied = credits.get(payment, self.env["qbo.application"]).partial_ids
            lines = self._lines(session, reading, items.matched_debit_ids)
            lines = lines + self._credit_lines(session, reading, applied)
            currency, worth = self._worth(reading, items, came_in, payment.currency_id)
            if currency == payment.currency_id:
                lines += session.handler("JournalEntry")._difference_lines(session, reading, payment, lines)
            self._finish_reading(session, reading, {
                "txn_date": payment.date, **worth, **self._reference(payment.memo),
                "method_id": session.resolver.out("PaymentMethod", payment.payment_method_line_id, required=False),
                "deposit_account_id": self._money_account(session, payment.journal_id),
            }, payment.partner_id, currency, lines)
        return reading

    def _came_in(self, payment):
        """Return the money that came in by a payment: less than its amount where tax is withheld from it."""
        items = payment._seek_for_lines()[0] if payment.move_id else self.env["account.move.line"]
        if not items or items.currency_id != payment.currency_id:
            return money(payment.amount, payment.currency_id)
        return abs(sum((money(item.amount_currency, payment.currency_id) for item in items), documents.ZERO))

    def _start(self, target, name, partner, amount, currency, date):
        return Reading(
            target, name=name or "", partner_name=partner.commercial_partner_id.display_name or "", amount=amount,
            currency_id=currency.id, date=date)

    def _reference(self, memo):
        """Return reference and note: QuickBooks' reference holds 21 characters; a longer memo is the note, whole."""
        memo = " ".join((memo or "").split())
        return {"reference": memo, "private_note": ""} if len(memo) <= 21 else {"reference": "", "private_note": memo}

    def _finish_reading(self, session, reading, values, partner, currency, lines):
        reading.problem = reading.problem or session.handler("Invoice")._currency_problem(session, currency)
        if reading.problem:
            return
        customer_id = self._customer(session, reading, partner, currency)
        reading.needs += session.resolver.take_needs()
        reading.identity = (partner.id, *sorted(reading.identity))
        lines = self._within_total(reading, documents.payment_lines(lines), values["total"])
        customer_id, problem = self.env["qbo.sync.merged"]._payer(session, partner, customer_id, lines)
        reading.problem = reading.problem or problem
        reading.document = documents.Payment(
            customer_id=customer_id, currency=currency.name, lines=lines,
            unapplied=values["total"] - self._applied(lines), **values)

    def _applied(self, lines):
        """Return how much money lines need: what they settle, less the credit that they use."""
        return sum((-line.amount if line.credit else line.amount for line in lines), documents.ZERO)

    def _within_total(self, reading, lines, total):
        """Keep the applications within the money: what was written off in the same entry is not money that came in.

        The rest stays open in QuickBooks, and the record says so.
        """
        excess = self._applied(lines) - total
        if excess <= 0:
            return lines
        reading.note = self.env._(
            "%(amount)s was written off in Odoo together with this payment; in QuickBooks it is still open. "
            "Write it off there too.",
            amount=excess)
        kept = []
        for line in reversed(lines):
            cut = documents.ZERO if line.credit else min(excess, line.amount)
            excess -= cut
            kept.append(dataclasses.replace(line, amount=line.amount - cut))
        return documents.payment_lines(kept)

    def _customer(self, session, reading, partner, currency):
        """Return the customer of a receipt by the same rule as that of a document."""
        row = {"partner_id": partner.id, "commercial_partner_id": partner.commercial_partner_id.id}
        return session.handler("Invoice")._customer(session, reading, row, currency)

    def _rate(self, items, currency):
        if currency == items.company_currency_id or not items:
            return None
        foreign = sum(Decimal(repr(abs(item.amount_currency))) for item in items)
        home = sum(Decimal(repr(abs(item.balance))) for item in items)
        return (home / foreign).quantize(Decimal("0.00000001")).normalize() if foreign else None

    def _lines(self, session, reading, partials):
        """Return the payment lines of partial reconciliations with documents; one that is not linked yet is a need."""
        lines = []
        for partial in partials:
            link = self._link(session, reading, partial.debit_move_id)
            amount = money(partial.debit_amount_currency, partial.debit_currency_id)
            reading.identity += ((partial.debit_move_id.move_id.id, str(amount)),)
            if link:
                lines.append(documents.PaymentLine(amount, txn_id=link[1], txn_type=link[0]))
        return lines

    def _credit_lines(self, session, reading, partials):
        """Return both lines of each application of a credit to what it settles."""
        lines = self._lines(session, reading, partials)
        for partial in partials:
            link = self._link(session, reading, partial.credit_move_id)
            if link:
                amount = money(partial.credit_amount_currency, partial.credit_currency_id)
                lines.append(documents.PaymentLine(amount, txn_id=link[1], txn_type=link[0], credit=True))
        return lines

    def _link(self, session, reading, item):
        """Return (type, id) by which payments call the document of a receivable item, or None after noting what
        hinders. What stays home leaves money unapplied.
        """
        move = item.move_id
        entity = self.env["qbo.sync.representation"]._entity(session, move)
        if not entity:
            return session.handler("JournalEntry")._link(session, item, reading) \
                or session.handler("Purchase")._refund_link(session, reading, item)
        if entity in RECEIPT_ENTITIES:
            reading.problem = ("receipt_open", self.env._(
                "It is applied to %(document)s of %(customer)s, which is a receipt in QuickBooks and has its money "
                "already. Undo that, or cancel %(document)s.",
                document=move.display_name, customer=move.commercial_partner_id.display_name))
            return None
        qbo_id = session.qbo_id(entity, "account.move", move.id)
        if qbo_id:
            return entity, qbo_id
        if self._will_cross(session, entity, move):
            target = Target(entity, "account.move", move.id)
            reading.needs.append(Need(target.key(), self.env._(
                "%(document)s is not in QuickBooks yet.", document=move.display_name), target, move.display_name))
        return None

    def _will_cross(self, session, entity, move):
        return session.allows(entity, "out") and session.handler(entity)._in_scope(session, move) \
            and not session.is_excluded(entity, "account.move", move.id)

    def _read_receipt(self, session, target, move):
        """Read a bank statement line or an entry that settles invoices of one customer (the part of the target)."""
        items = self._receipt_items(move)
        if target.role:
            items = items.filtered(lambda line: f"part:{line.partner_id.commercial_partner_id.id}" == target.role)
        currency = items.currency_id[:1] or move.currency_id
        total = sum((money(abs(item.amount_currency), currency) for item in items), documents.ZERO)
        reading = self._start(target, move.display_name, items.partner_id[:1], float(total), currency, move.date)
        if move.state != "posted" or not (items if move.statement_line_id else items.matched_debit_ids):
            # Undone: void it where it is linked; where it is not, there is nothing to say.
            reading.gone = "void"
            return reading
        if session.handler("JournalEntry")._is_revaluation(move):
            reading.problem = self._only_worth(move, items)
            return reading
        lines = self._lines(session, reading, items.matched_debit_ids)
        label = move.statement_line_id.payment_ref or move.ref or move.name
        if move.statement_line_id:
            entries = session.handler("JournalEntry")
            lines += entries._difference_lines(session, reading, move, lines)
            total -= entries._difference(session, move)
        currency, worth = self._worth(reading, items, total, currency)
        self._finish_reading(session, reading, {
            "txn_date": move.date, **worth, **self._reference(label),
            "deposit_account_id": self._deposit_account(session, move, items),
        }, items.partner_id[:1], currency, lines)
        return reading

    def _only_worth(self, move, items):
        return ("only_worth", self.env._(
            "%(entry)s of %(customer)s corrects the home value of foreign receivables and has no amount in "
            "%(currency)s, so that it settles nothing in QuickBooks. Undo its reconciliation with %(documents)s.",
            entry=move.display_name, customer=items.partner_id[:1].display_name, currency=items.currency_id[:1].name,
            documents=", ".join(items.matched_debit_ids.debit_move_id.move_id.mapped("name"))))

    def _deposit_account(self, session, move, items):
        if move.statement_line_id:
            return self._money_account(session, move.journal_id)
        other = (move.line_ids - items).filtered(lambda line: line.balance > 0).account_id[:1]
        return session.handler("JournalEntry")._account_out(session, other, move.journal_id)

    def _read_application(self, session, target, row):
        """Read the application of a credit note: a Payment of zero."""
        self._follow_credit(session, row)
        partials = self._applied_by(session, row)
        currency = partials.credit_currency_id[:1] or row.company_id.currency_id
        name = self.env._("Credit %(note)s applied", note=row.credit_move_id.name or "")
        reading = self._start(target, name, row.partner_id, 0.0, currency, row.date)
        if not partials:
            reading.gone = "void"
            return reading
        if partials.debit_currency_id != currency:
            reading.problem = self._several_currencies(partials.debit_currency_id | currency)
        lines = self._credit_lines(session, reading, partials)
        self._finish_reading(session, reading, {
            "txn_date": row.date, "total": money(0.0, currency), "exchange_rate": self._rate(
                partials.credit_move_id, currency),
        }, row.partner_id, currency, lines)
        return reading

    def _applied_by(self, session, row):
        """Return the partial reconciliations for which a row stands: those it keeps, else what Odoo made by itself."""
        return row.partial_ids if self._is_imported(session, row) else self._credit_partials(
            session, row.credit_move_id).filtered(
                lambda partial: partial.credit_move_id.partner_id.commercial_partner_id == row.partner_id)

    def _follow_credit(self, session, rows):
        """Let rows that QuickBooks does not have yet go over to another customer with their credit.

        An import may have moved the credit; nobody looks for new rows then.
        """
        for row in rows:
            if self._is_imported(session, row) or session.qbo_id("Payment", "qbo.application", row.id):
                continue
            partials = self._credit_partials(session, row.credit_move_id)
            partners = partials.credit_move_id.partner_id.commercial_partner_id
            free = partners - row.search([
                ("backend_id", "=", session.backend.id), ("credit_move_id", "=", row.credit_move_id.id)]).partner_id
            if free and row.partner_id not in partners:
                row.partner_id = free[:1]

    # === BOTH === #

    def _label(self, session, document):
        if not document.total:
            return self.env._("Credit applied")
        return self.env._("Payment %(reference)s", reference=document.reference or "").strip()

    def _totals(self, document):
        totals = {self.env._("Total"): document.total, self.env._("Not applied"): document.unapplied}
        if not document.total:
            # Credit that is applied moves no money: only its lines tell how much QuickBooks took. Debits and credits
            # are equal, and of a journal entry QuickBooks does not say which it is.
            totals[self.env._("Applied")] = sum((line.amount for line in document.lines), documents.ZERO) / 2
        return totals

    def _link_ignore(self, session, ours, theirs):
        """Two payments of the same customer, total and applications are the same."""
        same = (ours.total, ours.lines, ours.customer_id) == (theirs.total, theirs.lines, theirs.customer_id)
        return frozenset(field.name for field in dataclasses.fields(ours)) if same else frozenset()
