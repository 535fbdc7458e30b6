"""The query language: a real grammar, checked against the filterable-property table, run as SQL."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from simulator.clock import parse_time
from simulator.company import Company
from simulator.errors import Fault
from simulator.money import Json, dec, dumps, loads
from simulator.schema import FACTS, Entity, entity_named

GRAMMAR = r"""
    start: _SELECT columns _FROM name where? order? page*
    columns: STAR ("," path)* -> star
           | COUNT            -> count
           | path ("," path)* -> paths
    where: WHERE condition (AND condition)*
    ?condition: path OPERATOR value        -> compare
              | path NOT? IN "(" value ("," value)* ")" -> among
              | path NOT? LIKE value       -> like
    order: (_ORDERBY | _ORDER _BY) sort ("," sort)*
    sort: path DIRECTION?
    page: _STARTPOSITION NUMBER -> startposition
        | _MAXRESULTS NUMBER    -> maxresults
    path: IDENTIFIER ("." IDENTIFIER)*
    name: IDENTIFIER
    ?value: STRING | BOOLEAN | NUMBER | CURRENT_DATE
    STAR: "*"
    COUNT.4: /COUNT\s*\(\s*\*\s*\)/i
    _SELECT.3: /SELECT\b/i
    _FROM.3: /FROM\b/i
    WHERE.3: /WHERE\b/i
    _ORDERBY.3: /ORDERBY\b/i
    _ORDER.3: /ORDER\b/i
    _BY.3: /BY\b/i
    _STARTPOSITION.3: /STARTPOSITION\b/i
    _MAXRESULTS.3: /MAXRESULTS\b/i
    AND.3: /AND\b/i
    IN.3: /IN\b/i
    LIKE.3: /LIKE\b/i
    NOT.3: /NOT\b/i
    DIRECTION.3: /(ASC|DESC)\b/i
    BOOLEAN.3: /(true|false)\b/i
    CURRENT_DATE.3: /CURRENT_DATE\b/i
    OPERATOR: "<=" | ">=" | "!=" | "=" | "<" | ">"
    STRING: /'(?:\\.|[^'\\])*'/
    NUMBER: /-?\d+(?:\.\d+)?/
    IDENTIFIER: /[A-Za-z_][A-Za-z0-9_]*/
    %import common.WS
    %ignore WS
"""
LABELS = {"$END": "<EOF>", "STRING": "<STRING_LITERAL>", "NUMBER": "<INTEGER_LITERAL>", "AND": "<AND>", "IN": "<IN>",
          "LIKE": "<LIKE>", "IDENTIFIER": "<IDENTIFIER>", "STAR": "<STAR>", "WHERE": "<WHERE>", "BOOLEAN": "<BOOLEAN>"}
MAX_PAGE = 1000


@dataclass
class Condition:
    """One comparison of the WHERE clause; several values for IN."""

    path: str
    operator: str
    values: list[Token]
    negated: bool = False


@dataclass
class Statement:
    """A parsed statement."""

    columns: list[str] = field(default_factory=list)
    count: bool = False
    entity: str = ""
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    start: int = 1
    limit: int = 100


class _Build(Transformer[Token, Statement]):
    """Turns the parse tree into a Statement."""

    def path(self, parts: list[Token]) -> str:
        return ".".join(str(part) for part in parts)

    def name(self, parts: list[Token]) -> tuple[str, str]:
        return "entity", str(parts[0])

    def star(self, parts: list[Any]) -> tuple[str, Any]:
        return "columns", []

    def count(self, parts: list[Token]) -> tuple[str, Any]:
        return "count", True

    def paths(self, parts: list[str]) -> tuple[str, Any]:
        return "columns", list(parts)

    def compare(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], str(parts[1]), [parts[2]])

    def among(self, parts: list[Any]) -> Condition:
        values = [part for part in parts[1:] if part.type not in ("NOT", "IN")]
        return Condition(parts[0], "in", values, any(part.type == "NOT" for part in parts[1:]))

    def like(self, parts: list[Any]) -> Condition:
        return Condition(parts[0], "like", [parts[-1]], parts[1].type == "NOT")

    def where(self, parts: list[Any]) -> tuple[str, Any]:
        return "conditions", [part for part in parts if isinstance(part, Condition)]

    def sort(self, parts: list[Any]) -> tuple[str, bool]:
        return parts[0], len(parts) > 1 and str(parts[1]).upper() == "DESC"

    def order(self, parts: list[Any]) -> tuple[str, Any]:
        return "order", parts

    def startposition(self, parts: list[Token]) -> tuple[str, Any]:
        return "start", _bounded(parts[0], None)

    def maxresults(self, parts: list[Token]) -> tuple[str, Any]:
        return "limit", _bounded(parts[0], MAX_PAGE)

    def start(self, parts: list[tuple[str, Any]]) -> Statement:
        return Statement(**dict(parts))


def _bounded(token: Token, largest: int | None) -> int:
    number = int(dec(str(token)))
    if number < 1:
        raise Fault("4001", f"value {token} is too small. Min allowed value is 1")
    if largest is not None and number > largest:
        raise Fault("4001", f"value {token} is too large. Max allowed value is {largest}")
    return number


PARSER = Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


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
        raise Fault("4000", _encountered(error)) from None
    except UnexpectedCharacters as error:
        seen = text[error.pos_in_stream:error.pos_in_stream + 1] if error.pos_in_stream is not None else ""
        raise Fault("4000", f"Invalid content. Lexical error at line {error.line}, column {error.column}.  "
                    f'Encountered: "{seen}" ({ord(seen) if seen else 0}), after : ""') from None
    except UnexpectedInput as error:
        raise Fault("4000", str(error).splitlines()[0]) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Fault):
            raise error.orig_exc from None
        raise


def _encountered(error: UnexpectedToken) -> str:
    token = error.token
    if token.type == "$END":
        seen, line, column = "<EOF>", 1, 0
    else:
        label = LABELS.get(token.type, f"<{token.type.strip('_')}>")
        seen, line, column = f'{label} "{token} "', token.line or 1, token.column or 0
    names = error.accepts or error.expected or set()
    wanted = sorted(LABELS.get(name, '"' + name.strip("_").lower() + '"') for name in names)
    choice = " \n    ".join(wanted)
    return f'Encountered " {seen}" at line {line}, column {column}.\nWas expecting one of:\n    {choice} ...'


class Query:
    """A statement bound to a company: SQL with its values.

    Raises:
        Fault: 4000, 4001 or 2030.
    """

    def __init__(self, company: Company, text: str) -> None:
        self.company = company
        self.statement = parse(text)
        found = entity_named(self.statement.entity)
        if found is None or "query" not in found.operations:
            raise Fault("4001", f"invalid context declaration: {self.statement.entity}")
        self.entity: Entity = found
        self.values: list[Any] = [company.realm, found.name]
        self.where = "realm = ? and entity = ?"
        for condition in self.statement.conditions:
            self._add(condition)
        if found.is_name and not any(item.path.lower() == "active" for item in self.statement.conditions):
            self.where += " and active = 1"

    def _column(self, path: str, sort: bool = False) -> str:
        """Return the column or body path that a property is compared by."""
        low = path.lower()
        head = low.split(".")[0]
        if head not in self.entity.properties:
            raise Fault("4001", f"Property {path} not found for Entity {self.entity.name}")
        if low not in self.entity.filters or (sort and low not in self.entity.sortable):
            raise Fault("4001", f"property '{path}' is not {'sortable' if sort else 'queryable'}")
        return self.entity.filters[low]

    def _sql(self, column: str) -> tuple[str, str]:
        """Return SQL for a column and the kind of its values."""
        kinds = {"id": "id", "active": "bool", "party": "id", "date": "date", "due": "date", "total": "number",
                 "balance": "number", "created": "time", "updated": "time", "name": "text", "fqn": "text",
                 "doc": "text"}
        if column in kinds:
            return column, kinds[column]
        rule = self.entity.fields[column]
        inner = {"ref": ".value", "any": ".value"}.get(rule.kind, "")
        if rule.kind == "object":
            inner = ".Address" if rule.target == "Email" else ".value"
        kind = {"bool": "bool", "money": "number", "number": "number", "int": "number", "date": "date"}.get(
            rule.kind, "text")
        return f"json_extract(body, '$.{column}{inner}')", kind

    def _add(self, condition: Condition) -> None:
        sql, kind = self._sql(self._column(condition.path))
        if kind == "id" and condition.operator not in ("=", "in", "!="):
            raise Fault("4001", f"operator {condition.operator} is not supported for property {condition.path}")
        values = [self._value(token, kind, condition.operator) for token in condition.values]
        collate = " collate nocase" if kind == "text" else ""
        slots = ", ".join("?" * len(values))
        target = f"({slots})" if condition.operator == "in" else slots
        clause = f"{sql}{collate} {'not ' if condition.negated else ''}{condition.operator} {target}"
        self.where += f" and {clause}"
        self.values += values

    def _value(self, token: Token, kind: str, operator: str) -> Any:
        text = str(token)
        if token.type == "CURRENT_DATE":
            text = self.company.clock.today().isoformat()
        elif token.type == "STRING":
            text = _unescape(text[1:-1])
        elif token.type == "NUMBER" and not self.company.switches.get("unquoted_numbers"):
            raise Fault("4000", f'Encountered " <INTEGER_LITERAL> "{text} "" at line {token.line}, column '
                        f'{token.column}.\nWas expecting one of:\n    "false" \n    "true" \n    <STRING_LITERAL> ...')
        if operator == "like":
            return text
        return _convert(text, kind)

    def rows(self) -> tuple[list[str], int]:
        """Return the JSON texts of the page, and where it starts."""
        sql = f"select body from object where {self.where} order by {self._order()} limit ? offset ?"
        found = self.company.store.all(sql, *self.values, self.statement.limit, self.statement.start - 1)
        texts = [row[0] for row in found]
        if self.statement.columns:
            texts = list(self._project(texts))
        return texts, self.statement.start

    def _order(self) -> str:
        if not self.statement.order:
            return "fqn, id" if self.entity.kind in ("name", "list") else "updated desc, id desc"
        parts, way = [], ""
        for path, down in self.statement.order:
            way = " desc" if down else ""
            parts.append(self._sql(self._column(path, sort=True))[0] + way)
        return ", ".join(parts if parts[-1].split()[0] == "id" else [*parts, f"id{way}"])

    def _project(self, texts: list[str]) -> Iterable[str]:
        """Objects of a projection: Id always, absent values left out, ``sparse`` as text, no SyncToken."""
        for path in self.statement.columns:
            if path.lower().split(".")[0] not in self.entity.properties:
                raise Fault("4001", f"Property {path} not found for Entity {self.entity.name}")
        for text in texts:
            body = loads(text)
            result: Json = {"sparse": "true", "Id": body["Id"]}
            for path in self.statement.columns:
                _pick(body, result, [*path.split(".")], self.entity.properties)
            yield dumps(result)

    def count(self) -> int:
        """Return how many rows match."""
        row = self.company.store.one(f"select count(*) from object where {self.where}", *self.values)
        return int(row[0]) if row else 0

    def answer(self) -> str:
        """Return the JSON text of the ``QueryResponse`` object."""
        if self.statement.count:
            return f'{{"totalCount":{self.count()}}}'
        texts, start = self.rows()
        if not texts:
            return "{}"
        return f'{{"{self.entity.name}":[{",".join(texts)}],"startPosition":{start},"maxResults":{len(texts)}}}'


def _pick(body: Json, result: Json, path: list[str], names: dict[str, str]) -> None:
    name = names.get(path[0].lower(), path[0])
    found = next((key for key in body if key.lower() == name.lower()), None)
    if found is None:
        return
    if len(path) > 1 and isinstance(body[found], dict):
        _pick(body[found], result.setdefault(found, {}), path[1:], {})
    else:
        result[found] = body[found]


def _unescape(text: str) -> str:
    return text.replace("\\'", "'").replace("\\\\", "\\")


def _convert(text: str, kind: str) -> Any:
    """Convert a literal to what the column holds.

    Raises:
        Fault: 2030 for an id that is no number, 4001 for another bad value.
    """
    try:
        if kind == "id":
            if text in FACTS["pseudo_tax_codes"]:
                return text
            if not text.isdigit() or len(text) > 19:
                raise Fault("2030", text, element="Id", timed=False)
            return min(int(text), 2 ** 63 - 1)
        if kind == "bool":
            return {"true": 1, "false": 0}[text.lower()]
        if kind == "time":
            return parse_time(text)
        if kind == "number":
            return float(dec(text.strip() or "0"))
    except (KeyError, ValueError, ArithmeticError):
        raise Fault("4001", f"value '{text}' is not valid") from None
    return text[:10] if kind == "date" else text
