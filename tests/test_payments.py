"""Receipts of Odoo, whatever made them, as payments of QuickBooks."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestExportPayments(DocumentCase):

    def applies(self, record, *shares, role="", total=None):
        """Expect the payment of a record to settle exactly these invoices: (move, amount)."""
        there = self.there(record, role)
        self.assertTrue(there, f"{record.display_name} is not in QuickBooks")
        self.assertEqual(self.applied(there), {
            (self.binding(move).entity, self.there(move)["Id"]): cents(amount) for move, amount in shares})
        if total is not None:
            self.assertEqual(cents(there["TotalAmt"]), cents(total))
        return there

    def test_two_partial_payments_each_with_its_own_amount(self):
        move = self.invoice(100)
        first, second = self.pay(30.10, move), self.pay(20.20, move)
        self.quiet_sync()
        self.applies(first, (move, 30.10), total=30.10)
        self.applies(second, (move, 20.20), total=20.20)
        self.assertSameDocument(move)
        third = self.pay(49.70, move)
        self.quiet_sync()
        self.applies(third, (move, 49.70), total=49.70)
        self.assertEqual((move.payment_state, cents(self.there(move)["Balance"])), ("paid", 0))
        self.assertEqual(len(self.qbo("Payment")), 3)
        self.assertSameReceivables()

    def test_one_payment_on_three_invoices(self):
        moves = [self.invoice(10), self.invoice(20), self.invoice(30)]
        payment = self.pay(50, *moves, memo="CHK 4711")
        self.quiet_sync()
        there = self.applies(payment, *zip(moves, (10, 20, 20), strict=True), total=50)
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertEqual(len(there["Line"]), 3)
        self.assertEqual(
            (there["PaymentRefNum"], there["TxnDate"], there["DepositToAccountRef"]["value"]),
            ("CHK 4711", "2026-03-10", self.reference("Account", "Checking").qbo_id))
        for move in moves:
            self.assertSameDocument(move)
        self.assertSameReceivables()

    def test_an_overpayment_leaves_its_rest_unapplied(self):
        move = self.invoice(80)
        payment = self.pay(100, move)
        self.quiet_sync()
        self.assertEqual(cents(self.applies(payment, (move, 80), total=100)["UnappliedAmt"]), 20)
        self.assertSameReceivables()
        # The rest pays another invoice later: the same payment gets a second line.
        later = self.invoice(15)
        self.apply(payment, later)
        self.quiet_sync()
        self.assertEqual(cents(self.applies(payment, (move, 80), (later, 15), total=100)["UnappliedAmt"]), 5)
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertSameReceivables()

    def test_a_credit_note_applied_to_an_invoice_closes_both(self):
        move, refund = self.invoice(100), self.refund(30)
        self.apply(move, refund)
        self.quiet_sync()
        [there] = self.qbo("Payment").values()
        self.assertEqual(cents(there["TotalAmt"]), 0)
        self.assertEqual(self.applied(there), {
            ("Invoice", self.there(move)["Id"]): cents(30), ("CreditMemo", self.there(refund)["Id"]): cents(30)})
        self.assertSameDocument(move)
        self.assertEqual(cents(self.assertSameDocument(refund)["Balance"]), 0)
        self.assertSameReceivables()
        # Undone, the application is void and both are open again.
        refund.with_user(self.bookkeeper).line_ids.remove_move_reconcile()
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 100)
        self.assertEqual(cents(self.assertSameDocument(refund)["Balance"]), 30)
        self.assertSameReceivables()

    def test_a_credit_note_on_two_invoices_and_money_on_the_rest(self):
        first, second, refund = self.invoice(40), self.invoice(50), self.refund(60)
        self.apply(first, refund)
        self.apply(second, refund)
        payment = self.pay(30, second)
        self.quiet_sync()
        self.applies(payment, (second, 30), total=30)
        [zero] = [row for row in self.qbo("Payment").values() if not row["TotalAmt"]]
        self.assertEqual(self.applied(zero), {
            ("Invoice", self.there(first)["Id"]): cents(40), ("Invoice", self.there(second)["Id"]): cents(20),
            ("CreditMemo", self.there(refund)["Id"]): cents(60)})
        for move in (first, second, refund):
            self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 0)
        self.assertSameReceivables()

    def test_unreconciling_updates_the_lines(self):
        first, second = self.invoice(10), self.invoice(20)
        payment = self.pay(30, first, second)
        self.quiet_sync()
        self.receivable(first).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        self.assertEqual(cents(self.applies(payment, (second, 20), total=30)["UnappliedAmt"]), 10)
        self.assertSameDocument(first)
        self.receivable(second).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        self.assertEqual(cents(self.applies(payment, total=30)["UnappliedAmt"]), 30)
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertSameReceivables()

    def test_a_cancelled_payment_is_void(self):
        move = self.invoice(10)
        payment = self.pay(10, move)
        self.quiet_sync()
        payment.with_user(self.sales).action_draft()
        self.assertFalse(self.writes(self.quiet_sync()), "a draft changes nothing in QuickBooks")
        payment.with_user(self.sales).action_cancel()
        made = self.quiet_sync()
        self.assertEqual([entry["operation"] for entry in self.writes(made)], ["void"])
        self.assertEqual(cents(self.there(payment)["TotalAmt"]), 0)
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 10)
        self.assertSameReceivables()
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertEqual(self.status(payment), "synced")

    def test_a_deleted_payment_is_void(self):
        move = self.invoice(10)
        payment = self.pay(10, move)
        self.quiet_sync()
        qbo_id = self.there(payment)["Id"]
        payment.action_draft()
        payment.unlink()
        self.quiet_sync()
        self.assertEqual(cents(self.qbo("Payment")[qbo_id]["TotalAmt"]), 0)
        self.assertSameReceivables()

    def test_a_changed_payment(self):
        move = self.invoice(100)
        payment = self.pay(10, move)
        self.quiet_sync()
        payment.with_user(self.sales).action_draft()
        payment.with_user(self.sales).write({"amount": 25, "memo": "New cheque"})
        payment.with_user(self.sales).action_post()
        self.apply(payment, move)
        self.quiet_sync()
        there = self.applies(payment, (move, 25), total=25)
        self.assertEqual(there["PaymentRefNum"], "New cheque")
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertSameReceivables()

    def test_registered_payments_are_noticed_for_a_person_without_rights_on_quickbooks(self):
        """The button of the invoice, pressed by somebody who may invoice and nothing else."""
        move = self.invoice(12.34)
        self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=move.ids).create(
            {"journal_id": self.bank.id, "payment_date": "2026-03-11"})._create_payments()
        self.assertFalse(self.sales.has_group("qbo_sync.group_user"))
        self.quiet_sync()
        [there] = self.qbo("Payment").values()
        self.assertEqual(self.applied(there), {("Invoice", self.there(move)["Id"]): cents(12.34)})
        self.assertSameReceivables()

    def test_a_bank_line_matched_with_invoices(self):
        first, second = self.invoice(10), self.invoice(20)
        line = self.bank_line(25, first, second, label="Transfer 77")
        self.assertFalse(line.payment_ids)
        self.quiet_sync()
        there = self.applies(line.move_id, (first, 10), (second, 15), total=25)
        self.assertEqual((there["PaymentRefNum"], there["DepositToAccountRef"]["value"]),
                         ("Transfer 77", self.reference("Account", "Checking").qbo_id))
        self.assertSameReceivables()
        line.with_user(self.bookkeeper).action_undo_reconciliation()
        self.quiet_sync()
        self.assertEqual(cents(self.there(line.move_id)["TotalAmt"]), 0)
        for move in (first, second):
            self.assertSameDocument(move)
        self.match_bank_line(line, second, first)
        self.quiet_sync()
        self.assertSameDocument(first)
        self.assertSameDocument(second)
        self.assertSameReceivables()

    def test_a_bank_line_that_settles_nothing_stays_home(self):
        self.bank_line(25)
        self.quiet_sync()
        self.assertFalse(self.qbo("Payment"))

    def test_an_entry_over_an_invoice(self):
        """Money that somebody entered as an entry of a bank or cash account is a receipt into that account."""
        self.map("Account", self.bank.default_account_id, "Checking")
        move = self.invoice(40)
        entry = self.entry((move, 40), debit_account=self.bank.default_account_id)
        self.quiet_sync()
        there = self.applies(entry, (move, 40), total=40)
        self.assertEqual(there["DepositToAccountRef"]["value"], self.reference("Account", "Checking").qbo_id)
        self.assertSameReceivables()

    def test_an_entry_over_two_customers_is_two_payments(self):
        self.map("Account", self.bank.default_account_id, "Checking")
        acmes, roes = self.invoice(40), self.invoice(50, partner=self.roe)
        entry = self.entry((acmes, 30), (roes, 50), debit_account=self.bank.default_account_id)
        self.quiet_sync()
        self.applies(entry, (acmes, 30), role=f"part:{self.acme.id}", total=30)
        self.applies(entry, (roes, 50), role=f"part:{self.roe.id}", total=50)
        self.assertEqual(len(self.qbo("Payment")), 2)
        self.assertSameReceivables()
        self.receivable(roes).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        self.assertEqual(cents(self.there(entry, f"part:{self.roe.id}")["TotalAmt"]), 0)
        self.applies(entry, (acmes, 30), role=f"part:{self.acme.id}", total=30)
        self.assertSameDocument(roes)

    def test_instalments_of_one_invoice(self):
        term = self.su["account.payment.term"].create({"name": "Halves", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)]})
        move = self.invoice(100, invoice_payment_term_id=term.id)
        payment = self.pay(70, move)
        self.quiet_sync()
        self.applies(payment, (move, 70), total=70)
        self.assertSameDocument(move)

    def test_a_payment_of_an_excluded_invoice_stays_unapplied(self):
        excluded, move = self.invoice(10), self.invoice(20)
        excluded.with_user(self.qbo_admin).qbo_exclude = True
        payment = self.pay(30, excluded, move)
        self.quiet_sync()
        self.assertEqual(cents(self.applies(payment, (move, 20), total=30)["UnappliedAmt"]), 10)

    def test_a_payment_without_entry_waits_and_says_so(self):
        """With Odoo Enterprise a method without an outstanding account books nothing until the bank line comes."""
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        moves = self.env.registry["account.move"]
        with patch.object(moves, "_get_invoice_in_payment_state", lambda move: "in_payment"):
            payment = self.pay(10)
        self.assertFalse(payment.move_id)
        self.quiet_sync()
        self.assertFalse(self.qbo("Payment"))
        self.assertIn("no journal entry", self.jobs(direction="out", entity="Payment")[-1].error)

    def test_vendor_payments_and_refunds_paid_out_stay_home(self):
        refund = self.refund(30)
        self.env["account.payment"].create({
            "payment_type": "outbound", "partner_type": "supplier", "amount": 5, "partner_id": self.roe.id,
            "journal_id": self.bank.id}).action_post()
        self.quiet_sync()
        self.assertFalse(self.qbo("Payment"))
        self.assertSameDocument(refund)
