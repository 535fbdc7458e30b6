"""Refunds of Odoo that are locked: what QuickBooks deletes is returned by an entry, another change waits."""

from odoo import models
from odoo.tools import format_amount

from .locked import LockedInOdoo

MODEL = "account.payment"
# What stands in the entry of a payment; texts do not.
ENTRY = frozenset({"lines", "total", "txn_date", "currency", "exchange_rate"})


class QboSyncPurchase(models.AbstractModel):
    _inherit = "qbo.sync.purchase"

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            if arrival.record and arrival.record._name == MODEL and not (
                    arrival.problem or arrival.stay or arrival.needs):
                self._prepare_refund(session, arrival)
        return result

    def _prepare_refund(self, session, arrival):
        """Find out whether a changed refund can be written; else whether its void is booked, or a person decides."""
        locked = self.env["qbo.sync.locked"]
        changed = locked._changed(arrival) & ENTRY
        lock = changed and locked._lock(arrival.record.move_id, False, arrival.document.txn_date)
        if not lock:
            return
        code, text = lock
        void = not arrival.document.lines
        if void and locked._books_difference(session, arrival.entity, code, arrival.job.resolution):
            arrival.instead = code
            return
        words = [text, locked._words(session, arrival), self._refund_step(session, arrival, code)]
        arrival.problem = (code if void else "locked", "\n".join(filter(None, words)))

    def _refund_step(self, session, arrival, code):
        """Say what stays as it is, by how much both sides differ, and what a person does about it."""
        payment, home = arrival.record, arrival.record.currency_id
        step = self.env._("Undo the change in QuickBooks (Put QuickBooks back)") if code == "secured" else self.env._(
            "Open the period for a moment and retry, or undo the change in QuickBooks (Put QuickBooks back)")
        return self.env._(
            "The refund %(refund)s of %(amount)s to %(customer)s stays as it is in Odoo, and is %(theirs)s in "
            "QuickBooks. %(step)s; or book the difference here by hand, then settle this without sync.",
            refund=payment.display_name, amount=format_amount(self.env, payment.amount, home),
            customer=payment.partner_id.display_name,
            theirs=format_amount(self.env, float(arrival.document.total), home), step=step)

    def _update(self, session, arrival):
        if not arrival.instead or arrival.record._name != MODEL or arrival.document.lines:
            return super()._update(session, arrival)
        payments = session.handler("Payment")
        entry = payments._return(session, arrival.record, arrival.binding)
        arrival.warning = payments._returned_text(arrival.record, entry)
        return None

    def _remove_locked(self, session, binding, job):
        """A locked refund that was deleted in QuickBooks is returned by an entry, by the rule or a person's choice."""
        payment, locked = binding._record(), self.env["qbo.sync.locked"]
        lock = payment and binding.model == MODEL and locked._lock(payment.move_id, False)
        if not lock:
            return super()._remove_locked(session, binding, job)
        code, text = lock
        if not locked._books_difference(session, binding.entity, code, job.resolution):
            raise LockedInOdoo(code, self.env._(
                "%(locked)s\nThe refund %(refund)s of %(amount)s to %(customer)s was deleted in QuickBooks.",
                locked=text, refund=payment.display_name, customer=payment.partner_id.display_name,
                amount=format_amount(self.env, payment.amount, payment.currency_id)))
        payments = session.handler("Payment")
        return payments._returned_text(payment, payments._return(session, payment, binding))
