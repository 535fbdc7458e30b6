"""Text as both sides can hold it: one form of line breaks, no stray spaces, and lengths as QuickBooks counts them."""

from __future__ import annotations

import re

# JSON may carry control characters, but forms and reports of QuickBooks cannot show them; tab and line feed stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")


def normalise(value: object) -> str:
    """Return ``value`` as text with LF line breaks, without control characters and outer white space. None is ""."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()


def single_line(value: object) -> str:
    """Return ``value`` normalised, with every run of white space as one space."""
    return _SPACES.sub(" ", normalise(value)).strip()


def length(text: str) -> int:
    """Count UTF-16 units, as a Java service counts its maximum lengths: most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, maximum: int) -> str:
    """Return the longest beginning of ``text`` of at most ``maximum`` UTF-16 units, without white space at the end."""
    if length(text) <= maximum:
        return text
    while length(text) > maximum:
        text = text[:-max(1, (length(text) - maximum) // 2)]
    return text.rstrip()
