"""Every entity held against recorded objects: properties that are missing or too many, and JSON types.

``python objects.py FILE`` with QBO_SIM_URL in the environment. Lines are ``{"entity", "object", "provenance"}``.
Objects that were recorded as JSON tell what must be there; the others (documentation, XML) only what may be there.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from answers import Comparison, parse
from explained import Explained
from recordings import Company


def recorded(file: Path) -> dict[str, tuple[list[Any], list[Any]]]:
    """By entity: objects recorded as JSON, all objects."""
    found: dict[str, tuple[list[Any], list[Any]]] = {}
    for text in file.read_text().splitlines():
        row = parse(text)
        strict, every = found.setdefault(row["entity"], ([], []))
        every.append(row["object"])
        if row["provenance"].startswith("recorded"):
            strict.append(row["object"])
    return found


def ours(company: Company, entity: str) -> list[Any] | str:
    """Up to a hundred of our objects, as a query gives them; the text of its fault."""
    answer = company.call("GET", "/query", [("query", f"select * from {entity} maxresults 100")])
    if not answer.ok:
        return answer.text[:200]
    return next((value for value in parse(answer.text)["QueryResponse"].values() if isinstance(value, list)), [])


def names(value: Any) -> set[str]:
    """All property names, at any depth."""
    if isinstance(value, list):
        return set().union(*map(names, value))
    return set(value).union(*map(names, value.values())) if isinstance(value, dict) else set()


def differences(rows: list[Any] | str, strict: list[Any], every: list[Any], other: set[str]) -> list[str]:
    """Missing and wrong against the strict ones; too many against all.

    With one or two recorded ones it is not known what is optional: then a property may be missing, and ``other`` names
    (of all entities, of the schema) are no surprise.
    """
    if not rows or isinstance(rows, str):
        return [f"fault $: {rows}" if rows else "empty $: we have none"]
    found = Comparison(True).run(strict, rows).found
    sure = len({one.get("Id") for one in strict}) > 2
    known = names(every) | (set() if sure else other)
    extra = [f"extra $..{name}" for name in sorted(names(rows) - known)]
    return [line for line in found if not line.startswith("extra") and (sure or not line.startswith("missing"))] + extra


def main() -> int:
    company, explained, found = Company(os.environ["QBO_SIM_URL"]), Explained("objects"), recorded(Path(sys.argv[1]))
    schema = Path(sys.argv[1]).parents[2] / "reference" / "Finance.xsd"
    other = names([every for _, every in found.values()])
    if schema.exists():
        other |= set(re.findall(r'name="(\w+)"', schema.read_text()))
    for entity, (strict, every) in sorted(found.items()):
        explained.add(entity, differences(ours(company, entity), strict, every, other))
    return explained.close()


if __name__ == "__main__":
    sys.exit(main())
