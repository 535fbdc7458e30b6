"""The part of an entry that moves receivables, and what stands against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TypeVar

from .documents import ZERO, Entry, EntryLine

E = TypeVar("E", bound=Entry)


def receivable_part(entry: E, accounts: Collection[str]) -> E:
    """Return ``entry`` with only what it books on the receivable ``accounts``, and the counterparts of that.

    One line a customer, then lines without customer that bring the sum to 0: the accounts on the other side where they
    are clear, else one line without account. ``total`` is what the receivables gain (below 0: lose), in the entry's
    currency. An entry that does not touch receivables has no lines left. A line on receivables that names no customer
    stays, see :func:`unnamed`.
    """
    owed = _by_customer([line for line in entry.lines if line.account_id in accounts])
    total = _sum(owed)
    other = _moved([line for line in entry.lines if line.account_id not in accounts])
    return dataclasses.replace(entry, lines=(*owed, *_counterparts(other, total)), total=total)


def unnamed(entry: Entry, accounts: Collection[str]) -> bool:
    """Tell whether receivables are booked for nobody."""
    return any(line.account_id in accounts and not line.customer_id for line in entry.lines)


def _by_customer(lines: Iterable[EntryLine]) -> list[EntryLine]:
    found: dict[str, EntryLine] = {}
    for line in lines:
        known = found.get(line.customer_id)
        found[line.customer_id] = dataclasses.replace(known, amount=known.amount + line.amount) if known else line
    return [line for line in found.values() if line.amount]


def _moved(lines: list[EntryLine]) -> list[EntryLine]:
    """Leave out accounts on which the lines cancel each other, as the base of a withheld tax does."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.account_id] = sums.get(line.account_id, ZERO) + line.amount
    return [line for line in lines if sums[line.account_id] or not line.account_id]


def _counterparts(lines: Iterable[EntryLine], total: Decimal) -> list[EntryLine]:
    amounts: dict[str, Decimal] = {}
    for line in lines:
        if line.amount * total < 0:
            amounts[line.account_id] = amounts.get(line.account_id, ZERO) + line.amount
    if not total:
        return []
    if sum(amounts.values(), ZERO) == -total:
        return [EntryLine(amount, account_id=account_id) for account_id, amount in amounts.items()]
    return [EntryLine(-total, account_id=next(iter(amounts)) if len(amounts) == 1 else "")]


def _sum(lines: Iterable[EntryLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
