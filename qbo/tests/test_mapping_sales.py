"""Invoices and credit memos: lines, prices, taxes, discounts, links, currencies and voids."""

from __future__ import annotations

import dataclasses
from decimal import ROUND_HALF_UP, Decimal

import pytest
import strategies
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qbo import documents as d
from qbo import mapping
from qbo.mapping import MappingError, Profile
from qbo.mapping.lines import consistent_price, match

D = Decimal
RECORDED = {
    "domain": "QBO", "sparse": False, "Id": "266", "SyncToken": "0", "DocNumber": "1043", "TxnDate": "2020-09-29",
    "CurrencyRef": {"value": "USD", "name": "United States Dollar"}, "LinkedTxn": [],
    "Line": [
        {"Id": "1", "LineNum": 1, "Amount": 100.00, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
            "ItemRef": {"value": "1", "name": "Services"}, "TaxCodeRef": {"value": "NON"}}},
        {"Amount": 100.00, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}],
    "TxnTaxDetail": {"TotalTax": 0}, "CustomerRef": {"value": "1", "name": "Amy's Bird Sanctuary"},
    "BillAddr": {"Id": "2", "Line1": "4581 Finch St.", "City": "Bayshore", "CountrySubDivisionCode": "CA",
                 "PostalCode": "94326", "Lat": "INVALID", "Long": "INVALID"},
    "DueDate": "2020-10-29", "TotalAmt": 100.00, "ApplyTaxAfterDiscount": False, "Balance": 100.00,
}


def item(amount: str, **values) -> d.Line:
    return d.Line(amount=D(amount), **{"item_id": "1", **values})


def invoice(*lines: d.Line, **values) -> d.Invoice:
    values = {"customer_id": "1", "lines": lines, "total_tax": D(0), **values}
    signs = {"item": 1, "discount": -1, "note": 0}
    total = sum((line.amount * signs[line.kind] for line in lines), values["total_tax"])
    return d.Invoice(**{"total": total, **values})


def refused(document: d.Document, **options) -> tuple[str, str]:
    with pytest.raises(MappingError) as caught:
        mapping.to_qbo(document, **options)
    return caught.value.code, caught.value.field


def test_a_recorded_invoice():
    read = mapping.from_qbo("Invoice", RECORDED)
    assert read.lines == (item("100", tax_code_id="NON"),)
    assert read.lines[0].line_id == "1"
    assert (read.total, read.total_tax, read.balance, read.doc_number) == (D(100), D(0), D(100), "1043")
    assert read.bill_address == d.Address(("4581 Finch St.",), "Bayshore", "CA", "94326")
    assert (read.due_date.isoformat(), read.currency, read.voided) == ("2020-10-29", "USD", False)


def test_a_minimal_create_has_no_more_than_needed():
    assert mapping.to_qbo(invoice(item("100"))) == {
        "CustomerRef": {"value": "1"}, "EmailStatus": "NotSet",
        "Line": [{"Amount": 100, "DetailType": "SalesItemLineDetail",
                  "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}]}


# -- prices: fault 6070 --


@pytest.mark.parametrize("amount, quantity, price, expected", [
    ("20.00", "2", "10", ("2", "10")),
    ("18.00", "2", "10", ("2", "9.00")),            # a discount inside the line
    ("10.00", "3", "3.33", ("3", "3.333")),         # 9.99 would be refused
    ("33.34", "3", "11.11", ("3", "11.113")),
    ("7.96", "15", "0.5306667", ("15", "0.5306667")),
    ("0.01", "3000000", "0", (None, None)),         # no price of seven decimals fits
    ("5.00", "0", "10", (None, None)),
    ("0.00", "0", "10", ("0", "10")),
    ("-20.00", "-2", "10", ("-2", "10")),
    ("12.00", None, "10", (None, None)),
    ("12.00", None, "12", (None, "12")),
    ("12.00", "4", None, ("4", "3.00")),
])
def test_amount_decides_and_the_quantity_stays_if_it_can(amount, quantity, price, expected):
    found = consistent_price(D(amount), quantity and D(quantity), price and D(price))
    assert found == tuple(value and D(value) for value in expected)


@given(amount=strategies.amounts, quantity=st.decimals(-9999, 9999, places=3), price=st.decimals(0, 10**6, places=5))
def test_what_is_sent_is_never_refused(amount, quantity, price):
    found_quantity, found_price = consistent_price(amount, quantity, price)
    if found_quantity is None:
        assert found_price is None
    else:
        assert (found_quantity * found_price).quantize(D("0.01"), ROUND_HALF_UP) == amount
        assert found_quantity == quantity
        assert -found_price.as_tuple().exponent <= 7


# -- kinds of lines --


def test_sections_become_descriptions_and_come_back():
    document = invoice(d.Line(kind="note", description="Phase 1"), item("10", description="a\nb"))
    payload = mapping.to_qbo(document)
    assert payload["Line"][0] == {
        "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}, "Description": "Phase 1"}
    assert mapping.from_qbo("Invoice", {**payload, "TotalAmt": 10}).lines == document.lines


def test_a_document_of_notes_only_is_refused():
    assert refused(invoice(d.Line(kind="note", description="x"))) == ("missing", "lines")


def test_a_line_without_item_is_refused_unless_quickbooks_has_it_so():
    assert refused(invoice(item("10"), item("5", item_id=""))) == ("missing", "lines[2].item_id")
    base = invoice(item("5", item_id="", description="x", line_id="1"))
    changed = invoice(item("6", item_id="", description="x"))
    assert mapping.to_qbo(changed, qbo_id="1", base=base)["Line"][0]["SalesItemLineDetail"] == {}


def test_negative_lines_keep_the_total():
    document = invoice(item("100"), item("-30.25"))
    assert [line["Amount"] for line in mapping.to_qbo(document)["Line"]] == [100, -30.25]
    assert refused(invoice(item("10"), item("-30"))) == ("negative_total", "total")


def test_bundles_are_flattened():
    recorded = {
        "Id": "1", "LineNum": 1, "Description": "Assorted sweets", "Amount": 0, "DetailType": "GroupLineDetail",
        "GroupLineDetail": {"GroupItemRef": {"value": "24"}, "Quantity": 3, "Line": [
            {"Id": "2", "Amount": 7.96, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
                "ItemRef": {"value": "25"}, "UnitPrice": 0.5306667, "Qty": 15}},
            {"Id": "3", "Amount": 2.65, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
                "ItemRef": {"value": "26"}, "UnitPrice": 0.1104167, "Qty": 24}}]}}
    read = mapping.from_qbo("Invoice", {"Line": [recorded], "TotalAmt": 10.61})
    assert [(line.kind, line.amount, line.item_id, line.line_id) for line in read.lines] == [
        ("note", D(0), "", ""), ("item", D("7.96"), "25", ""), ("item", D("2.65"), "26", "")]
    assert mapping.from_qbo("Invoice", {"Line": [{**recorded, "Amount": 10.61}]}).lines == read.lines
    with pytest.raises(MappingError, match="unsupported_kind"):
        mapping.from_qbo("Invoice", {"Line": [{**recorded, "Amount": 99}]})


def test_unknown_lines_keep_their_text_and_never_lose_an_amount():
    unknown = {"DetailType": "ReimburseLineDetail", "Description": "Taxi"}
    assert mapping.from_qbo("Invoice", {"Line": [unknown]}).lines == (d.Line(kind="note", description="Taxi"),)
    with pytest.raises(MappingError, match="unsupported_kind"):
        mapping.from_qbo("Invoice", {"Line": [{**unknown, "Amount": 12}]})


# -- discounts --


@pytest.mark.parametrize("percent, amount, detail", [
    ("10", "5.00", {"PercentBased": True, "DiscountPercent": 10}),
    ("10", "5.01", {"PercentBased": False}),        # QuickBooks would compute 5.00
    (None, "5.00", {"PercentBased": False}),
])
def test_a_discount_keeps_its_amount(percent, amount, detail):
    line = d.Line(kind="discount", amount=D(amount), discount_percent=percent and D(percent), discount_account_id="86")
    payload = mapping.to_qbo(invoice(item("50"), line))
    assert payload["Line"][1] == {
        "Amount": float(amount), "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {**detail, "DiscountAccountRef": {"value": "86"}}}


def test_the_recorded_discount_is_read_after_the_subtotal():
    read = mapping.from_qbo("Invoice", {"TotalAmt": 45, "Line": [
        {"Amount": 5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {
            "PercentBased": True, "DiscountPercent": 10, "DiscountAccountRef": {"value": "86"}}},
        {"Id": "1", "Amount": 50, "DetailType": "SalesItemLineDetail",
         "SalesItemLineDetail": {"ItemRef": {"value": "1"}}},
        {"Amount": 50, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}]})
    assert [(line.kind, line.amount) for line in read.lines] == [("item", D(50)), ("discount", D(5))]
    assert read.lines[1].discount_percent == D(10)


def test_discounts_that_quickbooks_cannot_have():
    discount = d.Line(kind="discount", amount=D(1))
    assert refused(invoice(item("50"), discount, discount)) == ("several_discounts", "lines[3]")
    assert refused(invoice(item("50"), discount), profile=Profile(allow_discount=False)) == (
        "discount_not_enabled", "lines[2]")


# -- totals and taxes --


def test_a_total_that_the_lines_do_not_come_to_is_refused():
    assert refused(invoice(item("50"), total=D("50.01"))) == ("total_mismatch", "total")


def test_us_tax_names_the_code_on_the_document_and_its_amount():
    document = invoice(item("100", tax_code_id="TAX"), tax_code_id="2", total_tax=D("8.00"))
    payload = mapping.to_qbo(document)
    assert payload["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 8}
    assert payload["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    assert "GlobalTaxCalculation" not in payload


def test_us_lines_say_tax_or_non():
    assert refused(invoice(item("100", tax_code_id="5"))) == ("us_line_tax_code", "lines[1].tax_code_id")


def test_tax_where_the_company_has_none_is_refused():
    document = invoice(item("100", tax_code_id="TAX"), total_tax=D(8))
    assert refused(document, profile=Profile(tax_mode="none")) == ("tax_not_enabled", "total_tax")
    payload = mapping.to_qbo(invoice(item("100", tax_code_id="TAX")), profile=Profile(tax_mode="none"))
    assert "TxnTaxDetail" not in payload
    assert "TaxCodeRef" not in payload["Line"][0]["SalesItemLineDetail"]


def test_global_tax_by_rate_is_sent_only_if_it_adds_up():
    profile = Profile(tax_mode="global")
    taxes = (d.TaxLine("7", D("20.00"), D(100), D(20)),)
    document = invoice(
        item("100", tax_code_id="5", tax_inclusive_amount=D(120)), total_tax=D(20), tax_lines=taxes,
        global_tax="TaxInclusive")
    payload = mapping.to_qbo(document, profile=profile)
    assert payload["GlobalTaxCalculation"] == "TaxInclusive"
    assert payload["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 120
    assert payload["TxnTaxDetail"]["TotalTax"] == 20
    assert mapping.from_qbo("Invoice", payload).tax_lines == taxes
    stale = dataclasses.replace(document, total_tax=D(21), total=D(121))
    assert "TxnTaxDetail" not in mapping.to_qbo(stale, profile=profile)


def test_taking_the_tax_away_says_so():
    base = invoice(item("100", tax_code_id="TAX", line_id="1"), tax_code_id="2", total_tax=D(8))
    payload = mapping.to_qbo(invoice(item("100", tax_code_id="NON")), qbo_id="1", base=base)
    assert payload["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": ""}, "TotalTax": 0}
    assert payload["Line"][0]["Id"] == "1"


# -- updates --


def test_lines_keep_their_ids_and_links():
    link = d.Link("49", "Estimate", "1")
    base = invoice(
        item("10", description="a", line_id="1"), item("20", item_id="2", description="b", line_id="2", links=(link,)),
        item("30", item_id="3", line_id="3"))
    after = invoice(
        item("1", item_id="9"), item("25", item_id="2", description="b"), item("10", description="a"))
    lines = mapping.to_qbo(after, qbo_id="5", sync_token="1", base=base)["Line"]
    assert [line.get("Id") for line in lines] == [None, "2", "1"]
    assert lines[1]["LinkedTxn"] == [{"TxnId": "49", "TxnType": "Estimate", "TxnLineId": "1"}]


def test_the_markup_of_an_expense_stays_without_an_item():
    """QuickBooks has no item on it, only an account; Odoo's line always has a product."""
    link = d.Link("87", "ReimburseCharge", "2")
    base = invoice(item("3", item_id="", description="10% markup", line_id="2", links=(link,)))
    [line] = mapping.to_qbo(invoice(item("4", description="10% markup")), qbo_id="5", base=base)["Line"]
    assert (line["Id"], line["Amount"], "ItemRef" in line["SalesItemLineDetail"]) == ("2", 4, False)


def test_an_unchanged_line_list_is_not_sent():
    base = mapping.from_qbo("Invoice", RECORDED)
    payload = mapping.to_qbo(dataclasses.replace(base, private_note="x"), qbo_id="266", sync_token="0", base=base)
    assert payload == {"Id": "266", "SyncToken": "0", "sparse": True, "PrivateNote": "x"}


def test_a_credit_memo_update_has_everything_marked_sparse():
    base = d.CreditMemo(
        customer_id="1", doc_number="CM1", lines=(item("10", line_id="1"),), total=D(10), customer_memo="m")
    after = dataclasses.replace(base, private_note="x", customer_memo="")
    assert mapping.to_qbo(after, qbo_id="4", sync_token="1", base=base) == {
        "Id": "4", "SyncToken": "1", "sparse": True, "DocNumber": "CM1", "CustomerRef": {"value": "1"},
        "PrivateNote": "x", "CustomerMemo": {"value": ""}, "Line": [{
            "Id": "1", "Amount": 10, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}]}


@settings(max_examples=40)
@given(lines=st.lists(strategies.item_lines(("TAX",)), min_size=1, max_size=6), data=st.data())
def test_matching_uses_every_line_of_the_base_once(lines, data):
    base = tuple(dataclasses.replace(line, line_id=str(index)) for index, line in enumerate(lines, 1))
    shuffled = tuple(data.draw(st.permutations(lines)))
    found = match(shuffled, base)
    assert sorted(line.line_id for line in found) == sorted(line.line_id for line in base)
    assert all(mine == theirs for mine, theirs in zip(shuffled, found, strict=True))


# -- numbers, currencies, voids --


def test_document_numbers():
    assert refused(invoice(item("1"), doc_number="x" * 22)) == ("too_long", "doc_number")
    long = invoice(item("1"), doc_number="x" * 22)
    assert "DocNumber" not in mapping.to_qbo(long, profile=Profile(custom_txn_numbers=False))


def test_currencies():
    foreign = Profile(multicurrency=True)
    document = invoice(item("1"), currency="EUR", exchange_rate=D("1.0842"))
    payload = mapping.to_qbo(document, profile=foreign)
    assert (payload["CurrencyRef"], payload["ExchangeRate"]) == ({"value": "EUR"}, 1.0842)
    assert refused(document) == ("currency_not_enabled", "currency")
    assert refused(invoice(item("1"), currency="EUR"), profile=foreign) == ("missing_exchange_rate", "exchange_rate")
    assert mapping.to_qbo(invoice(item("1")), profile=foreign)["CurrencyRef"] == {"value": "USD"}


@pytest.mark.parametrize("change, voided", [
    ({}, True),
    ({"PrivateNote": "Voided - wrong customer"}, True),
    ({"PrivateNote": "not Voided"}, False),
    ({"PrivateNote": ""}, False),
    ({"TotalAmt": 100.0}, False),
    ({"Line": [{"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}},
               {"Amount": -5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}]}, False),
])
def test_voids_are_recognised_by_total_lines_and_note(change, voided):
    line = {**RECORDED["Line"][0], "Amount": 0}
    payload = {**RECORDED, "TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided", "Line": [line], **change}
    assert mapping.is_voided(payload) is voided
    assert mapping.from_qbo("Invoice", payload).voided is voided


def test_a_void_is_not_written():
    assert refused(invoice(item("0"), voided=True)) == ("void_is_an_operation", "voided")


@settings(max_examples=40)
@given(document=strategies.sales(d.Invoice))
def test_the_wire_total_is_the_total_of_the_document(document):
    assume(document.lines)
    payload = mapping.to_qbo(document, profile=Profile(multicurrency=True))
    signs = {"SalesItemLineDetail": 1, "DiscountLineDetail": -1, "DescriptionOnly": 0}
    net = sum((D(repr(line.get("Amount", 0))) * signs[line["DetailType"]] for line in payload["Line"]), D(0))
    assert net + D(repr(payload.get("TxnTaxDetail", {}).get("TotalTax", 0))) == document.total


def test_a_new_document_is_mailed_by_quickbooks_only_if_it_says_so():
    asked = invoice(item("100"), mail_to="a@b.example")
    payload = mapping.to_qbo(asked)
    assert (payload["EmailStatus"], payload["BillEmail"]) == ("NeedToSend", {"Address": "a@b.example"})
    base = invoice(item("90"))
    assert not {"EmailStatus", "BillEmail"} & set(mapping.to_qbo(asked, qbo_id="1", base=base))
    assert asked == invoice(item("100"))
