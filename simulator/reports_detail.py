"""Reports with a row for each transaction: open items, the ledger, lists. What cells show is SQL in the data."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from simulator.company import Company
from simulator.ledger import RECEIVABLE, controls
from simulator.money import Json
from simulator.reports_ask import CELLS, CONTROL, DATA, DEBIT, EVER, NEVER, PROFIT, TOO_MUCH, Ask, Node

Figures = Sequence[int | None]
Made = tuple[list[Json], list[Json]]
"""Columns and rows."""


class Item(NamedTuple):
    """What a transaction did to a control account, in home hundredths: posted, and still open."""

    txn: int
    party: int
    entity: str
    dated: str
    due: str
    posted: int
    amount: int


def open_items(company: Company, as_of: str, control: str = RECEIVABLE, closed: bool = False) -> list[Item]:
    """Return what was open in A/R or A/P on a date: what was posted until then less what was applied until then.

    An application counts when both its payment and its document are dated by then, so the items always add up to the
    control account. With *closed* also what is settled is returned.
    """
    return [Item(*row) for row in company.rows(DATA["open"], json.dumps(controls(company, control)), as_of,
                                               1 if control == RECEIVABLE else -1, closed)]


def bucket_of(ask: Ask, item: Item) -> int:
    """Return the number of the ageing column of an item, 0 for what is not yet due."""
    day, from_txn, size, count = ask.age
    days = (day - date.fromisoformat(item.dated if from_txn else item.due)).days
    return 0 if days <= 0 else min((days - 1) // size + 1, count)


def chosen(ask: Ask) -> list[Item]:
    """Return the open items that the request wants."""
    low, high, least = ask.day("start_duedate", EVER), ask.day("end_duedate", NEVER), ask.args.get("past_due", "")
    paid, only = ask.choice("arpaid") or ask.choice("appaid") or "Unpaid", ask.ids(ask.spec["entity"].lower())
    papers = [{*ask.company.rows("select entity, id from object where realm = ? and json_extract(body, ?) + 0 in "
                                 f"({', '.join(map(str, keys))})", path)}
              for word, path in DATA["papers"].items() if (keys := ask.ids(word)) is not None]
    return [item for item in open_items(ask.company, ask.end, ask.spec["control"], paid != "Unpaid")
            if low <= item.due <= high and (only is None or item.party in only) and (paid != "Paid" or not item.amount)
            and all((item.entity, item.txn) in known for known in papers)
            and (not least.isdecimal() or (ask.age[0] - date.fromisoformat(item.due)).days >= int(least))]


def total_of(rows: Iterable[Figures | None]) -> Figures | None:
    """Add figures column by column; nothing and nothing is nothing."""
    known = [row for row in rows if row is not None]
    return [sum(value or 0 for value in column) if any(value is not None for value in column) else None
            for column in zip(*known, strict=True)] if known else None


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


def nest(nodes: dict[int, Node], wanted: dict[int, Figures | None],
         make: Callable[[int, list[Json], int, Figures | None], Json]) -> tuple[list[Json], Figures | None]:
    """Return rows of a list below their parents, and the sum of all.

    Args:
        wanted: own figures by id.
        make: gets id, the rows below, the depth and the sum of own figures and those below.
    """
    below: dict[int | None, dict[int, None]] = {}
    for first in [*(key for key in nodes if key in wanted), *(key for key in wanted if key not in nodes)]:
        key: int | None = first
        while key is not None:
            parent = nodes[key].parent if key in nodes else None
            below.setdefault(parent, {})[key] = None
            key = parent

    def level(parent: int | None, depth: int) -> tuple[list[Json], Figures | None]:
        rows, sums = [], list[Figures | None]()
        for key in below.get(parent, ()):
            inner, total = level(key, depth + 1)
            sums.append(total_of((wanted.get(key), total)))
            rows.append(make(key, inner, depth, sums[-1]))
        return rows, total_of(sums)

    return level(None, 0)


class Sheet:
    """The rows of a report by the sections that they belong to.

    Args:
        source: a table of postings, with ``part`` the section.
        opening: the balance that a section begins with.
    """

    def __init__(self, ask: Ask, source: str, *values: object, opening: dict[int, int] | None = None) -> None:
        given = [key for key in ask.args.get("columns", "").split(",") if key in DATA["columns"]
                 and (key != "is_cleared" or ask.company.switches.get("report_cleared", True))]
        self.ask, self.keys, self.parts = ask, given or ask.spec["columns"], dict[int, list[tuple[Json, Figures]]]()
        self.opening = opening or {}
        self.running = {**self.opening}
        self.blank: Figures = [None] * (len(self.keys) - 1)
        specs, down = [DATA["columns"][key] for key in self.keys], " desc" if ask.order == "descend" else ""
        picks = ", ".join(f"{spec[2]}, {spec[3] if len(spec) > 3 else 'null'}" for spec in specs)
        most, sort = CELLS // len(self.keys), DATA["columns"].get(ask.args.get("sort_by"))
        kinds = [DATA["transaction_types"].get(word.strip().lower(), "")
                 for word in ask.args.get("transaction_type", "").split(",") if word.strip()]
        only = f" where {DATA['columns']['txn_type'][2]} in ({', '.join(map(repr, kinds))})" if kinds else ""
        sql = (f"select p.part, {picks} from (select * from {source} order by date{down}, txn{down}, place limit "
               f"{most + 1}) p left join object o on o.realm = p.realm and o.entity = p.entity and o.id = p.txn{only}"
               f"{f' order by {sort[2]}{down}' if sort else ''}").replace(":day", f"'{ask.age[0]}'")
        rows = ask.company.rows(sql.replace(":debit", ask.of_kinds(DEBIT)), *values)
        self.cut = len(rows) > most
        for part, *found in rows[:most]:
            self.parts.setdefault(part, []).append(self._line(part, found[::2], found[1::2]))

    def _line(self, part: int, values: list[int | str | None], links: list[int | str | None]) -> tuple[Json, Figures]:
        row: list[Json] = []
        figures: list[int | None] = []
        for key, value, link in zip(self.keys, values, links, strict=True):
            figure = int(value) if DATA["columns"][key][1] == "Money" and value is not None else None
            text = "" if value is None else str(value)
            if key in ("split_acc", "other_account") and link:
                text = self.ask.accounts[int(link)].fqn
            text = DATA["labels"].get(text, text) if key == "txn_type" else text
            if key.startswith("rbal"):
                self.running[part] = figure = self.running.get(part, 0) + (figure or 0)
            row.append({"value": text if figure is None else amount(figure, True)})
            if link is not None:
                row[-1]["id"] = str(link)
            figures.append(None if key.startswith("rbal") else figure)
        return {"ColData": row, "type": "Data"}, figures[1:]

    def columns(self) -> list[Json]:
        """Return the columns in the newer dialect, or in the older one where the type is the key."""
        old = self.ask.company.switches.get("report_dialect") == "keys"
        return [{"ColTitle": title, "ColType": key} if old else {
            "ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}
            for key in self.keys for title, kind, *_rest in [DATA["columns"][key]]]

    def total(self, title: str, total: Figures | None) -> Json:
        """Return a row of sums alone."""
        return {"Summary": cells(title, total or self.blank, None, True), "type": "Section"}

    def section(self, title: str, rows: list[Json], total: Figures | None, key: int | None = None,
                name: str = "") -> Json:
        """Return a section with its sum."""
        return {"Header": cells(title, self.blank, key), "Rows": {"Row": rows},
                **self.total(name or f"Total for {title}", total)}

    def rows(self, part: int) -> tuple[list[Json], Figures | None]:
        """Return the rows of a section, the balance at its begin first, and their sum."""
        lines, start = self.parts.get(part, []), self.opening.get(part)
        figures = [start if key.startswith("rbal") else None for key in self.keys[1:]]
        begin = [{**cells("Beginning Balance", figures, None, True), "type": "Data"}] if start is not None else []
        return [*begin, *(row for row, _figures in lines)], total_of(figures for _row, figures in lines)

    def by_account(self, wanted: Iterable[int]) -> tuple[list[Json], Figures | None]:
        """Return sections for accounts below their parents, and their sum."""
        own = {key: self.rows(key) for key in wanted}

        def make(key: int, inner: list[Json], _depth: int, total: Figures | None) -> Json:
            return self.section(self.ask.accounts[key].name, own.get(key, ([], None))[0] + inner, total, key)

        return nest(self.ask.accounts, {key: total for key, (_rows, total) in own.items()}, make)

    def finish(self, rows: list[Json]) -> Made:
        """Return columns and rows, with the words for too many rows."""
        return self.columns(), [*rows, {**cells(TOO_MUCH, self.blank), "type": "Data"}] if self.cut else rows


def postings(ask: Ask, part: str, opening: dict[int, int] | None = None) -> Sheet:
    """Return the postings that the request wants; those of one transaction in a control account are one."""
    where, *values = ask.where(ask.start or EVER, ask.end)
    home, one = ("home", "txn") if ask.spec.get("first") else (
        "sum(home)", f"txn, account, case when account in ({ask.of_kinds(CONTROL)}) then 0 else p.rowid end")
    return Sheet(ask, f"(select realm, txn, entity, account, party, date, {home} home, memo, klass, dept, item, "
                      f"min(p.rowid) place, 0 open, {part} part {where} group by {one})", *values, opening=opening)


def by_open(ask: Ask) -> Made:
    """Open transactions, by ageing column with the oldest first or by customer or vendor."""
    ages = ask.spec["by"] == "bucket"
    items = [[item.txn, item.entity, item.party, item.dated, item.posted, item.amount,
              -bucket_of(ask, item) if ages else item.party] for item in chosen(ask)]
    names = "txn", "entity", "party", "date", "home", "open", "part"
    picks = ", ".join(f"json_extract(value, '$[{place}]') {name}" for place, name in enumerate(names))
    sheet = Sheet(ask, f"(select ? realm, {picks}, 0 account, '' memo, 0 klass, 0 dept, 0 item, 0 place from "
                       "json_each(?))", json.dumps(items))
    parties = {} if ages else ask.listing(ask.spec["entity"])
    titles = {-place: _age_title(ask, place) for place in range(ask.age[3], -1, -1)} if ages else {
        key: node.fqn for key, node in parties.items()} | {0: "Not Specified"}
    made, totals = [], []
    for key in [key for key in titles if key in sheet.parts]:
        rows, total = sheet.rows(key)
        made.append(sheet.section(titles[key], rows, total, None if ages else key))
        totals.append(total)
    return sheet.finish([*made, sheet.total("TOTAL", total_of(totals))] if made else [])


def _age_title(ask: Ask, bucket: int) -> str:
    _day, _from, size, count = ask.age
    low = (bucket - 1) * size + 1
    return f"{low} {'or more' if bucket == count else f'- {bucket * size}'} days past due" if bucket else "Current"


def ledger(ask: Ask) -> Made:
    """The general ledger: a section for each account with a balance or a posting."""
    year, opening = ask.fiscal(max(ask.start, EVER)), dict[int, int]()
    for account, dated, _group, home in ask.facts(EVER, ask.start):
        if dated < ask.start:
            kind = ask.accounts[account].kind
            key = ask.retained if kind in PROFIT and dated < year else account
            sign = 1 if ask.accounts[key].kind in DEBIT else -1
            opening[key] = opening.get(key, 0) + sign * home
    sheet = postings(ask, "account", {key: value for key, value in opening.items() if value})
    return sheet.finish(sheet.by_account([*sheet.opening, *sheet.parts])[0])


def profit(ask: Ask) -> Made:
    """Profit and loss with its transactions: two parts with their sections, then net income."""
    sheet, made, nets = postings(ask, "account"), [], []
    for part in DATA["detail"]:
        rows: list[Json] = []
        net: Figures | None = None
        for title, kinds, sign in part["sections"]:
            wanted = [key for key in sheet.parts if ask.accounts[key].kind in kinds]
            if len(kinds) > 1:
                rows.append(sheet.total(title, net))
            elif wanted:
                inner, total = sheet.by_account(wanted)
                rows.append(sheet.section(title, inner, total))
                net = total_of((net, [value and -sign * value for value in total or ()]))
        if net:
            made.append(sheet.section(part["title"], rows, net, None, part["total"]))
            nets.append(net)
    return sheet.finish([*made, sheet.total("Net Income", total_of(nets))] if made else [])


def transactions(ask: Ask) -> Made:
    """Lists of transactions, a row for each, and the journal with all postings of each."""
    by = ask.spec.get("by", "0")
    sheet, made = postings(ask, by), list[Json]()
    mine = ask.listing(ask.spec["entity"]) if by == "party" else {}
    for key in [key for key in mine if key in sheet.parts] if by == "party" else sheet.parts:
        rows, total = sheet.rows(key)
        if by == "party":
            made.append(sheet.section(mine[key].fqn, rows, total, key))
        else:
            made += [*rows, *([{**cells("", total or (), None, True), "type": "Data"}] if by == "txn" else [])]
    return sheet.finish(made)


def accounts(ask: Ask) -> Made:
    """The chart of accounts."""
    nothing = ", ".join(f"null {name}" for name in ("entity", "party", "memo", "date", "klass", "dept", "item", "open"))
    home = "(select coalesce(sum(home), 0) from posting h where h.realm = a.realm and h.account = a.id) home"
    sheet = Sheet(ask, f"(select a.realm, 0 txn, a.id account, 0 part, 0 place, {nothing}, {home} from object a where "
                       "realm = ? and entity = 'Account')")
    return sheet.finish(sheet.rows(0)[0])


DETAILS: dict[str, Callable[[Ask], Made]] = {
    "open": by_open, "ledger": ledger, "profit": profit, "postings": transactions, "accounts": accounts}
