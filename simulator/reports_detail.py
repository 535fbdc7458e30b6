"""Reports with a row for each transaction: open items, the general ledger, lists of transactions."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from simulator.clock import stamp
from simulator.company import Company
from simulator.ledger import RECEIVABLE, controls
from simulator.money import Json
from simulator.reports_ask import CONTROL, DATA, DEBIT, EVER, NEVER, PROFIT, TOO_MUCH, Ask, Node

Figures = Sequence[int | None]
Made = tuple[list[Json], list[Json]]
"""Columns and rows."""
Cell = tuple[str, str | None]
"""Value and id."""
PAPER = {"id": "o.id", "entity": "o.entity", "created": "o.created", "updated": "o.updated",
         "doc": "coalesce(o.doc, json_extract(o.body, '$.PaymentRefNum'), '')",
         "kind": "coalesce(json_extract(o.body, '$.PaymentType'), json_extract(o.body, '$.PayType'), '')",
         "credit": "coalesce(json_extract(o.body, '$.Credit'), 0)"}
BLANK: Json = {"entity": "", "doc": "", "kind": "", "credit": 0, "created": 0, "updated": 0}
LISTS = {"Class": "klass_name", "Department": "dept_name", "Item": "item_name"}
CELLS = 400_000
"""What the service shows at most."""


@dataclass
class Line:
    """One posting; or all that a transaction did to a control account, where what the company is owed is positive."""

    txn: int
    account: int
    party: int
    dated: str
    home: int
    memo: str = ""
    klass: int | None = None
    dept: int | None = None
    item: int | None = None
    due: str = ""
    amount: int = 0
    """What is open."""


def open_items(company: Company, as_of: str, control: str = RECEIVABLE, closed: bool = False) -> list[Line]:
    """Return what was open in A/R or A/P on a date: what was posted until then less what was applied until then.

    An application counts when both its payment and its document are dated by then, so the items always add up to the
    control account.

    Args:
        closed: also return what is settled.
    """
    sign, accounts = 1 if control == RECEIVABLE else -1, json.dumps(controls(company, control))
    picked = "account in (select value from json_each(?))"
    items = {(txn, party): Line(txn, 0, party, day, sign * home, due=due, amount=sign * home)
             for txn, party, day, home, due in company.rows(
        "select p.txn, coalesce(p.party, 0), p.date, sum(p.home), coalesce(o.due, p.date) from posting p left join "
        "object o on o.realm = p.realm and o.entity = p.entity and o.id = p.txn where p.realm = ? and p."
        f"{picked} and p.date <= ? group by p.txn, p.party", accounts, as_of)}
    for source, target, party, home, day in company.rows(
            "select l.source, l.target, coalesce(l.party, 0), l.home, s.date from link l join object s on s.realm = "
            "l.realm and s.entity in ('Payment', 'BillPayment') and s.id = l.source where l.realm = ? and l."
            f"{picked} and s.date <= ?", accounts, as_of):
        if (target, party) in items:
            items[target, party].amount -= sign * home
            items.setdefault((source, party), Line(source, 0, party, day, 0, due=day)).amount += sign * home
    return [item for item in items.values() if item.amount or closed]


def plus(one: Figures | None, two: Figures | None) -> Figures | None:
    """Add figures column by column; nothing and nothing is nothing."""
    if one is None or two is None:
        return two if one is None else one
    return [b if a is None else a if b is None else a + b for a, b in zip(one, two, strict=True)]


def total_of(rows: Iterable[Figures | None]) -> Figures | None:
    """Return the sum of many rows."""
    total: Figures | None = None
    for each in rows:
        total = plus(total, each)
    return total


def nest(nodes: dict[int, Node], wanted: Iterable[int], make: Callable[[int, list[Json], int], Json]) -> list[Json]:
    """Return rows of a list below their parents; *make* gets id, the rows below and the depth."""
    kept: dict[int, None] = {}
    for key in wanted:
        above: int | None = key
        while above is not None and above not in kept:
            kept[above] = None
            above = nodes[above].parent if above in nodes else None
    below: dict[int | None, list[int]] = {}
    for key in [*(key for key in nodes if key in kept), *(key for key in kept if key not in nodes)]:
        below.setdefault(nodes[key].parent if key in nodes else None, []).append(key)

    def level(parent: int | None, depth: int) -> list[Json]:
        return [make(key, level(key, depth + 1), depth) for key in below.get(parent, [])]

    return level(None, 0)


def late(ask: Ask, line: Line) -> int:
    """Return the days that an item is past due."""
    day, from_txn, _size, _count = ask.age
    return (day - date.fromisoformat(line.dated if from_txn else line.due or line.dated)).days


def bucket_of(ask: Ask, line: Line) -> int:
    """Return the number of the ageing column, 0 for what is not yet due."""
    days = late(ask, line)
    return 0 if days <= 0 else min((days - 1) // ask.age[2] + 1, ask.age[3])


def chosen(ask: Ask) -> list[Line]:
    """Return the open items that the request wants, oldest first."""
    low, high, least = ask.day("start_duedate", EVER), ask.day("end_duedate", NEVER), ask.args.get("past_due", "")
    paid = ask.choice("arpaid") or ask.choice("appaid") or "Unpaid"
    name = ask.spec["entity"].lower()
    only = {*ask.ids(name)} if ask.args.get(name) else None
    found = [item for item in open_items(ask.company, ask.as_of, ask.spec["control"], paid != "Unpaid")
             if low <= item.due <= high and (only is None or item.party in only)
             and (paid != "Paid" or not item.amount) and (not least.isdecimal() or late(ask, item) >= int(least))]
    return sorted(found, key=lambda item: (item.dated, item.txn))


def amount(value: int | None, bare: bool = False) -> str:
    """Return hundredths as text; *bare* as detail reports write them, no zero before the point."""
    if value is None:
        return ""
    whole = "" if bare and abs(value) < 100 else abs(value) // 100
    return f"{'-' if value < 0 else ''}{whole}.{abs(value) % 100:02d}"


def cells(title: str, figures: Figures, key: int | None = None, bare: bool = False) -> Json:
    """Return the cells of a row: its name and figures."""
    first: Json = {"value": title, "id": str(key)} if key else {"value": title}
    return {"ColData": [first, *({"value": amount(value, bare)} for value in figures)]}


class Sheet:
    """The columns of a report and what its cells need to know of the transactions."""

    def __init__(self, ask: Ask, lines: list[Line]) -> None:
        self.ask = ask
        given = [key for key in ask.args.get("columns", "").split(",") if key in DATA["columns"]]
        self.keys: list[str] = given or ask.spec["columns"]
        self.blank: Figures = [None] * (len(self.keys) - 1)
        self.cut = len(lines) * len(self.keys) > CELLS
        self.lines = lines[:CELLS // len(self.keys)]
        self._sort()
        keys = json.dumps(sorted({line.txn for line in self.lines}))
        self.papers: dict[int, Json] = {row[0]: dict(zip(PAPER, row, strict=True)) for row in ask.company.rows(
            f"select {', '.join(PAPER.values())} from (select distinct realm, txn, entity from posting where realm = ? "
            "and txn in (select value from json_each(?))) p join object o on o.realm = p.realm and o.entity = p.entity "
            "and o.id = p.txn", keys)}
        self.sides: dict[int, list[int]] = {}
        for txn, account in ask.company.rows(f"select txn, account from {ask.table} where realm = ? and txn in (select "
                                             "value from json_each(?)) order by rowid", keys):
            self.sides.setdefault(txn, []).append(account)
        self.names = {key: node.fqn for entity in ("Customer", "Vendor", "Employee")
                      for key, node in ask.listing(entity).items()}
        self.lists = {entity: {key: node.fqn for key, node in ask.listing(entity).items()}
                      for entity, column in LISTS.items() if column in self.keys}

    def _sort(self) -> None:
        by = {"tx_date": "dated", "due_date": "due", "memo": "memo"}.get(self.ask.args.get("sort_by", ""))
        if by or self.ask.order == "descend":
            self.lines.sort(key=lambda line: str(getattr(line, by or "dated")), reverse=self.ask.order == "descend")

    def columns(self) -> list[Json]:
        """Return the columns in the newer dialect, or in the older one where the type is the key."""
        old = self.ask.company.switches.get("report_dialect") == "keys"
        return [{"ColTitle": title, "ColType": key} if old else {
            "ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}
            for key in self.keys for title, kind, *_rest in [DATA["columns"][key]]]

    def label(self, txn: int) -> str:
        """Return the kind of a transaction in words."""
        paper = self.papers.get(txn, BLANK)
        if paper["entity"] == "Purchase" and paper["credit"]:
            return "Credit Card Credit" if paper["kind"] == "CreditCard" else "Expense"
        labels: dict[str, str] = DATA["labels"]
        return labels.get(f"{paper['entity']}:{paper['kind']}") or labels.get(paper["entity"]) or str(paper["entity"])

    def split(self, line: Line) -> tuple[str, str]:
        """Return the account on the other side: that of the head, or of the only line."""
        sides = self.sides.get(line.txn, [line.account])
        others = {sides[0]} if line.account != sides[0] else {*sides} - {line.account}
        if len(others) != 1:
            return ("-Split-" if others else ""), ""
        (key,) = others
        return self.ask.accounts[key].fqn, str(key)

    def row(self, line: Line, running: list[int | None]) -> tuple[Json, Figures]:
        """Return a row, and its figures for the sums; *running* goes on."""
        found: list[Json] = []
        figures: list[int | None] = []
        for key in self.keys:
            kind, shown = (DATA["columns"][key] + [""])[2], None
            if not kind:
                value, link = CELL[key](self, line) if key in CELL else ("", None)
                found.append({"value": value} if link is None else {"value": value, "id": link})
            elif key.startswith("rbal"):
                running[0] = (running[0] or 0) + (FIGURES[kind](self, line) or 0)
                found.append({"value": amount(running[0], True)})
            else:
                shown = FIGURES[kind](self, line)
                found.append({"value": amount(shown, True)})
            figures.append(shown)
        return {"ColData": found, "type": "Data"}, figures[1:]

    def rows(self, lines: list[Line], opening: int | None = None) -> tuple[list[Json], Figures | None]:
        """Return rows and their sums; an opening balance is the first row."""
        running, made = [opening], []
        if opening is not None:
            start = [opening if key.startswith("rbal") else None for key in self.keys[1:]]
            made.append({**cells("Beginning Balance", start, None, True), "type": "Data"})
        pairs = [self.row(line, running) for line in lines]
        return made + [row for row, _figures in pairs], total_of(figures for _row, figures in pairs)

    def total(self, title: str, total: Figures | None) -> Json:
        """Return a row of sums alone."""
        return {"Summary": cells(title, total or self.blank, None, True), "type": "Section"}

    def section(self, title: str, rows: list[Json], total: Figures | None, key: int | None = None,
                name: str = "") -> Json:
        """Return a section with its sum."""
        return {"Header": cells(title, self.blank, key), "Rows": {"Row": rows},
                **self.total(name or f"Total for {title}", total)}

    def finish(self, rows: list[Json]) -> Made:
        """Return columns and rows, with the words for too many rows."""
        return self.columns(), [*rows, {**cells(TOO_MUCH, self.blank), "type": "Data"}] if self.cut else rows


CELL: dict[str, Callable[[Sheet, Line], Cell]] = {
    "tx_date": lambda sheet, line: (line.dated, None), "due_date": lambda sheet, line: (line.due, None),
    "memo": lambda sheet, line: (line.memo, None), "is_no_post": lambda sheet, line: ("Yes", None),
    "txn_type": lambda sheet, line: (sheet.label(line.txn), str(line.txn)),
    "doc_num": lambda sheet, line: (sheet.papers.get(line.txn, BLANK)["doc"], None),
    "past_due": lambda sheet, line: (str(late(sheet.ask, line)), None),
    "split_acc": lambda sheet, line: sheet.split(line), "other_account": lambda sheet, line: sheet.split(line),
    "account_name": lambda sheet, line: (sheet.ask.accounts[line.account].fqn, str(line.account)),
    "create_date": lambda sheet, line: (stamp(sheet.papers.get(line.txn, BLANK)["created"]), None),
    "last_mod_date": lambda sheet, line: (stamp(sheet.papers.get(line.txn, BLANK)["updated"]), None),
    **dict.fromkeys(("name", "cust_name", "vend_name", "emp_name"), lambda sheet, line: (
        (sheet.names[line.party], str(line.party)) if line.party in sheet.names else ("", ""))),
    "klass_name": lambda sheet, line: (sheet.lists["Class"].get(line.klass or 0, ""), str(line.klass or "")),
    "dept_name": lambda sheet, line: (sheet.lists["Department"].get(line.dept or 0, ""), str(line.dept or "")),
    "item_name": lambda sheet, line: (sheet.lists["Item"].get(line.item or 0, ""), str(line.item or ""))}
FIGURES: dict[str, Callable[[Sheet, Line], int | None]] = {
    "nat": lambda sheet, line: line.home if sheet.ask.accounts[line.account].kind in DEBIT else -line.home,
    "amount": lambda sheet, line: line.home, "open": lambda sheet, line: line.amount,
    "debit": lambda sheet, line: line.home if line.home > 0 else None,
    "credit": lambda sheet, line: -line.home if line.home < 0 else None}


def postings(ask: Ask) -> list[Line]:
    """Return all postings that the request wants; those of one transaction in a control account are one."""
    found: list[Line] = []
    where, *values = ask.where(ask.start or EVER, ask.end)
    for row in ask.company.rows("select txn, account, coalesce(party, 0), date, home, memo, klass, dept, item "
                                f"{where} order by date, txn, rowid limit {CELLS}", *values):
        line, last = Line(*row), found[-1] if found else None
        if last and (last.txn, last.account) == (line.txn, line.account) and ask.accounts[line.account].kind in CONTROL:
            last.home += line.home
        else:
            found.append(line)
    return found


def grouped(lines: list[Line], key_of: Callable[[Line], int]) -> dict[int, list[Line]]:
    """Return lines by a key, in the order in which it first comes."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(key_of(line), []).append(line)
    return found


def by_open(ask: Ask) -> Made:
    """Open transactions, by ageing column with the oldest first or by customer or vendor."""
    sheet, ages = Sheet(ask, chosen(ask)), ask.spec["by"] == "bucket"
    groups = grouped(sheet.lines, lambda line: -bucket_of(ask, line) if ages else line.party)
    rows, totals = [], []
    for key in sorted(groups, key=lambda key: key if ages else sheet.names.get(key, "").lower()):
        made, total = sheet.rows(groups[key])
        title = age_title(ask, -key) if ages else sheet.names.get(key, "Not Specified")
        rows.append(sheet.section(title, made, total, None if ages else key))
        totals.append(total)
    return sheet.finish([*rows, sheet.total("TOTAL", total_of(totals))] if rows else [])


def age_title(ask: Ask, bucket: int) -> str:
    """Return the heading of an ageing section."""
    _day, _from, size, count = ask.age
    low = (bucket - 1) * size + 1
    return f"{low} {'or more' if bucket == count else f'- {bucket * size}'} days past due" if bucket else "Current"


def retained(ask: Ask) -> int:
    """Return the id of retained earnings."""
    with ask.company.work():
        return ask.company.account("RetainedEarnings")


def by_account(ask: Ask, sheet: Sheet, lines: list[Line], opening: dict[int, int]) -> tuple[list[Json], Figures | None]:
    """Return sections for accounts below their parents, and their sums."""
    groups, sums = grouped(lines, lambda line: line.account), dict[int | None, Figures | None]()

    def make(key: int, inner: list[Json], depth: int) -> Json:
        node, start = ask.accounts[key], opening.get(key)
        natural = None if start is None else start if node.kind in DEBIT else -start
        rows, own = sheet.rows(groups.get(key, []), natural)
        total = plus(own, sums.pop(key, None))
        sums[node.parent] = plus(sums.get(node.parent), total)
        return sheet.section(node.name, rows + inner, total, key)

    return nest(ask.accounts, [*opening, *groups], make), sums.get(None)


def ledger(ask: Ask) -> Made:
    """The general ledger: a section for each account with a balance or a posting."""
    sheet, year = Sheet(ask, postings(ask)), ask.fiscal(max(ask.start, EVER))
    opening: dict[int, int] = {}
    for account, dated, _group, home in ask.facts(EVER, ask.start):
        if dated < ask.start:
            key = retained(ask) if ask.accounts[account].kind in PROFIT and dated < year else account
            opening[key] = opening.get(key, 0) + home
    return sheet.finish(by_account(ask, sheet, sheet.lines, {key: value for key, value in opening.items() if value})[0])


def profit(ask: Ask) -> Made:
    """Profit and loss with its transactions: two parts with their sections, then net income."""
    sheet = Sheet(ask, [line for line in postings(ask) if ask.accounts[line.account].kind in PROFIT])
    made, nets = [], []
    for part in DATA["detail"]:
        rows: list[Json] = []
        net: Figures | None = None
        for title, kinds, sign in part["sections"]:
            lines = [line for line in sheet.lines if ask.accounts[line.account].kind in kinds]
            if len(kinds) > 1:
                rows.append(sheet.total(title, net))
            elif lines:
                inner, total = by_account(ask, sheet, lines, {})
                rows.append(sheet.section(title, inner, total))
                net = plus(net, [value and -sign * value for value in total or ()])
        if net:
            made.append(sheet.section(part["title"], rows, net, None, part["total"]))
            nets.append(net)
    return sheet.finish([*made, sheet.total("Net Income", total_of(nets))] if made else [])


def transactions(ask: Ask) -> Made:
    """Lists of transactions, a row for each, and the journal with all postings of each."""
    by, lines = ask.spec.get("by"), postings(ask)
    sheet = Sheet(ask, lines if by == "txn" else [group[0] for group in grouped(lines, lambda line: line.txn).values()])
    if not by:
        return sheet.finish(sheet.rows(sheet.lines)[0])
    mine, made = ask.listing(ask.spec["entity"]) if by == "party" else {}, list[Json]()
    for key, some in grouped(sheet.lines, lambda line: line.txn if by == "txn" else line.party).items():
        rows, total = sheet.rows(some)
        if key in mine:
            made.append(sheet.section(mine[key].fqn, rows, total, key))
        elif by == "txn":
            made += [*rows, {**cells("", total or (), None, True), "type": "Data"}]
    return sheet.finish(made)


def accounts(ask: Ask) -> Made:
    """The chart of accounts."""
    sheet, made = Sheet(ask, []), list[Json]()
    sums: dict[int, int] = dict(ask.company.rows("select account, sum(home) from posting where realm = ? group by 1"))
    for key, node in ask.accounts.items():
        body = ask.company.get("Account", key) or {}
        texts = {"account_name": node.fqn, "account_type": node.kind, "detail_acc_type": body.get("AccountSubType", ""),
                 "account_desc": body.get("Description", ""),
                 "account_bal": amount(sums.get(key, 0) * (1 if node.kind in DEBIT else -1), True)}
        made.append({"ColData": [{"value": texts.get(name, "")} for name in sheet.keys], "type": "Data"})
    return sheet.finish(made)


DETAILS: dict[str, Callable[[Ask], Made]] = {
    "open": by_open, "ledger": ledger, "profit": profit, "postings": transactions, "accounts": accounts}
