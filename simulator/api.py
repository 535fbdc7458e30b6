"""The v3 API of one company: read, write, query, batch, change data capture, reports, files, PDF and send."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from simulator import files, plain, reports
from simulator.clock import parse_time, stamp
from simulator.company import Company, Options, opened
from simulator.errors import Fault, not_found, throttled
from simulator.money import Json, dumps, loads
from simulator.pdf import document_pdf
from simulator.query import Query
from simulator.schema import FACTS, SCHEMA, Entity, entity_named, is_id
from simulator.validate import clean

NO_CDC = ("TaxCode", "TaxRate", "TaxAgency", "JournalCode")
CDC_LIMIT, BATCH_LIMIT, MAILS_A_DAY = 1000, 30, 40
VERBS = ("create", "update", "delete", "void")
LARGEST_ID = {"Vendor": 2 ** 63 - 1, "Attachable": 2 ** 63 - 1}
"""A read by an id that is larger is 2030 instead of 610; 32 bits for all others."""


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

    text: str | bytes = ""
    content_type: str = "application/json;charset=utf-8"
    kinds: list[str] = field(default_factory=list)
    """read, query, cdc, report or a write, one for each metered or core operation."""
    touched: list[tuple[str, str, str]] = field(default_factory=list)
    """(operation, entity, id) of single reads and of writes."""

    def wrote(self, operation: str, entity: str, key: str) -> None:
        """Count a write."""
        self.kinds.append(operation)
        self.touched.append((operation, entity, key))


class Api:
    """Answers calls for a company; what is sent by mail goes to *mails*."""

    def __init__(self, company: Company, mails: list[Json] | None = None) -> None:
        self.company = company
        self.mails = [] if mails is None else mails

    def handle(self, call: Call) -> Reply:
        """Answer one request; raises Fault or GatewayFault when it is refused."""
        head = call.path[0] if call.path else ""
        entity = entity_named(head) if head == head.lower() else None
        entity = None if entity and entity.hidden else entity
        methods, work = SPECIAL.get(head, ("GET POST", None))
        if call.method not in methods.split() and (entity or work):
            raise no_method(call)
        if call.method == "POST" and (entity or work) and not consumable(head, call):
            raise Fault("500", "Cannot consume content type")
        if work is not None:
            return work(self, call)
        if entity is None:
            raise unsupported(call)
        return self._entity(call, entity)

    def _timed(self, inner: str) -> str:
        """Return an answer of the given JSON members and the time."""
        return f'{{{inner},"time":"{self.company.clock.envelope()}"}}'

    def _once(self, key: str | None, reply: Reply, work: Callable[[Reply], str]) -> str:
        """Do a piece of work, all or nothing, or give the stored answer of the same request id."""
        store, realm = self.company.store, self.company.realm
        stored = key and store.value("select body from request where realm = ? and id = ?", realm, key)
        if stored:
            reply.kinds.append("replay")
            return str(stored)
        with self.company.work():
            text = work(reply)
        if key:
            store.run("insert into request values(?, ?, ?)", realm, key, text)
        return text

    def _post(self, call: Call, work: Callable[[Reply], str]) -> Reply:
        reply = Reply()
        reply.text = self._once(check_request_id(call.args.get("requestid"), 50), reply, work)
        return reply

    # -- single objects ---------------------------------------------------------------------------------------------

    def _entity(self, call: Call, entity: Entity) -> Reply:
        rest, single = call.path[1:], entity.kind == "single"
        action = rest[1] if len(rest) == 2 and rest[1] in entity.operations else ""
        if call.method == "POST" and action == "send":
            return self._post(call, lambda reply: self._send(reply, entity, rest[0], call.args.get("sendTo")))
        if call.method == "POST" and (not rest or single):
            payload = parse_body(call.body)
            return self._post(call, lambda reply: self._write(reply, call, entity, payload))
        if call.method == "GET" and action == "pdf":
            body = loads(self.read(entity, rest[0]))
            return Reply(document_pdf(str(self.company.info.get("CompanyName", "")), entity.name, body),
                         "application/pdf", kinds=["read"])
        if call.method == "GET" and entity.name == "ExchangeRate" and not rest:
            rate = dumps(plain.exchange_rate(self.company, call.args))
            return Reply(self._timed(f'"ExchangeRate":{rate}'), kinds=["read"])
        if call.method == "GET" and (len(rest) == 1 or single):
            key = "1" if single else rest[0]
            text = self._linked(call, entity, self.read(entity, key))
            return Reply(self._timed(f'"{entity.name}":{text}'), kinds=["read"], touched=[("read", entity.name, key)])
        raise unsupported(call) if len(rest) > 1 else no_method(call)

    def read(self, entity: Entity, key: str) -> str:
        """Return the JSON text of an object; raises Fault 2030 or 610."""
        number = int(key) if is_id(key) else 2 ** 63
        if number > LARGEST_ID.get(entity.name, 2 ** 31 - 1) and key not in FACTS["pseudo_tax_codes"]:
            raise Fault("2030", key, element="Id", timed=False)
        text = self.company.store.read_text(self.company.realm, entity.name, key)
        if text is None:
            raise not_found()
        return text

    def _linked(self, call: Call, entity: Entity, text: str) -> str:
        """Add the address at which the customer sees an invoice, when it is asked for and there is one."""
        if entity.name != "Invoice" or "invoiceLink" not in options_of(call.args).include:
            return text
        body = loads(text)
        online = body.get("AllowOnlineCreditCardPayment") or body.get("AllowOnlineACHPayment")
        if online and body.get("BillEmail"):
            body["InvoiceLink"] = f"/t/{self.company.realm}/{body['Id']}"
        return dumps(body)

    def _write(self, reply: Reply, call: Call, entity: Entity, payload: Json) -> str:
        operation = operation_of(call.args, payload)
        text = self._perform(reply, entity, operation, payload, options_of(call.args))
        return self._timed(f'"{entity.name}":{self._linked(call, entity, text)}')

    def _perform(self, reply: Reply, entity: Entity, operation: str, payload: Json, options: Options) -> str:
        """Do one write; returns the JSON text of the object, raises Fault when it is refused."""
        if operation not in VERBS or operation not in entity.operations:
            raise Fault("500", f"{operation} of {entity.name}")
        act: Callable[..., Json] = getattr(self.company, operation)
        body = act(entity, payload, options)
        reply.wrote(operation, entity.name, str(opened(body).get("Id", "")))
        return dumps(body)

    def _send(self, reply: Reply, entity: Entity, key: str, address: str | None) -> str:
        """Mail a document; raises Fault 2140 or 6420, and GatewayFault when the mails of the day are used up."""
        body, now, company = loads(self.read(entity, key)), self.company.clock.now(), self.company
        place = "POEmail" if "POEmail" in entity.fields else "BillEmail"
        party = company.get("Customer", body.get("CustomerRef", {}).get("value", 0)) or {}
        target = address or (body.get(place) or party.get("PrimaryEmailAddr") or {}).get("Address")
        if not target:
            raise Fault("6420", element=place)
        clean(SCHEMA["Invoice"], {"BillEmail": {"Address": target}})
        sent = [mail for mail in self.mails if mail["realm"] == company.realm and mail["time"] > now - 86400]
        if company.switches.get("mail_limit") and len(sent) >= MAILS_A_DAY:
            raise throttled()
        known = {place: {"Address": target}, "EmailStatus": "EmailSent",
                 "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": stamp(int(now))}}
        body.update({name: value for name, value in known.items() if name in entity.fields})
        company.put(entity, body)
        company.tell(entity, key, "Emailed")
        self.mails.append({"realm": company.realm, "entity": entity.name, "id": key, "to": target, "time": now,
                           "number": body.get("DocNumber")})
        reply.wrote("send", entity.name, key)
        return self._timed(f'"{entity.name}":{dumps(body)}')

    # -- files and tax codes ----------------------------------------------------------------------------------------

    def _upload(self, call: Call) -> Reply:
        found = files.uploads(call.content_type, call.body)

        def work(reply: Reply) -> str:
            texts = [f"{{{self._or_fault(reply, partial(self._attach, item))}}}" for item in found]
            return self._timed(f'"AttachableResponse":[{",".join(texts)}]')
        return self._post(call, work)

    def _attach(self, item: files.Upload, reply: Reply) -> str:
        body = files.attach(self.company, parse_body(item[0]) if item[0].strip() else {}, *item[1:])
        reply.wrote("create", "Attachable", body["Id"])
        return f'"Attachable":{dumps(body)}'

    def _or_fault(self, reply: Reply, work: Callable[[Reply], str]) -> str:
        """Return the JSON member that a piece of work makes, or ``Fault`` when that is refused."""
        try:
            return work(reply)
        except Fault as fault:
            reply.kinds.append("failed")
            return f'"Fault":{dumps(fault.body())}'

    def _download(self, call: Call) -> Reply:
        """Answer the address of a file as text, with the mark that the address of now is put in for."""
        body = loads(self.read(SCHEMA["Attachable"], call.path[1] if len(call.path) == 2 else ""))
        if "TempDownloadUri" not in body:
            raise not_found()
        return Reply(body["TempDownloadUri"], content_type="text/plain;charset=utf-8", kinds=["read"])

    def _tax_service(self, call: Call) -> Reply:
        if call.path[1:] != ["taxcode"]:
            raise unsupported(call)
        payload = parse_body(call.body)

        def work(reply: Reply) -> str:
            reply.kinds.append("create")
            return dumps(plain.tax_service(self.company, payload))
        return self._post(call, work)

    # -- query, batch, cdc, reports ---------------------------------------------------------------------------------

    def _query(self, call: Call) -> Reply:
        text = call.args.get("query", "") if call.method == "GET" else call.body.decode("utf-8", "replace")
        if call.method == "POST" and call.content_type.startswith("application/x-www-form-urlencoded"):
            text = call.args.get("query", "") or text
        query = Query(self.company, text)
        touched = [("read", query.entity.name, str(token).strip("'")) for item in query.statement.conditions
                   if item.path.lower() == "id" for token in item.values]
        return Reply(self._timed(f'"QueryResponse":{query.answer()}'), kinds=["query"], touched=touched)

    def _batch(self, call: Call) -> Reply:
        items = parse_body(call.body).get("BatchItemRequest")
        if not items or not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Fault("10000", "MalformedRequest / Batch Request is Empty", element="BatchItemRequest")
        if len(items) > BATCH_LIMIT:
            raise Fault("1040", len(items))
        request, reply = check_request_id(call.args.get("requestid"), 36), Reply()
        if request and any(len(str(item.get("bId", ""))) > 10 for item in items):
            raise Fault("2130", "a bId is longer than 10 characters")
        with self.company.work():
            texts = [self._batch_item(item, request, reply) for item in items]
        reply.text = self._timed(f'"BatchItemResponse":[{",".join(texts)}]')
        return reply

    def _batch_item(self, item: Json, request: str | None, reply: Reply) -> str:
        key = f"{request}:{item.get('bId')}" if request else None
        text = self._or_fault(reply, lambda reply: self._once(key, reply, partial(self._batch_work, item)))
        return f'{{{text},"bId":{dumps(str(item.get("bId", "")))}}}'

    def _batch_work(self, item: Json, reply: Reply) -> str:
        for name, answer in BATCH_READS.items():
            if name in item and (name == "Query" or isinstance(item[name], dict)):
                done = answer(self, item[name])
                reply.kinds.append(name.removesuffix("Query").lower() or "query")
                return done
        found = [(entity_named(name) or SCHEMA.get(name), value) for name, value in item.items()
                 if isinstance(value, dict)]
        entity, payload = next(((entity, value) for entity, value in found if entity is not None), (None, {}))
        if entity is None:
            raise Fault("500", "the batch item without an entity")
        args = {"operation": str(item.get("operation", "create")), "include": str(item.get("optionsData", ""))}
        text = self._perform(reply, entity, operation_of(args, payload), payload, options_of(args))
        return f'"{entity.name}":{text}'

    def _cdc(self, call: Call) -> Reply:
        return Reply(self._timed(self._changed(call.args.get("entities", ""), call.args.get("changedSince", ""))),
                     kinds=["cdc"])

    def _changed(self, entities: str, moment: str) -> str:
        """Return the member ``CDCResponse``; raises Fault 10000 for bad entities, 2060 for a bad time."""
        names = [name.strip() for name in entities.split(",") if name.strip()]
        if not names:
            raise illegal("entities is required")
        try:
            since = parse_time(moment)
        except ValueError:
            raise Fault("2060", moment, element="changedSince") from None
        if self.company.switches.get("cdc_30_days") and since < self.company.clock.now() - 30 * 86400:
            raise illegal("changedSince is more than 30 days ago")
        room, groups = CDC_LIMIT, []
        for name in names:
            entity = entity_named(name)
            if entity is None or entity.hidden or entity.name in NO_CDC:
                raise illegal(f"Invalid entity supplied : entity={name}")
            text, used = self._changes(entity, since, room)
            groups.append(text)
            room -= used
        return f'"CDCResponse":[{{"QueryResponse":[{",".join(groups)}]}}]'

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
        return Reply(self._reported("/".join(call.path[1:]), call.args, unsupported(call)), kinds=["report"])

    def _reported(self, name: str, args: dict[str, str], unknown: Fault) -> str:
        if name not in reports.REPORTS:
            raise unknown
        return dumps(reports.REPORTS[name](self.company, args))


SPECIAL: dict[str, tuple[str, Callable[[Api, Call], Reply] | None]] = {
    "query": ("GET POST", Api._query), "batch": ("POST", Api._batch), "cdc": ("GET", Api._cdc),
    "reports": ("GET", Api._report), "upload": ("POST", Api._upload), "download": ("GET", Api._download),
    "taxservice": ("POST", Api._tax_service)}
"""What is no entity: the methods that it knows, and what answers."""
BATCH_READS: dict[str, Callable[[Api, Json], str]] = {
    "Query": lambda api, text: f'"QueryResponse":{Query(api.company, str(text)).answer()}',
    "CDCQuery": lambda api, wish: api._changed(str(wish.get("Entities", "")), str(wish.get("ChangedSince", ""))),
    "ReportQuery": lambda api, wish: '"Report":' + api._reported(
        str(wish.get("ReportName", "")), {str(name): str(value) for name, value in wish.items()},
        Fault("500", f"report {wish.get('ReportName')}"))}


def consumable(head: str, call: Call) -> bool:
    """Tell whether the service takes a body of this content type; one without a type passes."""
    kind = call.content_type.split(";")[0].strip().lower()
    if head == "upload" or call.path[-1:] == ["send"] or not kind:
        return True
    return (kind != "application/json") if head == "query" else kind == "application/json"


def no_method(call: Call) -> Fault:
    """Return the recorded answer for a method that a path does not have."""
    return Fault("500", f"No resource method found for {call.method}, return 405 with Allow header")


def unsupported(call: Call) -> Fault:
    """Return the recorded answer for a path that does not exist."""
    return Fault("500", f"Could not find resource for relative : {call.full_path} of full path: "
                 f"https://quickbooks.api.intuit.com{call.full_path}")


def illegal(text: str) -> Fault:
    """Return the system fault that change data capture gives for a bad parameter."""
    return Fault("10000", f"java.lang.IllegalArgumentException: {text}", element="SystemFailureError")


def parse_body(data: bytes) -> Json:
    """Return the JSON object of a request body; raises Fault 2010 when it is none."""
    try:
        payload = loads(data)
    except (ValueError, RecursionError) as error:
        raise Fault("2010", f"Property Name:{str(error)[:120]} specified is unsupported or invalid") from None
    if not isinstance(payload, dict):
        raise Fault("2010", "Property Name:Can not deserialize the request specified is unsupported or invalid")
    return payload


def check_request_id(value: str | None, longest: int) -> str | None:
    """Return the request id, None for an empty one; raises Fault 2130 when it is too long."""
    if value and len(value) > longest:
        raise Fault("2130", f"longer than {longest} characters")
    return value or None


def operation_of(args: dict[str, str], payload: Json) -> str:
    """Return what a POST on an entity means."""
    if "void" in options_of(args).include:
        return "void"
    sent = opened(payload) if len(payload) == 1 else payload  # a recurring transaction has its Id inside
    return args.get("operation", "").lower() or ("update" if sent.get("Id") not in (None, "") else "create")


def options_of(args: dict[str, str]) -> Options:
    """Return the options of the query string."""
    return Options(frozenset(part for part in args.get("include", "").split(",") if part))
