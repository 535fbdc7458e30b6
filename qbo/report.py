"""Numbers out of QuickBooks' reports, without counting anything twice.

Reports are trees: sections have a header, rows and a summary, and adding up all of it counts every customer's money
once a level. Columns are found by their key, because titles are translated. Source: Intuit, "Run reports", and
recorded answers (two dialects: the key in ``MetaData`` as ``ColKey``, or as ``ColType``).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import MalformedAnswer

_ZERO = Decimal(0)
# A report is a few levels deep (sub-customers: five); more is not a report.
_DEEPEST = 50


def grand_total(report: Mapping[str, Any], column: str = "total") -> Decimal:
    """Return the grand total of ``report`` in its own currency (reports are in home currency).

    A report without data is 0. Raises MalformedAnswer for anything that is not a report with a grand total.
    """
    index = _column(report, column)
    rows = _rows(report)
    if not rows:
        return _ZERO
    for row in reversed(rows):
        if row.get("group") == "GrandTotal" and isinstance(row.get("Summary"), dict):
            return _amount(_cells(row["Summary"]), index)
    last = rows[-1]
    if isinstance(last.get("Summary"), dict) and not _rows(last):
        return _amount(_cells(last["Summary"]), index)
    raise MalformedAnswer("The report has no grand total")


def customer_totals(report: Mapping[str, Any], column: str = "total") -> dict[str, Decimal]:
    """Return each customer's own amount (without its sub-customers') by QuickBooks id.

    The sum is the report's grand total. Raises MalformedAnswer for anything that is not a report.
    """
    index = _column(report, column)
    totals: dict[str, Decimal] = {}
    for qbo_id, amount in _leaves(_rows(report), index, 0):
        totals[qbo_id] = totals.get(qbo_id, _ZERO) + amount
    return totals


class DetailRow:
    """One transaction of a detail report; cells are asked for by the key of their column."""

    def __init__(self, report: Mapping[str, Any], cells: list[Mapping[str, Any]]) -> None:
        self._report, self._cells = report, cells

    def _cell(self, key: str) -> Mapping[str, Any]:
        index = _column(self._report, key)
        return self._cells[index] if index < len(self._cells) else {}

    def text(self, key: str) -> str:
        """Return the text of a cell."""
        return str(self._cell(key).get("value", "")).strip()

    def id(self, key: str) -> str:
        """Return the QuickBooks id that a cell carries, "" for none."""
        return str(self._cell(key).get("id", ""))

    def amount(self, key: str) -> Decimal:
        """Return the amount of a cell, 0 for an empty one."""
        return _amount(self._cells, _column(self._report, key))

    def day(self, key: str) -> date:
        """Return the date of a cell. Raises MalformedAnswer for what is none."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError:
            raise MalformedAnswer("A date of the report cannot be read") from None


def detail_rows(report: Mapping[str, Any]) -> Iterator[DetailRow]:
    """Yield the transactions of a detail report (GeneralLedger, TransactionList), without opening balances and sums.

    Raises MalformedAnswer for anything that is not a report.
    """
    for cells in _data_rows(_rows(report), 0):
        row = DetailRow(report, cells)
        if _is_day(row.text("tx_date")):
            yield row


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[:4].isdigit()


def _data_rows(rows: list[Mapping[str, Any]], depth: int) -> Iterator[list[Mapping[str, Any]]]:
    if depth > _DEEPEST:
        raise MalformedAnswer("The report is nested too deeply")
    for row in rows:
        if _cells(row):
            yield _cells(row)
        yield from _data_rows(_rows(row), depth + 1)


def _leaves(rows: list[Mapping[str, Any]], index: int, depth: int) -> Iterator[tuple[str, Decimal]]:
    if depth > _DEEPEST:
        raise MalformedAnswer("The report is nested too deeply")
    for row in rows:
        cells = _cells(row)
        if cells:
            yield from _own(cells, index)
        inner = list(_leaves(_rows(row), index, depth + 1))
        yield from inner
        header, summary = row.get("Header"), row.get("Summary")
        if isinstance(header, dict):
            yield from _own_of_parent(_cells(header), summary, index, inner)


def _own(cells: list[Mapping[str, Any]], index: int) -> Iterator[tuple[str, Decimal]]:
    qbo_id = cells[0].get("id")
    if isinstance(qbo_id, str) and qbo_id:
        yield qbo_id, _amount(cells, index)


def _own_of_parent(
    header: list[Mapping[str, Any]], summary: Any, index: int, inner: list[tuple[str, Decimal]]
) -> Iterator[tuple[str, Decimal]]:
    # A parent's own balance stands in its header or in a data row of its own among the children. Where the children
    # already make the sum of the section, the header only repeats a figure.
    if not header or any(qbo_id == header[0].get("id") for qbo_id, _amount_ in inner):
        return
    if isinstance(summary, dict) and _amount(_cells(summary), index) == sum((part for _id, part in inner), _ZERO):
        return
    yield from _own(header, index)


def _column(report: Mapping[str, Any], key: str) -> int:
    columns = report.get("Columns")
    flat = list(_flat(columns.get("Column"), 0)) if isinstance(columns, dict) else []
    if not flat:
        raise MalformedAnswer("The report has no columns")
    wanted = key.casefold()
    for read in (_col_key, _col_type, _col_title):
        for index, column in enumerate(flat):
            if read(column).casefold() == wanted:
                return index
    # Aged reports in another language have neither key nor English title; their total is the last column of money.
    money = [index for index, column in enumerate(flat) if _col_type(column).casefold() == "money"]
    if wanted == "total" and money:
        return money[-1]
    raise MalformedAnswer(f"The report has no column {key}")


def _flat(columns: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    for column in columns if isinstance(columns, list) and depth <= _DEEPEST else ():
        if not isinstance(column, dict):
            continue
        inner = column.get("Columns")
        parts = inner.get("Column") if isinstance(inner, dict) else None
        if parts:
            yield from _flat(parts, depth + 1)
        else:
            yield column


def _col_key(column: Mapping[str, Any]) -> str:
    data = column.get("MetaData")
    for entry in data if isinstance(data, list) else ():
        if isinstance(entry, dict) and entry.get("Name") == "ColKey":
            return str(entry.get("Value", ""))
    return ""


def _col_type(column: Mapping[str, Any]) -> str:
    return str(column.get("ColType", ""))


def _col_title(column: Mapping[str, Any]) -> str:
    return str(column.get("ColTitle", ""))


def _rows(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = node.get("Rows", {})
    found = rows.get("Row", []) if isinstance(rows, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise MalformedAnswer("The rows of the report cannot be read")
    return found


def _cells(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    cells = node.get("ColData", [])
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise MalformedAnswer("The cells of the report cannot be read")
    return cells


def _amount(cells: list[Mapping[str, Any]], index: int) -> Decimal:
    # Cells are text, an empty one is nothing; header rows of sections may be shorter than the table.
    value = cells[index].get("value", "") if index < len(cells) else ""
    text = str(value).strip() if isinstance(value, (str, int, Decimal)) else "?"
    if not text:
        return _ZERO
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise MalformedAnswer("An amount of the report cannot be read") from None
    if not amount.is_finite():
        raise MalformedAnswer("An amount of the report is not a number")
    return amount
