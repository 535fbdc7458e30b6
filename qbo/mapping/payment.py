"""Payments and their applications. Intuit: Accounting API reference, Payment."""

from __future__ import annotations

from collections.abc import Iterator

from .. import text
from ..documents import Payment, PaymentLine, payment_lines
from .errors import MappingError
from .sales import currency, is_voided
from .table import FULL, Field, Target, read_fields, write_fields
from .values import Day, Number, Payload, Ref, Text, as_list, number, to_decimal

#: What raises a customer's receivable and is settled, and what lowers it and pays. A journal entry can be either. A
#: cheque or expense on receivables is a refund or a bounced cheque, so it is settled like an invoice.
DEBIT_TYPES = frozenset({"Invoice", "Expense", "Check", "Charge", "StatementCharge", "RefundReceipt"})
CREDIT_TYPES = frozenset({"CreditMemo", "CreditCardCredit", "Deposit"})
#: What the type in a payment line is called in the API: an expense and a cheque are both a Purchase.
ENTITY_OF = {
    "Invoice": "Invoice", "CreditMemo": "CreditMemo", "JournalEntry": "JournalEntry", "Deposit": "Deposit",
    "Expense": "Purchase", "Check": "Purchase", "CreditCardCredit": "Purchase",
}
FIELDS = (
    Field("customer_id", "CustomerRef", Ref(), required=True),
    Field("txn_date", "TxnDate", Day()),
    Field("total", "TotalAmt", Number(), always=True),
    Field("currency", "CurrencyRef", Ref(), read_only=True),
    Field("exchange_rate", "ExchangeRate", Number(optional=True), read_only=True),
    Field("reference", "PaymentRefNum", Text(21, one_line=True)),
    Field("method_id", "PaymentMethodRef", Ref()),
    Field("deposit_account_id", "DepositToAccountRef", Ref()),
    Field("private_note", "PrivateNote", Text(4000)),
    Field("unapplied", "UnappliedAmt", Number(), read_only=True),
)


def to_qbo(payment: Payment, target: Target) -> Payload:
    """Return the create payload or the full update: always with customer, total and all lines.

    A line that is left out of an update is un-applied, and a sparse update without customer and total is refused.

    :raises MappingError: ``missing``, ``negative_total``, ``negative_amount`` (a line amount that is not above 0, fault
        2240), ``void_is_an_operation``, ``currency_not_enabled``, ``missing_exchange_rate``.
    """
    if payment.voided:
        raise MappingError("void_is_an_operation", "voided", True)
    if payment.total < 0:
        raise MappingError("negative_total", "total", payment.total)
    payload = write_fields(payment, FIELDS, target, FULL)
    payload.update(currency(payment.currency, payment.exchange_rate, target, FULL))
    # An empty list is not documented in an update; a payment without applications has no Line at all.
    if payment.lines:
        payload["Line"] = [_write_line(line, f"lines[{index}]") for index, line in enumerate(payment.lines, 1)]
    return payload


def from_qbo(payload: Payload) -> Payment:
    """Read a Payment; amounts are in its currency.

    :raises MappingError: ``malformed``, ``ambiguous`` (an amount whose transaction is not said or not clear).
    """
    values = read_fields(Payment, payload, FIELDS)
    lines = [line for entry in as_list(payload.get("Line")) for line in _read_line(entry)]
    deposited = any(
        text.normalise(link.get("TxnType")) == "Deposit" for link in as_list(payload.get("LinkedTxn")))
    return Payment(lines=payment_lines(lines), voided=is_voided(payload), deposited=deposited, **values)


def _write_line(line: PaymentLine, field: str) -> Payload:
    if line.amount <= 0:
        raise MappingError("negative_amount", f"{field}.amount", line.amount)
    if not line.txn_id or not line.txn_type:
        raise MappingError("missing", f"{field}.txn_id", line.txn_id)
    link = {"TxnId": line.txn_id, "TxnType": line.txn_type}
    return {"Amount": number(line.amount, f"{field}.amount"), "LinkedTxn": [link]}


def _read_line(entry: Payload) -> Iterator[PaymentLine]:
    """Yield the part for each linked transaction.

    Some programs write the application of a credit as one line with two links, the invoice and the credit: both count
    with the whole amount.
    """
    amount = to_decimal(entry.get("Amount"), "lines.amount")
    if not amount:
        return
    links = as_list(entry.get("LinkedTxn"))
    types = [text.normalise(link.get("TxnType")) for link in links]
    credit_to_invoice = len(types) == 2 and sum(kind in CREDIT_TYPES for kind in types) == 1
    if len(types) != 1 and not credit_to_invoice:
        raise MappingError("ambiguous", "lines", amount)
    for link, kind in zip(links, types, strict=True):
        yield PaymentLine(
            amount, txn_id=text.normalise(link.get("TxnId")), txn_type=kind, credit=kind in CREDIT_TYPES)
