"""Customers and sub-customers. Intuit: Accounting API reference, Customer."""

from __future__ import annotations

from ..documents import Customer
from ..names import FORBIDDEN, MAXIMUM, strip_deleted
from .address import AddressCodec
from .table import SPARSE, Field, Target, changed, read_fields, write_fields
from .values import Flag, Number, Payload, Ref, Text

# Balance is writable in a create, where it makes an invoice "opening balance": it is never sent.
FIELDS = (
    Field("display_name", "DisplayName", Text(MAXIMUM, strict=True, forbidden=FORBIDDEN), required=True),
    Field("company_name", "CompanyName", Text(100, one_line=True)),
    Field("given_name", "GivenName", Text(100, one_line=True)),
    Field("middle_name", "MiddleName", Text(100, one_line=True)),
    Field("family_name", "FamilyName", Text(100, one_line=True)),
    Field("email", "PrimaryEmailAddr.Address", Text(100, strict=True, one_line=True)),
    Field("phone", "PrimaryPhone.FreeFormNumber", Text(30, one_line=True)),
    Field("mobile", "Mobile.FreeFormNumber", Text(30, one_line=True)),
    Field("website", "WebAddr.URI", Text(1000, strict=True, one_line=True)),
    Field("notes", "Notes", Text(2000)),
    Field("bill_address", "BillAddr", AddressCodec()),
    Field("ship_address", "ShipAddr", AddressCodec()),
    Field("term_id", "SalesTermRef", Ref()),
    Field("customer_type_id", "CustomerTypeRef", Ref()),
    Field("taxable", "Taxable", Flag()),
    Field("exemption_reason", "TaxExemptionReasonId", Text(15, one_line=True)),
    Field("currency", "CurrencyRef", Ref(), once=True, when=lambda profile: profile.multicurrency),
    Field("active", "Active", Flag()),
    Field("balance", "Balance", Number(), read_only=True),
)


def to_qbo(customer: Customer, target: Target) -> Payload:
    """Return the create payload, or the sparse update with the fields that differ from ``target.base``.

    :raises MappingError: ``missing``, ``too_long``, ``forbidden_character``.
    """
    payload = write_fields(customer, FIELDS, target, SPARSE)
    if customer.active and isinstance(target.base, Customer) and not target.base.active:
        # The inactive record is called "... (deleted)" in QuickBooks: activating it must give the name back.
        payload["DisplayName"] = customer.display_name
    if not target.updating:
        if customer.parent_id:
            payload.update(_parent(customer))
    elif changed(customer, target, "parent_id", "bill_with_parent"):
        # Job false without ParentRef makes a top-level customer (an assumption: null and "" in ParentRef are refused).
        payload.update(_parent(customer) if customer.parent_id else {"Job": False})
    return payload


def _parent(customer: Customer) -> Payload:
    return {"Job": True, "ParentRef": {"value": customer.parent_id}, "BillWithParent": customer.bill_with_parent}


def from_qbo(payload: Payload) -> Customer:
    """Read a Customer; amounts are in the customer's own currency.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(Customer, payload, FIELDS)
    if Flag().read(payload.get("Job"), "parent_id") is not False:
        values["parent_id"] = Ref().read(payload.get("ParentRef"), "parent_id")
    if values.get("parent_id"):
        values["bill_with_parent"] = bool(Flag().read(payload.get("BillWithParent"), "bill_with_parent"))
    if not values["active"]:
        values["display_name"] = strip_deleted(values["display_name"])
    return Customer(**values)
