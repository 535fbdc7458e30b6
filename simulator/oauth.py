"""OAuth 2.0 as Intuit's servers do it: discovery, consent page, code, tokens with rotation by the clock, revoke."""

import base64
import re
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from simulator.clock import Clock
from simulator.errors import token_expired, wrong_realm
from simulator.money import Json, loads
from simulator.schema import DATA
from simulator.store import Store
from simulator.web import PAGES

ACCESS_SECONDS, REFRESH_SECONDS, HARD_SECONDS, ROTATION_SECONDS = 3600, 8_640_000, 157_680_000, 86_400
DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
FACTS: Json = loads((DATA / "oauth.json").read_text("utf-8"))
"""Paths, the fixed part of the discovery document, scopes, and the person who signs in, by scope."""
PATHS: dict[str, str] = FACTS["paths"]
ACCOUNTING = "com.intuit.quickbooks.accounting"
JWE_HEAD = base64.urlsafe_b64encode(b'{"enc":"A128CBC-HS256","alg":"dir"}').decode().rstrip("=")


class OAuthError(Exception):
    """A refusal with an OAuth error body."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.body: Json = {"error": error, **({"error_description": description} if description else {})}


class OAuth:
    """The authorization server; *switches* are those of the simulator."""

    def __init__(self, store: Store, clock: Clock, switches: dict[str, Any]) -> None:
        self.store, self.clock, self.switches = store, clock, switches

    @property
    def clients(self) -> dict[str, str]:
        """Accepted client ids and their secrets."""
        found: dict[str, str] = self.store.setting("clients", {"simulator": "simulator-secret"})
        return found

    def discovery(self, base: str) -> Json:
        """Return the discovery document with endpoints on the simulator's own address."""
        return {**{name: base + path for name, path in PATHS.items()}, **FACTS["discovery"]}

    # -- OpenID -----------------------------------------------------------------------------------------------------

    def key(self) -> Any:
        """Return the private key that signs id tokens, made once for each simulator."""
        text = self.store.setting("oauth_key")
        if text is None:
            made = generate_private_key(public_exponent=65537, key_size=2048)
            text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            self.store.set_setting("oauth_key", text)
        return load_pem_private_key(text.encode(), None)

    def jwks(self) -> Json:
        """Return the public half of the key as a key set."""
        public = RSAAlgorithm.to_jwk(self.key().public_key(), as_dict=True)
        return {"keys": [{**public, "kid": FACTS["kid"], "use": "sig", "alg": "RS256"}]}

    def id_token(self, client: str, realm: str, begun: float) -> str:
        """Return a signed statement of who signed in, valid for an hour."""
        now = int(self.clock.now())
        claims: Json = {"sub": subject(realm), "aud": [client], **({"realmid": realm} if realm else {}),
                        "auth_time": int(begun), "iss": FACTS["discovery"]["issuer"],
                        "exp": now + ACCESS_SECONDS, "iat": now}
        return jwt.encode(claims, self.key(), algorithm="RS256", headers={"kid": FACTS["kid"]})

    def user_info(self, header: str) -> Json:
        """Return what the scopes of an access token let see of the person; raises GatewayFault without openid."""
        _client, realm, scope = self._live(header)
        if "openid" not in scope.split():
            raise token_expired(header[7:])
        shown = {name: value for word in scope.split() for name, value in FACTS["person"].get(word, {}).items()}
        return {"sub": subject(realm), **shown}

    # -- consent ----------------------------------------------------------------------------------------------------

    def check_authorize(self, args: dict[str, str]) -> str | None:
        """Return what is wrong with a request for consent, or None."""
        if args.get("client_id") not in self.clients:
            return "The client_id is not known."
        if not re.match(r"[a-z][a-z0-9+.-]*://[^/?#\[\]]+([/?#]|$)", args.get("redirect_uri", "")):
            return "The redirect_uri query parameter value is invalid."
        registered = self.store.setting(f"redirects:{args['client_id']}", [])
        if registered and args["redirect_uri"] not in registered:
            return "The redirect_uri query parameter value is invalid. It must match one that is registered."
        return None

    def consent_page(self, args: dict[str, str], companies: list[tuple[str, str]]) -> str:
        """Return the HTML of the consent form."""
        hidden = {name: args.get(name, "") for name in ("client_id", "redirect_uri", "state", "scope", "response_type")}
        return PAGES.get_template("consent.html").render(hidden=hidden, companies=companies, action=PATHS[
            "authorization_endpoint"])

    def decide(self, form: dict[str, str]) -> str:
        """Return the address to redirect to after the person decided."""
        scopes = form.get("scope", "").split()
        error = ("access_denied" if form.get("action") != "connect" else
                 "" if scopes and set(scopes) <= set(FACTS["scopes"]) else "invalid_scope")
        answer = {"error": error, "state": form.get("state", "")}
        if not error:
            realm = form.get("realmId", "") if any(scope.startswith("com.intuit.") for scope in scopes) else ""
            code = self.issue_code(form["client_id"], realm, form["redirect_uri"], " ".join(scopes))
            answer = {"code": code, "state": form.get("state", ""), "realmId": realm}
        return _with_query(form["redirect_uri"], answer)

    def issue_code(self, client: str, realm: str, redirect: str, scope: str = ACCOUNTING) -> str:
        """Return a new code for one use within five minutes; all tokens that come of it carry it as their family."""
        code, now = "AB11" + secrets.token_hex(20), self.clock.now()
        self.store.run("insert into grant_code values(?, ?, ?, ?, ?, 0)", code, client, realm, redirect, now + 300)
        self.store.run("insert into consent values(?, ?, ?, ?)", code, realm, scope, now)
        return code

    # -- tokens -----------------------------------------------------------------------------------------------------

    def authenticate(self, header: str, form: dict[str, str]) -> str:
        """Return the client of a token request, from the Basic header or the form; raises OAuthError."""
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
        """Answer the token endpoint; raises OAuthError."""
        if form.get("grant_type") == "authorization_code":
            return self._from_code(client, form)
        if form.get("grant_type") == "refresh_token":
            return self._from_refresh(client, form.get("refresh_token", ""))
        raise OAuthError("unsupported_grant_type")

    def _from_code(self, client: str, form: dict[str, str]) -> Json:
        family, now = form.get("code", ""), self.clock.now()
        realm = self.store.value("select realm from grant_code where code = ? and client = ? and redirect = ? and "
                                 "expires >= ? and not used", family, client, form.get("redirect_uri"), now)
        if realm is None:
            raise OAuthError("invalid_grant", "Invalid authorization code")
        self.store.run("update grant_code set used = 1 where code = ?", family)
        answer = self._answer(client, realm, family, now + HARD_SECONDS)
        scope, begun = self.store.one("select scope, begun from consent where family = ?", family) or ("", now)
        if "openid" in scope.split():
            answer["id_token"] = self.id_token(client, realm, begun)
        return answer

    def _from_refresh(self, client: str, value: str) -> Json:
        """Rotate once a day; an old value is refused, taken as theft, or accepted, as the switch says."""
        now, mode = self.clock.now(), self.switches["refresh_reuse"]
        family, realm, issued, hard, replaced = self.store.one(
            "select family, realm, issued, hard, replaced is not null from refresh_token where value = ? and client = "
            "? and expires >= ?", value, client, now) or (None,) * 5
        if replaced and mode == "family_revoked":
            self._revoke_family(family)
        if family is None or (replaced and mode != "accepted"):
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        if not replaced and not self.switches["rotate_every_time"] and now - issued < ROTATION_SECONDS:
            return self._answer(client, realm, family, hard, value)
        self.store.run("update refresh_token set replaced = ? where value = ?", now, value)
        return self._answer(client, realm, family, hard)

    def _answer(self, client: str, realm: str, family: str, hard: float, refresh: str = "") -> Json:
        """Return a new access token, and a new refresh token or one that goes on; no family lives beyond *hard*."""
        access = f"{JWE_HEAD}..{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(640)}.{secrets.token_urlsafe(16)}"
        now = self.clock.now()
        expires = min(now + REFRESH_SECONDS, hard)
        self.store.run("insert into access_token values(?, ?, ?, ?, ?)", access, family, client, realm,
                       now + ACCESS_SECONDS)
        self.store.run("update refresh_token set expires = ? where value = ?", expires, refresh)
        if not refresh:
            refresh = "AB11" + secrets.token_hex(23)
            self.store.run("insert into refresh_token values(?, ?, ?, ?, ?, ?, ?, null)", refresh, family, client,
                           realm, now, expires, hard)
        return {"token_type": "bearer", "access_token": access, "expires_in": ACCESS_SECONDS, "refresh_token": refresh,
                "x_refresh_token_expires_in": round(expires - now),
                "x_refresh_token_hard_expires_in": round(hard - now)}

    def _revoke_family(self, family: str) -> None:
        for table in ("refresh_token", "access_token"):
            self.store.run(f"delete from {table} where family = ?", family)

    def revoke(self, client: str, token: str) -> None:
        """Revoke a token and all that was issued with it; raises OAuthError: the token is not known."""
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

    def _live(self, header: str) -> tuple[str, str, str]:
        """Return client, realm and scope of the access token in a header; raises GatewayFault 401."""
        token = header[7:].strip() if header.lower().startswith("bearer ") else ""
        row = self.store.one("select client, access_token.realm, coalesce(scope, ?), expires from access_token "
                             "left join consent using (family) where value = ?", ACCOUNTING, token)
        if row is None or row[3] < self.clock.now():
            raise token_expired(token)
        return row[0], row[1], row[2]

    def authorize(self, header: str, realm: str) -> str:
        """Return the client of an API call; raises GatewayFault: 401 dead token, 403 other company or scope."""
        client, own, scope = self._live(header)
        if own != realm or ACCOUNTING not in scope.split():
            raise wrong_realm()
        return client


def subject(realm: str) -> str:
    """Return the id of the person who signs in to a company."""
    return str(uuid5(NAMESPACE_URL, realm))


def _with_query(address: str, values: dict[str, str]) -> str:
    parts, added = urlsplit(address), urlencode({name: value for name, value in values.items() if value})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))
