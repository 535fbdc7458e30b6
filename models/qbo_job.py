"""One piece of work, and its history."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .const import (
    DIRECTIONS,
    ENTITIES,
    IMPLIED,
    JOB_STATES,
    LOCKED_CODES,
    OPEN_JOB_STATES,
    OPERATIONS,
    PROBLEM_JOB_STATES,
    PUT_ODOO,
    PUT_QBO,
    REST,
    SYNCED_ENTITIES,
)
from .merged_role import MERGED


class QboJob(models.Model):
    """A record or a payload on its way, from the moment it was noticed until it is settled.

    What is ``sending`` is frozen: request id and payload were committed before they were sent, and a resend repeats
    them. A change that arrives meanwhile makes a second, pending job, which is why the unique indexes leave ``sending``
    out.
    """

    _name = "qbo.job"
    _description = "QuickBooks Job"
    _order = "sequence, id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    run_id = fields.Many2one("qbo.run", "Last run", index=True, ondelete="set null")
    direction = fields.Selection(DIRECTIONS, required=True)
    entity = fields.Selection(ENTITIES, required=True)
    operation = fields.Selection(OPERATIONS, required=True, default="sync")
    sequence = fields.Integer(required=True, default=0, help="Order in which entities must cross.")
    model = fields.Char(required=True, default="")
    res_id = fields.Many2oneReference(model_field="model", required=True, default=0, string="Odoo record")
    role = fields.Char(required=True, default="")
    qbo_id = fields.Char("QuickBooks ID", required=True, default="")
    state = fields.Selection(JOB_STATES, required=True, default="pending")

    # === WHAT A PERSON SEES === #
    name = fields.Char(help="What this is, in words: 'Invoice INV/2026/00043'.")
    partner_name = fields.Char("Customer")
    amount = fields.Monetary(currency_field="currency_id")
    amount_before = fields.Monetary(
        currency_field="currency_id",
        help="What both sides agreed on last; a change moves the receivables by the rest.")
    currency_id = fields.Many2one("res.currency")
    document_date = fields.Date("Date")
    difference = fields.Text(help="Old -> new, one field a line; of a new record, what it says.")
    error_code = fields.Char()
    error = fields.Text("Problem")
    error_detail = fields.Text("QuickBooks' own text")
    blocked_key = fields.Char(index="btree_not_null", help="What must happen first; that event releases the job.")

    # === WHAT THE WORKER NEEDS === #
    payload = fields.Json(
        groups="qbo_sync.group_admin", help="Out: the frozen request. In: the object as QuickBooks sent it.")
    payload_hash = fields.Char()
    approved_hash = fields.Char(help="Content that a person approved; other content asks again.")
    approved_by_id = fields.Many2one("res.users", "Approved by")
    approved_at = fields.Datetime("Approved")
    request_id = fields.Char(help="Idempotency key of the batch or request that carries the frozen payload.")
    batch_item = fields.Char(help="Key of this job inside its batch.")
    attempts = fields.Integer()
    next_try = fields.Datetime("Next try")
    lease_until = fields.Datetime()
    worker = fields.Char()
    done_at = fields.Datetime("Ended")
    resolution = fields.Selection(
        [("odoo", "Odoo is right"), ("qbo", "QuickBooks is right"), ("note", "Book the difference"),
         (PUT_QBO, "Put QuickBooks back"), (PUT_ODOO, "Put Odoo back"), (REST, "The rest of what it settles")],
        help="What a person decided about a conflict, or about a record that is locked in Odoo.")
    dispute = fields.Json(help="What both sides changed, one row for what is decided together.")
    choices = fields.Json(help="What a person decided about a conflict, field by field.")
    kept_by_id = fields.Many2one("res.users", "Kept by", help="Who left it unticked in the approval.")
    kept_at = fields.Datetime("Kept")

    _open_out_uniq = models.UniqueIndex(
        "(backend_id, direction, entity, model, res_id, role) WHERE direction = 'out'"
        " AND state IN ('approval', 'pending', 'failed', 'blocked', 'conflict')")
    _open_in_uniq = models.UniqueIndex(
        "(backend_id, entity, qbo_id) WHERE direction = 'in'"
        " AND state IN ('approval', 'pending', 'failed', 'blocked', 'conflict')")
    _claim_idx = models.Index(
        "(backend_id, direction, sequence, id) WHERE state IN ('pending', 'sending')")
    _state_idx = models.Index("(backend_id, state) WHERE state IN ('approval', 'failed', 'blocked', 'conflict')")
    _record_idx = models.Index("(model, res_id)")

    # === WHERE A JOB GOES NEXT (called by the worker) === #

    def _finish(self, state, **values):
        """Close the job; what waited for a change of QuickBooks that is not taken over goes on."""
        self.write({"state": state, "done_at": fields.Datetime.now(), "lease_until": False, "worker": False,
                    "blocked_key": False, **values})
        if state in ("skipped", "cancelled"):
            for job in self.filtered(lambda job: job.direction == "in"):
                self._release(job.backend_id, [f"{kind}:{job.entity}:{job.qbo_id}" for kind in (
                    ("in", "qbo") if state == "skipped" else ("in",))])

    def _reopen(self, state, **values):
        """Put claimed jobs back among the open ones; where a newer open job exists meanwhile, that one goes on."""
        for job in self:
            if job._has_open_twin():
                job._finish("cancelled")
            else:
                job.write({"state": state, "lease_until": False, "worker": False, "blocked_key": False, **values})

    def _has_open_twin(self):
        if self.state in OPEN_JOB_STATES:
            return False
        domain = [("id", "!=", self.id), ("backend_id", "=", self.backend_id.id), ("direction", "=", self.direction),
                  ("entity", "=", self.entity), ("state", "in", OPEN_JOB_STATES)]
        if self.direction == "in":
            domain += [("qbo_id", "=", self.qbo_id)]
        else:
            domain += [("model", "=", self.model), ("res_id", "=", self.res_id), ("role", "=", self.role)]
        return bool(self.search_count(domain, limit=1))

    def _fail(self, code, text, *, detail=False, session=None, status="failed", origin="odoo"):
        """A person must act: the sentence stands under Problems and on the record."""
        self.ensure_one()
        self._reopen("conflict" if status == "conflict" else "failed",
                     error_code=code, error=text, error_detail=detail, attempts=self.attempts)
        self._set_status(status, text)
        if session is not None:
            session.counts["failed"] += 1
            session.say("error", f"{self.name or self.entity}: {text}", origin=origin, direction=self.direction,
                        entity=self.entity, job=self, model=self.model or False, res_id=self.res_id or False)

    def _block(self, key, text):
        """Wait until the event ``key`` releases the job."""
        self._reopen("blocked", error=text, error_code="waits")
        self.filtered(lambda job: job.state == "blocked").write({"blocked_key": key})
        if key.startswith("in:"):
            # The change of QuickBooks that is waited for has said on the record what it needs.
            return
        for job in self:
            job._set_status("failed" if key.startswith("map:") else "syncing", text)

    def _ask(self, difference, digest):
        """Wait for a person's approval of exactly this content."""
        self._reopen("approval", difference=difference, payload_hash=digest, error=False, error_code=False)
        self._set_status("approval", False)

    def _may_cross(self, digest, policy):
        """Tell whether content may cross now: the rule is automatic, or a person approved exactly this content."""
        rule = policy.approve_out if self.direction == "out" else policy.approve_in
        # Behind the hash stand the reasons that a person knew, see qbo.sync.guard.
        return rule == "auto" or (self.approved_hash or "").split("+")[0] in (digest, IMPLIED)

    @api.model
    def _release(self, backend, keys):
        """Let the jobs go that waited for one of ``keys`` (a mapping, a link)."""
        keys = [key for key in keys if key]
        if not keys:
            return self.browse()
        # What failed may have such a key too: a person must act first, at another record.
        jobs = self.sudo().search([
            ("backend_id", "=", backend.id), ("state", "in", ("blocked", "failed")), ("blocked_key", "in", keys)])
        jobs.write({"state": "pending", "blocked_key": False, "error": False, "error_code": False})
        return jobs

    # === STATUS ON THE RECORD === #

    def _bindings(self):
        """Return the link rows of these jobs, if there are any."""
        rows = self.env["qbo.binding"].sudo()
        for job in self:
            domain = [("backend_id", "=", job.backend_id.id), ("entity", "=", job.entity)]
            if job.direction == "out":
                domain += [("model", "=", job.model), ("res_id", "=", job.res_id), ("role", "=", job.role)]
            else:
                # A record that was merged into another says nothing of its own.
                domain += [("qbo_id", "=", job.qbo_id), ("role", "not =like", f"{MERGED}%")]
            rows |= rows.search(domain)
        return rows

    def _set_status(self, status, error):
        """Show a status on the record; an outbound record without a link gets its row now."""
        self.ensure_one()
        rows = self._bindings()
        if not rows and self.direction == "out" and self.entity in dict(SYNCED_ENTITIES):
            rows = self.env["qbo.binding"].sudo().create({
                "backend_id": self.backend_id.id, "company_id": self.company_id.id, "entity": self.entity,
                "model": self.model, "res_id": self.res_id, "role": self.role})
        rows.filtered(lambda row: not row.excluded).write({"status": status, "error": error})

    # === WHAT A PERSON DECIDES === #

    def _check_approver(self):
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_approver"):
            raise AccessError(self.env._("Only approvers of QuickBooks may decide this."))
        self.check_access("read")

    def _approve(self, hash_by_id=None):
        """Approve what was seen; return the jobs whose content changed since (they stay).

        :param dict hash_by_id: job id -> content hash at the time of looking; None approves the present content
        """
        self._check_approver()
        waiting = self.sudo().filtered(lambda job: job.state == "approval")
        changed = waiting.filtered(
            lambda job: hash_by_id is not None and hash_by_id.get(job.id, False) != job.payload_hash)
        now = fields.Datetime.now()
        for job in waiting - changed:
            job.write({"state": "pending", "approved_hash": job.payload_hash, "approved_by_id": self.env.user.id,
                       "approved_at": now, "kept_by_id": False, "kept_at": False})
            job._set_status("syncing", False)
        return changed.sudo(False)

    def _keep(self):
        """Leave the jobs waiting, and remember who left them."""
        self._check_approver()
        self.sudo().write({"kept_by_id": self.env.user.id, "kept_at": fields.Datetime.now()})

    def _clear(self):
        """Take the jobs off the list until their content changes."""
        self._check_approver()
        self.sudo()._drop(self.env._("Cleared by %(user)s", user=self.env.user.name))

    def _skip(self, reason):
        """A person says that this is not to cross; it comes back when it changes."""
        self._check_approver()
        self.sudo()._drop(self.env._("Skipped by %(user)s: %(reason)s", user=self.env.user.name, reason=reason or "-"))

    def _drop(self, text):
        for job in self.filtered(lambda job: job.state in OPEN_JOB_STATES):
            job._set_status("skipped", text)
            job._bindings().write({"skipped": True, "skipped_hash": job.payload_hash})
            job._finish("skipped", error=text)

    def _retry(self):
        """Try failed, blocked and conflicting jobs again, reading the records afresh."""
        self._check_approver()
        jobs = self.sudo().filtered(lambda job: job.state in PROBLEM_JOB_STATES)
        jobs._again()
        jobs.backend_id._wake()

    def _again(self):
        """Forget what was wrong; the next turn of the sync reads these records afresh."""
        self.write({"state": "pending", "next_try": False, "blocked_key": False, "error": False, "error_code": False,
                    "error_detail": False, "attempts": 0})
        for job in self:
            job._set_status("syncing", False)

    def _resolve(self, side):
        """Decide a conflict: ``side`` ('odoo' or 'qbo') is right in every field that both changed."""
        self._check_approver()
        jobs = self.sudo().filtered(lambda job: job.state == "conflict")
        jobs._decided({"resolution": side, "choices": False})

    def _resolve_fields(self, choices):
        """Decide a conflict field by field.

        :param dict choices: side ('odoo' or 'qbo') by the name of a field of the neutral form
        """
        self._check_approver()
        self.sudo().filtered(lambda job: job.state == "conflict")._decided({"choices": choices, "resolution": False})

    def _decided(self, values):
        """Let jobs go on with what a person decided, and remember who did."""
        self.write({
            **values, "state": "pending", "error": False, "error_code": False, "approved_by_id": self.env.user.id,
            "approved_at": fields.Datetime.now()})
        for job in self:
            job._set_status("syncing", False)
        self.backend_id._wake()

    def _book_difference(self):
        """Decide that what a locked record cannot take is booked beside it, in the open period."""
        self._check_approver()
        jobs = self.sudo().filtered(lambda job: job.state == "failed" and job.error_code in LOCKED_CODES)
        jobs.write({"resolution": "note", "state": "pending", "error": False, "error_code": False})
        for job in jobs:
            job._set_status("syncing", False)
        jobs.backend_id._wake()

    def _cancel(self):
        """Close open jobs that something newer replaces."""
        self.filtered(lambda job: job.state in OPEN_JOB_STATES)._finish("cancelled")
