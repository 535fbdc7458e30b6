"""What reports are asked for: periods, filters, bad parameters, over the wire, and in time."""

import time

import pytest
from report_books import Books, number, texts, walk

from simulator import reports, reports_detail
from simulator.errors import Fault
from simulator.reports_ask import DATA, macro_period, parse_date, title_of


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("today", "2026-11-15", "2026-11-15"),
        ("yesterday", "2026-11-14", "2026-11-14"),
        ("this week", "2026-11-15", "2026-11-21"),
        ("last week", "2026-11-08", "2026-11-14"),
        ("this week-to-date", "2026-11-15", "2026-11-15"),
        ("next 4 weeks", "2026-11-22", "2026-12-19"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("last month-to-date", "2026-10-01", "2026-10-15"),
        ("next month", "2026-12-01", "2026-12-31"),
        ("this calendar quarter", "2026-10-01", "2026-12-31"),
        ("this fiscal quarter", "2026-10-01", "2026-12-31"),
        ("last fiscal year", "2025-04-01", "2026-03-31"),
        ("this fiscal year-to-date", "2026-04-01", "2026-11-15"),
        ("next calendar year", "2027-01-01", "2027-12-31"),
        ("last calendar year-to-date", "2025-01-01", "2025-11-15"),
        ("this year", "2026-01-01", "2026-12-31"),
    ],
)
def test_named_periods(words, start, end):
    assert macro_period(words, parse_date("2026-11-15"), 4) == (start, end)


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [
        ("2013-07-04", "2013-12-31", "Jul 4 - Dec 31, 2013"),
        ("2014-01-01", "2014-12-31", "Jan - Dec 2014"),
        ("2022-06-01", "2022-06-30", "Jun 2022"),
        ("2021-07-20", "2021-07-20", "Jul 20, 2021"),
        ("2020-09-01", "2020-09-29", "Sep 1-29, 2020"),
        ("2020-12-27", "2021-01-02", "Dec 27, 2020 - Jan 2, 2021"),
    ],
)
def test_headings_of_periods(start, end, title):
    assert title_of(parse_date(start), parse_date(end)) == title


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"report_date": "soon"}, "2060"),
        ({"start_date": "2026-13-01"}, "2060"),
        ({"date_macro": "whenever"}, "2170"),
        ({"accounting_method": "Both"}, "2170"),
        ({"summarize_column_by": "Moon"}, "2170"),
        ({"sort_order": "x"}, "2170"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "2060"),
    ],
)
def test_a_bad_parameter_is_refused(bare, args, code):
    for name in reports.REPORTS:
        with pytest.raises(Fault) as caught:
            bare.report(name, **args)
        assert caught.value.code == code


def test_every_report_answers_whatever_is_asked(bare, mixed):
    odd = [
        {},
        {"date_macro": "All"},
        {"customer": "abc,,9999999999999999999"},
        {"columns": ",,x"},
        {"columns": ",".join(DATA["columns"])},
        {"class": "1"},
        {"accounting_method": "Cash"},
        {"summarize_column_by": "Year", "date_macro": "all"},
        {"sort_by": "tx_date"},
        {"end_date": "9999-12-31"},
        {"start_date": "0001-01-01", "summarize_column_by": "Year"},
        {"summarize_column_by": "Vendors"},
        {"account_type": "Nothing"},
        {"account": "77777"},
        {"item": "1"},
        {"report_date": "0001-01-01"},
        {"summarize_column_by": "Week", "end_date": "9999-12-31"},
        {"num_periods": "0"},
        {"aging_period": "x"},
        {"aging_method": "Current"},
        {"appaid": "All"},
    ]
    for books in (bare, mixed):
        for name in reports.REPORTS:
            for args in odd:
                try:
                    report = books.report(name, **args)
                except Fault:
                    continue
                width = sum(len(column.get("Columns", {}).get("Column", [1])) for column in report["Columns"]["Column"])
                for row in walk(report["Rows"].get("Row", [])):
                    for data in (row.get("Header"), row.get("Summary"), row if "ColData" in row else None):
                        assert data is None or (
                            len(data["ColData"]) == width
                            and all(isinstance(cell["value"], str) for cell in data["ColData"])
                        ), (name, args, data)
    nothing = {name for name in reports.REPORTS if bare.report(name)["Rows"] == {}}
    assert nothing >= {"AgedReceivables", "CustomerBalance", "TrialBalance", "GeneralLedger", "AgedPayableDetail"}
    assert all(bare.report(name)["Header"]["Option"][-1]["Value"] == "true" for name in nothing)


def test_filters_of_documents_items_and_types():
    books = Books(empty=True, features={"departments": True})
    ada, bob = (books.add("Customer", DisplayName=name)["Id"] for name in ("Ada", "Bob"))
    bolt, yard = books.add("Vendor", DisplayName="Bolt")["Id"], books.add("Department", Name="Yard")["Id"]
    other = books.add("Item", Name="Other", Type="Service", IncomeAccountRef=books.account("Income"))["Id"]
    books.sale("Invoice", ada, 10, "2026-11-01", SalesTermRef={"value": "2"})
    books.sale("Invoice", bob, 20, "2026-11-01", SalesTermRef={"value": "3"}, DepartmentRef={"value": yard})
    paid = {"AccountRef": books.account("Bank"), "EntityRef": {"value": bolt, "type": "Vendor"}}
    for kind, amount in (("Check", 5), ("Cash", 7)):
        books.cost("Purchase", None, amount, "2026-11-02", PaymentType=kind, **paid)
    assert [books.total("AgedReceivables", term=term) for term in ("2", "2,3", "4")] == [10, 30, 0]
    assert books.total("AgedReceivableDetail", department=yard) == books.total("CustomerBalanceDetail", term="3") == 20
    assert [books.total("ItemSales", 2, customer=key, date_macro="all") for key in (ada, bob, f"{ada},{bob}")] == [
        10, 20, 30]
    assert [books.total("ItemSales", 2, item=key, date_macro="all") for key in ("1", other)] == [30, 0]
    for wish, sums in (("Check", {-5}), ("cashpurchase", {-7}), ("Invoice,Check", {10, 20, -5}), ("Estimate", set())):
        assert {number(row["ColData"][-1]) for row in walk(books.report(
            "TransactionList", transaction_type=wish)["Rows"].get("Row", []))} == sums


def test_over_the_wire_and_too_many_rows(running):
    from conftest import Client

    client = Client(running.url).start(size=20)
    for name in DATA["reports"]:
        assert client.report(name, date_macro="This Fiscal Year")["Header"]["ReportName"] == name
    assert client.error("GET", "reports/ProfitAndLos")[0] == "500"


def test_many_invoices_take_no_longer_than_a_breath(monkeypatch):
    monkeypatch.setattr(reports_detail, "CELLS", 100_000)
    books = Books(empty=True)
    ada = books.add("Customer", DisplayName="Ada")["Id"]
    key = int(books.sale("Invoice", ada, 10, "2026-01-01")["Id"])
    store, count = books.simulator.store, 12_000
    with store.transaction():
        numbers = f"with recursive n(i) as (select 1000 union all select i + 1 from n where i < {999 + count}) "
        store.run(
            numbers + "insert into posting select realm, n.i, entity, account, party, date(date, '+' || (n.i % 300) "
            "|| ' days'), home, cur, memo, klass, dept, item from posting, n where txn = ?",
            key,
        )
        store.run(
            numbers + "insert into object select realm, entity, n.i, token, active, name, fqn, doc, party, "
            "date(date, '+' || (n.i % 300) || ' days'), due, total, balance, created, updated, body from object, n "
            "where entity = 'Invoice' and id = ?",
            key,
        )
    for name, args in [
        (name, {}) for name in ("AgedReceivables", "CustomerBalance", "TrialBalance", "BalanceSheet")
    ] + [
        ("ProfitAndLoss", {"summarize_column_by": "Month"}),
        ("CustomerIncome", {}),
        ("AgedReceivableDetail", {}),
        ("ItemSales", {}),
        ("GeneralLedger", {"date_macro": "all"}),
    ]:
        started = time.process_time()
        report = books.report(name, **args)
        assert time.process_time() - started < 1.5, name
    assert books.total("AgedReceivables") == 10 * (count + 1)
    assert texts(report["Rows"]["Row"][-1])[0] == "Unable to display more data. Please reduce the date range."
