"""Payments that the bank gave back: the payment stays, its return is booked on a day of its own."""

from odoo import Command, fields, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    return_move_id = fields.Many2one(
        "account.move", "Returned by", copy=False, readonly=True, check_company=True, index="btree_not_null",
        help="The entry that books that the bank gave this payment back.")
    return_state = fields.Selection(related="return_move_id.state", string="State of the return")

    def action_open_bounce(self):
        """Open the dialog of a bounced payment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Payment bounced"), "res_model": "qbo.bounce.wizard",
            "view_mode": "form", "target": "new", "context": {"default_payment_id": self.id}}

    def _bounce(self, date):
        """Book that the bank gave the payment back on ``date``; what it settled is open again. Return the entry.

        What the payment wrote off itself stays written off.

        :raise UserError: when there is nothing to give back, or it was given back already
        """
        self.ensure_one()
        if self.return_move_id.state == "posted":
            raise UserError(self.env._(
                "%(payment)s was returned already, by %(entry)s.", payment=self.display_name,
                entry=self.return_move_id.display_name))
        if self.payment_type != "inbound" or self.partner_type != "customer" or self.move_id.state != "posted":
            raise UserError(self.env._(
                "%(payment)s has no posted entry of money received from a customer.", payment=self.display_name))
        items = self._receivable_items(self.move_id)
        settled = items.matched_debit_ids.debit_move_id
        items.remove_move_reconcile()
        entry = self.env["account.move"].create(self._return_values(date))
        entry.action_post()
        (items | self._receivable_items(entry)).reconcile()
        if not all(items.mapped("reconciled")):
            (items | settled.filtered(lambda item: not item.reconciled)).reconcile()
        self.return_move_id = entry
        self.message_post(body=self.env._(
            "The bank gave it back on %(date)s: %(entry)s.", date=date, entry=entry.display_name))
        return entry

    def _receivable_items(self, move):
        return move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")

    def _return_values(self, date):
        """Return the values of the entry: the money leaves at the rate at which it came, so that nothing is gained."""
        liquidity = self._seek_for_lines()[0]
        label = self.env._("Payment bounced: %(payment)s", payment=self.name or self.memo or "")
        account = self._receivable_items(self.move_id).account_id[:1]
        lines = [(liquidity.account_id[:1], -1, False), (account, 1, self.partner_id.commercial_partner_id.id)]
        return {
            "move_type": "entry", "journal_id": self.journal_id.id, "date": date, "ref": label,
            "company_id": self.company_id.id, "currency_id": self.currency_id.id, "partner_id": self.partner_id.id,
            "line_ids": [Command.create({
                "account_id": place.id, "partner_id": partner_id, "name": label, "currency_id": self.currency_id.id,
                "amount_currency": sign * sum(liquidity.mapped("amount_currency")),
                "balance": sign * sum(liquidity.mapped("balance"))}) for place, sign, partner_id in lines]}
