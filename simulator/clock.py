"""The simulator's own clock: real time plus an offset that tests move, shown in US Pacific time as the service does."""

import time
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

UTC = timezone.utc


def _sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


@lru_cache(maxsize=64)
def _summer(year: int) -> tuple[datetime, datetime]:
    """US daylight time: second Sunday of March 10:00 UTC to first Sunday of November 09:00 UTC (Pacific)."""
    start = _sunday(year, 3, 2).replace(hour=10, tzinfo=UTC)
    return start, _sunday(year, 11, 1).replace(hour=9, tzinfo=UTC)


def pacific(moment: datetime) -> datetime:
    """Return the moment with the Pacific offset that holds then."""
    start, end = _summer(moment.astimezone(UTC).year)
    hours = -7 if start <= moment < end else -8
    return moment.astimezone(timezone(timedelta(hours=hours)))


@lru_cache(maxsize=4096)
def stamp(epoch: int) -> str:
    """Return whole seconds since the epoch as MetaData times look: ``2020-09-29T05:58:07-07:00``."""
    return pacific(datetime.fromtimestamp(epoch, UTC)).isoformat(timespec="seconds")


def parse_time(text: str) -> int:
    """Return epoch seconds of an ISO date or date-time; one without zone is Pacific.

    Raises:
        ValueError: not a date.
    """
    text = text.strip().replace(" ", "+") if "T" in text else text.strip()
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    if len(text) > 5 and text[-5] in "+-" and text[-4:].isdigit() and "T" in text:
        text = text[:-2] + ":" + text[-2:]
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        guess = moment.replace(tzinfo=UTC) + timedelta(hours=8)
        moment = moment.replace(tzinfo=pacific(guess).tzinfo)
    return int(moment.timestamp())


def parse_date(text: str) -> date:
    """Return the date of a date or date-time text; a time part is dropped.

    Raises:
        ValueError: not a date.
    """
    return date.fromisoformat(text.strip()[:10])


class Clock:
    """Real time plus an offset in seconds."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Return seconds since the epoch by this clock."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock; negative moves it back."""
        self.offset += seconds

    def set(self, moment: float) -> None:
        """Set the clock to an epoch time; it runs on from there."""
        self.offset = moment - time.time()

    def today(self) -> date:
        """Return today's date in Pacific time, the default date of a transaction."""
        return pacific(datetime.fromtimestamp(self.now(), UTC)).date()

    def envelope(self) -> str:
        """Return now as the ``time`` of an answer, with milliseconds."""
        return pacific(datetime.fromtimestamp(self.now(), UTC)).isoformat(timespec="milliseconds")
