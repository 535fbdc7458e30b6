"""Every report: shapes as recorded, and figures that agree with one another."""

import time
from decimal import Decimal

import pytest

from simulator import reports, reports_detail
from simulator.app import Simulator
from simulator.clock import parse_time
from simulator.company import API
from simulator.control import new_company
from simulator.errors import Fault
from simulator.reports_ask import DATA, macro_period, parse_date, title_of
from simulator.schema import SCHEMA

AR, AP = "AccountsReceivable", "AccountsPayable"


class Books:
    """One company, in process."""

    def __init__(self, **wish):
        self.simulator = Simulator()
        self.simulator.clock.set(parse_time("2026-11-15T12:00:00-08:00"))
        self.company = self.simulator.open(new_company(self.simulator, wish)["realmId"])

    def add(self, entity, **body):
        return self.company.create(SCHEMA[entity], body, API)

    def account(self, kind, name=None):
        """Return the reference of an account of a type."""
        row = self.company.row(
            "select id from object where realm = ? and entity = 'Account' and json_extract(body, '$.AccountType') = ? "
            "and (? is null or name = ?) order by id",
            kind,
            name,
            name,
        )
        return {"value": str(row[0])}

    def sale(self, entity, who, amount, day, **more):
        line = {
            "Amount": Decimal(amount),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }
        return self.add(entity, CustomerRef={"value": who}, Line=[line], TxnDate=day, **more)

    def cost(self, entity, who, amount, day, kind="Expense", **more):
        line = {
            "Amount": Decimal(amount),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": self.account(kind)},
        }
        return self.add(entity, Line=[line], TxnDate=day, **({"VendorRef": {"value": who}} if who else {}), **more)

    def pay(self, entity, who, amount, day, *targets, **more):
        lines = [
            {"Amount": Decimal(each), "LinkedTxn": [{"TxnId": made["Id"], "TxnType": kind}]}
            for kind, made, each in targets
        ]
        side = "CustomerRef" if entity == "Payment" else "VendorRef"
        return self.add(entity, **{side: {"value": who}}, TotalAmt=Decimal(amount), TxnDate=day, Line=lines, **more)

    def report(self, name, **args):
        with self.simulator.store.transaction():
            return reports.REPORTS[name](self.company, args)

    def total(self, name, column=-1, **args):
        """Return a figure of the last row."""
        rows = self.report(name, **args)["Rows"].get("Row")
        return number(rows[-1]["Summary"]["ColData"][column]) if rows else Decimal(0)


def number(cell):
    return Decimal(cell["value"] or 0)


def walk(rows):
    """All rows at all depths."""
    for row in rows:
        yield row
        yield from walk(row.get("Rows", {}).get("Row", []))


def texts(data):
    return [cell["value"] for cell in data["ColData"]]


def keys(report):
    return [
        next((data["Value"] for data in column.get("MetaData", ()) if data["Name"] == "ColKey"), "")
        for column in report["Columns"]["Column"]
    ]


def group(report, name, column=-1):
    """Return a figure of the row of a group."""
    row = next(row for row in walk(report["Rows"]["Row"]) if row.get("group") == name)
    return number(row.get("Summary", row)["ColData"][column])


def leaves(report, column=-1):
    """Return the sum of a column over the data rows, whatever their depth."""
    return sum(
        (number(row["ColData"][column]) for row in walk(report["Rows"].get("Row", [])) if "ColData" in row), Decimal(0)
    )


@pytest.fixture(scope="module")
def empty():
    books = Books(empty=True)
    books.ada = books.add("Customer", DisplayName="Ada")["Id"]
    return books


@pytest.fixture(scope="module")
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


DAYS = ["2025-12-31", "2026-03-31", "2026-05-20", "2026-08-15", "2026-11-15"]


def test_the_recorded_report_without_data(empty):
    report = empty.report(
        "ProfitAndLoss",
        customer=empty.ada,
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
        "Customer": empty.ada,
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


def test_days_without_data_have_zeros_where_the_service_has_them(empty):
    report = empty.report("ProfitAndLoss", start_date="2021-07-20", end_date="2021-07-21", summarize_column_by="Days")
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
def test_a_bad_parameter_is_refused(empty, args, code):
    for name in reports.REPORTS:
        with pytest.raises(Fault) as caught:
            empty.report(name, **args)
        assert caught.value.code == code


def test_every_report_answers_whatever_is_asked(empty, mixed):
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
    for books in (empty, mixed):
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
    nothing = {name for name in reports.REPORTS if empty.report(name)["Rows"] == {}}
    assert nothing >= {"AgedReceivables", "CustomerBalance", "TrialBalance", "GeneralLedger", "AgedPayableDetail"}
    assert all(empty.report(name)["Header"]["Option"][-1]["Value"] == "true" for name in nothing)


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
