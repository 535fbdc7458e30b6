"""Documents as tables of fields: where a field of the neutral form lives in a payload, and when it is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..documents import Document
from .errors import MappingError
from .profile import STANDARD, Profile
from .values import Codec, Payload

#: Only the changed fields, marked sparse: where Intuit's reference lists a sparse update.
SPARSE = "sparse"
#: Every field that we know, marked sparse: where a sparse update is accepted but not documented. Whichever way
#: QuickBooks reads it, nothing that we know is cleared, and what we do not know stays if the mark is honoured.
WHOLE = "whole"
#: Every field that we know, as a full update: where a sparse update is refused.
FULL = "full"


@dataclass(frozen=True)
class Target:
    """Where a payload goes: a new object, or the object ``qbo_id`` whose content we believe to be ``base``."""

    qbo_id: str = ""
    sync_token: str = ""
    base: Document | None = None
    profile: Profile = STANDARD

    @property
    def updating(self) -> bool:
        """Whether an existing object is changed."""
        return bool(self.qbo_id)


@dataclass(frozen=True)
class Field:
    """One field: its name in the neutral form, its path in the payload and how its value is written.

    ``always``: written in every create and full update even when it has the default value. ``required``: an empty value
    is refused. ``once``: written in a create only, because QuickBooks fixes it then. ``read_only``: never written.
    ``when``: written only if the company's profile allows it.
    """

    name: str
    path: str
    codec: Codec
    always: bool = False
    required: bool = False
    once: bool = False
    read_only: bool = False
    when: Callable[[Profile], bool] | None = None

    def written(self, target: Target) -> bool:
        """Whether this field may appear in a payload for ``target``."""
        if self.read_only or (self.once and target.updating):
            return False
        return self.when is None or self.when(target.profile)


def dig(payload: Payload, path: str) -> object:
    """Return the value at the dotted ``path``, None when a step is missing or is not an object."""
    value: object = payload
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def put(payload: Payload, path: str, value: object) -> None:
    """Set the value at the dotted ``path``, making the objects on the way."""
    *parents, last = path.split(".")
    for key in parents:
        payload = payload.setdefault(key, {})
    payload[last] = value


def defaults(cls: type[Document]) -> dict[str, Any]:
    """Return the default value of each field of ``cls``."""
    return {spec.name: spec.default for spec in dataclasses.fields(cls)}


def read_fields(cls: type[Document], payload: Payload, fields: Sequence[Field]) -> dict[str, Any]:
    """Return constructor arguments for ``cls``; what the payload does not say keeps the default.

    :raises MappingError: ``malformed``.
    """
    result = {}
    standard = defaults(cls)
    for field in fields:
        value = field.codec.read(dig(payload, field.path), field.name)
        result[field.name] = standard[field.name] if value is None else value
    return result


def header(target: Target, mode: str) -> Payload:
    """Return the beginning of a payload: nothing for a create, id and token for an update."""
    if not target.updating:
        return {}
    return {"Id": target.qbo_id, "SyncToken": target.sync_token, "sparse": mode != FULL}


def write_fields(document: Document, fields: Sequence[Field], target: Target, mode: str) -> Payload:
    """Return the payload of the plain ``fields``.

    A create has only what is set. A sparse update has what differs from ``target.base``; the other updates have all
    that is set. In an update a value that the base has and the document has not is cleared.

    :raises MappingError: a required field is empty or a value cannot be written.
    """
    payload = header(target, mode)
    standard = defaults(type(document))
    for field in fields:
        value = getattr(document, field.name)
        if field.required and not value:
            raise MappingError("missing", field.name, value)
        if not field.written(target):
            continue
        known = target.updating and target.base is not None
        before = getattr(target.base, field.name) if known else None
        if mode == SPARSE and known and value == before:
            continue
        if value != standard[field.name] or field.always:
            write = field.codec.replace if known and value != before else field.codec.write
            put(payload, field.path, write(value, field.name))
        elif known and value != before:
            _clear(payload, field, value)
    return payload


def _clear(payload: Payload, field: Field, value: object) -> None:
    """Write the default ``value`` over what the base has."""
    if field.codec.clear is not None:
        put(payload, field.path, field.codec.clear)
    elif value is not None:
        put(payload, field.path, field.codec.write(value, field.name))


def changed(document: Document, target: Target, *names: str) -> bool:
    """Whether one of the fields differs from the base; without a base everything counts as changed."""
    if target.base is None:
        return True
    return any(getattr(document, name) != getattr(target.base, name) for name in names)
