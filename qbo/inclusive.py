"""Documents whose prices include tax, as QuickBooks takes them outside the US.

With ``GlobalTaxCalculation`` TaxInclusive each line names what the customer pays (``TaxInclusiveAmt``) beside its net
``Amount``. QuickBooks computes the net amount of a line from the price, and the tax is what the prices come to less the
net amounts. Amounts are in the document's currency. Source: Intuit, Accounting API reference,
Invoice.GlobalTaxCalculation and SalesItemLineDetail.TaxInclusiveAmt, and "Manage sales tax for non-US locales".
"""

from __future__ import annotations

import dataclasses
from decimal import ROUND_HALF_UP, Decimal

from .documents import ZERO, Line, SalesDocument
from .taxes import Rates, effective

INCLUSIVE, EXCLUDED = "TaxInclusive", "TaxExcluded"
_CENT = Decimal("0.01")


def fitting(lines: tuple[Line, ...], rates: Rates, total_tax: Decimal) -> tuple[Line, ...]:
    """Return ``lines`` with their prices, or without any where QuickBooks would come to other figures by them.

    They are kept if each item line has one, its net amount follows from it, and the prices come to the tax of the
    document; and if there is a tax at all. Then both ways to write the document give the same cents.
    """
    items = [line for line in lines if line.kind == "item"]
    fits = any(line.amount != line.tax_inclusive_amount for line in items) and all(
        _follows(line, rates) for line in items)
    included = sum(((line.tax_inclusive_amount or ZERO) - line.amount for line in items), ZERO)
    return lines if fits and included == total_tax else without(lines)


def _follows(line: Line, rates: Rates) -> bool:
    paid = line.tax_inclusive_amount
    if paid is None or line.tax_code_id not in rates:
        return False
    return (paid / (1 + effective(rates[line.tax_code_id]))).quantize(_CENT, ROUND_HALF_UP) == line.amount


def without(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines with their net amounts only."""
    return tuple(dataclasses.replace(line, tax_inclusive_amount=None) for line in lines)


def formed(document: SalesDocument, theirs: SalesDocument | None, wanted: bool) -> SalesDocument:
    """Return ``document`` in the form in which QuickBooks gets it: with prices that include tax, or with net amounts.

    :param theirs: what QuickBooks says of the document, None for a new one; lines that do not change keep their form
    :param wanted: prices that include tax, where all lines have one
    """
    if theirs is not None and _lines(document) == _lines(theirs):
        return dataclasses.replace(document, global_tax=theirs.global_tax)
    items = [line for line in document.lines if line.kind == "item"]
    discount = any(line.kind == "discount" for line in document.lines)
    if wanted and items and not discount and all(line.tax_inclusive_amount is not None for line in items):
        return dataclasses.replace(document, global_tax=INCLUSIVE)
    return dataclasses.replace(document, global_tax=EXCLUDED, lines=without(document.lines))


def _lines(document: SalesDocument) -> tuple[object, ...]:
    return document.lines, tuple(line.tax_inclusive_amount for line in document.lines)
