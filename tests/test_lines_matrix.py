"""Every situation of lines in every tax model of QuickBooks, from the button to both ledgers."""

from odoo.tests import tagged

from .documents import cents
from .lines import LinesCase, combined


@tagged("post_install", "-at_install")
class TestLinesManualTax(LinesCase):
    """A US company that chooses the tax by hand: one code a document, TAX and NON on the lines."""

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True}, "objects": combined(("GST", 5), ("PST", 7))}

    def test_out(self):
        self.map("TaxCode", self.included, "California")
        self.company.tax_calculation_rounding_method = "round_globally"
        moves = self.write_all("tax cents by line", "discount in percent", "a negative line")
        self.company.tax_calculation_rounding_method = "round_per_line"
        moves = {
            **self.by_chance(24), **self.write_all(), "included": self.invoice(*self.included_lines()),
            **{f"globally, {name}": move for name, move in moves.items()},
            **self.write_all("tax cents by line", "rounding in the tax", "early discount lowers tax", "a negative line",
                             "discount in percent", move_type="out_refund")}
        self.assertAllCross(moves)
        self.assertRepostIsNoChange(moves["tax cents by line"], moves["early discount lowers tax"])

    def test_taxes_that_are_charged_together(self):
        self.assertCombinedCross()

    def test_what_is_approved_says_what_quickbooks_would_charge(self):
        self.active_backend(approval="ask")
        self.company.tax_calculation_rounding_method = "round_per_line"
        move = self.write_all("tax cents by line")["tax cents by line"]
        self.sync()
        job = self.jobs(model="account.move", res_id=move.id)
        self.assertEqual(job.state, "approval")
        self.assertIn("tax of Odoo 0.71; QuickBooks would compute 0.70", job.difference)

    def test_out_where_figures_are_not_taken(self):
        """QuickBooks computes the tax whatever it is told: a visible line of a cent keeps the totals equal."""
        self.simulator.switches(tax_override=False)
        self.addCleanup(self.simulator.switches, tax_override=True)
        self.company.tax_calculation_rounding_method = "round_per_line"
        move = self.write_all("tax cents by line")["tax cents by line"]
        credit = self.write_all("tax cents by line", move_type="out_refund").popitem()[1]
        far = self.write_all("early discount lowers tax").popitem()[1]
        self.map("TaxCode", self.included, "California")
        chance = [move for name, move in self.by_chance(24).items() if "globally" in name]
        self.sync()
        for one in chance:
            there = self.assertSameTotal(one)
            visible = [cents(line["Amount"]) for line in there["Line"]
                       if line.get("Description") == "Rounding of tax"]
            self.assertLessEqual(sum(map(abs, visible)), cents(0.01) * len(there["TxnTaxDetail"].get("TaxLine", ())))
            self.assertEqual(self.status(one), "synced")
        for one in (move, credit):
            there = self.assertSameTotal(one)
            [line] = [line for line in there["Line"] if line.get("Description") == "Rounding of tax"]
            self.assertEqual((cents(line["Amount"]), self.status(one)), (cents(0.01), "synced"))
        # Eight cents are no rounding: a person looks.
        self.assertEqual(self.jobs(res_id=far.id, model="account.move")[-1].state, "warning")
        self.assertFalse(self.writes(self.quiet_sync()))
        # The line goes when it is needed no more, and what QuickBooks changes comes back with it once.
        move.button_draft()
        move.invoice_line_ids[1:].unlink()
        move.action_post()
        self.person("edit", "CreditMemo", id=self.there(credit)["Id"], data={"Line": [
            line for line in self.there(credit)["Line"] if line["DetailType"] != "SubTotalLineDetail"][1:]})
        self.quiet_sync()
        self.assertSameDocument(move)
        self.assertFalse([line for line in self.there(move)["Line"] if line.get("Description") == "Rounding of tax"])
        self.assertSameDocument(credit)
        self.assertFalse(self.writes(self.quiet_sync()))

    def assertSameTotal(self, move):
        there = self.there(move)
        self.assertEqual((cents(there["TotalAmt"]), cents(there["Balance"])), (cents(move.amount_total),) * 2)
        return there

    def test_in(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.map("TaxCode", self.included, "California")
        self.freeman, rake = self.customer(), self.item()
        code = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": self.reference("TaxCode", "California").qbo_id}}}
        prices = [self.qbo_line(rake, amount, quantity, taxed=True) for amount, quantity in ((0.33, 1), (7.77, 3))]
        negative = self.qbo_line(rake, -3.03, taxed=True)
        percent = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {
            "PercentBased": True, "DiscountPercent": 7}}
        free = self.qbo_line(rake, 0)
        for default in (self.tax, self.included):
            # Imports may use a tax that is included in prices: its lines have the price that the customer pays.
            with self.subTest(default.name):
                rows = self.su["qbo.mapping"].search([("model", "=", "account.tax"), ("res_id", "=", default.id)])
                rows.default_in = True
                moves = self.assertAllArrive(
                    self.imported(*prices, *prices, negative, **code), self.imported(*prices, free, **code),
                    self.imported(*prices, self.qbo_line(rake, 4.01), percent, ApplyTaxAfterDiscount=True, **code),
                    self.imported(free))
                self.assertEqual(moves[0].invoice_line_ids.tax_ids, default)


@tagged("post_install", "-at_install")
class TestLinesAutomatedTax(LinesCase):
    """A US company whose tax QuickBooks computes by addresses: Odoo's figure is what the customer got, so it counts."""

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "tax": "automated"}}

    def map_lists(self):
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.backend.default_item_id = self.reference("Item", "Services")
        address = {"street": "1 Main St", "city": "San Pablo", "zip": "87999", "country_id": self.env.ref("base.us").id,
                   "state_id": self.env.ref("base.state_us_5").id}
        (self.acme | self.other_partner).write(address)

    def test_out(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.assertAllCross(self.write_all())


@tagged("post_install", "-at_install")
class TestLinesTaxOnEachLine(LinesCase):
    """Companies outside the US: a code on each line."""

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "tax": "global", "country": "GB", "currency": "USD"},
        "objects": combined(("GST", 5), ("PST", 7), country="GB")}

    def map_lists(self):
        self.tax.amount = self.included.amount = 20
        self.other_tax.amount = 0
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.map("TaxCode", self.tax, "Standard")
        self.map("TaxCode", self.included, "Standard")
        self.map("TaxCode", self.other_tax, "Zero")
        self.backend.default_item_id = self.reference("Item", "Services")

    def line(self, price, quantity=1, taxed=False, product=None, **values):
        """Where every line has a code, untaxed ones have that of 0 %."""
        values.setdefault("tax_ids", [(6, 0, (self.tax if taxed else self.other_tax).ids)])
        return super().line(price, quantity, product=product, **values)

    def test_out(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        moves = {
            "included": self.invoice(*self.included_lines()), **self.write_all(),
            **self.write_all("tax cents by line", move_type="out_refund"), **self.by_chance(24)}
        self.sync()
        # QuickBooks wants a code on each line: a line without a tax waits until a person has chosen one for it.
        waiting = moves["a rounding line"]
        self.assertIn("choose the tax code of lines without a tax", waiting.with_user(self.biller).qbo_error)
        steps = self.su["qbo.job"].search([("state", "=", "blocked"), ("res_id", "=", waiting.id)]).mapped("next_step")
        self.assertEqual(steps, ["Yours, or an administrator's: one of both, then it goes by itself"])
        self.backend.with_user(self.qbo_admin).untaxed_code_id = self.reference("TaxCode", "Zero")
        self.assertAllCross(moves)

    def test_taxes_that_are_charged_together(self):
        self.assertCombinedCross()


@tagged("post_install", "-at_install")
class TestLinesWithoutTax(LinesCase):
    """A company that uses no sales tax."""

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "tax": "none"}}

    def map_lists(self):
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.backend.default_item_id = self.reference("Item", "Services")

    def line(self, price, quantity=1, taxed=False, product=None, **values):
        values.setdefault("tax_ids", [(5,)])
        return super().line(price, quantity, product=product, **values)

    def test_out(self):
        self.assertAllCross(self.write_all())
