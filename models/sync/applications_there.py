"""What QuickBooks' payments say of a document that became smaller there: Odoo cuts the same ones."""

from decimal import Decimal

from odoo import models

from ...qbo import decide


class QboSyncApplications(models.AbstractModel):
    _inherit = "qbo.sync.applications"

    def _as_there(self, session, own, move, applied):
        """Return ``applied`` (see :meth:`_remember`) with the amounts that QuickBooks says now, and those first.

        A document that gets smaller lets go of some of what settles it. QuickBooks has chosen already; Odoo, asked to
        apply everything again, would choose others. What QuickBooks does not know yet comes last and takes the rest.

        :param own: (entity, id) of the document ``move`` in QuickBooks
        """
        links = self._payment_links(session, move, applied)
        said = self._said_there(session, set(filter(None, links)))
        there, ours = [], []
        for link, (other_id, amount, rows) in zip(links, applied, strict=True):
            before, left = said.get(link.qbo_id, ({}, {})) if link else ({}, {})
            if own not in before and own not in left:
                ours.append((other_id, amount, rows))
                continue
            names = [own, *(name for name in self._names_there(session, other_id) if name in left)]
            part = min(Decimal(repr(amount)), *(left.get(name, Decimal(0)) for name in names))
            for name in names:
                left[name] = left.get(name, Decimal(0)) - part
            if part:
                there.append((other_id, float(part), rows))
        return there + ours

    def _payment_links(self, session, move, applied):
        """Return for each row of ``applied`` the link of the payment by which QuickBooks applies it, else None.

        The same credit may be applied to the same document by several payments.
        """
        found = []
        for other_id, _amount, rows in applied:
            other = self.env["account.move.line"].browse(other_id).exists().move_id
            record = rows.payment_id[:1] or rows[:1] or other.origin_payment_id or self._own_row(session, move, other)
            record = record or (other if other.move_type == "entry" else None)
            links = self.env["qbo.binding"]._by_record(
                session.backend, "Payment", record._name, record.ids) if record else {}
            found.append(next((link for link in links.values() if link.qbo_id and not link.missing), None))
        return found

    def _own_row(self, session, *moves):
        """Return the row that stands for what Odoo applied of a credit note; what QuickBooks applied has rows too."""
        rows = self.env["qbo.application"].search([
            ("backend_id", "=", session.backend.id), ("payment_id", "=", False),
            ("credit_move_id", "in", [move.id for move in moves if move.move_type != "out_invoice"])])
        handler = session.handler("Payment")
        return rows.filtered(lambda row: not handler._is_imported(session, row))[:1]

    def _said_there(self, session, links):
        """Return {payment id: (what it settled when both agreed, what it settles now)}, amounts by (type, id)."""
        handler, result = session.handler("Payment"), {}
        open_jobs = self.env["qbo.sync.inbox"]._open_jobs(session, "Payment", [link.qbo_id for link in links])
        for link in links:
            before = decide.load_base("Payment", link.base).qbo if link.base else None
            job = open_jobs.get(link.qbo_id)
            now = before
            if job and job.payload:
                now = None if job.operation == "delete" else handler._arrived(session, job.payload)
            result[link.qbo_id] = (self._amounts(before), self._amounts(now))
        return result

    def _amounts(self, document):
        if document is None or document.voided:
            return {}
        return {(line.txn_type, line.txn_id): line.amount for line in document.lines}

    def _names_there(self, session, item_id):
        """Return [(type, id)] by which QuickBooks' payments call the document of a receivable item."""
        move = self.env["account.move.line"].browse(item_id).exists().move_id
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("model", "=", "account.move"), ("res_id", "=", move.id),
            ("entity", "in", ("Invoice", "CreditMemo")), ("qbo_id", "!=", False)])
        return [(link.entity, link.qbo_id) for link in links]
