"""Between the neutral form and QuickBooks' payloads: one module an entity, chosen here by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..documents import Document
from . import (
    account,
    company_info,
    credit_memo,
    customer,
    dimension,
    entry,
    invoice,
    item,
    payment,
    payment_method,
    preferences,
    purchase,
    receipt,
    tax_code,
    tax_rate,
    term,
)
from .errors import MappingError
from .profile import STANDARD, Profile
from .sales import is_voided
from .table import Target
from .values import Payload, number, to_bool, to_datetime

__all__ = ["MappingError", "Meta", "Profile", "from_qbo", "is_voided", "meta", "number", "to_qbo"]

_WRITERS: dict[str, Callable[[Any, Target], Payload]] = {
    "Account": account.to_qbo,
    "Class": dimension.to_qbo,
    "CompanyCurrency": dimension.currency_to_qbo,
    "CompanyInfo": company_info.to_qbo,
    "CreditMemo": credit_memo.to_qbo,
    "Customer": customer.to_qbo,
    "CustomerType": dimension.to_qbo,
    "Department": dimension.to_qbo,
    "Invoice": invoice.to_qbo,
    "Item": item.to_qbo,
    "JournalEntry": entry.to_qbo,
    "Payment": payment.to_qbo,
    "PaymentMethod": payment_method.to_qbo,
    "Preferences": preferences.to_qbo,
    "Purchase": purchase.to_qbo,
    "RefundReceipt": receipt.to_qbo,
    "SalesReceipt": receipt.to_qbo,
    "TaxCode": tax_code.to_qbo,
    "TaxRate": tax_rate.to_qbo,
    "Term": term.to_qbo,
}

_READERS: dict[str, Callable[[Payload], Document]] = {
    "Account": account.from_qbo,
    "Class": dimension.class_from_qbo,
    "CompanyCurrency": dimension.currency_from_qbo,
    "CompanyInfo": company_info.from_qbo,
    "CreditMemo": credit_memo.from_qbo,
    "Customer": customer.from_qbo,
    "CustomerType": dimension.customer_type_from_qbo,
    "Department": dimension.department_from_qbo,
    "Deposit": entry.deposit,
    "Invoice": invoice.from_qbo,
    "Item": item.from_qbo,
    "JournalEntry": entry.journal_entry,
    "Payment": payment.from_qbo,
    "PaymentMethod": payment_method.from_qbo,
    "Preferences": preferences.from_qbo,
    "Purchase": entry.purchase,
    "RefundReceipt": receipt.refund_receipt,
    "SalesReceipt": receipt.sales_receipt,
    "TaxCode": tax_code.from_qbo,
    "TaxRate": tax_rate.from_qbo,
    "Term": term.from_qbo,
}


@dataclass(frozen=True)
class Meta:
    """What a payload says about itself. ``updated_at`` is an aware UTC datetime."""

    qbo_id: str
    sync_token: str
    updated_at: datetime | None
    active: bool
    deleted: bool = False


def to_qbo(
    document: Document,
    *,
    qbo_id: str = "",
    sync_token: str = "",
    base: Document | None = None,
    profile: Profile = STANDARD,
) -> Payload:
    """Return the JSON-ready payload of ``document``.

    Without ``qbo_id`` it creates. With it, it updates: customers and invoices sparsely with what differs from ``base``
    (what QuickBooks last said), other types with all that is known. Without ``base`` nothing can be cleared.

    :raises MappingError: the document cannot be written down; the message names the field.
    """
    if document.entity not in _WRITERS:
        raise MappingError("unknown_entity", "entity", document.entity)
    if base is not None and type(base) is not type(document):
        raise TypeError(f"base is {type(base).__name__}, document is {type(document).__name__}")
    return _WRITERS[document.entity](document, Target(qbo_id, sync_token, base, profile))


def from_qbo(entity: str, payload: Payload) -> Document:
    """Return the neutral form of ``payload``, an object as QuickBooks answers it (without its envelope).

    :raises MappingError: ``unknown_entity``, ``deleted`` (a stub of change data capture), ``malformed``,
        ``unsupported_kind``, ``ambiguous``.
    """
    if entity not in _READERS:
        raise MappingError("unknown_entity", "entity", entity)
    if payload.get("status") == "Deleted":
        raise MappingError("deleted", "status", payload.get("Id"))
    return _READERS[entity](payload)


def meta(payload: Payload) -> Meta:
    """Return id, token, time of the last change and whether the object is active (transactions always are).

    :raises MappingError: ``malformed`` time.
    """
    data = payload.get("MetaData")
    return Meta(
        qbo_id=str(payload.get("Id") or ""),
        sync_token=str(payload.get("SyncToken") or ""),
        updated_at=to_datetime(data.get("LastUpdatedTime") if isinstance(data, dict) else None),
        active=to_bool(payload.get("Active")) is not False,
        deleted=payload.get("status") == "Deleted",
    )
