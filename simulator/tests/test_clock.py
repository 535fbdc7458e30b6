"""The clock: Pacific time, the date texts that clients send, and its ends."""

from datetime import datetime, timezone

import pytest

from simulator.clock import Clock, parse_date, parse_time, stamp


def epoch(*parts):
    return int(datetime(*parts, tzinfo=timezone.utc).timestamp())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-09-29T05:58:07-07:00", epoch(2020, 9, 29, 12, 58, 7)),
        ("2020-09-29T05:58:07.300-0700", epoch(2020, 9, 29, 12, 58, 7)),
        ("2020-09-29T05:58:07.1234567Z", epoch(2020, 9, 29, 5, 58, 7)),
        ("2020-09-29T05:58:07 02:00", epoch(2020, 9, 29, 3, 58, 7)),
        ("2020-09-29T05:58:07", epoch(2020, 9, 29, 12, 58, 7)),
        ("2020-12-29 05:58", epoch(2020, 12, 29, 13, 58)),
        (" 2020-12-29 ", epoch(2020, 12, 29, 8)),
    ],
)
def test_times_as_clients_send_them(text, moment):
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text", ["", "x", "2020-13-01", "2020-01-01T25:00:00Z", "2020-01-01T10:00:00+99:00", "٢٠٢٠-01-01"]
)
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="."):
        parse_time(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (epoch(2026, 3, 8, 9, 59, 59), "2026-03-08T01:59:59-08:00"),
        (epoch(2026, 3, 8, 10), "2026-03-08T03:00:00-07:00"),
        (epoch(2026, 11, 1, 8, 59, 59), "2026-11-01T01:59:59-07:00"),
        (epoch(2026, 11, 1, 9), "2026-11-01T01:00:00-08:00"),
    ],
)
def test_daylight_time(moment, text):
    assert stamp(moment) == text and parse_time(text) == moment


def test_the_clock_moves_within_the_calendar():
    clock = Clock()
    clock.set(epoch(2026, 7, 1, 3))
    assert clock.today() == parse_date("2026-06-30T23:00:00Z")
    assert clock.envelope().startswith("2026-06-30T20:00:00.") and clock.envelope().endswith("-07:00")
    for seconds in (1e300, -1e12, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="years"):
            clock.advance(seconds)
    assert clock.today().isoformat() == "2026-06-30"
