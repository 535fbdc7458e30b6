"""Every entity of the table by the same questions: its operations, its required fields, its limits and its words."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.api import Api, Call
from simulator.app import Simulator
from simulator.company import Company
from simulator.control import new_company
from simulator.errors import Fault
from simulator.money import dumps, loads
from simulator.schema import SCHEMA, TYPE_FIELDS, Entity
from simulator.validate import clean

Json = dict[str, Any]
RECORDED = Path(__file__).parents[3] / "shared" / "recordings" / "objects" / "objects.jsonl"
SERVER_ONLY = {"TaxService", "CompanyInfo", "Preferences"}


class Desk:
    """Speaks to one company without a network."""

    def __init__(self, **wish: Any) -> None:
        simulator = Simulator()
        self.company: Company = simulator.companies[new_company(simulator, {"empty": True, **wish})["realmId"]]
        self.api = Api(self.company, *([simulator.mails] if "mails" in Api.__init__.__code__.co_varnames else []))
        self.customer = self.make("customer", {"DisplayName": "Ada"})["Id"]
        self.vendor = self.make("vendor", {"DisplayName": "Bolt"})["Id"]
        self.employee = self.make("employee", {"GivenName": "Eve"})["Id"]
        self.accounts = {kind: self.make("account", {"Name": f"A {kind}", "AccountType": kind})["Id"]
                         for kind in ("Bank", "Credit Card", "Expense", "Cost of Goods Sold", "Other Current Asset",
                                      "Income", "Fixed Asset")}
        self.service = self.make("item", {"Name": "Work", "Type": "Service", "IncomeAccountRef": self.account("Income")})
        self.stock = self.make("item", {
            "Name": "Ware", "Type": "Inventory", "QtyOnHand": 5, "InvStartDate": "2020-01-01",
            "TrackQtyOnHand": True, "AssetAccountRef": {"value": self.company.account("Inventory")},
            "IncomeAccountRef": self.account("Income"), "ExpenseAccountRef": self.account("Cost of Goods Sold")})
        self.bill = self.make("bill", {"VendorRef": {"value": self.vendor}, "Line": [
            {"Amount": 10, "DetailType": "AccountBasedExpenseLineDetail",
             "AccountBasedExpenseLineDetail": {"AccountRef": self.account("Expense")}}]})["Id"]

    def account(self, kind: str) -> Json:
        return {"value": self.accounts[kind]}

    def call(self, method: str, path: str, body: Json | None = None, **args: str) -> Json:
        text = dumps(body).encode() if body is not None else b""
        reply = self.api.handle(Call(method, path.split("/"), args, text, path, "application/json"))
        return loads(reply.text)

    def make(self, path: str, body: Json, **args: str) -> Json:
        answer = self.call("POST", path, body, **args)
        return next(value for name, value in answer.items() if name != "time")

    def refused(self, path: str, body: Json, **args: str) -> list[str]:
        with pytest.raises(Fault) as caught:
            self.call("POST", path, body, **args)
        return [caught.value.code, *[error.get("element", "") for error in caught.value.errors]]

    def query(self, text: str) -> Json:
        return self.call("GET", "query", query=text)["QueryResponse"]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    yield Desk(features={"multicurrency": True})


def minimal(desk: Desk) -> dict[str, Json]:
    """The least that creates each entity; what changes in an update comes second."""
    customer, vendor = {"CustomerRef": {"value": desk.customer}}, {"VendorRef": {"value": desk.vendor}}
    bank, cost = desk.account("Bank"), desk.account("Expense")
    sale = {"Line": [{"Amount": 10, "DetailType": "SalesItemLineDetail",
                      "SalesItemLineDetail": {"ItemRef": {"value": desk.service["Id"]}}}]}
    spent = {"Line": [{"Amount": 10, "DetailType": "AccountBasedExpenseLineDetail",
                       "AccountBasedExpenseLineDetail": {"AccountRef": cost}}]}
    bought = {"Line": [{"Amount": 10, "DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail":
                        {"ItemRef": {"value": desk.stock["Id"]}, "Qty": 1, "UnitPrice": 10}}]}
    sides = [{"Amount": 10, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail":
              {"PostingType": side, "AccountRef": account}} for side, account in (("Debit", bank), ("Credit", cost))]
    return {
        "Customer": {"DisplayName": "C"}, "Vendor": {"DisplayName": "V"}, "Employee": {"GivenName": "E"},
        "Item": {"Name": "I", "Type": "Service", "IncomeAccountRef": desk.account("Income")},
        "Account": {"Name": "A", "AccountType": "Expense"}, "Term": {"Name": "T", "DueDays": 5},
        "PaymentMethod": {"Name": "P"}, "Class": {"Name": "K"}, "Department": {"Name": "D"},
        "TaxAgency": {"DisplayName": "TA"}, "JournalCode": {"Name": "JC"},
        "Invoice": {**customer, **sale}, "Estimate": {**customer, **sale}, "CreditMemo": {**customer, **sale},
        "SalesReceipt": {**customer, **sale}, "RefundReceipt": {**customer, **sale, "DepositToAccountRef": bank},
        "Payment": {**customer, "TotalAmt": 10},
        "Bill": {**vendor, **spent}, "VendorCredit": {**vendor, **spent}, "PurchaseOrder": {**vendor, **bought},
        "BillPayment": {**vendor, "PayType": "Check", "TotalAmt": 10, "CheckPayment": {"BankAccountRef": bank},
                        "Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": desk.bill, "TxnType": "Bill"}]}]},
        "Purchase": {"AccountRef": bank, "PaymentType": "Cash", **spent},
        "JournalEntry": {"Line": sides},
        "Deposit": {"DepositToAccountRef": bank, "Line": [
            {"Amount": 10, "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": cost}}]},
        "Transfer": {"FromAccountRef": bank, "ToAccountRef": desk.account("Other Current Asset"), "Amount": 10},
        "CreditCardPaymentTxn": {"CreditCardAccountRef": desk.account("Credit Card"), "BankAccountRef": bank,
                                 "Amount": 10},
        "InventoryAdjustment": {"AdjustAccountRef": cost, "Line": [
            {"DetailType": "ItemAdjustmentLineDetail",
             "ItemAdjustmentLineDetail": {"ItemRef": {"value": desk.stock["Id"]}, "QtyDiff": 1}}]},
        "TimeActivity": {"NameOf": "Employee", "EmployeeRef": {"value": desk.employee}, "Hours": 2},
        "Budget": {"Name": "B", "StartDate": "2026-01-01", "EndDate": "2026-12-31", "BudgetDetail": [
            {"BudgetDate": "2026-01-01", "Amount": 5, "AccountRef": cost}]},
        "CompanyCurrency": {"Code": "NOK"}, "ExchangeRate": {"SourceCurrencyCode": "NOK", "Rate": "0.09"},
        "Attachable": {"Note": "hello"},
        "RecurringTransaction": {"Invoice": {**customer, **sale, "RecurringInfo": {
            "Name": "monthly", "RecurType": "Automated", "ScheduleInfo": {"IntervalType": "Monthly"}}}},
    }


CHANGES: Json = {"name": {"Name": "Other name"}, "Customer": {"Notes": "n"}, "Vendor": {"AcctNum": "n"},
                 "Employee": {"EmployeeNumber": "n"}, "TaxAgency": {}, "TimeActivity": {"Description": "n"},
                 "Budget": {"Name": "Other"}, "CompanyCurrency": {"Name": "Krone"}, "Attachable": {"Note": "n"}}
CREATED = [name for name, entity in SCHEMA.items() if "create" in entity.operations]
ODD = {"ExchangeRate", "RecurringTransaction"}
"""Answered without Id, or inside of a wrapping."""


def test_every_entity_that_can_be_made_has_an_example(desk):
    assert set(minimal(desk)) == set(CREATED)


@pytest.mark.parametrize("name", [name for name in CREATED if name not in ODD])
def test_create_read_query_count_update_and_remove(desk, name):
    entity, body = SCHEMA[name], minimal(desk)[name]
    before = desk.query(f"select count(*) from {name}")["totalCount"]
    made = desk.make(entity.path, body)
    assert made["SyncToken"] == "0" and made["domain"] == "QBO" and made["Id"].isdigit()
    assert desk.query(f"select count(*) from {name}")["totalCount"] == before + 1
    assert desk.call("GET", f"{entity.path}/{made['Id']}")[name]["Id"] == made["Id"]
    assert desk.query(f"select * from {name} where Id = '{made['Id']}'")[name][0]["MetaData"] == made["MetaData"]
    if "update" in entity.operations:
        _update(desk, entity, body)
    _remove(desk, entity, made["Id"])


def _update(desk: Desk, entity: Entity, body: Json) -> None:
    change = CHANGES.get(entity.name) or (CHANGES["name"] if entity.is_name else {"PrivateNote": "n"})
    key = desk.query(f"select Id from {entity.name} maxresults 1000")[entity.name]
    old = desk.call("GET", f"{entity.path}/{max((row['Id'] for row in key), key=int)}")[entity.name]
    kept = body if entity.kind == "payment" else {}
    sparse = desk.make(entity.path, {"Id": old["Id"], "SyncToken": old["SyncToken"], "sparse": True, **kept, **change})
    assert sparse["SyncToken"] == str(int(old["SyncToken"]) + 1)
    assert change.items() <= sparse.items()
    full = desk.make(entity.path, {**body, "Id": old["Id"], "SyncToken": sparse["SyncToken"], **change})
    assert change.items() <= full.items()
    assert desk.refused(entity.path, {**body, "Id": old["Id"], "SyncToken": "99", **change})[0] == "5010"


def _remove(desk: Desk, entity: Entity, key: str) -> None:
    path = f"{entity.path}/{key}"
    now = desk.call("GET", path)[entity.name]
    stub = {"Id": key, "SyncToken": now["SyncToken"]}
    if "delete" in entity.operations:
        assert desk.make(entity.path, stub, operation="delete") == {"domain": "QBO", "status": "Deleted", "Id": key}
        with pytest.raises(Fault) as caught:
            desk.call("GET", path)
        assert caught.value.code == "610" and desk.refused(entity.path, {**stub, "sparse": True})[0] in ("610", "500")
    elif entity.kind == "name" and "update" in entity.operations:
        off = desk.make(entity.path, {**stub, "sparse": True, "Active": False})
        assert off["Active"] is False and off.get("DisplayName", off.get("Name", "")).endswith(" (deleted)")
        assert f"where Id = '{key}'" and desk.query(f"select * from {entity.name} where Id = '{key}'") == {}


@pytest.mark.parametrize("name", SCHEMA)
def test_operations_that_do_not_exist_are_refused(desk, name):
    for operation in {"create", "update", "delete", "void"} - SCHEMA[name].operations:
        assert desk.refused(SCHEMA[name].path, {"Id": "1", "SyncToken": "0"}, operation=operation)[0] == "500", operation


@pytest.mark.parametrize("name", CREATED)
def test_what_is_required_what_is_unknown_and_what_is_too_long(desk, name):
    entity, body = SCHEMA[name], minimal(desk)[name]
    for rule in entity.fields.values():
        if rule.required:
            given = {key: value for key, value in body.items() if key != rule.name}
            assert desk.refused(entity.path, given)[0] == "2020", rule.name
        elif rule.kind == "str" and rule.limit:
            assert desk.refused(entity.path, {**body, rule.name: "x" * (rule.limit + 1)})[:2] == ["2050", rule.name]
        elif rule.kind == "enum":
            assert desk.refused(entity.path, {**body, rule.name: "Nonsense"})[:2] == ["2170", rule.name]
    assert desk.refused(entity.path, {**body, "Nonsense": 1})[0] == "2010"


@pytest.mark.parametrize("name", CREATED)
def test_rubbish_in_any_property_is_refused_or_ignored(desk, name):
    """Every property with values of every JSON type: an answer or a fault, never another exception."""
    entity, body = SCHEMA[name], minimal(desk)[name]
    deep: Any = {"Line": "x"}
    for _level in range(200):
        deep = {"Line": [deep]}
    for rule in entity.fields.values():
        for value in ("", None, [], {}, [[]], [None], 1, -1, True, "²", "9" * 40, Decimal("1e-30"), {"value": None},
                      {"value": "99999999999999999999"}, {"value": ["x"]}, deep):
            try:
                desk.call("POST", entity.path, {**body, rule.name: value})
            except Fault as fault:
                assert fault.status == 400, (rule.name, value)
