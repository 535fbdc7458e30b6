"""QuickBooks cuts a payment by itself when a document that it settles becomes smaller: nobody changed the payment."""

from odoo import models

from ...qbo import decide


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _follows(self, session, base, theirs):
        """Tell whether QuickBooks' change of a payment only follows from a document that got smaller.

        Applications went down, nothing else changed, and nothing is open on those documents: somebody who takes a
        payment off a document leaves it open. Odoo, where the document was changed, then says what is applied.
        """
        before = base.qbo if base else None
        if before is None or set(decide.changed_fields(before, theirs)) != {"lines"}:
            return False
        now = {(line.txn_type, line.txn_id): line.amount for line in theirs.lines}
        was = {(line.txn_type, line.txn_id): line.amount for line in before.lines}
        cut = [key for key, amount in was.items() if now.get(key, 0) < amount]
        grown = [key for key, amount in now.items() if amount > was.get(key, 0)]
        return bool(cut) and not grown and all(self._is_settled(session, *key) for key in cut)

    def _is_settled(self, session, txn_type, txn_id):
        """Tell whether nothing is open on a document, as QuickBooks last told."""
        binding = self.env["qbo.binding"]._by_qbo_id(session.backend, txn_type, [txn_id]).get(txn_id)
        told = (binding.base or {}).get("qbo") if binding else None
        return bool(told) and not float(told.get("balance") or 0)
