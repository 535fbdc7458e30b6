"""The v3 API of one company: read, write, query, batch, change data capture, reports, PDF and send."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator import reports
from simulator.clock import parse_time, stamp
from simulator.company import Company, Options
from simulator.errors import Fault, not_found
from simulator.money import Json, dumps, loads
from simulator.pdf import document_pdf
from simulator.query import Query
from simulator.schema import FACTS, Entity, entity_named

NO_CDC = ("TaxCode", "TaxRate", "TaxAgency")
CDC_LIMIT = 1000
WRITES = ("create", "update", "delete", "void", "send")


@dataclass
class Call:
    """One API request, taken apart."""

    method: str
    path: list[str]
    """What follows the realm."""
    args: dict[str, str]
    body: bytes
    full_path: str = ""
    content_type: str = ""


@dataclass
class Reply:
    """What a call answers, and what it counts as."""

    text: str
    status: int = 200
    content_type: str = "application/json;charset=utf-8"
    data: bytes | None = None
    kinds: list[str] = field(default_factory=list)
    """read, query, cdc, report or a write, one for each metered or core operation."""
    touched: list[tuple[str, str, str]] = field(default_factory=list)
    """(operation, entity, id) of single reads and of writes."""


class Api:
    """Answers calls for a company."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def handle(self, call: Call) -> Reply:
        """Answer one request.

        Raises:
            Fault: the request is refused.
        """
        head = call.path[0] if call.path else ""
        special: dict[str, Callable[[Call], Reply]] = {"query": self._query, "batch": self._batch, "cdc": self._cdc,
                                                       "reports": self._report}
        if head in special:
            return special[head](call)
        entity = entity_named(head) if head == head.lower() else None
        if entity is None:
            raise unsupported(call)
        return self._entity(call, entity)

    def envelope(self, name: str, text: str) -> str:
        """Wrap the JSON text of an object."""
        return f'{{"{name}":{text},"time":"{self.company.clock.envelope()}"}}'

    # -- single objects ---------------------------------------------------------------------------------------------

    def _entity(self, call: Call, entity: Entity) -> Reply:
        rest = call.path[1:]
        if call.method == "GET" and len(rest) == 2 and rest[1] == "pdf" and "pdf" in entity.operations:
            body = self.read(entity, rest[0])
            return Reply("", content_type="application/pdf", kinds=["read"],
                         data=document_pdf(str(self.company.info.get("CompanyName", "")), entity.name, loads(body)))
        if call.method == "POST" and len(rest) == 2 and rest[1] == "send" and "send" in entity.operations:
            return self._send(entity, rest[0], call.args.get("sendTo"))
        if call.method == "GET" and (len(rest) == 1 or entity.kind == "single"):
            key = "1" if entity.kind == "single" else rest[0]
            return Reply(self.envelope(entity.name, self.read(entity, key)), kinds=["read"],
                         touched=[("read", entity.name, key)])
        if call.method == "POST" and (not rest or entity.kind == "single"):
            return self._write(call, entity)
        raise unsupported(call)

    def read(self, entity: Entity, key: str) -> str:
        """Return the JSON text of an object.

        Raises:
            Fault: 2030 or 610.
        """
        if not (key.isdigit() and len(key) < 19) and key not in FACTS["pseudo_tax_codes"]:
            raise Fault("2030", key, element="Id", timed=False)
        text = self.company.store.read_text(self.company.realm, entity.name, key)
        if text is None:
            raise not_found()
        return text

    def _write(self, call: Call, entity: Entity) -> Reply:
        payload = parse_body(call.body)
        request = check_request_id(call.args.get("requestid"), 50)
        operation = operation_of(call.args, payload)
        return self._once(request, lambda: self._perform(entity, operation, payload, options_of(call.args)))

    def _once(self, request: str | None, act: Callable[[], tuple[str, str, str, str]]) -> Reply:
        """Perform a write, or give the stored answer of the same request id."""
        store, realm = self.company.store, self.company.realm
        if request:
            stored = store.value("select body from request where realm = ? and id = ?", realm, request)
            if stored:
                return Reply(stored, kinds=["replay"])
        with self.company.work():
            operation, name, key, text = act()
            answer = self.envelope(name, text)
        if request:
            store.run("insert into request values(?, ?, ?)", realm, request, answer)
        return Reply(answer, kinds=[operation], touched=[(operation, name, key)])

    def _perform(self, entity: Entity, operation: str, payload: Json, options: Options) -> tuple[str, str, str, str]:
        """Do one write; returns operation, entity, id and the JSON text of the answer.

        Raises:
            Fault: the write is refused.
        """
        if operation not in entity.operations:
            raise Fault("500", f"{operation} of {entity.name}")
        act = {"create": self.company.create, "update": self.company.update, "delete": self.company.delete,
               "void": self.company.void}[operation]
        body = act(entity, payload, options)
        return operation, entity.name, body["Id"], dumps(body)

    def _send(self, entity: Entity, key: str, address: str | None) -> Reply:
        with self.company.work():
            body = loads(self.read(entity, key))
            target = address or body.get("BillEmail", {}).get("Address")
            if not target:
                raise Fault("6420", element="BillEmail")
            body["BillEmail"] = {"Address": target}
            body["EmailStatus"] = "EmailSent"
            body["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": stamp(int(self.company.clock.now()))}
            self.company.put(entity, body)
            self.company.tell(entity, key, "Emailed")
            return Reply(self.envelope(entity.name, dumps(body)), kinds=["send"], touched=[("send", entity.name, key)])

    # -- query, batch, cdc, reports ---------------------------------------------------------------------------------

    def _query(self, call: Call) -> Reply:
        text = call.args.get("query", "") if call.method == "GET" else call.body.decode("utf-8", "replace")
        if call.method == "POST" and call.content_type.startswith("application/x-www-form-urlencoded"):
            text = call.args.get("query", "") or text
        query = Query(self.company, text)
        touched = [("read", query.entity.name, str(token).strip("'")) for item in query.statement.conditions
                   if item.path.lower() == "id" for token in item.values]
        return Reply(f'{{"QueryResponse":{query.answer()},"time":"{self.company.clock.envelope()}"}}', kinds=["query"],
                     touched=touched)

    def _batch(self, call: Call) -> Reply:
        payload = parse_body(call.body)
        items = payload.get("BatchItemRequest")
        if not items or not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Fault("10000", "MalformedRequest / Batch Request is Empty", element="BatchItemRequest")
        if len(items) > 30:
            raise Fault("1040", len(items))
        request = check_request_id(call.args.get("requestid"), 36)
        if request and any(len(str(item.get("bId", ""))) > 10 for item in items):
            raise Fault("2130", "a bId is longer than 10 characters")
        reply = Reply("")
        with self.company.work():
            texts = [self._batch_item(item, request, reply) for item in items]
        reply.text = f'{{"BatchItemResponse":[{",".join(texts)}],"time":"{self.company.clock.envelope()}"}}'
        return reply

    def _batch_item(self, item: Json, request: str | None, reply: Reply) -> str:
        mark = dumps(str(item.get("bId", "")))
        store, realm = self.company.store, self.company.realm
        key = f"{request}:{item.get('bId')}" if request else None
        stored = store.value("select body from request where realm = ? and id = ?", realm, key)
        if stored:
            reply.kinds.append("replay")
            return str(stored)
        try:
            with self.company.work():
                text = f"{{{self._batch_work(item, reply)},\"bId\":{mark}}}"
        except Fault as fault:
            reply.kinds.append("failed")
            return f'{{"Fault":{dumps(fault.body())},"bId":{mark}}}'
        if key:
            store.run("insert into request values(?, ?, ?)", realm, key, text)
        return text

    def _batch_work(self, item: Json, reply: Reply) -> str:
        if "Query" in item:
            answer = Query(self.company, str(item["Query"])).answer()
            reply.kinds.append("query")
            return f'"QueryResponse":{answer}'
        found = [(entity_named(name), value) for name, value in item.items() if isinstance(value, dict)]
        entity, payload = next(((entity, value) for entity, value in found if entity is not None), (None, {}))
        if entity is None:
            raise Fault("500", "the batch item without an entity")
        operation = str(item.get("operation", "create")).lower()
        words = str(item.get("optionsData", ""))
        if operation == "update" and "void" in words:
            operation = "void"
        done = self._perform(entity, operation, payload, Options(frozenset(words.split(","))))
        reply.kinds.append(done[0])
        reply.touched.append((done[0], done[1], done[2]))
        return f'"{done[1]}":{done[3]}'

    def _cdc(self, call: Call) -> Reply:
        names = [name.strip() for name in call.args.get("entities", "").split(",") if name.strip()]
        if not names:
            raise illegal("entities is required")
        try:
            since = parse_time(call.args.get("changedSince", ""))
        except ValueError:
            raise Fault("2060", call.args.get("changedSince", ""), element="changedSince") from None
        if self.company.switches.get("cdc_30_days") and since < self.company.clock.now() - 30 * 86400:
            raise illegal("changedSince is more than 30 days ago")
        room, groups = CDC_LIMIT, []
        for name in names:
            entity = entity_named(name)
            if entity is None or entity.name in NO_CDC:
                raise illegal(f"Invalid entity supplied : entity={name}")
            text, used = self._changes(entity, since, room)
            groups.append(text)
            room -= used
        return Reply(f'{{"CDCResponse":[{{"QueryResponse":[{",".join(groups)}]}}],"time":'
                     f'"{self.company.clock.envelope()}"}}', kinds=["cdc"])

    def _changes(self, entity: Entity, since: int, room: int) -> tuple[str, int]:
        """Return one group: live objects oldest change first, then the stubs of deleted ones."""
        sql = "select body from {} where realm = ? and entity = ? and updated >= ? order by updated, id limit ?"
        live = [row[0] for row in self.company.rows(sql.format("object"), entity.name, since, room)]
        stubs = [row[0] for row in self.company.rows(sql.format("gone"), entity.name, since, room - len(live))]
        if not live and not stubs:
            return "{}", 0
        count = len(live) + len(stubs)
        start = '"startPosition":1,' if live else ""
        total = f',"totalCount":{count}' if stubs else ""
        return f'{{"{entity.name}":[{",".join(live + stubs)}],{start}"maxResults":{count}{total}}}', count

    def _report(self, call: Call) -> Reply:
        name = call.path[1] if len(call.path) == 2 and call.method == "GET" else ""
        if name not in reports.REPORTS:
            raise unsupported(call)
        return Reply(dumps(reports.REPORTS[name](self.company, call.args)), kinds=["report"])


def unsupported(call: Call) -> Fault:
    """Return the recorded answer for a path that does not exist."""
    return Fault("500", f"Could not find resource for relative : {call.full_path} of full path: "
                 f"https://quickbooks.api.intuit.com{call.full_path}")


def illegal(text: str) -> Fault:
    """Return the system fault that change data capture gives for a bad parameter."""
    return Fault("10000", f"java.lang.IllegalArgumentException: {text}", element="SystemFailureError")


def parse_body(data: bytes) -> Json:
    """Return the JSON object of a request body.

    Raises:
        Fault: 2010 when it is not a JSON object.
    """
    try:
        payload = loads(data)
    except (ValueError, RecursionError) as error:
        raise Fault("2010", f"Property Name:{str(error)[:120]} specified is unsupported or invalid") from None
    if not isinstance(payload, dict):
        raise Fault("2010", "Property Name:Can not deserialize the request specified is unsupported or invalid")
    return payload


def check_request_id(value: str | None, longest: int) -> str | None:
    """Return the request id; an empty one is none.

    Raises:
        Fault: 2130 when it is too long.
    """
    if value and len(value) > longest:
        raise Fault("2130", f"longer than {longest} characters")
    return value or None


def operation_of(args: dict[str, str], payload: Json) -> str:
    """Return what a POST on an entity means."""
    operation = args.get("operation", "").lower()
    if "void" in args.get("include", "").split(","):
        return "void"
    if operation:
        return operation
    return "update" if payload.get("Id") not in (None, "") else "create"


def options_of(args: dict[str, str]) -> Options:
    """Return the options of the query string."""
    return Options(frozenset(part for part in args.get("include", "").split(",") if part))


