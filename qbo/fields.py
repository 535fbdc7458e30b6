"""Fields of neutral forms: which differ, and how they are carried from one document to another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from .documents import Document

D = TypeVar("D", bound=Document)
_ONE = Decimal(1)


def same(name: str, one: object, other: object) -> bool:
    """Whether two values of field ``name`` say the same.

    No exchange rate is the rate 1, which QuickBooks writes out.
    """
    if name == "exchange_rate":
        return (_ONE if one is None else one) == (_ONE if other is None else other)
    return one == other


def changed_fields(old: Document, new: Document) -> tuple[str, ...]:
    """Return the names of the fields that differ, in their order, without figures that the other side computes.

    :raises TypeError: documents of different types.
    """
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    return tuple(name for name in compared_names(type(new)) if not same(name, getattr(old, name), getattr(new, name)))


def apply_fields(target: D, source: Document, names: Iterable[str]) -> D:
    """Return ``target`` with the fields ``names`` as in ``source``.

    :raises TypeError: documents of different types.
    """
    if type(target) is not type(source):
        raise TypeError(f"cannot apply {type(source).__name__} to {type(target).__name__}")
    return dataclasses.replace(target, **{name: getattr(source, name) for name in names})


def compared_names(cls: type[Document], ignore: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the names of the fields that can make two documents different, without those in ``ignore``."""
    return tuple(spec.name for spec in dataclasses.fields(cls) if spec.compare and spec.name not in ignore)
