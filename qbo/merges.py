"""What refers to a list entry, and how those references follow when the entry is merged into another.

QuickBooks merges names, items, accounts, classes, terms on its pages only. The entry that is merged away disappears,
and everything that named it names the other one (Intuit: Webhooks, operation Merge with ``deletedId``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .documents import Document

#: Fields of neutral forms that hold the id of a list entry; ``parent_id`` is of the document's own list.
LISTS = {
    "customer_id": "Customer", "item_id": "Item", "class_id": "Class", "term_id": "Term",
    "method_id": "PaymentMethod", "account_id": "Account", "deposit_account_id": "Account",
    "income_account_id": "Account", "expense_account_id": "Account", "asset_account_id": "Account",
    "discount_account_id": "Account",
}


def renamed(values: Any, owner: str, entity: str, old: str, new: str) -> Any:
    """Return dumped neutral forms in which every reference to entry ``old`` of list ``entity`` is one to ``new``.

    ``owner`` is the entity of the document that ``values`` is of.
    """
    if isinstance(values, list):
        return [renamed(each, owner, entity, old, new) for each in values]
    if not isinstance(values, dict):
        return values
    lists = {**LISTS, "parent_id": owner}
    return {
        name: new if value == old and lists.get(name) == entity else renamed(value, owner, entity, old, new)
        for name, value in values.items()
    }


def moved(before: Document, after: Document) -> Iterator[tuple[str, str, str]]:
    """Yield (list, old id, new id) where ``after`` names another entry than ``before`` in the same place.

    Each is a merge, if the old entry does not exist any more. Lines are the same place when they have the same id.
    """
    yield from _moved(before, after, before.entity)
    lines = {line.line_id: line for line in getattr(before, "lines", ()) if getattr(line, "line_id", "")}
    for line in getattr(after, "lines", ()):
        if getattr(line, "line_id", "") in lines:
            yield from _moved(lines[line.line_id], line, "")


def _moved(before: Any, after: Any, owner: str) -> Iterator[tuple[str, str, str]]:
    for name, entity in {**LISTS, "parent_id": owner}.items():
        old, new = getattr(before, name, ""), getattr(after, name, "")
        if entity and old and new and old != new:
            yield entity, old, new
