"""The control routes under ``/_control``: JSON, loopback only. They build, break, steer and look into the simulator."""

import ipaddress
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from simulator import person
from simulator.clock import parse_time
from simulator.errors import Fault
from simulator.memory import Memory
from simulator.money import Json, dumps, loads
from simulator.schema import SCHEMA, is_id
from simulator.seed import FEATURES, Seeder

if TYPE_CHECKING:
    from simulator.app import Simulator
    from simulator.company import Company

FIRST_REALM = 9341450000000001
OTHER_FEATURES = ("tax", "currency", "country", "multicurrency", "rates", "closing_date", "default_terms",
                  "warn_duplicates")
TABLES = ("object", "gone", "posting", "link", "stock", "request", "sequence", "company", "file")


def handle(simulator: "Simulator", request: Request) -> Response:
    """Answer a control request."""
    if not ipaddress.ip_address(request.remote_addr or "127.0.0.1").is_loopback:
        return _json({"error": "control routes answer to this machine only"}, 403)
    route = (request.method, request.path.removeprefix("/_control").rstrip("/"))
    if route not in ROUTES:
        known = [f"{method} /_control{path}" for method, path in ROUTES]
        return _json({"error": "unknown route", "routes": known}, 404)
    try:
        sent = loads(request.get_data() or b"{}")
        if not isinstance(sent, dict):
            raise ValueError("the body must be a JSON object")
        wish = {**request.args.to_dict(), **sent}
        if route == ("GET", "/webhooks"):
            simulator.webhooks.drain(min(float(wish.get("wait", 0)), 10))
        if route[1] in ("/remember", "/restore"):
            simulator.traffic.settle(10)
        with simulator.store.lock:
            return _json(ROUTES[route](simulator, wish))
    except Fault as fault:
        return _json({"Fault": fault.body()}, 400)
    except (ValueError, LookupError, TypeError, ArithmeticError, AttributeError) as error:
        return _json({"error": f"{type(error).__name__}: {error}"}, 400)


def _json(body: Any, status: int = 200) -> Response:
    return Response(dumps(body), status, content_type="application/json;charset=utf-8")


def _company(simulator: "Simulator", wish: Json) -> "Company":
    realm = str(wish.get("realm") or next(iter(simulator.companies), ""))
    if realm not in simulator.companies:
        raise ValueError(f"no company {realm}")
    return simulator.companies[realm]


def new_company(simulator: "Simulator", wish: Json) -> Json:
    """Create (or replace) a company as the wish says; returns its realm, name and counts.

    Args:
        wish: ``realm`` (the next free one when left out), what ``Seeder`` reads, ``preferences`` (laid over the
            Preferences object), ``objects``. With ``companies``, a list of such wishes, makes all of them.

    Raises:
        ValueError: a wish that cannot be understood; nothing is changed.
    """
    if isinstance(wish.get("companies"), list):
        before = dict(simulator.companies)
        try:
            with simulator.store.transaction():
                return {"companies": [new_company(simulator, each) for each in wish["companies"]]}
        except BaseException:
            simulator.companies = before
            raise
    free = (str(number) for number in count(FIRST_REALM) if str(number) not in simulator.companies)
    realm, features = str(wish.get("realm") or next(free)), wish.get("features", {})
    unknown = set(features) - {*FEATURES, *OTHER_FEATURES}
    if not is_id(realm) or unknown:
        raise ValueError(f"unknown features: {', '.join(sorted(unknown))}" if unknown else "realm must be digits")
    if features.get("tax", "manual") not in ("manual", "automated", "global", "none"):
        raise ValueError("tax must be manual, automated, global or none")
    company = simulator.open(realm)
    with simulator.store.transaction():
        for table in TABLES:
            simulator.store.run(f"delete from {table} where realm = ?", realm)
        simulator.store.run("delete from setting where name = ?", f"ui:{realm}")
        Seeder(company, wish).build()
        if wish.get("preferences"):
            person.edit(company, SCHEMA["Preferences"], {"id": "1", "data": wish["preferences"]})
        name = str(company.info["CompanyName"])
        simulator.store.run("insert into company values(?, ?, ?)", realm, name, dumps(features))
        _load(company, wish.get("objects") or {})
    simulator.companies[realm] = company
    return {"realmId": realm, "name": name, "counts": _counts(company)}


def _load(company: "Company", objects: Json) -> None:
    """Create given objects, ``{"Customer": [{...}], ...}``, in the order of the schema."""
    with company.work():
        for entity in SCHEMA.values():
            for body in objects.get(entity.name, []):
                person.create(company, entity, {"data": body})


def _counts(company: "Company") -> Json:
    return dict(company.rows("select entity, count(*) from object where realm = ? group by entity"))


def _reset(simulator: "Simulator", wish: Json) -> Json:
    """Forget everything; one new company as the body says unless it says ``{"companies": 0}``, and its ``oauth``."""
    from simulator.app import SWITCHES
    with simulator.store.transaction():
        simulator.store.wipe()
        simulator.store.run("delete from setting")
    simulator.companies.clear()
    simulator.traffic.reset()
    simulator.clock.offset = 0
    simulator.switches.update(SWITCHES)
    simulator.webhooks.config["url"] = ""
    simulator.webhooks.deliveries.clear()
    simulator.mails.clear()
    made = {} if wish.get("companies") == 0 else new_company(simulator, wish)
    return {**made, "oauth": steer_oauth(simulator, wish["oauth"])} if "oauth" in wish else made


def _remember(simulator: "Simulator", wish: Json) -> Json:
    """Keep what everything is now, in place of what was remembered before."""
    if simulator.memory:
        simulator.memory.close()
    simulator.memory = Memory(simulator)
    return {"companies": [*simulator.companies]}


def _restore(simulator: "Simulator", wish: Json) -> Json:
    """Take everything back to what was remembered, as often as wanted."""
    if simulator.memory is None:
        raise ValueError("nothing was remembered")
    simulator.memory.restore(simulator)
    return {"companies": [*simulator.companies]}


def _ui(simulator: "Simulator", wish: Json) -> Json:
    with simulator.by_person():
        return person.act(_company(simulator, wish), wish)


def _faults(simulator: "Simulator", wish: Json) -> Json:
    if wish.get("clear"):
        simulator.traffic.planned.clear()
        return {"planned": []}
    for each in wish.get("faults", [wish]):
        simulator.traffic.plan(each)
    return _planned(simulator, wish)


def _planned(simulator: "Simulator", wish: Json) -> Json:
    return {"planned": [{"kind": item.kind, "match": item.match, "count": item.count, "hits": item.hits}
                        for item in simulator.traffic.planned]}


def _clock(simulator: "Simulator", wish: Json) -> Json:
    """``{"advance": seconds}`` (or days, hours), ``{"set": "2026-11-20T10:00:00-08:00"}`` or ``{"reset": true}``."""
    if wish.get("reset"):
        simulator.clock.offset = 0
    if "set" in wish:
        simulator.clock.set(parse_time(str(wish["set"])))
    simulator.clock.advance(float(wish.get("advance", 0)) + 3600 * float(wish.get("hours", 0))
                            + 86400 * float(wish.get("days", 0)))
    simulator.store.set_setting("clock_offset", simulator.clock.offset)
    return {"now": simulator.clock.envelope(), "offset": simulator.clock.offset}


def _webhooks(simulator: "Simulator", wish: Json) -> Json:
    config = simulator.webhooks.configure(wish)
    simulator.store.set_setting("webhooks", config)
    return config


def _webhooks_state(simulator: "Simulator", wish: Json) -> Json:
    return {"config": simulator.webhooks.config, "counts": dict(simulator.webhooks.counts),
            "deliveries": simulator.webhooks.deliveries}


def _log(simulator: "Simulator", wish: Json) -> Json:
    since = float(wish.get("since", 0))
    entries = [entry for entry in [*simulator.traffic.log] if entry["time"] > since]  # it grows meanwhile
    if wish.get("clear"):
        simulator.traffic.log.clear()
    return {"requests": entries, "count": len(entries)}


def _dump(simulator: "Simulator", wish: Json) -> Json:
    """All objects by entity (of one only, when ``entity`` names it), deleted stubs, and counts."""
    company, only = _company(simulator, wish), wish.get("entity")
    return {"realmId": company.realm, "objects": _bodies(company, "object", only),
            "deleted": _bodies(company, "gone", only), "counts": _counts(company)}


def _bodies(company: "Company", table: str, only: str | None) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for entity, body in company.rows(f"select entity, body from {table} where realm = ?1 and (?2 is null or "
                                     "entity = ?2) order by entity, id", only):
        found.setdefault(entity, []).append(loads(body))
    return found


def _metrics(simulator: "Simulator", wish: Json) -> Json:
    names = ("requests core metered batch batch_items throttled over_limit failed replay read query cdc report create "
             "update delete void send write_requests read_requests read_after_write oauth internal_errors")
    counts = {**dict.fromkeys(names.split(), 0), **simulator.traffic.counts}
    if wish.get("clear"):
        simulator.traffic.counts.clear()
        simulator.traffic.written.clear()
    return counts


def _switches(simulator: "Simulator", wish: Json) -> Json:
    unknown = set(wish) - simulator.switches.keys()
    if unknown:
        raise ValueError(f"unknown switches: {', '.join(sorted(unknown))}")
    simulator.switches.update(wish)
    simulator.store.set_setting("switches", simulator.switches)
    return simulator.switches


def steer_oauth(simulator: "Simulator", wish: Json) -> Json:
    """Clients, and short cuts for tests: tokens without the consent page, expiry, and disconnecting as a person."""
    if "clients" in wish:
        simulator.store.set_setting("clients", wish["clients"])
    for client, addresses in wish.get("redirects", {}).items():
        simulator.store.set_setting(f"redirects:{client}", addresses)
    realm = wish.get("realm")
    if wish.get("expire_access"):
        simulator.oauth.expire_access(realm)
    if wish.get("disconnect"):
        simulator.oauth.disconnect(str(realm))
    if wish.get("grant"):
        company, client = _company(simulator, wish), str(wish.get("client", "simulator"))
        code = simulator.oauth.issue_code(client, company.realm, "http://localhost/")
        tokens = simulator.oauth.token(client, {"grant_type": "authorization_code", "code": code,
                                                "redirect_uri": "http://localhost/"})
        for name in ("access_token", "refresh_token"):
            if wish.get(name):
                simulator.store.run(f"update {name} set value = ? where value = ?", str(wish[name]), tokens[name])
                tokens[name] = str(wish[name])
        return {**tokens, "realmId": company.realm}
    return {"clients": sorted(simulator.oauth.clients)}


def _companies(simulator: "Simulator", wish: Json) -> Json:
    return {"companies": [{"realmId": realm, "name": name, "counts": _counts(simulator.companies[realm])}
                          for realm, name in simulator.company_list()]}


ROUTES: dict[tuple[str, str], Callable[["Simulator", Json], Json]] = {
    ("POST", "/reset"): _reset, ("POST", "/company"): new_company,
    ("POST", "/remember"): _remember, ("POST", "/restore"): _restore,
    ("GET", "/company"): _companies, ("POST", "/ui"): _ui, ("POST", "/faults"): _faults, ("GET", "/faults"): _planned,
    ("POST", "/clock"): _clock, ("GET", "/clock"): _clock, ("POST", "/webhooks"): _webhooks,
    ("GET", "/webhooks"): _webhooks_state, ("GET", "/log"): _log, ("GET", "/dump"): _dump,
    ("GET", "/metrics"): _metrics, ("POST", "/switches"): _switches, ("GET", "/switches"): _switches,
    ("GET", "/mails"): lambda simulator, wish: {"mails": simulator.mails},
    ("POST", "/oauth"): steer_oauth}
