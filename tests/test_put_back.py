"""A change that waits for a person can be put back on the side that made it, whatever it waits for."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestPutBack(DocumentCase):

    def waiting(self, direction, code=False):
        """Sync; the one change that waits can be put back. Return its job."""
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.direction, job.error_code, job.state), (
            direction, code, "failed" if code else "approval"), job.error)
        self.assertTrue(job.with_user(self.bookkeeper).can_put_back)
        return job

    def put_back(self, move, total):
        """Press the button: both sides say ``total`` again, and nothing is left to do."""
        self.open_jobs().with_user(self.bookkeeper).action_put_back()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(cents(move.amount_total), cents(total))
        self.assertSameDocument(move)
        self.assertSameReceivables()
        self.assertFalse(self.writes(self.quiet_sync()))

    def reprice(self, move, price):
        move = move.with_user(self.sales)
        move.button_draft()
        move.invoice_line_ids.price_unit = price
        move.action_post()

    def late_fee(self, move):
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)

    def test_both_ways(self):
        """Filed tax, a locked period, closed books, the rule of approval: each side can be put back."""
        move = self.invoice(self.line(100, taxed=True))
        self.quiet_sync()
        self.backend.tax_filed_until = "2026-03-31"
        self.late_fee(move)
        self.waiting("in")
        with self.assertRaises(AccessError):
            self.open_jobs().with_user(self.biller).action_put_back()
        self.put_back(move, 108)
        self.reprice(move, 110)
        self.waiting("out")
        self.put_back(move, 108)
        self.backend.tax_filed_until = False
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.late_fee(move)
        self.waiting("in", "locked_change")
        self.put_back(move, 108)
        self.company.fiscalyear_lock_date = False
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": "2026-03-31"}})
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_test_connection()
        self.reprice(move, 90)
        self.waiting("out", "closed_there")
        self.put_back(move, 108)
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": "2026-01-31"}})
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_test_connection()
        paid = self.pay(8, move)
        self.quiet_sync()
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.person("edit", "Payment", id=self.there(paid)["Id"], data={"TotalAmt": 9})
        self.waiting("in", "locked")
        self.put_back(move, 108)
        self.assertEqual((cents(self.there(paid)["TotalAmt"]), paid.amount, move.amount_residual), (8, 8, 100))
        self.company.fiscalyear_lock_date = False
        self.backend.policy_ids.write({"approve_in": "ask", "approve_out": "ask"})
        self.person("edit", "Customer", id=self.there(self.acme)["Id"], data={"CompanyName": "Acme Holding"})
        self.waiting("in")
        self.put_back(move, 108)
        self.assertNotEqual(self.there(self.acme).get("CompanyName"), "Acme Holding")

    def test_what_was_deleted_in_quickbooks(self):
        """It is created again there; in a filed period a person approves it as anything new."""
        move = self.invoice(self.line(100, taxed=True))
        paid = self.pay(40, move)
        self.quiet_sync()
        old = self.there(move)["Id"]
        self.backend.tax_filed_until = "2026-03-31"
        self.person("delete", "Invoice", id=old)
        self.waiting("in").with_user(self.bookkeeper).action_put_back()
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.direction, job.state, job.is_held), ("out", "approval", True))
        self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({"backend_id": self.backend.id}).action_approve()
        self.quiet_sync()
        self.assertEqual((move.state, cents(self.assertSameDocument(move)["TotalAmt"])), ("posted", cents(108)))
        self.assertNotEqual(self.there(move)["Id"], old)
        self.assertEqual(cents(self.there(paid)["TotalAmt"]), 40)
        self.assertSameReceivables()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_what_cannot_be_put_back(self):
        """What is new: the button is not there, and says why. What is void comes to life again in QuickBooks."""
        move = self.invoice(100)
        self.quiet_sync()
        self.backend.policy_ids.write({"approve_in": "ask", "approve_out": "ask"})
        self.invoice(20)
        self.person("void", "Invoice", id=self.there(move)["Id"])
        self.sync()
        jobs = self.open_jobs().with_user(self.bookkeeper)
        possible = jobs.filtered("can_put_back")
        self.assertEqual(possible.qbo_id, self.binding(move).qbo_id)
        for job in jobs - possible:
            self.assertIn("cannot be put back", self.refusal(UserError, job.action_put_back))
        possible.action_put_back()
        self.sync()
        self.assertEqual((possible.state, move.state, move.amount_total), ("done", "posted", 100))
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 100)

    # === CANCELLED OR DELETED IN ODOO === #

    def ar_there(self):
        """Count refunds of money too, which nothing is applied to here."""
        return super().ar_there() + sum(cents(row["TotalAmt"]) for row in self.qbo("Purchase").values())

    def cancel(self, *records):
        for record in records:
            record = record.with_user(self.bookkeeper)
            if record._name == "account.move":
                record.button_draft()
                record.button_cancel()
            else:
                record.action_draft()
                record.action_cancel()

    def put_all_back(self, count):
        """Press the button of all that waits; both sides say again what QuickBooks says. Return the jobs."""
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(len(jobs), count, jobs.mapped("error"))
        self.assertTrue(all(jobs.with_user(self.bookkeeper).mapped("can_put_back")), jobs.mapped("name"))
        self.assertTrue(all(jobs.mapped("name")))
        jobs.with_user(self.bookkeeper).action_put_back()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertFalse(self.writes(self.quiet_sync()), "nothing of it goes to QuickBooks")
        self.assertSameReceivables()
        return jobs

    def test_what_was_cancelled_or_deleted_in_odoo(self):
        """It is posted again as QuickBooks has it, with what was applied, or made again from there."""
        move, credit = self.invoice(self.line(100, taxed=True)), self.refund(30)
        self.apply(credit, move)
        paid = self.pay(40, move)
        self.quiet_sync()
        self.backend.policy_ids.write({"approve_out": "ask"})
        number = move.name
        self.cancel(move, credit, paid)
        self.sync()
        # A lock of Odoo is said before anything happens.
        self.company.fiscalyear_lock_date = "2026-03-31"
        for job in self.open_jobs().filtered(lambda job: job.model != "qbo.application"):
            self.assertIn("locked", self.refusal(UserError, job.with_user(self.bookkeeper).action_put_back))
        self.company.fiscalyear_lock_date = False
        self.jobs(state="approval", entity="Invoice").with_user(self.bookkeeper).action_put_back()
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.assertIn("cannot be posted again", self.messages(self.sync()))
        self.assertEqual((set(self.open_jobs().mapped("state")), move.state), ({"approval"}, "cancel"))
        self.company.fiscalyear_lock_date = False
        jobs = self.put_all_back(4)
        self.assertIn("posted again", jobs[0].error)
        self.assertEqual((move.state, move.name, credit.state, paid.state), ("posted", number, "posted", "in_process"))
        for document in (move, credit):
            self.assertSameDocument(document)
        self.assertEqual((move.amount_residual, credit.amount_residual), (38, 0))
        self.assertEqual(self.applied(self.there(paid)), {("Invoice", self.there(move)["Id"]): cents(40)})
        # Receipts with their money, refunds of money, entries.
        (self.bank | self.cash).outbound_payment_method_line_ids.payment_account_id = \
            self.bank.inbound_payment_method_line_ids.payment_account_id
        self.map("Account", self.company_data["default_account_expense"], "Bad Debts")
        self.backend.policy_ids.write({"approve_out": "auto"})
        sale = self.invoice(25, move_type="out_receipt", partner=self.roe)
        money, back = self.pay(25, sale), self.pay(12, partner=self.roe, payment_type="outbound")
        entry = self.entry((self.invoice(9, partner=self.roe), 9))
        self.quiet_sync()
        self.assertEqual(self.binding(money, "settlement").entity, "SalesReceipt")
        self.backend.policy_ids.write({"approve_out": "ask"})
        self.cancel(sale, entry)
        (money | back).with_user(self.bookkeeper).action_cancel()
        self.put_all_back(4)
        self.assertEqual((sale.state, sale.amount_residual, entry.state), ("posted", 0, "posted"))
        self.assertEqual((money.is_reconciled, cents(self.there(back)["TotalAmt"])), (True, 12))
        # Closed books of QuickBooks keep what Odoo deletes.
        self.backend.policy_ids.write({"approve_out": "auto"})
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": "2026-03-31"}})
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_test_connection()
        there = {record: self.binding(record).qbo_id for record in (move, paid)}
        for record in (paid, move):
            record = record.with_user(self.bookkeeper)
            record.action_draft() if record._name == "account.payment" else record.button_draft()
            record.with_context(force_delete=True).unlink()
        self.assertIn("made again", " ".join(self.put_all_back(3).mapped("error")))
        again = self.here("Invoice", there[move])
        self.assertEqual((again.state, cents(again.amount_total), again.amount_residual), ("posted", 108, 38))
        self.assertSameDocument(again)
        self.assertEqual(self.here("Payment", there[paid]).amount, 40)
        following = self.invoice(7, invoice_date="2026-04-10")
        self.assertNotEqual(following.name, again.name)
        self.quiet_sync()
        self.assertSameDocument(following)
