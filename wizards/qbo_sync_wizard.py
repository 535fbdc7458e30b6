"""The approval: what is about to cross, everything ticked, and what happens with what a person unticks."""

from odoo import api, fields, models
from odoo.fields import Command

from ..models.const import DIRECTIONS

UNCHECKED = [("keep", "Keep, ask again"), ("clear", "Clear, until it changes")]


class QboSyncWizard(models.TransientModel):
    """Made with a backend (and optionally the jobs to look at), it lists every job of it that waits for approval."""

    _name = "qbo.sync.wizard"
    _description = "QuickBooks Approval"

    backend_id = fields.Many2one(
        "qbo.backend", required=True, default=lambda self: self.env["qbo.backend"]._id_for_company(self.env.company.id)
    )
    company_id = fields.Many2one(related="backend_id.company_id")
    currency_id = fields.Many2one(related="backend_id.currency_id")
    job_ids = fields.Many2many("qbo.job", help="Only these; all that wait when empty.")
    import_line_ids = fields.One2many(
        "qbo.sync.wizard.line", "wizard_id", "Import from QuickBooks", domain=[("direction", "=", "in")]
    )
    export_line_ids = fields.One2many(
        "qbo.sync.wizard.line", "wizard_id", "Export to QuickBooks", domain=[("direction", "=", "out")]
    )
    unchecked_all = fields.Selection(
        UNCHECKED,
        "Unticked rows",
        default="keep",
        help="Keep: the row stays on this list. Clear: it leaves the list until the record changes again.",
    )
    import_total = fields.Monetary("Selected, in", compute="_compute_totals")
    export_total = fields.Monetary("Selected, out", compute="_compute_totals")
    selected_count = fields.Integer(compute="_compute_totals")
    line_count = fields.Integer(compute="_compute_totals")
    changed_text = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard, vals in zip(wizards, vals_list, strict=True):
            if not vals.get("import_line_ids") and not vals.get("export_line_ids"):
                wizard._fill()
        return wizards

    def _fill(self):
        """Make one ticked line for each job that waits, with the content that is shown now."""
        domain = [("backend_id", "=", self.backend_id.id), ("state", "=", "approval")]
        if self.job_ids:
            domain.append(("id", "in", self.job_ids.ids))
        self.env["qbo.sync.wizard.line"].create(
            [
                {"wizard_id": self.id, "job_id": job.id, "direction": job.direction, "seen_hash": job.payload_hash}
                for job in self.env["qbo.job"].search(domain)
            ]
        )
        self.invalidate_recordset(["import_line_ids", "export_line_ids"])

    @api.depends("import_line_ids.selected", "export_line_ids.selected")
    def _compute_totals(self):
        for wizard in self:
            wizard.import_total = wizard.import_line_ids._home_total()
            wizard.export_total = wizard.export_line_ids._home_total()
            lines = wizard._lines()
            wizard.line_count = len(lines)
            wizard.selected_count = len(lines.filtered("selected"))

    @api.onchange("unchecked_all")
    def _onchange_unchecked_all(self):
        for line in self._lines():
            line.unchecked = self.unchecked_all

    def _lines(self):
        return self.import_line_ids | self.export_line_ids

    # === ACTIONS === #

    def _action_open(self):
        """Return the dialog of this wizard."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve what crosses"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_approve(self):
        """Approve the ticked rows, keep or clear the others; what changed since it was shown is not sent.

        :return: the dialog again with the rows that changed, else a notification
        """
        self.ensure_one()
        self.backend_id._check_approver()
        ticked = self._lines().filtered("selected")
        changed = ticked.job_id._approve({line.job_id.id: line.seen_hash for line in ticked})
        gone = ticked.job_id.filtered(
            lambda job: job.state not in ("approval", "pending", "sending", "done", "warning")
        )
        unticked = self._lines() - ticked
        unticked.filtered(lambda line: line.unchecked == "keep").job_id._keep()
        unticked.filtered(lambda line: line.unchecked == "clear").job_id._clear()
        approved = len(ticked) - len(changed) - len(gone)
        if approved:
            self.backend_id.action_sync_now(self.env._("Approved by %(user)s", user=self.env.user.name))
        if changed:
            return self._action_look_again(changed)
        return self._action_done(approved)

    def _action_look_again(self, changed):
        again = self.create({"backend_id": self.backend_id.id, "job_ids": [Command.set(changed.ids)]})
        again.changed_text = (
            self.env._("1 row changed since you opened this list; look again.")
            if len(changed) == 1
            else self.env._("%(count)s rows changed since you opened this list; look again.", count=len(changed))
        )
        return again._action_open()

    def _action_done(self, approved):
        message = (
            self.env._("Nothing was approved.")
            if not approved
            else self.env._("1 record approved: it crosses now.")
            if approved == 1
            else self.env._("%(count)s records approved: they cross now.", count=approved)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if approved else "info",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_select_all(self):
        """Tick every row."""
        self._lines().selected = True
        return self._action_open()

    def action_select_none(self):
        """Untick every row."""
        self._lines().selected = False
        return self._action_open()


class QboSyncWizardLine(models.TransientModel):
    """One job that waits, as it was when the dialog was opened."""

    _name = "qbo.sync.wizard.line"
    _description = "QuickBooks Approval Row"
    _order = "id"

    wizard_id = fields.Many2one("qbo.sync.wizard", required=True, ondelete="cascade", index=True)
    job_id = fields.Many2one("qbo.job", required=True, ondelete="cascade")
    direction = fields.Selection(DIRECTIONS, required=True)
    selected = fields.Boolean(default=True)
    unchecked = fields.Selection(UNCHECKED, "If unticked", required=True, default="keep")
    seen_hash = fields.Char(help="Content that is shown; other content is not approved by this dialog.")
    entity = fields.Selection(related="job_id.entity")
    name = fields.Char(related="job_id.name")
    partner_name = fields.Char(related="job_id.partner_name")
    amount = fields.Monetary(related="job_id.amount")
    ar_effect = fields.Monetary(related="job_id.ar_effect")
    currency_id = fields.Many2one(related="job_id.currency_id")
    document_date = fields.Date(related="job_id.document_date")
    difference = fields.Text(related="job_id.difference")
    kept_text = fields.Char("Kept", compute="_compute_kept_text")

    @api.depends("job_id.kept_by_id", "job_id.kept_at")
    def _compute_kept_text(self):
        now = fields.Datetime.now()
        for line in self:
            job = line.job_id
            line.kept_text = job.kept_at and self.env._(
                "kept by %(user)s, %(days)s days ago", user=job.kept_by_id.name, days=(now - job.kept_at).days
            )

    def _home_total(self):
        ticked = self.filtered("selected")
        backend = self.wizard_id.backend_id[:1]
        return backend._home_total((line.currency_id, line.amount) for line in ticked) if backend else 0.0
