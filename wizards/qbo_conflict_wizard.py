"""Both sides changed the same record: what they agreed on, what each says now, and a choice for each field."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

SIDES = [("odoo", "Odoo"), ("qbo", "QuickBooks")]


class QboConflictWizard(models.TransientModel):
    """Made for one job in conflict. Fields that only one side changed are not listed: they merge by themselves."""

    _name = "qbo.conflict.wizard"
    _description = "QuickBooks Conflict"

    job_id = fields.Many2one("qbo.job", required=True, ondelete="cascade")
    name = fields.Char(related="job_id.name")
    partner_name = fields.Char(related="job_id.partner_name")
    line_ids = fields.One2many("qbo.conflict.wizard.line", "wizard_id", "Fields")
    open_count = fields.Integer("Left to decide", compute="_compute_open_count")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards.filtered(lambda wizard: not wizard.line_ids):
            wizard.line_ids = [
                Command.create({
                    "fields_json": row["fields"], "label": row["label"], "base_text": row["base"],
                    "odoo_text": row["odoo"], "qbo_text": row["qbo"]})
                for row in wizard.job_id.sudo().dispute or ()]
        return wizards

    @api.depends("line_ids.choice")
    def _compute_open_count(self):
        for wizard in self:
            wizard.open_count = len(wizard.line_ids.filtered(lambda line: not line.choice))

    # === ACTIONS === #

    @api.model
    def _action_for(self, job):
        """Return the dialog for a job in conflict.

        :raise UserError: when nothing is in dispute any more
        """
        if job.state != "conflict" or not job.sudo().dispute:
            raise UserError(self.env._("There is nothing to decide field by field here."))
        return self.create({"job_id": job.id})._action_open()

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Both sides changed it"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_all_odoo(self):
        """Choose Odoo in every field."""
        self.line_ids.choice = "odoo"
        return self._action_open()

    def action_all_qbo(self):
        """Choose QuickBooks in every field."""
        self.line_ids.choice = "qbo"
        return self._action_open()

    def action_decide(self):
        """Take the choices: the next sync carries each field to the other side.

        :raise UserError: while a field is undecided
        """
        self.ensure_one()
        left = self.line_ids.filtered(lambda line: not line.choice)
        if left:
            raise UserError(self.env._("Choose a side for: %(fields)s.", fields="; ".join(left.mapped("label"))))
        if self.job_id.state != "conflict":
            raise UserError(self.env._("Somebody decided it meanwhile."))
        self.job_id._resolve_fields({name: line.choice for line in self.line_ids for name in line.fields_json})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success", "message": self.env._("Decided. It crosses with the next sync."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }


class QboConflictWizardLine(models.TransientModel):
    """What is decided together: one field, or the amounts of a document."""

    _name = "qbo.conflict.wizard.line"
    _description = "QuickBooks Conflict Row"
    _order = "id"

    wizard_id = fields.Many2one("qbo.conflict.wizard", required=True, ondelete="cascade", index=True)
    fields_json = fields.Json()
    label = fields.Char("Field", readonly=True)
    base_text = fields.Text("Last agreed", readonly=True)
    odoo_text = fields.Text("Odoo says", readonly=True)
    qbo_text = fields.Text("QuickBooks says", readonly=True)
    choice = fields.Selection(SIDES, "Right is")

    def action_odoo(self):
        """Odoo is right in this field."""
        self.choice = "odoo"
        return self.wizard_id._action_open()

    def action_qbo(self):
        """QuickBooks is right in this field."""
        self.choice = "qbo"
        return self.wizard_id._action_open()
