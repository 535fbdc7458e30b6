"""What becomes of links when the Odoo records that hold them become one."""

from odoo import api, models

from .const import OPEN_JOB_STATES
from .merged_role import object_role, rank


class QboBinding(models.Model):
    _inherit = "qbo.binding"

    @api.model
    def _follow_record(self, model, lost_ids, kept_id):
        """Give the links of records that were merged away to the survivor, and close what waits about them.

        Where the survivor is linked in the same place already, the other QuickBooks object becomes a further link of
        its (see :mod:`.merged_role`): documents keep it, and a person is asked what to do with it.
        """
        links = self.search([("model", "=", model), ("res_id", "in", [*lost_ids, kept_id])], order="id")
        held = links.filtered(lambda link: link.res_id == kept_id)
        for link in (links - held).sorted(lambda link: (rank(link.role), link.id)):
            held = (held | link._hand_over(kept_id, held)).exists()
        self.env["qbo.job"]._record_merged(model, lost_ids)

    def _hand_over(self, kept_id, held):
        """Move one link to the survivor, who holds ``held``; return it, or nothing when it is needed no more."""
        near = held.filtered(lambda other: (other.backend_id, other.entity) == (self.backend_id, self.entity))
        twin = near.filtered(lambda other: other.qbo_id and other.qbo_id == self.qbo_id)
        if not self.qbo_id or (twin and rank(self.role) >= rank(twin.role)):
            self.unlink()
            return self.browse()
        twin._open_jobs_out()._cancel()
        twin.unlink()
        place = (near - twin).filtered(lambda other: other.role == self.role)
        if place and not place.qbo_id and not place.excluded:
            place.unlink()
            place = place.browse()
        role = object_role(self.role, self.qbo_id) if place else self.role
        # What is on its way finds its link by record and role when its answer comes.
        self.env["qbo.job"].search([
            ("backend_id", "=", self.backend_id.id), ("direction", "=", "out"), ("entity", "=", self.entity),
            ("model", "=", self.model), ("res_id", "=", self.res_id), ("role", "=", self.role),
            ("state", "=", "sending")]).write({"res_id": kept_id, "role": role})
        self.write({"res_id": kept_id, "role": role})
        return self


class QboJob(models.Model):
    _inherit = "qbo.job"

    @api.model
    def _record_merged(self, model, ids):
        """Close the open jobs of records that were merged away, and let go what waits for them: it is judged anew."""
        open_jobs = self.search([
            ("direction", "=", "out"), ("model", "=", model), ("res_id", "in", list(ids)),
            ("state", "in", OPEN_JOB_STATES)])
        open_jobs._cancel()
        for res_id in ids:
            waiting = self.search([
                ("state", "=", "blocked"), ("blocked_key", "=like", f"rec:%:{model}:{res_id}:%")])
            waiting.write({"state": "pending", "blocked_key": False, "error": False, "error_code": False})
