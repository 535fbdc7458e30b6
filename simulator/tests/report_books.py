"""A company in process, and how the rows of a report are read."""

from decimal import Decimal

from simulator import reports
from simulator.app import Simulator
from simulator.clock import parse_time
from simulator.company import API
from simulator.control import new_company
from simulator.schema import SCHEMA


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
