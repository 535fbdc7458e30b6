"""What tests of receipts and refunds share."""

from .documents import cents
from .test_entries import EntriesCase


class ReceiptCase(EntriesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.bank | cls.cash).outbound_payment_method_line_ids.payment_account_id = \
            cls.bank.inbound_payment_method_line_ids.payment_account_id

    def receipt(self, *lines, **values):
        return self.invoice(*lines, move_type="out_receipt", **values)

    def pay_back(self, amount, *moves, **values):
        return self.pay(amount, *moves, payment_type="outbound", **values)

    def assertThere(self, entity, move, **said):
        """A document is this entity in QuickBooks, equal to the cent; returns the object."""
        role = "document" if entity.endswith("Receipt") else ""
        binding = self.binding(move, role)
        self.assertEqual(binding.entity, entity, move.name)
        there = self.qbo(entity)[binding.qbo_id]
        self.assertEqual(
            (cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"]), cents(there["Balance"]),
             there["DocNumber"], there["TxnDate"]),
            (cents(move.amount_total), cents(move.amount_tax), cents(move.amount_residual), move.name,
             str(move.invoice_date)))
        self.assertEqual({name: there.get(name) for name in said}, said)
        self.assertEqual(self.status(move), "synced")
        return there

    def account(self, name):
        return {"value": self.reference("Account", name).qbo_id, "name": name}

    def count(self):
        return {entity: len(self.qbo(entity)) for entity in ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt",
                                                             "Payment")}
