"""Receivables that QuickBooks moves by anything but invoices, payments and credit memos."""

from unittest.mock import patch

import requests
from odoo.tests import tagged

from ..models.sync import left_there
from .documents import DAY, DocumentCase, cents


class EntriesCase(DocumentCase):

    def arrange(self):
        super().arrange()
        self.expense = self.company_data["default_account_expense"]
        self.map("Account", self.expense, "Bad Debts")
        self.freeman, self.rake = self.customer(), self.item()
        self.quiet_sync()
        self.control_account = next(
            row["Id"] for row in self.qbo("Account").values() if row["AccountType"] == "Accounts Receivable")

    # === BOTH LEDGERS === #

    def report(self, name, **values):
        """Return the rows of a report of QuickBooks with two columns, {id: amount}, asked for by an app of its own."""
        grant = self.simulator.oauth(grant=True, realm=self.realm)
        answer = requests.get(
            f"{self.simulator.url}/v3/company/{self.realm}/reports/{name}", params=values, timeout=60,
            headers={"Authorization": f"Bearer {grant['access_token']}", "Accept": "application/json"}).json()
        rows = [row["ColData"] for row in answer["Rows"].get("Row", []) if "ColData" in row]
        return {cells[0]["id"]: cents(cells[-1]["value"] or 0) for cells in rows if cells[0].get("id")}

    def owed_here(self):
        """Return what each customer owes by Odoo's receivable accounts: {QuickBooks id of the customer: amount}."""
        groups = self.su["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
             ("parent_state", "=", "posted")], ["partner_id"], ["balance:sum"])
        links = {link.res_id: link.qbo_id for link in self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "Customer"), ("qbo_id", "!=", False)])}
        return {links[partner.id]: cents(total) for partner, total in groups if cents(total)}

    def assertSameBooks(self):
        """Receivables agree customer by customer, as a whole, and in the comparison that the product shows."""
        there = {key: amount for key, amount in self.report("CustomerBalance").items() if amount}
        self.assertEqual(self.owed_here(), there)
        self.assertEqual((cents(self.backend.ar_odoo), cents(self.backend.ar_qbo)), (
            sum(there.values()), sum(there.values())))

    def assertSettled(self, *rows):
        """Expect the Odoo documents of QuickBooks' transactions to have nothing open."""
        for row in rows:
            move = self.here("Invoice" if "DueDate" in row else "JournalEntry", row["Id"])
            self.assertTrue(move, self.jobs(qbo_id=row["Id"]).mapped("error"))
            self.assertEqual(cents(sum(self.receivable(move).mapped("amount_residual"))), 0, move.name)

    def sold(self, amount, customer=None):
        return self.qbo_sale("Invoice", customer or self.freeman, self.qbo_line(self.rake, amount))

    def booked(self, *lines, **data):
        """Write a journal entry in QuickBooks; ``lines`` are (account, amount above 0 for a debit, customer or None).
        """
        return self.person("create", "JournalEntry", data={"TxnDate": DAY, **data, "Line": [
            {"Amount": abs(amount), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": {
                "PostingType": "Debit" if amount > 0 else "Credit", "AccountRef": {"value": account},
                **({"Entity": {"Type": "Customer", "EntityRef": {"value": customer["Id"]}}} if customer else {})}}
            for account, amount, customer in lines]})

    def debts(self):
        return self.reference("Account", "Bad Debts").qbo_id

    def listed(self):
        return self.su["qbo.unsynced"].search([("backend_id", "=", self.backend.id)])


@tagged("post_install", "-at_install")
class TestEntriesIn(EntriesCase):

    def test_what_the_accountant_does(self):
        """Bounce, write-off by entry, money of the bank feed: all of it is booked, applied, and equal by customer."""
        bounced, written_off, part = self.sold(100), self.sold(40), self.sold(60)
        payment = self.person("receive", "Invoice", id=bounced["Id"], data={"DepositToAccountRef": {
            "value": self.reference("Account", "Checking").qbo_id}})
        self.quiet_sync()
        self.assertSameBooks()

        expense = self.person("bounce", "Payment", id=payment["Id"])
        self.person("write_off", "Invoice", id=written_off["Id"], how="journal")
        self.person("write_off", "Invoice", id=part["Id"], how="journal", amount=25)
        banked = self.person("bank_deposit", "Deposit", customer=self.freeman["Id"], amount=33.3)
        self.quiet_sync()
        self.assertSameBooks()
        for row in (bounced, written_off, part):
            self.assertSameDocument(self.here("Invoice", row["Id"]))
        returned = self.here("Purchase", expense["Id"])
        self.assertEqual(returned.journal_id, self.backend.receivable_journal_id)
        self.assertEqual(returned.journal_id.name, "QuickBooks receivables")
        payment = self.here("Payment", payment["Id"])
        self.assertEqual(self.receivable(payment).matched_debit_ids.debit_move_id.move_id, returned)
        outbound = payment.journal_id.outbound_payment_method_line_ids.payment_account_id
        self.assertEqual((returned.line_ids - self.receivable(returned)).account_id, outbound)
        debts = self.su["account.move.line"].search([("account_id", "=", self.expense.id)])
        self.assertEqual(cents(sum(debts.mapped("balance"))), 65)
        deposit = self.here("Deposit", banked["Id"])
        self.assertEqual(cents(self.receivable(deposit).balance), cents("-33.3"))
        self.assertFalse(self.listed())
        self.assertFalse(self.writes(self.quiet_sync()), "nothing of it goes back")

    def test_other_ways_to_write_off_and_delayed_charges(self):
        """A credit memo, a discount on the invoice, charges that are billed later: none of it is an entry."""
        credited, discounted = self.sold(40), self.sold(60)
        for action, amount in (("charge", 30), ("credit", 10)):
            self.person(action, "Charge", customer=self.freeman["Id"], item=self.rake["Id"], amount=amount)
        self.person("write_off", "Invoice", id=credited["Id"])
        self.quiet_sync()
        self.assertSameBooks()
        self.person("invoice_charges", "Charge", customer=self.freeman["Id"])
        self.person("write_off", "Invoice", id=discounted["Id"], amount=25, how="discount")
        self.quiet_sync()
        self.assertSameBooks()
        for row in (credited, discounted):
            self.assertSameDocument(self.here("Invoice", row["Id"]))
        self.assertEqual(cents(self.here("Invoice", discounted["Id"]).amount_residual), 35)
        self.assertFalse(self.listed())

    def test_an_entry_is_changed_deleted_and_void(self):
        invoice = self.sold(80)
        debts = self.debts()
        entry = self.booked((debts, 30, None), (self.control_account, -30, self.freeman), DocNumber="J7")
        self.qbo_payment(self.freeman, 0, ("Invoice", invoice, 30), ("JournalEntry", entry, 30))
        up = self.booked((self.control_account, 12.5, self.freeman), (debts, -12.5, None))
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSameDocument(self.here("Invoice", invoice["Id"]))
        move = self.here("JournalEntry", entry["Id"])
        self.assertIn("J7", move.ref)
        lines = [{**line, "Amount": 50} for line in entry["Line"]]
        self.person("edit", "JournalEntry", id=entry["Id"], data={"Line": lines, "PrivateNote": "More"})
        self.person("delete", "JournalEntry", id=up["Id"])
        run = self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual(run.failed_count, 0)
        self.assertSameBooks()
        self.assertSameDocument(self.here("Invoice", invoice["Id"]))
        self.assertIn("More", move.ref)
        self.assertEqual(cents(-self.receivable(move).balance), 50)
        self.assertEqual(self.here("JournalEntry", up["Id"]).state, "cancel")
        self.assertFalse(self.writes(self.quiet_sync()), "the application is not sent as another one")

    def test_an_entry_leaves_the_receivables(self):
        entry = self.booked((self.debts(), 30, None), (self.control_account, -30, self.freeman))
        self.quiet_sync()
        lines = entry["Line"]
        lines[1]["JournalEntryLineDetail"] = {
            "PostingType": "Credit", "AccountRef": {"value": self.reference("Account", "Services").qbo_id}}
        self.person("edit", "JournalEntry", id=entry["Id"], data={"Line": lines})
        self.quiet_sync()
        self.assertEqual(self.here("JournalEntry", entry["Id"]).state, "cancel")
        self.assertSameBooks()

    def test_what_stays_out_is_listed(self):
        """The rule says no, or its day has not come: the list names the transaction, its amount and the reason."""
        rule = self.backend.policy_ids.filtered(lambda policy: policy.entity == "ReceivableEntry")
        rule.direction = "off"
        entry = self.booked((self.debts(), 30, None), (self.control_account, -30, self.freeman), DocNumber="J7")
        self.booked((self.debts(), 5, None), (self.reference("Account", "Services").qbo_id, -5, None))
        self.quiet_sync()
        row = self.listed()
        self.assertRecordValues(row, [{"qbo_id": entry["Id"], "name": "Journal entry J7", "amount": -30,
                                       "partner_name": "Freeman"}])
        self.assertIn("rule", row.reason)
        self.assertIn(f"journalentry/{entry['Id']}", row.with_user(self.biller).url)
        self.assertEqual(cents(self.backend.ar_difference), 30)
        rule.write({"direction": "both", "cutoff_date": "2026-04-01"})
        self.person("edit", "JournalEntry", id=entry["Id"], data={"PrivateNote": "Again"})
        self.quiet_sync()
        self.assertIn("From date", self.listed().reason)
        rule.cutoff_date = False
        self.person("edit", "JournalEntry", id=entry["Id"], data={"PrivateNote": "Once more"})
        self.quiet_sync()
        self.assertFalse(self.listed())
        self.assertSameBooks()

    def test_receivables_on_several_accounts(self):
        """QuickBooks has one account; in Odoo what settles each other is brought to the account of what was there."""
        first, later = self.su["account.account"].create([
            {"name": name, "code": code, "account_type": "asset_receivable", "reconcile": True}
            for name, code in (("First", "121901"), ("Later", "121902"))])
        partner = self.here("Customer", self.freeman["Id"])
        partner.property_account_receivable_id = first
        sold, waiting = self.sold(100), self.qbo_payment(self.freeman, 8)
        memo = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 30))
        self.quiet_sync()
        move = self.here("Invoice", sold["Id"])
        partner.property_account_receivable_id = later
        self.qbo_payment(self.freeman, 10, ("Invoice", sold, 10))
        self.qbo_payment(self.freeman, 0, ("Invoice", sold, 20), ("CreditMemo", memo, 20))
        credit = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 7))
        self.quiet_sync()
        # What came on the partner's new account before anybody knew what it settles follows: credit, entry, money.
        self.assertEqual(self.receivable(self.here("CreditMemo", credit["Id"])).account_id, later)
        self.qbo_payment(self.freeman, 0, ("Invoice", sold, 7), ("CreditMemo", credit, 7))
        self.person("write_off", "Invoice", id=sold["Id"], how="journal", amount=5)
        self.person("edit", "Payment", id=waiting["Id"], data={"Line": [
            {"Amount": 8, "LinkedTxn": [{"TxnId": sold["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 50)
        # A document and an entry that change keep their accounts and what is applied to them.
        [entry] = self.qbo("JournalEntry").values()
        self.person("edit", "JournalEntry", id=entry["Id"], data={
            "Line": [{**line, "Amount": 9} for line in entry["Line"]]})
        self.person("late_fee", "Invoice", id=sold["Id"], amount=7.5)
        self.quiet_sync()
        self.assertEqual(self.receivable(move).account_id, first)
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), cents(57.5))
        self.assertSameBooks()
        # Paid from Odoo, and what two accounts of Odoo's own documents keep apart is for a person.
        self.pay(3, move, partner=partner, destination_account_id=first.id)
        own = self.invoice(11, partner=partner)
        self.quiet_sync()
        self.assertSameBooks()
        self.qbo_payment(self.freeman, 12, ("Invoice", sold, 6), ("Invoice", self.there(own), 6))
        self.sync()
        [job] = self.open_jobs()
        for words in ("First", "Later", own.name):
            self.assertIn(words, job.error)

    def test_documents_that_stay_there_are_listed_with_what_is_open(self):
        """By a rule, by their date, by a person's word, or because QuickBooks gives them to no app."""
        rules = {rule.entity: rule for rule in self.backend.policy_ids}
        rules["Invoice"].cutoff_date = DAY
        rules["CreditMemo"].direction = rules["Payment"].direction = "out"
        old = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 9), TxnDate="2020-01-31")
        memo = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 7))
        paid = self.qbo_payment(self.freeman, 5)
        rules["Invoice"].approve_in = "ask"
        left = self.sold(20)
        self.sync()
        self.jobs(state="approval").with_user(self.bookkeeper)._clear()

        def refresh():
            self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
            self.quiet_sync()
            return {(row.entity, row.qbo_id): row for row in self.listed()}

        rows = refresh()
        self.assertEqual({key: (row.amount, row.open_only) for key, row in rows.items()}, {
            ("Invoice", old["Id"]): (9, True), ("Invoice", left["Id"]): (20, True),
            ("CreditMemo", memo["Id"]): (-7, True), ("Payment", paid["Id"]): (-5, True)})
        for row, words in ((old, "From date"), (left, "A person left it")):
            self.assertIn(words, rows["Invoice", row["Id"]].reason)
        self.assertIn("'Payments' does not let it", rows["Payment", paid["Id"]].reason)
        self.assertEqual(rows["CreditMemo", memo["Id"]].partner_name, "Freeman")
        self.backend.ar_checked_at = False
        self.quiet_sync()
        self.assertEqual((cents(self.backend.ar_difference), "17.00" in self.backend.ar_explanation), (-17, True))
        # What has no name among those that apps get is listed, too.
        with patch.dict(left_there.KINDS):
            del left_there.KINDS["Payment"]
            self.assertIn("gives it to no app", refresh()["Other", paid["Id"]].reason)
        # It comes over after all, and is on no list any more.
        rules["Invoice"].write({"cutoff_date": False, "approve_in": "auto"})
        rules["CreditMemo"].direction = rules["Payment"].direction = "both"
        for entity, row in (("Invoice", old), ("Invoice", left), ("CreditMemo", memo), ("Payment", paid)):
            self.person("edit", entity, id=row["Id"], data={"PrivateNote": "Again", **(
                {"Line": []} if entity == "Payment" else {})})
        self.quiet_sync()
        self.assertFalse(self.listed())
        self.assertSameBooks()

    def test_a_statement_charge(self):
        """No app gets it: the day's list and the comparison name customer and amount, and it comes over as nothing."""
        invoice = self.sold(100)
        self.quiet_sync()
        charge = self.person("statement_charge", "StatementCharge", customer=self.freeman["Id"],
                             item=self.rake["Id"], amount=40.25, date=DAY)
        rows = self.refreshed()
        self.assertEqual(
            [(row.entity, row.qbo_id, row.partner_name, str(row.date), row.amount, row.open_only) for row in rows],
            [("Other", charge["Id"], "Freeman", DAY, 40.25, True)])
        self.assertIn("Statement Charge in its report and gives it to no app", rows.reason)
        self.assertCompared(-40.25, "40.25")
        # The part of a payment that settles it is open in Odoo, and the payment says so.
        paid = self.person("create", "Payment", data={
            "CustomerRef": {"value": self.freeman["Id"]}, "TotalAmt": 110, "TxnDate": DAY, "Line": [
                {"Amount": part, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]}
                for part, row, kind in ((100, invoice, "Invoice"), (10, charge, "StatementCharge"))]})
        self.sync()
        self.assertSettled(invoice)
        payment = self.here("Payment", paid["Id"])
        self.assertEqual(cents(self.receivable(payment.move_id).amount_residual), -10)
        self.assertIn("10.00", self.binding(payment).note)
        self.assertEqual(self.refreshed().amount, 40.25, "30.25 are open, and 10.00 are settled by money of Odoo")
        self.assertCompared(-40.25, "40.25")
        rest = self.qbo_payment(self.freeman, 30.25, ("StatementCharge", charge, 30.25))
        self.sync()
        rows = self.refreshed()
        self.assertEqual((rows.amount, rows.partner_name), (40.25, "Freeman"))
        self.assertIn("settles it in QuickBooks", rows.reason)
        self.assertCompared(-40.25, "40.25")
        self.person("delete", "Payment", id=rest["Id"])
        # Replaced by an invoice, as the reason advises, both books are equal again.
        self.person("delete", "StatementCharge", id=charge["Id"])
        made = self.sold(40.25)
        self.person("edit", "Payment", id=paid["Id"], data={"Line": [
            {"Amount": part, "LinkedTxn": [{"TxnId": row["Id"], "TxnType": "Invoice"}]}
            for part, row in ((100, invoice), (10, made))]})
        self.sync()
        self.assertFalse(self.refreshed())
        self.assertSameBooks()
        self.assertCompared(0, "")

    def refreshed(self):
        """Have QuickBooks' lists read again, and return what does not come over."""
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        return self.listed()

    def assertCompared(self, difference, words):
        """The overview says this difference, and explains all of it by these words."""
        self.assertEqual(cents(self.backend.ar_difference), cents(difference))
        self.assertIn(words, self.backend.ar_explanation or "")

    def test_an_account_that_is_not_mapped(self):
        """It waits for its mapping and so does the payment of it; with a clearing account it need not."""
        self.su["qbo.mapping"].search([("res_id", "=", self.expense.id), ("entity", "=", "Account")]).unlink()
        invoice = self.sold(40)
        self.person("write_off", "Invoice", id=invoice["Id"], how="journal")
        self.sync()
        waiting = self.open_jobs()
        self.assertEqual(sorted(waiting.mapped("entity")), ["JournalEntry", "Payment"])
        self.assertIn("Bad Debts", waiting.filtered(lambda job: job.entity == "JournalEntry").error)
        clearing = self.su["account.account"].create({
            "name": "Clearing", "code": "101777", "account_type": "asset_current"})
        self.backend.with_user(self.qbo_admin).receivable_clearing_account_id = clearing
        self.quiet_sync()
        self.assertSameBooks()
        self.assertSettled(invoice)

    def test_connections_of_an_older_version(self):
        rules = self.backend.policy_ids.filtered(lambda policy: policy.entity == "ReceivableEntry")
        rules.unlink()
        self.su["qbo.backend"]._complete_policies()
        self.assertEqual(len(self.backend.policy_ids.filtered(lambda policy: policy.entity == "ReceivableEntry")), 1)
        self.assertSameBooks()


@tagged("post_install", "-at_install")
class TestForeignEntriesIn(EntriesCase):
    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "multicurrency": True, "rates": {"EUR": "1.25"}}}

    def test_a_revaluation_is_listed(self):
        """QuickBooks corrects the home value of what is owed in euros; Odoo makes its own correction."""
        self.env.ref("base.EUR").active = True
        beatrix = self.customer("Beatrix", CurrencyRef={"value": "EUR"})
        invoice = self.sold(100, beatrix)
        self.quiet_sync()
        self.assertSameBooks()
        self.person("write_off", "Invoice", id=invoice["Id"], how="journal", amount=40)
        self.quiet_sync()
        self.assertSameBooks()
        move = self.here("Invoice", invoice["Id"])
        self.assertSameDocument(move)
        self.person("revalue", "JournalEntry", currency="EUR", rate=1.3)
        self.quiet_sync()
        row = self.listed()
        self.assertEqual(cents(row.amount), 3)
        self.assertIn("revaluation", row.reason.lower())
        self.assertEqual(cents(self.backend.ar_qbo) - cents(self.backend.ar_odoo), 3)
