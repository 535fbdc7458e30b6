"""Some changes need a person's word whatever the rules say: filed tax, closed books, linked lines, reconciled money."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestGuard(DocumentCase):

    def sync_to_ask(self):
        """Sync; something waits for approval and nothing was written to QuickBooks. Return the job."""
        with self.counting() as made:
            self.sync()
        [job] = self.open_jobs()
        self.assertEqual(job.state, "approval", job.error)
        self.assertFalse(self.writes(made))
        return job

    def approve(self):
        self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({"backend_id": self.backend.id}).action_approve()
        self.quiet_sync()

    def reprice(self, move, price):
        move = move.with_user(self.sales)
        move.button_draft()
        move.invoice_line_ids.price_unit = price
        move.action_post()

    def caution(self, record):
        record.invalidate_recordset()
        return record.with_user(self.biller).qbo_caution or ""

    def test_filed_tax(self):
        move = self.invoice(self.line(100, taxed=True))
        self.quiet_sync()
        self.simulator.ui(self.realm, action="file_tax", date="2026-03-31")
        self.look_again()
        self.assertEqual(str(self.backend.tax_filed_proposal), "2026-03-31")
        self.backend.with_user(self.qbo_admin).action_take_tax_filed()
        self.assertFalse(self.backend.tax_filed_proposal)
        self.assertIn("tax was filed", self.caution(move))
        # Words cross as ever, in both directions.
        move.with_user(self.sales).ref = "PO 7"
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"CustomerMemo": {"value": "Thanks"}})
        self.quiet_sync()
        self.assertEqual((self.there(move)["PrivateNote"], "Thanks" in move.narration), ("PO 7", True))
        # Amounts ask: out ...
        self.reprice(move, 110)
        job = self.sync_to_ask()
        self.assertIn("filed", job.difference)
        self.assertIn("credit note", job.difference)
        self.assertIn("A/R +10.80", job.difference)
        self.assertTrue(job.is_held)
        action = job.with_user(self.bookkeeper).action_credit_note()
        self.assertEqual(action["context"]["active_ids"], move.ids)
        self.sync_to_ask()
        self.approve()
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 118.8)
        # ... an approval is of what was seen ...
        self.reprice(move, 120)
        self.sync_to_ask()
        self.reprice(move, 110)
        self.quiet_sync()
        # ... and in.
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)
        job = self.sync_to_ask()
        self.assertEqual((job.direction, move.amount_total), ("in", 118.8))
        self.assertIn("filed", job.difference)
        self.approve()
        self.assertEqual(move.amount_total, 133.8)
        self.person("delete", "Invoice", id=self.there(move)["Id"])
        self.sync_to_ask()
        self.assertEqual(move.state, "posted")
        self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({"backend_id": self.backend.id}).action_approve()
        self.sync()
        self.assertEqual(move.state, "cancel")
        self.assertSameReceivables()

    def test_new_and_cancelled_documents_in_a_filed_period(self):
        old = self.invoice(10)
        self.quiet_sync()
        self.backend.tax_filed_until = "2026-03-31"
        late = self.invoice(20)
        today = self.invoice(30, invoice_date="2026-04-02")
        self.sync()
        self.assertEqual(self.open_jobs().mapped("state"), ["approval"])
        self.assertEqual((self.status(late), self.status(today)), ("approval", "synced"))
        self.approve()
        old.with_user(self.sales).button_cancel()
        self.assertEqual(self.sync_to_ask().operation, "void")
        self.approve()
        self.assertEqual(self.there(old)["TotalAmt"], 0)
        self.assertSameReceivables()

    def test_closed_books(self):
        move = self.invoice(100)
        self.quiet_sync()
        self.close("2026-03-31")
        self.assertIn("closed in QuickBooks", self.caution(move))
        self.reprice(move, 90)
        with self.counting() as made:
            self.sync()
        self.assertFalse(self.writes(made), "QuickBooks would refuse it")
        [job] = self.open_jobs()
        self.assertEqual(
            (job.error_code, job.with_user(self.bookkeeper).fix, self.status(move)),
            ("closed_there", "credit_note", "failed"))
        action = job.with_user(self.bookkeeper).action_fix()
        self.assertEqual((action["res_model"], action["context"]["active_ids"]), ("account.move.reversal", move.ids))
        # The safe way: put back what was, and a credit note of today.
        self.reprice(move, 100)
        wizard = self.env["account.move.reversal"].with_user(self.sales).with_context(**action["context"]).create({
            "journal_id": move.journal_id.id, "date": "2026-04-02"})
        credit = self.su["account.move"].browse(wizard.refund_moves()["res_id"])
        credit.invoice_line_ids.price_unit = 10
        credit.with_user(self.sales).action_post()
        self.quiet_sync()
        self.assertSameDocument(credit)
        self.assertEqual(self.assertSameDocument(move)["Balance"], 90)
        # Books that were opened again are noticed when it is tried.
        self.reprice(move, 95)
        self.sync()
        self.close("2026-01-31")
        self.open_jobs().with_user(self.bookkeeper).action_retry()
        self.sync()
        self.assertEqual(cents(self.there(move)["TotalAmt"]), cents(95))
        self.assertSameReceivables()

    def close(self, day):
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": day}})
        if day > "2026-02":
            self.look_again()

    def look_again(self):
        """The administrator presses Test; the daily care does the same."""
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_test_connection()

    def test_lines_that_come_from_an_estimate(self):
        customer, rake, hoe = self.customer(), self.item(), self.item("Hoe")
        estimate = self.person("create", "Estimate", data={
            "CustomerRef": {"value": customer["Id"]}, "Line": [self.qbo_line(rake, 40, text="Raking")]})
        there = self.qbo_sale(
            "Invoice", customer, self.qbo_line(rake, 40, text="Raking"), self.qbo_line(hoe, 20, text="Hoeing"),
            LinkedTxn=[{"TxnId": estimate["Id"], "TxnType": "Estimate"}])
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        move.button_draft()
        move.invoice_line_ids[0].price_unit = 45
        move.action_post()
        self.quiet_sync()
        self.assertEqual(self.there(move)["Line"][0]["LinkedTxn"][0]["TxnId"], estimate["Id"])
        move.button_draft()
        move.invoice_line_ids[0].unlink()
        move.action_post()
        job = self.sync_to_ask()
        self.assertIn("'Raking' (45) comes from an estimate", job.difference)
        self.approve()
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 20)

    def test_lines_of_delayed_charges(self):
        """Of charges QuickBooks tells that the invoice bills them, not where: any line that goes is asked for."""
        customer, rake = self.customer(), self.item()
        for amount in (30, 10):
            self.person("charge", "Charge", customer=customer["Id"], item=rake["Id"], amount=amount,
                        text=f"Job {amount}")
        there = self.person("invoice_charges", "Charge", customer=customer["Id"])
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.reprice(move, 45)
        self.quiet_sync()
        move.with_user(self.sales).button_draft()
        move.invoice_line_ids[0].with_user(self.sales).unlink()
        move.with_user(self.sales).action_post()
        job = self.sync_to_ask()
        for words in ("a delayed charge", "Job 30 (45.00)"):
            self.assertIn(words, job.difference)
        self.approve()
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 45)
        move.with_user(self.sales).button_cancel()
        self.assertIn("Job 10", self.sync_to_ask().difference)
        self.approve()
        self.assertEqual(self.there(move)["TotalAmt"], 0)
        self.assertSameReceivables()

    def test_lines_of_billable_time_and_expenses(self):
        """What an invoice bills stays billed while its lines change; a line that goes names what waits again."""
        customer, rake = self.customer(), self.item()
        bill, time = self.billable_bill(customer, 30), self.billable_time(customer, rake)
        there = self.person("invoice_charges", "Invoice", customer=customer["Id"])
        expense, markup, hours = (line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail")
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 133)
        worked = move.invoice_line_ids.filtered(lambda line: line.name == "Digging").with_user(self.sales)
        move.with_user(self.sales).button_draft()
        worked.price_unit = 55
        move.with_user(self.sales).action_post()
        self.quiet_sync()
        now = self.assertSameDocument(move)
        self.assertEqual((now["TotalAmt"], now["LinkedTxn"]), (143, there["LinkedTxn"]))
        for line, before in zip(now["Line"], (expense, markup, hours), strict=False):
            self.assertEqual(line["LinkedTxn"], before["LinkedTxn"])
            for name in ("ItemRef", "ItemAccountRef", "ServiceDate"):
                self.assertEqual(line["SalesItemLineDetail"].get(name), before["SalesItemLineDetail"].get(name))
        self.assertEqual(self.billed(bill, time), ("HasBeenBilled", "HasBeenBilled"))
        move.with_user(self.sales).button_draft()
        move.invoice_line_ids.filtered(lambda line: line != worked).with_user(self.sales).unlink()
        move.with_user(self.sales).action_post()
        job = self.sync_to_ask()
        for words in ("'Tiles' (30", "'10% markup for Tiles' (3", "a billable expense", "unbilled again"):
            self.assertIn(words, job.difference)
        self.approve()
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 110)
        self.assertEqual(self.billed(bill, time), ("Billable", "HasBeenBilled"))
        move.with_user(self.sales).button_cancel()
        self.assertIn("'Digging' (110", self.sync_to_ask().difference)
        self.approve()
        self.assertEqual(self.billed(bill, time), ("Billable", "Billable"))
        self.assertSameReceivables()

    def billable_bill(self, customer, amount):
        vendor = self.person("create", "Vendor", data={"DisplayName": "Tiler"})
        account = next(row for row in self.qbo("Account").values() if row["AccountType"] == "Expense")
        return self.person("create", "Bill", data={"VendorRef": {"value": vendor["Id"]}, "Line": [{
            "Amount": amount, "Description": "Tiles", "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": account["Id"]}, "CustomerRef": {"value": customer["Id"]},
                "BillableStatus": "Billable", "MarkupInfo": {"PercentBased": True, "Percent": 10}}}]})

    def billable_time(self, customer, item):
        worker = self.person("create", "Employee", data={"GivenName": "Em", "FamilyName": "Platt"})
        return self.person("create", "TimeActivity", data={
            "NameOf": "Employee", "EmployeeRef": {"value": worker["Id"]}, "CustomerRef": {"value": customer["Id"]},
            "ItemRef": {"value": item["Id"]}, "Hours": 2, "HourlyRate": 50, "BillableStatus": "Billable",
            "Description": "Digging"})

    def billed(self, bill, time):
        """Return what QuickBooks says of the line of a bill, and of the time."""
        [line] = self.qbo("Bill")[bill["Id"]]["Line"]
        return (line["AccountBasedExpenseLineDetail"]["BillableStatus"],
                self.qbo("TimeActivity")[time["Id"]]["BillableStatus"])

    def test_reconciled_and_deposited_payments(self):
        move, other, third = self.invoice(100), self.invoice(50), self.invoice(70)
        banked, second = self.pay(100, move), self.pay(50, other)
        held = self.pay(70, third, journal=self.cash)
        self.quiet_sync()
        self.simulator.ui(self.realm, action="reconcile", date="2026-03-31",
                          account=self.reference("Account", "Checking").qbo_id)
        self.person("deposit", "Payment", ids=[self.there(held)["Id"]])
        self.quiet_sync()
        self.assertIn("deposited", self.caution(held))
        self.assertIn("the payment is deposited in QuickBooks. A credit note", self.caution(third))
        self.assertFalse(self.caution(move))
        # Words and applications move no bank.
        self.receivable(banked).remove_move_reconcile()
        with self.counting() as made:
            self.quiet_sync()
        self.assertFalse([entry for entry in made if "TransactionList" in entry["path"]])
        for payment in (second, banked):
            payment.with_user(self.bookkeeper).action_draft()
            payment.with_user(self.bookkeeper).action_cancel()
        with self.counting() as made:
            self.sync()
        self.assertEqual(len([entry for entry in made if "TransactionList" in entry["path"]]), 1)
        self.assertFalse([entry for entry in made if entry["operation"] == "void"])
        jobs = self.open_jobs()
        self.assertEqual(set(jobs.mapped("state")), {"approval"})
        self.assertIn("March 2026", jobs[0].difference)
        self.approve()
        self.assertEqual([cents(self.there(one)["TotalAmt"]) for one in (banked, second)], [0, 0])
        self.assertSameReceivables()
