"""Secrets of a backend, and the pending OAuth requests."""

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from odoo import SUPERUSER_ID, api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..qbo import errors
from .qbo_secret import CIPHER_COLUMNS, KeyMissing

# A worker's slice is much shorter, so a token that lasts this long will not run out under its threads.
FRESH_SECONDS = 600
REFRESH_WAIT = 90.0
STORE_ATTEMPTS = 5


@contextmanager
def apart(env):
    """Yield an environment of the superuser in a cursor of its own, committed at the end of the ``with`` block.

    The caller holds no lock on a row that is written there: PostgreSQL would see no deadlock between the two cursors of
    one thread.
    """
    with env.registry.cursor() as cr:
        # Should that rule ever be broken, an error is better than a worker that hangs.
        cr.execute("SET LOCAL lock_timeout = '10s'")
        yield api.Environment(cr, SUPERUSER_ID, {})


class QboToken(models.Model):
    """Tokens and application secret of one backend, encrypted at rest.

    Written only in a cursor of its own under a session-level advisory lock, so that two workers never refresh at once
    and a rotated token is never lost by a rollback.
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

    @api.model
    def _of(self, backend):
        """Return the row of ``backend`` as superuser (empty when there is none yet)."""
        return self.sudo().search([("backend_id", "=", backend.id)])

    @api.model
    def _ensure(self, backend):
        """Return the row of ``backend``; makes it in the current transaction when there is none."""
        return self._of(backend) or self.sudo().create({"backend_id": backend.id})

    # === ACCESS TOKEN === #

    @api.model
    def _store(self, backend, tokens, extra=None):
        """Save a :class:`~..qbo.oauth.TokenSet` in a committed transaction of its own.

        :param dict extra: more columns to write with it
        """
        secret = self.env["qbo.secret"]
        values = {
            "access_token_cipher": secret._encrypt(tokens.access_token),
            "refresh_token_cipher": secret._encrypt(tokens.refresh_token),
            "key_fingerprint": secret._fingerprint(),
            "access_expires_at": _naive(tokens.access_expires_at),
            "refresh_expires_at": _naive(tokens.refresh_expires_at),
            "hard_expires_at": _naive(tokens.hard_expires_at),
            "refreshed_at": fields.Datetime.now(),
            **(extra or {}),
        }
        self._write_apart(backend, values)

    @api.model
    def _write_apart(self, backend, values):
        # A person may be saving the client secret in the same row just now. A rotated token must not be lost for that,
        # and it cannot be asked for again: so the write is repeated in a new transaction instead of failing.
        for attempt in range(STORE_ATTEMPTS):
            try:
                with apart(self.env) as env:
                    rows = env["qbo.token"]
                    (rows._of(backend) or rows.create({"backend_id": backend.id})).write(values)
                break
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if attempt == STORE_ATTEMPTS - 1:
                    raise
        self.invalidate_model()

    @api.model
    def _access_token(self, backend, refused=""):
        """Return ``(access token, expiry as naive UTC)``, refreshed if it is about to expire or was ``refused``.

        One refresh at a time for all processes: whoever waited for the lock finds the new token and asks for none.
        Nothing is kept open during the request; the new pair is committed before it is used.

        :raise QboError: AuthRevoked and BadClient after the backend was set to 'reconnect'; network errors as they are
        """
        found = self._usable(backend, refused)
        if found:
            return found
        with self.env["qbo.lock"]._hold(f"token:{backend.id}", wait=REFRESH_WAIT) as held:
            found = self._usable(backend, refused)
            if found:
                return found
            if not held:
                raise errors.Unreachable("Another process has been renewing the access token for too long")
            tokens = self._refresh(backend)
            self._store(backend, tokens)
        return tokens.access_token, _naive(tokens.access_expires_at)

    @api.model
    def _usable(self, backend, refused):
        """Return the stored token if it may be used, else None; read in a new transaction: what is committed."""
        with apart(self.env) as env:
            row = env["qbo.token"]._of(backend)
            token = env["qbo.secret"]._decrypt(row.access_token_cipher)
            expires_at = row.access_expires_at
        if not token or token == refused or not expires_at:
            return None
        fresh = expires_at > fields.Datetime.now() + timedelta(seconds=FRESH_SECONDS)
        return (token, expires_at) if fresh else None

    @api.model
    def _refresh(self, backend):
        """Ask for new tokens; the caller holds the lock."""
        with apart(self.env) as env:
            oauth = env["qbo.backend"].browse(backend.id)._oauth()
            refresh_token = env["qbo.secret"]._decrypt(env["qbo.token"]._of(backend).refresh_token_cipher)
        try:
            if not refresh_token:
                raise errors.AuthRevoked("No refresh token is stored")
            try:
                return oauth.refresh(refresh_token)
            except (errors.UnknownOutcome, errors.MalformedAnswer):
                # The answer with the new token may be lost. Intuit sometimes accepts the old one again at once; nothing
                # else can help.
                return oauth.refresh(refresh_token)
        except (errors.AuthRevoked, errors.BadClient) as error:
            backend._stop_apart("reconnect", backend._explain(error))
            raise

    @api.model
    def _forget(self, backend):
        """Clear the tokens and what they were made for, in a transaction of its own.

        The app's secrets stay, unless their key is lost: unreadable ciphertext would forbid making a new key.
        """
        secret = self.env["qbo.secret"]
        try:
            readable = secret._knows(self._of(backend).key_fingerprint)
        except KeyMissing:
            readable = False
        self._write_apart(backend, {
            **({} if readable else dict.fromkeys(CIPHER_COLUMNS, False)),
            "access_token_cipher": False, "refresh_token_cipher": False, "access_expires_at": False,
            "refresh_expires_at": False, "hard_expires_at": False, "refreshed_at": False,
            "database_uuid": False, "database_name": False, "base_url": False})


class AccessTokens:
    """Hands the access token to the transport, which asks from several threads.

    Only the thread that made it may look into the database. In the others a refused token ends the call with
    AuthExpired, and the next client, made by the main thread, begins with a refresh.
    """

    def __init__(self, backend):
        self._backend = backend
        self._owner = threading.get_ident()
        self._key = (backend.env.cr.dbname, backend.id)
        self._token, self._expires_at = backend.env["qbo.token"]._access_token(backend, _refused.pop(self._key, ""))

    def __call__(self, force):
        """Return the current token, or with ``force`` (after a 401) another one.

        :raise QboError: see ``qbo.token._access_token``; AuthExpired outside the owning thread
        """
        if force and threading.get_ident() != self._owner:
            _refused[self._key] = self._token
            raise errors.AuthExpired("The access token was refused", http_status=401)
        ending = self._expires_at <= fields.Datetime.now() + timedelta(seconds=60)
        if force or (ending and threading.get_ident() == self._owner):
            self._token, self._expires_at = self._backend.env["qbo.token"]._access_token(
                self._backend, self._token if force else "")
        return self._token


# Tokens that a thread found refused, by (database, backend id): never written down, forgotten with the process.
_refused = {}


def _naive(moment):
    """Return an aware datetime as Odoo stores it: naive, UTC."""
    if not isinstance(moment, datetime):
        return False
    return moment.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)


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

    @api.model
    def _take(self, state_hash):
        """Strike out a consent request and return its values, or None when it is unknown, used or too old.

        Committed at once: a request that fails later cannot be tried again with the same address.
        """
        with apart(self.env) as env:
            row = env["qbo.oauth.state"].search([("state_hash", "=", state_hash)], limit=1)
            values = row.read(["backend_id", "user_id", "redirect_uri", "expires_at"], load=None)
            row.unlink()
        return values[0] if values and values[0]["expires_at"] >= fields.Datetime.now() else None

    @api.autovacuum
    def _gc_old(self):
        self.search([("expires_at", "<", fields.Datetime.now())]).unlink()
