"""What the lists of jobs show, and their buttons."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_datetime

from .const import ENTRY_ENTITIES, ENTRY_GONE, PROBLEM_DOMAIN, PROBLEM_JOB_STATES
from .qbo_error_guide import FIXES


class QboJob(models.Model):
    _inherit = "qbo.job"

    cause = fields.Char(
        compute="_compute_cause",
        store=True,
        help="The problem in one sentence, the same for all that have it: lists are grouped by it.",
    )
    fix = fields.Selection(FIXES, "Way out", compute="_compute_fix")
    how_to_fix = fields.Text("How to fix", compute="_compute_fix")
    next_step = fields.Char("Whose move", compute="_compute_next_step")
    ar_effect = fields.Monetary(
        "A/R effect",
        compute="_compute_ar_effect",
        currency_field="currency_id",
        help="By how much the receivables of the receiving side change: "
        "invoices add, credit notes and payments take away.",
    )
    has_dispute = fields.Boolean(compute="_compute_has_dispute")
    has_record = fields.Boolean(compute="_compute_has_record")
    is_held = fields.Boolean(
        compute="_compute_is_held", help="It waits for approval because of a reason, not because of the rule.")
    has_qbo_page = fields.Boolean(compute="_compute_has_qbo_page")
    message_ids = fields.One2many("qbo.run.message", "job_id", "Messages")
    payload_text = fields.Text("What was sent", compute="_compute_payload_text", groups="qbo_sync.group_admin")

    @api.depends("error", "error_code", "blocked_key")
    def _compute_cause(self):
        for job in self:
            lines = (job.error or "").strip().splitlines()
            job.cause = lines[0][:200] if lines else False

    @api.depends_context("lang")
    @api.depends("error", "error_code", "state", "blocked_key")
    def _compute_fix(self):
        for job in self:
            _cause, job.how_to_fix, job.fix = job._explained()

    def _explained(self):
        """Return ``(cause, how to fix, fix)`` of the problem of this job, in words; false values when there is none."""
        self.ensure_one()
        if self.state not in (*PROBLEM_JOB_STATES, "warning"):
            return False, False, False
        cause = self.cause or self.error
        if self.state == "blocked":
            advice, _move, fix = self._waiting()
            return cause, advice, fix
        if self.state == "conflict":
            return cause, f"{self.difference or ''}\n{self.env._('Decide which side is right.')}".strip(), "none"
        if not self.error_code:
            return cause, False, "none"
        _general, how_to_fix, fix = self.env["qbo.error.guide"]._explain(
            self.error_code, f"{self.error or ''}\n{self.error_detail or ''}"
        )
        return cause or _general, how_to_fix, fix

    @api.depends_context("lang", "tz")
    @api.depends("state", "next_try", "fix", "blocked_key")
    def _compute_next_step(self):
        for job in self:
            job.next_step = job._next_step()

    def _waiting(self):
        """Return what ends the waiting of a job, whose move it is, and the button that goes there."""
        kind = (self.blocked_key or "").partition(":")[0]
        if kind in ("map", "ref"):
            return (self.env._("Choose the counterpart once; everything that waits for it goes by itself."),
                    self.env._("Yours: map it, then it goes by itself"), "map")
        done = self.env._("It goes by itself when that is done.")
        answers = {
            "in": (self.env._("It goes by itself when the change of QuickBooks has been dealt with."),
                   self.env._("Nobody's: it goes after the change of QuickBooks")),
            "posted": (done, self.env._("Yours: post or cancel the draft, then it goes by itself")),
            "paid": (done, self.env._("Yours: register the payment, then it goes by itself")),
            "set": (done, self.env._("Yours, or an administrator's: one of both, then it goes by itself")),
            "receivable": (self.env._("It goes by itself when QuickBooks has that account."),
                           self.env._("Nobody's: it goes after the first invoice in that currency")),
        }
        return (*answers.get(kind, (self.env._("It goes by itself when the other record has crossed."),
                                    self.env._("Nobody's: it goes when the other record has crossed"))), "wait")

    def _next_step(self):
        if self.state == "blocked":
            return self._waiting()[1]
        if self.state == "conflict":
            return self.env._("Yours: decide which side is right")
        if self.state == "failed":
            return self.env._("Yours: mend it, then retry")
        if self.state == "pending" and self.next_try and self.next_try > fields.Datetime.now():
            return self.env._(
                "Nobody's: tried again at %(time)s",
                time=fields.Datetime.context_timestamp(self, self.next_try).strftime("%H:%M"),
            )
        return False

    @api.depends("entity", "amount", "amount_before", "operation")
    def _compute_ar_effect(self):
        for job in self:
            sign = 1 if job.entity in ENTRY_ENTITIES else {"Invoice": 1, "CreditMemo": -1, "Payment": -1}.get(
                job.entity, 0)
            after = job.amount if job.operation == "sync" else 0
            job.ar_effect = sign * (after - (job.amount_before or job.amount - after))

    @api.depends("payload_hash", "state")
    def _compute_is_held(self):
        for job in self:
            job.is_held = job.state == "approval" and "+" in (job.payload_hash or "")

    @api.depends("model", "res_id")
    def _compute_has_record(self):
        for job in self:
            job.has_record = bool(job.model and job.res_id) or bool(job._odoo_record())

    def _odoo_record(self):
        """Return the Odoo record of this job, also the linked one of an arrival; empty when there is none."""
        self.ensure_one()
        if self.model and self.res_id:
            return self.env[self.model].browse(self.res_id).exists()
        binding = self.qbo_id and self.env["qbo.binding"].sudo()._by_qbo_id(
            self.backend_id, self.entity, [self.qbo_id]).get(self.qbo_id)
        return self.env[binding.model].browse(binding.res_id).exists() if binding else self.env["qbo.job"]

    @api.depends("dispute", "state")
    def _compute_has_dispute(self):
        for job in self:
            job.has_dispute = job.state == "conflict" and bool(job.dispute)

    @api.depends("payload")
    def _compute_payload_text(self):
        for job in self:
            job.payload_text = bool(job.payload) and json.dumps(job.payload, indent=2, ensure_ascii=False, default=str)

    def _step_text(self):
        """Return what happened with this job, in one line: '22 Nov 10:02 sent to QuickBooks, approved by Tom'."""
        self.ensure_one()
        out = self.direction == "out"
        text = {
            "approval": self.env._("waits for approval"),
            "pending": self.env._("on its way to QuickBooks") if out else self.env._("on its way from QuickBooks"),
            "sending": self.env._("being sent"),
            "done": self.env._("sent to QuickBooks") if out else self.env._("came from QuickBooks"),
            "warning": (
                self.env._("sent to QuickBooks, please look")
                if out
                else self.env._("came from QuickBooks, please look")
            ),
            "failed": self.env._("failed"),
            "blocked": self.env._("waits for something else"),
            "conflict": self.env._("both sides changed"),
            "skipped": self.env._("skipped"),
        }.get(self.state, self.state)
        parts = [format_datetime(self.env, self.done_at or self.write_date, dt_format="short"), text]
        if self.approved_by_id:
            parts.append(self.env._("approved by %(user)s", user=self.approved_by_id.name))
        line = f"{parts[0]} {', '.join(parts[1:])}"
        return f"{line}: {self.error}" if self.error else line

    # === BUTTONS === #

    def action_retry(self):
        """Try these again now."""
        self._retry()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_odoo_is_right(self):
        """Decide a conflict: what Odoo says goes to QuickBooks."""
        self._resolve("odoo")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_qbo_is_right(self):
        """Decide a conflict: what QuickBooks says comes here."""
        self._resolve("qbo")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_credit_note(self):
        """Open the dialog of a credit note for the invoice: it leaves the document and its period alone.

        :raise UserError: when there is no posted invoice
        """
        self.ensure_one()
        record = self._odoo_record()
        if not record or record._name != "account.move" or record.state != "posted":
            raise UserError(self.env._("There is no posted invoice that a credit note could be made for."))
        return record.action_qbo_credit_note()

    def action_book_difference(self):
        """Book what a record that is locked in Odoo cannot take, as a note or entry in the open period."""
        self._book_difference()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_decide_fields(self):
        """Open the dialog that shows base, Odoo and QuickBooks side by side, with a choice for each field."""
        self.ensure_one()
        return self.env["qbo.conflict.wizard"]._action_for(self)

    def action_open_retry_wizard(self):
        """Open the dialog in which causes are read, and jobs retried or skipped: for the chosen rows, else for all."""
        jobs = (
            self.filtered(lambda job: job.state in PROBLEM_JOB_STATES)
            if self
            else self.search(PROBLEM_DOMAIN)
        )
        if not jobs:
            raise UserError(self.env._("There is no problem left."))
        return self.env["qbo.retry.wizard"]._action_for(jobs)

    def action_open_approval_wizard(self):
        """Open the approval dialog: with the chosen rows, else with all that wait."""
        jobs = self.filtered(lambda job: job.state == "approval") if self else self.search([("state", "=", "approval")])
        if not jobs:
            raise UserError(self.env._("Nothing waits for approval any more."))
        if len(jobs.backend_id) > 1:
            raise UserError(self.env._("These belong to several connections. Choose rows of one of them."))
        return (
            self.env["qbo.sync.wizard"]
            .create({"backend_id": jobs.backend_id.id, "job_ids": [Command.set(jobs.ids)] if self else []})
            ._action_open()
        )

    def action_fix(self):
        """Open the place where the cause is mended."""
        self.ensure_one()
        mapping_action = self.env["qbo.mapping"]._action_for_key(self.backend_id, self.blocked_key)
        if mapping_action:
            return mapping_action
        if self.fix == "reconnect":
            return self.backend_id.get_formview_action()
        if self.fix == "map":
            return self.env["qbo.mapping"]._action_of_connection(self.backend_id)
        if self.has_dispute:
            return self.action_decide_fields()
        if self.fix == "merge":
            return self._action_merge()
        if self.fix == "credit_note" and self.entity == "Invoice":
            return self.action_credit_note()
        if self.fix in ("link", "rename") and self.has_record:
            return self.action_mend_link()
        if self.has_record:
            return self.action_open_record()
        return self.action_open_retry_wizard()

    def _action_merge(self):
        """Open what merges two that are one on the other side: QuickBooks' page, or Odoo's dialog for contacts.

        :raise UserError: when the user may not merge contacts
        """
        binding = self._bindings()[:1]
        if self.error_code == "merged_here" or binding.model != "res.partner":
            return self.action_open_qbo() if self.has_qbo_page else self.action_open_record()
        if not self.env.user.has_group("base.group_partner_manager"):
            raise UserError(self.env._(
                "Merging contacts needs the right to create contacts. Ask somebody who has it, or skip this."))
        holder = binding._by_qbo_id(binding.backend_id, binding.entity, [binding.qbo_id])[binding.qbo_id]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge contacts"),
            "res_model": "base.partner.merge.automatic.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"active_model": "res.partner", "active_ids": [holder.res_id, binding.res_id],
                        "dialog_size": "extra-large"},
        }

    def action_mend_link(self):
        """Open the dialog that clears or changes the link of the Odoo record, or of the one that is waited for."""
        self.ensure_one()
        if self.error_code == ENTRY_GONE and self.blocked_key:
            _kind, entity, model, res_id, role = self.blocked_key.split(":", 4)
            return self.env["qbo.relink.wizard"]._action_for(
                self.env[model].browse(int(res_id)), backend=self.backend_id, place=(entity, role))
        if not self.has_record:
            raise UserError(self.env._("There is no Odoo record: it was deleted, or it did not arrive yet."))
        return self.env["qbo.relink.wizard"]._action_for(self._odoo_record(), job=self)

    def action_open_record(self):
        """Open the Odoo record."""
        self.ensure_one()
        record = self._odoo_record()
        if not record:
            raise UserError(self.env._("There is no Odoo record: it was deleted, or it did not arrive yet."))
        return record.get_formview_action()

    def _compute_has_qbo_page(self):
        for job in self:
            job.has_qbo_page = bool(job.qbo_id or job._linked_qbo_id())

    def action_open_qbo(self):
        """Open the page in QuickBooks."""
        self.ensure_one()
        url = self.backend_id.sudo()._qbo_page_url(self.entity, self.qbo_id or self._linked_qbo_id())
        if not url:
            raise UserError(self.env._("This record is not in QuickBooks yet."))
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def _linked_qbo_id(self):
        binding = self.env["qbo.binding"].sudo()._by_record(self.backend_id, self.entity, self.model, [self.res_id])
        return binding[self.res_id, self.role].qbo_id if (self.res_id, self.role) in binding else ""
