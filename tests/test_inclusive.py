"""Prices that include tax, outside the US: the same prices and the same cents on both sides, both ways."""

from odoo import Command
from odoo.tests import tagged

from .documents import cents
from .lines import LinesCase


@tagged("post_install", "-at_install")
class TestInclusive(LinesCase):

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "tax": "global", "country": "GB", "currency": "USD"}}

    def map_lists(self):
        self.tax.amount = self.included.amount = 20
        self.other_tax.amount = 0
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.map("TaxCode", self.tax, "Standard")
        self.map("TaxCode", self.included, "Standard")
        self.map("TaxCode", self.other_tax, "Zero")
        self.backend.default_item_id = self.reference("Item", "Services")
        self.backend.untaxed_code_id = self.reference("TaxCode", "Zero")
        self.addCleanup(self.simulator.switches, tax_inclusive_lines="net", tax_override=True)

    def priced(self, price, quantity=1, **values):
        """Return the values of a line whose price includes the tax."""
        return self.line(price, quantity, tax_ids=[Command.set(self.included.ids)], **values)

    def sold(self, amount, paid=None, quantity=1, code="Standard"):
        """Return a line as QuickBooks has it: its amount, and what the customer pays where prices include tax."""
        line = self.qbo_line(self.rake, amount, quantity)
        line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": self.reference("TaxCode", code).qbo_id}
        if paid is not None:
            line["SalesItemLineDetail"]["TaxInclusiveAmt"] = paid
        return line

    def prices(self, move):
        """Return how QuickBooks has a document, and what its lines cost with tax."""
        there = self.there(move)
        return there["GlobalTaxCalculation"], [
            cents(line["SalesItemLineDetail"]["TaxInclusiveAmt"]) for line in there["Line"]
            if "TaxInclusiveAmt" in line.get("SalesItemLineDetail", {})]

    def default(self, tax):
        """Let imports use ``tax`` for the code that two taxes are mapped to."""
        rows = self.su["qbo.mapping"].search([("model", "=", "account.tax"), ("backend_id", "=", self.backend.id)])
        rows.filtered(lambda row: row.res_id == tax.id).default_in = True

    def test_out(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        net = self.invoice(self.priced(9.99, 3), self.priced(0.07))
        self.assertAllCross({"by default": net})
        self.assertEqual(self.prices(net), ("TaxExcluded", []))
        told = self.su["qbo.job"].search([("model", "=", "account.move"), ("res_id", "=", net.id)], limit=1).difference
        self.assertIn("tax calculation: prices without tax", told)
        self.assertIn(" = 24.97 (Standard)", told)
        self.backend.with_user(self.qbo_admin).included_prices = "paid"
        lines = (self.priced(9.99, 2), self.priced(0.07), self.priced(33.33, 3, discount=10), self.priced(80, 0),
                 self.line(5), {"display_type": "line_note", "name": "Handle with care"})
        moves = {"prices": self.invoice(*lines), "credit": self.refund(*lines),
                 "mixed": self.invoice(self.priced(12), self.line(10, taxed=True)),
                 "lowered": self.invoice(self.priced(50.05), invoice_payment_term_id=self.terms[3].id)}
        # Over all lines Odoo moves a cent between them, by itself it has another half of a cent than QuickBooks.
        moves["half a cent"] = self.invoice(self.priced(0.33))
        self.company.tax_calculation_rounding_method = "round_globally"
        moves["moved cent"] = self.invoice(*[self.priced(9.98)] * 3)
        self.assertAllCross(moves)
        paid = [cents(price) for price in (19.98, 0.07, 89.99, 0, 5)]
        for name in ("prices", "credit"):
            self.assertEqual(self.prices(moves[name]), ("TaxInclusive", paid))
        for name in ("mixed", "lowered", "moved cent", "half a cent"):
            self.assertEqual(self.prices(moves[name]), ("TaxExcluded", []))
        # A change keeps the form, whatever the connection asks for by now; so does a word that changes.
        self.backend.with_user(self.qbo_admin).included_prices = "net"
        move = moves["prices"]
        move.button_draft()
        move.invoice_line_ids[1].price_unit = 1.12
        move.action_post()
        net.with_user(self.sales).ref = moves["credit"].with_user(self.sales).ref = "PO 7"
        self.assertAllCross({**moves, "net": net})
        self.assertEqual(self.prices(move), ("TaxInclusive", [cents(19.98), cents(1.12), *paid[2:]]))
        self.assertEqual(self.prices(moves["credit"]), ("TaxInclusive", paid))
        # A tax that comes on top has no such prices: QuickBooks gets net amounts, and is told so.
        move.button_draft()
        move.invoice_line_ids[0].tax_ids = self.tax
        move.action_post()
        self.assertAllCross(moves)
        self.assertEqual(self.prices(move), ("TaxExcluded", []))
        self.assertRepostIsNoChange(move, moves["credit"])
        # Prices give the same cents whether amounts of lines mean net or gross, and where no figures are taken.
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.backend.included_prices = "paid"
        self.simulator.switches(tax_inclusive_lines="gross", tax_override=False)
        lines = [self.priced(price) for price in (0.34, 0.34, 0.34, 7.78)]
        moves = {"cents by line": self.invoice(*lines), "credit": self.refund(*lines, self.line(1.01))}
        self.assertAllCross(moves)
        self.assertEqual({self.prices(move)[0] for move in moves.values()}, {"TaxInclusive"})
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_in(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.freeman, self.rake = self.customer(), self.item()
        inclusive = {"GlobalTaxCalculation": "TaxInclusive"}
        lines = [self.sold(0.33, 0.33), self.sold(29.97, 29.97, 3), self.sold(4, 4, code="Zero")]
        less = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 7}}
        for default in (self.tax, self.included):
            with self.subTest(default.name):
                self.default(default)
                plain = self.imported(*lines, **inclusive)
                moves = self.assertAllArrive(
                    plain, self.imported(*lines, *lines, less, **inclusive), self.imported(self.sold(10), **inclusive))
                self.assertEqual(moves[0].invoice_line_ids[0].tax_ids, default)
        # Where the tax is included in Odoo too, its prices are those of QuickBooks.
        move = moves[0]
        self.person("edit", "Invoice", id=plain["Id"], data={**inclusive, "Line": [*lines, self.sold(7, 7)]})
        self.assertAllArrive(plain)
        self.assertEqual([(line.quantity, cents(line.price_unit), cents(line.price_total)) for line in
                          move.invoice_line_ids], [(quantity, cents(price), cents(price * quantity)) for quantity, price
                                                   in ((1, 0.33), (3, 9.99), (1, 4), (1, 7))])
        # What Odoo changes goes back in the same form, and comes to nothing further.
        move.button_draft()
        move.invoice_line_ids[1].quantity = 4
        move.action_post()
        self.assertAllCross({"changed": move})
        self.assertEqual(self.prices(move), ("TaxInclusive", [cents(price) for price in (0.33, 39.96, 4, 7)]))
        self.assertFalse(self.writes(self.quiet_sync()))
