"""Looking up what an error of QuickBooks means, in the words of a bookkeeper."""

import re

from .errors import QboError
from .guide_entry import BUTTONS, Guide
from .guide_local import LOCAL
from .guide_table import GUIDES as QUICKBOOKS

__all__ = ["BUTTONS", "GUIDES", "Guide", "guide_for", "guide_for_error"]


GUIDES: tuple[Guide, ...] = (*QUICKBOOKS, *LOCAL)


def guide_for(code: str, text: str = "") -> Guide:
    """Return the entry for an error code and QuickBooks' text; never fails, unknown codes get a general entry."""
    entries = [entry for entry in GUIDES if entry.code == code]
    for entry in entries:
        if entry.pattern and re.search(entry.pattern, text, re.IGNORECASE | re.DOTALL):
            return entry
    for entry in entries:
        if not entry.pattern:
            return entry
    return _general(code)


def guide_for_error(error: QboError) -> Guide:
    """Return the entry for an error; one with an unknown code gets the entry of its class."""
    text = f"{error.message}\n{error.detail}"
    found = guide_for(error.code, text)
    return guide_for(error.default_code, text) if found.code == "unknown" else found


def _general(code: str) -> Guide:
    # The ranges of Intuit's table: validation, query, business rule, system.
    number = int(code) if code.isascii() and code.isdigit() and len(code) <= 6 else 0
    if 2000 < number <= 2999:
        return guide_for("2000")
    if 4000 < number <= 4999:
        return guide_for("4001")
    if 5000 <= number <= 9999 and number != 6000:
        return guide_for("6000")
    if number > 10000:
        return guide_for("10000")
    return next(entry for entry in GUIDES if entry.code == "unknown")
