"""Sales receipts and refunds of Odoo in QuickBooks: which document they become, and what happens to them later."""

from odoo.tests import tagged

from .documents import cents
from .receipts import ReceiptCase

LATER = "2026-03-14"


@tagged("post_install", "-at_install")
class TestReceiptsOut(ReceiptCase):
    def test_which_document(self):
        """One payment of the day for the whole document makes a receipt; everything else has payments of its own."""
        plain, taxed, parts, later, shared = (self.receipt(100), self.receipt(self.line(19.99, taxed=True), 5.5),
                                              self.receipt(60), self.receipt(70), self.receipt(80))
        nothing, open_one, credit = self.receipt(0), self.receipt(33), self.refund(50)
        other = self.invoice(20)
        money = self.pay(100, plain, memo="Slip 7")
        self.pay(taxed.amount_total, taxed, journal=self.cash)
        self.pay(25, parts)
        self.pay(35, parts)
        self.pay(70, later, date=LATER)
        self.pay(100, shared, other)
        back = self.pay_back(50, credit)
        self.sync()
        said = {"PaymentRefNum": "Slip 7", "DepositToAccountRef": self.account("Checking")}
        self.assertThere("SalesReceipt", plain, **said)
        self.assertThere("SalesReceipt", taxed, DepositToAccountRef=self.account("Undeposited Funds"))
        self.assertThere("SalesReceipt", nothing)
        self.assertThere("RefundReceipt", credit, DepositToAccountRef=self.account("Checking"))
        for move in (parts, later, shared):
            self.assertThere("Invoice", move)
        self.assertEqual(
            self.count(), {"Invoice": 4, "CreditMemo": 0, "SalesReceipt": 3, "RefundReceipt": 1, "Payment": 4})
        self.assertEqual([self.status(payment) for payment in (money, back)], ["synced", "synced"])
        self.assertEqual(money.with_user(self.biller).qbo_id, plain.with_user(self.biller).qbo_id)

        job = self.open_jobs()
        self.assertEqual((job.entity, job.state, job.res_id), ("SalesReceipt", "blocked", open_one.id))
        for words in (open_one.name, "Acme", "33.00", "Register the payment"):
            self.assertIn(words, job.error)
        self.assertEqual(self.ar_here() - 33, self.ar_there())
        self.pay(33, open_one)
        self.quiet_sync()
        self.assertThere("SalesReceipt", open_one)
        self.assertSameReceivables()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_changes(self):
        """Changed, its payment undone and registered again, cancelled: QuickBooks follows, or a person is asked."""
        sale, void, kept, credit = self.receipt(100), self.receipt(40), self.receipt(45), self.refund(50)
        first = self.pay(100, sale)
        gone, stays = self.pay(40, void), self.pay(45, kept)
        back = self.pay_back(50, credit)
        self.quiet_sync()
        with self.subTest("payment undone"):
            first.with_user(self.bookkeeper).action_cancel()
            self.sync()
            job = self.open_jobs()
            self.assertEqual((job.state, job.error_code), ("failed", "receipt_open"))
            for words in (sale.name, "Acme", "100.00", "register it again"):
                self.assertIn(words, job.error)
            self.assertEqual(self.status(sale), "failed")
            again = self.pay(100, sale)
            self.quiet_sync()
            self.assertThere("SalesReceipt", sale)
            self.assertEqual(self.status(again), "synced")
            self.assertEqual(again.with_user(self.biller).qbo_id, sale.with_user(self.biller).qbo_id)
        with self.subTest("other amount, other account"):
            again.with_user(self.sales).action_draft()
            sale.with_user(self.sales).button_draft()
            sale.with_user(self.sales).invoice_line_ids.price_unit = 120
            sale.with_user(self.sales).action_post()
            again.with_user(self.sales).write({"amount": 120, "journal_id": self.cash.id})
            again.with_user(self.sales).action_post()
            self.apply(again, sale)
            self.quiet_sync()
            there = self.assertThere("SalesReceipt", sale, DepositToAccountRef=self.account("Undeposited Funds"))
            self.assertEqual(cents(there["TotalAmt"]), cents(120))
        with self.subTest("another customer, whose money it is not"):
            sale.with_user(self.sales).button_draft()
            sale.with_user(self.sales).partner_id = self.roe
            sale.with_user(self.sales).action_post()
            self.sync()
            job = self.open_jobs()
            self.assertEqual((job.error_code, self.there(sale, "document")["CustomerRef"]["name"]), (
                "receipt_open", self.acme.name))
            again.with_user(self.sales).action_draft()
            again.with_user(self.sales).partner_id = self.roe
            again.with_user(self.sales).action_post()
            self.quiet_sync()
            there = self.assertThere("SalesReceipt", sale)
            self.assertEqual(there["CustomerRef"]["name"], self.roe.name)
        with self.subTest("cancelled, with and without the money"):
            for payment in (gone, back):
                payment.with_user(self.bookkeeper).action_cancel()
            for move in (void, kept, credit):
                move.with_user(self.sales).button_draft()
                move.with_user(self.sales).button_cancel()
            voided = self.binding(void, "document").qbo_id
            self.quiet_sync()
            self.assertEqual(cents(self.qbo("SalesReceipt")[voided]["TotalAmt"]), cents(0))
            self.assertFalse(self.qbo("RefundReceipt"))
            credit_there = self.there(stays)
            self.assertEqual(
                (cents(credit_there["TotalAmt"]), cents(credit_there["UnappliedAmt"])), (cents(45), cents(45)))
            self.assertEqual((self.ar_here(), self.ar_there()), (cents(-45), cents(-45)))
