"""Entries that move receivables: what they book, and what stands against it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qbo import documents as d
from qbo import mapping
from qbo.entries import receivable_part, unnamed

AR = {"84"}
FREEMAN = {"value": "9", "name": "Freeman"}


def journal(*lines: tuple[str, int, bool]) -> dict:
    """Return a payload of (account, amount above 0 for a debit, with customer)."""
    return {"Id": "5", "TxnDate": "2026-03-10", "TotalAmt": 0, "DocNumber": "J1", "Line": [
        {"Amount": abs(amount), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": {
            "PostingType": "Debit" if amount > 0 else "Credit", "AccountRef": {"value": account},
            **({"Entity": {"Type": "Customer", "EntityRef": FREEMAN}} if named else {})}}
        for account, amount, named in lines]}


def part(entity: str, payload: dict) -> tuple[int, list[tuple[str, str, int]]]:
    entry = mapping.from_qbo(entity, payload)
    assert sum(line.amount for line in entry.lines) == 0
    found = receivable_part(entry, AR)
    assert sum(line.amount for line in found.lines) == 0 or not found.lines
    return int(found.total), [(line.account_id, line.customer_id, int(line.amount)) for line in found.lines]


@pytest.mark.parametrize("lines, total, expected", [
    ((("80", 100, False), ("84", -100, True)), -100, [("84", "9", -100), ("80", "", 100)]),
    # A written-off tax stands on a line of its own.
    ((("80", 90, False), ("81", 10, False), ("84", -100, True)), -100,
     [("84", "9", -100), ("80", "", 90), ("81", "", 10)]),
    # The bank took more than what was owed: only the part of the receivables counts.
    ((("35", 500, False), ("84", -100, True), ("1", -400, False)), -100, [("84", "9", -100), ("35", "", 100)]),
    ((("35", 300, False), ("36", 200, False), ("84", -100, True), ("1", -400, False)), -100,
     [("84", "9", -100), ("", "", 100)]),
    # The base of a withheld tax stands on both sides of its account.
    ((("80", 10, False), ("84", -10, True), ("81", 1000, False), ("81", -1000, False)), -10,
     [("84", "9", -10), ("80", "", 10)]),
    ((("35", 5, False), ("1", -5, False)), 0, []),
    ((("84", 5, True), ("84", -5, True)), 0, []),
])
def test_a_journal_entry(lines, total, expected):
    assert part("JournalEntry", journal(*lines)) == (total, expected)


def purchase(**values: object) -> dict:
    return {"Id": "6", "PaymentType": "Cash", "AccountRef": {"value": "35"}, "TotalAmt": 120,
            "EntityRef": {**FREEMAN, "type": "Customer"}, "Line": [
                {"Amount": 100, "DetailType": "AccountBasedExpenseLineDetail",
                 "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "84"}}},
                {"Amount": 20, "DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail": {}}], **values}


@pytest.mark.parametrize("values, link_type, sign", [
    ({}, "Expense", 1), ({"PaymentType": "Check"}, "Check", 1),
    ({"PaymentType": "CreditCard", "Credit": True}, "CreditCardCredit", -1)])
def test_a_purchase(values, link_type, sign):
    payload = purchase(**values)
    assert mapping.from_qbo("Purchase", payload).link_type == link_type
    assert part("Purchase", payload) == (100 * sign, [("84", "9", 100 * sign), ("35", "", -100 * sign)])


def test_the_customer_of_a_line_comes_before_the_payee():
    payload = purchase()
    payload["Line"][0]["AccountBasedExpenseLineDetail"]["CustomerRef"] = {"value": "11"}
    assert part("Purchase", payload)[1][0] == ("84", "11", 100)


def test_a_deposit_books_only_its_own_lines_on_receivables():
    payload = {"Id": "7", "DepositToAccountRef": {"value": "35"}, "TotalAmt": 160, "Line": [
        {"Amount": 100, "LinkedTxn": [{"TxnId": "3", "TxnType": "Payment"}]},
        {"Amount": 60, "DetailType": "DepositLineDetail", "DepositLineDetail": {
            "AccountRef": {"value": "84"}, "Entity": {**FREEMAN, "type": "CUSTOMER"}}}]}
    assert part("Deposit", payload) == (-60, [("84", "9", -60), ("35", "", 60)])
    payload["Line"].pop()
    assert part("Deposit", {**payload, "TotalAmt": 100}) == (0, [])


def test_receivables_of_nobody():
    entry = mapping.from_qbo("JournalEntry", journal(("80", 5, False), ("84", -5, False)))
    assert unnamed(entry, AR)
    assert not unnamed(mapping.from_qbo("JournalEntry", journal(("80", 5, False), ("84", -5, True))), AR)


def test_a_void_entry_says_nothing():
    payload = {**journal(("80", 0, False), ("84", 0, True)), "PrivateNote": "Voided - Written off"}
    entry = mapping.from_qbo("JournalEntry", payload)
    assert (entry.voided, entry.lines, receivable_part(entry, AR).total) == (True, (), Decimal(0))


def test_an_adjustment_of_home_values():
    assert mapping.from_qbo("JournalEntry", {**journal(("84", 5, True)), "HomeAdjustment": True}).home_adjustment
    assert not d.JournalEntry().home_adjustment


def refund(**values) -> d.Purchase:
    lines = (d.EntryLine(Decimal(30), account_id="84", customer_id="9"), d.EntryLine(Decimal(-30), account_id="35"))
    return d.Purchase(**{"lines": lines, "total": Decimal(30), "link_type": "Expense", "currency": "USD", **values})


@pytest.mark.parametrize(("link_type", "payment_type"), [("Expense", "Cash"), ("Check", "Check")])
def test_a_refund_is_written(link_type, payment_type):
    wanted = refund(link_type=link_type, private_note="Goodwill")
    payload = mapping.to_qbo(wanted)
    assert payload == {
        "PaymentType": payment_type, "AccountRef": {"value": "35"}, "PrivateNote": "Goodwill",
        "EntityRef": {"value": "9", "type": "Customer"}, "Line": [{
            "Amount": 30, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "84"}}}]}
    answer = {**payload, "TotalAmt": 30, "CurrencyRef": {"value": "USD"}}
    assert receivable_part(mapping.from_qbo("Purchase", answer), AR) == wanted
    update = mapping.to_qbo(wanted, qbo_id="7", sync_token="2", base=wanted)
    assert (update["Id"], update["SyncToken"], update["sparse"]) == ("7", "2", False)
    abroad = mapping.to_qbo(wanted, profile=mapping.Profile(tax_mode="global"))
    assert abroad == {**payload, "GlobalTaxCalculation": "NotApplicable"}


@pytest.mark.parametrize(("values", "code"), [
    ({"voided": True}, "void_is_an_operation"), ({"lines": ()}, "unsupported_kind"),
    ({"lines": tuple(d.EntryLine(-line.amount, line.account_id, "9") for line in refund().lines)}, "negative_total"),
    ({"lines": (d.EntryLine(Decimal(30), "84"), d.EntryLine(Decimal(-30), "35"))}, "missing"),
    ({"lines": (d.EntryLine(Decimal(30), "84", "9"), d.EntryLine(Decimal(-30)))}, "missing")])
def test_a_refund_that_is_refused(values, code):
    with pytest.raises(mapping.MappingError) as caught:
        mapping.to_qbo(refund(**values))
    assert caught.value.code == code


def test_a_journal_entry_is_written_and_read_again():
    entry = d.JournalEntry(
        txn_date=date(2026, 3, 10), private_note="MISC/1", total=Decimal(-40),
        lines=(d.EntryLine(Decimal(-40), account_id="84", customer_id="9", description="Bad debt"),
               d.EntryLine(Decimal(40), account_id="80")))
    payload = mapping.to_qbo(entry)
    assert [line["JournalEntryLineDetail"] for line in payload["Line"]] == [
        {"PostingType": "Credit", "AccountRef": {"value": "84"},
         "Entity": {"Type": "Customer", "EntityRef": {"value": "9"}}},
        {"PostingType": "Debit", "AccountRef": {"value": "80"}}]
    assert [line["Amount"] for line in payload["Line"]] == [40, 40]
    read = receivable_part(mapping.from_qbo("JournalEntry", {**payload, "Id": "5", "TotalAmt": 0}), AR)
    assert (read.lines, read.total, read.txn_date, read.private_note) == (
        entry.lines, entry.total, entry.txn_date, entry.private_note)


@pytest.mark.parametrize("code, values", [
    ("missing", {"lines": (d.EntryLine(Decimal(1), account_id="84"),)}),
    ("missing", {"lines": (d.EntryLine(Decimal(1), account_id="84"), d.EntryLine(Decimal(-1)))}),
    ("total_mismatch", {"lines": (
        d.EntryLine(Decimal(2), account_id="84"), d.EntryLine(Decimal(-1), account_id="80"))}),
    ("void_is_an_operation", {"voided": True}),
])
def test_a_journal_entry_that_cannot_be_written(code, values):
    with pytest.raises(mapping.MappingError) as refused:
        mapping.to_qbo(d.JournalEntry(**values))
    assert refused.value.code == code
