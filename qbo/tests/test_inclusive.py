"""Documents at prices that include tax: the same cents in both forms, or net amounts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from qbo import documents as d
from qbo import inclusive, mapping, taxes
from qbo.mapping import Profile

D = Decimal
CENT = D("0.01")
RATES = {
    "7": (taxes.Rate("8", D(20)),), "8": (taxes.Rate("9", D(5)), taxes.Rate("10", D("9.975"))),
    "9": (taxes.Rate("9", D(5)), taxes.Rate("11", D(7), "TaxOnAmountPlusTax")), "10": (taxes.Rate("12", D(0)),)}
GLOBAL = Profile(tax_mode="global")


def line(amount: str, paid: str | None, code: str = "7") -> d.Line:
    price = None if paid is None else D(paid)
    return d.Line(amount=D(amount), item_id="1", tax_code_id=code, tax_inclusive_amount=price)


def invoice(*lines: d.Line, tax: str, **values) -> d.Invoice:
    return d.Invoice(customer_id="1", lines=lines, total_tax=D(tax),
                     total=sum((row.amount for row in lines), D(tax)), **{"global_tax": "TaxExcluded", **values})


def paid(lines: tuple[d.Line, ...]) -> list[D | None]:
    return [row.tax_inclusive_amount for row in lines]


def test_prices_go_where_they_come_to_the_same_cents():
    lines = (line("8.33", "10"), line("5", "5", "10"), d.Line(kind="note", description="x"))
    assert paid(inclusive.fitting(lines, RATES, D("1.67"))) == [10, 5, None]


def test_prices_stay_where_something_would_differ():
    good = line("8.33", "10")
    for lines, tax in (
            ((good, line("8.32", "10")), "3.35"),  # Odoo moved a cent between the lines
            ((good, line("100", None)), "21.67"),  # prices of both kinds
            ((good, line("5", "5", "99")), "1.67"),  # a code whose rates are not known
            ((good,), "1.60"),  # an early discount lowers the tax
            ((line("5", "5", "10"),), "0")):  # nothing is taxed
        assert not any(paid(inclusive.fitting(lines, RATES, D(tax)))), lines


@given(st.lists(st.tuples(st.integers(-99_999, 99_999), st.sampled_from(list(RATES))), min_size=1, max_size=5))
def test_what_follows_from_prices_fits(rows):
    """What QuickBooks computes from the prices is what the document says, whatever rates and signs."""
    lines = []
    for gross, code in rows:
        rate = taxes.effective(RATES[code])
        net = (D(gross) / 100 / (1 + rate)).quantize(CENT, ROUND_HALF_UP)
        lines.append(line(str(net), str(D(gross) / 100), code))
    included = sum((row.tax_inclusive_amount - row.amount for row in lines), D(0))
    fitted = inclusive.fitting(tuple(lines), RATES, included)
    assert any(paid(fitted)) == any(row.amount != row.tax_inclusive_amount for row in lines)


def test_a_new_document_is_formed_as_asked():
    both = invoice(line("8.33", "10"), line("5", "5", "10"), tax="1.67")
    payload = mapping.to_qbo(inclusive.formed(both, None, True), profile=GLOBAL)
    assert payload["GlobalTaxCalculation"] == "TaxInclusive"
    details = [row["SalesItemLineDetail"] for row in payload["Line"]]
    assert [detail["TaxInclusiveAmt"] for detail in details] == [10, 5]
    assert [row["Amount"] for row in payload["Line"]] == [8.33, 5]
    net = mapping.to_qbo(inclusive.formed(both, None, False), profile=GLOBAL)
    assert net["GlobalTaxCalculation"] == "TaxExcluded" and "TaxInclusiveAmt" not in str(net)


def test_a_change_of_lines_never_leaves_half_of_a_form():
    there = invoice(line("8.33", "10"), tax="1.67", global_tax="TaxInclusive")
    note = d.Invoice(**{**vars(there), "private_note": "PO 7"})
    assert inclusive.formed(note, there, False) == note and note.global_tax == "TaxInclusive"
    # Nor does a word for the form alone say another one.
    assert inclusive.formed(d.Invoice(**{**vars(note), "global_tax": "TaxExcluded"}), there, False) == note
    # The tax is not included in Odoo: net amounts, and QuickBooks is told so.
    net = d.Invoice(**{**vars(there), "lines": (line("20", None),), "total_tax": D(4), "total": D(24)})
    payload = mapping.to_qbo(inclusive.formed(net, there, True), qbo_id="1", base=there, profile=GLOBAL)
    assert payload["GlobalTaxCalculation"] == "TaxExcluded" and "TaxInclusiveAmt" not in str(payload)
    # Only the tax changed: the lines are the same and have no prices any more.
    cents = d.Invoice(**{**vars(there), "lines": inclusive.without(there.lines), "total_tax": D("1.66")})
    assert inclusive.formed(cents, there, True).global_tax == "TaxExcluded"


def test_prices_are_no_difference():
    here = invoice(line("8.33", None), tax="1.67")
    assert here == invoice(line("8.33", "10"), tax="1.67")
