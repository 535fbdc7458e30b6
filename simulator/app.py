"""The simulator as one WSGI application: routes a request to OAuth, the API, the control routes or the web pages."""

import gzip
import re
import secrets
import socket
import sys
import time
import traceback
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from typing import Any

from werkzeug.wrappers import Request, Response

from simulator import control, entries, names, oauth, payments, person, plain, purchases, sales, web
from simulator.api import Api, Call, operation_of, parse_body
from simulator.clock import Clock
from simulator.company import Company, Event
from simulator.errors import Fault, GatewayFault, throttled, token_expired, wrong_realm
from simulator.files import Files
from simulator.memory import Memory
from simulator.money import Json, dumps, loads
from simulator.schema import FACTS
from simulator.store import Store
from simulator.traffic import BODIES, OUTAGES, Planned, Traffic
from simulator.webhooks import Webhooks

RULE_MODULES = (names, plain, sales, payments, purchases, entries)
"""Importing them registers the behaviour of each kind of entity."""
SWITCHES: Json = {"rotate_every_time": False, "refresh_reuse": "refused", "throttle": False, "throttle_body": "json",
                  "cdc_30_days": False, "unquoted_numbers": False, "tax_inclusive_lines": "net", "mail_limit": False,
                  "extra_fields": False, "country_iso3": False, "report_dialect": "typed", "tax_override": True,
                  "report_cleared": True, "time_on_lines": True}
COUNTRY = re.compile(r'"Country":"([A-Z]{2})"')
HEADERS = {"QBO-Version": "1944.190", "Expires": "0", "Strict-Transport-Security": "max-age=15552000",
           "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private"}
"""What only good answers of the API have."""


class Simulator:
    """All companies of one process, and everything round them; *db* is an SQLite file, *strict* throttles."""

    def __init__(self, db: str = ":memory:", strict: bool = False) -> None:
        self.store = Store(db)
        self.clock = Clock(float(self.store.setting("clock_offset", 0)))
        self.switches: Json = {**SWITCHES, **self.store.setting("switches", {})}
        if strict:
            self.switches["throttle"] = True
        self.traffic = Traffic()
        self.files = Files(self.store, self.clock)
        self.mails: list[Json] = []
        self.webhooks = Webhooks(self.clock.now)
        self.webhooks.config.update(self.store.setting("webhooks", {}))
        self.oauth = oauth.OAuth(self.store, self.clock, self.switches)
        self.person_acts = False
        self.memory: Memory | None = None
        self.companies = {realm: self.open(realm) for realm, _name in self.company_list()}

    def close(self) -> None:
        """Stop threads and close the database."""
        self.webhooks.close()
        self.store.close()
        if self.memory:
            self.memory.close()

    def company_list(self) -> list[tuple[str, str]]:
        """Return realm and name of all companies."""
        return [(row[0], row[1]) for row in self.store.all("select realm, name from company order by rowid")]

    def open(self, realm: str) -> Company:
        """Return the company of a realm, as the database has it."""
        return Company(realm, self.store, self.clock, self.switches, self.notify)

    def notify(self, events: list[Event]) -> None:
        """Pass events on to the webhooks."""
        if self.person_acts:
            for event in events:
                self.traffic.forget_writes(event.realm, event.entity, event.key)
        self.webhooks.tell(events)

    @contextmanager
    def by_person(self, acts: bool = True) -> Iterator[None]:
        """Let a person make the changes inside: to read what they changed is no read after an own write."""
        self.person_acts = acts
        try:
            yield
        finally:
            self.person_acts = False

    # -- WSGI -------------------------------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one HTTP request."""
        request = Request(environ)
        try:
            response = self.dispatch(request)
        except Exception:
            self.traffic.counts["internal_errors"] += 1
            traceback.print_exc(file=sys.stderr)
            response = self._fault(Fault("10000", "the simulator failed", status=500))
        return response(environ, start_response)

    def dispatch(self, request: Request) -> Response:
        """Find out which part of the simulator a request is for."""
        request.get_data()  # read the whole body: what is left of it would be taken for the next request
        path, origin = request.path, request.headers.get("Origin", "")
        if request.method == "POST" and origin not in ("", request.host_url.rstrip("/")):
            return Response("requests from pages of other origins are refused", 403)
        if path.startswith("/_control"):
            return control.handle(self, request)
        if path.startswith("/v3/company/"):
            return self._api(request)
        if path.rstrip("/") in oauth.DISCOVERY:
            return self._json(self.oauth.discovery(request.host_url.rstrip("/")))
        if path in oauth.PATHS.values():
            return self._oauth(request)
        if path.startswith(("/attachments/", "/t/")):
            with self.store.lock:
                return self._public(request)
        return web.handle(self, request)

    def _public(self, request: Request) -> Response:
        """Answer the signed addresses that need no token: files, and the customer's view of an invoice."""
        found = self.files.fetch(request.path, dict(request.args.items()))
        if found is None:
            text = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
            return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', 403, content_type="application/xml")
        if isinstance(found, dict):
            number, total, rest = (escape(str(found.get(name, ""))) for name in ("DocNumber", "TotalAmt", "Balance"))
            return web.html_page("Invoice", f"<h1>Invoice {number}</h1><p>Total {total}, to pay {rest}</p>")
        return Response(found[0], headers=found[1])

    def _json(self, body: Any, status: int = 200, headers: dict[str, str] | None = None,
              kind: str = "application/json;charset=utf-8") -> Response:
        return Response(dumps(body), status, {"intuit_tid": new_tid(), **(headers or {})}, content_type=kind)

    # -- OAuth ------------------------------------------------------------------------------------------------------

    def _oauth(self, request: Request) -> Response:
        self.traffic.counts["oauth"] += 1

        def work() -> Response:
            with self.store.transaction():
                try:
                    return self._oauth_answer(request)
                except oauth.OAuthError as error:  # caught inside: what it revoked stays revoked
                    return self._json(error.body, error.status)
        return self._serve(request, {"operation": "oauth", "entity": set(), "items": []}, work)

    def _serve(self, request: Request, facts: Json, work: Callable[[], Response]) -> Response:
        """Answer a request by *work* unless a planned fault does, log it, and let the fault spoil the answer."""
        started = time.monotonic()
        with self.store.lock:
            planned = self.traffic.take({**facts, "path": request.path, "method": request.method})
        answer = self._before(planned, request) if planned else None
        if answer is None:
            with self.store.lock:
                try:
                    answer = work()
                except Fault as fault:
                    self.traffic.counts["failed"] += 1
                    answer = self._fault(fault)
                except GatewayFault as error:
                    answer = self._gateway(error)
        self.traffic.log.append({
            "time": self.clock.now(), "method": request.method, "path": request.path,
            "query": request.query_string.decode("utf-8", "replace"), "status": answer.status_code,
            "ms": round((time.monotonic() - started) * 1000, 2), "realm": facts.get("realm"),
            "operation": facts["operation"], "entity": ",".join(sorted(facts["entity"])),
            "batch_items": len(facts["items"]), "requestid": request.args.get("requestid"),
            "planned": planned.kind if planned else None, "intuit_tid": answer.headers.get("intuit_tid")})
        return self._after(planned, request, answer) if planned else answer

    def _oauth_answer(self, request: Request) -> Response:
        paths, path = oauth.PATHS, request.path
        if path == paths["authorization_endpoint"]:
            return self._consent(request)
        if path == paths["jwks_uri"]:
            return self._json(self.oauth.jwks())
        header = request.headers.get("Authorization", "")
        if path == paths["userinfo_endpoint"]:
            return self._json(self.oauth.user_info(header))
        if request.is_json and path == paths["token_endpoint"]:
            return self._json({"error": "invalid_request"}, 415)
        form = {str(key): str(value) for key, value in _object(request.get_data()).items()} or request.form.to_dict()
        client = self.oauth.authenticate(header, form)
        if path == paths["revocation_endpoint"]:
            self.oauth.revoke(client, form.get("token", ""))
            return self._json({})
        answer = self.oauth.token(client, form)
        if "x-include-refresh-token-hard-expires-in" not in request.headers:
            del answer["x_refresh_token_hard_expires_in"]
        return self._json(answer, headers={"Cache-Control": "no-cache, no-store"})

    def _consent(self, request: Request) -> Response:
        args = (request.form if request.method == "POST" else request.args).to_dict()
        wrong = self.oauth.check_authorize(args)
        if wrong:
            return web.html_page("Sorry", f"<h1>Sorry, but something went wrong</h1><p>{wrong}</p>", status=400)
        if request.method == "GET":
            return web.html_page("Connect", self.oauth.consent_page(args, self.company_list()))
        return Response("", 302, headers={"Location": self.oauth.decide(args)})

    # -- the API ----------------------------------------------------------------------------------------------------

    def _api(self, request: Request) -> Response:
        parts = request.path.split("/")[3:]
        realm, rest = parts[0], [part for part in parts[1:] if part]
        call = Call("GET" if request.method == "HEAD" else request.method, rest, request.args.to_dict(),
                    unpacked(request), request.path, request.content_type or "")
        facts = {**describe(call), "realm": realm}
        with self.store.lock:
            self.traffic.begin(realm, rest[:1] == ["batch"], len(facts["items"]))
        try:
            answer = self._serve(request, facts, lambda: self._answer(request, realm, call))
        finally:
            with self.store.lock:
                self.traffic.running[realm] -= 1
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(answer.get_data()) > 1024:
            answer.set_data(gzip.compress(answer.get_data(), 1))
            answer.headers["Content-Encoding"] = "gzip"
        return answer

    def _answer(self, request: Request, realm: str, call: Call) -> Response:
        """Check the token, the throttle and the company, then let the API answer; raises Fault or GatewayFault."""
        begun = time.monotonic()
        client = self.oauth.authorize(request.headers.get("Authorization", ""), realm)
        if realm not in self.companies:
            raise wrong_realm()
        if self.traffic.over_limit(realm, client, call.path[:1] == ["batch"], self.clock.now()):
            self.traffic.counts["over_limit"] += 1
            if self.switches["throttle"]:
                raise throttled()
        reply = Api(self.companies[realm], self.mails).handle(call)
        self.traffic.note(realm, reply.kinds, reply.touched)
        text = reply.text if isinstance(reply.text, bytes) else self._polish(request.host_url, reply.text)
        spent, tid = int((time.monotonic() - begun) * 1000), new_tid()
        more = {"intuit_tid": tid, "X-SpanId": str(uuid.uuid4()), "X-Amzn-Trace-Id": f"Root={tid}",
                "Service-Time": f"total={spent}, db={spent // 2}"}
        return Response(text, 200, {**HEADERS, **more}, content_type=reply.content_type)

    def _fault(self, fault: Fault) -> Response:
        body = {"Fault": fault.body(), **({"time": self.clock.envelope()} if fault.timed else {})}
        return self._json(body, fault.status, {"X-SpanId": str(uuid.uuid4())}, "application/json")

    def _polish(self, base: str, text: str) -> str:
        """Put in what depends on the moment and on the switches."""
        text = self.files.fill_in(base.rstrip("/"), text)
        if self.switches["country_iso3"]:
            text = COUNTRY.sub(lambda found: f'"Country":"{FACTS["iso3"].get(found[1], found[1])}"', text)
        if self.switches["extra_fields"]:
            text = text.replace('"domain":"QBO"', '"domain":"QBO","AddedLater":{"value":"1","Kinds":["a"]}')
        return text

    def _gateway(self, error: GatewayFault, form: str = "") -> Response:
        if error.status == 429:
            self.traffic.counts["throttled"] += 1
            if (form or self.switches["throttle_body"]) == "xml":
                return Response(BODIES["throttle"].format(self.clock.envelope()), 429, {"intuit_tid": new_tid()},
                                content_type="application/xml")
        headers = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'} if error.status == 401 else None
        return self._json(error.body(self.clock.now()), error.status, headers, "application/json")

    # -- planned faults ---------------------------------------------------------------------------------------------

    def _before(self, planned: Planned, request: Request) -> Response | None:
        """Do what a planned fault does before the work; an answer means that no work is done."""
        if planned.seconds and planned.kind != "hang":
            time.sleep(planned.seconds)
        kind = planned.kind
        if kind in ("429_json", "429_xml"):
            return self._gateway(throttled(), kind[4:])
        if kind == "expired_token":
            return self._gateway(token_expired("AB01"))
        if kind == "malformed_json":
            return Response('{"Invoice": <html>', content_type="application/json;charset=utf-8")
        if kind == "fault":
            fault = Fault("6000", planned.text or "A planned fault.", element="")
            fault.errors[0]["code"] = planned.code
            return self._fault(fault)
        if kind == "cut_before":
            cut(request)
            return Response("")
        return None if planned.commit or kind not in OUTAGES else self._outage(kind)

    def _after(self, planned: Planned, request: Request, answer: Response) -> Response:
        """Do what a planned fault does to a finished answer."""
        if planned.kind == "cut_after":
            cut(request)
        elif planned.kind == "hang":
            time.sleep(planned.seconds)
        elif planned.kind == "person_edit" and answer.status_code == 200:
            self._edit(planned, request.path.split("/")[3], answer)
        elif planned.kind == "truncated_json":
            data = answer.get_data()
            answer.set_data(data[:max(len(data) // 2, 1)])
        elif planned.commit and planned.kind in OUTAGES:
            return self._outage(planned.kind)
        return answer

    def _edit(self, planned: Planned, realm: str, answer: Response) -> None:
        """Let a person change what a client has just read: the first object of the answer unless the act has an id."""
        with self.store.lock, self.by_person():
            try:
                found = loads(answer.get_data())
                name, body = next(iter(found.get("QueryResponse", found).items()), ("", None))
                first = body[0] if isinstance(body, list) and body else body
                target = {"entity": name, "id": first["Id"]} if isinstance(first, dict) and "Id" in first else {}
                person.act(self.companies[realm], {**target, **planned.act})
            except (Fault, ValueError, LookupError, TypeError, ArithmeticError) as error:
                planned.text = str(error)

    def _outage(self, kind: str) -> Response:
        if kind == "500":
            return self._fault(Fault("10000", "An unexpected error occurred.", element="", status=500))
        return Response(BODIES["html"].format(OUTAGES[kind]), int(kind), content_type="text/html")


def new_tid() -> str:
    """Return a transaction id in the shape of the JSON era."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def cut(request: Request) -> None:
    """Close the connection under a request without an answer."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def unpacked(request: Request) -> bytes:
    """Return the body of a request, unpacked when it came packed; what cannot be unpacked stays as it is."""
    data = request.get_data()
    if request.headers.get("Content-Encoding") == "gzip":
        with suppress(OSError, EOFError, zlib.error):
            return gzip.decompress(data)
    return data


def describe(call: Call) -> dict[str, Any]:
    """Return operation and entities of a call, for matching faults and for the log."""
    head = call.path[0].lower() if call.path else ""
    if head in ("query", "batch", "cdc", "reports"):
        found = _object(call.body).get("BatchItemRequest") if head == "batch" else None
        items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        names = {key.lower() for item in items for key in item if isinstance(item[key], dict)}
        if head == "cdc":
            names = {name.strip().lower() for name in call.args.get("entities", "").split(",")}
        text = (call.args.get("query") or call.body.decode("utf-8", "replace")) if head == "query" else ""
        queried = {word.lower() for word in re.findall(r"(?i)\bfrom\s+(\w+)", text)}
        return {"operation": "report" if head == "reports" else head, "entity": names, "items": items,
                "queried": queried}
    operation = "read" if call.method == "GET" else "send" if call.path[-1:] == ["send"] else None
    return {"operation": operation or operation_of(call.args, _object(call.body)), "entity": {head}, "items": []}


def _object(data: bytes) -> Json:
    try:
        return parse_body(data)
    except Fault:
        return {}
