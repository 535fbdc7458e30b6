"""Products and services. Intuit: Accounting API reference, Item."""

from __future__ import annotations

from ..documents import Item
from ..names import FORBIDDEN, MAXIMUM, strip_deleted
from .errors import MappingError
from .table import WHOLE, Field, Target, changed, read_fields, write_fields
from .values import Flag, Number, Payload, Ref, Text

FIELDS = (
    Field("name", "Name", Text(MAXIMUM, strict=True, forbidden=FORBIDDEN), required=True),
    Field("sku", "Sku", Text(100, strict=True, one_line=True)),
    Field("kind", "Type", Text(31), always=True, required=True),
    Field("description", "Description", Text(4000)),
    Field("unit_price", "UnitPrice", Number()),
    Field("purchase_description", "PurchaseDesc", Text(1000)),
    Field("purchase_cost", "PurchaseCost", Number()),
    Field("income_account_id", "IncomeAccountRef", Ref()),
    Field("expense_account_id", "ExpenseAccountRef", Ref()),
    Field("asset_account_id", "AssetAccountRef", Ref()),
    Field("taxable", "Taxable", Flag()),
    Field("active", "Active", Flag()),
    Field("full_name", "FullyQualifiedName", Text(1000), read_only=True),
)

#: An inventory item needs an opening quantity and a start date, which are stock and not said here; a bundle is not
#: writable through the API at all.
_NOT_CREATED = frozenset({"Inventory", "Group"})


def to_qbo(item: Item, target: Target) -> Payload:
    """Return the create payload, or the update with all known fields marked sparse.

    :raises MappingError: ``missing``, ``too_long``, ``forbidden_character``, ``unsupported_kind`` (an inventory item or
        a bundle cannot be created, a bundle not be changed either).
    """
    if item.kind == "Group" or (item.kind in _NOT_CREATED and not target.updating):
        raise MappingError("unsupported_kind", "kind", item.kind)
    payload = write_fields(item, FIELDS, target, WHOLE)
    if item.parent_id:
        payload.update({"SubItem": True, "ParentRef": {"value": item.parent_id}})
    elif target.updating and target.base is not None and changed(item, target, "parent_id"):
        payload["SubItem"] = False
    return payload


def from_qbo(payload: Payload) -> Item:
    """Read an Item; prices are in the home currency.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(Item, payload, FIELDS)
    values["kind"] = values["kind"] or "Service"
    if Flag().read(payload.get("SubItem"), "parent_id") is not False:
        values["parent_id"] = Ref().read(payload.get("ParentRef"), "parent_id")
    if not values["active"]:
        values["name"] = strip_deleted(values["name"])
    return Item(**values)
