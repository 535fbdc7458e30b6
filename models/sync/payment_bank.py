"""Payments and the rule of their journal: who keeps the bank."""

from odoo import models
from odoo.exceptions import UserError


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _bank_rules(self, session):
        """Return {journal id: rule} (one query a slice)."""
        return session.once(("bank rules",), lambda: self.env["qbo.bank.rule"]._by_journal(session.backend))

    def _stays_home(self, session, journal):
        """Tell whether payments of a journal do not cross, because somebody enters them in QuickBooks."""
        rule = self._bank_rules(session).get(journal.id)
        return bool(rule) and rule.keeper == "home"

    def _money_account(self, session, journal):
        """Return the account of QuickBooks that receives the money of a journal.

        Undeposited Funds or a clearing account where QuickBooks keeps the bank, else the mapped account.
        """
        rule = self._bank_rules(session).get(journal.id)
        if rule and rule.keeper == "qbo" and rule.clearing_id.active:
            return rule.clearing_id.qbo_id
        return session.resolver.out("Account", journal)

    def _clearing_journal(self, session, document):
        """Return the journal whose payments go to the deposit account of a payment; empty where that is not clear.

        Where several journals use one clearing account, the payment method tells them apart.
        """
        rules = [rule for rule in self._bank_rules(session).values()
                 if rule.keeper == "qbo" and rule.clearing_id.qbo_id == document.deposit_account_id]
        journals = self.env["account.journal"].union(*(rule.journal_id for rule in rules))
        if len(journals) > 1 and document.method_id:
            methods = session.resolver.inn_all("PaymentMethod", document.method_id, "account.payment.method.line")
            journals &= methods.journal_id
        return journals if len(journals) == 1 else journals.browse()

    def _keep_bank_line(self, payment):
        """Refuse to change the entry of a payment that is matched with the bank: Odoo would undo the match unseen.

        :raise UserError: with what a person does about it
        """
        lines = payment.reconciled_statement_line_ids
        if lines:
            raise UserError(self.env._(
                "QuickBooks changed or voided %(payment)s of %(customer)s, and in Odoo it is matched with bank line "
                "%(lines)s. If the bank agrees with QuickBooks, undo that match in Odoo, then retry; else put the "
                "payment back in QuickBooks.", payment=payment.display_name,
                customer=payment.partner_id.display_name or "",
                lines=", ".join(f"{line.name or line.payment_ref} ({line.amount:.2f})" for line in lines)))
