"""Secrets of a backend, and the pending OAuth requests."""

from odoo import fields, models


class QboToken(models.Model):
    """Tokens and application secret of one backend, encrypted at rest.

    Written only in a cursor of its own under a session-level advisory lock, so that two workers never refresh at once and a
    rotated token is never lost by a rollback.
    """

    _name = "qbo.token"
    _description = "QuickBooks Tokens"
    _rec_name = "backend_id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    client_id = fields.Char(groups="base.group_system")
    client_secret_cipher = fields.Char(groups="base.group_system")
    access_token_cipher = fields.Text(groups="base.group_system")
    refresh_token_cipher = fields.Text(groups="base.group_system")
    webhook_verifier_cipher = fields.Char(groups="base.group_system")
    key_fingerprint = fields.Char(help="Tells which key encrypted the tokens, without telling the key.")
    access_expires_at = fields.Datetime()
    refresh_expires_at = fields.Datetime()
    hard_expires_at = fields.Datetime()
    refreshed_at = fields.Datetime()
    database_uuid = fields.Char(help="Database in which the connection was made: a copy must not use it.")
    database_name = fields.Char()
    base_url = fields.Char()

    _backend_uniq = models.UniqueIndex("(backend_id)")


class QboOauthState(models.Model):
    """A consent that was asked for: single use, ten minutes, bound to a user, a company and a backend."""

    _name = "qbo.oauth.state"
    _description = "QuickBooks Consent Request"
    _rec_name = "backend_id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    state_hash = fields.Char(required=True, index=True)
    redirect_uri = fields.Char(required=True)
    expires_at = fields.Datetime(required=True)
