"""The budget of requests: a full minute is waited for, and fails no record."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models import qbo_throttle
from ..models.qbo_throttle import MAX_WAIT, CompanyThrottle
from ..models.sync import engine
from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestBudget(DocumentCase):

    def test_without_budget_the_run_ends_and_nothing_fails(self):
        move = self.invoice(10)
        with patch.object(CompanyThrottle, "pause", lambda throttle, batches: MAX_WAIT + 20):
            run = self.sync(until_done=False)
        self.assertEqual((run.state, run.failed_count), ("partial", 0))
        self.assertNotIn("error", run.message_ids.mapped("level"))
        self.assertEqual(set(self.open_jobs().mapped("state")), {"pending"})
        self.assertFalse(self.qbo("Invoice"))
        self.quiet_sync()
        self.assertSameDocument(move)

    def test_with_time_left_the_run_sleeps_and_goes_on(self):
        move = self.invoice(10)
        pauses, slept = [MAX_WAIT + 2], []
        with patch.object(CompanyThrottle, "pause", lambda throttle, batches: pauses.pop() if pauses else 0.0), \
                patch.object(engine.time, "sleep", slept.append):
            run = self.sync(until_done=False)
        self.assertEqual((run.state, slept), ("done", [MAX_WAIT + 2]))
        self.assertSameDocument(move)

    def test_the_pause_counts_what_this_minute_has_used(self):
        throttle = CompanyThrottle(self.env.cr.dbname, self.backend.id)
        with patch.object(qbo_throttle, "BATCHES_PER_MINUTE", 4):
            self.assertEqual([throttle.pause(4), throttle.pause(5) > 0.0], [0.0, True])
            throttle.acquire("batch")
            self.assertEqual([throttle.pause(3), throttle.pause(4) > 0.0], [0.0, True])
