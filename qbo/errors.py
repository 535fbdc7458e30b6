"""Everything that can go wrong with QuickBooks Online, as classes that carry what to do about it.

Codes and texts: Intuit, "Error codes" (developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/error-codes)
and answers recorded from the service. QuickBooks speaks of faults in four dialects: ``Fault`` (business errors, with
HTTP 400 and sometimes 200), ``fault`` in lower case (the gateway: authentication and throttling), XML although JSON
was asked for (throttling), and HTML or nothing (an outage).
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar

from .faults import (
    FaultItem,
    as_object,
    fault_of,
    intuit_tid,
    items_of,
    may_hold_fault,
    read_fault,
    retry_after_seconds,
)
from .redact import redact

# Intuit documents no Retry-After for its throttle; its limits are counted over a minute.
THROTTLE_WAIT = 60.0
# A refused property makes QuickBooks list all that it knows; more than this helps nobody.
LONGEST_TEXT = 4000


class Policy(str, Enum):
    """What the caller does after an error."""

    RETRY = "retry"  # passing trouble: the same request again, with the same request id
    WAIT = "wait"  # throttled: again after `retry_after` seconds
    BLOCK = "block"  # waits for a mapping or for another document
    ASK = "ask"  # a person must act
    STOP = "stop"  # the connection is dead: stop the run


class QboError(Exception):
    """Base of all errors of this package.

    ``message``, ``detail`` and ``element`` are QuickBooks' own words, redacted; ``code`` is its error code or, for
    errors without one, the name of the class of error; ``retry_after`` is in seconds, 0.0 when unknown.
    """

    policy: Policy = Policy.ASK
    default_code: ClassVar[str] = "unknown"
    # The request may have been carried out although no usable answer came back.
    outcome_unknown: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        detail: str = "",
        element: str = "",
        http_status: int = 0,
        intuit_tid: str = "",
        retry_after: float = 0.0,
        policy: Policy | None = None,
        items: tuple[FaultItem, ...] = (),
    ) -> None:
        self.code = code or self.default_code
        self.message = redact(message[:LONGEST_TEXT])
        self.detail = redact(detail[:LONGEST_TEXT])
        self.element = element
        self.http_status = http_status
        self.intuit_tid = intuit_tid
        self.retry_after = retry_after
        self.items = items
        if policy is not None:
            self.policy = policy
        super().__init__(self.message)

    def __str__(self) -> str:
        words = self.message
        if self.detail and self.detail != self.message:
            words = f"{words} / {self.detail}" if words else self.detail
        return f"{self.code}: {words}" if words else self.code


class Unreachable(QboError):
    """Nothing was sent: connection refused, host unknown, no route, certificate refused."""

    policy = Policy.RETRY
    default_code = "unreachable"


class UnknownOutcome(QboError):
    """The request went out and no usable answer came: time-out, cut connection, 502, 503, 504.

    A write may have happened. The same request id makes a repetition harmless.
    """

    policy = Policy.RETRY
    default_code = "unknown_outcome"
    outcome_unknown = True


class MalformedAnswer(QboError):
    """An answer with a good status that is not what the interface promises (not JSON, or without its parts)."""

    policy = Policy.RETRY
    default_code = "malformed"
    outcome_unknown = True


class RateLimited(QboError):
    """Throttled (HTTP 429, code 3001; 403 in old answers). ``retry_after`` is always above zero."""

    policy = Policy.WAIT
    default_code = "3001"

    def __init__(self, message: str = "", **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = self.retry_after or THROTTLE_WAIT


class ServerFault(QboError):
    """QuickBooks failed (HTTP 500, code 10000 and above)."""

    policy = Policy.RETRY
    default_code = "10000"
    outcome_unknown = True


class AuthExpired(QboError):
    """The access token is dead (401, codes 100 and 3200). Transport refreshes once; after that the run stops."""

    policy = Policy.STOP
    default_code = "3200"


class AuthRevoked(QboError):
    """The refresh token is dead (``invalid_grant``): expired, revoked, or the user left the company."""

    policy = Policy.STOP
    default_code = "invalid_grant"


class BadClient(QboError):
    """Client id or secret is wrong (``invalid_client``, ``unauthorized_client``)."""

    policy = Policy.STOP
    default_code = "invalid_client"


class OAuthRefused(QboError):
    """Any other refusal of the sign-in service: refused consent, wrong redirect address, wrong scope."""

    policy = Policy.STOP
    default_code = "access_denied"


class StateRefused(QboError):
    """The ``state`` that came back to the callback is not ours, was changed, or is too old."""

    policy = Policy.ASK
    default_code = "state"


class Forbidden(QboError):
    """The token is good but not for this company or this user (403, codes 3100, 120-150)."""

    policy = Policy.STOP
    default_code = "3100"


class SubscriptionLapsed(QboError):
    """The QuickBooks subscription ended: reading works, writing does not (6190)."""

    policy = Policy.STOP
    default_code = "6190"


class HostNotAllowed(QboError):
    """An address outside the allow-list, or an answer that points elsewhere. Nothing was sent there."""

    policy = Policy.STOP
    default_code = "host"


class StaleObject(QboError):
    """Somebody changed the object since its SyncToken was read (5010): read again, merge, retry once."""

    policy = Policy.ASK
    default_code = "5010"


class DuplicateName(QboError):
    """A customer, vendor or employee of this name exists (6240)."""

    policy = Policy.ASK
    default_code = "6240"

    @property
    def existing_id(self) -> str:
        """Id of the record that has the name, or "": older answers end in "null" or in a sentence."""
        found = re.search(r"\bId\s*=\s*(\d+)", self.detail) or re.search(r"\bId\s*=\s*(\d+)", self.message)
        return found.group(1) if found else ""


class DuplicateNumber(QboError):
    """The document number is taken (6140). Only the text, which is localised, says by which document."""

    policy = Policy.ASK
    default_code = "6140"

    @property
    def existing_id(self) -> str:
        """Id of the transaction that has the number, or ""."""
        return self._find(r"TxnId=\s*(\d+)")

    @property
    def existing_type(self) -> str:
        """Type of that transaction as an entity name ("Invoice", "JournalEntry"), or ""."""
        return self._find(r"TxnType=\s*(.+?)\s+\S+\s+TxnId=").replace(" ", "")

    @property
    def existing_number(self) -> str:
        """The number in dispute, or ""."""
        return self._find(r"DocNumber=\s*(.+?)\s+\S+(?:\s+\S+)?\s+\S+\s+TxnType=")

    def _find(self, pattern: str) -> str:
        found = re.search(pattern, self.detail) or re.search(pattern, self.message)
        return found.group(1) if found else ""


class ObjectNotFound(QboError):
    """The target was deleted, or a record that it names was deleted or made inactive (610)."""

    policy = Policy.ASK
    default_code = "610"


class ValidationFault(QboError):
    """A field is missing, malformed or not known (2000 to 2999)."""

    policy = Policy.ASK
    default_code = "2000"


class InvalidReference(ValidationFault):
    """A reference to an account, class, name or item that does not exist (2500)."""

    policy = Policy.BLOCK
    default_code = "2500"


class QueryFault(QboError):
    """A query that QuickBooks cannot read or refuses (4000, 4001)."""

    policy = Policy.ASK
    default_code = "4000"


class UnsupportedOperation(QboError):
    """QuickBooks does not know the address or the operation (code 500 with HTTP 400; 404 and 405)."""

    policy = Policy.ASK
    default_code = "500"


class BusinessFault(QboError):
    """A rule of QuickBooks' bookkeeping (6000 and its neighbours, 600-1999, 5020)."""

    policy = Policy.ASK
    default_code = "6000"


class PeriodClosed(BusinessFault):
    """The date lies in a closed period (6200, 6210)."""

    default_code = "6210"


class Deposited(BusinessFault):
    """The payment is part of a deposit and cannot be changed (6540)."""

    default_code = "6540"


_BY_CODE: dict[int, type[QboError]] = {
    100: AuthExpired,
    120: Forbidden,
    130: Forbidden,
    140: Forbidden,
    150: Forbidden,
    429: RateLimited,
    500: UnsupportedOperation,
    610: ObjectNotFound,
    2500: InvalidReference,
    3001: RateLimited,
    3100: Forbidden,
    3200: AuthExpired,
    5010: StaleObject,
    6140: DuplicateNumber,
    6190: SubscriptionLapsed,
    6200: PeriodClosed,
    6210: PeriodClosed,
    6240: DuplicateName,
    6540: Deposited,
}

_BY_OWN_CODE: dict[str, type[QboError]] = {
    "unreachable": Unreachable,
    "certificate": Unreachable,
    "unknown_outcome": UnknownOutcome,
    "malformed": MalformedAnswer,
    "invalid_grant": AuthRevoked,
    "invalid_client": BadClient,
    "unauthorized_client": BadClient,
    "access_denied": OAuthRefused,
    "invalid_scope": OAuthRefused,
    "invalid_request": OAuthRefused,
    "state": StateRefused,
    "state_expired": StateRefused,
    "host": HostNotAllowed,
}

_BY_STATUS: dict[int, type[QboError]] = {
    401: AuthExpired,
    403: Forbidden,
    404: UnsupportedOperation,
    405: UnsupportedOperation,
    408: UnknownOutcome,
    413: ValidationFault,
    429: RateLimited,
    500: ServerFault,
    502: UnknownOutcome,
    503: UnknownOutcome,
    504: UnknownOutcome,
}

_BY_TYPE: dict[str, type[QboError]] = {
    "authentication": AuthExpired,
    "authenticationfault": AuthExpired,
    # Intuit's schema really spells it without the second "i".
    "authorizatonfault": Forbidden,
    "authorizationfault": Forbidden,
    "systemfault": ServerFault,
    "validationfault": ValidationFault,
}


def class_for_code(code: str) -> type[QboError] | None:
    """Return the error class of a QuickBooks error code, or None when the code says nothing."""
    if not code.isascii() or not code.isdigit() or len(code) > 6:
        return None
    number = int(code)
    if number in _BY_CODE:
        return _BY_CODE[number]
    if number >= 10000:
        return ServerFault
    if 2000 <= number <= 2999:
        return ValidationFault
    if 4000 <= number <= 4999:
        return QueryFault
    if 600 <= number <= 1999 or 5000 <= number <= 9999:
        return BusinessFault
    return None


def policy_of(code: str) -> Policy:
    """Return what is done about an error that is known by its code only, ASK when the code says nothing."""
    cls = class_for_code(code) or _BY_OWN_CODE.get(code)
    return cls.policy if cls else QboError.policy


def fault_from_body(http_status: int, body: bytes | str, headers: Mapping[str, str] | None = None) -> QboError | None:
    """Return the error that an answer of the service contains, or None when it is a good answer.

    Reads all four dialects, and faults hidden in an answer with HTTP 200 (also inside ``AttachableResponse``). An
    answer of a batch is good as a whole even when some of its items failed; see `error_from_item`.
    """
    headers = headers or {}
    if 200 <= http_status < 300 and not may_hold_fault(body):
        return None
    kind, items = read_fault(body)
    if not items and not kind and http_status < 300:
        return None
    return _make(kind, items, http_status, headers)


def error_from_item(item: Mapping[str, Any]) -> QboError | None:
    """Return the error of one ``BatchItemResponse``, or None when the item succeeded."""
    fault = fault_of(item)
    if fault is None:
        return None
    kind, items = items_of(fault)
    return _make(kind, items, 200, {})


def oauth_fault(http_status: int, body: bytes | str, headers: Mapping[str, str] | None = None) -> QboError | None:
    """Return the error in an answer of Intuit's OAuth 2.0 service (RFC 6749, section 5.2), or None for a good answer.

    ``invalid_grant`` also says "User is not a member of the specified Realm" and "Invalid authorization code".
    """
    headers = headers or {}
    answer = as_object(body)
    name = answer.get("error")
    if not isinstance(name, str) or not name:
        return None if 200 <= http_status < 300 else _oauth_status(http_status, headers)
    chosen = {"invalid_grant": AuthRevoked, "invalid_client": BadClient, "unauthorized_client": BadClient}
    cls: type[QboError] = chosen.get(name, OAuthRefused)
    detail = answer.get("error_description")
    return cls(
        name,
        code=name if name in chosen or name in ("access_denied", "invalid_scope", "invalid_request") else "",
        detail=detail if isinstance(detail, str) else "",
        http_status=http_status,
        intuit_tid=intuit_tid(headers),
    )


def _oauth_status(http_status: int, headers: Mapping[str, str]) -> QboError:
    cls: type[QboError] = OAuthRefused
    if http_status == 401:
        cls = BadClient
    elif http_status >= 500 or http_status == 408:
        cls = UnknownOutcome
    elif http_status == 429:
        cls = RateLimited
    return cls(
        f"HTTP {http_status}",
        http_status=http_status,
        intuit_tid=intuit_tid(headers),
        retry_after=retry_after_seconds(headers),
    )


def _make(kind: str, items: tuple[FaultItem, ...], http_status: int, headers: Mapping[str, str]) -> QboError:
    first = items[0] if items else FaultItem(message=f"HTTP {http_status}" if http_status != 200 else kind)
    cls = _choose(kind, first.code, http_status)
    code = first.code
    if not code and cls.default_code.isdigit() and http_status not in (200, 401, 403, 429, 500):
        code = f"http_{http_status}"
    detail = "\n".join(item.detail for item in items if item.detail) or first.detail
    return cls(
        first.message,
        code=code,
        detail=detail,
        element=first.element,
        http_status=http_status,
        intuit_tid=intuit_tid(headers),
        retry_after=retry_after_seconds(headers),
        items=items,
    )


def _choose(kind: str, code: str, http_status: int) -> type[QboError]:
    # The status says "throttled" more reliably than the body, whose form has changed several times.
    if http_status == 429:
        return RateLimited
    return (
        class_for_code(code)
        or _BY_TYPE.get(kind.lower())
        or _BY_STATUS.get(http_status)
        or (ServerFault if http_status >= 500 else BusinessFault if http_status >= 400 or http_status < 300 else None)
        or HostNotAllowed
    )
