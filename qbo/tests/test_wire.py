"""JSON and times on the wire."""

import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo import wire
from qbo.errors import MalformedAnswer, QboError

UTC = timezone.utc


class TestJson(unittest.TestCase):
    def test_money_keeps_its_digits(self):
        text = '{"Amount":100.10,"Rate":1.234567890123456789,"Qty":0,"Big":99999999999.99}'
        value = wire.loads(text)
        self.assertEqual(value["Amount"], Decimal("100.10"))
        self.assertIsInstance(value["Qty"], int)
        self.assertEqual(wire.dumps(value), text)

    def test_floats_are_refused(self):
        with self.assertRaises(TypeError):
            wire.dumps({"Amount": 0.1})

    def test_numbers_that_are_none(self):
        for value in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999")):
            with self.assertRaises(ValueError):
                wire.dumps(value)
        for text in ("NaN", "[Infinity]", '{"a": -Infinity}'):
            with self.assertRaises(MalformedAnswer):
                wire.loads(text)

    def test_same_payload_same_text(self):
        payload = {"Line": [{"Amount": Decimal("5E+1"), "Description": 'a "b" \u00fc\n'}], "sparse": True, "x": None}
        self.assertEqual(
            wire.dumps(payload),
            '{"Line":[{"Amount":50,"Description":"a \\"b\\" \\u00fc\\n"}],"sparse":true,"x":null}',
        )

    @settings(max_examples=50, deadline=None)
    @given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**12), max_value=10**12))
    def test_every_amount_survives(self, amount):
        self.assertEqual(wire.loads(wire.dumps([amount]))[0], amount)

    @settings(max_examples=50, deadline=None)
    @given(st.binary(max_size=100))
    def test_random_bytes(self, body):
        try:
            wire.loads(body)
        except QboError as error:
            self.assertEqual(error.code, "malformed")

    def test_deep_nesting(self):
        with self.assertRaises(MalformedAnswer):
            wire.loads("[" * 200_000)


class TestTimes(unittest.TestCase):
    def test_every_recorded_form(self):
        cases = {
            "2020-09-29T05:58:07-07:00": datetime(2020, 9, 29, 12, 58, 7, tzinfo=UTC),
            "2015-12-23T12:56:06.196-08:00": datetime(2015, 12, 23, 20, 56, 6, 196000, tzinfo=UTC),
            "2016-10-05T03:09:04.000Z": datetime(2016, 10, 5, 3, 9, 4, tzinfo=UTC),
            "2015-10-05T14:42:19-0700": datetime(2015, 10, 5, 21, 42, 19, tzinfo=UTC),
            "2025-09-10T21:31:25.179851517Z": datetime(2025, 9, 10, 21, 31, 25, 179851, tzinfo=UTC),
        }
        for text, expected in cases.items():
            self.assertEqual(wire.parse_time(text), expected)

    def test_offsets_decide_which_is_later(self):
        # As text the first is the later one.
        self.assertLess(wire.parse_time("2026-01-31T23:30:00+02:00"), wire.parse_time("2026-01-31T14:00:00-08:00"))

    def test_times_without_zone_are_refused(self):
        for text in ("2026-01-31T12:00:00", "2026-01-31", "", "x", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"):
            with self.assertRaises(ValueError):
                wire.parse_time(text)
        with self.assertRaises(ValueError):
            wire.format_time(datetime(2026, 1, 1))

    @settings(max_examples=50, deadline=None)
    @given(
        st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
        st.integers(-14 * 60, 14 * 60),
    )
    def test_there_and_back(self, naive, minutes):
        moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)), microsecond=0)
        self.assertEqual(wire.parse_time(wire.format_time(moment)), moment)
        self.assertNotIn("+", wire.format_time(moment))


if __name__ == "__main__":
    unittest.main()
