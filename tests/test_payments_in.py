"""Payments of QuickBooks, as they arrive in Odoo: posted, and applied for exactly the amounts of their lines."""

from odoo.tests import tagged

from .documents import cents
from .test_import import ImportCase


@tagged("post_install", "-at_install")
class TestImportPayments(ImportCase):

    def sold(self, *amounts, entity="Invoice"):
        return [self.qbo_sale(entity, self.freeman, self.qbo_line(self.rake, amount)) for amount in amounts]

    def arrived_payment(self, there, *shares, unapplied=0):
        """Expect a posted payment that settles exactly ``shares`` (document of QuickBooks, amount) and nothing else."""
        payment = self.here("Payment", there["Id"])
        self.assertTrue(payment, self.jobs(qbo_id=there["Id"]).mapped("error"))
        self.assertIn(payment.state, ("in_process", "paid"))
        items = self.receivable(payment)
        applied = {
            partial.debit_move_id.move_id: cents(partial.credit_amount_currency) for partial in items.matched_debit_ids}
        self.assertEqual(applied, {self.here("Invoice", invoice["Id"]): cents(amount) for invoice, amount in shares})
        self.assertEqual(cents(sum(items.mapped("amount_residual_currency"))), -cents(unapplied))
        self.assertEqual(len(payment.move_id.line_ids), 2, "nothing is written off")
        return payment

    def same(self):
        for move in self.su["account.move"].search(
                [("partner_id", "=", self.partner.id), ("move_type", "in", ("out_invoice", "out_refund"))]):
            self.assertSameDocument(move)
        self.assertSameReceivables()

    def test_exact_amounts_on_three_invoices(self):
        first, second, third = self.sold(100, 50, 25)
        method = {"value": self.reference("PaymentMethod", "Check").qbo_id}
        there = self.qbo_payment(
            self.freeman, 60, ("Invoice", first, 30.01), ("Invoice", second, 20.99), ("Invoice", third, 9),
            PaymentRefNum="4711", PaymentMethodRef=method)
        self.quiet_sync()
        payment = self.arrived_payment(there, (first, 30.01), (second, 20.99), (third, 9))
        self.assertEqual(
            (payment.amount, payment.memo, str(payment.date), payment.journal_id),
            (60, "4711", "2026-03-10", self.cash))
        self.same()

    def test_two_partial_payments_one_invoice(self):
        [invoice] = self.sold(100)
        one = self.qbo_payment(self.freeman, 33.33, ("Invoice", invoice, 33.33))
        two = self.qbo_payment(self.freeman, 66.67, ("Invoice", invoice, 66.67))
        self.quiet_sync()
        self.arrived_payment(one, (invoice, 33.33))
        self.arrived_payment(two, (invoice, 66.67))
        self.assertEqual(self.here("Invoice", invoice["Id"]).payment_state, "paid")
        self.same()

    def test_an_overpayment_keeps_its_rest_open(self):
        [invoice] = self.sold(100)
        there = self.qbo_payment(self.freeman, 130, ("Invoice", invoice, 100))
        loose = self.qbo_payment(self.freeman, 7)
        self.quiet_sync()
        self.arrived_payment(there, (invoice, 100), unapplied=30)
        self.arrived_payment(loose, unapplied=7)
        self.same()

    def test_a_part_owes_its_part_of_a_tax_on_payment(self):
        """Tax that is due when the customer pays: a payment of half of the invoice makes half of it due, undone none.
        """
        transition = self.su["account.account"].create(
            {"name": "Tax to come", "code": "251499", "account_type": "liability_current", "reconcile": True})
        self.company.write({
            "tax_exigibility": True, "tax_cash_basis_journal_id": self.company_data["default_journal_misc"].id})
        self.tax.write({"tax_exigibility": "on_payment", "cash_basis_transition_account_id": transition.id})
        (self.tax.invoice_repartition_line_ids | self.tax.refund_repartition_line_ids).filtered(
            lambda part: part.repartition_type == "tax").account_id = self.company_data["default_account_tax_sale"]
        invoice = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 100, taxed=True), code="California")
        there = self.qbo_payment(self.freeman, 200, ("Invoice", invoice, 54))
        self.quiet_sync()

        def still_to_come():
            return -cents(sum(self.su["account.move.line"].search(
                [("account_id", "=", transition.id), ("parent_state", "=", "posted")]).mapped("balance")))

        self.assertEqual(still_to_come(), 4)
        self.same()
        self.person("unapply", "Payment", id=there["Id"])
        self.quiet_sync()
        self.assertEqual(still_to_come(), 8)
        self.same()

    def test_money_and_credit_in_one_payment(self):
        first, second = self.sold(100, 40)
        [memo] = self.sold(30, entity="CreditMemo")
        there = self.qbo_payment(
            self.freeman, 90, ("Invoice", first, 100), ("Invoice", second, 20), ("CreditMemo", memo, 30))
        self.quiet_sync()
        payment = self.here("Payment", there["Id"])
        refund = self.here("CreditMemo", memo["Id"])
        self.assertEqual(cents(refund.amount_residual), 0)
        self.assertEqual(cents(sum(self.receivable(payment).mapped("amount_residual"))), 0)
        self.same()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_a_credit_memo_applied(self):
        [invoice], [memo] = self.sold(100), self.sold(30, entity="CreditMemo")
        there = self.person("apply_credit", "Invoice", id=invoice["Id"], credit_memo=memo["Id"], amount=12.34)
        self.quiet_sync()
        self.same()
        self.assertEqual(cents(self.here("Invoice", invoice["Id"]).amount_residual), cents(87.66))
        # Deleted there, the application is undone here.
        self.person("delete", "Payment", id=there["Id"])
        self.sync()
        self.assertEqual(cents(self.here("Invoice", invoice["Id"]).amount_residual), 100)
        self.same()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_a_changed_application_follows(self):
        first, second = self.sold(100, 50)
        there = self.qbo_payment(self.freeman, 60, ("Invoice", first, 60))
        self.quiet_sync()
        entry = self.here("Payment", there["Id"]).move_id
        self.person("edit", "Payment", id=there["Id"], data={"Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
            for invoice, amount in ((first, 10), (second, 50))]})
        self.quiet_sync()
        payment = self.arrived_payment(there, (first, 10), (second, 50))
        self.assertEqual(payment.move_id, entry, "the entry is the same, only its applications moved")
        self.same()

    def test_a_changed_amount_follows(self):
        [invoice] = self.sold(100)
        there = self.qbo_payment(self.freeman, 60, ("Invoice", invoice, 60))
        self.quiet_sync()
        self.person("edit", "Payment", id=there["Id"], data={
            "TotalAmt": 75, "TxnDate": "2026-03-15", "PaymentRefNum": "9", "Line": [
                {"Amount": 70, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}]})
        self.quiet_sync()
        payment = self.arrived_payment(there, (invoice, 70), unapplied=5)
        self.assertEqual((payment.amount, str(payment.date), payment.memo), (75, "2026-03-15", "9"))
        self.same()

    def test_void_and_deleted_payments_open_their_invoices(self):
        first, second = self.sold(100, 50)
        void = self.qbo_payment(self.freeman, 100, ("Invoice", first, 100))
        deleted = self.qbo_payment(self.freeman, 50, ("Invoice", second, 50))
        self.quiet_sync()
        payments = [self.here("Payment", there["Id"]) for there in (void, deleted)]
        self.person("void", "Payment", id=void["Id"])
        self.person("delete", "Payment", id=deleted["Id"])
        self.sync()
        self.assertEqual([payment.state for payment in payments], ["canceled", "canceled"])
        self.assertEqual([self.status(payment) for payment in payments], ["synced", "missing"])
        self.same()
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_a_payment_in_odoo_of_an_imported_invoice(self):
        [invoice] = self.sold(100)
        self.quiet_sync()
        move = self.here("Invoice", invoice["Id"])
        payment = self.pay(40, move)
        self.quiet_sync()
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", invoice["Id"]): cents(40)})
        paid = self.person("receive", "Invoice", id=invoice["Id"])
        self.quiet_sync()
        self.arrived_payment(paid, (invoice, 60))
        self.same()

    def test_undone_here_it_is_undone_there(self):
        [invoice] = self.sold(100)
        there = self.qbo_payment(self.freeman, 60, ("Invoice", invoice, 60))
        self.quiet_sync()
        self.receivable(self.here("Payment", there["Id"])).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        self.assertFalse(self.applied(self.qbo("Payment")[there["Id"]]))
        self.same()

    def test_a_payment_of_a_document_that_is_not_here_stays_unapplied_and_is_said(self):
        self.backend._policy("Invoice").direction = "off"
        [invoice] = self.sold(100)
        there = self.qbo_payment(self.freeman, 60, ("Invoice", invoice, 60))
        run = self.sync()
        self.arrived_payment(there, unapplied=60)
        self.assertEqual(run.warning_count, 1)
        self.assertIn(invoice["Id"], self.jobs(entity="Payment").error)
        self.assertIn("Invoice", self.jobs(entity="Payment").error)

    def test_the_deposit_account_decides_the_journal(self):
        first, second = self.sold(10, 20)
        bank = self.qbo_payment(self.freeman, 10, ("Invoice", first, 10),
                                DepositToAccountRef={"value": self.reference("Account", "Checking").qbo_id})
        other = self.qbo_payment(self.freeman, 20, ("Invoice", second, 20),
                                 DepositToAccountRef={"value": self.reference("Account", "Savings").qbo_id})
        self.sync()
        self.assertEqual(self.here("Payment", bank["Id"]).journal_id, self.bank)
        job = self.jobs(entity="Payment", qbo_id=other["Id"])
        self.assertEqual(job.state, "blocked")
        self.assertIn("Savings", job.error)
        self.backend.with_user(self.qbo_admin).payment_journal_id = self.cash
        self.quiet_sync()
        self.assertEqual(self.here("Payment", other["Id"]).journal_id, self.cash)
        self.same()

    def test_a_locked_period(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.qbo_payment(self.freeman, 20)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.entity, job.state, job.error_code), ("Payment", "failed", "locked"))
        self.assertFalse(self.su["account.payment"].search([("partner_id", "=", self.partner.id)]))
