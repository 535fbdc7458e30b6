"""Payments for documents that are not in Odoo: applied as soon as those come, or are posted again.

Which they are stands on the link of the payment until it is done. Whether they are here is asked, not remembered: they
may have come from QuickBooks, or a person posted or linked them.
"""

from odoo import models

from ...qbo import decide
from ...qbo.mapping.payment import ENTITY_OF
from ..const import OPEN_JOB_STATES, REST
from .payment import PAID_STATES


def _names(link):
    """Return the set of (type, id) of what a payment settles and what was not here."""
    return {tuple(name.split(":", 1)) for name in (link.not_here or "").split()}


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _without_the_rest(self, base):
        """Return a base as if QuickBooks had applied, when both agreed, only what Odoo could apply.

        The rest looks like a change of QuickBooks' then; what Odoo changed of it since stays a change of Odoo's.
        """
        return decide.Base(base.odoo, decide.apply_fields(base.qbo, base.odoo or type(base.qbo)(), ("lines",)))

    def _can_settle(self, session, link):
        """Tell whether a payment of Odoo counts, and something is here now that it could not settle before."""
        record = link._record()
        alive = record and (record._name != "account.payment" or record.state in PAID_STATES)
        return bool(alive and self._posted(session, _names(link)))

    def _keep_not_here(self, session, arrival):
        """Keep saying what is still not here, where nothing was applied anew."""
        amounts = {(line.txn_type, line.txn_id): line.amount for line in arrival.document.lines}
        names = _names(arrival.binding) & amounts.keys()
        arrival.not_here = set()
        self._say_not_applied(arrival, [
            (*name, amounts[name]) for name in sorted(names - self._posted(session, names).keys())])


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _look_again(self, session):
        """Read payments anew that could not settle something, and can now."""
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("not_here", "!=", False), ("entity", "=", "Payment"),
            ("missing", "=", False), ("excluded", "=", False), ("skipped", "=", False)]) \
            if session.allows("Payment", "in") else self.env["qbo.binding"]
        for entity in set(ENTITY_OF.values()) if links else ():
            session.preload_records(entity, {
                qbo_id for link in links for txn_type, qbo_id in _names(link) if ENTITY_OF[txn_type] == entity})
        handler = session.handler("Payment")
        found = links.filtered(lambda link: handler._can_settle(session, link)) - self._asked_already(session, links)
        self.env["qbo.job"].create([self._rest_values(session, link) for link in found])
        return super()._look_again(session) or bool(found)

    def _asked_already(self, session, links):
        """Return the links of which something is open, or comes by itself as this run has found."""
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", "Payment"),
            ("qbo_id", "in", links.mapped("qbo_id")), "|", ("state", "in", OPEN_JOB_STATES),
            "&", "&", ("resolution", "=", REST), ("run_id", "=", session.run.id),
            ("state", "not in", ("done", "warning"))]) if links else self.env["qbo.job"]
        asked = set(jobs.mapped("qbo_id"))
        return links.filtered(lambda link: link.qbo_id in asked)

    def _rest_values(self, session, link):
        told = decide.load_base("Payment", link.base).qbo
        record = link._record()
        return {**self.env["qbo.sync.inbox"]._job_values(session, "Payment", link.qbo_id), "resolution": REST,
                "state": "pending", "name": session.handler("Payment")._label(session, told),
                "partner_name": record.partner_id.display_name or "", "document_date": told.txn_date,
                "amount": float(told.total), "currency_id": self.env["qbo.sync.inbox"]._currency_id(session, told),
                "model": link.model, "res_id": link.res_id}

    def _fetch_payloads(self, session, client, entity, jobs):
        """What is read for the rest of what it settles is read each time: it was told before, and may be older."""
        jobs.filtered(lambda job: job.resolution == REST).payload = False
        return super()._fetch_payloads(session, client, entity, jobs)

    def _decide(self, session, handler, arrival):
        job, link = arrival.job, arrival.binding
        if arrival.entity != "Payment" or not link or not link.not_here or not link.base:
            return super()._decide(session, handler, arrival)
        before, base = link.base, decide.load_base("Payment", link.base)
        if job.resolution == REST and arrival.document != base.qbo:
            return job._finish("cancelled", error=self.env._("QuickBooks changed it meanwhile; that comes by itself."))
        moved = base.qbo and handler._can_settle(session, link)
        if moved:
            link.base = decide.dump_base(handler._without_the_rest(base))
        result = super()._decide(session, handler, arrival)
        if moved and job.state not in ("done", "warning"):
            # Otherwise the next change of Odoo would go out without what QuickBooks has applied.
            link.base = before
        return result

    def _settle(self, session, handler, arrivals, keep_odoo=None):
        for arrival in arrivals:
            if arrival.not_here is None and arrival.binding and arrival.binding.not_here:
                handler._keep_not_here(session, arrival)
        return super()._settle(session, handler, arrivals, keep_odoo)

    def _binding_values(self, session, arrival, base, status, note=""):
        values = super()._binding_values(session, arrival, base, status, note)
        if base is not None and arrival.not_here is not None:
            values["not_here"] = " ".join(sorted(":".join(name) for name in arrival.not_here)) or False
        return values
