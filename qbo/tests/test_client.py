"""Queries, changes, batches and writes over a transport that answers from a script."""

import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo import errors
from qbo.client import BatchItem, Client, quote
from qbo.errors import MalformedAnswer


class Wire:
    """A transport that answers in order and remembers what it was asked."""

    company_id = "9130"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def request(self, method, path, **values):
        self.asked.append((method, path, values))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def statements(self):
        return [values["data"] for _method, path, values in self.asked if path == "query"]


def rows(entity, numbers):
    found = [{"Id": str(number)} for number in numbers]
    return {"QueryResponse": {entity: found, "startPosition": 1, "maxResults": len(found)} if found else {}}


def client(*answers):
    wire = Wire(*answers)
    return Client(wire), wire


class TestQuery(unittest.TestCase):
    def test_pages_until_a_short_one(self):
        # More than 1,000 rows: 1,000 + 1,000 + 3.
        api, wire = client(rows("Item", range(1000)), rows("Item", range(1000, 2000)), rows("Item", [7001, 7002, 7003]))
        found = list(api.query("Item", "Type = 'Service'"))
        self.assertEqual(len(found), 2003)
        self.assertEqual(
            wire.statements,
            [
                f"SELECT * FROM Item WHERE Type = 'Service' ORDERBY Id STARTPOSITION {start} MAXRESULTS 1000"
                for start in (1, 1001, 2001)
            ],
        )
        self.assertEqual({values["kind"] for _m, _p, values in wire.asked}, {"metered"})
        self.assertEqual(wire.asked[0][2]["content_type"], "application/text")

    def test_a_full_last_page_costs_one_more_question(self):
        api, wire = client(rows("Item", [1, 2]), rows("Item", []))
        self.assertEqual(len(list(api.query("Item", page=2))), 2)
        self.assertEqual(len(wire.asked), 2)

    def test_rows_that_moved_come_once(self):
        api, _wire = client(rows("Invoice", [1, 2, 3]), rows("Invoice", [3, 4, 5]), rows("Invoice", [6]))
        self.assertEqual([row["Id"] for row in api.query("Invoice", page=3)], ["1", "2", "3", "4", "5", "6"])

    def test_a_failed_page_raises(self):
        api, _wire = client(rows("Item", [1, 2]), errors.RateLimited("slow down"))
        found = api.query("Item", page=2)
        self.assertEqual([next(found)["Id"], next(found)["Id"]], ["1", "2"])
        with self.assertRaises(errors.RateLimited):
            next(found)

    def test_a_server_that_repeats_its_page_ends_the_loop(self):
        api, _wire = client(rows("Item", [1, 2]), rows("Item", [1, 2]), rows("Item", [1, 2]))
        with self.assertRaises(MalformedAnswer):
            list(api.query("Item", page=2))

    def test_garbled_answers(self):
        for answer in ({}, {"QueryResponse": []}, {"QueryResponse": {"Item": {}}}, {"QueryResponse": {"Item": [1]}}):
            api, _wire = client(answer)
            with self.subTest(answer=answer), self.assertRaises(MalformedAnswer):
                list(api.query("Item"))

    def test_inactive_rows_of_name_lists(self):
        api, wire = client(rows("Customer", []), rows("Invoice", []))
        list(api.query("Customer", "Balance > '0'", include_inactive=True))
        list(api.query("Invoice", include_inactive=True))
        self.assertIn("WHERE Balance > '0' AND Active IN (true, false) ORDERBY", wire.statements[0])
        self.assertNotIn("Active", wire.statements[1])

    def test_count(self):
        api, wire = client({"QueryResponse": {"totalCount": 41}}, {"QueryResponse": {}})
        self.assertEqual(api.count("Customer", "Active = true"), 41)
        self.assertEqual(wire.statements, ["SELECT COUNT(*) FROM Customer WHERE Active = true"])
        with self.assertRaises(MalformedAnswer):
            api.count("Customer")

    def test_ids_in_portions(self):
        ids = [str(number) for number in range(450)]
        api, wire = client(*(rows("Customer", part) for part in (range(200), range(200, 400), range(400, 449))))
        self.assertEqual(len(api.query_ids("Customer", ids + ids)), 449)
        self.assertEqual(len(wire.asked), 3)
        self.assertTrue(wire.statements[0].startswith("SELECT * FROM Customer WHERE Id IN ('0', '1', "))
        self.assertIn("Active IN (true, false)", wire.statements[2])
        self.assertEqual(api.query_ids("Customer", []), [])

    def test_entities_and_ids_cannot_carry_a_statement(self):
        api, wire = client()
        for call in (
            lambda: list(api.query("Customer WHERE 1 = 1")),
            lambda: api.read("Customer", "1/../2"),
            lambda: api.read("Customer", ""),
            lambda: api.report("A?b=c"),
            lambda: list(api.query("Customer", page=1001)),
            lambda: list(api.query("Customer", page=0)),
        ):
            with self.assertRaises(ValueError):
                call()
        self.assertEqual(wire.asked, [])


class TestQuote(unittest.TestCase):
    def test_recorded_forms(self):
        self.assertEqual(quote("Amy's Bird Sanctuary"), r"'Amy\'s Bird Sanctuary'")
        self.assertEqual(quote("Robertson & Associates"), "'Robertson & Associates'")
        self.assertEqual(quote("O\tBrien\n"), "'O Brien '")

    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=40))
    def test_nobody_gets_out_of_the_quotes(self, value):
        literal = quote(value)
        inside = literal[1:-1]
        self.assertEqual((literal[0], literal[-1]), ("'", "'"))
        position = 0
        while position < len(inside):
            self.assertNotEqual(inside[position], "'")
            position += 2 if inside[position] == "\\" else 1
        # An escape at the very end would swallow the closing quote.
        self.assertEqual(position, len(inside))


class TestRead(unittest.TestCase):
    def test_read(self):
        api, wire = client({"CreditMemo": {"Id": "7"}, "time": "x"})
        self.assertEqual(api.read("CreditMemo", "7"), {"Id": "7"})
        self.assertEqual(wire.asked, [("GET", "creditmemo/7", {"kind": "metered"})])

    def test_company_and_preferences(self):
        api, wire = client({"CompanyInfo": {"CompanyName": "x"}}, {"Preferences": {"Id": "1"}}, {"other": 1})
        self.assertEqual(api.company_info()["CompanyName"], "x")
        self.assertEqual(api.preferences()["Id"], "1")
        self.assertEqual([path for _method, path, _values in wire.asked], ["companyinfo/9130", "preferences"])
        with self.assertRaises(MalformedAnswer):
            api.preferences()

    def test_report(self):
        api, wire = client({"Header": {}})
        api.report("AgedReceivables", report_date="2026-01-31", customer=None)
        self.assertEqual(
            wire.asked,
            [("GET", "reports/AgedReceivables", {"params": {"report_date": "2026-01-31"}, "kind": "metered"})],
        )


def changes(*groups, time="2026-09-01T10:00:00.123-07:00"):
    return {"CDCResponse": [{"QueryResponse": list(groups)}], "time": time}


class TestCdc(unittest.TestCase):
    SINCE = datetime(2026, 9, 1, 0, 0, 30, 999999, tzinfo=timezone.utc)

    def test_changed_deleted_and_unchanged(self):
        api, wire = client(
            changes(
                {},
                {"Invoice": [{"domain": "QBO", "status": "Deleted", "Id": "9"}], "maxResults": 1, "totalCount": 1},
                {"Customer": [{"Id": "63"}, {"Id": "64", "Active": False}], "startPosition": 1, "maxResults": 2},
            )
        )
        result = api.cdc(["Customer", "Invoice", "Payment"], self.SINCE)
        self.assertEqual([row["Id"] for row in result.changed["Customer"]], ["63", "64"])
        self.assertEqual(result.deleted, {"Invoice": ["9"]})
        self.assertNotIn("Invoice", result.changed)
        self.assertFalse(result.full)
        self.assertEqual(result.time, datetime(2026, 9, 1, 17, 0, 0, 123000, tzinfo=timezone.utc))
        params = wire.asked[0][2]["params"]
        # Cut, never rounded up: a cursor must not jump over a change.
        self.assertEqual(params, {"entities": "Customer,Invoice,Payment", "changedSince": "2026-08-31T16:00:30-08:00"})

    def test_a_thousand_objects_are_a_full_answer(self):
        for first, second, full in ((999, 0, False), (600, 399, False), (600, 400, True), (1000, 0, True)):
            deleted = [{"Id": str(number), "status": "Deleted"} for number in range(second)]
            api, _wire = client(changes({"Customer": [{"Id": "1"}] * first}, {"Invoice": deleted}))
            self.assertEqual(api.cdc(["Customer", "Invoice"], self.SINCE).full, full)

    def test_no_time_no_cursor(self):
        for time in ("", None, "2026-09-01", "2026-09-01T10:00:00"):
            api, _wire = client(changes(time=time))
            with self.assertRaises(MalformedAnswer):
                api.cdc(["Customer"], self.SINCE)

    def test_a_failed_entity_does_not_look_unchanged(self):
        fault = {"Fault": {"Error": [{"Message": "m", "code": "10000"}], "type": "SystemFault"}}
        for answer, cls in (
            (changes(fault), errors.ServerFault),
            ({"CDCResponse": [fault], "time": "2026-09-01T10:00:00Z"}, errors.ServerFault),
            ({"CDCResponse": [{"QueryResponse": {}}], "time": "2026-09-01T10:00:00Z"}, MalformedAnswer),
            ({"time": "2026-09-01T10:00:00Z"}, MalformedAnswer),
        ):
            api, _wire = client(answer)
            with self.assertRaises(cls):
                api.cdc(["Customer"], self.SINCE)

    def test_since_needs_a_zone_and_somebody_to_ask_for(self):
        api, wire = client()
        with self.assertRaises(ValueError):
            api.cdc(["Customer"], datetime(2026, 9, 1))
        with self.assertRaises(ValueError):
            api.cdc([], self.SINCE)
        self.assertEqual(wire.asked, [])

    def test_same_moment_in_two_zones_is_one_question(self):
        api, wire = client(changes(), changes())
        api.cdc(["Customer"], self.SINCE)
        api.cdc(["Customer"], self.SINCE.astimezone(timezone(timedelta(hours=13))))
        self.assertEqual(wire.asked[0], wire.asked[1])


class TestWrites(unittest.TestCase):
    def test_create_and_update(self):
        api, wire = client({"Invoice": {"Id": "5"}}, {"Invoice": {"Id": "5", "SyncToken": "1"}})
        self.assertEqual(api.create("Invoice", {"Line": []}, "r1")["Id"], "5")
        api.update("Invoice", {"Id": "5", "SyncToken": "0", "sparse": True}, "r2")
        self.assertEqual(
            wire.asked[0],
            ("POST", "invoice", {"params": None, "json": {"Line": []}, "request_id": "r1", "kind": "core"}),
        )
        self.assertEqual(wire.asked[1][2]["request_id"], "r2")

    def test_tax_code_through_its_service(self):
        """The answer has no envelope, and a repetition needs the same request id."""
        api, wire = client({"TaxCode": "City", "TaxCodeId": "7", "TaxRateDetails": []}, {"TaxCode": "City"})
        self.assertEqual(api.create_tax_code({"TaxCode": "City"}, "r1"), "7")
        self.assertEqual(
            wire.asked[0],
            ("POST", "taxservice/taxcode",
             {"json": {"TaxCode": "City"}, "request_id": "r1", "kind": "core"}))
        with self.assertRaises(MalformedAnswer):
            api.create_tax_code({"TaxCode": "City"}, "r2")

    def test_delete_and_void(self):
        api, wire = client(*[{name: {"Id": "5"}} for name in ("Invoice", "Invoice", "Payment")])
        api.delete("Invoice", "5", "0", "r1")
        api.void("Invoice", "5", "0", "r2")
        api.void("Payment", "5", "0", "r3")
        self.assertEqual(
            [(path, values["params"], values["json"]) for _method, path, values in wire.asked],
            [
                ("invoice", {"operation": "delete"}, {"Id": "5", "SyncToken": "0"}),
                ("invoice", {"operation": "void"}, {"Id": "5", "SyncToken": "0"}),
                ("payment", {"operation": "update", "include": "void"}, {"Id": "5", "SyncToken": "0", "sparse": True}),
            ],
        )
        with self.assertRaises(ValueError):
            api.void("CreditMemo", "5", "0", "r4")


class TestBatch(unittest.TestCase):
    def test_partial_failure_is_per_item_and_order_does_not_matter(self):
        stale = {"Fault": {"Error": [{"Message": "Stale Object Error", "code": "5010"}], "type": "ValidationFault"}}
        api, wire = client({
            "BatchItemResponse": [
                {"QueryResponse": {"SalesReceipt": [{"Id": "17"}]}, "bId": "4"},
                {**stale, "bId": "3"},
                {"Vendor": {"Id": "71"}, "bId": "1"},
                {"Invoice": {"Id": "129", "status": "Deleted"}, "bId": "2"},
            ],
            "time": "2020-09-29T08:13:18.000-07:00",
        })  # fmt: skip
        answers = api.batch(
            [
                BatchItem("1", "create", "Vendor", {"DisplayName": "Boraski", "Balance": Decimal("1.50")}),
                BatchItem("2", "delete", "Invoice", {"Id": "129", "SyncToken": "0"}),
                BatchItem("3", "update", "SalesReceipt", {"Id": "11", "SyncToken": "0", "sparse": True}),
                BatchItem("4", "query", query="select * from SalesReceipt where TotalAmt > '300.00'"),
                BatchItem("5", "create", "Vendor", {"DisplayName": "Lost"}),
            ],
            "batch-1",
        )
        self.assertEqual(list(answers), ["1", "2", "3", "4", "5"])
        self.assertEqual(answers["1"], {"Id": "71"})
        self.assertEqual(answers["2"]["status"], "Deleted")
        self.assertIsInstance(answers["3"], errors.StaleObject)
        self.assertEqual(answers["4"], {"SalesReceipt": [{"Id": "17"}]})
        self.assertIsInstance(answers["5"], errors.UnknownOutcome)
        method, path, values = wire.asked[0]
        self.assertEqual((method, path, values["request_id"], values["kind"]), ("POST", "batch", "batch-1", "batch"))
        sent = values["json"]["BatchItemRequest"]
        self.assertEqual(sent[1], {"bId": "2", "operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}})
        self.assertEqual(sent[3], {"bId": "4", "Query": "select * from SalesReceipt where TotalAmt > '300.00'"})

    def test_void_inside_a_batch(self):
        api, wire = client({"BatchItemResponse": [{"Payment": {}, "bId": "1"}, {"Invoice": {}, "bId": "2"}]})
        token = {"Id": "1", "SyncToken": "0"}
        api.batch([BatchItem("1", "void", "Payment", token), BatchItem("2", "void", "Invoice", token)], "b")
        self.assertEqual(
            wire.asked[0][2]["json"]["BatchItemRequest"],
            [
                {"bId": "1", "operation": "update", "optionsData": "void", "Payment": {**token, "sparse": True}},
                {"bId": "2", "operation": "void", "Invoice": token},
            ],
        )
        with self.assertRaises(ValueError):
            api.batch([BatchItem("1", "void", "CreditMemo", token)], "b")

    def test_limits_are_checked_before_sending(self):
        api, wire = client()
        ok = [BatchItem(str(number), "create", "Customer", {}) for number in range(30)]
        for items in (
            [],
            [*ok, BatchItem("x", "create", "Customer", {})],
            [BatchItem("1", "create", "Customer"), BatchItem("1", "create", "Customer")],
            [BatchItem("x" * 11, "create", "Customer")],
            [BatchItem("", "create", "Customer")],
        ):
            with self.assertRaises(ValueError):
                api.batch(items, "b")
        self.assertEqual(wire.asked, [])
        api, _wire = client({"BatchItemResponse": []})
        self.assertEqual({type(answer) for answer in api.batch(ok, "b").values()}, {errors.UnknownOutcome})

    def test_an_answer_without_items(self):
        api, _wire = client({"QueryResponse": {}})
        with self.assertRaises(MalformedAnswer):
            api.batch([BatchItem("1", "create", "Customer", {})], "b")

    def test_an_item_of_another_kind_is_no_success(self):
        api, _wire = client({"BatchItemResponse": [{"Vendor": {"Id": "1"}, "bId": "1"}]})
        self.assertIsInstance(api.batch([BatchItem("1", "create", "Customer", {})], "b")["1"], MalformedAnswer)


if __name__ == "__main__":
    unittest.main()
