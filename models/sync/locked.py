"""What may not be changed in Odoo: locked periods, secured journals, sent e-invoices; and what is done instead."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...qbo import decide

# A note books what QuickBooks changed of a document that is locked; it is bound to that one object of QuickBooks.
DIFFERENCE = "difference:"


class LockedInOdoo(UserError):
    """A change of QuickBooks that cannot be written; ``code`` is the entry of the error guide."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class QboSyncLocked(models.AbstractModel):
    """Tells whether a posted entry may be changed, and which rule holds when it may not."""

    _name = "qbo.sync.locked"
    _description = "QuickBooks and Locked Entries"

    def _lock(self, move, taxed, also=None):
        """Return ``(code, sentence)`` of what keeps a posted entry from being changed, None when nothing does.

        :param bool taxed: whether taxes are concerned, so that the tax lock date counts too
        :param date also: another date that the entry would get
        """
        if not move or move.state != "posted":
            return None
        if move.inalterable_hash or move.need_cancel_request:
            return ("secured", self.env._(
                "It is secured in Odoo (by its hash, or because it was sent as an e-invoice) and cannot be changed any "
                "more."))
        locks = [lock for day in {move.date, also or move.date}
                 for lock in move.company_id._get_violated_lock_dates(day, taxed, move.journal_id)]
        if not locks:
            return None
        return ("locked_change", self.env._(
            "It is in a period that is locked in Odoo (until %(until)s).",
            until=max(day for day, _field in locks)))

    def _books_difference(self, session, entity, code, resolution):
        """Tell whether the difference is booked as an entry of its own: by a person's choice, else by the rule.

        What is secured stays so for ever; a locked period somebody can open, so that a person is asked there.
        """
        rule = session.policies[entity].locked_rule
        return resolution == "note" or rule == "note" or (rule == "secured" and code == "secured")

    def _changed(self, arrival):
        """Return the names of the fields in which QuickBooks says something else than at the last agreement."""
        stored = arrival.binding and arrival.binding.base
        before = decide.load_base(arrival.entity, stored).qbo if stored else None
        return set(decide.changed_fields(before or type(arrival.document)(), arrival.document))

    def _open_day(self, company, journal, taxed):
        """Return today in the company, or the first day after its locks."""
        day = fields.Date.context_today(self.with_company(company))
        locks = company._get_violated_lock_dates(day, taxed, journal)
        return max(lock for lock, _field in locks) + timedelta(days=1) if locks else day

    def _words(self, session, arrival):
        """Return what QuickBooks changed, old to new."""
        stored = arrival.binding and arrival.binding.base
        before = decide.load_base(arrival.entity, stored).qbo if stored else None
        text = self.env["qbo.sync.wording"]._difference(session, before, arrival.document)
        return self.env._(
            "QuickBooks changed %(document)s: %(what)s", document=arrival.record.display_name,
            what="; ".join(text.splitlines())) if text else ""

    # === NOTES THAT BOOK A DIFFERENCE === #

    def _notes(self, session, entity, qbo_id):
        """Return the documents that book differences of one object of QuickBooks."""
        rows = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id),
            ("role", "=like", f"{DIFFERENCE}%")])
        return self.env["account.move"].browse(rows.mapped("res_id")).exists().filtered(
            lambda move: move.state == "posted")

    def _is_note(self, session, move_id):
        """Tell whether a document books a difference: it has no object of its own in QuickBooks."""
        return move_id in self._note_ids(session)

    def _note_ids(self, session):
        """Return {id of each note: (entity, id) of the object of QuickBooks}, read once a slice."""
        rows = self.env["qbo.binding"].search
        return session.once(("differences",), lambda: {row.res_id: (row.entity, row.qbo_id) for row in rows([
            ("backend_id", "=", session.backend.id), ("role", "=like", f"{DIFFERENCE}%")])})

    def _bind_note(self, session, binding, note, text):
        """Link a note to the object whose change it books."""
        self._note_ids(session)[note.id] = (binding.entity, binding.qbo_id)
        self.env["qbo.binding"].create({
            "backend_id": session.backend.id, "company_id": session.backend.company_id.id, "entity": binding.entity,
            "model": "account.move", "res_id": note.id, "role": f"{DIFFERENCE}{note.id}", "qbo_id": binding.qbo_id,
            "status": "synced", "synced_at": fields.Datetime.now(), "imported": True, "note": text})
