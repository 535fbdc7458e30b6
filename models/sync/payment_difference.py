"""What QuickBooks changes of a payment that wrote something off: the entry of the difference follows the payment."""

from odoo import models


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _update(self, session, arrival):
        result = super()._update(session, arrival)
        self._look_at_difference(session, arrival.record)
        return result

    def _remove(self, session, binding, operation):
        record = binding._record()
        sentence = super()._remove(session, binding, operation)
        self._look_at_difference(session, record)
        return sentence

    def _look_at_difference(self, session, record):
        """Let the entry of what a payment wrote off be read again: nothing else notices what comes from QuickBooks."""
        if record and record._name in ("account.payment", "account.move") and session.allows("JournalEntry", "out"):
            targets = session.handler("JournalEntry")._linked_targets(session, record._name, record.ids)
            self.env["qbo.sync.outbox"]._enqueue(session, set(targets))
