"""The query language: a real grammar, checked against the filterable properties of each entity, run as SQL."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from simulator import plain
from simulator.clock import parse_date, parse_time
from simulator.company import Company
from simulator.errors import Fault, bad_id
from simulator.money import Json, dec, dumps, loads
from simulator.schema import DATA, FACTS, Entity, entity_named, is_id

WORDS: Json = json.loads((DATA / "query.json").read_text("utf-8"))
NUMBERS = ("INTEGER", "DECIMAL")
VALUES = ("STRING", "BOOLEAN", "CURRENT_DATE", *NUMBERS)
MAX_PAGE, MAX_CONDITIONS, MAX_PATTERN = 1000, 500, 4000


class Condition(NamedTuple):
    """One comparison of the WHERE clause; several values for IN, no operator for a bare property."""

    path: str
    operator: str
    values: list[Token]
    negated: bool


class Statement(NamedTuple):
    """A parsed statement."""

    columns: list[str]
    counts: bool
    entity: str
    conditions: list[Condition]
    order: list[str]
    """Path and ``asc`` or ``desc``."""
    start: int
    limit: int


class _Build(Transformer[Token, Statement]):
    """Turns the parse tree into a Statement."""

    def path(self, parts: list[Token]) -> Token:
        return Token("PATH", ".".join(parts))

    def condition(self, parts: list[Token]) -> Condition:
        by = {part.type: str(part) for part in parts}
        operator = by.get("OPERATOR") or next((name.lower() for name in ("IN", "LIKE") if name in by), "")
        negated = sum(part.type == "NOT" for part in parts) == 1
        return Condition(by["PATH"], operator, [part for part in parts if part.type in VALUES], negated)

    def sort(self, parts: list[Token]) -> Token:
        return Token("SORT", f"{parts[0]} {parts[1].lower() if len(parts) == 2 else 'asc'}")

    def page(self, parts: list[Token]) -> Token:
        number = int(parts[1][:30])
        if number < 1:
            raise Fault("4001", f"value {number} is too small. Min allowed value is 1")
        if parts[0].type == "MAXRESULTS" and number > MAX_PAGE:
            raise Fault("4001", f"value {number} is too large. Max allowed value is {MAX_PAGE}")
        return Token(parts[0].type, str(min(number, 2 ** 53)))

    def start(self, parts: list[Any]) -> Statement:
        by: dict[str, list[Any]] = defaultdict(list)
        for part in parts:
            by[getattr(part, "type", "CONDITION")].append(part)
        start, limit = (int([usual, *by[name]][-1]) for name, usual in (("STARTPOSITION", 1), ("MAXRESULTS", 100)))
        return Statement([] if by["STAR"] else by["PATH"], bool(by["COUNT"]), str(by["IDENTIFIER"][0]),
                         by["CONDITION"], by["SORT"], start, limit)


PARSER = Lark((DATA / "query.lark").read_text("utf-8"), parser="lalr", maybe_placeholders=False)


def parse(text: str) -> Statement:
    """Parse a statement.

    Raises:
        Fault: 4000 for what the grammar refuses, 4001 for a page out of bounds.
    """
    if not text.strip():
        raise Fault("10000", "java.lang.NullPointerException", element="SystemFailureError")
    try:
        return _Build().transform(PARSER.parse(text))
    except UnexpectedToken as error:
        raise Fault("4000", _encountered(text, error.token, error.accepts or error.expected)) from None
    except UnexpectedCharacters as error:
        raise Fault("4000", _lexical(text, error)) from None
    except VisitError as error:
        raise error.orig_exc from None


def _encountered(text: str, token: Token, wanted: set[str]) -> str:
    """Return the text for a token out of place: what it is, where, and what could stand there."""
    image = str(token).replace("'", "\\'")
    known = {label.strip('<">').lower(): label for _name, label in WORDS["expected"]}
    label = known.get(image.lower()) or WORDS["literals"].get(token.type) or f'"{image}"'
    seen, place = f'" {label} "{image} ""', f"line {token.line}, column {token.column}"
    if token.type == "$END":
        lines = text.rstrip().split("\n")
        seen, place = '"<EOF>"', f"line {len(lines)}, column {len(lines[-1])}"
    names = dict.fromkeys(name for kind, name in WORDS["expected"] if kind in wanted and name != label)
    choice = "".join(name + (" " if name == "<EOF>" else " ...") + "\n    " for name in names)
    return f"Encountered {seen} at {place}.\nWas expecting{' one of' if len(names) > 1 else ''}:\n    {choice}"


def _lexical(text: str, error: UnexpectedCharacters) -> str:
    """Return the text for a character that begins no token, or for a string that does not end."""
    place, line, column = error.pos_in_stream or 0, error.line, error.column
    seen, before = text[place], ""
    if seen == "'":
        before, seen = text[place:], ""
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    elif seen in "&!|":
        column, before, seen = column + 1, seen, text[place + 1:place + 2]
    shown = f"{json.dumps(seen)} ({ord(seen)})," if seen else "<EOF>"
    after = json.dumps(before, ensure_ascii=False)
    return f"Invalid content. Lexical error at line {line}, column {column}.  Encountered: {shown} after : {after}"


class Query:
    """A statement bound to a company: SQL with its values.

    Raises:
        Fault: 4000, 4001 or 2030.
    """

    def __init__(self, company: Company, text: str) -> None:
        self.company = company
        self.statement = parse(text)
        self.entity = _entity(self.statement.entity)
        self.values: list[Any] = [company.realm]
        conditions = self.statement.conditions
        if max(len(conditions), len(self.statement.order)) > MAX_CONDITIONS:
            raise Fault("4001", "the statement is too long")
        if self.entity.name == "ExchangeRate":
            days = [self._value(item.values[0], "date", "=") for item in conditions
                    if item.path.lower() == "asofdate" and item.operator == "="]
            plain.list_rates(company, (days or [company.clock.today().isoformat()])[0])
        where = ["realm = ?", f"entity = '{self.entity.name}'", *map(self._clause, conditions)]
        if self.entity.is_name and not any(item.path.lower() == "active" for item in conditions):
            where.append("active = 1")
        self.where = " and ".join(where)

    def _known(self, path: str) -> None:
        """Refuse a property that queries of the entity do not know: compound ones exist in whole objects only."""
        entity = self.entity
        head = entity.properties.get(path.lower().split(".")[0], "")
        rule = entity.fields.get(head)
        single = head == "CurrencyRef" and not self.company.preference("CurrencyPrefs", "MultiCurrencyEnabled")
        hidden = bool({head, f"{entity.name}.{head}"}.intersection(WORDS["not_selected"]))
        if rule is None or rule.target == "Address" or hidden or single:
            raise Fault("4001", f"Property {path} not found for Entity {entity.name}")

    def _column(self, path: str, sort: bool = False) -> tuple[str, str]:
        """Return SQL that compares a property, ``{}`` standing for the comparison, and the kind of its values."""
        low, entity = path.lower(), self.entity
        if (low, entity.name) == ("type", "RecurringTransaction"):  # what is inside of it
            return "exists(select 1 from json_each(body) where key collate nocase {})", "text"
        column = entity.filters.get(low)
        if column is None:
            self._known(path)
        if column is None and "." in path:
            raise Fault("4001", f"Property {path} not found for Entity {entity.name}")
        if column is None or (sort and low not in entity.sortable):
            raise Fault("4001", f"property '{path}' is not {'sortable' if sort else 'queryable'}")
        if column in WORDS["kinds"]:
            return f"{column} {{}}", WORDS["kinds"][column]
        array, found, rest = column.partition("[0]")
        if found:
            return (f"exists(select 1 from json_each(body, '$.{array}') where json_extract(value, '${rest}') "
                    "collate nocase {})"), "text"
        rule = entity.fields[column]
        inner = ".Address" if rule.target == "Email" else ".value" * (rule.kind in ("ref", "any", "object"))
        return f"json_extract(body, '$.{column}{inner}') {{}}", WORDS["kinds"].get(rule.kind, "text")

    def _clause(self, condition: Condition) -> str:
        """Return the SQL of a condition and keep its values."""
        sql, kind = self._column(condition.path)
        operator = condition.operator or "="
        if kind == "id" and operator not in ("=", "in", "!=") or not condition.operator and kind != "bool":
            raise Fault("4001", f"operator {operator} is not supported for property {condition.path}")
        values = [self._value(token, kind, operator) for token in condition.values] or [1]
        test = f"{operator} ?"
        if operator == "in":
            test, values = "in (select value from json_each(?))", [json.dumps(values)]
        elif operator == "like":
            test = "like ? escape '\\'"
        elif kind == "text" and operator in ("=", "!=") and not values[0].strip():
            test, values = f"is {'not ' * (operator == '!=')}null", []  # what is empty is not stored
        self.values += values
        collate = "collate nocase " if kind == "text" and "collate" not in sql and values else ""
        if "exists" not in sql:
            order = "active, fqn, id" if self.entity.kind in ("name", "list") else "updated, id"
            self.company.store.index(self.entity.name, f"{sql.format(collate)}, {order}")
        return f"{'not ' * condition.negated}({sql.format(collate + test)})"

    def _value(self, token: Token, kind: str, operator: str) -> Any:
        text = str(token)
        if token.type == "CURRENT_DATE":
            text = self.company.clock.today().isoformat()
        elif token.type == "STRING":
            text = text[1:-1].replace("\\'", "'").replace("\\\\", "\\")
        elif token.type in NUMBERS and not self.company.switches.get("unquoted_numbers"):
            raise Fault("4000", _encountered("", token, {"BOOLEAN", "STRING"}))
        if operator == "like":
            return text[:MAX_PATTERN].replace("\\", "\\\\").replace("_", "\\_")
        try:
            return CONVERT[kind](text)
        except (KeyError, ValueError, ArithmeticError):
            raise Fault("4001", f"value '{text[:200]}' is not valid") from None

    def rows(self) -> list[str]:
        """Return the JSON texts of the page: what is skipped or sorted on the way to it is rowids, not bodies."""
        store, statement = self.company.store, self.statement
        sql = f"select rowid from object where {self.where} order by {self._order()} limit ? offset ?"
        keys = [row[0] for row in store.all(sql, *self.values, statement.limit, statement.start - 1)]
        texts = dict(store.all("select rowid, body from object where rowid in (select value from json_each(?))",
                               json.dumps(keys)))
        return [texts[key] for key in keys]

    def _order(self) -> str:
        if not self.statement.order:
            first = "id = 'TAX' desc, id = 'NON' desc, " if self.entity.name == "TaxCode" else ""
            return first + ("fqn, id" if self.entity.kind in ("name", "list") else "updated desc, id desc")
        ways = [(self._column(path, sort=True)[0], way) for path, way in map(str.split, self.statement.order)]
        self.company.store.index(self.entity.name, f"{ways[0][0].format('')}, id")
        return ", ".join(dict.fromkeys(sql.format(way) for sql, way in [*ways, ("id {}", ways[-1][1])]))

    def _project(self, texts: list[str]) -> Iterator[str]:
        """Objects of a projection: Id always, absent values left out, ``sparse`` as text, no SyncToken."""
        for text in texts:
            body = loads(text)
            result: Json = {"sparse": "true", "Id": body.get("Id", "")}
            for path in self.statement.columns:
                _pick(body, result, path.split("."))
            yield dumps(result)

    def count(self) -> int:
        """Return how many rows match. Raises Fault 4001 for the entities that the service cannot count."""
        if self.entity.name in WORDS["no_count"]:
            raise Fault("4001", WORDS["no_count"][self.entity.name])
        return int(self.company.store.value(f"select count(*) from object where {self.where}", *self.values))

    def answer(self) -> str:
        """Return the JSON text of the ``QueryResponse`` object."""
        name, statement = self.entity.name, self.statement
        for path in statement.columns:
            self._known(path)
        if statement.counts:
            return "{}" if name == "CompanyInfo" else f'{{"totalCount":{self.count()}}}'
        texts = self.rows()
        total = f',"totalCount":{self.count()}' if name in WORDS["counted"] else ""
        shown = ",".join(self._project(texts) if statement.columns else texts)
        page = f'"{name}":[{shown}],"startPosition":{statement.start},"maxResults":{len(texts)}{total}'
        return f"{{{page if texts else ''}}}"


def _entity(name: str) -> Entity:
    found = entity_named(name)
    if found is not None and "query" in found.operations:
        return found
    if found is not None or name.lower() in map(str.lower, WORDS["no_metadata"]):
        raise Fault("4001", f"Metadata not found for Entity: {found.name if found else name}")
    raise Fault("4001", f"invalid context declaration: {name}")


def _pick(body: Json, result: Json, path: list[str]) -> None:
    """Copy what is at a path, names in any case, from a body to a projected object."""
    for name in [key for key in body if key.lower() == path[0].lower()]:
        if len(path) > 1 and isinstance(body[name], dict):
            _pick(body[name], result.setdefault(name, {}), path[1:])
        else:
            result[name] = body[name]


def _id(text: str) -> int | str:
    if text in FACTS["pseudo_tax_codes"]:
        return text
    if not is_id(text):
        raise bad_id(text)
    return int(text)


CONVERT: dict[str, Callable[[str], Any]] = {
    "id": _id, "bool": lambda text: {"true": 1, "false": 0}[text.lower()], "time": parse_time, "text": str,
    "number": lambda text: float(dec(text.strip() or "0")), "date": lambda text: text.strip() and str(parse_date(text))}
"""Kind of a column: what makes of a literal what the column holds."""
