"""What a recorded answer and ours have in common: the differences between two JSON values, value for value.

``Comparison`` collects lines ``kind path: recorded -> ours``. What cannot agree between two companies (ids, times,
assigned numbers) is compared by form only; ``shape`` compares all of a value in this way.
"""

import json
import re
from typing import Any

# Values that belong to the company or the moment; their form must agree all the same.
MASKED = re.compile(
    r"\.(Id|SyncToken|CreateTime|LastUpdatedTime|time|Time|value|FileAccessUri|TempDownloadUri|totalCount|maxResults|DocNumber|"
    r"TxnDate|DueDate|StartPeriod|EndPeriod|Size|Lat|Long|Line[1-5]|City|PostalCode|CountrySubDivisionCode|bId)$"
)
FORMS = (
    ("datetime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")),
    ("datetime with milliseconds", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d$")),
    ("digits", re.compile(r"-?\d+$")),
    ("decimal", re.compile(r"-?\d+\.\d+$")),
)
NUMBERS = re.compile(r"\d+(?:\.\d+)?")


class Number(str):
    """A number as it is written."""


def parse(text: str) -> Any:
    """JSON, numbers kept as they are written. Raises ValueError."""
    return json.loads(text, parse_int=Number, parse_float=Number)


def kind(value: Any) -> str:
    if isinstance(value, Number):
        return "number"
    names = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names[type(value)]


def form(value: Any) -> str:
    """The form of a leaf: number, date, text and so on."""
    if not isinstance(value, str) or isinstance(value, Number):
        return kind(value)
    return next((name for name, pattern in FORMS if pattern.match(value)), "text")


def plain(text: str) -> str:
    """A message without what belongs to the moment: numbers, addresses, names of people."""
    text = re.sub(r"https?://\S+|/v3/company/[^ ]*", "@", text)
    text = re.sub(r"You and .*? were working|\. .*? finished before", "@", text)
    text = re.sub(r"Token expired: .*", "Token expired: @", text)
    text = re.sub(r"\(\d+ known properties:.*", "(# known properties: @", text, flags=re.S)
    return NUMBERS.sub("#", text)


class Comparison:
    """Differences between recorded values and ours.

    Lists of objects are compared row by row, except query answers (and everything when ``shape`` is given): there each
    of our rows is held against all recorded rows. ``pool`` has more recorded objects of an entity than one answer.
    """

    def __init__(self, shape: bool = False, pool: dict[str, list[Any]] | None = None) -> None:
        self.shape = shape
        self.pool = pool or {}
        self.found: list[str] = []

    def note(self, what: str, path: str, recorded: Any, ours: Any) -> None:
        short = [json.dumps(value)[:90] for value in (recorded, ours)]
        line = f"{what} {path}: {short[0]} -> {short[1]}"
        if not any(known.startswith(f"{what} {path}: ") for known in self.found):
            self.found.append(line)

    def run(self, recorded: Any, ours: Any, path: str = "$") -> "Comparison":
        if kind(recorded) != kind(ours):
            self.note("type", path, recorded, ours)
        elif isinstance(recorded, dict):
            self._object(recorded, ours, path)
        elif isinstance(recorded, list):
            self._list(recorded, ours, path)
        else:
            self._leaf(recorded, ours, path)
        return self

    def _object(self, recorded: dict[str, Any], ours: dict[str, Any], path: str) -> None:
        if path.endswith(".QueryResponse") and not self.shape:
            self.found += Comparison(True, self.pool).run(recorded, ours, path).found
            return
        for key, value in recorded.items():
            if key in ours:
                self.run(value, ours[key], f"{path}.{key}")
            else:
                self.note("missing", f"{path}.{key}", value, None)
        for key in ours.keys() - recorded.keys():
            self.note("extra", f"{path}.{key}", None, ours[key])

    def _list(self, recorded: list[Any], ours: list[Any], path: str) -> None:
        if self.shape:
            self.rows(recorded, ours, path)
            return
        if len(recorded) != len(ours):
            self.note("length", path, len(recorded), len(ours))
        for one, other in zip(recorded, ours, strict=False):
            self.run(one, other, f"{path}[]")

    def rows(self, recorded: list[Any], ours: list[Any], path: str) -> None:
        """Lists of different things: what all recorded rows have, ours have; what ours have, some recorded row has."""
        recorded = recorded and self.pool.get(path.rsplit(".", 1)[-1], recorded)
        if not (recorded and ours):
            return
        if not isinstance(recorded[0], dict):
            self.run(recorded[0], ours[0], f"{path}[]")
            return
        always = set.intersection(*(set(row) for row in recorded))
        samples: dict[str, list[Any]] = {}
        for row in recorded:
            for key, value in row.items():
                samples.setdefault(key, []).append(value)
        for row in ours:
            self._row(row, always, samples, f"{path}[]")

    def _row(self, row: dict[str, Any], always: set[str], samples: dict[str, list[Any]], path: str) -> None:
        for key in sorted(always - row.keys()):
            self.note("missing", f"{path}.{key}", samples[key][0], None)
        for key, value in row.items():
            if key not in samples:
                self.note("extra", f"{path}.{key}", None, value)
            elif kind(value) == "object":
                self.rows([one for one in samples[key] if isinstance(one, dict)], [value], f"{path}.{key}")
            elif kind(value) == "list":
                self.rows(
                    [one for many in samples[key] if isinstance(many, list) for one in many], value, f"{path}.{key}"
                )
            elif form(value) not in {form(one) for one in samples[key]} and kind(value) not in map(kind, samples[key]):
                self.note("type", f"{path}.{key}", samples[key][0], value)

    def _leaf(self, recorded: Any, ours: Any, path: str) -> None:
        if self.shape or MASKED.search(path):
            loose = {"digits", "text"} if self.shape else set()
            if form(recorded) != form(ours) and not {form(recorded), form(ours)} <= loose:
                self.note("form", path, recorded, ours)
        elif kind(recorded) == "number":
            if float(recorded) != float(ours) or ("." in recorded) != ("." in ours):
                self.note("value", path, recorded, ours)
        elif kind(recorded) == "string":
            if plain(recorded) != plain(ours):
                self.note("value", path, recorded, ours)
        elif recorded != ours:
            self.note("value", path, recorded, ours)
