"""Every entity of the table by the same questions: its operations, its required fields, its limits and its words."""

import json
from collections.abc import Iterator
from contextlib import suppress
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
        income = self.account("Income")
        self.service = self.make("item", {"Name": "Work", "Type": "Service", "IncomeAccountRef": income})
        self.stock = self.make("item", {
            "Name": "Ware", "Type": "Inventory", "QtyOnHand": 5, "InvStartDate": "2020-01-01",
            "TrackQtyOnHand": True, "AssetAccountRef": {"value": self.company.account("Inventory")},
            "IncomeAccountRef": self.account("Income"), "ExpenseAccountRef": self.account("Cost of Goods Sold")})

    def bill(self) -> str:
        return self.make("bill", {"VendorRef": {"value": self.vendor}, "Line": [
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
                        "Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": desk.bill(), "TxnType": "Bill"}]}]},
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
        stub = {"Id": "1", "SyncToken": "0"}
        assert desk.refused(SCHEMA[name].path, stub, operation=operation)[0] == "500", operation


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
            with suppress(Fault):
                desk.call("POST", entity.path, {**body, rule.name: value})


# -- what was recorded ------------------------------------------------------------------------------------------------

def recorded() -> list[Any]:
    if not RECORDED.exists():
        return [pytest.param("", {}, marks=pytest.mark.skip(reason="recorded objects are not beside the repository"))]
    rows = [json.loads(line, parse_float=Decimal) for line in RECORDED.read_text("utf-8").splitlines()]
    seen = {json.dumps(row["object"], sort_keys=True, default=str): row for row in rows
            if row["provenance"].startswith("recorded")}
    return [pytest.param(row["entity"], row["object"], id=f"{row['entity']}-{number}")
            for number, row in enumerate(seen.values())]


@pytest.mark.parametrize(("name", "body"), recorded())
def test_recorded_objects_fit_the_schema(name, body):
    entity = SCHEMA[name]
    known = clean(entity, {key: value for key, value in body.items() if not entity.fields[key].read_only})
    kept = {key: value for key, value in known.items() if value not in ({}, [], None)}
    assert kept.keys() >= {key for key, value in body.items()
                           if not entity.fields[key].read_only and value not in ("", {}, [], None)}


LEAST = {"Customer": {"DisplayName"}, "Vendor": {"DisplayName"}, "Employee": {"GivenName", "FamilyName", "DisplayName"},
         "Account": {"Name", "AccountType"}}


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded objects are not beside the repository")
def test_what_is_made_of_a_recorded_object_has_its_keys(desk):
    rows = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
    for number, row in enumerate(row for row in rows if row["provenance"].startswith("recorded")):
        if row["entity"] in LEAST and row["object"].get("Active"):
            entity, seen = SCHEMA[row["entity"]], row["object"]
            sent = {name: seen[name] for name in LEAST[entity.name] & seen.keys()}
            key = "DisplayName" if "DisplayName" in sent else "Name"
            made = desk.make(entity.path, {**sent, key: f"{sent[key]} {number}"})
            assert made.keys() - seen.keys() <= {"DefaultTaxCodeRef"}, row


# -- particular rules -------------------------------------------------------------------------------------------------

def test_a_customer_made_with_a_balance_owes_an_invoice(desk):
    made = desk.make("customer", {"DisplayName": "Old debt", "Balance": 75.5, "OpenBalanceDate": "2026-01-31"})
    assert made["Balance"] == made["BalanceWithJobs"] == Decimal("75.50") and made["SyncToken"] == "0"
    rows = desk.query(f"select * from Invoice where CustomerRef = '{made['Id']}'")["Invoice"]
    assert [(row["TotalAmt"], row["TxnDate"], row["PrivateNote"]) for row in rows] == [
        (Decimal("75.50"), "2026-01-31", "Opening Balance")]
    again = desk.make("customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Balance": 10, "Notes": "x"})
    assert again["Balance"] == Decimal("75.50")


@pytest.mark.parametrize(("kind", "balance"), [("Bank", 120), ("Credit Card", 60)])
def test_an_account_made_with_a_balance_is_booked_against_equity(desk, kind, balance):
    equity = str(desk.company.account("OpeningBalanceEquity"))
    before = desk.call("GET", f"account/{equity}")["Account"]["CurrentBalance"]
    made = desk.make("account", {"Name": f"Opened {kind}", "AccountType": kind, "OpeningBalance": balance})
    assert made["CurrentBalance"] == balance and "OpeningBalance" not in made
    after = desk.call("GET", f"account/{equity}")["Account"]["CurrentBalance"]
    assert after - before == (balance if kind == "Bank" else -balance)


@pytest.mark.parametrize(("body", "fault"), [
    ({"AccountType": "Bank", "AccountSubType": "Inventory"}, ["2170", "AccountSubType"]),
    ({"AccountSubType": "Nonsense"}, ["2020", "AccountType"]),
    ({"AccountType": "Bank", "ParentRef": "Expense"}, ["6000", ""]),
    ({"AccountType": "Bank", "OpeningBalance": "abc"}, ["2110", "OpeningBalance"]),
])
def test_accounts_that_cannot_be(desk, body, fault):
    if "ParentRef" in body:
        body = {**body, "ParentRef": desk.account(body["ParentRef"])}
    assert desk.refused("account", {"Name": "Odd", **body}) == fault


def test_a_subtype_alone_says_the_type_and_sub_accounts_share_it(desk):
    made = desk.make("account", {"Name": "Cash box", "AccountSubType": "CashOnHand"})
    below = desk.make("account", {"Name": "Drawer", "AccountType": "Bank", "ParentRef": {"value": made["Id"]}})
    assert (made["AccountType"], below["SubAccount"]) == ("Bank", True)
    assert below["FullyQualifiedName"] == "Cash box:Drawer"


def test_items(desk):
    category = desk.make("item", {"Name": "Garden", "Type": "Category"})
    assert category.keys() == {"Name", "Type", "Active", "FullyQualifiedName", "domain", "sparse", "Id", "SyncToken",
                               "MetaData"}
    below = desk.make("item", {"Name": "Hose", "Type": "Service", "ParentRef": {"value": category["Id"]},
                               "SubItem": True, "IncomeAccountRef": desk.account("Income")})
    assert below["FullyQualifiedName"] == "Garden:Hose" and below["Level"] == 1
    assert desk.refused("item", {"Name": "Set", "Type": "Group"})[0] == "6000"
    stock = {"Name": "Rake", "Type": "Inventory", "QtyOnHand": 1, "InvStartDate": "2026-01-01", "TrackQtyOnHand": True,
             "AssetAccountRef": desk.account("Other Current Asset"), "IncomeAccountRef": desk.account("Income"),
             "ExpenseAccountRef": desk.account("Expense")}
    assert desk.refused("item", stock) == ["6430", "ExpenseAccountRef"]
    assert desk.refused("item", {**stock, "AssetAccountRef": {"value": "9999"}}) == ["2500", "AssetAccountRef"]


def test_a_term_counts_days_or_names_a_day(desk):
    made = desk.make("term", {"Name": "Tenth", "DayOfMonthDue": 10, "DueDays": 4})
    assert (made["Type"], made["DueNextMonthDays"]) == ("DATE_DRIVEN", 0) and "DueDays" not in made
    stub = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    changed = desk.make("term", {**stub, "DueDays": 30})
    assert (changed["Type"], changed["DueDays"], changed["DiscountDays"]) == ("STANDARD", 30, 0)
    assert "DayOfMonthDue" not in changed
    assert desk.refused("term", {"Name": "Never", "DayOfMonthDue": 32}) == ["2040", "DayOfMonthDue"]


def test_numbers_of_tax_are_masked(desk):
    made = desk.make("vendor", {"DisplayName": "Masked", "TaxIdentifier": "123452222"})
    assert made["TaxIdentifier"] == "XXXXX2222"
    again = desk.make("vendor", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "AcctNum": "7"})
    assert again["TaxIdentifier"] == "XXXXX2222"
    assert desk.make("employee", {"GivenName": "Max", "SSN": "111-22-3333"})["SSN"] == "XXX-XX-XXXX"


def test_time_activities_need_somebody_and_a_length(desk):
    who = {"NameOf": "Vendor", "VendorRef": {"value": desk.vendor}}
    assert desk.refused("timeactivity", {"NameOf": "Employee", "Hours": 1}) == ["2020", "EmployeeRef"]
    assert desk.refused("timeactivity", who) == ["2020", "Hours"]
    assert desk.refused("timeactivity", {**who, "Hours": 1, "Minutes": 60}) == ["2040", "Minutes"]
    assert desk.refused("timeactivity", {**who, "Hours": 1, "BillableStatus": "Billable"}) == ["2020", "CustomerRef"]
    made = desk.make("timeactivity", {**who, "StartTime": "2026-01-05T08:00:00", "EndTime": "2026-01-05T09:00:00"})
    assert (made["VendorRef"]["name"], made["BillableStatus"], made["Taxable"]) == ("Bolt", "NotBillable", False)
    found = desk.query(f"select * from TimeActivity where VendorRef = '{desk.vendor}'")["TimeActivity"]
    assert [row["Id"] for row in found] == [made["Id"]]


def test_rates_of_exchange_have_dates(desk):
    desk.make("companycurrency", {"Code": "SEK"})
    for day, rate in (("2026-01-01", "0.5"), ("2026-02-01", "0.25"), ("2026-01-01", "0.75")):
        made = desk.make("exchangerate", {"SourceCurrencyCode": "SEK", "Rate": rate, "AsOfDate": day})
    keys = {"SourceCurrencyCode", "TargetCurrencyCode", "Rate", "AsOfDate", "domain", "sparse", "MetaData"}
    assert made.keys() == keys
    for day, rate in (("2026-01-15", "0.75"), ("2026-02-01", "0.25"), ("2025-12-31", "1")):
        got = desk.call("GET", "exchangerate", sourcecurrencycode="SEK", asofdate=day)["ExchangeRate"]
        assert (str(got["Rate"]), got["AsOfDate"]) == (rate, day)
    found = desk.query("select * from ExchangeRate where SourceCurrencyCode = 'SEK'")["ExchangeRate"]
    assert {str(row["Rate"]) for row in found} == {"0.25", "0.75"} and "Id" not in found[0]
    day = desk.query("select * from ExchangeRate where AsOfDate = '2026-01-20'")["ExchangeRate"]
    rates = {row["SourceCurrencyCode"]: str(row["Rate"]) for row in day}
    assert (rates["EUR"], rates["SEK"]) == ("1.08", "0.75")
    assert {row["AsOfDate"] for row in day} == {"2026-01-20"}
    assert desk.refused("exchangerate", {"SourceCurrencyCode": "XXX", "Rate": 1}) == ["2170", "SourceCurrencyCode"]


def test_recurring_templates_are_wrapped_and_post_nothing(desk):
    body = minimal(desk)["RecurringTransaction"]
    made = desk.make("recurringtransaction", body)
    inner = made["Invoice"]
    assert inner["TotalAmt"] == 10 and inner["RecurringInfo"]["Active"] is True and inner["RecurDataRef"]["value"]
    assert desk.call("GET", f"recurringtransaction/{inner['Id']}")["RecurringTransaction"] == made
    assert desk.query("select * from RecurringTransaction")["RecurringTransaction"][0] == made
    assert desk.company.value("select count(*) from posting where realm = ? and txn = ?", int(inner["Id"])) == 0
    assert desk.refused("recurringtransaction", {"Invoice": {**body["Invoice"], "RecurringInfo": None}}) == [
        "2020", "RecurringInfo"]
    bare = {"Invoice": {"RecurringInfo": {"Name": "x"}}}
    assert {"CustomerRef", "Line"} < set(desk.refused("recurringtransaction", bare))
    changed = desk.make("recurringtransaction", {"Invoice": {**inner, "Deposit": 5, "PrivateNote": "monthly"}})
    body = {"Invoice": {**changed["Invoice"], "PrivateNote": "quarterly"}}
    again = desk.make("recurringtransaction", body)["Invoice"]
    assert (again["SyncToken"], again["Deposit"], again["PrivateNote"]) == ("2", 5, "quarterly")
    gone = desk.make("recurringtransaction", {"Invoice": {"Id": inner["Id"], "SyncToken": "2"}}, operation="delete")
    assert gone["status"] == "Deleted"


def test_tax_service(desk):
    agency = desk.make("taxagency", {"DisplayName": "State office"})["Id"]
    wish = {"TaxCode": "State", "TaxRateDetails": [
        {"TaxRateName": "State A", "RateValue": "5", "TaxAgencyId": agency, "TaxApplicableOn": "Sales"},
        {"TaxRateName": "State B", "RateValue": "2.5", "TaxAgencyId": agency}]}
    made = desk.call("POST", "taxservice/taxcode", wish)
    assert made.keys() == {"TaxCode", "TaxCodeId", "TaxRateDetails"}
    assert [row["TaxRateId"].isdigit() for row in made["TaxRateDetails"]] == [True, True]
    code = desk.call("GET", f"taxcode/{made['TaxCodeId']}")["TaxCode"]
    assert [row["TaxRateRef"]["name"] for row in code["SalesTaxRateList"]["TaxRateDetail"]] == ["State A", "State B"]
    more = desk.call("POST", "taxservice/taxcode", {"TaxCode": "Both", "TaxRateDetails": [
        {"TaxRateId": made["TaxRateDetails"][0]["TaxRateId"]}]})
    assert more["TaxCodeId"] != made["TaxCodeId"]
    with pytest.raises(Fault) as caught:
        desk.call("POST", "taxservice/taxcode", {**wish, "TaxCode": "New"})
    assert caught.value.code == "6240" and "Another tax rate is already using this" in caught.value.errors[0]["Detail"]
    for bad, code_of in (({"TaxRateDetails": []}, "2020"), ({"TaxRateDetails": [{"TaxRateId": "999"}]}, "2500"),
                         ({"Nonsense": 1}, "2010"), ({"TaxRateDetails": [{"TaxRateName": "q"}]}, "2020")):
        with pytest.raises(Fault) as caught:
            desk.call("POST", "taxservice/taxcode", {**wish, **bad})
        assert caught.value.code == code_of


def test_numbers_as_text_and_references_to_nothing(desk):
    made = desk.make("item", {"Name": "Text", "Type": "Service", "UnitPrice": "2.50", "Taxable": "true",
                              "IncomeAccountRef": desk.account("Income"), "ParentRef": {"value": None}, "Sku": ""})
    assert (str(made["UnitPrice"]), made["Taxable"]) == ("2.5", True) and "ParentRef" not in made and "Sku" not in made
    assert desk.refused("item", {"Name": "Bad", "Type": "Service", "IncomeAccountRef": [1]})[0] == "2010"
    deep: Json = {}
    for _level in range(100):
        deep = {"a": deep}
    assert desk.refused("item", {"Name": "Deep", "Type": "Service", "ItemEx": deep})[0] == "2010"


def test_merged_rows_take_everything_with_them(desk):
    from simulator.names import merge

    keep, lose = (desk.make("customer", {"DisplayName": name})["Id"] for name in ("Keeper", "Loser"))
    item = desk.make("item", {"Name": "Twin", "Type": "Service", "IncomeAccountRef": desk.account("Income")})["Id"]
    line = {"Amount": 30, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": item}}}
    invoice = desk.make("invoice", {"CustomerRef": {"value": lose}, "Line": [line]})["Id"]
    desk.make("payment", {"CustomerRef": {"value": lose}, "TotalAmt": 10, "Line": [
        {"Amount": 10, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}]})
    merge(desk.company, SCHEMA["Customer"], lose, keep)
    merge(desk.company, SCHEMA["Item"], item, desk.service["Id"])
    now = desk.call("GET", f"invoice/{invoice}")["Invoice"]
    assert now["CustomerRef"] == {"value": keep, "name": "Keeper"} and now["Balance"] == 20
    assert now["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == desk.service["Id"]
    assert desk.call("GET", f"customer/{keep}")["Customer"]["Balance"] == 20
    desk.make("payment", {"CustomerRef": {"value": keep}, "TotalAmt": 20, "Line": [
        {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}]})
    assert desk.call("GET", f"customer/{keep}")["Customer"]["Balance"] == 0


def test_every_target_of_a_row_exists():
    for owner, fields in [*((entity.name, entity.fields) for entity in SCHEMA.values()), *TYPE_FIELDS.items()]:
        for rule in fields.values():
            known = {"ref": SCHEMA, "object": TYPE_FIELDS, "list": TYPE_FIELDS}.get(rule.kind)
            assert known is None or rule.target in known, (owner, rule.name)


@pytest.mark.parametrize("name", [name for name in SCHEMA if "update" in SCHEMA[name].operations])
def test_what_is_read_can_be_sent_back(desk, name):
    """Clients send whole objects back; nothing changes by that, so the SyncToken stays."""
    entity = SCHEMA[name]
    if entity.kind == "single":
        made = desk.call("GET", f"{entity.path}/1")[name]
    else:
        body = minimal(desk)[name]
        for key in {"DisplayName", "Name", "GivenName", "Code"} & body.keys():
            body[key] = f"Back {name}" if key != "Code" else "DKK"
        made = desk.make(entity.path, body)
    again = desk.make(entity.path, made)
    assert {**again, "MetaData": 0} == {**made, "MetaData": 0}


def test_preferences_have_types_too(desk):
    stub = {"Id": "1", "SyncToken": desk.call("GET", "preferences")["Preferences"]["SyncToken"], "sparse": True}
    changed = desk.make("preferences", {**stub, "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": "true"}})
    assert changed["AccountingInfoPrefs"]["ClassTrackingPerTxnLine"] is True
    assert changed["AccountingInfoPrefs"]["FirstMonthOfFiscalYear"] == "January"
    assert desk.refused("preferences", {**stub, "TaxPrefs": {"Nonsense": 1}})[0] == "2010"
    assert desk.refused("preferences", {**stub, "ReportPrefs": {"ReportBasis": "Guess"}}) == ["2170", "ReportBasis"]
    assert desk.refused("preferences", {**stub, "TaxPrefs": []})[0] == "2010"
