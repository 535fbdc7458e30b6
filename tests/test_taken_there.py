"""What Odoo applies to a document that something else still settles in QuickBooks waits, and goes when it is free."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestTakenThere(DocumentCase):

    def test_what_a_deposited_payment_still_settles_there(self):
        """Money and credit that take its place in Odoo wait with a sentence; nobody has to think of them later."""
        move = self.invoice(100)
        payment = self.pay(100, move, journal=self.cash)
        self.quiet_sync()
        self.person("deposit", "Payment", ids=[self.there(payment)["Id"]])
        self.quiet_sync()
        self.receivable(payment).remove_move_reconcile()
        credit = self.refund(60)
        self.apply(credit, move)
        other = self.pay(40, move)
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(sorted(jobs.mapped("error_code")), ["6540", "taken_there", "taken_there"])
        errors = " ".join(jobs.mapped("error"))
        for words in ("0.00 of 60.00", "0.00 of 40.00", move.name, self.acme.name):
            self.assertIn(words, errors)
        self.assertEqual(self.status(other), "failed")
        [slip] = self.qbo("Deposit").values()
        self.person("delete", "Deposit", id=slip["Id"], force=True)
        jobs.filtered(lambda job: job.error_code == "6540").with_user(self.bookkeeper).action_retry()
        self.sync()
        self.quiet_sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        for record in (move, other, credit):
            there = self.there(record)
            self.assertEqual(cents(there.get("Balance", there.get("UnappliedAmt"))), 0, record.name)
        self.assertEqual(cents(self.there(payment)["UnappliedAmt"]), 100)
        self.assertSameReceivables()

    def test_what_frees_a_document_may_go_behind_what_needs_it(self):
        """Two payments change places in Odoo: whichever is sent first finds its document taken, once."""
        first, second = self.invoice(30), self.invoice(30)
        one, two = self.pay(30, first), self.pay(30, second)
        self.quiet_sync()
        (self.receivable(one) | self.receivable(two)).remove_move_reconcile()
        self.apply(one, second)
        self.apply(two, first)
        self.quiet_sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        for payment, move in ((one, second), (two, first)):
            self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(move)["Id"]): cents(30)})
        self.assertSameReceivables()

    def test_credit_of_one_customer_for_an_invoice_of_another(self):
        """Odoo keeps them applied when somebody changes the customer of the credit note; QuickBooks cannot say that."""
        move = self.invoice(100)
        credit = self.refund(30, partner=self.su["res.partner"].create({"name": "Birch", "is_company": True}))
        (self.receivable(credit) | self.receivable(move)).reconcile()
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.error_code), ("failed", "several_customers"))
        for name in (self.acme.name, "Birch"):
            self.assertIn(name, job.error)
        self.assertEqual((cents(self.there(move)["Balance"]), cents(self.there(credit)["Balance"])), (100, 30))

    def test_credit_taken_off_there_while_its_customer_was_merged_here(self):
        """Nothing of the application is left in Odoo then, and what was left in QuickBooks is void."""
        move, credit = self.invoice(100), self.refund(100)
        self.apply(credit, move)
        self.quiet_sync()
        [payment] = self.qbo("Payment").values()
        self.person("unapply", "Payment", id=payment["Id"])
        double = self.su["res.partner"].create({"name": "Acme again", "is_company": True})
        self.su["base.partner.merge.automatic.wizard"].create({})._merge([self.acme.id, double.id], double)
        self.sync()
        self.sync()
        self.assertEqual((move.amount_residual, credit.amount_residual), (100, 100))
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameReceivables()
