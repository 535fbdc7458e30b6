"""One side took a document or payment back, and the other changed it: nobody's word is lost without a question."""

from odoo import models

from ...qbo import decide
from ..const import MADE_AGAIN, PUT_ODOO, PUT_QBO
from ..merged_role import is_merged
from .outbox import approval_hash
from .session import Target

WITHDRAWN_FROM = ("account.move", "account.payment")
WITHDRAWN = ("cancel", "canceled", "rejected")
# What of a payment follows from the documents that it settles: their removal changes it, and no person.
CONSEQUENCES = {"lines", "unapplied"}


class QboSyncWithdrawn(models.AbstractModel):
    """Decides by the rule of the connection, or lets a person decide; credit that is applied is left to its documents.
    """

    _name = "qbo.sync.withdrawn"
    _description = "QuickBooks Changes of what was Withdrawn"

    # === ODOO CANCELLED OR DELETED IT, QUICKBOOKS CHANGED IT === #

    def _undisputed(self, session, handler, arrivals):
        """Return the arrivals that go on; what is in dispute waits for a person, and where Odoo is right that is all.
        """
        asked = {self._target(arrival): arrival for arrival in arrivals
                 if self._is_withdrawn(session, handler, arrival)}
        readings = handler._read(session, list(asked)) if asked else {}
        settled = {arrival.job for target, arrival in asked.items()
                   if readings[target].gone and self._settle(session, handler, arrival, readings[target])}
        return [arrival for arrival in arrivals if arrival.job not in settled]

    def _target(self, arrival):
        return Target(arrival.entity, arrival.binding.model, arrival.binding.res_id, arrival.binding.role)

    def _is_withdrawn(self, session, handler, arrival):
        """Tell whether Odoo took back, since both sides agreed, what QuickBooks still has."""
        link, job = arrival.binding, arrival.job
        if not link or not link.base or link.missing or is_merged(link.role) or job.resolution in (PUT_ODOO, PUT_QBO) \
                or not self._may_be_gone(arrival) or arrival.document.voided:
            return False
        base = decide.load_base(arrival.entity, link.base)
        # Of what was a draft when it was compared last, only QuickBooks' half is known.
        return bool(base.odoo or base.qbo) and not (base.qbo and base.qbo.voided) \
            and session.allows(arrival.entity, "out") and handler._sends(self._target(arrival))

    def _may_be_gone(self, arrival):
        """Tell whether a record may be gone, without reading it: most arrivals are of records that are not.

        A bank line whose match was undone is, and an entry that books no receivables any more.
        """
        if arrival.binding.model == "qbo.application":
            return self._is_odoo_right(arrival.job)
        if arrival.binding.model not in WITHDRAWN_FROM:
            return False
        record = arrival.record
        return not record or record.state in WITHDRAWN or arrival.entity == "JournalEntry" \
            or arrival.entity == "Payment" and record._name == "account.move" and bool(record.statement_line_id)

    def _settle(self, session, handler, arrival, reading):
        """Settle a dispute in favour of Odoo, or ask; return False where QuickBooks is right: it comes in again."""
        base = decide.load_base(arrival.entity, arrival.binding.base)
        changed = {change.name for change in decide.compare(base, None, arrival.document).changes}
        changed -= self._consequences(arrival.entity)
        winner = "odoo" if not changed or self._is_odoo_right(arrival.job) \
            else self.env["qbo.sync.applier"]._winner(session, handler, arrival, base)
        if winner == "odoo":
            self._withdraw(session, arrival, base, reading)
        elif winner == "ask" or not self._comes_again(arrival):
            self._ask(session, arrival, base)
        else:
            arrival.posted_again = bool(arrival.record) and arrival.record.state in WITHDRAWN
            return False
        return True

    def _comes_again(self, arrival):
        """Tell whether QuickBooks can be right: the money of a receipt that was deleted is here still, and of an entry
        that was written in Odoo QuickBooks knows only a part.
        """
        if arrival.record:
            return arrival.entity != "JournalEntry"
        return (arrival.entity, arrival.binding.model) in MADE_AGAIN and arrival.job._is_alone(arrival.binding)

    def _is_odoo_right(self, job):
        """Tell whether a person said so, as a whole or in each field."""
        return job.resolution == "odoo" or set((job.choices or {}).values()) == {"odoo"}

    def _withdraw(self, session, arrival, base, reading):
        """Let it be void or deleted in QuickBooks too, in the version that was decided about."""
        job, target = arrival.job, self._target(arrival)
        arrival.binding.write({
            "sync_token": arrival.sync_token, "base": decide.dump_base(decide.Base(base.odoo, arrival.document))})
        job._finish("cancelled", error=self.env._("Odoo took it back, and that goes to QuickBooks."))
        outbox = self.env["qbo.sync.outbox"]
        outbox._enqueue(session, {target})
        if self._is_odoo_right(job):
            for waiting in outbox._open_jobs(session, {target}).values():
                waiting.write({"approved_hash": approval_hash(reading), "approved_by_id": job.approved_by_id.id,
                               "approved_at": job.approved_at})

    def _ask(self, session, arrival, base):
        record = arrival.record
        if not self._comes_again(arrival):
            text = self.env._(
                "Odoo took it back, and QuickBooks changed it. 'Odoo is right' takes it back in QuickBooks too. It "
                "cannot come again by itself: enter it by hand in Odoo and link it, or skip this.")
        elif not record:
            text = self.env._(
                "Odoo deleted it, and QuickBooks changed it. 'Odoo is right' takes it back in QuickBooks too, "
                "'QuickBooks is right' makes it again here.")
        elif record.state in WITHDRAWN:
            text = self.env._(
                "Odoo cancelled it, and QuickBooks changed it. 'Odoo is right' takes it back in QuickBooks too, "
                "'QuickBooks is right' posts it again here.")
        else:
            text = self.env._(
                "Its match was undone in Odoo, and QuickBooks changed it. 'Odoo is right' takes it back in QuickBooks "
                "too. If QuickBooks is right, match it again here first.")
        what = self.env["qbo.sync.wording"]._difference(session, base.qbo, arrival.document)
        self._conflict(session, arrival.job, text, what)

    def _conflict(self, session, job, text, what):
        job.write({"difference": what, "dispute": False, "choices": False})
        job._fail("conflict", text, session=session, status="conflict")

    # === QUICKBOOKS DELETED IT, ODOO CHANGED IT === #

    def _asks_removal(self, session, handler, job, link):
        """Let a deletion wait for a person where Odoo changed the record since both sides agreed; tell whether it does.

        Nothing is created again in QuickBooks by a rule alone: only a person says so. What is several records here (a
        receipt with its money) is cancelled as ever, and an entry of Odoo stays booked.
        """
        if (job.resolution or session.policies[job.entity].winner) in ("qbo", "note") or not link.base \
                or (job.entity, link.model) not in MADE_AGAIN or not session.allows(job.entity, "out") \
                or not job._is_alone(link):
            return False
        target = Target(job.entity, link.model, link.res_id, link.role)
        ours = handler._sends(target) and handler._read(session, [target])[target].document
        before = decide.load_base(job.entity, link.base).odoo
        if not ours or not before or not set(decide.changed_fields(before, ours)) - self._consequences(job.entity):
            return False
        self._conflict(session, job, self.env._(
            "QuickBooks deleted it, and Odoo changed it. 'Odoo is right' creates it again in QuickBooks, 'QuickBooks "
            "is right' cancels it here."), self.env["qbo.sync.wording"]._difference(session, before, ours))
        return True

    def _consequences(self, entity):
        return CONSEQUENCES if entity == "Payment" else set()
