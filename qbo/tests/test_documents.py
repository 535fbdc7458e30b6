"""Storing the neutral form."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qbo import as_json
from qbo import documents as d


@pytest.mark.parametrize("entity", sorted(d.DOCUMENTS))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_dumped_loads_as_the_same_document(entity, data):
    document = data.draw(strategies.STRATEGIES[entity])
    assert document.entity == entity
    stored = json.loads(json.dumps(as_json.dump(document)))
    assert as_json.load(entity, stored) == document
    assert as_json.dump(as_json.load(entity, stored)) == as_json.dump(document)


def test_equal_documents_are_dumped_equally():
    one = d.Invoice(total=Decimal("10.50"), lines=(d.Line(amount=Decimal("1E+1"), quantity=Decimal("2.000")),))
    two = d.Invoice(total=Decimal("10.5"), lines=(d.Line(amount=Decimal("10.00"), quantity=Decimal(2)),))
    assert one == two
    assert as_json.dump(one) == as_json.dump(two) == {"total": "10.5", "lines": [{"amount": "10", "quantity": "2"}]}


def test_defaults_are_left_out_and_carried_figures_are_kept():
    assert as_json.dump(d.Customer()) == {}
    document = as_json.load("Customer", as_json.dump(d.Customer(display_name="A", balance=Decimal("3.10"))))
    assert document.balance == Decimal("3.1")
    lines = (d.Line(line_id="4", links=(d.Link("49", "Estimate"),)),)
    loaded = as_json.load("Invoice", as_json.dump(d.Invoice(lines=lines)))
    assert (loaded.lines[0].line_id, loaded.lines[0].links) == ("4", lines[0].links)


def test_keys_of_another_version_are_ignored():
    assert as_json.load("Customer", {"display_name": "A", "colour": "red"}) == d.Customer(display_name="A")
    with pytest.raises(KeyError):
        as_json.load("Timesheet", {})


@pytest.mark.parametrize("value, expected", [
    ("0.00", "0"), ("-0.0", "0"), ("1E+3", "1000"), ("10", "10"), ("10.10", "10.1"), ("-3.40", "-3.4"),
    ("0.0000001", "0.0000001"),
])
def test_figures_have_one_form(value, expected):
    assert as_json.plain(Decimal(value)) == expected
