"""Tax that a customer withholds: it settles the invoice by an entry, and the invoice stays what it was.

The part ``stock`` of ``make test`` runs this beside l10n_account_withholding_tax.
"""

from odoo import Command
from odoo.tests import tagged

from .documents import DAY, cents
from .test_entries_out import EntriesOutCase


@tagged("post_install", "-at_install")
class TestWithholding(EntriesOutCase):

    def setUp(self):
        if "account.payment.withholding.line" not in self.env:
            self.skipTest("runs beside l10n_account_withholding_tax")
        super().setUp()
        self.withheld, base = self.su["account.account"].create([
            {"name": name, "code": code, "account_type": "asset_current"}
            for name, code in (("Tax Withheld by Customers", "131700"), ("Base of Withholding", "131701"))])
        self.map("Account", self.withheld, "Prepaid Expenses")
        self.company.withholding_tax_base_account_id = base
        booked = [Command.create({"repartition_type": "base"}),
                  Command.create({"repartition_type": "tax", "account_id": self.withheld.id})]
        self.withholding = self.su["account.tax"].create({
            "name": "Withheld 1%", "amount": -1, "type_tax_use": "sale", "company_id": self.company.id,
            "is_withholding_tax_on_payment": True, "invoice_repartition_line_ids": booked,
            "refund_repartition_line_ids": booked, "withholding_sequence_id": self.su["ir.sequence"].create({
                "name": "Withheld", "implementation": "no_gap", "company_id": self.company.id}).id})

    def pay_less(self, move, amount, withheld):
        """Register the payment of ``amount``, of which the customer has withheld a part."""
        wizard = self.env["account.payment.register"].with_user(self.bookkeeper).with_context(
            active_model="account.move", active_ids=move.ids).create({"journal_id": self.bank.id, "payment_date": DAY})
        self.assertTrue(wizard.should_withhold_tax)
        self.assertEqual((cents(wizard.amount), cents(sum(wizard.withholding_line_ids.mapped("amount")))),
                         (cents(amount), cents(withheld)))
        return wizard._create_payments().with_env(self.su)

    def test_what_is_withheld_settles_the_invoice(self):
        move = self.invoice(self.line(1000, tax_ids=[Command.set((self.tax | self.withholding).ids)]))
        self.quiet_sync()
        self.assertEqual((cents(move.amount_total), move.amount_residual), (cents(1080), 1080))
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 1080)
        payment = self.pay_less(move, 1080, 10)
        self.quiet_sync()
        # The invoice is what it was, and settled; the bank has what came in; the rest is a claim on the agency.
        there = self.assertSameDocument(move)
        self.assertEqual((there["TotalAmt"], cents(there["Balance"]), move.amount_residual), (1080, cents(0), 0))
        self.assertEqual(cents(self.there(payment)["TotalAmt"]), cents(1070))
        self.assertEqual({kind for kind, _id in self.applied(self.there(payment))}, {"Invoice", "JournalEntry"})
        self.assertEqual(self.booked_there(payment, "written_off"), {
            "Accounts Receivable (A/R)": cents(-10), "Prepaid Expenses": cents(10)})
        self.assertSameBooks()
        self.assertFalse(self.writes(self.quiet_sync()))
        # Words come over; another day is for the one who knows what was withheld.
        self.person("edit", "Payment", id=self.there(payment)["Id"], data={"PaymentRefNum": "CHK 7"})
        self.quiet_sync()
        self.assertEqual((payment.memo, payment.amount, move.amount_residual), ("CHK 7", 1080, 0))
        self.person("edit", "Payment", id=self.there(payment)["Id"], data={"TxnDate": "2026-03-11"})
        self.sync()
        self.assertIn("Tax was withheld", self.open_jobs().error)
        self.assertEqual((str(payment.date), payment.amount, move.amount_residual), (DAY, 1080, 0))
        self.person("edit", "Payment", id=self.there(payment)["Id"], data={"TxnDate": DAY})
        self.quiet_sync()
        self.assertSameBooks()
        payment.action_draft()
        payment.action_cancel()
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), cents(1080))
        self.assertFalse(self.qbo("JournalEntry"))
        self.assertSameBooks()
