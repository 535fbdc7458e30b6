"""The naming rule and the rule for document numbers."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qbo import mapping, names, numbers, text
from qbo.documents import Customer

any_name = st.text(st.characters(exclude_categories=("Cs",)), max_size=250)


@pytest.mark.parametrize("name, cleaned", [
    ("O'Brien", "O'Brien"),
    ("Design: Build", "Design - Build"),
    ("Parent:Child", "Parent-Child"),
    ("10:30 Club", "10-30 Club"),
    ("a : b", "a - b"),
    ("Tab\there", "Tab here"),
    ("Two\r\nlines", "Two lines"),
    ("  a   b  ", "a b"),
    ("Pizza 🍕 Ltd", "Pizza 🍕 Ltd"),
    ("x" * 100, "x" * 100),
    ("", ""),
])
def test_clean(name, cleaned):
    assert names.clean(name) == cleaned


def test_101_characters_are_cut_at_a_word():
    name = "The Very Long Company Name " * 4
    cleaned = names.clean(name)
    assert len(name.strip()) > 100 >= len(cleaned)
    head, _, mark = cleaned.rpartition(" ")
    assert name.startswith(head + " ")
    assert mark.startswith("~")


def test_names_with_the_same_beginning_stay_two_names():
    one, two = "A" * 120 + " North", "A" * 120 + " South"
    assert names.key(names.clean(one)) != names.key(names.clean(two))
    assert names.clean(one) == names.clean(one.upper())


@given(name=any_name)
def test_a_clean_name_is_taken_and_stays(name):
    cleaned = names.clean(name)
    assert names.clean(cleaned) == cleaned
    assert text.length(cleaned) <= names.MAXIMUM
    assert not set(names.FORBIDDEN) & set(cleaned)
    assume(cleaned)
    assert mapping.to_qbo(Customer(display_name=cleaned)) == {"DisplayName": cleaned}
    assert (names.reasons(cleaned), names.reasons(name) == ()) == ((), cleaned == name)


@pytest.mark.parametrize("name, reasons", [
    ("Plain", ()), ("a:b", ("colon",)), ("a\tb", ("white_space",)), ("x" * 101, ("too_long",)),
    (" a:" + "x" * 101, ("colon", "white_space", "too_long")),
])
def test_reasons_say_what_was_changed(name, reasons):
    assert names.reasons(name) == reasons


def test_suffix_for_a_customer_who_is_a_vendor_too():
    assert names.with_suffix("Acme", "(C)") == "Acme (C)"
    assert names.with_suffix("Acme (C)", "(C)") == "Acme (C)"
    assert names.with_suffix("Acme", "") == "Acme"


@given(name=any_name, suffix=st.sampled_from(["(C)", "(V)", "– Vendor", "🍕"]))
def test_a_suffix_always_fits_and_is_put_once(name, suffix):
    result = names.with_suffix(name, suffix)
    assert text.length(result) <= names.MAXIMUM
    assert result.endswith(suffix)
    assert names.with_suffix(result, suffix) == result
    assert names.clean(result) == result


def test_long_names_with_a_suffix_stay_two_names():
    one, two = (names.with_suffix("A" * 98 + ending, "(C)") for ending in ("x", "y"))
    assert one != two


@pytest.mark.parametrize("name, stripped", [
    ("Emily Platt (deleted)", "Emily Platt"), ("Emily Platt (deleted-1)", "Emily Platt"), ("Acme(deleted-12) ", "Acme"),
    ("Acme (deleted) Ltd", "Acme (deleted) Ltd"), ("Acme", "Acme"),
])
def test_the_mark_of_inactive_records(name, stripped):
    assert names.strip_deleted(name) == stripped


def test_names_are_compared_without_case_and_spaces():
    assert names.key(" ACME  Straße ") == names.key("acme strasse")
    assert names.key("Cafe\u0301") == names.key("Café")
    assert names.key("Acme") != names.key("Acme 2")


# -- numbers --


@pytest.mark.parametrize("number, fits", [
    ("INV/2026/00042", True), ("x" * 21, True), ("x" * 22, False), (" 1", False), ("1\n2", False), ("", True),
])
def test_numbers_that_fit(number, fits):
    assert numbers.fits(number) is fits


@given(
    prefix=st.text("ABC/-", min_size=22, max_size=40),
    counters=st.sets(st.integers(0, 99999), min_size=2, max_size=5),
)
def test_numbers_of_one_sequence_stay_different(prefix, counters):
    short = {numbers.shorten(f"{prefix}{counter:05}", numbers.KEEP_LAST) for counter in counters}
    assert len(short) == len(counters)
    assert all(numbers.fits(number) and number for number in short)


def test_a_number_is_shortened_by_an_explicit_rule_only():
    assert numbers.shorten("INV/2026/00042", numbers.KEEP_LAST) == "INV/2026/00042"
    assert numbers.shorten("COMPANY/BRANCH/2026/00042", numbers.KEEP_LAST) == "ANY/BRANCH/2026/00042"
    with pytest.raises(ValueError, match="rule"):
        numbers.shorten("x" * 22, "first")
