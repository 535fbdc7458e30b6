"""What a person approves, and nothing else, crosses."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .documents import DocumentCase, cents


class ApprovalCase(DocumentCase):

    def arrange(self):
        super().arrange()
        self.active_backend(approval="ask")

    def waiting(self, direction="out"):
        return self.jobs(direction=direction, state="approval")

    def dialog(self, **values):
        return self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({"backend_id": self.backend.id, **values})

    def approve_all(self):
        self.dialog().action_approve()
        self.sync()


@tagged("post_install", "-at_install")
class TestApprovalOut(ApprovalCase):

    def test_a_document_waits_and_is_approved_together_with_what_it_needs(self):
        move = self.invoice(self.line(100, taxed=True))
        with self.counting() as made:
            self.sync()
        self.assertFalse(self.writes(made), "nothing crosses before a person looked")
        [job] = self.waiting().filtered(lambda job: job.entity == "Invoice")
        self.assertEqual(
            (job.res_id, job.partner_name, job.amount, self.status(move)), (move.id, "Acme", 108, "approval"))
        for text in ("Acme", "Advice", "108.00"):
            self.assertIn(text, job.difference)
        self.approve_all()
        self.assertFalse(self.waiting())
        self.assertSameDocument(move)
        self.assertEqual((self.status(move), self.jobs(entity="Invoice").approved_by_id), ("synced", self.bookkeeper))

    def test_a_payment_waits_for_its_own_approval(self):
        move = self.invoice(100)
        self.sync()
        self.approve_all()
        payment = self.pay(40, move)
        self.sync()
        [job] = self.waiting()
        self.assertEqual((job.entity, job.amount, self.status(payment)), ("Payment", 40, "approval"))
        self.assertFalse(self.qbo("Payment"))
        self.approve_all()
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(move)["Id"]): cents(40)})
        self.assertSameReceivables()

    def test_what_changed_after_the_approval_is_asked_again(self):
        move = self.invoice(100)
        self.sync()
        self.dialog().action_approve()
        move.button_draft()
        move.invoice_line_ids.price_unit = 120
        move.action_post()
        self.sync()
        self.assertFalse(self.qbo("Invoice"), "a hundred were approved, not a hundred and twenty")
        [job] = self.waiting().filtered(lambda job: job.entity == "Invoice")
        self.assertIn("120.00", job.difference)
        self.approve_all()
        self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), 120)

    def test_what_changed_while_the_dialog_was_open_is_shown_again(self):
        move = self.invoice(100)
        self.sync()
        wizard = self.dialog()
        move.button_draft()
        move.invoice_line_ids.price_unit = 120
        move.action_post()
        self.sync()
        action = wizard.action_approve()
        again = self.env["qbo.sync.wizard"].browse(action["res_id"])
        self.assertIn(self.waiting().filtered(lambda job: job.entity == "Invoice"), again.export_line_ids.job_id)
        self.sync()
        self.assertFalse(self.qbo("Invoice"))

    def test_an_update_and_a_void_are_asked_too(self):
        move = self.invoice(100)
        self.sync()
        self.approve_all()
        move.ref = "PO 1"
        self.sync()
        self.assertFalse(self.there(move).get("PrivateNote"))
        [job] = self.waiting()
        self.assertIn("PO 1", job.difference)
        self.approve_all()
        self.assertEqual(self.there(move)["PrivateNote"], "PO 1")
        move.button_draft()
        move.button_cancel()
        self.sync()
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 100)
        self.assertEqual(self.waiting().operation, "void")
        self.approve_all()
        self.assertEqual(cents(self.there(move)["TotalAmt"]), 0)
        self.assertSameReceivables()

    def test_a_void_that_was_taken_back_before_the_approval(self):
        move = self.invoice(100)
        self.sync()
        self.approve_all()
        move.button_draft()
        move.button_cancel()
        self.sync()
        move.button_draft()
        move.action_post()
        self.sync()
        self.dialog().action_approve()
        self.sync()
        self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), 100)

    def test_each_row_keeps_its_own_choice(self):
        moves = [
            self.invoice(amount, partner=partner)
            for amount, partner in ((10, self.acme), (20, self.roe), (30, self.acme))]
        self.sync()
        wizard = self.dialog()
        lines = {line.job_id.res_id: line for line in wizard.export_line_ids if line.entity == "Invoice"}
        lines[moves[1].id].write({"selected": False, "unchecked": "keep"})
        lines[moves[2].id].write({"selected": False, "unchecked": "clear"})
        wizard.action_approve()
        self.sync()
        self.assertEqual([self.status(move) for move in moves], ["synced", "approval", "skipped"])
        kept = self.jobs(res_id=moves[1].id, entity="Invoice")
        self.assertEqual((kept.state, kept.kept_by_id), ("approval", self.bookkeeper))
        # What was cleared comes back with its next change, and only then.
        self.su["qbo.change"]._mark("account.move", moves[2].ids)
        self.sync()
        self.assertEqual(self.status(moves[2]), "skipped")
        moves[2].ref = "changed"
        self.sync()
        self.assertEqual(self.status(moves[2]), "approval")
        self.approve_all()
        for move in moves:
            self.assertSameDocument(move)

    def test_only_approvers_decide(self):
        self.invoice(10)
        self.sync()
        for work in ("_approve", "_keep", "_clear", "_retry"):
            with self.assertRaises(AccessError):
                getattr(self.waiting().with_user(self.biller), work)()


@tagged("post_install", "-at_install")
class TestApprovalIn(ApprovalCase):

    def arrange(self):
        super().arrange()
        self.freeman, self.rake = self.customer(), self.item()

    def test_arrivals_wait_and_cross_when_approved(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10), DocNumber="77")
        self.sync()
        self.assertEqual(set(self.waiting("in").mapped("entity")), {"Customer", "Item", "Invoice"})
        self.assertIsNone(self.here("Invoice", there["Id"]))
        job = self.jobs(direction="in", entity="Invoice")
        self.assertEqual((job.amount, job.partner_name), (10, "Freeman"))
        self.assertTrue(job.difference)
        self.approve_all()
        self.assertSameDocument(self.here("Invoice", there["Id"]))
        self.assertFalse(self.waiting("in"))
        self.assertSameReceivables()

    def test_an_invoice_approved_before_its_customer_waits_for_it(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10))
        self.sync()
        self.jobs(direction="in", entity="Invoice").with_user(self.bookkeeper)._approve()
        self.sync()
        job = self.jobs(direction="in", entity="Invoice")
        self.assertEqual(job.state, "blocked")
        self.assertIn("customer", job.error)
        self.approve_all()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertTrue(self.here("Invoice", there["Id"]))

    def test_a_newer_version_is_asked_again(self):
        self.sync()
        self.approve_all()
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10))
        self.sync()
        self.waiting("in").with_user(self.bookkeeper)._approve()
        self.person("edit", "Invoice", id=there["Id"], data={"Line": [self.qbo_line(self.rake, 99)]})
        self.sync()
        self.assertIsNone(self.here("Invoice", there["Id"]), "ten were approved, not ninety-nine")
        self.assertEqual(self.waiting("in").amount, 99)
        self.approve_all()
        move = self.here("Invoice", there["Id"])
        self.assertEqual(cents(move.amount_total), 99)
        # Put back there before anybody said yes, it asks nothing more, and an old yes cannot bring it over.
        for amount in (10, 99):
            self.person("edit", "Invoice", id=there["Id"], data={"Line": [self.qbo_line(self.rake, amount)]})
            self.sync()
            self.assertEqual((len(self.waiting("in")), self.status(move)),
                             (1, "approval") if amount == 10 else (0, "synced"))
        self.assertEqual(cents(move.amount_total), 99)

    def test_a_change_shows_old_and_new_and_can_be_cleared(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10), PrivateNote="old")
        self.sync()
        self.approve_all()
        move = self.here("Invoice", there["Id"])
        self.person("edit", "Invoice", id=there["Id"], data={"PrivateNote": "new"})
        self.sync()
        [job] = self.waiting("in")
        self.assertEqual((self.status(move), move.ref), ("approval", "old"))
        self.assertIn("old", job.difference)
        self.assertIn("new", job.difference)
        job.with_user(self.bookkeeper)._clear()
        self.sync()
        self.assertEqual((self.status(move), move.ref), ("skipped", "old"))
        self.person("edit", "Invoice", id=there["Id"], data={"PrivateNote": "newer"})
        self.sync()
        self.approve_all()
        self.assertEqual((self.status(move), move.ref), ("synced", "newer"))

    def test_a_deletion_is_asked(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10))
        self.sync()
        self.approve_all()
        move = self.here("Invoice", there["Id"])
        self.person("delete", "Invoice", id=there["Id"])
        self.sync()
        self.assertEqual((move.state, self.waiting("in").operation), ("posted", "delete"))
        self.approve_all()
        self.assertEqual((move.state, self.status(move)), ("cancel", "missing"))

    def test_payments_wait_for_the_documents_that_they_settle(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10))
        paid = self.qbo_payment(self.freeman, 10, ("Invoice", there, 10))
        self.sync()
        self.jobs(direction="in", entity="Payment").with_user(self.bookkeeper)._approve()
        self.sync()
        self.assertIsNone(self.here("Payment", paid["Id"]))
        self.approve_all()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(self.here("Invoice", there["Id"]).payment_state, "paid")
