"""Document numbers: QuickBooks keeps at most 21 characters (Intuit: Accounting API reference, Invoice.DocNumber)."""

from __future__ import annotations

from . import text

MAXIMUM = 21
#: Keep the end: in a sequence like PREFIX/2026/00042 the counter stands there, so numbers of one sequence stay
#: different.
KEEP_LAST = "keep_last"

_SEPARATORS = " /-_.:#"


def fits(number: str) -> bool:
    """Whether QuickBooks can keep ``number`` as it is."""
    return number == text.single_line(number) and text.length(number) <= MAXIMUM


def shorten(number: str, rule: str) -> str:
    """Return ``number`` in at most 21 UTF-16 units by an explicit ``rule``; a number that fits stays as it is.

    The only rule is :data:`KEEP_LAST`: the last 21 characters, without separators at their beginning. Numbers of
    different sequences may become equal by it; QuickBooks refuses that with 6140 when it checks numbers.

    :raises ValueError: another rule, since a number is never shortened by accident.
    """
    if rule != KEEP_LAST:
        raise ValueError(f"unknown rule to shorten a document number: {rule!r}")
    number = text.single_line(number)
    if fits(number):
        return number
    while text.length(number) > MAXIMUM:
        number = number[1:]
    return number.lstrip(_SEPARATORS) or number
