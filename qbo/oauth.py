"""Signing in to QuickBooks with OAuth 2.0, on Intuit's own client with what that lacks.

The library asks for the discovery document in every constructor and waits for ever for every answer; here the
endpoints are kept for the process and every request has a time-out. Nothing is stored: a new refresh token must be
saved by the caller before it is used, because the old one may be dead already.
Source: Intuit, "OAuth 2.0" and "Discovery document"; RFC 6749.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from intuitlib.client import AuthClient  # type: ignore[import-untyped, import-not-found, unused-ignore]
from intuitlib.enums import Scopes  # type: ignore[import-untyped, import-not-found, unused-ignore]
from intuitlib.exceptions import AuthClientError  # type: ignore[import-untyped, import-not-found, unused-ignore]
from requests.auth import AuthBase

from . import hosts, wire
from .errors import (
    HostNotAllowed,
    MalformedAnswer,
    QboError,
    StateRefused,
    UnknownOutcome,
    Unreachable,
    oauth_fault,
)
from .network import network_error

_DISCOVERY = {
    hosts.PRODUCTION: "https://developer.api.intuit.com/.well-known/openid_configuration",
    hosts.SANDBOX: "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration",
}
_DISCOVERY_PATH = "/.well-known/openid_configuration"
_KEEP_ENDPOINTS = 24 * 3600.0
_STATE_PURPOSE = b"qbo_sync oauth state 1\0"
# Refresh tokens live 100 days without use; used only when the answer does not say.
_REFRESH_SECONDS = 8640000


@dataclass(frozen=True)
class Endpoints:
    """The addresses of the sign-in service."""

    authorize: str
    token: str
    revoke: str
    userinfo: str


@dataclass(frozen=True, repr=False)
class TokenSet:
    """What the token endpoint gave. Times are aware, UTC; ``hard_expires_at`` is the end of the consent, if known."""

    access_token: str
    refresh_token: str
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<TokenSet access until {self.access_expires_at:%Y-%m-%d %H:%M:%S}Z, tokens hidden>"


# The addresses that the discovery documents have named since 2017: used when those documents cannot be had.
_PUBLISHED = {
    hosts.PRODUCTION: Endpoints(
        "https://appcenter.intuit.com/connect/oauth2",
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        "https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
    ),
    hosts.SANDBOX: Endpoints(
        "https://appcenter.intuit.com/connect/oauth2",
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo",
    ),
}

_endpoints: dict[str, tuple[float, Endpoints]] = {}
_endpoints_lock = threading.Lock()


def forget_endpoints() -> None:
    """Empty the process's cache of endpoints."""
    with _endpoints_lock:
        _endpoints.clear()


class _Session(AuthClient):  # type: ignore[misc, unused-ignore]
    """Intuit's client without its discovery request, with a time-out, an allow-list and no redirects."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        endpoints: Endpoints,
        allowed: frozenset[str],
        timeout: tuple[float, float],
    ) -> None:
        requests.Session.__init__(self)
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uri = redirect_uri
        self.auth_endpoint = endpoints.authorize
        self.token_endpoint = endpoints.token
        self.revoke_endpoint = endpoints.revoke
        self.user_info_url = endpoints.userinfo
        # Used for id tokens only, which this addon never asks for.
        self.issuer_uri = self.jwks_uri = ""
        self.environment = self.state_token = self.realm_id = None
        self.access_token = self.refresh_token = self.id_token = None
        self.expires_in = self.x_refresh_token_expires_in = None
        self.x_refresh_token_hard_expires_in: Any = None
        self._qbo_allowed = allowed
        self._qbo_timeout = timeout

    def request(self, method: str, url: str, *args: Any, **values: Any) -> requests.Response:
        hosts.check(url, self._qbo_allowed)
        headers = dict(values.get("headers") or {})
        # Without this the answer does not say when the consent itself ends (five years after it was given).
        headers["x-include-refresh-token-hard-expires-in"] = "true"
        values.update(headers=headers, auth=_HeaderStays(), timeout=self._qbo_timeout, allow_redirects=False)
        response: requests.Response = requests.Session.request(self, method, url, *args, **values)
        return response


class _HeaderStays(AuthBase):
    """An `auth` that does nothing: without one a .netrc file may replace the client's credentials by its own."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class OAuth:
    """The sign-in service for one app.

    :param environment: production, sandbox or simulator
    :param discovery_url: address of the discovery document; needed for a simulator, whose host is then the only one
        that is spoken to
    :param timeout: seconds to connect and to wait; generous, because the answer to a refresh must not be lost
    :param now: the clock, aware UTC
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        environment: str,
        discovery_url: str | None = None,
        timeout: tuple[float, float] = (10, 60),
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self.client_id = client_id
        self._client_secret = client_secret
        self.redirect_uri = redirect_uri
        self.environment = environment
        self.discovery_url = _discovery_url(environment, discovery_url)
        self._allowed = hosts.allowed_hosts(environment, self.discovery_url)
        hosts.check(self.discovery_url, self._allowed)
        self._timeout = timeout
        self._now = now

    def __repr__(self) -> str:
        return f"<OAuth {self.environment}, secret hidden>"

    def endpoints(self) -> Endpoints:
        """Return the service's addresses, kept for a day in the process.

        When Intuit's discovery document cannot be had, its published addresses are used; a simulator's must answer.
        Raises Unreachable, UnknownOutcome, MalformedAnswer or HostNotAllowed.
        """
        with _endpoints_lock:
            kept = _endpoints.get(self.discovery_url)
        if kept and time.monotonic() - kept[0] < _KEEP_ENDPOINTS:
            return kept[1]
        try:
            found = self._discover()
        except (Unreachable, UnknownOutcome, MalformedAnswer):
            if self.environment not in _PUBLISHED:
                raise
            return _PUBLISHED[self.environment]
        with _endpoints_lock:
            _endpoints[self.discovery_url] = (time.monotonic(), found)
        return found

    def authorize_url(self, state: str) -> str:
        """Return the address of Intuit's consent page. ``state`` comes from `new_state`."""
        with self._session() as session:
            url: str = session.get_authorization_url([Scopes.ACCOUNTING], state_token=state)
            return url

    def exchange(self, code: str, realm_id: str) -> TokenSet:
        """Trade the code of a callback for tokens. A code can be used once.

        Raises AuthRevoked (bad or used code), BadClient, OAuthRefused, or a network error.
        """
        return self._tokens(lambda session: session.get_bearer_token(code, realm_id=realm_id))

    def refresh(self, refresh_token: str) -> TokenSet:
        """Return new tokens for ``refresh_token``; the caller holds a lock and saves them before using them.

        Raises AuthRevoked when the token is dead, BadClient, OAuthRefused, or a network error. After an
        UnknownOutcome an immediate second try with the same token is the only automatic chance.
        """
        return self._tokens(lambda session: session.refresh(refresh_token=refresh_token))

    def revoke(self, token: str) -> None:
        """Give a token back; both tokens of the connection die. Raises QboError when Intuit refuses."""
        with self._session() as session:
            _guarded(lambda: session.revoke(token))

    def _session(self) -> _Session:
        return _Session(
            self.client_id, self._client_secret, self.redirect_uri, self.endpoints(), self._allowed, self._timeout
        )

    def _tokens(self, ask: Callable[[_Session], object]) -> TokenSet:
        # Lifetimes count from before the request: rather a minute early than a minute late.
        start = self._now()
        with self._session() as session:
            _guarded(lambda: ask(session))
            return _token_set(session, start)

    def _discover(self) -> Endpoints:
        try:
            response = requests.get(
                self.discovery_url,
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            raise network_error(error) from None
        if response.status_code != 200:
            raise UnknownOutcome("No discovery document", http_status=response.status_code)
        return self._read_discovery(wire.loads(response.content))

    def _read_discovery(self, document: Any) -> Endpoints:
        names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "userinfo_endpoint")
        values = [document.get(name) for name in names] if isinstance(document, dict) else []
        addresses = [value for value in values if isinstance(value, str)]
        if len(addresses) != len(names):
            raise MalformedAnswer("The discovery document is incomplete")
        # The token endpoint receives the app's secret: a document that names a foreign host is not believed.
        for address in addresses:
            hosts.check(address, self._allowed)
        return Endpoints(*addresses)


def new_state(secret: bytes, claims: Mapping[str, Any], now: datetime) -> str:
    """Return a ``state`` for the consent page: ``claims`` with time and a random nonce ``n``, signed, safe in a URL.

    Single use is the caller's: it stores the state's SHA-256 and strikes it out at the callback. Raises ValueError for
    a secret of fewer than 16 bytes, a time without zone, or claims that are no JSON.
    """
    body = {**claims, "n": secrets.token_urlsafe(24), "t": _epoch(now)}
    text = _b64(json.dumps(body, separators=(",", ":")).encode("utf-8"))
    return f"{text}.{_b64(_sign(secret, text))}"


def read_state(secret: bytes, state: str, now: datetime, max_age: int = 600) -> dict[str, Any]:
    """Return the claims of a ``state`` (with ``n`` and ``t``) that came back within ``max_age`` seconds.

    Raises StateRefused when it is not ours, was changed, or is too old.
    """
    text, _dot, signature = state.partition(".")
    expected = _b64(_sign(secret, text)).encode("ascii")
    if not hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
        raise StateRefused("The sign-in was not started here")
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    age = _epoch(now) - int(claims["t"])
    # A clock that was set back between the two visits is no reason to refuse; a state from the far future is.
    if not -60 <= age <= max_age:
        raise StateRefused("The sign-in took too long", code="state_expired")
    return claims


def _sign(secret: bytes, text: str) -> bytes:
    if len(secret) < 16:
        raise ValueError("The secret of the state is too short")
    return hmac.new(secret, _STATE_PURPOSE + text.encode("utf-8", "replace"), hashlib.sha256).digest()


def _epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("A time needs a zone")
    return int(moment.timestamp())


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def _discovery_url(environment: str, discovery_url: str | None) -> str:
    if environment in _DISCOVERY:
        return discovery_url or _DISCOVERY[environment]
    if not discovery_url:
        raise HostNotAllowed(f"No address for the environment {environment!r}")
    address = discovery_url.rstrip("/")
    return address if "/.well-known/" in address else address + _DISCOVERY_PATH


def _guarded(ask: Callable[[], object]) -> None:
    # The library's own errors carry the whole answer in their text; none of them leaves this function.
    try:
        ask()
    except AuthClientError as error:
        raise _refusal(error) from None
    except requests.exceptions.JSONDecodeError:
        raise MalformedAnswer("The sign-in service did not answer in JSON") from None
    except requests.exceptions.RequestException as error:
        raise network_error(error) from None


def _refusal(error: Any) -> QboError:
    fault = oauth_fault(error.status_code, error.content, error.headers)
    return fault or MalformedAnswer("The sign-in service gave no tokens", http_status=error.status_code)


def _token_set(session: _Session, start: datetime) -> TokenSet:
    access, refresh = session.access_token, session.refresh_token
    # An error body taken for success once cost others both tokens.
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise MalformedAnswer("The sign-in service gave no tokens")
    hard = _seconds(session.x_refresh_token_hard_expires_in, 0)
    return TokenSet(
        access_token=access,
        refresh_token=refresh,
        access_expires_at=start + timedelta(seconds=_seconds(session.expires_in, 3600)),
        refresh_expires_at=start + timedelta(seconds=_seconds(session.x_refresh_token_expires_in, _REFRESH_SECONDS)),
        hard_expires_at=start + timedelta(seconds=hard) if hard else None,
    )


def _seconds(value: object, default: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 3_000_000_000
    return int(value) if usable and isinstance(value, int) else default
