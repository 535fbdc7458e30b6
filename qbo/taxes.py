"""What QuickBooks charges as tax by itself, and how it is told another figure.

QuickBooks rounds the tax of each rate once, over the sum of the amounts that the rate is charged on. Odoo rounds by
line or over all lines, and may take a base that is lowered by an early discount. What Odoo has charged is what the
customer got, so it is sent as tax lines wherever QuickBooks would come to other cents. Amounts are in the document's
currency, rates in percent. Source: Intuit, "Manage sales tax for non-US locales" and Accounting API reference,
Invoice.TxnTaxDetail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from .documents import ZERO, TaxLine

_CENT = Decimal("0.01")
_ON_TAX, _ON_BOTH = "TaxOnTax", "TaxOnAmountPlusTax"
#: Rates that are charged on other taxes too: their percents do not simply add up.
COMPOUND = (_ON_TAX, _ON_BOTH)


@dataclass(frozen=True)
class Rate:
    """One rate of a tax code; ``on`` is QuickBooks' TaxTypeApplicable: on the amount, on the tax before, or on both."""

    rate_id: str
    percent: Decimal
    on: str = ""


#: The rates of each tax code in their order.
Rates = Mapping[str, tuple[Rate, ...]]


def charged(sums: Mapping[str, Decimal], rates: Rates) -> tuple[TaxLine, ...]:
    """Return the tax lines that QuickBooks computes for net amounts by tax code.

    :raises KeyError: a code whose rates are not in ``rates``.
    """
    lines = _merged(line for code in sums for line in _exact(sums[code], rates[code]))
    return tuple(replace(line, base=_round(line.base), amount=computed(line)) for line in lines)


def computed(line: TaxLine) -> Decimal:
    """Return what QuickBooks charges on the base of a tax line."""
    return _round(line.base * line.percent / 100)


def effective(rates: tuple[Rate, ...]) -> Decimal:
    """Return the tax of all rates of a code on a net amount of 1, not rounded."""
    return sum((line.base * line.percent / 100 for line in _exact(Decimal(1), rates)), ZERO)


def override(
    sums: Mapping[str, Decimal], rates: Rates, taxes: Mapping[str, Decimal], total: Decimal,
) -> tuple[TaxLine, ...]:
    """Return the tax lines that make QuickBooks charge ``total``; none where it does so by itself.

    ``taxes`` is the tax by code as far as it is known; where it does not come to ``total``, the rate with the largest
    tax takes the difference. Also none when a rate is not known, or nothing is taxed: the answer shows the difference.
    """
    if any(code not in rates for code in sums):
        return ()
    by_itself = charged(sums, rates)
    if sum(taxes.values(), ZERO) == total and set(taxes) <= set(sums):
        wanted = _merged(
            line for code in sums for line in _adjusted(charged({code: sums[code]}, rates), taxes.get(code, ZERO)))
    else:
        wanted = _adjusted(by_itself, total)
    if sum((line.amount for line in wanted), ZERO) != total:
        return ()
    return () if wanted == by_itself else wanted


def _exact(net: Decimal, rates: tuple[Rate, ...]) -> Iterable[TaxLine]:
    """Yield the tax lines of one code; only the base is right yet, the cents are rounded once all are together."""
    before = ZERO
    for rate in rates:
        base = before if rate.on == _ON_TAX else net + before if rate.on == _ON_BOTH else net
        before += base * rate.percent / 100
        yield TaxLine(rate.rate_id, ZERO, base, rate.percent)


def _merged(lines: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """Return one line a rate: a rate may stand in several codes."""
    found: dict[str, TaxLine] = {}
    for line in lines:
        other = found.get(line.rate_id)
        found[line.rate_id] = line if other is None else replace(
            line, base=line.base + other.base, amount=line.amount + other.amount)
    return tuple(found.values())


def _adjusted(lines: tuple[TaxLine, ...], total: Decimal) -> tuple[TaxLine, ...]:
    """Return the lines with the difference to ``total`` on the largest of them."""
    difference = total - sum((line.amount for line in lines), ZERO)
    if not difference or not lines:
        return lines
    largest = max(lines, key=lambda line: abs(line.amount))
    return tuple(replace(line, amount=line.amount + difference) if line is largest else line for line in lines)


def _round(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
