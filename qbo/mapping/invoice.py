"""Invoices. Intuit: Accounting API reference, Invoice."""

from __future__ import annotations

from ..documents import Invoice
from . import sales
from .table import SPARSE, Field, Target
from .values import Day, Payload

FIELDS = (*sales.FIELDS, Field("due_date", "DueDate", Day()))


def to_qbo(invoice: Invoice, target: Target) -> Payload:
    """Return the create payload, or the sparse update with the fields that differ from ``target.base``.

    :raises MappingError: see :func:`.sales.to_qbo`.
    """
    return sales.to_qbo(invoice, target, FIELDS, SPARSE)


def from_qbo(payload: Payload) -> Invoice:
    """Read an Invoice; amounts are in its currency.

    :raises MappingError: see :func:`.sales.from_qbo`.
    """
    return Invoice(**sales.from_qbo(Invoice, payload, FIELDS))
