"""Neutral forms as JSON-ready values: what the base of a link and a frozen request keep of a document."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from .documents import DOCUMENTS, Document


def dump(document: Document) -> dict[str, Any]:
    """Write ``document`` as JSON-ready values; defaults are left out, so that stored rows stay small."""
    return _dump_fields(document)


def load(entity: str, values: dict[str, Any]) -> Document:
    """Read what :func:`dump` wrote. Unknown keys (of an older or newer version) are ignored.

    :raises KeyError: when ``entity`` is not one of :data:`DOCUMENTS`.
    """
    document: Document = _load_class(DOCUMENTS[entity], values)
    return document


def plain(value: Decimal) -> str:
    """Write a figure in its one form, without exponent and padding, so that equal documents are dumped equally."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits in ("-0", "") else digits


def _dump_fields(instance: Any) -> dict[str, Any]:
    result = {}
    for spec in dataclasses.fields(instance):
        value = getattr(instance, spec.name)
        if value != spec.default:
            result[spec.name] = _dump_value(value)
    return result


def _dump_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_dump_value(element) for element in value]
    if dataclasses.is_dataclass(value):
        return _dump_fields(value)
    return value


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _load_class(cls: type, values: dict[str, Any]) -> Any:
    hints = _hints(cls)
    known = {spec.name for spec in dataclasses.fields(cls)}
    return cls(**{name: _load_value(hints[name], value) for name, value in values.items() if name in known})


def _load_value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_load_value(get_args(hint)[0], element) for element in value)
    if hint is Decimal:
        return Decimal(value)
    if hint is date:
        return date.fromisoformat(value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _load_class(hint, value)
    return value
