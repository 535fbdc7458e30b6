"""Records that were merged on one side only: what their further links say, and what a person is asked."""

import dataclasses

from odoo import models
from odoo.tools import SQL

from ...qbo import decide
from ...qbo.mapping.payment import ENTITY_OF
from ..merged_role import MERGED, is_guest, is_merged, stands_for
from .session import Reading

# By how much what is open on a document adds to what its customer owes.
SIGNS = {"Invoice": 1, "CreditMemo": -1, "Payment": -1}


class QboSyncMerged(models.AbstractModel):
    """A further link is either another QuickBooks object of a record that was merged in Odoo, or a record whose object
    was merged into that of another record in QuickBooks.
    """

    _name = "qbo.sync.merged"
    _description = "QuickBooks Sync of Merged Records"

    def _further(self, session, entity):
        """Return the further links of an entity, as {(model, record id, role): link}; read once a slice."""
        rows = session.once(("merged", entity), lambda: session.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("role", "=like", f"{MERGED}%")]))
        return {(row.model, row.res_id, row.role): row for row in rows}

    # === SCOPE AND READING === #

    def _own_targets(self, session, entity, targets):
        """Leave out records that stand for an object of another record, and questions that are asked already."""
        further = self._further(session, entity)
        if not further:
            return targets
        guests, asked = self._guests(session, entity), self._asked(session, entity)
        return [target for target in targets if target[1:] not in guests and target not in asked]

    def _guests(self, session, entity):
        """Return (model, record id, role) of the records that have a further link and none of their own."""
        further = self._further(session, entity).values()
        places = {(row.model, row.res_id, stands_for(row.role)) for row in further if row.qbo_id}
        rows = session.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "!=", False),
            ("res_id", "in", [res_id for _model, res_id, _role in places])])
        return places - {(row.model, row.res_id, row.role) for row in rows}

    def _asked(self, session, entity):
        jobs = session.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("entity", "=", entity),
            ("role", "=like", f"{MERGED}%"), ("state", "=", "failed")])
        return {(entity, job.model, job.res_id, job.role) for job in jobs}

    def _readings(self, session, entity, targets, read):
        """Return readings: by ``read`` of the usual targets, here of those that are about further links."""
        further = self._further(session, entity)
        guests = self._guests(session, entity) if further else ()
        usual = [target for target in targets if not is_merged(target.role) and target[1:] not in guests]
        result = read(session, usual) if usual else {}
        for target in targets:
            if is_merged(target.role):
                result[target] = self._read_further(session, target, further.get(target[1:]))
            elif target[1:] in guests:
                result[target] = Reading(target, stay=self.env._(
                    "It was merged into another in QuickBooks, which is linked to another record."))
        return result

    def _read_further(self, session, target, row):
        if not row:
            return Reading(target, gone="delete")
        if row.skipped or row.excluded:
            return Reading(target, stay=self.env._("A person left it as it is."))
        if not is_guest(row.role):
            return self._merged_here(session, target, row)
        holder = session.env["qbo.binding"]._by_qbo_id(session.backend, target.entity, [row.qbo_id])[row.qbo_id]
        return self._merged_there(target, row._record(), holder._record())

    def _merged_there(self, target, guest, holder):
        """Two records of Odoo, one object in QuickBooks: may they become one here too?"""
        if not guest or not holder or guest == holder:
            return Reading(target, stay=self.env._("One of both records was deleted in Odoo."))
        names = {"guest": guest.display_name, "holder": holder.display_name}
        reading = Reading(
            target, name=self.env._("%(guest)s, merged into %(holder)s in QuickBooks", **names),
            partner_name=holder.display_name)
        if target.entity == "Customer":
            advice = self.env._(
                "Merge the two contacts in Odoo, or skip this: then they stay two, and both stand for the one customer "
                "there.")
        else:
            advice = self.env._("Archive the one that is not needed any more, and skip this: both stand for the one.")
        reading.problem = ("merged_there", self.env._(
            "%(guest)s was merged into %(holder)s in QuickBooks; in Odoo they are still two. Documents of both go to "
            "%(holder)s; what comes from there goes to %(holder)s.", **names) + f" {advice}")
        return reading

    def _merged_here(self, session, target, row):
        """One record of Odoo, two objects in QuickBooks: the other is made inactive, or merged by a person there."""
        base = decide.load_base(target.entity, row.base) if row.base else decide.Base()
        theirs = base.qbo or base.odoo
        record = row._record()
        if theirs is None or not theirs.active:
            return Reading(target, stay=self.env._("It is inactive in QuickBooks."))
        names = {"lost": theirs.display_name, "kept": record.display_name}
        reading = Reading(
            target, name=self.env._("Customer %(lost)s, merged into %(kept)s in Odoo", **names),
            partner_name=record.display_name)
        count, left = self._named(session, row.qbo_id)
        if count:
            reading.amount, reading.currency_id = float(left), session.currency_id(theirs.currency)
            reading.problem = ("merged_here", self.env._(
                "%(lost)s and %(kept)s are one contact in Odoo since they were merged here, and two customers in "
                "QuickBooks. Documents and payments there that name %(lost)s: %(count)s, open: %(open).2f. Merge them "
                "there too: open the customer %(lost)s in QuickBooks, change the name to exactly that of %(kept)s, and "
                "say yes to merging. Until then both count for %(kept)s here.",
                count=count, open=left, **names))
        else:
            reading.document = dataclasses.replace(base.odoo or theirs, active=False)
        return reading

    def _named(self, session, qbo_id):
        """Return how many linked documents name a customer of QuickBooks, and what is open on them in its currency."""
        session.env["qbo.binding"].flush_model()
        rows = session.env.execute_query(SQL(
            "SELECT entity, base->'qbo'->>'balance', base->'qbo'->>'unapplied' FROM qbo_binding"
            " WHERE backend_id = %s AND qbo_id IS NOT NULL AND missing IS NOT TRUE AND base::text LIKE %s",
            session.backend.id, f'%"customer_id": "{qbo_id}"%'))
        left = sum(SIGNS.get(entity, 0) * float(balance or unapplied or 0) for entity, balance, unapplied in rows)
        return len(rows), left

    # === DOCUMENTS === #

    def _others(self, session, partner_ids):
        """Return the ids of the further QuickBooks customers of partners that were merged in Odoo."""
        return {row.qbo_id for row in self._further(session, "Customer").values()
                if row.res_id in partner_ids and row.qbo_id}

    def _kept_customer(self, session, target, partner_ids, qbo_id):
        """Return the customer that a document goes on naming in QuickBooks, although its partner has another by now."""
        others = self._others(session, partner_ids)
        if not others:
            return qbo_id
        row = session.env["qbo.binding"]._by_record(
            session.backend, target.entity, target.model, [target.res_id]).get((target.res_id, target.role))
        told = ((row and row.base or {}).get("odoo") or {}).get("customer_id")
        return told if told in others else qbo_id

    def _payer(self, session, partner, qbo_id, lines):
        """Return (customer of a receipt, problem): QuickBooks wants that of the documents which it settles.

        :param lines: payment lines, with the ids of documents in QuickBooks
        """
        return self._of_settled(session, partner, qbo_id, [
            ("entity", "in", list(ENTITY_OF.values())),
            ("qbo_id", "in", [line.txn_id for line in lines])]) if lines else (qbo_id, None)

    def _settling(self, session, partner, qbo_id, moves):
        """Return the same for what is no payment in QuickBooks: money that goes out, an entry; by documents of Odoo."""
        return self._of_settled(session, partner, qbo_id, [
            ("entity", "in", [*ENTITY_OF.values(), "Payment"]), ("qbo_id", "!=", False),
            "|", "&", ("model", "=", "account.move"), ("res_id", "in", moves.ids),
            "&", ("model", "=", "account.payment"), ("res_id", "in", moves.origin_payment_id.ids)])

    def _of_settled(self, session, partner, qbo_id, domain):
        ids = {partner.id, partner.commercial_partner_id.id}
        if self._further(session, "Customer"):
            # Money of one may go as that of another, whose documents it settles.
            links = session.env["qbo.binding"]._by_qbo_id(session.backend, "Customer", [qbo_id] if qbo_id else [])
            ids |= {link.res_id for link in links.values() if link.model == "res.partner"}
        others = self._others(session, ids)
        if not others:
            return qbo_id, None
        # A payment that went with a further customer may settle documents of the own one by now, or of one below it.
        links = session.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Customer"), ("model", "=", "res.partner"),
            ("res_id", "in", list(ids)), ("qbo_id", "!=", False)])
        currency = {stands_for(row.role) for row in links if row.qbo_id == qbo_id}
        own = links.filtered(lambda row: row.role in currency)
        others |= set(own.mapped("qbo_id"))
        named = set().union(*map(self._told, session.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), *domain])))
        named = {self._above(session, name, others) for name in named}
        told = named & {*others, qbo_id}
        if named - others and qbo_id in others:
            told |= set(own.mapped("qbo_id")[:1])
        if len(told) > 1:
            return qbo_id, ("merged_here", self.env._(
                "It settles documents of several QuickBooks customers, who are one contact in Odoo: %(partner)s. "
                "QuickBooks takes a payment of one customer only. Merge the customers in QuickBooks (change the name "
                "of one to exactly that of the other), sync, then retry.", partner=partner.display_name))
        return next(iter(told), qbo_id), None

    def _above(self, session, qbo_id, known):
        """Return who of ``known`` is above a customer of QuickBooks there; itself when nobody is."""
        found, seen = qbo_id, set()
        while found and found not in known and found not in seen:
            seen.add(found)
            link = session.env["qbo.binding"]._by_qbo_id(session.backend, "Customer", [found]).get(found)
            found = ((link and link.base or {}).get("qbo") or {}).get("parent_id")
        return found if found in known else qbo_id

    def _told(self, link):
        """Return {id} of the customer that a linked object names, as QuickBooks said it last; {} for several."""
        said = (link.base or {}).get("qbo") or {}
        names = {said.get("customer_id"), *(line.get("customer_id") for line in said.get("lines") or ())} - {None, ""}
        return names if len(names) == 1 else set()


class QboSyncCustomer(models.AbstractModel):
    _inherit = "qbo.sync.customer"

    def _targets(self, session, model, ids):
        targets = super()._targets(session, model, ids)
        return self.env["qbo.sync.merged"]._own_targets(session, self._qbo_entity, targets)

    def _read(self, session, targets):
        return self.env["qbo.sync.merged"]._readings(session, self._qbo_entity, targets, super()._read)

    def _prepare(self, session, arrivals):
        """A customer that is a further link of a merged partner changes nothing here; what it says is noted."""
        further = [arrival for arrival in arrivals if arrival.binding and is_merged(arrival.binding.role)]
        for arrival in further:
            arrival.stay = self.env._("The contact that it was is merged into another in Odoo.")
            base = arrival.binding.base and decide.load_base(arrival.entity, arrival.binding.base) or decide.Base()
            arrival.binding.write({
                "sync_token": arrival.sync_token, "missing": False,
                "base": decide.dump_base(decide.Base(base.odoo or arrival.document, arrival.document))})
        return super()._prepare(session, [arrival for arrival in arrivals if arrival not in further])


class QboSyncItem(models.AbstractModel):
    _inherit = "qbo.sync.item"

    def _targets(self, session, model, ids):
        targets = super()._targets(session, model, ids)
        return self.env["qbo.sync.merged"]._own_targets(session, self._qbo_entity, targets)

    def _read(self, session, targets):
        return self.env["qbo.sync.merged"]._readings(session, self._qbo_entity, targets, super()._read)
