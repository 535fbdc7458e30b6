"""Tax that a customer withholds: it settles the invoice by an entry, and the invoice stays what it was.

The part ``stock`` of ``make test`` runs this beside l10n_account_withholding_tax.
"""

from odoo import Command
from odoo.tests import tagged

from .documents import DAY, cents
from .test_entries_out import EntriesOutCase


@tagged("post_install", "-at_install")
class TestWithholding(EntriesOutCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beside = "account.payment.withholding.line" in cls.env
        if not cls.beside:
            return
        cls.withheld, base = cls.su["account.account"].create([
            {"name": name, "code": code, "account_type": "asset_current"}
            for name, code in (("Tax Withheld by Customers", "131700"), ("Base of Withholding", "131701"))])
        cls.company.withholding_tax_base_account_id = base
        booked = [Command.create({"repartition_type": "base"}),
                  Command.create({"repartition_type": "tax", "account_id": cls.withheld.id})]
        cls.withholding = cls.su["account.tax"].create({
            "name": "Withheld 1%", "amount": -1, "type_tax_use": "sale", "company_id": cls.company.id,
            "is_withholding_tax_on_payment": True, "invoice_repartition_line_ids": booked,
            "refund_repartition_line_ids": booked, "withholding_sequence_id": cls.su["ir.sequence"].create({
                "name": "Withheld", "implementation": "no_gap", "company_id": cls.company.id}).id})
        cls.advice.taxes_id = cls.tax | cls.withholding

    def setUp(self):
        if not self.beside:
            self.skipTest("runs beside l10n_account_withholding_tax")
        super().setUp()

    def arrange(self):
        super().arrange()
        self.map("Account", self.withheld, "Prepaid Expenses")

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
        # What QuickBooks changes leaves the tax alone that it does not know.
        [line] = [line for line in self.there(move)["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        line["Description"] = "Much advice"
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"Line": [line]})
        self.quiet_sync()
        self.assertEqual((move.invoice_line_ids.name, move.invoice_line_ids.tax_ids), (
            "Much advice", self.tax | self.withholding))
        # It is nothing to map either.
        mapped = self.su["qbo.mapping"].search([("model", "=", "account.tax"), ("backend_id", "=", self.backend.id)])
        self.assertIn(self.tax.id, mapped.mapped("res_id"))
        self.assertNotIn(self.withholding.id, mapped.mapped("res_id"))
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
