"""The life of a receivable, row by row: what each step becomes in the other book, and that both ledgers agree after it.

The special cases of each step have tests of their own; this is the whole story of one customer, told once in each
direction, as an ordinary invoicing user and as a person in QuickBooks.
"""

from odoo.tests import tagged

from .documents import cents
from .test_entries import EntriesCase


@tagged("post_install", "-at_install")
class TestLifeCycle(EntriesCase):

    def step(self, name):
        """Let what was done cross; then everybody owes the same in both books."""
        with self.subTest(step=name):
            self.quiet_sync()
            self.assertSameBooks()

    def uncollected(self, move, paid):
        """Register ``paid`` for the whole invoice; the rest is written off in the same dialog."""
        wizard = self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=move.ids).create({
                "amount": paid, "journal_id": self.bank.id, "payment_date": move.invoice_date,
                "payment_difference_handling": "reconcile", "writeoff_account_id": self.expense.id,
                "writeoff_label": "Not to be had"})
        wizard.action_create_payments()

    def owed_by(self, partner):
        return self.report("CustomerBalance").get(self.binding(partner).qbo_id, 0)

    def test_what_happens_in_odoo(self):
        invoice, cancelled = self.invoice(self.line(100, taxed=True)), self.invoice(40)
        self.step("posted")
        there = self.assertSameDocument(invoice)
        self.assertEqual((there["DocNumber"], cents(there["TotalAmt"])), (invoice.name, 108))

        cancelled.with_user(self.sales).button_cancel()
        never_sent = self.invoice(15)
        never_sent.with_user(self.sales).button_cancel()
        self.step("cancelled")
        self.assertEqual((cents(self.there(cancelled)["TotalAmt"]), self.there(cancelled)["PrivateNote"][:6]),
                         (0, "Voided"))
        self.assertFalse(self.there(never_sent), "a document that never crossed is not voided there")

        credit = self.refund(30)
        self.step("credited")
        self.assertEqual(cents(self.assertSameDocument(credit)["Balance"]), 30)
        self.apply(invoice, credit)
        self.step("credit applied")
        self.assertEqual(cents(self.assertSameDocument(invoice)["Balance"]), 78)

        payment = self.pay(50, invoice)
        self.step("paid in part")
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", there["Id"]): 50})
        over = self.pay(40, invoice)
        self.step("paid too much")
        self.assertEqual((cents(self.there(over)["UnappliedAmt"]), invoice.payment_state), (12, "paid"))
        self.assertEqual(self.owed_by(self.acme), -12)

        self.receivable(payment).with_user(self.bookkeeper).remove_move_reconcile()
        self.step("undone")
        self.assertEqual((cents(self.there(payment)["UnappliedAmt"]), self.owed_by(self.acme)), (50, -12))
        self.apply(payment, invoice)
        self.step("applied again")
        self.assertEqual(cents(self.assertSameDocument(invoice)["Balance"]), 0)
        over.with_user(self.bookkeeper).action_draft()
        over.with_user(self.bookkeeper).action_cancel()
        self.step("payment cancelled")
        self.assertEqual(cents(self.there(over)["TotalAmt"]), 0)
        self.assertEqual(cents(self.assertSameDocument(invoice)["Balance"]), 28)

        self.uncollected(invoice, 25)
        self.step("written off")
        self.assertEqual(cents(self.assertSameDocument(invoice)["Balance"]), 0)
        late = self.invoice({**self.line(7.5), "name": "Late fee"}, partner=self.acme)
        self.step("late fee")
        self.assertEqual(cents(self.assertSameDocument(late)["Balance"]), cents("7.5"))
        self.assertEqual(self.owed_by(self.acme), cents("7.5"))

    def test_what_happens_in_quickbooks(self):
        customer, item = self.freeman, self.rake
        sold, void, gone = (self.sold(amount) for amount in (100, 40, 15))
        self.step("sold")
        invoice = self.here("Invoice", sold["Id"])
        self.person("void", "Invoice", id=void["Id"])
        self.person("delete", "Invoice", id=gone["Id"])
        self.sync()
        self.assertSameBooks()
        self.assertEqual([self.here("Invoice", row["Id"]).state for row in (void, gone)], ["cancel", "cancel"])

        memo = self.qbo_sale("CreditMemo", customer, self.qbo_line(item, 30))
        self.step("credited")
        self.assertEqual(cents(self.here("CreditMemo", memo["Id"]).amount_residual), 30)
        self.qbo_payment(customer, 0, ("Invoice", sold, 30), ("CreditMemo", memo, 30))
        self.step("credit applied")
        self.assertEqual(cents(invoice.amount_residual), 70)

        part = self.qbo_payment(customer, 50, ("Invoice", sold, 50))
        self.step("paid in part")
        self.assertEqual(cents(invoice.amount_residual), 20)
        self.qbo_payment(customer, 32, ("Invoice", sold, 20))
        self.step("paid too much")
        self.assertEqual((invoice.payment_state, self.owed_here()[customer["Id"]]), ("paid", -12))

        self.person("unapply", "Payment", id=part["Id"])
        self.step("undone")
        self.assertEqual(cents(invoice.amount_residual), 50)
        self.person("edit", "Payment", id=part["Id"], data={
            "Line": [{"Amount": 50, "LinkedTxn": [{"TxnId": sold["Id"], "TxnType": "Invoice"}]}]})
        self.step("applied again")
        self.assertEqual(cents(invoice.amount_residual), 0)
        self.person("void", "Payment", id=part["Id"])
        self.sync()
        self.assertSameBooks()
        self.assertEqual(cents(invoice.amount_residual), 50)

        self.person("write_off", "Invoice", id=sold["Id"], how="journal", amount=5)
        self.step("written off")
        self.assertEqual(cents(invoice.amount_residual), 45)
        bounced = self.person("receive", "Invoice", id=sold["Id"])
        self.step("paid")
        self.person("bounce", "Payment", id=bounced["Id"])
        self.step("bounced")
        self.assertEqual(cents(self.assertSameDocument(invoice)["Balance"]), 45)
        self.person("late_fee", "Invoice", id=sold["Id"], amount=7.5)
        self.step("late fee")
        self.assertEqual(self.owed_here()[customer["Id"]], cents("40.5"))
