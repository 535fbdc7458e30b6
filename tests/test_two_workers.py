"""Two workers on one connection: one refresh, one lock, one budget."""

import os
import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import DummyRLock, Registry
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged

from ..models import qbo_throttle
from ..models.qbo_lock import lock_key
from ..qbo import errors
from .common import KEY, LocalRequests
from .simulator import TOKEN_PATH, simulator


@tagged("post_install", "-at_install")
class TestTwoWorkers(LocalRequests, TransactionCase):
    """Two real connections to the database and two threads: what that needs is committed, and removed at the end."""

    def setUp(self):
        super().setUp()
        self.simulator = simulator()
        self.simulator.faults(clear=True)
        self.startPatcher(patch.dict(os.environ, {"QBO_SYNC_KEY": KEY}))
        realm = str(self.simulator.company(empty=True)["realmId"])
        tokens = self.simulator.oauth(grant=True, realm=realm)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.parameter = env["ir.config_parameter"].get_param("qbo_sync.simulator_url")
            env["ir.config_parameter"].set_param("qbo_sync.simulator_url", self.simulator.url)
            backend = env["qbo.backend"].create({"name": "Two workers", "environment": "simulator", "active": True})
            backend.write({"realm_id": realm, "state": "draft"})
            secret = env["qbo.secret"]
            env["qbo.token"]._ensure(backend).write({
                "access_token_cipher": secret._encrypt(tokens["access_token"]),
                "refresh_token_cipher": secret._encrypt(tokens["refresh_token"]),
                ""
                "key_fingerprint": secret._fingerprint(), "access_expires_at": fields.Datetime.now(),
                **backend._identity()})
            self.backend_id = backend.id
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["qbo.backend"].browse(self.backend_id).unlink()
            env["ir.config_parameter"].set_param("qbo_sync.simulator_url", self.parameter)

    def ask(self, results):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            results.append(env["qbo.token"]._access_token(env["qbo.backend"].browse(self.backend_id))[0])

    def test_one_refresh_for_two_workers(self):
        self.simulator.switches(rotate_every_time=True, refresh_reuse="family_revoked")
        self.addCleanup(self.simulator.switches, rotate_every_time=False, refresh_reuse="refused")
        self.simulator.faults(kind="latency", seconds=0.5, match={"path": TOKEN_PATH}, count=5)
        before = len(self.simulator.log())
        results = []
        threads = [threading.Thread(target=self.ask, args=(results,)) for _number in range(2)]
        # While tests run, the main thread holds the lock of the registries.
        with patch.object(Registry, "_lock", DummyRLock()):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        asked = [entry for entry in self.simulator.log()[before:] if entry["path"] == TOKEN_PATH]
        self.assertEqual(len(asked), 1)
        self.assertEqual(len(results), 2)
        self.assertEqual(len(set(results)), 1)

    def test_lock_keeps_others_out(self):
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s)", (lock_key("test"),))
            other.commit()
            with self.env["qbo.lock"]._hold("test", wait=0.2) as held:
                self.assertFalse(held)
            other.execute("SELECT pg_advisory_unlock(%s)", (lock_key("test"),))
        with self.env["qbo.lock"]._hold("test", wait=0.2) as held:
            self.assertTrue(held)
            with db_connect(self.env.cr.dbname).cursor() as other:
                other.execute("SELECT pg_try_advisory_lock(%s)", (lock_key("test"),))
                self.assertFalse(other.fetchone()[0])
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_try_advisory_xact_lock(%s)", (lock_key("test"),))
            self.assertTrue(other.fetchone()[0], "The lock is let go at the end of the block.")

    def test_lock_leaves_no_transaction_open(self):
        with self.env["qbo.lock"]._hold("test"):
            with db_connect(self.env.cr.dbname).cursor() as other:
                other.execute(
                    "SELECT a.state FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory'"
                    " AND (l.classid::bigint << 32 | l.objid::bigint) = %s", (lock_key("test"),))
                self.assertEqual(other.fetchall(), [("idle",)])

    def test_two_processes_share_the_budget(self):
        def ask():
            throttle = qbo_throttle.CompanyThrottle(self.env.cr.dbname, self.backend_id)
            for _turn in range(9):
                throttle.acquire("metered")
        threads = [threading.Thread(target=ask) for _number in range(2)]
        moments = []
        original = qbo_throttle.CompanyThrottle._count

        def count(throttle, cr, kind, minute, recent):
            moments.append(recent[-1])
            original(throttle, cr, kind, minute, recent)
        with patch.object(qbo_throttle.CompanyThrottle, "_count", count):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual(len(moments), 18)
        spans = [later - earlier for earlier, later in zip(moments, moments[8:], strict=False)]
        self.assertGreaterEqual(min(spans), 1, "No nine requests within one second.")
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT sum(metered) FROM qbo_call_bucket WHERE backend_id = %s", (self.backend_id,))
            self.assertEqual(other.fetchone()[0], 18)

    def test_full_minute_is_not_slept_through(self):
        throttle = qbo_throttle.CompanyThrottle(self.env.cr.dbname, self.backend_id, sleep=lambda seconds: None)
        with patch.object(qbo_throttle, "BATCHES_PER_MINUTE", 2), patch.object(qbo_throttle, "MAX_WAIT", 0.5):
            throttle.acquire("batch")
            throttle.acquire("batch")
            with self.assertRaises(errors.RateLimited) as caught:
                throttle.acquire("batch")
        self.assertGreater(caught.exception.retry_after, 0.5)
        throttle.acquire("core")
