"""Settings > QuickBooks Online: what an administrator needs to connect the current company."""

from odoo import api, fields, models

from .const import BACKEND_STATES, ENVIRONMENTS

# Setting -> field of the connection.
PLAIN_FIELDS = {
    "qbo_environment": "environment", "qbo_client_id": "client_id", "qbo_redirect_uri": "redirect_uri"}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    qbo_backend_id = fields.Many2one("qbo.backend", "QuickBooks connection", compute="_compute_qbo_backend")
    qbo_state = fields.Selection(BACKEND_STATES, "QuickBooks state", compute="_compute_qbo_backend")
    qbo_company_name = fields.Char("QuickBooks company", compute="_compute_qbo_backend")
    qbo_environment = fields.Selection(ENVIRONMENTS, "QuickBooks environment")
    qbo_client_id = fields.Char("Client ID")
    # Not columns: what is entered goes straight into the encrypted store and never into the table of this form.
    qbo_client_secret = fields.Char(
        "Client secret", compute="_compute_qbo_secrets", inverse="_inverse_qbo_client_secret",
        help="Can be set, never read. Leave empty to keep the one that is stored.")
    qbo_has_client_secret = fields.Boolean(compute="_compute_qbo_backend")
    qbo_webhook_verifier = fields.Char(
        "Webhook verifier token", compute="_compute_qbo_secrets", inverse="_inverse_qbo_webhook_verifier",
        help="Can be set, never read. Leave empty to keep the one that is stored.")
    qbo_has_webhook_verifier = fields.Boolean(compute="_compute_qbo_backend")
    qbo_redirect_uri = fields.Char("Redirect URI")

    @api.depends("company_id")
    def _compute_qbo_backend(self):
        may_see = self.env.user.has_group("qbo_sync.group_admin")
        for settings in self:
            backend = self._qbo_backend(settings.company_id) if may_see else self.env["qbo.backend"]
            settings.qbo_backend_id = backend
            settings.qbo_state = backend.state or "draft"
            settings.qbo_company_name = backend.qbo_company_name
            settings.qbo_has_client_secret = backend.has_client_secret if may_see else False
            settings.qbo_has_webhook_verifier = backend.has_webhook_verifier if may_see else False

    def _compute_qbo_secrets(self):
        self.qbo_client_secret = False
        self.qbo_webhook_verifier = False

    def _inverse_qbo_client_secret(self):
        for settings in self.filtered("qbo_client_secret"):
            settings._qbo_saved_backend().client_secret = settings.qbo_client_secret

    def _inverse_qbo_webhook_verifier(self):
        for settings in self.filtered("qbo_webhook_verifier"):
            settings._qbo_saved_backend().webhook_verifier = settings.qbo_webhook_verifier

    @api.model
    def _qbo_backend(self, company):
        """Return the connection of ``company`` itself; a branch may use its parent's, which is not edited here."""
        return self.env["qbo.backend"].search([("company_id", "=", company.id)], order="realm_id, id", limit=1)

    @api.model
    def get_values(self):
        values = super().get_values()
        if self.env.user.has_group("qbo_sync.group_admin"):
            backend = self._qbo_backend(self.env.company)
            source = backend or self.env["qbo.backend"].new({})
            values.update({name: source[field] for name, field in PLAIN_FIELDS.items()})
        return values

    def set_values(self):
        result = super().set_values()
        if self.env.user.has_group("qbo_sync.group_admin"):
            self._qbo_save()
        return result

    def _qbo_save(self):
        """Write what was changed to the connection of this company; the first value makes the connection."""
        self.ensure_one()
        backend = self._qbo_backend(self.company_id)
        before = backend or self.env["qbo.backend"].new({})
        values = {
            field: self[name] for name, field in PLAIN_FIELDS.items()
            if (self[name] or False) != (before[field] or False)}
        if values and backend:
            backend.write(values)
        elif values:
            backend = self.env["qbo.backend"].create({
                "name": self.env._("QuickBooks of %(company)s", company=self.company_id.name),
                "company_id": self.company_id.id, **values})
        return backend

    def action_qbo_connect(self):
        """Button: save, then open Intuit's consent page."""
        return self._qbo_saved_backend().action_open_connect()

    def action_qbo_open(self):
        """Button: save, then open the form of the connection."""
        return {
            "type": "ir.actions.act_window", "res_model": "qbo.backend", "view_mode": "form",
            "res_id": self._qbo_saved_backend().id}

    def action_qbo_test(self):
        """Button: ask QuickBooks whether it answers."""
        return self._qbo_saved_backend().action_test_connection()

    def _qbo_saved_backend(self):
        return self._qbo_save() or self.env["qbo.backend"].create({
            "name": self.env._("QuickBooks of %(company)s", company=self.company_id.name),
            "company_id": self.company_id.id})
