"""One sync, and what it said."""

from odoo import fields, models

from .const import ENTITIES, POLICY_OF


class QboRun(models.Model):
    """One sync: who or what started it, what crossed, what it cost, and its messages."""

    _name = "qbo.run"
    _description = "QuickBooks Sync Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one("res.users", "Started by", required=True, default=lambda self: self.env.user)
    trigger = fields.Selection(
        [("manual", "A person"), ("schedule", "Schedule"), ("script", "Script"), ("webhook", "QuickBooks")],
        required=True, default="manual")
    description = fields.Char()
    state = fields.Selection(
        [
            ("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("partial", "Partly done"),
            ("failed", "Failed"),
        ],
        required=True, default="queued")
    started_at = fields.Datetime("Started")
    ended_at = fields.Datetime("Ended")
    duration = fields.Float(help="Seconds of work.")
    in_count = fields.Integer("In")
    out_count = fields.Integer("Out")
    warning_count = fields.Integer("Warnings")
    failed_count = fields.Integer("Failed")
    request_count = fields.Integer("Requests")
    write_count = fields.Integer("Write requests")
    take_in = fields.Boolean("From QuickBooks", default=True, help="This run takes over what changed in QuickBooks.")
    send_out = fields.Boolean("To QuickBooks", default=True, help="This run sends what changed in Odoo.")
    entities = fields.Char(help="Comma-separated; empty for all.")
    fetched = fields.Boolean(help="This run has asked QuickBooks for changes.")
    message_ids = fields.One2many("qbo.run.message", "run_id")
    job_ids = fields.One2many("qbo.job", "run_id")

    def _entities(self):
        """Return the entities that this run works on."""
        chosen = [entity.strip() for entity in (self.entities or "").split(",") if entity.strip()]
        return [entity for entity, _label in ENTITIES if not chosen or POLICY_OF.get(entity, entity) in chosen]

    def _compute_name(self):
        for run in self:
            run.name = run.description or self.env._("Sync %(number)s", number=run.id)


class QboRunMessage(models.Model):
    """A line of a run's history."""

    _name = "qbo.run.message"
    _description = "QuickBooks Sync Message"
    _order = "id"
    _rec_name = "text"

    run_id = fields.Many2one("qbo.run", required=True, ondelete="cascade", index=True)
    backend_id = fields.Many2one(related="run_id.backend_id", store=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    level = fields.Selection(
        [("success", "Done"), ("info", "Information"), ("warning", "Warning"), ("error", "Error")],
        required=True, default="info")
    origin = fields.Selection([("odoo", "Odoo"), ("qbo", "QuickBooks")], required=True, default="odoo")
    direction = fields.Selection([("out", "To QuickBooks"), ("in", "From QuickBooks")])
    entity = fields.Selection(ENTITIES)
    text = fields.Text(required=True)
    job_id = fields.Many2one("qbo.job", ondelete="set null", index="btree_not_null")
    model = fields.Char()
    res_id = fields.Many2oneReference(model_field="model")
