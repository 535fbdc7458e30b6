"""What a change on either side means: nothing, push, pull, merge or conflict, field by field.

QuickBooks fills in defaults and rounds, so a document read back is not the document that was sent. The base therefore
holds what *each* side said when they last agreed, and a side has changed if it differs from its own half.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .as_json import dump, load
from .describe import describe
from .documents import Document
from .fields import apply_fields, changed_fields, compared_names, same

__all__ = [
    "Base", "Decision", "FieldChange", "apply_fields", "changed_fields", "compare", "describe", "dump_base", "for_qbo",
    "load_base",
]

#: Fields that mean something only together: half of a document's amounts from one side and half from the other would be
#: a document that nobody wrote. If both sides changed within a group, and differently, the whole group is in conflict.
GROUPS: tuple[frozenset[str], ...] = (
    frozenset({
        "lines", "total", "total_tax", "tax_code_id", "global_tax", "apply_tax_after_discount", "currency",
        "exchange_rate", "voided",
    }),
    frozenset({"parent_id", "bill_with_parent"}),
    frozenset({"due_days", "day_of_month_due", "due_next_month_days"}),
)
#: Figures that travel together, so that a total never stands beside lines which do not come to it.
FIGURES = ("lines", "total_tax", "total")
_COMPUTED = ("tax_lines", "unapplied")


@dataclass(frozen=True)
class Base:
    """What Odoo and what QuickBooks said when both were last in agreement; None when that half is not known."""

    odoo: Document | None = None
    qbo: Document | None = None


@dataclass(frozen=True)
class FieldChange:
    """One field in which at least one side differs from its half of the base."""

    name: str
    base_odoo: Any
    odoo: Any
    base_qbo: Any
    qbo: Any
    changed_odoo: bool
    changed_qbo: bool


@dataclass(frozen=True)
class Decision:
    """What to do about one record.

    ``action``: "nothing" no side changed; "push" something goes to QuickBooks only; "pull" something goes to Odoo only;
    "merge" both (or both sides made the same change and only the base is to be renewed); "conflict" a person must
    choose. ``push_fields`` and ``pull_fields`` go to QuickBooks and to Odoo, ``conflict_fields`` are the disputed ones,
    whoever won. ``to_odoo`` and ``to_qbo`` are what each side should say afterwards; in a conflict what it says now.
    """

    action: str
    changes: tuple[FieldChange, ...] = ()
    push_fields: tuple[str, ...] = ()
    pull_fields: tuple[str, ...] = ()
    conflict_fields: tuple[str, ...] = ()
    to_odoo: Document | None = None
    to_qbo: Document | None = None


def compare(
    base: Base | None,
    odoo: Document | None,
    qbo: Document | None,
    winner: str = "ask",
    ignore: frozenset[str] = frozenset(),
    choices: Mapping[str, str] | None = None,
) -> Decision:
    """Compare both sides with what they last agreed on.

    A side given as None was not read and counts as unchanged. Without a base, fields in which both sides are equal are
    agreed and the others count as changed on both; with one side only, everything goes to the other. ``winner`` of
    disputed fields is "ask", "odoo" or "qbo"; ``choices`` says it for single fields, and the same for all that mean
    something only together. Fields in ``ignore`` are left where they are.

    :raises ValueError: another winner. :raises TypeError: documents of different types.
    """
    for side in (winner, *(choices or {}).values()):
        if side not in ("ask", "odoo", "qbo"):
            raise ValueError(f"unknown winner: {side!r}")
    old_odoo, old_qbo = _halves(base)
    new_odoo, new_qbo = odoo or old_odoo, qbo or old_qbo
    if new_odoo is None or new_qbo is None:
        return _one_sided(new_odoo, new_qbo, ignore)
    if type(new_odoo) is not type(new_qbo):
        raise TypeError(f"cannot compare {type(new_odoo).__name__} with {type(new_qbo).__name__}")
    first = old_odoo is None or old_qbo is None
    changes = tuple(
        change
        for name in compared_names(type(new_odoo), ignore)
        if (change := _change(name, old_odoo, new_odoo, old_qbo, new_qbo, first))
    )
    return _decide(changes, new_odoo, new_qbo, winner, choices or {})


def _halves(base: Base | None) -> tuple[Document | None, Document | None]:
    """Return both halves; a half that is missing is taken from the other."""
    if base is None:
        return None, None
    return base.odoo or base.qbo, base.qbo or base.odoo


def _one_sided(odoo: Document | None, qbo: Document | None, ignore: frozenset[str]) -> Decision:
    """Return the decision about a record that only one side has."""
    if odoo is not None:
        return Decision("push", push_fields=_set_fields(odoo, ignore), to_odoo=odoo, to_qbo=odoo)
    if qbo is not None:
        return Decision("pull", pull_fields=_set_fields(qbo, ignore), to_odoo=qbo, to_qbo=qbo)
    return Decision("nothing")


def _set_fields(document: Document, ignore: frozenset[str]) -> tuple[str, ...]:
    empty = type(document)()
    return tuple(name for name in changed_fields(empty, document) if name not in ignore)


def _change(
    name: str, old_odoo: Document | None, odoo: Document, old_qbo: Document | None, qbo: Document, first: bool,
) -> FieldChange | None:
    ours, theirs = getattr(odoo, name), getattr(qbo, name)
    if first:
        differs = not same(name, ours, theirs)
        return FieldChange(name, None, ours, None, theirs, True, True) if differs else None
    base_ours, base_theirs = getattr(old_odoo, name), getattr(old_qbo, name)
    changed_odoo, changed_qbo = not same(name, base_ours, ours), not same(name, base_theirs, theirs)
    if not changed_odoo and not changed_qbo:
        return None
    return FieldChange(name, base_ours, ours, base_theirs, theirs, changed_odoo, changed_qbo)


def _decide(
    changes: tuple[FieldChange, ...], odoo: Document, qbo: Document, winner: str, choices: Mapping[str, str],
) -> Decision:
    disputed = _disputed(changes)
    open_changes = [change for change in changes if not _agreed(change)]
    push = {change.name for change in open_changes if change.changed_odoo and change.name not in disputed}
    pull = {change.name for change in open_changes if change.changed_qbo and change.name not in disputed}
    # A disputed group goes as a whole to the side that lost, also where only one side changed a field of it.
    won = {name: choices.get(name, winner) for name in disputed}
    push |= {name for name, side in won.items() if side == "odoo"}
    pull |= {name for name, side in won.items() if side == "qbo"}
    conflict = "ask" in won.values()
    order = [spec.name for spec in dataclasses.fields(odoo)]
    push_fields, pull_fields, disputed_fields = (
        tuple(name for name in order if name in names)
        for names in (_together(push, odoo), _together(pull, odoo), disputed)
    )
    return Decision(
        action="conflict" if conflict else _action(changes, push, pull),
        changes=changes,
        push_fields=push_fields,
        pull_fields=pull_fields,
        conflict_fields=disputed_fields,
        to_odoo=odoo if conflict else _carry(odoo, qbo, pull_fields),
        to_qbo=qbo if conflict else _carry(qbo, odoo, push_fields),
    )


def for_qbo(base: Base | None, odoo: Document) -> Document:
    """Return what QuickBooks should say once Odoo's changes have arrived there.

    That is QuickBooks' half of the base with the fields in which Odoo differs from its own half. What QuickBooks filled
    in or rounded by itself stays, so it is neither cleared nor overwritten.

    :raises TypeError: documents of different types.
    """
    before, theirs = _halves(base)
    if before is None or theirs is None:
        return odoo
    return _carry(theirs, odoo, _together(changed_fields(before, odoo), odoo))


def _together(names: Collection[str], document: Document) -> tuple[str, ...]:
    """Return ``names`` with the figures that go with them, in the order of the document's fields."""
    wanted = {*names, *FIGURES} if any(name in FIGURES for name in names) else set(names)
    return tuple(name for name in compared_names(type(document)) if name in wanted)


def _carry(target: Document, source: Document, names: tuple[str, ...]) -> Document:
    """Apply fields with the figures that are computed from them."""
    if any(name in FIGURES for name in names):
        names = (*names, *(name for name in _COMPUTED if hasattr(target, name)))
    return apply_fields(target, source, names)


def _action(changes: tuple[FieldChange, ...], push: set[str], pull: set[str]) -> str:
    if push and not pull:
        return "push"
    if pull and not push:
        return "pull"
    return "merge" if changes else "nothing"


def _agreed(change: FieldChange) -> bool:
    """Whether both sides made the same change."""
    return change.changed_odoo and change.changed_qbo and same(change.name, change.odoo, change.qbo)


def _disputed(changes: tuple[FieldChange, ...]) -> set[str]:
    """Return the fields that both sides changed to different values, with what belongs to them."""
    open_changes = [change for change in changes if not _agreed(change)]
    disputed = {change.name for change in open_changes if change.changed_odoo and change.changed_qbo}
    for group in GROUPS:
        members = [change for change in open_changes if change.name in group]
        if any(change.changed_odoo for change in members) and any(change.changed_qbo for change in members):
            disputed.update(change.name for change in members)
    return disputed


def dump_base(base: Base) -> dict[str, Any]:
    """Write a base as JSON-ready values; an unknown half is left out."""
    halves = {"odoo": base.odoo, "qbo": base.qbo}
    return {side: dump(document) for side, document in halves.items() if document is not None}


def load_base(entity: str, values: Mapping[str, Any]) -> Base:
    """Read what :func:`dump_base` wrote.

    :raises KeyError: an unknown entity.
    """
    halves = {side: load(entity, values[side]) for side in ("odoo", "qbo") if values.get(side) is not None}
    return Base(**halves)
