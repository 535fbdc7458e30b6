"""Starting, running and scheduling syncs of a backend."""

import logging
import time

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..qbo import errors
from .sync.session import Session

_logger = logging.getLogger(__name__)

LOCK_WAIT = 10
DEFAULT_SECONDS = 30
CRON_SECONDS = 45
IDLE_RUN_DAYS = 7


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    cron_id = fields.Many2one("ir.cron", "Scheduled action", readonly=True, copy=False, ondelete="set null")
    next_sync_at = fields.Datetime(related="cron_id.nextcall", string="Next sync")
    interval_minutes = fields.Integer("Sync every (minutes)", default=15, tracking=True)

    # === WHAT PEOPLE AND SCRIPTS START === #

    def sync(self, description=None, max_seconds=None):
        """Sync now, in the caller's turn; safe to call again.

        Waits up to 10 s for a sync that is running.

        :param str description: kept in the history
        :param float max_seconds: begin no new slice after this many seconds (default 30)
        :return: id of the ``qbo.run``; its state is ``done``, or ``partial`` when work is left: call again
        :raise UserError: when the backend is not connected, or another sync does not end
        """
        self.ensure_one()
        self._check_may_sync()
        backend = self._for_work()
        run = backend.env["qbo.run"].create({
            "backend_id": self.id, "company_id": self.company_id.id, "user_id": self.env.uid, "trigger": "script",
            "description": description})
        backend._sync_run(run, max_seconds or DEFAULT_SECONDS)
        return run.id

    def action_sync_now(self, description=None, take_in=True, send_out=True, entities=None):
        """Queue a sync and wake the worker.

        :param bool take_in: take over what changed in QuickBooks
        :param bool send_out: send what changed in Odoo
        :param list entities: only these (names of QuickBooks' API); what else changed waits for the next sync
        :return: id of the queued ``qbo.run``
        """
        self.ensure_one()
        self._check_may_sync()
        run = self.sudo().env["qbo.run"].create({
            "backend_id": self.id, "company_id": self.company_id.id, "user_id": self.env.uid, "trigger": "manual",
            "description": description, "take_in": take_in, "send_out": send_out,
            "entities": ",".join(entities) if entities else False})
        self._wake()
        return run.id

    def action_activate(self):
        """Start scheduled syncing; until a person does this, nothing crosses by itself."""
        self._check_admin()
        for backend in self:
            if backend.state != "connected":
                raise UserError(self.env._("Connect to QuickBooks first."))
            backend.sudo()._make_cron()
            backend.sudo().write({"state": "active", "state_message": False})
            backend.sudo().env["qbo.cursor"].search(
                [("backend_id", "=", backend.id), ("source", "=like", "scan:%")]).unlink()
            backend._wake()
        return True

    def action_deactivate(self):
        """Stop scheduled syncing; links and mappings stay."""
        self._check_admin()
        for backend in self.sudo().filtered(lambda backend: backend.state == "active"):
            backend.state = "connected"
            backend.cron_id.active = False
        return True

    def _check_may_sync(self):
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_user"):
            raise AccessError(self.env._("Only users of QuickBooks may start a sync."))
        self.check_access("read")
        if self.state not in ("connected", "active"):
            raise UserError(self.sudo().state_message or self.env._(
                "%(backend)s is not connected to QuickBooks.", backend=self.display_name))

    def _check_admin(self):
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_admin"):
            raise AccessError(self.env._("Only administrators of QuickBooks may do this."))

    def _wake(self, seconds=0.0):
        """Let the scheduled action run as soon as possible, or after some seconds; harmless while it runs."""
        for backend in self.sudo():
            # Before the activation there is no schedule; what a person asks for is done by the daily care.
            cron = backend.cron_id if backend.cron_id.active else self.env.ref("qbo_sync.cron_daily_care").sudo()
            cron._trigger(at=fields.Datetime.add(fields.Datetime.now(), seconds=seconds) if seconds else None)

    # === ONE RUN === #

    def _sync_run(self, run, max_seconds):
        """Work on one run under the lock of this backend, and write its end into the history.

        :return: the seconds to wait before a next run, above zero when QuickBooks' limit of requests was reached
        """
        started = time.monotonic()
        with self.env["qbo.lock"]._hold(f"qbo_sync:{self.id}", wait=LOCK_WAIT) as held:
            if not held:
                raise UserError(self.env._("Another sync of %(backend)s is running. Please wait until it ends.",
                                           backend=self.display_name))
            self._close_abandoned(run)
            try:
                self._scan_ledger(run)
                done = self.env["qbo.sync"]._work(self, run, started + max_seconds)
                self._end_run(run, "done" if done else "partial", started)
            except errors.RateLimited as error:
                return self._pause_run(run, error, started)
            except errors.QboError as error:
                self._stop_run(run, error, started)
        return 0.0

    def _close_abandoned(self, run):
        """Runs that a dead worker left open ended when it did; we hold the lock, so nobody works on them."""
        open_runs = self.env["qbo.run"].search([
            ("backend_id", "=", self.id), ("state", "=", "running"), ("id", "!=", run.id)])
        for abandoned in open_runs:
            self.env["qbo.run.message"].create({
                "run_id": abandoned.id, "level": "error",
                "text": self.env._("The worker stopped in the middle; the next run goes on.")})
        open_runs.write({"state": "failed", "ended_at": fields.Datetime.now()})

    def _end_run(self, run, state, started):
        run.write({"state": state, "ended_at": fields.Datetime.now(),
                   "duration": run.duration + time.monotonic() - started})
        if state == "done" and run.take_in and run.send_out and not run.entities:
            self._close_queued(run)
        self.env["ir.cron"]._commit_progress()

    def _close_queued(self, run):
        """What people asked for before this run began is done with it."""
        queued = self.env["qbo.run"].search([
            ("backend_id", "=", self.id), ("state", "=", "queued"), ("id", "<", run.id)])
        for earlier in queued:
            self.env["qbo.run.message"].create({
                "run_id": earlier.id, "level": "info", "text": self.env._("Done together with %(run)s.", run=run.name)})
        queued.write({"state": "done", "ended_at": fields.Datetime.now()})

    def _pause_run(self, run, error, started):
        """The budget of requests is used up: what is left goes with the next run, after the returned seconds."""
        self.env.invalidate_all()
        self.env["qbo.run.message"].create(
            {"run_id": run.id, "level": "info", "text": self.env["qbo.error.guide"]._sentence(error)})
        self._end_run(run, "partial", started)
        return error.retry_after

    def _stop_run(self, run, error, started):
        """QuickBooks stopped us: say why; what was settled before stays."""
        self.env.invalidate_all()
        sentence = self.env["qbo.error.guide"]._sentence(error)
        self.env["qbo.run.message"].create(
            {"run_id": run.id, "level": "error", "origin": "qbo", "text": sentence})
        _logger.info("Sync of %s stopped: %s %s", self.display_name, type(error).__name__, error.code)
        self._end_run(run, "partial" if run.in_count or run.out_count else "failed", started)
        self._connection_failed(error)

    def _after_sync(self, run, client):
        """After a complete sync: compare the receivables of both books, if something crossed or a day has passed.

        An idle sync costs one request; the comparison is a second one.
        """
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        if run.in_count or run.out_count or not self.ar_checked_at or self.ar_checked_at < yesterday:
            self._check_ar(client)
        self.env["qbo.bank.rule"]._ensure(self)
        self._notify_counts()

    def _scan_ledger(self, run):
        """Look for records that no change mark names: everything at the first sync, later what was written since."""
        cursor = self.env["qbo.cursor"].search(
            [("backend_id", "=", self.id), ("source", "=", "scan:ledger")], limit=1)
        if cursor.done:
            return
        now = fields.Datetime.now()
        session = Session(self, run)
        self.env["qbo.sync.outbox"]._scan(session, fields.Datetime.to_datetime(cursor.moment) if cursor else None)
        if not cursor:
            cursor = self.env["qbo.cursor"].create({"backend_id": self.id, "source": "scan:ledger"})
        cursor.write({"moment": fields.Datetime.to_string(now), "done": True})
        self.env["qbo.sync"]._commit_progress(session)

    # === SCHEDULE === #

    def _make_cron(self):
        """Create (or revive) the scheduled action of this backend; it runs as the system user."""
        for backend in self:
            values = {
                "name": self.env._("QuickBooks: %(company)s", company=backend.company_id.name),
                "model_id": self.env["ir.model"]._get_id("qbo.backend"),
                "state": "code", "code": f"model._cron_run({backend.id})",
                "interval_number": max(1, backend.interval_minutes), "interval_type": "minutes",
                "user_id": self.env.ref("base.user_root").id, "active": True,
            }
            if backend.cron_id:
                backend.cron_id.write(values)
            else:
                backend.cron_id = self.env["ir.cron"].create(values)

    @api.model
    def _cron_run(self, backend_id):
        """Scheduled action of one backend: work on the queued runs, or on a run of its own."""
        backend = self.browse(backend_id).exists()
        if not backend or backend.state != "active":
            return
        work = backend._for_work()
        run = work._queued_run() or work.env["qbo.run"].create({
            "backend_id": backend_id, "company_id": backend.company_id.id, "user_id": self.env.uid,
            "trigger": "schedule"})
        work._run_in_turn(run)

    def _queued_run(self):
        return self.env["qbo.run"].search([("backend_id", "=", self.id), ("state", "=", "queued")], order="id", limit=1)

    def _run_in_turn(self, run):
        """Work on a run in a scheduled action, and ask for another turn when something is left."""
        try:
            wait = self._sync_run(run, CRON_SECONDS)
        except UserError as error:
            _logger.info("Sync of %s did not start: %s", self.display_name, error)
            return
        if run.state == "partial" and not run.message_ids.filtered(lambda message: message.level == "error"):
            self.env["qbo.run"].create({
                "backend_id": self.id, "company_id": self.company_id.id, "user_id": run.user_id.id,
                "trigger": run.trigger, "description": run.description, "take_in": run.take_in,
                "send_out": run.send_out, "entities": run.entities, "fetched": run.fetched})
            self._wake(wait)
        elif self._queued_run():
            self._wake()

    def _read_lists(self):
        """Read QuickBooks' lists where that is due, so that there is something to map before the activation."""
        reference = self.env["qbo.sync.reference"]
        with self.env["qbo.lock"]._hold(f"qbo_sync:{self.id}", wait=LOCK_WAIT) as held:
            # A new transaction: what the previous holder of the lock wrote must be seen.
            self.env["ir.cron"]._commit_progress()
            if not held or not reference._due(self):
                return
            try:
                client = self._get_client()
                reference._refresh(self, client)
                self.env["ir.cron"]._commit_progress()
            except (UserError, errors.QboError) as error:
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.info("Lists of %s were not read: %s", self.display_name, type(error).__name__)
                if isinstance(error, errors.QboError):
                    self._connection_failed(error)

    @api.model
    def _cron_daily_care(self):
        """Do what people asked for before the activation; find what hooks missed and drop the rows of idle runs."""
        for backend in self.sudo().search([("state", "=", "connected")]):
            work = backend._for_work()
            work._read_lists()
            run = work._queued_run()
            if run:
                work._run_in_turn(run)
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), hours=20)
        for backend in self.sudo().search([("state", "=", "active")]):
            scan = self.env["qbo.cursor"].sudo().search([
                ("backend_id", "=", backend.id), ("source", "=", "scan:ledger"), ("done", "=", True)])
            if scan and fields.Datetime.to_datetime(scan.moment) < yesterday:
                scan.done = False
                backend._wake()
        old = fields.Datetime.subtract(fields.Datetime.now(), days=IDLE_RUN_DAYS)
        self.env["qbo.run"].sudo().search([
            ("trigger", "=", "schedule"), ("state", "=", "done"), ("in_count", "=", 0), ("out_count", "=", 0),
            ("failed_count", "=", 0), ("create_date", "<", old)]).unlink()
