"""Reports computed from the ledger: AgedReceivables, CustomerBalance and TrialBalance. Every cell value is a string."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from simulator.clock import parse_date, stamp
from simulator.company import Company
from simulator.errors import Fault
from simulator.money import Json, from_cents

BUCKETS = ("Current", "1 - 30", "31 - 60", "61 - 90", "91 and over")


@dataclass
class Item:
    """One open transaction in A/R on a date, in home hundredths."""

    txn: int
    party: int
    dated: str
    amount: int
    due: str


def open_items(company: Company, as_of: str) -> list[Item]:
    """Return what was open in A/R on a date: what was posted until then less what was applied until then.

    An application counts when both its payment and its document are dated by then, so the items always add up to the
    A/R control account.
    """
    accounts = company.receivables()
    if not accounts:
        return []
    slots = ",".join("?" * len(accounts))
    posted = company.rows(
        "select p.txn, p.party, min(p.date), sum(p.home), coalesce(o.due, p.date) from posting p left join object o on "
        "o.realm = p.realm and o.entity = p.entity and o.id = p.txn where p.realm = ? and p.account in "
        f"({slots}) and p.date <= ? group by p.txn, p.party", *accounts, as_of)
    items = {(row[0], row[1] or 0): Item(row[0], row[1] or 0, row[2], row[3], row[4]) for row in posted}
    _apply_links(company, items, accounts, as_of)
    return [item for item in items.values() if item.amount]


def _apply_links(company: Company, items: dict[tuple[int, int], Item], accounts: list[int], as_of: str) -> None:
    slots = ",".join("?" * len(accounts))
    rows = company.rows(
        "select l.source, l.target, l.home, t.party from link l join posting t on t.realm = l.realm and t.txn = "
        "l.target join object s on s.realm = l.realm and s.entity = 'Payment' and s.id = l.source where l.realm = ? "
        f"and t.account in ({slots}) and t.date <= ? and s.date <= ? group by l.rowid", *accounts, as_of, as_of)
    for source, target, home, party in rows:
        items[(target, party or 0)].amount -= home
        key = (source, party or 0)
        if key not in items:
            items[key] = Item(source, party or 0, as_of, 0, as_of)
        items[key].amount += home


def aged_receivables(company: Company, args: dict[str, str]) -> Json:
    """AgedReceivables: one row for each customer, open credits netted into the bucket of their date."""
    as_of = _as_of(company, args)
    from_txn = company.preference("ReportPrefs", "CalcAgingReportFromTxnDate", False)
    aged = parse_date(as_of) if args.get("aging_method", "Report_Date") != "Current" else company.clock.today()
    table: dict[int, list[int]] = {}
    for item in open_items(company, as_of):
        days = (aged - parse_date(item.dated if from_txn else item.due)).days
        bucket = 0 if days <= 0 else min((days - 1) // 30 + 1, 4)
        row = table.setdefault(item.party, [0] * 5)
        row[bucket] += item.amount
    columns = [("", "Customer", "cust_name"), *[(name, "Money", key) for name, key in zip(
        BUCKETS, ("current", "0", "1", "2", "3"), strict=True)], ("Total", "Money", "total")]
    rows = {party: [*values, sum(values)] for party, values in table.items()}
    return _customer_report(company, "AgedReceivables", as_of, args, columns, rows)


def customer_balance(company: Company, args: dict[str, str]) -> Json:
    """CustomerBalance: what each customer owes on a date."""
    as_of = _as_of(company, args)
    accounts = company.receivables()
    slots = ",".join("?" * len(accounts))
    found = company.rows(f"select party, sum(home) from posting where realm = ? and account in ({slots}) and date <= ? "
                         "group by party having sum(home) <> 0", *accounts, as_of)
    columns = [("", "Customer", "cust_name"), ("Total", "Money", "total")]
    return _customer_report(company, "CustomerBalance", as_of, args, columns, {row[0] or 0: [row[1]] for row in found})


def _as_of(company: Company, args: dict[str, str]) -> str:
    try:
        asked = args.get("report_date") or args.get("end_date") or company.clock.today().isoformat()
        return parse_date(asked).isoformat()
    except ValueError:
        raise Fault("2060", args.get("report_date", ""), element="report_date") from None


def _customer_report(company: Company, name: str, as_of: str, args: dict[str, str], columns: list[tuple[str, str, str]],
                     table: dict[int, list[int]]) -> Json:
    only = {int(key) for key in args.get("customer", "").split(",") if key.isdigit()}
    if only:
        table = {key: values for key, values in table.items() if key in only}
    people = {row[0]: (row[1], row[2]) for row in company.rows(
        "select id, name, json_extract(body, '$.ParentRef.value') from object where realm = ? and entity = 'Customer'")}
    rows = _family(table, people, None)
    totals = [sum(values[number] for values in table.values()) for number in range(len(columns) - 1)]
    if table:
        rows.append({"Summary": _cells("TOTAL", totals), "type": "Section", "group": "GrandTotal"})
    header = {"DateMacro": args["date_macro"]} if "date_macro" in args else {}
    return _report(company, name, {**header, "EndPeriod": as_of}, [("report_date", as_of)], columns, rows)


def _family(table: dict[int, list[int]], people: dict[int, tuple[str, str | None]], parent: int | None) -> list[Json]:
    """Rows of the customers below a parent; one with sub-customers that owe is a section with its own summary."""
    rows: list[Json] = []
    here = sorted((name, key) for key, (name, above) in people.items() if (int(above) if above else None) == parent)
    if parent is None and 0 in table:
        here.append(("Not Specified", 0))
    for name, key in here:
        below = _family(table, people, key) if key else []
        own = table.get(key)
        if not below and own is not None:
            rows.append({**_cells(name, own, key)})
        elif below:
            width = len(next(iter(table.values())))
            total = [sum(table[each][slot] for each in _tree(people, key) if each in table) for slot in range(width)]
            blank: Json = {"ColData": [{"value": name, "id": str(key)}, *[{"value": ""}] * width]}
            rows.append({"Header": _cells(name, own, key) if own else blank, "Rows": {"Row": below},
                         "Summary": _cells(f"Total {name}", total), "type": "Section"})
    return rows


def _tree(people: dict[int, tuple[str, str | None]], top: int) -> list[int]:
    found = [top]
    for key, (_name, above) in people.items():
        if above and int(above) == top:
            found += _tree(people, key)
    return found


def _cells(name: str, values: list[int], key: int | None = None) -> Json:
    first: Json = {"value": name}
    if key:
        first["id"] = str(key)
    return {"ColData": [first, *[{"value": format(from_cents(value), "f") if value else ""} for value in values]]}


def trial_balance(company: Company, args: dict[str, str]) -> Json:
    """TrialBalance at the end of a period; income and expense of earlier fiscal years are in retained earnings."""
    as_of = _as_of(company, args)
    start = args.get("start_date") or as_of[:8] + "01"
    year = _fiscal_year(company, parse_date(as_of)).isoformat()
    sql = "select account, sum(home) from posting where realm = ? and date <= ? group by account"
    sums = dict(company.rows(sql, as_of))
    earlier = company.rows(
        "select p.account, sum(p.home) from posting p join object o on o.realm = p.realm and o.entity = 'Account' and "
        "o.id = p.account where p.realm = ? and p.date < ? and json_extract(o.body, '$.Classification') in ('Revenue', "
        "'Expense') group by p.account", year)
    with company.work():
        retained = company.account("RetainedEarnings")
    for key, amount in earlier:
        sums[key] -= amount
        sums[retained] = sums.get(retained, 0) + amount
    names = dict(company.rows("select id, fqn from object where realm = ? and entity = 'Account'"))
    rows: list[Json] = [_cells(names.get(key, ""), [max(value, 0), max(-value, 0)], key)
                        for key, value in sorted(sums.items()) if value]
    debit = sum(max(value, 0) for value in sums.values())
    credit = sum(max(-value, 0) for value in sums.values())
    if rows:
        rows.append({"Summary": _cells("TOTAL", [debit, credit]), "type": "Section", "group": "GrandTotal"})
    columns = [("", "Account", "account"), ("Debit", "Money", "debit"), ("Credit", "Money", "credit")]
    return _report(company, "TrialBalance", {"StartPeriod": start, "EndPeriod": as_of}, [], columns, rows)


def _fiscal_year(company: Company, day: date) -> date:
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")
    first = months.index(company.info.get("FiscalYearStartMonth", "January")) + 1
    return date(day.year if day.month >= first else day.year - 1, first, 1)


def _report(company: Company, name: str, period: Json, options: list[tuple[str, str]],
            columns: list[tuple[str, str, str]], rows: list[Json]) -> Json:
    named = [*options, ("NoReportData", "false" if rows else "true")]
    header = {"Time": stamp(int(company.clock.now())), "ReportName": name, "ReportBasis": "Accrual", **period,
              "SummarizeColumnsBy": "Total", "Currency": company.home,
              "Option": [{"Name": key, "Value": value} for key, value in named]}
    return {"Header": header, "Columns": {"Column": [
        {"ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}
        for title, kind, key in columns]}, "Rows": {"Row": rows} if rows else {}}




REPORTS: dict[str, Callable[[Company, dict[str, str]], Json]] = {
    "AgedReceivables": aged_receivables, "CustomerBalance": customer_balance, "TrialBalance": trial_balance}
