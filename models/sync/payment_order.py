"""Payments that find too little open: what frees a document goes first, and what found it taken is tried again."""

from decimal import Decimal

from odoo import models

from ...qbo.mapping.payment import ENTITY_OF
from .applications import NotOpen


class QboSyncApplier(models.AbstractModel):
    """People take money off one document and apply it to another; QuickBooks tells of both in no special order."""

    _inherit = "qbo.sync.applier"

    def _take_in(self, session, handler, fresh, known):
        if handler._qbo_entity != "Payment":
            return super()._take_in(session, handler, fresh, known)
        session.puts_off = True
        # A changed payment may free what a new one settles; a new one frees nothing.
        for arrival in known:
            self._decide(session, handler, arrival)
        self._create_records(session, handler, fresh)
        late = self._redo_while_it_helps([arrival for arrival in (*known, *fresh) if arrival.again])
        if late and self._change_places(session, handler, late):
            late = self._redo_while_it_helps([arrival for arrival in late if arrival.again])
        session.puts_off = False
        self._redo(late)
        return None

    def _refused(self, session, arrival, error):
        if isinstance(error, NotOpen) and session.puts_off:
            arrival.again = True
            return None
        return super()._refused(session, arrival, error)

    def _redo(self, arrivals):
        """Take arrivals over once more; return those that still find too little open."""
        for arrival in arrivals:
            arrival.again = False
            arrival.redo()
        return [arrival for arrival in arrivals if arrival.again]

    def _redo_while_it_helps(self, arrivals):
        before = len(arrivals) + 1
        while arrivals and len(arrivals) < before:
            before, arrivals = len(arrivals), self._redo(arrivals)
        return arrivals

    def _change_places(self, session, handler, arrivals):
        """Two payments that were applied to each other's documents: both are taken off before either is applied.

        :return: whether that helped; nothing has changed when it did not
        """
        known = [arrival for arrival in arrivals if arrival.record and arrival.record.exists()]
        if len(known) < 2:
            return False
        said = session.said()
        try:
            with self.env.cr.savepoint():
                for arrival in known:
                    handler._take_off(session, arrival.record, arrival.binding.role)
                if self._redo(known):
                    raise NotOpen("")
        except NotOpen:
            self.env.invalidate_all()
            session.unsay(said)
            return False
        return True

    # === WHAT FAILED BEFORE === #

    def _look_again(self, session):
        """Let go on what failed in an earlier run because too little was open, and finds enough now.

        :return: whether there is any
        """
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("state", "=", "failed"),
            ("error_code", "=", NotOpen.code), ("entity", "=", "Payment"), ("run_id", "!=", session.run.id)])
        free = jobs.filtered(lambda job: self._is_open(session, job))
        free.write({"state": "pending", "error": False, "error_code": False})
        for job in free:
            job._set_status("syncing", False)
        return bool(free)

    def _is_open(self, session, job):
        """Tell whether the documents that a payment names have as much open as it applies, counting what it has."""
        document = session.handler("Payment")._arrived(session, job.payload)
        own = self._own_partials(session, job)
        for line in document.lines:
            move = self._settled_move(session, line)
            if move and line.amount > self._open(move, own):
                return False
        return True

    def _settled_move(self, session, line):
        entity = ENTITY_OF.get(line.txn_type)
        place = session.record_id(entity, line.txn_id) if entity in ("Invoice", "CreditMemo") else None
        return self.env["account.move"].browse(place[1]).exists() if place else None

    def _own_partials(self, session, job):
        binding = self.env["qbo.binding"]._by_qbo_id(session.backend, "Payment", [job.qbo_id]).get(job.qbo_id)
        record = binding._record() if binding else None
        if not record:
            return self.env["account.partial.reconcile"]
        if record._name == "qbo.application":
            return session.handler("Payment")._applied_by(session, record)
        move = record if record._name == "account.move" else record.move_id
        return move.line_ids.matched_debit_ids

    def _open(self, move, own):
        """Return what of a document is open, or applied by ``own`` partial reconciliations."""
        items = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        amounts = [abs(item.amount_residual_currency) for item in items]
        amounts += (own & (items.matched_credit_ids | items.matched_debit_ids)).mapped("debit_amount_currency")
        return sum((Decimal(repr(amount)) for amount in amounts), Decimal(0)).quantize(
            Decimal(1).scaleb(-move.currency_id.decimal_places))
