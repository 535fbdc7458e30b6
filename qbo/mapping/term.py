"""Payment terms. Intuit: Accounting API reference, Term."""

from __future__ import annotations

from ..documents import Term
from ..names import strip_deleted
from .table import FULL, Field, Target, read_fields, write_fields
from .values import Flag, Integer, Number, Payload, Text

FIELDS = (
    Field("name", "Name", Text(31, strict=True, one_line=True), required=True),
    Field("due_days", "DueDays", Integer()),
    Field("day_of_month_due", "DayOfMonthDue", Integer()),
    Field("due_next_month_days", "DueNextMonthDays", Integer()),
    Field("discount_percent", "DiscountPercent", Number()),
    Field("discount_days", "DiscountDays", Integer()),
    Field("active", "Active", Flag(), always=True),
)


def to_qbo(term: Term, target: Target) -> Payload:
    """Return the create payload or the full update; QuickBooks derives STANDARD or DATE_DRIVEN from the fields.

    :raises MappingError: ``missing``, ``too_long``.
    """
    return write_fields(term, FIELDS, target, FULL)


def from_qbo(payload: Payload) -> Term:
    """Read a Term; discount days without a discount, which QuickBooks answers as 0, are read as none.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(Term, payload, FIELDS)
    if not values["discount_percent"]:
        values["discount_days"] = None
    if not values["active"]:
        values["name"] = strip_deleted(values["name"])
    return Term(**values)
