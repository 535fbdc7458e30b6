"""A live simulator in a thread, and a small client for it."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from report_books import Books

from simulator.app import Simulator
from simulator.company import API
from simulator.schema import SCHEMA
from simulator.server import Running

CALLBACK = "http://localhost/callback"
Json = dict[str, Any]


class Client:
    """Speaks to a simulator as an outside program does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.realm = ""
        self.tokens: Json = {}

    def control(self, route: str, body: Json | None = None, expect: int = 200, **args: Any) -> Json:
        answer = (
            requests.get(f"{self.url}/_control/{route}", params=args, timeout=30)
            if body is None
            else requests.post(f"{self.url}/_control/{route}", json=body, timeout=60)
        )
        assert answer.status_code == expect, answer.text
        return answer.json(parse_float=Decimal)

    def start(self, **wish: Any) -> "Client":
        """Reset to one new company and sign in to it."""
        self.realm = self.control("reset", wish)["realmId"]
        return self.sign_in()

    def sign_in(self) -> "Client":
        self.tokens = self.control("oauth", {"grant": True, "realm": self.realm})
        self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        return self

    def consent(self, action: str = "connect", **more: str) -> dict[str, str]:
        """Press a button on the consent page; returns the query of the redirect."""
        form = {
            "client_id": "simulator",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": "s1",
            "scope": "com.intuit.quickbooks.accounting",
            "realmId": self.realm,
            "action": action,
            **more,
        }
        answer = requests.post(f"{self.url}/connect/oauth2", data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def token(self, secret: str = "simulator-secret", **form: str) -> requests.Response:
        return requests.post(f"{self.url}/oauth2/v1/tokens/bearer", data=form, auth=("simulator", secret), timeout=10)

    def call(self, method: str, path: str, body: Any = None, **args: Any) -> requests.Response:
        return self.http.request(
            method, f"{self.url}/v3/company/{self.realm}/{path}", json=body, params=args, timeout=30
        )

    def ok(self, method: str, path: str, body: Any = None, **args: Any) -> Json:
        answer = self.call(method, path, body, **args)
        assert answer.status_code == 200, answer.text
        return answer.json(parse_float=Decimal)

    def error(self, method: str, path: str, body: Any = None, **args: Any) -> tuple[str, str]:
        """Return code and detail of the first error."""
        answer = self.call(method, path, body, **args)
        assert answer.status_code == 400, answer.text
        first = answer.json()["Fault"]["Error"][0]
        return first["code"], first["Detail"]

    def create(self, entity: str, body: Json, **args: Any) -> Json:
        return self.ok("POST", entity.lower(), body, **args)[entity]

    def read(self, entity: str, key: str) -> Json:
        return self.ok("GET", f"{entity.lower()}/{key}")[entity]

    def update(self, entity: str, body: Json, **changes: Any) -> Json:
        sent = {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True, **changes}
        return self.ok("POST", entity.lower(), sent)[entity]

    def query(self, statement: str) -> Json:
        return self.ok("GET", "query", query=statement)["QueryResponse"]

    def rows(self, statement: str) -> list[Json]:
        found = self.query(statement)
        return next((value for value in found.values() if isinstance(value, list)), [])

    def customer(self, name: str = "Ada Lovelace", **more: Any) -> Json:
        return self.create("Customer", {"DisplayName": name, **more})

    def invoice(self, customer: str, *amounts: Any, **more: Any) -> Json:
        lines = [self.line(amount) for amount in amounts or (100,)]
        return self.create("Invoice", {"CustomerRef": {"value": customer}, "Line": lines, **more})

    def line(self, amount: Any, code: str | None = None, **detail: Any) -> Json:
        detail.setdefault("ItemRef", {"value": "1"})
        if code:
            detail["TaxCodeRef"] = {"value": code}
        return {"Amount": float(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    def memo(self, customer: str, amount: Any, **more: Any) -> Json:
        return self.create("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [self.line(amount)], **more})

    def pay(self, customer: str, total: Any, *parts: tuple[str, str, Any], **more: Any) -> Json:
        """Create a payment; parts are (type, id, amount)."""
        lines = [
            {"Amount": float(amount), "LinkedTxn": [{"TxnId": key, "TxnType": kind}]} for kind, key, amount in parts
        ]
        return self.create(
            "Payment", {"CustomerRef": {"value": customer}, "TotalAmt": float(total), "Line": lines, **more}
        )

    def report(self, name: str, **args: Any) -> Json:
        return self.ok("GET", f"reports/{name}", **args)

    def total(self, name: str, column: int = -1, **args: Any) -> Decimal:
        """Return a figure of the last row (the grand total) of a report."""
        rows = self.report(name, **args)["Rows"].get("Row")
        return Decimal(rows[-1]["Summary"]["ColData"][column]["value"] or 0) if rows else Decimal(0)

    def ui(self, action: str, **more: Any) -> Json:
        return self.control("ui", {"realm": self.realm, "action": action, **more})


@pytest.fixture(scope="session")
def running():
    server = Running(Simulator()).start()
    yield server
    server.stop()


@pytest.fixture
def empty(running):
    """A client of a company without customers and transactions."""
    return Client(running.url).start(empty=True)


@pytest.fixture
def demo(running):
    """A client of the demo company."""
    return Client(running.url).start()


@pytest.fixture
def client(running):
    """A client without a company; the test starts one."""
    return Client(running.url)


@pytest.fixture(scope="session")
def bare():
    books = Books(empty=True)
    books.ada = books.add("Customer", DisplayName="Ada")["Id"]
    return books


@pytest.fixture(scope="session")
def mixed():
    """A company with a year of sales and purchases, its start of the fiscal year in April."""
    books = Books(seed=3, size=60)
    info = books.company.get("CompanyInfo", 1)
    books.company.update(
        SCHEMA["CompanyInfo"],
        {"Id": "1", "SyncToken": info["SyncToken"], "sparse": True, "FiscalYearStartMonth": "April"},
        API,
    )
    tiles, tools = (books.add("Vendor", DisplayName=name)["Id"] for name in ("Tiles Ltd", "Tools Inc"))
    bill = books.cost("Bill", tiles, 900, "2026-02-10", DueDate="2026-03-12", DocNumber="B-1")
    books.cost("Bill", tools, "333.33", "2026-09-01", "Cost of Goods Sold", DueDate="2026-10-01")
    credit = books.cost("VendorCredit", tiles, 50, "2026-03-01")
    bank = {"PayType": "Check", "CheckPayment": {"BankAccountRef": books.account("Bank")}}
    books.pay("BillPayment", tiles, 350, "2026-05-05", ("Bill", bill, 400), ("VendorCredit", credit, 50), **bank)
    books.cost("VendorCredit", tools, 20, "2026-10-10")
    books.cost(
        "Purchase",
        None,
        45,
        "2026-11-03",
        PaymentType="Check",
        AccountRef=books.account("Bank"),
        EntityRef={"value": tools, "type": "Vendor"},
    )
    books.vendors = tiles, tools
    return books
