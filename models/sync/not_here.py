"""Payments for documents that are not in Odoo: applied as soon as those come, or are posted again."""

from odoo import models

from ...qbo import decide
from ...qbo.mapping.payment import ENTITY_OF
from ..const import REST
from .payment import PAID_STATES
from .session import posted_key, qbo_key


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _later_keys(self, session, names):
        """Return the keys of the events after which a payment may settle transactions that are not posted in Odoo.

        :param names: [(type, id)] of them; what no app can read never comes
        """
        keys = set()
        for entity, txn_id in ((ENTITY_OF[txn_type], txn_id) for txn_type, txn_id in names if txn_type in ENTITY_OF):
            model, res_id = session.record_id(entity, txn_id) or ("account.move", 0)
            record = self.env[model].browse(res_id).exists()
            keys.add(posted_key(_move_of(record).id) if record else qbo_key(entity, txn_id))
        return keys

    def _with_the_rest(self, session, arrival):
        """Return the base of a payment as if QuickBooks had applied, when both agreed, only what Odoo could apply.

        The rest looks like a change of QuickBooks' then; what Odoo changed of it since stays a change of Odoo's.

        :return: None where nothing is left, or what it settles is not here yet
        """
        base = decide.load_base("Payment", arrival.binding.base)
        if not base.qbo or base.qbo.voided or arrival.document.voided \
                or arrival.record._name == "account.payment" and arrival.record.state not in PAID_STATES:
            return None
        ours = base.odoo or type(base.qbo)()
        left = self._left_out(base.qbo, ours)
        here = self._documents(session, [arrival]) if left else {}
        if not left.keys() & here.keys():
            if arrival.document.lines == base.qbo.lines:
                self._say_not_applied(session, arrival, [(*name, amount) for name, amount in left.items()])
            return None
        return decide.Base(base.odoo, decide.apply_fields(base.qbo, ours, ("lines",)))


def _move_of(record):
    return record.move_id if record._name == "account.payment" else record


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _decide(self, session, handler, arrival):
        before, job = arrival.binding and arrival.binding.base, arrival.job
        if arrival.entity != "Payment" or not before:
            return super()._decide(session, handler, arrival)
        if job.resolution == REST and arrival.document != decide.load_base("Payment", before).qbo:
            return job._finish("cancelled", error=self.env._("QuickBooks changed it meanwhile; that comes by itself."))
        moved = handler._with_the_rest(session, arrival)
        if moved:
            arrival.binding.base = decide.dump_base(moved)
        result = super()._decide(session, handler, arrival)
        if moved and job.state not in ("done", "warning"):
            # Otherwise the next change of Odoo would go out without what QuickBooks has applied.
            arrival.binding.base = before
        return result

    def _events(self, arrival):
        """What is posted in Odoo now may be settled by what waits for that."""
        record = arrival.record
        move = _move_of(record) if record._name in ("account.move", "account.payment") else self.env["account.move"]
        return super()._events(arrival) + ([posted_key(move.id)] if move.state == "posted" else [])
