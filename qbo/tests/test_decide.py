"""The three-way decision: symmetric, idempotent, and it loses nothing."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal

import pytest
import strategies
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qbo import documents as d
from qbo.decide import (
    FIGURES,
    GROUPS,
    Base,
    Decision,
    apply_fields,
    changed_fields,
    compare,
    describe,
    dump_base,
    for_qbo,
    load_base,
)
from qbo.describe import field_text
from qbo.mapping.sales import line_total

D = Decimal
quick = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

SENT = d.Customer(display_name="Acme", phone="555")
ECHO = dataclasses.replace(SENT, taxable=True, currency="USD")     # QuickBooks filled in its defaults
AGREED = Base(odoo=SENT, qbo=ECHO)


def customer(base: d.Customer, **values) -> d.Customer:
    return dataclasses.replace(base, **values)


def outcome(decision: Decision) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return decision.action, decision.push_fields, decision.pull_fields


def test_what_quickbooks_filled_in_is_no_change():
    decision = compare(AGREED, SENT, ECHO)
    assert (outcome(decision), decision.changes) == (("nothing", (), ()), ())


def test_a_change_in_odoo_is_pushed_and_nothing_else_with_it():
    decision = compare(AGREED, customer(SENT, phone="556"), ECHO)
    assert outcome(decision) == ("push", ("phone",), ())
    assert decision.to_qbo == customer(ECHO, phone="556")
    assert decision.to_odoo == customer(SENT, phone="556")


def test_a_change_in_quickbooks_is_pulled_and_nothing_else_with_it():
    decision = compare(AGREED, SENT, customer(ECHO, email="a@b.c"))
    assert outcome(decision) == ("pull", (), ("email",))
    assert decision.to_odoo == customer(SENT, email="a@b.c")


def test_changes_of_different_fields_merge():
    decision = compare(AGREED, customer(SENT, phone="556"), customer(ECHO, email="a@b.c"))
    assert outcome(decision) == ("merge", ("phone",), ("email",))
    assert decision.to_odoo == customer(SENT, phone="556", email="a@b.c")
    assert decision.to_qbo == customer(ECHO, phone="556", email="a@b.c")


def test_the_same_change_on_both_sides_moves_nothing():
    decision = compare(AGREED, customer(SENT, phone="556"), customer(ECHO, phone="556"))
    assert outcome(decision) == ("merge", (), ())
    assert [change.name for change in decision.changes] == ["phone"]


@pytest.mark.parametrize("choices, winner, action, push, pull", [
    ({"phone": "odoo", "email": "qbo"}, "ask", "merge", ("phone",), ("email",)),
    ({"phone": "odoo"}, "ask", "conflict", ("phone",), ()),
    ({"phone": "odoo"}, "qbo", "merge", ("phone",), ("email",)),
    ({"phone": "qbo", "email": "qbo"}, "odoo", "pull", (), ("email", "phone")),
    ({"notes": "odoo"}, "ask", "conflict", (), ()),
])
def test_a_choice_for_each_disputed_field(choices, winner, action, push, pull):
    ours, theirs = customer(SENT, phone="1", email="a@a.a"), customer(ECHO, phone="2", email="b@b.b")
    decision = compare(AGREED, ours, theirs, winner=winner, choices=choices)
    assert decision.action == action
    assert (set(decision.push_fields), set(decision.pull_fields)) == (set(push), set(pull))
    assert set(decision.conflict_fields) == {"phone", "email"}


def test_a_choice_is_a_side():
    with pytest.raises(ValueError, match="winner"):
        compare(AGREED, SENT, ECHO, choices={"phone": "newest"})


def test_what_a_field_says():
    invoice = d.Invoice(
        private_note="PO 7", total=D("12.5"),
        lines=(d.Line(description="Advice", quantity=D(1), unit_price=D(10), amount=D(10)), d.Line(amount=D("2.5"))))
    assert field_text(invoice, "private_note") == "PO 7"
    assert field_text(invoice, "total") == "12.50"
    assert field_text(invoice, "lines", {"item": "product"}) == "Advice, 1 x 10.00 = 10.00\nproduct = 2.50"
    payment = d.Payment(lines=(d.PaymentLine(D(5), "Invoice 7"),))
    assert field_text(payment, "lines", {"Invoice": "applied to"}) == "applied to Invoice 7: 5.00"


@pytest.mark.parametrize("winner, action, push, pull", [
    ("ask", "conflict", ("email",), ()), ("odoo", "push", ("email", "phone"), ()),
    ("qbo", "merge", ("email",), ("phone",)),
])
def test_the_winner_takes_the_disputed_field(winner, action, push, pull):
    ours, theirs = customer(SENT, phone="1", email="x"), customer(ECHO, phone="2")
    decision = compare(AGREED, ours, theirs, winner=winner)
    assert outcome(decision) == (action, push, pull)
    assert decision.conflict_fields == ("phone",)
    change = next(change for change in decision.changes if change.name == "phone")
    assert (change.base_odoo, change.odoo, change.base_qbo, change.qbo) == ("555", "1", "555", "2")
    assert change.changed_odoo
    assert change.changed_qbo
    if winner == "ask":
        assert (decision.to_odoo, decision.to_qbo) == (ours, theirs)


def test_a_side_that_was_not_read_is_unchanged():
    assert outcome(compare(AGREED, customer(SENT, phone="1"), None)) == ("push", ("phone",), ())
    assert outcome(compare(AGREED, None, customer(ECHO, phone="1"))) == ("pull", (), ("phone",))
    assert compare(AGREED, None, None).action == "nothing"


def test_without_a_base_equal_fields_are_agreed_and_the_others_disputed():
    assert compare(None, SENT, SENT).action == "nothing"
    decision = compare(None, SENT, ECHO)
    assert (decision.action, decision.conflict_fields) == ("conflict", ("taxable", "currency"))
    assert outcome(compare(None, SENT, ECHO, winner="qbo")) == ("pull", (), ("taxable", "currency"))
    assert outcome(compare(None, SENT, ECHO, winner="odoo")) == ("push", ("taxable", "currency"), ())


def test_a_record_of_one_side_goes_to_the_other():
    assert outcome(compare(None, SENT, None)) == ("push", ("display_name", "phone"), ())
    assert outcome(compare(None, None, ECHO)) == ("pull", (), ("display_name", "phone", "taxable", "currency"))
    assert compare(None, None, None).action == "nothing"


def test_ignored_fields_stay_where_they_are():
    decision = compare(AGREED, customer(SENT, phone="1"), customer(ECHO, phone="2"), ignore=frozenset({"phone"}))
    assert (decision.action, decision.to_odoo.phone, decision.to_qbo.phone) == ("nothing", "1", "2")


def test_a_balance_is_no_change():
    assert compare(AGREED, SENT, customer(ECHO, balance=D(99))).action == "nothing"


def test_wrong_arguments():
    with pytest.raises(ValueError, match="winner"):
        compare(AGREED, SENT, ECHO, winner="newest")
    with pytest.raises(TypeError):
        compare(None, SENT, d.Item())
    with pytest.raises(TypeError):
        changed_fields(SENT, d.Item())


# -- figures --


def invoice(*amounts: str, **values) -> d.Invoice:
    lines = tuple(d.Line(amount=D(amount), item_id="1") for amount in amounts)
    document = d.Invoice(customer_id="1", lines=lines, **values)
    return dataclasses.replace(document, total=line_total(document))


def test_figures_of_both_sides_are_never_mixed():
    """Odoo changed the lines, QuickBooks the tax: together they would be a document that nobody wrote."""
    base = Base(invoice("10"), invoice("10"))
    ours, theirs = invoice("6", "4"), invoice("10", total_tax=D(1))
    decision = compare(base, ours, theirs)
    assert (decision.action, decision.conflict_fields) == ("conflict", ("lines", "total_tax", "total"))
    for winner, expected in (("odoo", ours), ("qbo", theirs)):
        settled = compare(base, ours, theirs, winner=winner)
        assert settled.to_odoo == settled.to_qbo == expected


def test_lines_travel_with_their_totals():
    """QuickBooks computes another tax; new lines from Odoo come with Odoo's tax, so that the total is theirs."""
    base = Base(invoice("10", total_tax=D("1.00")), invoice("10", total_tax=D("1.01")))
    ours = invoice("4", "6", total_tax=D("1.00"))
    decision = compare(base, ours, base.qbo)
    assert outcome(decision) == ("push", FIGURES, ())
    assert decision.to_qbo.total == line_total(decision.to_qbo) == D("11.00")
    assert for_qbo(base, ours) == decision.to_qbo


def test_figures_computed_from_lines_travel_with_them():
    """Tax by rate of the old lines beside new lines would be taken as an override."""
    old, new = (d.TaxLine("7", D(tax), D(10), D(10)) for tax in ("1.00", "2.00"))
    base = Base(invoice("10", total_tax=D(1)), invoice("10", total_tax=D(1), tax_lines=(old,)))
    ours = invoice("20", total_tax=D(2), tax_lines=(new,))
    assert for_qbo(base, ours).tax_lines == (new,)
    assert for_qbo(base, dataclasses.replace(base.odoo, private_note="x")).tax_lines == (old,)
    paid = d.Payment(total=D(10), unapplied=D(10))
    applied = dataclasses.replace(paid, lines=(d.PaymentLine(D(4), "1"),), unapplied=D(6))
    assert for_qbo(Base(paid, paid), applied).unapplied == D(6)


def test_no_rate_is_the_rate_one():
    assert changed_fields(invoice("1"), invoice("1", exchange_rate=D(1))) == ()
    assert changed_fields(invoice("1"), invoice("1", exchange_rate=D("1.1"))) == ("exchange_rate",)


def test_for_qbo_keeps_what_quickbooks_filled_in():
    base = Base(invoice("10"), invoice("10", customer_memo="Thank you", bill_address=d.Address(("1 Main St",))))
    wanted = for_qbo(base, dataclasses.replace(base.odoo, private_note="x"))
    assert wanted == dataclasses.replace(base.qbo, private_note="x")
    assert for_qbo(None, base.odoo) == base.odoo
    assert for_qbo(Base(odoo=base.odoo), base.odoo) == base.odoo


# -- properties --


def mixed(data: st.DataObject, start: d.Document, other: d.Document) -> d.Document:
    """Return ``start`` with some fields of ``other``; figures go together, so that a total stays true."""
    names = [spec.name for spec in dataclasses.fields(start) if spec.compare]
    taken = {name for name in names if data.draw(st.booleans())}
    figures = {name for group in GROUPS for name in group if name in names}
    taken = (taken | figures) if taken & figures else taken
    return dataclasses.replace(start, **{name: getattr(other, name) for name in taken})


def scene(data: st.DataObject) -> tuple[Base, d.Document, d.Document]:
    entity = data.draw(st.sampled_from(["Customer", "Invoice", "Payment", "Item"]))
    one, two, three = (data.draw(strategies.STRATEGIES[entity]) for _ in range(3))
    base = Base(odoo=one, qbo=mixed(data, one, two))
    return base, mixed(data, base.odoo, two), mixed(data, base.qbo, three)


@quick
@given(data=st.data(), winner=st.sampled_from(["ask", "odoo", "qbo"]))
def test_symmetric(data, winner):
    base, odoo, qbo = scene(data)
    mirror = {"ask": "ask", "odoo": "qbo", "qbo": "odoo", "push": "pull", "pull": "push"}
    one = compare(base, odoo, qbo, winner)
    two = compare(Base(base.qbo, base.odoo), qbo, odoo, mirror[winner])
    assert two.action == mirror.get(one.action, one.action)
    assert (two.push_fields, two.pull_fields, two.conflict_fields) == (
        one.pull_fields, one.push_fields, one.conflict_fields)
    assert (two.to_odoo, two.to_qbo) == (one.to_qbo, one.to_odoo)


@quick
@given(data=st.data(), winner=st.sampled_from(["odoo", "qbo"]))
def test_idempotent_and_nothing_is_lost(data, winner):
    base, odoo, qbo = scene(data)
    decision = compare(base, odoo, qbo, winner)
    assert compare(Base(decision.to_odoo, decision.to_qbo), decision.to_odoo, decision.to_qbo).action == "nothing"
    for change in decision.changes:
        if change.name in decision.conflict_fields:
            expected = change.odoo if winner == "odoo" else change.qbo
        else:
            expected = change.odoo if change.changed_odoo else change.qbo
        assert getattr(decision.to_odoo, change.name) == expected
        assert getattr(decision.to_qbo, change.name) == expected


@quick
@given(data=st.data())
def test_asking_decides_nothing(data):
    base, odoo, qbo = scene(data)
    decision = compare(base, odoo, qbo)
    if decision.conflict_fields:
        assert (decision.action, decision.to_odoo, decision.to_qbo) == ("conflict", odoo, qbo)
    else:
        assert decision.action != "conflict"


@quick
@given(data=st.data())
def test_nothing_if_each_side_is_as_it_was(data):
    base, _, _ = scene(data)
    assert compare(base, base.odoo, base.qbo).action == "nothing"
    assert for_qbo(base, base.odoo) == base.qbo


@quick
@given(data=st.data())
def test_changed_fields_are_exactly_what_makes_documents_equal(data):
    base, odoo, _ = scene(data)
    names = changed_fields(base.odoo, odoo)
    assert apply_fields(base.odoo, odoo, names) == odoo
    assert (names == ()) == (base.odoo == odoo)


@quick
@given(data=st.data())
def test_bases_are_stored_and_read(data):
    base, _, _ = scene(data)
    for stored in (base, Base(odoo=base.odoo), Base(qbo=base.qbo), Base()):
        text = json.dumps(dump_base(stored))
        assert load_base(base.odoo.entity, json.loads(text)) == stored


# -- previews --


def test_descriptions_name_each_line_and_field():
    old = d.Invoice(customer_id="1", doc_number="1", total=D(30), lines=(
        d.Line(amount=D(10), description="a"), d.Line(amount=D(20), description="b")))
    new = dataclasses.replace(old, doc_number="2", total=D(37), lines=(
        d.Line(amount=D(10), description="a"), d.Line(amount=D(12), description="b"),
        d.Line(amount=D(15), description="c", quantity=D("1.5"), unit_price=D(10))))
    assert describe(old, new) == [
        ("doc number", "1", "2"), ("line 2 amount", "20.00", "12.00"), ("line 3", "", "c, 1.5 x 10.00 = 15.00"),
        ("total", "30.00", "37.00")]
    assert describe(new, old)[2] == ("line 3", "c, 1.5 x 10.00 = 15.00", "")


def test_a_line_put_in_at_the_top_is_one_difference():
    lines = tuple(d.Line(amount=D(amount), description=str(amount)) for amount in range(1, 20))
    old, new = d.Invoice(lines=lines), d.Invoice(lines=(d.Line(kind="note", description="Phase 1"), *lines))
    assert describe(old, new) == [("line 1", "", "Phase 1")]
    assert describe(new, old) == [("line 1", "Phase 1", "")]


def test_descriptions_of_payments_name_the_transactions():
    old = d.Payment(lines=d.payment_lines([d.PaymentLine(D(5), "1"), d.PaymentLine(D(6), "2")]))
    new = d.Payment(lines=d.payment_lines([d.PaymentLine(D(7), "2"), d.PaymentLine(D(8), "3", "CreditMemo")]))
    assert describe(old, new) == [
        ("Invoice 1", "5.00", ""), ("Invoice 2", "6.00", "7.00"), ("CreditMemo 3", "", "8.00")]


def test_descriptions_speak_the_language_of_the_labels():
    labels = {"phone": "Telefon", "active": "Aktiv", "yes": "ja", "no": "nein", "bill_address": "Anschrift"}
    address = d.Address(("1 Main St",), "Bayshore", "CA", "94326", "US")
    new = customer(SENT, phone="1", active=False, bill_address=address)
    assert describe(SENT, new, labels) == [
        ("Telefon", "555", "1"), ("Anschrift", "", "1 Main St, Bayshore CA 94326, US"), ("Aktiv", "ja", "nein")]


def test_a_new_document_is_described_by_what_is_set():
    assert describe(None, SENT) == [("display name", "", "Acme"), ("phone", "", "555")]


@quick
@given(data=st.data())
def test_every_difference_is_described_and_nothing_else(data):
    base, odoo, _ = scene(data)
    rows = describe(base.odoo, odoo)
    assert bool(rows) == (base.odoo != odoo)
    assert describe(odoo, odoo) == []
    assert all(isinstance(value, str) for row in rows for value in row)
    assume(base.odoo != odoo)
    assert {row[0] for row in describe(odoo, base.odoo)} >= {
        name.replace("_", " ") for name in changed_fields(base.odoo, odoo) if name != "lines"}


def test_codes_are_told_in_words():
    old = d.Invoice(global_tax="TaxExcluded", lines=(d.Line(amount=D(10), description="a", tax_code_id="TAX"),))
    new = d.Invoice(global_tax="TaxInclusive", lines=(d.Line(amount=D(10), description="a", tax_code_id="NON"),))
    words = {"global_tax:TaxExcluded": "prices without tax", "tax_code_id": "tax", "tax_code_id:TAX": "taxed"}
    assert describe(old, new, words) == [
        ("line 1 tax", "taxed", "NON"), ("global tax", "prices without tax", "TaxInclusive")]
    abroad = dataclasses.replace(new, lines=(d.Line(amount=D(10), description="a", tax_code_id="GST"),))
    assert describe(None, abroad)[0] == ("line 1", "", "a = 10.00 (GST)")
    assert describe(None, old)[0] == ("line 1", "", "a = 10.00")
