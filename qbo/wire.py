"""JSON and timestamps as QuickBooks Online writes them, without losing a cent or an hour on the way."""

import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from .errors import MalformedAnswer

# Offset of the company files' own clock. Answers carry Pacific time, and a negative offset is the form that recorded
# requests use; the "+" of a positive one is easily turned into a blank inside a URL.
_PACIFIC = timezone(timedelta(hours=-8))

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)", re.ASCII | re.IGNORECASE
)


def loads(body: bytes | str) -> Any:
    """Parse JSON with numbers that have a fraction as Decimal, whole numbers as int.

    Raises MalformedAnswer for anything that is not JSON, NaN and Infinity included.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer("The answer is not valid JSON", detail=type(error).__name__) from None


def dumps(value: Any) -> str:
    """Write JSON; Decimal becomes a number with exactly its digits (``Decimal("100.10")`` -> ``100.10``).

    Keys keep their order, so the same payload always gives the same text. Raises TypeError for a value that is no
    JSON (a float included: money is Decimal), ValueError for a Decimal that is not finite or absurdly long.
    """
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_key(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    if value is None or isinstance(value, (str, bool, int)):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def plain(value: Any) -> Any:
    """Return a copy of what :func:`loads` gave in which each Decimal is a float, as a column for JSON holds it.

    A float keeps 15 digits, more than any figure of QuickBooks has; its shortest text is the same figure again.
    """
    return json.loads(json.dumps(value, default=float))


def parse_time(text: str) -> datetime:
    """Return an aware datetime in UTC from ``2020-09-29T05:58:07.300-07:00``, ``...-0700`` or ``...179851517Z``.

    Raises ValueError for a time without offset: guessing one would move a cursor by hours.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"Not a time with an offset: {text[:40]!r}")
    year, month, day, hour, minute, second = (int(found.group(n)) for n in range(1, 7))
    micro = int((found.group(7) or "0").ljust(6, "0")[:6])
    moment = datetime(year, month, day, hour, minute, second, micro, _zone(found.group(8)))
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"Time out of range: {text[:40]!r}") from None


def format_time(moment: datetime) -> str:
    """Return ``moment`` (aware, else ValueError) in the form QuickBooks takes, cut to whole seconds."""
    if moment.tzinfo is None:
        raise ValueError("A time sent to QuickBooks needs a zone")
    return moment.astimezone(_PACIFIC).isoformat(timespec="seconds")


def _zone(text: str) -> timezone:
    if text in "Zz":
        return timezone.utc
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _number(value: Decimal) -> str:
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise ValueError(f"Not a number for QuickBooks: {value!r}")
    return format(value, "f")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("JSON keys are text")
    return json.dumps(key)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
