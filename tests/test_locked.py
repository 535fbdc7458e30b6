"""What is locked in Odoo is not changed: QuickBooks' changes are booked beside it, or wait for a person."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.sync.session import Session
from .documents import DAY, DocumentCase, cents


class LockedCase(DocumentCase):

    def notes(self, move):
        """Return the documents that book differences of ``move``, oldest first."""
        binding = self.binding(move)
        rows = self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", binding.entity), ("qbo_id", "=", binding.qbo_id),
            ("role", "=like", "difference:%")], order="id")
        return self.su["account.move"].browse(rows.mapped("res_id"))

    def secure(self, move):
        """Post in a journal that secures its entries by hashes."""
        self.assertTrue(move.inalterable_hash)
        return move

    def change_there(self, move, amount):
        """A person in QuickBooks changes the amount of the first line."""
        there = self.there(move)
        lines = [line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0].update(Amount=amount)
        lines[0]["SalesItemLineDetail"].update(Qty=1, UnitPrice=amount)
        self.person("edit", self.binding(move).entity, id=there["Id"], data={"Line": lines})

    def cross(self, warnings=1):
        """Sync; nothing is left open. Locked records say what was booked beside them, as warnings."""
        run = self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual((run.failed_count, run.warning_count), (0, warnings), self.messages(run))
        self.assertSameReceivables()
        return run

    def nothing_goes_out(self):
        """What was booked beside a locked record never crosses, neither by its marks nor by a scan of all."""
        with self.counting() as made:
            self.cross(warnings=0)
            self.scan()
            self.cross(warnings=0)
        self.assertFalse(self.writes(made))

    def scan(self):
        """Look at everything, as once a day."""
        with self.work_env() as env:
            backend = env["qbo.backend"].browse(self.backend.id)._for_work()
            session = Session(backend, backend.env["qbo.run"].search([], limit=1))
            backend.env["qbo.sync.outbox"]._scan(session, None)


@tagged("post_install", "-at_install")
class TestSecured(LockedCase):

    def arrange(self):
        super().arrange()
        self.journal = self.company_data["default_journal_sale"]
        self.journal.restrict_mode_hash_table = True

    def test_the_life_of_a_secured_invoice(self):
        """Late fee, payment of all, lower amount, void: each is a note of the difference alone."""
        move = self.secure(self.invoice(self.line(100, taxed=True)))
        self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)
        self.cross()
        [fee] = self.notes(move)
        self.assertEqual(
            (fee.move_type, fee.amount_total, move.amount_total, fee.qbo_id), ("out_invoice", 15, 108, move.qbo_id))
        self.assertGreater(str(fee.invoice_date), DAY)
        self.assertEqual(len(fee.invoice_line_ids), 1)
        self.assertIn(fee.name, self.binding(move).note)
        panel = move.with_user(self.biller).qbo_panel
        self.assertIn("123.00", panel)
        self.assertNotIn("≠", panel)
        self.nothing_goes_out()
        # One payment settles the one invoice of QuickBooks, here the document and its note.
        paid = self.person("receive", "Invoice", id=self.there(move)["Id"], amount=120)
        self.cross(warnings=0)
        self.assertEqual((move.amount_residual, fee.amount_residual, len(self.qbo("Payment"))), (0, 3, 1))
        # The person in Odoo pays the rest of the note: QuickBooks has it on the invoice.
        rest = self.pay(3, fee)
        self.cross(warnings=0)
        self.assertEqual(self.applied(self.there(rest)), {("Invoice", self.there(move)["Id"]): cents(3)})
        self.assertEqual(cents(self.there(move)["Balance"]), 0)
        # Lower than what was paid: the money goes free on both sides.
        self.change_there(move, 50)
        self.cross()
        credit = self.notes(move)[-1]
        self.assertEqual((credit.move_type, credit.amount_total, credit.amount_tax), ("out_refund", 54, 4))
        self.assertEqual(credit.amount_residual, 0)
        self.assertEqual(cents(self.there(move)["TotalAmt"]), cents(69))
        self.nothing_goes_out()
        self.person("void", "Invoice", id=self.there(move)["Id"])
        self.cross()
        self.assertEqual((move.state, sum(self.notes(move).mapped("amount_residual"))), ("posted", 0))
        self.assertEqual(self.ar_here(), cents(-123))
        self.assertEqual(self.here("Payment", paid["Id"]).state, "in_process")
        self.nothing_goes_out()
        self.assertIn("Change the invoice in QuickBooks", self.refusal(
            UserError, lambda: fee.with_user(self.bookkeeper).button_draft()))

    def test_what_still_fits_stays_applied(self):
        """A lower amount leaves the payment of a part where it is, and takes only what no longer fits."""
        move = self.secure(self.invoice(100))
        paid = self.pay(30, move)
        self.quiet_sync()
        self.change_there(move, 60)
        self.cross()
        self.assertEqual((move.amount_residual, self.receivable(paid).amount_residual), (30, 0))
        self.assertEqual(cents(self.there(move)["Balance"]), 30)
        self.nothing_goes_out()

    def test_what_goes_free_is_what_went_free_in_quickbooks(self):
        """The note of a lower amount goes against the note that raised the document too; no payment loses more."""
        move = self.secure(self.invoice(100))
        self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=20)
        self.cross()
        received = self.qbo_payment(self.there(self.acme), 20, ("Invoice", self.there(move), 20))
        self.cross(warnings=0)
        paid = self.pay(100, move, *self.notes(move))
        self.sync()
        self.change_there(move, 81)
        self.assertEqual([payment["UnappliedAmt"] for payment in (
            self.there(paid), self.qbo("Payment")[received["Id"]])], [0, 19])
        self.cross()
        self.assertEqual([self.receivable(payment).amount_residual for payment in (
            paid, self.here("Payment", received["Id"]))], [0, -19])
        self.assertEqual((cents(self.there(move)["TotalAmt"]), cents(self.there(move)["Balance"])), (101, 0))
        self.nothing_goes_out()

    def test_a_secured_credit_note_and_a_deleted_invoice(self):
        credit, move = self.secure(self.refund(40)), self.secure(self.invoice(100))
        self.apply(credit, move)
        self.quiet_sync()
        self.change_there(credit, 30)
        self.cross()
        [debit] = self.notes(credit)
        self.assertEqual((debit.move_type, debit.amount_total, debit.amount_residual), ("out_invoice", 10, 0))
        self.person("delete", "Invoice", id=self.there(move)["Id"])
        self.sync()
        [note] = self.notes(move)
        self.assertEqual((note.move_type, note.amount_total, self.status(move)), ("out_refund", 100, "missing"))
        self.assertSameReceivables()
        # Looked at once more, a note that settles what it corrects is no problem, whatever became of that there.
        self.scan()
        self.cross(warnings=0)

    def test_the_credit_of_a_raised_credit_note(self):
        """What a note adds to a credit memo is used with it, whichever side applies it."""
        credit, move, other = self.secure(self.refund(40)), self.secure(self.invoice(100)), self.secure(self.invoice(9))
        self.quiet_sync()
        self.change_there(credit, 55)
        self.cross()
        [note] = self.notes(credit)
        self.assertEqual((note.move_type, note.amount_residual), ("out_refund", 15))
        self.person("apply_credit", "Invoice", id=self.there(move)["Id"], amount=46,
                    credit_memo=self.there(credit)["Id"])
        self.cross(warnings=0)
        self.assertEqual((move.amount_residual, credit.amount_residual + note.amount_residual), (54, 9))
        self.apply(note, other)
        self.cross(warnings=0)
        self.assertEqual((other.amount_residual, note.amount_residual), (0, 0))
        self.assertEqual((cents(self.there(other)["Balance"]), cents(self.there(credit)["Balance"])), (0, 0))
        self.nothing_goes_out()
        # Taken off there, and used at once over the whole amount; then it becomes smaller than what it settles.
        for payment in self.qbo("Payment").values():
            self.person("unapply", "Payment", id=payment["Id"])
        self.person("apply_credit", "Invoice", id=self.there(move)["Id"], amount=55,
                    credit_memo=self.there(credit)["Id"])
        self.cross(warnings=0)
        self.assertEqual((credit.amount_residual, note.amount_residual, other.amount_residual), (0, 0, 9))
        self.assertEqual((move.amount_residual, cents(self.there(move)["Balance"])), (45, 45))
        self.change_there(credit, 30)
        self.cross()
        self.assertEqual((move.amount_residual, cents(self.there(move)["Balance"])), (70, 70))
        self.assertEqual(sum((credit | self.notes(credit)).mapped("amount_residual")), 0)

    def test_a_note_that_settles_something_else(self):
        """Over there it is a part of what it lowers: a person is told, until it is reconciled with that again."""
        credit, move, other = self.secure(self.refund(40)), self.secure(self.invoice(100)), self.secure(self.invoice(9))
        self.quiet_sync()
        self.change_there(credit, 30)
        self.change_there(move, 95)
        self.cross(warnings=2)
        more, less = self.notes(credit), self.notes(move)
        self.assertEqual((more.move_type, less.move_type), ("out_invoice", "out_refund"))
        before = [self.there(record) for record in (credit, move, other)]
        self.su["account.partial.reconcile"].search([("debit_move_id.move_id", "in", (more + move).ids)]).unlink()
        self.map("Account", self.company_data["default_account_expense"], "Bank Charges")
        self.backend._policy("JournalEntry").direction = "both"
        payment, entry = self.pay(4, more), self.entry((more, 6))
        self.apply(less, other)
        self.sync()
        jobs = self.jobs(state="failed")
        self.assertEqual(set(jobs.mapped("error_code")), {"note_applied"})
        self.assertEqual(len(jobs), 3)
        self.assertIn("reconcile the note with the document", jobs[0].with_user(self.bookkeeper).how_to_fix)
        for note in (more, less):
            self.assertIn(f"{note.name} of {note.partner_id.name} books what QuickBooks", str(jobs.mapped("error")))
        self.assertEqual([self.there(record) for record in (credit, move, other)], before)
        for records in ((payment, entry), (less,)):
            self.receivable(*records).with_user(self.bookkeeper).remove_move_reconcile()
        self.apply(more, credit)
        self.apply(less, move)
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual([self.there(record)["Balance"] for record in (credit, move, other)], [30, 95, 9])
        self.assertEqual(self.ar_here(), cents(self.there(self.acme)["Balance"]))

    def test_a_secured_sales_receipt_that_is_paid_in_part(self):
        """It is an invoice in QuickBooks: what raises it is an invoice here, what lowers it a credit note."""
        sale = self.secure(self.invoice(100, move_type="out_receipt"))
        paid = self.pay(30, sale)
        self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(sale)["Id"], amount=15)
        self.cross()
        self.person("receive", "Invoice", id=self.there(sale)["Id"], amount=80)
        self.cross(warnings=0)
        [fee] = self.notes(sale)
        self.assertEqual((fee.move_type, sale.amount_residual + fee.amount_residual), ("out_invoice", 5))
        self.person("void", "Invoice", id=self.there(sale)["Id"])
        self.cross()
        credit = self.notes(sale)[-1]
        self.assertEqual((credit.move_type, credit.amount_total, credit.amount_residual), ("out_refund", 115, 0))
        self.assertEqual(self.receivable(paid).amount_residual, -30)
        self.nothing_goes_out()

    def test_the_rule_may_ask(self):
        self.backend._policy("Invoice").locked_rule = "ask"
        move = self.secure(self.invoice(100))
        self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.error_code, job.with_user(self.bookkeeper).fix), ("secured", "difference"))
        self.assertIn(move.name, job.error)
        self.assertIn("115", job.error)
        job.with_user(self.bookkeeper).action_book_difference()
        self.cross()
        self.assertEqual(self.notes(move).amount_total, 15)

    def test_words_alone_and_what_a_note_cannot_say(self):
        move = self.secure(self.invoice(100))
        self.quiet_sync()
        there = self.there(move)
        there["Line"][0]["Description"] = "Other words"
        self.person("edit", "Invoice", id=there["Id"], data={"Line": there["Line"][:1]})
        self.cross()
        self.assertFalse(self.notes(move))
        self.assertIn("wording", self.binding(move).note)
        self.person("edit", "Invoice", id=there["Id"], data={"CustomerRef": {"value": self.customer()["Id"]}})
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.error_code, move.partner_id), ("failed", "secured", self.acme))
        job.with_user(self.bookkeeper).action_book_difference()
        self.sync()
        self.assertIn("write it again", job.error)


@tagged("post_install", "-at_install")
class TestLockedPeriod(LockedCase):

    def test_a_change_asks_and_the_difference_is_booked_in_the_open_period(self):
        move, other = self.invoice(100), self.invoice(50)
        self.quiet_sync()
        self.company.fiscalyear_lock_date = "2026-03-31"
        for document in (move, other):
            self.person("late_fee", "Invoice", id=self.there(document)["Id"], amount=15)
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(set(jobs.mapped("error_code")), {"locked_change"})
        self.assertIn("2026-03-31", jobs[0].error)
        self.assertEqual((move.amount_total, other.amount_total), (100, 50))
        mine = jobs.filtered(lambda job: job.qbo_id == self.there(move)["Id"])
        mine.with_user(self.bookkeeper).action_book_difference()
        self.sync()
        self.assertEqual((self.notes(move).amount_total, str(self.notes(move).date) > "2026-03-31"), (15, True))
        self.company.fiscalyear_lock_date = False
        (jobs - mine).with_user(self.bookkeeper).action_retry()
        self.cross(warnings=0)
        self.assertEqual((other.amount_total, self.notes(other)), (65, self.su["account.move"]))
        # What was sent as an e-invoice is secured, whatever its period.
        with patch.object(type(other), "_need_cancel_request", lambda move: True):
            self.person("late_fee", "Invoice", id=self.there(other)["Id"], amount=5)
            self.cross()
        self.assertEqual((other.amount_total, self.notes(other).amount_total), (65, 5))

    def test_a_write_off_by_discount_leaves_the_locked_total(self):
        """The accountant's tool discounts the invoice of last year; what was invoiced then stays in Odoo."""
        move = self.invoice(self.line(100, taxed=True))
        self.quiet_sync()
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.person("write_off", "Invoice", id=self.there(move)["Id"], how="discount", amount=100)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.error_code, move.amount_total, move.amount_residual), ("locked_change", 108, 108))
        job.with_user(self.bookkeeper).action_book_difference()
        self.cross()
        there, note = self.there(move), self.notes(move)
        self.assertEqual(
            (move.amount_total, cents(move.amount_residual + note.amount_residual)), (108, cents(there["Balance"])))
        self.assertEqual(
            (note.move_type, cents(note.amount_total), cents(note.amount_tax), str(note.date) > "2026-03-31"),
            ("out_refund", 108 - cents(there["TotalAmt"]), 8 - cents(there["TxnTaxDetail"]["TotalTax"]), True))
        self.nothing_goes_out()

    def test_tax_lock_and_audit_trail(self):
        """The tax lock date counts for what is taxed; an audit trail keeps what was, and lets changes through."""
        self.company.restrictive_audit_trail = True
        taxed, plain, gone = self.invoice(self.line(100, taxed=True)), self.invoice(50), self.invoice(70)
        self.quiet_sync()
        self.company.tax_lock_date = "2026-03-31"
        for document in (taxed, plain):
            self.person("late_fee", "Invoice", id=self.there(document)["Id"], amount=15)
        self.person("void", "Invoice", id=self.there(gone)["Id"])
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.error_code, job.qbo_id), ("locked_change", self.there(taxed)["Id"]))
        self.assertEqual((plain.amount_total, gone.state), (65, "cancel"))
        self.assertTrue(plain.message_ids.tracking_value_ids, "what was stands in the log")
        job.with_user(self.bookkeeper).action_book_difference()
        self.cross()
        self.assertEqual((taxed.amount_total, self.notes(taxed).amount_total), (108, 15))

    def test_payments(self):
        """Applications cross in a locked period; a void asks, and is booked by an entry when a person says so."""
        move, other = self.invoice(100), self.invoice(100)
        payment = self.pay(60, move)
        self.quiet_sync()
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.person("unapply", "Payment", id=self.there(payment)["Id"])
        self.cross(warnings=0)
        self.assertEqual((move.amount_residual, payment.state), (100, "in_process"))
        self.apply(payment, other)
        self.cross(warnings=0)
        self.person("void", "Payment", id=self.there(payment)["Id"])
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.error_code, other.amount_residual), ("locked_change", 40))
        job.with_user(self.bookkeeper).action_book_difference()
        self.cross()
        entry = payment.move_id.reversal_move_ids
        self.assertEqual((entry.state, str(entry.date) > "2026-03-31", other.amount_residual), ("posted", True, 100))
        self.assertEqual(self.receivable(payment).amount_residual, 0)
        self.nothing_goes_out()
