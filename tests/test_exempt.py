"""Customers that are not taxed: a fiscal position in Odoo, not taxable in QuickBooks."""

from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestExempt(DocumentCase):

    def test_both_ways(self):
        school = self.customer("School", Taxable=False, TaxExemptionReasonId="7")
        here = self.acme
        self.invoice(10)
        self.quiet_sync()
        partner = self.here("Customer", school["Id"])
        self.assertFalse(partner.property_account_position_id, "nobody has said yet what an exempt customer is in Odoo")
        position = self.su["account.fiscal.position"].create({"name": "Tax Exempt", "company_id": self.company.id})
        backend = self.backend.with_user(self.qbo_admin)
        self.assertEqual(backend.exempt_proposal_id, position)
        backend.exempt_reason = "9"
        backend.action_accept_exempt()
        self.assertEqual(
            (backend.exempt_position_id, backend.exempt_proposal_id.ids, partner.property_account_position_id),
            (position, [], position))
        # Odoo to QuickBooks, and back again.
        here.property_account_position_id = position
        self.quiet_sync()
        there = self.there(here)
        self.assertEqual((there["Taxable"], there["TaxExemptionReasonId"]), (False, "9"))
        self.assertEqual(self.qbo("Customer")[school["Id"]]["TaxExemptionReasonId"], "7")
        self.person("edit", "Customer", id=there["Id"], data={"Taxable": True})
        self.quiet_sync()
        self.assertFalse(here.property_account_position_id)
        partner.property_account_position_id = False
        self.quiet_sync()
        self.assertTrue(self.qbo("Customer")[school["Id"]]["Taxable"])
        # New ones, and those of whom Odoo has said nothing.
        shop = self.customer("Shop", Taxable=False)
        other = self.su["account.fiscal.position"].create({"name": "Abroad", "company_id": self.company.id})
        self.roe.property_account_position_id = other
        self.invoice(10, partner=self.roe)
        self.quiet_sync()
        self.assertEqual(self.here("Customer", shop["Id"]).property_account_position_id, position)
        self.person("edit", "Customer", id=self.there(self.roe)["Id"], data={"Taxable": False})
        self.quiet_sync()
        self.assertEqual(self.roe.property_account_position_id, other, "another fiscal position is a person's word")
        self.roe.phone = "555-0100"
        self.quiet_sync()
        self.assertFalse(self.there(self.roe)["Taxable"], "what only QuickBooks knows stays")
        self.assertFalse(self.writes(self.quiet_sync()))
