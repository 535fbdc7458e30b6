"""Receivable entries of QuickBooks that are locked in Odoo: an entry of the difference, or a person decides."""

from odoo.tests import tagged

from .documents import cents
from .test_entries import EntriesCase


@tagged("post_install", "-at_install")
class TestLockedEntries(EntriesCase):

    def arrange(self):
        super().arrange()
        self.sale = self.sold(200)
        self.entry = self.booked((self.debts(), 30, None), (self.control_account, -30, self.freeman), DocNumber="J7")
        self.use = self.qbo_payment(
            self.freeman, 0, ("Invoice", self.sale, 30), ("JournalEntry", self.entry, 30))
        self.quiet_sync()
        self.move = self.here("JournalEntry", self.entry["Id"])
        self.document = self.here("Invoice", self.sale["Id"])
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.policy = self.backend._policy("ReceivableEntry")

    def notes(self):
        rows = self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("qbo_id", "=", self.entry["Id"]),
            ("role", "=like", "difference:%")], order="id")
        return self.su["account.move"].browse(rows.mapped("res_id"))

    def change(self, amount, customer=None):
        """An accountant changes the amount (and the customer) of the entry in QuickBooks."""
        lines = [{**line, "Amount": amount} for line in self.qbo("JournalEntry")[self.entry["Id"]]["Line"]]
        if customer:
            lines[1]["JournalEntryLineDetail"]["Entity"]["EntityRef"]["value"] = customer["Id"]
        self.person("edit", "JournalEntry", id=self.entry["Id"], data={"Line": lines})

    def cross(self, warnings=1):
        run = self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual((run.failed_count, run.warning_count), (0, warnings), self.messages(run))
        self.assertSameBooks()
        self.assertSameDocument(self.document)
        self.assertEqual(cents(self.receivable(self.move).balance), -30, "what is locked stays as it is")
        self.assertTrue(all(str(note.date) > "2026-03-31" for note in self.notes()))

    def test_a_person_books_the_difference(self):
        """More, less, and deleted: it waits with the reason; each is an entry of the difference alone."""
        self.change(50)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.error_code, job.with_user(self.bookkeeper).fix), ("locked_change", "difference"))
        self.assertIn("2026-03-31", job.error)
        self.assertFalse(self.notes())
        job.with_user(self.bookkeeper).action_book_difference()
        self.cross()
        more = self.notes()
        self.assertEqual(cents(sum(self.receivable(more).mapped("balance"))), -20)
        self.assertIn(more.name, self.binding(self.move).note)
        panel = self.move.with_user(self.biller).qbo_panel
        self.assertIn("50.00", panel)
        self.assertNotIn("≠", panel)
        self.policy.locked_rule = "note"
        self.change(20)
        self.cross()
        self.assertEqual(cents(sum(self.receivable(self.notes()).mapped("balance"))), 10)
        self.assertEqual(cents(self.document.amount_residual), 180)
        with self.counting() as made:
            self.cross(warnings=0)
        self.assertFalse(self.writes(made))
        self.person("delete", "JournalEntry", id=self.entry["Id"])
        self.sync()
        self.assertSameBooks()
        self.assertEqual((self.move.state, self.status(self.move)), ("posted", "missing"))
        self.assertEqual(cents(sum(self.receivable(self.move | self.notes()).mapped("amount_residual"))), 0)
        self.assertEqual(cents(self.document.amount_residual), 200)

    def test_applications_words_and_another_customer(self):
        """What is applied of both is one application; words book nothing; a customer changes by an entry, a date not.
        """
        self.policy.locked_rule = "note"
        self.change(70)
        self.cross()
        self.person("edit", "Payment", id=self.use["Id"], data={"Line": [
            {"Amount": 70, "LinkedTxn": [{"TxnId": txn["Id"], "TxnType": kind}]}
            for kind, txn in (("Invoice", self.sale), ("JournalEntry", self.entry))]})
        self.cross(warnings=0)
        self.assertEqual(cents(self.document.amount_residual), 130)
        # A person here takes the application of the difference off: it is less of the same in QuickBooks.
        self.receivable(self.notes()).with_user(self.bookkeeper).remove_move_reconcile()
        self.cross(warnings=0)
        self.assertEqual(cents(self.document.amount_residual), 170)
        self.receivable(self.notes() | self.document).with_user(self.bookkeeper).reconcile()
        self.cross(warnings=0)
        self.assertEqual(cents(self.document.amount_residual), 130)
        lines = self.qbo("JournalEntry")[self.entry["Id"]]["Line"]
        lines[1]["Description"] = "Other words"
        self.person("edit", "JournalEntry", id=self.entry["Id"], data={"Line": lines})
        self.cross()
        self.assertEqual(len(self.notes()), 1)
        self.assertIn("wording", self.binding(self.move).note)
        for payment in self.qbo("Payment").values():
            self.person("void", "Payment", id=payment["Id"])
        self.sync()
        other = self.customer("Other")
        self.change(70, other)
        self.cross()
        self.assertEqual(self.owed_here(), {self.freeman["Id"]: 200, other["Id"]: -70})
        self.person("edit", "JournalEntry", id=self.entry["Id"], data={"TxnDate": "2026-04-02"})
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.error_code), ("failed", "locked_change"))
        self.assertIn("book it anew", job.error)
