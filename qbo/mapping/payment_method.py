"""Payment methods. Intuit: Accounting API reference, PaymentMethod."""

from __future__ import annotations

from ..documents import PaymentMethod
from ..names import strip_deleted
from .table import FULL, Field, Target, read_fields, write_fields
from .values import Flag, Payload, Text

FIELDS = (
    Field("name", "Name", Text(31, strict=True, one_line=True), required=True),
    Field("kind", "Type", Text(31), always=True),
    Field("active", "Active", Flag(), always=True),
)


def to_qbo(method: PaymentMethod, target: Target) -> Payload:
    """Return the create payload or the full update.

    :raises MappingError: ``missing``, ``too_long``.
    """
    return write_fields(method, FIELDS, target, FULL)


def from_qbo(payload: Payload) -> PaymentMethod:
    """Read a PaymentMethod."""
    values = read_fields(PaymentMethod, payload, FIELDS)
    values["kind"] = values["kind"] or "NON_CREDIT_CARD"
    if not values["active"]:
        values["name"] = strip_deleted(values["name"])
    return PaymentMethod(**values)
