"""What a report is asked for: period, filters and columns from the query string; sums of the ledger that fit them."""

import json
import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from simulator import schema
from simulator.clock import parse_date, stamp
from simulator.company import Company
from simulator.errors import Fault, business
from simulator.money import Json

DATA: Json = json.loads((schema.DATA / "reports.json").read_text("utf-8"))
CELLS = 400_000
"""What the service shows at most."""
EVER, NEVER = "0001-01-01", "9999-12-31"
TOO_MUCH = "Unable to display more data. Please reduce the date range."
MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscalquarter": 3, "fiscalyear": 12}
PROFIT, CONTROL, DEBIT = (frozenset(kind for kind, marks in DATA["types"].items() if mark in marks.split())
                          for mark in ("profit", "control", "debit"))
FILTERS: dict[str, str] = DATA["filters"]
DIMENSIONS: dict[str, list[str]] = DATA["dimensions"]
"""What postings are filtered by and divided into columns by; ``head`` is whom a transaction is with, because a line of
a bill may be for a customer."""
Fact = tuple[int, str, int, int]
"""Account, date, group, sum."""


class Node(NamedTuple):
    """A row of a list: an account, a customer, an item."""

    name: str
    fqn: str
    parent: int | None
    kind: str


class Column(NamedTuple):
    """A column of figures: of a period, of a row of a list, or of everything."""

    title: str
    key: str
    start: str = ""
    end: str = ""
    group: int = 0

    def wire(self, kind: str = "Money") -> Json:
        """Return the column as reports show it."""
        meta = {"StartDate": self.start, "EndDate": self.end, "ColKey": self.key}
        return {"ColTitle": self.title, "ColType": kind,
                "MetaData": [{"Name": name, "Value": value} for name, value in meta.items() if value]}


def begin(day: date, unit: str, first: int) -> date:
    """Return the first day of the unit that holds a day; *first* is the month that years begin with."""
    if unit not in MONTHS:
        return shift(day, "days", -((day.weekday() + 1) % 7) if unit == "week" else 0)
    return shift(day, "month", -((day.month - first) % MONTHS[unit]))


def shift(day: date, unit: str, count: int) -> date:
    """Return the first day of the unit so many units later, within the calendar."""
    if unit not in MONTHS:
        days = day.toordinal() + count * (7 if unit == "week" else 1)
        return date.fromordinal(min(max(days, 1), date.max.toordinal()))
    months = min(max(day.year * 12 + day.month - 1 + count * MONTHS[unit], 12), 12 * 9999 + 11)
    return date(months // 12, months % 12 + 1, 1)


def macro_period(words: str, today: date, first: int) -> tuple[str, str]:
    """Return start and end of a named period.

    Raises:
        Fault: 2170 for a name that is not known.
    """
    if words == "all":
        return EVER, NEVER
    match = re.fullmatch(r"(last|this|next) (fiscal |calendar )?(week|month|quarter|year)(-to-date)?", words)
    if match:
        which, kind, unit, to_date = match.groups()
        now = begin(today, unit, first if kind == "fiscal " else 1)
        start = shift(now, unit, {"last": -1, "this": 0, "next": 1}[which])
        end = shift(shift(start, unit, 1), "days", -1)
        end = min(end, start + (today - now)) if to_date else end
    elif words in ("today", "yesterday"):
        start = end = shift(today, "days", -(words == "yesterday"))
    elif words == "next 4 weeks":
        start = shift(begin(today, "week", 1), "week", 1)
        end = shift(start, "days", 27)
    else:
        raise Fault("2170", words, element="date_macro")
    return start.isoformat(), end.isoformat()


def title_of(start: date, end: date) -> str:
    """Return the heading of a period: ``Jul 2015``, ``Jan - Dec 2014``, ``Jul 4 - Dec 31, 2013``, ``Jul 20, 2021``."""
    if start.day == 1 and (end + timedelta(1) if end < date.max else end).day == 1 and start.year == end.year:
        return f"{start:%b} {end.year}" if start.month == end.month else f"{start:%b} - {end:%b %Y}"
    if start == end:
        return f"{start:%b} {start.day}, {start.year}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%b} {start.day}-{end.day}, {end.year}"
    year = f", {start.year}" if start.year != end.year else ""
    return f"{start:%b} {start.day}{year} - {end:%b} {end.day}, {end.year}"


class Ask:
    """One request for a report.

    Args:
        args: the query string.

    Raises:
        Fault: 2060 for a bad date, 2170 for a value that is not known.
    """

    def __init__(self, company: Company, name: str, args: dict[str, str]) -> None:
        self.company, self.name, self.args, self.spec = company, name, args, DATA["reports"][name]
        self.empty: bool | None = None
        self.first = [*month_name].index(company.info.get("FiscalYearStartMonth", "January"))
        self.today = company.clock.today()
        self.by, self.order = self.choice("summarize_column_by"), self.choice("sort_order")
        self.method = self.choice("accounting_method") or "Accrual"
        self.macro, self.start, self.end = self._period()
        self.table = _cash_basis(self) if self.method == "Cash" else "posting"

    def choice(self, name: str) -> str:
        """Return the value of an enumerated parameter as it is written, "" when absent."""
        given = self.args.get(name, "").lower().rstrip("s")
        found = [str(value) for value in DATA["enumerations"][name] if value.lower().rstrip("s") == given]
        if given and not found:
            raise Fault("2170", self.args[name], element=name)
        return found[0] if found else ""

    def number(self, name: str, default: int) -> int:
        """Return a positive whole number."""
        given = self.args.get(name) or str(default)
        if not (given.isdecimal() and 0 < int(given[:9]) <= 1000):
            raise Fault("2040", given, element=name)
        return int(given)

    def day(self, name: str, default: str = "") -> str:
        """Return a date parameter."""
        try:
            return parse_date(self.args[name]).isoformat() if self.args.get(name) else default
        except ValueError:
            raise Fault("2060", self.args[name], element=name) from None

    def ids(self, name: str) -> set[int] | None:
        """Return the ids in a parameter, None when it is absent; what is no number is none."""
        given = self.args.get(name)
        return {int(key) for key in given.split(",") if key.strip().isdecimal() and len(key) < 16} if given else None

    def _period(self) -> tuple[str, str, str]:
        """Return the date macro, "" when dates were given, start and end."""
        start, end = self.day("start_date"), self.day("report_date") or self.day("end_date")
        if not start and not end:
            macro = self.args.get("date_macro", "").strip().lower() or self.spec["macro"]
            return (macro, *macro_period(macro, self.today, self.first))
        end = end or max(start, self.today.isoformat())
        start = start or ("" if self.spec.get("as_of") else end[:8] + "01")
        if start > end:
            raise Fault("2060", start, element="start_date")
        return "", start, end

    @property
    def as_of(self) -> str:
        """The last day that counts: of "all" it is today."""
        return self.end if self.end != NEVER else self.today.isoformat()

    @cached_property
    def age(self) -> tuple[date, bool, int, int]:
        """The day that ages count to, whether from the date or the due date, days of a period and number of periods."""
        return (self.today if self.choice("aging_method") == "Current" else parse_date(self.as_of),
                bool(self.company.preference("ReportPrefs", "CalcAgingReportFromTxnDate", False)),
                self.number("aging_period", 30), self.number("num_periods", 4))

    def fiscal(self, day: str) -> str:
        """Return the first day of the fiscal year that holds a day."""
        return begin(parse_date(day) if day != NEVER else self.today, "year", self.first).isoformat()

    @cached_property
    def accounts(self) -> dict[int, Node]:
        """The chart of accounts in its order."""
        rank = {kind: place for place, kind in enumerate(DATA["types"])}
        return dict(sorted(self.listing("Account").items(), key=lambda pair: rank.get(pair[1].kind, 99)))

    def of_kinds(self, kinds: frozenset[str]) -> str:
        """Return the ids of the accounts of some types as SQL."""
        return ", ".join(str(key) for key, node in self.accounts.items() if node.kind in kinds)

    @cached_property
    def retained(self) -> int:
        """The account of retained earnings."""
        with self.company.work():
            return self.company.account("RetainedEarnings")

    def listing(self, entity: str) -> dict[int, Node]:
        """Return a list by id, in the order of names."""
        return {int(key): Node(name, fqn, int(up) if up else None, kind or "") for key, name, fqn, up, kind in
                self.company.rows("select id, name, fqn, json_extract(body, '$.ParentRef.value'), json_extract(body, "
                                  "'$.AccountType') from object where realm = ? and entity = ? order by fqn collate "
                                  "nocase", entity)}

    def column(self, name: str) -> str:
        """Return a column of postings as SQL; balances are by the party of the posting itself."""
        return name if name != "head" else "party" if self.spec.get("dim") == "party" else str(DATA["head"])

    def where(self, low: str, high: str) -> tuple[str, str, str]:
        """Return the condition on postings, period and filters, and its parameters after the realm."""
        parts = [f"from {self.table} p where realm = ? and date between ? and ?"]
        picks = {self.column(column): keys for name, column in FILTERS.items() if (keys := self.ids(name)) is not None}
        if self.args.get("account_type"):
            kinds = {kind.strip().lower().replace(" ", "") for kind in self.args["account_type"].split(",")}
            picks["+account"] = {key for key, node in self.accounts.items()
                                 if node.kind.lower().replace(" ", "") in kinds}
        parts += [f"{column} in ({', '.join(map(str, keys))})" for column, keys in picks.items()]
        return " and ".join(parts), low, high

    def facts(self, low: str, high: str, group: str = "0") -> list[Fact]:
        """Return the sums of all postings in a period that fit the filters."""
        where, *values = self.where(low, high)
        return self.company.rows(f"select account, date, coalesce({self.column(group)}, 0), sum(home) {where} group by "
                                 "1, 2, 3", *values)

    def columns(self, facts: list[Fact]) -> list[Column]:
        """Return the columns of figures, the total last; what is a balance on a date has no total over periods."""
        if self.by in DIMENSIONS:
            nodes, found = self.listing(DIMENSIONS[self.by][0]), {fact[2] for fact in facts}
            rest = [Column("Not Specified", "Not Specified", group=-1)] if found - nodes.keys() else []
            return [*(Column(node.fqn, str(key), group=key) for key, node in nodes.items() if key in found), *rest,
                    Column("TOTAL", "total")]
        if self.by in ("", "Total"):
            return [Column("Total", "total")]
        days = [fact[1] for fact in facts] or [self.as_of]
        low, high = self.start if self.start > EVER else min(days), self.end if self.end < NEVER else max(days)
        spans = [Column(title_of(start, end), title_of(start, end), start.isoformat(), end.isoformat())
                 for start, end in self._spans(parse_date(low or high), parse_date(high))]
        return spans if self.spec.get("stock") else [*spans, Column("Total", "total")]

    def _spans(self, start: date, end: date) -> Iterator[tuple[date, date]]:
        unit = self.by.lower().removeprefix("fiscal")
        first = self.first if self.by.startswith("Fiscal") else 1
        for _count in range(400):
            after = shift(begin(start, unit, first), unit, 1)
            stop = min(end, after - timedelta(1)) if after > start else end
            yield start, stop
            if stop == end:
                return
            start = stop + timedelta(1)
        raise business(TOO_MUCH)

    def header(self, empty: bool) -> Json:
        """Return the header; only what concerns the report is in it."""
        shows, dated = self.spec.get("header", []), self.macro != "all"
        found: Json = {
            "Time": stamp(int(self.company.clock.now())), "ReportName": self.name, "DateMacro": self.macro,
            "ReportBasis": self.method if "basis" in shows else "", "StartPeriod": self.start if dated else "",
            "EndPeriod": self.end if dated else "",
            "SummarizeColumnsBy": (self.by or "Total") if "columns" in shows else "", "Currency": self.company.home,
            **{name.capitalize(): self.args.get(name) for name in FILTERS if name != "account"}}
        options = {"AccountingStandard": "GAAP", "report_date": self.as_of, "NoReportData": str(empty).lower()}
        return {**{name: value for name, value in found.items() if value}, "Option": [
            {"Name": name, "Value": options[name]} for name in [*self.spec.get("options", []), "NoReportData"]]}


def _cash_basis(ask: Ask) -> str:
    """Fill a table with the postings on a cash basis and return its name.

    An invoice or bill counts in parts: with each application to it, on the later of the two dates. What is not paid
    is not there; what is paid in advance stays in the control account.
    """
    company, papers = ask.company, DATA["cash"]["papers"]
    company.store.run("create temp table if not exists cash as select * from posting where 0")
    company.store.run("delete from cash")
    company.run(f"insert into cash select * from posting where realm = ? and entity not in {papers}")
    company.run(DATA["cash"]["parts"].format(papers=papers, control=ask.of_kinds(CONTROL)))
    return "cash"
