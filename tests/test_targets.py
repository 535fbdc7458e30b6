"""Adjustments, late fees, roundings, and products that QuickBooks knows by their account only."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestTargets(DocumentCase):

    def target(self, kind):
        return self.backend._target(kind).with_user(self.qbo_admin)

    def items(self, document):
        return [line["SalesItemLineDetail"]["ItemRef"]["name"] for line in document["Line"]
                if line["DetailType"] == "SalesItemLineDetail"]

    def new_item(self, name, account="Services"):
        """Create an item in QuickBooks and read the lists; it stays unlinked."""
        made = self.person("create", "Item", data={
            "Name": name, "Type": "Service", "IncomeAccountRef": {"value": self.reference("Account", account).qbo_id}})
        self.backend.policy_ids.filtered(lambda policy: policy.entity == "Item").direction = "out"
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        return made

    def test_late_fees(self):
        """A late fee of QuickBooks becomes a line with the product, and an invoice with the product has the item."""
        self.new_item("Late Fee")
        fee = self.su["product.product"].create({
            "name": "Finance charge", "type": "service", "property_account_income_id": self.income.id, "taxes_id": []})
        self.target("late_fee").write({"product_id": fee.id, "item_id": self.reference("Item", "Late Fee").id})
        with self.assertRaises(UserError):
            self.target("adjust_up").write(
                {"product_id": self.widget.id, "item_id": self.reference("Item", "Late Fee").id})
        self.backend.policy_ids.direction = "both"
        move = self.invoice(100)
        self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)
        self.quiet_sync()
        self.assertEqual([(line.product_id, line.price_subtotal) for line in move.invoice_line_ids],
                         [(self.advice, 100), (fee, 15)])
        self.assertSameDocument(move)
        own = self.invoice(self.line(20, product=fee))
        self.quiet_sync()
        self.assertEqual(self.items(self.there(own)), ["Late Fee"])
        self.assertEqual(len([row for row in self.qbo("Item").values() if row["Name"] == "Finance charge"]), 0)
        self.assertSameReceivables()

    def test_adjustments_and_roundings(self):
        """One choice makes the mappings: a line on the account is that item; a rounding line has its own."""
        self.new_item("Adjustment")
        self.new_item("Rounding")
        self.backend.policy_ids.direction = "both"
        account = self.income.copy({"name": "Adjustments", "code": "400777"})
        self.target("adjust_up").write({
            "odoo_account_id": account.id, "account_id": self.reference("Account", "Services").id,
            "item_id": self.reference("Item", "Adjustment").id})
        rows = self.su["qbo.mapping"].search([("model", "=", "account.account"), ("res_id", "=", account.id)])
        self.assertEqual({row.entity: (row.state, row.reference_id.name) for row in rows},
                         {"Account": ("mapped", "Services"), "Item": ("mapped", "Adjustment")})
        self.target("rounding").item_id = self.reference("Item", "Rounding")
        rounding = self.su["account.cash.rounding"].create({
            "name": "0.05", "rounding": 0.05, "strategy": "add_invoice_line", "rounding_method": "HALF-UP",
            "profit_account_id": self.income.id, "loss_account_id": self.income.id})
        move = self.invoice(self.line(10.02, product=False, account_id=account.id), 5,
                            invoice_cash_rounding_id=rounding.id)
        self.quiet_sync()
        there = self.assertSameDocument(move)
        self.assertEqual(
            (self.items(there), cents(there["TotalAmt"])), (["Adjustment", "Advice", "Rounding"], cents(15)))
        # What QuickBooks changes afterwards has its total; Odoo does not round it once more.
        self.person("late_fee", "Invoice", id=there["Id"], amount=7.77)
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), cents("22.77"))
        self.assertSameReceivables()

    def test_what_is_missing_is_said(self):
        """Not chosen, chosen in half, ready, changed elsewhere since: each row says what it is and what to do."""
        target, refund = self.target("write_off"), self.reference("Account", "Bad Debts")
        account = self.income.copy({"name": "Given up", "code": "400779"})
        self.assertEqual((target.state, "clearing account" in target.missing), ("empty", True))
        target.account_id = refund
        self.assertEqual((target.state, target.missing), ("half", "Choose the account in Odoo."))
        target.odoo_account_id = account
        self.assertEqual((target.state, target.missing), ("ready", False))
        self.map("Account", account, "Services")
        target.invalidate_recordset()
        self.assertEqual((target.state, "says Services" in target.missing), ("half", True))
        self.map("Account", account, "Bad Debts")
        refund.active = False
        self.assertIn("not active", target.missing)
        rounding = self.target("rounding")
        rounding.item_id = self.reference("Item", "Services")
        self.assertEqual(rounding.state, "ready")

    def test_a_product_that_is_known_by_its_account(self):
        """Its account has a service, made on request; the product comes back when QuickBooks changes the line."""
        trips = self.income.copy({"name": "Trips", "code": "400778"})
        self.map("Account", trips, "Services")
        ride = self.su["product.product"].create({
            "name": "Ride", "type": "service", "property_account_income_id": trips.id, "taxes_id": [],
            "qbo_by_account": True})
        move = self.invoice(self.line(30, 2, product=ride), 5)
        self.sync()
        self.assertIn("'Trips' is not mapped", self.jobs(res_id=move.id).error)
        row = self.su["qbo.mapping"].search([("entity", "=", "Item"), ("res_id", "=", trips.id)])
        self.backend.state = "active"
        row.with_user(self.bookkeeper).action_create_in_quickbooks()
        self.quiet_sync()
        there = self.assertSameDocument(move)
        self.assertEqual(self.items(there), ["Trips", "Advice"])
        self.assertFalse(self.binding(ride))
        for line in there["Line"]:
            if line.get("Description") == "Ride":
                line.update(Amount=70)
                line["SalesItemLineDetail"]["UnitPrice"] = 35
        self.person("edit", "Invoice", id=there["Id"], data={"Line": there["Line"]})
        self.quiet_sync()
        self.assertEqual([(line.product_id, line.account_id, line.price_subtotal) for line in move.invoice_line_ids],
                         [(ride, trips, 70), (self.advice, self.income, 5)])
        self.assertSameDocument(move)
        self.assertSameReceivables()
