"""Tax by code out of documents and the ledger of QuickBooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from qbo import documents as d
from qbo import tax_report, taxes
from qbo.errors import MalformedAnswer
from qbo.tax_report import Charged

D = Decimal
RATES = {
    "5": (taxes.Rate("3", D(8)),), "7": (taxes.Rate("8", D(20)),), "8": (taxes.Rate("9", D(5)), taxes.Rate("10", D(7))),
    "9": (taxes.Rate("9", D(5)),)}
COLUMNS = ("tx_date", "txn_type", "doc_num", "name", "memo", "subt_nat_amount")


def line(amount: str, code: str) -> d.Line:
    return d.Line(amount=D(amount), item_id="1", tax_code_id=code)


def test_a_us_document_has_one_code():
    said = {"lines": (line("100", "TAX"), line("20", "NON")), "tax_code_id": "5", "total_tax": D(8), "total": D(128)}
    assert tax_report.by_code(d.Invoice(**said), RATES, us=True) == {"5": Charged(D(100), D(8))}
    memo = d.CreditMemo(**said, exchange_rate=D("1.25"))
    assert tax_report.by_code(memo, RATES, us=True) == {"5": Charged(D(-125), D(-10))}
    discount = d.Line(kind="discount", amount=D(12))
    lowered = d.Invoice(**{**said, "lines": (*said["lines"], discount)}, apply_tax_after_discount=True)
    assert tax_report.by_code(lowered, RATES, us=True) == {"5": Charged(D(90), D(8))}


def test_a_rate_of_two_codes_is_shared():
    document = d.Invoice(
        lines=(line("100", "8"), line("50", "9"), line("10", "7")), total_tax=D("16.51"),
        tax_lines=(d.TaxLine("9", D("7.51"), D(150), D(5)), d.TaxLine("10", D(7), D(100), D(7)),
                   d.TaxLine("8", D(2), D(10), D(20))))
    assert tax_report.by_code(document, RATES, us=False) == {
        "8": Charged(D(100), D("12.01")), "9": Charged(D(50), D("2.50")), "7": Charged(D(10), D(2))}


def test_tax_without_a_known_rate_is_not_lost():
    document = d.Invoice(lines=(line("10", "7"),), total_tax=D(3), tax_lines=(d.TaxLine("99", D(2), D(10), D(20)),))
    assert tax_report.by_code(document, RATES, us=False) == {"7": Charged(D(10), D(0)), "": Charged(D(0), D(3))}


def ledger(*rows: tuple[str, ...]) -> dict:
    return {
        "Columns": {"Column": [{"MetaData": [{"Name": "ColKey", "Value": key}]} for key in COLUMNS]},
        "Rows": {"Row": [{
            "Header": {"ColData": [{"value": "Sales Tax Payable", "id": "10"}]},
            "Rows": {"Row": [{"ColData": [{"value": value, "id": "7" if index == 1 else ""}
                                          for index, value in enumerate(row)]} for row in rows]},
            "Summary": {"ColData": [{"value": "Total"}]}}]}}


def test_what_is_no_document_of_a_customer():
    report = ledger(
        ("Beginning Balance", "", "", "", "", "5.00"), ("2026-03-01", "Invoice", "1001", "Acme", "", "8.00"),
        ("2026-04-20", "Sales Tax Payment", "77", "Board", "Q1", "-12.50"))
    assert list(tax_report.other_entries(report)) == [
        tax_report.LedgerRow(date(2026, 4, 20), "Sales Tax Payment", "7", "77", "Board", "Q1", D("-12.50"))]
    with pytest.raises(MalformedAnswer):
        list(tax_report.other_entries(ledger(("2026-99-20", "Check", "", "", "", "1"))))
    with pytest.raises(MalformedAnswer):
        list(tax_report.other_entries({"Rows": {"Row": "?"}}))


PAID = [
    {"Id": "1", "PaymentDate": "2026-05-07", "PaymentAmount": 12.5, "Description": "Q1", "Refund": False,
     "PaymentAccountRef": {"value": "35", "name": "Checking"}},
    {"Id": "2", "PaymentDate": "2026-05-20", "PaymentAmount": 2, "PaymentAccountRef": {"value": "35"}, "Refund": True},
    {"Id": "3", "PaymentDate": "2026-02-03", "PaymentAmount": 0}]


def test_payments_to_agencies():
    rows = list(tax_report.tax_payments(PAID))
    assert [(str(row.day), row.kind, row.name, row.memo, row.amount) for row in rows] == [
        ("2026-05-07", "payment", "Checking", "Q1", D("-12.5")), ("2026-05-20", "refund", "35", "", D(2))]
    assert str(tax_report.paid_until(rows)) == "2026-04-30"
    assert tax_report.paid_until(rows[1:]) is None


def test_a_payment_that_the_ledger_has_is_listed_once():
    paid = next(tax_report.tax_payments(PAID))
    assert tax_report.not_listed([paid], [paid]) == []
    assert tax_report.not_listed([paid, paid], [paid]) == [paid]


def test_the_last_return_that_was_filed():
    returns = [{"EndDate": "2026-03-31", "FileDate": "2026-04-20"}, {"EndDate": "2026-06-30"},
               {"EndDate": "2026-09-30", "FileDate": "2026-10-01", "UpcomingFiling": True}]
    assert str(tax_report.filed_until(returns)) == "2026-03-31"
    assert tax_report.filed_until(returns[1:]) is None
