"""What Odoo applies to a document that something else still settles in QuickBooks waits, and goes when it is free."""

from odoo import Command
from odoo.tests import tagged

from .documents import DAY, DocumentCase, cents


@tagged("post_install", "-at_install")
class TestTakenThere(DocumentCase):

    def owed_by_entry(self, partner, amount):
        """Book what a customer owes by an entry, as an opening balance is."""
        expense = self.company_data["default_account_expense"]
        self.map("Account", expense, "Bad Debts")
        entry = self.env["account.move"].with_user(self.bookkeeper).create({
            "move_type": "entry", "date": DAY, "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [
                Command.create({"account_id": partner.property_account_receivable_id.id, "balance": amount,
                                "partner_id": partner.id, "name": "Opening"}),
                Command.create({"account_id": expense.id, "balance": -amount, "name": "Opening"})]})
        entry.action_post()
        return entry.with_env(self.su)

    def test_what_a_deposited_payment_still_settles_there(self):
        """Money and credit that take its place in Odoo wait with a sentence; nobody has to think of them later.

        The same of an entry, of which QuickBooks does not tell what is open.
        """
        move, entry = self.invoice(100), self.owed_by_entry(self.roe, 70)
        payment = self.pay(100, move, journal=self.cash)
        early = self.pay(70, partner=self.roe, journal=self.cash)
        self.apply(early, entry)
        self.quiet_sync()
        self.person("deposit", "Payment", ids=[self.there(payment)["Id"], self.there(early)["Id"]])
        self.quiet_sync()
        self.receivable(payment, early).remove_move_reconcile()
        credit = self.refund(60)
        self.apply(credit, move)
        other, late = self.pay(40, move), self.pay(70, partner=self.roe)
        self.apply(late, entry)
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(
            sorted(jobs.mapped("error_code")), ["6540", "6540", "taken_there", "taken_there", "taken_there"])
        with self.counting() as made:
            self.sync()
        self.assertFalse(self.writes(made), "nothing is tried before something was freed")
        errors = " ".join(jobs.mapped("error"))
        for words in ("0.00 of 60.00", "0.00 of 40.00", "0.00 of 70.00", move.name, entry.name, self.acme.name):
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
        self.assertEqual(
            [(cents(self.there(one)["UnappliedAmt"]), len(self.applied(self.there(one)))) for one in (early, late)],
            [(70, 0), (0, 1)])
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

    def test_credit_that_something_else_uses_there(self):
        """QuickBooks refuses the whole payment; the sentence names the credit, and it goes when the credit is free."""
        move, credit, other = self.invoice(100), self.refund(15), self.invoice(40)
        self.quiet_sync()
        self.backend._policy("Payment").approve_in = "ask"
        self.person(
            "apply_credit", "Invoice", id=self.there(other)["Id"], credit_memo=self.there(credit)["Id"], amount=15)
        self.sync()
        [payment] = self.qbo("Payment").values()
        self.apply(credit, move)
        self.sync()
        [job] = self.open_jobs().filtered(lambda job: job.direction == "out")
        self.assertEqual((job.state, job.error_code), ("failed", "taken_there"))
        self.assertIn(f"Of {credit.name} of {self.acme.name} only 0.00 is open in QuickBooks, and 15.00", job.error)
        self.assertIn("more than the payment and the credits", job.error_detail)
        with self.counting() as made:
            self.sync()
        self.assertFalse(self.writes(made), "nothing is tried before something was freed")
        self.person("unapply", "Payment", id=payment["Id"])
        self.sync()
        self.sync()
        self.assertEqual((job.state, job.error), ("done", False))
        self.assertEqual([cents(self.there(one)["Balance"]) for one in (move, other, credit)], [85, 40, 0])
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

    def test_money_of_one_customer_for_an_invoice_of_another(self):
        """QuickBooks would give the rest to the other one; when nothing is left it is the other one's as a whole."""
        birch = self.su["res.partner"].create({"name": "Birch", "is_company": True})
        money, move = self.pay(43), self.invoice(10, partner=birch)
        self.apply(money, move)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.error_code), ("failed", "several_customers"))
        for words in ("documents of Birch", "33.00 of it is not applied", self.acme.name):
            self.assertIn(words, job.error)
        self.assertFalse(self.qbo("Payment"))
        self.apply(money, self.invoice(33, partner=birch))
        self.quiet_sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        [payment] = self.qbo("Payment").values()
        self.assertEqual((payment["CustomerRef"]["name"], cents(payment["UnappliedAmt"])), ("Birch", 0))
        self.assertSameReceivables()

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

    def test_credit_gone_before_what_was_said_of_it_is_read(self):
        """Lowered in Odoo, its application is cut there; cancelled before that is read, nothing waits for it."""
        item, move, credit, other = self.item(), self.invoice(60), self.refund(100), self.invoice(40)
        self.apply(credit, move)
        self.quiet_sync()
        [payment] = self.qbo("Payment")
        self.person(
            "apply_credit", "Invoice", id=self.there(other)["Id"], credit_memo=self.there(credit)["Id"], amount=40)
        self.quiet_sync()
        mine = credit.with_user(self.bookkeeper)
        mine.button_draft()
        mine.invoice_line_ids.price_unit = 60
        mine.action_post()
        self.apply(credit, move)
        self.sync(until_done=False)
        self.assertEqual(set(self.applied(self.qbo("Payment")[payment]).values()), {cents(20)}, "QuickBooks cut it")
        mine.button_draft()
        mine.button_cancel()
        # Another credit comes in first, so that ours is deleted before what was said of its application is looked at.
        self.qbo_sale("CreditMemo", self.there(self.acme), self.qbo_line(item, 5))
        self.sync()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameReceivables()
