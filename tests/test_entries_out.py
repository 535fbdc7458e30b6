"""Receivables that Odoo moves by anything but invoices, credit notes and payments: journal entries in QuickBooks."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .documents import DAY, cents
from .test_entries import EntriesCase


class EntriesOutCase(EntriesCase):

    def arrange(self):
        super().arrange()
        self.misc = self.company_data["default_journal_misc"]
        self.debtors = self.acme.property_account_receivable_id

    def written(self, *lines, journal=None, post=True, **values):
        """Write an entry as the bookkeeper does; ``lines`` are (account, amount above 0 for a debit, customer)."""
        entry = self.env["account.move"].with_user(self.bookkeeper).create({
            "move_type": "entry", "date": DAY, "journal_id": (journal or self.misc).id, **values, "line_ids": [
                Command.create({"account_id": account.id, "balance": amount, "partner_id": partner and partner.id,
                                "name": "Adjustment"}) for account, amount, partner in lines]})
        if post:
            entry.action_post()
        return entry.with_env(self.su)

    def clearing(self, name="Prepaid Expenses"):
        account = self.su["account.account"].create({
            "name": "Clearing", "code": "101777", "account_type": "asset_current"})
        self.backend.receivable_clearing_account_id = account
        self.map("Account", account, name)
        return account

    def booked_there(self, record, role=""):
        """Return what QuickBooks books for an entry: {account name: amount, above 0 for a debit}."""
        found = {}
        for line in self.there(record, role)["Line"]:
            detail = line["JournalEntryLineDetail"]
            sign = 1 if detail["PostingType"] == "Debit" else -1
            name = detail["AccountRef"]["name"]
            found[name] = found.get(name, 0) + sign * cents(line["Amount"])
        return found


@tagged("post_install", "-at_install")
class TestEntriesOut(EntriesOutCase):

    def test_adjustments(self):
        """Up, down, opening balances: each is an entry there, and what is reconciled here is applied there."""
        invoice = self.invoice(100)
        down = self.written((self.expense, 40, None), (self.debtors, -40, self.acme), ref="Goodwill")
        self.apply(invoice, down)
        up = self.written((self.debtors, 25, self.acme), (self.expense, -25, None))
        opening = self.written((self.debtors, 70, self.roe), (self.expense, -70, None))
        payment = self.pay(90, partner=self.roe)
        self.apply(payment, opening)
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(invoice)
        receivables = "Accounts Receivable (A/R)"
        self.assertEqual(self.booked_there(down), {receivables: -40, "Bad Debts": 40})
        self.assertEqual(self.booked_there(up), {receivables: 25, "Bad Debts": -25})
        self.assertIn("Goodwill", self.there(down)["PrivateNote"])
        self.assertEqual(self.there(down)["TxnDate"], DAY)
        there = self.there(payment)
        self.assertEqual(self.applied(there), {("JournalEntry", self.there(opening)["Id"]): 70})
        self.assertEqual(cents(there["UnappliedAmt"]), 20)
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertEqual(self.su["account.move"].search_count([("journal_id.code", "=", "QBAR")]), 0)

        # A change of mind: the application is undone, one entry is corrected, one is cancelled.
        self.receivable(down).with_user(self.bookkeeper).remove_move_reconcile()
        for move in (up, opening):
            move.with_user(self.bookkeeper).button_draft()
        up.write({"line_ids": [Command.update(line.id, {"balance": line.balance * 2}) for line in up.line_ids]})
        up.with_user(self.bookkeeper).action_post()
        opening.with_user(self.bookkeeper).button_cancel()
        self.sync()
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(invoice)
        self.assertEqual(self.booked_there(up)[receivables], 50)
        self.assertIsNone(self.there(opening))
        self.assertEqual(len(self.qbo("JournalEntry")), 2)

    def test_several_customers_and_a_vendor(self):
        """One entry a customer; what is not clear stands on the clearing account, and without one a person is asked."""
        acmes, roes = self.invoice(40), self.invoice(50, partner=self.roe)
        year_end = self.written(
            (self.expense, 90, None), (self.debtors, -40, self.acme), (self.debtors, -50, self.roe))
        for invoice in (acmes, roes):
            items = self.receivable(year_end).filtered(lambda line, one=invoice: line.partner_id == one.partner_id)
            (items | self.receivable(invoice)).with_user(self.bookkeeper).reconcile()
        self.quiet_sync()
        self.assertSameBooks()
        for invoice in (acmes, roes):
            self.assertSameDocument(invoice)
            self.assertEqual(self.booked_there(year_end, f"part:{invoice.partner_id.id}"), {
                "Accounts Receivable (A/R)": -invoice.amount_total, "Bad Debts": invoice.amount_total})

        another = self.invoice(30)
        netting = self.written((self.acme.property_account_payable_id, 30, self.acme), (self.debtors, -30, self.acme))
        self.apply(another, netting)
        self.sync()
        self.assertIn("clearing account", self.jobs(entity="JournalEntry", state="failed").error)
        self.clearing()
        self.jobs(state="failed")._reopen("pending")
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(another)
        self.assertEqual(self.booked_there(netting)["Prepaid Expenses"], 30)

    def test_what_never_travels(self):
        """Odoo's own entries stay home; money that came in is a payment; what nobody owes is said."""
        company = self.company
        exchange = company.currency_exchange_journal_id or self.misc.copy()
        company.currency_exchange_journal_id = exchange
        for lines, journal in (
                (((self.debtors, 5, self.acme), (self.expense, -5, None)), exchange),
                (((self.expense, 8, None), (self.income, -8, None)), self.misc)):
            self.written(*lines, journal=journal)
        draft = self.written((self.debtors, 6, self.acme), (self.expense, -6, None), post=False)
        money = self.invoice(60)
        received = self.written(
            (self.bank.default_account_id, 60, None), (self.debtors, -60, self.acme), journal=self.bank)
        self.apply(money, received)
        self.quiet_sync()
        self.assertFalse(self.qbo("JournalEntry"))
        self.assertEqual(cents(self.there(received)["TotalAmt"]), 60)
        self.assertSameDocument(money)
        self.assertFalse(self.binding(draft))
        nobody = self.written((self.debtors, 9, None), (self.expense, -9, None))
        self.sync()
        job = self.open_jobs()
        self.assertEqual((job.res_id, job.state), (nobody.id, "failed"))
        self.assertIn("nobody", job.error)

    def stays(self, **values):
        """Return what is listed as staying in Odoo: {entry: (why, amount, makes a difference)}."""
        self.env["qbo.stays"].invalidate_model()
        rows = self.env["qbo.stays"].with_user(self.biller).search(
            [("backend_id", "=", self.backend.id), *((name, "=", value) for name, value in values.items())])
        self.assertTrue(all(row.reason for row in rows))
        return {row.name: (row.kind, cents(row.amount), row.counted) for row in rows}

    def test_what_stays_in_odoo_is_listed(self):
        """Made by Odoo, kept by the rule, too early, excluded: each with its amount, and the overview counts them."""
        exchange = self.misc.copy({"name": "Exchange", "code": "EXQB"})
        self.company.currency_exchange_journal_id = exchange
        made = self.written((self.debtors, 5, self.acme), (self.expense, -5, None), journal=exchange)
        origin, reversal = (self.written((self.debtors, amount, self.roe), (self.expense, -amount, None))
                            for amount in (8, -3))
        origin.tax_cash_basis_origin_move_id = self.invoice(10)
        reversal.reversed_entry_id = origin
        excluded = self.written((self.debtors, 7, self.acme), (self.expense, -7, None))
        excluded.with_user(self.bookkeeper).qbo_exclude = True
        early = self.written((self.debtors, 2, self.acme), (self.expense, -2, None), date="2026-01-15")
        self.backend._policy("ReceivableEntry").cutoff_date = "2026-02-01"
        crossing = self.written((self.debtors, 20, self.acme), (self.expense, -20, None))
        self.backend.ar_checked_at = False
        self.quiet_sync()
        listed = {made.name: ("made", 5, True), origin.name: ("made", 8, True), reversal.name: ("made", -3, True),
                  excluded.name: ("excluded", 7, True), early.name: ("before", 2, True)}
        self.assertEqual(self.stays(), listed)
        self.assertEqual(cents(self.backend.ar_difference), 19)
        self.assertIn("19.00", self.backend.with_user(self.biller).ar_explanation)
        self.assertIn("Stays in Odoo", self.backend.ar_explanation)
        [row] = self.env["qbo.stays"].with_user(self.biller).search([("name", "=", made.name)])
        self.assertEqual(row.action_open_entry()["res_id"], made.id)
        # What crossed is not listed, also when the rule changes; what is new then is.
        self.backend._policy("ReceivableEntry").write({"direction": "in", "cutoff_date": False})
        kept = self.written((self.debtors, 6, self.acme), (self.expense, -6, None))
        self.assertEqual(self.stays(kind="rule"), {early.name: ("rule", 2, True), kept.name: ("rule", 6, True)})
        self.assertNotIn(crossing.name, self.stays())
        other = self.setup_other_company()["company"]
        stranger = self.new_user("stranger", "account.group_account_invoice,qbo_sync.group_user", company=other)
        self.assertFalse(self.env["qbo.stays"].with_user(stranger).search([]))
        # One look at all links: with one for each entry and term, the list took seconds in books of 100,000 items.
        plan = self.env.execute_query(SQL("EXPLAIN %s", self.env["qbo.stays"]._table_query))
        self.assertEqual(sum(" on qbo_binding" in line for [line] in plan), 1, plan)

    def test_a_person_approves(self):
        self.backend.policy_ids.approve_out = "ask"
        self.written((self.debtors, 25, self.acme), (self.expense, -25, None))
        self.sync()
        job = self.jobs(entity="JournalEntry")
        self.assertEqual(job.state, "approval")
        self.assertIn("A/R +25.00", job.difference)
        self.assertEqual(cents(job.ar_effect), 25)
        self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({
            "backend_id": self.backend.id}).action_approve()
        self.quiet_sync()
        self.assertSameBooks()

    def test_quickbooks_changes_or_deletes_what_odoo_wrote(self):
        changed, deleted = (self.written((self.debtors, amount, self.acme), (self.expense, -amount, None))
                            for amount in (25, 35))
        self.quiet_sync()
        lines = [{**line, "Amount": 30} for line in self.there(changed)["Line"]]
        self.person("edit", "JournalEntry", id=self.binding(changed).qbo_id, data={"Line": lines})
        self.person("delete", "JournalEntry", id=self.binding(deleted).qbo_id)
        self.sync()
        self.assertIn("by hand", self.jobs(entity="JournalEntry", state="failed").error)
        self.assertEqual(self.status(deleted), "missing")
        self.assertEqual((changed.state, deleted.state), ("posted", "posted"))


@tagged("post_install", "-at_install")
class TestPaymentDifferences(EntriesOutCase):

    def register(self, *moves, user=None, **values):
        """Register a payment by the button of invoices."""
        ids = self.env["account.move"].browse([move.id for move in moves]).ids
        wizard = self.env["account.payment.register"].with_user(user or self.sales).with_context(
            active_model="account.move", active_ids=ids).create({
                "journal_id": self.bank.id, "payment_date": DAY, **values})
        return wizard._create_payments().with_env(self.su)

    def write_off(self, move, amount, account=None):
        return self.register(
            move, amount=amount, payment_difference_handling="reconcile", writeoff_label="Bank fee",
            writeoff_account_id=(account or self.expense).id)

    def test_differences_of_payments(self):
        """Written off, a fee, too much, an early discount: the money is what came in, and nothing stays open."""
        fee = self.su["account.account"].create({"name": "Fees", "code": "601777", "account_type": "expense"})
        self.map("Account", fee, "Bank Charges")
        term = self.su["account.payment.term"].create({
            "name": "2 % in 10 days", "early_discount": True, "discount_percentage": 2, "discount_days": 10,
            "early_pay_discount_computation": "mixed",
            "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
        self.company.account_journal_early_pay_discount_loss_account_id = self.expense
        self.map_term(term)
        written, charged, more, early = (
            self.invoice(100), self.invoice(200), self.invoice(50, partner=self.roe),
            self.invoice(300, invoice_payment_term_id=term.id))
        cases = (
            ("written off", written, self.write_off(written, 90), 90, {"Bad Debts": 10}),
            ("fee", charged, self.write_off(charged, 194.2, fee), 194.2, {"Bank Charges": 5.8}),
            ("too much", more, self.write_off(more, 51), 51, {"Bad Debts": -1}),
            ("early", early, self.register(early), 294, {"Bad Debts": 6}),
        )
        self.quiet_sync()
        self.assertSameBooks()
        for name, move, payment, total, booked in cases:
            with self.subTest(name):
                there = self.there(payment)
                self.assertEqual(cents(there["TotalAmt"]), cents(total))
                self.assertEqual(cents(there["UnappliedAmt"]), 0)
                self.assertSameDocument(move)
                self.assertEqual(move.payment_state in ("paid", "in_payment"), True)
                entry = self.booked_there(payment, "written_off")
                entry.pop("Accounts Receivable (A/R)")
                self.assertEqual(entry, {key: cents(value) for key, value in booked.items()})
        self.assertFalse(self.writes(self.quiet_sync()))

        # The payment is entered anew without the difference: its entry there goes away.
        _name, _move, payment, _total, _booked = cases[-1]
        payment.with_user(self.sales).action_draft()
        payment.with_user(self.sales).action_cancel()
        again = self.pay(300, early)
        self.sync()
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(early)
        self.assertEqual(cents(self.there(again)["TotalAmt"]), 300)
        self.assertEqual(len(self.qbo("JournalEntry")), 3)

    def test_early_discounts_of_taxed_invoices(self):
        """The discount, and the tax that is due no more because of it, stand on accounts of their own in both books."""
        payable = self.company_data["default_account_tax_sale"]
        for side in (self.tax.invoice_repartition_line_ids, self.tax.refund_repartition_line_ids):
            side.filtered(lambda part: part.repartition_type == "tax").account_id = payable
        self.company.account_journal_early_pay_discount_loss_account_id = self.expense
        made = {}
        for way in ("included", "excluded", "mixed"):
            term = self.su["account.payment.term"].create({
                "name": f"2 % {way}", "early_discount": True, "discount_percentage": 2, "discount_days": 10,
                "early_pay_discount_computation": way,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
            move = self.invoice(self.line(100, taxed=True), 50, invoice_payment_term_id=term.id)
            made[way] = move, self.register(move)
        late = self.invoice(self.line(100, taxed=True), invoice_payment_term_id=term.id)
        self.register(late, payment_date="2026-04-20")
        self.sync()
        # What lowers the tax waits for the account of the tax; its money goes along when that is mapped.
        waiting = self.open_jobs()
        self.assertEqual({job.entity for job in waiting}, {"JournalEntry", "Payment"})
        self.assertIn(payable.name, waiting.filtered(lambda job: job.entity == "JournalEntry").error)
        self.map("Account", payable, "Prepaid Expenses")
        self.quiet_sync()
        self.assertSameBooks()
        self.assertEqual(
            {way: (cents(self.there(payment)["TotalAmt"]), self.booked_there(payment, "written_off"))
             for way, (_move, payment) in made.items()}, {
                "included": (cents(154.84), {"Accounts Receivable (A/R)": cents(-3.16), "Bad Debts": 3,
                                             "Prepaid Expenses": cents(0.16)}),
                "excluded": (155, {"Accounts Receivable (A/R)": -3, "Bad Debts": 3}),
                "mixed": (cents(154.84), {"Accounts Receivable (A/R)": -3, "Bad Debts": 3})})
        for move in (late, *(move for move, _payment in made.values())):
            self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 0)

    def map_term(self, term):
        names = self.su["qbo.reference"].search([("backend_id", "=", self.backend.id), ("entity", "=", "Term")])
        if names:
            self.map("Term", term, names[0].name)

    def test_a_fee_on_a_bank_line(self):
        """A card processor keeps its fee: the bank has what came in, the fee is an expense, the invoice is paid."""
        self.map("Account", self.expense, "Bank Charges")
        move = self.invoice(100)
        line = self.bank_line(94.2, label="Card processor")
        _liquidity, suspense, _other = line._seek_for_lines()
        line.move_id.with_context(skip_readonly_check=True, force_delete=True).write({"line_ids": [
            Command.delete(suspense.id),
            Command.create({"account_id": self.debtors.id, "partner_id": self.acme.id, "balance": -100}),
            Command.create({"account_id": self.expense.id, "balance": 5.8})]})
        self.apply(line.move_id, move)
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(move)
        there = self.there(line.move_id)
        self.assertEqual(cents(there["TotalAmt"]), cents(94.2))
        self.assertEqual(self.booked_there(line.move_id, "written_off")["Bank Charges"], cents(5.8))
        self.assertFalse(self.writes(self.quiet_sync()))
        self.receivable(move).with_user(self.bookkeeper).remove_move_reconcile()
        self.sync()
        self.assertSameBooks()
        self.assertSameDocument(move)

    def test_quickbooks_changes_a_payment_with_a_difference(self):
        """New words change nothing; a void takes the entry of the difference along."""
        move = self.invoice(100)
        payment = self.write_off(move, 90)
        self.quiet_sync()
        there = self.there(payment)
        self.person("edit", "Payment", id=there["Id"], data={"PaymentRefNum": "CHK 7"})
        self.quiet_sync()
        self.assertEqual(payment.memo, "CHK 7")
        self.assertSameDocument(move)
        self.assertEqual(cents(move.amount_residual), 0)
        self.assertEqual(self.applied(self.there(payment)), self.applied(there))
        self.person("void", "Payment", id=there["Id"])
        self.quiet_sync()
        self.assertEqual(payment.state, "canceled")
        self.assertFalse(self.qbo("JournalEntry"))
        self.assertSameBooks()
        self.assertSameDocument(move)
        self.assertEqual(cents(move.amount_residual), 100)

    def test_without_the_rule_the_difference_stays_open(self):
        self.backend.policy_ids.filtered(lambda policy: policy.entity == "ReceivableEntry").direction = "in"
        move = self.invoice(100)
        payment = self.write_off(move, 90)
        self.sync()
        self.assertFalse(self.qbo("JournalEntry"))
        self.assertEqual(cents(self.there(move)["Balance"]), 10)
        self.assertIn("10", payment.with_user(self.biller).qbo_tooltip)


@tagged("post_install", "-at_install")
class TestBounce(EntriesOutCase):

    def bounce(self, payment, user=None, **values):
        """Press *Payment bounced* and book the return."""
        payment = payment.with_user(user or self.sales)
        action = payment.action_open_bounce()
        wizard = self.env[action["res_model"]].with_user(user or self.sales).with_context(**action["context"]).create({
            "date": "2026-03-20", **values})
        return self.su["account.move"].search(wizard.action_bounce()["domain"], order="id")

    def test_a_payment_bounces(self):
        """The payment stays, its return has a day of its own, the invoices are open again, and the fee is billed."""
        first, second = self.invoice(70), self.invoice(30)
        payment = self.pay(120, first, second)
        self.quiet_sync()
        entry, fee = self.bounce(payment, fee=15, fee_product_id=self.advice.id)
        self.assertEqual((payment.state in ("in_process", "paid"), payment.return_move_id), (True, entry))
        self.assertEqual((str(entry.date), entry.journal_id), ("2026-03-20", self.bank))
        self.assertEqual([cents(move.amount_residual) for move in (first, second, fee)], [70, 30, 15])
        self.quiet_sync()
        self.assertSameBooks()
        for move in (first, second, fee):
            self.assertSameDocument(move)
        self.assertEqual(self.booked_there(entry), {"Accounts Receivable (A/R)": 120, "Checking": -120})
        there = self.there(payment)
        self.assertEqual(self.applied(there), {("JournalEntry", self.there(entry)["Id"]): 120})
        self.assertEqual(cents(there["TotalAmt"]), 120)
        self.pay(100, first, second)
        self.quiet_sync()
        self.assertSameBooks()

    def test_a_payment_that_wrote_something_off_bounces(self):
        move = self.invoice(100)
        wizard = self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=move.ids).create({
                "journal_id": self.bank.id, "payment_date": DAY, "amount": 90, "writeoff_account_id": self.expense.id,
                "payment_difference_handling": "reconcile"})
        payment = wizard._create_payments().with_env(self.su)
        self.quiet_sync()
        self.bounce(payment)
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(move)
        self.assertEqual(cents(move.amount_residual), 90)

    def test_what_cannot_bounce(self):
        payment = self.pay(20, self.invoice(20))
        for values, words in ((dict(date="2026-03-01"), "before"), (dict(fee=5), "product"), (dict(fee=-5), "above 0")):
            self.assertIn(words, self.refusal(UserError, lambda values=values: self.bounce(payment, **values)))
        self.bounce(payment)
        self.assertIn("already", self.refusal(UserError, lambda: self.bounce(payment)))
        draft = self.env["account.payment"].with_user(self.sales).create({
            "payment_type": "inbound", "partner_type": "customer", "amount": 5, "date": DAY,
            "partner_id": self.acme.id, "journal_id": self.bank.id}).with_env(self.su)
        self.assertIn("no posted entry", self.refusal(UserError, lambda: self.bounce(draft)))


@tagged("post_install", "-at_install")
class TestForeignEntriesOut(EntriesOutCase):
    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "multicurrency": True, "rates": {"EUR": "1.25"}}}

    def test_an_adjustment_and_a_difference_in_euros(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.su["res.currency.rate"].create({
            "currency_id": euro.id, "company_id": self.company.id, "name": "2026-01-01", "rate": 0.8})
        adjusted, charged = (self.invoice(amount, currency_id=euro.id) for amount in (100, 200))
        entry = self.su["account.move"].create({
            "move_type": "entry", "date": DAY, "journal_id": self.misc.id, "line_ids": [
                Command.create({"account_id": account.id, "currency_id": euro.id, "amount_currency": amount,
                                "balance": amount * 1.25, "partner_id": partner})
                for account, amount, partner in ((self.expense, 40, False), (self.debtors, -40, self.acme.id))]})
        entry.action_post()
        self.apply(adjusted, entry)
        payment = self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=charged.ids).create({
                "journal_id": self.bank.id, "payment_date": DAY, "currency_id": euro.id, "amount": 194.2,
                "payment_difference_handling": "reconcile", "writeoff_account_id": self.expense.id,
            })._create_payments().with_env(self.su)
        self.sync()
        self.assertIn("receivable account in EUR", self.open_jobs()[0].error)
        self.quiet_sync()
        self.assertSameBooks()
        for move in (adjusted, charged):
            self.assertSameDocument(move)
        there = self.there(entry)
        self.assertEqual((there["CurrencyRef"]["value"], cents(there["ExchangeRate"])), ("EUR", cents(1.25)))
        self.assertEqual(cents(self.there(payment)["TotalAmt"]), cents(194.2))
