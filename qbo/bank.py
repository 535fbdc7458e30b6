"""What lies on bank deposits, and income that two people may have booked: pure functions, no database.

Intuit: Accounting API reference, Deposit. A line either takes a payment from Undeposited Funds (``LinkedTxn``) or books
an account of its own, which is what the bank feed's *Add* does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from . import text
from .documents import ZERO
from .mapping.table import dig
from .mapping.values import Payload, as_list, ref, to_date, to_decimal

#: A payment and a deposit line of the same customer and amount that are this near are probably the same money.
NEAR = timedelta(days=7)


@dataclass(frozen=True)
class DepositLine:
    """One line of a deposit: the money of ``txn_id``, or an amount booked on ``account_id``.

    Amounts are in the deposit's currency.
    """

    deposit_id: str
    day: date | None
    bank_id: str
    number: int
    amount: Decimal
    txn_id: str = ""
    txn_type: str = ""
    account_id: str = ""
    customer_id: str = ""
    description: str = ""


@dataclass(frozen=True)
class Receipt:
    """A payment as QuickBooks has it: what of it is needed to recognise it on a deposit."""

    qbo_id: str
    day: date
    amount: Decimal
    customer_id: str


def deposit_lines(payload: Mapping[str, Any]) -> tuple[DepositLine, ...]:
    """Return the lines of a deposit as the API answers it; what was cashed back is no line.

    :raises MappingError: ``malformed``.
    """
    return tuple(_lines(dict(payload)))


def _lines(payload: Payload) -> Iterator[DepositLine]:
    for number, entry in enumerate(as_list(payload.get("Line")), 1):
        links = as_list(entry.get("LinkedTxn"))
        person = dig(entry, "DepositLineDetail.Entity")
        kind = person.get("type") or person.get("Type") if isinstance(person, dict) else ""
        yield DepositLine(
            deposit_id=text.normalise(payload.get("Id")), day=to_date(payload.get("TxnDate"), "txn_date"),
            bank_id=ref(payload.get("DepositToAccountRef")), number=number,
            amount=to_decimal(entry.get("Amount"), "lines.amount") or ZERO,
            txn_id=text.normalise(links[0].get("TxnId")) if links else "",
            txn_type=text.normalise(links[0].get("TxnType")) if links else "",
            account_id="" if links else ref(dig(entry, "DepositLineDetail.AccountRef")),
            customer_id=ref(person) if text.normalise(kind).lower() in ("", "customer") else "",
            description=text.single_line(entry.get("Description") or ""))


def double_entries(
    lines: Iterable[DepositLine], receipts: Iterable[Receipt], accounts: Collection[str],
) -> list[tuple[DepositLine, Receipt]]:
    """Return lines that book on ``accounts`` (income, receivables) what a payment of the same customer has booked.

    The amounts are equal and the days at most :data:`NEAR` apart. Each payment explains one line, the nearest first.
    """
    own = [line for line in lines if line.account_id in accounts and line.customer_id and line.day and line.amount > 0]
    by_money: dict[tuple[str, Decimal], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_money[receipt.customer_id, receipt.amount].append(receipt)
    pairs = sorted(
        ((abs(line.day - receipt.day), position, receipt)
         for position, line in enumerate(own) for receipt in by_money[line.customer_id, line.amount]
         if line.day and abs(line.day - receipt.day) <= NEAR),
        key=lambda pair: (pair[0], pair[1], pair[2].qbo_id))
    found: dict[int, Receipt] = {}
    taken: set[str] = set()
    for _distance, position, receipt in pairs:
        if position not in found and receipt.qbo_id not in taken:
            found[position] = receipt
            taken.add(receipt.qbo_id)
    return [(own[position], receipt) for position, receipt in sorted(found.items())]
