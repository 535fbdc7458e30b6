"""Receivables on several accounts of Odoo: what QuickBooks applies to each other has to stand on one of them."""

from odoo import models
from odoo.exceptions import UserError

from ...qbo.allocate import allocate
from ..const import ENTRY_ENTITIES


class QboSyncPayment(models.AbstractModel):
    """QuickBooks has one receivable account for each currency; in Odoo a partner, a fiscal position or a bookkeeper
    chooses one, and only items of the same account can be reconciled.
    """

    _inherit = "qbo.sync.payment"

    def _payment_values(self, session, arrival, payment_type="inbound", documents=None):
        values = super()._payment_values(session, arrival, payment_type)
        documents = self._documents(session, [arrival]) if documents is None else documents
        items = [self._items(session, arrival, documents[txn_type, txn_id], 1)
                 for txn_type, txn_id, _amount in allocate(self._booked(session, arrival)).cash
                 if (txn_type, txn_id) in documents]
        if len({own.account_id for own in items}) > 1:
            # What came from QuickBooks can follow; what a person booked stays where it is.
            items.sort(key=self._may_follow)
        account = items[0].account_id if items else self.env["account.account"]
        return {**values, "destination_account_id": account.id} if len(account) == 1 else values

    def _split(self, debit_lines, credit_line, amount):
        self._bring_together(debit_lines, credit_line)
        return super()._split(debit_lines, credit_line, amount)

    def _bring_together(self, debits, credit):
        """Put what settles each other on one account: what QuickBooks wrote goes to the account of the other.

        :raise UserError: neither may be moved
        """
        if not credit or debits.account_id == credit.account_id:
            return
        for own, other in ((credit, debits), (debits, credit)):
            if len(other.account_id) == 1 and self._may_follow(own):
                self._put_on(own, other.account_id)
                return
        raise UserError(self.env._(
            "%(credit)s stands on the receivable account %(one)s in Odoo and %(debit)s on %(other)s. Odoo reconciles "
            "items of one account only: put one of them on the account of the other, then retry.",
            credit=credit.move_id.display_name, one=credit.account_id.display_name,
            debit=debits.move_id.display_name, other=", ".join(debits.account_id.mapped("display_name"))))

    def _may_follow(self, items):
        """Tell whether items may change their account: those of what QuickBooks wrote, open as a whole, not locked."""
        move = items.move_id
        if items.matched_debit_ids or items.matched_credit_ids or move.origin_payment_id or move.statement_line_id:
            return False
        return not self.env["qbo.sync.locked"]._lock(move, bool(move.line_ids.tax_ids)) and bool(self._links_of(move))

    def _links_of(self, move):
        return self.env["qbo.binding"].search([
            ("model", "=", "account.move"), ("res_id", "=", move.id), ("company_id", "=", move.company_id.id),
            ("imported", "=", True), ("qbo_id", "!=", False)])

    def _put_on(self, items, account):
        """Put receivable items of one document on ``account``; the links of entries know that nobody changed them."""
        move = items.move_id.with_context(tracking_disable=not items.company_id.restrictive_audit_trail)
        before, after = str(items.account_id.id), str(account.id)
        move.button_draft()
        items.account_id = account
        move._post(soft=False)
        for binding in self._links_of(move).filtered(lambda link: link.entity in ENTRY_ENTITIES and link.base):
            told = binding.base["odoo"]
            lines = [{**line, "account_id": after} if line.get("account_id") == before else line
                     for line in told["lines"]]
            binding.base = {**binding.base, "odoo": {**told, "lines": lines}}


class QboSyncEntries(models.AbstractModel):
    _inherit = "qbo.sync.entries"

    def _keep_accounts(self, move, values):
        """Let a rewritten entry stay on the receivable accounts on which it is reconciled, in place of the partner's.

        :param values: the new values of the entry, changed here
        """
        owed = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        accounts = {line.partner_id.id: line.account_id.id for line in owed}
        for _command, _id, line in values["line_ids"]:
            if line.get("partner_id") in accounts and "date_maturity" in line:
                line["account_id"] = accounts[line["partner_id"]]
