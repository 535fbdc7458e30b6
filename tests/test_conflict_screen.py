"""What a person sees of a conflict, and of what follows from deciding it."""

from lxml import etree
from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestConflictScreen(DocumentCase):

    def test_from_the_conflict_to_what_is_sent(self):
        self.acme.phone = "+1 650 555 0100"
        self.invoice(10)
        self.sync()
        self.backend.policy_ids.approve_out = "ask"
        self.person("edit", "Customer", id=self.binding(self.acme).qbo_id,
                    data={"PrimaryPhone": {"FreeFormNumber": "(650) 555-0300"}})
        self.acme.phone = "+1 650 555 0200"
        self.sync()
        jobs = self.su["qbo.job"].search([("backend_id", "=", self.backend.id)])
        conflict = jobs.filtered(lambda job: job.state == "conflict").with_user(self.bookkeeper)
        waiting = jobs.filtered(lambda job: job.state == "blocked").with_user(self.bookkeeper)
        self.assertEqual((len(conflict), len(waiting)), (1, 1))
        self.assertTrue(conflict.has_record and conflict.has_qbo_page)
        self.assertEqual(conflict.action_open_record()["res_id"], self.acme.id)
        self.assertIn("QuickBooks", waiting.how_to_fix)
        self.assertIn("QuickBooks", waiting.next_step)
        conflict.action_odoo_is_right()
        self.sync()
        asked = self.su["qbo.job"].search([("backend_id", "=", self.backend.id), ("state", "=", "approval")])
        self.assertEqual(asked.difference, "phone: (650) 555-0300 → +1 650 555 0200", "from what QuickBooks says now")

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
