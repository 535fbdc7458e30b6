"""Payments for documents that are not in Odoo: applied as soon as those come, or are posted again.

Which they are stands on the link of the payment until it is done. Whether they are here is asked, not remembered: they
may have come from QuickBooks, or a person posted or linked them.
"""

import dataclasses

from odoo import models

from ...qbo import decide, documents
from ..const import OPEN_JOB_STATES, REST
from .session import Target


def _names(link):
    """Return the set of (type, id) of what a payment settles and what was not here."""
    return {tuple(name.split(":", 1)) for name in (link.not_here or "").split()}


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _without_the_rest(self, session, base, link):
        """Return a base as if QuickBooks had applied, when both agreed, only what Odoo could apply.

        The rest looks like a change of QuickBooks' then; what Odoo changed of it since stays a change of Odoo's.
        """
        absent = self._absent(session, _names(link))
        lines = [*base.odoo.lines] if base.odoo else []
        lines += [line for line in base.qbo.lines if (line.txn_type, line.txn_id) in absent]
        return decide.Base(base.odoo, dataclasses.replace(base.qbo, lines=documents.payment_lines(lines)))

    def _absent(self, session, names):
        """Return those of ``names``, (type, id), that are not posted in Odoo."""
        return names - self._posted(session, names).keys()

    def _can_settle(self, session, link):
        """Tell whether a payment counts in Odoo, and something is here now that it could not settle before.

        What a person took back waits to be told to QuickBooks; credit of which nothing could be applied is no such.
        """
        base = decide.load_base("Payment", link.base) if link.base else None
        if not base or not base.qbo or not self._posted(session, _names(link)):
            return False
        target = Target("Payment", link.model, link.res_id, link.role)
        return bool(link._record()) and (not base.odoo or bool(self._read(session, [target])[target].document))

    def _keep_not_here(self, session, arrival):
        """Keep saying what is still not here, where not all of it was applied anew."""
        amounts = {(line.txn_type, line.txn_id): line.amount for line in arrival.document.lines}
        names = _names(arrival.binding) & amounts.keys()
        arrival.not_here = arrival.not_here or set()
        absent = self._absent(session, names) - arrival.not_here
        self._say_not_applied(arrival, [(*name, amounts[name]) for name in sorted(absent)])

    def _beside(self, session, target, theirs, wanted):
        """Leave money where QuickBooks has put it and Odoo cannot, as long as Odoo does not use it otherwise."""
        wanted = super()._beside(session, target, theirs, wanted)
        link = self.env["qbo.binding"]._by_record(session.backend, "Payment", target.model, [target.res_id]).get(
            (target.res_id, target.role)) if wanted.lines != theirs.lines else None
        absent = self._absent(session, _names(link)) if link else set()
        kept = [line for line in theirs.lines if (line.txn_type, line.txn_id) in absent]
        lines = documents.payment_lines([*wanted.lines, *kept])
        return dataclasses.replace(wanted, lines=lines) if kept and self._applied(lines) <= wanted.total else wanted


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _look_again(self, session):
        """Read payments anew that could not settle something, and can now."""
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("not_here", "!=", False), ("entity", "=", "Payment"),
            ("missing", "=", False), ("excluded", "=", False), ("skipped", "=", False)]) \
            if session.allows("Payment", "in") else self.env["qbo.binding"]
        handler = session.handler("Payment")
        # One question for each kind of document, however many links wait.
        here = handler._posted(session, set().union(*map(_names, links))).keys()
        links = links.filtered(lambda link: _names(link) & here)
        found = (links - self._asked_already(session, links)).filtered(lambda link: handler._can_settle(session, link))
        self.env["qbo.job"].create([self._rest_values(session, link) for link in found])
        return super()._look_again(session) or bool(found)

    def _asked_already(self, session, links):
        """Return the links of which something is open, or was read since it was taken over last: that did not help."""
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", "Payment"),
            ("qbo_id", "in", links.mapped("qbo_id")), "|", ("state", "in", OPEN_JOB_STATES),
            "&", ("resolution", "=", REST), ("state", "not in", ("done", "warning"))]) if links else ()
        waits = {job.qbo_id for job in jobs if job.state in OPEN_JOB_STATES}
        tried = {(job.qbo_id, job.create_date) for job in jobs}
        return links.filtered(lambda link: link.qbo_id in waits or any(
            qbo_id == link.qbo_id and moment >= link.synced_at for qbo_id, moment in tried))

    def _rest_values(self, session, link):
        told = decide.load_base("Payment", link.base).qbo
        inbox, record = self.env["qbo.sync.inbox"], link._record()
        return {**inbox._job_values(session, "Payment", link.qbo_id), "resolution": REST, "state": "pending",
                "name": session.handler("Payment")._label(session, told),
                "partner_name": record.partner_id.display_name or "", "document_date": told.txn_date,
                "amount": float(told.total), "currency_id": inbox._currency_id(session, told),
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
            job._finish("cancelled", error=self.env._("QuickBooks changed it meanwhile; that comes by itself."))
            if not link._open_jobs():
                job._set_status("synced", False)
            return None
        moved = handler._can_settle(session, link)
        if moved:
            link.base = decide.dump_base(handler._without_the_rest(session, base, link))
        result = super()._decide(session, handler, arrival)
        if moved and job.state not in ("done", "warning"):
            # Otherwise the next change of Odoo would go out without what QuickBooks has applied.
            link.base = before
        return result

    def _settle(self, session, handler, arrivals, keep_odoo=None):
        for arrival in arrivals:
            if arrival.binding and arrival.binding.not_here:
                handler._keep_not_here(session, arrival)
        return super()._settle(session, handler, arrivals, keep_odoo)

    def _binding_values(self, session, arrival, base, status, note=""):
        values = super()._binding_values(session, arrival, base, status, note)
        if base is not None and arrival.not_here is not None:
            values["not_here"] = " ".join(sorted(":".join(name) for name in arrival.not_here)) or False
        return values
