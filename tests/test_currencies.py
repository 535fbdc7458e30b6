"""Documents in foreign currency: each at its own rate, in both directions."""

import requests
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

    def test_one_of_several_that_a_payment_settles_takes_only_its_own_difference_along(self):
        """Money for two invoices of which only the second has another rate; QuickBooks takes it off the first."""
        self.rake = self.item()
        paris = self.customer("Paris", CurrencyRef={"value": "EUR"})
        sold = [self.euros("Invoice", 100, paris, ExchangeRate=rate) for rate in (1.5, 1.25)]
        paid = self.person("create", "Payment", data={
            "CustomerRef": {"value": paris["Id"]}, "TotalAmt": 200, "TxnDate": "2026-03-25", "ExchangeRate": 1.5,
            "CurrencyRef": {"value": "EUR"}, "Line": [
                {"Amount": 100, "LinkedTxn": [{"TxnId": one["Id"], "TxnType": "Invoice"}]} for one in sold]})
        self.quiet_sync()
        same, other = (self.here("Invoice", one["Id"]) for one in sold)
        self.assertEqual((same.payment_state, other.payment_state), ("paid", "paid"))
        gains = [move.line_ids.matched_credit_ids.exchange_move_id for move in (same, other)]
        self.assertFalse(gains[0])
        self.assertEqual(cents(abs(self.receivable(gains[1]).balance)), cents(25))
        self.person("edit", "Payment", id=paid["Id"], data={"Line": paid["Line"][1:]})
        self.quiet_sync()
        payment = self.here("Payment", paid["Id"])
        self.assertEqual(
            [cents(self.receivable(record).amount_residual) for record in (same, other, payment)],
            [cents(150), 0, cents(-150)])
        self.assertSameReceivables()

    def test_what_a_person_undoes_of_several_takes_only_its_own_difference_along(self):
        same = self.invoice(100, currency_id=self.eur.id, invoice_date="2026-03-25")
        other = self.invoice(100, currency_id=self.eur.id, invoice_date_due="2099-12-31")
        wizard = self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=(same + other).ids).create({
                "journal_id": self.bank.id, "payment_date": "2026-03-25", "group_payment": True})
        payment = wizard._create_payments().with_env(self.su)
        self.quiet_sync()
        self.assertTrue(other.line_ids.matched_credit_ids.exchange_move_id)
        self.assertFalse(same.line_ids.matched_credit_ids.exchange_move_id)
        same.with_user(self.bookkeeper).js_remove_outstanding_partial(same.line_ids.matched_credit_ids.id)
        self.quiet_sync()
        self.assertEqual(
            [cents(self.receivable(record).amount_residual) for record in (same, other, payment)],
            [cents(200), 0, cents(-200)])
        self.assertSameReceivables()

    def test_a_difference_after_a_reconciliation_without_one(self):
        """In the same environment, which Odoo uses again: nothing of the first reconciliation counts for the second."""
        for price, day in ((10, "2026-03-25"), (20, "2026-03-10"), (30, "2026-03-25"), (40, "2026-03-10")):
            move = self.invoice(price, currency_id=self.eur.id, invoice_date=day)
            self.pay(price, move, date="2026-03-25", currency_id=self.eur.id)
            self.assertEqual(bool(move.line_ids.matched_credit_ids.exchange_move_id), day == "2026-03-10")

    def test_a_line_that_quickbooks_changes_is_taxed_anew_although_the_rate_has_other_digits(self):
        """QuickBooks keeps eight digits of a rate: at 0.75 EUR for one USD the rate changes with the lines."""
        self.su["res.currency.rate"].search([
            ("currency_id", "=", self.eur.id), ("name", "=", "2026-01-01")]).rate = 0.75
        move = self.invoice(
            self.line(33.33, quantity=7, taxed=True), self.line(15, taxed=True), currency_id=self.eur.id)
        self.quiet_sync()
        there = self.there(move)
        lines = [line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[1]["Amount"] = lines[1]["SalesItemLineDetail"]["UnitPrice"] = 10
        self.person("edit", "Invoice", id=there["Id"], data={"Line": lines})
        self.quiet_sync()
        self.assertEqual((cents(move.amount_tax), cents(move.amount_total)), (cents("19.46"), cents("262.77")))
        self.assertSameDocument(move)

    def test_a_credit_that_gets_larger_keeps_the_exchange_difference_of_its_part(self):
        """Odoo sets a reversal against its invoice again when it is posted again, and books the difference anew."""
        move = self.invoice(100, currency_id=self.eur.id)
        credit = move.with_user(self.sales)._reverse_moves(
            [{"invoice_date": "2026-03-25", "date": "2026-03-25"}], cancel=True).with_env(self.su)
        self.quiet_sync()
        self.assertEqual((move.amount_residual, credit.amount_residual), (0, 0))
        there = self.there(credit)
        line = {**there["Line"][0], "Amount": 150}
        line["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "Qty": 1, "UnitPrice": 150}
        self.person("edit", "CreditMemo", id=there["Id"], data={"Line": [line]})
        self.quiet_sync()
        item = self.receivable(credit)
        self.assertEqual((item.amount_residual_currency, item.amount_residual), (-50, -100))
        self.assertEqual(self.ar_here(), cents(-100))
        self.assertEqual(cents(self.backend.ar_qbo), cents(-100))

    def test_realised_gains_are_equal_where_the_same_is_settled(self):
        """Each book makes its own; over wholes, parts and credit, from either side, they come to the same."""
        mine, part, credited, credit = (
            self.invoice(100, currency_id=self.eur.id, **values) for values in (
                {}, {}, {}, {"move_type": "out_refund", "invoice_date": "2026-03-25"}))
        self.pay(100, mine, date="2026-03-25", currency_id=self.eur.id)
        self.pay(40, part, date="2026-03-25", currency_id=self.eur.id)
        self.apply(credit, credited)
        self.rake = self.item()
        paris = self.customer("Paris", CurrencyRef={"value": "EUR"})
        sold = self.euros("Invoice", 100, paris, ExchangeRate=1.25)
        for amount, rate in ((60, 1.1), (40, 1.3)):
            self.person("create", "Payment", data={
                "CustomerRef": {"value": paris["Id"]}, "TotalAmt": amount, "TxnDate": "2026-03-25",
                "ExchangeRate": rate, "CurrencyRef": {"value": "EUR"},
                "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": sold["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        accounts = self.company.income_currency_exchange_account_id | self.company.expense_currency_exchange_account_id
        here = sum(self.su["account.move.line"].search(
            [("account_id", "in", accounts.ids), ("parent_state", "=", "posted")]).mapped("balance"))
        there = self.report("ProfitAndLoss", start_date="2026-01-01", end_date="2026-12-31")
        self.assertEqual((cents(here), self.ar_here()), (there["Exchange Gain or Loss"], cents(self.backend.ar_qbo)))
        self.assertTrue(cents(here))
        self.assertFalse(cents(self.backend.ar_difference))

    def report(self, name, **values):
        """Return {account: amount} of a report of QuickBooks, sections and all."""
        grant = self.simulator.oauth(grant=True, realm=self.realm)
        answer = requests.get(
            f"{self.simulator.url}/v3/company/{self.realm}/reports/{name}", params=values, timeout=60,
            headers={"Authorization": f"Bearer {grant['access_token']}", "Accept": "application/json"}).json()
        found, sections = {}, [answer["Rows"]]
        for section in sections:
            for row in section.get("Row", []):
                sections += [row["Rows"]] if "Rows" in row else []
                if "ColData" in row:
                    found[row["ColData"][0]["value"]] = cents(row["ColData"][-1]["value"] or 0)
        return found

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
        # Net and tax convert to a cent more than what is paid.
        made = self.qbo_sale(
            "SalesReceipt", self.customer("Rome", CurrencyRef={"value": "EUR"}),
            self.qbo_line(self.rake, 233.31, taxed=True), code="California", CurrencyRef={"value": "EUR"},
            ExchangeRate=1.25)
        self.quiet_sync()
        move = self.here("SalesReceipt", made["Id"])
        partials = move.line_ids.matched_credit_ids
        self.assertEqual((cents(move.amount_residual), len(partials)), (cents(0), 2), "the money, and the cent")
        [payment] = partials.credit_move_id.move_id.origin_payment_id
        self.assertEqual(payment.with_user(self.biller).qbo_id, made["Id"])

    def test_a_customer_of_two_currencies_is_two_customers(self):
        home, foreign = self.invoice(10), self.invoice(10, currency_id=self.eur.id)
        self.quiet_sync()
        self.assertEqual(sorted(row["CurrencyRef"]["value"] for row in self.qbo("Customer").values()), ["EUR", "USD"])
        self.assertNotEqual(self.there(home)["CustomerRef"]["value"], self.there(foreign)["CustomerRef"]["value"])
        self.assertEqual(self.binding(self.acme, "EUR").qbo_id, self.there(foreign)["CustomerRef"]["value"])

    def test_money_of_a_merged_customer_for_a_contact_below_goes_in_its_currency(self):
        twin = self.su["res.partner"].create({"name": "Twin", "is_company": True, "email": self.acme.email})
        for partner in (self.acme, twin):
            self.invoice(10, partner=partner)
            self.invoice(10, partner=partner, currency_id=self.eur.id)
        self.quiet_sync()
        above = self.binding(self.acme, "EUR").qbo_id
        below = self.customer("Below", Job=True, ParentRef={"value": above}, CurrencyRef={"value": "EUR"})
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.qbo_admin).with_context(
            active_model="res.partner", active_ids=(self.acme | twin).ids).create({})
        wizard.dst_partner_id = self.acme
        wizard.action_merge()
        self.sync()
        contact = self.here("Customer", below["Id"])
        self.assertEqual(contact.parent_id, self.acme)
        move = self.invoice(20, partner=contact, currency_id=self.eur.id)
        paid = self.pay(15, move, partner=self.acme, currency_id=self.eur.id)
        self.sync()
        self.assertEqual(
            [self.there(record)["CustomerRef"]["value"] for record in (move, paid)], [below["Id"], above])
        self.assertEqual((cents(self.there(move)["Balance"]), cents(move.amount_residual)), (cents(5), cents(5)))

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
        # A change keeps QuickBooks' rate too: neither is that of Odoo on its day.
        for changed, worth in (({"TotalAmt": 80}, 120), ({"TxnDate": "2026-03-12"}, 120), ({"ExchangeRate": 1.6}, 128)):
            with self.subTest(changed):
                self.person("edit", "Payment", id=paid["Id"], data=changed)
                self.quiet_sync()
                self.assertEqual([(cents(item.amount_currency), cents(item.balance)) for item in
                                  self.receivable(payment)], [(cents(-80), cents(-worth))])
                self.assertEqual(cents(move.amount_residual), cents(66.67))
                # 33.33 at 1.5 is half a cent over: each book rounds it.
                self.assertLessEqual(abs(cents(self.backend.ar_odoo) - cents(self.backend.ar_qbo)), cents(0.01))


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
