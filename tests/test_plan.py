"""What the plan of the QuickBooks company does not have is off, and the plan is named."""

from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestPlan(DocumentCase):

    def test_what_the_plan_lacks_stays_home(self):
        self.backend.qbo_plan = "QuickBooks Ledger"
        rules = {policy.entity: policy for policy in self.backend.policy_ids}
        self.assertIn("QuickBooks Ledger", rules["Invoice"].unavailable)
        self.assertFalse(rules["Customer"].unavailable)
        self.invoice(40)
        self.quiet_sync()
        self.assertFalse(self.qbo("Invoice"))
        self.backend.qbo_plan = "QuickBooks Online Plus"
        self.assertFalse(rules["Invoice"].unavailable)

    def test_another_plan_has_everything(self):
        self.backend.qbo_plan = "QuickBooks Online Plus"
        self.invoice(40)
        self.quiet_sync()
        self.assertEqual(len(self.qbo("Invoice")), 1)
