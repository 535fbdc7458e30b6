"""Differences as text for previews: field by field, and line by line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from .as_json import plain
from .documents import Address, Document, EntryLine, Line, PaymentLine, TaxRateDetail
from .fields import changed_fields

Row = tuple[str, str, str]
US_LINE_CODES = ("TAX", "NON")
"""Say of a line only whether it is taxed."""
_MONEY = frozenset({
    "amount", "total", "total_tax", "unit_price", "purchase_cost", "tax_inclusive_amount", "balance", "unapplied",
})


def describe(old: Document | None, new: Document, labels: Mapping[str, str] | None = None) -> list[Row]:
    """Return (field, old text, new text) for each difference; all that is set when ``old`` is None.

    Lines are compared one by one: ("line 2 amount", "10.00", "12.00"); a new line has no old text, a removed one no new
    text. ``labels`` gives the words for field names, for "line", "yes" and "no", and for codes that a field can hold
    ("global_tax:TaxExcluded"); without one the field name, or the code, is the word.

    :raises TypeError: documents of different types.
    """
    writer = _Writer(labels or {})
    before = type(new)() if old is None else old
    return [row for name in changed_fields(before, new) for row in writer.rows(name, before, new)]


def field_text(document: Document, name: str, labels: Mapping[str, str] | None = None) -> str:
    """Return what one field says, as :func:`describe` writes it; lines one below the other."""
    writer, value = _Writer(labels or {}), getattr(document, name)
    if name != "lines":
        return writer.text(name, value)
    return "\n".join(
        f"{writer.word(line.txn_type)} {line.txn_id}: {writer.text('amount', line.amount)}"
        if isinstance(line, PaymentLine) else writer.line(line) for line in value)


class _Writer:
    """Knows the words of one language."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def word(self, name: str) -> str:
        return self.labels.get(name, name.replace("_", " "))

    def rows(self, name: str, old: Document, new: Document) -> Iterator[Row]:
        before, after = getattr(old, name), getattr(new, name)
        if name != "lines":
            yield self.word(name), self.text(name, before), self.text(name, after)
        elif any(isinstance(line, PaymentLine) for line in (*before, *after)):
            yield from self.payment_rows(before, after)
        else:
            yield from self.line_rows(before, after)

    def payment_rows(self, before: Sequence[PaymentLine], after: Sequence[PaymentLine]) -> Iterator[Row]:
        old, new = (({(line.txn_type, line.txn_id): line.amount for line in lines}) for lines in (before, after))
        for kind, number in dict.fromkeys((*old, *new)):
            amounts = [side.get((kind, number)) for side in (old, new)]
            if amounts[0] != amounts[1]:
                yield f"{self.word(kind)} {number}", self.text("amount", amounts[0]), self.text("amount", amounts[1])

    def line_rows(self, before: Sequence[Line | EntryLine], after: Sequence[Line | EntryLine]) -> Iterator[Row]:
        """Align the lines by equal ones, so that a line put in at the top does not make all others look changed."""
        blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        for tag, old_start, old_end, new_start, new_end in blocks:
            if tag == "equal":
                continue
            paired = min(old_end - old_start, new_end - new_start)
            for offset in range(paired):
                position = new_start + offset
                yield from self.line_changes(position + 1, before[old_start + offset], after[position])
            for position in range(old_start + paired, old_end):
                yield f"{self.word('line')} {position + 1}", self.line(before[position]), ""
            for position in range(new_start + paired, new_end):
                yield f"{self.word('line')} {position + 1}", "", self.line(after[position])

    def line_changes(self, position: int, old: Line | EntryLine, new: Line | EntryLine) -> Iterator[Row]:
        for spec in dataclasses.fields(new):
            name, before, after = spec.name, getattr(old, spec.name), getattr(new, spec.name)
            if spec.compare and before != after:
                field = f"{self.word('line')} {position} {self.word(name)}"
                yield field, self.text(name, before), self.text(name, after)

    def line(self, line: Line | EntryLine) -> str:
        """Return a whole line as one text: "Design, 2 x 50.00 = 100.00", outside the US with the tax code: "(GST)"."""
        if isinstance(line, EntryLine):
            name = line.customer_id or line.account_id or line.description
            return f"{name} = {self.text('amount', line.amount)}".lstrip(" =")
        if line.kind == "note":
            return line.description
        amount = self.text("amount", line.amount)
        if line.kind == "discount":
            percent = "" if line.discount_percent is None else f" {plain(line.discount_percent)} %"
            return f"{self.word('discount')}{percent} = {amount}"
        name = line.description or f"{self.word('item')} {line.item_id}".strip()
        code = f" ({line.tax_code_id})" if line.tax_code_id and line.tax_code_id not in US_LINE_CODES else ""
        if line.quantity is None or line.unit_price is None:
            return f"{name} = {amount}{code}"
        return f"{name}, {plain(line.quantity)} x {self.text('unit_price', line.unit_price)} = {amount}{code}"

    def text(self, name: str, value: Any) -> str:
        if value is None or value == "" or value == ():
            return ""
        if isinstance(value, bool):
            return self.word("yes" if value else "no")
        for kind, write in self._WRITERS:
            if isinstance(value, kind):
                return write(self, name, value)
        return self.labels.get(f"{name}:{value}", str(value))

    def decimal(self, name: str, value: Decimal) -> str:
        return money(value) if name in _MONEY else plain(value)

    def day(self, name: str, value: date) -> str:
        return value.isoformat()

    def address(self, name: str, value: Address) -> str:
        city = " ".join(part for part in (value.city, value.region, value.postal_code) if part)
        return ", ".join(part for part in (*value.lines, city, value.country) if part)

    def rate(self, name: str, value: TaxRateDetail) -> str:
        return f"{self.word('rate_id')} {value.rate_id}"

    def several(self, name: str, value: tuple[Any, ...]) -> str:
        return "; ".join(self.text(name, element) for element in value)

    _WRITERS: tuple[tuple[type, Callable[[_Writer, str, Any], str]], ...] = (
        (Decimal, decimal), (date, day), (Address, address), (TaxRateDetail, rate), (tuple, several),
    )


def money(value: Decimal) -> str:
    """Write an amount with at least two decimals and no grouping."""
    digits = plain(value)
    whole, _, cents = digits.partition(".")
    return f"{whole}.{cents:0<2}"
