"""Who keeps the bank: where payments go, what stays home, and money that was booked twice."""

from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestBankRules(DocumentCase):

    def rule(self, journal):
        return self.su["qbo.bank.rule"].search([("backend_id", "=", self.backend.id), ("journal_id", "=", journal.id)])

    def refresh(self):
        """Have the lists and the bank looked at again, as once a day."""
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        return self.quiet_sync()

    def findings(self, **values):
        return self.su["qbo.bank.finding"].search([
            ("backend_id", "=", self.backend.id), *[(name, "=", value) for name, value in values.items()]])

    def test_where_payments_go(self):
        """Each journal has its rule; the administrator's choice decides the account, and what does not cross at all."""
        self.assertEqual(self.rule(self.cash).keeper, "odoo", "the first sync knows the journals, not what they are")
        self.quiet_sync()
        bank, cash = self.rule(self.bank), self.rule(self.cash)
        self.assertEqual((bank.keeper, bank.mapped_id.name), ("odoo", "Checking"))
        self.assertIn("Switch off the bank feed of Checking", bank.warning)
        bank.with_user(self.qbo_admin).feed_off = True
        self.assertFalse(bank.warning)
        # The cash journal was mapped to Undeposited Funds: there QuickBooks keeps the bank.
        funds, checking = self.reference("Account", "Undeposited Funds"), self.reference("Account", "Checking")
        self.assertEqual((cash.keeper, cash.clearing_id), ("qbo", funds))
        straight = self.pay(10, self.invoice(10))
        self.quiet_sync()
        bank.with_user(self.qbo_admin).write({"keeper": "qbo", "clearing_id": funds.id})
        waiting = self.pay(20, self.invoice(20))
        self.quiet_sync()
        self.assertEqual(self.there(straight)["DepositToAccountRef"]["value"], checking.qbo_id)
        self.assertEqual(self.there(waiting)["DepositToAccountRef"]["value"], funds.qbo_id)
        bank.with_user(self.qbo_admin).keeper = "home"
        own = self.invoice(30)
        home, line = self.pay(30, own), self.bank_line(40, self.invoice(40))
        self.quiet_sync()
        self.assertIsNone(self.there(home))
        self.assertIsNone(self.there(line.move_id))
        # Somebody enters it in QuickBooks; what is not told from each other is linked, nothing comes twice.
        self.assertEqual(cents(self.there(own)["Balance"]), cents(30))
        with self.assertRaises(ValidationError):
            bank.with_user(self.qbo_admin).write({"keeper": "qbo", "clearing_id": False})

    def test_payments_of_quickbooks_find_the_journal(self):
        """Undeposited Funds is no journal; the rule says whose money lies there."""
        self.refresh()
        self.su["qbo.mapping"].search([("model", "=", "account.journal"), ("res_id", "=", self.cash.id)]).unlink()
        self.rule(self.cash).keeper = "odoo"
        funds = self.reference("Account", "Undeposited Funds")
        self.rule(self.bank).with_user(self.qbo_admin).write({"keeper": "qbo", "clearing_id": funds.id})
        customer = self.customer()
        sale = self.qbo_sale("Invoice", customer, self.qbo_line(self.item(), 40))
        paid = self.qbo_payment(customer, 40, ("Invoice", sale, 40))
        self.assertEqual(paid["DepositToAccountRef"]["value"], funds.qbo_id)
        self.quiet_sync()
        self.assertEqual(self.here("Payment", paid["Id"]).journal_id, self.bank)
        self.assertSameReceivables()

    def test_the_first_look(self):
        """The bank is looked at as soon as there are payments, and an empty list says when, or that it was not."""
        findings = self.su["qbo.bank.finding"].with_user(self.biller)
        lying = self.pay(50, self.invoice(50), journal=self.cash, date=date.today() - timedelta(days=20))
        self.quiet_sync()
        # As the first comparison leaves it: the payments are linked, the lists are read, the bank is not.
        self.su["qbo.cursor"].search([("backend_id", "=", self.backend.id), ("source", "=", "deposits")]).unlink()
        self.assertIn("was not looked at yet", findings.get_empty_list_help("<p>Nothing</p>"))
        with self.counting() as made:
            self.quiet_sync()
        self.assertEqual(self.findings().res_id, lying.id)
        self.assertIn("Looked at on", findings.get_empty_list_help("<p>Nothing</p>"))
        with self.counting() as later:
            self.quiet_sync()
        self.assertEqual(len(made) - len(later), 1, "one request for the deposits, once")
        # A person who has deposited it need not wait for tomorrow.
        self.person("deposit", "Payment", ids=[self.there(lying)["Id"]],
                    account=self.reference("Account", "Checking").qbo_id)
        self.quiet_sync()
        self.assertTrue(self.findings())
        self.backend.with_user(self.qbo_admin).action_activate()
        findings.action_look_again()
        self.quiet_sync()
        self.assertFalse(self.findings())

    def test_possible_double_entries(self):
        """What the bank feed adds beside a payment is found, as is money that nobody deposits; a person decides."""
        self.refresh()
        today = date.today()
        old, recent = today - timedelta(days=20), today - timedelta(days=3)
        first, second = self.invoice(50), self.invoice(70, partner=self.roe)
        lying = self.pay(50, first, journal=self.cash, date=old)
        twice = self.pay(70, second, journal=self.cash, date=recent)
        self.quiet_sync()
        self.person("bank_deposit", "Deposit", amount=70, customer=self.there(self.roe)["Id"])
        self.refresh()
        double = self.findings(kind="double").with_user(self.bookkeeper)
        self.assertEqual((double.partner_id, double.amount, double.res_id), (self.roe, 70, twice.id))
        self.assertIn("into Checking books 70.00 on", double.name)
        self.assertIn("/deposit/", double.action_open_deposit()["url"])
        waiting = self.findings(kind="undeposited").with_user(self.bookkeeper)
        self.assertEqual((waiting.partner_id, waiting.amount, waiting.days), (self.acme, 50, 20))
        self.assertEqual(self.backend.with_user(self.biller).bank_finding_count, 2)
        # One is right as it is, the other one is deposited.
        double.action_all_right()
        self.person("deposit", "Payment", ids=[self.there(lying)["Id"]],
                    account=self.reference("Account", "Checking").qbo_id)
        self.refresh()
        self.assertFalse(self.findings(kind="undeposited"))
        self.assertEqual((double.seen, double.seen_by_id), (True, self.bookkeeper))
        self.assertEqual(self.backend.bank_finding_count, 0)
        self.assertIn("into Checking (deposit ", lying.with_user(self.biller).qbo_deposit)
        self.assertFalse(twice.with_user(self.biller).qbo_deposit)

    def test_deposits_that_name_nobody_and_sales_receipts(self):
        """The bank feed's Add names nobody: amount, day and bank tell. A sales receipt can lie undeposited too."""
        self.refresh()
        today = date.today()
        old, recent = today - timedelta(days=20), today - timedelta(days=3)
        receipt = self.invoice(90, move_type="out_receipt", invoice_date=old)
        self.pay(90, receipt, journal=self.cash, date=old)
        banked = self.pay(60, self.invoice(60), date=recent)
        self.quiet_sync()
        self.assertEqual(self.binding(receipt, "document").entity, "SalesReceipt")
        checking = self.reference("Account", "Checking").qbo_id
        self.person("bank_deposit", "Deposit", amount=60, account=self.reference("Account", "Savings").qbo_id)
        self.person("bank_deposit", "Deposit", amount=61, account=checking)
        self.refresh()
        self.assertFalse(self.findings(kind="double"), "another bank, another amount")
        self.person("bank_deposit", "Deposit", amount=60, account=checking)
        self.refresh()
        double = self.findings(kind="double").with_user(self.bookkeeper)
        self.assertEqual((double.partner_id, double.amount, double.res_id), (self.acme, 60, banked.id))
        self.assertIn("names nobody", double.name)
        lying = self.findings(kind="undeposited").with_user(self.bookkeeper)
        self.assertEqual((lying.partner_id, lying.amount, lying.res_id), (self.acme, 90, receipt.id))
        self.assertIn("sales receipt", lying.name)
        self.assertIn("salesreceipt", lying.action_open_deposit()["url"])
        self.assertEqual(self.backend.with_user(self.biller).bank_finding_count, 2)
        self.person("deposit", "Payment", type="SalesReceipt", account=checking,
                    ids=[self.binding(receipt, "document").qbo_id])
        self.refresh()
        self.assertFalse(self.findings(kind="undeposited"))
