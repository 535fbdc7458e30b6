"""Money and JSON as the service writes them: two decimals for an amount, a bare ``0`` for nothing, rates unpadded."""

import json
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any

Json = dict[str, Any]

CENT = Decimal("0.01")
ZERO = Decimal(0)
PLACES = 40


def dec(value: Any) -> Decimal:
    """Read a JSON number or numeric string; absent is zero.

    Raises:
        decimal.InvalidOperation: the text is not a number, or one of more than 40 places.
    """
    if type(value) is Decimal:
        return value
    if value is None or value == "":
        return ZERO
    number = Decimal(str(value))
    if abs(number.adjusted()) > PLACES or not number.is_finite():
        raise InvalidOperation(f"{str(value)[:40]} is out of range")
    return number


def round2(value: Decimal) -> Decimal:
    """Round to the cent, halves away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def money(value: Any) -> Decimal | int:
    """Return an amount for the wire: two decimals, or the integer 0."""
    amount = round2(dec(value))
    return amount if amount else 0


def plain(value: Any) -> Decimal | int:
    """Return a quantity or rate for the wire: without padding zeros."""
    number = dec(value)
    if number == number.to_integral_value():
        return int(number)
    return number.normalize()


def cents(value: Any) -> int:
    """Return an amount as whole hundredths, the unit of the ledger."""
    return int(round2(dec(value)) * 100)


def from_cents(value: int) -> Decimal:
    """Return hundredths as an amount with two decimals."""
    return (Decimal(value) / 100).quantize(CENT)


def dumps(value: Any) -> str:
    """Serialise to compact JSON, Decimals as numbers with the digits they carry."""
    if value is None:
        return "null"
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is dict:
        return "{" + ",".join([f"{encode_basestring(k)}:{dumps(v)}" for k, v in value.items()]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([dumps(v) for v in value]) + "]"
    if kind is Decimal:
        return format(value, "f")
    if kind is int:
        return str(value)
    return json.dumps(value)


def loads(text: str | bytes) -> Any:
    """Parse JSON, fractions as Decimal.

    Raises:
        ValueError: the text is not JSON, holds NaN, an infinity, a number of more than 40 places or half a surrogate
            pair, or nests too deep.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        value = json.loads(text, parse_float=_fraction, parse_constant=_refuse)
        if "\\ud" in text or "\\uD" in text:
            dumps(value).encode()  # UnicodeEncodeError is a ValueError
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def _fraction(text: str) -> Decimal:
    number = Decimal(text)
    return number if abs(number.adjusted()) <= PLACES else _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text[:40]} is no number here")
