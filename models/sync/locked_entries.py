"""Receivable entries that are locked in Odoo: QuickBooks' change becomes an entry of the difference alone."""

import dataclasses
from decimal import Decimal

from odoo import Command, models

from ...qbo import decide
from ...qbo.documents import ZERO
from ...qbo.mapping.payment import ENTITY_OF
from ..const import ENTRY_ENTITIES
from .locked import LockedInOdoo
from .sales import money

# What stands in the books; texts do not.
AMOUNTS = frozenset({"lines", "total", "voided"})
# What an entry of the difference cannot say: it would be two entries. A customer or an account it can.
IDENTITY = frozenset({"currency", "exchange_rate", "txn_date"})


class QboSyncEntries(models.AbstractModel):
    _inherit = "qbo.sync.entries"

    # === IS IT LOCKED? === #

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            if arrival.record and arrival.record._name == "account.move" and not (
                    arrival.problem or arrival.stay or arrival.needs):
                self._prepare_locked(session, arrival)
        return result

    def _prepare_locked(self, session, arrival):
        """Find out whether a change can be written; else whether its difference is booked, or a person decides."""
        locked = self.env["qbo.sync.locked"]
        changed = locked._changed(arrival) & (AMOUNTS | IDENTITY)
        lock = changed and locked._lock(arrival.record, False, arrival.document.txn_date)
        if not lock:
            return
        code, text = lock
        before = decide.load_base(arrival.entity, arrival.binding.base or {}).qbo
        sayable = before is not None and not changed & IDENTITY and self._customers_known(session, before)
        if sayable and (not self._difference_lines_of(session, arrival.record, before, arrival.document)
                        or locked._books_difference(session, arrival.entity, code, arrival.job.resolution)):
            arrival.instead = code
            return
        words = [text, locked._words(session, arrival)]
        if arrival.job.resolution == "note" or not sayable:
            words.append(self.env._(
                "An entry of the difference cannot say that: date, currency or rate changed, or a customer is not "
                "linked any more. Reverse it in Odoo in an open period and book it anew, then settle this without "
                "sync."))
        arrival.problem = (code, "\n".join(filter(None, words)))

    def _customers_known(self, session, document):
        return all(session.record_id("Customer", line.customer_id) for line in document.lines if line.customer_id)

    def _update(self, session, arrival):
        if not arrival.instead or not set(arrival.fields) & AMOUNTS:
            return super()._update(session, arrival)
        before = decide.load_base(arrival.entity, arrival.binding.base).qbo
        note = self._book_entry_note(session, arrival.record, arrival.binding, before, arrival.document)
        arrival.warning = self._noted(arrival.record, note, arrival.document.total - before.total)
        return None

    def _remove_locked(self, session, binding, job):
        """A locked entry that was deleted in QuickBooks is booked back in full, by the rule or a person's choice."""
        move, locked = binding._record(), self.env["qbo.sync.locked"]
        if not move or move._name != "account.move" or not binding.imported:
            return super()._remove_locked(session, binding, job)
        lock = locked._lock(move, False)
        if not lock:
            return ""
        code, text = lock
        before = decide.load_base(binding.entity, binding.base or {}).qbo
        if before is None or not self._customers_known(session, before) or not locked._books_difference(
                session, binding.entity, code, job.resolution):
            raise LockedInOdoo(code, self.env._(
                "%(locked)s\n%(document)s was deleted in QuickBooks.", locked=text, document=move.display_name))
        after = dataclasses.replace(before, lines=(), total=ZERO)
        return self._noted(move, self._book_entry_note(session, move, binding, before, after), -before.total)

    def _noted(self, move, note, amount):
        if not note:
            return self.env._("Only its wording changed in QuickBooks; %(entry)s is locked in Odoo and stays as it is",
                              entry=move.display_name)
        return self.env._("%(amount)s on receivables is booked by %(note)s, because %(entry)s is locked in Odoo",
                          amount=amount, note=note.display_name, entry=move.display_name)

    # === BOOKING === #

    def _difference_lines_of(self, session, move, before, after):
        """Return the lines of an entry of the difference: by account and customer, what is more or less than before."""
        rows, currency = {}, move.currency_id
        for sign, document in ((-1, before), (1, after)):
            for values in self._lines_values(session, document, currency.id) if document.lines else ():
                values["account_id"] = self._booked_account(move, values)
                row = rows.setdefault((values["account_id"], values.get("partner_id")), {
                    **values, "amount_currency": 0.0, "balance": 0.0})
                row["name"] = values["name"]
                row["amount_currency"] = currency.round(row["amount_currency"] + sign * values["amount_currency"])
                row["balance"] = move.company_currency_id.round(row["balance"] + sign * values["balance"])
        return [row for row in rows.values() if row["amount_currency"] or row["balance"]]

    def _booked_account(self, move, values):
        """Return the account of a line; of a customer the receivable account on which the entry has it already."""
        own = self._owed_items(move).filtered(lambda item: item.partner_id.id == values.get("partner_id"))
        return own.account_id[:1].id or values["account_id"] if values.get("partner_id") else values["account_id"]

    def _book_entry_note(self, session, move, binding, before, after):
        """Create, post, apply and link the entry of the difference; an empty recordset when there is none.

        :param before, after: neutral forms of QuickBooks' entry; amounts in its currency
        """
        lines = self._difference_lines_of(session, move, before, after)
        if not lines:
            return self.env["account.move"]
        locked = self.env["qbo.sync.locked"]
        note = self._importing(session, "account.move").create({
            "move_type": "entry", "company_id": move.company_id.id, "journal_id": move.journal_id.id,
            "date": locked._open_day(move.company_id, move.journal_id, False), "currency_id": move.currency_id.id,
            "partner_id": move.partner_id.id,
            "ref": self.env._("Difference of %(document)s", document=move.name),
            "line_ids": [Command.create(line) for line in lines]})
        note._post(soft=False)
        self._apply_entry_note(session, move, binding, note)
        locked._bind_note(session, binding, note, self.env._(
            "It books what QuickBooks changed of %(document)s.", document=move.display_name))
        return note

    def _apply_entry_note(self, session, move, binding, note):
        """Set the note against what it lowers; what was applied to that goes free as far as it no longer fits."""
        applications, locked = self.env["qbo.sync.applications"], self.env["qbo.sync.locked"]
        none = self.env["qbo.application"]
        notes = self._owed_items(self.env["account.move"].browse(locked._note_ids(session)).exists())
        for document in move | locked._notes(session, binding.entity, binding.qbo_id):
            fresh = self._lowering(note, document)
            if fresh:
                applied = applications._remember(document)
                self._owed_items(document).remove_move_reconcile()
                applications._restore(document, [
                    *(other for other in applied if other[0] in notes.ids),
                    *((item.id, abs(item.amount_residual_currency), none) for item in fresh),
                    *(other for other in applied if other[0] not in notes.ids)])

    def _lowering(self, note, document):
        """Return the open items of a note that lower what a document books of the same customer and account."""
        own = self._owed_items(document)
        return self._owed_items(note).filtered(lambda item: not item.reconciled and any(
            other.balance * item.balance < 0 and (other.account_id, other.partner_id) == (
                item.account_id, item.partner_id) for other in own))

    def _owed_items(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # === BOTH === #

    def _whole(self, session, binding, document):
        """Return what Odoo says of an entry together with the entries that book its differences."""
        if document is None or not binding or not binding.qbo_id or not binding.imported:
            return super()._whole(session, binding, document)
        notes = self.env["qbo.sync.locked"]._notes(session, binding.entity, binding.qbo_id)
        total = sum((money(item.amount_currency, item.currency_id) for item in self._owed_items(notes)), Decimal(0))
        return dataclasses.replace(document, total=document.total + total)

    def _link_of_note(self, session, move_id):
        """Return (type, id) by which payments call the object whose difference an entry books, None for others."""
        entity, qbo_id = self.env["qbo.sync.locked"]._note_ids(session).get(move_id, ("", ""))
        if entity not in ENTRY_ENTITIES:
            return None
        binding = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, [qbo_id])[qbo_id]
        told = decide.load_base(entity, binding.base or {}).qbo
        return (told.link_type or entity) if told else entity, qbo_id


# What settles an entry settles also the entries of its differences, and they are one object in QuickBooks.
class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _link(self, session, reading, item):
        return session.handler("JournalEntry")._link_of_note(session, item.move_id.id) \
            or super()._link(session, reading, item)

    def _targets_of_move(self, session, move):
        if session.handler("JournalEntry")._link_of_note(session, move.id):
            # What came from QuickBooks as one application of both stands under the entry itself.
            entity, qbo_id = self.env["qbo.sync.locked"]._note_ids(session)[move.id]
            own = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, [qbo_id])[qbo_id]._record()
            return [*self._application_targets(session, move), *self._application_targets(session, own)]
        return super()._targets_of_move(session, move)

    def _credit_partials(self, session, move):
        """What an entry and those of its differences take from each other is no application."""
        handler = session.handler("JournalEntry")
        partials = super()._credit_partials(session, move)
        notes = partials.filtered(lambda partial: handler._link_of_note(session, partial.debit_move_id.move_id.id))
        same = self._same_object(session, move) if notes or handler._link_of_note(session, move.id) else None
        return partials.filtered(
            lambda partial: self._same_object(session, partial.debit_move_id.move_id) != same) if same else partials

    def _same_object(self, session, move):
        handler = session.handler("JournalEntry")
        links = handler._links(session, move).get(move.id, {}) if move.move_type == "entry" else {}
        return handler._link_of_note(session, move.id) or links.get("")

    def _items(self, session, arrival, move, sign):
        """Return the items of an entry with those of its differences."""
        items = super()._items(session, arrival, move, sign)
        link = self._same_object(session, move) if move.move_type == "entry" else None
        for note in self.env["qbo.sync.locked"]._notes(session, ENTITY_OF[link[0]], link[1]) if link else ():
            items |= super()._items(session, arrival, note, sign)
        return items.filtered(lambda item: not item.reconciled) or items

