"""A change that waits may be put back: the side that made it takes the words of the other side again."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...qbo import decide
from ..const import PUT_ODOO, PUT_QBO
from .guard import held_hash
from .locked_payment import ENTRY
from .outbox import approval_hash
from .session import Target


class QboSyncPutBack(models.AbstractModel):
    """Moves the base, so that the ordinary comparison finds the change on the other side and carries it back."""

    _name = "qbo.sync.put.back"
    _description = "QuickBooks Changes that are Put Back"

    def _moved(self, arrival, ours):
        """Return the base as if the waiting change had been agreed, so that it looks undone on the other side since.

        :param ours: what Odoo says now
        """
        base, theirs = decide.load_base(arrival.entity, arrival.binding.base), arrival.document
        odoo, qbo = base.odoo or base.qbo, base.qbo or base.odoo
        if arrival.job.resolution == PUT_QBO:
            return decide.Base(decide.apply_fields(odoo, theirs, decide.changed_fields(qbo, theirs)), theirs)
        return decide.Base(ours, decide.apply_fields(qbo, ours, decide.changed_fields(odoo, ours)))

    def _says_no(self, arrival, reading):
        """Return why a change cannot be put back, '' when it can."""
        if not (arrival.binding and arrival.binding.base):
            return self.env._("It was never the same on both sides, so that there is nothing to put back.")
        if reading.document is None:
            return reading.stay or self.env._(
                "It is not posted in Odoo. Post it there again, or let its change cross.")
        return ""

    def _locked(self, link):
        """Return why Odoo's own lock keeps a record from being posted again; '' when nothing does.

        Posting in a locked period does not fail: Odoo would move the date.
        """
        record, base = link._record(), decide.load_base(link.entity, link.base)
        if record._name == "qbo.application":
            return ""
        said = base.odoo or base.qbo
        day = (record and record.date) or said.txn_date
        company = record.company_id or link.company_id
        journal = record.journal_id if record else self.env["account.journal"]
        locks = company._get_violated_lock_dates(day, bool(getattr(said, "total_tax", 0)), journal)
        return self.env._(
            "%(document)s is of %(day)s, and Odoo's books are locked until %(until)s, so that it cannot be posted "
            "again. Open the period for a moment and put it back then, or let QuickBooks follow Odoo.",
            document=record.display_name if record else link.qbo_id, day=format_date(self.env, day),
            until=format_date(self.env, max(until for until, _field in locks))) if locks else ""

    def _approve(self, session, job, target):
        """Approve what goes out to put QuickBooks back, in spite of the reason for which the change was held."""
        reading = session.handler(target.entity)._read(session, [target])[target]
        jobs = self.env["qbo.sync.outbox"]._open_jobs(session, {target})
        holds = self.env["qbo.sync.guard"]._filed_always()
        for waiting in jobs.values():
            waiting.write({"approved_hash": held_hash(approval_hash(reading), holds),
                           "approved_by_id": job.approved_by_id.id, "approved_at": job.approved_at})


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _prepare(self, session, handler, arrivals):
        """Nothing of what is put back in QuickBooks is written here, so that nothing here can be in its way."""
        return super()._prepare(
            session, handler, [arrival for arrival in arrivals if arrival.job.resolution != PUT_QBO])

    def _decide(self, session, handler, arrival):
        if arrival.job.resolution not in (PUT_QBO, PUT_ODOO) and not arrival.posted_again:
            return super()._decide(session, handler, arrival)
        target, back = self._target_of(arrival), self.env["qbo.sync.put.back"]
        reading = handler._read(session, [target])[target]
        if arrival.job.resolution != PUT_QBO and reading.gone and not arrival.document.voided:
            arrival.redo = lambda: self._post_again(session, handler, arrival, target)
            return arrival.redo()
        why = back._says_no(arrival, reading)
        if why:
            arrival.job.resolution = False
            arrival.job._fail("not_put_back", why, session=session)
            return None
        before = arrival.binding.base
        arrival.binding.base = decide.dump_base(back._moved(arrival, reading.document))
        result = super()._decide(session, handler, arrival)
        if arrival.job.state not in ("done", "warning"):
            arrival.binding.base = before
        return result

    def _post_again(self, session, handler, arrival, target):
        """Post what was cancelled in Odoo as QuickBooks has it; where that fails the cancellation waits again."""
        why = self.env["qbo.sync.put.back"]._locked(arrival.binding)
        if why:
            arrival.job._fail("not_put_back", why, session=session)
        else:
            self._one(session, handler, arrival, lambda: handler._post_again(session, arrival))
        if arrival.job.state == "failed" and arrival.job.resolution == PUT_ODOO:
            # Pressed once more, the button says why not.
            arrival.job._finish("cancelled", error=arrival.job.error)
            self.env["qbo.sync.outbox"]._enqueue(session, {target})


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    def _post_again(self, session, arrival):
        """Post a cancelled document again with the lines and the tax of QuickBooks."""
        self._rewrite(session, arrival.record, arrival)


class QboSyncReceipt(models.AbstractModel):
    _inherit = "qbo.sync.receipt"

    def _post_again(self, session, arrival):
        """Post a cancelled receipt again with its money, which may have been cancelled with it."""
        payment = self._money_of(arrival.record)
        result = super()._post_again(session, arrival)
        if payment.state == "canceled":
            session.handler("Payment")._rewrite(
                session, self._as_payment(arrival, payment), set(ENTRY), self._payment_type)
        if payment:
            self._apply([(arrival, payment)])
        elif arrival.document.total:
            self._pay(session, [arrival])
        return result


class QboSyncPurchase(models.AbstractModel):
    _inherit = "qbo.sync.purchase"

    def _post_again(self, session, arrival):
        """Post a cancelled refund again as QuickBooks has it; what it pays back is applied by payments of its own."""
        self._rewrite_refund(session, arrival)


class QboSyncJournalEntry(models.AbstractModel):
    _inherit = "qbo.sync.journalentry"

    def _post_again(self, session, arrival):
        """Post a cancelled entry of Odoo again as it was.

        :raise UserError: when it was changed before it was cancelled
        """
        move, target = arrival.record, Target(arrival.entity, "account.move", arrival.record.id, arrival.binding.role)
        if move.state == "cancel":
            move.button_draft()
            move._post(soft=False)
        if self._read(session, [target])[target].document != decide.load_base(
                arrival.entity, arrival.binding.base).odoo:
            raise UserError(self.env._(
                "%(entry)s is not what it was when both sides agreed. Make it as it was in Odoo and post it, or let "
                "QuickBooks follow Odoo.", entry=move.display_name))


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _post_again(self, session, arrival):
        """Post a cancelled payment again, and apply it as QuickBooks does."""
        if arrival.record._name == "account.payment":
            self._rewrite(session, arrival, set(ENTRY))
        self._apply_all(session, [arrival])


class QboSyncGuard(models.AbstractModel):
    _inherit = "qbo.sync.guard"

    def _asks_in(self, session, arrival):
        return arrival.job.resolution != PUT_QBO and super()._asks_in(session, arrival)


class QboSyncDispute(models.AbstractModel):
    _inherit = "qbo.sync.dispute"

    def _approve_rest(self, session, arrival, decision, target):
        if arrival.job.resolution != PUT_QBO:
            return super()._approve_rest(session, arrival, decision, target)
        return self.env["qbo.sync.put.back"]._approve(session, arrival.job, target)
