"""Rubbish of every kind: whatever is sent, there is an answer, never an exception, and the books stay balanced."""

import io
import json
import random
import time
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.control import new_company
from simulator.money import dumps
from simulator.reports import REPORTS
from simulator.schema import SCHEMA, TYPE_FIELDS, Field

JUNK = (
    None, True, False, 0, 1, -1, 0.1, -0.005, 10**12, 10**30, -(10**400), Decimal("1E+30"), Decimal("0.00000000001"),
    "", " ", "0", "1", "-1", "1.5", "NaN", "Infinity", "1e9", "9" * 25, "٣", "²", "true", "TAX", "NON", "x", "'",
    "\\", "%", "\x00", "\n", "é😀", "<b>&amp;", "a:b", "x" * 101, "y" * 5000, "2026-02-30", "0000-00-00",
    "9999-12-31", "2026-01-01T10:00:00Z", [], {}, [[]], [None], {"value": None}, {"value": "1"},
    {"value": "999999999999999999999"}, {"value": []}, {"": ""}, [{}] * 3, "Invoice", "Customer",
)  # fmt: skip
ARGS = {
    "operation": ("create", "update", "delete", "void", "DELETE", "x", ""),
    "include": ("void", "allowduplicatedocnum", "allowautodocnum,x", "invoiceLink", ","),
    "minorversion": ("75", "0", "-1", "x", "9" * 30),
    "requestid": ("a", "", "b" * 51, "é"),
    "sendTo": ("", "a@example.com", "@", "x" * 300),
}
MANY = settings(
    max_examples=800, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
SOME = settings(MANY, max_examples=80)
RANDOM = st.integers(0, 2**48).map(random.Random)
"""A whole source of random choices from one number: a draw each would take most of the time."""


class World:
    """A simulator in this process, and what is sent to it."""

    def __init__(self):
        self.simulator = Simulator()
        self.realm = new_company(self.simulator, {"company": "sandbox"})["realmId"]
        self.http = Client(self.simulator)
        granted = self.http.post("/_control/oauth", json={"grant": True, "realm": self.realm}).get_json()
        self.headers = {"Authorization": f"Bearer {granted['access_token']}"}
        self.refresh_objects()

    def refresh_objects(self):
        self.objects = self.http.get("/_control/dump").get_json()["objects"]

    def send(self, method, path, **more):
        begun = time.monotonic()
        answer = self.http.open(path, method=method, headers=self.headers, **more)
        assert time.monotonic() - begun < 5, (method, path[:300], str(more)[:2000])
        assert self.simulator.traffic.counts["internal_errors"] == 0, (method, path[:300], str(more)[:2000])
        assert answer.status_code != 500 or b"the simulator failed" not in answer.data
        if answer.content_type.startswith("application/json"):
            json.loads(answer.data)
        return answer

    def api(self, method, path, body=None, **args):
        query = "&".join(f"{name}={quote(str(value))}" for name, value in args.items())
        data = body if isinstance(body, bytes) else None if body is None else dumps(body).encode()
        kind = {"content_type": "application/json"} if body is not None else {}
        return self.send(method, f"/v3/company/{self.realm}/{path}?{query}", data=data, **kind)

    def check_books(self):
        wrong = self.simulator.store.all(
            "select realm, txn, sum(home) from posting group by realm, txn having sum(home) <> 0"
        )
        assert wrong == []


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.check_books()
    made.simulator.close()


def value_of(rnd, rule: Field, depth=0):
    """A value that a property might have, or rubbish."""
    if rnd.random() < 0.03 or depth > 4:
        return rnd.choice(JUNK)
    number = str(rnd.randrange(1, 15))
    plain = {
        "bool": rnd.random() < 0.5, "int": rnd.randrange(-2, 40), "money": rnd.randrange(-500, 5000) / 100,
        "number": rnd.choice((0, 1, 2.5, 0.333333, "3")), "date": f"2026-0{rnd.randrange(1, 10)}-1{number[-1]}",
        "enum": rnd.choice(rule.target.split("|")), "ref": {"value": number}, "any": rnd.choice(JUNK),
        "str": rnd.choice(("", "Text", number, "Name " + number * rnd.randrange(1, 60))),
    }  # fmt: skip
    if rule.kind in ("object", "list"):
        made = body_of(rnd, TYPE_FIELDS.get(rule.target, {}), depth + 1)
        return made if rule.kind == "object" else [made] * rnd.randrange(0, 3)
    return plain.get(rule.kind, number)


def body_of(rnd, fields, depth=0):
    """An object of the rows of the schema: the required properties, mostly, and some of the others."""
    return {
        name: value_of(rnd, rule, depth)
        for name, rule in fields.items()
        if rnd.random() < (0.97 if rule.required else 0.5 if "Detail" in name or name in ("Amount", "value") else 0.15)
    }


def mutated(rnd, value, chance=0.015):
    """A copy with some parts replaced by rubbish, left out or doubled."""
    if rnd.random() < chance:
        return rnd.choice(JUNK)
    if isinstance(value, dict):
        kept = {name: mutated(rnd, part, chance) for name, part in value.items() if rnd.random() > chance}
        return {
            **kept,
            **({rnd.choice(("Foo", "Id", "Line", "sparse")): rnd.choice(JUNK)} if rnd.random() < chance else {}),
        }
    if isinstance(value, list):
        return [mutated(rnd, part, chance) for part in value] * (1 + (rnd.random() < chance))
    return value


def wish_of(rnd, world):
    """Entity, operation and body of one write."""
    entity = rnd.choice([rule for rule in SCHEMA.values() if "create" in rule.operations or rnd.random() < 0.1])
    known, fixed = world.objects.get(entity.name, []), ("Id", "SyncToken", "MetaData", "status", "domain")
    operation = rnd.choice(
        ("create", "create", "update", *(word for word in ("delete", "void") if word in entity.operations))
    )
    if not known or rnd.random() < 0.4:
        body = body_of(rnd, entity.fields)
        return (
            entity,
            operation,
            {name: part for name, part in body.items() if name not in fixed or rnd.random() < 0.05},
        )
    old = rnd.choice(known)
    body = {name: part for name, part in old.items() if name not in fixed and rnd.random() < 0.97}
    body = mutated(rnd, body, rnd.choice((0, 0.004, 0.015)))
    if isinstance(body, dict) and operation != "create":
        fresh = world.simulator.companies[world.realm].get(entity.name, str(old["Id"])) or old
        body.update(Id=old["Id"], SyncToken=fresh["SyncToken"], sparse=rnd.random() < 0.5)
    elif isinstance(body, dict):
        body.update({name: f"{body[name]} {rnd.randrange(9999)}" for name in ("Name", "DisplayName") if name in body})
    return entity, operation, body


@MANY
@given(rnd=RANDOM)
def test_writes(world, rnd):
    entity, operation, body = wish_of(rnd, world)
    args = {name: rnd.choice(words) for name, words in ARGS.items() if rnd.random() < 0.04}
    if operation in ("delete", "void"):
        args.setdefault("operation", operation)
    world.api("POST", entity.path, body, **args)
    key = rnd.choice(("1", "5", "0", "x", "TAX", "9" * 20, "²", "-1"))
    world.api(
        rnd.choice(("GET", "POST", "PUT", "DELETE")),
        f"{entity.path}/{quote(key)}{rnd.choice(('', '/pdf', '/send', '/x'))}",
        **args,
    )


@SOME
@given(rnd=RANDOM)
def test_batches(world, rnd):
    items = []
    for number in range(rnd.randrange(0, 6)):
        entity, operation, body = wish_of(rnd, world)
        items.append({"bId": str(number), "operation": operation, entity.name: body})
        if rnd.random() < 0.2:
            items[-1] = {"bId": str(number), "Query": f"select * from {entity.name} where Id = '{rnd.choice(JUNK)}'"}
    world.api("POST", "batch", mutated(rnd, {"BatchItemRequest": items}, 0.01))
    world.check_books()


@SOME
@given(
    st.binary(max_size=80) | st.text(max_size=80).map(str.encode),
    st.sampled_from(["invoice", "batch", "query", "upload", "x"]),
)
def test_bodies_that_are_no_json(world, data, path):
    world.api("POST", path, data)


@pytest.mark.parametrize("depth", [50, 300, 480, 900, 5000])
@pytest.mark.parametrize("path", ["customer", "batch"])
def test_deep_nesting(world, path, depth):
    for inner in ("[" * depth + "]" * depth, '{"Line":' * depth + "1" + "}" * depth):
        for head in (
            f'{{"DisplayName":"Deep {depth}","CustomField":{inner}}}',
            f'{{"BatchItemRequest":[{{"Customer":{inner}}}]}}',
        ):
            world.api("POST", path, head.encode())


OPERATORS = ("=", "!=", "<", "like", "in", "not in", ">=")
WORDS = (
    "select", "*", "from", "Invoice", "Customer", "Item", "where", "Id", "DocNumber", "Active", "TxnDate",
    "MetaData.LastUpdatedTime", "CustomerRef", "Balance", "=", "!=", "<", ">=", "in", "(", ")", ",", "not", "like",
    "and", "or", "'1'", "'%a_'", "''", "'\\''", "true", "1", "-1.5", "current_date", "order", "by", "orderby",
    "desc", "startposition", "maxresults", "count(*)", "&", '"', "'", "\x00", "é", ".",
    "'9999-12-31T23:59:59-12:00'", "'x'", "9" * 40,
)  # fmt: skip


@MANY
@given(rnd=RANDOM)
def test_queries(world, rnd):
    entity = rnd.choice(list(SCHEMA.values()))
    paths = [
        *entity.properties.values(),
        "MetaData.CreateTime",
        "metadata.lastupdatedtime",
        "Line.Amount",
        "CustomerRef.value",
    ]
    paths += [path for path in entity.filters] * 2
    test = " and ".join(
        f"{rnd.choice(('', '', 'not '))}{rnd.choice(paths)} {rnd.choice(OPERATORS)} "
        + rnd.choice(("'1'", "('1','x')", "true", "'2026-01-01'", "' '", "'%'", f"'{str(rnd.choice(JUNK))[:50]}'"))
        for _ in range(rnd.randrange(0, 3))
    )
    columns = rnd.choice(("*", "count(*)", f"{rnd.choice(paths)}, Id", "*, Sku", ""))
    order = f" order by {rnd.choice(paths)} desc, {rnd.choice(paths)}" if rnd.random() < 0.3 else ""
    page = f"maxresults {rnd.choice((1, 5, 1000, 0))}"
    text = f"select {columns} from {entity.name}{' where ' * bool(test)}{test}{order} {page}"
    tokens = text.split(" ")
    if rnd.random() < 0.4:
        for _ in range(rnd.randrange(1, 4)):
            tokens[rnd.randrange(len(tokens))] = rnd.choice(WORDS)
    answer = world.api("GET", "query", query=" ".join(tokens))
    assert answer.status_code in (200, 400)


@SOME
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60))
def test_query_texts(world, text):
    assert world.api("POST", "query", text.encode()).status_code in (200, 400, 500)


TIMES = (
    "2026-01-01",
    "2026-01-01T10:00:00-08:00",
    "x",
    "",
    "0001-01-01",
    "9999-12-31",
    "2026-13-01",
    "9" * 20,
    "-1",
    "²",
)
NAMES = (
    *TIMES,
    "1",
    "1,2",
    "Customers",
    "Month",
    "All",
    "Accrual",
    "Cash",
    "a" * 300,
    "true",
    "ThisMonth",
    "30",
    "0",
    "TAX",
)
REPORT_ARGS = (
    "start_date", "end_date", "date_macro", "report_date", "aging_period", "num_periods", "aging_method",
    "summarize_column_by", "customer", "vendor", "account", "item", "class", "department", "accounting_method",
    "columns", "sort_by", "sort_order", "source_account", "transaction_type", "duedate_macro", "start_duedate",
    "past_due", "qzurl", "group_by", "high_pp_date",
)  # fmt: skip


@SOME
@given(rnd=RANDOM)
def test_reading_routes(world, rnd):
    args = {rnd.choice(REPORT_ARGS): rnd.choice(NAMES) for _ in range(rnd.randrange(0, 4))}
    world.api("GET", f"reports/{rnd.choice([*REPORTS, 'Nothing'])}", **args)
    names = ",".join(rnd.choice([*SCHEMA, "x", ""]) for _ in range(rnd.randrange(0, 4)))
    world.api("GET", "cdc", entities=names, changedSince=rnd.choice(TIMES))
    world.api("GET", "exchangerate", sourcecurrencycode=rnd.choice(("EUR", "USD", "x", "")), asofdate=rnd.choice(TIMES))
    meta = dumps(
        mutated(rnd, {"AttachableRef": [{"EntityRef": {"type": "Invoice", "value": "1"}}], "FileName": "a.txt"}, 0.2)
    )
    form = {
        rnd.choice(("file_metadata_01", "file_metadata_0", "x")): (
            io.BytesIO(meta.encode()),
            "m.json",
            "application/json",
        ),
        rnd.choice(("file_content_01", "file_content_9")): (
            io.BytesIO(b"data"),
            rnd.choice(("a.txt", "", "ü" * 300)),
            "text/plain",
        ),
    }
    world.send("POST", f"/v3/company/{world.realm}/upload", data=form)
    for path in (
        "",
        "x",
        "invoice",
        "companyinfo/1",
        "preferences",
        "download/1",
        "attachable/1/x/y",
        "%00",
        "invoice/1/2/3",
    ):
        world.api("GET", path, **args)


ACTIONS = (
    "create",
    "edit",
    "void",
    "delete",
    "merge",
    "deactivate",
    "apply_credit",
    "late_fee",
    "deposit",
    "receive",
    "x",
    None,
)


@SOME
@given(rnd=RANDOM)
def test_control(world, rnd):
    entity, _operation, body = wish_of(rnd, world)
    key = lambda: rnd.choice((str(rnd.randrange(1, 30)), rnd.choice(JUNK)))  # noqa: E731
    wish = {
        "action": rnd.choice(ACTIONS),
        "entity": entity.name,
        "data": body,
        "amount": rnd.choice(JUNK),
        "ids": [key()],
    }
    wish |= {name: key() for name in ("id", "into", "credit_memo", "item", "account")}
    kept = {name: part for name, part in wish.items() if rnd.random() < 0.9}
    world.send("POST", "/_control/ui", data=dumps(kept), content_type="application/json")
    routes = ("faults", "switches", "webhooks", "clock", "oauth", "x")
    keys = (
        "kind",
        "match",
        "count",
        "seconds",
        "clear",
        "throttle",
        "advance",
        "set",
        "days",
        "url",
        "clients",
        "grant",
        "redirects",
    )
    odd = {rnd.choice(keys): rnd.choice([part for part in JUNK if part not in (10**12, True)]) for _ in range(2)}
    world.send("POST", f"/_control/{rnd.choice(routes)}", data=dumps(odd), content_type="application/json")
    world.send("POST", "/_control/faults", json={"clear": True})
    world.send("POST", "/_control/clock", json={"reset": True})
    world.send("POST", "/_control/switches", json={"throttle": False})
    for route in ("log", "metrics", "webhooks", "clock", "faults", "company"):
        world.send("GET", f"/_control/{route}?since={quote(str(rnd.choice(JUNK))[:50])}&realm={rnd.choice(('', 'x'))}")
    world.send("GET", "/_control/log?clear=1")


@SOME
@given(rnd=RANDOM)
def test_pages(world, rnd):
    words = "CustomerRef DocNumber TxnDate DueDate PrivateNote TotalAmt item_0 qty_0 price_0 text_0 tax_0 id_0"
    words += " item_1 amount PaymentRefNum PaymentMethodRef DisplayName Line1 PrimaryPhone Notes"
    typed = {word: str(rnd.choice((*JUNK, "1", "2", "3")))[:300] for word in words.split() if rnd.random() < 0.5}
    typed[rnd.choice(("save", "save", "void", "delete", "receive", "deactivate"))] = "1"
    kind = rnd.choice(("customer", "invoice", "payment", "creditmemo", "bill", "account", "companyinfo", "x"))
    key = quote(rnd.choice(("new", "1", "2", "20", "²", "9" * 19, "-1", "TAX")))
    world.send("POST", f"/app/{world.realm}/{kind}/{key}", data=typed)
    world.send("GET", f"/app/{world.realm}/{kind}/{key}")
    for path in (
        "customers",
        "invoices",
        "bills",
        f"ageing?report_date={rnd.choice(TIMES)}&customer={key}",
        "payments",
    ):
        world.send("GET", f"/app/{world.realm}/{path}")
    world.check_books()
