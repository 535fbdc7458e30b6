"""Journal entries, deposits and purchases of QuickBooks that move receivables: entries of one journal in Odoo.

What of them is applied by payments is applied here too, see ``payment_in.py``; entries of Odoo: ``entries_out.py``.
"""

import dataclasses
from decimal import Decimal

from odoo import Command, models
from odoo.exceptions import UserError

from ...qbo import decide, documents
from ...qbo.entries import receivable_part, unnamed
from ...qbo.mapping.errors import MappingError
from ..const import ENTRY_ENTITIES
from .entries_role import WRITTEN_OFF
from .sales import money
from .session import Need, Reading, qbo_key

# What does not touch what is booked.
NOTE_FIELDS = {"private_note", "doc_number"}
JOURNAL_CODE = "QBAR"


class QboSyncEntries(models.AbstractModel):
    """What the three kinds share. One entry of QuickBooks is one entry of Odoo, with a receivable line a customer."""

    _name = "qbo.sync.entries"
    _inherit = "qbo.sync.entity"
    _description = "QuickBooks Sync of Receivable Entries"

    # === WHAT CONCERNS ODOO === #

    def _watched(self, session):
        """They are read whatever the rule says: what does not come over is listed with its amount."""
        policy = session.policies.get(self._qbo_entity)
        return bool(policy) and not policy.unavailable

    def _accounts(self, session):
        """Return the ids of QuickBooks' receivable accounts, one for each currency."""
        return session.once(("receivable accounts",), lambda: frozenset(
            self.env["qbo.reference"].with_context(active_test=False).search([
                ("backend_id", "=", session.backend.id), ("entity", "=", "Account"),
                ("kind", "=", "Accounts Receivable")]).mapped("qbo_id")))

    def _arrived(self, session, payload):
        return receivable_part(super()._arrived(session, payload), self._accounts(session))

    def _sift(self, session, rows, asked=False):
        """Keep what moves receivables and may come over; list what moves them and stays out, with the reason."""
        linked = self.env["qbo.binding"]._by_qbo_id(session.backend, self._qbo_entity, rows)
        kept, listed = {}, {}
        for qbo_id, row in rows.items():
            try:
                document = self._arrived(session, row)
            except MappingError:
                # Its job says what is wrong with it.
                kept[qbo_id] = row
                continue
            reason = self._reason(session, document, asked)
            if reason and document.lines:
                listed[qbo_id] = self._listed_values(session, document, reason)
            elif not reason and (document.lines or qbo_id in linked):
                kept[qbo_id] = row
        if self.env["qbo.unsynced"]._replace(session.backend, self._qbo_entity, list(rows), listed):
            # Nothing crosses, and yet the receivables of both books have to be compared anew.
            session.backend.ar_checked_at = False
        return kept

    def _reason(self, session, document, asked):
        """Return why an entry does not come over, '' when it does."""
        if not session.allows(self._qbo_entity, "in"):
            return self.env._("The rule 'Receivable entries' does not let it come over.")
        if document.home_adjustment:
            return self.env._("A revaluation: it corrects the home value of foreign amounts, and Odoo makes its own.")
        if unnamed(document, self._accounts(session)):
            return self.env._("It names no customer.")
        cutoff = session.policies[self._qbo_entity].cutoff_date
        if cutoff and not asked and document.txn_date and document.txn_date < cutoff:
            return self.env._("It is dated before the From date of the rule 'Receivable entries'.")
        return ""

    def _listed_values(self, session, document, reason):
        rate = Decimal(1) if document.home_adjustment else document.exchange_rate or Decimal(1)
        return {
            "name": self._label(session, document), "date": document.txn_date or False, "reason": reason,
            "partner_name": self._customer_name(session, {}, document),
            "amount": session.backend.company_id.currency_id.round(float(document.total * rate))}

    # === MAY IT COME IN? === #

    def _prepare(self, session, arrivals):
        session.preload_records("Customer", {
            line.customer_id for arrival in arrivals for line in arrival.document.lines if line.customer_id})
        for arrival in arrivals:
            if arrival.document.lines:
                self._prepare_one(session, arrival)
            elif not arrival.record:
                arrival.stay = self.env._("It moves no receivables; there is nothing to bring over.")

    def _prepare_one(self, session, arrival):
        document = arrival.document
        missing = [line.customer_id for line in document.lines
                   if line.customer_id and not session.record_id("Customer", line.customer_id)]
        needs = [Need(qbo_key("Customer", qbo_id), self.env._("Its customer is not in Odoo yet."))
                 for qbo_id in missing]
        session.resolver.take_missing()
        unclear = [line for line in document.lines
                   if not line.customer_id and not self._counter_account(session, line) and not line.account_id]
        arrival.needs = needs + session.resolver.take_needs()
        if unclear:
            arrival.problem = ("odoo_refused", self.env._(
                "Several accounts stand against the receivables. Have an administrator choose a clearing account for "
                "receivable entries (Rules of the connection), then retry."))
        arrival.problem = arrival.problem or self._closed(session, arrival)

    def _closed(self, session, arrival):
        document, payment = arrival.document, session.handler("Payment")
        if document.currency and not session.currency_id(document.currency):
            return ("currency", self.env._(
                "The currency %(code)s does not exist in Odoo.", code=document.currency))
        return payment._locked(session, arrival)

    def _counter_account(self, session, line):
        """Return the account that stands against receivables; empty when it has to be mapped or chosen first.

        That of a bank is where money waits for its bank line, as with payments.
        """
        fallback = session.backend.receivable_clearing_account_id
        if not line.account_id:
            return fallback
        journal = session.resolver.inn("Account", line.account_id, "account.journal", required=False)
        waiting = self._outstanding(journal, line.amount)
        if waiting:
            return waiting
        return session.resolver.inn("Account", line.account_id, "account.account", required=not fallback) or fallback

    def _outstanding(self, journal, amount):
        methods = (journal.inbound_payment_method_line_ids, journal.outbound_payment_method_line_ids)
        first, second = methods if amount > 0 else methods[::-1]
        return first.payment_account_id[:1] or second.payment_account_id[:1] or journal.default_account_id

    def _journal(self, session):
        """Return the journal of receivable entries; it is made when first needed."""
        return session.once(("journal", "qbo.sync.entries"), lambda: self._find_journal(session.backend))

    def _find_journal(self, backend):
        if not backend.receivable_journal_id:
            journals, company = self.env["account.journal"], backend.company_id
            backend.receivable_journal_id = journals.search([
                *journals._check_company_domain(company), ("code", "=", JOURNAL_CODE), ("type", "=", "general")],
                limit=1) or journals.create({
                    "name": self.env._("QuickBooks receivables"), "code": JOURNAL_CODE, "type": "general",
                    "company_id": company.id, "show_on_dashboard": False})
        return backend.receivable_journal_id

    # === CREATING === #

    def _create_records(self, session, arrivals):
        """Create and post the entries in bulk."""
        moves = self._importing(session, "account.move").create([
            {"move_type": "entry", "company_id": session.backend.company_id.id,
             "journal_id": self._journal(session).id, **self._values(session, arrival.document)}
            for arrival in arrivals])
        for arrival, move in zip(arrivals, moves, strict=True):
            arrival.record = move
        moves._post(soft=False)

    def _values(self, session, document):
        currency_id = session.currency_id(document.currency) or session.backend.company_id.currency_id.id
        customer_id = next(line.customer_id for line in document.lines if line.customer_id)
        return {
            "date": document.txn_date, "currency_id": currency_id, "ref": self._reference(session, document),
            "partner_id": session.record_id("Customer", customer_id)[1],
            "line_ids": [Command.create(values) for values in self._lines_values(session, document, currency_id)]}

    def _reference(self, session, document):
        return " · ".join(filter(None, (self._label(session, document), document.private_note)))

    def _lines_values(self, session, document, currency_id):
        """Return the values of all lines; the last one takes the cents of converting them one by one."""
        company = session.backend.company_id
        rate, values = document.exchange_rate or Decimal(1), []
        for line in document.lines:
            balance = company.currency_id.round(float(line.amount * rate))
            values.append({
                "amount_currency": float(line.amount), "currency_id": currency_id, "balance": balance,
                "name": line.description or document.private_note or self._label(session, document),
                **self._line_place(session, document, line)})
        values[-1]["balance"] = company.currency_id.round(-sum(one["balance"] for one in values[:-1]))
        return values

    def _line_place(self, session, document, line):
        if not line.customer_id:
            return {"account_id": self._counter_account(session, line).id}
        partner = self.env["res.partner"].browse(session.record_id("Customer", line.customer_id)[1])
        return {"partner_id": partner.commercial_partner_id.id, "date_maturity": document.txn_date,
                "account_id": partner.property_account_receivable_id.id}

    # === UPDATING === #

    def _update(self, session, arrival):
        """Follow a changed entry; without a part on receivables it is cancelled."""
        if not arrival.document.lines:
            self._cancel(arrival.record)
        elif set(arrival.fields) <= NOTE_FIELDS:
            arrival.record.ref = self._reference(session, arrival.document)
        else:
            self._rewrite(session, arrival)

    def _rewrite(self, session, arrival):
        """Book it anew through draft; what was applied to it is applied again, as far as it still fits."""
        move = self._importing(session, "account.move").browse(arrival.record.id)
        applications = self.env["qbo.sync.applications"]
        applied = applications._remember(move)
        applications._take_off_bank_lines(move)
        if move.state != "draft":
            move.button_draft()
        values = self._values(session, arrival.document)
        self._keep_accounts(move, values)
        move.write({**values, "line_ids": [Command.clear(), *values["line_ids"]]})
        move._post(soft=False)
        applications._restore(move, applied)

    def _cancel(self, move):
        if move.state == "posted":
            move.line_ids.remove_move_reconcile()
            move.button_draft()
        if move.state == "draft":
            move.button_cancel()

    def _remove(self, session, binding, operation):
        """The entry was deleted in QuickBooks: it is cancelled here, and what it was applied to is open again."""
        move = binding._record()
        if not move or move.state == "cancel":
            return self.env._("It was deleted in QuickBooks.")
        if move.state == "posted" and move._get_violated_lock_dates(move.date, False):
            raise UserError(self.env._(
                "It was deleted in QuickBooks, but its period is locked in Odoo. Reverse it in an open period."))
        self._cancel(move)
        return self.env._("It was deleted in QuickBooks and is cancelled here.")

    # === READING === #

    def _sends(self, target):
        return False

    def _read(self, session, targets):
        """Read what Odoo booked, to notice that a person changed it; nothing of it goes to QuickBooks."""
        moves = {move.id: move for move in self.env["account.move"].browse(
            [target.res_id for target in targets]).exists()}
        return {target: self._read_one(target, moves.get(target.res_id)) for target in targets}

    def _read_one(self, target, move):
        if not move:
            return Reading(target, gone="delete")
        reading = Reading(
            target, name=move.display_name, partner_name=move.partner_id.display_name or "", date=move.date,
            currency_id=move.currency_id.id)
        if move.state == "draft":
            reading.stay = self.env._("It is a draft in Odoo.")
            return reading
        void = move.state == "cancel"
        lines = () if void else tuple(self._read_line(line) for line in move.line_ids.sorted("id"))
        owed = [money(line.amount_currency, line.currency_id) for line in move.line_ids
                if line.account_type == "asset_receivable"]
        reading.document = documents.DOCUMENTS[target.entity](
            txn_date=move.date, currency=move.currency_id.name, private_note=move.ref or "", lines=lines, voided=void,
            total=documents.ZERO if void else sum(owed, documents.ZERO))
        reading.amount = float(reading.document.total)
        return reading

    def _read_line(self, line):
        """Return a line as Odoo names it: only ever compared with an earlier reading of the same."""
        return documents.EntryLine(
            money(line.amount_currency, line.currency_id), account_id=str(line.account_id.id),
            description=line.partner_id.display_name or "")

    def _link(self, session, item, reading=None):
        """Return (type, id) by which payments of QuickBooks call the entry of a receivable item, None without one."""
        links = self._links(session, item.move_id).get(item.move_id.id, {})
        return links.get("") or links.get(f"part:{item.partner_id.commercial_partner_id.id}")

    def _links(self, session, moves):
        """Return {move id: {role: (type, id)}}: how payments of QuickBooks call the entries that it has."""
        asked = [move.id for move in moves if move.move_type == "entry"]
        known = session.once(("entry links",), dict)
        fresh = set(asked) - known.keys()
        if fresh:
            known.update({move_id: {} for move_id in fresh})
            for binding in self.env["qbo.binding"].search([
                    ("backend_id", "=", session.backend.id), ("entity", "in", ENTRY_ENTITIES),
                    ("model", "=", "account.move"), ("res_id", "in", list(fresh)), ("qbo_id", "!=", False),
                    ("role", "!=", WRITTEN_OFF), ("missing", "=", False)]):
                told = decide.load_base(binding.entity, binding.base or {}).qbo
                known[binding.res_id][binding.role] = (told.link_type if told else binding.entity, binding.qbo_id)
        return {move_id: known[move_id] for move_id in asked if known[move_id]}

    # === BOTH === #

    def _totals(self, document):
        return {self.env._("Receivables"): document.total}

    def _customer_name(self, session, row, document):
        line = next((line for line in document.lines if line.customer_id), None)
        return (line.customer_name or line.customer_id) if line else ""

    def _spoken(self, session, document):
        """Return ``document`` with names in place of ids, for reading only."""
        wording = self.env["qbo.sync.wording"]
        return dataclasses.replace(document, lines=tuple(dataclasses.replace(
            line, account_id=session.reference_name("Account", line.account_id) if line.account_id else "",
            customer_id=line.customer_id and wording._record_name(session, "Customer", line.customer_id))
            for line in document.lines))

    def _label_of(self, session, document):
        raise NotImplementedError

    def _label(self, session, document):
        return self._label_of(session, document).strip()


class QboSyncJournalEntry(models.AbstractModel):
    _name = "qbo.sync.journalentry"
    _inherit = "qbo.sync.entries"
    _description = "QuickBooks Sync of Journal Entries"

    _qbo_entity = "JournalEntry"

    def _label_of(self, session, document):
        return self.env._("Journal entry %(number)s", number=document.doc_number)


class QboSyncDeposit(models.AbstractModel):
    _name = "qbo.sync.deposit"
    _inherit = "qbo.sync.entries"
    _description = "QuickBooks Sync of Deposits"

    _qbo_entity = "Deposit"

    def _label_of(self, session, document):
        return self.env._("Deposit %(number)s", number=document.doc_number)


class QboSyncPurchase(models.AbstractModel):
    _name = "qbo.sync.purchase"
    _inherit = "qbo.sync.entries"
    _description = "QuickBooks Sync of Expenses and Cheques"

    _qbo_entity = "Purchase"

    def _label_of(self, session, document):
        return {
            "Check": self.env._("Cheque %(number)s", number=document.doc_number),
            "CreditCardCredit": self.env._("Card credit %(number)s", number=document.doc_number),
        }.get(document.link_type, self.env._("Expense %(number)s", number=document.doc_number))
