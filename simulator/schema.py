"""The schema table: every entity is rows of ``data/entities/*.txt``, parsed once into these small classes."""

from dataclasses import dataclass, field
from pathlib import Path

from simulator.money import Json, loads

TXN_KINDS = frozenset(("sale", "purchase", "payment", "journal", "deposit", "transfer", "order", "stock"))
"""Dated transactions; an order (estimate, purchase order) posts nothing."""


@dataclass(frozen=True)
class Field:
    """One property: its type code and what may be done with it."""

    name: str
    kind: str
    """str, bool, int, money, number, date, enum, ref, object, list or any."""
    limit: int = 0
    """Longest string, 0 for no limit."""
    target: str = ""
    """Entity of a reference, type of an object or of the elements of a list, words of an enumeration, bounds."""
    required: bool = False
    read_only: bool = False
    fixed: bool = False
    """Set at creation, ignored later."""
    keep: bool = False
    """Survives a full update that leaves it out."""
    default: str | bool | int | None = None


@dataclass
class Entity:
    """One entity of the API."""

    name: str
    kind: str
    """name, list, single, plain, or one of TXN_KINDS: which rules of behaviour apply."""
    sequence: str
    operations: frozenset[str]
    ref_kind: str = ""
    """What error 2500 calls it."""
    title: str = ""
    """What error 6140 calls it."""
    fields: dict[str, Field] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    """Lower-case property path -> column of the object table or path in the body."""
    sortable: frozenset[str] = frozenset()
    properties: dict[str, str] = field(default_factory=dict)
    """Lower-case name -> the name as the service writes it."""
    unique: str = ""
    """Lists whose names clash with this one's, joined by a bar."""
    segment: str = ""
    """The path segment where it is not the name in lower case."""

    @property
    def path(self) -> str:
        """The path segment."""
        return self.segment or self.name.lower()

    @property
    def key(self) -> str:
        """The property that holds the name of a list row."""
        return "DisplayName" if "DisplayName" in self.fields else "Name"

    @property
    def is_name(self) -> bool:
        """True for the lists that hide inactive rows."""
        return "Active" in self.fields

    @property
    def hidden(self) -> bool:
        """True for what only people have, in pages and reports."""
        return self.operations == {"none"}

    @property
    def is_txn(self) -> bool:
        """True for dated transactions."""
        return self.kind in TXN_KINDS


DATA = Path(__file__).parent / "data"
FACTS: Json = loads((DATA / "facts.json").read_text("utf-8"))
"""Account types, currencies and the like: what the service knows by itself."""
COLUMNS = {"Active": "active", "DisplayName": "name", "Name": "name", "FullyQualifiedName": "fqn",
           "DocNumber": "doc", "CustomerRef": "party", "VendorRef": "party", "TxnDate": "date", "DueDate": "due",
           "TotalAmt": "total", "Balance": "balance"}
ALWAYS = {"id": "id", "metadata.createtime": "created", "metadata.lastupdatedtime": "updated"}
"""What every entity may be filtered and sorted by."""
KINDS = {"s": "str", "b": "bool", "i": "int", "m": "money", "n": "number", "d": "date", "any": "any", "e": "enum",
         "f": "enum", "r": "ref", "o": "object", "l": "list"}
WORDS: dict[str, bool | int] = {"=true": True, "=false": False, "=0": 0}


def _parse_field(text: str) -> tuple[Field, str]:
    """Parse ``Name code flags...``; returns the field and its filter flags."""
    name, code, *flags = text.split()
    head, _, target = code.partition(":")
    kind = KINDS.get(head) or KINDS[code[0]]
    limit = int(code[1:]) if kind == "str" else 0
    if kind == "int":
        target = code[1:]
    elif head == "f":
        target = "|".join(FACTS[target])
    default = next((WORDS.get(flag, flag[1:]) for flag in flags if flag.startswith("=")), None)
    parsed = Field(name, kind, limit, target, required="!" in flags, read_only="ro" in flags, fixed="once" in flags,
                   keep=default is not None or not {"keep", "ro", "once"}.isdisjoint(flags), default=default)
    return parsed, "fs" if "fs" in flags else "f" if "f" in flags else ""


def _blocks(*files: Path) -> list[tuple[str, list[str]]]:
    """Split files of rows into blocks: a heading at the margin, indented rows below it, # before a remark."""
    blocks: list[tuple[str, list[str]]] = []
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        if line.startswith("#"):
            continue
        if line.strip() and not line.startswith(" "):
            blocks.append((line.strip(), []))
        elif line.strip():
            blocks[-1][1].extend(part.strip() for part in line.split(";") if part.strip())
    return blocks


def _also(name: str) -> Field:
    """Return the rule of a property that is only known: a reference or a type by its name, else whatever is sent."""
    target = "Ref" if name.endswith("Ref") else name if name in TYPE_FIELDS else ""
    return Field(name, "object", target=target) if target else Field(name, "any")


def _load_fields(fields: dict[str, Field], rows: list[str], entity: Entity | None = None) -> None:
    """Add the properties of rows; those of an entity say also what a query may filter and sort."""
    for row in rows:
        word, *names = row.split()
        if word == "use":
            for group in names:
                fields.update(TYPE_FIELDS[group])
        elif word == "also":
            fields.update({name: _also(name) for name in names})
        elif word == "not":
            for name in names:
                del fields[name]
        elif word == "filter" and entity:
            entity.filters.update({path.lower(): column for path, _, column in (name.partition(":") for name in names)})
        else:
            parsed, flags = _parse_field(row)
            fields[parsed.name] = parsed
            if entity and flags:
                entity.filters[parsed.name.lower()] = COLUMNS.get(parsed.name, parsed.name)
                entity.sortable |= {parsed.name.lower()} if flags == "fs" else set()


def _load_entity(heading: str, rows: list[str]) -> Entity:
    name, kind, *options = heading.split()
    given = dict(option.split("=", 1) for option in options)
    entity = Entity(name, kind, given.get("seq", name), frozenset(given["ops"].split(",")), given.get("ref", ""),
                    given.get("title", name).replace("_", " "), dict(TYPE_FIELDS["Common"]),
                    unique=given.get("unique", ""), segment=given.get("path", ""))
    entity.filters.update(ALWAYS)
    entity.sortable = frozenset(ALWAYS)
    _load_fields(entity.fields, rows, entity)
    entity.properties = {known.lower(): known for known in entity.fields}
    return entity


_TYPES = _blocks(DATA / "types.txt")
TYPE_FIELDS: dict[str, dict[str, Field]] = {_name: {} for _name, _rows in _TYPES}
for _name, _rows in _TYPES:
    _load_fields(TYPE_FIELDS[_name], _rows)
SCHEMA = {_entity.name: _entity for _entity in (
    _load_entity(_name, _rows) for _name, _rows in _blocks(*sorted((DATA / "entities").glob("*.txt"))))}
BY_PATH = {name: entity for entity in SCHEMA.values() for name in (entity.name.lower(), entity.path)}


def is_id(text: str) -> bool:
    """Return whether a text is a number that the database can hold."""
    return text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2 ** 63


def detail(line: Json) -> Json:
    """Return the detail object of a line: the property that its DetailType names."""
    found = line.get(line.get("DetailType", ""))
    return found if isinstance(found, dict) else {}


def entity_named(name: str) -> Entity | None:
    """Return the entity of a name in any case."""
    return BY_PATH.get(name.lower())


def defaults(entity: Entity) -> Json:
    """Return what a create without the field gets."""
    return {rule.name: rule.default for rule in entity.fields.values() if rule.default is not None}
