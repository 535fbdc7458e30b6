"""What people of both sides do one after the other to the same documents, in orders that nobody plans."""

from odoo import Command
from odoo.tests import tagged

from .documents import DAY, DocumentCase, cents


@tagged("post_install", "-at_install")
class TestBothSides(DocumentCase):

    def reversed(self, move, price):
        """Credit a part of an invoice with the button Credit Note; Odoo applies it when it is posted."""
        wizard = self.env["account.move.reversal"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=move.ids).create({"journal_id": move.journal_id.id, "date": DAY})
        wizard.reverse_moves()
        credit = wizard.new_move_ids
        credit.write({"invoice_line_ids": [Command.update(credit.invoice_line_ids[:1].id, {"price_unit": price})]})
        credit.action_post()
        return credit.with_env(self.su)

    def edited(self, move, amount):
        """Change the amount of a document's only line in QuickBooks."""
        row = self.there(move)
        line = next(part for part in row["Line"] if part["DetailType"] == "SalesItemLineDetail")
        line["Amount"] = line["SalesItemLineDetail"]["UnitPrice"] = amount
        line["SalesItemLineDetail"]["Qty"] = 1
        binding = self.binding(move)
        self.person("edit", binding.entity, id=row["Id"], data={"Line": [line]})

    def test_a_reversal_that_quickbooks_changed_is_applied_as_before(self):
        """Odoo sets a reversal against its invoice whenever it is posted, as far as both go."""
        move = self.invoice(100)
        credit = self.reversed(move, 30)
        self.quiet_sync()
        self.edited(credit, 50)
        self.quiet_sync()
        self.assertEqual((cents(move.amount_residual), cents(credit.amount_residual)), (cents(70), cents(20)))
        self.assertSameDocument(move)
        self.assertSameDocument(credit)
        self.assertSameReceivables()

    def test_a_bank_line_is_money_of_its_customer_until_the_match_is_undone(self):
        """Taken off its invoice, it is money on account; deleted in QuickBooks, the line waits for another match."""
        first, second = self.invoice(30), self.invoice(40)
        line, other = self.bank_line(30, first), self.bank_line(40, second)
        self.quiet_sync()
        self.receivable(first).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        there = self.there(line.move_id)
        self.assertEqual((cents(there["TotalAmt"]), cents(there["UnappliedAmt"])), (cents(30), cents(30)))
        self.assertSameDocument(first)
        self.assertSameReceivables()
        self.person("delete", "Payment", id=self.there(other.move_id)["Id"])
        self.sync()
        self.assertFalse(other.is_reconciled)
        self.assertIn("Bank line", self.binding(other.move_id).error)
        self.assertSameDocument(second)
        self.assertSameReceivables()

    def test_credit_is_taken_off_a_payment_of_money_and_credit(self):
        """QuickBooks settles an invoice with money and a credit memo in one payment; Odoo takes the credit back."""
        move, credit = self.invoice(100), self.refund(30)
        self.quiet_sync()
        invoice, memo = self.there(move), self.there(credit)
        paid = self.qbo_payment(
            {"Id": invoice["CustomerRef"]["value"]}, 70, ("Invoice", invoice, 100), ("CreditMemo", memo, 30))
        self.quiet_sync()
        self.assertEqual((cents(move.amount_residual), cents(credit.amount_residual)), (0, 0))
        partial = self.receivable(credit).matched_debit_ids
        move.with_user(self.sales).js_remove_outstanding_partial(partial.id)
        self.quiet_sync()
        self.assertEqual(self.applied(self.qbo("Payment")[paid["Id"]]), {("Invoice", invoice["Id"]): cents(70)})
        self.assertSameDocument(move)
        self.assertSameDocument(credit)
        self.assertSameReceivables()

    def test_what_is_undone_waits_for_the_change_of_quickbooks(self):
        """A change that nobody has looked at yet would be applied later to what has been voided meanwhile."""
        move, credit = self.invoice(100), self.refund(30)
        self.apply(move, credit)
        self.quiet_sync()
        [there] = self.qbo("Payment").values()
        self.backend.policy_ids.filtered(lambda policy: policy.entity == "Payment").approve_in = "ask"
        self.person("edit", "Payment", id=there["Id"], data={"Line": [
            {"Amount": 20, "LinkedTxn": line["LinkedTxn"]} for line in there["Line"]]})
        self.sync()
        move.with_user(self.sales).js_remove_outstanding_partial(self.receivable(credit).matched_debit_ids.id)
        self.sync()
        self.assertEqual([job.state for job in self.open_jobs().sorted("id")], ["approval", "blocked"])
        self.assertEqual(len(self.applied(self.qbo("Payment")[there["Id"]])), 2)
        self.jobs(state="approval").with_user(self.bookkeeper)._approve()
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertSameDocument(move)
        self.assertSameDocument(credit)
        self.assertSameReceivables()
