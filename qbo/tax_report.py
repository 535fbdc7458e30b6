"""Tax charged by code, as QuickBooks' documents and its ledger tell it. Source: Intuit, Accounting API reference,
Invoice.TxnTaxDetail, TaxPayment, TaxReturn, and "Run reports" (GeneralLedger)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import text
from .documents import ZERO, CreditMemo, SalesDocument
from .mapping.values import ref, to_bool, to_date, to_decimal
from .report import detail_rows
from .taxes import Rates

_CENT = Decimal("0.01")
#: What documents charge; everything else on a tax account is a payment to the agency or an adjustment of its own.
DOCUMENTS = ("Invoice", "Credit Memo", "Sales Receipt", "Refund", "Refund Receipt")


@dataclass(frozen=True)
class Charged:
    """Net amount and tax of one code, in home currency; what is given back is below zero."""

    base: Decimal = ZERO
    tax: Decimal = ZERO

    def __add__(self, other: Charged) -> Charged:
        return Charged(self.base + other.base, self.tax + other.tax)


@dataclass(frozen=True)
class LedgerRow:
    """A transaction on an account; ``amount`` is above zero where it raises the balance."""

    day: date
    kind: str
    qbo_id: str
    number: str
    name: str
    memo: str
    amount: Decimal


def by_code(document: SalesDocument, rates: Rates, us: bool) -> dict[str, Charged]:
    """Return what a document charges by tax code; "" is tax that belongs to no known code.

    :param us: one code for the document (lines say TAX or NON), else each line names its own
    """
    sign = -1 if isinstance(document, CreditMemo) or document.entity == "RefundReceipt" else 1
    factor = sign * (document.exchange_rate or Decimal(1))
    nets = _nets(document, us)
    taxes = {document.tax_code_id: document.total_tax} if us else _taxes(document, nets, rates)
    codes = [code for code in {**nets, **taxes} if nets.get(code) or taxes.get(code)]
    return {code: Charged(_home(nets.get(code, ZERO), factor), _home(taxes.get(code, ZERO), factor)) for code in codes}


def _nets(document: SalesDocument, us: bool) -> dict[str, Decimal]:
    """Return the amounts that are taxed by code, less their share of a discount that comes before the tax."""
    nets: dict[str, Decimal] = {}
    for line in document.lines:
        code = document.tax_code_id if us and line.tax_code_id == "TAX" else "" if us else line.tax_code_id
        if line.kind == "item" and code:
            nets[code] = nets.get(code, ZERO) + line.amount
    subtotal = sum((line.amount for line in document.lines if line.kind == "item"), ZERO)
    discount = sum((line.amount for line in document.lines if line.kind == "discount"), ZERO)
    if not discount or not subtotal or us and not document.apply_tax_after_discount:
        return nets
    return {code: net - discount * net / subtotal for code, net in nets.items()}


def _taxes(document: SalesDocument, nets: Mapping[str, Decimal], rates: Rates) -> dict[str, Decimal]:
    """Return the tax of each code: a rate that several codes of the document have is shared by their amounts."""
    taxes: dict[str, Decimal] = {}
    left = document.total_tax
    for line in document.tax_lines:
        owners = [code for code in nets if any(rate.rate_id == line.rate_id for rate in rates.get(code, ()))]
        whole, rest = sum((nets[code] for code in owners), ZERO), line.amount
        for code in owners[:-1]:
            part = (line.amount * nets[code] / whole).quantize(_CENT, ROUND_HALF_UP) if whole else ZERO
            taxes[code] = taxes.get(code, ZERO) + part
            rest -= part
        last = owners[-1] if owners else ""
        taxes[last] = taxes.get(last, ZERO) + rest
        left -= line.amount
    if left:
        taxes[""] = taxes.get("", ZERO) + left
    return taxes


def _home(amount: Decimal, factor: Decimal) -> Decimal:
    return (amount * factor).quantize(_CENT, ROUND_HALF_UP)


def other_entries(report: Mapping[str, Any]) -> Iterator[LedgerRow]:
    """Yield the rows of a GeneralLedger of tax accounts that are no documents of customers.

    :raises MalformedAnswer: it is no report, or an amount or a date of it cannot be read.
    """
    for row in detail_rows(report):
        if row.text("txn_type") and row.text("txn_type") not in DOCUMENTS:
            yield LedgerRow(
                row.day("tx_date"), row.text("txn_type"), row.id("txn_type"), row.text("doc_num"), row.text("name"),
                row.text("memo"), row.amount("subt_nat_amount"))


def tax_payments(rows: Iterable[Mapping[str, Any]]) -> Iterator[LedgerRow]:
    """Yield payments to tax agencies and what came back of them, in home currency.

    QuickBooks keeps them as objects of their own (TaxPayment) where it files the return itself: in Australia, Canada
    and the United Kingdom. ``kind`` is "payment" or "refund", ``name`` the account that they were paid from or to.

    :raises MappingError: a date or an amount cannot be read.
    """
    for row in rows:
        day = to_date(row.get("PaymentDate"), "PaymentDate")
        paid = to_decimal(row.get("PaymentAmount"), "PaymentAmount")
        back, account = bool(to_bool(row.get("Refund"))), row.get("PaymentAccountRef")
        if day and paid:
            yield LedgerRow(
                day, "refund" if back else "payment", text.normalise(row.get("Id")), "",
                text.normalise(account.get("name") or ref(account)) if isinstance(account, dict) else "",
                text.normalise(row.get("Description")), paid if back else -paid)


def not_listed(payments: Iterable[LedgerRow], ledger: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Return the payments that a ledger does not have as rows of the same day and amount: each row counts once."""
    listed = [(row.day, row.amount) for row in ledger]
    missing = []
    for payment in payments:
        if (payment.day, payment.amount) in listed:
            listed.remove((payment.day, payment.amount))
        else:
            missing.append(payment)
    return missing


def filed_until(returns: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the last day of the tax returns that were filed, None for none.

    :raises MappingError: a date cannot be read.
    """
    days = (to_date(row.get("EndDate"), "EndDate") for row in returns
            if row.get("FileDate") and not to_bool(row.get("UpcomingFiling")))
    return max((day for day in days if day), default=None)


def paid_until(payments: Iterable[LedgerRow]) -> date | None:
    """Return the latest day to which a return can reach that was paid: the end of the month before the last payment."""
    days = [payment.day for payment in payments if payment.kind == "payment"]
    return max(days).replace(day=1) - timedelta(days=1) if days else None
