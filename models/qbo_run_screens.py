"""What the history shows, and its buttons."""

from markupsafe import Markup
from odoo import api, fields, models

# How the states of jobs are told in the progress of a run.
PROGRESS = {
    "done": "done",
    "warning": "done",
    "failed": "failed",
    "conflict": "failed",
    "blocked": "waiting",
    "approval": "asked",
    "pending": "left",
    "sending": "left",
}


class QboRun(models.Model):
    _inherit = "qbo.run"

    progress_html = fields.Html(compute="_compute_progress_html", sanitize=False)

    @api.depends_context("lang")
    def _compute_progress_html(self):
        entities = dict(self.env["qbo.job"]._fields["entity"]._description_selection(self.env))
        for run in self:
            counts = {}
            for entity, state, count in self.env["qbo.job"]._read_group(
                [("run_id", "=", run.id)], ["entity", "state"], ["__count"]
            ):
                if state in PROGRESS:
                    row = counts.setdefault(entity, {})
                    row[PROGRESS[state]] = row.get(PROGRESS[state], 0) + count
            run.progress_html = run._progress_table(
                [(entities[entity], counts[entity]) for entity in entities if entity in counts]
            )

    def _progress_table(self, rows):
        """Return a table with one row an entity: done, failed, waiting, asked, left."""
        if not rows:
            return False
        heads = [
            self.env._("Records"),
            self.env._("Done"),
            self.env._("Failed"),
            self.env._("Waiting for something else"),
            self.env._("Waiting for approval"),
            self.env._("Left"),
        ]
        head = Markup().join(
            Markup("<th class='%s'>%s</th>") % ("text-end" if place else "", text) for place, text in enumerate(heads)
        )
        body = Markup().join(
            Markup("<tr><td>%s</td>%s</tr>")
            % (
                label,
                Markup().join(
                    Markup("<td class='text-end %s'>%s</td>")
                    % ("text-danger fw-bold" if kind == "failed" and numbers.get(kind) else "", numbers.get(kind, 0))
                    for kind in ("done", "failed", "waiting", "asked", "left")
                ),
            )
            for label, numbers in rows
        )
        return Markup(
            "<div class='table-responsive'><table class='table table-sm o_qbo_progress'><thead><tr>%s</tr></thead>"
            "<tbody>%s</tbody></table></div>"
        ) % (head, body)

    def action_export(self):
        """Download the messages as a workbook."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/qbo_sync/run/{self.id}/export", "target": "download"}

    def action_open_jobs(self):
        """Show the records of this sync."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_job_history")
        action["domain"] = [("run_id", "=", self.id)]
        return action
