"""Problems, their causes in words, and the two ways out: try again, or skip and say why."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.const import PROBLEM_DOMAIN, PROBLEM_JOB_STATES
from ..models.qbo_error_guide import FIXES


class QboRetryWizard(models.TransientModel):
    """Made with jobs in context (``active_model`` qbo.job), or with a backend: then with all its problems."""

    _name = "qbo.retry.wizard"
    _description = "QuickBooks Retry"

    backend_id = fields.Many2one(
        "qbo.backend", default=lambda self: self.env["qbo.backend"]._id_for_company(self.env.company.id)
    )
    currency_id = fields.Many2one(related="backend_id.currency_id")
    line_ids = fields.One2many("qbo.retry.wizard.line", "wizard_id", "Problems")
    reason = fields.Char(help="Kept in the history: whoever looks at the difference later reads it.")
    selected_count = fields.Integer(compute="_compute_stake")
    ar_at_stake = fields.Monetary("A/R will differ by", compute="_compute_stake")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard, vals in zip(wizards, vals_list, strict=True):
            if not vals.get("line_ids"):
                wizard._fill(wizard._jobs_to_show())
        return wizards

    def _jobs_to_show(self):
        """Return the chosen jobs, else all problems of the backend."""
        domain = [("state", "in", PROBLEM_JOB_STATES)]
        if self.env.context.get("active_model") == "qbo.job" and self.env.context.get("active_ids"):
            return self.env["qbo.job"].search([*domain, ("id", "in", self.env.context["active_ids"])])
        return self.env["qbo.job"].search([*PROBLEM_DOMAIN, ("backend_id", "=", self.backend_id.id)])

    def _fill(self, jobs):
        self.line_ids = [Command.create({"job_id": job.id}) for job in jobs]
        if jobs and len(jobs.backend_id) == 1:
            self.backend_id = jobs.backend_id

    @api.depends("line_ids.selected")
    def _compute_stake(self):
        for wizard in self:
            ticked = wizard.line_ids.filtered("selected")
            wizard.selected_count = len(ticked)
            backend = wizard.backend_id or ticked.job_id.backend_id[:1]
            wizard.ar_at_stake = (
                abs(
                    backend._home_total(
                        (line.currency_id, line.job_id.ar_effect * (1 if line.job_id.direction == "out" else -1))
                        for line in ticked
                    )
                )
                if backend
                else 0.0
            )

    # === ACTIONS === #

    @api.model
    def _action_for(self, jobs):
        """Return the dialog for ``jobs``."""
        wizard = self.with_context(active_model="qbo.job", active_ids=jobs.ids).create({})
        return wizard._action_open()

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Problems: retry or skip"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _chosen(self):
        jobs = self.line_ids.filtered("selected").job_id
        if not jobs:
            raise UserError(self.env._("Tick at least one row."))
        return jobs

    def action_retry(self):
        """Try the ticked jobs again, reading their records afresh."""
        jobs = self._chosen()
        jobs._retry()
        message = (
            self.env._("1 record is tried again.")
            if len(jobs) == 1
            else self.env._("%(count)s records are tried again.", count=len(jobs))
        )
        return self._notify(message, "success")

    def action_skip(self):
        """Take the ticked jobs off the list until their content changes; the reason goes to the history.

        :raise UserError: without a reason
        """
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: whoever looks at the difference later reads it."))
        jobs = self._chosen()
        jobs._skip(self.reason.strip())
        message = (
            self.env._("1 record is skipped until it changes.")
            if len(jobs) == 1
            else self.env._("%(count)s records are skipped until they change.", count=len(jobs))
        )
        return self._notify(message, "warning")

    def _notify(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }


class QboRetryWizardLine(models.TransientModel):
    """One problem."""

    _name = "qbo.retry.wizard.line"
    _description = "QuickBooks Retry Row"
    _order = "id"

    wizard_id = fields.Many2one("qbo.retry.wizard", required=True, ondelete="cascade", index=True)
    job_id = fields.Many2one("qbo.job", required=True, ondelete="cascade")
    selected = fields.Boolean(default=True)
    entity = fields.Selection(related="job_id.entity")
    state = fields.Selection(related="job_id.state")
    name = fields.Char(related="job_id.name")
    partner_name = fields.Char(related="job_id.partner_name")
    amount = fields.Monetary(related="job_id.amount")
    has_dispute = fields.Boolean(related="job_id.has_dispute")
    currency_id = fields.Many2one(related="job_id.currency_id")
    error_code = fields.Char("Code", related="job_id.error_code")
    error_detail = fields.Text("QuickBooks' own text", related="job_id.error_detail")
    cause = fields.Text(compute="_compute_cause")
    fix = fields.Text("How to mend it", compute="_compute_cause")
    fix_kind = fields.Selection(FIXES, "Way out", compute="_compute_cause")

    @api.depends_context("lang")
    @api.depends("job_id")
    def _compute_cause(self):
        for line in self:
            line.cause, line.fix, line.fix_kind = line.job_id._explained()

    def action_fix(self):
        """Open the place where this cause is mended."""
        return self.job_id.action_fix()
