"""Every entity survives the way to QuickBooks and back, in a create and in an update."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timezone
from decimal import Decimal

import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qbo import documents as d
from qbo import mapping
from qbo.mapping import MappingError, Profile

PROFILE = Profile(multicurrency=True)
ENTITIES = sorted(strategies.STRATEGIES.keys() - strategies.READ_ONLY)
quick = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def wire(payload: dict) -> dict:
    """What the other side reads: through the JSON text and back."""
    return json.loads(json.dumps(payload))


@pytest.mark.parametrize("entity", ENTITIES)
@quick
@given(data=st.data())
def test_create_reads_back_as_the_same_document(entity, data):
    document = data.draw(strategies.STRATEGIES[entity])
    payload = wire(mapping.to_qbo(document, profile=PROFILE))
    answer = wire(strategies.answer(payload, document))
    assert mapping.from_qbo(entity, answer) == document
    assert mapping.from_qbo(entity, answer) == mapping.from_qbo(entity, wire(answer))


@pytest.mark.parametrize("mode", ["global", "us_automated"])
@pytest.mark.parametrize("cls", [d.Invoice, d.CreditMemo])
@quick
@given(data=st.data())
def test_sales_documents_of_other_tax_models(mode, cls, data):
    document = data.draw(strategies.sales(cls, mode))
    payload = wire(mapping.to_qbo(document, profile=Profile(tax_mode=mode, multicurrency=True)))
    assert mapping.from_qbo(cls.entity, wire(strategies.answer(payload, document))) == document


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("entity", ENTITIES)
@quick
@given(data=st.data())
def test_update_of_the_servers_object_gives_the_wanted_document(entity, deep, data):
    before, after = data.draw(strategies.STRATEGIES[entity]), data.draw(strategies.STRATEGIES[entity])
    after = keep_what_cannot_change(before, after, data)
    server = strategies.answer(mapping.to_qbo(before, profile=PROFILE), before)
    base = mapping.from_qbo(entity, server)
    payload = wire(mapping.to_qbo(after, qbo_id="71", sync_token="3", base=base, profile=PROFILE))
    assert (payload["Id"], payload["SyncToken"]) == ("71", "3")
    assert not {"TotalAmt", "Balance", "UnappliedAmt", "DeliveryInfo", "MetaData", "domain"} & set(payload) - (
        {"TotalAmt"} if entity == "Payment" else set())
    assert mapping.from_qbo(entity, strategies.updated(server, payload, after, deep)) == after


def keep_what_cannot_change(before: d.Document, after: d.Document, data: st.DataObject) -> d.Document:
    """Return ``after`` with half of the fields of ``before``, and with those that no update can change or empty."""
    names = [spec.name for spec in dataclasses.fields(before) if spec.compare]
    kept = {name for name in names if data.draw(st.booleans())}
    fixed = {"currency", "exchange_rate", "kind"}
    coupled = {"lines", "total", "total_tax", "tax_code_id", "bill_with_parent", "parent_id", "discount_days",
               "discount_percent"}
    unclearable = {name for name in names if getattr(after, name) is None}
    keep = (kept - coupled) | (fixed & set(names)) | (unclearable - coupled)
    result = dataclasses.replace(after, **{name: getattr(before, name) for name in keep})
    if isinstance(before, d.Term):
        result = dataclasses.replace(
            result, discount_percent=before.discount_percent, discount_days=before.discount_days)
    if isinstance(before, d.CompanyInfo):
        result = dataclasses.replace(result, plan=before.plan or result.plan) if result.plan else before
    if isinstance(before, d.Preferences) and not result.default_item_id:
        result = dataclasses.replace(result, default_item_id=before.default_item_id)
    return result


@quick
@given(invoice=strategies.sales(d.Invoice))
def test_unchanged_documents_send_nothing_but_the_header(invoice):
    payload = mapping.to_qbo(invoice, qbo_id="9", sync_token="1", base=invoice, profile=PROFILE)
    assert payload == {"Id": "9", "SyncToken": "1", "sparse": True}


@quick
@given(customer=strategies.customers)
def test_a_create_has_only_what_is_set_and_never_a_balance(customer):
    customer = dataclasses.replace(customer, balance=Decimal(50))
    payload = mapping.to_qbo(customer, profile=PROFILE)
    assert "Balance" not in payload
    empty = [key for key, value in payload.items() if value in ("", {}, None, {"value": ""})]
    assert empty == []


@given(cents=st.integers(-(10**12), 10**12))
def test_money_is_exact_on_the_wire(cents):
    amount = Decimal(cents) / 100
    written = json.dumps(mapping.number(amount))
    assert Decimal(written) == amount
    assert json.loads(written, parse_float=Decimal, parse_int=Decimal) == amount


@given(value=st.decimals(-(10**10), 10**10, places=5))
def test_five_decimals_are_exact_too(value):
    assert Decimal(json.dumps(mapping.number(value))) == value


@pytest.mark.parametrize("value", ["12345678901234567.89", "0.12345678901234567891", "NaN", "Infinity"])
def test_a_figure_that_a_json_number_would_bend_is_refused(value):
    with pytest.raises(MappingError) as caught:
        mapping.number(Decimal(value), "amount")
    assert (caught.value.code, caught.value.field) == ("precision", "amount")


@pytest.mark.parametrize("raw, utc", [
    ("2026-01-31T15:30:00-08:00", datetime(2026, 1, 31, 23, 30, tzinfo=timezone.utc)),
    ("2026-07-31T15:30:00-07:00", datetime(2026, 7, 31, 22, 30, tzinfo=timezone.utc)),
    ("2026-01-31T23:30:00Z", datetime(2026, 1, 31, 23, 30, tzinfo=timezone.utc)),
    ("2026-01-31T15:30:00.250-08:00", datetime(2026, 1, 31, 23, 30, 0, 250000, tzinfo=timezone.utc)),
])
def test_meta_times_are_utc(raw, utc):
    meta = mapping.meta({"Id": "5", "SyncToken": "0", "MetaData": {"LastUpdatedTime": raw}, "Active": False})
    assert meta == mapping.Meta("5", "0", utc, active=False)
    assert meta.updated_at.utcoffset().total_seconds() == 0


def test_meta_of_a_deleted_stub():
    stub = {"domain": "QBO", "status": "Deleted", "Id": "9"}
    assert mapping.meta(stub) == mapping.Meta("9", "", None, active=True, deleted=True)
    with pytest.raises(MappingError, match="deleted"):
        mapping.from_qbo("Invoice", stub)


def test_unknown_entities_are_refused_in_both_directions():
    with pytest.raises(MappingError, match="unknown_entity"):
        mapping.from_qbo("Timesheet", {})
    with pytest.raises(MappingError, match="unknown_entity"):
        mapping.to_qbo(d.Document())


def test_a_base_of_another_type_is_refused():
    with pytest.raises(TypeError):
        mapping.to_qbo(d.Customer(display_name="A"), qbo_id="1", base=d.Item(name="A"))


@pytest.mark.parametrize("preferences, country, mode", [
    (d.Preferences(), "US", "none"),
    (d.Preferences(using_sales_tax=True), "USA", "us_manual"),
    (d.Preferences(using_sales_tax=True, automated_sales_tax=True), "US", "us_automated"),
    (d.Preferences(using_sales_tax=True), "GB", "global"),
])
def test_profile_of_a_company(preferences, country, mode):
    assert Profile.of(preferences, country).tax_mode == mode
