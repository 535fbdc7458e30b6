"""Single values between JSON and Python: how a text, a figure, a date or a reference is read and written.

QuickBooks writes money as bare JSON numbers (``100.00``, ``0``); recordings also hold numbers and booleans as strings,
so reading accepts both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from .. import text
from ..documents import ZERO
from .errors import MappingError

Payload = dict[str, Any]


def number(value: Decimal, field: str = "") -> int | float:
    """Return ``value`` as a JSON number that reads back as exactly the same decimal.

    ``json`` writes a float with ``repr``, the shortest decimal that identifies the float. Every decimal of at most 15
    significant digits survives the way Decimal -> float -> repr unchanged, and QuickBooks' own amounts have at most 15
    (ten before the point, five after it). Nothing is calculated with the float. A figure that would not survive is
    refused instead of rounded.

    :raises MappingError: ``precision``.
    """
    if not value.is_finite():
        raise MappingError("precision", field, value)
    if value == value.to_integral_value():
        return int(value)
    result = float(value)
    if not math.isfinite(result) or Decimal(repr(result)) != value:
        raise MappingError("precision", field, value)
    return result


def to_decimal(raw: object, field: str = "") -> Decimal | None:
    """Read a JSON number or numeric string; None and "" are None.

    A float is read by its ``repr``, which is what the service wrote (see :func:`number`).

    :raises MappingError: ``malformed``.
    """
    if raw is None or raw == "" or isinstance(raw, (dict, list)):
        return None
    try:
        value = raw if isinstance(raw, Decimal) else Decimal(str(raw).strip())
    except InvalidOperation:
        raise MappingError("malformed", field, raw) from None
    if not value.is_finite():
        raise MappingError("malformed", field, raw)
    return value


def to_bool(raw: object) -> bool | None:
    """Read true / false as JSON booleans or as words; anything else is None."""
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False}.get(str(raw).strip().lower())


def to_date(raw: object, field: str = "") -> date | None:
    """Read the day of ``2026-01-31`` or of ``2026-01-31T00:00:00-08:00``.

    :raises MappingError: ``malformed``.
    """
    if raw is None or raw == "":
        return None
    try:
        return date.fromisoformat(str(raw).strip()[:10])
    except ValueError:
        raise MappingError("malformed", field, raw) from None


def to_datetime(raw: object) -> datetime | None:
    """Read a MetaData time with its offset as an aware UTC datetime; None when there is none.

    :raises MappingError: ``malformed``.
    """
    if not raw:
        return None
    try:
        value = datetime.fromisoformat(str(raw).strip().replace("Z", "+00:00"))
    except ValueError:
        raise MappingError("malformed", "updated_at", raw) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    return value.astimezone(timezone.utc)


def as_list(raw: object) -> list[Payload]:
    """Read a list of objects; a single object (as old answers have it) is a list of one."""
    if isinstance(raw, dict):
        return [raw]
    return [entry for entry in raw if isinstance(entry, dict)] if isinstance(raw, list) else []


def ref(raw: object) -> str:
    """Read the id of a reference ``{"value": "1", "name": "..."}``; "" when there is none."""
    return text.normalise(raw.get("value")) if isinstance(raw, dict) else text.normalise(raw)


class Codec:
    """How one kind of value is read and written. ``clear`` is what removes it in an update, None when nothing can."""

    clear: ClassVar[object] = None

    def read(self, raw: object, field: str) -> Any:
        """Return the value in the neutral form, None when QuickBooks says nothing."""
        raise NotImplementedError

    def write(self, value: Any, field: str) -> object:
        """Return the JSON value.

        :raises MappingError: when QuickBooks cannot take ``value``.
        """
        raise NotImplementedError

    def replace(self, value: Any, field: str) -> object:
        """Return the JSON value that replaces another one in an update; the same as :meth:`write` for plain values."""
        return self.write(value, field)


@dataclass(frozen=True)
class Text(Codec):
    """Text of at most ``maximum`` UTF-16 units. Longer text is cut, unless it is ``strict`` because it identifies."""

    maximum: int
    strict: bool = False
    one_line: bool = False
    forbidden: str = ""
    # An empty text in a sparse update clears the field. QuickBooks treats "" in a create as absent; that a sparse
    # update clears with it is an assumption: the reference only says that elements which are not sent stay untouched.
    clear: ClassVar[object] = ""

    def read(self, raw: object, field: str) -> str:
        return text.single_line(raw) if self.one_line else text.normalise(raw)

    def write(self, value: Any, field: str) -> str:
        result = self.read(value, field)
        if any(character in result for character in self.forbidden):
            raise MappingError("forbidden_character", field, value)
        if text.length(result) > self.maximum and self.strict:
            raise MappingError("too_long", field, value)
        return text.cut(result, self.maximum)


@dataclass(frozen=True)
class Ref(Codec):
    """A reference to another object by id; a name is never sent, QuickBooks ignores it."""

    # An assumption like the one for text: the reference does not say how a sparse update takes a reference away.
    clear: ClassVar[object] = {"value": ""}

    def read(self, raw: object, field: str) -> str:
        return ref(raw)

    def write(self, value: Any, field: str) -> Payload:
        return {"value": str(value)}


@dataclass(frozen=True)
class Number(Codec):
    """A figure: money, a price, a rate."""

    optional: bool = False

    def read(self, raw: object, field: str) -> Decimal | None:
        value = to_decimal(raw, field)
        return value if value is not None or self.optional else ZERO

    def write(self, value: Any, field: str) -> int | float:
        return number(value, field)


@dataclass(frozen=True)
class Integer(Codec):
    """A count of days or a day of the month."""

    def read(self, raw: object, field: str) -> int | None:
        value = to_decimal(raw, field)
        return None if value is None else int(value)

    def write(self, value: Any, field: str) -> int:
        return int(value)


@dataclass(frozen=True)
class Flag(Codec):
    """A boolean; None when QuickBooks does not say."""

    def read(self, raw: object, field: str) -> bool | None:
        return to_bool(raw)

    def write(self, value: Any, field: str) -> bool:
        return bool(value)


@dataclass(frozen=True)
class Day(Codec):
    """A date without time."""

    def read(self, raw: object, field: str) -> date | None:
        return to_date(raw, field)

    def write(self, value: Any, field: str) -> str:
        return str(value.isoformat())
