"""Customers, items, accounts and the small lists: what is refused, cut, cleared and never sent."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from qbo import documents as d
from qbo import mapping, text
from qbo.mapping import MappingError, Profile

ADDRESS = d.Address(lines=("1 Main St", "Suite 2"), city="Bayshore", region="CA", postal_code="94326", country="USA")


def refused(document: d.Document, **options) -> tuple[str, str]:
    with pytest.raises(MappingError) as caught:
        mapping.to_qbo(document, **options)
    return caught.value.code, caught.value.field


@pytest.mark.parametrize("name, code", [
    ("", "missing"), ("a:b", "forbidden_character"), ("a\tb", "forbidden_character"), ("a\nb", "forbidden_character"),
    ("x" * 101, "too_long"), ("🍕" * 51, "too_long"),
])
def test_names_that_quickbooks_refuses_are_refused_before(name, code):
    assert refused(d.Customer(display_name=name)) == (code, "display_name")
    assert refused(d.Item(name=name)) == (code, "name")


def test_an_apostrophe_and_100_characters_pass():
    payload = mapping.to_qbo(d.Customer(display_name="O'Brien" + "x" * 93))
    assert payload == {"DisplayName": "O'Brien" + "x" * 93}


def test_text_that_does_not_identify_is_cut_at_quickbooks_length():
    payload = mapping.to_qbo(d.Customer(display_name="A", notes="n" * 2500, phone="1" * 40))
    assert len(payload["Notes"]) == 2000
    assert len(payload["PrimaryPhone"]["FreeFormNumber"]) == 30


def test_an_email_is_not_cut_into_another_address():
    assert refused(d.Customer(display_name="A", email="a" * 95 + "@b.com")) == ("too_long", "email")


def test_text_is_read_in_one_form():
    raw = {"DisplayName": " A ", "Notes": "one\r\ntwo\rthree \n", "CompanyName": "A\n B"}
    customer = mapping.from_qbo("Customer", raw)
    assert (customer.notes, customer.company_name) == ("one\ntwo\nthree", "A B")
    assert mapping.from_qbo("Customer", mapping.to_qbo(customer)) == customer


def test_cutting_does_not_split_an_emoji():
    assert text.cut("ab🍕", 3) == "ab"
    assert text.length(text.cut("🍕" * 60, 99)) == 98


def test_clearing_sends_an_empty_value_and_only_that():
    base = d.Customer(display_name="A", phone="555", email="a@b.c", term_id="3", notes="x", bill_address=ADDRESS)
    payload = mapping.to_qbo(d.Customer(display_name="A"), qbo_id="7", sync_token="2", base=base)
    assert payload.pop("BillAddr") == {
        "Line1": "", "Line2": "", "Line3": "", "Line4": "", "Line5": "", "City": "", "CountrySubDivisionCode": "",
        "PostalCode": "", "Country": ""}
    assert payload == {
        "Id": "7", "SyncToken": "2", "sparse": True, "PrimaryPhone": {"FreeFormNumber": ""},
        "PrimaryEmailAddr": {"Address": ""}, "SalesTermRef": {"value": ""}, "Notes": ""}


def test_only_the_changed_field_of_a_customer_is_sent():
    base = d.Customer(display_name="A", phone="555", email="a@b.c", bill_address=ADDRESS)
    payload = mapping.to_qbo(dataclasses.replace(base, phone="556"), qbo_id="7", sync_token="2", base=base)
    assert payload == {"Id": "7", "SyncToken": "2", "sparse": True, "PrimaryPhone": {"FreeFormNumber": "556"}}


def test_more_than_five_street_lines_lose_no_word():
    address = d.Address(lines=("a", "b", "c", "d", "e", "f"))
    payload = mapping.to_qbo(d.Customer(display_name="A", bill_address=address))
    assert payload["BillAddr"] == {"Line1": "a", "Line2": "b", "Line3": "c", "Line4": "d", "Line5": "e, f"}


def test_sub_customers():
    child = d.Customer(display_name="Job 1", parent_id="7", bill_with_parent=True)
    payload = mapping.to_qbo(child)
    assert payload == {"DisplayName": "Job 1", "Job": True, "ParentRef": {"value": "7"}, "BillWithParent": True}
    top = dataclasses.replace(child, parent_id="", bill_with_parent=False)
    assert mapping.to_qbo(top, qbo_id="8", base=child)["Job"] is False
    assert "ParentRef" not in mapping.to_qbo(top)


def test_inactive_names_are_read_without_the_mark_and_given_back_on_activation():
    raw = {"DisplayName": "Emily Platt (deleted)", "Active": False, "Id": "55"}
    customer = mapping.from_qbo("Customer", raw)
    assert (customer.display_name, customer.active) == ("Emily Platt", False)
    again = mapping.to_qbo(dataclasses.replace(customer, active=True), qbo_id="55", base=customer)
    assert again == {"Id": "55", "SyncToken": "", "sparse": True, "DisplayName": "Emily Platt", "Active": True}
    kept = mapping.from_qbo("Customer", {"DisplayName": "Scratch (deleted)", "Active": True})
    assert kept.display_name == "Scratch (deleted)"


def test_currency_is_said_once_and_only_where_it_matters():
    customer = d.Customer(display_name="A", currency="EUR")
    assert "CurrencyRef" not in mapping.to_qbo(customer)
    foreign = Profile(multicurrency=True)
    assert mapping.to_qbo(customer, profile=foreign)["CurrencyRef"] == {"value": "EUR"}
    base = d.Customer(display_name="A", currency="USD")
    assert "CurrencyRef" not in mapping.to_qbo(customer, qbo_id="3", base=base, profile=foreign)


@pytest.mark.parametrize("kind", ["Inventory", "Group"])
def test_items_that_hold_stock_or_other_items_are_not_created(kind):
    assert refused(d.Item(name="A", kind=kind)) == ("unsupported_kind", "kind")


def test_a_new_inventory_item_says_from_when_on_and_where_its_stock_is_booked():
    item = d.Item(name="A", kind="Inventory", income_account_id="79", expense_account_id="80", asset_account_id="81",
                  inventory_from=date(2026, 3, 1))
    payload = mapping.to_qbo(item)
    assert (payload["InvStartDate"], payload["QtyOnHand"], payload["TrackQtyOnHand"]) == ("2026-03-01", 0, True)
    assert mapping.from_qbo("Item", payload) == item
    for missing in ("income_account_id", "expense_account_id", "asset_account_id"):
        assert refused(dataclasses.replace(item, **{missing: ""})) == ("unsupported_kind", "kind")
    # Its stock is QuickBooks' own from then on.
    update = mapping.to_qbo(dataclasses.replace(item, name="B"), qbo_id="11", sync_token="4", base=item)
    assert not {"InvStartDate", "QtyOnHand"} & update.keys()


def test_an_inventory_item_may_be_renamed():
    base = d.Item(name="Old", kind="Inventory", asset_account_id="81")
    payload = mapping.to_qbo(dataclasses.replace(base, name="New"), qbo_id="11", sync_token="4", base=base)
    assert (payload["Name"], payload["sparse"], payload["Type"]) == ("New", True, "Inventory")


def test_an_item_update_has_all_that_is_known_and_clears_what_was_taken_away():
    base = d.Item(name="A", sku="S1", unit_price=Decimal("12.5"), income_account_id="48", parent_id="3")
    after = dataclasses.replace(base, sku="", unit_price=Decimal(0), parent_id="")
    payload = mapping.to_qbo(after, qbo_id="11", sync_token="4", base=base)
    assert payload == {
        "Id": "11", "SyncToken": "4", "sparse": True, "Name": "A", "Type": "Service", "Sku": "", "UnitPrice": 0,
        "IncomeAccountRef": {"value": "48"}, "SubItem": False}


def test_an_account_needs_a_type():
    assert refused(d.Account(name="Cash")) == ("missing", "kind")
    assert refused(d.Account(name='Cash "1"', kind="Bank")) == ("forbidden_character", "name")


def test_recorded_tax_code_and_rate():
    code = mapping.from_qbo("TaxCode", {
        "Name": "California", "Active": True, "Taxable": True, "TaxGroup": True, "Id": "2",
        "SalesTaxRateList": {"TaxRateDetail": [
            {"TaxRateRef": {"value": "3", "name": "California"}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}]},
        "PurchaseTaxRateList": {"TaxRateDetail": []}})
    assert code.sales_rates == (d.TaxRateDetail("3", 0, "TaxOnAmount"),)
    rate = mapping.from_qbo("TaxRate", {"Name": "California", "RateValue": 8, "AgencyRef": {"value": "2"}})
    assert rate == d.TaxRate(name="California", rate=Decimal(8), agency_id="2")


def test_the_effective_rate_counts_where_the_rate_has_no_value():
    rate = mapping.from_qbo("TaxRate", {"Name": "GST", "EffectiveTaxRate": [
        {"RateValue": 10, "EffectiveDate": "2010-01-01", "EndDate": "2014-06-30"},
        {"RateValue": 15, "EffectiveDate": "2014-07-01"}]})
    assert rate.rate == Decimal(15)


def test_recorded_term_and_method():
    raw = {"Name": "Net 30", "Active": True, "Type": "STANDARD", "DueDays": 30, "DiscountDays": 0}
    term = mapping.from_qbo("Term", raw)
    assert term == d.Term(name="Net 30", due_days=30)
    method = mapping.from_qbo("PaymentMethod", {"Name": "Discover", "Active": "true", "Type": "CREDIT_CARD"})
    assert method == d.PaymentMethod(name="Discover", kind="CREDIT_CARD")


def test_settings_that_are_not_named_keep_their_default():
    assert mapping.from_qbo("Preferences", {"Id": "1"}) == d.Preferences()
