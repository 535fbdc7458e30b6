"""The loop: fetch, apply, fold, send, in slices, until nothing is left or the time is up."""

import logging
import time

import psycopg2
from odoo import fields, models

from ...qbo.errors import QboError, RateLimited
from ..qbo_throttle import MAX_WAIT, CompanyThrottle
from .outbox import BATCH_SIZE
from .session import Session

_logger = logging.getLogger(__name__)

# Sizes of a slice: about 5 s of processor time, far from Odoo's limit of 60 s.
OUT_SLICE = 120
IN_SLICE = 200
PATIENCE = 5


class QboSync(models.AbstractModel):
    _name = "qbo.sync"
    _description = "QuickBooks Sync Engine"

    def _work(self, backend, run, deadline):
        """Work for one backend until nothing is left (True) or the deadline has come (False).

        :param float deadline: value of :func:`time.monotonic` after which no new slice begins; one slice is always done
        :raise QboError: when QuickBooks cannot be reached or refuses the connection; what was settled is committed
        """
        client = backend._get_client()
        calls = []
        client.transport.listen(calls.append)
        run.write({"state": "running", "started_at": run.started_at or fields.Datetime.now()})
        # A rollback further down must not take the run itself away.
        self.env["ir.cron"]._commit_progress()
        try:
            done = self._passes(backend, run, client, deadline)
        except QboError:
            # What was answered is settled and committed; what a step had only begun is begun anew by the next run.
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._count_calls(run, calls)
            raise
        self._count_calls(run, calls)
        return done

    def _passes(self, backend, run, client, deadline):
        steps = [self._step_thaw, self._step_fetch, self._step_create, self._step_apply, self._step_fold,
                 self._step_push, self._step_compare_taxes, self._step_rates]
        while not self._pass_or_pause(steps, backend, run, client, deadline):
            if time.monotonic() >= deadline:
                return False
        backend._after_sync(run, client)
        return True

    def _pass_or_pause(self, steps, backend, run, client, deadline):
        """Do one slice of each step; with the budget of requests used up, sleep until there is some, if time allows."""
        try:
            return self._pass(steps, backend, run, client, deadline)
        except RateLimited as error:
            if time.monotonic() + error.retry_after >= deadline:
                raise
            self.env.cr.rollback()
            self.env.invalidate_all()
            time.sleep(error.retry_after)
            return False

    def _pass(self, steps, backend, run, client, deadline):
        """Do one slice of each step; return True when none had anything to do."""
        idle = True
        for step in steps:
            if self._patiently(step, backend, run, client):
                idle = False
                if time.monotonic() >= deadline:
                    return False
        return idle

    def _patiently(self, step, backend, run, client):
        """Run one step; when a user's transaction was quicker, roll back and read again.

        Under REPEATABLE READ a row that somebody else changed after our snapshot cannot be written; a new transaction
        sees it.
        """
        for attempt in range(PATIENCE):
            session = Session(backend, run)
            try:
                busy = step(session, client)
                self._commit_progress(session)
                return busy
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                    psycopg2.errors.LockNotAvailable) as error:
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.info("Step %s of %s met another transaction (%s), attempt %s",
                             step.__name__, backend.display_name, type(error).__name__, attempt + 1)
                time.sleep(0.2 * (attempt + 1))
        return True

    # === STEPS: each returns True when it did something === #

    def _step_thaw(self, session, client):
        """Resend what a dead worker left behind, with the same request ids."""
        groups = self.env["qbo.sync.outbox"]._thaw(session)
        if groups:
            self._commit_progress(session)
            self.env["qbo.sync.sender"]._send(session, client, groups)
        return bool(groups)

    def _step_fetch(self, session, client):
        """Ask QuickBooks what changed: once a run, or as long as pages are left."""
        if session.run.fetched or not session.run.take_in:
            return False
        more = self.env["qbo.sync.inbox"]._fetch(session, client)
        session.run.fetched = not more
        return True

    def _step_create(self, session, client):
        """Create the list entries that a person asked for: documents of this very run may wait for them."""
        return session.run.send_out and self.env["qbo.sync.creation"]._create_asked(session, client)

    def _step_apply(self, session, client):
        """Apply the next slice of what came in."""
        jobs = session.run.take_in and self.env["qbo.sync.outbox"]._claim(session, "in", IN_SLICE)
        if not jobs:
            return False
        session.quietly()
        session.env["qbo.sync.applier"]._apply(session, client, jobs.with_env(session.env))
        return True

    def _step_fold(self, session, client):
        """Turn change marks into jobs."""
        folded = self.env["qbo.sync.outbox"]._fold(session)
        freed = session.run.take_in and self.env["qbo.sync.applier"]._look_again(session)
        return bool(folded or freed)

    def _step_push(self, session, client):
        """Send the next slice of what goes out."""
        outbox = self.env["qbo.sync.outbox"]
        jobs = session.run.send_out and outbox._claim(session, "out", OUT_SLICE)
        if not jobs:
            return False
        self._check_budget(session)
        self._commit_progress(session)
        parcels = outbox._plan(session, jobs)
        self._commit_progress(session)
        parcels = self.env["qbo.sync.sender"]._without_clashes(session, client, parcels)
        parcels = self.env["qbo.sync.guard"]._admit(session, client, parcels)
        groups = outbox._freeze(session, parcels)
        self._commit_progress(session)
        if groups:
            self.env["qbo.sync.sender"]._send(session, client, groups)
        return True

    def _step_compare_taxes(self, session, client):
        """Do one of the comparisons of taxes that a person asked for."""
        return self.env["qbo.sync.tax.comparison"]._compare_asked(session, client)

    def _step_rates(self, session, client):
        """Take over exchange rates that a person asked for."""
        return self.env["qbo.sync.rates"]._take_asked(session, client)

    def _check_budget(self, session):
        """Stop before a slice is claimed for good that could not be sent within the budget of this minute.

        :raise RateLimited: with the seconds after which it can
        """
        pause = CompanyThrottle(self.env.cr.dbname, session.backend.id).pause(-(-OUT_SLICE // BATCH_SIZE))
        if pause > MAX_WAIT:
            raise RateLimited("Own limit of requests reached", retry_after=pause)

    # === COMMIT === #

    def _commit_progress(self, session, processed=0):
        """Write the history and commit: the only place of this addon that commits.

        Each answer of QuickBooks must be in the database before the next request depends on it; a later failure must
        not roll back what QuickBooks has done.
        """
        if session._resolver is not None:
            session._resolver.save_missing()
        self._summarize(session)
        if session.messages:
            self.env["qbo.run.message"].create(session.messages)
            session.messages = []
        counts, session.counts = dict(session.counts), type(session.counts)(int)
        if counts:
            run = session.run
            run.write({f"{name}_count": run[f"{name}_count"] + number for name, number in counts.items()})
        self.env["ir.cron"]._commit_progress(processed)
        # A long transaction makes each later query slower, and its snapshot is of the past.
        self.env.invalidate_all()

    def _summarize(self, session):
        """Say in one line for each entity what crossed in this slice."""
        labels = dict(self.env["qbo.job"]._fields["entity"]._description_selection(self.env))
        for (direction, entity), count in session.summary.items():
            named = {"entity": labels[entity], "count": count}
            text = (
                self.env._("%(entity)s: %(count)s taken over from QuickBooks", **named) if direction == "in"
                else self.env._("%(entity)s: %(count)s sent to QuickBooks", **named))
            session.say("success", text, direction=direction, entity=entity)
        session.summary.clear()

    def _count_calls(self, run, calls):
        """Add what was asked to the run's figures."""
        run.write({
            "request_count": run.request_count + len(calls),
            "write_count": run.write_count + sum(call.kind != "metered" for call in calls)})
        self.env["ir.cron"]._commit_progress()
