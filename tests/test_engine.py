"""One document of Odoo is one document of QuickBooks, whatever dies, times out or is done twice on the way."""

from contextlib import contextmanager
from unittest.mock import patch

import psycopg2
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..qbo import errors
from ..qbo.client import Client
from .documents import DocumentCase, cents


class Killed(BaseException):
    """The worker's process ends here: nothing below may catch it."""


@tagged("post_install", "-at_install")
class TestExactlyOnce(DocumentCase):

    def arrange(self):
        super().arrange()
        self.sync()

    def setUp(self):
        super().setUp()
        self.no_pauses()

    def request_ids(self, made):
        """Return the ids of the requests that brought invoices."""
        return [entry["requestid"] for entry in made if entry["operation"] == "batch" and entry["entity"] == "invoice"]

    def fault(self, kind, count=1, **values):
        self.simulator.faults(
            kind=kind, match={"realm": self.realm, "operation": "batch", "entity": "invoice"}, count=count, **values)

    @contextmanager
    def killed_at(self, model, method, when):
        """Let the worker die in the call number ``when`` of a method."""
        calls = []
        original = getattr(self.env.registry[model], method)

        def dying(record, *args, **kwargs):
            calls.append(1)
            if len(calls) == when:
                raise Killed
            return original(record, *args, **kwargs)

        # Not assertRaises: it would take back what the worker had committed.
        with patch.object(self.env.registry[model], method, dying):
            try:
                self.sync()
            except Killed:
                return
        self.fail(f"{method} was called {len(calls)} times only")

    def test_the_answer_is_lost_and_the_same_request_is_repeated(self):
        for kind, values in (
                ("cut_after", {}), ("500", {"commit": True}), ("504", {"commit": True}), ("truncated_json", {}),
                ("cut_before", {}), ("503", {}), ("malformed_json", {})):
            with self.subTest(kind, **values):
                move = self.invoice(10)
                self.fault(kind, **values)
                ids = self.request_ids(self.quiet_sync())
                self.assertEqual(len(ids) - len(set(ids)), 1, "one request was sent twice, under one id")
                self.assertEqual(self.numbers_there().count(move.name), 1)
        self.assertSameReceivables()

    def test_no_answer_at_all_leaves_the_request_frozen(self):
        """The service takes the batch, and every answer is lost: the next run asks for the outcome by the same id."""
        move = self.invoice(10)
        self.fault("cut_after", count=20)
        with self.counting() as first:
            run = self.sync()
        self.assertIn("not known", self.messages(run))
        [job] = self.open_jobs()
        self.assertEqual((job.state, self.status(move)), ("sending", "syncing"))
        self.simulator.faults(clear=True)
        with self.counting() as soon:
            self.sync()
        self.assertFalse(self.writes(soon), "the request waits for its time")
        self.time_passes()
        second = self.quiet_sync()
        self.assertEqual(len(set(self.request_ids(first)) | set(self.request_ids(second))), 1)
        self.assertEqual(self.numbers_there(), [move.name])
        self.assertSameDocument(move)

    def test_a_change_while_the_outcome_is_unknown_follows_as_an_update(self):
        move = self.invoice(10)
        self.fault("cut_after", count=20)
        self.sync()
        self.simulator.faults(clear=True)
        move.with_user(self.sales).button_draft()
        move.with_user(self.sales).invoice_line_ids.price_unit = 12
        move.with_user(self.sales).action_post()
        self.sync()
        [there] = self.qbo("Invoice").values()
        self.assertEqual(cents(there["TotalAmt"]), 10, "what is frozen is not overtaken")
        self.time_passes()
        self.quiet_sync()
        self.assertEqual(self.numbers_there(), [move.name])
        self.assertSameDocument(move)

    def test_a_worker_that_dies_between_answer_and_commit(self):
        moves = [self.invoice(10), self.invoice(20, partner=self.roe)]
        with self.counting() as first:
            self.killed_at("qbo.sync.sender", "_settle_group", 3)
        self.assertEqual(self.numbers_there(), sorted(move.name for move in moves), "QuickBooks has them")
        self.assertFalse(self.binding(moves[0]).qbo_id, "Odoo does not know it")
        second = self.quiet_sync()
        self.assertEqual(self.request_ids(first)[-1], self.request_ids(second)[0])
        self.assertEqual(len(self.request_ids(second)), 1)
        self.assertEqual(self.numbers_there(), sorted(move.name for move in moves))
        for move in moves:
            self.assertSameDocument(move)
        messages = self.su["qbo.run.message"].search([("backend_id", "=", self.backend.id)])
        self.assertIn("worker stopped", "\n".join(messages.mapped("text")))

    def test_a_worker_that_dies_at_any_commit(self):
        """The engine commits in one place; dying there for the n-th time never makes a second document or loses one."""
        for when in range(1, 12):
            move = self.invoice(10)
            payment = self.pay(4, move)
            self.killed_at("qbo.sync", "_commit_progress", when)
            self.sync()
            self.assertEqual(self.numbers_there().count(move.name), 1, f"died at commit {when}")
            self.assertFalse(self.open_jobs(), f"died at commit {when}")
            self.assertSameDocument(move)
            self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(move)["Id"]): cents(4)})
        self.assertEqual(len(self.qbo("Payment")), 11)
        self.assertSameReceivables()

    def test_a_worker_that_dies_while_importing(self):
        customer = self.customer()
        item = self.item()
        there = self.qbo_sale("Invoice", customer, self.qbo_line(item, 10))
        for when in range(1, 6):
            self.killed_at("qbo.sync", "_commit_progress", when)
        self.quiet_sync()
        self.assertEqual(self.su["res.partner"].search_count([("name", "=", "Freeman")]), 1)
        self.assertSameDocument(self.here("Invoice", there["Id"]))
        self.assertEqual(self.su["account.move"].search_count([("partner_id.name", "=", "Freeman")]), 1)

    def test_a_users_transaction_was_quicker(self):
        """Under REPEATABLE READ the worker's write fails.

        The answer is settled in a new transaction, nothing is sent again.
        """
        move = self.invoice(10)
        original = self.env.registry["qbo.sync.sender"]._settle_done
        failures = [psycopg2.errors.SerializationFailure(), psycopg2.errors.DeadlockDetected()]

        def settle(record, session, parcels):
            original(record, session, parcels)
            if failures:
                raise failures.pop()

        with patch.object(self.env.registry["qbo.sync.sender"], "_settle_done", settle), patch("time.sleep"):
            made = self.quiet_sync()
        self.assertEqual([entry["entity"] for entry in self.writes(made)], ["customer", "item", "invoice"])
        self.assertSameDocument(move)

    def test_a_step_that_met_another_transaction_is_done_again(self):
        move = self.invoice(10)
        original = self.env.registry["qbo.sync.outbox"]._freeze
        failures = [psycopg2.errors.SerializationFailure()]

        def freeze(record, session, parcels):
            groups = original(record, session, parcels)
            if failures:
                raise failures.pop()
            return groups

        with patch.object(self.env.registry["qbo.sync.outbox"], "_freeze", freeze), patch("time.sleep"):
            self.quiet_sync()
        self.assertEqual(self.numbers_there(), [move.name])

    def test_a_refused_repetition_stays_frozen(self):
        """The first answer was lost, and now the permission is gone: after the reconnection the same id is sent."""
        move = self.invoice(10)
        self.fault("cut_after", count=20)
        self.sync()
        self.simulator.faults(clear=True)
        request_id = self.jobs(entity="Invoice", state="sending").request_id
        self.time_passes()
        with patch("odoo.addons.qbo_sync.models.sync.sender.send_group",
                   lambda client, request: {item[0]: errors.Forbidden("You are not allowed") for item in request[1]}):
            run = self.sync(until_done=False)
        self.assertNotEqual(run.state, "done")
        self.assertEqual(self.jobs(entity="Invoice", state="sending").request_id, request_id)
        self.time_passes()
        if self.backend.state == "reconnect":
            self.connect(self.backend, self.realm)
        self.quiet_sync()
        self.assertEqual(self.numbers_there(), [move.name])

    def test_one_refused_item_of_a_batch_stops_no_other(self):
        moves = [self.invoice(10), self.invoice(20), self.invoice(30)]
        self.person("create", "Invoice", data={
            "CustomerRef": {"value": self.customer("Other")["Id"]}, "DocNumber": moves[1].name,
            "Line": [self.qbo_line(self.item(), 1)]})
        self.backend.policy_ids.direction = "out"
        run = self.sync()
        self.assertEqual([self.status(move) for move in moves], ["synced", "failed", "synced"])
        self.assertEqual((run.failed_count, run.state), (1, "done"))
        self.assertSameDocument(moves[0])
        self.assertSameDocument(moves[2])

    def test_throttled_in_the_middle(self):
        for kind in ("429_json", "429_xml"):
            with self.subTest(kind):
                move = self.invoice(10)
                self.fault(kind, count=20)
                run = self.sync(until_done=False)
                self.assertNotEqual(run.state, "done")
                self.assertIn(move.name, self.messages(run))
                self.simulator.faults(clear=True)
                self.time_passes()
                self.quiet_sync()
                self.assertEqual(self.numbers_there().count(move.name), 1)

    def test_the_service_stops_in_the_middle(self):
        """Customers have crossed, then nobody answers: what crossed stays, the rest goes when the service is back."""
        move = self.invoice(10)
        original = Client.batch

        def batch(client, items, request_id):
            if items[0].entity == "Invoice":
                raise errors.Unreachable("connection refused")
            return original(client, items, request_id)

        with patch.object(Client, "batch", batch):
            run = self.sync(until_done=False)
        self.assertEqual(run.state, "partial")
        self.assertTrue(self.there(self.acme))
        self.assertFalse(self.qbo("Invoice"))
        self.assertTrue(self.messages(run))
        self.time_passes()
        self.quiet_sync()
        self.assertSameDocument(move)

    def test_two_syncs_at_once(self):
        with self.own_cursors(), patch("odoo.addons.qbo_sync.models.qbo_backend_sync.LOCK_WAIT", 0), \
                patch.object(self.env.registry["qbo.lock"], "_hold", lambda lock, name, wait=0: _not_held()):
            sentence = self.refusal(UserError, lambda: self.backend.with_user(self.biller).sync())
        self.assertIn("running", sentence)


@contextmanager
def _not_held():
    yield False


@tagged("post_install", "-at_install")
class TestSchedule(DocumentCase):

    def test_the_scheduled_action_works_on_what_people_queued(self):
        self.backend.with_user(self.qbo_admin).action_activate()
        self.assertEqual(self.backend.state, "active")
        move = self.invoice(10)
        run_id = self.backend.with_user(self.biller).action_sync_now("Please")
        run = self.su["qbo.run"].browse(run_id)
        self.assertEqual((run.state, run.user_id), ("queued", self.biller))
        with self.own_cursors():
            self.backend.cron_id.method_direct_trigger()
        self.assertEqual((run.state, run.description), ("done", "Please"))
        self.assertSameDocument(move)
        # Without a queued run it makes one of its own.
        other = self.invoice(20)
        with self.own_cursors():
            self.backend.cron_id.method_direct_trigger()
        self.assertSameDocument(other)
        self.assertEqual(self.su["qbo.run"].search([("backend_id", "=", self.backend.id)], limit=1).trigger, "schedule")

    def test_nothing_crosses_by_itself_before_the_activation(self):
        self.assertFalse(self.backend.cron_id)
        self.invoice(10)
        with self.own_cursors():
            self.env["qbo.backend"].sudo()._cron_run(self.backend.id)
        self.assertFalse(self.qbo("Invoice"))

    def test_strangers_may_not_sync(self):
        with self.own_cursors():
            self.refusal(Exception, lambda: self.backend.with_user(self.sales).sync())


@tagged("post_install", "-at_install")
class TestCosts(DocumentCase):

    def test_posting_costs_one_statement_more(self):
        def posting():
            move = self.invoice(10, 20, post=False)
            self.env.cr.flush()
            before = self.env.cr.sql_log_count
            move.with_user(self.sales).action_post()
            self.env.cr.flush()
            return self.env.cr.sql_log_count - before

        posting()
        with_hooks = posting()
        with patch.object(self.env.registry["qbo.change"], "_mark", lambda *args, **values: None):
            without = posting()
        self.assertEqual(with_hooks - without, 1)

    def test_sixty_invoices_in_full_batches_and_nothing_is_read_back(self):
        partners = self.su["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(60)])
        moves = [self.invoice(self.line(10, product=self.widget), partner=partner) for partner in partners]
        self.sync()
        self.simulator.control("metrics", "GET", clear=1)
        for move in moves:
            move.ref = "once more"
        with self.counting() as again:
            self.sync()
        self.assertEqual(len(self.writes(again)), 2)
        self.assertEqual(self.simulator.metrics().get("read_after_write", 0), 0)

    def test_first_export_in_full_batches(self):
        partners = self.su["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(60)])
        for partner in partners:
            self.invoice(self.line(10, product=self.widget), partner=partner)
        self.simulator.control("metrics", "GET", clear=1)
        made = self.quiet_sync()
        self.assertEqual(len(self.qbo("Invoice")), 60)
        self.assertEqual(sorted(entry["batch_items"] for entry in self.writes(made)), [1, 30, 30, 30, 30])
        self.assertEqual(self.simulator.metrics().get("read_after_write", 0), 0)
        # Changes, taken names among vendors and employees, and the comparison of receivables.
        self.assertLessEqual(len(made) - len(self.writes(made)), 4)

    def test_an_idle_sync_is_one_request(self):
        self.invoice(10)
        self.quiet_sync()
        self.quiet_sync()
        self.assertEqual([entry["operation"] for entry in self.quiet_sync()], ["cdc"])
