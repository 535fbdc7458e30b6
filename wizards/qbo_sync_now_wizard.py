"""The dialog "Sync now"."""

from odoo import api, fields, models


class QboSyncNowWizard(models.TransientModel):
    """Asks for a description, starts a sync in the background and shows its run."""

    _name = "qbo.sync.now.wizard"
    _description = "QuickBooks Sync Now"

    backend_id = fields.Many2one(
        "qbo.backend", "Company", required=True, domain="[('state', 'in', ('connected', 'active'))]",
        default=lambda self: self.env["qbo.backend"]._id_for_company(self.env.company.id))
    description = fields.Char(help="Optional; kept in the history.")
    directions = fields.Char("What crosses", compute="_compute_directions")

    @api.depends("backend_id")
    def _compute_directions(self):
        for wizard in self:
            policies = wizard.backend_id.policy_ids
            labels = dict(policies._fields["direction"]._description_selection(self.env))
            entities = dict(policies._fields["entity"]._description_selection(self.env))
            wizard.directions = "; ".join(
                f"{entities[policy.entity]}: {labels[policy.direction].lower()}" for policy in policies)

    def action_sync(self):
        """Queue a sync and open its run, which shows its progress."""
        self.ensure_one()
        run_id = self.backend_id.action_sync_now(self.description)
        return {
            "type": "ir.actions.act_window", "res_model": "qbo.run", "res_id": run_id, "views": [(False, "form")],
            "target": "current",
        }
