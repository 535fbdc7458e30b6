"""A payment bounced: when, and what the customer is charged for it."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class QboBounceWizard(models.TransientModel):
    """Books the return of one payment, and bills the fee if one is given."""

    _name = "qbo.bounce.wizard"
    _description = "Payment Bounced"
    _check_company_auto = True

    payment_id = fields.Many2one("account.payment", required=True, readonly=True, check_company=True)
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="payment_id.currency_id")
    amount = fields.Monetary(related="payment_id.amount")
    date = fields.Date("Date of the return", required=True, default=fields.Date.context_today)
    fee = fields.Monetary("Fee for the customer", help="Billed to the customer by an invoice of its own; 0 bills none.")
    fee_product_id = fields.Many2one(
        "product.product", "Product of the fee", domain="[('sale_ok', '=', True)]", check_company=True)
    reopened = fields.Char("Open again", compute="_compute_reopened")

    @api.depends("payment_id")
    def _compute_reopened(self):
        for wizard in self:
            items = wizard.payment_id._receivable_items(wizard.payment_id.move_id)
            moves = items.matched_debit_ids.debit_move_id.move_id
            wizard.reopened = ", ".join(moves.mapped("display_name"))

    def action_bounce(self):
        """Book the return, bill the fee, and show what was made.

        :raise UserError: for a fee without a product or below 0, or a date before the payment
        """
        self.ensure_one()
        if self.date < self.payment_id.date:
            raise UserError(self.env._("A payment of %(day)s cannot bounce before.", day=self.payment_id.date))
        if self.fee < 0 or self.fee and not self.fee_product_id:
            raise UserError(self.env._("Give a fee above 0 and the product that it is billed as, or no fee."))
        entry = self.payment_id._bounce(self.date)
        made = entry | self._bill_fee() if self.fee else entry
        return {
            "type": "ir.actions.act_window", "res_model": "account.move", "name": self.env._("Payment bounced"),
            "view_mode": "list,form", "domain": [("id", "in", made.ids)]}

    def _bill_fee(self):
        invoice = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.payment_id.partner_id.id, "invoice_date": self.date,
            "company_id": self.company_id.id, "currency_id": self.currency_id.id,
            "ref": self.env._("Fee for a returned payment"), "invoice_line_ids": [Command.create({
                "product_id": self.fee_product_id.id, "quantity": 1, "price_unit": self.fee,
                "name": self.env._("Fee for the returned payment %(payment)s", payment=self.payment_id.name or "")})]})
        invoice.action_post()
        return invoice
