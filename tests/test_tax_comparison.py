"""Tax of both books by code and month: a person asks, the worker reads, the differing documents are named."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models.sync import tax_comparison
from .documents import DocumentCase, cents


class ComparisonCase(DocumentCase):

    def compare(self, start="2026-01-01", end="2026-12-31"):
        """Ask for a comparison as a bookkeeper, let the worker do it, and return it."""
        comparison = self.env["qbo.tax.comparison"].with_user(self.bookkeeper).create({
            "backend_id": self.backend.id, "date_from": start, "date_to": end})
        with self.counting() as made:
            comparison.action_compare()
        self.assertFalse(made, "nothing is asked in the user's turn")
        self.assertEqual(comparison.state, "asked")
        self.sync()
        comparison.invalidate_recordset()
        self.assertEqual(comparison.state, "done")
        return comparison

    def figures(self, comparison):
        return {(str(line.month), line.name): (cents(line.tax_odoo), cents(line.tax_qbo))
                for line in comparison.line_ids}


@tagged("post_install", "-at_install")
class TestTaxComparison(ComparisonCase):

    def test_side_by_side(self):
        self.invoice(self.line(100, taxed=True), 20)
        other = self.line(50, tax_ids=[(6, 0, self.other_tax.ids)])
        april = self.invoice(other, invoice_date="2026-04-02")
        self.refund(self.line(25, taxed=True))
        self.invoice(self.line(10, taxed=True), post=False)
        self.quiet_sync()
        comparison = self.compare()
        expected = {("2026-03-01", "California"): (cents(6),) * 2, ("2026-04-01", "Tucson"): (cents(4.55),) * 2}
        self.assertEqual(self.figures(comparison), expected)
        self.assertEqual([cents(line.base_odoo) for line in comparison.line_ids], [cents(75), cents(50)])
        self.assertEqual([cents(line.base_qbo) for line in comparison.line_ids], [cents(75), cents(50)])
        self.assertEqual((comparison.difference, comparison.entry_ids.ids), (0, []))
        # What only one side knows is told by its document; the agency is paid in QuickBooks and never in Odoo.
        self.backend.policy_ids.direction = "out"
        self.person("edit", "Invoice", id=self.there(april)["Id"], data={
            "Line": [self.qbo_line({"Id": self.reference("Item", "Services").qbo_id}, 60, taxed=True)]})
        payable = self.reference("Account", "Sales Tax Payable")
        self.person("create", "JournalEntry", data={"TxnDate": "2026-04-20", "PrivateNote": "Q1", "Line": [
            {"Amount": 6, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": {
                "PostingType": kind, "AccountRef": {"value": account.qbo_id}}}
            for kind, account in (("Debit", payable), ("Credit", self.reference("Account", "Checking")))]})
        moves = self.su["account.move"].search_count([])
        again = self.compare("2026-04-01", "2026-04-30")
        self.assertEqual(self.figures(again), {("2026-04-01", "Tucson"): (cents(4.55), cents(5.46))})
        self.assertEqual(cents(again.difference), cents(-0.91))
        self.assertEqual(
            again.line_ids.explanation, f"{april.name}: 4.55 in Odoo, 5.46 in QuickBooks")
        self.assertEqual([(str(entry.date), cents(entry.amount)) for entry in again.entry_ids], [("2026-04-20", -6)])
        self.assertEqual(self.su["account.move"].search_count([]), moves)
        # People of other companies do not see it.
        again.with_user(self.biller).check_access("read")
        other = self.su["res.company"].create({"name": "Other"})
        stranger = self.new_user("stranger", "account.group_account_user,qbo_sync.group_user", other)
        self.assertFalse(self.env["qbo.tax.comparison"].with_user(stranger).search([]))


@tagged("post_install", "-at_install")
class TestTaxPayments(ComparisonCase):
    """Where QuickBooks files the returns itself it tells of them, and of what was paid to the agency."""

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "tax": "global", "country": "GB", "currency": "USD"}}

    def map_lists(self):
        self.tax.amount = 20
        self.map("Account", self.income, "Services")
        self.map("TaxCode", self.tax, "Standard")
        self.backend.default_item_id = self.reference("Item", "Services")

    def look_again(self):
        """The administrator presses Test; the daily care does the same."""
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_test_connection()
        return str(self.backend.tax_filed_proposal)

    def test_returns_and_payments(self):
        move = self.invoice(self.line(100, taxed=True))
        self.quiet_sync()
        moves = self.su["account.move"].search_count([])
        self.assertEqual(self.look_again(), "False")
        # A payment tells of a return that ended before; a return tells it exactly.
        self.simulator.ui(self.realm, action="pay_tax", amount=20, date="2026-05-07", note="Q1")
        self.assertEqual(self.look_again(), "2026-04-30")
        self.simulator.ui(self.realm, action="file_tax", date="2026-03-31")
        self.assertEqual(self.look_again(), "2026-03-31")
        self.backend.with_user(self.qbo_admin).action_take_tax_filed()
        self.assertIn("tax was filed", move.with_user(self.biller).qbo_caution)
        # They are listed, once each, and never booked in Odoo.
        self.simulator.ui(self.realm, action="pay_tax", amount=3, date="2026-05-20", refund=True)
        comparison = self.compare()
        self.assertEqual(
            [(str(entry.date), entry.kind, cents(entry.amount)) for entry in comparison.entry_ids],
            [("2026-05-07", "Tax Payment", -20), ("2026-05-20", "Tax Payment", 3)])
        self.assertEqual(self.figures(comparison), {("2026-03-01", "Standard"): (cents(20),) * 2})
        # Also where the ledger does not show them.
        self.startPatcher(patch.object(tax_comparison, "TAX_ACCOUNTS", ()))
        again = self.compare("2026-05-01", "2026-05-31")
        self.assertEqual(
            [(entry.kind, cents(entry.amount), entry.name) for entry in again.entry_ids],
            [("Tax payment", -20, "Checking"), ("Tax refund", 3, "Checking")])
        self.assertEqual(self.su["account.move"].search_count([]), moves)
        self.assertFalse(self.writes(self.quiet_sync()))
