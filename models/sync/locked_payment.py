"""Payments that are locked in Odoo: applications may change, a void is booked as an entry of its own."""

from odoo import models

from .locked import LockedInOdoo
from .representation import ENTITIES

# What stands in the entry; applications and texts do not.
ENTRY = frozenset({"total", "txn_date", "customer_id", "deposit_account_id", "currency", "exchange_rate", "voided"})

RAISED = {"Invoice": "out_invoice", "CreditMemo": "out_refund"}
"""Entity: kind of the notes that raise what is open of its documents."""


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            if arrival.record and not arrival.problem and not arrival.stay:
                self._prepare_locked(session, arrival)
        return result

    def _locked(self, session, arrival):
        """A new payment cannot be dated in a locked period; one that is here already is looked at by what changed."""
        return None if arrival.record else super()._locked(session, arrival)

    def _prepare_locked(self, session, arrival):
        locked = self.env["qbo.sync.locked"]
        changed = locked._changed(arrival) & ENTRY
        if arrival.record._name != "account.payment" or not changed:
            return
        lock = locked._lock(arrival.record.move_id, False, arrival.document.txn_date)
        if not lock:
            return
        code, text = lock
        if arrival.document.voided and locked._books_difference(session, "Payment", code, arrival.job.resolution):
            arrival.instead = code
            return
        words = [text, locked._words(session, arrival)]
        if not arrival.document.voided:
            words.append(self.env._(
                "Open the period, or return the payment in Odoo and enter it again, then settle this without sync."))
        arrival.problem = (code if arrival.document.voided else "locked", "\n".join(filter(None, words)))

    def _update(self, session, arrival):
        if not arrival.instead or "voided" not in arrival.fields:
            return super()._update(session, arrival)
        entry = self._return(session, arrival.record, arrival.binding)
        arrival.warning = self._returned_text(arrival.record, entry)
        return None

    def _remove_locked(self, session, binding, job):
        """A locked payment that was deleted in QuickBooks is returned by an entry, by the rule or a person's choice."""
        payment, locked = binding._record(), self.env["qbo.sync.locked"]
        if not payment or payment._name != "account.payment":
            return ""
        lock = locked._lock(payment.move_id, False)
        if not lock:
            return ""
        code, text = lock
        if not locked._books_difference(session, "Payment", code, job.resolution):
            raise LockedInOdoo(code, self.env._(
                "%(locked)s\n%(document)s was deleted in QuickBooks.", locked=text, document=payment.display_name))
        return self._returned_text(payment, self._return(session, payment, binding))

    def _returned_text(self, payment, entry):
        return self.env._(
            "It is void in QuickBooks and returned here by %(entry)s, because %(payment)s is locked",
            entry=entry.display_name, payment=payment.display_name)

    def _return(self, session, payment, binding):
        """Book the opposite of a payment's entry in the open period; its invoices are open again. Return the entry."""
        self._unapply(payment)
        move = payment.move_id
        day = self.env["qbo.sync.locked"]._open_day(move.company_id, move.journal_id, False)
        entry = self._importing(session, "account.move").browse(move.id)._reverse_moves([
            {"date": day, "ref": self.env._("Void in QuickBooks: %(payment)s", payment=payment.display_name)}])
        entry._post(soft=False)
        for line in move.line_ids.filtered(lambda item: item.account_id.reconcile and not item.reconciled):
            (line | entry.line_ids.filtered(
                lambda item, line=line: item.account_id == line.account_id and not item.reconciled)).reconcile()
        return entry

    # === NOTES THAT BOOK A DIFFERENCE === #

    def _targets_of_move(self, session, move):
        """What a note adds to a credit memo is credit of that."""
        entity, qbo_id = self.env["qbo.sync.locked"]._note_ids(session).get(move.id, ("", ""))
        if (entity, move.move_type) != ("CreditMemo", "out_refund"):
            return super()._targets_of_move(session, move)
        place = session.record_id(entity, qbo_id)
        return super()._targets_of_move(session, self.env["account.move"].browse(place[1])) if place else []

    def _link(self, session, reading, item):
        """A payment of a note pays the document whose difference it books, and its credit is credit of that.

        A note that lowers a document settles that one only: over there it is a part of it, and nothing to settle.
        """
        move = item.move_id
        entity, qbo_id = self.env["qbo.sync.locked"]._note_ids(session).get(move.id, ("", ""))
        if not entity:
            return super()._link(session, reading, item)
        if RAISED.get(entity) == move.move_type:
            return entity, qbo_id
        if entity in RAISED:
            reading.problem = ("note_applied", self.env._(
                "%(note)s of %(customer)s books what QuickBooks changed of %(document)s, and settles something else "
                "here. In QuickBooks it is a part of %(document)s. Undo that reconciliation, and reconcile %(note)s "
                "with %(document)s.", note=move.name, customer=move.commercial_partner_id.display_name,
                document=self.env["qbo.sync.wording"]._record_name(session, entity, qbo_id)))
        return None

    def _credit_partials(self, session, move):
        """What a note takes from the document that it corrects is no application; what it adds is applied."""
        notes, found = self.env["qbo.sync.locked"]._note_ids(session), super()._credit_partials(session, move)
        for note in self._raising(session, move) if move.move_type == "out_refund" else ():
            found |= super()._credit_partials(session, note)
        return found.filtered(
            lambda partial: self._settles_another(session, move, partial.debit_move_id.move_id)) if notes else found

    def _settles_another(self, session, credit, debit):
        """Tell whether a credit settles something else than the document that it corrects, or that corrects it."""
        notes = self.env["qbo.sync.locked"]._note_ids(session)
        if credit.id not in notes and debit.id not in notes:
            return True
        own, other = self._object(session, credit), self._object(session, debit)
        # A document that has lost its link may be the one that is corrected.
        return own != other if own and other else credit.move_type == "entry"

    def _object(self, session, move):
        """Return (entity, id) of the document of QuickBooks that a document is, or of which it books a difference.

        It may have been deleted there.
        """
        note = self.env["qbo.sync.locked"]._note_ids(session).get(move.id)
        entity = not note and self.env["qbo.sync.representation"]._entity(session, move)
        links = self.env["qbo.binding"]._by_record(session.backend, entity, "account.move", move.ids) if entity else {}
        return note or next(((entity, link.qbo_id) for link in links.values() if link.qbo_id), None)

    def _items(self, session, arrival, move, sign):
        """Return the items of a document with those of the notes that raised it."""
        return super()._items(session, arrival, move, sign) | self._receivable(self._raising(session, move))

    def _raising(self, session, move):
        """Return the notes that raised a document."""
        locked = self.env["qbo.sync.locked"]
        if move.move_type not in ENTITIES or not locked._note_ids(session):
            return move.browse()
        entity = "CreditMemo" if move.move_type == "out_refund" else "Invoice"
        notes = locked._notes(session, entity, session.qbo_id(entity, "account.move", move.id))
        return notes.filtered(lambda note: note.move_type == RAISED[entity])
