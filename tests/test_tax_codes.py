"""Companies outside the US: a tax code on each line."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestTaxCodes(DocumentCase):

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "tax": "global", "country": "GB", "currency": "USD"}}

    def map_lists(self):
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.map("TaxCode", self.tax, "Standard")
        self.map("TaxCode", self.other_tax, "Reduced")
        self.tax.amount, self.other_tax.amount = 20, 5
        self.backend.default_item_id = self.reference("Item", "Services")

    def sold(self, item, quantity, price, amount, code):
        return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
            "ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": price,
            "TaxCodeRef": {"value": self.reference("TaxCode", code).qbo_id}}}

    def tax_of(self, move):
        """Return the tax of an invoice by the name of the Odoo tax."""
        lines = move.line_ids.filtered("tax_line_id")
        return {line.tax_line_id.name: cents(-line.balance) for line in lines}

    def test_each_tax_has_its_own_cents_and_the_total_is_quickbooks(self):
        rake, customer = self.item(), self.customer()
        parts_of_cents = self.qbo_sale(
            "Invoice", customer,
            self.sold(rake, 0.5, 19.99, 10, "Reduced"), self.sold(rake, 0.5, 0.07, 0.04, "Reduced"),
            self.sold(rake, 0.5, 19.99, 10, "Standard"), self.sold(rake, 3, 80, 240, "Standard"))
        discounted = self.qbo_sale(
            "Invoice", customer, self.sold(rake, 1, 100, 100, "Reduced"), self.sold(rake, 1, 100, 100, "Standard"),
            {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}})
        self.quiet_sync()
        for there, expected in ((parts_of_cents, (50, 0.5)), (discounted, (18, 4.5))):
            move = self.here("Invoice", there["Id"])
            self.assertSameDocument(move)
            self.assertEqual(self.tax_of(move), {"California": cents(expected[0]), "Tucson": cents(expected[1])})
        self.assertSameReceivables()

    def test_money_that_goes_back_bears_no_tax(self):
        self.bank.outbound_payment_method_line_ids.payment_account_id = \
            self.bank.inbound_payment_method_line_ids.payment_account_id
        credit = self.refund(self.line(100, taxed=True))
        self.quiet_sync()
        back = self.pay(120, credit, payment_type="outbound")
        self.quiet_sync()
        there = self.there(back)
        self.assertEqual((self.binding(back).entity, cents(there["TotalAmt"])), ("Purchase", 120))
        self.assertEqual(cents(self.assertSameDocument(credit)["Balance"]), 0)
        self.assertEqual((cents(self.backend.ar_odoo), cents(self.backend.ar_qbo)), (0, 0))
