"""What a person approved is asked once, although links come into being only on the way."""

from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestApprovedOnce(DocumentCase):

    def waiting(self):
        return self.su["qbo.job"].search([("backend_id", "=", self.backend.id), ("state", "=", "approval")])

    def test_payment_is_approved_together_with_its_invoice(self):
        self.backend.policy_ids.approve_out = "ask"
        exact, over = self.invoice(80), self.invoice(50)
        payments = [self.pay(80, exact), self.pay(70, over)]
        self.sync()
        self.assertEqual(
            set(self.waiting().mapped("name")) & {move.display_name for move in (exact, over, *payments)},
            {move.display_name for move in (exact, over, *payments)})
        self.waiting().with_user(self.bookkeeper)._approve()
        self.sync()
        self.assertFalse(self.waiting(), "nothing of it changed, so nobody is asked again")
        for payment in payments:
            self.assertEqual(self.binding(payment).status, "synced")
        self.assertSameReceivables()
