"""Documents in states that one side does not know: drafts that are paid in QuickBooks, invoices below zero."""

from unittest.mock import patch

from odoo.tests import tagged

from .documents import cents
from .receipts import ReceiptCase


@tagged("post_install", "-at_install")
class TestDrafts(ReceiptCase):
    def test_paid_while_a_draft(self):
        """A payment waits for the documents that are drafts in Odoo, says so, and goes on when they are none."""
        first, second = self.sold(100), self.sold(60)
        self.quiet_sync()
        posted, cancelled = self.here("Invoice", first["Id"]), self.here("Invoice", second["Id"])
        (posted | cancelled).with_user(self.sales).button_draft()
        paid = self.qbo_payment(self.freeman, 100, ("Invoice", first, 100))
        other = self.qbo_payment(self.freeman, 60, ("Invoice", second, 60))
        self.sync()
        jobs = {job.qbo_id: job for job in self.open_jobs()}
        self.assertEqual({key: (job.entity, job.state) for key, job in jobs.items()}, {
            paid["Id"]: ("Payment", "blocked"), other["Id"]: ("Payment", "blocked")})
        for words in (posted.display_name, "Freeman", "100", "Post or cancel it"):
            self.assertIn(words, jobs[paid["Id"]].error)
        self.assertIn("post or cancel", jobs[paid["Id"]].next_step)
        self.assertEqual(self.ar_here(), self.ar_there())

        posted.with_user(self.sales).action_post()
        cancelled.with_user(self.sales).button_cancel()
        self.sync()
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(posted)
        self.assertEqual(posted.payment_state, "paid")
        free = self.here("Payment", other["Id"])
        self.assertEqual((cents(free.amount), cents(self.receivable(free).amount_residual)), (cents(60), cents(-60)))

    def test_paid_while_a_draft_and_then_gone_in_quickbooks(self):
        """The draft goes with its document, or the payment names it no more: nothing is left to wait for."""
        gone, left = self.sold(100), self.sold(60)
        self.quiet_sync()
        drafts = self.here("Invoice", gone["Id"]) | self.here("Invoice", left["Id"])
        drafts.with_user(self.sales).button_draft()
        paid = [self.qbo_payment(self.freeman, total, ("Invoice", there, total))
                for total, there in ((100, gone), (60, left))]
        self.sync()
        self.assertEqual(self.open_jobs().mapped("state"), ["blocked"] * 2)
        self.person("delete", "Invoice", id=gone["Id"])
        self.person("unapply", "Payment", id=paid[1]["Id"])
        self.sync()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(
            [cents(self.receivable(self.here("Payment", there["Id"])).amount_residual) for there in paid],
            [cents(-100), cents(-60)])

    def test_back_to_draft_while_a_change_waits(self):
        """What hinders a change is looked at again with the document: it may have lost the cause, or be a draft."""
        move = self.invoice(100)
        self.quiet_sync()
        unknown = self.env["account.tax"].create({"name": "Of nowhere", "amount": 3})
        move.with_user(self.sales).button_draft()
        move.with_user(self.sales).invoice_line_ids.tax_ids = unknown
        move.with_user(self.sales).action_post()
        self.sync()
        self.assertEqual((self.binding(move).status, self.open_jobs().state), ("failed", "blocked"))
        self.assertIn("Of nowhere", self.binding(move).error)
        move.with_user(self.sales).button_draft()
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual((self.binding(move).status, self.binding(move).error), ("synced", False))
        self.assertEqual(cents(self.qbo("Invoice")[self.binding(move).qbo_id]["TotalAmt"]), cents(100))
        move.with_user(self.sales).action_post()
        self.sync()
        self.assertEqual((self.binding(move).status, self.open_jobs().state), ("failed", "blocked"))
        move.with_user(self.sales).button_draft()
        move.with_user(self.sales).invoice_line_ids.write({"tax_ids": [(5, 0, 0)], "price_unit": 90})
        move.with_user(self.sales).action_post()
        self.quiet_sync()
        self.assertSameDocument(move)
        self.assertEqual(cents(self.qbo("Invoice")[self.binding(move).qbo_id]["TotalAmt"]), cents(90))

    def test_back_to_draft_before_it_ever_went(self):
        """What waited of it is no problem of anybody any more; posted again it is one again, until it is mended."""
        unknown = self.env["account.tax"].create({"name": "Of nowhere", "amount": 3})
        self.quiet_sync()
        move = self.invoice(100, post=False)
        move.with_user(self.sales).invoice_line_ids.tax_ids = unknown
        move.with_user(self.sales).action_post()
        for undo in ("button_draft", "button_cancel"):
            self.sync()
            self.assertEqual((self.status(move), self.open_jobs().state), ("failed", "blocked"))
            getattr(move.with_user(self.sales), undo)()
            self.sync()
            self.assertFalse(self.open_jobs())
            self.assertFalse(self.binding(move))
            if undo == "button_draft":
                move.with_user(self.sales).action_post()
        self.assertFalse(self.qbo("Invoice"))

    def test_below_zero(self):
        """An invoice below zero is a credit memo in QuickBooks with its own number, applied like one."""
        owed, below = self.invoice(100), self.invoice(self.line(-50, taxed=True), 10, post=False)
        # Odoo itself refuses to post a negative total; other addons let it.
        with patch("odoo.addons.account.models.account_move.float_compare", return_value=0):
            below.with_user(self.sales).action_post()
        self.assertEqual(cents(below.amount_total), cents(-44))
        self.apply(below, owed)
        self.quiet_sync()
        self.assertSameBooks()
        there = self.qbo("CreditMemo")[self.binding(below).qbo_id]
        self.assertEqual(
            (there["DocNumber"], cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"]),
             cents(there["Balance"])), (below.name, cents(44), cents(4), cents(0)))
        self.assertEqual(cents(self.assertThere("Invoice", owed)["Balance"]), cents(56))
        self.assertFalse(self.writes(self.quiet_sync()))
