"""QuickBooks settles what is not posted in Odoo: it is applied here as soon as that is back."""

from odoo.tests import tagged

from .documents import cents
from .test_withdrawn import WithdrawnCase


@tagged("post_install", "-at_install")
class TestNotHere(WithdrawnCase):

    def lines_there(self, *parts):
        """Return the lines of a payment of QuickBooks that settles ``parts``, (invoice, amount)."""
        return [{"Amount": amount, "LinkedTxn": [{"TxnId": self.there(move)["Id"], "TxnType": "Invoice"}]}
                for move, amount in parts]

    def receive_there(self, *parts):
        """A person in QuickBooks receives money for ``parts``, (invoice, amount)."""
        return self.person("create", "Payment", data={
            "CustomerRef": self.there(parts[0][0])["CustomerRef"], "TotalAmt": sum(amount for _move, amount in parts),
            "Line": self.lines_there(*parts)})

    def post_again(self, move):
        mine = move.with_user(self.sales)
        mine.button_draft()
        mine.action_post()

    def test_what_settles_it_there_while_a_person_decides(self):
        """Money and credit of QuickBooks come over without the cancelled document, and take it when it is back."""
        for side, left in (("odoo", 60), ("qbo", 0)):
            with self.subTest(side):
                move = self.invoice(100)
                self.quiet_sync()
                there = self.there(move)["Id"]
                self.change_there(move, 90)
                self.take_back(move)
                money = self.receive_there((move, 60))
                line = next(one for one in self.there(move)["Line"] if one["DetailType"] == "SalesItemLineDetail")
                item = self.qbo("Item")[line["SalesItemLineDetail"]["ItemRef"]["value"]]
                credit = self.person("create", "CreditMemo", data={
                    "CustomerRef": self.there(move)["CustomerRef"], "Line": [self.qbo_line(item, 30)]})
                self.person("apply_credit", "Invoice", id=there, credit_memo=credit["Id"], amount=30)
                self.sync()
                payment, refund = self.here("Payment", money["Id"]), self.here("CreditMemo", credit["Id"])
                self.assertEqual(
                    (cents(-self.receivable(payment).amount_residual), refund.amount_residual), (cents(60), 30))
                self.decide(side, "Odoo cancelled it")
                self.assertEqual(
                    (cents(-self.receivable(payment).amount_residual), refund.amount_residual),
                    (cents(left), 30 if left else 0))
                self.assertFalse(self.binding(payment).note or self.binding(payment).error)

    def test_a_document_that_a_person_posts_again(self):
        """Only QuickBooks sends invoices here, so that a cancelled one is not void there; then it is posted again."""
        move = self.invoice(100)
        self.quiet_sync()
        self.backend._policy("Invoice").direction = "in"
        self.take_back(move)
        money = self.receive_there((move, 60))
        self.sync()
        payment = self.here("Payment", money["Id"])
        for words in ("first", "second"):
            self.assertIn("is not here", self.binding(payment).note)
            self.person("edit", "Payment", id=money["Id"], data={"PrivateNote": words})
            self.sync()
        payment.with_user(self.bookkeeper).memo = "Cash"
        self.post_again(move)
        self.quiet_sync()
        self.assertEqual((move.amount_residual, self.receivable(payment).amount_residual), (40, 0))
        self.assertEqual(self.there(payment)["PaymentRefNum"], "Cash", "what Odoo changed meanwhile is kept")
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(move)["Id"]): cents(60)})
        self.assertSameReceivables()

    def test_money_for_several_that_are_not_here(self):
        """Each takes its part as soon as it is back, whichever is first."""
        moves = self.invoice(100) + self.invoice(100)
        self.quiet_sync()
        self.backend._policy("Invoice").direction = "in"
        for move in moves:
            self.take_back(move)
        money = self.receive_there((moves[0], 60), (moves[1], 30))
        self.sync()
        payment = self.here("Payment", money["Id"])
        item = self.receivable(payment)
        # Both sides change something else of it meanwhile.
        self.person("edit", "Payment", id=money["Id"], data={"PrivateNote": "Till"})
        payment.with_user(self.bookkeeper).memo = "Cash"
        self.sync()
        self.assertEqual(payment.memo, "Cash")
        for move, left in ((moves[1], 60), (moves[0], 0)):
            self.post_again(move)
            self.sync()
            self.assertEqual(cents(-item.amount_residual), cents(left))
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameReceivables()

    def test_what_odoo_applies_otherwise_leaves_the_rest_applied_there(self):
        """Odoo moves its part to another document; what only QuickBooks could settle stays settled there."""
        here, gone, other = self.invoice(100), self.invoice(100), self.invoice(60)
        self.quiet_sync()
        self.backend._policy("Invoice").direction = "in"
        self.take_back(gone)
        money = self.receive_there((here, 60), (gone, 30))
        self.sync()
        payment = self.here("Payment", money["Id"])
        here.with_user(self.bookkeeper).js_remove_outstanding_partial(here.line_ids.matched_credit_ids.id)
        self.apply(payment, other)
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(self.applied(self.qbo("Payment")[money["Id"]]), {
            ("Invoice", self.there(other)["Id"]): cents(60), ("Invoice", self.there(gone)["Id"]): cents(30)})
        self.reprice(gone, 100)
        self.sync()
        self.assertEqual((gone.amount_residual, other.amount_residual), (70, 0))
        self.assertSameReceivables()

    def test_too_little_is_open_of_what_is_posted_again(self):
        """What could not be applied stays applied in QuickBooks, also when Odoo's own change of the payment goes there;
        it is applied when enough is open, or taken off there by a person's word.
        """
        for way in ("open", "put back"):
            with self.subTest(way):
                self.backend._policy("Invoice").direction = "both"
                self.backend._policy("Payment").approve_out = "auto"
                move = self.invoice(100)
                self.quiet_sync()
                self.backend._policy("Invoice").direction = "in"
                self.take_back(move)
                there = {("Invoice", self.there(move)["Id"]): cents(60)}
                money = self.receive_there((move, 60))
                self.sync()
                payment = self.here("Payment", money["Id"])
                self.backend._policy("Payment").approve_out = "ask"
                payment.with_user(self.bookkeeper).memo = "Cash"
                self.sync()
                waiting = self.jobs(state="approval")
                self.assertEqual((waiting.entity, waiting.direction), ("Payment", "out"))
                self.reprice(move, 50)
                self.sync()
                self.assertIn("is only 50.00 in Odoo", self.jobs(state="failed").error)
                self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create(
                    {"backend_id": self.backend.id}).action_approve()
                self.sync()
                self.assertEqual(self.applied(self.qbo("Payment")[money["Id"]]), there)
                if way == "open":
                    self.reprice(move, 100)
                else:
                    self.jobs(state="failed").with_user(self.bookkeeper).action_put_back()
                self.sync()
                self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
                self.assertEqual(self.receivable(payment).reconciled, way == "open")
                self.assertEqual(self.applied(self.qbo("Payment")[money["Id"]]), there if way == "open" else {})
                self.assertFalse(self.binding(payment).not_here)

    def test_what_a_person_repairs_of_a_payment_whose_document_is_not_here(self):
        """Its ID is cleared while too little is open: nothing of what it settled is asked for any more."""
        move = self.invoice(100)
        self.quiet_sync()
        self.backend._policy("Invoice").direction = "in"
        self.take_back(move)
        money = self.receive_there((move, 60))
        self.sync()
        link = self.binding(self.here("Payment", money["Id"]))
        self.reprice(move, 50)
        self.sync()
        self.assertEqual(self.jobs(state="failed").resolution, "rest")
        link.with_user(self.bookkeeper)._clear_id("by mistake")
        self.assertFalse(link.not_here)
        run = self.sync()
        self.assertEqual(run.state, "done", self.messages(run))

    def test_a_bank_line_that_settles_it_there_while_a_person_decides(self):
        """QuickBooks applies a part of it to what is cancelled here; when that is back the part goes there."""
        first, second = self.invoice(50), self.invoice(50)
        line = self.bank_line(50, first)
        self.quiet_sync()
        self.change_there(second, 40)
        self.take_back(second)
        self.person("edit", "Payment", id=self.there(line.move_id)["Id"], data={
            "Line": self.lines_there((first, 20), (second, 30))})
        self.sync()
        self.assertIn("is not here", self.jobs(state="warning").error)
        self.assertEqual((first.amount_residual, second.state), (30, "cancel"))
        self.decide("qbo", "Odoo cancelled it")
        self.assertEqual((first.amount_residual, second.amount_residual), (30, 10))
