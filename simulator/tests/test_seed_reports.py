"""The demo company, the reports, speed."""

import time
from decimal import Decimal

import pytest
import requests


def open_sum(client):
    return (
        sum(row["Balance"] for row in client.rows("select * from Invoice maxresults 1000"))
        - sum(row["Balance"] for row in client.rows("select * from CreditMemo maxresults 1000"))
        - sum(row["UnappliedAmt"] for row in client.rows("select * from Payment maxresults 1000"))
    )


def receivables(client, **args):
    """The A/R control accounts in the trial balance."""
    keys = {row["Id"] for row in client.rows("select * from Account where AccountType = 'Accounts Receivable'")}
    rows = client.report("TrialBalance", **args)["Rows"].get("Row", [])
    cells = [row["ColData"] for row in rows if "ColData" in row and row["ColData"][0]["id"] in keys]
    return sum((Decimal(row[1]["value"] or 0) - Decimal(row[2]["value"] or 0) for row in cells), Decimal(0))


def test_the_demo_company_is_what_it_promises(demo):
    counts = demo.control("company")["companies"][0]["counts"]
    assert (counts["Customer"], counts["Item"], counts["Invoice"]) == (40, 25, 120)
    assert len(demo.rows("select * from Customer where Active = true maxresults 100")) == 40
    assert any(row["Job"] for row in demo.rows("select * from Customer"))
    payments, memos = demo.rows("select * from Payment"), demo.rows("select * from CreditMemo")
    assert any(len(row.get("Line", [])) > 1 and row["TotalAmt"] for row in payments), "a payment of several invoices"
    assert any(row["UnappliedAmt"] and row.get("Line") for row in payments), "an over-payment"
    assert any(not row["TotalAmt"] for row in payments), "an applied credit memo"
    assert {bool(row["Balance"]) for row in memos} == {True, False}
    invoices = demo.rows("select * from Invoice maxresults 1000")
    assert any(0 < row["Balance"] < row["TotalAmt"] for row in invoices), "a partly paid invoice"
    assert any(row["TxnTaxDetail"]["TotalTax"] for row in invoices)
    assert any(line["DetailType"] == "DiscountLineDetail" for row in invoices for line in row["Line"])
    now = demo.control("clock")["now"]
    assert (
        all(row["MetaData"]["LastUpdatedTime"] <= now for row in invoices)
        and min(row["TxnDate"] for row in invoices) < now
    )


def test_the_same_seed_gives_the_same_books(client):
    def texts():
        client.start(seed=7, size=40)
        return [
            (row["Id"], row["TotalAmt"], row["Balance"], row["CustomerRef"]["value"])
            for row in client.rows("select * from Invoice orderby Id")
        ]

    assert texts() == texts()


def test_all_three_reports_agree_with_the_documents(demo):
    wanted = open_sum(demo)
    assert demo.total("AgedReceivables") == demo.total("CustomerBalance") == receivables(demo) == wanted
    assert sum(row["Balance"] for row in demo.rows("select * from Customer maxresults 1000")) == wanted
    assert demo.total("TrialBalance", 1) == demo.total("TrialBalance", 2)
    for month in range(1, 12, 2):
        day = f"2026-{month:02d}-15"
        assert demo.total("AgedReceivables", report_date=day) == receivables(demo, end_date=day), day


def test_shape_of_the_ageing_report(demo):
    report = demo.report("AgedReceivables")
    assert report["Header"]["ReportName"] == "AgedReceivables" and report["Header"]["Currency"] == "USD"
    assert {"Name": "NoReportData", "Value": "false"} in report["Header"]["Option"]
    assert [column["ColTitle"] for column in report["Columns"]["Column"]] == [
        "",
        "Current",
        "1 - 30",
        "31 - 60",
        "61 - 90",
        "91 and over",
        "Total",
    ]
    rows = report["Rows"]["Row"]
    assert rows[-1]["group"] == "GrandTotal" and rows[-1]["type"] == "Section"
    assert all(isinstance(cell["value"], str) for row in rows if "ColData" in row for cell in row["ColData"])
    section = next(row for row in rows if "Header" in row)
    assert section["Summary"]["ColData"][0]["value"] == f"Total {section['Header']['ColData'][0]['value']}"
    leaves = sum(Decimal(row["ColData"][-1]["value"] or 0) for row in leaf_rows(rows))
    assert leaves == Decimal(rows[-1]["Summary"]["ColData"][-1]["value"])


def leaf_rows(rows):
    """Leaf rows, and headers that carry a parent's own amounts."""
    for row in rows:
        if "ColData" in row:
            yield row
        if "Rows" in row:
            yield row["Header"]
            yield from leaf_rows(row["Rows"]["Row"])


def test_ageing_buckets_and_history(empty):
    who = empty.customer()["Id"]
    for due in ("2026-11-20", "2026-11-01", "2026-10-01", "2026-09-01", "2026-01-01"):
        empty.invoice(who, 10, TxnDate="2025-12-01", DueDate=due)
    made = empty.invoice(who, 40, TxnDate="2026-02-01", DueDate="2026-02-01")
    empty.pay(who, 40, ("Invoice", made["Id"], 40), TxnDate="2026-03-01")
    row = empty.report("AgedReceivables", report_date="2026-11-15")["Rows"]["Row"][0]["ColData"]
    assert [cell["value"] for cell in row[1:]] == ["10.00", "10.00", "10.00", "10.00", "10.00", "50.00"]
    assert empty.total("AgedReceivables", report_date="2026-02-15") == 90
    assert empty.total("CustomerBalance", report_date="2026-02-15") == 90
    assert empty.report("AgedReceivables", report_date="2020-01-01")["Rows"] == {}
    assert empty.error("GET", "reports/AgedReceivables", report_date="soon")[0] == "2060"
    assert empty.error("GET", "reports/Nonsense")[0] == "500"


@pytest.mark.parametrize(
    "features",
    [{"tax": "none"}, {"tax": "automated"}, {"tax": "global"}, {"multicurrency": True}, {"custom_txn_numbers": True}],
)
def test_every_kind_of_company_ties_out(client, features):
    client.start(size=30, features=features)
    assert client.total("AgedReceivables") == open_sum(client) == receivables(client) > 0


def test_empty_company(empty):
    counts = empty.control("company")["companies"][0]["counts"]
    assert "Invoice" not in counts and "Customer" not in counts and counts["Item"] == 1 and counts["TaxCode"] == 5


def test_batch_of_thirty_and_a_full_page_are_quick(running, empty):
    who = empty.customer()["Id"]
    lines = [empty.line(10) for _count in range(3)]
    body = {
        "BatchItemRequest": [
            {"bId": str(number), "operation": "create", "Invoice": {"CustomerRef": {"value": who}, "Line": lines}}
            for number in range(30)
        ]
    }
    times = []
    for _round in range(3):
        started = time.perf_counter()
        answer = empty.ok("POST", "batch", body)
        times.append(time.perf_counter() - started)
    assert len(answer["BatchItemResponse"]) == 30 and min(times) < 0.15
    multiply(running.simulator.store, empty.realm, 100_000)
    for statement in (
        "select * from Invoice startposition 50001 maxresults 1000",
        "select * from Invoice where Balance > '0' orderby Id startposition 50001 maxresults 1000",
    ):
        times = []
        for _round in range(3):
            started = time.perf_counter()
            found = requests.get(
                f"{empty.url}/v3/company/{empty.realm}/query",
                headers=empty.http.headers,
                timeout=10,
                params={"query": statement},
            )
            times.append(time.perf_counter() - started)
        assert found.json()["QueryResponse"]["maxResults"] == 1000 and min(times) < 0.3, statement


def multiply(store, realm, count):
    """Copy one stored invoice many times: rows as the service would have them, without the work of posting."""
    with store.transaction():
        store.run(
            "with recursive n(i) as (select 1000 union all select i + 1 from n where i < ?) insert into object "
            "select realm, entity, n.i, token, active, name, fqn, doc, party, date, due, total, balance, created, "
            "updated + n.i, json_set(body, '$.Id', cast(n.i as text)) from object, n "
            "where realm = ? and entity = 'Invoice' and id = 1",
            999 + count,
            realm,
        )
