"""Every report: shapes as recorded, and figures that agree with one another."""

from decimal import Decimal

import pytest
from report_books import Books, group, keys, leaves, number, texts, walk

from simulator import reports_detail

AR, AP = "AccountsReceivable", "AccountsPayable"
DAYS = ["2025-12-31", "2026-03-31", "2026-05-20", "2026-08-15", "2026-11-15"]


def test_the_recorded_report_without_data(bare):
    report = bare.report(
        "ProfitAndLoss",
        customer=bare.ada,
        start_date="2015-01-01",
        end_date="2015-07-31",
        summarize_column_by="Customers",
    )
    assert {**report["Header"], "Time": ""} == {
        "Time": "",
        "ReportName": "ProfitAndLoss",
        "ReportBasis": "Accrual",
        "StartPeriod": "2015-01-01",
        "EndPeriod": "2015-07-31",
        "SummarizeColumnsBy": "Customers",
        "Currency": "USD",
        "Customer": bare.ada,
        "Option": [{"Name": "AccountingStandard", "Value": "GAAP"}, {"Name": "NoReportData", "Value": "true"}],
    }
    assert list(report["Header"]) == [
        "Time",
        "ReportName",
        "ReportBasis",
        "StartPeriod",
        "EndPeriod",
        "SummarizeColumnsBy",
        "Currency",
        "Customer",
        "Option",
    ]
    assert report["Columns"]["Column"] == [
        {"ColTitle": "", "ColType": "Account", "MetaData": [{"Name": "ColKey", "Value": "account"}]},
        {"ColTitle": "TOTAL", "ColType": "Money", "MetaData": [{"Name": "ColKey", "Value": "total"}]},
    ]
    blank = {"value": ""}
    assert report["Rows"]["Row"] == [
        {
            "Header": {"ColData": [{"value": "Income"}, blank]},
            "Summary": {"ColData": [{"value": "Total Income"}, blank]},
            "type": "Section",
            "group": "Income",
        },
        {"Summary": {"ColData": [{"value": "Gross Profit"}, blank]}, "type": "Section", "group": "GrossProfit"},
        {
            "Header": {"ColData": [{"value": "Expenses"}, blank]},
            "Summary": {"ColData": [{"value": "Total Expenses"}, blank]},
            "type": "Section",
            "group": "Expenses",
        },
        {
            "Summary": {"ColData": [{"value": "Net Operating Income"}, blank]},
            "type": "Section",
            "group": "NetOperatingIncome",
        },
        {"Summary": {"ColData": [{"value": "Net Income"}, blank]}, "type": "Section", "group": "NetIncome"},
    ]


def test_days_without_data_have_zeros_where_the_service_has_them(bare):
    report = bare.report("ProfitAndLoss", start_date="2021-07-20", end_date="2021-07-21", summarize_column_by="Days")
    assert [column["ColTitle"] for column in report["Columns"]["Column"]] == [
        "",
        "Jul 20, 2021",
        "Jul 21, 2021",
        "Total",
    ]
    assert report["Columns"]["Column"][1]["MetaData"] == [
        {"Name": "StartDate", "Value": "2021-07-20"},
        {"Name": "EndDate", "Value": "2021-07-20"},
        {"Name": "ColKey", "Value": "Jul 20, 2021"},
    ]
    assert [texts(row["Summary"])[1:] for row in report["Rows"]["Row"]] == [
        ["", "", "0.00"],
        ["0.00"] * 3,
        ["", "", "0.00"],
        ["0.00"] * 3,
        ["0.00"] * 3,
    ]


def test_the_recorded_general_ledger_in_both_dialects():
    books = Books(empty=True)
    amy = books.add("Customer", DisplayName="Amy's Bird Sanctuary")["Id"]
    books.sale("Invoice", amy, "5004.02", "2020-08-29")
    made = [books.sale("Invoice", amy, 100, "2020-09-29", DocNumber=number) for number in ("1041", "1042")]
    period = {"start_date": "2020-09-01", "end_date": "2020-09-29"}
    report = books.report("GeneralLedger", **period)
    assert keys(report) == [
        "tx_date",
        "txn_type",
        "doc_num",
        "name",
        "memo",
        "split_acc",
        "subt_nat_amount",
        "rbal_nat_amount",
    ]
    assert [column["ColType"] for column in report["Columns"]["Column"]] == ["Date", *["String"] * 5, *["Money"] * 2]
    receivable, income = report["Rows"]["Row"]
    assert texts(receivable["Header"]) == ["Accounts Receivable (A/R)", *[""] * 7]
    assert [texts(row) for row in receivable["Rows"]["Row"]] == [
        ["Beginning Balance", "", "", "", "", "", "", "5004.02"],
        ["2020-09-29", "Invoice", "1041", "Amy's Bird Sanctuary", "", "Services", "100.00", "5104.02"],
        ["2020-09-29", "Invoice", "1042", "Amy's Bird Sanctuary", "", "Services", "100.00", "5204.02"],
    ]
    assert {row["type"] for row in receivable["Rows"]["Row"]} == {"Data"} and receivable["type"] == "Section"
    assert receivable["Rows"]["Row"][1]["ColData"][1] == {"value": "Invoice", "id": made[0]["Id"]}
    assert receivable["Rows"]["Row"][1]["ColData"][3]["id"] == amy
    assert texts(receivable["Summary"]) == ["Total for Accounts Receivable (A/R)", *[""] * 5, "200.00", ""]
    assert texts(income["Rows"]["Row"][2]) == [
        "2020-09-29",
        "Invoice",
        "1042",
        "Amy's Bird Sanctuary",
        "",
        "Accounts Receivable (A/R)",
        "100.00",
        "5204.02",
    ]
    books.simulator.switches["report_dialect"] = "keys"
    old = books.report("GeneralLedger", **period)
    assert old["Columns"]["Column"][6] == {"ColTitle": "Amount", "ColType": "subt_nat_amount"}
    assert old["Rows"] == report["Rows"]
    assert books.report("GeneralLedger")["Header"]["DateMacro"] == "this month-to-date"


@pytest.mark.parametrize("day", DAYS)
def test_the_statements_agree(mixed, day):
    start = {"start_date": "2020-01-01"}
    balance = mixed.report("BalanceSheet", end_date=day)
    assert group(balance, "TotalAssets") == group(balance, "TotalLiabilitiesAndEquity")
    trial = mixed.report("TrialBalance", end_date=day)
    sums = {
        row["ColData"][0]["id"]: number(row["ColData"][1]) - number(row["ColData"][2])
        for row in trial["Rows"]["Row"][:-1]
    }
    assert mixed.total("TrialBalance", 1, end_date=day) == mixed.total("TrialBalance", 2, end_date=day) > 0
    year = ("2026" if day >= "2026-04" else "2025") + "-04-01"
    profit = group(mixed.report("ProfitAndLoss", start_date=year, end_date=day), "NetIncome")
    assert profit == group(balance, "NetIncome") != 0
    detail = mixed.report("ProfitAndLossDetail", start_date=year, end_date=day)["Rows"]["Row"][-1]
    assert texts(detail["Summary"])[0] == "Net Income" and number(detail["Summary"]["ColData"][6]) == profit
    ledger = mixed.report("GeneralLedger", end_date=day, start_date=year)
    last = {}
    for row in walk(ledger["Rows"]["Row"]):
        data = [each for each in row.get("Rows", {}).get("Row", []) if "ColData" in each]
        if data and number(data[-1]["ColData"][-1]):
            last[row["Header"]["ColData"][0]["id"]] = abs(number(data[-1]["ColData"][-1]))
    assert last == {key: abs(value) for key, value in sums.items()}
    journal = mixed.report("JournalReport", end_date=day, **start)
    assert leaves(journal, -1) == leaves(journal, -2)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("control", "names"),
    [
        (AR, ("AgedReceivables", "AgedReceivableDetail", "CustomerBalance", "CustomerBalanceDetail")),
        (AP, ("AgedPayables", "AgedPayableDetail", "VendorBalance", "VendorBalanceDetail")),
    ],
)
def test_what_is_owed_is_the_control_account(mixed, day, control, names):
    group_name, sign = ("AR", 1) if control == AR else ("AP", -1)
    balance = mixed.report("BalanceSheet", end_date=day)
    wanted = (
        group(balance, group_name) if any(row.get("group") == group_name for row in walk(balance["Rows"]["Row"])) else 0
    )
    for name in names[:3]:
        assert mixed.total(name, report_date=day) == wanted, name
    assert leaves(mixed.report(names[3], report_date=day)) == wanted
    assert sum(item.amount for item in reports_detail.open_items(mixed.company, day, control)) == wanted * 100
    if control == AP and day == DAYS[-1]:
        assert wanted == 500 + Decimal("333.33") - 20 and sign == -1


def test_payables_mirror_receivables(mixed):
    report = mixed.report("AgedPayableDetail", report_date="2026-10-10")
    assert keys(report) == [
        "tx_date",
        "txn_type",
        "doc_num",
        "vend_name",
        "due_date",
        "past_due",
        "subt_neg_amount",
        "subt_neg_open_bal",
    ]
    sections = report["Rows"]["Row"]
    assert [texts(row.get("Header", row["Summary"]))[0] for row in sections] == [
        "91 or more days past due",
        "1 - 30 days past due",
        "Current",
        "TOTAL",
    ]
    assert texts(sections[0]["Rows"]["Row"][0]) == [
        "2026-02-10",
        "Bill",
        "B-1",
        "Tiles Ltd",
        "2026-03-12",
        "212",
        "900.00",
        "500.00",
    ]
    assert texts(sections[2]["Rows"]["Row"][0])[1:2] == ["Vendor Credit"]
    assert texts(sections[2]["Rows"]["Row"][0])[-2:] == ["-20.00", "-20.00"]
    assert texts(sections[0]["Summary"]) == ["Total for 91 or more days past due", *[""] * 5, "900.00", "500.00"]
    rows = mixed.report("AgedPayables", report_date="2026-10-10")["Rows"]["Row"]
    assert texts(rows[0]) == ["Tiles Ltd", "", "", "", "", "500.00", "500.00"] and rows[0]["ColData"][0]["id"]
    assert texts(rows[-1]["Summary"]) == ["TOTAL", "-20.00", "333.33", "0.00", "0.00", "500.00", "813.33"]
    only = mixed.report("AgedPayables", vendor=mixed.vendors[1])
    assert len(only["Rows"]["Row"]) == 2 and only["Header"]["Vendor"] == mixed.vendors[1]


def test_columns_by_period_and_by_list_add_up(mixed):
    period = {"start_date": "2026-01-15", "end_date": "2026-11-15"}
    plain = mixed.report("ProfitAndLoss", **period)
    for by in ("Month", "Quarter", "Year", "Week", "Customers", "FiscalQuarter", "Classes"):
        wide = mixed.report("ProfitAndLoss", summarize_column_by=by, **period)
        assert group(wide, "NetIncome") == group(plain, "NetIncome"), by
        row = next(row for row in wide["Rows"]["Row"] if row["group"] == "NetIncome")["Summary"]["ColData"]
        assert sum(map(number, row[1:-1])) == number(row[-1]) and len(row) == len(wide["Columns"]["Column"])
    wide = mixed.report("BalanceSheet", summarize_column_by="Month", start_date="2026-09-01", end_date="2026-11-15")
    assert [column["ColTitle"] for column in wide["Columns"]["Column"]] == [
        "",
        "Sep 2026",
        "Oct 2026",
        "Nov 1-15, 2026",
    ]
    for place, day in ((1, "2026-09-30"), (2, "2026-10-31"), (3, "2026-11-15")):
        assert group(wide, "TotalAssets", place) == group(mixed.report("BalanceSheet", end_date=day), "TotalAssets")
    assert mixed.total("CustomerSales", **period) == group(plain, "Income")
    assert mixed.total("CustomerIncome", 3, **period) == group(plain, "NetIncome")
    assert mixed.total("VendorExpenses", **period) == group(plain, "Expenses") + group(plain, "COGS")
    assert mixed.total("ClassSales", **period) == mixed.total("DepartmentSales", **period) == group(plain, "Income")


def test_items(mixed):
    period = {"start_date": "2026-01-15", "end_date": "2026-11-15"}
    report = mixed.report("ItemSales", **period)
    assert [column["ColTitle"] for column in report["Columns"]["Column"][1]["Columns"]["Column"]] == [
        "Quantity",
        "Amount",
        "% of Sales",
        "Avg Price",
        "COGS",
        "Gross Margin",
        "Gross Margin %",
    ]
    row = next(row for row in report["Rows"]["Row"] if "ColData" in row)
    assert number(row["ColData"][1]) * number(row["ColData"][4]) == pytest.approx(number(row["ColData"][2]), abs=1)
    assert mixed.total("ItemSales", 2, **period) > 0
    assert mixed.report("InventoryValuationSummary")["Header"]["Option"][0]["Name"] == "report_date"


def test_cash_flow_ends_with_the_bank(mixed):
    report = mixed.report("CashFlow", start_date="2026-03-01", end_date="2026-10-31")
    bank = group(mixed.report("BalanceSheet", end_date="2026-10-31"), "BankAccounts")
    assert group(report, "EndingCash") == bank
    assert group(report, "BeginningCash") + group(report, "CashIncrease") == bank
    parts = sum(
        group(report, name)
        for name in ("OperatingActivities", "InvestingActivities", "FinancingActivities")
        if any(row.get("group") == name for row in report["Rows"]["Row"])
    )
    assert parts == group(report, "CashIncrease")


def test_what_is_dated_ahead_is_in_all_but_not_in_today():
    books = Books(empty=True)
    ada = books.add("Customer", DisplayName="Ada")["Id"]
    books.sale("Invoice", ada, 10, "2026-01-10")
    books.sale("Invoice", ada, 5, "2027-01-10")
    assert [books.total(name) for name in ("AgedReceivables", "CustomerBalance", "CustomerBalanceDetail")] == [
        10,
        15,
        15,
    ]


def test_a_child_of_a_silent_parent_has_a_section():
    books = Books(empty=True)
    top = books.add("Customer", DisplayName="Top")["Id"]
    job = books.add("Customer", DisplayName="Job", ParentRef={"value": top}, Job=True)["Id"]
    books.sale("Invoice", job, 10, "2026-01-10")
    section, last = books.report("CustomerBalance")["Rows"]["Row"]
    assert texts(section["Header"]) == ["Top", ""] and texts(section["Summary"]) == ["Total Top", "10.00"]
    assert section["Rows"]["Row"] == [{"ColData": [{"value": "Job", "id": job}, {"value": "10.00"}], "type": "Data"}]
    assert texts(last["Summary"]) == ["TOTAL", "10.00"]
    books.sale("Invoice", top, 1, "2026-01-10")
    assert texts(books.report("CustomerBalance")["Rows"]["Row"][0]["Header"]) == ["Top", "1.00"]


def test_taxes_are_what_is_payable():
    books = Books(size=40)
    period = {"start_date": "2020-01-01", "end_date": "2026-11-15"}
    payable = next(
        row for row in books.report("TrialBalance", **period)["Rows"]["Row"] if texts(row)[0] == "Sales Tax Payable"
    )
    assert books.total("TaxSummary", **period) == number(payable["ColData"][2]) > 0
    assert len(books.report("TaxSummary")["Columns"]["Column"]) == 2


def test_words_of_a_memo_are_no_label():
    books = Books(empty=True)
    ada = books.add("Customer", DisplayName="Ada")["Id"]
    books.sale("SalesReceipt", ada, "0.50", "2026-11-10", DocNumber="SalesReceipt")
    row = books.report("TransactionList")["Rows"]["Row"][0]
    assert texts(row)[1:3] == ["Sales Receipt", "SalesReceipt"] and texts(row)[-1] == ".50"


def test_cash_basis():
    books = Books(empty=True)
    ada = books.add("Customer", DisplayName="Ada")["Id"]
    invoice = books.sale("Invoice", ada, 100, "2026-01-10")
    books.sale("SalesReceipt", ada, 7, "2026-01-11")
    books.pay("Payment", ada, "33.33", "2026-03-01", ("Invoice", invoice, "33.33"))
    books.pay("Payment", ada, 50, "2026-05-01", ("Invoice", invoice, 50))
    for end, wanted in (("2026-02-28", 7), ("2026-03-31", "40.33"), ("2026-12-31", "90.33")):
        report = books.report("ProfitAndLoss", accounting_method="Cash", start_date="2026-01-01", end_date=end)
        assert group(report, "NetIncome") == Decimal(wanted) and report["Header"]["ReportBasis"] == "Cash"
        sides = [books.total("TrialBalance", place, end_date=end, accounting_method="Cash") for place in (1, 2)]
        assert sides[0] == sides[1] == Decimal(wanted)
    assert group(books.report("ProfitAndLoss"), "NetIncome") == 107
    assert books.total("CustomerBalance") == Decimal("16.67")


def test_filters_columns_and_order(mixed):
    someone = mixed.report("CustomerBalance", sort_order="descend")["Rows"]["Row"]
    totals = [number(row.get("Summary", row)["ColData"][-1]) for row in someone[:-1]]
    assert totals == sorted(totals, reverse=True) and len(totals) > 5
    who = next(row["ColData"][0]["id"] for row in someone if "ColData" in row)
    period = {"start_date": "2020-01-01", "end_date": "2026-11-15"}
    ledger = mixed.report("GeneralLedger", customer=who, columns="txn_type,name,subt_nat_amount,nonsense", **period)
    assert keys(ledger) == ["txn_type", "name", "subt_nat_amount"]
    assert {row["ColData"][1]["id"] for row in walk(ledger["Rows"]["Row"]) if "ColData" in row} == {who}
    account = mixed.account("Accounts Receivable")["value"]
    for args in ({"account": account}, {"account_type": "AccountsReceivable"}):
        rows = mixed.report("GeneralLedger", **args, **period)["Rows"]["Row"]
        assert [row["Header"]["ColData"][0]["id"] for row in rows] == [account]
    listed = mixed.report("TransactionList", sort_order="descend", **period)["Rows"]["Row"]
    days = [texts(row)[0] for row in listed]
    assert days == sorted(days, reverse=True) and len({row["ColData"][1]["id"] for row in listed}) == len(listed)
    assert {texts(row)[1] for row in listed} >= {
        "Invoice",
        "Payment",
        "Bill",
        "Vendor Credit",
        "Bill Payment (Check)",
        "Check",
        "Credit Memo",
    }
    old = mixed.report("AgedReceivableDetail", past_due="91")["Rows"]["Row"]
    assert [texts(row.get("Header", row["Summary"]))[0] for row in old] == ["91 or more days past due", "TOTAL"]
    due = mixed.report("CustomerBalanceDetail", start_duedate="2026-06-01", end_duedate="2026-06-30")
    assert {texts(row)[3][:7] for row in walk(due["Rows"]["Row"]) if "ColData" in row} == {"2026-06"}
    paid = mixed.report("CustomerBalanceDetail", arpaid="Paid")
    assert leaves(paid) == 0 and leaves(paid, -2) != 0
    rows = mixed.report("AgedReceivables", aging_period="10", num_periods="2")
    assert [column["ColTitle"] for column in rows["Columns"]["Column"]] == [
        "",
        "Current",
        "1 - 10",
        "11 and over",
        "Total",
    ]
