"""Out, second half: frozen requests go out, answers are settled one by one."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg2
from odoo import fields, models

from ...qbo import decide, documents, errors, mapping, wire
from ...qbo.client import BatchItem, quote
from ...qbo.text import normalise
from .session import qbo_key

_logger = logging.getLogger(__name__)

PARALLEL = 3
RETRY_MINUTES = (1, 2, 5, 10, 20, 30)


def send_group(client, request):
    """Send one frozen group; runs in a pool thread and therefore sees plain values only.

    :param request: (request id, [(bid, operation, entity, body text)])
    :return: {bid: object or QboError}
    """
    request_id, items = request
    try:
        if items[0][1] == "void":
            bid, _operation, entity, text = items[0]
            body = json.loads(text)
            return {bid: client.void(entity, body["Id"], body["SyncToken"], request_id)}
        return client.batch(
            [BatchItem(bid, operation, entity, wire.loads(text)) for bid, operation, entity, text in items], request_id)
    except errors.QboError as error:
        return {bid: error for bid, *_rest in items}


def _is_cut(ours, theirs):
    """Tell whether ``theirs`` is the beginning of a longer text ``ours``."""
    if not isinstance(ours, str) or not theirs or len(theirs) >= len(ours):
        return False
    whole = normalise(ours)
    return len(theirs) < len(whole) and whole.startswith(theirs)


class QboSyncSender(models.AbstractModel):
    _name = "qbo.sync.sender"
    _description = "QuickBooks Sender"

    def _without_clashes(self, session, client, parcels):
        """Take out new customers whose name a vendor or an employee has; the rule for taken names decides about them.

        Found before anything is sent, because QuickBooks' refusal does not say who has the name.
        """
        fresh = {parcel.document.display_name: parcel for parcel in parcels
                 if parcel.entity == "Customer" and parcel.operation == "create"}
        if not fresh:
            return parcels
        taken = {}
        where = f"DisplayName IN ({', '.join(quote(name) for name in fresh)})"
        for entity, label in (("Vendor", self.env._("A vendor")), ("Employee", self.env._("An employee"))):
            taken.update((row["DisplayName"].casefold(), label) for row in client.query(entity, where))
        clashes = [parcel for name, parcel in fresh.items() if name.casefold() in taken]
        for parcel in clashes:
            if not parcel.binding:
                parcel.job._set_status("syncing", False)
                parcel.binding = parcel.job._bindings()[:1]
            if not self._rename(session, parcel):
                parcel.job._fail("6240", self.env._(
                    "%(who)s in QuickBooks has the name '%(name)s' already; each name may occur only once. With the "
                    "connection's suffix it would be '%(renamed)s'.",
                    who=taken[parcel.document.display_name.casefold()],
                    name=parcel.document.display_name,
                    renamed=session.handler("Customer")._renamed(session, parcel.document).display_name),
                    session=session)
        return [parcel for parcel in parcels if parcel not in clashes]

    def _send(self, session, client, groups):
        """Send frozen groups, a few at once, and settle each as soon as its answer is there.

        :raise QboError: with policy STOP when the connection is dead; everything that was answered is settled before
        """
        refused = self._send_once(session, client, groups)
        if refused:
            # The access token ended in mid-way. Pool threads cannot refresh it; the same requests go again.
            client.transport.renew_token()
            if self._send_once(session, client, refused):
                raise errors.AuthExpired("QuickBooks refuses a new access token", http_status=401)

    def _send_once(self, session, client, groups):
        """Send and settle groups; return those that a refused token kept from being done."""
        stop, refused = None, []
        requests = [(group[0].job.request_id, [
            (parcel.job.batch_item, parcel.operation, parcel.entity, json.dumps(parcel.payload)) for parcel in group])
            for group in groups]
        # The pool lives for this call only: a pool kept in a module would be shared by forked workers.
        with ThreadPoolExecutor(max_workers=min(PARALLEL, len(requests) or 1)) as pool:
            for group, answers in zip(
                    groups, pool.map(lambda request: send_group(client, request), requests), strict=True):
                if all(isinstance(answer, errors.AuthExpired) for answer in answers.values()):
                    refused.append(group)
                else:
                    stop = self._settle_patiently(session, client, group, answers) or stop
        if stop:
            raise stop
        return refused

    def _settle_patiently(self, session, client, group, answers):
        """Settle a group and commit; if a user's transaction was quicker, do it again with the same answers."""
        for attempt in range(5):
            settled, stop = self._settle_and_commit(session, client, group, answers)
            if settled:
                return stop
            time.sleep(0.2 * (attempt + 1))
        # The jobs stay frozen; the next run repeats them under the same request id and gets the same answers.
        return None

    def _settle_and_commit(self, session, client, group, answers):
        """Return (True, what stops the run or None), or (False, None) after a rollback: somebody else was quicker."""
        try:
            stop = self._settle_group(session, client, group, answers)
            self.env["qbo.sync"]._commit_progress(session, processed=len(group))
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            self.env.cr.rollback()
            self.env.invalidate_all()
            session.forget()
            return False, None
        return True, stop

    def _settle_group(self, session, client, group, answers):
        """Settle each parcel of a group by its own answer; return the error that stops the run, if any."""
        stop, stale = None, []
        done = []
        for parcel in group:
            answer = answers[parcel.job.batch_item]
            if isinstance(answer, errors.StaleObject):
                stale.append(parcel)
            elif isinstance(answer, errors.QboError):
                stop = self._settle_error(session, client, parcel, answer) or stop
            else:
                parcel.answer = answer
                done.append(parcel)
        self._settle_done(session, self._not_taken(session, done))
        if stale:
            self._settle_stale(session, client, stale)
        # What came in meanwhile and could have been one of these is looked at now that their outcome is known.
        known = [parcel for parcel in group if parcel.job.state != "sending"]
        self.env["qbo.job"]._release(session.backend, [parcel.target.sent_key() for parcel in known])
        return stop

    def _not_taken(self, session, parcels):
        """Return the parcels whose object no other record holds; the others fail, because one object is one record."""
        created = {
            (parcel.entity, mapping.meta(parcel.answer).qbo_id): parcel
            for parcel in parcels if parcel.operation == "create"}
        taken = {}
        for entity in {entity for entity, _qbo_id in created}:
            own = [qbo_id for kind, qbo_id in created if kind == entity]
            for qbo_id, holder in self.env["qbo.binding"]._by_qbo_id(session.backend, entity, own).items():
                if holder != created[entity, qbo_id].binding:
                    taken[created[entity, qbo_id].job] = holder
        for job, holder in taken.items():
            job.write({"request_id": False})
            job._fail("id_taken", self.env._(
                "QuickBooks has it with ID %(id)s, which is linked to %(record)s. Relink one of the two.",
                id=holder.qbo_id, record=holder._record().display_name or holder.res_id), session=session)
        return [parcel for parcel in parcels if parcel.job not in taken]

    # === ANSWERS === #

    def _settle_done(self, session, parcels):
        """Store link and base of what QuickBooks accepted; figures that came back different become warnings."""
        now = fields.Datetime.now()
        for parcel in parcels:
            if parcel.operation in ("delete", "void"):
                self._settle_gone(session, parcel)
                continue
            meta, handler = mapping.meta(parcel.answer), session.handler(parcel.entity)
            echo = handler._arrived(session, parcel.answer)
            note = self._note(session, parcel, echo)
            if note and handler._round_off(session, parcel, echo):
                note = ""
            parcel.binding.write({
                "qbo_id": meta.qbo_id, "sync_token": meta.sync_token, "synced_at": now, "missing": False,
                "status": "synced", "error": False, "note": note or False, "skipped": False,
                "base": decide.dump_base(decide.Base(handler._accepted(parcel.document, echo), echo)),
                "qbo_total": self._total_text(session, parcel.entity, echo)})
            handler._settled(session, parcel.binding)
            parcel.job._finish("warning" if note else "done", error=note or False, qbo_id=meta.qbo_id)
            session.linked(parcel.entity, parcel.target.model, parcel.target.res_id, parcel.target.role, meta.qbo_id)
            session.crossed("out", parcel.entity)
            if self._took_less(session, parcel, echo):
                continue
            if note:
                session.counts["warning"] += 1
                session.say("warning", f"{parcel.job.name}: {note}", direction="out", entity=parcel.entity,
                            job=parcel.job, model=parcel.target.model, res_id=parcel.target.res_id)
        self._release_waiting(session, parcels)

    def _release_waiting(self, session, parcels):
        keys = [parcel.target.key() for parcel in parcels]
        keys += [qbo_key(parcel.entity, parcel.binding.qbo_id) for parcel in parcels if parcel.binding.qbo_id]
        self.env["qbo.job"]._release(session.backend, keys)

    def _settle_gone(self, session, parcel):
        """A voided object keeps its link, a deleted one is gone: posting the record again would create another."""
        qbo_id = parcel.binding.qbo_id
        values = {"status": "synced", "error": False, "synced_at": fields.Datetime.now(), "base": False}
        if parcel.operation == "delete":
            values.update(qbo_id=False, sync_token=False, status="not_synced")
        else:
            # Odoo says nothing any more; what the void object says is kept: it is known again and not voided twice.
            echo = session.handler(parcel.entity)._arrived(session, parcel.answer)
            values.update(
                sync_token=mapping.meta(parcel.answer).sync_token, base=decide.dump_base(decide.Base(None, echo)),
                qbo_total=self._total_text(session, parcel.entity, echo))
        session.handler(parcel.entity)._left(session, parcel.binding)
        parcel.binding.write(values)
        parcel.job._finish("done", qbo_id=qbo_id)
        # What QuickBooks had said of it before waits for nothing any more.
        self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", parcel.entity),
            ("qbo_id", "=", qbo_id), ("state", "=", "blocked")])._finish(
                "cancelled", error=self.env._("Odoo voided or deleted it before that could be taken over."))
        session.crossed("out", parcel.entity)

    def _note(self, session, parcel, echo):
        """Return in words what came back different from what was sent ('' when nothing)."""
        whole = session.handler(parcel.entity)._whole(session, parcel.binding, parcel.document)
        notes = (parcel.note, self._differences(session, whole, echo), self._not_cleared(parcel, echo),
                 self._shortened(parcel, echo))
        return "; ".join(note for note in notes if note)

    def _shortened(self, parcel, echo):
        """Return in words which texts QuickBooks has no room for, when they were sent ('' when none)."""
        base = decide.load_base(parcel.entity, parcel.binding.base) if parcel.binding.base else decide.Base()
        changed = decide.changed_fields(base.odoo or type(parcel.document)(), parcel.document)
        labels = self.env["qbo.sync.wording"]._labels()
        names = [labels.get(name, name) for name in changed
                 if _is_cut(getattr(parcel.document, name), getattr(echo, name))]
        if "lines" in changed and isinstance(echo, documents.SalesDocument) and any(
                _is_cut(ours.description, theirs.description)
                for ours, theirs in zip(parcel.document.lines, echo.lines, strict=False)):
            names.append(labels["description"])
        return self.env._(
            "QuickBooks has no room for the whole text; it stays in Odoo, there it is shortened: %(what)s",
            what=", ".join(sorted(names))) if names else ""

    def _not_cleared(self, parcel, echo):
        """Return in words which fields Odoo emptied and QuickBooks did not ('' when none)."""
        base = decide.load_base(parcel.entity, parcel.binding.base) if parcel.binding.base else decide.Base()
        if base.odoo is None:
            return ""
        kept = [name for name in decide.changed_fields(base.odoo, parcel.document)
                if not getattr(parcel.document, name) and getattr(echo, name)]
        there = decide.apply_fields(type(echo)(), echo, kept)
        return "; ".join(
            self.env._("%(what)s is empty in Odoo, and QuickBooks keeps '%(theirs)s'", what=label, theirs=text)
            for label, _old, text in decide.describe(None, there))

    def _differences(self, session, sent, echo):
        """Return in words which totals QuickBooks booked differently ('' when none)."""
        handler = session.handler(sent.entity)
        ours, theirs = handler._totals(sent), handler._totals(echo)
        return "; ".join(
            self.env._("%(what)s is %(ours)s in Odoo and %(theirs)s in QuickBooks",
                       what=label, ours=ours[label], theirs=theirs[label])
            for label in ours if ours[label] != theirs.get(label))

    def _total_text(self, session, entity, document):
        return " · ".join(f"{label} {amount}" for label, amount in session.handler(entity)._totals(document).items())

    # === ERRORS === #

    def _settle_error(self, session, client, parcel, error):
        """Do with a failed parcel what the error's policy says; return the error when it stops the run."""
        policy = error.policy
        if policy in (errors.Policy.RETRY, errors.Policy.WAIT):
            self._retry_later(session, parcel, error)
            return error if policy == errors.Policy.WAIT or isinstance(error, errors.Unreachable) else None
        if policy == errors.Policy.STOP and parcel.uncertain:
            # An earlier attempt may have been carried out: only its own request id may go again.
            self._retry_later(session, parcel, error)
            return error
        if policy == errors.Policy.STOP:
            # Refused before anything was done: the content may go again under a new request id.
            parcel.job._reopen("pending")
            parcel.job.write({"request_id": False})
            return error
        if isinstance(error, errors.DuplicateNumber) and self._adopt(session, client, parcel, error):
            return None
        if isinstance(error, errors.DuplicateName) and self._rename(session, parcel):
            return None
        self._fail(session, parcel, error)
        return None

    def _retry_later(self, session, parcel, error):
        """Keep the request frozen: its outcome is unknown, so only the same request id may repeat it."""
        minutes = RETRY_MINUTES[min(parcel.job.attempts, len(RETRY_MINUTES)) - 1]
        if error.retry_after:
            minutes = max(1, error.retry_after / 60)
        sentence = self.env["qbo.error.guide"]._sentence(error)
        parcel.job.write({
            "lease_until": fields.Datetime.now() + timedelta(minutes=minutes), "worker": False,
            "error_code": error.code, "error": sentence, "error_detail": error.detail or error.message})
        text = self.env._("%(name)s: %(why)s It is sent again by itself.", name=parcel.job.name, why=sentence)
        session.say("warning", text, origin="qbo", direction="out", entity=parcel.entity, job=parcel.job)

    def _fail(self, session, parcel, error):
        sentence = parcel.reason or self.env["qbo.error.guide"]._sentence(error)
        if isinstance(error, errors.DuplicateName):
            sentence = f"{sentence} {self._other_name(session, parcel)}".strip()
        parcel.job.write({"request_id": False})
        if isinstance(error, errors.ObjectNotFound) and parcel.binding.qbo_id and parcel.operation != "create" \
                and not parcel.still_there:
            parcel.binding.write({"missing": True})
        parcel.job._fail(error.code, sentence, detail=f"{error.message} {error.detail}".strip(), session=session,
                         status="missing" if parcel.binding.missing else "failed", origin="qbo")

    def _other_name(self, session, parcel):
        """Return a sentence with the name that the rule for taken names would give, '' when there is none."""
        handler = session.handler(parcel.entity)
        if not hasattr(handler, "_renamed") or not parcel.document:
            return ""
        renamed = handler._renamed(session, parcel.document)
        if renamed == parcel.document:
            return ""
        name = renamed.name if parcel.entity == "Item" else renamed.display_name
        return self.env._("With the connection's suffix it would be '%(name)s'.", name=name)

    def _rename(self, session, parcel):
        """After 'name taken': send once more with the visible suffix, if the rule says so."""
        handler = session.handler(parcel.entity)
        if not session.backend.rename_on_clash or not hasattr(handler, "_renamed"):
            return False
        renamed = handler._renamed(session, parcel.document)
        # A document that has the suffix already comes back unchanged, so this ends after one more attempt.
        if renamed is None or renamed == parcel.document:
            return False
        name = renamed.name if parcel.entity == "Item" else renamed.display_name
        session.say("warning", self.env._(
            "%(name)s goes to QuickBooks as '%(renamed)s', because something else there has the name.",
            name=parcel.job.name, renamed=name), direction="out", entity=parcel.entity, job=parcel.job)
        parcel.binding.write({"alias": name})
        parcel.job.write({"request_id": False})
        parcel.job._reopen("pending")
        return True

    def _adopt(self, session, client, parcel, error):
        """After 'number taken': link to the document that has it, but only if it is the same to the cent and free."""
        if not error.existing_id or parcel.operation != "create" or error.existing_type not in ("", parcel.entity):
            return False
        taken = self.env["qbo.binding"]._by_qbo_id(session.backend, parcel.entity, [error.existing_id])
        if taken:
            return False
        self.env["qbo.sync"]._commit_progress(session)
        payload = client.read(parcel.entity, error.existing_id)
        twin = session.handler(parcel.entity)._arrived(session, payload)
        ours = parcel.document
        if (twin.customer_id, twin.total, twin.txn_date) != (ours.customer_id, ours.total, ours.txn_date):
            return False
        parcel.answer = payload
        self._settle_done(session, [parcel])
        session.say("info", self.env._(
            "%(name)s was in QuickBooks already, with the same customer, date and total; both are linked now.",
            name=parcel.job.name), direction="out", entity=parcel.entity, job=parcel.job)
        return True

    # === STALE === #

    def _settle_stale(self, session, client, parcels):
        """Somebody changed the object since we saw it: read it again, compare three ways, and send or ask."""
        by_entity = {}
        for parcel in parcels:
            by_entity.setdefault(parcel.entity, []).append(parcel)
        self.env["qbo.sync"]._commit_progress(session)
        for entity, members in by_entity.items():
            ids = [parcel.binding.qbo_id for parcel in members]
            current = {row["Id"]: row for row in client.query_ids(entity, ids)}
            for parcel in members:
                self._settle_stale_one(session, parcel, current.get(parcel.binding.qbo_id))

    def _settle_stale_one(self, session, parcel, payload):
        parcel.job.write({"request_id": False})
        if payload is None:
            parcel.binding.write({"missing": True})
            parcel.job._fail("missing", self.env._("It was deleted in QuickBooks."), session=session, status="missing")
            return
        meta = mapping.meta(payload)
        theirs = session.handler(parcel.entity)._arrived(session, payload)
        base = decide.load_base(parcel.entity, parcel.binding.base) if parcel.binding.base else None
        decision = decide.compare(base, parcel.document, theirs, winner=session.policies[parcel.entity].winner)
        # Nothing of it comes over where the rule or a person keeps it there: then ours goes to what is there now.
        heard = decision.action not in ("push", "nothing") and (
            base or parcel.document) and (parcel.document or session.allows(parcel.entity, "in"))
        if heard:
            # QuickBooks changed too: its change comes in first, as any other, and ours waits for it.
            inbox = self.env["qbo.sync.inbox"]
            inbox._enqueue_payloads(session, parcel.entity, [payload])
            if inbox._open_jobs(session, parcel.entity, [parcel.binding.qbo_id]):
                parcel.job._block(f"in:{parcel.entity}:{parcel.binding.qbo_id}", self.env._(
                    "QuickBooks changed it too; that change waits to be looked at first."))
                return
        # Only the version moved (a payment was applied there): the same content may be sent with the new token.
        parcel.binding.write({"sync_token": meta.sync_token})
        if base:
            parcel.binding.write({"base": decide.dump_base(decide.Base(base.odoo, theirs))})
        parcel.job._reopen("pending")
