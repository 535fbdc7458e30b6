"""Changes of mind where a person approves: nothing moves before, what is shown is what happens, both books agree."""

from odoo.tests import tagged

from .documents import DAY, cents
from .receipts import ReceiptCase


@tagged("post_install", "-at_install")
class TestApprovedChanges(ReceiptCase):
    """Each situation is a generator; all begin together, and between their steps a person approves what waits."""

    def arrange(self):
        super().arrange()
        self.map("Account", self.bank.default_account_id, "Checking")
        self.active_backend(approval="ask")

    def play(self, *situations):
        self.before = self.ar_here()
        running = {situation.__name__: situation() for situation in situations}
        while running:
            for name, situation in list(running.items()):
                with self.subTest(name):
                    if next(situation, self) is self:
                        del running[name]
            if running:
                self.approved_sync()

    def approved_sync(self):
        """Sync, look at what waits, approve it, and go on until nothing is left; then both books agree."""
        before, shown = self.figures(), 0
        for number in range(4):
            with self.counting() as made:
                self.sync()
            waiting = self.jobs(state="approval")
            if not number:
                self.assertFalse(self.writes(made), "nothing crosses unasked")
                self.assertEqual(self.figures(), before)
                behind = self.ar_here() - cents(self.backend.ar_qbo)
            self.assertEqual({job.state for job in self.open_jobs() - waiting} - {"blocked"}, set())
            if not waiting:
                break
            self.assertNotIn(False, [bool(job.difference.strip()) for job in waiting])
            shown += sum(waiting.mapped("ar_effect"))
            self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create(
                {"backend_id": self.backend.id}).action_approve()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertSameBooks()
        moved = behind if self.direction == "out" else self.ar_here() - self.before
        self.assertEqual(cents(shown), moved, "what a person was told about the receivables is what happened")
        self.before = self.ar_here()
        asked = self.jobs().filtered(lambda job: job.state == "done" and job.approved_hash)
        self.assertEqual(asked.approved_by_id, self.bookkeeper)

    def figures(self):
        """Return what the other book said before anybody approved."""
        if self.direction == "out":
            return self.report("CustomerBalance")
        return {move.id: (move.state, move.amount_residual) for move in self.su["account.move"].search(
            [("company_id", "=", self.company.id)])}

    # === IN ODOO === #

    def test_in_odoo(self):
        self.direction = "out"
        self.play(
            self.edited, self.cancelled, self.credit, self.applied, self.written_off, self.refunded, self.receipts)

    def edited(self):
        move = self.invoice(self.line(100, taxed=True))
        yield
        move = move.with_user(self.sales)
        move.button_draft()
        move.write({"partner_id": self.roe.id})
        move.invoice_line_ids.price_unit = 90
        move.action_post()
        yield
        self.assertEqual(self.assertSameDocument(move.with_env(self.su))["CustomerRef"]["name"], "Roe")

    def cancelled(self):
        move = self.invoice(40)
        yield
        move.with_user(self.sales).button_cancel()
        yield
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 0)

    def credit(self):
        move, credit = self.invoice(100), self.refund(30)
        yield
        self.apply(credit, move)
        yield
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), 70)
        self.receivable(credit).with_user(self.bookkeeper).remove_move_reconcile()
        credit.with_user(self.sales).button_draft()
        credit.with_user(self.sales).button_cancel()
        yield
        self.assertIsNone(self.there(credit))

    def applied(self):
        first, second = self.invoice(50), self.invoice(60)
        payment = self.pay(50, first)
        yield
        self.receivable(payment).with_user(self.bookkeeper).remove_move_reconcile()
        self.apply(payment, second)
        yield
        self.assertEqual(cents(self.assertSameDocument(second)["Balance"]), 10)
        payment.with_user(self.bookkeeper).action_cancel()
        yield
        self.assertEqual(cents(self.there(payment)["TotalAmt"]), 0)

    def written_off(self):
        move = self.invoice(100)
        yield
        self.env["account.payment.register"].with_user(self.sales).with_context(
            active_model="account.move", active_ids=move.ids).create({
                "amount": 90, "journal_id": self.bank.id, "payment_date": DAY, "writeoff_account_id": self.expense.id,
                "payment_difference_handling": "reconcile"}).action_create_payments()
        yield
        payment = move.matched_payment_ids.with_user(self.sales)
        action = payment.action_open_bounce()
        self.env[action["res_model"]].with_user(self.sales).with_context(**action["context"]).create(
            {"date": "2026-03-20"}).action_bounce()
        yield
        self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), cents(move.amount_residual))

    def refunded(self):
        payment = self.pay(70)
        yield
        back = self.pay_back(20)
        self.apply(payment, back)
        yield
        self.assertEqual(cents(self.there(back)["TotalAmt"]), 20)
        back.with_user(self.bookkeeper).action_cancel()
        yield
        self.assertIsNone(self.there(back))

    def receipts(self):
        sale = self.receipt(25)
        money = self.pay(25, sale)
        yield
        self.assertThere("SalesReceipt", sale)
        money.with_user(self.bookkeeper).action_cancel()
        sale.with_user(self.sales).button_draft()
        sale.with_user(self.sales).button_cancel()
        yield
        self.assertEqual(cents(self.there(sale, "document")["TotalAmt"]), 0)

    # === IN QUICKBOOKS === #

    def test_in_quickbooks(self):
        self.direction = "in"
        self.play(self.lowered, self.void, self.gone, self.used, self.by_entry, self.returned, self.sold_at_once)

    def lowered(self):
        there = self.sold(100)
        yield
        self.person("edit", "Invoice", id=there["Id"], data={"Line": [self.qbo_line(self.rake, 80)]})
        yield
        self.person("late_fee", "Invoice", id=there["Id"], amount=7.5)
        yield
        self.assertEqual(cents(self.here("Invoice", there["Id"]).amount_total), cents(87.5))

    def void(self):
        there = self.sold(40)
        yield
        self.person("void", "Invoice", id=there["Id"])
        yield
        self.assertEqual(self.here("Invoice", there["Id"]).state, "cancel")

    def gone(self):
        there = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 15))
        yield
        self.person("delete", "CreditMemo", id=there["Id"])
        yield
        self.assertEqual(self.here("CreditMemo", there["Id"]).state, "cancel")

    def used(self):
        first, second = self.sold(50), self.sold(60)
        memo = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 10))
        paid = self.qbo_payment(self.freeman, 50, ("Invoice", first, 50))
        yield
        self.person("unapply", "Payment", id=paid["Id"])
        credit = self.qbo_payment(self.freeman, 0, ("Invoice", second, 10), ("CreditMemo", memo, 10))
        yield
        self.person("edit", "Payment", id=paid["Id"], data={
            "Line": [{"Amount": 45, "LinkedTxn": [{"TxnId": second["Id"], "TxnType": "Invoice"}]}]})
        self.person("void", "Payment", id=credit["Id"])
        yield
        self.assertEqual([cents(self.here("Invoice", row["Id"]).amount_residual) for row in (first, second)], [50, 15])

    def by_entry(self):
        there = self.sold(40)
        yield
        self.person("write_off", "Invoice", id=there["Id"], how="journal", amount=25)
        yield
        self.assertEqual(cents(self.here("Invoice", there["Id"]).amount_residual), 15)
        self.person("delete", "JournalEntry", id=next(iter(self.qbo("JournalEntry"))))
        yield
        self.assertEqual(cents(self.here("Invoice", there["Id"]).amount_residual), 40)

    def returned(self):
        there, other = self.sold(70), self.sold(20)
        paid, gone = (self.person("receive", "Invoice", id=row["Id"]) for row in (there, other))
        yield
        self.person("bounce", "Payment", id=paid["Id"])
        self.person("delete", "Payment", id=gone["Id"])
        yield
        self.assertEqual(cents(self.here("Invoice", there["Id"]).amount_residual), 70)
        self.assertEqual(self.here("Payment", gone["Id"]).state, "canceled")

    def sold_at_once(self):
        account = {"value": self.reference("Account", "Undeposited Funds").qbo_id}
        there = self.qbo_sale("SalesReceipt", self.freeman, self.qbo_line(self.rake, 33), DepositToAccountRef=account)
        yield
        self.person("void", "SalesReceipt", id=there["Id"])
        yield
        self.assertEqual(self.here("SalesReceipt", there["Id"]).state, "cancel")
