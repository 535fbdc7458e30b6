"""In, first half: what changed in QuickBooks becomes jobs."""

import logging
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from odoo import models

from ...qbo import as_json, decide, wire
from ...qbo.mapping.errors import MappingError
from ..const import ENTITY_SEQUENCE, ENTRY_ENTITIES, REST, SYNCED_ENTITIES
from .guard import bare_hash
from .outbox import content_hash

_logger = logging.getLogger(__name__)

# Change data capture looks back 30 days at most; a day is kept as reserve.
CDC_DAYS = 29
OVERLAP = timedelta(minutes=5)
PAGE = 1000
# Lists that change data capture reports; tax codes and rates are not among them.
REFERENCE_CDC = ("Account", "Term", "PaymentMethod")
DIMENSION_CDC = ("Class", "Department")


class QboSyncInbox(models.AbstractModel):
    _name = "qbo.sync.inbox"
    _description = "QuickBooks Inbox"

    # === FETCH === #

    def _fetch(self, session, client):
        """Ask QuickBooks what changed; return True when there may be more at once.

        One request when nothing happened. New jobs and the moved cursor are committed together by the caller.
        """
        entities = [entity for entity, _label in SYNCED_ENTITIES
                    if session.allows(entity, "in") or session.handler(entity)._watched(session)]
        cursor = self._cursor(session, "cdc")
        if not cursor.moment or self._too_old(cursor.moment):
            self._start_full(session, client, entities, cursor)
        for entity in entities:
            query = self._cursor(session, f"query:{entity}")
            if query.id and not query.done:
                self._fetch_page(session, client, entity, query)
                return True
        if cursor.done:
            self._daily(session, client, entities)
            return self._fetch_changes(session, client, entities, cursor)
        # A full comparison has just ended; what changed meanwhile comes with the next run, from the moment it began.
        cursor.done = True
        return False

    def _daily(self, session, client, entities):
        """Read what change data capture does not report, once a day or when a person asks: all lists, and the bank.

        The first comparison has read the lists; the bank is looked at for the first time as soon as its payments are
        there, which may be some syncs later.
        """
        due = self.env["qbo.sync.reference"]._due(session.backend)
        if due:
            self.env["qbo.sync"]._commit_progress(session)
            session.backend._refresh_company_facts(client)
            self.env["qbo.sync.reference"]._refresh(session.backend, client)
        if "Payment" in entities and (due or self.env["qbo.sync.bank"]._first_look(session)):
            self.env["qbo.sync.bank"]._check(session, client)
        if due:
            self.env["qbo.sync.left"]._check(session, client)

    def _cursor(self, session, source):
        cursor = self.env["qbo.cursor"].search(
            [("backend_id", "=", session.backend.id), ("source", "=", source)], limit=1)
        return cursor or self.env["qbo.cursor"].create({"backend_id": session.backend.id, "source": source})

    def _too_old(self, moment):
        return datetime.fromisoformat(moment) < datetime.now(timezone.utc) - timedelta(days=CDC_DAYS)

    def _start_full(self, session, client, entities, cursor):
        """Begin a full comparison: every list and document is paged, and changes are followed from this moment on."""
        self.env["qbo.sync"]._commit_progress(session)
        moment = client.server_time()
        self.env["qbo.sync.reference"]._refresh(session.backend, client)
        for entity in entities:
            self._cursor(session, f"query:{entity}").write({"position": 0, "done": False, "moment": False})
        cursor.write({"moment": moment.isoformat(), "done": False})

    def _fetch_page(self, session, client, entity, query):
        """Read one page of a full comparison, from ``query.position`` on."""
        where = f"MetaData.LastUpdatedTime >= '{query.moment}'" if query.moment else self._where(session, entity)
        # No transaction is open while QuickBooks is asked.
        self.env["qbo.sync"]._commit_progress(session)
        rows = client.page(entity, where, start=query.position + 1, size=PAGE)
        self.env["qbo.sync.merge"]._follow_all(session, client, {entity: rows})
        self._enqueue_payloads(session, entity, rows)
        query.write({"position": query.position + len(rows), "done": len(rows) < PAGE})
        if query.done and not query.moment:
            self._find_deleted(session, client, entity)

    def _find_deleted(self, session, client, entity):
        """After a full comparison, find linked objects that do not exist any more: lists of what exists cannot tell."""
        linked = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "!=", False),
            ("missing", "=", False)]).mapped("qbo_id")
        if linked:
            self.env["qbo.sync"]._commit_progress(session)
            alive = {row["Id"] for row in client.query_ids(entity, linked)}
            self._enqueue_deleted(session, entity, [qbo_id for qbo_id in linked if qbo_id not in alive])

    def _where(self, session, entity):
        cutoff = session.policies[entity].cutoff_date
        return f"TxnDate >= '{cutoff.isoformat()}'" if cutoff and entity not in ("Customer", "Item") else ""

    def _fetch_changes(self, session, client, entities, cursor):
        since = datetime.fromisoformat(cursor.moment) - OVERLAP
        names = [*self._followed_lists(session.backend), *entities]
        self.env["qbo.sync"]._commit_progress(session)
        changes = client.cdc(names, since)
        self.env["qbo.sync.merge"]._follow_all(session, client, changes.changed)
        if changes.full:
            self._narrow(session, client, names, since)
            # The changes are not asked for again in this run: as long as they are younger than the overlap, the answer
            # stays full.
            cursor.done = False
        else:
            self._take_changes(session, changes)
        cursor.moment = changes.time.isoformat()
        return changes.full

    def _followed_lists(self, backend):
        """Return the lists whose changes are asked for, classes and locations where the company uses them."""
        used = {"Class": backend._class_plan(), "Department": backend._department_plan() or backend._by_branch()}
        return [*REFERENCE_CDC, *(entity for entity in DIMENSION_CDC if used[entity])]

    def _narrow(self, session, client, names, since):
        """An answer of 1,000 objects was cut: ask for each entity alone, and page those that are too many even then."""
        for entity in names:
            changes = client.cdc([entity], since)
            self._take_changes(session, changes)
            if changes.full and entity in session.policies:
                self._cursor(session, f"query:{entity}").write({
                    "position": 0, "done": False, "moment": since.isoformat()})
            elif changes.full:
                self.env["qbo.sync.reference"]._refresh(session.backend, client)

    def _take_changes(self, session, changes):
        for entity, rows in changes.changed.items():
            if entity in session.policies:
                self._enqueue_payloads(session, entity, rows)
            if entity in (*REFERENCE_CDC, *DIMENSION_CDC, "Item"):
                self.env["qbo.sync.reference"]._refresh_one(session.backend, entity, rows)
        for entity, ids in changes.deleted.items():
            if entity in session.policies:
                self._enqueue_deleted(session, entity, ids)

    # === JOBS === #

    def _enqueue_payloads(self, session, entity, rows, asked=False):
        """Make or renew one open job for each object that says something new; echoes of our own writes are dropped.

        :param bool asked: a document of ours needs these objects, whatever their date
        """
        rows = session.handler(entity)._sift(session, {row["Id"]: row for row in rows}, asked)
        bindings = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, rows)
        open_jobs = self._open_jobs(session, entity, rows)
        skipped = self._skipped(session, entity, rows)
        values = []
        for qbo_id, row in rows.items():
            binding = bindings.get(qbo_id)
            if asked and binding and not binding.excluded and not binding._record():
                # A document needs it, and its record was deleted here: it comes again.
                binding = None
            if binding and (binding.excluded or binding.sync_token == row["SyncToken"]):
                self._note_balance(binding, row)
                continue
            if not binding and not asked and self._too_early(session, entity, row):
                continue
            described = self._describe_payload(session, entity, row, binding)
            if described is None:
                self._taken_back(open_jobs.get(qbo_id))
                continue
            if (qbo_id, described["payload_hash"]) in skipped:
                continue
            if binding and described["state"] == "approval":
                binding.status = "approval"
            if qbo_id in open_jobs:
                self._renew(open_jobs[qbo_id], described)
            else:
                values.append({**self._job_values(session, entity, qbo_id), **described})
        self.env["qbo.job"].create(values)

    def _taken_back(self, job):
        """QuickBooks says again what it said before the change that waits: nothing is left of that to take over."""
        if job:
            job._finish("cancelled", error=self.env._("QuickBooks took the change back."))
            if not job._bindings()._open_jobs_out():
                job._set_status("synced", False)

    def _note_balance(self, binding, row):
        """Keep what is open of a document, and whether a payment is deposited: neither makes it another one."""
        told = (binding.base or {}).get("qbo")
        if told and binding.entity == "Payment":
            deposited = any(link.get("TxnType") == "Deposit" for link in row.get("LinkedTxn") or ())
            if deposited != bool(told.get("deposited")):
                binding.base = {**binding.base, "qbo": {**told, "deposited": deposited}}
        if not told or binding.entity not in ("Invoice", "CreditMemo") or row.get("Balance") is None:
            return
        balance = as_json.plain(Decimal(str(row["Balance"])))
        if told.get("balance", "0") != balance:
            binding.base = {**binding.base, "qbo": {**told, "balance": balance}}

    def _too_early(self, session, entity, row):
        """Tell whether a document is dated before the day from which its kind crosses."""
        cutoff = session.policies[entity].cutoff_date
        return bool(cutoff and row.get("TxnDate") and row["TxnDate"][:10] < cutoff.isoformat())

    def _describe_payload(self, session, entity, row, binding):
        """Return the job values of an object, or None when it says nothing new (then the version is noted)."""
        stored = wire.plain(row)
        try:
            document = session.handler(entity)._arrived(session, row)
        except MappingError as error:
            code, sentence = self.env["qbo.error.guide"]._refusal(error)
            return {"payload": stored, "payload_hash": False, "state": "failed", "error_code": code, "error": sentence}
        old = None
        if binding and binding.base:
            old = decide.load_base(entity, binding.base).qbo
            if old == document and not binding.missing:
                binding.write({"sync_token": row["SyncToken"], "qbo_total": self._total_text(session, document)})
                self._note_balance(binding, row)
                return None
        handler = session.handler(entity)
        # Nobody is asked about what is nothing: it ends with a line in the history.
        asks = session.policies[entity].approve_in == "ask" and bool(binding or not handler._nothing_in(document))
        return {
            "payload": stored, "payload_hash": content_hash(document), "name": handler._label(session, document),
            "partner_name": handler._customer_name(session, row, document),
            "amount": float(getattr(document, "total", 0)), "amount_before": float(getattr(old, "total", 0)),
            "document_date": getattr(document, "txn_date", None) or False,
            "currency_id": self._currency_id(session, document), "operation": "sync",
            "state": "approval" if asks else "pending",
            "difference": bool(asks or binding) and self.env["qbo.sync.wording"]._difference(session, old, document),
        }

    def _total_text(self, session, document):
        return " · ".join(
            f"{label} {amount}" for label, amount in session.handler(document.entity)._totals(document).items())

    def _currency_id(self, session, document):
        code = getattr(document, "currency", "") or session.backend.qbo_home_currency
        return session.currency_id(code) or session.backend.currency_id.id

    def _job_values(self, session, entity, qbo_id):
        return {"backend_id": session.backend.id, "company_id": session.backend.company_id.id, "direction": "in",
                "entity": entity, "qbo_id": qbo_id, "sequence": ENTITY_SEQUENCE[entity], "run_id": session.run.id}

    def _renew(self, job, values):
        """A newer version replaces what waits; what a person approved is asked again if it changed."""
        if bare_hash(job.payload_hash) == (values["payload_hash"] or ""):
            # The same content once more, from the overlap of two readings: approved stays approved, failed failed.
            values = {key: value for key, value in values.items() if key not in ("state", "payload_hash", "difference")}
        elif job.state == "blocked" and values["state"] == "pending" and not (job.blocked_key or "").startswith(
                ("qbo:", "posted:")):
            # A mapping that it waits for is the same; of documents the new content may need others, or none.
            values = {**values, "state": "blocked"}
        job.write({**values, **self._undecided(job, values.get("payload_hash"))})

    def _undecided(self, job, payload_hash):
        """Return what takes a person's decision back: it was about other content."""
        if payload_hash and payload_hash != bare_hash(job.payload_hash) and job.resolution in ("odoo", "qbo", REST):
            return {"resolution": False, "choices": False}
        return {}

    def _open_jobs(self, session, entity, qbo_ids):
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", entity),
            ("qbo_id", "in", list(qbo_ids)), ("state", "in", ("approval", "pending", "failed", "blocked", "conflict"))])
        return {job.qbo_id: job for job in jobs}

    def _skipped(self, session, entity, qbo_ids):
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", entity),
            ("qbo_id", "in", list(qbo_ids)), ("state", "=", "skipped")])
        return {(job.qbo_id, bare_hash(job.payload_hash)) for job in jobs}

    def _amount_gone(self, session, entity, binding):
        """Return the job values that say how much goes with an object that was deleted."""
        told = decide.load_base(entity, binding.base).qbo if binding.base else None
        total = float(getattr(told, "total", 0))
        return {"amount": total, "amount_before": total, "currency_id": self._currency_id(session, told)}

    def _enqueue_deleted(self, session, entity, qbo_ids):
        """A deleted object concerns us if it is linked; what still waited to come in is overtaken."""
        bindings = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, qbo_ids)
        open_jobs = self._open_jobs(session, entity, qbo_ids)
        if entity in ENTRY_ENTITIES:
            self.env["qbo.unsynced"]._replace(session.backend, entity, qbo_ids, {})
        for qbo_id in qbo_ids:
            binding, job = bindings.get(qbo_id), open_jobs.get(qbo_id)
            if not binding or binding.missing:
                if job:
                    job._finish("cancelled")
                continue
            if job and job.operation == "delete":
                # It waits already, and may have been approved.
                continue
            record = binding._record()
            values = {
                "operation": "delete", "payload": {"Id": qbo_id, "status": "Deleted"}, "payload_hash": "delete",
                "name": record.display_name or qbo_id, **self._amount_gone(session, entity, binding),
                "difference": self.env._("Deleted in QuickBooks."),
                "state": "approval" if session.policies[entity].approve_in == "ask" else "pending"}
            if job:
                job.write({**values, **self._undecided(job, values["payload_hash"])})
            else:
                self.env["qbo.job"].create({**self._job_values(session, entity, qbo_id), **values})

    def _enqueue_missing(self, session, client, entity, qbo_ids):
        """Fetch objects that documents refer to and that are not linked yet; make their jobs."""
        known = set(self._open_jobs(session, entity, qbo_ids))
        wanted = [qbo_id for qbo_id in qbo_ids if qbo_id not in known]
        if wanted:
            self.env["qbo.sync"]._commit_progress(session)
            self._enqueue_payloads(session, entity, client.query_ids(entity, wanted), asked=True)
