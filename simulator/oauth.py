"""OAuth 2.0 as Intuit's servers do it: discovery, consent page, code, tokens with rotation by the clock, revoke."""

import base64
import html
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from simulator.clock import Clock
from simulator.errors import token_expired, wrong_realm
from simulator.money import Json
from simulator.store import Store

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_640_000
HARD_SECONDS = 157_680_000
ROTATION_SECONDS = 86_400
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
PATHS = {"authorization_endpoint": "/connect/oauth2", "token_endpoint": "/oauth2/v1/tokens/bearer",
         "revocation_endpoint": "/v2/oauth2/tokens/revoke", "userinfo_endpoint": "/v1/openid_connect/userinfo"}


class OAuthError(Exception):
    """A refusal with an OAuth error body."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.body: Json = {"error": error, **({"error_description": description} if description else {})}


class OAuth:
    """The authorization server.

    Args:
        switches: ``rotate_every_time``, ``refresh_reuse`` (refused, family_revoked or accepted).
    """

    def __init__(self, store: Store, clock: Clock, switches: dict[str, Any]) -> None:
        self.store = store
        self.clock = clock
        self.switches = switches

    @property
    def clients(self) -> dict[str, str]:
        """Accepted client ids and their secrets."""
        found: dict[str, str] = self.store.setting("clients", {"simulator": "simulator-secret"})
        return found

    def discovery(self, base: str) -> Json:
        """Return the discovery document with endpoints on the simulator's own address."""
        return {"issuer": f"{base}/op/v1", **{name: base + path for name, path in PATHS.items()},
                "jwks_uri": f"{base}/op/v1/jwks", "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "profile", "address", "phone"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"]}

    # -- consent ----------------------------------------------------------------------------------------------------

    def check_authorize(self, args: dict[str, str]) -> str | None:
        """Return what is wrong with a request for consent, or None."""
        if args.get("client_id") not in self.clients:
            return "The client_id is not known."
        if not urlsplit(args.get("redirect_uri", "")).netloc:
            return "The redirect_uri query parameter value is invalid."
        registered = self.store.setting(f"redirects:{args['client_id']}", [])
        if registered and args["redirect_uri"] not in registered:
            return "The redirect_uri query parameter value is invalid. It must match one that is registered."
        return None

    def consent_page(self, args: dict[str, str], companies: list[tuple[str, str]]) -> str:
        """Return the HTML of the consent form."""
        hidden = "".join(f'<input type="hidden" name="{name}" value="{html.escape(args.get(name, ""))}">'
                         for name in ("client_id", "redirect_uri", "state", "scope", "response_type"))
        options = "".join(f'<option value="{realm}">{html.escape(name)}</option>' for realm, name in companies)
        return (f'<h1>Connect to QuickBooks</h1><p><b>{html.escape(args["client_id"])}</b> asks to see and change the '
                'accounting data of a company.</p>'
                f'<form method="post" action="{PATHS["authorization_endpoint"]}">{hidden}'
                f'<label>Company <select name="realmId" id="realmId">{options}</select></label>'
                '<p class="buttons"><button type="submit" name="action" value="connect" id="connect">Connect</button> '
                '<button type="submit" name="action" value="cancel" id="cancel" class="plain">Cancel</button>'
                '</p></form>')

    def decide(self, form: dict[str, str]) -> str:
        """Return the address to redirect to after the person decided."""
        scoped = "com.intuit.quickbooks.accounting" in form.get("scope", "").split()
        error = "access_denied" if form.get("action") != "connect" else "" if scoped else "invalid_scope"
        answer = {"error": error, "state": form.get("state", "")}
        if not error:
            code = self.issue_code(form["client_id"], form["realmId"], form["redirect_uri"])
            answer = {"code": code, "state": form.get("state", ""), "realmId": form["realmId"]}
        return _with_query(form["redirect_uri"], answer)

    def issue_code(self, client: str, realm: str, redirect: str) -> str:
        """Return a new code for one use within five minutes."""
        code = "AB11" + secrets.token_hex(20)
        self.store.run("insert into grant_code values(?, ?, ?, ?, ?, 0)", code, client, realm, redirect,
                       self.clock.now() + 300)
        return code

    # -- tokens -----------------------------------------------------------------------------------------------------

    def authenticate(self, header: str, form: dict[str, str]) -> str:
        """Return the client of a token request, from the Basic header or the form.

        Raises:
            OAuthError: 401 invalid_client.
        """
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if header.lower().startswith("basic "):
            try:
                client, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
            except ValueError:
                raise OAuthError("invalid_client", status=401) from None
        expected = self.clients.get(client)
        if expected is None or not secrets.compare_digest(expected.encode(), secret.encode()):
            raise OAuthError("invalid_client", status=401)
        return client

    def token(self, client: str, form: dict[str, str]) -> Json:
        """Answer the token endpoint.

        Raises:
            OAuthError: invalid_grant, unsupported_grant_type.
        """
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._from_code(client, form)
        if kind == "refresh_token":
            return self._from_refresh(client, form.get("refresh_token", ""))
        raise OAuthError("unsupported_grant_type")

    def _from_code(self, client: str, form: dict[str, str]) -> Json:
        row = self.store.one("select client, realm, redirect, expires, used from grant_code where code = ?",
                             form.get("code", ""))
        wrong = OAuthError("invalid_grant", "Invalid authorization code")
        if row is None or row[0] != client or row[3] < self.clock.now() or row[4]:
            raise wrong
        if form.get("redirect_uri") != row[2]:
            raise wrong
        self.store.run("update grant_code set used = 1 where code = ?", form["code"])
        family, now = secrets.token_hex(8), self.clock.now()
        return self._answer(client, row[1], family, self._new_refresh(client, row[1], family, now + HARD_SECONDS))

    def _new_refresh(self, client: str, realm: str, family: str, hard: float) -> str:
        value = "AB11" + secrets.token_hex(23)
        now = self.clock.now()
        self.store.run("insert into refresh_token values(?, ?, ?, ?, ?, ?, ?, null)", value, family, client, realm, now,
                       min(now + REFRESH_SECONDS, hard), hard)
        return value

    def _from_refresh(self, client: str, value: str) -> Json:
        row = self.store.one("select family, client, realm, issued, expires, hard, replaced from refresh_token where "
                             "value = ?", value)
        wrong = OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        now = self.clock.now()
        if row is None or row[1] != client or min(row[4], row[5]) < now:
            raise wrong
        family, _client, realm, issued, _expires, hard, replaced = row
        if replaced is not None:
            self._reused(family, wrong)
        if replaced is None and not self.switches["rotate_every_time"] and now - issued < ROTATION_SECONDS:
            expires = min(now + REFRESH_SECONDS, hard)
            self.store.run("update refresh_token set expires = ? where value = ?", expires, value)
            return self._answer(client, realm, family, value)
        self.store.run("update refresh_token set replaced = ? where value = ?", now, value)
        return self._answer(client, realm, family, self._new_refresh(client, realm, family, hard))

    def _reused(self, family: str, wrong: OAuthError) -> None:
        """An old value comes back: refused, or taken as theft, or accepted, as the switch says."""
        mode = self.switches["refresh_reuse"]
        if mode == "family_revoked":
            self._revoke_family(family)
        if mode != "accepted":
            raise wrong

    def _answer(self, client: str, realm: str, family: str, refresh: str) -> Json:
        access = "eyJ" + secrets.token_urlsafe(60)
        now = self.clock.now()
        self.store.run("insert into access_token values(?, ?, ?, ?, ?)", access, family, client, realm,
                       now + ACCESS_SECONDS)
        row = self.store.one("select expires, hard from refresh_token where value = ?", refresh) or (now, now)
        return {"token_type": "bearer", "access_token": access, "expires_in": ACCESS_SECONDS, "refresh_token": refresh,
                "x_refresh_token_expires_in": int(row[0] - now), "x_refresh_token_hard_expires_in": int(row[1] - now)}

    def _revoke_family(self, family: str) -> None:
        self.store.run("delete from refresh_token where family = ?", family)
        self.store.run("delete from access_token where family = ?", family)

    def revoke(self, client: str, token: str) -> None:
        """Revoke a token and all that was issued with it.

        Raises:
            OAuthError: the token is not known.
        """
        row = self.store.one("select family from refresh_token where value = ? and client = ? union select family from "
                             "access_token where value = ? and client = ?", token, client, token, client)
        if row is None:
            raise OAuthError("invalid_request", "The token is not valid")
        self._revoke_family(row[0])

    def disconnect(self, realm: str) -> None:
        """Revoke everything of a company, as a person does on the page of connected apps."""
        for table in ("refresh_token", "access_token", "grant_code"):
            self.store.run(f"delete from {table} where realm = ?", realm)

    def expire_access(self, realm: str | None) -> None:
        """Let all access tokens (of a company) run out now."""
        self.store.run("update access_token set expires = 0 where ? is null or realm = ?", realm, realm)

    def authorize(self, header: str, realm: str) -> None:
        """Check the access token of an API call.

        Raises:
            GatewayFault: 401 for a dead token, 403 for another company.
        """
        token = header[7:].strip() if header.lower().startswith("bearer ") else ""
        row = self.store.one("select realm, expires from access_token where value = ?", token)
        if row is None or row[1] < self.clock.now():
            raise token_expired(token)
        if row[0] != realm:
            raise wrong_realm()


def _with_query(address: str, values: dict[str, str]) -> str:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query), *((name, value) for name, value in values.items() if value)])
    return urlunsplit(parts._replace(query=query))
