"""The dialogs: approval, retry, link repair, sync now; and the export of the history."""

from io import BytesIO

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from openpyxl import load_workbook

from .common import QboCommon
from .test_status import StatusCommon


class WizardCommon(StatusCommon):
    def setUp(self):
        super().setUp()
        self.partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(4)])

    def _job(self, partner, state="approval", direction="out", **values):
        out = (
            {"model": "res.partner", "res_id": partner.id} if direction == "out" else {"qbo_id": str(500 + partner.id)}
        )
        return self.env["qbo.job"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "direction": direction,
                "entity": "Customer",
                "state": state,
                "name": partner.name,
                "payload_hash": f"hash {partner.id}",
                "difference": "Phone: 1 -> 2",
                "currency_id": self.backend.currency_id.id,
                **out,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestApproval(WizardCommon):
    def setUp(self):
        super().setUp()
        self.out = [self._job(partner) for partner in self.partners[:3]]
        self.inward = self._job(self.partners[3], direction="in")
        self.wizard = self.env["qbo.sync.wizard"].with_user(self.approve).create({"backend_id": self.backend.id})

    def _line(self, job):
        return self.wizard._lines().filtered(lambda line: line.job_id == job)

    def test_everything_that_waits_is_listed_and_ticked(self):
        self.assertEqual(self.wizard.export_line_ids.job_id, self.env["qbo.job"].union(*self.out))
        self.assertEqual(self.wizard.import_line_ids.job_id, self.inward)
        self.assertTrue(all(self.wizard._lines().mapped("selected")))
        self.assertEqual(set(self.wizard._lines().mapped("unchecked")), {"keep"})
        self.assertEqual(self.wizard.import_line_ids.difference, "Phone: 1 -> 2")

    def test_ticked_go_kept_stay_cleared_leave(self):
        first, second, third = self.out
        self._line(second).selected = False
        self._line(third).write({"selected": False, "unchecked": "clear"})
        self.wizard.action_approve()
        self.assertEqual([job.state for job in (first, second, third)], ["pending", "approval", "skipped"])
        self.assertEqual((first.approved_by_id, first.approved_hash), (self.approve, first.payload_hash))
        self.assertEqual(second.kept_by_id, self.approve)
        self.assertEqual(self.inward.state, "pending")

    def test_what_changed_meanwhile_is_not_sent(self):
        first, second = self.out[:2]
        first.payload_hash = "another content"
        action = self.wizard.action_approve()
        self.assertEqual((first.state, second.state), ("approval", "pending"))
        again = self.env["qbo.sync.wizard"].browse(action["res_id"])
        self.assertEqual(again._lines().job_id, first)
        self.assertIn("1 row changed", again.changed_text)
        again.with_user(self.approve).action_approve()
        self.assertEqual(first.state, "pending")

    def test_what_was_decided_meanwhile_is_no_error(self):
        self.out[0]._cancel()
        action = self.wizard.action_approve()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(self.out[0].state, "cancelled")

    def test_approving_queues_a_sync(self):
        self.wizard.action_approve()
        run = self.env["qbo.run"].search([("backend_id", "=", self.backend.id)], limit=1)
        self.assertEqual((run.state, run.user_id), ("queued", self.approve))

    def test_keep_or_clear_for_all(self):
        with Form(self.wizard) as form:
            form.unchecked_all = "clear"
        self.assertEqual(set(self.wizard._lines().mapped("unchecked")), {"clear"})
        self.wizard.action_select_none()
        self.wizard.action_approve()
        self.assertEqual({job.state for job in [*self.out, self.inward]}, {"skipped"})

    def test_totals_follow_the_ticks(self):
        for job, amount in zip(self.out, (10, 20, 30), strict=True):
            job.amount = amount
        self.inward.amount = 5
        self.wizard.invalidate_recordset()
        self.assertEqual((self.wizard.export_total, self.wizard.import_total), (60, 5))
        self._line(self.out[2]).selected = False
        self.assertEqual((self.wizard.export_total, self.wizard.selected_count, self.wizard.line_count), (30, 3, 4))

    def test_chosen_rows_only(self):
        action = self.out[1].with_user(self.approve).action_open_approval_wizard()
        self.assertEqual(self.env["qbo.sync.wizard"].browse(action["res_id"])._lines().job_id, self.out[1])

    def test_users_cannot_approve(self):
        with self.assertRaises(AccessError):
            self.env["qbo.sync.wizard"].with_user(self.see).create({"backend_id": self.backend.id})
        with self.assertRaises(AccessError):
            self.out[0].with_user(self.see)._approve()

    def test_nothing_waits(self):
        self.env["qbo.job"].search([("backend_id", "=", self.backend.id)])._cancel()
        with self.assertRaisesRegex(UserError, "Nothing waits"):
            self.env["qbo.job"].with_user(self.approve).action_open_approval_wizard()


@tagged("post_install", "-at_install")
class TestRetry(WizardCommon):
    def setUp(self):
        super().setUp()
        self.tax = self._job(
            self.partners[0],
            "blocked",
            blocked_key="map:TaxCode:account.tax:1",
            error='Tax "GST 5 %" has no QuickBooks code.',
            entity="Invoice",
            amount=310,
        )
        self.name = self._job(
            self.partners[1],
            "failed",
            error_code="6240",
            error="Another customer already has the name.",
            error_detail="Duplicate Name Exists Error",
        )
        self.jobs = self.tax | self.name

    def _wizard(self, jobs=None):
        return (
            self.env["qbo.retry.wizard"]
            .with_user(self.approve)
            .with_context(active_model="qbo.job", active_ids=(jobs or self.jobs).ids)
            .create({})
        )

    def test_causes_and_ways_out_are_in_words(self):
        wizard = self._wizard()
        tax, name = (
            wizard.line_ids.filtered(lambda line, job=job: line.job_id == job) for job in (self.tax, self.name)
        )
        self.assertEqual((tax.cause, tax.fix_kind), ('Tax "GST 5 %" has no QuickBooks code.', "map"))
        self.assertEqual(name.error_code, "6240")
        self.assertEqual(name.cause, "Another customer already has the name.")
        self.assertIn(name.fix_kind, ("link", "rename"))
        self.assertTrue(tax.fix and name.fix)

    def test_all_problems_of_a_backend(self):
        wizard = self.env["qbo.retry.wizard"].with_user(self.approve).create({"backend_id": self.backend.id})
        self.assertEqual(wizard.line_ids.job_id, self.jobs)

    def test_retry_the_ticked(self):
        wizard = self._wizard()
        wizard.line_ids.filtered(lambda line: line.job_id == self.tax).selected = False
        wizard.action_retry()
        self.assertEqual((self.name.state, self.name.error, self.tax.state), ("pending", False, "blocked"))

    def test_skip_wants_a_reason_and_tells_its_price(self):
        wizard = self._wizard()
        self.assertEqual(wizard.ar_at_stake, 310)
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_skip()
        wizard.reason = "Written off there"
        wizard.action_skip()
        self.assertEqual(set(self.jobs.mapped("state")), {"skipped"})
        self.assertIn("Written off there", self.tax.error)
        self.assertIn(self.approve.name, self.tax.error)

    def test_nothing_ticked(self):
        wizard = self._wizard()
        wizard.line_ids.selected = False
        with self.assertRaisesRegex(UserError, "Tick at least one"):
            wizard.action_retry()

    def test_same_cause_is_one_group(self):
        self._job(
            self.partners[2], "blocked", blocked_key="map:TaxCode:account.tax:1", error=self.tax.error, entity="Invoice"
        )
        groups = self.env["qbo.job"]._read_group(
            [("backend_id", "=", self.backend.id), ("state", "=", "blocked")], ["cause"], ["__count"]
        )
        self.assertEqual(groups, [('Tax "GST 5 %" has no QuickBooks code.', 2)])

    def test_map_it_opens_the_mapping(self):
        action = self.tax.with_user(self.approve).action_fix()
        self.assertEqual(action["res_model"], "qbo.mapping")
        self.assertIn(("res_id", "=", 1), action["domain"])

    def test_conflict_is_decided(self):
        conflict = self._job(self.partners[3], "conflict", error="Odoo and QuickBooks both changed it.")
        self.assertIn("Decide which side is right", conflict.how_to_fix)
        conflict.with_user(self.approve).action_odoo_is_right()
        self.assertEqual((conflict.state, conflict.resolution), ("pending", "odoo"))

    def test_whose_move(self):
        self.assertTrue(self.tax.next_step.startswith("Yours"))
        waits = self._job(self.partners[2], "blocked", blocked_key="rec:Customer:res.partner:1:")
        self.assertTrue(waits.next_step.startswith("Nobody's"))

    def test_users_cannot_retry(self):
        with self.assertRaises(AccessError):
            self.name.with_user(self.see).action_retry()


@tagged("post_install", "-at_install")
class TestRelink(WizardCommon):
    def _wizard(self, partner=None, user=None):
        partner = (partner or self.partners[0]).with_user(user or self.approve)
        return (
            self.env["qbo.relink.wizard"].with_user(user or self.approve).browse(partner.action_qbo_relink()["res_id"])
        )

    def test_clear_the_id(self):
        binding = self._bind(self.partners[0], qbo_id="44")
        wizard = self._wizard()
        self.assertEqual((wizard.current_qbo_id, wizard.entity), ("44", "Customer"))
        wizard.write({"choice": "clear", "reason": "Wrong one"})
        wizard.action_apply()
        self.assertFalse(binding.qbo_id)
        self.assertIn("Wrong one", binding.history)
        self.assertEqual(self.partners[0].qbo_status, "not_synced")

    def test_settle_without_sync(self):
        job = self._job(self.partners[0], "failed", error="Refused.")
        wizard = self._wizard()
        wizard.write({"choice": "settle", "reason": "Done there by hand"})
        wizard.action_apply()
        self.assertEqual((job.state, self.partners[0].qbo_status), ("skipped", "skipped"))

    def test_an_id_has_digits(self):
        wizard = self._wizard()
        wizard.write({"choice": "override", "new_qbo_id": "12; DROP"})
        with self.assertRaisesRegex(UserError, "digits only"):
            wizard.action_apply()

    def test_only_administrators_ask_quickbooks(self):
        wizard = self._wizard()
        with self.assertRaises(AccessError):
            wizard.action_search()
        wizard.write({"choice": "override", "new_qbo_id": "12"})
        with self.assertRaises(AccessError):
            wizard.action_apply()
        self.assertFalse(self.partners[0].qbo_id)

    def test_users_cannot_open_it(self):
        with self.assertRaises(AccessError):
            self.partners[0].with_user(self.see).action_qbo_relink()

    def test_text_of_the_search_is_quoted(self):
        wizard = self._wizard()
        wizard.search_text = "O'Brien"
        self.assertEqual(wizard._where(), r"DisplayName LIKE '%O\'Brien%'")


@tagged("post_install", "-at_install")
class TestRelinkAsksQuickBooks(QboCommon):
    """An administrator searches in QuickBooks, and links only what exists there."""

    def arrange(self):
        super().arrange()
        self.partner = self.su["res.partner"].create({"name": "Cool Cars"})
        self.theirs = self.person("create", "Customer", data={"DisplayName": "Cool Cars of Bayshore"})

    def _wizard(self):
        action = self.partner.with_user(self.qbo_admin).action_qbo_relink()
        return self.env["qbo.relink.wizard"].with_user(self.qbo_admin).browse(action["res_id"])

    def test_search_and_link(self):
        wizard = self._wizard()
        with self.own_cursors():
            wizard.action_search()
        self.assertEqual(wizard.candidate_ids.mapped("qbo_id"), [self.theirs["Id"]])
        self.assertEqual(wizard.candidate_ids.name, "Cool Cars of Bayshore")
        wizard.candidate_ids.action_link()
        self.assertEqual(self.partner.with_user(self.qbo_admin).qbo_id, self.theirs["Id"])

    def test_what_another_record_holds_is_not_taken(self):
        other = self.su["res.partner"].create({"name": "Holder"})
        self.su["qbo.binding"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.company.id,
                "entity": "Customer",
                "model": "res.partner",
                "res_id": other.id,
                "qbo_id": self.theirs["Id"],
                "status": "synced",
            }
        )
        wizard = self._wizard()
        with self.own_cursors():
            wizard.action_search()
        self.assertEqual(wizard.candidate_ids.linked_with, "Holder")
        with self.assertRaisesRegex(UserError, "linked with Holder already"):
            wizard.candidate_ids.action_link()

    def test_an_id_is_checked_to_exist(self):
        wizard = self._wizard()
        wizard.write({"choice": "override", "new_qbo_id": "987654"})
        with self.own_cursors():
            self.assertIn("no such record", self.refusal(UserError, wizard.action_apply))
        self.assertFalse(self.partner.with_user(self.qbo_admin).qbo_id)
        wizard.new_qbo_id = self.theirs["Id"]
        with self.own_cursors():
            wizard.action_apply()
        self.assertEqual(self.partner.with_user(self.qbo_admin).qbo_id, self.theirs["Id"])


@tagged("post_install", "-at_install")
class TestSyncNow(WizardCommon):
    def test_dialog_queues_a_run_and_shows_it(self):
        with Form(self.env["qbo.sync.now.wizard"].with_user(self.see)) as form:
            form.description = "Before the month end"
        action = form.record.action_sync()
        run = self.env["qbo.run"].browse(action["res_id"])
        self.assertEqual((run.description, run.state, run.user_id), ("Before the month end", "queued", self.see))

    def test_progress_by_kind(self):
        run = self.env["qbo.run"].create({"backend_id": self.backend.id, "company_id": self.backend.company_id.id})
        self._job(self.partners[0], "done", run_id=run.id)
        self._job(self.partners[1], "failed", run_id=run.id)
        self.assertIn("Customers", run.progress_html)
        self.assertEqual(run.progress_html.count("<tr>"), 2)


@tagged("post_install", "-at_install")
class TestHistoryExport(HttpCase, WizardCommon):
    def setUp(self):
        super().setUp()
        self.run_row = self.env["qbo.run"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "state": "done",
                "description": "Month end",
            }
        )
        self.env["qbo.run.message"].create(
            [
                {"run_id": self.run_row.id, "level": "success", "text": "Invoice INV/1 was sent."},
                {"run_id": self.run_row.id, "level": "error", "origin": "qbo", "text": '=HYPERLINK("http://bad")'},
            ]
        )
        self.see.password = "qbo_see_12345"
        self.stranger.password = "qbo_stranger_12345"

    def test_workbook_has_the_messages_and_no_formula(self):
        self.authenticate("qbo_see", "qbo_see_12345")
        answer = self.url_open(self.run_row.with_user(self.see).action_export()["url"])
        self.assertEqual(answer.status_code, 200)
        sheet = load_workbook(BytesIO(answer.content)).active
        texts = [row[-1] for row in sheet.iter_rows(values_only=True) if row[-1]]
        self.assertIn("Invoice INV/1 was sent.", texts)
        self.assertIn('\'=HYPERLINK("http://bad")', texts)
        self.assertEqual(sheet["B1"].value, "Month end")

    def test_strangers_get_nothing(self):
        self.authenticate("qbo_stranger", "qbo_stranger_12345")
        self.assertEqual(self.url_open(f"/qbo_sync/run/{self.run_row.id}/export").status_code, 404)
