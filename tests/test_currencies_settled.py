"""Documents of one currency that are settled with money of another, and exchange rates on request."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .currencies import CurrencyCase
from .documents import cents

EURO_DAY, LATE = "2026-03-10", "2026-03-25"


class SettledCase(CurrencyCase):

    def assertPaid(self, payment, currency, total, rate, unapplied=0):
        there = self.there(payment)
        self.assertEqual(
            (there["CurrencyRef"]["value"], cents(there["TotalAmt"]), there["ExchangeRate"],
             cents(there["UnappliedAmt"])), (currency, cents(total), rate, cents(unapplied)))
        bank = sum(cents(row["CurrentBalance"]) for row in self.qbo("Account").values() if row["Name"] == "Checking")
        paid = sum(payment.search([("company_id", "=", self.company.id)]).move_id.line_ids.filtered(
            lambda line: line.account_id.code == "101499").mapped("balance"))
        self.assertEqual(bank, cents(paid), "the bank has what Odoo booked in home currency")
        return there


@tagged("post_install", "-at_install")
class TestSettledInAnotherCurrency(SettledCase):

    def assertHomeReceivables(self):
        """The receivables of both books are equal in home currency."""
        there = sum(cents(row["CurrentBalance"]) for row in self.qbo("Account").values()
                    if row["AccountType"] == "Accounts Receivable")
        self.assertEqual(self.ar_here(), there)

    def test_home_money_for_a_foreign_invoice(self):
        move, late, part = (self.invoice(100, currency_id=self.eur.id) for _number in range(3))
        payments = [self.pay(125, move), self.pay(200, late, date=LATE), self.pay(50, part)]
        self.quiet_sync()
        for payment, total, rate in zip(payments, (100, 100, 40), (1.25, 2, 1.25), strict=True):
            there = self.assertPaid(payment, "EUR", total, rate)
            self.assertEqual(list(self.applied(there).values()), [cents(total)])
        for one in (move, late, part):
            self.assertEqual(cents(self.there(one)["Balance"]), cents(one.amount_residual))
        self.assertHomeReceivables()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_more_home_money_than_the_invoice_needs(self):
        move = self.invoice(100, currency_id=self.eur.id)
        payment = self.pay(250, move)
        self.quiet_sync()
        self.assertPaid(payment, "EUR", 200, 1.25, unapplied=100)
        self.assertHomeReceivables()

    def test_foreign_money_for_a_home_invoice(self):
        move = self.invoice(100)
        payment = self.pay(80, move, currency_id=self.eur.id)
        self.quiet_sync()
        self.assertPaid(payment, "USD", 100, 1)
        self.assertEqual(cents(self.there(move)["Balance"]), 0)
        self.assertHomeReceivables()

    def test_money_that_was_there_before_it_was_applied(self):
        payment = self.pay(125)
        self.quiet_sync()
        self.assertPaid(payment, "USD", 125, 1, unapplied=125)
        move = self.invoice(100, currency_id=self.eur.id)
        self.apply(payment, move)
        self.quiet_sync()
        self.assertPaid(payment, "EUR", 100, 1.25)
        self.assertHomeReceivables()
        self.receivable(payment).remove_move_reconcile()
        self.quiet_sync()
        self.assertPaid(payment, "USD", 125, 1, unapplied=125)
        self.assertHomeReceivables()

    def test_documents_of_two_currencies_want_two_payments(self):
        foreign, home = self.invoice(100, currency_id=self.eur.id), self.invoice(20)
        credit = self.refund(10)
        payment = self.pay(145, foreign, home)
        other = self.invoice(100, currency_id=self.eur.id)
        self.apply(credit, other)
        self.sync()
        self.assertEqual(self.status(payment), "failed")
        self.assertIn("one payment for each currency", payment.with_user(self.biller).qbo_error)
        [job] = self.jobs(model="qbo.application")
        self.assertEqual(job.state, "failed")
        self.assertIn("EUR, USD", job.error)
        self.receivable(home).remove_move_reconcile()
        self.receivable(credit).remove_move_reconcile()
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertPaid(payment, "EUR", 116, 1.25, unapplied=16)
        self.assertHomeReceivables()

    def test_a_revaluation_in_odoo_stays_home_and_is_explained(self):
        self.invoice(100, currency_id=self.eur.id)
        self.quiet_sync()
        receivable, expense = self.company_data["default_account_receivable"], self.company_data[
            "default_account_expense"]
        entry = self.su["account.move"].create({
            "move_type": "entry", "date": LATE, "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [
                Command.create({"account_id": account.id, "balance": balance, "amount_currency": 0,
                                "currency_id": self.eur.id, "name": "Revaluation"})
                for account, balance in ((receivable, 5), (expense, -5))]})
        entry.action_post()
        self.backend.ar_checked_at = False
        self.quiet_sync()
        self.assertFalse(self.qbo("JournalEntry"))
        self.assertEqual((cents(self.backend.ar_difference), self.jobs(res_id=entry.id, entity="JournalEntry").ids),
                         (cents(5), []))
        self.assertIn("revaluations in Odoo", self.backend.with_user(self.biller).ar_explanation)
        self.assertIn("5.00", self.backend.ar_explanation)

    def test_a_revaluation_settles_nothing(self):
        move = self.invoice(100, currency_id=self.eur.id)
        self.quiet_sync()
        accounts = self.receivable(move).account_id, self.company_data["default_account_expense"]
        entry = self.su["account.move"].create({
            "move_type": "entry", "date": LATE, "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [
                Command.create({"account_id": account.id, "balance": balance, "amount_currency": 0,
                                "currency_id": self.eur.id, "partner_id": self.acme.id, "name": "Revaluation"})
                for account, balance in zip(accounts, (-5, 5), strict=True)]})
        entry.action_post()
        self.apply(entry, move)
        self.sync()
        job = self.open_jobs()
        self.assertEqual((job.error_code, job.res_id), ("only_worth", entry.id))
        for words in (entry.name, "Acme", "EUR", move.name):
            self.assertIn(words, job.error)
        self.receivable(entry).with_user(self.biller).remove_move_reconcile()
        self.quiet_sync()
        self.assertEqual(cents(self.there(move)["Balance"]), cents(move.amount_residual))


@tagged("post_install", "-at_install")
class TestExchangeRates(SettledCase):

    sim_wish = {"empty": True, "features": CurrencyCase.sim_wish["features"], "objects": {"ExchangeRate": [
        {"SourceCurrencyCode": "EUR", "AsOfDate": day, "Rate": rate}
        for day, rate in (("2026-04-01", 1.6), ("2026-04-03", 1.28), ("2026-01-01", 4))]}}

    def ask(self, start, end, user=None, **values):
        wizard = self.env["qbo.rates.wizard"].with_user(user or self.bookkeeper).create({
            "backend_id": self.backend.id, "date_from": start, "date_to": end, **values})
        with self.counting() as made:
            wizard.action_import()
        self.assertFalse(made, "nothing is asked in the user's turn")
        self.sync()

    def rate(self, day):
        found = self.su["res.currency.rate"].search([("currency_id", "=", self.eur.id), ("name", "=", day)])
        return round(found.inverse_company_rate, 6) if found else None

    def test_rates_on_request(self):
        self.ask("2026-04-01", "2026-04-03")
        self.assertEqual([self.rate(f"2026-04-0{day}") for day in (1, 2, 3)], [1.6, 1.6, 1.28])
        self.ask("2026-01-01", "2026-01-01")
        self.assertEqual(self.rate("2026-01-01"), 1.25, "Odoo's rate stays")
        self.ask("2026-01-01", "2026-01-01", replace=True)
        self.assertEqual(self.rate("2026-01-01"), 4)
        with self.counting() as made:
            self.sync()
        self.assertFalse([entry for entry in made if "ExchangeRate" in str(entry)])
        with self.assertRaisesRegex(UserError, "92 days"):
            self.ask("2026-01-01", "2027-01-01")
        with self.assertRaises(AccessError):
            self.ask("2026-01-01", "2026-01-01", user=self.biller)
