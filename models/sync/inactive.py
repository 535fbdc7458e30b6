"""QuickBooks says 'not found' of what is gone and of what is inactive alike: which of the two, and who."""

from odoo import models

from ...qbo import errors


class QboSyncSender(models.AbstractModel):
    _inherit = "qbo.sync.sender"

    def _settle_error(self, session, client, parcel, error):
        if isinstance(error, errors.ObjectNotFound):
            self._look_what_is_gone(session, client, parcel)
        return super()._settle_error(session, client, parcel, error)

    def _look_what_is_gone(self, session, client, parcel):
        """Note on a parcel whether its object is still there, and who of those that it names is inactive.

        Fault 610 has one text for both (Intuit: Accounting API reference, error codes).
        """
        self.env["qbo.sync"]._commit_progress(session)
        qbo_id = parcel.binding.qbo_id
        if qbo_id and parcel.operation != "create":
            parcel.still_there = bool(client.query_ids(parcel.entity, [qbo_id]))
        if parcel.document and (parcel.still_there or parcel.operation == "create"):
            names = [name for entity, ids in _named(parcel.document).items()
                     for name in self._inactive(session, client, entity, ids)]
            parcel.reason = names and self.env._(
                "%(names)s is inactive in QuickBooks, which takes nothing new for it. Make it active there (in its "
                "list, with the inactive ones shown); then this goes by itself. Or cancel the document here.",
                names=", ".join(names)) or ""

    def _inactive(self, session, client, entity, ids):
        rows = session.once(("inactive", entity, ids), lambda: client.query_ids(entity, sorted(ids)))
        return [row.get("DisplayName") or row.get("Name") or row["Id"] for row in rows if row.get("Active") is False]


def _named(document):
    """Return {entity: ids} of the list entries that a document names and that can be inactive."""
    lines = getattr(document, "lines", ())
    customers = {getattr(document, "customer_id", ""), *(getattr(line, "customer_id", "") for line in lines)}
    items = {getattr(line, "item_id", "") for line in lines}
    return {entity: frozenset(ids - {""}) for entity, ids in (("Customer", customers), ("Item", items)) if ids - {""}}


class QboSyncCustomer(models.AbstractModel):
    _inherit = "qbo.sync.customer"

    def _settled(self, session, binding):
        result = super()._settled(session, binding)
        self.env["qbo.sync.outbox"]._active_again(session, binding)
        return result


class QboSyncItem(models.AbstractModel):
    _inherit = "qbo.sync.item"

    def _settled(self, session, binding):
        result = super()._settled(session, binding)
        self.env["qbo.sync.outbox"]._active_again(session, binding)
        return result


class QboSyncOutbox(models.AbstractModel):
    _inherit = "qbo.sync.outbox"

    def _active_again(self, session, binding):
        """Let documents go on that failed because a customer or product was inactive, when it is active now."""
        if not ((binding.base or {}).get("qbo") or {}).get("active", True):
            return
        jobs = session.once(("inactive jobs",), lambda: session.env["qbo.job"].sudo().search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("state", "=", "failed"),
            ("error_code", "=", errors.ObjectNotFound.default_code)]))
        free = jobs.filtered(lambda job: job.state == "failed" and self._names(job, binding))
        free.write({"state": "pending", "error": False, "error_code": False})
        for job in free:
            job._set_status("syncing", False)

    def _names(self, job, binding):
        document = (job.payload or {}).get("document") or {}
        names = [document.get("customer_id")] if binding.entity == "Customer" else []
        place = "customer_id" if binding.entity == "Customer" else "item_id"
        return binding.qbo_id in (*names, *(line.get(place) for line in document.get("lines") or ()))
