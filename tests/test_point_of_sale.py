"""The point of sale stays in Odoo; its invoices cross as any other, and the overview says what differs by the rest.

The part ``stock`` of ``make test`` runs this beside point_of_sale.
"""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install", "-standard")
class TestPointOfSale(DocumentCase):

    def arrange(self):
        super().arrange()
        self.methods = {name: self.method(name, **values) for name, values in {
            "Card": {"journal_id": self.bank.id}, "Cash": {"journal_id": self.cash.id},
            "Card by name": {"journal_id": self.bank.id, "split_transactions": True},
            "On account": {"split_transactions": True}}.items()}
        self.config = self.su["pos.config"].create({
            "name": "Shop", "journal_id": self.company_data["default_journal_misc"].id,
            "invoice_journal_id": self.company_data["default_journal_sale"].id,
            "payment_method_ids": [Command.set([method.id for method in self.methods.values()])]})
        self.widget.available_in_pos = True

    def method(self, name, **values):
        return self.su["pos.payment.method"].create({
            "name": name, "receivable_account_id": self.company_data["default_account_receivable"].id, **values})

    def sell(self, price, method, partner=None, invoiced=False):
        """Sell a widget over the counter."""
        order = self.su["pos.order"].create({
            "session_id": self.config.current_session_id.id, "company_id": self.company.id,
            "partner_id": partner and partner.id, "to_invoice": invoiced,
            "amount_total": price, "amount_paid": 0, "amount_tax": 0, "amount_return": 0,
            "lines": [Command.create({
                "product_id": self.widget.id, "qty": 1, "price_unit": price, "price_subtotal": price,
                "price_subtotal_incl": price, "name": "Widget"})]})
        context = {"active_id": order.id, "active_ids": order.ids}
        self.su["pos.make.payment"].with_context(**context).create(
            {"amount": price, "payment_method_id": self.methods[method].id}).check()
        return order

    def test_a_day_in_the_shop(self):
        self.config.open_ui()
        session = self.config.current_session_id
        session.set_opening_control(0, None)
        self.sell(10, "Card")
        self.sell(20, "Cash")
        self.sell(30, "Card by name", self.acme)
        self.sell(40, "On account", self.roe)
        billed = self.sell(50, "Card", self.acme, invoiced=True).account_move
        session.post_closing_cash_details(20)
        session.close_session_from_ui()
        self.assertEqual(session.state, "closed")
        self.compare()
        self.assertEqual((self.ar_here(), self.ar_there()), (cents(40), cents(50)))
        self.assertTrue(self.there(billed))
        self.assertFalse(self.qbo("SalesReceipt") or self.qbo("JournalEntry") or self.qbo("Payment"))
        # What paid the invoice is a payment, once it is known where QuickBooks has that money.
        [job] = self.open_jobs()
        self.assertIn("'Account Receivable (PoS)' is not mapped", job.error)
        account = self.su["account.account"].search([("name", "=", "Account Receivable (PoS)")], limit=1)
        self.map("Account", account, "Undeposited Funds")
        job.with_user(self.bookkeeper).action_retry()
        self.compare()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameDocument(billed)
        self.assertEqual((self.ar_here(), self.ar_there(), len(self.qbo("Payment"))), (cents(40), cents(0), 1))

    def compare(self):
        """Sync; what the receivables of both books differ by is what is listed, and the overview names it."""
        self.backend.ar_checked_at = False
        self.sync()
        self.env["qbo.stays"].invalidate_model()
        rows = self.env["qbo.stays"].with_user(self.biller).search([("backend_id", "=", self.backend.id)])
        self.assertEqual(set(rows.mapped("kind")), {"pos"})
        self.assertEqual(cents(sum(rows.mapped("amount"))), cents(self.backend.ar_difference))
        self.assertIn("point of sale", self.backend.with_user(self.biller).ar_explanation)
