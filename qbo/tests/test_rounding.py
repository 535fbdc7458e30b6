"""Odoo's total is QuickBooks' total: rounding methods, tax models, price precision, discounts, included taxes."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo import documents as d
from qbo import mapping, taxes
from qbo.documents import TaxLine
from qbo.mapping import Profile

D = Decimal
CENT = D("0.01")
CODES = {
    "us_manual": {"5": (taxes.Rate("3", D(8)),), "6": (taxes.Rate("4", D("6.25")), taxes.Rate("5", D("2.5")))},
    "global": {
        "7": (taxes.Rate("8", D(20)),), "8": (taxes.Rate("9", D(5)), taxes.Rate("10", D("9.975"))),
        "9": (taxes.Rate("9", D(5)), taxes.Rate("11", D(7), "TaxOnAmountPlusTax")), "10": (taxes.Rate("12", D(0)),)},
}


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def of_all_rates(net: Decimal, rates: tuple[taxes.Rate, ...]) -> Decimal:
    """Return the exact tax of one code on a net amount."""
    total = D(0)
    for rate in rates:
        total += (net + total if rate.on == "TaxOnAmountPlusTax" else net) * rate.percent / 100
    return total


lines = st.lists(st.tuples(
    st.decimals(-50, 999, places=3), st.decimals(0, 500, places=6), st.integers(0, 10_000).map(lambda x: D(x) / 100),
    st.integers(0, 3)), min_size=1, max_size=6)


def odoo_document(mode: str, rows: list, by_line: bool, included: bool) -> tuple[d.Invoice, dict[str, Decimal]]:
    """Return a document as Odoo books it, and its tax by code: amounts in cents, tax rounded by line or over all."""
    codes, parts, exact = list(CODES[mode]), [], defaultdict(D)
    chosen = codes[rows[0][3] % len(codes)]
    for quantity, price, discount, number in rows:
        code = codes[number % len(codes)] if mode == "global" else chosen if number else ""
        gross = quantity * price * (100 - discount) / 100
        rate = of_all_rates(D(1), CODES[mode][code]) if code else D(0)
        net = cents(cents(gross) / (1 + rate)) if included else cents(gross)
        tax = cents(gross) - net if included else net * rate
        if code:
            exact[code] += cents(tax) if by_line else tax
        parts.append(d.Line(
            amount=net, item_id="1", quantity=quantity, unit_price=price,
            tax_code_id=(code if mode == "global" else "TAX" if code else "NON")))
    by_code = {code: cents(tax) for code, tax in exact.items()}
    tax = sum(by_code.values(), D(0))
    document = d.Invoice(
        customer_id="1", lines=tuple(parts), total_tax=tax, total=sum((line.amount for line in parts), tax),
        tax_code_id=chosen if mode == "us_manual" and by_code else "",
        global_tax="TaxExcluded" if mode == "global" else "")
    return document, by_code


def quickbooks_total(payload: dict, mode: str) -> Decimal:
    """Return what QuickBooks books for a payload: its own rounding over each rate, or the tax lines it is given."""
    given_tax, sums = payload.get("TxnTaxDetail", {}), defaultdict(D)
    for line in payload["Line"]:
        detail = line["SalesItemLineDetail"]
        amount = D(str(line["Amount"]))
        if "Qty" in detail and "UnitPrice" in detail:
            assert cents(D(str(detail["Qty"])) * D(str(detail["UnitPrice"]))) == amount
        code = detail.get("TaxCodeRef", {}).get("value", "")
        code = given_tax.get("TxnTaxCodeRef", {}).get("value", "") if code == "TAX" else code
        sums[code if code != "NON" else ""] += amount
    net = sum(sums.values(), D(0))
    if "TaxLine" in given_tax:
        return net + sum(D(str(line["Amount"])) for line in given_tax["TaxLine"])
    bases: dict[tuple, Decimal] = defaultdict(D)
    for code, amount in sums.items():
        before = D(0)
        for rate in CODES[mode].get(code, ()):
            base = amount + before if rate.on == "TaxOnAmountPlusTax" else amount
            bases[rate.rate_id, rate.percent] += base
            before += base * rate.percent / 100
    return net + sum((cents(base * percent / 100) for (_id, percent), base in bases.items()), D(0))


@pytest.mark.parametrize("mode", list(CODES))
@given(rows=lines, by_line=st.booleans(), included=st.booleans())
def test_the_total_is_odoos(mode, rows, by_line, included):
    document, by_code = odoo_document(mode, rows, by_line, included)
    sums = defaultdict(D)
    for line in document.lines:
        code = document.tax_code_id if line.tax_code_id == "TAX" else line.tax_code_id
        if code and code != "NON":
            sums[code] += line.amount
    own = taxes.override(sums, CODES[mode], by_code, document.total_tax)
    document = d.Invoice(**{**vars(document), "tax_lines": own})
    if document.total < 0:
        return
    payload = mapping.to_qbo(document, profile=Profile(tax_mode=mode))
    assert quickbooks_total(payload, mode) == document.total


@given(total=st.integers(-999, 999).map(lambda x: D(x) / 100))
def test_an_override_is_sent_only_where_it_is_needed(total):
    own = taxes.override({"5": D("10.06")}, CODES["us_manual"], {"5": total}, total)
    assert (own == ()) == (total == D("0.80"))
    assert sum((line.amount for line in own), D(0)) == (total if own else 0)


def test_the_difference_goes_to_the_largest_rate():
    own = taxes.override({"6": D(100)}, CODES["us_manual"], {}, D("8.76"))
    assert own == (TaxLine("4", D("6.26"), D(100), D("6.25")), TaxLine("5", D("2.50"), D(100), D("2.5")))


def test_what_is_not_known_is_left_to_quickbooks():
    assert taxes.override({"99": D(10)}, CODES["us_manual"], {"99": D(1)}, D(1)) == ()
    assert taxes.override({}, CODES["us_manual"], {}, D(1)) == ()


def test_automated_tax_gets_the_total_and_no_code():
    document = d.Invoice(
        customer_id="1", lines=(d.Line(amount=D(10), item_id="1", tax_code_id="TAX"),), total_tax=D("0.81"),
        total=D("10.81"))
    profile = Profile(tax_mode="us_automated")
    assert mapping.to_qbo(document, profile=profile)["TxnTaxDetail"] == {"TotalTax": 0.81}
    # The code that QuickBooks has found by the address would have it compute again.
    base = d.Invoice(**{**vars(document), "tax_code_id": "17"})
    changed = d.Invoice(**{**vars(base), "total_tax": D("0.79"), "total": D("10.79")})
    assert mapping.to_qbo(changed, qbo_id="1", base=base, profile=profile)["TxnTaxDetail"] == {"TotalTax": 0.79}
