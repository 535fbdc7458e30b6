"""One side takes a document or payment back while the other changes it: the rule decides, or a person."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


class WithdrawnCase(DocumentCase):

    def change_there(self, move, amount):
        """A person in QuickBooks changes the price of the line."""
        lines = [line for line in self.there(move)["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0].update(Amount=amount)
        lines[0]["SalesItemLineDetail"].update(Qty=1, UnitPrice=amount)
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"Line": lines})

    def reprice(self, move, amount):
        mine = move.with_user(self.sales)
        mine.button_draft()
        mine.invoice_line_ids.price_unit = amount
        mine.action_post()

    def take_back(self, move, delete=False):
        mine = move.with_user(self.sales)
        mine.button_draft()
        if delete:
            mine.with_context(force_delete=True).unlink()
        else:
            mine.button_cancel()

    def decide(self, side, *words):
        """Press the button of a side on the one conflict, after reading it; sync until all is said."""
        [job] = self.jobs(state="conflict").with_user(self.bookkeeper)
        self.assertFalse(job.has_dispute, "nothing of a withdrawn document is left to compare field by field")
        self.assertIn("Decide which side is right.", job.how_to_fix)
        for word in words:
            self.assertIn(word, f"{job.error}\n{job.difference}")
        for other in self.open_jobs() - job.sudo():
            self.assertTrue(other.blocked_key.startswith("in:"), "Odoo's word waits for it")
        job.action_odoo_is_right() if side == "odoo" else job.action_qbo_is_right()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertSameReceivables()


@tagged("post_install", "-at_install")
class TestWithdrawn(WithdrawnCase):

    def test_a_person_decides_what_odoo_cancelled(self):
        for side, left in (("odoo", 0), ("qbo", 90)):
            with self.subTest(side):
                move = self.invoice(100)
                self.quiet_sync()
                self.change_there(move, 90)
                self.take_back(move)
                self.sync()
                self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", cents(90)))
                self.assertEqual(self.status(move), "conflict")
                self.decide(side, "Odoo cancelled it", "total: 100.00 → 90.00")
                self.assertEqual(move.state, "posted" if left else "cancel")
                self.assertEqual(cents(self.there(move)["TotalAmt"]), cents(left))

    def test_a_person_decides_what_odoo_deleted(self):
        for side, left in (("odoo", None), ("qbo", 90)):
            with self.subTest(side):
                move = self.invoice(100)
                self.quiet_sync()
                there = self.there(move)["Id"]
                self.change_there(move, 90)
                self.take_back(move, delete=True)
                self.sync()
                self.decide(side, "Odoo deleted it", "total: 100.00 → 90.00")
                self.assertEqual(there in self.qbo("Invoice"), bool(left))
                again = self.here("Invoice", there)
                self.assertEqual(again and again.amount_total, left)

    def test_the_rule_decides(self):
        for winner, state, left in (("odoo", "cancel", 0), ("qbo", "posted", 90)):
            with self.subTest(winner):
                self.backend.policy_ids.winner = winner
                move = self.invoice(100)
                self.quiet_sync()
                self.change_there(move, 90)
                self.take_back(move)
                self.quiet_sync()
                self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), (state, cents(left)))
                self.assertSameReceivables()

    def test_a_payment(self):
        for side, state, total in (("odoo", "canceled", 0), ("qbo", "paid", 110)):
            with self.subTest(side):
                move = self.invoice(100)
                payment = self.pay(100, move)
                self.quiet_sync()
                self.person("edit", "Payment", id=self.there(payment)["Id"], data={"TotalAmt": 110})
                payment.with_user(self.bookkeeper).action_draft()
                payment.with_user(self.bookkeeper).action_cancel()
                self.sync()
                self.decide(side, "Odoo cancelled it", "total: 100.00 → 110.00")
                self.assertEqual((payment.state, cents(self.there(payment)["TotalAmt"])), (state, cents(total)))
                self.assertEqual(move.amount_residual, 0 if total else 100)

    def test_a_draft_that_is_cancelled_after_all(self):
        """What QuickBooks changed of a draft fails; it is looked at again by itself when the draft is none any more."""
        move = self.invoice(100)
        self.quiet_sync()
        move.with_user(self.sales).button_draft()
        self.change_there(move, 90)
        self.sync()
        self.assertIn("a draft in Odoo", self.jobs(state="failed").error)
        move.with_user(self.sales).button_cancel()
        self.sync()
        self.decide("odoo", "Odoo cancelled it")
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", 0))

    def test_what_waits_for_a_mapping(self):
        """A change that could not come over yet is no less a change: the cancellation does not go over it unread."""
        move = self.invoice(100)
        self.quiet_sync()
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"Line": [
            *self.there(move)["Line"], {**self.qbo_line(self.item("Spade"), 5), "Id": None}]})
        self.backend._policy("Item").direction = "out"
        self.sync()
        self.assertEqual(self.open_jobs().mapped("state"), ["blocked"])
        self.take_back(move)
        self.sync()
        self.decide("odoo", "Odoo cancelled it", "total: 100.00 → 105.00")
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", 0))

    def test_changed_between_reading_and_sending(self):
        """QuickBooks says that the version is old: what changed there is looked at before anything is void."""
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.take_back(move)
        with self.work_env() as env:
            backend = env["qbo.backend"].browse(self.backend.id)._for_work()
            backend._sync_run(backend.env["qbo.run"].create({
                "backend_id": backend.id, "company_id": backend.company_id.id, "trigger": "script", "take_in": False,
            }), 30)
            env.cr.commit()
        self.assertEqual(cents(self.there(move)["TotalAmt"]), cents(90), "it is not void")
        self.sync()
        self.decide("odoo", "Odoo cancelled it", "total: 100.00 → 90.00")
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", 0))

    def test_quickbooks_deletes_what_odoo_changes(self):
        for side in ("odoo", "qbo"):
            with self.subTest(side):
                move = self.invoice(100)
                self.quiet_sync()
                there = self.there(move)["Id"]
                self.person("delete", "Invoice", id=there)
                self.reprice(move, 90)
                self.sync()
                self.assertEqual(move.state, "posted")
                self.decide(side, "QuickBooks deleted it", "total: 100.00 → 90.00")
                self.assertNotIn(there, self.qbo("Invoice"))
                if side == "odoo":
                    self.assertEqual(move.state, "posted")
                    self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), 90)
                else:
                    self.assertEqual(move.state, "cancel")

    def test_a_rule_creates_nothing_again(self):
        """What QuickBooks deleted is created again by a person only, also where Odoo wins."""
        for winner, state in (("odoo", "posted"), ("qbo", "cancel")):
            with self.subTest(winner):
                self.backend.policy_ids.winner = winner
                move = self.invoice(100)
                self.quiet_sync()
                self.person("delete", "Invoice", id=self.there(move)["Id"])
                self.reprice(move, 90)
                self.sync()
                self.assertEqual(move.state, state)
                if winner == "odoo":
                    self.decide("qbo", "QuickBooks deleted it")
                    self.assertEqual(move.state, "cancel")
                self.assertFalse(self.open_jobs())
                self.assertSameReceivables()

    def test_both_take_it_back(self):
        """There is nothing to decide, and nothing left to do."""
        voided, deleted = self.invoice(100), self.invoice(50)
        self.quiet_sync()
        self.person("void", "Invoice", id=self.there(voided)["Id"])
        self.person("delete", "Invoice", id=self.there(deleted)["Id"])
        self.take_back(voided)
        self.take_back(deleted)
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual((voided.state, deleted.state), ("cancel", "cancel"))
        self.assertSameReceivables()

    def test_what_was_decided_is_a_draft_again(self):
        """Odoo is right, and then says nothing: what it says is sent when it is posted, and nothing breaks."""
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"PrivateNote": "Gate 2"})
        self.reprice(move, 80)
        self.sync()
        [job] = self.jobs(state="conflict")
        move.with_user(self.sales).button_draft()
        job.with_user(self.bookkeeper).action_odoo_is_right()
        self.sync()
        move.with_user(self.sales).action_post()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), 80)
        self.assertSameReceivables()

    def test_credit_that_is_taken_off_before_somebody_decides(self):
        """Odoo is right, and has nothing left of it: what is approved then is that it is void."""
        move, credit = self.invoice(100), self.refund(60)
        self.apply(credit, move)
        self.quiet_sync()
        [there] = self.qbo("Payment").values()
        self.person("edit", "Payment", id=there["Id"], data={"Line": [
            {"Amount": 50, "LinkedTxn": line["LinkedTxn"]} for line in there["Line"]]})
        self.receivable(credit).remove_move_reconcile()
        self.apply(self.pay(70, move), move)
        self.apply(credit, move)
        self.backend.policy_ids.approve_out = "ask"
        self.sync()
        [job] = self.jobs(state="conflict")
        self.receivable(credit).remove_move_reconcile()
        job.with_user(self.bookkeeper).action_odoo_is_right()
        self.sync()
        self.assertFalse(self.applied(self.qbo("Payment")[there["Id"]]))
        self.assertNotIn("qbo.application", self.open_jobs().mapped("model"))

    def test_quickbooks_is_right_whatever_it_changed(self):
        """A memo is a change too: the document is posted again, not void a moment later."""
        move = self.invoice(100)
        money = self.pay(40)
        self.quiet_sync()
        self.person("edit", "Invoice", id=self.there(move)["Id"], data={"PrivateNote": "Gate 2"})
        self.person("edit", "Payment", id=self.there(money)["Id"], data={"PrivateNote": "Cash box"})
        self.take_back(move)
        money.with_user(self.bookkeeper).action_draft()
        money.with_user(self.bookkeeper).action_cancel()
        self.sync()
        self.jobs(state="conflict").with_user(self.bookkeeper).action_qbo_is_right()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual((move.state, move.ref, money.state), ("posted", "Gate 2", "in_process"))
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 100)
        self.assertEqual(cents(self.there(money)["TotalAmt"]), 40)
        self.assertSameReceivables()

    def test_the_books_were_locked_meanwhile(self):
        """Posting in a locked period would move the date: it fails, and nothing is void in QuickBooks for that."""
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.take_back(move)
        self.sync()
        self.company.fiscalyear_lock_date = "2026-03-31"
        job = self.jobs(state="conflict").with_user(self.bookkeeper)
        job.action_qbo_is_right()
        self.sync()
        self.assertEqual(job.state, "failed")
        self.assertIn("locked", job.error)
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", cents(90)))
        self.company.fiscalyear_lock_date = False
        job.action_retry()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual((move.state, str(move.date)), ("posted", "2026-03-10"))
        self.assertSameReceivables()

    def test_what_a_person_leaves_in_quickbooks_keeps_nothing_waiting(self):
        """Skipped, QuickBooks' change does not come over; Odoo's cancellation goes, and finds the version changed."""
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.take_back(move)
        self.sync()
        self.jobs(state="conflict").with_user(self.bookkeeper)._skip("agreed by telephone")
        self.sync()
        self.assertFalse(self.jobs(state="blocked"))
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", 0))

    def test_a_rule_that_only_sends(self):
        """What QuickBooks changes is not asked for: the cancellation goes to what is there now."""
        self.backend._policy("Invoice").direction = "out"
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.take_back(move)
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual((move.state, cents(self.there(move)["TotalAmt"])), ("cancel", 0))

    def test_a_decision_is_about_what_was_seen(self):
        """QuickBooks changes it once more before the sync: a person is asked again."""
        move = self.invoice(100)
        self.quiet_sync()
        self.change_there(move, 90)
        self.take_back(move)
        self.sync()
        self.jobs(state="conflict").with_user(self.bookkeeper).action_odoo_is_right()
        self.change_there(move, 500)
        self.sync()
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 500)
        self.decide("odoo", "total: 100.00 → 500.00")
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 0)

    def test_a_receipt(self):
        """Cancelled with its money both come again; deleted, its money is still here, so that it cannot by itself."""
        sale = self.invoice(100, move_type="out_receipt")
        money = self.pay(100, sale)
        self.quiet_sync()
        [there] = self.qbo("SalesReceipt").values()
        self.person("edit", "SalesReceipt", id=there["Id"], data={"PrivateNote": "Till 3"})
        money.with_user(self.bookkeeper).action_draft()
        money.with_user(self.bookkeeper).action_cancel()
        self.take_back(sale)
        self.sync()
        self.decide("qbo", "Odoo cancelled it")
        self.assertEqual((sale.state, sale.amount_residual, money.state), ("posted", 0, "paid"))
        self.person("edit", "SalesReceipt", id=there["Id"], data={"PrivateNote": "Till 4"})
        self.take_back(sale, delete=True)
        self.sync()
        job = self.jobs(state="conflict").with_user(self.bookkeeper)
        self.assertIn("cannot come again by itself", job.error)
        job.action_qbo_is_right()
        self.sync()
        self.assertEqual(job.state, "conflict")
        job.action_odoo_is_right()
        self.sync()
        self.assertFalse(self.qbo("SalesReceipt").get(there["Id"], {}).get("TotalAmt"))
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))

    def test_a_bank_line_whose_match_is_undone(self):
        """QuickBooks only applied it otherwise: that it is taken back stands; another amount is asked about."""
        first, second = self.invoice(50), self.invoice(50)
        line = self.bank_line(50, first)
        self.quiet_sync()
        there = self.there(line.move_id)
        self.person("edit", "Payment", id=there["Id"], data={"Line": [
            {"Amount": 50, "LinkedTxn": [{"TxnId": self.there(second)["Id"], "TxnType": "Invoice"}]}]})
        line.with_user(self.bookkeeper).action_undo_reconciliation()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(cents(self.qbo("Payment")[there["Id"]]["TotalAmt"]), 0)
        self.assertSameReceivables()
