"""Products and services. Intuit: Accounting API reference, Item."""

from __future__ import annotations

from ..documents import Item
from ..names import FORBIDDEN, MAXIMUM, strip_deleted
from .errors import MappingError
from .table import WHOLE, Field, Target, changed, read_fields, write_fields
from .values import Day, Flag, Number, Payload, Ref, Text

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
    Field("inventory_from", "InvStartDate", Day(), once=True),
    Field("full_name", "FullyQualifiedName", Text(1000), read_only=True),
)

#: What QuickBooks wants to know before it keeps the stock of a new item; the opening quantity is 0.
_STOCK = ("inventory_from", "asset_account_id", "income_account_id", "expense_account_id")


def to_qbo(item: Item, target: Target) -> Payload:
    """Return the create payload, or the update with all known fields marked sparse.

    :raises MappingError: ``missing``, ``too_long``, ``forbidden_character``, ``unsupported_kind`` (a bundle, which the
        API does not write; a new inventory item without start date or one of its accounts).
    """
    stocked = item.kind == "Inventory" and not target.updating
    if item.kind == "Group" or (stocked and not all(getattr(item, name) for name in _STOCK)):
        raise MappingError("unsupported_kind", "kind", item.kind)
    payload = write_fields(item, FIELDS, target, WHOLE)
    if stocked:
        payload.update({"TrackQtyOnHand": True, "QtyOnHand": 0})
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
