"""Notifications: signature and both shapes."""

import base64
import hashlib
import hmac
import json
import unittest
from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo.errors import MalformedAnswer
from qbo.webhook import Event, parse, verify

# A vector published with Intuit's own software development kit.
TOKEN = "00faeec4-08d0-4996-bb37-698ae19f0149"
BODY = (
    b'{"eventNotifications":[{"realmId":"1269959970","dataChangeEvent":{"entities":[{"name":"Vendor","id":"40",'
    b'"operation":"Update","lastUpdated":"2016-10-05T03:09:04.000Z"},{"name":"Customer","id":"43","operation":"Create",'
    b'"lastUpdated":"2016-10-05T03:07:04.000Z"}]}}]}'
)
SIGNATURE = "6q+xGyMirJupwKTh2/WBl2NcdxzxqdIbk3sneKTxLWM="
CLOUD = [
    {
        "specversion": "1.0",
        "id": "d1a3aedd-9670-41bf-a4f9-c148a1cc4e03",
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": "qbo.creditmemo.created.v1",
        "time": "2025-10-07T19:59:07.034359333Z",
        "intuitentityid": "1234",
        "intuitaccountid": "310687",
        "data": {"alternative_ids": [{"id": "djQuMTo5", "namespace": "Intuit.sbseg.v4"}]},
    },
    {"type": "qbo.payment.void.v1", "intuitentityid": 7, "intuitaccountid": "2", "time": "x", "data": {}},
    {"type": "qbo.customer.merged.v1", "intuitentityid": "8", "intuitaccountid": "2", "data": {"deletedId": "9"}},
]


class TestSignature(unittest.TestCase):
    def test_published_vector(self):
        self.assertTrue(verify(BODY, SIGNATURE, TOKEN))
        self.assertFalse(verify(BODY.replace(b'"id":"40"', b'"id":"41"'), SIGNATURE, TOKEN))

    def test_fails_closed(self):
        for signature, token in (
            (SIGNATURE, ""), (SIGNATURE, None), ("", TOKEN), (None, TOKEN), (SIGNATURE[:-2], TOKEN),
            (SIGNATURE, TOKEN + "x"), ("\u00e4", TOKEN), ("\ud800", TOKEN), ("===", TOKEN),
        ):  # fmt: skip
            self.assertFalse(verify(BODY, signature, token), (signature, token))

    def test_empty_token_signs_nothing(self):
        empty = base64.b64encode(hmac.new(b"", BODY, hashlib.sha256).digest()).decode()
        self.assertFalse(verify(BODY, empty, ""))

    @settings(max_examples=40, deadline=None)
    @given(st.binary(max_size=60), st.text(max_size=60))
    def test_random_signatures(self, body, signature):
        self.assertFalse(verify(body, signature, TOKEN))

    @settings(max_examples=40, deadline=None)
    @given(st.binary(max_size=60), st.text(min_size=1, max_size=30).filter(lambda text: text.isascii()))
    def test_own_signatures(self, body, token):
        signature = base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()
        self.assertTrue(verify(body, signature, token))


class TestParse(unittest.TestCase):
    def test_notifications(self):
        self.assertEqual(
            parse(BODY),
            [
                Event("1269959970", "Vendor", "40", "Update", datetime(2016, 10, 5, 3, 9, 4, tzinfo=timezone.utc)),
                Event("1269959970", "Customer", "43", "Create", datetime(2016, 10, 5, 3, 7, 4, tzinfo=timezone.utc)),
            ],
        )

    def test_cloud_events(self):
        created, voided, merged = parse(json.dumps(CLOUD).encode())
        self.assertEqual((created.realm_id, created.entity, created.qbo_id), ("310687", "CreditMemo", "1234"))
        self.assertEqual(created.operation, "Create")
        self.assertEqual(created.at, datetime(2025, 10, 7, 19, 59, 7, 34359, tzinfo=timezone.utc))
        self.assertEqual(created.event_id, "d1a3aedd-9670-41bf-a4f9-c148a1cc4e03")
        self.assertEqual((voided.entity, voided.operation, voided.qbo_id, voided.at), ("Payment", "Void", "7", None))
        self.assertEqual((merged.operation, merged.deleted_id), ("Merge", "9"))

    def test_two_companies_in_one_body_in_any_order(self):
        def part(realm, *entries):
            return {"realmId": realm, "dataChangeEvent": {"entities": list(entries)}}

        later = {"name": "Invoice", "id": "1", "operation": "Delete", "lastUpdated": "2026-01-02T00:00:00-0800"}
        earlier = {"name": "Invoice", "id": "1", "operation": "Update", "lastUpdated": "2026-01-01T00:00:00-0800"}
        merge = {"name": "Customer", "id": "43", "operation": "Merge", "deletedId": "42"}
        events = parse(json.dumps({"eventNotifications": [part("1", later, earlier), part("2", merge)]}).encode())
        self.assertEqual([event.realm_id for event in events], ["1", "1", "2"])
        self.assertGreater(events[0].at, events[1].at)
        self.assertEqual((events[2].qbo_id, events[2].deleted_id), ("43", "42"))

    def test_both_shapes_say_the_same(self):
        old = {
            "eventNotifications": [
                {
                    "realmId": "5",
                    "dataChangeEvent": {
                        "entities": [
                            {
                                "name": "JournalEntry",
                                "id": "3",
                                "operation": "Update",
                                "lastUpdated": "2026-01-01T00:00:00.000Z",
                            }
                        ]
                    },
                }
            ]
        }
        new = [{"type": "qbo.journalentry.updated.v1", "intuitentityid": "3", "intuitaccountid": "5",
                "time": "2026-01-01T00:00:00Z"}]  # fmt: skip
        self.assertEqual(parse(json.dumps(old).encode()), parse(json.dumps(new).encode()))

    def test_incomplete_entries_are_left_out(self):
        body = {"eventNotifications": [None, {}, {"realmId": "1"}, {"realmId": "1", "dataChangeEvent": {"entities": [
            None, {"name": "Invoice"}, {"id": "1"}, {"name": "Invoice", "id": "1", "operation": "New"}]}}]}  # fmt: skip
        events = parse(json.dumps(body).encode())
        self.assertEqual([(event.qbo_id, event.operation) for event in events], [("1", "New")])

    def test_other_bodies_are_refused(self):
        for body in (b"", b"x", b"1", b"{}", b'{"eventNotifications": 1}', b'"a"', b"\xff\xfe"):
            with self.assertRaises(MalformedAnswer):
                parse(body)

    @settings(max_examples=80, deadline=None)
    @given(
        st.binary(max_size=60)
        | st.recursive(
            st.none() | st.integers() | st.text(max_size=10) | st.just("qbo.invoice.updated.v1"),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["eventNotifications", "realmId", "dataChangeEvent", "entities", "name", "id", "type", "data",
                     "intuitentityid", "intuitaccountid", "time", "lastUpdated", "specversion"]
                ),
                inner,
                max_size=5,
            ),
            max_leaves=15,
        ).map(lambda value: json.dumps(value).encode())
    )  # fmt: skip
    def test_nothing_crashes(self, body):
        try:
            events = parse(body)
        except MalformedAnswer:
            return
        for event in events:
            self.assertTrue(event.realm_id and event.entity and event.qbo_id)


if __name__ == "__main__":
    unittest.main()
