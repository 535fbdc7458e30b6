"""Report totals: recorded shapes, nothing counted twice, nothing crashes."""

import contextlib
import unittest
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo.errors import MalformedAnswer
from qbo.report import customer_totals, grand_total

KEYS = ("Columns", "Column", "Rows", "Row", "Header", "Summary", "ColData", "value", "id", "group", "ColType",
        "MetaData", "Name", "Value", "ColTitle")  # fmt: skip
BUCKETS = ("Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total")


def cells(name, qbo_id, *values):
    first = {"value": name, "id": qbo_id} if qbo_id else {"value": name}
    return [first, *({"value": value} for value in values)]


def aged(*rows, titles=BUCKETS):
    money = [{"ColTitle": title, "ColType": "Money"} for title in titles]
    return {
        "Header": {"ReportName": "AgedReceivables", "Option": [{"Name": "NoReportData", "Value": "false"}]},
        "Columns": {"Column": [{"ColTitle": "", "ColType": "Customer"}, *money]},
        "Rows": {"Row": list(rows)},
    }


def line(name, qbo_id, total):
    return {"ColData": cells(name, qbo_id, "", total, "", "", "", total)}


def summary(name, total):
    return {"ColData": cells(name, "", "", total, "", "", "", total)}


def grand(total):
    return {"Summary": summary("TOTAL", total), "type": "Section", "group": "GrandTotal"}


def section(head, total, *rows):
    return {"Header": head, "Rows": {"Row": list(rows)}, "Summary": summary("Total", total), "type": "Section"}


class TestAgedReceivables(unittest.TestCase):
    def test_parent_without_own_balance(self):
        report = aged(
            line("Amy's Bird Sanctuary", "1", "239.00"),
            section(
                {"ColData": cells("Freeman", "7", "")}, "81.00", {**line("Twin Lane", "9", "81.00"), "type": "Data"}
            ),
            line("Credit", "3", "-20.50"),
            grand("299.50"),
        )
        self.assertEqual(grand_total(report), Decimal("299.50"))
        totals = customer_totals(report)
        self.assertEqual({key: value for key, value in totals.items() if value},
                         {"1": Decimal("239.00"), "9": Decimal("81.00"), "3": Decimal("-20.50")})  # fmt: skip
        self.assertEqual(sum(totals.values()), grand_total(report))

    def test_parent_with_own_balance_in_the_header(self):
        head = {"ColData": cells("Freeman", "7", "", "50.00", "", "", "", "50.00")}
        report = aged(section(head, "131.00", line("Twin Lane", "9", "81.00")), grand("131.00"))
        self.assertEqual(customer_totals(report), {"9": Decimal("81.00"), "7": Decimal("50.00")})

    def test_parent_with_own_balance_as_a_row(self):
        head = {"ColData": cells("Freeman", "7", "", "50.00", "", "", "", "50.00")}
        rows = (line("Freeman", "7", "50.00"), line("Twin Lane", "9", "81.00"))
        report = aged(section(head, "131.00", *rows), grand("131.00"))
        self.assertEqual(customer_totals(report), {"7": Decimal("50.00"), "9": Decimal("81.00")})

    def test_own_row_without_a_sum_of_the_section(self):
        head = {"ColData": cells("Freeman", "7", "", "50.00", "", "", "", "50.00")}
        rows = (line("Freeman", "7", "50.00"), line("Twin Lane", "9", "81.00"))
        report = aged({"Header": head, "Rows": {"Row": list(rows)}, "type": "Section"}, grand("131.00"))
        self.assertEqual(customer_totals(report), {"7": Decimal("50.00"), "9": Decimal("81.00")})

    def test_header_that_repeats_the_sum_of_the_section(self):
        head = {"ColData": cells("Freeman", "7", "", "81.00", "", "", "", "81.00")}
        report = aged(section(head, "81.00", line("Twin Lane", "9", "81.00")), grand("81.00"))
        self.assertEqual(sum(customer_totals(report).values()), Decimal("81.00"))

    def test_three_levels(self):
        inner = section(
            {"ColData": cells("Job", "8", "", "5.00", "", "", "", "5.00")}, "7.00", line("Part", "9", "2.00")
        )
        head = {"ColData": cells("Top", "7", "", "1.00", "", "", "", "1.00")}
        report = aged(section(head, "8.00", inner), grand("8.00"))
        self.assertEqual(customer_totals(report), {"9": Decimal("2.00"), "8": Decimal("5.00"), "7": Decimal("1.00")})

    def test_another_language(self):
        report = aged(line("A", "1", "5.00"), grand("5.00"), titles=("Courant", "1", "2", "3", "4", "Somme"))
        self.assertEqual(grand_total(report), Decimal("5.00"))

    def test_no_data(self):
        for rows in ({}, {"Row": []}):
            report = {**aged(), "Rows": rows}
            self.assertEqual((grand_total(report), customer_totals(report)), (Decimal(0), {}))


class TestColumns(unittest.TestCase):
    def trial_balance(self, first, second):
        return {
            "Columns": {"Column": [{"ColTitle": "", "ColType": "Account"}, first, second]},
            "Rows": {"Row": [
                {"ColData": cells("Checking", "35", "10.00", "")},
                {"Summary": {"ColData": cells("TOTAL", "", "10.00", "9.00")}, "group": "GrandTotal"},
            ]},
        }  # fmt: skip

    def test_by_key_in_both_dialects(self):
        debit = {"ColTitle": "D", "ColType": "Money", "MetaData": [{"Name": "ColKey", "Value": "debit"}]}
        credit = {"ColTitle": "C", "ColType": "Money", "MetaData": [{"Name": "ColKey", "Value": "credit"}]}
        self.assertEqual(grand_total(self.trial_balance(debit, credit), "credit"), Decimal("9.00"))
        self.assertEqual(grand_total(self.trial_balance(credit, debit), "credit"), Decimal("10.00"))
        old = self.trial_balance({"ColTitle": "", "ColType": "debit"}, {"ColTitle": "", "ColType": "credit"})
        self.assertEqual(grand_total(old, "debit"), Decimal("10.00"))
        with self.assertRaises(MalformedAnswer):
            grand_total(old, "total")

    def test_grouped_columns(self):
        report = aged(grand("4.00"))
        report["Columns"] = {"Column": [
            {"ColType": "Customer", "ColTitle": ""},
            {"ColTitle": "2026", "Columns": {"Column": [{"ColTitle": str(n), "ColType": "Money"} for n in range(5)]}},
            {"ColTitle": "Total", "ColType": "Money"},
        ]}  # fmt: skip
        self.assertEqual(grand_total(report), Decimal("4.00"))

    def test_grand_total_without_its_mark(self):
        report = aged(line("A", "1", "5.00"), {"Summary": summary("TOTAL", "5.00"), "metadata": {"type": "TOTAL"}})
        self.assertEqual(grand_total(report), Decimal("5.00"))
        with self.assertRaises(MalformedAnswer):
            grand_total(aged(line("A", "1", "5.00")))


class TestNothingCrashes(unittest.TestCase):
    def test_amounts_that_are_none(self):
        for value in ("x", "NaN", "Infinity", None, [], "1,000.00"):
            with self.subTest(value=value), self.assertRaises(MalformedAnswer):
                grand_total(aged(grand(value)))

    def test_deep_nesting(self):
        row = line("A", "1", "1.00")
        for _level in range(300):
            row = {"Rows": {"Row": [row]}}
        with self.assertRaises(MalformedAnswer):
            customer_totals(aged(row))

    @settings(max_examples=80, deadline=None)
    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=6) | st.just("GrandTotal") | st.just("Money"),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
            max_leaves=20,
        )
    )  # fmt: skip
    def test_random_trees(self, tree):
        for report in ({**aged(), "Rows": {"Row": [tree]}}, {**aged(grand("1")), "Columns": tree}, {"Rows": tree}):
            for read in (grand_total, customer_totals):
                # Either a number or this error; anything else ends the test.
                with contextlib.suppress(MalformedAnswer):
                    self.assertIn(type(read(report)), (Decimal, dict))


if __name__ == "__main__":
    unittest.main()
