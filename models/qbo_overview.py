"""The figures of the overview and of the top bar."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..qbo.report import grand_total
from .const import PROBLEM_DOMAIN, PROBLEM_JOB_STATES

DAYS_SHOWN = 14
RECENT_RUNS = 5


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    # === RECEIVABLES (written by the engine after a run that moved money, and by the daily care) === #
    ar_odoo = fields.Monetary("Receivables in Odoo", readonly=True, copy=False)
    ar_qbo = fields.Monetary("Receivables in QuickBooks", readonly=True, copy=False)
    ar_difference = fields.Monetary(
        "A/R difference", readonly=True, copy=False, help="Odoo less QuickBooks, in home currency."
    )
    ar_checked_at = fields.Datetime("A/R compared at", readonly=True, copy=False)

    # === OVERVIEW === #
    approval_in_count = fields.Integer(compute="_compute_overview")
    approval_out_count = fields.Integer(compute="_compute_overview")
    approval_amount = fields.Monetary(compute="_compute_overview")
    problem_amount = fields.Monetary(compute="_compute_overview")
    problem_cause_count = fields.Integer(compute="_compute_overview")
    missing_mapping_count = fields.Integer(compute="_compute_overview")
    request_count = fields.Integer("Requests this month", compute="_compute_requests")
    write_request_count = fields.Integer("Writes this month", compute="_compute_requests")
    request_forecast = fields.Integer(compute="_compute_requests")
    last_run_text = fields.Char(compute="_compute_last_run_text")
    activity_html = fields.Html(compute="_compute_activity_html", sanitize=False)
    recent_html = fields.Html(compute="_compute_recent_html", sanitize=False)

    def _compute_overview(self):
        Job = self.env["qbo.job"]
        approvals = Job._read_group(
            [("backend_id", "in", self.ids), ("state", "=", "approval")],
            ["backend_id", "direction", "currency_id"],
            ["__count", "amount:sum"],
        )
        problems = Job._read_group(
            [("backend_id", "in", self.ids), *PROBLEM_DOMAIN],
            ["backend_id", "cause", "currency_id"],
            ["__count", "amount:sum"],
        )
        missing = dict(
            self.env["qbo.mapping"]._read_group(
                [("backend_id", "in", self.ids), ("state", "in", ("missing", "proposed"))], ["backend_id"], ["__count"]
            )
        )
        for backend in self:
            waiting = [row for row in approvals if row[0] == backend]
            failing = [row for row in problems if row[0] == backend]
            backend.approval_in_count = sum(count for _b, direction, _c, count, _a in waiting if direction == "in")
            backend.approval_out_count = sum(count for _b, direction, _c, count, _a in waiting if direction == "out")
            backend.approval_amount = backend._home_total((row[2], row[4]) for row in waiting)
            backend.problem_amount = backend._home_total((row[2], row[4]) for row in failing)
            backend.problem_cause_count = len({row[1] for row in failing})
            backend.missing_mapping_count = missing.get(backend, 0)

    def _home_total(self, amounts):
        """Return the sum of ``(currency, amount)`` in home currency, at today's rates: to orient, not for books."""
        home = self.currency_id
        today = fields.Date.context_today(self)
        return sum(
            currency._convert(amount, home, self.company_id, today) if currency and currency != home else amount
            for currency, amount in amounts
        )

    def _compute_requests(self):
        now = fields.Datetime.now()
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self.env["qbo.call.bucket"].flush_model()
        rows = {
            backend_id: (requests, writes)
            for backend_id, requests, writes in self.env.execute_query(
                SQL(
                    "SELECT backend_id, coalesce(sum(core), 0) + coalesce(sum(metered), 0) + coalesce(sum(batch), 0),"
                    " coalesce(sum(core), 0) + coalesce(sum(batch), 0)"
                    " FROM qbo_call_bucket WHERE backend_id = ANY(%s) AND minute >= %s GROUP BY backend_id",
                    self.ids,
                    start,
                )
            )
        }
        days = max((now - start) / timedelta(days=1), 1)
        for backend in self:
            requests, writes = rows.get(backend.id, (0, 0))
            backend.request_count = requests
            backend.write_request_count = writes
            backend.request_forecast = round(requests / days * 30)

    @api.depends_context("lang", "tz")
    def _compute_last_run_text(self):
        for backend in self:
            run = backend.last_run_id
            if not run:
                backend.last_run_text = self.env._("No sync yet")
                continue
            if run.state == "running":
                backend.last_run_text = self.env._(
                    "Syncing since %(time)s", time=format_datetime(self.env, run.started_at, dt_format="short")
                )
                continue
            backend.last_run_text = self.env._(
                "Last sync %(time)s, %(duration)s s, requests: %(requests)s",
                time=format_datetime(self.env, run.started_at or run.create_date, dt_format="short"),
                duration=round(run.duration),
                requests=run.request_count,
            )

    @api.depends_context("lang", "tz")
    def _compute_activity_html(self):
        today = fields.Date.context_today(self)
        days = [today - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
        self.env["qbo.run"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT backend_id, started_at::date, sum(coalesce(in_count, 0) + coalesce(out_count, 0)),"
                " sum(coalesce(warning_count, 0)), sum(coalesce(failed_count, 0)) FROM qbo_run"
                " WHERE backend_id = ANY(%s) AND started_at >= %s GROUP BY 1, 2",
                self.ids,
                days[0],
            )
        )
        figures = {(backend_id, day): numbers for backend_id, day, *numbers in rows}
        for backend in self:
            backend.activity_html = self._bars([(day, figures.get((backend.id, day), (0, 0, 0))) for day in days])

    def _bars(self, days):
        """Return the stacked bars of the last days: crossed, with a warning, failed."""
        top = max((sum(numbers) for _day, numbers in days), default=0)
        if not top:
            return Markup('<span class="text-muted">%s</span>') % self.env._("Nothing crossed in the last 14 days.")
        bars = Markup().join(self._bar(day, numbers, top) for day, numbers in days)
        return Markup('<div class="o_qbo_bars" role="img" aria-label="%s">%s</div>') % (
            self.env._("Records that crossed in the last 14 days"),
            bars,
        )

    def _bar(self, day, numbers, top):
        classes = ("o_qbo_bar_done", "o_qbo_bar_warning", "o_qbo_bar_failed")
        title = self.env._(
            "%(day)s: %(done)s crossed, %(warnings)s with a warning, %(failed)s failed",
            day=day,
            done=numbers[0],
            warnings=numbers[1],
            failed=numbers[2],
        )
        parts = Markup().join(
            Markup('<div class="%s" style="height: %s%%"></div>') % (name, round(number * 100 / top, 1))
            for name, number in reversed(list(zip(classes, numbers, strict=True)))
            if number
        )
        return Markup('<div class="o_qbo_bar" title="%s">%s</div>') % (title, parts)

    @api.depends_context("lang", "tz")
    def _compute_recent_html(self):
        states = dict(self.env["qbo.run"]._fields["state"]._description_selection(self.env))
        colours = {"done": "text-success", "partial": "text-warning", "failed": "text-danger"}
        for backend in self:
            runs = self.env["qbo.run"].search([("backend_id", "=", backend.id)], limit=RECENT_RUNS)
            backend.recent_html = Markup().join(
                Markup(
                    '<div class="d-flex gap-2 text-nowrap"><span class="text-muted">%s</span>'
                    '<span class="text-truncate flex-grow-1">%s</span><span>%s</span>'
                    '<span class="%s">%s</span></div>'
                )
                % (
                    format_datetime(self.env, run.started_at or run.create_date, dt_format="short"),
                    run.name,
                    self.env._("%(in_count)s in, %(out_count)s out", in_count=run.in_count, out_count=run.out_count),
                    colours.get(run.state, "text-muted"),
                    states[run.state],
                )
                for run in runs
            )

    # === RECEIVABLES === #

    def _check_ar(self, client):
        """Compare the receivables of both books as of today, in home currency, and store the figures.

        Costs one metered request (report AgedReceivables, which nets open credits and unapplied payments, as Odoo's
        receivable accounts do).

        :param client: the client of the worker
        :raise QboError: when QuickBooks does not answer
        :return: the difference, Odoo less QuickBooks
        """
        self.ensure_one()
        today = fields.Date.context_today(self.with_context(tz=self.company_id.partner_id.tz or "UTC"))
        report = client.report("AgedReceivables", report_date=today.isoformat(), aging_method="Report_Date")
        here = self._ar_total(today)
        there = float(grand_total(report))
        self.env["qbo.unsynced"]._forget_linked(self)
        self.write(
            {
                "ar_odoo": here,
                "ar_qbo": there,
                "ar_difference": self.currency_id.round(here - there),
                "ar_checked_at": fields.Datetime.now(),
            }
        )
        return self.ar_difference

    def _ar_total(self, day):
        """Return the balance, at the end of ``day``, of the receivable accounts of the companies that are served."""
        [(total,)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self._companies().ids),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", day),
                ],
                [],
                ["balance:sum"],
            )
        )
        return total

    # === TOP BAR === #

    @api.model
    @api.readonly
    def get_systray_count(self):
        """Return what waits for the user in the chosen companies: ``{'approval': n, 'problem': n}``.

        False for who approves nothing.
        """
        if not self.env.user.has_group("qbo_sync.group_approver"):
            return False
        groups = dict(
            self.env["qbo.job"]._read_group(
                Domain("state", "=", "approval") | Domain(PROBLEM_DOMAIN), ["state"], ["__count"]
            )
        )
        return {
            "approval": groups.get("approval", 0),
            "problem": sum(groups.get(state, 0) for state in PROBLEM_JOB_STATES),
        }

    def _notify_counts(self):
        """Tell the open browsers of approvers that the counts changed; called by the worker at the end of a slice."""
        approvers = (
            self.env.ref("qbo_sync.group_approver")
            .sudo()
            .all_user_ids.filtered(lambda user: self.company_id <= user.company_ids)
        )
        approvers._bus_send("qbo_sync/counts", {"backend_ids": self.ids})

    # === ACTIONS OF THE OVERVIEW === #

    def _open_jobs(self, xmlid, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"search_default_backend_id": self.id, **context}
        return action

    def action_open_approvals(self):
        return self._open_jobs("qbo_sync.action_qbo_sync_center")

    def action_open_approvals_in(self):
        return self._open_jobs("qbo_sync.action_qbo_sync_center", search_default_from_qbo=1)

    def action_open_approvals_out(self):
        return self._open_jobs("qbo_sync.action_qbo_sync_center", search_default_to_qbo=1)

    def action_open_problems(self):
        return self._open_jobs("qbo_sync.action_qbo_problems", search_default_by_cause=1)

    def action_open_pending(self):
        return self._open_jobs("qbo_sync.action_qbo_job_history", search_default_pending=1)

    def action_open_runs(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_run")
        action["context"] = {"search_default_backend_id": self.id}
        return action

    def action_open_missing_mappings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_mapping")
        action["context"] = {
            "search_default_missing": 1, "search_default_proposed": 1, "search_default_backend_id": self.id}
        return action

    def action_open_mappings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_mapping")
        action["context"] = {"search_default_backend_id": self.id}
        return action

    def action_open_sync_dialog(self):
        """Open the dialog "Sync now"."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sync now"),
            "res_model": "qbo.sync.now.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_backend_id": self.id},
        }

    def action_open_approval_wizard(self):
        """Open the approval wizard with everything that waits."""
        self.ensure_one()
        return self.env["qbo.sync.wizard"].create({"backend_id": self.id})._action_open()

    def _check_approver(self):
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_approver"):
            raise AccessError(self.env._("Only an approver of the QuickBooks sync can do this."))
