"""Payments: exact lines, credits, full updates and their allocation to pairs."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from qbo import documents as d
from qbo import mapping
from qbo.allocate import Allocation, allocate
from qbo.mapping import MappingError, Profile

D = Decimal
RECORDED = {
    "CustomerRef": {"value": "20", "name": "Red Rock Diner"}, "DepositToAccountRef": {"value": "4"},
    "PaymentMethodRef": {"value": "2"}, "TotalAmt": 220.0, "UnappliedAmt": 0, "ProcessPayment": False,
    "TxnDate": "2023-02-17", "CurrencyRef": {"value": "USD"}, "LinkedTxn": [{"TxnId": "121", "TxnType": "Deposit"}],
    "Line": [{"Amount": 220.0, "LinkedTxn": [{"TxnId": "67", "TxnType": "Invoice"}], "LineEx": {"any": [
        {"name": "{http://schema.intuit.com/finance/v3}NameValue", "value": {"Name": "txnId", "Value": "67"}}]}}],
}


def payment(total: str, *lines: tuple[str, str, str], **values) -> d.Payment:
    parts = d.payment_lines(d.PaymentLine(D(amount), qbo_id, kind) for amount, kind, qbo_id in lines)
    return d.Payment(customer_id="20", total=D(total), lines=parts, **values)


def refused(call, *arguments) -> tuple[str, str]:
    with pytest.raises(MappingError) as caught:
        call(*arguments)
    return caught.value.code, caught.value.field


def test_a_recorded_payment():
    read = mapping.from_qbo("Payment", RECORDED)
    assert read.lines == (d.PaymentLine(D(220), "67", "Invoice"),)
    assert (read.total, read.method_id, read.deposit_account_id, read.voided) == (D(220), "2", "4", False)


def test_one_payment_on_three_invoices_is_one_payload_with_three_lines():
    payload = mapping.to_qbo(payment("60", ("10", "Invoice", "1"), ("20", "Invoice", "2"), ("30", "Invoice", "3")))
    assert payload == {"CustomerRef": {"value": "20"}, "TotalAmt": 60, "Line": [
        {"Amount": amount, "LinkedTxn": [{"TxnId": qbo_id, "TxnType": "Invoice"}]}
        for amount, qbo_id in ((10, "1"), (20, "2"), (30, "3"))]}


def test_a_credit_on_an_invoice_is_a_payment_of_nothing_with_two_positive_lines():
    payload = mapping.to_qbo(payment("0", ("40", "Invoice", "1"), ("40", "CreditMemo", "2")))
    assert payload["TotalAmt"] == 0
    assert [line["Amount"] for line in payload["Line"]] == [40, 40]


def test_an_overpayment_keeps_its_rest():
    payload = mapping.to_qbo(payment("30", ("5", "Invoice", "1")))
    assert (payload["TotalAmt"], payload["Line"][0]["Amount"]) == (30, 5)
    assert "Line" not in mapping.to_qbo(payment("30"))


def test_an_update_is_full_and_has_all_lines():
    base = payment("30", ("5", "Invoice", "1"), ("6", "Invoice", "2"), reference="CHK", private_note="n")
    after = dataclasses.replace(base, lines=base.lines[:1], reference="")
    assert mapping.to_qbo(after, qbo_id="9", sync_token="3", base=base) == {
        "Id": "9", "SyncToken": "3", "sparse": False, "CustomerRef": {"value": "20"}, "TotalAmt": 30,
        "PaymentRefNum": "", "PrivateNote": "n",
        "Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}]}


def test_what_quickbooks_refuses_is_refused_before():
    assert refused(mapping.to_qbo, payment("-1")) == ("negative_total", "total")
    assert refused(mapping.to_qbo, payment("5", ("-5", "Invoice", "1"))) == ("negative_amount", "lines[1].amount")
    assert refused(mapping.to_qbo, dataclasses.replace(payment("5"), customer_id="")) == ("missing", "customer_id")
    assert refused(mapping.to_qbo, dataclasses.replace(payment("0"), voided=True)) == ("void_is_an_operation", "voided")


def test_a_foreign_payment_has_its_own_rate():
    document = payment("5", currency="EUR", exchange_rate=D("1.1"))
    payload = mapping.to_qbo(document, profile=Profile(multicurrency=True))
    assert (payload["CurrencyRef"], payload["ExchangeRate"]) == ({"value": "EUR"}, 1.1)


def test_lines_are_in_one_form_whatever_their_order():
    lines = [d.PaymentLine(D(5), "10"), d.PaymentLine(D(0), "3"), d.PaymentLine(D(2), "9"), d.PaymentLine(D(1), "10")]
    assert d.payment_lines(lines) == (d.PaymentLine(D(2), "9"), d.PaymentLine(D(6), "10"))
    assert d.payment_lines(reversed(lines)) == d.payment_lines(lines)


def test_a_line_with_an_invoice_and_a_credit_is_read_as_both():
    line = {"Amount": 40, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}, {"TxnId": "2", "TxnType": "CreditMemo"}]}
    assert mapping.from_qbo("Payment", {"TotalAmt": 0, "Line": [line]}).lines == payment(
        "0", ("40", "Invoice", "1"), ("40", "CreditMemo", "2")).lines


@pytest.mark.parametrize("links", [[], [{"TxnId": "1", "TxnType": "Invoice"}, {"TxnId": "2", "TxnType": "Invoice"}]])
def test_an_amount_without_a_clear_transaction_is_refused(links):
    raw = {"Line": [{"Amount": 40, "LinkedTxn": links}]}
    assert refused(mapping.from_qbo, "Payment", raw) == ("ambiguous", "lines")


def test_a_recorded_void():
    raw = {"TxnDate": "2013-07-11", "PrivateNote": "Voided", "CustomerRef": {"value": "25342"}, "TotalAmt": "0",
           "UnappliedAmt": "0", "ProcessPayment": "false"}
    read = mapping.from_qbo("Payment", raw)
    assert (read.voided, read.lines, allocate(read)) == (True, (), Allocation())
    assert mapping.from_qbo("Payment", {**raw, "PrivateNote": "applied credit"}).voided is False


# -- allocation --


def test_credits_pay_first_and_money_the_rest():
    document = payment("50", ("30", "Invoice", "1"), ("60", "Invoice", "2"), ("45", "CreditMemo", "7"))
    assert allocate(document) == Allocation(
        credits=(("CreditMemo", "7", "Invoice", "1", D(30)), ("CreditMemo", "7", "Invoice", "2", D(15))),
        cash=(("Invoice", "2", D(45)),), unapplied=D(5))


@given(document=strategies.payments(), data=st.data())
def test_pairs_come_to_every_line_exactly(document, data):
    found = allocate(document)
    settled: dict[tuple[str, str], Decimal] = {}
    used: dict[tuple[str, str], Decimal] = {}
    for kind, qbo_id, amount in found.cash:
        settled[kind, qbo_id] = settled.get((kind, qbo_id), D(0)) + amount
    for credit, credit_id, kind, qbo_id, amount in found.credits:
        settled[kind, qbo_id] = settled.get((kind, qbo_id), D(0)) + amount
        used[credit, credit_id] = used.get((credit, credit_id), D(0)) + amount
    assert {**settled, **used} == {(line.txn_type, line.txn_id): line.amount for line in document.lines}
    assert all(pair[-1] > 0 for pair in (*found.cash, *found.credits))
    assert sum((pair[-1] for pair in found.cash), found.unapplied) == document.total
    assert found.unapplied == document.unapplied
    shuffled = dataclasses.replace(document, lines=tuple(data.draw(st.permutations(document.lines))))
    assert allocate(shuffled) == found


@pytest.mark.parametrize("document", [
    payment("10", ("11", "Invoice", "1")),
    payment("10", ("11", "Invoice", "1"), ("0.5", "CreditMemo", "2")),
    payment("10", ("5", "Invoice", "1"), ("6", "CreditMemo", "2")),
])
def test_lines_that_exceed_the_money_or_the_invoices_are_refused(document):
    assert refused(allocate, document) == ("over_applied", "lines")


def test_an_expense_on_receivables_is_settled_like_an_invoice():
    assert allocate(payment("25", ("25", "Expense", "8"))).cash == (("Expense", "8", D(25)),)


def test_journal_entries_are_read_by_the_figures():
    as_credit = payment("60", ("100", "Invoice", "1"), ("40", "JournalEntry", "5"))
    assert allocate(as_credit).credits == (("JournalEntry", "5", "Invoice", "1", D(40)),)
    as_debit = payment("140", ("100", "Invoice", "1"), ("40", "JournalEntry", "5"))
    assert allocate(as_debit).cash == (("Invoice", "1", D(100)), ("JournalEntry", "5", D(40)))
    assert refused(allocate, payment("7", ("40", "JournalEntry", "5"))) == ("ambiguous", "lines.txn_type")
    both = payment("0", ("40", "JournalEntry", "5"), ("40", "JournalEntry", "6"))
    assert refused(allocate, both) == ("ambiguous", "lines.txn_type")


def test_unknown_transactions_are_refused():
    assert refused(allocate, payment("5", ("5", "Mystery", "1"))) == ("unsupported_kind", "lines.txn_type")
