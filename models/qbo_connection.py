"""Connecting a company to QuickBooks Online."""

import hashlib
import logging
from datetime import timedelta
from urllib.parse import urlsplit

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..qbo import errors, oauth, webhook
from .qbo_client import LOOPBACK, SIMULATOR_CLIENT
from .qbo_secret import CIPHER_COLUMNS, KeyMissing

_logger = logging.getLogger(__name__)

CALLBACK = "/qbo_sync/oauth/callback"
STATE_MINUTES = 10


class QboConnection(models.Model):
    """The app at Intuit, the consent of a person, and who may send notifications."""

    _inherit = "qbo.backend"

    client_id = fields.Char(
        compute="_compute_credentials", inverse="_inverse_client_id", groups="qbo_sync.group_admin", copy=False,
        help="From the page 'Keys & credentials' of your app at Intuit.")
    client_secret = fields.Char(
        compute="_compute_secrets", inverse="_inverse_client_secret", groups="qbo_sync.group_admin", copy=False,
        help="Can be set, never read.")
    webhook_verifier = fields.Char(
        compute="_compute_secrets", inverse="_inverse_webhook_verifier", groups="qbo_sync.group_admin", copy=False,
        help="Verifier token of your app's webhook. Can be set, never read.")
    has_client_secret = fields.Boolean(compute="_compute_credentials", groups="qbo_sync.group_admin")
    has_webhook_verifier = fields.Boolean(compute="_compute_credentials", groups="qbo_sync.group_admin")
    redirect_uri = fields.Char(
        "Redirect URI", copy=False, default=lambda self: self._default_redirect_uri(),
        help="Enter exactly this address in your app at Intuit.")

    # === COMPUTE METHODS === #

    @api.model
    def _default_redirect_uri(self):
        return self.env["ir.config_parameter"].sudo().get_param("web.base.url", "").rstrip("/") + CALLBACK

    @api.depends("environment")
    def _compute_credentials(self):
        tokens = self.env["qbo.token"].sudo()
        rows = {row.backend_id.id: row for row in tokens.search([("backend_id", "in", self._origin.ids)])}
        for backend in self:
            row = rows.get(backend._origin.id, tokens)
            simulated = backend.environment == "simulator"
            backend.client_id = row.client_id or (SIMULATOR_CLIENT[0] if simulated else False)
            backend.has_client_secret = bool(row.client_secret_cipher) or simulated
            backend.has_webhook_verifier = bool(row.webhook_verifier_cipher)

    def _compute_secrets(self):
        # Written, never shown: the form gets an empty field whatever is stored.
        self.client_secret = False
        self.webhook_verifier = False

    def _inverse_client_id(self):
        for backend in self:
            self.env["qbo.token"]._ensure(backend).client_id = (backend.client_id or "").strip()

    def _inverse_client_secret(self):
        for backend in self.filtered("client_secret"):
            backend._keep_secret("client_secret_cipher", backend.client_secret)
        self.invalidate_recordset(["client_secret", "has_client_secret"])

    def _inverse_webhook_verifier(self):
        for backend in self.filtered("webhook_verifier"):
            backend._keep_secret("webhook_verifier_cipher", backend.webhook_verifier)
        self.invalidate_recordset(["webhook_verifier", "has_webhook_verifier"])

    def _keep_secret(self, column, text):
        # Part of what the person saves, so it belongs to that transaction; the tokens do not.
        secret = self.env["qbo.secret"]
        row = self.env["qbo.token"]._ensure(self)
        if self.state == "key_missing" and not secret._knows(row.key_fingerprint):
            # The person begins anew: what nobody can read any more must not stand in the way of a new key.
            row.write(dict.fromkeys(CIPHER_COLUMNS, False))
        row.write({column: secret._encrypt(text.strip()), "key_fingerprint": secret._fingerprint()})

    @api.constrains("redirect_uri", "environment")
    def _check_redirect_uri(self):
        for backend in self.filtered("redirect_uri"):
            parts = urlsplit(backend.redirect_uri)
            plain = parts.hostname in LOOPBACK or backend.environment == "simulator"
            if not parts.hostname or parts.scheme not in (("https", "http") if plain else ("https",)):
                raise ValidationError(self.env._(
                    "The redirect URI %(uri)s must begin with https:// (only localhost may do without).",
                    uri=backend.redirect_uri))

    @api.constrains("environment")
    def _check_environment(self):
        bindings = self.env["qbo.binding"].sudo()
        for backend in self.filtered("realm_id"):
            if bindings.search_count([("backend_id", "=", backend.id)], limit=1):
                raise ValidationError(self.env._(
                    "Records are linked with the QuickBooks company %(company)s. Make a new connection for another "
                    "environment.",
                    company=backend.qbo_company_name or backend.realm_id))

    # === CRUD METHODS === #

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        for model in ("qbo.call.bucket", "qbo.webhook.event"):
            self.env[model].sudo().search([("backend_id", "in", ids)]).unlink()
        return result

    # === ACTIONS === #

    def action_connect(self):
        """Return the address of Intuit's consent page; opening it and agreeing connects this company.

        :raise UserError: when the client id or secret is missing, the company has another connection, or Intuit cannot
            be reached
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_connect()
        now = fields.Datetime.now()
        claims = {"b": self.id, "u": self.env.uid, "c": self.company_id.id}
        state = oauth.new_state(self._state_secret(), claims, _aware(now))
        self.env["qbo.oauth.state"].sudo().create({
            "backend_id": self.id, "user_id": self.env.uid, "state_hash": _sha256(state),
            "redirect_uri": self.redirect_uri, "expires_at": now + timedelta(minutes=STATE_MINUTES)})
        try:
            return self._oauth().authorize_url(state)
        except errors.QboError as error:
            raise UserError(self._explain(error)) from error

    def action_open_connect(self):
        """Button: open Intuit's consent page in this window."""
        return {"type": "ir.actions.act_url", "url": self.action_connect(), "target": "self"}

    def action_disconnect(self):
        """Give the tokens back to Intuit and stop; links, mappings and history stay for the next connection."""
        for backend in self:
            backend.check_access("write")
            note = backend._revoke()
            self.env["qbo.token"]._forget(backend)
            backend._set_state("draft", False)
            backend.message_post(body=note or self.env._("Disconnected from QuickBooks."))
        return True

    def action_test_connection(self):
        """Ask QuickBooks for the company and its settings, and say what it answered."""
        self.ensure_one()
        self.check_access("write")
        try:
            self._refresh_company_facts(self._get_client())
        except errors.QboError as error:
            raise UserError(self._explain(error)) from error
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                # Closing nothing makes the form read again what the test has found out.
                "type": "success", "title": self.env._("QuickBooks answered"),
                "next": {"type": "ir.actions.act_window_close"},
                "message": self.env._("Connected to %(company)s.", company=self.qbo_company_name)},
        }

    def action_this_is_the_original(self):
        """This database goes on with the connection; the other one must not."""
        for backend in self.filtered(lambda backend: backend.state == "copied"):
            backend.check_access("write")
            self.env["qbo.token"]._write_apart(backend, self._identity())
            backend._set_state(backend._resumed_state(), False)
            backend.message_post(body=self.env._("%(user)s confirmed that this database is the one that syncs.",
                                                 user=self.env.user.name))
        return True

    def action_this_is_a_copy(self):
        """This database lets go of the connection without a word to Intuit: the original still uses the tokens."""
        for backend in self.filtered(lambda backend: backend.state == "copied"):
            backend.check_access("write")
            self.env["qbo.token"]._forget(backend)
            backend._set_state("draft", False)
            backend.message_post(body=self.env._("%(user)s confirmed that this database is a copy. It is disconnected.",
                                                 user=self.env.user.name))
        return True

    # === CONSENT === #

    @api.model
    def _from_state(self, state):
        """Return the backend that a ``state`` of the callback was made for.

        :raise UserError: when it is not ours, was changed, or is too old
        """
        try:
            claims = oauth.read_state(
                self._state_secret(), state or "", _aware(fields.Datetime.now()), max_age=STATE_MINUTES * 60)
        except errors.StateRefused:
            raise UserError(self._stale_state_text()) from None
        return self.browse(claims["b"]).exists()

    def _oauth_finish(self, code, state, realm_id):
        """Trade the code of the callback for tokens and become connected.

        :param str code: from Intuit; works once
        :param str state: what :meth:`action_connect` put into the address; works once
        :param str realm_id: the QuickBooks company that was chosen
        :raise UserError: with a sentence for the person; nothing is connected or changed then
        """
        self.ensure_one()
        self.check_access("write")
        request = self.env["qbo.oauth.state"]._take(_sha256(state or ""))
        if self._from_state(state) != self or not request or request["backend_id"] != self.id:
            raise UserError(self._stale_state_text())
        if request["user_id"] != self.env.uid:
            raise UserError(self.env._(
                "Another user began this connection. Log in as that user, or begin again yourself."))
        self._check_realm(realm_id)
        try:
            self._finish(code, realm_id, request["redirect_uri"])
        except errors.QboError as error:
            raise UserError(self._explain(error, signing_in=True)) from error

    def _finish(self, code, realm_id, redirect_uri):
        service = self._oauth(redirect_uri)
        tokens = service.exchange(code, realm_id)
        try:
            # With the new token in memory: what is stored stays until the company proved to be the right one.
            facts = self._read_facts(self._client(realm_id, lambda force: tokens.access_token))
        except UserError:
            _quietly(lambda: service.revoke(tokens.refresh_token))
            raise
        self.env["qbo.token"]._store(self, tokens, self._identity())
        self.write({"realm_id": realm_id, **facts})
        self._set_state(self._resumed_state(), False)
        self.sudo().activity_unlink(["mail.mail_activity_data_warning"])
        self.message_post(body=self.env._(
            "Connected to the QuickBooks company %(company)s (ID %(realm)s).",
            company=self.qbo_company_name, realm=realm_id))
        # What there is to map is read in the background, before anybody activates the sync.
        self.env["qbo.sync.reference"]._ask(self)
        self._wake()

    def _check_may_connect(self):
        if not self.redirect_uri:
            self.redirect_uri = self._default_redirect_uri()
        admin = self.sudo()
        if not admin.client_id or not admin.has_client_secret:
            raise UserError(self.env._("Enter the client ID and the client secret of your app at Intuit first."))
        other = admin.search([
            ("company_id", "=", self.company_id.id), ("id", "!=", self.id),
            ("state", "in", ("connected", "active", "reconnect"))], limit=1)
        if other:
            raise UserError(self.env._(
                "%(company)s has the QuickBooks connection '%(name)s' already. Archive that one first.",
                company=self.company_id.name, name=other.name))
        if self.state == "copied":
            raise UserError(self.env._("Say first whether this database is the original or a copy."))
        self.env["qbo.token"]._ensure(self)

    def _check_realm(self, realm_id):
        if not realm_id or not realm_id.isascii() or not realm_id.isdigit():
            raise UserError(self.env._("QuickBooks did not say which company you chose. Please connect again."))
        if self.realm_id and self.realm_id != realm_id:
            raise UserError(self.env._(
                "You chose the QuickBooks company %(chosen)s, but this connection belongs to %(known)s. Its records "
                "are linked with that one. Connect again and choose it, or make a new connection for the other "
                "company.",
                chosen=realm_id, known=f"{self.qbo_company_name or ''} ({self.realm_id})".strip()))
        other = self.sudo().search([
            ("environment", "=", self.environment), ("realm_id", "=", realm_id), ("id", "!=", self.id)], limit=1)
        if other:
            raise UserError(self.env._(
                "This QuickBooks company is connected to %(company)s already. Two Odoo companies cannot share one "
                "QuickBooks company, because each would overwrite the other's receivables.",
                company=other.company_id.name))

    def _revoke(self):
        """Give the refresh token back to Intuit; return a sentence when that was not possible."""
        self.ensure_one()
        if self.state == "copied":
            return self.env._(
                "Disconnected. The tokens were not given back to Intuit, because the original database uses them.")
        try:
            row = self.env["qbo.token"]._of(self)
            token = self.env["qbo.secret"]._decrypt(row.refresh_token_cipher)
            if token:
                self._oauth().revoke(token)
        except (errors.QboError, KeyMissing) as error:
            _logger.info("Tokens of connection %s could not be given back: %s", self.id, type(error).__name__)
            return self.env._(
                "Disconnected here, but the tokens could not be given back to Intuit. Remove the app in QuickBooks "
                "under Apps.")
        return ""

    @api.model
    def _state_secret(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.secret").encode()

    def _stale_state_text(self):
        return self.env._(
            "This connection request is not valid any more: it works once, within %(minutes)s minutes, for the user "
            "who began it. Please connect again.", minutes=STATE_MINUTES)

    # === WEBHOOK === #

    @api.model
    def _webhook_realms(self, raw, signature):
        """Return {realm id: backend} of those a notification may speak of; None when nobody's verifier signed it.

        One app at Intuit has one verifier, for all its companies; whoever knows it says nothing about companies of
        another app.
        """
        rows = self.env["qbo.token"].sudo().search(
            [("webhook_verifier_cipher", "!=", False), ("backend_id.active", "=", True)])
        verified, signers = {}, self.browse()
        for row in rows:
            try:
                verifier = self.env["qbo.secret"]._decrypt(row.webhook_verifier_cipher)
            except KeyMissing:
                continue
            if verifier not in verified:
                verified[verifier] = webhook.verify(raw, signature, verifier)
            if verified[verifier]:
                signers |= row.backend_id
        if not signers:
            return None
        return {backend.realm_id: backend for backend in signers if backend.realm_id}


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _aware(moment):
    return pytz.utc.localize(moment)


def _quietly(work):
    try:
        work()
    except errors.QboError as error:
        _logger.info("A token that was not kept could not be given back: %s", type(error).__name__)
