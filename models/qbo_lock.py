"""Locks that outlive a transaction."""

import hashlib
import logging
import time
from contextlib import contextmanager

import psycopg2
from odoo import models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1


def lock_key(name):
    """Return the advisory lock number (a signed bigint) of ``name``; numbers are shared by one database only."""
    return int.from_bytes(hashlib.sha256(f"qbo_sync:{name}".encode()).digest()[:8], "big", signed=True)


class QboLock(models.AbstractModel):
    """Session-level advisory locks of PostgreSQL.

    Under REPEATABLE READ a transaction-level lock comes too late: the snapshot precedes the wait, and what the previous
    holder committed stays invisible. These locks live in a cursor of their own with no transaction open, so that
    whatever is read after the lock was granted is current. They vanish with their connection when a process dies.
    """

    _name = "qbo.lock"
    _description = "QuickBooks Lock"

    @contextmanager
    def _hold(self, name, wait=10.0):
        """Hold the lock ``name`` for the length of a ``with`` block; the block gets False when it was not free in time.

        :param float wait: seconds to wait for another holder; 0 tries once
        """
        key = lock_key(name)
        with self.env.registry.cursor() as cr:
            held = self._acquire(cr, key, wait)
            try:
                yield held
            finally:
                if held:
                    self._release(cr, key, name)

    def _acquire(self, cr, key, wait):
        deadline = time.monotonic() + wait
        while True:
            cr.execute(SQL("SELECT pg_try_advisory_lock(%s)", key))
            granted = cr.fetchone()[0]
            # Without this a transaction (and in tests a savepoint) would stay open for as long as the lock is held.
            cr.commit()  # pylint: disable=invalid-commit
            if granted or time.monotonic() >= deadline:
                return granted
            time.sleep(POLL_SECONDS)

    def _release(self, cr, key, name):
        try:
            cr.execute("SELECT pg_advisory_unlock(%s)", (key,), log_exceptions=False)
            cr.commit()  # pylint: disable=invalid-commit
        except psycopg2.Error:
            # The connection is gone, and the lock with it.
            _logger.info("Lock %s was released by the end of its connection", name)
