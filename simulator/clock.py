"""The simulator's own clock: real time plus an offset that tests move, shown in US Pacific time as the service does."""

import re
import time
from datetime import date, datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC = timezone.utc
PACIFIC = ZoneInfo("America/Los_Angeles")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?([Zz]|[ +-]\d\d:?\d\d)?)?", re.ASCII)
"""Date, time and zone; the plus of a zone is a space where an address was not quoted."""
FIRST, LAST = 0, 250_000_000_000
"""Epoch seconds between which the clock moves: 1970 to the year 9892, so that no date of it leaves the calendar."""


@lru_cache(maxsize=4096)
def stamp(epoch: int) -> str:
    """Return whole seconds since the epoch as MetaData times look: ``2020-09-29T05:58:07-07:00``."""
    return datetime.fromtimestamp(epoch, PACIFIC).isoformat(timespec="seconds")


def parse_time(text: str) -> int:
    """Return epoch seconds of an ISO date or date-time, fractions dropped; one without zone is Pacific.

    Raises:
        ValueError: not a date.
    """
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:60]!r} is not a date or time")
    day, clock, zone = found.groups()
    moment = datetime.fromisoformat(f"{day}T{clock or '00:00'}")
    if not zone:
        return int(moment.replace(tzinfo=PACIFIC).timestamp())
    offset = "+00:00" if zone in "Zz" else f"{zone[0].replace(' ', '+')}{zone[1:3]}:{zone[-2:]}"
    return int(datetime.fromisoformat(moment.isoformat() + offset).timestamp())


def parse_date(text: str) -> date:
    """Return the date of a date or date-time text; a time part is dropped.

    Raises:
        ValueError: not a date.
    """
    day = text.strip()[:10]
    found = date.fromisoformat(day)
    if found.isoformat() != day:
        raise ValueError(f"{day!r} is not a date")  # ISO week dates and dates without hyphens
    return found


class Clock:
    """Real time plus an offset in seconds."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Return seconds since the epoch by this clock."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock; negative moves it back.

        Raises:
            ValueError: the calendar ends before.
        """
        if not FIRST <= self.now() + seconds <= LAST:
            raise ValueError("the clock moves between the years 1970 and 9892")
        self.offset += seconds

    def set(self, moment: float) -> None:
        """Set the clock to an epoch time; it runs on from there. Raises as :meth:`advance`."""
        self.advance(moment - self.now())

    def today(self) -> date:
        """Return today's date in Pacific time, the default date of a transaction."""
        return datetime.fromtimestamp(self.now(), PACIFIC).date()

    def envelope(self) -> str:
        """Return now as the ``time`` of an answer, with milliseconds."""
        return datetime.fromtimestamp(self.now(), PACIFIC).isoformat(timespec="milliseconds")
