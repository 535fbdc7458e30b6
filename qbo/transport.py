"""The one way out: every request to QuickBooks Online passes through `Transport`.

It is python-quickbooks' client with what that lacks: time-outs, an allow-list of hosts, a throttle, retries that keep
the request id, errors with a policy, response headers, and one log line a call. The library never gets a chance to
refresh a token, because a rotated refresh token that is not stored at once is lost.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from quickbooks.client import QuickBooks  # type: ignore[import-untyped, import-not-found, unused-ignore]
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from . import hosts, wire
from .errors import (
    AuthExpired,
    HostNotAllowed,
    MalformedAnswer,
    Policy,
    QboError,
    RateLimited,
    fault_from_body,
)
from .network import network_error
from .redact import one_line
from .throttle import BATCH, CORE, METERED, Throttle

_logger = logging.getLogger(__name__)

MINOR_VERSION = 75
REQUEST_ID_MAX = 50
BATCH_REQUEST_ID_MAX = 36
# Longer pauses are the caller's: its transaction, its worker and its lease should not wait inside a call.
SHORT_WAIT = 5.0
LONGEST_PAUSE = 20.0
_USER_AGENT = "qbo_sync"


@dataclass(frozen=True)
class Call:
    """One HTTP exchange, for counters: ``status`` 0 means that no answer came; ``ms`` is the time in milliseconds."""

    method: str
    path: str
    status: int
    ms: int
    intuit_tid: str
    request_id: str
    kind: str
    items: int


@dataclass(frozen=True)
class _Outgoing:
    method: str
    url: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes | None
    request_id: str
    kind: str
    items: int

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice cannot do harm: it reads, or QuickBooks recognises it by its request id."""
        return bool(self.request_id) or self.kind == METERED or self.method == "GET"


@dataclass
class _Attempts:
    """How often a request was tried; a fresh token and a short wait are granted once each."""

    failed: int = 0
    refreshed: bool = False
    waited: bool = False
    token: str = field(default="", repr=False)


class _Bearer(AuthBase):
    """Puts the token in the header itself: as an `auth` object it also keeps a .netrc file from replacing it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport(QuickBooks):  # type: ignore[misc, unused-ignore]
    """A connection to one QuickBooks company. May be used from several threads at once.

    :param realm_id: the company's id
    :param base_url: root address of the API without path, see `hosts.base_url`
    :param get_access_token: called with False for the current access token, with True after a 401 for a new one
    :param allowed_hosts: see `hosts.allowed_hosts`
    :param throttle: asked before every HTTP request, or None
    :param on_call: told of every HTTP exchange, also failed ones
    :param timeout: seconds to connect and to wait for data; QuickBooks itself gives up after 120 s
    :param attempts: how often a request that fails in a passing way is sent in all
    """

    def __new__(cls, *_args: Any, **_values: Any) -> "Transport":
        # Past the library's constructor: that one refreshes tokens and can hand out one instance for all companies.
        transport: Transport = object.__new__(cls)
        return transport

    def __init__(
        self,
        realm_id: str,
        base_url: str,
        get_access_token: Callable[[bool], str],
        allowed_hosts: frozenset[str],
        throttle: Throttle | None = None,
        on_call: Callable[[Call], None] | None = None,
        timeout: tuple[float, float] = (10, 120),
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = 4,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        if not realm_id.isascii() or not realm_id.isalnum():
            raise ValueError("A company id consists of digits")
        self.company_id = realm_id
        self.minorversion = MINOR_VERSION
        self.use_decimal = True
        self._root = base_url.rstrip("/").removesuffix("/v3")
        self._allowed = frozenset(allowed_hosts)
        hosts.check(self._root, self._allowed)
        self._get_access_token = get_access_token
        self._token_lock = threading.Lock()
        self._throttle = throttle
        self._on_call = on_call
        self._timeout = timeout
        self._sleep = sleep
        self._attempts = max(1, attempts)
        self._uniform = uniform
        self.session = self._start_session()

    def __repr__(self) -> str:
        return f"<Transport company {self.company_id} at {self._root}>"

    def __enter__(self) -> "Transport":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def renew_token(self) -> None:
        """Get a new access token now, in the caller's thread; raises QboError when the connection is dead.

        For a caller whose pool threads met an ended token and may not refresh it themselves.
        """
        self._get_access_token(True)

    def listen(self, on_call: Callable[[Call], None]) -> None:
        """Tell ``on_call`` of every HTTP exchange too, after whoever was told at construction."""
        first = self._on_call

        def both(call: Call) -> None:
            if first is not None:
                first(call)
            on_call(call)

        self._on_call = both

    def close(self) -> None:
        """Close the pooled connections."""
        self.session.close()

    @property
    def api_url(self) -> str:
        """Root of the version 3 API, used by python-quickbooks' own methods."""
        return f"{self._root}/v3"

    def _start_session(self) -> requests.Session:
        session = requests.Session()
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=10, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        # A cookie jar is the one part of a session that threads may not share, and the API needs none.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

    # ------------------------------------------------------------------ requests

    def request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: str | bytes | None = None,
        content_type: str | None = None,
        request_id: str | None = None,
        kind: str = CORE,
    ) -> dict[str, Any]:
        """Send one request to ``path`` below the company and return the JSON answer (numbers as Decimal or int).

        ``json`` is written by `wire.dumps`; ``data`` goes as it is (a frozen payload, a query). ``kind`` is core
        (write), metered (read) or batch. Passing errors are retried with the same request id after a growing pause
        with jitter; a write without a request id is never repeated after an unknown outcome.

        Raises QboError; source of the rules: Intuit, "Idempotent requests" and "Limits and throttles".
        """
        outgoing = self._outgoing(method, path, params, json, data, content_type, request_id, kind)
        state = _Attempts(token=self._get_access_token(False))
        while (answer := self._attempt(outgoing, state)) is None:
            pass
        return answer

    def process_request(
        self,
        request_type: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        data: str | bytes | None = None,
    ) -> requests.Response:
        """Send one HTTP request for python-quickbooks and return the answer as it is, without retry.

        Raises HostNotAllowed, Unreachable or UnknownOutcome.
        """
        values = {key: str(value) for key, value in (params or {}).items()}
        path = self._relative(url)
        outgoing = _Outgoing(
            method=request_type.upper(),
            url=url,
            path=path,
            params=values,
            headers=dict(headers or {}),
            body=_encoded(data),
            request_id=values.get("requestid", ""),
            kind=_kind_of(request_type, path),
            items=1,
        )
        response, ms = self._send(outgoing, self._get_access_token(False))
        self._report(outgoing, response, ms, 1)
        return response

    def make_request(
        self,
        request_type: str,
        url: str,
        request_body: str | bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, Any] | None = None,
        file_path: str | None = None,
        file_bytes: bytes | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Entry of python-quickbooks' own methods, led through `request`: same retries, same errors.

        Raises ValueError for a file: the library writes multipart bodies with bare line feeds.
        """
        if file_path or file_bytes:
            raise ValueError("Files are not sent through python-quickbooks")
        hosts.check(url, self._allowed)
        path = self._relative(url)
        return self.request(
            request_type,
            path,
            params=params,
            data=request_body or None,
            content_type=content_type,
            request_id=request_id,
            kind=_kind_of(request_type, path),
        )

    def _outgoing(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        json: Any,
        data: str | bytes | None,
        content_type: str | None,
        request_id: str | None,
        kind: str,
    ) -> _Outgoing:
        values = {key: str(value) for key, value in (params or {}).items() if value is not None}
        values["minorversion"] = str(MINOR_VERSION)
        if request_id:
            values["requestid"] = _checked_request_id(request_id, kind)
        body = _encoded(data if json is None else wire.dumps(json))
        headers = {"Accept": "application/json", "User-Agent": _USER_AGENT}
        if body is not None:
            headers["Content-Type"] = content_type or "application/json"
        path = _checked_path(path)
        return _Outgoing(
            method=method.upper(),
            url=f"{self.api_url}/company/{self.company_id}/{path}",
            path=path,
            params=values,
            headers=headers,
            body=body,
            request_id=request_id or "",
            kind=kind,
            items=_sent_items(json),
        )

    def _attempt(self, outgoing: _Outgoing, state: _Attempts) -> dict[str, Any] | None:
        """Return the answer, or None when the request shall be sent again; raises the error that is final."""
        try:
            return self._exchange(outgoing, state.token)
        except QboError as error:
            self._prepare_retry(error, outgoing, state)
            return None

    def _exchange(self, outgoing: _Outgoing, token: str) -> dict[str, Any]:
        response, ms = self._send(outgoing, token)
        fault = fault_from_body(response.status_code, response.content, response.headers)
        if fault is not None:
            self._report(outgoing, response, ms, 0)
            raise self._foreign_redirect(response) or fault
        answer: Any = None
        try:
            answer = wire.loads(response.content)
        except MalformedAnswer as error:
            error.http_status, error.intuit_tid = response.status_code, _tid(response)
            raise
        finally:
            self._report(outgoing, response, ms, max(outgoing.items, _received_items(answer)))
        if not isinstance(answer, dict):
            raise MalformedAnswer("The answer is not a JSON object", intuit_tid=_tid(response))
        return answer

    def _send(self, outgoing: _Outgoing, token: str) -> tuple[requests.Response, int]:
        hosts.check(outgoing.url, self._allowed)
        if self._throttle is not None:
            self._throttle.acquire(outgoing.kind)
        start = time.monotonic()
        try:
            response = self.session.request(
                outgoing.method,
                outgoing.url,
                params=outgoing.params,
                headers=outgoing.headers,
                data=outgoing.body,
                auth=_Bearer(token),
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            self._report(outgoing, None, _since(start), 0)
            raise network_error(error) from None
        return response, _since(start)

    # ------------------------------------------------------------------ retry

    def _prepare_retry(self, error: QboError, outgoing: _Outgoing, state: _Attempts) -> None:
        """Return when ``outgoing`` shall be sent again, after a pause or with a new token; else raise ``error``."""
        if isinstance(error, AuthExpired) and not state.refreshed:
            # A 401 comes from the gateway: nothing was carried out, so even a write may be repeated.
            state.refreshed, state.token = True, self._fresh_token(state.token)
            return
        pause = self._pause(error, outgoing, state)
        if pause is None:
            raise error
        self._sleep(pause)

    def _pause(self, error: QboError, outgoing: _Outgoing, state: _Attempts) -> float | None:
        if error.policy is Policy.WAIT:
            short = error.retry_after <= SHORT_WAIT and not state.waited and isinstance(error, RateLimited)
            state.waited = True
            return error.retry_after if short else None
        state.failed += 1
        if error.policy is not Policy.RETRY or state.failed >= self._attempts:
            return None
        if error.outcome_unknown and not outgoing.repeatable:
            return None
        if error.retry_after > LONGEST_PAUSE:
            return None
        jitter = self._uniform(0.0, min(8.0, 0.5 * 2.0 ** (state.failed - 1)))
        return max(error.retry_after, jitter)

    def _fresh_token(self, stale: str) -> str:
        """Return a token other than ``stale``; threads that fail together cause one refresh, not one each."""
        with self._token_lock:
            current = self._get_access_token(False)
            return current if current != stale else self._get_access_token(True)

    # ------------------------------------------------------------------ small parts

    def _foreign_redirect(self, response: requests.Response) -> QboError | None:
        if not 300 <= response.status_code < 400:
            return None
        target = urlsplit(urljoin(response.url, response.headers.get("Location", ""))).hostname or "?"
        return HostNotAllowed(
            f"QuickBooks pointed to another address ({one_line(target, 80)})",
            http_status=response.status_code,
            intuit_tid=_tid(response),
        )

    def _relative(self, url: str) -> str:
        prefix = f"{self.api_url}/company/{self.company_id}/"
        return url[len(prefix) :] if url.startswith(prefix) else urlsplit(url).path

    def _report(self, outgoing: _Outgoing, response: requests.Response | None, ms: int, items: int) -> None:
        call = Call(
            method=outgoing.method,
            path=one_line(outgoing.path.split("?", 1)[0]),
            status=0 if response is None else response.status_code,
            ms=ms,
            intuit_tid="" if response is None else _tid(response),
            request_id=one_line(outgoing.request_id),
            kind=outgoing.kind,
            items=items,
        )
        _logger.info(
            "qbo %s %s %s %sms tid=%s rid=%s items=%s",
            call.method, call.path, call.status, call.ms, call.intuit_tid or "-", call.request_id or "-", call.items,
        )  # fmt: skip
        if self._on_call is not None:
            self._on_call(call)


def _checked_path(path: str) -> str:
    clean = path.strip("/")
    if not clean or "://" in clean or ".." in clean.split("/") or any(ord(letter) <= 32 for letter in clean):
        raise ValueError("Not a path of the API")
    if any(letter in clean for letter in "\\?#@%"):
        raise ValueError("A path takes no query, fragment or escape")
    return clean


def _checked_request_id(request_id: str, kind: str) -> str:
    limit = BATCH_REQUEST_ID_MAX if kind == BATCH else REQUEST_ID_MAX
    if len(request_id) > limit:
        raise ValueError(f"A request id has at most {limit} characters")
    return request_id


def _kind_of(method: str, path: str) -> str:
    if path.strip("/").endswith("batch"):
        return BATCH
    return METERED if method.upper() == "GET" or path.strip("/").endswith("query") else CORE


def _encoded(data: str | bytes | None) -> bytes | None:
    return data.encode("utf-8") if isinstance(data, str) else data


def _sent_items(json: Any) -> int:
    items = json.get("BatchItemRequest") if isinstance(json, dict) else None
    return len(items) if isinstance(items, list) else 1


def _received_items(answer: Any) -> int:
    rows = answer.get("QueryResponse") if isinstance(answer, dict) else None
    if not isinstance(rows, dict):
        return 0
    return sum(len(value) for value in rows.values() if isinstance(value, list))


def _tid(response: requests.Response) -> str:
    return one_line(response.headers.get("intuit_tid") or response.headers.get("Intuit-Tid") or "", 80)


def _since(start: float) -> int:
    return int((time.monotonic() - start) * 1000)
