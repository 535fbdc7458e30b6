"""What waits of records that somebody changed: closed where nothing crosses any more, else looked at again."""

from odoo import models

from .session import Target, posted_key


class QboSyncOutbox(models.AbstractModel):
    _inherit = "qbo.sync.outbox"

    def _close_unconcerned(self, session, changed, targets):
        """Close the open jobs of changed records that have no part in a sync any more and are not in QuickBooks.

        :param changed: ``{model: record ids}``
        :param targets: what of them may have to cross
        """
        for model, ids in changed.items():
            jobs = self.env["qbo.job"].search([
                ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("model", "=", model),
                ("res_id", "in", list(ids)), ("state", "in", ("approval", "failed", "blocked", "conflict"))])
            place = {job: Target(job.entity, model, job.res_id, job.role or "") for job in jobs}
            left = [job for job in jobs if place[job] not in targets and session.allows(job.entity, "out")]
            links = self._bindings(session, [place[job] for job in left])
            for job in left:
                link = links.get(place[job], self.env["qbo.binding"])
                if not link.qbo_id and not link.excluded:
                    job._finish("cancelled", error=self.env._("Nothing of it is to cross any more."))
                    link._left_alone()

    def _release_posted(self, session, move_ids):
        """Let payments go on that wait for documents which are no drafts any more: posted, cancelled or deleted."""
        waiting = set(self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("state", "=", "blocked"),
            ("blocked_key", "in", [posted_key(move_id) for move_id in move_ids])]).mapped("blocked_key"))
        drafts = self.env["account.move"].search([
            ("id", "in", list(move_ids)), ("state", "=", "draft")]) if waiting else ()
        self.env["qbo.job"]._release(session.backend, waiting - {posted_key(move.id) for move in drafts})

    def _look_at_stuck(self, session, targets):
        """Try again what QuickBooks said of records that changed, and what could not be taken over as they were.

        Otherwise Odoo's change would go over it unread: a void without any question.
        """
        stuck = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("state", "in", ("failed", "blocked"))])
        if stuck:
            links = {(link.entity, link.qbo_id) for link in self._bindings(session, targets).values() if link.qbo_id}
            stuck.filtered(lambda job: (job.entity, job.qbo_id) in links)._again()
