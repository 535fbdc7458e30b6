"""Which money and which credit of a QuickBooks payment settle which document.

A payment says how much of each debit (an invoice) it settles and how much of each credit (a credit memo) it uses, but
not which credit goes to which invoice. Odoo reconciles pairs, so the pairs are found here, exactly and always in the
same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from .documents import ZERO, Payment, PaymentLine, payment_lines
from .mapping.errors import MappingError
from .mapping.payment import CREDIT_TYPES, DEBIT_TYPES

#: More journal entries than this in one payment are not sorted into debits and credits by trying.
_MOST_ENTRIES = 10


@dataclass(frozen=True)
class Allocation:
    """Exact pairs in the payment's currency, all amounts above 0.

    ``cash`` (transaction type, id, amount) is money on a debit; ``credits`` (credit type, credit id, transaction type,
    id, amount) is a credit on a debit; ``unapplied`` is the money that settles nothing yet.
    """

    cash: tuple[tuple[str, str, Decimal], ...] = ()
    credits: tuple[tuple[str, str, str, str, Decimal], ...] = ()
    unapplied: Decimal = ZERO


def allocate(payment: Payment) -> Allocation:
    """Return the pairs of ``payment``: credits first, on the debits in their order, then the money.

    Invoices, expenses and cheques on receivables are debits; credit memos, card credits and deposits are credits. A
    journal entry may be either: the only reading under which the figures of the payment add up, with its ``unapplied``,
    is taken. The order of the lines does not matter.

    :raises MappingError: ``over_applied`` the lines exceed the money and the credits, or credits are left over;
        ``negative_amount``; ``negative_total``; ``ambiguous`` journal entries; ``unsupported_kind`` of transaction.
    """
    if payment.total < 0:
        raise MappingError("negative_total", "total", payment.total)
    for line in payment.lines:
        if line.amount < 0:
            raise MappingError("negative_amount", "lines.amount", line.amount)
    debits, credits = _sides(payment)
    cash_used = _sum(debits) - _sum(credits)
    if cash_used < 0 or cash_used > payment.total:
        raise MappingError("over_applied", "lines", cash_used)
    return Allocation(
        credits=_credit_pairs(debits, credits),
        cash=_cash_pairs(debits, _sum(credits)),
        unapplied=payment.total - cash_used,
    )


def _credit_pairs(
    debits: tuple[PaymentLine, ...], credits: tuple[PaymentLine, ...],
) -> tuple[tuple[str, str, str, str, Decimal], ...]:
    pairs = []
    for start, credit in _positions(credits):
        for debit_start, debit in _positions(debits):
            amount = min(start + credit.amount, debit_start + debit.amount) - max(start, debit_start)
            if amount > 0:
                pairs.append((credit.txn_type, credit.txn_id, debit.txn_type, debit.txn_id, amount))
    return tuple(pairs)


def _cash_pairs(debits: tuple[PaymentLine, ...], credited: Decimal) -> tuple[tuple[str, str, Decimal], ...]:
    pairs = []
    for start, debit in _positions(debits):
        amount = start + debit.amount - max(start, credited)
        if amount > 0:
            pairs.append((debit.txn_type, debit.txn_id, amount))
    return tuple(pairs)


def _positions(lines: tuple[PaymentLine, ...]) -> list[tuple[Decimal, PaymentLine]]:
    """Lay the lines end to end and return where each begins: two lines settle each other where they overlap."""
    start = ZERO
    result = []
    for line in lines:
        result.append((start, line))
        start += line.amount
    return result


def _sides(payment: Payment) -> tuple[tuple[PaymentLine, ...], tuple[PaymentLine, ...]]:
    lines = payment_lines(payment.lines)
    debits = [line for line in lines if line.txn_type in DEBIT_TYPES]
    credits = [line for line in lines if line.txn_type in CREDIT_TYPES]
    entries = [line for line in lines if line.txn_type == "JournalEntry"]
    if len(debits) + len(credits) + len(entries) != len(lines):
        other = next(line for line in lines if line not in (*debits, *credits, *entries))
        raise MappingError("unsupported_kind", "lines.txn_type", other.txn_type)
    if entries:
        more_debits, more_credits = _split_entries(payment, entries, _sum(debits) - _sum(credits))
        debits += more_debits
        credits += more_credits
    return payment_lines(debits), payment_lines(credits)


def _split_entries(
    payment: Payment, entries: list[PaymentLine], applied: Decimal,
) -> tuple[list[PaymentLine], list[PaymentLine]]:
    """Return the journal entries that are debits and those that are credits."""
    if len(entries) > _MOST_ENTRIES:
        raise MappingError("ambiguous", "lines.txn_type", f"{len(entries)} JournalEntry")
    wanted = payment.total - payment.unapplied - applied
    readings = [
        signs
        for signs in product((1, -1), repeat=len(entries))
        if sum((sign * line.amount for sign, line in zip(signs, entries, strict=True)), ZERO) == wanted
    ]
    if len(readings) != 1:
        raise MappingError("ambiguous", "lines.txn_type", "JournalEntry")
    signed = list(zip(readings[0], entries, strict=True))
    return [line for sign, line in signed if sign > 0], [line for sign, line in signed if sign < 0]


def _sum(lines: list[PaymentLine] | tuple[PaymentLine, ...]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
