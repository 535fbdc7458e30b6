"""Which document of QuickBooks stands for a document of Odoo."""

from odoo import models

# Handlers that share documents of Odoo between them.
SALES_ENTITIES = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
RECEIPT_ENTITIES = ("SalesReceipt", "RefundReceipt")
DOCUMENT, SETTLEMENT = "document", "settlement"
PAID_STATES = ("in_process", "paid")
# Below zero a document is the opposite one: QuickBooks refuses negative totals.
ENTITIES = {"out_invoice": ("Invoice", "CreditMemo"), "out_receipt": ("Invoice", "CreditMemo"),
            "out_refund": ("CreditMemo", "Invoice")}


class QboSyncRepresentation(models.AbstractModel):
    """The rule, in this order.

    What is linked stays what it is: nobody turns a document of QuickBooks into one of another type. A sales receipt
    that one payment of the same day settles as a whole is a SalesReceipt, a credit note that is paid back so a
    RefundReceipt: there the receivables do not move. Everything else is an Invoice or a CreditMemo, by the sign of its
    total, with payments of its own.
    """

    _name = "qbo.sync.representation"
    _description = "QuickBooks Representation of Documents"

    def _entity(self, session, move):
        """Return the entity that stands for ``move``, '' when there is none."""
        return self._entities(session, move).get(move.id, "")

    def _entities(self, session, moves):
        """Return {id: entity} of sales documents."""
        own = moves.filtered(lambda move: move.move_type in ENTITIES)
        # An ordinary invoice is never anything else, and there are many.
        plain = own.filtered(lambda move: move.move_type == "out_invoice" and move.amount_total >= 0)
        linked = self._linked(session, own - plain)
        return {**dict.fromkeys(plain.ids, "Invoice"),
                **{move.id: linked.get(move.id) or self._by_rule(session, move) for move in own - plain}}

    def _linked(self, session, moves):
        """Return {id: entity} of the documents that QuickBooks has."""
        if not moves:
            return {}
        bindings = self.env["qbo.binding"].search_read(
            [("backend_id", "=", session.backend.id), ("entity", "in", SALES_ENTITIES), ("model", "=", "account.move"),
             ("role", "in", ("", DOCUMENT)), ("res_id", "in", moves.ids), ("qbo_id", "!=", False)],
            ["res_id", "entity"], load=None)
        return {binding["res_id"]: binding["entity"] for binding in bindings}

    def _by_rule(self, session, move):
        positive, negative = ENTITIES[move.move_type]
        if move.move_type == "out_receipt" and move.amount_total >= 0 and (
                not self._is_applied(move) or self._settlement(session, move)):
            return "SalesReceipt"
        if move.move_type == "out_refund" and move.amount_total > 0 and self._settlement(session, move):
            return "RefundReceipt"
        return negative if move.amount_total < 0 else positive

    # === THE MONEY OF A RECEIPT === #

    def _is_applied(self, move):
        items = self._receivable(move)
        return bool(items.matched_credit_ids or items.matched_debit_ids)

    def _settlement(self, session, move):
        """Return the one payment that settles the whole document on its own day, and nothing else; else none."""
        payment = self._only_payment(move)
        own = payment and any(
            session.qbo_id(entity, "account.payment", payment.id) for entity in ("Payment", "Purchase"))
        home = payment and session.handler("Payment")._stays_home(session, payment.journal_id)
        return payment.browse() if own or home else payment

    def _only_payment(self, move):
        none = self.env["account.payment"]
        partials = self._applied(self._receivable(move))
        if len(partials) != 1:
            return none
        other = partials.debit_move_id if move.move_type == "out_refund" else partials.credit_move_id
        payment = other.move_id.origin_payment_id
        direction = "outbound" if move.move_type == "out_refund" else "inbound"
        same = payment.state in PAID_STATES and payment.payment_type == direction \
            and payment.partner_type == "customer" and payment.date == move.invoice_date \
            and payment.currency_id == move.currency_id \
            and payment.partner_id.commercial_partner_id == move.commercial_partner_id \
            and move.currency_id.compare_amounts(
                float(self.env["qbo.sync.payment"]._came_in(payment)), move.amount_total) == 0 \
            and move.currency_id.is_zero(move.amount_residual)
        return payment if same else none

    def _applied(self, items):
        """Return the partial reconciliations of items, without those of exchange differences: these move home values.
        """
        partials = items.matched_credit_ids | items.matched_debit_ids
        return partials.filtered(lambda one: one.debit_amount_currency or one.credit_amount_currency)

    def _receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _receipt_of(self, session, payments):
        """Return {payment id: document} of the payments that are the money of a receipt, and no Payment therefore."""
        rows = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "in", RECEIPT_ENTITIES), ("role", "=", SETTLEMENT),
            ("model", "=", "account.payment"), ("res_id", "in", payments.ids), ("qbo_id", "!=", False)])
        documents = {row.qbo_id: row.res_id for row in self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "in", RECEIPT_ENTITIES), ("role", "=", DOCUMENT),
            ("qbo_id", "in", rows.mapped("qbo_id"))])} if rows else {}
        found = {row.res_id: self.env["account.move"].browse(documents[row.qbo_id]) for row in rows
                 if row.qbo_id in documents}
        for payment in payments.exists():
            if payment.id not in found:
                move = self._settled_by_rule(session, payment)
                if move:
                    found[payment.id] = move
        return found

    def _settled_by_rule(self, session, payment):
        """Return the document that an unlinked payment makes a receipt; none when it is a payment of its own."""
        partials = self._applied(self._receivable(payment.move_id))
        if len(partials) != 1 or payment.state not in PAID_STATES:
            return self.env["account.move"]
        move = (partials.debit_move_id | partials.credit_move_id).move_id - payment.move_id
        if move.move_type not in ("out_receipt", "out_refund") or self._settlement(session, move) != payment:
            return self.env["account.move"]
        return move if self._entity(session, move) in RECEIPT_ENTITIES else self.env["account.move"]
