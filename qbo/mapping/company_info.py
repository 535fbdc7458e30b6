"""The connected company. Intuit: Accounting API reference, CompanyInfo."""

from __future__ import annotations

from ..documents import CompanyInfo
from .table import SPARSE, Field, Target, read_fields, write_fields
from .values import Payload, Text, as_list

PLAN = "OfferingSku"
FIELDS = (
    Field("name", "CompanyName", Text(1024), required=True),
    Field("legal_name", "LegalName", Text(1024)),
    Field("country", "Country", Text(255)),
    Field("email", "Email.Address", Text(100, strict=True)),
    Field("fiscal_year_start_month", "FiscalYearStartMonth", Text(31)),
    Field("time_zone", "DefaultTimeZone", Text(255)),
)


def to_qbo(company: CompanyInfo, target: Target) -> Payload:
    """Return the company as QuickBooks shows it; nothing in this product changes it."""
    payload = write_fields(company, FIELDS, target, SPARSE)
    if company.plan:
        payload["NameValue"] = [{"Name": PLAN, "Value": company.plan}]
    return payload


def from_qbo(payload: Payload) -> CompanyInfo:
    """Read CompanyInfo; ``plan`` is the name of the subscription, like "QuickBooks Online Plus"."""
    values = read_fields(CompanyInfo, payload, FIELDS)
    named = {entry.get("Name"): entry.get("Value") for entry in as_list(payload.get("NameValue"))}
    return CompanyInfo(plan=Text(255).read(named.get(PLAN), "plan"), **values)
