"""Payments without a journal entry, as Odoo has them where banks are reconciled: they wait, or go as what they mean."""

from unittest.mock import patch

from odoo.addons.account.models.account_move import AccountMove
from odoo.tests import tagged

from .documents import DAY, cents
from .test_entries import EntriesCase


@tagged("post_install", "-at_install")
class TestIntents(EntriesCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(AccountMove, "_get_invoice_in_payment_state", lambda move: "in_payment"))
        (self.bank | self.cash).inbound_payment_method_line_ids.payment_account_id = False

    def register(self, amount, *moves):
        """Register a payment with the wizard of the invoices; nothing is booked."""
        wizard = self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=[move.id for move in moves]).create({
                "amount": amount, "payment_date": DAY, "journal_id": self.bank.id, "group_payment": True})
        payment = wizard._create_payments().with_env(self.su)
        self.assertFalse(payment.move_id)
        return payment

    def test_wait_or_send(self):
        """By default the bank line crosses; by choice the payment, and then the bank line does not."""
        waiting = self.invoice(40)
        self.quiet_sync()
        waits = self.register(40, waiting)
        self.assertEqual(waiting.payment_state, "in_payment")
        self.quiet_sync()
        self.assertFalse(self.there(waits))
        self.assertSameBooks()
        self.assertIn("waits for the bank line", self.jobs(model="account.payment", res_id=waits.id)[-1].error)
        self.bank_line(40, waiting)
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(waiting)

        self.backend.entryless_payments = "send"
        self.assertIn(self.bank.name, self.backend.entryless_journals)
        first, second = self.invoice(100), self.invoice(60)
        payment = self.register(130, first, second)
        self.quiet_sync()
        self.assertEqual(self.applied(self.there(payment)), {
            ("Invoice", self.there(first)["Id"]): cents(100), ("Invoice", self.there(second)["Id"]): cents(30)})
        self.assertEqual(self.status(payment), "synced")
        self.assertEqual(cents(sum(row["Balance"] for row in self.qbo("Invoice").values())), cents(30))
        made = len(self.qbo("Payment"))
        line = self.bank_line(130, first, second)
        self.quiet_sync()
        self.assertEqual(len(self.qbo("Payment")), made)
        self.assertIn("QuickBooks has it already", self.jobs(model="account.move", res_id=line.move_id.id)[-1].error)
        self.assertEqual(self.owed_here(), {key: owed for key, owed in self.report("CustomerBalance").items() if owed})
        self.assertSameDocument(first)
        self.assertSameDocument(second)

        third = self.invoice(20)
        self.register(20, third)
        self.quiet_sync()
        other = self.bank_line(15, third)
        self.sync()
        job = self.open_jobs()
        self.assertEqual((job.res_id, job.error_code), (other.move_id.id, "bank_line_differs"))
        for words in ("15", "20", "Acme", "exclude the bank line"):
            self.assertIn(words, job.error)

    def test_imported_payments_are_booked(self):
        """What comes from QuickBooks settles its invoice although the journal books nothing by itself."""
        sold = self.sold(70)
        made = self.qbo_payment(self.freeman, 70, ("Invoice", sold, 70))
        receipt = self.qbo_sale("SalesReceipt", self.freeman, self.qbo_line(self.rake, 25))
        self.quiet_sync()
        self.assertTrue(self.here("Payment", made["Id"]).move_id)
        for entity, row in (("Invoice", sold), ("SalesReceipt", receipt)):
            move = self.here(entity, row["Id"])
            self.assertEqual((cents(move.amount_residual), move.payment_state), (cents(0), "in_payment"))
        self.assertSameBooks()
