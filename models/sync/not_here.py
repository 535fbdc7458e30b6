"""Payments for documents that are not in Odoo: what tells that those came, or are posted again."""

from odoo import models

from ...qbo.mapping.payment import ENTITY_OF
from .session import posted_key, qbo_key


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _later_key(self, session, txn_type, txn_id):
        """Return the key of the event after which a payment may settle a transaction that is not posted in Odoo."""
        entity = ENTITY_OF.get(txn_type, txn_type)
        model, res_id = session.record_id(entity, txn_id) or ("", 0)
        is_here = model == "account.move" and self.env[model].browse(res_id).exists()
        return posted_key(res_id) if is_here else qbo_key(entity, txn_id)
