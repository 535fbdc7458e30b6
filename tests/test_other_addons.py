"""Documents that other addons of Odoo make: debit notes by their wizard, combos of sales orders.

The part ``stock`` of ``make test`` runs this beside account_debit_note and sale.
"""

from odoo import Command
from odoo.tests import tagged

from .documents import DAY, DocumentCase, cents


@tagged("post_install", "-at_install", "-standard")
class TestOtherAddons(DocumentCase):

    def test_a_debit_note(self):
        """The button makes an invoice whose memo names the first one; it is changed and paid on both sides."""
        invoice = self.invoice(100)
        self.quiet_sync()
        wizard = self.env["account.debit.note"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=invoice.ids).create({"reason": "Freight", "date": DAY})
        note = self.su["account.move"].browse(wizard.create_debit()["res_id"])
        self.assertEqual(note.debit_origin_id, invoice)
        note.with_user(self.sales).write({"invoice_line_ids": [Command.create(self.line(25))]})
        note.with_user(self.sales).action_post()
        self.quiet_sync()
        there = self.assertSameDocument(note)
        self.assertIn(f"{invoice.name}, Freight", there["PrivateNote"])
        self.assertSameReceivables()
        # Changed there, then here; paid there.
        line = there["Line"][0]
        line.update(Amount=30)
        line["SalesItemLineDetail"].update(Qty=1, UnitPrice=30)
        self.person("edit", "Invoice", id=there["Id"], data={"Line": [line]})
        self.quiet_sync()
        self.assertEqual((note.amount_total, note.debit_origin_id), (30, invoice))
        note.with_user(self.sales).button_draft()
        note.with_user(self.sales).invoice_line_ids.price_unit = 27.5
        note.with_user(self.sales).action_post()
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(note)["TotalAmt"]), cents(27.5))
        self.person("receive", "Invoice", id=there["Id"])
        self.quiet_sync()
        self.assertEqual((note.amount_residual, invoice.amount_residual), (0, 100))
        self.assertSameDocument(note)
        self.assertSameReceivables()

    def test_a_combo_of_a_sales_order(self):
        """The combo is a section, its choices are lines at their part of the price; QuickBooks' change comes back."""
        combos = self.su["product.combo"].create([
            {"name": name, "combo_item_ids": [Command.create({"product_id": product.id})]}
            for name, product in (("Good", self.widget), ("Help", self.advice))])
        lunch = self.su["product.product"].create({
            "name": "Set", "type": "combo", "list_price": 50, "combo_ids": [Command.set(combos.ids)], "taxes_id": []})
        order = self.su["sale.order"].create({"partner_id": self.acme.id, "order_line": [
            Command.create({"product_id": lunch.id, "product_uom_qty": 2})]})
        for combo in combos:
            order.order_line = [Command.create({
                "product_id": combo.combo_item_ids.product_id.id, "product_uom_qty": 2,
                "combo_item_id": combo.combo_item_ids.id, "linked_line_id": order.order_line[:1].id})]
        order.action_confirm()
        order.order_line.qty_delivered = 2
        move = order._create_invoices()
        move.invoice_date = DAY
        move.with_user(self.sales).action_post()
        self.assertEqual((move.amount_total, move.invoice_line_ids.product_id), (100, self.widget | self.advice))
        self.quiet_sync()
        there = self.assertSameDocument(move)
        items = [line["SalesItemLineDetail"]["ItemRef"]["name"] for line in there["Line"]
                 if line["DetailType"] == "SalesItemLineDetail"]
        self.assertEqual(items, ["Widget", "Advice"])
        self.assertTrue([line for line in there["Line"] if line["DetailType"] == "DescriptionOnly"])
        self.assertFalse(self.binding(lunch))
        self.person("late_fee", "Invoice", id=there["Id"], amount=5)
        self.quiet_sync()
        self.assertEqual(move.amount_total, 105)
        self.assertSameDocument(move)
        self.assertSameReceivables()
