"""Situations at the edge of two rules: what neither side may lose."""

from odoo.tests import tagged

from .documents import DAY, DocumentCase, cents


@tagged("post_install", "-at_install")
class TestEdges(DocumentCase):

    def test_service_date_of_a_line_survives_an_edit_in_odoo(self):
        move = self.invoice(40)
        self.quiet_sync()
        there = self.there(move)
        lines = [line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0]["SalesItemLineDetail"]["ServiceDate"] = "2026-02-01"
        self.person("edit", "Invoice", id=there["Id"], data={"Line": lines})
        self.quiet_sync()
        move.button_draft()
        move.invoice_line_ids.price_unit = 45
        move.action_post()
        self.quiet_sync()
        [line] = [line for line in self.there(move)["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        self.assertEqual(line["SalesItemLineDetail"].get("ServiceDate"), "2026-02-01")
        self.assertEqual(cents(line["Amount"]), cents(45))

    def test_what_is_written_off_in_a_payment_waits_for_its_account(self):
        move = self.invoice(100)
        expense = self.company_data["default_account_expense"]
        self.su["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids).create({
            "amount": 95, "payment_difference_handling": "reconcile", "writeoff_account_id": expense.id,
            "journal_id": self.bank.id}).action_create_payments()
        self.sync()
        self.assertFalse(self.qbo("Payment"))
        entry = self.open_jobs().filtered(lambda job: job.entity == "JournalEntry")
        self.assertEqual(entry.state, "blocked")
        self.assertIn(expense.name, entry.error)
        self.map("Account", expense, "Bad Debts")
        self.quiet_sync()
        [payment] = self.qbo("Payment").values()
        self.assertEqual(cents(payment["TotalAmt"]), cents(95))
        self.assertEqual(self.applied(payment), {
            ("Invoice", self.there(move)["Id"]): cents(100), ("JournalEntry", *self.qbo("JournalEntry")): cents(5)})
        self.assertEqual(cents(self.there(move)["Balance"]), 0)

    def test_a_payment_that_both_sides_have_is_one(self):
        move = self.invoice(40)
        self.quiet_sync()
        payment = self.pay(40, move)
        there = self.there(move)
        self.person("create", "Payment", data={
            "CustomerRef": there["CustomerRef"], "TotalAmt": 40, "TxnDate": str(payment.date),
            "DepositToAccountRef": {"value": self.reference("Account", "Checking").qbo_id},
            "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": there["Id"], "TxnType": "Invoice"}]}]})
        self.sync()
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertEqual(self.su["account.payment"].search([("partner_id", "=", self.acme.id)]), payment)
        self.assertEqual(payment.qbo_id, next(iter(self.qbo("Payment"))))

    def test_documents_before_the_from_date_stay_in_quickbooks(self):
        self.quiet_sync()
        self.backend._policy("Invoice").cutoff_date = DAY
        move = self.invoice(40)
        self.quiet_sync()
        there = self.there(move)
        line = {"Amount": 9, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
            "ItemRef": there["Line"][0]["SalesItemLineDetail"]["ItemRef"]}}
        self.person("create", "Invoice", data={
            "CustomerRef": there["CustomerRef"], "TxnDate": "2020-01-31", "Line": [line]})
        self.quiet_sync()
        self.assertEqual(self.su["account.move"].search([("partner_id", "=", self.acme.id)]), move)

    def test_a_deletion_during_a_long_gap_is_found(self):
        move = self.invoice(40)
        self.quiet_sync()
        cursor = self.su["qbo.cursor"].search([("backend_id", "=", self.backend.id), ("source", "=", "cdc")])
        cursor.moment = "2020-01-01T00:00:00+00:00"
        self.person("delete", "Invoice", id=self.there(move)["Id"])
        self.sync()
        move.invalidate_recordset()
        self.assertEqual((move.qbo_status, move.state), ("missing", "cancel"))

    def test_credit_of_which_quickbooks_took_less_is_said(self):
        move, credit = self.invoice(100), self.refund(100)
        self.quiet_sync()
        self.person("receive", "Invoice", id=self.there(move)["Id"], amount=60)
        self.apply(credit, move)
        self.sync()
        row = self.su["qbo.application"].search([("credit_move_id", "=", credit.id)])
        job = self.jobs(model="qbo.application", res_id=row.id)
        self.assertEqual((job.state, job.error_code), ("failed", "taken_there"))
        self.assertIn(f"40.00 of 100.00 to {move.name} of {self.acme.name}", job.error)
        self.assertIn("Applied is 100.00 in Odoo and 40.00 in QuickBooks", self.binding(row).note or "")

    def test_a_change_in_quickbooks_of_a_document_in_draft_says_what_to_do(self):
        move = self.invoice(40)
        self.quiet_sync()
        move.button_draft()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=15)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.direction), ("failed", "in"))
        self.assertIn("Post or cancel it in Odoo", job.error)
        move.action_post()
        job.action_retry()
        self.quiet_sync()
        self.assertEqual((move.amount_total, self.assertSameDocument(move)["TotalAmt"]), (55, 55))

    def test_credit_that_is_applied_while_it_is_a_draft_here_waits(self):
        move, credit = self.invoice(100), self.refund(30)
        self.quiet_sync()
        credit.button_draft()
        self.person("apply_credit", "Invoice", id=self.there(move)["Id"], credit_memo=self.there(credit)["Id"])
        self.sync()
        [job] = self.jobs(entity="Payment", direction="in")
        self.assertEqual(job.state, "blocked")
        self.assertIn(credit.display_name, job.error)
        credit.action_post()
        self.sync()
        self.assertSameDocument(move)
        self.assertEqual(cents(move.amount_residual), 70)
