"""This Odoo record is that QuickBooks object."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .const import ENTITY_SEQUENCE, OPEN_JOB_STATES, STATUSES, SYNCED_ENTITIES

# What a link says while one of its jobs is open.
UNSETTLED = ("syncing", "approval", "failed", "conflict")


class QboBinding(models.Model):
    """Link of an Odoo record with a QuickBooks object, and what both said when they last agreed.

    ``(model, res_id)`` has no foreign key: deleting a document must not wait for, nor delete, its link. The *role* is
    empty in the common case; else a currency (a customer of QuickBooks has one currency for ever), ``document`` /
    ``settlement`` (a sales receipt is an invoice and its payment), or ``part:<partner id>`` (an entry over several
    customers is several payments). Records that were merged on one side only have roles of their own, see
    :mod:`.merged_role`.
    """

    _name = "qbo.binding"
    _description = "QuickBooks Link"
    _rec_name = "qbo_id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    entity = fields.Selection(SYNCED_ENTITIES, required=True)
    model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="model", required=True)
    role = fields.Char(required=True, default="")
    qbo_id = fields.Char("QuickBooks ID")
    sync_token = fields.Char()
    status = fields.Selection(STATUSES, required=True, default="not_synced")
    base = fields.Json(
        groups="qbo_sync.group_admin",
        help="What Odoo and QuickBooks each said when they last agreed (neutral forms).")
    excluded = fields.Boolean(help="A person keeps this record out of the sync.")
    skipped = fields.Boolean(help="A person said that this record crosses no more until it changes.")
    skipped_hash = fields.Char(help="Content that was skipped: other content is looked at again.")
    missing = fields.Boolean(help="The object was deleted in QuickBooks.")
    error = fields.Text(help="What hinders this record now, in words.")
    note = fields.Text(help="A difference that was accepted, in words (a total or tax that came back different).")
    not_here = fields.Char(help="What a payment settles in QuickBooks and was not in Odoo: kind and id of each.")
    synced_at = fields.Datetime()
    imported = fields.Boolean(help="The record came from QuickBooks.")
    alias = fields.Char(help="Name under which the record goes to QuickBooks, when its own name is taken there.")
    rounding = fields.Float(
        "Rounding line", digits=(12, 2),
        help="Amount of the line that makes QuickBooks' total that of Odoo, in the document's currency.")
    history = fields.Text(
        "Repairs", readonly=True, help="Who changed this link by hand, when, why, and what it was before.")
    qbo_total = fields.Char(help="Total, tax and open balance as QuickBooks last told them, for display.")

    _qbo_uniq = models.UniqueIndex(
        "(backend_id, entity, qbo_id, role) WHERE qbo_id IS NOT NULL",
        "This QuickBooks object is already linked to another Odoo record.")
    _record_uniq = models.UniqueIndex(
        "(backend_id, entity, model, res_id, role)",
        "This Odoo record is already linked to another QuickBooks object.")
    _record_idx = models.Index("(model, res_id, backend_id) INCLUDE (status, qbo_id)")
    _not_here_idx = models.Index("(backend_id) WHERE not_here IS NOT NULL")

    @api.model
    def _by_qbo_id(self, backend, entity, qbo_ids):
        """Return {qbo_id: binding} of the given objects (several roles: the first wins, document before settlement)."""
        found = self.search([("backend_id", "=", backend.id), ("entity", "=", entity), ("qbo_id", "in", list(qbo_ids))],
                            order="role desc, id")
        return {binding.qbo_id: binding for binding in found}

    @api.model
    def _by_record(self, backend, entity, model, ids):
        """Return {(res_id, role): binding} of the given records."""
        found = self.search([("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", model),
                             ("res_id", "in", list(ids))])
        return {(binding.res_id, binding.role): binding for binding in found}

    def _record(self):
        """Return the Odoo record (an empty recordset when it was deleted)."""
        self.ensure_one()
        return self.env[self.model].browse(self.res_id).exists()

    # === REPAIRS BY A PERSON === #

    def _check_approver(self):
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_approver"):
            raise AccessError(self.env._("Only approvers of QuickBooks may change a link."))
        self.check_access("read")

    def _note_repair(self, text, reason):
        """Keep what was done in the history of the link; the old id stays readable there."""
        line = f"{fields.Datetime.now()} {self.env.user.name}: {text} ({reason or '-'})"
        self.sudo().history = f"{self.history}\n{line}" if self.history else line

    def _clear_id(self, reason):
        """Forget the QuickBooks object of this record; the next sync looks for a twin, or creates it anew."""
        self._check_approver()
        self._note_repair(self.env._("cleared ID %(id)s", id=self.qbo_id), reason)
        self.sudo().write({"qbo_id": False, "sync_token": False, "base": False, "missing": False, "skipped": False,
                           "status": "not_synced", "error": False, "note": False, "not_here": False})
        self._open_jobs()._cancel()
        self.env["qbo.change"]._mark(self.model, [self.res_id])

    def _relink(self, qbo_id, reason):
        """Say that this record is another QuickBooks object; the next sync compares both, and the rules decide."""
        self._check_approver()
        holder = self.sudo()._by_qbo_id(self.backend_id, self.entity, [qbo_id]).get(qbo_id)
        if holder and holder != self.sudo():
            raise UserError(self.env._("QuickBooks ID %(id)s is linked to %(record)s already.",
                                       id=qbo_id, record=holder._record().display_name))
        repair = self.env._("linked to ID %(id)s instead of %(old)s", id=qbo_id, old=self.qbo_id or "-")
        self._note_repair(repair, reason)
        self._open_jobs()._cancel()
        self.sudo().write({"qbo_id": qbo_id, "sync_token": False, "base": False, "missing": False, "skipped": False,
                           "status": "syncing", "error": False, "note": False, "not_here": False})
        self._look_again()

    def _look_again(self):
        """Queue a comparison of both sides."""
        binding = self.sudo()
        open_job = self.env["qbo.job"].sudo().search([
            ("backend_id", "=", binding.backend_id.id), ("direction", "=", "in"), ("entity", "=", binding.entity),
            ("qbo_id", "=", binding.qbo_id), ("state", "in", OPEN_JOB_STATES)], limit=1)
        record = binding._record()
        if not open_job:
            self.env["qbo.job"].sudo().create({
                "backend_id": binding.backend_id.id, "company_id": binding.company_id.id, "direction": "in",
                "entity": binding.entity, "qbo_id": binding.qbo_id, "sequence": ENTITY_SEQUENCE[binding.entity],
                "name": record.display_name, "model": binding.model, "res_id": binding.res_id})
        elif open_job.state == "failed":
            # It asked for just this link.
            open_job._retry()
        binding.backend_id._wake()

    def _settle_without_sync(self, reason):
        """Close the open problems of this record as settled elsewhere; it comes back only when it changes."""
        self._check_approver()
        jobs = self._open_jobs()
        self._note_repair(self.env._("settled without sync"), reason)
        hashes = [job.payload_hash for job in jobs if job.payload_hash]
        jobs._finish("skipped", error=self.env._("Settled without sync by %(user)s: %(reason)s",
                                                 user=self.env.user.name, reason=reason or "-"))
        self.sudo().write({"status": "skipped", "skipped": True, "skipped_hash": hashes[0] if hashes else False,
                           "error": False,
                           "note": self.env._("Settled without sync: %(reason)s", reason=reason or "-")})

    def _open_jobs_out(self):
        """Return the open jobs that would tell QuickBooks about these records, in their roles."""
        jobs = self.env["qbo.job"].sudo()
        for binding in self.sudo():
            jobs |= jobs.search([
                ("backend_id", "=", binding.backend_id.id), ("entity", "=", binding.entity),
                ("direction", "=", "out"), ("model", "=", binding.model), ("res_id", "=", binding.res_id),
                ("role", "=", binding.role), ("state", "in", OPEN_JOB_STATES)])
        return jobs

    def _left_alone(self):
        """Nothing is to be sent: no link is needed without an object, and a link does not tell what is past."""
        for binding in self:
            if not binding.qbo_id and not binding.excluded:
                binding.unlink()
            elif binding.qbo_id and binding.status in UNSETTLED and not binding._open_jobs():
                binding.write({"status": "synced", "error": False})

    def _open_jobs(self):
        """Return the open jobs about this record, in both directions."""
        binding = self.sudo()
        domain = [("backend_id", "=", binding.backend_id.id), ("entity", "=", binding.entity),
                  ("state", "in", OPEN_JOB_STATES)]
        out = [("direction", "=", "out"), ("model", "=", binding.model), ("res_id", "=", binding.res_id),
               ("role", "=", binding.role)]
        jobs = self.env["qbo.job"].sudo().search([*domain, *out])
        if binding.qbo_id:
            jobs |= self.env["qbo.job"].sudo().search([
                *domain, ("direction", "=", "in"), ("qbo_id", "=", binding.qbo_id)])
        return jobs
