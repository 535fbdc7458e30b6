"""Journal entries, bank deposits and purchases, as far as they book; only journal entries are written.

Intuit: Accounting API reference, JournalEntry, Deposit and Purchase.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeVar

from .. import text
from ..documents import ZERO, Deposit, Entry, EntryLine, JournalEntry, Purchase
from .errors import MappingError
from .sales import currency, is_voided
from .table import FULL, Field, Target, dig, read_fields, write_fields
from .values import Day, Number, Payload, Ref, Text, as_list, number, ref, to_bool, to_decimal

E = TypeVar("E", bound=Entry)

FIELDS = (
    Field("doc_number", "DocNumber", Text(21, one_line=True), read_only=True),
    Field("txn_date", "TxnDate", Day()),
    Field("currency", "CurrencyRef", Ref(), read_only=True),
    Field("exchange_rate", "ExchangeRate", Number(optional=True), read_only=True),
    Field("private_note", "PrivateNote", Text(4000)),
)


def to_qbo(entry: JournalEntry, target: Target) -> Payload:
    """Return the create payload or the full update of a journal entry; amounts are in its currency.

    :raises MappingError: ``missing`` (fewer than two lines, a line without account), ``total_mismatch`` (the lines do
        not come to 0, fault 2300), ``void_is_an_operation``, ``currency_not_enabled``, ``missing_exchange_rate``.
    """
    if entry.voided:
        raise MappingError("void_is_an_operation", "voided", True)
    if len(entry.lines) < 2:
        raise MappingError("missing", "lines", len(entry.lines))
    if sum((line.amount for line in entry.lines), ZERO):
        raise MappingError("total_mismatch", "lines", entry.total)
    payload = write_fields(entry, FIELDS, target, FULL)
    payload.update(currency(entry.currency, entry.exchange_rate, target, FULL))
    payload["Line"] = [_write_line(line, f"lines[{index}]") for index, line in enumerate(entry.lines, 1)]
    return payload


def _write_line(line: EntryLine, field: str) -> Payload:
    if not line.account_id:
        raise MappingError("missing", f"{field}.account_id", line.account_id)
    detail: Payload = {"PostingType": "Debit" if line.amount > 0 else "Credit",
                       "AccountRef": {"value": line.account_id}}
    if line.customer_id:
        detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": line.customer_id}}
    payload: Payload = {"Amount": number(abs(line.amount), f"{field}.amount"), "DetailType": "JournalEntryLineDetail",
                        "JournalEntryLineDetail": detail}
    return {**payload, "Description": line.description} if line.description else payload


def journal_entry(payload: Payload) -> JournalEntry:
    """Read a JournalEntry; amounts are in its currency.

    :raises MappingError: ``malformed``.
    """
    return _entry(JournalEntry, payload, _journal_lines(payload), "JournalEntry")


def deposit(payload: Payload) -> Deposit:
    """Read a Deposit; what it takes from payments is a line without account.

    :raises MappingError: ``malformed``.
    """
    return _entry(Deposit, payload, _deposit_lines(payload), "Deposit")


def purchase(payload: Payload) -> Purchase:
    """Read a Purchase; a credit of a card books the other way round.

    :raises MappingError: ``malformed``.
    """
    credit = to_bool(payload.get("Credit")) is True
    link_type = "CreditCardCredit" if credit else "Check" if payload.get("PaymentType") == "Check" else "Expense"
    return _entry(Purchase, payload, _purchase_lines(payload, -1 if credit else 1), link_type)


def _entry(cls: type[E], payload: Payload, lines: Iterator[EntryLine], link_type: str) -> E:
    found = [line for line in lines if line.amount]
    # Taxes and what else the lines do not name: an account that is not known.
    rest = -sum((line.amount for line in found), ZERO)
    if rest:
        found.append(EntryLine(rest))
    return cls(
        lines=tuple(found), voided=is_voided(payload), link_type=link_type,
        home_adjustment=to_bool(payload.get("HomeAdjustment") or payload.get("HomeCurrencyAdjustment")) is True,
        **read_fields(cls, payload, FIELDS))


def _amount(entry: Payload) -> Decimal:
    return to_decimal(entry.get("Amount"), "lines.amount") or ZERO


def _line(entry: Payload, amount: Decimal, account: object, customer: object) -> EntryLine:
    name = text.single_line(customer.get("name") or "") if isinstance(customer, dict) else ""
    return EntryLine(
        amount, account_id=ref(account), customer_id=ref(customer), customer_name=name,
        description=text.normalise(entry.get("Description")))


def _customer(reference: object, kind: object) -> object:
    """Return the reference if it names a customer."""
    return reference if text.normalise(kind).lower() == "customer" else None


def _journal_lines(payload: Payload) -> Iterator[EntryLine]:
    for entry in as_list(payload.get("Line")):
        sign = -1 if dig(entry, "JournalEntryLineDetail.PostingType") == "Credit" else 1
        customer = _customer(dig(entry, "JournalEntryLineDetail.Entity.EntityRef"),
                             dig(entry, "JournalEntryLineDetail.Entity.Type"))
        yield _line(entry, sign * _amount(entry), dig(entry, "JournalEntryLineDetail.AccountRef"), customer)


def _deposit_lines(payload: Payload) -> Iterator[EntryLine]:
    for entry in as_list(payload.get("Line")):
        person = dig(entry, "DepositLineDetail.Entity")
        kind = person.get("type") or person.get("Type") if isinstance(person, dict) else None
        account = None if entry.get("LinkedTxn") else dig(entry, "DepositLineDetail.AccountRef")
        yield _line(entry, -_amount(entry), account, _customer(person, kind))
    bank = to_decimal(payload.get("TotalAmt"), "total") or ZERO
    yield EntryLine(bank, account_id=ref(payload.get("DepositToAccountRef")))
    yield EntryLine(to_decimal(dig(payload, "CashBack.Amount"), "cash_back") or ZERO,
                    account_id=ref(dig(payload, "CashBack.AccountRef")))


def _purchase_lines(payload: Payload, sign: int) -> Iterator[EntryLine]:
    payee = _customer(payload.get("EntityRef"), dig(payload, "EntityRef.type"))
    for entry in as_list(payload.get("Line")):
        detail = "AccountBasedExpenseLineDetail"
        customer = dig(entry, f"{detail}.CustomerRef") or payee
        yield _line(entry, sign * _amount(entry), dig(entry, f"{detail}.AccountRef"), customer)
    paid = to_decimal(payload.get("TotalAmt"), "total") or ZERO
    yield EntryLine(-sign * paid, account_id=ref(payload.get("AccountRef")))
