"""Postal addresses: up to five street lines and the usual parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .. import text
from ..documents import Address
from .values import Codec, Payload

STREET_LINES = 5
_PARTS = (
    ("city", "City", 255),
    ("region", "CountrySubDivisionCode", 255),
    ("postal_code", "PostalCode", 30),
    ("country", "Country", 255),
)
_LINE_LENGTH = 500
_EMPTY = {f"Line{index}": "" for index in range(1, STREET_LINES + 1)} | {key: "" for _, key, _ in _PARTS}


@dataclass(frozen=True)
class AddressCodec(Codec):
    """Reads and writes a PhysicalAddress. ``Id``, ``Lat`` and ``Long`` belong to QuickBooks and are never sent."""

    # Whether a sparse update replaces or merges the parts of an address is not documented, so a cleared part is written
    # as "" and every other part with its value: both readings give the same address.
    clear: ClassVar[object] = _EMPTY

    def read(self, raw: object, field: str) -> Address:
        if not isinstance(raw, dict):
            return Address()
        lines = (text.single_line(raw.get(f"Line{index}")) for index in range(1, STREET_LINES + 1))
        parts = {name: text.single_line(raw.get(key)) for name, key, _ in _PARTS}
        return Address(lines=tuple(line for line in lines if line), **parts)

    def write(self, value: Any, field: str) -> Payload:
        lines = [line for line in map(text.single_line, value.lines) if line]
        if len(lines) > STREET_LINES:
            lines[STREET_LINES - 1:] = [", ".join(lines[STREET_LINES - 1:])]
        payload: Payload = {f"Line{index}": text.cut(line, _LINE_LENGTH) for index, line in enumerate(lines, 1)}
        for name, key, maximum in _PARTS:
            part = text.cut(text.single_line(getattr(value, name)), maximum)
            if part:
                payload[key] = part
        return payload

    def replace(self, value: Address, field: str) -> Payload:
        """Return the address with "" for every part that it does not have, for an update."""
        return {**_EMPTY, **self.write(value, field)}
