"""Sales receipts and refund receipts, Odoo to neutral form: a document and the one payment that settles it."""

import dataclasses

from odoo import models

from ...qbo import documents
from .representation import DOCUMENT, PAID_STATES, SETTLEMENT
from .session import Need

REFERENCE_LENGTH = 21


class QboSyncReceipt(models.AbstractModel):
    """One object of QuickBooks is two records of Odoo: the link of the document has the role ``document``, that of its
    payment the role ``settlement``. What is said of the first is said of the second, see ``qbo.binding``.
    """

    _name = "qbo.sync.receipt"
    _inherit = "qbo.sync.sales"
    _description = "QuickBooks Sync of Receipts"

    _role = DOCUMENT

    # === WHAT IS CONCERNED === #

    def _targets(self, session, model, ids):
        if model == "account.payment":
            found = self.env["qbo.sync.representation"]._receipt_of(session, self.env["account.payment"].browse(ids))
            moves = self.env["account.move"].union(*found.values())
            return super()._targets(session, "account.move", moves.ids) if moves else []
        if model == "account.move":
            self.env["qbo.job"]._release(session.backend, [self._paid_key(move_id) for move_id in ids])
        return super()._targets(session, model, ids)

    def _paid_key(self, move_id):
        """Return the key of a wait for the payment of a receipt."""
        return f"paid:{move_id}"

    # === READING === #

    def _fill(self, session, reading, row, lines):
        """One payment with the date of the document settles all of it, and nothing else."""
        super()._fill(session, reading, row, lines)
        if reading.document is None:
            return
        move = self.env["account.move"].browse(row["id"])
        payment = self.env["qbo.sync.representation"]._settlement(session, move)
        if payment:
            self._add_money(session, reading, payment)
        elif reading.document.total:
            self._say_open(session, reading, move)

    def _add_money(self, session, reading, payment):
        """Add what the payment says; its journal is the account that the money goes to, or comes from."""
        memo = " ".join((payment.memo or "").split())
        account_id = session.handler("Payment")._money_account(session, payment.journal_id)
        method_id = session.resolver.out("PaymentMethod", payment.payment_method_line_id, required=False)
        reading.needs += session.resolver.take_needs()
        reading.identity += (payment.id,)
        reading.document = dataclasses.replace(
            reading.document, reference=memo if len(memo) <= REFERENCE_LENGTH else "", method_id=method_id,
            deposit_account_id=account_id)

    def _say_open(self, session, reading, move):
        """Let a receipt without its payment wait; one that QuickBooks has needs a person."""
        said = {"receipt": move.display_name, "customer": move.commercial_partner_id.display_name,
                "amount": f"{move.amount_total:,.2f} {move.currency_id.name}", "date": move.invoice_date}
        if session.qbo_id(self._qbo_entity, "account.move", move.id, self._role):
            reading.document = None
            reading.problem = ("receipt_open", self.env._(
                "%(receipt)s of %(customer)s over %(amount)s is a receipt in QuickBooks, where its money came with it. "
                "In Odoo no single payment of this customer and of %(date)s settles it any more. Give the payment this "
                "customer and date, register it again, or cancel the document.", **said))
        else:
            reading.needs.insert(0, Need(self._paid_key(move.id), self.env._(
                "Sales receipt %(receipt)s of %(customer)s over %(amount)s is not paid yet. One payment of the whole "
                "amount with the date %(date)s makes it a sales receipt in QuickBooks, any other an invoice with "
                "payments. Register the payment.", **said)))

    # === LINKS === #

    def _settled(self, session, binding):
        """Link the payment too. One that was its money before, and is not any more, is a payment of its own again."""
        result = super()._settled(session, binding)
        rows = binding._parts()
        payment = self.env["qbo.sync.representation"]._only_payment(binding._record())
        others = rows.filtered(lambda row: row.res_id != payment.id)
        self._free(others)
        if payment and not rows - others:
            self.env["qbo.binding"].search([
                ("backend_id", "=", session.backend.id), ("entity", "=", self._qbo_entity), ("role", "=", SETTLEMENT),
                ("model", "=", "account.payment"), ("res_id", "=", payment.id)]).unlink()
            self.env["qbo.binding"].create({
                "backend_id": binding.backend_id.id, "company_id": binding.company_id.id, "entity": binding.entity,
                "model": "account.payment", "res_id": payment.id, "role": SETTLEMENT, "imported": binding.imported,
                **binding._mirrored()})
        return result

    def _left(self, session, binding):
        """Money that stays although its document is cancelled is a payment of its own: credit of the customer."""
        result = super()._left(session, binding)
        parts = binding._parts()
        self._free(parts.filtered(lambda part: part._record().state in PAID_STATES))
        return result

    def _free(self, links):
        self.env["qbo.change"].with_context(qbo_applying=False)._mark("account.payment", links.mapped("res_id"))
        links.unlink()


class QboSyncSalesReceipt(models.AbstractModel):
    _name = "qbo.sync.salesreceipt"
    _inherit = "qbo.sync.receipt"
    _description = "QuickBooks Sync of Sales Receipts"

    _qbo_entity = "SalesReceipt"
    _move_type = "out_receipt"
    _cancel_operation = "void"

    def _document(self, values, row):
        return documents.SalesReceipt(**values)

    def _label(self, session, document):
        return self.env._("Sales receipt %(number)s", number=document.doc_number or "").strip()


class QboSyncRefundReceipt(models.AbstractModel):
    _name = "qbo.sync.refundreceipt"
    _inherit = "qbo.sync.receipt"
    _description = "QuickBooks Sync of Refund Receipts"

    _qbo_entity = "RefundReceipt"
    _move_type = "out_refund"
    _sign = 1

    def _document(self, values, row):
        return documents.RefundReceipt(**values)

    def _label(self, session, document):
        return self.env._("Refund receipt %(number)s", number=document.doc_number or "").strip()
