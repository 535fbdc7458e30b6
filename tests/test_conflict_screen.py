"""What a person sees of a conflict, and of what follows from deciding it."""

from lxml import etree
from odoo.exceptions import UserError
from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestConflictScreen(DocumentCase):

    def job(self, state="conflict"):
        [job] = self.jobs(state=state)
        return job.with_user(self.bookkeeper)

    def dialog(self):
        """Open the dialog of the one conflict, as its button does."""
        action = self.job().action_decide_fields()
        return self.env[action["res_model"]].with_user(self.bookkeeper).browse(action["res_id"])

    def edit_there(self, record, **data):
        return self.person("edit", self.binding(record).entity, id=self.binding(record).qbo_id, data=data)

    def test_from_the_conflict_to_what_is_sent(self):
        self.acme.phone = "+1 650 555 0100"
        self.invoice(10)
        self.sync()
        self.backend.policy_ids.approve_out = "ask"
        self.edit_there(self.acme, PrimaryPhone={"FreeFormNumber": "(650) 555-0300"})
        self.acme.phone = "+1 650 555 0200"
        self.sync()
        conflict, waiting = self.job(), self.job("blocked")
        self.assertTrue(conflict.has_record and conflict.has_qbo_page)
        self.assertEqual(conflict.action_open_record()["res_id"], self.acme.id)
        self.assertIn("QuickBooks", waiting.how_to_fix)
        self.assertIn("QuickBooks", waiting.next_step)
        self.assertEqual(
            self.env["qbo.backend"].with_user(self.bookkeeper).get_systray_count(), {"approval": 0, "problem": 1})
        self.assertEqual(self.backend.problem_count, 1, "the change that waits for the decision is no second problem")
        self.assertEqual(self.env["qbo.retry.wizard"].with_user(self.bookkeeper).create({}).line_ids.job_id, conflict)

        conflict.action_odoo_is_right()
        self.sync()
        self.assertFalse(self.open_jobs(), "who decided is not asked for approval once more")
        sent = self.jobs(direction="out", entity="Customer", state="done").sorted("id")[-1]
        self.assertEqual(sent.difference, "phone: (650) 555-0300 → +1 650 555 0200", "from what QuickBooks said")
        self.assertEqual(sent.approved_by_id, self.bookkeeper)
        self.assertEqual(self.there(self.acme)["PrimaryPhone"]["FreeFormNumber"], "+1 650 555 0200")

    def test_a_choice_for_each_field_of_a_customer(self):
        self.acme.write({"phone": "1", "email": "a@acme.example"})
        self.invoice(10)
        self.quiet_sync()
        self.backend.policy_ids.approve_out = "ask"
        self.edit_there(
            self.acme, PrimaryPhone={"FreeFormNumber": "3"}, PrimaryEmailAddr={"Address": "c@acme.example"},
            Notes="only there")
        self.acme.write({"phone": "2", "email": "b@acme.example"})
        self.sync()
        dialog = self.dialog()
        self.assertEqual(
            [(line.label, line.base_text, line.odoo_text, line.qbo_text) for line in dialog.line_ids],
            [("e-mail", "a@acme.example", "b@acme.example", "c@acme.example"), ("phone", "1", "2", "3")])
        email, phone = dialog.line_ids
        email.action_qbo()
        self.assertIn("phone", self.refusal(UserError, dialog.action_decide))

        # Somebody goes on changing it: what was decided was about something else.
        phone.action_odoo()
        dialog.action_decide()
        self.edit_there(self.acme, PrimaryPhone={"FreeFormNumber": "33"})
        self.sync()
        dialog = self.dialog()
        self.assertEqual([line.qbo_text for line in dialog.line_ids], ["c@acme.example", "33"])
        self.assertEqual(dialog.open_count, 2)

        dialog.action_all_odoo()
        dialog.line_ids[0].action_qbo()
        dialog.action_decide()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        there = self.there(self.acme)
        self.assertEqual((self.acme.phone, self.acme.email), ("2", "c@acme.example"))
        self.assertEqual(
            (there["PrimaryPhone"]["FreeFormNumber"], there["PrimaryEmailAddr"]["Address"]), ("2", "c@acme.example"))
        self.assertEqual(there["Notes"], "only there")
        self.assertIn("only there", self.acme.comment)

    def test_documents_merge_and_are_decided_field_by_field(self):
        """Fields that one side changed merge; amounts are decided together, the memo for itself."""
        def line(amount):
            detail = {"ItemRef": {"value": self.binding(self.advice).qbo_id}, "Qty": 1, "UnitPrice": amount,
                      "TaxCodeRef": {"value": "NON"}}
            return [{"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}]

        def rewrite(move, price):
            move.button_draft()
            move.invoice_line_ids.price_unit = price
            move.action_post()

        merged, memo_there, amount_there = (self.invoice(10, ref="old") for _number in range(3))
        self.quiet_sync()
        merged.with_user(self.sales).ref = "mine"
        self.edit_there(merged, Line=line(12))
        for move in (memo_there, amount_there):
            move.with_user(self.sales).ref = "mine"
            rewrite(move.with_user(self.sales), 30)
            self.edit_there(move, PrivateNote="theirs", Line=line(20))
        self.sync()
        self.assertEqual((merged.ref, merged.amount_total), ("mine", 12))
        self.assertEqual(self.there(merged)["PrivateNote"], "mine")
        self.assertSameDocument(merged)
        self.assertEqual(len(self.jobs(state="conflict")), 2)

        for move, memo, amounts in ((memo_there, "qbo", "odoo"), (amount_there, "odoo", "qbo")):
            job = self.jobs(state="conflict").filtered(
                lambda job, move=move: job.qbo_id == self.binding(move).qbo_id).with_user(self.bookkeeper)
            dialog = self.env["qbo.conflict.wizard"].browse(job.action_decide_fields()["res_id"]).with_user(
                self.bookkeeper)
            money, note = dialog.line_ids
            self.assertEqual((note.label, note.base_text, note.odoo_text, note.qbo_text),
                             ("memo", "old", "mine", "theirs"))
            self.assertIn("Advice, 1 x 30.00 = 30.00", money.odoo_text)
            self.assertIn("20.00", money.qbo_text)
            money.choice, note.choice = amounts, memo
            dialog.action_decide()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        for move, memo, amount in ((memo_there, "theirs", 30), (amount_there, "mine", 20)):
            self.assertEqual((move.ref, move.amount_total), (memo, amount))
            self.assertEqual(self.assertSameDocument(move)["PrivateNote"], memo)
        self.assertSameReceivables()

    def test_odoo_is_right_about_what_is_void_there(self):
        """Odoo applied it, QuickBooks made it void: it comes to life there with the amount that Odoo never changed."""
        invoice, paid = self.invoice(100), self.pay(30)
        self.quiet_sync()
        self.person("void", "Payment", id=self.there(paid)["Id"])
        self.apply(paid, invoice)
        self.sync()
        self.job().action_odoo_is_right()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        there = self.there(paid)
        self.assertEqual((there["TotalAmt"], there["UnappliedAmt"], self.there(invoice)["Balance"]), (30, 0, 70))
        self.assertEqual((invoice.amount_residual, paid.state), (70, "in_process"))
        self.assertSameReceivables()

    def test_buttons_of_a_problem_need_nothing_filled_in(self):
        arch = etree.fromstring(self.env["qbo.job"].with_user(self.qbo_admin).get_view(
            self.env.ref("qbo_sync.qbo_job_view_form").id, "form")["arch"])
        defaults = self.env["qbo.job"].default_get(["model", "role", "qbo_id"])
        empty = {name for name, value in defaults.items() if not value}
        shown = arch.xpath("//field[not(ancestor::field)]")
        self.assertEqual(empty, {"model", "role", "qbo_id"})
        self.assertIn("qbo_id", {field.get("name") for field in shown})
        for field in shown:
            if field.get("name") in empty:
                self.assertEqual(field.get("required"), "0", field.get("name"))
