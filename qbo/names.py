"""The visible naming rule: what a name must look like before QuickBooks takes it.

QuickBooks refuses colons, tabs and line breaks in a DisplayName and wants it unique over customers, vendors and
employees together, without regard to case (Intuit: Accounting API reference, Customer.DisplayName). Its maximum is
given as 100 in the schema and as 500 in the reference; 100 is safe in both.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from . import text

MAXIMUM = 100
FORBIDDEN = ":\t\n"

_DELETED = re.compile(r"\s*\(deleted(?:-\d+)?\)\s*$")
_COLON_BEFORE_SPACE = re.compile(r"\s*:+(?=\s)")


def clean(name: str) -> str:
    """Return ``name`` as QuickBooks can take it.

    A colon becomes a hyphen ("Design: Build" -> "Design - Build", "10:30" -> "10-30"), tabs and line breaks become a
    space, runs of spaces one space. A name above 100 UTF-16 units is cut at a word and ends in "~" and six hexadecimal
    digits of the whole name, so that two long names with the same beginning stay two names. Cleaning a clean name
    changes nothing.
    """
    result = clean_without_cut(name)
    return result if text.length(result) <= MAXIMUM else _shorten(result, _fingerprint(result))


def reasons(name: str) -> tuple[str, ...]:
    """Return why :func:`clean` changes ``name``: any of "colon", "white_space", "too_long"; empty when it does not."""
    flat = text.single_line(name)
    found = (
        ("colon", ":" in name),
        ("white_space", flat != name),
        ("too_long", clean(name) != clean_without_cut(name)),
    )
    return tuple(reason for reason, applies in found if applies)


def clean_without_cut(name: str) -> str:
    """Return ``name`` with the forbidden characters replaced, however long it is."""
    result = _COLON_BEFORE_SPACE.sub(" -", text.single_line(name))
    return text.single_line(re.sub(":+", "-", result))


def with_suffix(name: str, suffix: str) -> str:
    """Return the cleaned ``name`` followed by a space and ``suffix``, as in "Acme (C)".

    The name part gives way to the suffix where both exceed 100 units. A name that ends in the suffix already stays.
    """
    suffix = clean(suffix)
    result = clean(name)
    if not suffix or result == suffix or result.endswith(f" {suffix}"):
        return result
    if not result:
        return suffix
    whole = f"{result} {suffix}"
    return whole if text.length(whole) <= MAXIMUM else _shorten(result, f"{_fingerprint(result)} {suffix}")


def strip_deleted(name: str) -> str:
    """Return ``name`` without the " (deleted)" or " (deleted-1)" that QuickBooks adds to inactive records."""
    return _DELETED.sub("", name)


def key(name: str) -> str:
    """Return the form in which two names are the same name: composed characters, one space, no case."""
    return unicodedata.normalize("NFC", text.single_line(name)).casefold()


def _fingerprint(name: str) -> str:
    return "~" + hashlib.sha256(key(name).encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _shorten(name: str, ending: str) -> str:
    """Cut ``name`` at a word, so that it fits with a space and ``ending``."""
    room = MAXIMUM - text.length(ending) - 1
    head = text.cut(name, room)
    at_word = head.rpartition(" ")[0]
    # A first word that fills most of the room is cut inside, rather than losing nearly the whole name.
    if name[len(head):len(head) + 1] != " " and text.length(at_word) * 2 >= room:
        head = at_word
    return f"{head.rstrip()} {ending}"
