"""Which changes of documents may concern QuickBooks.

Each appends marks in one statement; eligibility is judged by the worker.
"""

from odoo import api, models

SALES_TYPES = ("out_invoice", "out_refund", "out_receipt")
# What a posted document may still change that QuickBooks holds too.
HEADER_FIELDS = frozenset({
    "state", "ref", "name", "narration", "invoice_date", "invoice_date_due", "invoice_payment_term_id", "partner_id",
    "invoice_line_ids", "line_ids", "currency_id", "invoice_currency_rate",
})
LINE_FIELDS = frozenset({
    "name", "quantity", "price_unit", "discount", "tax_ids", "product_id", "account_id", "amount_currency", "balance",
    "date_maturity", "sequence",
})
PAYMENT_FIELDS = frozenset({
    "state", "amount", "date", "memo", "journal_id", "payment_method_line_id", "partner_id", "currency_id",
})


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        result = super().write(vals)
        if HEADER_FIELDS.intersection(vals):
            self._qbo_mark()
        return result

    def unlink(self):
        # Called dozens of times with an empty recordset by core.
        if self:
            self._qbo_mark()
        return super().unlink()

    def _qbo_mark(self):
        """Mark documents, and entries on receivables, that are, or were, posted."""
        moves = self.filtered(
            lambda move: (move.state == "posted" or move.posted_before) and (
                move.move_type in SALES_TYPES or move.move_type == "entry" and move._qbo_owed()))
        if moves:
            self.env["qbo.change"]._mark("account.move", moves.ids, moves.company_id.ids)

    def _qbo_owed(self):
        """Return what an entry books on receivables; those of payments and of bank lines are theirs."""
        if self.origin_payment_id or self.statement_line_id:
            return self.line_ids.browse()
        return self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        result = super().write(vals)
        if LINE_FIELDS.intersection(vals) or (
                "analytic_distribution" in vals and self.env["qbo.backend"]._reads_analytics()):
            self.filtered(lambda line: line.parent_state == "posted").move_id._qbo_mark()
        return result

    def unlink(self):
        # A bank line that settles nothing any more has no partial reconciliation that would tell of the end.
        lines = self.filtered(lambda line: line.account_type == "asset_receivable" and line.parent_state == "posted")
        moves = lines.move_id.filtered("statement_line_id")
        if moves:
            self.env["qbo.change"]._mark("account.move", moves.ids, moves.company_id.ids)
        return super().unlink()


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._qbo_mark()
        return partials

    def unlink(self):
        if self:
            self._qbo_mark()
        return super().unlink()

    def _qbo_mark(self):
        """Mark both sides of what was applied or undone on receivables."""
        own = self.filtered(lambda partial: partial.debit_move_id.account_type == "asset_receivable")
        moves = own.debit_move_id.move_id | own.credit_move_id.move_id
        receipts = moves.filtered(lambda move: move.move_type not in ("out_invoice", "in_invoice", "in_refund")
                                  or move.amount_total < 0)
        if receipts:
            self.env["qbo.change"]._mark("account.move", receipts.ids, receipts.company_id.ids)


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        result = super().write(vals)
        if PAYMENT_FIELDS.intersection(vals):
            self._qbo_mark()
        return result

    def unlink(self):
        if self:
            self._qbo_mark()
        return super().unlink()

    def _qbo_mark(self):
        payments = self.filtered(lambda payment: payment.partner_type == "customer")
        if payments:
            self.env["qbo.change"]._mark("account.payment", payments.ids, payments.company_id.ids)
