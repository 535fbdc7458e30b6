"""One budget of requests for all processes that talk to the same QuickBooks company."""

import json
import threading
import time

from odoo.sql_db import db_connect
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from ..qbo.errors import RateLimited
from .qbo_lock import lock_key

# Intuit allows 10 a second, 500 a minute and 40 batches a minute for one company and app; the margin is for the clocks.
PER_SECOND = 8
PER_MINUTE = 450
BATCHES_PER_MINUTE = 40
# A longer wait is the scheduler's: the worker should not hold its lease asleep.
MAX_WAIT = 20.0


class CompanyThrottle:
    """Gives out slots from ``qbo.call.bucket``; fulfils the ``Throttle`` protocol of the core.

    May be used from several threads: it opens a connection of its own for the moment of each slot and touches no
    recordset. It reads with READ COMMITTED under an advisory lock, so what the previous process took is always seen,
    and no serialization error can happen.
    """

    def __init__(self, dbname, backend_id, sleep=time.sleep):
        self._dbname = dbname
        self._backend_id = backend_id
        self._sleep = sleep
        self._lock = threading.Lock()

    def acquire(self, kind):
        """Wait for a slot and take it. ``kind``: core, metered or batch.

        :raise RateLimited: when that would take longer than ``MAX_WAIT`` seconds, with the time to wait
        """
        waited = 0.0
        while (wait := self._in_own_transaction(lambda cr: self._take(cr, kind))) > 0.0:
            if waited + wait > MAX_WAIT:
                raise RateLimited("Own limit of requests reached", code="3001", retry_after=wait)
            self._sleep(wait)
            waited += wait

    def pause(self, batches):
        """Return the seconds until that many batches fit into the minute, 0.0 when they do now; none is taken."""
        return self._in_own_transaction(lambda cr: self._pause(cr, batches))

    def _pause(self, cr, batches):
        _now, _minute, elapsed, (calls, taken, _recent), (_calls, before, _recent_before) = self._window(cr)
        return max(
            60 - elapsed if calls + batches > PER_MINUTE else 0.0,
            _batch_wait(taken + batches - 1, before, elapsed))

    def count_call(self, call):
        """Count an answer of QuickBooks that says 'too many requests' (``call``: qbo.transport.Call)."""
        if call.status == 429:
            self._in_own_transaction(lambda cr: cr.execute(
                "UPDATE qbo_call_bucket SET throttled = throttled + 1"
                " WHERE backend_id = %s AND minute = date_trunc('minute', clock_timestamp() AT TIME ZONE 'UTC')",
                (self._backend_id,)))

    def _in_own_transaction(self, work):
        with self._lock, db_connect(self._dbname).cursor() as cr:
            cr.connection.set_session(isolation_level=ISOLATION_LEVEL_READ_COMMITTED)
            cr.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(f"throttle:{self._backend_id}"),))
            return work(cr)

    def _take(self, cr, kind):
        """Take a slot and return 0.0, or take none and return the seconds to wait."""
        now, minute, elapsed, (calls, batches, recent), (_calls, before, recent_before) = self._window(cr)
        recent = [moment for moment in (*(recent_before or ()), *(recent or ())) if moment > now - 1]
        wait = max(
            _second_wait(recent, now),
            60 - elapsed if calls >= PER_MINUTE else 0.0,
            _batch_wait(batches, before, elapsed) if kind == "batch" else 0.0)
        if wait <= 0.0:
            self._count(cr, kind, minute, [*recent, now][-PER_SECOND:])
        return wait

    def _window(self, cr):
        """Return now, the start of its minute, the seconds since, and what this minute and the one before used."""
        cr.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        now = cr.fetchone()[0]
        minute, elapsed = now - now % 60, now % 60
        cr.execute(
            "SELECT extract(epoch FROM minute)::float8, core + metered + batch, batch, recent FROM qbo_call_bucket"
            " WHERE backend_id = %s AND minute >= to_timestamp(%s) AT TIME ZONE 'UTC'", (self._backend_id, minute - 60))
        rows = {row[0]: row[1:] for row in cr.fetchall()}
        unused = (0, 0, None)
        return now, minute, elapsed, rows.get(minute, unused), rows.get(minute - 60, unused)

    def _count(self, cr, kind, minute, recent):
        amounts = [int(kind == name) for name in ("core", "metered", "batch")]
        cr.execute(
            "INSERT INTO qbo_call_bucket (backend_id, minute, core, metered, batch, throttled, recent)"
            " VALUES (%s, to_timestamp(%s) AT TIME ZONE 'UTC', %s, %s, %s, 0, %s)"
            " ON CONFLICT (backend_id, minute) DO UPDATE SET core = qbo_call_bucket.core + excluded.core,"
            " metered = qbo_call_bucket.metered + excluded.metered, batch = qbo_call_bucket.batch + excluded.batch,"
            " recent = excluded.recent",
            (self._backend_id, minute, *amounts, json.dumps(recent)))


def _second_wait(recent, now):
    if len(recent) < PER_SECOND:
        return 0.0
    return max(recent[-PER_SECOND] + 1 - now, 0.001)


def _batch_wait(batches, before, elapsed):
    """Return the seconds until another batch fits; of the last minute, the part that is still in view counts."""
    room = BATCHES_PER_MINUTE - 1 - batches
    if room < 0:
        return 60 - elapsed
    if before * (1 - elapsed / 60) <= room:
        return 0.0
    return max(60 * (1 - room / before) - elapsed, 0.001)
