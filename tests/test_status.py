"""Status fields of records: computed from links, searchable, groupable, and only for those who may see them."""

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged


class StatusCommon(AccountTestInvoicingCommon):
    """A connected company without a QuickBooks behind it; one person sees, one approves, one is a stranger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What the worker writes is arranged as superuser; what is tested runs as one of the users below.
        cls.env = cls.env(su=True)
        for name in ("partner_a", "partner_b", "product_a"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        cls.backend = cls._new_backend(cls.env.company, "9130001")
        cls.see = new_test_user(cls.env, "qbo_see", groups="qbo_sync.group_user,account.group_account_invoice")
        cls.approve = new_test_user(
            cls.env,
            "qbo_approve",
            groups="qbo_sync.group_approver,account.group_account_invoice,base.group_partner_manager",
        )
        cls.stranger = new_test_user(cls.env, "qbo_stranger", groups="account.group_account_invoice")
        for user in (cls.see, cls.approve, cls.stranger):
            user.write({"company_id": cls.env.company.id, "company_ids": [Command.set(cls.env.company.ids)]})

    @classmethod
    def _new_backend(cls, company, realm):
        backend = cls.env["qbo.backend"].create(
            {
                "name": company.name,
                "company_id": company.id,
                "environment": "sandbox",
                "redirect_uri": "https://example.com/cb",
            }
        )
        backend.write({"state": "active", "realm_id": realm})
        return backend

    def _bind(self, record, status="synced", entity=None, backend=None, **values):
        backend = backend or self.backend
        return self.env["qbo.binding"].create(
            {
                "backend_id": backend.id,
                "company_id": backend.company_id.id,
                "model": record._name,
                "res_id": record.id,
                "entity": entity or record._qbo_entity(),
                "status": status,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestStatus(StatusCommon):
    def test_without_link_a_record_is_not_synced(self):
        self.assertEqual(self.partner_a.qbo_status, "not_synced")
        self.assertFalse(self.partner_a.qbo_id)
        self.assertFalse(self.partner_a.qbo_url)

    def test_without_connection_there_is_no_status(self):
        self.backend.state = "draft"
        self.assertFalse(self.partner_a.qbo_status)
        self.assertIn(self.partner_a, self.env["res.partner"].search([("qbo_status", "=", False)]))
        self.assertNotIn(self.partner_a, self.env["res.partner"].search([("qbo_status", "=", "not_synced")]))

    def test_link_gives_id_status_and_page(self):
        self._bind(self.partner_a, qbo_id="58")
        self.assertEqual(self.partner_a.qbo_status, "synced")
        self.assertEqual(self.partner_a.qbo_id, "58")
        self.assertEqual(self.partner_a.qbo_url, "https://app.sandbox.qbo.intuit.com/app/customerdetail?nameId=58")
        production = self.env["qbo.backend"].new({"environment": "production"})
        self.assertEqual(production._qbo_page_url("Invoice", "9"), "https://app.qbo.intuit.com/app/invoice?txnId=9")

    def test_cached_status_follows_the_link(self):
        binding = self._bind(self.partner_a, "syncing")
        self.assertEqual(self.partner_a.qbo_status, "syncing")
        binding.write({"status": "synced", "qbo_id": "7"})
        self.assertEqual((self.partner_a.qbo_status, self.partner_a.qbo_id), ("synced", "7"))
        binding.unlink()
        self.assertEqual(self.partner_a.qbo_status, "not_synced")

    def test_worst_of_several_links_is_shown(self):
        self._bind(self.partner_a, "synced", qbo_id="1")
        self._bind(self.partner_a, "failed", role="EUR", qbo_id="2", error="No such currency.")
        self.assertEqual(self.partner_a.qbo_status, "failed")
        self.assertEqual(self.partner_a.qbo_id, "1")
        self.assertEqual(self.partner_a.qbo_error, "No such currency.")
        self.assertIn("No such currency. See QuickBooks > Problems", self.partner_a.qbo_tooltip)

    def test_search_and_group_agree_with_the_field(self):
        self._bind(self.partner_a, "failed")
        self._bind(self.partner_b, "synced", qbo_id="9")
        partners = self.env["res.partner"].search([])
        by_field = partners.grouped("qbo_status")
        for status in ("failed", "synced", "not_synced", "conflict"):
            found = self.env["res.partner"].search([("qbo_status", "=", status)])
            self.assertEqual(found, by_field.get(status, found.browse()), status)
            others = self.env["res.partner"].search([("qbo_status", "!=", status)])
            self.assertEqual(others, partners - found, status)
        groups = dict(self.env["res.partner"]._read_group([], ["qbo_status"], ["__count"]))
        self.assertEqual(groups, {status: len(records) for status, records in by_field.items()})
        self.assertEqual(self.env["res.partner"].search([("qbo_id", "=", "9")]), self.partner_b)
        self.assertEqual(self.env["res.partner"].search([("qbo_id", "!=", False)], order="qbo_id"), self.partner_b)

    def test_search_with_none_and_a_value(self):
        self._bind(self.partner_a, "failed")
        both = self.env["res.partner"].search([("qbo_status", "in", ["failed", False])])
        self.assertEqual(both, self.partner_a)
        self.assertEqual(both.filtered_domain([("qbo_status", "=", "failed")]), self.partner_a)

    def test_fields_describe_themselves_as_searchable_and_groupable(self):
        described = self.env["account.move"].fields_get(["qbo_status", "qbo_id"])
        for name in ("qbo_status", "qbo_id"):
            self.assertTrue(
                described[name]["searchable"] and described[name]["sortable"] and described[name]["groupable"], name
            )

    def test_status_is_of_the_connection_of_the_current_company(self):
        other = self.setup_other_company()["company"]
        other_backend = self._new_backend(other, "9130002")
        self._bind(self.partner_a, "synced", qbo_id="1")
        self._bind(self.partner_a, "failed", backend=other_backend)
        there = self.partner_a.with_company(other)
        self.assertEqual((self.partner_a.qbo_status, there.qbo_status), ("synced", "failed"))
        self.assertNotIn(
            self.partner_a, self.env["res.partner"].with_company(other).search([("qbo_status", "=", "synced")])
        )

    def test_status_of_a_document_is_of_its_own_company(self):
        other = self.setup_other_company()["company"]
        self._new_backend(other, "9130002")
        move = self.init_invoice("out_invoice", products=self.product_a)
        self._bind(move, qbo_id="77")
        self.assertEqual(move.with_company(other).qbo_status, "synced")

    def test_documents_that_never_cross_have_no_status(self):
        bill = self.init_invoice("in_invoice", products=self.product_a)
        entry = self.env["account.move"].create({"move_type": "entry"})
        self.assertEqual([bill.qbo_status, entry.qbo_status], [False, False])
        self.assertNotIn(bill, self.env["account.move"].search([("qbo_status", "=", "not_synced")]))

    def test_branch_shows_the_connection_of_its_parent(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.env.company.id})
        self._bind(self.partner_a, qbo_id="5")
        self.assertEqual(self.partner_a.with_company(branch).qbo_status, "synced")

    def test_template_shows_the_worst_of_its_variants(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Size", "value_ids": [Command.create({"name": "S"}), Command.create({"name": "L"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
                "attribute_line_ids": [
                    Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
                ],
            }
        )
        small, large = template.product_variant_ids
        self.assertEqual(template.qbo_status, "not_synced")
        self._bind(small, "synced", qbo_id="30")
        self.assertEqual(template.qbo_status, "not_synced")
        self._bind(large, "failed")
        self.assertEqual((template.qbo_status, template.qbo_id), ("failed", "30"))
        self.assertEqual(self.env["product.template"].search([("qbo_status", "=", "failed")]), template)

    def test_vendor_id_stands_beside_the_customer_id(self):
        self._bind(self.partner_a, "synced", qbo_id="4")
        self.assertFalse(self.partner_a.qbo_vendor_id)
        self.assertFalse(self.partner_a.qbo_vendor_url)

    def test_new_record_in_a_form(self):
        new = self.env["res.partner"].new({"name": "Nobody yet"})
        self.assertEqual((new.qbo_status, new.qbo_exclude, new.qbo_panel), (False, False, False))

    def test_one_statement_for_many_records(self):
        moves = self.env["account.move"].create(
            [{"move_type": "out_invoice", "partner_id": self.partner_a.id} for _number in range(20)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        moves.mapped("company_id")
        self.env["qbo.backend"]._ids_marking()
        with self.assertQueryCount(2):
            self.assertEqual(set(moves.mapped("qbo_status")), {"not_synced"})

    def test_strangers_see_nothing(self):
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.stranger).read(["qbo_status"])
        self.assertNotIn("qbo_status", self.env["res.partner"].with_user(self.stranger).fields_get())
        for model in ("res.partner", "product.template", "account.move", "account.payment"):
            arch = self.env[model].with_user(self.stranger).get_view(view_type="form")["arch"]
            self.assertNotIn("qbo_", arch, model)


@tagged("post_install", "-at_install")
class TestStatusActions(StatusCommon):
    def _marks(self, record):
        self.env["qbo.change"]._append()
        return self.env["qbo.change"].search([("model", "=", record._name), ("res_id", "=", record.id)])

    def test_exclude_and_include(self):
        partner = self.partner_a.with_user(self.approve)
        partner.qbo_exclude = True
        self.assertEqual((partner.qbo_status, partner.qbo_exclude), ("excluded", True))
        binding = self.env["qbo.binding"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])
        self.assertEqual((binding.excluded, binding.qbo_id, binding.backend_id), (True, False, self.backend))
        partner.qbo_exclude = False
        self.assertEqual((partner.qbo_status, binding.excluded), ("not_synced", False))

    def test_excluding_closes_what_waits(self):
        job = self.env["qbo.job"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "direction": "out",
                "entity": "Customer",
                "model": "res.partner",
                "res_id": self.partner_a.id,
                "state": "approval",
            }
        )
        self.partner_a.with_user(self.approve).action_qbo_exclude()
        self.assertEqual(job.state, "cancelled")

    def test_including_a_linked_record_brings_its_status_back(self):
        self._bind(self.partner_a, qbo_id="12")
        self.partner_a.with_user(self.approve).action_qbo_exclude()
        self.assertEqual(self.partner_a.qbo_status, "excluded")
        self.partner_a.with_user(self.approve).action_qbo_include()
        self.assertEqual(self.partner_a.qbo_status, "synced")
        self.env.cr.flush()
        self.assertTrue(self._marks(self.partner_a), "an included record is looked at by the next sync")

    def test_only_approvers_exclude(self):
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.see).action_qbo_exclude()
        self.assertFalse(
            self.env["qbo.binding"].search([("res_id", "=", self.partner_a.id), ("model", "=", "res.partner")])
        )

    def test_who_may_not_exclude_may_create_records(self):
        user = new_test_user(
            self.env,
            "qbo_creator",
            groups="qbo_sync.group_user,base.group_partner_manager",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        partner = self.env["res.partner"].with_user(user).create({"name": "New", "qbo_exclude": False})
        self.assertEqual(partner.qbo_status, "not_synced")
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(user).create({"name": "New", "qbo_exclude": True})
        self.backend.state = "draft"
        self.assertTrue(self.env["res.partner"].with_user(user).create({"name": "Newer", "qbo_exclude": False}))

    def test_create_excluded(self):
        partner = self.env["res.partner"].with_user(self.approve).create({"name": "Private", "qbo_exclude": True})
        self.assertEqual(partner.qbo_status, "excluded")

    def test_excluding_a_posted_invoice_does_not_touch_it(self):
        move = self.init_invoice("out_invoice", products=self.product_a, post=True)
        self.env.flush_all()
        before = move.write_date, move.is_manually_modified
        move.with_user(self.approve).write({"qbo_exclude": True})
        self.env.flush_all()
        move.invalidate_recordset()
        self.assertEqual((move.write_date, move.is_manually_modified), before)
        self.assertEqual(move.qbo_status, "excluded")

    def test_excluding_a_template_excludes_its_variants(self):
        self.product_a.product_tmpl_id.with_user(self.approve).action_qbo_exclude()
        self.assertEqual(self.product_a.qbo_status, "excluded")

    def test_exclude_without_connection_is_refused(self):
        self.backend.state = "draft"
        with self.assertRaisesRegex(UserError, "No QuickBooks company is connected"):
            self.partner_a.with_user(self.approve).action_qbo_exclude()

    def test_open_the_page(self):
        with self.assertRaisesRegex(UserError, "not in QuickBooks yet"):
            self.partner_a.with_user(self.see).action_qbo_open()
        self._bind(self.partner_a, qbo_id="3")
        self.assertEqual(self.partner_a.with_user(self.see).action_qbo_open()["url"], self.partner_a.qbo_url)

    def test_sync_now_marks_and_queues(self):
        self.partner_a.with_user(self.see).action_qbo_sync_now()
        run = self.env["qbo.run"].search([("backend_id", "=", self.backend.id)], limit=1)
        self.assertEqual((run.state, run.user_id), ("queued", self.see))
        self.assertIn(self.partner_a.display_name, run.description)
        self.env.cr.flush()
        self.assertEqual(set(self._marks(self.partner_a).mapped("backend_id")), {self.backend.id})

    def test_gear_menu_is_for_its_groups(self):
        def names(user):
            bindings = self.env["ir.actions.actions"].with_user(user).get_bindings("res.partner")
            return {action["name"] for action in bindings.get("action", ()) if action["name"].startswith("QuickBooks")}

        self.assertFalse(names(self.stranger))
        self.assertIn("QuickBooks: sync now", names(self.see))
        self.assertNotIn("QuickBooks: exclude from sync", names(self.see))
        self.assertIn("QuickBooks: exclude from sync", names(self.approve))

    def test_history_lists_the_jobs_of_the_record(self):
        job = self.env["qbo.job"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "direction": "out",
                "entity": "Customer",
                "model": "res.partner",
                "res_id": self.partner_a.id,
                "state": "done",
            }
        )
        action = self.partner_a.with_user(self.see).action_qbo_history()
        self.assertEqual(self.env["qbo.job"].with_user(self.see).search(action["domain"]), job)

    def test_panel_compares_both_sides(self):
        move = self.init_invoice("out_invoice", products=self.product_a, post=True)
        self._bind(
            move,
            qbo_id="20",
            base={
                "odoo": {},
                "qbo": {"total": str(move.amount_total), "total_tax": str(move.amount_tax), "balance": "1.00"},
            },
        )
        panel = move.with_user(self.see).qbo_panel
        self.assertEqual((panel.count("o_qbo_equal"), panel.count("o_qbo_unequal")), (2, 1))

    def test_panel_escapes_what_comes_from_outside(self):
        self.env["qbo.job"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "direction": "out",
                "entity": "Customer",
                "model": "res.partner",
                "res_id": self.partner_a.id,
                "state": "failed",
                "error": "<script>alert(1)</script>",
            }
        )
        self.assertNotIn("<script>", self.partner_a.qbo_panel)


@tagged("post_install", "-at_install")
class TestOverview(StatusCommon):
    def _job(self, **values):
        return self.env["qbo.job"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "direction": "out",
                "entity": "Invoice",
                "model": "account.move",
                "currency_id": self.backend.currency_id.id,
                **values,
            }
        )

    def test_counts_of_the_top_bar(self):
        self._job(res_id=1, state="approval")
        self._job(res_id=2, state="failed")
        self._job(res_id=3, state="blocked")
        self._job(res_id=4, state="done")
        count = self.env["qbo.backend"].with_user(self.approve).get_systray_count
        self.assertEqual(count(), {"approval": 1, "problem": 2})
        for user in (self.see, self.stranger):
            self.assertFalse(self.env["qbo.backend"].with_user(user).get_systray_count())

    def test_top_bar_counts_the_companies_of_the_user_only(self):
        other = self.setup_other_company()["company"]
        backend = self._new_backend(other, "9130002")
        self._job(res_id=1, state="approval")
        self._job(res_id=2, state="approval", backend_id=backend.id, company_id=other.id)
        self.assertEqual(self.env["qbo.backend"].with_user(self.approve).get_systray_count()["approval"], 1)

    def test_figures_of_a_card(self):
        self._job(res_id=1, state="approval", amount=100)
        self._job(res_id=2, state="approval", amount=50, direction="in", qbo_id="5")
        self._job(res_id=3, state="blocked", amount=30, error='Tax "A" has no QuickBooks code.')
        self._job(res_id=4, state="blocked", amount=12, error='Tax "A" has no QuickBooks code.')
        backend = self.backend
        self.assertEqual((backend.approval_in_count, backend.approval_out_count, backend.approval_amount), (1, 1, 150))
        self.assertEqual((backend.problem_count, backend.problem_cause_count, backend.problem_amount), (2, 1, 42))

    def test_foreign_amounts_are_shown_in_home_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self._job(res_id=1, state="approval", amount=100, currency_id=euro.id)
        self.assertEqual(self.backend.approval_amount, 50)

    def test_requests_of_the_month(self):
        self.env["qbo.call.bucket"].create(
            [
                {"backend_id": self.backend.id, "minute": "2000-01-01 00:00:00", "core": 9},
                {
                    "backend_id": self.backend.id,
                    "minute": self.env.cr.now().replace(second=0, microsecond=0),
                    "core": 1,
                    "metered": 2,
                    "batch": 3,
                },
            ]
        )
        self.assertEqual((self.backend.request_count, self.backend.write_request_count), (6, 4))

    def test_receivables_of_both_sides(self):
        self.init_invoice("out_invoice", products=self.product_a, post=True, amounts=[])
        here = sum(
            self.env["account.move.line"]
            .search(
                [
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("company_id", "=", self.env.company.id),
                    ("date", "<=", self.env.cr.now().date()),
                ]
            )
            .mapped("balance")
        )
        self.assertEqual(self.backend._check_ar(_Reports(here - 25)), 25)
        self.assertEqual((self.backend.ar_odoo, self.backend.ar_qbo), (here, here - 25))
        self.assertTrue(self.backend.ar_checked_at)
        self.assertEqual(self.backend._check_ar(_Reports(here)), 0)

    def test_bars_and_recent_syncs_escape_descriptions(self):
        self.env["qbo.run"].create(
            {
                "backend_id": self.backend.id,
                "company_id": self.backend.company_id.id,
                "state": "done",
                "in_count": 2,
                "started_at": self.env.cr.now(),
                "description": "<img src=x>",
            }
        )
        self.assertIn("o_qbo_bar_done", self.backend.activity_html)
        self.assertNotIn("<img", self.backend.recent_html)


class _Reports:
    """Answers as QuickBooks does, with one grand total."""

    def __init__(self, total):
        self.total = total

    def report(self, name, **params):
        assert name == "AgedReceivables" and params["report_date"]
        return {
            "Columns": {"Column": [{"ColTitle": "", "ColType": "Customer"}, {"ColTitle": "Total", "ColType": "Money"}]},
            "Rows": {
                "Row": [
                    {
                        "group": "GrandTotal",
                        "Summary": {"ColData": [{"value": "TOTAL"}, {"value": f"{self.total:.2f}"}]},
                    }
                ]
            },
        }
