"""Deposits, and money that was booked twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qbo.bank import DepositLine, Receipt, deposit_lines, double_entries

DAY = date(2026, 5, 3)


def line(amount="100", account="79", customer="5", day=DAY, number=1):
    return DepositLine("17", day, "35", number, Decimal(amount), account_id=account, customer_id=customer)


def receipt(amount="100", customer="5", day=DAY, key="1"):
    return Receipt(key, day, Decimal(amount), customer)


def test_lines_of_a_deposit():
    lines = deposit_lines({
        "Id": "17", "TxnDate": "2026-05-03", "DepositToAccountRef": {"value": "35"}, "TotalAmt": 150, "Line": [
            {"Amount": 100, "LinkedTxn": [{"TxnId": "9", "TxnType": "Payment"}], "DepositLineDetail": {}},
            {"Amount": 50, "Description": "From the feed", "DepositLineDetail": {
                "AccountRef": {"value": "79"}, "Entity": {"value": "5", "type": "CUSTOMER"}}},
            {"Amount": 1, "DepositLineDetail": {
                "AccountRef": {"value": "79"}, "Entity": {"value": "8", "type": "VENDOR"}}}]})
    assert [(one.txn_type, one.txn_id, one.account_id, one.customer_id, one.amount) for one in lines] == [
        ("Payment", "9", "", "", Decimal(100)), ("", "", "79", "5", Decimal(50)), ("", "", "79", "", Decimal(1))]
    assert [one.others for one in lines] == [False, False, True]
    assert (lines[1].day, lines[1].bank_id, lines[1].description) == (DAY, "35", "From the feed")


@pytest.mark.parametrize(("lines", "receipts", "pairs"), [
    ([line()], [receipt()], 1),
    ([line()], [receipt(day=DAY - timedelta(days=7))], 1),
    ([line()], [receipt(day=DAY + timedelta(days=8))], 0),
    ([line()], [receipt(amount="100.01")], 0),
    ([line()], [receipt(customer="6")], 0),
    ([line(account="80")], [receipt()], 0),
    ([line(customer="")], [receipt(customer="")], 0),
    # One payment explains one line.
    ([line(), line(number=2)], [receipt()], 1),
    ([line(), line(number=2)], [receipt(), receipt(key="2")], 2),
])
def test_double_entries(lines, receipts, pairs):
    assert len(double_entries(lines, receipts, {"79", "84"})) == pairs


@pytest.mark.parametrize(("nameless", "banks", "pairs"), [
    (line(customer=""), {"35", "36"}, 1),
    (line(customer=""), {"36"}, 0),
    (line(customer="", amount="99"), {"35"}, 0),
    (replace(line(customer=""), others=True), {"35"}, 0),
    (line(customer="6"), {"35"}, 0),
])
def test_a_line_without_a_customer_is_known_by_its_bank(nameless, banks, pairs):
    one = replace(receipt(), banks=frozenset(banks))
    assert len(double_entries([nameless], [one], {"79"})) == pairs


def test_the_customer_goes_before_the_bank():
    nameless, named = line(customer="", number=1), line(number=2)
    assert double_entries([nameless, named], [replace(receipt(), banks=frozenset({"35"}))], {"79"}) == [
        (named, replace(receipt(), banks=frozenset({"35"})))]


def test_the_nearest_payment_counts():
    near, far = receipt(day=DAY - timedelta(days=1), key="2"), receipt(day=DAY - timedelta(days=5), key="1")
    assert double_entries([line()], [far, near], {"79"}) == [(line(), near)]
