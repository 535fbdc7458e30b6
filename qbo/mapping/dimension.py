"""Classes, locations, types of customers and currencies. Intuit: Accounting API reference, Class, Department,
CustomerType and CompanyCurrency.
"""

from __future__ import annotations

from typing import TypeVar

from ..documents import Class, CompanyCurrency, CustomerType, Department, Dimension
from ..names import FORBIDDEN, strip_deleted
from .table import FULL, Field, Target, read_fields, write_fields
from .values import Flag, Payload, Ref, Text

M = TypeVar("M", bound=Dimension)

FIELDS = (
    Field("name", "Name", Text(100, strict=True, forbidden=FORBIDDEN), required=True),
    Field("parent_id", "ParentRef", Ref()),
    Field("active", "Active", Flag(), always=True),
    Field("full_name", "FullyQualifiedName", Text(1000), read_only=True),
)
CURRENCY_FIELDS = (
    Field("code", "Code", Text(3, strict=True), required=True),
    Field("name", "Name", Text(100)),
    Field("active", "Active", Flag(), always=True),
)


def to_qbo(dimension: Dimension, target: Target) -> Payload:
    """Return the create payload or the full update; the API takes none for types of customers.

    :raises MappingError: ``missing``, ``too_long``, ``forbidden_character``.
    """
    payload = write_fields(dimension, FIELDS, target, FULL)
    if dimension.parent_id and not isinstance(dimension, CustomerType):
        payload["SubClass" if isinstance(dimension, Class) else "SubDepartment"] = True
    return payload


def class_from_qbo(payload: Payload) -> Class:
    """Read a Class."""
    return _read(Class, payload)


def department_from_qbo(payload: Payload) -> Department:
    """Read a Department, which QuickBooks' pages call a location."""
    return _read(Department, payload)


def customer_type_from_qbo(payload: Payload) -> CustomerType:
    """Read a CustomerType."""
    return _read(CustomerType, payload)


def _read(cls: type[M], payload: Payload) -> M:
    values = read_fields(cls, payload, FIELDS)
    if not values["active"]:
        values["name"] = strip_deleted(values["name"])
    return cls(**values)


def currency_to_qbo(currency: CompanyCurrency, target: Target) -> Payload:
    """Return the create payload or the full update of a currency beside the home currency.

    :raises MappingError: ``missing``, ``too_long``.
    """
    return write_fields(currency, CURRENCY_FIELDS, target, FULL)


def currency_from_qbo(payload: Payload) -> CompanyCurrency:
    """Read a CompanyCurrency; one that is switched off keeps its code."""
    return CompanyCurrency(**read_fields(CompanyCurrency, payload, CURRENCY_FIELDS))
