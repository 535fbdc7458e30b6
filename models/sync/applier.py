"""In, second half: jobs become Odoo records, in bulk, and one by one only where the bulk failed."""

import dataclasses
import functools
import logging

import psycopg2
from odoo import fields, models
from odoo.exceptions import UserError

from ...qbo import as_json, decide, wire
from ...qbo.mapping.errors import MappingError
from ..const import ENTRY_ENTITIES
from ..merged_role import is_merged, stands_for
from .session import Arrival, Need, Target, qbo_key

_logger = logging.getLogger(__name__)

# What an object says of itself even when QuickBooks computed its figures anew.
IDENTITY = {"Customer": ("display_name",), "Item": ("name",), "Invoice": ("customer_id", "txn_date"),
            "CreditMemo": ("customer_id", "txn_date"), "SalesReceipt": ("customer_id", "txn_date"),
            "RefundReceipt": ("customer_id", "txn_date"), "Payment": ("customer_id", "txn_date"),
            **dict.fromkeys(ENTRY_ENTITIES, ("doc_number", "txn_date"))}

# What one document may do wrong without stopping the others. Nothing broader: a plain Exception also carries the CPU
# limit.
DOCUMENT_ERRORS = (UserError, MappingError, psycopg2.IntegrityError, psycopg2.DataError)


class QboSyncApplier(models.AbstractModel):
    _name = "qbo.sync.applier"
    _description = "QuickBooks Applier"

    def _apply(self, session, client, jobs):
        """Apply claimed inbound jobs of one entity to Odoo; each ends in a state of its own."""
        entity = jobs[0].entity
        removals = jobs.filtered(lambda job: job.operation == "delete")
        for job in removals:
            self._apply_removal(session, job)
        arrivals = self._arrivals(session, entity, self._fetch_payloads(session, client, entity, jobs - removals))
        handler = session.handler(entity)
        arrivals = self.env["qbo.sync.withdrawn"]._undisputed(session, handler, arrivals)
        self._prepare(session, handler, arrivals)
        self._fetch_needed(session, client, arrivals)
        self._wait_for_answers(session, entity, arrivals)
        ready = [arrival for arrival in arrivals if not self._held_back(session, arrival)]
        self._match(session, handler, [arrival for arrival in ready if not arrival.record])
        ready = [arrival for arrival in ready if not (arrival.problem and self._held_back(session, arrival))]
        ready = [arrival for arrival in ready if not self.env["qbo.sync.guard"]._asks_in(session, arrival)]
        fresh = [arrival for arrival in ready if not arrival.record]
        known = [arrival for arrival in ready if arrival.record]
        self._take_in(session, handler, fresh, known)

    def _take_in(self, session, handler, fresh, known):
        """Create what is new, and follow what changed."""
        self._create_records(session, handler, fresh)
        for arrival in known:
            self._decide(session, handler, arrival)

    # === READING === #

    def _fetch_payloads(self, session, client, entity, jobs):
        """Return {job: payload}.

        The objects of jobs that only name them (a new link, a look again) are read; what is gone fails with that word.
        """
        # Each read of a JSON field copies it, so that each payload is read once.
        payloads = {job: job.payload for job in jobs}
        bare = [job for job in jobs if not payloads[job]]
        if not bare:
            return payloads
        self.env["qbo.sync"]._commit_progress(session)
        rows = {row["Id"]: row for row in client.query_ids(entity, [job.qbo_id for job in bare])}
        for job in bare:
            row = rows.get(job.qbo_id)
            if row:
                payloads[job] = job.payload = wire.plain(row)
            else:
                del payloads[job]
                job._fail(
                    "missing", self.env._("QuickBooks has no such record any more."), session=session, status="missing")
        return payloads

    def _arrivals(self, session, entity, payloads):
        bindings = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, [job.qbo_id for job in payloads])
        records = self._records(bindings.values())
        arrivals = []
        for job, payload in payloads.items():
            try:
                document = session.handler(entity)._arrived(session, payload)
            except MappingError as error:
                code, sentence = self.env["qbo.error.guide"]._refusal(error)
                job._fail(code, sentence, session=session, origin="qbo")
                continue
            binding = bindings.get(job.qbo_id)
            arrivals.append(Arrival(
                job, entity, job.qbo_id, payload, document, payload.get("SyncToken", ""), binding,
                records.get((binding.model, binding.res_id)) if binding else None))
        return arrivals

    def _records(self, bindings):
        by_model = {}
        for binding in bindings:
            by_model.setdefault(binding.model, []).append(binding.res_id)
        return {(model, record.id): record
                for model, ids in by_model.items() for record in self.env[model].browse(ids).exists()}

    def _prepare(self, session, handler, arrivals):
        """Let the handler find what arrivals wait for; a setting of Odoo that stops all of them is said on each."""
        try:
            handler._prepare(session, arrivals)
        except UserError as error:
            for arrival in arrivals:
                arrival.needs, arrival.problem = [], ("odoo_refused", self._sentence(error))

    def _wait_for_answers(self, session, entity, arrivals):
        """Let arrivals wait that may be our own: of something that was sent, and of which no answer came back.

        Taken for new, such an object would become a second document of Odoo.
        """
        unknown = [arrival for arrival in arrivals if not arrival.record]
        sent = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("entity", "=", entity),
            ("state", "=", "sending"), ("request_id", "!=", False)]) if unknown else ()
        frozen = {}
        for job in sent:
            if job.payload["operation"] == "create":
                said = self._identity(as_json.load(entity, job.payload["document"]))
                frozen[said] = Target(entity, job.model, job.res_id, job.role).sent_key()
        for arrival in unknown:
            key = frozen.get(self._identity(arrival.document))
            if key:
                arrival.needs.append(Need(key, self.env._(
                    "It may be what was just sent from Odoo; it waits until that is known.")))

    def _identity(self, document):
        return tuple(str(getattr(document, name)).casefold() for name in IDENTITY[document.entity])

    def _fetch_needed(self, session, client, arrivals):
        """Fetch the objects that arrivals wait for and that have no job yet, with one query for each entity."""
        wanted = {}
        for need in (need for arrival in arrivals for need in arrival.needs):
            if need.key.startswith("qbo:"):
                _kind, entity, qbo_id = need.key.split(":", 2)
                wanted.setdefault(entity, {})[qbo_id] = True
        for entity, ids in wanted.items():
            if session.allows(entity, "in"):
                self.env["qbo.sync.inbox"]._enqueue_missing(session, client, entity, list(ids))

    def _held_back(self, session, arrival):
        """Block or fail an arrival that cannot be applied yet."""
        if arrival.needs:
            arrival.job._block(arrival.needs[0].key, "\n".join(need.text for need in arrival.needs))
            return True
        if arrival.problem:
            arrival.job._fail(*arrival.problem, session=session)
        elif arrival.stay:
            arrival.job._finish("cancelled", error=arrival.stay)
        return bool(arrival.problem or arrival.stay)

    def _match(self, session, handler, arrivals):
        """Link arrivals to Odoo records that are the same thing already."""
        matches = handler._match(session, arrivals) if arrivals else {}
        for arrival in arrivals:
            arrival.record = matches.get(arrival.qbo_id) or None

    # === CREATING === #

    def _create_records(self, session, handler, arrivals):
        """Create all at once; if that fails, one by one, so that only the guilty ones fail."""
        if not arrivals:
            return
        bindings = [arrival.binding for arrival in arrivals]
        try:
            with self.env.cr.savepoint():
                handler._create_records(session, arrivals)
                self._settle(session, handler, arrivals)
            return
        except DOCUMENT_ERRORS as error:
            _logger.info(
                "Import of %s %s in bulk failed, trying one by one: %s", len(arrivals), handler._qbo_entity, error)
        for arrival, binding in zip(arrivals, bindings, strict=True):
            arrival.redo = functools.partial(self._create_one, session, handler, arrival, binding)
            arrival.redo()

    def _create_one(self, session, handler, arrival, binding):
        arrival.record, arrival.also, arrival.binding = None, [], binding
        self._one(session, handler, arrival, lambda: handler._create_records(session, [arrival]))

    def _one(self, session, handler, arrival, action):
        try:
            with self.env.cr.savepoint():
                action()
                self._settle(session, handler, [arrival])
        except DOCUMENT_ERRORS as error:
            self.env.invalidate_all()
            self._refused(session, arrival, error)

    def _refused(self, session, arrival, error):
        arrival.job._fail(getattr(error, "code", "odoo_refused"), self._sentence(error), session=session)

    def _sentence(self, error):
        if isinstance(error, UserError):
            return str(error.args[0]) if error.args else str(error)
        if isinstance(error, MappingError):
            return self.env["qbo.error.guide"]._refusal(error)[1]
        if isinstance(error, psycopg2.Error):
            return self.env._("The database refused it: %(why)s", why=(error.diag.message_primary or str(error)))
        return str(error)

    # === UPDATING === #

    def _decide(self, session, handler, arrival):
        """Compare base, Odoo and QuickBooks, and take over what only QuickBooks changed."""
        if arrival.binding and arrival.binding.missing:
            arrival.binding.missing = False
        target = self._target_of(arrival)
        reading = handler._read(session, [target])[target]
        base = self._base(arrival)
        if reading.document is None and not arrival.binding:
            arrival.job._fail("not_comparable", reading.stay or self.env._(
                "The matching record of Odoo cannot be compared."), session=session)
            return
        first = not (arrival.binding and arrival.binding.base)
        ignore = handler._link_ignore(session, reading.document, arrival.document) if first else frozenset()
        decision = decide.compare(
            base, reading.document, arrival.document, ignore=ignore,
            winner=self._winner(session, handler, arrival, base))
        if decision.action == "conflict":
            choices = self.env["qbo.sync.dispute"]._choices(session, arrival.job, base, decision)
            if not choices:
                self._conflict(session, arrival, decision, base)
                return
            decision = decide.compare(base, reading.document, arrival.document, choices=choices, ignore=ignore)
        arrival.fields = tuple(decision.pull_fields)
        if not arrival.fields:
            self._settle(
                session, handler, [arrival], keep_odoo=None if first else self._odoo_half(base, reading, decision))
        else:
            arrival.redo = lambda: self._follow(session, handler, arrival, base, decision, target)
            arrival.redo()
            return
        self._after_decision(session, arrival, base, decision, target)

    def _follow(self, session, handler, arrival, base, decision, target):
        """Write what QuickBooks changed, and let go out what only Odoo changed."""
        self._one(session, handler, arrival, lambda: self._update_arrival(session, handler, arrival, decision))
        self._after_decision(session, arrival, base, decision, target)

    def _after_decision(self, session, arrival, base, decision, target):
        if decision.push_fields and arrival.job.state in ("done", "warning"):
            self._push_rest(session, arrival, base, decision, target)

    def _winner(self, session, handler, arrival, base):
        """Return who is right in what both sides changed: a person's word, else the rule."""
        chosen = arrival.job.resolution
        if not chosen and handler._follows(session, base, arrival.document):
            return "odoo"
        return chosen if chosen in ("odoo", "qbo") else session.policies[arrival.entity].winner

    def _odoo_half(self, base, reading, decision):
        """Return Odoo's half of the new base: what it says now, but its old words where they still have to go out."""
        if reading.document is None:
            return base.odoo
        return decide.apply_fields(reading.document, self._old_words(base, decision), decision.push_fields)

    def _old_words(self, base, decision):
        """Return what Odoo's half says of fields that still go out, so that Odoo differs from it: its old words.

        In what only QuickBooks changed (a void) and Odoo won, Odoo's old words are those of now: there QuickBooks'.
        """
        alone = {change.name: change.qbo for change in decision.changes
                 if change.name in decision.conflict_fields and not change.changed_odoo}
        return dataclasses.replace(base.odoo or base.qbo, **alone)

    def _target_of(self, arrival):
        role = arrival.binding.role if arrival.binding else arrival.role
        return Target(arrival.entity, arrival.record._name, arrival.record.id, role)

    def _base(self, arrival):
        """Return the stored base; records that are linked for the first time are compared with an empty one.

        Against an empty base, what only one side filled in merges, and what both filled in differently is a conflict.
        """
        if arrival.binding and arrival.binding.base:
            return decide.load_base(arrival.entity, arrival.binding.base)
        blank = type(arrival.document)()
        return decide.Base(blank, blank)

    def _push_rest(self, session, arrival, base, decision, target):
        """After a merge, let go out what only Odoo changed: the base keeps Odoo's old words for those fields."""
        binding = self.env["qbo.binding"]._by_qbo_id(session.backend, arrival.entity, [arrival.qbo_id])[arrival.qbo_id]
        stored = decide.load_base(arrival.entity, binding.base)
        # Nothing may be left of it in Odoo: a credit that is not applied any more. Then there are no words to put back.
        odoo = stored.odoo and decide.apply_fields(
            stored.odoo, self._old_words(base, decision), decision.push_fields)
        binding.base = decide.dump_base(decide.Base(odoo, stored.qbo))
        if session.allows(arrival.entity, "out") and session.handler(arrival.entity)._sends(target):
            self.env["qbo.sync.outbox"]._enqueue(session, {target})
            self.env["qbo.sync.dispute"]._approve_rest(session, arrival, decision, target)

    def _conflict(self, session, arrival, decision, base):
        """Both sides changed the same field: a person chooses."""
        text = self.env["qbo.sync.wording"]._dispute(
            session, decision.to_odoo, decide.apply_fields(decision.to_odoo, decision.to_qbo, decision.conflict_fields))
        if not arrival.binding:
            self._bind(session, [(arrival, self._binding_values(session, arrival, None, "conflict"))])
        arrival.job.write({
            "difference": text, "dispute": self.env["qbo.sync.dispute"]._rows(session, base, decision),
            "choices": False})
        arrival.job._fail(
            "conflict", self.env._("Odoo and QuickBooks both changed it."), session=session, status="conflict")

    # === SETTLING === #

    def _settle(self, session, handler, arrivals, keep_odoo=None):
        """Store links and bases of applied arrivals, and close their jobs."""
        targets = {self._target_of(arrival): arrival for arrival in arrivals}
        readings = handler._read(session, list(targets)) if keep_odoo is None else {}
        links = []
        for target, arrival in targets.items():
            odoo = keep_odoo if keep_odoo is not None else readings[target].document
            note = self._note(handler, handler._whole(session, arrival.binding, odoo), arrival)
            links.append((arrival, self._binding_values(
                session, arrival, decide.Base(odoo, arrival.document), "synced", note)))
            if arrival.job.state != "conflict":
                arrival.job._finish("warning" if note else "done", error=note or False,
                                    model=arrival.record._name, res_id=arrival.record.id)
            session.crossed("in", arrival.entity)
            if note:
                session.counts["warning"] += 1
                session.say("warning", f"{arrival.job.name}: {note}", direction="in", entity=arrival.entity,
                            job=arrival.job, model=arrival.record._name, res_id=arrival.record.id)
        self._bind(session, links)
        keys = [key for arrival in arrivals for key in (
            qbo_key(arrival.entity, arrival.qbo_id), f"in:{arrival.entity}:{arrival.qbo_id}",
            self._target_of(arrival).key())]
        self.env["qbo.job"]._release(session.backend, keys)

    def _note(self, handler, odoo, arrival):
        if odoo is None:
            return arrival.warning
        ours, theirs = handler._totals(odoo), handler._totals(arrival.document)
        notes = [self.env._("%(what)s is %(ours)s in Odoo and %(theirs)s in QuickBooks",
                            what=label, ours=ours[label], theirs=theirs[label])
                 for label in ours if ours[label] != theirs.get(label)]
        return "; ".join([*notes, *([arrival.warning] if arrival.warning else [])])

    def _binding_values(self, session, arrival, base, status, note=""):
        """Return what the link row of an arrival says from now on; without ``base`` the old one stays."""
        values = {
            "qbo_id": arrival.qbo_id, "sync_token": arrival.sync_token, "status": status, "missing": False,
            "synced_at": fields.Datetime.now(), "error": False, "note": note or False, "skipped": False,
            "qbo_total": self.env["qbo.sync.inbox"]._total_text(session, arrival.document)}
        if base is not None:
            values["base"] = decide.dump_base(base)
        return values

    def _bind(self, session, links):
        """Create or renew the link rows of arrivals, ``[(arrival, values)]``, and of the further records they are."""
        rows = self._rows_without_id(session, [arrival for arrival, _values in links if not arrival.binding])
        fresh, further = [], []
        for arrival, values in links:
            arrival.binding = arrival.binding or rows.get(self._target_of(arrival))
            if arrival.binding:
                arrival.binding.write({**values, **self._other_record(arrival)})
            else:
                key = self._binding_key(session, self._target_of(arrival))
                fresh.append((arrival, {**key, "imported": True, **values}))
            further += [
                {**self._binding_key(session, Target(arrival.entity, *place)), "imported": True, **values}
                for place in arrival.also]
        created = self.env["qbo.binding"].create([values for _arrival, values in fresh] + further)
        for (arrival, _values), binding in zip(fresh, created[:len(fresh)], strict=True):
            arrival.binding = binding
        for arrival, _values in links:
            session.handler(arrival.entity)._settled(session, arrival.binding)
            record, role = arrival.record, arrival.binding.role
            session.linked(arrival.entity, record._name, record.id, role, arrival.qbo_id)

    def _other_record(self, arrival):
        """Return the place of a link whose record was deleted, and which another record takes over now."""
        binding, record = arrival.binding, arrival.record
        if (binding.model, binding.res_id) == (record._name, record.id):
            return {}
        role = stands_for(binding.role)
        rows = self.env["qbo.binding"]._by_record(binding.backend_id, binding.entity, record._name, [record.id])
        empty = rows.get((record.id, role), self.env["qbo.binding"])
        if empty and not empty.qbo_id:
            empty.unlink()
        return {"model": record._name, "res_id": record.id, "role": role, "imported": True}

    def _binding_key(self, session, target):
        return {"backend_id": session.backend.id, "company_id": session.backend.company_id.id, **target._asdict()}

    def _rows_without_id(self, session, arrivals):
        """Return {target: row} of matched records that have a link row without a QuickBooks id already."""
        records = {}
        for arrival in arrivals:
            records.setdefault((arrival.entity, arrival.record._name), []).append(arrival.record.id)
        return {
            Target(entity, model, res_id, role): row
            for (entity, model), ids in records.items()
            for (res_id, role), row in self.env["qbo.binding"]._by_record(session.backend, entity, model, ids).items()
            if not row.qbo_id}

    # === REMOVING === #

    def _apply_removal(self, session, job):
        """Something was deleted in QuickBooks: the handler says what that means here.

        It is never created again by itself.
        """
        binding = self.env["qbo.binding"]._by_qbo_id(session.backend, job.entity, [job.qbo_id]).get(job.qbo_id)
        if not binding:
            job._finish("cancelled")
            return
        if is_merged(binding.role):
            self._remove_further(session, job, binding)
            return
        handler = session.handler(job.entity)
        if self.env["qbo.sync.withdrawn"]._asks_removal(session, handler, job, binding) \
                or self.env["qbo.sync.guard"]._asks_removal(session, job, binding):
            return
        try:
            with self.env.cr.savepoint():
                sentence = handler._remove_locked(session, binding, job) or handler._remove(
                    session, binding, job.operation)
                binding.write({
                    "missing": True, "status": "missing", "error": sentence, "synced_at": fields.Datetime.now()})
                job._finish("warning", error=sentence, model=binding.model, res_id=binding.res_id)
                job._release(session.backend, [f"in:{job.entity}:{job.qbo_id}"])
        except DOCUMENT_ERRORS as error:
            self.env.invalidate_all()
            job._fail(getattr(error, "code", "odoo_refused"), self._sentence(error), session=session)
            return
        session.crossed("in", job.entity)
        session.counts["warning"] += 1
        session.say("warning", f"{job.name}: {sentence}", origin="qbo", direction="in", entity=job.entity, job=job,
                    model=binding.model, res_id=binding.res_id)

    def _remove_further(self, session, job, binding):
        """The other QuickBooks object of a merged record is gone: the record's own stands for it."""
        own = self.env["qbo.binding"]._by_record(session.backend, job.entity, binding.model, [binding.res_id]).get(
            (binding.res_id, stands_for(binding.role)))
        job._finish("done", model=binding.model, res_id=binding.res_id)
        if own and own.qbo_id:
            self.env["qbo.sync.merge"]._follow(session, job.entity, binding.qbo_id, own.qbo_id)
        else:
            binding.unlink()
