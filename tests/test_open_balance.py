"""What is open of a document in QuickBooks is known after each payment, on whichever side it was received."""

from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestOpenBalance(DocumentCase):

    def told(self, move):
        """Return what QuickBooks last told to be open of a document."""
        return self.binding(move).base["qbo"].get("balance", "0")

    def test_paid_in_quickbooks(self):
        move = self.invoice(190)
        self.sync()
        self.assertEqual(self.told(move), "190")
        self.person("receive", "Invoice", id=self.binding(move).qbo_id, amount=100)
        self.sync()
        self.assertEqual((self.told(move), move.amount_residual), ("90", 90))

    def test_paid_in_odoo(self):
        move = self.invoice(190)
        self.sync()
        self.pay(190, move)
        self.sync()
        # The answer to a payment tells nothing of its invoices; the next reading of changes does.
        self.sync()
        self.assertEqual(self.told(move), "0")
        self.assertNotIn("o_qbo_unequal", move.with_user(self.bookkeeper).qbo_panel)
