"""Companies outside the US: a tax code on each line."""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents
from .lines import combined


@tagged("post_install", "-at_install")
class TestTaxCodes(DocumentCase):

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "tax": "global", "country": "GB", "currency": "USD"},
        "objects": combined(("RC", 20), ("RC back", -20), country="GB")}

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
        self.assertEqual(set(move.line_ids.filtered("tax_line_id").mapped("tax_base_amount")), {-90})
        self.assertSameReceivables()

    def test_a_discount_on_a_secured_invoice_is_booked_with_its_tax(self):
        self.company_data["default_journal_sale"].restrict_mode_hash_table = True
        move = self.invoice(self.line(100, taxed=True))
        self.quiet_sync()
        self.person("write_off", "Invoice", id=self.there(move)["Id"], how="discount", amount=10)
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 108)
        self.assertEqual((move.amount_total, move.amount_residual), (120, 108))
        note = self.env["account.move"].search([("invoice_origin", "=", move.name)])
        self.assertEqual((note.amount_untaxed, note.amount_tax), (10, 2))
        self.assertSameReceivables()

    def test_reverse_charge(self):
        """The tax that the customer owes stands on both sides of the document, in both books, and adds nothing."""
        booked = [Command.create({"repartition_type": kind, "factor_percent": factor})
                  for kind, factor in (("base", 100), ("tax", 100), ("tax", -100))]
        reverse, free = self.su["account.tax"].create([
            {"name": "Reverse charge", "amount": 20, "type_tax_use": "sale", "company_id": self.company.id,
             "invoice_repartition_line_ids": booked, "refund_repartition_line_ids": booked},
            {"name": "Exempt", "amount": 0, "type_tax_use": "sale", "company_id": self.company.id}])
        self.map("TaxCode", reverse, "Combined")
        self.map("TaxCode", free, "Zero")
        lines = [self.line(price, tax_ids=[Command.set(tax.ids)])
                 for price, tax in ((100.13, reverse), (0.07, reverse), (33.33, self.tax), (5, free))]
        ours = [self.invoice(*lines), self.refund(*lines), self.invoice(lines[0])]
        rake, customer = self.item(), self.customer()
        sold = [self.sold(rake, 1, amount, amount, code)
                for amount, code in ((100.13, "Combined"), (0.33, "Standard"), (0.33, "Standard"), (5, "Zero"))]
        theirs = [self.qbo_sale("Invoice", customer, *sold), self.qbo_sale("CreditMemo", customer, *sold),
                  self.qbo_sale("Invoice", customer, sold[0])]
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.quiet_sync()
        moves = ours + [self.here("CreditMemo" if "RemainingCredit" in there else "Invoice", there["Id"])
                        for there in theirs]
        owed = (20.04, 20.04, 20.03, 20.03, 20.03, 20.03)
        for move, amount in zip(moves, owed, strict=True):
            with self.subTest(move.name):
                there = self.assertSameDocument(move)
                here = move.line_ids.filtered(lambda line: line.tax_line_id == reverse)
                self.assertEqual(sorted(cents(line.balance) for line in here), [cents(-amount), cents(amount)])
                rates = [cents(line["Amount"]) for line in there["TxnTaxDetail"]["TaxLine"]
                         if abs(line["TaxLineDetail"]["TaxPercent"]) == 20 and abs(line["Amount"]) == amount]
                self.assertEqual(sum(rates), 0)
                self.assertEqual(len(rates), 2)
        self.assertSameReceivables()
        for move in moves:
            move.button_draft()
            move.action_post()
        self.assertFalse(self.writes(self.quiet_sync()))

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
