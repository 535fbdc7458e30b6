"""Out, first half: from change marks to frozen requests."""

import dataclasses
import hashlib
import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from odoo import fields, models
from odoo.tools import SQL

from ...qbo import as_json, decide, documents, mapping
from ...qbo.mapping.errors import MappingError
from ..const import ENTITY_SEQUENCE, IMPLIED, SYNCED_ENTITIES
from .guard import bare_hash, held_hash
from .session import Need, Target

_logger = logging.getLogger(__name__)

FOLD_LIMIT = 5000
LEASE_MINUTES = 15
BATCH_SIZE = 30
# What a document does to the receivables of a customer.
AR_SIGNS = {"Invoice": 1, "CreditMemo": -1, "Payment": -1, "JournalEntry": 1, "Purchase": 1}


@dataclass
class Parcel:
    """One job ready to be sent: what it says, the link it belongs to, and the request."""

    job: Any
    target: Target
    binding: Any
    document: documents.Document | None
    operation: str
    entity: str
    payload: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    answer: Any = None
    # It was sent before, and nobody knows what became of it.
    uncertain: bool = False
    # Of what QuickBooks did not find: the object itself is there, and what is inactive, in words.
    still_there: bool = False
    reason: str = ""


def content_hash(document, identity=()):
    """Return the hash of what a document says: the thing that a person approves."""
    text = json.dumps([as_json.dump(document), identity], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def approval_hash(reading):
    """Return the hash of what a person approves of a reading.

    Documents are approved with their customer, products and settled documents as Odoo has them (``reading.identity``):
    QuickBooks' ids of those are left out, because some come into being only after the approval. Of what is to be void
    or deleted that word is approved.
    """
    document = reading.document
    if document is None:
        return reading.gone
    if reading.identity and isinstance(document, documents.SalesDocument):
        lines = tuple(dataclasses.replace(line, item_id="") for line in document.lines)
        document = dataclasses.replace(document, customer_id="", lines=lines)
    elif reading.identity and isinstance(document, documents.Entry):
        lines = tuple(dataclasses.replace(line, customer_id="") for line in document.lines)
        document = dataclasses.replace(document, lines=lines)
    elif reading.identity and isinstance(document, documents.Payment):
        # Before the documents are linked nothing is applied yet, so the rest differs; total and applications settle it.
        document = dataclasses.replace(document, customer_id="", lines=(), unapplied=documents.ZERO)
    return content_hash(document, reading.identity)


class QboSyncOutbox(models.AbstractModel):
    _name = "qbo.sync.outbox"
    _description = "QuickBooks Outbox"

    # === FOLD: CHANGE MARKS BECOME JOBS === #

    def _fold(self, session, limit=FOLD_LIMIT):
        """Turn the oldest change marks into jobs; return how many marks were taken."""
        rows = self.env.execute_query(SQL(
            "DELETE FROM qbo_change WHERE id IN (SELECT id FROM qbo_change WHERE backend_id = %s"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING model, res_id", session.backend.id, limit))
        changed = {}
        for model, res_id in rows:
            changed.setdefault(model, set()).add(res_id)
        self._release_posted(session, changed.get("account.move", ()))
        targets = set()
        for entity, _label in SYNCED_ENTITIES:
            if session.allows(entity, "out"):
                handler = session.handler(entity)
                for model, ids in changed.items():
                    targets.update(handler._targets(session, model, sorted(ids)))
        self._close_unconcerned(session, changed, targets)
        self._look_at_stuck(session, targets)
        self._enqueue(session, targets)
        return len(rows)

    def _scan(self, session, since):
        """Mark what was written since ``since`` (all when None): what a hook missed is found here.

        Returns the number of marks.
        """
        count = 0
        for entity, _label in SYNCED_ENTITIES:
            if session.allows(entity, "out"):
                for model, ids in session.handler(entity)._scan_ids(session, since):
                    count += len(ids)
                    self._enqueue(session, {
                        target for target in session.handler(entity)._targets(session, model, ids)})
        return count

    def _enqueue(self, session, targets, again=True):
        """Make one open job for each target; an open one that waits for a person is looked at again.

        :param bool again: the record has changed; what only another record asks for is left where it failed
        :return: the jobs that were created
        """
        if not targets:
            return self.env["qbo.job"]
        open_jobs = self._open_jobs(session, targets)
        reopened = self.env["qbo.job"].union(*[
            job for target, job in open_jobs.items() if job.state in ("approval", "failed", "conflict", "blocked")])
        if again:
            reopened.write({"state": "pending", "next_try": False, "blocked_key": False})
        excluded = self._excluded(session, targets)
        return self.env["qbo.job"].create([
            {
                "backend_id": session.backend.id, "company_id": session.backend.company_id.id, "direction": "out",
                "entity": target.entity, "model": target.model, "res_id": target.res_id, "role": target.role,
                "sequence": ENTITY_SEQUENCE[target.entity], "state": "pending",
            }
            for target in sorted(targets) if target not in open_jobs and target not in excluded])

    def _open_jobs(self, session, targets):
        by_model = {}
        for target in targets:
            by_model.setdefault((target.entity, target.model), set()).add(target.res_id)
        found = {}
        for (entity, model), ids in by_model.items():
            for job in self.env["qbo.job"].search([
                    ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("entity", "=", entity),
                    ("model", "=", model), ("res_id", "in", list(ids)),
                    ("state", "in", ("approval", "pending", "failed", "blocked", "conflict"))]):
                found[Target(entity, model, job.res_id, job.role)] = job
        return {target: job for target, job in found.items() if target in targets}

    def _excluded(self, session, targets):
        ids = {target.res_id for target in targets}
        rows = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("excluded", "=", True), ("res_id", "in", list(ids))])
        # Whatever a record is in QuickBooks: it stays out as a whole.
        excluded = {(row.model, row.res_id) for row in rows}
        return {target for target in targets if (target.model, target.res_id) in excluded}

    # === CLAIM === #

    def _claim(self, session, direction, limit):
        """Take pending jobs of the first entity that has any: they are ``sending`` and leased.

        The caller commits that.
        """
        now = fields.Datetime.now()
        same = SQL("s.qbo_id = j.qbo_id") if direction == "in" else SQL(
            "s.model = j.model AND s.res_id = j.res_id AND s.role = j.role")
        # What is being sent is looked up once: without fresh statistics PostgreSQL reads all jobs again for each job.
        rows = self.env.execute_query(SQL(
            """WITH busy AS MATERIALIZED (
                   SELECT entity, qbo_id, model, res_id, role FROM qbo_job
                    WHERE backend_id = %(backend)s AND direction = %(direction)s AND state = 'sending'),
               ready AS MATERIALIZED (
                   SELECT id, sequence FROM qbo_job j
                    WHERE backend_id = %(backend)s AND direction = %(direction)s AND state = 'pending'
                      AND entity = ANY(%(entities)s) AND (next_try IS NULL OR next_try <= %(now)s)
                      AND NOT EXISTS (SELECT 1 FROM busy s WHERE s.entity = j.entity AND %(same)s)),
               chosen AS MATERIALIZED (
                   SELECT id FROM qbo_job
                    WHERE id = ANY(ARRAY(
                        SELECT id FROM ready WHERE sequence = (SELECT min(sequence) FROM ready)
                         ORDER BY id LIMIT %(limit)s))
                      FOR UPDATE SKIP LOCKED)
               UPDATE qbo_job SET state = 'sending', worker = %(worker)s, run_id = %(run)s, lease_until = %(lease)s
                WHERE id = ANY(ARRAY(SELECT id FROM chosen))
            RETURNING id""",
            worker=f"run {session.run.id}", run=session.run.id, backend=session.backend.id, direction=direction,
            limit=limit, entities=session.run._entities(), now=now, same=same,
            lease=now + timedelta(minutes=LEASE_MINUTES)))
        jobs = self.env["qbo.job"].browse(sorted(row[0] for row in rows))
        jobs.invalidate_recordset()
        return jobs

    # === PREPARE: WHAT HAS TO BE SAID === #

    def _plan(self, session, jobs):
        """Read the records of claimed jobs, settle those that need no request, and return the parcels of the rest."""
        targets = {Target(job.entity, job.model, job.res_id, job.role): job for job in jobs}
        readings = {}
        for entity in {target.entity for target in targets}:
            own = [target for target in targets if target.entity == entity]
            readings.update(session.handler(entity)._read(session, own))
        self.env["qbo.sync.wording"]._learn(session, filter(None, (reading.document for reading in readings.values())))
        bindings = self._bindings(session, targets)
        parcels = []
        for target, job in targets.items():
            parcel = self._plan_one(session, job, target, readings[target], bindings.get(target))
            if parcel:
                parcels.append(parcel)
        return self._voids_first(parcels)

    def _voids_first(self, parcels):
        """Let payments wait for those that are void: what these set free may be what the others settle."""
        voids = [parcel for parcel in parcels if parcel.operation == "void" and parcel.entity == "Payment"]
        if not voids:
            return parcels
        for parcel in parcels:
            if parcel not in voids:
                parcel.job._reopen("pending")
        return voids

    def _bindings(self, session, targets):
        found = {}
        groups = {}
        for target in targets:
            groups.setdefault((target.entity, target.model), []).append(target.res_id)
        for (entity, model), ids in groups.items():
            bindings = self.env["qbo.binding"]._by_record(session.backend, entity, model, ids)
            for (res_id, role), binding in bindings.items():
                found[Target(entity, model, res_id, role)] = binding
        return found

    def _plan_one(self, session, job, target, reading, binding):
        """Decide about one job: settle it here and return None, or return its parcel."""
        job.write({**self._display_values(session, job, reading, binding), "operation": reading.gone or "sync",
                   "amount_before": self._agreed_amount(binding)})
        if binding and binding.excluded:
            job._finish("cancelled")
            return None
        if reading.gone:
            return self._plan_gone(session, job, target, reading, binding)
        if reading.stay:
            return self._plan_stay(job, binding, reading)
        if reading.problem:
            code, text = reading.problem
            job._fail(code, text, session=session)
            return None
        return self._plan_document(session, job, target, reading, binding)

    def _display_values(self, session, job, reading, binding):
        """Return what a person reads of a job; a record that was deleted is called as QuickBooks has it."""
        if reading.name:
            return {"name": reading.name, "partner_name": reading.partner_name, "amount": reading.amount,
                    "currency_id": reading.currency_id or job.backend_id.currency_id.id,
                    "document_date": reading.date}
        if job.name or not binding or not binding.qbo_id:
            return {}
        told = decide.load_base(job.entity, binding.base or {}).qbo
        return self.env["qbo.sync.wording"]._words_of_job(session, told) if told else {}

    def _agreed_amount(self, binding):
        """Return what a linked document came to when both sides last agreed, in its currency."""
        return float(((binding and binding.base or {}).get("odoo") or {}).get("total") or 0)

    def _plan_gone(self, session, job, target, reading, binding):
        if not binding or not binding.qbo_id or binding.missing or self._is_void(binding):
            job._finish("done")
            (binding or self.env["qbo.binding"])._left_alone()
            return None
        needs = self._inbound_first(session, binding)
        if needs:
            self._block(session, job, needs)
            return None
        what = self.env._("%(what)s in QuickBooks", what=dict(job._fields["operation"].selection)[reading.gone])
        base = decide.load_base(target.entity, binding.base) if binding.base else None
        if self._asks(session, job, target, base, None, reading.gone, lambda: what):
            return None
        job.difference = what
        return Parcel(job, target, binding, None, reading.gone, target.entity,
                      {"Id": binding.qbo_id, "SyncToken": binding.sync_token})

    def _is_void(self, binding):
        """Tell whether the object is void already, by us or by a person in QuickBooks."""
        return bool(((binding.base or {}).get("qbo") or {}).get("voided"))

    def _plan_stay(self, job, binding, reading):
        job._finish("cancelled", error=reading.stay)
        (binding or self.env["qbo.binding"])._left_alone()

    def _plan_document(self, session, job, target, reading, binding):
        if binding and binding.missing:
            job._fail("missing", self.env._(
                "It was deleted in QuickBooks. Clear the ID to create it again, or relink it."), session=session,
                status="missing")
            return None
        needs = self._first_needs(session, reading, binding)
        if needs:
            self._block(session, job, needs)
            return None
        base = decide.load_base(target.entity, binding.base) if binding and binding.base else None
        if not reading.needs and binding and binding.qbo_id and base and base.odoo == reading.document:
            self._settle_unchanged(job, binding)
            session.handler(target.entity)._settled(session, binding)
            return None
        digest = approval_hash(reading)
        if binding and binding.skipped and bare_hash(binding.skipped_hash) == digest:
            job._finish("skipped")
            return None
        if self._asks(session, job, target, base, reading.document, digest,
                      lambda: self._what_crosses(session, base, reading)):
            return None
        if reading.needs:
            # Who approved a document has approved that its customer and products are created.
            self._block(session, job, reading.needs, approved=bool(job.approved_hash))
            return None
        return self._parcel(session, job, target, reading, binding, base, digest)

    def _asks(self, session, job, target, base, document, digest, what):
        """Let a job wait for approval where the rule says so or something speaks against it; tell whether it does."""
        guard = self.env["qbo.sync.guard"]
        holds = guard._holds_out(session, target, base, document)
        if not guard._approved(job, digest, holds):
            guard._ask(session, job, digest, holds, what())
        elif not job._may_cross(digest, session.policies[target.entity]):
            job._ask(what(), held_hash(digest, holds))
        else:
            return False
        return True

    def _first_needs(self, session, reading, binding):
        """Return what must happen before a person is even asked.

        Mappings, changes of QuickBooks; for lists also other records.
        """
        needs = [need for need in reading.needs if not need.target or not reading.identity]
        return needs or self._inbound_first(session, binding)

    def _what_crosses(self, session, base, reading):
        """Return what a person approves: the effect on receivables, what is created along with it, the difference."""
        lines = [self._ar_effect(base, reading), session.handler(reading.target.entity)._preview(reading.document)]
        created = [need.name for need in reading.needs if need.name]
        if created:
            lines.append(self.env._("also creates %(what)s", what=", ".join(created)))
        return "\n".join(line for line in [*lines, self._difference(session, base, reading)] if line)

    def _ar_effect(self, base, reading):
        """Return by how much QuickBooks' receivables move, as 'A/R +1,200.00' in the document's currency.

        '' when they do not.
        """
        sign = AR_SIGNS.get(reading.target.entity)
        if not sign:
            return ""
        effect = sign * (reading.document.total - (base.odoo.total if base and base.odoo else 0))
        return self.env._("A/R %(amount)s", amount=f"{effect:+,.2f}") if effect else ""

    def _difference(self, session, base, reading):
        """Return what changes in QuickBooks: from what it says now to what it will say."""
        document = reading.document
        if getattr(document, "customer_id", None) == "":
            # Who is not in QuickBooks yet has no id, but a name.
            document = dataclasses.replace(document, customer_id=reading.partner_name)
        if base and base.odoo and base.qbo:
            return self.env["qbo.sync.wording"]._difference(
                session, base.qbo, self._wanted(session, reading.target, base, document))
        return self.env["qbo.sync.wording"]._difference(session, base.odoo if base else None, document)

    def _settle_unchanged(self, job, binding):
        binding.write({"status": "synced", "error": False, "skipped": False})
        job._finish("done", difference=self.env._("Nothing changed."))

    def _inbound_first(self, session, binding):
        """A change of QuickBooks that waits on the same object is looked at before ours is sent."""
        if not binding or not binding.qbo_id:
            return []
        waiting = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", binding.entity),
            ("qbo_id", "=", binding.qbo_id), ("state", "in", ("approval", "pending", "conflict"))], limit=1)
        if not waiting:
            return []
        return [Need(f"in:{binding.entity}:{binding.qbo_id}",
                     self.env._("QuickBooks changed it too; that change waits to be looked at first."))]

    def _block(self, session, job, needs, approved=False):
        """Let a job wait for its first need; a need that is a record gets a job of its own, unless rules forbid it."""
        forbidden = [need for need in needs if need.target and not session.allows(need.target.entity, "out")]
        if forbidden:
            job._fail("dependency_off", self.env._(
                "%(what)s The rules keep it from going to QuickBooks.", what=forbidden[0].text), session=session)
            return
        targets = {need.target for need in needs if need.target}
        self._enqueue(session, targets, again=False)
        if approved:
            self._open_jobs_of(session, targets).write({"approved_hash": IMPLIED, "state": "pending"})
        job._block(needs[0].key, "\n".join(need.text for need in needs))

    def _open_jobs_of(self, session, targets):
        jobs = self._open_jobs(session, targets).values()
        return self.env["qbo.job"].union(*jobs).filtered(lambda job: job.state in ("approval", "pending"))

    def _parcel(self, session, job, target, reading, binding, base, digest):
        """Build the request of a document."""
        qbo_id = (binding and binding.qbo_id) or ""
        # An update carries only what Odoo changed: what QuickBooks filled in by itself is neither cleared nor
        # overwritten.
        wanted = self._wanted(session, target, base, reading.document) if qbo_id else reading.document
        if qbo_id and base and base.qbo:
            wanted = session.handler(target.entity)._complete(wanted, base.qbo, base.odoo)
        wanted = session.handler(target.entity)._formed(session, wanted, base.qbo if qbo_id and base else None)
        try:
            payload = mapping.to_qbo(
                wanted, qbo_id=qbo_id, sync_token=(binding and binding.sync_token) or "",
                base=base.qbo if base else None, profile=session.profile)
        except MappingError as error:
            code, sentence = self.env["qbo.error.guide"]._refusal(error)
            job._fail(code, sentence, session=session)
            return None
        job.write({"difference": self._difference(session, base, reading), "payload_hash": digest})
        return Parcel(job, target, binding, reading.document, "update" if qbo_id else "create", target.entity, payload,
                      reading.note)

    def _wanted(self, session, target, base, document):
        """Return what QuickBooks should say once Odoo's changes have arrived there."""
        wanted, handler = decide.for_qbo(base, document), session.handler(target.entity)
        return handler._beside(session, target, base.qbo, wanted) if base and base.qbo else wanted

    # === FREEZE: WHAT IS SENT IS COMMITTED BEFORE === #

    def _freeze(self, session, parcels):
        """Give each group of up to 30 parcels one request id, store ids and payloads, and return the groups.

        Voids travel alone: QuickBooks documents them as requests of their own.
        """
        groups = []
        batchable = [parcel for parcel in parcels if parcel.operation != "void"]
        groups += [batchable[start:start + BATCH_SIZE] for start in range(0, len(batchable), BATCH_SIZE)]
        groups += [[parcel] for parcel in parcels if parcel.operation == "void"]
        for group in groups:
            request_id = str(uuid.uuid4())
            for number, parcel in enumerate(group, 1):
                parcel.job.write({
                    "request_id": request_id, "batch_item": str(number),
                    "payload": {"operation": parcel.operation, "entity": parcel.entity, "body": parcel.payload,
                                "document": as_json.dump(parcel.document) if parcel.document else None,
                                "note": parcel.note},
                    "attempts": parcel.job.attempts + 1, "error": False, "error_code": False, "error_detail": False})
        self._mark_syncing(session, parcels)
        return groups

    def _mark_syncing(self, session, parcels):
        """Show 'Syncing' on every record that is about to be sent; records without a link get their row now."""
        self.env["qbo.binding"].union(*[parcel.binding for parcel in parcels if parcel.binding]).write(
            {"status": "syncing", "error": False})
        fresh = [parcel for parcel in parcels if not parcel.binding]
        rows = self.env["qbo.binding"].create([
            {"backend_id": session.backend.id, "company_id": session.backend.company_id.id,
             "entity": parcel.target.entity, "model": parcel.target.model, "res_id": parcel.target.res_id,
             "role": parcel.target.role, "status": "syncing"} for parcel in fresh])
        for parcel, row in zip(fresh, rows, strict=True):
            parcel.binding = row

    def _thaw(self, session):
        """Return the groups that a dead worker left behind, exactly as it froze them.

        The caller holds the lock of the backend, so whatever another run's worker has in hand has no worker any more.
        Requests whose outcome is unknown have none either: they wait for their time.
        """
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("state", "=", "sending"),
            "|", "|", ("lease_until", "<", fields.Datetime.now()),
            "&", ("worker", "!=", False), ("worker", "!=", f"run {session.run.id}"),
            # Our own that a rollback left between the claim and the freezing.
            "&", ("worker", "=", f"run {session.run.id}"), ("request_id", "=", False)])
        arrivals = jobs.filtered(lambda job: job.direction == "in")
        arrivals._reopen("pending")
        jobs -= arrivals
        unfrozen = jobs.filtered(lambda job: not job.request_id)
        unfrozen._reopen("pending")
        groups = []
        for members in (jobs - unfrozen).grouped("request_id").values():
            for job in members:
                job.attempts += 1
            members.write({"lease_until": fields.Datetime.now() + timedelta(minutes=LEASE_MINUTES),
                           "run_id": session.run.id, "worker": f"run {session.run.id}"})
            groups.append([self._thaw_one(session, job) for job in members.sorted("id")])
        return groups

    def _thaw_one(self, session, job):
        frozen = job.payload
        target = Target(job.entity, job.model, job.res_id, job.role)
        binding = self.env["qbo.binding"]._by_record(
            session.backend, job.entity, job.model, [job.res_id]).get((job.res_id, job.role))
        document = as_json.load(job.entity, frozen["document"]) if frozen["document"] is not None else None
        return Parcel(
            job, target, binding, document, frozen["operation"], frozen["entity"], frozen["body"],
            frozen.get("note", ""), uncertain=True)
