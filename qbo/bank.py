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

#: A payment and a deposit line of the same customer (or bank) and amount that are this near are probably one money.
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
    #: It names a vendor or an employee, so that it is no customer's money.
    others: bool = False


@dataclass(frozen=True)
class Receipt:
    """A payment or a sales receipt as QuickBooks has it: what of it is needed to recognise it on a deposit.

    ``banks`` are the bank accounts that its money can have reached: its own, or all while it waits to be deposited.
    """

    qbo_id: str
    day: date
    amount: Decimal
    customer_id: str
    entity: str = "Payment"
    banks: frozenset[str] = frozenset()


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
        customers = text.normalise(kind).lower() in ("", "customer")
        yield DepositLine(
            deposit_id=text.normalise(payload.get("Id")), day=to_date(payload.get("TxnDate"), "txn_date"),
            bank_id=ref(payload.get("DepositToAccountRef")), number=number,
            amount=to_decimal(entry.get("Amount"), "lines.amount") or ZERO,
            txn_id=text.normalise(links[0].get("TxnId")) if links else "",
            txn_type=text.normalise(links[0].get("TxnType")) if links else "",
            account_id="" if links else ref(dig(entry, "DepositLineDetail.AccountRef")),
            customer_id=ref(person) if customers else "", others=not customers,
            description=text.single_line(entry.get("Description") or ""))


def double_entries(
    lines: Iterable[DepositLine], receipts: Iterable[Receipt], accounts: Collection[str],
) -> list[tuple[DepositLine, Receipt]]:
    """Return lines that book on ``accounts`` (income, receivables) what a payment or a sales receipt has booked.

    The customer is the same; where the line names nobody, as the bank feed's *Add* often does, the bank is one that the
    money can have reached. The amounts are equal and the days at most :data:`NEAR` apart. Each payment explains one
    line: the same customer before the same bank, then the nearest first.
    """
    own = [line for line in lines if line.account_id in accounts and not line.others and line.day and line.amount > 0]
    by_money: dict[Decimal, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_money[receipt.amount].append(receipt)
    pairs = sorted(
        ((not line.customer_id, abs(line.day - receipt.day), position, receipt)
         for position, line in enumerate(own) for receipt in by_money[line.amount]
         if line.day and abs(line.day - receipt.day) <= NEAR and _may_be(line, receipt)),
        key=lambda pair: (*pair[:3], pair[3].qbo_id))
    found: dict[int, Receipt] = {}
    taken: set[tuple[str, str]] = set()
    for _nameless, _distance, position, receipt in pairs:
        if position not in found and (receipt.entity, receipt.qbo_id) not in taken:
            found[position] = receipt
            taken.add((receipt.entity, receipt.qbo_id))
    return [(own[position], receipt) for position, receipt in sorted(found.items())]


def _may_be(line: DepositLine, receipt: Receipt) -> bool:
    if line.customer_id:
        return line.customer_id == receipt.customer_id
    return line.bank_id in receipt.banks
