"""Payments of the point of sale belong to the closing entry of their session, which stays in Odoo."""

from odoo import models

from ..const import POS_SESSION


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _in_scope(self, session, payment):
        """Money of a session would be credit that nobody has in QuickBooks: what it pays was not sold there."""
        if self._of_session(payment) and not session.qbo_id("Payment", "account.payment", payment.id):
            return False
        return super()._in_scope(session, payment)

    def _targets_of_move(self, session, move):
        return [] if self._of_session(move.statement_line_id) else super()._targets_of_move(session, move)

    def _of_session(self, record):
        return POS_SESSION in record._fields and bool(record[POS_SESSION])


class QboSyncPurchase(models.AbstractModel):
    _inherit = "qbo.sync.purchase"

    def _refund_in_scope(self, session, payment):
        if session.handler("Payment")._of_session(payment):
            return False
        return super()._refund_in_scope(session, payment)
