"""The sample company: known ids and names, enough of everything, books that tie out, the same each time."""

import sqlite3
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator.__main__ import main
from simulator.app import Simulator
from simulator.control import new_company
from simulator.errors import GatewayFault
from simulator.money import dec, loads
from simulator.seed import Seeder
from simulator.store import Store


def company(**wish):
    simulator = Simulator()
    made = new_company(simulator, {"company": "sandbox", **wish})
    return simulator.companies[made["realmId"]]


def objects(books, entity):
    rows = books.rows("select body from object where realm = ? and entity = ? order by id", entity)
    return [loads(row[0]) for row in rows]


@pytest.fixture(scope="module")
def books():
    return company()


KNOWN = {
    "Customer": {
        1: "Amy's Bird Sanctuary",
        7: "Freeman Sporting Goods",
        8: "0969 Ocean View Road",
        24: "Sonnenschein Family Store",
        29: "Weiskopf Consulting",
    },
    "Vendor": {30: "Books by Bessie", 41: "Hicks Hardware", 56: "Bob's Burger Joint", 57: "Squeaky Kleen Car Wash"},
    "Employee": {54: "John Johnson", 55: "Emily Platt"},
    "Item": {1: "Services", 4: "Design", 5: "Rock Fountain", 11: "Pump"},
    "Account": {
        4: "Undeposited Funds",
        33: "Accounts Payable (A/P)",
        35: "Checking",
        41: "Mastercard",
        66: "Plants and Soil",
        79: "Sales of Product Income",
        80: "Cost of Goods Sold",
        81: "Inventory Asset",
        84: "Accounts Receivable (A/R)",
        86: "Discounts given",
    },
    "TaxCode": {2: "California", 3: "Tucson"},
    "Term": {1: "Due on receipt", 3: "Net 30", 5: "Net 10"},
    "PaymentMethod": {1: "Cash", 2: "Check", 3: "Visa", 4: "MasterCard", 5: "Discover", 6: "American Express"},
}


@pytest.mark.parametrize("entity", KNOWN)
def test_known_ids_have_their_names(books, entity):
    found = {int(row["Id"]): row for row in objects(books, entity) if row["Id"].isdigit()}
    assert {key: found[key].get("DisplayName") or found[key]["Name"] for key in KNOWN[entity]} == KNOWN[entity]


COMMON = (
    "Invoice Estimate SalesReceipt RefundReceipt CreditMemo Payment Bill BillPayment VendorCredit Purchase "
    "PurchaseOrder JournalEntry Deposit Transfer TimeActivity"
)


def test_there_is_enough_of_everything(books):
    counts = dict(books.rows("select entity, count(*) from object where realm = ? group by entity"))
    assert {name: counts.get(name, 0) for name in COMMON.split() if counts.get(name, 0) < 12} == {}
    assert (counts["Customer"], counts["Vendor"], counts["Employee"], counts["Item"]) == (29, 26, 2, 20)
    assert counts["Account"] > 85 and {"Attachable", "Budget", "Class", "Department"} <= set(counts)
    assert {row["PaymentType"] for row in objects(books, "Purchase")} == {"Cash", "Check", "CreditCard"}
    assert {row["PayType"] for row in objects(books, "BillPayment")} == {"Check", "CreditCard"}
    assert Counter(bool(row["Balance"]) for row in objects(books, "Invoice"))[True] > 10
    stock = {row["Name"]: row["QtyOnHand"] for row in objects(books, "Item") if row["Type"] == "Inventory"}
    assert stock == {"Rock Fountain": 2, "Pump": 25, "Sprinkler Heads": 25, "Sprinkler Pipes": 31}


def test_the_balances_are_those_of_the_sample_company(books):
    customers = {row["DisplayName"]: row for row in objects(books, "Customer")}
    vendors = {row["DisplayName"]: row for row in objects(books, "Vendor")}
    accounts = {row["Id"]: row["CurrentBalance"] for row in objects(books, "Account")}
    assert customers["Amy's Bird Sanctuary"]["Balance"] == 239
    assert customers["Freeman Sporting Goods"]["Balance"] == 0
    assert customers["Freeman Sporting Goods"]["BalanceWithJobs"] == Decimal("562.50")
    assert customers["Geeta Kalapatapu"]["Balance"] == Decimal("629.10")
    assert sum(row["Balance"] for row in customers.values()) == accounts["84"] == Decimal("5281.52")
    assert sum(row["Balance"] for row in vendors.values()) == accounts["33"] == Decimal("1602.67")
    assert vendors["Brosnahan Insurance Agency"]["Balance"] == Decimal("241.23")
    assert accounts["81"] == Decimal("596.25")


def test_the_books_balance(books):
    assert books.value("select sum(home) from posting where realm = ?") == 0
    unbalanced = books.rows("select txn from posting where realm = ? group by txn having sum(home) <> 0")
    assert unbalanced == []
    open_sum = sum(dec(row["Balance"]) for row in objects(books, "Invoice"))
    assert open_sum == Decimal("5281.52"), "credit memos and payments are applied in full"
    assert sum(dec(row["Balance"]) for row in objects(books, "Bill")) == Decimal("1602.67")


def test_links_go_both_ways(books):
    def link(entity, key):
        return [(row["TxnType"], row["TxnId"]) for row in books.get(entity, key)["LinkedTxn"]]

    assert ("Estimate", "41") in link("Invoice", 103) and ("Invoice", "103") in link("Estimate", 41)
    assert link("Payment", 101) == [("Deposit", "121")]
    assert ("BillPaymentCheck", "104") in link("Bill", 20)
    assert books.get("Estimate", 41)["TxnStatus"] == "Closed"


@pytest.mark.parametrize("entity", ["Payment", "Account", "Estimate", "CreditMemo", "Customer", "Bill"])
def test_some_are_new_and_some_are_old(books, entity):
    def since(days):
        return (date.today() - timedelta(days=days)).isoformat()

    times = [row["MetaData"]["LastUpdatedTime"] for row in objects(books, entity)]
    assert sum(time > since(29) for time in times) >= 3
    assert any(time < since(40) for time in times)
    assert max(times)[:10] <= since(-1)


def test_sales_forms_have_the_custom_field_and_addresses(books):
    invoice = books.get("Invoice", 130)
    assert invoice["CustomField"] == [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}]
    assert invoice["DocNumber"] == "1037" and invoice["BillAddr"]["Lat"] == "37.4238562"
    assert invoice["TotalAmt"] == Decimal("362.07") and invoice["TxnTaxDetail"]["TotalTax"] == Decimal("26.82")


def test_it_is_the_same_each_time():
    def texts(books):
        strip = [{**row, "MetaData": 0} for entity in COMMON.split() for row in objects(books, entity)]
        return strip, books.rows("select * from posting where realm = ? order by txn, account, home")

    assert texts(company()) == texts(company())


def test_without_documents_only_its_lists_are_there():
    counts = dict(company(empty=True).rows("select entity, count(*) from object where realm = ? group by entity"))
    assert counts["Account"] > 85 and counts["Item"] == 1 and not {"Customer", "Invoice", "Bill"} & set(counts)


def test_an_unknown_company_is_refused(books):
    with pytest.raises(ValueError, match="demo, sandbox, empty"):
        Seeder(books, {"company": "other"})


def test_the_command_line_knows_the_companies(monkeypatch, capsys):
    monkeypatch.setattr("simulator.server.threading.Thread.join", lambda self: None)
    for given, name in (("sandbox", "Craig's Design and Landscaping Services"), ("Hill & Sons", "Hill & Sons")):
        assert main(["--port", "0", "--company", given, "--size", "3"]) == 0
        assert name in capsys.readouterr().out


def test_the_command_line_takes_realm_app_and_tokens(monkeypatch, tmp_path):
    monkeypatch.setattr("simulator.server.threading.Thread.join", lambda self: None)
    file = str(tmp_path / "books.db")
    main(["--port", "0", "--company", "empty", "--realm", "123145", "--client", "app:secret:1", "--db", file,
          "--refresh-token", "RT1", "--access-token", "AT1"])
    simulator = Simulator(file)
    assert list(simulator.companies) == ["123145"] and simulator.oauth.clients == {"app": "secret:1"}
    simulator.oauth.authorize("Bearer AT1", "123145")
    fresh = simulator.oauth.token("app", {"grant_type": "refresh_token", "refresh_token": "RT1"})
    simulator.oauth.authorize(f"Bearer {fresh['access_token']}", "123145")
    with pytest.raises(GatewayFault):
        simulator.oauth.authorize("Bearer AT2", "123145")


def test_the_sums_of_accounts_are_those_of_their_postings(books):
    summed = books.rows("select account, home from account_sum where realm = ? and home <> 0 order by account")
    added = books.rows("select account, sum(home) from posting where realm = ? group by account having sum(home) <> 0")
    assert summed == added != []


def test_a_file_of_another_version_is_refused_and_kept(tmp_path, capsys):
    file = tmp_path / "books.db"
    Store(str(file)).close()
    Store(str(file)).close()
    with sqlite3.connect(file) as db:
        db.execute("pragma user_version = 1")
    before = file.read_bytes()
    assert main(["--port", "0", "--db", str(file)]) == 1
    assert "another version" in capsys.readouterr().err and file.read_bytes() == before
