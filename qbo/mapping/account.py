"""Accounts of the chart. Intuit: Accounting API reference, Account."""

from __future__ import annotations

from ..documents import Account
from ..names import MAXIMUM, strip_deleted
from .errors import MappingError
from .table import FULL, Field, Target, changed, read_fields, write_fields
from .values import Flag, Number, Payload, Ref, Text

FIELDS = (
    Field("name", "Name", Text(MAXIMUM, strict=True, forbidden=':"\t\n'), required=True),
    Field("number", "AcctNum", Text(20, strict=True, one_line=True, forbidden=":")),
    Field("kind", "AccountType", Text(100)),
    Field("subkind", "AccountSubType", Text(100)),
    Field("description", "Description", Text(100)),
    Field("currency", "CurrencyRef", Ref(), once=True, when=lambda profile: profile.multicurrency),
    Field("active", "Active", Flag(), always=True),
    Field("classification", "Classification", Text(100), read_only=True),
    Field("full_name", "FullyQualifiedName", Text(1000), read_only=True),
    Field("balance", "CurrentBalance", Number(), read_only=True),
)


def to_qbo(account: Account, target: Target) -> Payload:
    """Return the create payload or the full update; one of ``kind`` and ``subkind`` is needed.

    :raises MappingError: ``missing``, ``too_long``, ``forbidden_character``.
    """
    if not account.kind and not account.subkind:
        raise MappingError("missing", "kind", "")
    payload = write_fields(account, FIELDS, target, FULL)
    if account.parent_id:
        payload.update({"SubAccount": True, "ParentRef": {"value": account.parent_id}})
    elif target.updating and changed(account, target, "parent_id"):
        payload["SubAccount"] = False
    return payload


def from_qbo(payload: Payload) -> Account:
    """Read an Account; the balance is in the account's currency and has QuickBooks' sign.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(Account, payload, FIELDS)
    if Flag().read(payload.get("SubAccount"), "parent_id") is not False:
        values["parent_id"] = Ref().read(payload.get("ParentRef"), "parent_id")
    if not values["active"]:
        values["name"] = strip_deleted(values["name"])
    return Account(**values)
