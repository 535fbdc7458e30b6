"""Documents in foreign currency: each at its own rate, in both directions."""

from odoo.tests import tagged

from .currencies import CurrencyCase
from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestCurrencies(CurrencyCase):

    def euros(self, entity, price, customer, **values):
        return self.person("create", entity, data={
            "CustomerRef": {"value": customer["Id"]}, "TxnDate": "2026-03-10", "CurrencyRef": {"value": "EUR"},
            "Line": [self.qbo_line(self.rake, price)], **values})

    def test_an_invoice_and_its_payment_at_their_own_rates(self):
        move = self.invoice(100, currency_id=self.eur.id)
        late = self.invoice(100, currency_id=self.eur.id, invoice_date="2026-03-25")
        self.quiet_sync()
        there = self.there(move)
        self.assertEqual(
            (there["CurrencyRef"]["value"], there["ExchangeRate"], cents(there["TotalAmt"])), ("EUR", 1.25, 100))
        self.assertEqual(cents(there["HomeTotalAmt"]), cents(move.amount_total_signed))
        self.assertEqual((self.there(late)["ExchangeRate"], cents(self.there(late)["HomeTotalAmt"])), (2, 200))
        payment = self.pay(60, move, date="2026-03-25", currency_id=self.eur.id)
        self.quiet_sync()
        paid = self.there(payment)
        self.assertEqual((paid["CurrencyRef"]["value"], paid["ExchangeRate"], cents(paid["TotalAmt"])), ("EUR", 2, 60))
        self.assertEqual(self.applied(paid), {("Invoice", there["Id"]): cents(60)})
        self.assertEqual(cents(self.there(move)["Balance"]), cents(move.amount_residual))
        # The exchange difference is an entry of Odoo's own; QuickBooks books one of its own.
        self.assertTrue(move.line_ids.matched_credit_ids.exchange_move_id)
        self.assertEqual(len(self.qbo("Payment")), 1)

    def test_a_part_that_is_undone_takes_its_exchange_difference_along(self):
        """Less than what fits is applied; what Odoo booked for the other rate of the money goes with it."""
        self.rake = self.item()
        paris = self.customer("Paris", CurrencyRef={"value": "EUR"})
        sold = self.euros("Invoice", 100, paris, ExchangeRate=1.25)
        paid = self.person("create", "Payment", data={
            "CustomerRef": {"value": paris["Id"]}, "TotalAmt": 80, "TxnDate": "2026-03-25", "ExchangeRate": 1.5,
            "CurrencyRef": {"value": "EUR"},
            "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": sold["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        move, payment = self.here("Invoice", sold["Id"]), self.here("Payment", paid["Id"])
        partial = move.line_ids.matched_credit_ids
        self.assertEqual((cents(partial.debit_amount_currency), cents(move.amount_residual)), (cents(40), cents(60)))
        gain = partial.exchange_move_id
        self.assertEqual(cents(abs(self.receivable(gain).balance)), cents(10))
        self.person("unapply", "Payment", id=paid["Id"])
        self.quiet_sync()
        self.assertEqual(
            (cents(self.receivable(move).amount_residual), cents(self.receivable(payment).amount_residual)),
            (cents(125), cents(-120)))
        self.assertEqual(self.ar_here(), cents(5))
        self.assertEqual(cents(self.backend.ar_qbo), cents(5))

    def test_receipts_and_refunds_at_their_own_rates(self):
        """The money of a receipt has its document's rate, so that nothing is gained or lost; a refund that of its day.
        """
        sale = self.invoice(50, currency_id=self.eur.id, move_type="out_receipt")
        self.pay(50, sale, currency_id=self.eur.id)
        owed = self.invoice(10, currency_id=self.eur.id)
        self.quiet_sync()
        there = self.qbo("SalesReceipt")[self.binding(sale, "document").qbo_id]
        self.assertEqual(
            (there["CurrencyRef"]["value"], there["ExchangeRate"], cents(there["TotalAmt"]),
             cents(there["HomeTotalAmt"])), ("EUR", 1.25, cents(50), cents("62.5")))
        back = self.pay(20, partner=self.acme, payment_type="outbound", date="2026-03-25", currency_id=self.eur.id)
        self.quiet_sync()
        spent = self.there(back)
        self.assertEqual(
            (spent["CurrencyRef"]["value"], spent["ExchangeRate"], cents(spent["TotalAmt"])), ("EUR", 2, cents(20)))
        self.assertSameDocument(owed)

        self.rake = self.item()
        made = self.euros("SalesReceipt", 100, self.customer("Paris", CurrencyRef={"value": "EUR"}), ExchangeRate=1.2)
        self.quiet_sync()
        move = self.here("SalesReceipt", made["Id"])
        self.assertEqual((cents(move.amount_total_signed), cents(move.amount_residual)), (cents(120), cents(0)))
        self.assertFalse(move.line_ids.matched_credit_ids.exchange_move_id)

    def test_a_customer_of_two_currencies_is_two_customers(self):
        home, foreign = self.invoice(10), self.invoice(10, currency_id=self.eur.id)
        self.quiet_sync()
        self.assertEqual(sorted(row["CurrencyRef"]["value"] for row in self.qbo("Customer").values()), ["EUR", "USD"])
        self.assertNotEqual(self.there(home)["CustomerRef"]["value"], self.there(foreign)["CustomerRef"]["value"])
        self.assertEqual(self.binding(self.acme, "EUR").qbo_id, self.there(foreign)["CustomerRef"]["value"])

    def test_an_imported_invoice_has_quickbooks_rate(self):
        self.rake = self.item()
        customer = self.customer("Paris", CurrencyRef={"value": "EUR"})
        there = self.euros("Invoice", 100, customer, ExchangeRate=1.2)
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.assertEqual(
            (move.currency_id, cents(move.amount_total), cents(move.amount_total_signed)), (self.eur, 100, 120))
        paid = self.person("create", "Payment", data={
            "CustomerRef": {"value": customer["Id"]}, "TxnDate": "2026-03-25", "CurrencyRef": {"value": "EUR"},
            "ExchangeRate": 1.5, "TotalAmt": 100,
            "Line": [{"Amount": 100, "LinkedTxn": [{"TxnId": there["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        payment = self.here("Payment", paid["Id"])
        [item] = self.receivable(payment)
        self.assertEqual((cents(item.amount_currency), cents(item.balance)), (-100, -150))
        self.assertEqual((move.payment_state, cents(move.amount_residual)), ("paid", 0))
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_a_part_of_a_foreign_invoice_is_paid_exactly(self):
        self.rake = self.item()
        customer = self.customer("Paris", CurrencyRef={"value": "EUR"})
        there = self.euros("Invoice", 100, customer, ExchangeRate=1.2)
        paid = self.person("create", "Payment", data={
            "CustomerRef": {"value": customer["Id"]}, "TxnDate": "2026-03-25", "CurrencyRef": {"value": "EUR"},
            "ExchangeRate": 1.5, "TotalAmt": 50,
            "Line": [{"Amount": 33.33, "LinkedTxn": [{"TxnId": there["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        move, payment = self.here("Invoice", there["Id"]), self.here("Payment", paid["Id"])
        self.assertEqual(cents(move.amount_residual), cents(66.67))
        self.assertEqual(cents(sum(self.receivable(payment).mapped("amount_residual_currency"))), cents(-16.67))
        self.assertFalse(self.writes(self.quiet_sync()))


@tagged("post_install", "-at_install")
class TestOneCurrency(DocumentCase):
    """A company of QuickBooks without multicurrency takes home currency only."""

    def test_a_foreign_invoice_says_why_it_stays(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        move = self.invoice(100, currency_id=eur.id)
        home, payment = self.invoice(10), self.pay(5, currency_id=eur.id)
        self.sync()
        self.assertEqual(self.status(payment), "failed")
        self.assertEqual(self.status(home), "synced")
        self.assertEqual(self.status(move), "failed")
        self.assertIn("EUR", move.with_user(self.biller).qbo_error or "")
        self.assertEqual([row["CurrencyRef"]["value"] for row in self.qbo("Customer").values()], ["USD"])
        self.assertEqual(len(self.qbo("Invoice")), 1)
