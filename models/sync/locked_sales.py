"""Invoices and credit notes that are locked in Odoo: QuickBooks' change becomes a note of the difference alone."""

import dataclasses
from decimal import Decimal

from odoo import Command, models

from ...qbo import decide
from ...qbo.documents import ZERO
from .locked import DIFFERENCE, LockedInOdoo
from .sales import money

# What stands in the books; texts, terms and addresses do not.
AMOUNTS = frozenset({"lines", "total", "total_tax", "tax_code_id", "global_tax", "apply_tax_after_discount", "voided"})
# What a note of a difference cannot say: it would be two documents.
IDENTITY = frozenset({"customer_id", "currency", "exchange_rate", "txn_date"})


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    # === IS IT LOCKED? === #

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            if arrival.record and not arrival.problem and not arrival.stay:
                self._prepare_locked(session, arrival)
        return result

    def _locked(self, session, arrival):
        """A new document cannot be dated in a locked period; one that is here already is looked at by what changed."""
        return None if arrival.record else super()._locked(session, arrival)

    def _prepare_locked(self, session, arrival):
        """Find out whether a change can be written; else whether its difference is booked, or a person decides."""
        locked = self.env["qbo.sync.locked"]
        changed = locked._changed(arrival) & (AMOUNTS | IDENTITY)
        taxed = bool(arrival.document.total_tax or arrival.record.amount_tax)
        lock = changed and not self._classes_only(arrival, changed) \
            and locked._lock(arrival.record, taxed, arrival.document.txn_date)
        if not lock:
            return
        code, text = lock
        if not changed & IDENTITY and not arrival.binding.role and locked._books_difference(
                session, arrival.entity, code, arrival.job.resolution):
            arrival.instead = code
            return
        words = [text, locked._words(session, arrival)]
        if arrival.job.resolution == "note":
            words.append(self._cannot())
        arrival.problem = (code, "\n".join(filter(None, words)))

    def _classes_only(self, arrival, changed):
        """Tell whether classes of lines are all that a change of ``changed`` is: they stand beside the books."""
        before = decide.load_base(arrival.entity, arrival.binding.base or {}).qbo
        return self.env["qbo.sync.dimensions"]._only(before, arrival.document, changed, frozenset())

    def _cannot(self):
        return self.env._(
            "A note of the difference cannot say that: customer, date, currency or rate changed, or it is a receipt, "
            "whose money changes with it. Credit the whole document in Odoo and write it again, then settle this "
            "without sync.")

    def _update(self, session, arrival):
        if not arrival.instead or not set(arrival.fields) & AMOUNTS:
            return super()._update(session, arrival)
        self._book_difference(session, arrival)
        return None

    def _remove_locked(self, session, binding, job):
        """A locked document that was deleted in QuickBooks is credited in full, by the rule or a person's choice."""
        move, locked = binding._record(), self.env["qbo.sync.locked"]
        lock = move and locked._lock(move, bool(move.amount_tax))
        if not lock:
            return ""
        code, text = lock
        if binding.role or not locked._books_difference(session, binding.entity, code, job.resolution):
            raise LockedInOdoo(code, self.env._(
                "%(locked)s\n%(document)s was deleted in QuickBooks.", locked=text, document=move.display_name))
        before = decide.load_base(binding.entity, binding.base or {}).qbo
        if before is None:
            raise LockedInOdoo(code, self.env._(
                "%(locked)s\n%(document)s was deleted in QuickBooks. Credit it in an open period.", locked=text,
                document=move.display_name))
        note = self._note_of(session, move, binding, before, self._emptied(before))
        if not note:
            return self.env._("It was deleted in QuickBooks; nothing of it was left there.")
        return self.env._("It was deleted in QuickBooks and is credited here by %(note)s, because it is locked.",
                          note=note.display_name)

    # === THE DIFFERENCE === #

    def _book_difference(self, session, arrival):
        before = decide.load_base(arrival.entity, arrival.binding.base).qbo
        after = self._emptied(arrival.document) if arrival.document.voided else arrival.document
        note = self._note_of(session, arrival.record, arrival.binding, before, after)
        if note:
            arrival.warning = self.env._(
                "%(amount)s is booked by %(note)s, because %(document)s is locked in Odoo",
                amount=after.total - before.total, note=note.display_name, document=arrival.record.display_name)
        else:
            arrival.warning = self.env._(
                "Only its wording changed in QuickBooks; %(document)s is locked in Odoo and stays as it is",
                document=arrival.record.display_name)

    def _emptied(self, document):
        """Return the document without amounts: what a void or a deletion leaves."""
        return dataclasses.replace(document, lines=(), total=ZERO, total_tax=ZERO, tax_lines=())

    def _note_of(self, session, move, binding, before, after):
        """Create, post, apply and link the note that books the difference; an empty recordset when there is none.

        :param before, after: neutral forms of QuickBooks' document; amounts in its currency
        :raise LockedInOdoo: when a note cannot say the difference
        """
        lines = self._changed_lines(session, before, after)
        tax, total = after.total_tax - before.total_tax, after.total - before.total
        if not lines and not tax:
            return self.env["account.move"]
        sign = 1 if total >= 0 else -1
        for line in lines:
            line["price_unit"] *= sign
        self._tax_of_note(session, after, lines, sign * tax)
        note = self._moves(session).create(self._note_values(session, move, total, lines))
        self._post_inert(note)
        if money(note.amount_total, note.currency_id) != abs(total):
            raise LockedInOdoo("locked_change", self.env._(
                "A note of the difference comes to %(ours)s in Odoo and to %(theirs)s in QuickBooks. Book it by hand, "
                "then settle this without sync.", ours=note.amount_total, theirs=abs(total)))
        self._apply_note(session, move, binding, note)
        self.env["qbo.sync.locked"]._bind_note(session, binding, note, self.env._(
            "It books what QuickBooks changed of %(document)s.", document=move.display_name))
        return note

    def _changed_lines(self, session, before, after):
        """Return the lines of a note: by product, taxes and account, what QuickBooks has more or less than before."""
        rows = {}
        for sign, document in ((-1, before), (1, after)):
            for line in self._lines_values(session, document):
                if line.get("display_type"):
                    continue
                key = (line.get("product_id"), tuple(line["tax_ids"][0][2]), line.get("account_id"),
                       "" if line.get("product_id") else line["name"])
                row = rows.setdefault(key, {**line, "quantity": 1.0, "discount": 0.0, "amount": ZERO})
                row["name"] = line["name"] if sign > 0 else row["name"]
                row["amount"] += sign * self._net(line)
        kept = [row for row in rows.values() if row["amount"]]
        for row in kept:
            row["price_unit"] = float(row.pop("amount"))
            row.pop("extra_tax_data", None)
        return kept

    def _tax_of_note(self, session, document, lines, tax):
        """Let the lines of a note bear exactly the tax that QuickBooks charged more or less."""
        taxed = [line for line in lines if line["tax_ids"][0][2]]
        if tax and not taxed:
            raise LockedInOdoo("locked_change", self.env._(
                "Only the tax changed in QuickBooks, by %(amount)s. Book it by hand in an open period, then settle "
                "this without sync.", amount=tax))
        self._fix_tax(session, dataclasses.replace(document, total_tax=tax), lines)

    def _note_values(self, session, move, total, lines):
        """Return the values of a note: same customer, journal, currency and rate, dated in the open period."""
        day = self.env["qbo.sync.locked"]._open_day(move.company_id, move.journal_id, bool(move.amount_tax))
        # What raises or lowers a sales receipt that is an invoice in QuickBooks is an invoice or credit note too.
        own, other = ("out_refund", "out_invoice") if move.move_type == "out_refund" else ("out_invoice", "out_refund")
        values = {
            "move_type": own if total >= 0 else other, "company_id": move.company_id.id,
            "journal_id": move.journal_id.id, "partner_id": move.partner_id.id, "invoice_date": day, "date": day,
            "invoice_payment_term_id": False, "invoice_date_due": max(day, move.invoice_date_due or day),
            "currency_id": move.currency_id.id, "invoice_user_id": move.invoice_user_id.id,
            "invoice_origin": move.name, "ref": self.env._("Difference of %(document)s", document=move.name),
            "invoice_line_ids": [Command.create(line) for line in lines]}
        if move.currency_id != move.company_id.currency_id:
            values["invoice_currency_rate"] = move.invoice_currency_rate
        return values

    def _apply_note(self, session, move, binding, note):
        """Apply a note that lowers a document to it; what it was paid with goes free as far as it no longer fits."""
        if self._raises(note, move):
            return
        applications, locked = self.env["qbo.sync.applications"], self.env["qbo.sync.locked"]
        own = move | locked._notes(session, binding.entity, binding.qbo_id).filtered(
            lambda other: self._raises(other, move))
        items = self._receivable_items(own)
        fresh = [(item.id, note.amount_total, self.env["qbo.application"]) for item in self._receivable_items(note)]
        if note.currency_id.compare_amounts(
                sum(abs(item.amount_residual_currency) for item in items), note.amount_total) >= 0:
            applications._spread(own, fresh)
            return
        applied = [row for document in own for row in applications._remember(document)]
        items.remove_move_reconcile()
        # Notes are not money: they go before what was paid, and of that QuickBooks has chosen what goes free.
        notes = set(self._receivable_items(self.env["account.move"].browse(locked._note_ids(session))).ids)
        applications._spread(own, [
            *(row for row in applied if row[0] in notes), *fresh,
            *applications._as_there(session, (binding.entity, binding.qbo_id), move, [
                row for row in applied if row[0] not in notes])])

    def _raises(self, note, move):
        """Tell whether a note adds to the document whose difference it books."""
        return (note.move_type == "out_refund") == (move.move_type == "out_refund")

    def _receivable_items(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    # === NOTES HAVE NO LIFE OF THEIR OWN IN QUICKBOOKS === #

    def _in_scope(self, session, move):
        return not self.env["qbo.sync.locked"]._is_note(session, move.id) and super()._in_scope(session, move)

    def _deleted(self, session, ids):
        return [target for target in super()._deleted(session, ids) if not target.role.startswith(DIFFERENCE)]

    def _whole(self, session, binding, document):
        """Return what Odoo says of a document together with the notes that book its differences."""
        if document is None or not binding or not binding.qbo_id:
            return document
        notes = self.env["qbo.sync.locked"]._notes(session, binding.entity, binding.qbo_id)
        total, tax = document.total, document.total_tax
        for note in notes:
            sign = Decimal(1 if (note.move_type == "out_refund") == (self._move_type == "out_refund") else -1)
            total += sign * money(note.amount_total, note.currency_id)
            tax += sign * money(note.amount_tax, note.currency_id)
        return dataclasses.replace(document, total=total, total_tax=tax)
