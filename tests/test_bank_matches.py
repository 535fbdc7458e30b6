"""What is matched with the bank in Odoo stays matched, whatever QuickBooks changes of the documents that it settles."""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestBankMatches(DocumentCase):

    def change_there(self, move, amount):
        """A person in QuickBooks changes the price of the first line."""
        lines = [line for line in self.there(move)["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0].update(Amount=amount)
        lines[0]["SalesItemLineDetail"].update(Qty=1, UnitPrice=amount)
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"Line": lines})

    def matched(self, payment):
        """Match a payment with a line of the bank statement, as a bookkeeper does; return the line."""
        line = self.bank_line(payment.amount)
        _liquidity, suspense, _other = line._seek_for_lines()
        item = payment.move_id.line_ids - self.receivable(payment)
        line.move_id.with_context(skip_readonly_check=True, force_delete=True).write({"line_ids": [
            Command.delete(suspense.id), Command.create({
                "account_id": item.account_id.id, "partner_id": item.partner_id.id, "balance": -item.balance})]})
        (item | line.move_id.line_ids.filtered(lambda each: each.account_id == item.account_id)).reconcile()
        self.assertTrue(line.is_reconciled)
        return line

    def test_an_invoice_that_a_bank_line_settles(self):
        """QuickBooks raises it, lowers it below what was paid, and raises it again: the money stays the customer's."""
        move = self.invoice(100)
        line = self.bank_line(100, move)
        self.quiet_sync()
        for amount, left, unapplied in ((115, 15, 0), (60, 0, 40), (130, 70, 40)):
            with self.subTest(amount):
                self.change_there(move, amount)
                self.quiet_sync()
                self.assertEqual((move.amount_total, move.amount_residual), (amount, left))
                self.assertTrue(line.is_reconciled)
                self.assertEqual(cents(self.receivable(line.move_id).amount_residual), -unapplied)
                self.assertEqual(cents(self.there(line.move_id)["UnappliedAmt"]), unapplied)
                self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), left)
                self.assertSameReceivables()

    def test_a_payment_that_is_matched(self):
        """Its applications may change; its amount may not, nor may it be void, before somebody undoes the match."""
        first, second = self.invoice(100), self.invoice(100)
        payment = self.pay(100, first)
        self.quiet_sync()
        line, there = self.matched(payment), self.there(payment)
        self.person("edit", "Payment", id=there["Id"], data={"Line": [
            {"Amount": 100, "LinkedTxn": [{"TxnId": self.there(second)["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        self.assertEqual((first.amount_residual, second.amount_residual), (100, 0))
        self.assertTrue(line.is_reconciled)
        self.assertSameReceivables()
        self.person("void", "Payment", id=there["Id"])
        self.sync()
        job = self.jobs(state="failed")
        self.assertIn(f"it is matched with bank line {line.name} (100.00)", job.error)
        self.assertTrue(line.is_reconciled)
        line.with_user(self.bookkeeper).action_undo_reconciliation()
        job.with_user(self.bookkeeper).action_retry()
        self.quiet_sync()
        self.assertEqual((payment.state, second.amount_residual), ("canceled", 100))
        self.assertSameReceivables()

    def test_a_payment_that_is_unmatched_and_cancelled(self):
        """What QuickBooks changed of it could not be taken over, and is not gone over unread: a person decides."""
        move = self.invoice(100)
        payment = self.pay(100, move)
        self.quiet_sync()
        line = self.matched(payment)
        self.person("edit", "Payment", id=self.there(payment)["Id"], data={"TotalAmt": 110})
        self.sync()
        [job] = self.open_jobs().with_user(self.bookkeeper)
        self.assertIn("undo that match in Odoo", job.error)
        line.with_user(self.bookkeeper).action_undo_reconciliation()
        payment.with_user(self.bookkeeper).action_draft()
        payment.with_user(self.bookkeeper).action_cancel()
        self.sync()
        self.assertEqual((job.state, cents(self.there(payment)["TotalAmt"])), ("conflict", cents(110)))
        self.assertIn("Odoo cancelled it, and QuickBooks changed it", job.error)
        job.action_odoo_is_right()
        self.quiet_sync()
        self.assertEqual((payment.state, cents(self.there(payment)["TotalAmt"])), ("canceled", 0))
        self.assertSameReceivables()
