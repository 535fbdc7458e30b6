"""The way to talk to the connected QuickBooks company, and when not to."""

from urllib.parse import urlsplit

from odoo import fields, models
from odoo.exceptions import UserError

from ..qbo import errors, hosts, mapping, oauth
from ..qbo.client import Client
from ..qbo.transport import Transport
from .qbo_secret import KeyMissing
from .qbo_throttle import CompanyThrottle
from .qbo_token import AccessTokens, apart

SIMULATOR_URL = "http://127.0.0.1:8090"
SIMULATOR_CLIENT = ("simulator", "simulator-secret")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
STOPPED = ("reconnect", "key_missing", "copied")


class QboClient(models.Model):
    """The client factory, what the QuickBooks company says of itself, and the states in which nothing is sent."""

    _inherit = "qbo.backend"

    resume_active = fields.Boolean(
        copy=False, readonly=True,
        help="The scheduled sync was on when the connection stopped, and goes on after the reconnect.")

    # === CLIENT === #

    def _get_client(self, on_call=None):
        """Return a client of the connected QuickBooks company, ready to be called from several threads.

        Asks Intuit for a new access token first when the old one is about to expire, so it belongs outside users'
        transactions.

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
            custom_txn_numbers=self.qbo_custom_txn_numbers, allow_discount=self.qbo_allow_discount,
            class_tracking=self.qbo_class_tracking or "", department_tracking=self.qbo_department_tracking)

    def _refresh_company_facts(self, client):
        """Read CompanyInfo and Preferences into the ``qbo_*`` fields.

        :raise UserError: when the home currency is not the company's; the fields keep what they said
        """
        self.write(self._read_facts(client))

    def _read_facts(self, client):
        try:
            company = mapping.from_qbo("CompanyInfo", client.company_info())
            settings = mapping.from_qbo("Preferences", client.preferences())
        except mapping.MappingError as error:
            raise errors.MalformedAnswer(str(error)) from error
        ours = self.company_id.currency_id.name
        if settings.home_currency != ours:
            raise UserError(self.env._(
                "%(qbo)s keeps its books in %(theirs)s and %(odoo)s in %(ours)s. Two books in different home "
                "currencies cannot agree; choose a QuickBooks company in %(ours)s.",
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
            "qbo_class_tracking": mapping.Profile.of(settings, company.country).class_tracking or False,
            "qbo_department_tracking": settings.department_tracking,
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
            raise UserError(self.state_message or self.env._(
                "The connection to QuickBooks must be renewed: connect again."))

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
            "This looks like a copy: QuickBooks was connected in the database %(then)s at %(then_url)s, and this is "
            "%(now)s at %(now_url)s. Nothing is sent until an administrator says which one goes on.",
            then=row.database_name or "?", then_url=row.base_url or "?",
            now=now["database_name"], now_url=now["base_url"])

    def _resumed_state(self):
        return "active" if self.state == "active" or self.resume_active else "connected"

    def _set_state(self, state, message):
        """Change the state in the current transaction."""
        for backend in self:
            resume = backend.state == "active" or backend.resume_active if state in STOPPED else False
            backend.sudo().write({"state": state, "state_message": message, "resume_active": resume})

    def _stop_apart(self, state, message):
        """Stop the connection and tell a person, in a transaction of its own: the caller's ends with an error.

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

    def _explain(self, error, signing_in=False):
        """Return a sentence for a person on why talking to QuickBooks failed.

        :param bool signing_in: the error came while a consent was being finished
        """
        if isinstance(error, errors.BadClient):
            return self.env._(
                "Intuit does not accept the client ID or the client secret. Copy both again from 'Keys & credentials' "
                "of your app; sandbox companies need the development keys, real companies the production keys.")
        if isinstance(error, errors.AuthRevoked) and signing_in:
            return self.env._(
                "Intuit did not accept the sign-in code; it works once and only for a moment. Please connect again.")
        if isinstance(error, (errors.AuthRevoked, errors.AuthExpired)):
            return self.env._(
                "QuickBooks ended the permission: it was withdrawn, ran out, or its user left the company. Connect "
                "again; nothing is lost.")
        if isinstance(error, errors.Forbidden):
            return self.env._(
                "QuickBooks refused the access to this company: the user has lost the right, or the keys belong to "
                "another environment.")
        if isinstance(error, errors.SubscriptionLapsed):
            return self.env._("The QuickBooks subscription has ended. Renew it; the sync goes on by itself.")
        if isinstance(error, errors.Unreachable):
            return self.env._("QuickBooks cannot be reached at the moment. Nothing was sent; it will be tried again.")
        if isinstance(error, errors.RateLimited):
            return self.env._("QuickBooks asks for a pause because of many requests. It will be tried again.")
        if isinstance(error, errors.HostNotAllowed):
            return self.env._(
                "The address is not one of QuickBooks, so nothing was sent: %(detail)s", detail=error.message)
        if error.policy is errors.Policy.RETRY:
            return self.env._("QuickBooks did not answer properly (%(code)s). It will be tried again.", code=error.code)
        return self.env._("QuickBooks refused: %(detail)s", detail=str(error))


def _site(url):
    """Return host and port of an address; all names of the own machine are one site, whatever the port."""
    parts = urlsplit(url or "")
    return "localhost" if parts.hostname in LOOPBACK else parts.netloc.lower()
