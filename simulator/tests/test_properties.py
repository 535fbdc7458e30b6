"""Random operations never break the books, and random requests never break the server."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import ledger
from simulator.api import Api, Call
from simulator.app import Simulator
from simulator.company import API
from simulator.control import new_company
from simulator.errors import Fault
from simulator.money import ZERO, dec, dumps
from simulator.query import Query
from simulator.reports_detail import open_items
from simulator.schema import SCHEMA

AMOUNTS = st.integers(1, 30_000).map(lambda value: Decimal(value) / 100)
DATES = st.integers(1, 28).map(lambda day: f"2026-06-{day:02d}")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "invoice",
                "memo",
                "pay",
                "pay",
                "credit",
                "edit",
                "void",
                "delete",
                "void_payment",
                "delete_payment", "delete_memo", "move",
                "repay",
                "deposit",
            ]
        ),
        st.integers(0, 50),
        st.integers(0, 50),
        AMOUNTS,
        DATES,
    ),
    min_size=3,
    max_size=14,
)


class Books:
    """A company that random acts are done to; what QuickBooks refuses is refused with a Fault."""

    def __init__(self, company):
        self.company = company
        self.tokens = {}

    def all(self, entity):
        return [
            row[0]
            for row in self.company.rows("select id from object where realm = ? and entity = ? order by id", entity)
        ]

    def pick(self, entity, number):
        keys = self.all(entity)
        return self.company.get(entity, keys[number % len(keys)]) if keys else None

    def line(self, amount):
        return {
            "Amount": amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": {"value": "1"},
                "TaxCodeRef": {"value": "TAX" if amount > 100 else "NON"},
            },
        }

    def act(self, kind, first, second, amount, day):
        company, who = self.company, {"CustomerRef": {"value": str(1 + first % 3)}, "TxnDate": day}
        try:
            if kind in ("invoice", "memo"):
                entity = SCHEMA["Invoice" if kind == "invoice" else "CreditMemo"]
                company.create(
                    entity,
                    {
                        **who,
                        "Line": [self.line(amount), self.line(amount / 3)],
                        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
                    },
                    API,
                )
            elif kind in ("pay", "credit", "repay"):
                self.pay(kind, first, second, amount, who)
            elif kind == "deposit":
                paid = self.pick("Payment", first)
                if paid:
                    company.create(
                        SCHEMA["Deposit"],
                        {
                            "DepositToAccountRef": {"value": "1"},
                            "Line": [{"LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Payment"}]}],
                        },
                        API,
                    )
            else:
                self.change(kind, first, amount)
        except Fault:
            pass

    def pay(self, kind, first, second, amount, who):
        targets = [
            (name, body)
            for name, number in (("Invoice", first), ("Invoice", second), ("CreditMemo", second))
            if (body := self.pick(name, number))
        ]
        lines = [{"Amount": amount, "LinkedTxn": [{"TxnId": body["Id"], "TxnType": name}]} for name, body in targets]
        total = ZERO if kind == "credit" else amount
        body = {**who, "TotalAmt": total, "Line": lines}
        if targets:
            body["CustomerRef"] = targets[0][1]["CustomerRef"]
        old = self.pick("Payment", second) if kind == "repay" else None
        if old:
            self.company.update(SCHEMA["Payment"], {**body, "Id": old["Id"], "SyncToken": old["SyncToken"]}, API)
        elif kind != "repay":
            self.company.create(SCHEMA["Payment"], body, API)

    def change(self, kind, number, amount):
        name = "Payment" if kind.endswith("payment") else "CreditMemo" if kind == "delete_memo" else "Invoice"
        body = self.pick(name, number)
        if body is None:
            return
        key = {"Id": body["Id"], "SyncToken": body["SyncToken"]}
        if kind == "edit":
            self.company.update(SCHEMA[name], {**key, "sparse": True, "Line": [self.line(amount)]}, API)
        elif kind == "move":
            other = {"value": str(1 + number % 3)}
            self.company.update(SCHEMA[name], {**key, "sparse": True, "CustomerRef": other}, API)
        elif kind.startswith("void"):
            self.company.void(SCHEMA[name], key, API)
        else:
            self.company.delete(SCHEMA[name], key, API)

    def check(self):
        company = self.company
        assert company.value("select coalesce(sum(home), 0) from posting where realm = ?") == 0
        documents = (
            sum(dec(company.get("Invoice", key)["Balance"]) for key in self.all("Invoice"))
            - sum(dec(company.get("CreditMemo", key)["Balance"]) for key in self.all("CreditMemo"))
            - sum(dec(company.get("Payment", key)["UnappliedAmt"]) for key in self.all("Payment"))
        )
        control = ledger.account_balance(company, *ledger.controls(company))
        today = company.clock.today().isoformat()
        assert sum(item.amount for item in open_items(company, today)) == control == int(documents * 100)
        assert sum(dec(company.get("Customer", key)["Balance"]) for key in self.all("Customer")) == documents
        for day in ("2026-06-05", "2026-06-15"):
            dated = company.value(
                "select coalesce(sum(home), 0) from posting where realm = ? and account = ? and date <= ?",
                company.account("AccountsReceivable"),
                day,
            )
            assert sum(item.amount for item in open_items(company, day)) == dated
        for entity in ("Invoice", "CreditMemo", "Payment"):
            for key in self.all(entity):
                self.check_body(entity, company.get(entity, key))

    def check_body(self, entity, body):
        """Nothing negative, nothing left by the void, and tokens only move forward."""
        figure = dec(body["UnappliedAmt"] if entity == "Payment" else body["Balance"])
        assert 0 <= figure <= dec(body["TotalAmt"])
        applied = self.company.value(
            "select coalesce(sum(abs(cur)), 0) from link where realm = ? and target = ?", int(body["Id"])
        )
        if entity != "Payment":
            assert dec(body["Balance"]) == dec(body["TotalAmt"]) - Decimal(applied) / 100
        if str(body.get("PrivateNote", "")).startswith("Voided") and not dec(body["TotalAmt"]):
            gone = self.company.value("select count(*) from posting where realm = ? and txn = ?", int(body["Id"]))
            assert (gone, applied) == (0, 0)
        before = self.tokens.get((entity, body["Id"]), (-1, None))
        if before[1] != body:
            assert int(body["SyncToken"]) > before[0], (entity, body)
        self.tokens[(entity, body["Id"])] = (int(body["SyncToken"]), body)


SIMULATOR = Simulator()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(ACTS)
def test_books_stay_balanced_whatever_is_done(acts):
    realm = new_company(SIMULATOR, {"empty": True, "realm": "77"})["realmId"]
    books = Books(SIMULATOR.companies[realm])
    for number in range(3):
        parent = {"ParentRef": {"value": "1"}} if number == 2 else {}
        books.company.create(SCHEMA["Customer"], {"DisplayName": f"C{number}", **parent}, API)
    for act in acts:
        books.act(*act)
        books.check()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(max_size=12)
    | st.sampled_from(["1", "TAX", "2026-01-01", "Invoice", "SalesItemLineDetail"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LINES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "Amount": JSON,
            "DetailType": st.sampled_from(
                [
                    "SalesItemLineDetail",
                    "DiscountLineDetail",
                    "DescriptionOnly",
                    "x",
                    "GroupLineDetail",
                    "JournalEntryLineDetail",
                ]
            ),
            "SalesItemLineDetail": st.fixed_dictionaries(
                {},
                optional={
                    "ItemRef": JSON | st.just({"value": "1"}),
                    "Qty": JSON,
                    "TaxCodeRef": JSON | st.just({"value": "TAX"}),
                },
            ),
            "DiscountLineDetail": JSON,
            "LinkedTxn": JSON | st.just([{"TxnId": "1", "TxnType": "Invoice"}]),
            "Id": JSON,
            "GroupLineDetail": JSON,
            "JournalEntryLineDetail": JSON,
        },
    ),
    max_size=3,
)


@st.composite
def bodies(draw):
    """A body for an entity: some of its own properties with odd values, often a valid customer."""
    entity = draw(st.sampled_from(sorted(SCHEMA)))
    names = sorted(SCHEMA[entity].fields)
    body = draw(st.dictionaries(st.sampled_from(names), JSON, max_size=5))
    if draw(st.booleans()):
        body["CustomerRef"] = {"value": "1"}
    if "Line" in SCHEMA[entity].fields and draw(st.booleans()):
        body["Line"] = draw(LINES)
    return entity, body


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(bodies(), st.sampled_from(["", "delete", "void", "update", "odd"]))
def test_any_body_is_answered_or_refused(body, operation):
    company = fuzzed_company()
    entity, payload = body
    call = Call("POST", [entity.lower()], {"operation": operation}, dumps(payload).encode(), f"/{entity}")
    try:
        assert Api(company).handle(call).text
    except Fault as fault:
        assert fault.errors[0]["code"] in fault.args or fault.code
    assert company.value("select coalesce(sum(home), 0) from posting where realm = ?") == 0


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(
            [
                "select",
                "*",
                "from",
                "Customer",
                "Invoice",
                "where",
                "Id",
                "=",
                "'1'",
                ",",
                "(",
                ")",
                "in",
                "like",
                "'%a'",
                "order",
                "by",
                "orderby",
                "desc",
                "startposition",
                "maxresults",
                "5",
                "count(*)",
                "Balance",
                "TxnDate",
                "and",
                "not",
                "!=",
                "true",
                "MetaData.CreateTime",
                "'",
                "\\",
                "é",
                ".",
            ]
        ),
        max_size=14,
    )
    | st.text(max_size=30)
)
def test_any_query_is_answered_or_refused(words):
    text = (
        words
        if isinstance(words, str)
        else "select * from Customer " + " ".join(words)
        if len(words) % 2
        else " ".join(words)
    )
    try:
        assert Query(fuzzed_company(), text).answer().startswith("{")
    except Fault as fault:
        assert fault.code in ("2030", "4000", "4001", "10000")


def fuzzed_company():
    if "88" not in SIMULATOR.companies:
        new_company(SIMULATOR, {"size": 12, "realm": "88"})
    return SIMULATOR.companies["88"]
