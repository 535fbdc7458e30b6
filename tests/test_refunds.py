"""Money that goes back to customers: an expense on receivables, and a payment that applies the credit to it."""

from odoo.tests import tagged

from .documents import DAY, cents
from .receipts import ReceiptCase


@tagged("post_install", "-at_install")
class TestRefunds(ReceiptCase):
    def assertRefund(self, payment, kind="Expense", account="Checking"):
        """An outgoing payment is an expense or cheque of the same amount on receivables; returns the object."""
        there = self.there(payment)
        self.assertTrue(there, payment.with_user(self.biller).qbo_error)
        self.assertEqual(self.binding(payment).entity, "Purchase")
        self.assertEqual(
            (there["PaymentType"], cents(there["TotalAmt"]), there["TxnDate"], there["AccountRef"]["value"]),
            ("Check" if kind == "Check" else "Cash", cents(payment.amount), str(payment.date),
             self.account(account)["value"]))
        self.assertEqual(there["EntityRef"]["type"], "Customer")
        self.assertEqual(self.status(payment), "synced")
        return there

    def zero_payments(self):
        return [row for row in self.qbo("Payment").values() if not cents(row["TotalAmt"]) and row.get("Line")]

    def test_refunds(self):
        """Of a whole credit after it crossed, of a part, of money that was too much, of nothing in particular."""
        whole = self.refund(50)
        self.quiet_sync()
        part, paid = self.refund(80), self.invoice(100)
        money = self.pay(130, paid)
        back, some, rest = self.pay_back(50, whole), self.pay_back(30, part), self.pay_back(30)
        self.apply(money, rest)
        cheque = self.bank.outbound_payment_method_line_ids[:1].copy({"name": "Cheque"})
        plain = self.pay_back(12, memo="Goodwill", payment_method_line_id=cheque.id)
        self.quiet_sync()
        self.assertSameBooks()
        links = {payment: self.assertRefund(payment)["Id"] for payment in (back, some, rest)}
        links[plain] = self.assertRefund(plain, "Check")["Id"]
        self.assertThere("CreditMemo", whole)
        self.assertEqual(cents(self.assertThere("CreditMemo", part)["Balance"]), cents(50))
        self.assertEqual(self.applied(self.there(money)), {
            ("Invoice", self.there(paid)["Id"]): cents(100), ("Expense", links[rest]): cents(30)})
        self.assertEqual(cents(self.there(money)["UnappliedAmt"]), cents(0))
        self.assertCountEqual([self.applied(row) for row in self.zero_payments()], [
            {("CreditMemo", self.there(whole)["Id"]): cents(50), ("Expense", links[back]): cents(50)},
            {("CreditMemo", self.there(part)["Id"]): cents(30), ("Expense", links[some]): cents(30)}])
        self.assertFalse(self.qbo("RefundReceipt"))
        self.assertFalse(self.writes(self.quiet_sync()))

        with self.subTest("changed in Odoo"):
            some.with_user(self.sales).action_draft()
            some.with_user(self.sales).amount = 45
            some.with_user(self.sales).action_post()
            self.apply(some, part)
            self.quiet_sync()
            self.assertSameBooks()
            self.assertRefund(some)
            self.assertEqual(cents(self.assertThere("CreditMemo", part)["Balance"]), cents(35))
        with self.subTest("undone in Odoo"):
            self.receivable(rest).with_user(self.bookkeeper).remove_move_reconcile()
            back.with_user(self.bookkeeper).action_cancel()
            self.quiet_sync()
            self.assertSameBooks()
            self.assertNotIn(links[back], self.qbo("Purchase"))
            self.assertEqual(cents(self.assertThere("CreditMemo", whole)["Balance"]), cents(50))
            self.assertEqual(cents(self.there(money)["UnappliedAmt"]), cents(30))
        with self.subTest("changed and deleted in QuickBooks"):
            line = {**self.there(plain)["Line"][0], "Amount": 15}
            self.person("edit", "Purchase", id=links[plain], data={"Line": [line], "PrivateNote": "More goodwill"})
            self.person("delete", "Purchase", id=links[some])
            self.sync()
            self.assertFalse(self.open_jobs())
            self.assertSameBooks()
            self.assertEqual((cents(plain.amount), plain.memo), (cents(15), "More goodwill"))
            self.assertEqual((some.state, self.status(some)), ("canceled", "missing"))
            self.assertEqual(cents(part.amount_residual), cents(80))

    def test_credit_and_refund_are_both_cancelled(self):
        """What applies them goes first; QuickBooks would not part with a credit that a payment still uses."""
        credit = self.refund(50)
        self.quiet_sync()
        back = self.pay_back(50, credit)
        self.quiet_sync()
        expense = self.assertRefund(back)
        back.with_user(self.bookkeeper).action_cancel()
        credit.with_user(self.bookkeeper).button_draft()
        credit.with_user(self.bookkeeper).button_cancel()
        self.quiet_sync()
        self.assertSameBooks()
        self.assertNotIn(expense["Id"], self.qbo("Purchase"))
        self.assertFalse(self.qbo("CreditMemo"))
        self.assertFalse(self.zero_payments())

    def test_a_locked_refund(self):
        """What QuickBooks changes of it waits with its name, amount and next step; what it deletes is returned."""
        credit = self.refund(50)
        self.quiet_sync()
        back, other = self.pay_back(50, credit), self.pay_back(12)
        self.quiet_sync()
        expense, second = self.assertRefund(back), self.assertRefund(other)
        self.company.fiscalyear_lock_date = "2026-03-31"
        line = {**second["Line"][0], "Amount": 15}
        self.person("edit", "Purchase", id=second["Id"], data={"Line": [line]})
        self.person("delete", "Purchase", id=expense["Id"])
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(sorted(jobs.mapped("error_code")), ["locked", "locked_change"])
        for job, payment, words in (
                (jobs.filtered(lambda job: job.error_code == "locked"), other, ("12.00", "15.00", "Put QuickBooks")),
                (jobs.filtered(lambda job: job.error_code != "locked"), back, ("50.00", "deleted in QuickBooks"))):
            for word in (payment.name, self.acme.name, "2026", *words):
                self.assertIn(word, job.error)
        jobs[0].with_user(self.bookkeeper).action_put_back()
        jobs[1].with_user(self.bookkeeper).action_book_difference()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameBooks()
        self.assertEqual((cents(other.amount), cents(self.assertRefund(other)["TotalAmt"])), (12, 12))
        self.assertEqual((back.state, self.status(back), credit.amount_residual), ("paid", "missing", 50))
        self.assertEqual(cents(self.there(credit)["Balance"]), 50)
        self.assertEqual(self.receivable(back).amount_residual, 0)
        self.assertFalse(self.writes(self.quiet_sync()))
        # A refund that a person reverses in Odoo is money that came back: QuickBooks gets the entry.
        entry = other.move_id._reverse_moves([{"date": "2026-04-01"}])
        entry.action_post()
        self.quiet_sync()
        self.assertSameBooks()
        self.assertTrue(self.there(entry))

    def test_same_on_both_sides(self):
        """What both sides entered before they were linked is recognised: receipts with their money, and refunds."""
        rules = self.backend.policy_ids.filtered(
            lambda rule: rule.entity in ("SalesReceipt", "RefundReceipt", "ReceivableEntry"))
        rules.direction = "in"
        partner = self.here("Customer", self.freeman["Id"])
        sale, credit = self.receipt(25, partner=partner), self.refund(30, partner=partner)
        money, back = self.pay(25, sale), self.pay_back(30, credit)
        plain = self.pay_back(12, partner=partner)
        bank = {"value": self.account("Checking")["value"]}
        made = {
            entity: self.qbo_sale(
                entity, self.freeman, self.qbo_line(self.rake, amount), DocNumber=move.name, DepositToAccountRef=bank)
            for entity, move, amount in (("SalesReceipt", sale, 25), ("RefundReceipt", credit, 30))}
        expense = self.person("create", "Purchase", data={
            "PaymentType": "Cash", "TxnDate": DAY, "AccountRef": bank,
            "EntityRef": {"value": self.freeman["Id"], "type": "Customer"},
            "Line": [{"Amount": 12, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": self.control_account}}}]})
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        for entity, move, payment in (("SalesReceipt", sale, money), ("RefundReceipt", credit, back)):
            self.assertEqual(self.here(entity, made[entity]["Id"]), move)
            self.assertEqual(payment.with_user(self.biller).qbo_id, made[entity]["Id"])
        self.assertEqual(self.here("Purchase", expense["Id"]), plain)
        self.assertEqual(self.owed_here(), {key: owed for key, owed in self.report("CustomerBalance").items() if owed})
        rules.direction = "both"
        self.assertFalse(self.writes(self.quiet_sync()))
