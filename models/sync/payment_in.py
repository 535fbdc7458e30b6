"""Payments, neutral form to Odoo: a posted payment, applied for exactly the amounts of its lines."""

import dataclasses

from odoo import Command, models
from odoo.exceptions import UserError

from ...qbo.allocate import allocate
from ...qbo.mapping.payment import ENTITY_OF
from .applications import Application, NotOpen
from .payment import PAID_STATES
from .session import Need, Target, posted_key, qbo_key

# What a payment says beside its figures, and where Odoo keeps it.
WORDS = {"reference": "memo", "private_note": "memo", "method_id": "payment_method_line_id"}


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    # === MAY IT COME IN? === #

    def _nothing_in(self, document):
        if document.voided:
            return self.env._("It is void in QuickBooks; there is nothing to bring over.")
        if not document.total and not document.lines:
            return self.env._("It is a payment of nothing; there is nothing to bring over.")
        return super()._nothing_in(document)

    def _prepare(self, session, arrivals):
        documents = [arrival.document for arrival in arrivals]
        session.preload_records("Customer", {document.customer_id for document in documents})
        for entity in set(ENTITY_OF.values()):
            session.preload_records(entity, {
                line.txn_id for document in documents for line in document.lines
                if ENTITY_OF.get(line.txn_type) == entity})
        for arrival in arrivals:
            arrival.stay = "" if arrival.record else self._nothing_in(arrival.document)
            if not arrival.stay and not arrival.document.voided:
                self._prepare_one(session, arrival)
        self._wait_for_drafts(session, arrivals)

    def _wait_for_drafts(self, session, arrivals):
        """Let a payment wait for a document that somebody took back to draft in Odoo: until then neither counts."""
        lines = [(arrival, line, session.record_id(ENTITY_OF[line.txn_type], line.txn_id))
                 for arrival in arrivals if not arrival.document.voided
                 for line in arrival.document.lines if line.txn_type in ENTITY_OF]
        ids = {place[1] for _arrival, _line, place in lines if place and place[0] == "account.move"}
        drafts = {move.id: move for move in self.env["account.move"].search(
            [("id", "in", list(ids)), ("state", "=", "draft")])} if ids else {}
        for arrival, line, place in lines:
            move = drafts.get(place[1]) if place and place[0] == "account.move" else None
            if move:
                arrival.needs.append(Need(posted_key(move.id), self.env._(
                    "It settles %(document)s of %(customer)s with %(amount)s, and that is a draft in Odoo. Post or "
                    "cancel it; then the payment comes over by itself.", document=move.display_name,
                    customer=move.commercial_partner_id.display_name, amount=line.amount)))

    def _prepare_one(self, session, arrival):
        document = arrival.document
        if not session.record_id("Customer", document.customer_id):
            arrival.needs.append(Need(
                qbo_key("Customer", document.customer_id), self.env._("Its customer is not in Odoo yet.")))
        for line in document.lines:
            entity = ENTITY_OF.get(line.txn_type, "")
            if session.allows(entity, "in") and not session.record_id(entity, line.txn_id):
                arrival.needs.append(Need(
                    qbo_key(entity, line.txn_id), self.env._("A document that it settles is not in Odoo yet.")))
        session.resolver.take_missing()
        if document.total:
            self._journal(session, document)
        arrival.needs += session.resolver.take_needs()
        arrival.problem = self._locked(session, arrival)
        if document.currency and not session.currency_id(document.currency):
            arrival.problem = ("currency", self.env._(
                "The currency %(code)s does not exist in Odoo.", code=document.currency))

    def _locked(self, session, arrival):
        day = arrival.document.txn_date
        company = session.backend.company_id
        locks = session.once(("locks", self._name, day), lambda: company._get_violated_lock_dates(
            day, False, self.env["account.journal"]))
        if not locks:
            return None
        return ("locked", self.env._(
            "%(date)s is in a period that is locked in Odoo (until %(until)s). "
            "Open the period or change the date in QuickBooks.",
            date=arrival.document.txn_date, until=max(lock for lock, _field in locks)))

    def _journal(self, session, document):
        """Return the bank or cash journal of the deposit account, else the backend's journal for payments."""
        fallback = session.backend.payment_journal_id
        found = session.resolver.inn("Account", document.deposit_account_id, "account.journal", required=False) \
            or self._clearing_journal(session, document) or fallback
        return found or session.resolver.inn("Account", document.deposit_account_id, "account.journal")

    # === MATCHING === #

    def _match(self, session, arrivals):
        """Return posted payments that are the same already: customer, date, amount and applications.

        One that is linked to nothing yet, and the only one of its kind.
        """
        matches = {}
        for arrival in arrivals:
            customer = session.record_id("Customer", arrival.document.customer_id)
            if not customer or not arrival.document.total:
                continue
            twins = self._twins(session, self.env["res.partner"].browse(customer[1]), arrival.document)
            if len(twins) == 1 and twins.id not in {record.id for record in matches.values()}:
                matches[arrival.qbo_id] = twins
        return matches

    def _twins(self, session, partner, document):
        """Return the unlinked payments of Odoo that say what ``document`` says."""
        payments = self.env["account.payment"].search([
            ("partner_id", "child_of", partner.commercial_partner_id.id), ("date", "=", document.txn_date),
            ("amount", "=", float(document.total)), ("state", "in", PAID_STATES), ("payment_type", "=", "inbound"),
            ("company_id", "in", list(session.company_ids))])
        if not payments:
            return payments
        linked = self.env["qbo.binding"]._by_record(session.backend, "Payment", "account.payment", payments.ids)
        free = payments.filtered(lambda one: not linked.get((one.id, "")) or not linked[one.id, ""].qbo_id)
        readings = self._read(session, [Target("Payment", "account.payment", one.id) for one in free])
        return free.filtered(lambda one: self._same_lines(
            readings[Target("Payment", "account.payment", one.id)].document, document))

    def _same_lines(self, ours, theirs):
        return ours is not None and ours.lines == theirs.lines

    # === CREATING === #

    def _create_records(self, session, arrivals):
        """Create and post the payments in bulk, then apply all of them in one plan."""
        paid = [arrival for arrival in arrivals if arrival.document.total]
        documents = self._documents(session, paid)
        payments = self._post_payments(session, [
            self._payment_values(session, arrival, documents=documents) for arrival in paid])
        for arrival, payment in zip(paid, payments, strict=True):
            arrival.record = payment
        self._apply_all(session, arrivals)

    def _post_payments(self, session, values):
        """Create and post payments.

        :raise UserError: when one has no journal entry, because then it settles nothing
        """
        payments = self._payments(session).create(values)
        payments.action_post()
        if len(payments.move_id) < len(payments):
            raise UserError(self.env._(
                "The journal books no entry for payments, so they cannot settle invoices. Give its incoming payment "
                "method an outstanding account."))
        return payments

    def _payments(self, session):
        return self._importing(session, "account.payment").with_context(force_payment_move=True)

    def _payment_values(self, session, arrival, payment_type="inbound", documents=None):
        """Return the values of a payment.

        :param documents: what it settles, of :meth:`_documents`; looked up when not given
        """
        document = arrival.document
        journal = self._journal(session, document)
        company = session.backend.company_id
        currency_id = session.currency_id(document.currency) or company.currency_id.id
        values = {
            "payment_type": payment_type, "partner_type": "customer",
            "partner_id": session.record_id("Customer", document.customer_id)[1], "amount": float(document.total),
            "currency_id": currency_id, "date": document.txn_date, "journal_id": journal.id,
            "memo": document.reference or document.private_note or False,
            "payment_method_line_id": self._method(session, document, journal, payment_type).id,
        }
        if document.exchange_rate and currency_id != company.currency_id.id:
            values["force_balance"] = company.currency_id.round(float(document.total * document.exchange_rate))
        return values

    def _method(self, session, document, journal, payment_type):
        """Return the method of the journal that QuickBooks' payment method is mapped to, else the journal's first."""
        mapped = session.resolver.inn_all("PaymentMethod", document.method_id, "account.payment.method.line")
        own = mapped.filtered(lambda line: line.journal_id == journal and line.payment_type == payment_type)
        return own[:1] or journal[f"{payment_type}_payment_method_line_ids"][:1]

    # === APPLYING === #

    def _apply_all(self, session, arrivals):
        """Reconcile the exact amounts of all arrivals, and make the rows that stand for applied credit."""
        documents = self._documents(session, arrivals)
        applications = []
        for arrival in arrivals:
            arrival.not_here = set()
            applications += self._cash_applications(session, arrival, documents)
        self.env["qbo.sync.applications"]._apply_exact(applications)
        for arrival in arrivals:
            self._apply_credits(session, arrival, documents)

    def _items(self, session, arrival, move, sign):
        """Return the receivable items of a document; of an entry those of the payment's customer on the side ``sign``.
        """
        items = self._receivable(move)
        if set(move.mapped("move_type")) != {"entry"}:
            return items
        customer = session.record_id("Customer", arrival.document.customer_id)
        partner = self.env["res.partner"].browse(customer[1]).commercial_partner_id
        side = items.filtered(lambda line: line.balance * sign > 0)
        return side.filtered(lambda line: line.partner_id.commercial_partner_id == partner) or side

    def _documents(self, session, arrivals):
        """Return {(type, id): posted Odoo document} of the transactions that payments settle, if they are here."""
        return self._posted(session, {
            (line.txn_type, line.txn_id) for arrival in arrivals for line in arrival.document.lines})

    def _posted(self, session, names):
        """Return {(type, id): posted Odoo document} of transactions, as payments call them."""
        found = {}
        for txn_type in {name[0] for name in names} & ENTITY_OF.keys():
            own = {qbo_id for kind, qbo_id in names if kind == txn_type}
            for qbo_id, (model, res_id) in session.record_ids(ENTITY_OF[txn_type], own).items():
                found[txn_type, qbo_id] = res_id if model == "account.move" else \
                    self.env[model].browse(res_id).exists().move_id.id
        moves = self.env["account.move"].browse(set(found.values())).exists()
        posted = {move.id: move for move in moves if move.state == "posted"}
        return {key: posted[move_id] for key, move_id in found.items() if move_id in posted}

    def _cash_applications(self, session, arrival, documents):
        """Return how the money of a payment settles documents; what Odoo does not have stays unapplied, and is said."""
        result, foreign = [], []
        pay_line = self._receivable(arrival.record.move_id)[:1] if arrival.document.total else None
        for txn_type, txn_id, amount in allocate(self._booked(session, arrival)).cash:
            move = documents.get((txn_type, txn_id))
            if not move:
                foreign.append((txn_type, txn_id, amount))
                continue
            result += self._split(self._items(session, arrival, move, 1), pay_line, amount)
        self._say_not_applied(arrival, foreign)
        return result

    def _booked(self, session, arrival):
        """Return a payment as Odoo books it: what it writes off in its own entry is part of what settles documents."""
        record, document = arrival.record, arrival.document
        if not record or record._name not in ("account.payment", "account.move"):
            return document
        place = (record._name, record.id)
        own = [line for line in document.lines
               if line.txn_type == "JournalEntry" and session.record_id("JournalEntry", line.txn_id) == place]
        if not own:
            return document
        sign = 1 if session.handler("JournalEntry")._written_off(record) > 0 else -1
        return dataclasses.replace(
            document, total=document.total + sign * sum(line.amount for line in own),
            lines=tuple(line for line in document.lines if line not in own))

    def _say_not_applied(self, arrival, foreign):
        """Add to the warning what could not be applied; what failed in bulk and is tried again is said once."""
        said = arrival.warning or ""
        if foreign:
            arrival.not_here |= {name[:2] for name in foreign if name[0] in ENTITY_OF}
            arrival.warning = self.env._(
                "Not applied in Odoo, because the document is not here: %(what)s",
                what=", ".join(f"{txn_type} {txn_id}: {amount}" for txn_type, txn_id, amount in foreign))
            if said:
                arrival.warning = said if arrival.warning in said else f"{said} {arrival.warning}"

    def _apply_credits(self, session, arrival, documents):
        """Apply credit memos to invoices and keep the partial reconciliations under one row of ours."""
        pairs = allocate(self._booked(session, arrival)).credits
        if not pairs:
            return
        applications, foreign, credit_move = [], [], self.env["account.move"]
        for credit_type, credit_id, txn_type, txn_id, amount in pairs:
            credit, debit = documents.get((credit_type, credit_id)), documents.get((txn_type, txn_id))
            if credit and debit:
                credit_move = credit_move or credit
                applications += self._share(
                    self._items(session, arrival, debit, 1), self._items(session, arrival, credit, -1), amount)
            else:
                name, key = (txn_type, txn_id) if credit else (credit_type, credit_id)
                foreign.append((name, key, amount))
        self._say_not_applied(arrival, foreign)
        before = self._partials(applications)
        self.env["qbo.sync.applications"]._apply_exact(applications)
        self._keep_row(session, arrival, credit_move, self._partials(applications) - before)

    def _keep_row(self, session, arrival, credit_move, partials):
        document = arrival.document
        row = self.env["qbo.application"].search([
            ("backend_id", "=", session.backend.id), ("payment_id", "=", arrival.record.id)], limit=1) \
            if document.total else (arrival.record or self.env["qbo.application"])
        values = {"partial_ids": [(4, partial.id) for partial in partials]}
        if row:
            row.write(values if row.credit_move_id else {**values, "credit_move_id": credit_move.id})
        else:
            row = self.env["qbo.application"].create({
                **values, "backend_id": session.backend.id, "company_id": session.backend.company_id.id,
                "partner_id": session.record_id("Customer", document.customer_id)[1], "date": document.txn_date,
                "credit_move_id": credit_move.id,
                "payment_id": arrival.record.id if document.total else False})
        if not document.total:
            arrival.record = row

    def _partials(self, applications):
        partials = self.env["account.partial.reconcile"]
        if not applications:
            return partials
        return partials.search([
            ("debit_move_id", "in", [application.debit_line_id for application in applications]),
            ("credit_move_id", "in", [application.credit_line_id for application in applications])])

    def _split(self, debit_lines, credit_line, amount):
        """Spread an amount over the receivable items of a document (instalments), earliest due date first."""
        result, left = [], amount
        for line in debit_lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            open_amount = self.env["qbo.sync.applications"]._open_amount(line)
            part = min(left, open_amount) if len(debit_lines) > 1 else left
            if part > 0:
                result.append(Application(line.id, credit_line.id, part))
                left -= part
        if left > 0 and len(debit_lines) > 1:
            raise NotOpen(self.env["qbo.sync.applications"]._over_applied(
                debit_lines[:1], credit_line, debit_lines, amount, amount - left))
        return result

    def _share(self, debit_lines, credit_lines, amount):
        """Spread an amount over several items on both sides: an entry, and those that book its differences."""
        if len(credit_lines) == 1:
            return self._split(debit_lines, credit_lines, amount)
        result, asked, applications = [], amount, self.env["qbo.sync.applications"]
        left = {line: applications._open_amount(line) for line in debit_lines | credit_lines}
        for debit in debit_lines.sorted(lambda line: (line.date_maturity or line.date, line.id)):
            for credit in credit_lines.sorted("id"):
                part = min(amount, left[debit], left[credit])
                if part > 0:
                    result.append(Application(debit.id, credit.id, part))
                    left[debit], left[credit], amount = left[debit] - part, left[credit] - part, amount - part
        if amount > 0:
            raise NotOpen(applications._over_applied(
                debit_lines[:1], credit_lines[:1], debit_lines, asked, asked - amount))
        return result

    def _receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # === UPDATING === #

    def _update(self, session, arrival):
        """Follow a changed payment: new applications without touching the entry where possible, else a new entry."""
        changed = set(arrival.fields)
        if "voided" in changed and arrival.document.voided:
            self._take_off(session, arrival.record)
            self._cancel(arrival.record)
            return
        self._take_off(session, arrival.record)
        if arrival.record._name == "account.payment":
            self._rewrite(session, arrival, changed)
        self._apply_all(session, [arrival])

    def _take_off(self, session, record, role=""):
        """Undo all that a payment of QuickBooks is applied to in Odoo; what Odoo itself applied of a credit too."""
        if record._name == "qbo.application":
            self._applied_by(session, record).unlink()
        else:
            self._unapply(record)

    def _unapply(self, record):
        rows = record if record._name == "qbo.application" else self.env["qbo.application"].search(
            [("payment_id", "=", record.id)])
        rows.partial_ids.unlink()
        if record._name == "account.payment":
            # The other side of its entry may be matched with the bank.
            self._receivable(record.move_id).remove_move_reconcile()

    def _rewrite(self, session, arrival, changed, payment_type="inbound"):
        """Write the changed header of a payment; amount, date, customer and journal need draft and posting again."""
        payment = self._payments(session).browse(arrival.record.id)
        values = self._payment_values(session, arrival, payment_type)
        came_in = self._came_in(payment)
        if payment.currency_id.compare_amounts(float(came_in), values["amount"]) == 0:
            # The total travels with the applications; the entry is left alone when only those changed.
            changed = changed - {"total"}
        if values["partner_id"] == payment.partner_id.id:
            # Another customer of QuickBooks that is the same partner here.
            changed = changed - {"customer_id"}
        if values.get("destination_account_id", payment.destination_account_id.id) != payment.destination_account_id.id:
            changed = changed | {"account"}
        if changed & {"total", "txn_date", "customer_id", "deposit_account_id", "currency", "exchange_rate", "account"}:
            if payment.currency_id.compare_amounts(float(came_in), payment.amount):
                raise UserError(self.env._(
                    "Tax was withheld from %(payment)s, which QuickBooks does not know. Change it here by hand, or put "
                    "it back there, then retry.", payment=payment.display_name))
            self._keep_bank_line(payment)
            payment.action_draft()
            force_balance = values.pop("force_balance", None)
            if payment.journal_id.id == values["journal_id"]:
                values.pop("journal_id")
            self._write_header(payment, values, payment_type)
            if force_balance is not None:
                self._book_at(payment, force_balance)
            payment.action_post()
        else:
            # Only what changed: writing anything to a payment of a locked period is refused.
            names = {WORDS[name] for name in changed & WORDS.keys()}
            if names:
                payment.write({name: values[name] for name in names})

    def _write_header(self, payment, values, payment_type):
        """Write a payment in draft; where the method has no outstanding account it gets the company's, as when new."""
        method = payment.payment_method_line_id.browse(values["payment_method_line_id"])
        account = method.payment_account_id or payment._get_outstanding_account(payment_type)
        # Odoo takes the method's account anew, and without one it refuses the entry.
        with self.env.protecting([payment._fields["outstanding_account_id"]], payment):
            payment.write({**values, "outstanding_account_id": account.id})

    def _book_at(self, payment, worth):
        """Let the entry of a foreign payment in draft say its worth in home currency: Odoo took the rate of its day."""
        lines = payment.move_id.line_ids
        if len(lines) != 2:
            raise UserError(self.env._("Odoo books the payment at another rate than QuickBooks."))
        payment.move_id.with_context(skip_invoice_sync=True).write({"line_ids": [
            Command.update(line.id, {
                "amount_currency": line.amount_currency, "balance": worth if line.balance > 0 else -worth})
            for line in lines]})

    def _cancel(self, record):
        if record._name == "qbo.application":
            record.partial_ids.unlink()
            return
        if record._name == "account.move":
            record.line_ids.remove_move_reconcile()
            # Money of a bank line would stay with the customer: the line waits for another match.
            record.statement_line_id.action_undo_reconciliation()
            return
        self._keep_bank_line(record)
        self._unapply(record)
        # Not by way of draft: a draft entry is deleted then, which an audit trail refuses.
        if record.state in ("draft", *PAID_STATES):
            record.action_cancel()

    def _remove(self, session, binding, operation):
        """The payment was deleted in QuickBooks: it is cancelled here and its invoices are open again."""
        record = binding._record()
        if not record:
            return self.env._("It was deleted in QuickBooks.")
        if record._name == "account.payment" and record.company_id._get_violated_lock_dates(
                record.date, False, record.journal_id):
            raise UserError(self.env._(
                "It was deleted in QuickBooks, but its period is locked in Odoo. Return it in an open period."))
        self._take_off(session, record, binding.role)
        self._cancel(record)
        if record._name == "account.move" and record.statement_line_id:
            return self.env._("It was deleted in QuickBooks. Bank line %(line)s is open again: match it with what it "
                              "is.", line=record.display_name)
        return self.env._("It was deleted in QuickBooks and is cancelled here.")
