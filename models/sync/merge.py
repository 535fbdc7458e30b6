"""Merges in QuickBooks: links and mappings of the entry that is gone move to the one that survived."""

import psycopg2
from odoo import models
from odoo.tools import SQL

from ...qbo import decide, mapping, merges
from ...qbo.mapping.errors import MappingError
from ..const import ENTRY_GONE, OPEN_JOB_STATES, REFERENCE_ENTITIES, SYNCED_ENTITIES
from ..merged_role import guest_role, is_merged, object_role, rank, stands_for
from .session import Target

# Refusals that a reference to an entry that is gone leads to.
GONE_CODES = ("2500", "610", "missing", "merged_here", ENTRY_GONE)


class QboSyncMerge(models.AbstractModel):
    """QuickBooks tells of a merge by a notification; change data capture may not (there the entry is only gone).

    Then documents tell it: they name another entry in the same place, and the old one does not exist any more. Both are
    only hints: an entry counts as merged when QuickBooks answers that it is gone and that the other is there.
    """

    _name = "qbo.sync.merge"
    _description = "QuickBooks Merges"

    # === FINDING === #

    def _follow_all(self, session, client, changed):
        """Follow the merges that notifications and changed documents hint at.

        :param dict changed: {entity: objects} as QuickBooks just sent them
        """
        hints = {}
        for entity, old, new in [*self._from_documents(session, changed), *self._announced(session)]:
            hints.setdefault(entity, {})[old] = new
        for entity, hinted in hints.items():
            known = self._known(session, entity, list(hinted))
            found = {old: self._last(hinted, new) for old, new in hinted.items() if old in known}
            if found:
                self._follow_proven(session, client, entity, found)

    def _announced(self, session):
        return session.env.execute_query(SQL(
            "SELECT entity, deleted_id, qbo_id FROM qbo_webhook_event"
            " WHERE backend_id = %s AND operation = 'Merge' AND deleted_id IS NOT NULL ORDER BY id",
            session.backend.id))

    def _from_documents(self, session, changed):
        """Yield (list, old id, new id) where a linked object names another entry than when both sides last agreed."""
        for entity, rows in changed.items():
            if entity not in dict(SYNCED_ENTITIES):
                continue
            bindings = session.env["qbo.binding"]._by_qbo_id(session.backend, entity, [row["Id"] for row in rows])
            for row in rows:
                binding = bindings.get(row["Id"])
                if binding and binding.base and binding.sync_token != row["SyncToken"]:
                    yield from self._moved(entity, binding, row)

    def _moved(self, entity, binding, row):
        before = decide.load_base(entity, binding.base).qbo
        try:
            after = mapping.from_qbo(entity, row)
        except MappingError:
            return []
        return list(merges.moved(before, after)) if before else []

    def _known(self, session, entity, ids):
        """Return those of the ids that a link or an active list entry is here for."""
        known = set()
        if entity in dict(SYNCED_ENTITIES):
            known.update(session.env["qbo.binding"].search([
                ("backend_id", "=", session.backend.id), ("entity", "=", entity),
                ("qbo_id", "in", ids)]).mapped("qbo_id"))
        if entity in dict(REFERENCE_ENTITIES):
            known.update(session.env["qbo.reference"].search([
                ("backend_id", "=", session.backend.id), ("entity", "=", entity),
                ("qbo_id", "in", ids)]).mapped("qbo_id"))
        return known

    def _last(self, found, new):
        """Follow a chain of merges to its end."""
        seen = set()
        while new in found and new not in seen:
            seen.add(new)
            new = found[new]
        return new

    def _follow_proven(self, session, client, entity, found):
        self.env["qbo.sync"]._commit_progress(session)
        alive = {row["Id"]: row for row in client.query_ids(entity, [*found, *found.values()])}
        for old, new in found.items():
            if old not in alive and new in alive:
                self._follow_or_say(session, entity, old, new, alive[new])

    def _follow_or_say(self, session, entity, old, new, payload):
        """Follow one merge; where links get into each other's way, a person is told and the run goes on."""
        try:
            with session.env.cr.savepoint():
                self._follow(session, entity, old, new, payload)
                session.env.flush_all()
        except psycopg2.IntegrityError:
            session.env.invalidate_all()
            session.forget_links()
            session.say("error", self.env._(
                "%(kind)s %(old)s was merged into %(new)s in QuickBooks, and the links of both could not be put "
                "together. Relink the records by hand.", kind=entity, old=old, new=new),
                origin="qbo", direction="in", entity=entity)

    # === FOLLOWING === #

    def _follow(self, session, entity, old, new, payload=None):
        """Let everything here that was about the object ``old`` be about ``new``.

        :param payload: ``new`` as QuickBooks says it now, to be compared when a record goes over to it
        """
        session.env["qbo.binding"].flush_model()
        count = self._rename_in_bases(session, entity, old, new)
        if entity in dict(REFERENCE_ENTITIES):
            self._move_mappings(session, entity, old, new, payload)
        if entity in dict(SYNCED_ENTITIES):
            self._move_links(session, entity, old, new, payload, count)
        self._let_go(session, entity, old, new)
        session.forget_links()

    def _rename_in_bases(self, session, entity, old, new):
        """Let the bases of all links name the new entry; return how many did name the old one."""
        rows = session.env.execute_query(SQL(
            "SELECT id FROM qbo_binding WHERE backend_id = %s AND base::text LIKE %s", session.backend.id,
            f'%"{old}"%'))
        count = 0
        for binding in session.env["qbo.binding"].browse([row[0] for row in rows]):
            base = merges.renamed(binding.base, binding.entity, entity, old, new)
            if base != binding.base:
                binding.base = base
                count += 1
        return count

    def _move_links(self, session, entity, old, new, payload, count):
        """Move the links of the object that is gone; a record beside another one becomes a further link of the new."""
        rows = session.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "in", (old, new))])
        held = rows.filtered(lambda row: row.qbo_id == new)
        for row in (rows - held).sorted(lambda row: (rank(row.role), row.id)):
            name = row._record().display_name or old
            held = (held | self._move_link(session, row, held, new, payload)).exists()
            keeper = held.filtered(lambda other: not is_merged(other.role))[:1] or held[:1]
            session.say("warning", self.env._(
                "%(lost)s was merged into %(kept)s in QuickBooks. Documents and other records that named it: "
                "%(count)s; they follow.", lost=name, kept=keeper._record().display_name or new, count=count),
                origin="qbo", direction="in", entity=entity, model=keeper.model, res_id=keeper.res_id)

    def _move_link(self, session, row, held, new, payload):
        """Move one link to the object ``new``, which ``held`` are linked to; return it, or nothing when it went."""
        twin = held.filtered(lambda other: (other.model, other.res_id) == (row.model, row.res_id))
        main = held.filtered(lambda other: not is_merged(other.role))
        if twin or (held and not row._record()):
            # One record here and two objects there have become one each: the question that may wait is answered.
            role = row.role
            (row | twin)._open_jobs_out()._finish("cancelled")
            row.unlink()
            if twin and rank(role) < rank(twin.role):
                # Another record holds the object: then this one is its guest.
                role = guest_role(role, twin.res_id) if main - twin else role
                twin.role = role
                if session.allows(twin.entity, "out"):
                    session.env["qbo.sync.outbox"]._enqueue(
                        session, {Target(twin.entity, twin.model, twin.res_id, role)})
            return row.browse()
        row._open_jobs_out()._finish("cancelled")
        values = {"qbo_id": new, "sync_token": False, "missing": False, "error": False, "status": "synced"}
        if main:
            role = guest_role(row.role, row.res_id)
            row.write({**values, "role": role, "base": False})
            session.env["qbo.sync.outbox"]._enqueue(session, {Target(row.entity, row.model, row.res_id, role)})
            return row
        row.write({**values, "role": self._role_at(row, new), "status": "syncing"})
        if session.allows(row.entity, "in"):
            row._look_again()
        return row

    def _role_at(self, row, new):
        """Return the role of a link that goes over to an object that nobody holds."""
        own = row._by_record(row.backend_id, row.entity, row.model, [row.res_id]).get(
            (row.res_id, stands_for(row.role)), row)
        return stands_for(row.role) if own == row or not is_merged(row.role) else object_role(row.role, new)

    def _move_mappings(self, session, entity, old, new, payload):
        """Map what was mapped to the old entry to the new one, and say where two records of Odoo share it now."""
        if payload:
            session.env["qbo.sync.reference"]._refresh_one(session.backend, entity, [payload])
        references = session.env["qbo.reference"].with_context(active_test=False).search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "in", (old, new))])
        lost = references.filtered(lambda reference: reference.qbo_id == old)
        kept = references - lost
        if not lost or not kept:
            return
        if session.backend.default_item_id == lost:
            session.backend.default_item_id = kept
        for row in lost.mapping_ids:
            row.write({"reference_id": kept.id, "state": row.state})
            row.message_post(body=self.env._(
                "%(lost)s was merged into %(kept)s in QuickBooks.", lost=lost.name, kept=kept.name))
            self._say_mapping(session, row, lost, kept)
        lost.active = False

    def _say_mapping(self, session, row, lost, kept):
        others = (kept.mapping_ids - row).filtered(
            lambda other: other.model == row.model and other.state == "mapped" == row.state)
        text = self.env._(
            "%(lost)s was merged into %(kept)s in QuickBooks; %(record)s is mapped to %(kept)s now.",
            lost=lost.name, kept=kept.name, record=row.record_name)
        if others:
            used = (others | row).filtered("default_in")[:1] or row
            text += self.env._(
                " So are %(others)s: what comes from QuickBooks becomes %(used)s. Choose another one under Mappings if "
                "that is wrong.", others=", ".join(others.mapped("record_name")), used=used.record_name)
        session.say("warning" if others else "info", text, origin="qbo", direction="in")

    def _let_go(self, session, entity, old, new):
        """Look again at what waited for, or was refused because of, the entry that is gone."""
        base = [("backend_id", "=", session.backend.id)]
        Job = session.env["qbo.job"]
        waiting = Job.search([
            *base, ("state", "=", "blocked"), ("direction", "=", "in"),
            "|", ("blocked_key", "=", f"qbo:{entity}:{old}"), ("blocked_key", "=like", f"ref:{entity}:%:{old}")])
        # Their payload names the entry that is gone: they are read again.
        waiting.write({"payload": False, "state": "pending", "blocked_key": False, "error": False, "error_code": False})
        Job.search([
            *base, ("state", "in", OPEN_JOB_STATES), ("direction", "=", "in"), ("entity", "=", entity),
            ("qbo_id", "=", old)])._finish("cancelled")
        Job.search([
            *base, ("state", "=", "failed"), ("direction", "=", "out"), ("error_code", "in", GONE_CODES),
            ]).write({"state": "pending", "error": False, "error_code": False})
