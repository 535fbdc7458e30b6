"""Connecting a company to QuickBooks Online, and the way to talk to it."""

import hashlib
import logging
from datetime import timedelta
from urllib.parse import urlsplit

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..qbo import errors, hosts, mapping, oauth, webhook
from ..qbo.client import Client
from ..qbo.transport import Transport
from .qbo_secret import KeyMissing
from .qbo_throttle import CompanyThrottle
from .qbo_token import AccessTokens, apart

_logger = logging.getLogger(__name__)

CALLBACK = "/qbo_sync/oauth/callback"
STATE_MINUTES = 10
SIMULATOR_URL = "http://127.0.0.1:8090"
SIMULATOR_CLIENT = ("simulator", "simulator-secret")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
STOPPED = ("reconnect", "key_missing", "copied")


class QboConnection(models.Model):
    """The connection of a backend: consent, tokens, what the QuickBooks company is, and the client factory."""

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
    resume_active = fields.Boolean(
        copy=False, readonly=True, help="The scheduled sync was on when the connection stopped, and goes on after the reconnect.")

    # === COMPUTE METHODS === #

    @api.model
    def _default_redirect_uri(self):
        return self.env["ir.config_parameter"].sudo().get_param("web.base.url", "").rstrip("/") + CALLBACK

    @api.depends("environment")
    def _compute_credentials(self):
        rows = {row.backend_id.id: row for row in self.env["qbo.token"].sudo().search([("backend_id", "in", self._origin.ids)])}
        for backend in self:
            row = rows.get(backend._origin.id, self.env["qbo.token"].sudo())
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
        self.env["qbo.token"]._ensure(self).write(
            {column: secret._encrypt(text.strip()), "key_fingerprint": secret._fingerprint()})

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
        for backend in self:
            if backend.realm_id and self.env["qbo.binding"].sudo().search_count([("backend_id", "=", backend.id)], limit=1):
                raise ValidationError(self.env._(
                    "Records are linked with the QuickBooks company %(company)s. Make a new connection for another environment.",
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

        :raise UserError: when the client id or secret is missing, the company has another connection, or Intuit cannot be reached
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_connect()
        now = fields.Datetime.now()
        state = oauth.new_state(self._state_secret(), {"b": self.id, "u": self.env.uid, "c": self.company_id.id}, _aware(now))
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
                "type": "success", "title": self.env._("QuickBooks answered"),
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
        """This database lets go of the connection without a word to Intuit, because the original still uses the tokens."""
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
            raise UserError(self.env._("Another user began this connection. Log in as that user, or begin again yourself."))
        self._check_realm(realm_id)
        try:
            self._finish(code, realm_id, request["redirect_uri"])
        except errors.QboError as error:
            raise UserError(self._explain(error, signing_in=True)) from error

    def _finish(self, code, realm_id, redirect_uri):
        service = self._oauth(redirect_uri)
        tokens = service.exchange(code, realm_id)
        try:
            # With the new token in memory: what is stored is not replaced before the company proved to be the right one.
            facts = self._read_facts(self._client(realm_id, lambda force: tokens.access_token))
        except UserError:
            _quietly(lambda: service.revoke(tokens.refresh_token))
            raise
        self.env["qbo.token"]._store(self, tokens, self._identity())
        self.write({"realm_id": realm_id, **facts})
        self._set_state(self._resumed_state(), False)
        self.sudo().activity_unlink(["mail.mail_activity_data_warning"])
        self.message_post(body=self.env._(
            "Connected to the QuickBooks company %(company)s (ID %(realm)s).", company=self.qbo_company_name, realm=realm_id))

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
                "%(company)s has the QuickBooks connection '%(name)s' already. Archive it before you connect another one.",
                company=self.company_id.name, name=other.name))
        if self.state == "copied":
            raise UserError(self.env._("Say first whether this database is the original or a copy."))
        self.env["qbo.token"]._ensure(self)

    def _check_realm(self, realm_id):
        if not realm_id or not realm_id.isascii() or not realm_id.isdigit():
            raise UserError(self.env._("QuickBooks did not say which company you chose. Please connect again."))
        if self.realm_id and self.realm_id != realm_id:
            raise UserError(self.env._(
                "You chose the QuickBooks company %(chosen)s, but this connection belongs to %(known)s. Its records are linked with "
                "that one. Connect again and choose it, or make a new connection for the other company.",
                chosen=realm_id, known=f"{self.qbo_company_name or ''} ({self.realm_id})".strip()))
        other = self.sudo().search([
            ("environment", "=", self.environment), ("realm_id", "=", realm_id), ("id", "!=", self.id)], limit=1)
        if other:
            raise UserError(self.env._(
                "This QuickBooks company is connected to %(company)s already. Two Odoo companies cannot share one QuickBooks company, "
                "because each would overwrite the other's receivables.", company=other.company_id.name))

    def _revoke(self):
        """Give the refresh token back to Intuit; return a sentence when that was not possible."""
        self.ensure_one()
        if self.state == "copied":
            return self.env._("Disconnected. The tokens were not given back to Intuit, because the original database uses them.")
        try:
            row = self.env["qbo.token"]._of(self)
            token = self.env["qbo.secret"]._decrypt(row.refresh_token_cipher)
            if token:
                self._oauth().revoke(token)
        except (errors.QboError, KeyMissing) as error:
            _logger.info("Tokens of QuickBooks connection %s could not be given back: %s", self.id, type(error).__name__)
            return self.env._(
                "Disconnected here, but the tokens could not be given back to Intuit. Remove the app in QuickBooks under Apps.")
        return ""

    # === WEBHOOK === #

    @api.model
    def _webhook_realms(self, raw, signature):
        """Return which backends a notification may speak of, {realm id: backend}; None when nobody's verifier signed it.

        One app at Intuit has one verifier, for all its companies; whoever knows it says nothing about companies of another app.
        """
        rows = self.env["qbo.token"].sudo().search([("webhook_verifier_cipher", "!=", False), ("backend_id.active", "=", True)])
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

    # === CLIENT === #

    def _get_client(self, on_call=None):
        """Return a client of the connected QuickBooks company, ready to be called from several threads.

        Asks Intuit for a new access token first when the old one is about to expire, so it belongs outside users' transactions.

        :param on_call: told of every request (``qbo.transport.Call``), in the thread that made it
        :raise UserError: when the connection is not up, was copied with its database, or its key is missing
        :raise QboError: when a refresh of the token fails
        """
        self.ensure_one()
        backend = self.sudo()
        backend._check_usable()
        return backend._client(backend.realm_id, AccessTokens(backend), on_call)

    def _client(self, realm_id, get_access_token, on_call=None):
        throttle = CompanyThrottle(self.env.cr.dbname, self.id)

        def told(call):
            throttle.count_call(call)
            if on_call:
                on_call(call)

        simulator = self._simulator_url()
        return Client(Transport(
            realm_id, hosts.base_url(self.environment, simulator), get_access_token,
            hosts.allowed_hosts(self.environment, simulator), throttle=throttle, on_call=told))

    def _oauth(self, redirect_uri=None):
        """Return Intuit's sign-in service for the app of this backend."""
        row = self.env["qbo.token"]._of(self)
        client_id, secret = row.client_id, self.env["qbo.secret"]._decrypt(row.client_secret_cipher)
        if self.environment == "simulator":
            client_id, secret = client_id or SIMULATOR_CLIENT[0], secret or SIMULATOR_CLIENT[1]
        return oauth.OAuth(
            client_id or "", secret, redirect_uri or self.redirect_uri or "", self.environment,
            discovery_url=self._simulator_url() or None)

    def _simulator_url(self):
        if self.environment != "simulator":
            return ""
        return self.env["ir.config_parameter"].sudo().get_param("qbo_sync.simulator_url") or SIMULATOR_URL

    def _profile(self):
        """Return what the QuickBooks company can do, as :class:`~..qbo.mapping.Profile`."""
        self.ensure_one()
        return mapping.Profile(
            tax_mode=self.qbo_tax_mode or "none", multicurrency=self.qbo_multicurrency,
            home_currency=self.qbo_home_currency or self.company_id.currency_id.name,
            custom_txn_numbers=self.qbo_custom_txn_numbers, allow_discount=self.qbo_allow_discount)

    def _refresh_company_facts(self, client):
        """Read CompanyInfo and Preferences into the ``qbo_*`` fields.

        :raise UserError: when the home currency is not the company's; the fields keep what they said
        """
        self.write(self._read_facts(client))

    def _read_facts(self, client):
        company = mapping.from_qbo("CompanyInfo", client.company_info())
        settings = mapping.from_qbo("Preferences", client.preferences())
        ours = self.company_id.currency_id.name
        if settings.home_currency != ours:
            raise UserError(self.env._(
                "%(qbo)s keeps its books in %(theirs)s and %(odoo)s in %(ours)s. Two books in different home currencies cannot agree; "
                "choose a QuickBooks company in %(ours)s.",
                qbo=company.name or self.env._("The QuickBooks company"), theirs=settings.home_currency,
                odoo=self.company_id.name, ours=ours))
        return {
            "qbo_company_name": company.name or company.legal_name,
            "qbo_country": company.country,
            "qbo_plan": company.plan,
            "qbo_home_currency": settings.home_currency,
            "qbo_multicurrency": settings.multicurrency,
            "qbo_tax_mode": mapping.Profile.of(settings, company.country).tax_mode,
            "qbo_custom_txn_numbers": settings.custom_txn_numbers,
            "qbo_closing_date": settings.closing_date or False,
            "qbo_allow_discount": settings.allow_discount,
            "qbo_auto_apply_credit": settings.auto_apply_credit,
        }

    # === STATE === #

    def _check_usable(self):
        """Raise UserError unless requests may be sent now; notes a copied database and a missing key on the way."""
        row = self.env["qbo.token"]._of(self)
        if self.state == "draft" or not self.realm_id:
            raise UserError(self.env._("%(name)s is not connected to QuickBooks yet.", name=self.name))
        if self.state == "copied" or row.database_uuid and not self._same_database(row):
            self._stop_apart("copied", self._copied_text(row))
            raise UserError(self._copied_text(row))
        self._check_key(row)
        if self.state == "reconnect":
            raise UserError(self.state_message or self.env._("The connection to QuickBooks must be renewed: connect again."))

    def _check_key(self, row):
        secret = self.env["qbo.secret"]
        try:
            known, text = secret._knows(row.key_fingerprint), secret._missing_text()
        except KeyMissing as error:
            known, text = False, error.args[0]
        if not known:
            self._stop_apart("key_missing", text)
            raise KeyMissing(text)
        if self.state == "key_missing":
            self._set_state(self._resumed_state(), False)

    def _identity(self):
        """Return what tells this database from a copy of it."""
        parameters = self.env["ir.config_parameter"].sudo()
        return {
            "database_uuid": parameters.get_param("database.uuid"),
            "database_name": self.env.cr.dbname,
            "base_url": _site(parameters.get_param("web.base.url")),
        }

    def _same_database(self, row):
        return all(row[name] == value for name, value in self._identity().items())

    def _copied_text(self, row):
        now = self._identity()
        return self.env._(
            "This looks like a copy: QuickBooks was connected in the database %(then)s at %(then_url)s, and this is %(now)s at "
            "%(now_url)s. Nothing is sent until an administrator says which one goes on.",
            then=row.database_name or "?", then_url=row.base_url or "?", now=now["database_name"], now_url=now["base_url"])

    def _resumed_state(self):
        return "active" if self.state == "active" or self.resume_active else "connected"

    def _set_state(self, state, message):
        """Change the state in the current transaction."""
        for backend in self:
            resume = backend.state == "active" or backend.resume_active if state in STOPPED else False
            backend.sudo().write({"state": state, "state_message": message, "resume_active": resume})

    def _stop_apart(self, state, message):
        """Stop the connection in a committed transaction of its own, because the caller's ends with an error; tell a person.

        The caller must not have written this backend in its transaction.
        """
        self.ensure_one()
        with apart(self.env) as env:
            backend = env["qbo.backend"].browse(self.id)._for_work()
            # A worker that was under way while a person disconnected has nothing to report.
            if backend.state != "draft" and (backend.state != state or backend.state_message != message):
                backend._set_state(state, message)
                backend._tell_responsible(message)
        self.invalidate_recordset(["state", "state_message", "resume_active"])

    def _connection_failed(self, error):
        """Note an error that ends every call of this connection (policy 'stop'); for the run that met it.

        :param error: QboError; others than those of sign-in and rights are left to the run's own history
        """
        if isinstance(error, (errors.AuthExpired, errors.AuthRevoked, errors.BadClient, errors.Forbidden)):
            self._stop_apart("reconnect", self._explain(error))

    def _tell_responsible(self, message):
        if not self.activity_search(["mail.mail_activity_data_warning"], user_id=self.responsible_id.id):
            self.activity_schedule(
                "mail.mail_activity_data_warning", user_id=self.responsible_id.id,
                summary=self.env._("QuickBooks needs you"), note=message)
        self.message_post(body=message)

    # === TEXTS === #

    @api.model
    def _state_secret(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.secret").encode()

    def _stale_state_text(self):
        return self.env._(
            "This connection request is not valid any more: it works once, within %(minutes)s minutes, for the user who began it. "
            "Please connect again.", minutes=STATE_MINUTES)

    def _explain(self, error, signing_in=False):
        """Return a sentence for a person on why talking to QuickBooks failed.

        :param bool signing_in: the error came while a consent was being finished
        """
        if isinstance(error, errors.BadClient):
            return self.env._(
                "Intuit does not accept the client ID or the client secret. Copy both again from 'Keys & credentials' of your app; "
                "sandbox companies need the development keys, real companies the production keys.")
        if isinstance(error, errors.AuthRevoked) and signing_in:
            return self.env._("Intuit did not accept the sign-in code; it works once and only for a moment. Please connect again.")
        if isinstance(error, (errors.AuthRevoked, errors.AuthExpired)):
            return self.env._(
                "QuickBooks ended the permission: it was withdrawn, ran out, or its user left the company. Connect again; nothing is lost.")
        if isinstance(error, errors.Forbidden):
            return self.env._(
                "QuickBooks refused the access to this company: the user has lost the right, or the keys belong to another environment.")
        if isinstance(error, errors.SubscriptionLapsed):
            return self.env._("The QuickBooks subscription has ended. Renew it; the sync goes on by itself.")
        if isinstance(error, errors.Unreachable):
            return self.env._("QuickBooks cannot be reached at the moment. Nothing was sent; it will be tried again.")
        if isinstance(error, errors.RateLimited):
            return self.env._("QuickBooks asks for a pause because of many requests. It will be tried again.")
        if isinstance(error, errors.HostNotAllowed):
            return self.env._("The address is not one of QuickBooks, so nothing was sent: %(detail)s", detail=error.message)
        if error.policy is errors.Policy.RETRY:
            return self.env._("QuickBooks did not answer properly (%(code)s). It will be tried again.", code=error.code)
        return self.env._("QuickBooks refused: %(detail)s", detail=str(error))


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _aware(moment):
    return pytz.utc.localize(moment)


def _site(url):
    """Return host and port of an address; all names of the own machine are one site, whatever the port."""
    parts = urlsplit(url or "")
    return "localhost" if parts.hostname in LOOPBACK else parts.netloc.lower()


def _quietly(work):
    try:
        work()
    except errors.QboError as error:
        _logger.info("A token that was not kept could not be given back: %s", type(error).__name__)
