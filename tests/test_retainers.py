"""Retainers and down payments, and invoices that are due in instalments."""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestRetainers(DocumentCase):

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True}, "objects": {"Account": [
        {"Name": "Client Trust Liability", "AccountType": "Other Current Liability",
         "AccountSubType": "TrustAccountsLiabilities"}]}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trust = cls.su["account.account"].create({
            "name": "Client Trust", "code": "251800", "account_type": "liability_current"})
        cls.retainer = cls.su["product.product"].create({
            "name": "Retainer", "type": "service", "list_price": 500, "taxes_id": [],
            "property_account_income_id": cls.trust.id})
        cls.term = cls.su["account.payment.term"].create({"name": "30/70", "line_ids": [
            Command.create({"value": "percent", "value_amount": part, "nb_days": days})
            for part, days in ((30, 10), (70, 40))]})

    def map_lists(self):
        result = super().map_lists()
        self.map("Account", self.trust, "Client Trust Liability")
        return result

    def owed_to_clients(self):
        """Return the balance of the liability in both books: what is owed is above zero."""
        items = self.su["account.move.line"].search([
            ("account_id", "=", self.trust.id), ("parent_state", "=", "posted")])
        there = self.qbo("Account")[self.reference("Account", "Client Trust Liability").qbo_id]
        return -cents(sum(items.mapped("balance"))), cents(there["CurrentBalance"])

    def test_a_retainer_is_a_liability_until_it_is_earned(self):
        first = self.invoice(self.line(500, product=self.retainer))
        self.pay(500, first)
        self.quiet_sync()
        self.assertSameDocument(first)
        self.assertEqual(self.owed_to_clients(), (500, 500))
        final = self.invoice(self.line(800), self.line(-300, product=self.retainer))
        self.quiet_sync()
        self.assertSameDocument(final)
        self.assertEqual(self.owed_to_clients(), (200, 200))
        # Both work in QuickBooks too: the rest is used up there.
        item = self.qbo("Item")[self.binding(self.retainer).qbo_id]
        there = self.qbo_sale(
            "Invoice", {"Id": self.there(final)["CustomerRef"]["value"]},
            self.qbo_line({"Id": self.there(final)["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]}, 250),
            self.qbo_line(item, -200))
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.assertSameDocument(move)
        self.assertEqual(move.invoice_line_ids[1].account_id, self.trust)
        self.assertEqual(self.owed_to_clients(), (0, 0))
        self.assertSameReceivables()

    def test_a_deposit_as_credit_of_the_customer(self):
        payment = self.pay(500)
        self.quiet_sync()
        self.assertEqual(cents(self.there(payment)["UnappliedAmt"]), 500)
        self.assertSameReceivables()
        move = self.invoice(800)
        self.apply(payment, move)
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 300)
        self.assertEqual(self.owed_to_clients(), (0, 0), "credit of a customer and money in trust are never mixed")
        self.assertSameReceivables()

    def test_instalments(self):
        move = self.invoice(self.line(33.35), self.line(66.66), invoice_payment_term_id=self.term.id)
        items = self.receivable(move).sorted("date_maturity")
        self.quiet_sync()
        there = self.assertSameDocument(move)
        self.assertEqual((len(items), there["DueDate"]), (2, str(items[-1].date_maturity)))
        first = self.pay(30)
        (self.receivable(first) | items[0]).with_user(self.bookkeeper).reconcile()
        self.quiet_sync()
        self.assertEqual(self.applied(self.there(first)), {("Invoice", there["Id"]): 30})
        self.assertSameDocument(move)
        # Money that QuickBooks applies goes to the instalment that is due first.
        self.qbo_payment({"Id": there["CustomerRef"]["value"]}, 20.01, ("Invoice", there, 20.01))
        self.quiet_sync()
        self.assertSameDocument(move)
        self.assertEqual([cents(item.amount_residual) for item in items], [0, 50])
        both = self.pay(50)
        (self.receivable(both) | items[1]).with_user(self.bookkeeper).reconcile()
        self.quiet_sync()
        self.assertEqual(self.applied(self.there(both)), {("Invoice", there["Id"]): 50})
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 0)
        # A document of QuickBooks that changes keeps the money on its instalments.
        self.person("late_fee", "Invoice", id=there["Id"], amount=10)
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 10)
        self.assertSameReceivables()
