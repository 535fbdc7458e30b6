"""Stock is kept on one side: what new items are, and what a person confirms."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestStockItems(DocumentCase):

    def pump(self, name="Pump"):
        """Create an inventory item in QuickBooks, whose stock is kept from the first of April on."""
        accounts = {row["AccountType"]: row["Id"] for row in self.qbo("Account").values()}
        asset = next(row["Id"] for row in self.qbo("Account").values() if row.get("AccountSubType") == "Inventory")
        return self.person("create", "Item", data={
            "Name": name, "Type": "Inventory", "TrackQtyOnHand": True, "QtyOnHand": 10, "InvStartDate": "2026-04-01",
            "IncomeAccountRef": {"value": next(
                row["Id"] for row in self.qbo("Account").values()
                if row.get("AccountSubType") == "SalesOfProductIncome")},
            "ExpenseAccountRef": {"value": accounts["Cost of Goods Sold"]}, "AssetAccountRef": {"value": asset}})

    def test_new_goods_and_dates_before_the_start(self):
        """Goods are created without stock, unless the rule says that QuickBooks keeps it; too early is said before."""
        plain = self.invoice(self.line(10, product=self.widget))
        self.quiet_sync()
        self.assertEqual(self.there(self.widget)["Type"], "NonInventory")
        admin = self.backend.with_user(self.qbo_admin)
        with self.assertRaises(ValidationError):
            admin.stock_keeper = "qbo"
        self.pump("Other")
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.quiet_sync()
        references = self.su["qbo.reference"].search([("backend_id", "=", self.backend.id)])
        admin.write({
            "stock_keeper": "qbo", "stock_start_date": date(2026, 3, 1),
            "stock_asset_id": references.filtered(
                lambda entry: (entry.document or {}).get("subkind") == "Inventory")[0].id,
            "stock_cost_id": references.filtered(lambda entry: entry.kind == "Cost of Goods Sold")[0].id})
        barrow = self.su["product.product"].create({
            "name": "Barrow", "type": "consu", "list_price": 50, "taxes_id": [],
            "property_account_income_id": self.income.copy({"name": "Goods", "code": "400779"}).id})
        self.map("Account", barrow.property_account_income_id, "Sales of Product Income")
        self.widget.list_price = 13
        move = self.invoice(self.line(50, product=barrow), self.line(5, product=self.advice))
        self.quiet_sync()
        made = self.there(barrow)
        self.assertEqual((made["Type"], made["QtyOnHand"], made["InvStartDate"]), ("Inventory", -1, "2026-03-01"))
        self.assertEqual([self.there(product)["Type"] for product in (self.widget, self.advice)],
                         ["NonInventory", "Service"])
        self.assertSameDocument(move)
        self.assertSameDocument(plain)
        # QuickBooks would refuse it (6270); it is known before.
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.quiet_sync()
        with self.counting() as made:
            early = self.invoice(self.line(50, product=barrow), invoice_date="2026-02-27")
            self.sync()
        job = self.jobs(res_id=early.id, entity="Invoice")
        self.assertEqual((job.state, job.error_code, self.writes(made)), ("failed", "6270", []))
        self.assertIn("keeps the stock of Barrow from 2026-03-01 on, and the document is of 2026-02-27", job.error)

    def test_a_stocked_product_is_not_taken_for_an_inventory_item(self):
        """Both would book the cost of each sale: a person links them and confirms it, or nobody does."""
        pump = self.su["product.product"].create({"name": "Pump", "type": "consu", "taxes_id": []})
        item = self.pump()
        self.startPatcher(patch.object(
            type(self.env["qbo.sync.item"]), "_stocked", lambda handler, product: product == pump))
        self.sync()
        job = self.jobs(qbo_id=item["Id"], entity="Item")
        self.assertEqual((job.state, job.error_code), ("failed", "double_cogs"))
        self.assertIn("both book the cost of goods sold of each sale", job.error)
        self.assertFalse(self.binding(pump))
        wizard = self.env["qbo.relink.wizard"].with_user(self.qbo_admin).create({
            "backend_id": self.backend.id, "entity": "Item", "model": "product.product", "res_id": pump.id,
            "choice": "override", "new_qbo_id": item["Id"]})
        with self.own_cursors():
            sentence = self.refusal(UserError, wizard.action_apply)
            self.assertIn("QuickBooks keeps the stock of Pump and Odoo that of Pump", sentence)
            wizard.double_cost_ok = True
            wizard.action_apply()
        self.sync()
        self.assertEqual((self.binding(pump).qbo_id, self.binding(pump).status), (item["Id"], "synced"))
