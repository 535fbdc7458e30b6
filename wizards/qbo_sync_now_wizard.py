"""The dialog "Sync now"."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class QboSyncNowWizard(models.TransientModel):
    """Asks for a description, starts a sync in the background and shows its run."""

    _name = "qbo.sync.now.wizard"
    _description = "QuickBooks Sync Now"

    backend_id = fields.Many2one(
        "qbo.backend",
        "Connection",
        required=True,
        domain="[('state', 'in', ('connected', 'active'))]",
        default=lambda self: self.env["qbo.backend"]._id_for_company(self.env.company.id),
    )
    description = fields.Char(help="Optional; kept in the history.")
    take_in = fields.Boolean("From QuickBooks", default=True)
    send_out = fields.Boolean("To QuickBooks", default=True)
    policy_ids = fields.Many2many(
        "qbo.policy",
        string="Records",
        compute="_compute_policies",
        store=True,
        readonly=False,
        domain="[('backend_id', '=', backend_id), ('direction', '!=', 'off')]",
        help="What is left out waits for the next sync.",
    )
    directions = fields.Text("What crosses", compute="_compute_directions")

    @api.depends("backend_id")
    def _compute_policies(self):
        for wizard in self:
            wizard.policy_ids = wizard.backend_id.policy_ids.filtered(lambda policy: policy.direction != "off")

    @api.depends("backend_id")
    def _compute_directions(self):
        for wizard in self:
            policies = wizard.backend_id.policy_ids
            labels = dict(policies._fields["direction"]._description_selection(self.env))
            entities = dict(policies._fields["entity"]._description_selection(self.env))
            wizard.directions = "\n".join(
                f"{labels[direction]}: {', '.join(entities[policy.entity] for policy in alike)}"
                for direction, alike in policies.grouped("direction").items()
            )

    def action_sync(self):
        """Queue a sync and open its run, which shows its progress."""
        self.ensure_one()
        if not (self.take_in or self.send_out) or not self.policy_ids:
            raise UserError(self.env._("Choose at least one direction and one kind of record."))
        everything = self.backend_id.policy_ids.filtered(lambda policy: policy.direction != "off")
        entities = None if self.policy_ids == everything else self.policy_ids.mapped("entity")
        run_id = self.backend_id.action_sync_now(self.description, self.take_in, self.send_out, entities)
        return {
            "type": "ir.actions.act_window",
            "res_model": "qbo.run",
            "res_id": run_id,
            "views": [(False, "form")],
            "target": "current",
        }
