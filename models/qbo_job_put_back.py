"""The button that puts a waiting change back on the side that made it."""

from odoo import fields, models
from odoo.exceptions import UserError

from .const import ENTITY_SEQUENCE, ENTRY_ENTITIES, MADE_AGAIN, PUT_ODOO, PUT_QBO
from .sync.locked import DIFFERENCE

POSTED_AGAIN = MADE_AGAIN | {
    ("SalesReceipt", "account.move"), ("RefundReceipt", "account.move"), ("Payment", "qbo.application"),
    ("Purchase", "account.payment"), ("JournalEntry", "account.move")}
"""What is posted again here after a cancellation that QuickBooks did not follow yet."""


class QboJob(models.Model):
    _inherit = "qbo.job"

    can_put_back = fields.Boolean(
        compute="_compute_can_put_back",
        help="The side that made the change can take the other side's version again.")

    def _compute_can_put_back(self):
        for job in self:
            job.can_put_back = bool(job._put_back_binding())

    def _put_back_binding(self):
        """Return the link of what may be put back; empty when it may not: new, or the rule says no."""
        links = self.env["qbo.binding"].sudo()
        if self.state not in ("approval", "failed") or self.error_code == "missing":
            return links
        gone = self.operation != "sync"
        if self.direction == "in":
            link = links._by_qbo_id(self.backend_id, self.entity, [self.qbo_id]).get(self.qbo_id, links)
            other, sends = "out", self.entity not in ENTRY_ENTITIES or not link.imported
        else:
            link = links._by_record(self.backend_id, self.entity, self.model, [self.res_id]).get(
                (self.res_id, self.role), links)
            other, sends = "in", gone or self.entity not in ENTRY_ENTITIES
        known = link.qbo_id and link.base and not link.missing and (
            link._record() and (not gone or self._is_alone(link)) if self.direction == "in" or not gone
            else self._comes_again(link))
        return link if known and sends and self.backend_id.sudo()._policy(self.entity)._allows(other) else links

    def _comes_again(self, link):
        """Tell whether what was cancelled or deleted in Odoo can be posted again, or made again from QuickBooks."""
        place, role = (self.entity, self.model), link.role
        if not link._record():
            return place in MADE_AGAIN and not role and self._is_alone(link)
        noted = link.search_count([("backend_id", "=", link.backend_id.id), ("entity", "=", link.entity),
                                   ("qbo_id", "=", link.qbo_id), ("role", "=like", f"{DIFFERENCE}%")], limit=1)
        # An imported entry never goes out; what a payment writes off is no record of its own.
        return place in POSTED_AGAIN and not noted and (
            self.entity not in ENTRY_ENTITIES or not link.imported)

    def _is_alone(self, link):
        """Tell whether one record is all of a deleted object: no receipt with its money, no notes of a difference."""
        return link.search_count([("backend_id", "=", link.backend_id.id), ("entity", "=", link.entity),
                                  ("qbo_id", "=", link.qbo_id)]) == 1

    def action_put_back(self):
        """Put back the side that made the change: it gets what the other side says.

        :raise UserError: when that is not possible
        """
        for job in self:
            job._put_back()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _put_back(self):
        self.ensure_one()
        self._check_approver()
        link, job = self._put_back_binding(), self.sudo()
        if not link:
            raise UserError(self.env._("%(name)s cannot be put back any more.", name=self.name or self.entity))
        if job.direction == "in" and job.operation == "delete":
            job._create_again(link)
            return
        record, done = link._record(), self.env._("Put back by %(user)s", user=self.env.user.name)
        if job.operation != "sync":
            done = job._posted_again_text(link, record)
        values = {"state": "pending", "error": False, "error_code": False, "error_detail": False, "next_try": False,
                  "approved_by_id": self.env.user.id, "approved_at": fields.Datetime.now()}
        if job.direction == "in":
            job.write({**values, "resolution": PUT_QBO})
        else:
            job._finish("cancelled", error=done)
            job = job._arrival_of(link, {
                **values, "resolution": PUT_ODOO, "name": job.name, "partner_name": job.partner_name,
                **({"model": job.model, "res_id": job.res_id} if record else {})})
        job._set_status("syncing", False)
        job.backend_id._wake()

    def _arrival_of(self, link, values):
        """Return the job that reads an object of QuickBooks anew: the one that failed, or a new one."""
        jobs = link._open_jobs().filtered(lambda job: job.direction == "in")[:1]
        if jobs:
            jobs.write({**values, "operation": "sync", "payload": False, "payload_hash": False})
            return jobs
        return self.create({
            **values, "backend_id": self.backend_id.id, "company_id": self.company_id.id, "direction": "in",
            "entity": self.entity, "qbo_id": link.qbo_id, "sequence": ENTITY_SEQUENCE[self.entity]})

    def _posted_again_text(self, link, record):
        """Return what the history says of a cancellation that is put back.

        :raise UserError: when Odoo's own lock keeps it from being posted again
        """
        why = self.env["qbo.sync.put.back"].sudo()._locked(link)
        if why:
            raise UserError(why)
        if record:
            return self.env._(
                "Put back by %(user)s: it is posted again as QuickBooks has it", user=self.env.user.name)
        return self.env._("Put back by %(user)s: it is made again from QuickBooks", user=self.env.user.name)

    def _resolve(self, side):
        """Decide conflicts; where Odoo is right about what QuickBooks deleted, it is sent as new."""
        self._check_approver()
        again = self.browse()
        for job in self.filtered(lambda job: side == "odoo" and job.state == "conflict" and job.operation == "delete"):
            link = self.env["qbo.binding"].sudo()._by_qbo_id(job.backend_id, job.entity, [job.qbo_id]).get(job.qbo_id)
            if link:
                job.sudo()._create_again(link)
                again |= job
        return super(QboJob, self - again)._resolve(side)

    def _create_again(self, link):
        """What was deleted in QuickBooks is sent as new; in a filed period, or by the rule, that is approved as any."""
        done = self.env._("Put back by %(user)s: it is created again", user=self.env.user.name)
        self._finish("cancelled", error=done)
        link.sudo(False)._clear_id(self.env._("It was deleted in QuickBooks and is put back."))
        self.backend_id._wake()
