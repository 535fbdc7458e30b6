"""Where each field of the neutral form stands in a payload: found by writing and reading documents, not by a list."""

import dataclasses
import functools
import sys
import types
import typing
from datetime import date
from decimal import Decimal

from qbo import documents, mapping
from qbo.mapping import sales
from qbo.mapping.profile import Profile
from qbo.mapping.table import Target

PROFILES = tuple(Profile(tax_mode=mode, multicurrency=True) for mode in ("us_manual", "global"))
OWN = {"Id", "SyncToken", "sparse"}
WORDS = {"kind": "item", "currency": "EUR", "txn_type": "Invoice", "tax_code_id": "TAX", "subkind": "Checking"}


def sample(hint, name, number):
    """Return a value for a field of type ``hint``; another ``number`` gives another value."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is tuple:
        return (sample(typing.get_args(hint)[0], name, number),)
    if dataclasses.is_dataclass(hint):
        return filled(hint, number)
    if hint is str and number == 1 and name in WORDS:
        return WORDS[name]
    return {str: str(number), bool: number % 2 == 1, int: number, Decimal: Decimal(number),
            date: date(2026, 1, number)}.get(hint)


def filled(cls, number=1):
    """Return an instance of ``cls`` in which every field says something."""
    hints = typing.get_type_hints(cls)
    values = {spec.name: sample(hints[spec.name], spec.name, number) for spec in dataclasses.fields(cls)}
    return fitting(cls(**values))


def fitting(document):
    """Return ``document`` with amounts that add up and nothing that forbids writing it."""
    values = {}
    if isinstance(document, documents.SalesDocument):
        values = {"voided": False, "total": sales.line_total(document)}
    elif isinstance(document, documents.Payment):
        values = {"voided": False}
    elif isinstance(document, documents.JournalEntry):
        # The lines come to nothing.
        first = document.lines[0]
        values = {"voided": False, "lines": (first, dataclasses.replace(first, amount=-first.amount, customer_id=""))}
    elif isinstance(document, documents.Item):
        values = {"kind": "NonInventory" if document.kind in ("item", "NonInventory") else "Service"}
    elif isinstance(document, documents.Line):
        values = {"unit_price": document.amount, "quantity": Decimal(1)}
    return dataclasses.replace(document, **values)


def flat(payload, path=""):
    """Return {dotted path: value}; a list is one step, told by the kind of its entries."""
    if isinstance(payload, dict):
        return {key: value for name, part in payload.items() if name not in OWN
                for key, value in flat(part, f"{path}.{name}" if path else name).items()}
    if isinstance(payload, list):
        return {key: value for part in payload for key, value in flat(part, path).items()}
    return {path.removesuffix(".value"): payload}


def written(document, other):
    """Return the paths in which the payloads of two documents differ, for a company of any kind."""
    found = {}
    for profile in PROFILES:
        before, after = _payload(document, profile), _payload(other, profile)
        if before and after:
            found.update({path: True for path in after | before if before.get(path) != after.get(path)})
    return list(found)


def _payload(document, profile):
    """Return the flat payload of a document; nothing when it cannot be written for a company of this kind."""
    try:
        return flat(mapping.to_qbo(document, profile=profile))
    except mapping.MappingError:
        return {}


def is_written(entity):
    """Tell whether objects of this kind are ever sent."""
    return entity in mapping._WRITERS


@functools.cache
def paths(entity):
    """Return {neutral field: paths} of what QuickBooks is told, for a document and with "line." for its lines."""
    cls = documents.DOCUMENTS[entity]
    full, other = filled(cls), filled(cls, 2)
    result = {}
    for spec in dataclasses.fields(cls):
        changed = dataclasses.replace(full, **{spec.name: getattr(other, spec.name)})
        result[spec.name] = _own(spec.name, written(full, fitting(changed)))
    return result


def _own(name, found):
    """The tax changes with the lines, and its rates with the tax: those are paths of fields of their own."""
    if name == "total_tax":
        return [path for path in found if ".TaxLine." not in path]
    return [path for path in found if path != "TxnTaxDetail.TotalTax"]


def line_class(entity):
    """Return the class of the lines of a document; None when it has none."""
    hint = typing.get_type_hints(documents.DOCUMENTS[entity]).get("lines")
    return typing.get_args(hint)[0] if hint else None


def line_paths(entity):
    """Return {kind of line: {field: paths}} of the lines of a document; empty when it has none."""
    cls = documents.DOCUMENTS[entity]
    if "lines" not in {spec.name for spec in dataclasses.fields(cls)} or not is_written(entity):
        return {}
    full = filled(cls)
    if line_class(entity) is not documents.Line:
        return {"": _line_fields(full, full.lines[0], ())}
    item = full.lines[0]
    kinds = {"item": item, "note": documents.Line(kind="note", description="1"),
             "discount": dataclasses.replace(item, kind="discount", amount=Decimal(0), discount_percent=Decimal(0))}
    return {kind: _line_fields(full, line, () if kind == "item" else (item,)) for kind, line in kinds.items()}


def _line_fields(document, line, before):
    hints = typing.get_type_hints(type(line))
    result = {}
    for spec in dataclasses.fields(line):
        if spec.name == "kind":
            continue
        changed = dataclasses.replace(line, **{spec.name: sample(hints[spec.name], spec.name, 2)})
        pair = [fitting(dataclasses.replace(document, lines=(*before, one))) for one in (line, changed)]
        found = [path for path in _own(spec.name, written(*pair)) if path.startswith("Line")]
        result[spec.name] = found
    return {name: found for name, found in result.items() if found}


def table(entity):
    """Return {field: Field} of the entity's table; an entity that is never written has that of its reader."""
    module = sys.modules[(mapping._WRITERS.get(entity) or mapping._READERS[entity]).__module__]
    own = getattr(module, "FIELDS", None) or getattr(getattr(module, "sales", None), "FIELDS", ())
    return {field.name: field for field in own}


def refusal(entity, name):
    """Return the code with which a payload that says ``name`` is refused, "" when it is taken."""
    document = filled(documents.DOCUMENTS[entity])
    try:
        mapping.to_qbo(dataclasses.replace(document, **{name: True}), profile=PROFILES[0])
    except mapping.MappingError as error:
        return error.code
    return ""


def update(entity):
    """Return how an update is marked, and whether it has only what changed."""
    if not is_written(entity):
        return "Read only: nothing of it is ever sent."
    full = filled(documents.DOCUMENTS[entity])
    try:
        payload = mapping._WRITERS[entity](full, Target("1", "0", full, PROFILES[0]))
    except mapping.MappingError:
        return ""
    if not payload.get("sparse"):
        return "Full update."
    # Nothing changed, so a payload with only the changes holds little more than id and token.
    return "Sparse update with the changes only." if len(payload) <= 4 else "All known fields, marked sparse."
