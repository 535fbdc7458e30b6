"""Deposits, and money that was booked twice."""

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


def test_the_nearest_payment_counts():
    near, far = receipt(day=DAY - timedelta(days=1), key="2"), receipt(day=DAY - timedelta(days=5), key="1")
    assert double_entries([line()], [far, near], {"79"}) == [(line(), near)]
