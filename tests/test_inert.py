"""What comes from QuickBooks triggers nothing in Odoo but its posting; what goes there is mailed by nobody.

The part ``stock`` of ``make test`` runs this beside stock_account and account_edi.
"""

from contextlib import ExitStack
from unittest.mock import patch

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestInert(DocumentCase):

    def stocked(self):
        """Return a product whose cost is booked when it is sold, as far as this database knows such a thing."""
        values = {"name": "Rake", "type": "consu", "list_price": 30, "standard_price": 18, "taxes_id": [],
                  "property_account_income_id": self.income.id}
        if "property_valuation" in self.su["product.category"]._fields:
            self.company.anglo_saxon_accounting = True
            stock = self.su["account.account"].create(
                {"name": "Stock", "code": "110199", "account_type": "asset_current"})
            values.update(is_storable=True, categ_id=self.su["product.category"].create({
                "name": "Garden", "property_valuation": "real_time", "property_stock_valuation_account_id": stock.id,
                "property_account_expense_categ_id": self.company_data["default_account_expense"].id}).id)
        return self.su["product.product"].create(values)

    def e_invoices(self):
        """Let every document of the sales journal be one for a web service, where account_edi is there."""
        patches = ExitStack()
        if "account.edi.format" in self.env:
            edi = self.su["account.edi.format"].create({"name": "Service", "code": "service"})
            self.company_data["default_journal_sale"].edi_format_ids = edi
            kind = type(edi)
            patches.enter_context(patch.object(
                kind, "_get_move_applicability", lambda edi, move: {"post": lambda moves: {}}))
            patches.enter_context(patch.object(kind, "_needs_web_services", lambda edi: True))
        return patches

    def kinds(self, move):
        return set(move.line_ids.mapped("display_type"))

    def test_only_the_posting(self):
        product = self.stocked()
        with self.e_invoices():
            ours = self.invoice(self.line(30, product=product))
            sold_here = self.kinds(ours)
            self.quiet_sync()
            self.assertEqual(self.there(ours).get("EmailStatus"), "NotSet")
            item = self.qbo("Item")[self.binding(product).qbo_id]
            mails = self.su["mail.mail"].search_count([])
            credit = self.refund(25)
            self.quiet_sync()
            there = self.qbo_sale("Invoice", {"Id": self.binding(self.acme).qbo_id}, self.qbo_line(item, 30),
                                  BillEmail={"Address": "acme@example.com"})
            self.quiet_sync()
            move = self.here("Invoice", there["Id"])
            self.assertInert(move, mails)
            self.assertEqual((move.invoice_line_ids.product_id, credit.amount_residual), (product, 25))
            # Changed there, it stays so; what was sold in Odoo keeps the cost that Odoo booked.
            for document in (move, ours):
                self.person("late_fee", "Invoice", id=self.there(document)["Id"], amount=15)
            self.quiet_sync()
            self.assertInert(move, mails)
            self.assertEqual((cents(move.amount_total), self.kinds(ours)), (cents(45), sold_here))
        if "stock.move" in self.env:
            self.assertIn("cogs", sold_here)
            self.assertFalse(self.su["stock.move"].search([("product_id", "=", product.id)]))
        if "edi_document_ids" in ours._fields:
            self.assertTrue(ours.edi_document_ids)
        self.assertSameReceivables()

    def assertInert(self, move, mails):
        self.assertEqual((move.state, self.kinds(move)), ("posted", {"product", "payment_term"}))
        self.assertFalse(move.is_move_sent or move.activity_ids or move.sending_data)
        self.assertEqual(self.su["mail.mail"].search_count([]), mails)
        if "edi_document_ids" in move._fields:
            self.assertFalse(move.edi_document_ids)
