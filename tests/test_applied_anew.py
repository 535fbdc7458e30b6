"""Applications that people of QuickBooks change: bank lines follow, what frees goes first, the rest says why."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestAppliedAnew(DocumentCase):

    def apply_there(self, payment, *applied, **data):
        """Apply a payment of QuickBooks anew in its page; ``applied`` are (document of Odoo, amount)."""
        self.person("edit", "Payment", id=payment["Id"], data={**data, "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": self.there(move)["Id"], "TxnType": "Invoice"}]}
            for move, amount in applied]})

    def edit_there(self, move, amount):
        """Change the amount of the only line of an invoice in QuickBooks."""
        line = {**self.there(move)["Line"][0], "Amount": amount}
        line["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": amount, "Qty": 1}
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"Line": [line]})

    def assertSame(self, *moves):
        for move in moves:
            move.invalidate_recordset()
            self.assertSameDocument(move)
        self.assertSameReceivables()

    def failed(self):
        return self.jobs(state="failed")

    def test_a_bank_line_follows(self):
        """What it is applied to may change; what the bank says may not, and the way out is named."""
        first, second, third = self.invoice(30), self.invoice(40), self.invoice(50)
        line = self.bank_line(70, first, second)
        self.quiet_sync()
        payment = self.there(line.move_id)
        for title, applied in (
                ("another document", ((second, 40), (third, 30))), ("a part", ((first, 12.34),)), ("nothing", ()),
                ("three", ((first, 30), (second, 1.5), (third, 38.5)))):
            with self.subTest(title):
                self.apply_there(payment, *applied)
                self.quiet_sync()
                self.assertTrue(line.is_reconciled, "it is still the customer's money")
                self.assertEqual(
                    {move: cents(move.amount_total - move.amount_residual) for move in (first, second, third)},
                    {move: cents(dict(applied).get(move, 0)) for move in (first, second, third)})
                self.assertSame(first, second, third)
        self.assertFalse(self.writes(self.quiet_sync()), "nothing goes back")
        self.edit_there(second, 45)
        self.quiet_sync()
        self.assertTrue(line.is_reconciled, "another total of a document that it settles undoes no match")
        self.assertSame(first, second, third)
        self.apply_there(payment, (first, 30), TotalAmt=60)
        self.sync()
        self.assertIn("changed total of a payment", self.failed().error)
        self.assertIn("correct the bank line", self.failed().error)
        self.apply_there(payment, (first, 30), TotalAmt=70)
        self.quiet_sync()
        self.assertSame(first, second, third)

    def test_the_match_of_unapplied_money_is_undone(self):
        """A bank line that QuickBooks took off all documents is a payment until its match in Odoo is undone."""
        move = self.invoice(30)
        line = self.bank_line(30, move)
        self.quiet_sync()
        payment = self.there(line.move_id)
        self.apply_there(payment)
        self.quiet_sync()
        self.assertTrue(line.is_reconciled)
        line.action_undo_reconciliation()
        self.quiet_sync()
        self.assertEqual(cents(self.qbo("Payment")[payment["Id"]]["TotalAmt"]), cents(0))
        self.assertSame(move)

    def test_what_frees_a_document_goes_first(self):
        """Two payments change places, and a new one takes what a third has left: all between two syncs."""
        first, second, third = self.invoice(100), self.invoice(100), self.invoice(100)
        paid = {move: self.pay(move.amount_total, move) for move in (first, second, third)}
        self.quiet_sync()
        customer = self.qbo("Customer")[self.there(first)["CustomerRef"]["value"]]
        there = {move: self.there(paid[move]) for move in paid}
        for move in paid:
            self.apply_there(there[move])
        self.apply_there(there[first], (second, 100))
        self.apply_there(there[second], (first, 100))
        self.qbo_payment(customer, 100, ("Invoice", self.there(third), 100))
        self.quiet_sync()
        self.assertEqual(self.receivable(first).matched_credit_ids.credit_move_id.move_id, paid[second].move_id)
        self.assertEqual(self.receivable(second).matched_credit_ids.credit_move_id.move_id, paid[first].move_id)
        self.assertFalse(paid[third].move_id.line_ids.matched_debit_ids)
        self.assertSame(first, second, third)

        self.lowered_there()

    def lowered_there(self):
        """QuickBooks chooses which payment loses money when it lowers an invoice: Odoo follows, in any order."""
        first, second = self.invoice(100), self.invoice(100)
        credits = [self.refund(50), self.refund(50)]
        payments = [self.pay(50, first)]
        for credit, move in zip(credits, (first, second), strict=True):
            self.apply(credit, move)
        payments.append(self.pay(50, second))
        self.quiet_sync()
        for move in (first, second):
            self.edit_there(move, 60)
        self.quiet_sync()
        self.assertSame(first, second, *credits)
        for payment in payments:
            self.assertEqual(
                -cents(self.receivable(payment).amount_residual), cents(self.there(payment)["UnappliedAmt"]))

    def test_what_is_taken_says_by_what_and_goes_when_it_is_free(self):
        first, second = self.invoice(100), self.invoice(100)
        self.quiet_sync()
        customer = self.qbo("Customer")[self.there(first)["CustomerRef"]["value"]]
        credit = self.invoice(70, move_type="out_refund")
        (self.receivable(credit) | self.receivable(first)).reconcile()
        for move in (first, second):
            self.qbo_payment(customer, 100, ("Invoice", self.there(move), 100))
        self.sync()
        failed = self.failed().filtered(lambda job: job.direction == "in")
        self.assertEqual(len(failed), 1, failed.mapped("error"))
        for word in (first.name, credit.name, "70.00", "30.00", "Undo that reconciliation"):
            self.assertIn(word, failed.error)
        self.assertTrue(failed.how_to_fix)
        self.assertEqual(cents(second.amount_residual), 0, "the other one is not held up")
        self.sync()
        self.assertEqual(failed.state, "failed")
        self.receivable(credit).with_user(self.bookkeeper).remove_move_reconcile()
        self.quiet_sync()
        self.assertSame(first, second, credit)
        self.cancelled_meanwhile()

    def cancelled_meanwhile(self):
        """QuickBooks applies a credit that Odoo cancels: deleted there, nothing is left to apply."""
        move, credit = self.invoice(50), self.refund(20)
        self.quiet_sync()
        memo = self.there(credit)["Id"]
        self.person("apply_credit", "Invoice", id=self.there(move)["Id"], credit_memo=memo, amount=20)
        for press in ("button_draft", "button_cancel"):
            getattr(credit.with_user(self.sales), press)()
            self.sync()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSame(move)

    def test_a_credit_that_is_applied_twice_to_one_document(self):
        """Two payments of nothing apply parts of it; both stay when QuickBooks changes the document."""
        credit, move = self.refund(30), self.invoice(100)
        self.quiet_sync()
        for amount in (10, 20):
            self.person("apply_credit", "Invoice", id=self.there(move)["Id"], amount=amount,
                        credit_memo=self.there(credit)["Id"])
            self.quiet_sync()
        self.person("late_fee", "Invoice", id=self.there(move)["Id"], amount=5)
        self.quiet_sync()
        self.assertEqual(
            (move.amount_residual, credit.amount_residual, cents(self.there(move)["Balance"])), (75, 0, 75))
        rows = self.su["qbo.application"].search([("credit_move_id", "=", credit.id)])
        self.assertEqual(sorted(rows.partial_ids.mapped("amount")), [10, 20])
        self.assertEqual(len(rows), 2)
        self.assertSameReceivables()

    def test_a_credit_that_both_sides_applied(self):
        """What Odoo applied of it stays when QuickBooks makes it smaller, although QuickBooks applied it first."""
        credit, first, second = self.refund(100), self.invoice(30), self.invoice(14)
        self.quiet_sync()
        self.person("apply_credit", "Invoice", id=self.there(first)["Id"], amount=30,
                    credit_memo=self.there(credit)["Id"])
        self.quiet_sync()
        self.apply(credit, second)
        self.quiet_sync()
        lines = [line for line in self.there(credit)["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0].update(Amount=90)
        lines[0]["SalesItemLineDetail"].update(Qty=1, UnitPrice=90)
        self.person("edit", "CreditMemo", id=self.there(credit)["Id"], data={"Line": lines})
        self.quiet_sync()
        self.assertEqual((first.amount_residual, second.amount_residual, credit.amount_residual), (0, 0, 46))
        self.assertEqual(cents(self.there(credit)["Balance"]), 46)
        self.assertSameReceivables()
