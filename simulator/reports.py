"""Reports computed from the ledger: summaries of accounts and lists. Every cell is a string, "" for nothing."""

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from simulator.company import Company
from simulator.money import Json
from simulator.reports_ask import DATA, DIMENSIONS, EVER, NEVER, PROFIT, Ask, Column, Node
from simulator.reports_detail import DETAILS, Figures, Made, bucket_of, cells, chosen, nest, total_of

Table = dict[int, list[int | None]]


def zero(figures: Figures | None) -> Figures:
    """Return figures with 0 for nothing."""
    return [value or 0 for value in figures or ()]


def family(nodes: dict[int, Node], table: Table, width: int, typed: bool = False) -> list[Json]:
    """Return a row for each key of the table; one with rows below it is a section, its own figures in the header."""
    def make(key: int, inner: list[Json], depth: int, total: Figures | None) -> Json:
        name, link = (nodes[key].name, key) if key in nodes else ("Not Specified", None)
        own = cells(name, table.get(key, [None] * width), link)
        if not inner:
            return {**own, **({"type": "Data"} if typed or depth else {})}
        below = {"Rows": {"Row": inner}, "Summary": cells(f"Total {name}", zero(total))}
        return {"Header": own, **below, "type": "Section"}

    return nest(nodes, {**table}, make)[0]


def grand_total(table: Table) -> Json:
    """Return the last row."""
    return {"Summary": cells("TOTAL", zero(total_of(table.values()))), "type": "Section", "group": "GrandTotal"}


def spread(ask: Ask, group: str, key_of: Callable[[int, int], int | None]) -> tuple[list[Column], Table]:
    """Return the columns and the sums of the ledger in them, by what *key_of* says of account and group."""
    stock = ask.spec.get("stock")
    facts = ask.facts(EVER if stock else ask.start or EVER, ask.end, group)
    columns, kinds = ask.columns(facts), {key: node.kind in PROFIT for key, node in ask.accounts.items()}
    slots = {column.group: place for place, column in enumerate(columns) if column.group}
    starts, last = [column.start for column in columns if column.start], len(columns) - 1
    ends = [column.end or ask.end for column in columns]
    years = [ask.fiscal(end) for end in ends]
    table: Table = {}
    for account, day, part, home in facts:
        if stock and not slots:
            places = [place for place, end in enumerate(ends) if end >= day]
        else:
            places = [*{bisect_right(starts, day) - 1 if starts else slots.get(part, slots.get(-1, 0)), last}]
        for place in places:
            key = key_of(ask.retained if stock and kinds[account] and day < years[place] else account, part)
            if key is not None:
                row = table.setdefault(key, [None] * len(columns))
                row[place] = (row[place] or 0) + home
    return columns, table


def statement(ask: Ask) -> Made:
    """Statements with sections of accounts: the tree of rows is data."""
    columns, table = spread(ask, DIMENSIONS.get(ask.by, ("", "0"))[1], lambda account, _group: account)
    kinds, many = {key: ask.accounts[key].kind for key in table}, len(columns) > 1
    none: list[int | None] = [None] * len(columns)
    ask.empty = not table
    if ask.spec["tree"] == "cf":
        cash = [fact for fact in ask.facts(EVER, NEVER) if ask.accounts[fact[0]].kind == "Bank"]
        table[0] = [sum(fact[3] for fact in cash if fact[1] < (column.start or ask.start)) for column in columns]
        kinds[0] = "(opening)"

    def build(node: Json) -> tuple[list[Json], Figures | None]:
        mine: Table = {key: [value and node["sign"] * value for value in values]
                       for key, values in table.items() if kinds[key] in node.get("types", ())}
        total, group = total_of(mine.values()), {"group": node["group"]}
        if "line" in node:
            shown = zero(total or none) if total or many else none
            row = {"Summary": cells(node["line"], shown), "type": "Section", **group}
            return ([] if node.get("optional") and not total else [row]), None
        if "row" in node:
            return [{**cells(node["row"], total or none), "type": "Data", **group}], total
        inner = family(ask.accounts, mine, len(columns), True)
        for child in node.get("nodes", ()):
            rows, figures = build(child)
            inner += rows
            total = total_of((total, figures))
        if not inner and not node.get("always"):
            return [], None
        shown = zero(total) if total else [*none[1:], 0 if many else None]
        row = {"Header": cells(node["title"], none), **({"Rows": {"Row": inner}} if inner else {}),
               "Summary": cells(node.get("total", f"Total {node['title']}"), shown), "type": "Section", **group}
        return [row], total

    rows = [row for node in DATA["trees"][ask.spec["tree"]] for row in build(node)[0]]
    return [Column("", "account").wire("Account"), *(column.wire() for column in columns)], rows


def listed(ask: Ask, columns: list[Column], table: Table) -> Made:
    """Return the rows of a list with figures, and their grand total."""
    entity = ask.spec["entity"]
    rows = family(ask.listing(entity), table, len(columns))
    if ask.order:
        rows.sort(key=lambda row: float(row.get("Summary", row)["ColData"][-1]["value"] or 0),
                  reverse=ask.order == "descend")
    if table:
        rows.append(grand_total(table))
    return [{"ColTitle": "", "ColType": ask.spec.get("kind", entity)}, *(column.wire() for column in columns)], rows


def ageing(ask: Ask) -> Made:
    """What each customer owes or each vendor is owed, by age; open credits are netted into the column of their date."""
    _day, _from, size, count = ask.age
    table: Table = {}
    for item in chosen(ask):
        row = table.setdefault(item.party, [None] * (count + 2))
        for place in (bucket_of(ask, item), count + 1):
            row[place] = (row[place] or 0) + item.amount
    titles = [*(f"{place * size + 1} - {(place + 1) * size}" for place in range(count - 1)),
              f"{(count - 1) * size + 1} and over"]
    columns = [Column("Current", "current"), *(Column(title, str(place)) for place, title in enumerate(titles)),
               Column("Total", "total")]
    return listed(ask, columns, {key: [value or None for value in row[:-1]] + row[-1:]
                                 for key, row in table.items() if any(row)})


def trial(ask: Ask) -> Made:
    """All balances as debit and credit; income and expense of earlier fiscal years are in retained earnings."""
    ask.by = "Total"
    table = spread(ask, "0", lambda account, _group: account)[1]
    both: Table = {key: [max(value, 0) or None, max(-value, 0) or None] for key in ask.accounts
                   if (value := (table.get(key) or [0])[0])}
    rows = [cells(ask.accounts[key].fqn, figures, key) for key, figures in both.items()]
    if rows:
        rows.append(grand_total(both))
    sides = [Column(name, name.lower()).wire() for name in ("Debit", "Credit")]
    return [Column("", "account").wire("Account"), *sides], rows


def by_list(ask: Ask) -> Made:
    """Income, expenses or balances by the rows of a list; a column for each figure, or for each period."""
    kinds, wanted = {key: node.kind for key, node in ask.accounts.items()}, ask.spec["figures"]
    ask.by = "Total" if ask.by in DIMENSIONS or len(wanted) > 1 else ask.by
    parts: list[Table] = []
    for _title, _key, types, sign in wanted:
        def key_of(account: int, group: int, types: frozenset[str] = frozenset(types)) -> int | None:
            return group if kinds[account] in types else None
        columns, table = spread(ask, DIMENSIONS.get(ask.spec["dim"], ("", "party"))[1], key_of)
        parts.append({key: [value and sign * value for value in values] for key, values in table.items()
                      if any(values) or not ask.spec.get("stock")})
    if len(parts) > 1:
        columns = [Column(title, key) for title, key, *_rest in wanted]
        keys = dict.fromkeys(key for part in parts for key in part)
        parts = [{key: [part.get(key, [None])[0] for part in parts] for key in keys}]
    return listed(ask, columns, parts[0])


def by_item(ask: Ask) -> Made:
    """Quantities and values of items; what is asked of the database is data."""
    who, only = ask.ids("customer"), ask.ids(ask.spec["entity"].lower())
    sql = ask.spec["sql"].replace(":who", "" if who is None else f"and party in ({', '.join(map(str, who))})")
    rows = [row for row in ask.company.rows(sql, ask.start or EVER, ask.end) if only is None or row[0] in only]
    whole = sum(value for _item, _qty, value, _cost in rows)
    table: Table = {}
    for item, qty, value, cost in rows:
        known = {"qty": qty, "value": value, "share": _ratio(value * 100, whole), "each": _ratio(value, qty),
                 "cost": cost or None, "margin": value - cost if cost else None,
                 "part": _ratio((value - cost) * 100, value) if cost else None}
        table[item] = [known[name] for _title, _key, name in ask.spec["figures"]]
    columns, found = listed(ask, [Column("Total", "total")], table)
    if len(ask.spec["figures"]) > 1:
        columns[1]["Columns"] = {"Column": [Column(title, key).wire() for title, key, _name in ask.spec["figures"]]}
    _as_rates(found, ["", *(name for _title, _key, name in ask.spec["figures"])])
    return columns, found


def _as_rates(rows: list[Json], names: list[str]) -> None:
    """Write percentages as such; sums of prices say nothing."""
    for row in rows:
        for data, summed in ((row.get("Header", row), False), (row.get("Summary", {}), True)):
            for cell, name in zip(data.get("ColData", ()), names, strict=False):
                if summed and name in ("each", "part"):
                    cell["value"] = ""
                elif cell["value"] and name in ("share", "part"):
                    cell["value"] += " %"
        _as_rates(row.get("Rows", {}).get("Row", []), names)


def _ratio(value: int, of: int) -> int | None:
    return round(Fraction(value * 100, of)) if of else None


SHAPES = {"statement": statement, "ageing": ageing, "trial": trial, "list": by_list, "items": by_item, **DETAILS}


def run(name: str, company: Company, args: dict[str, str]) -> Json:
    """Return a report.

    Raises:
        Fault: a parameter is wrong.
    """
    ask = Ask(company, name, args)
    columns, rows = SHAPES[ask.spec["shape"]](ask)
    return {"Header": ask.header(not rows if ask.empty is None else ask.empty), "Columns": {"Column": columns},
            "Rows": {"Row": rows} if rows else {}}


REPORTS = {str(name): partial(run, name) for name in DATA["reports"]}
