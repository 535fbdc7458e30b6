"""Tax rates in percent. Intuit: Accounting API reference, TaxRate."""

from __future__ import annotations

from ..documents import TaxRate
from .table import FULL, Field, Target, read_fields, write_fields
from .values import Flag, Number, Payload, Ref, Text, as_list, to_date, to_decimal

FIELDS = (
    Field("name", "Name", Text(100), required=True),
    Field("description", "Description", Text(4000)),
    Field("rate", "RateValue", Number(), always=True),
    Field("agency_id", "AgencyRef", Ref()),
    Field("active", "Active", Flag(), always=True),
)


def to_qbo(rate: TaxRate, target: Target) -> Payload:
    """Return the rate as QuickBooks shows it; rates are not writable through the API (see the tax code)."""
    return write_fields(rate, FIELDS, target, FULL)


def from_qbo(payload: Payload) -> TaxRate:
    """Read a TaxRate. Without a rate of its own, the effective rate that begins last and has no end counts.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(TaxRate, payload, FIELDS)
    if to_decimal(payload.get("RateValue"), "rate") is None:
        values["rate"] = _effective(payload)
    return TaxRate(**values)


def _effective(payload: Payload) -> object:
    periods = as_list(payload.get("EffectiveTaxRate"))
    current = [period for period in periods if not period.get("EndDate")] or periods
    latest = max(current, key=lambda period: str(to_date(period.get("EffectiveDate"), "rate") or ""), default={})
    return Number().read(latest.get("RateValue"), "rate")
