"""QuickBooks says only that something is 'not found': whether it is gone or inactive, and who."""

from odoo import models

from ...qbo import errors
from ..const import ENTRY_GONE
from .session import Target


class QboSyncSender(models.AbstractModel):
    _inherit = "qbo.sync.sender"

    def _settle_error(self, session, client, parcel, error):
        if not isinstance(error, (errors.ObjectNotFound, errors.InvalidReference)):
            return super()._settle_error(session, client, parcel, error)
        self.env["qbo.sync"]._commit_progress(session)
        gone = self._gone(session, client, parcel)
        if gone:
            self._fail_gone(session, parcel, error, gone)
            return None
        if isinstance(error, errors.ObjectNotFound):
            self._look_what_is_inactive(session, client, parcel)
        return super()._settle_error(session, client, parcel, error)

    def _look_what_is_inactive(self, session, client, parcel):
        """Note on a parcel whether its object is still there, and who of those that it names is inactive.

        Fault 610 has one text for what is gone and what is inactive (Intuit: Accounting API reference, error codes).
        """
        qbo_id = parcel.binding.qbo_id
        if qbo_id and parcel.operation != "create":
            parcel.still_there = bool(client.query_ids(parcel.entity, [qbo_id]))
        if parcel.document and (parcel.still_there or parcel.operation == "create"):
            names = [row.get("DisplayName") or row.get("Name") or row["Id"]
                     for entity, ids in _named(parcel.document).items()
                     for row in self._rows(session, client, entity, ids) if row.get("Active") is False]
            parcel.reason = names and self.env._(
                "%(names)s is inactive in QuickBooks, which takes nothing new for it. Make it active there (in its "
                "list, with the inactive ones shown); then this goes by itself. Or cancel the document here.",
                names=", ".join(names)) or ""

    def _rows(self, session, client, entity, ids):
        """Return what QuickBooks has of list entries, inactive ones too."""
        return session.once(("named", entity, ids), lambda: client.query_ids(entity, sorted(ids)))

    # === GONE === #

    def _gone(self, session, client, parcel):
        """Return the links of the customers and products that a document names and QuickBooks does not have any more.
        """
        found = self.env["qbo.binding"]
        for entity, ids in _named(parcel.document).items() if parcel.document else ():
            lost = ids - {row["Id"] for row in self._rows(session, client, entity, ids)}
            found |= found.union(*found._by_qbo_id(session.backend, entity, lost).values()) if lost else found
        return found

    def _fail_gone(self, session, parcel, error, links):
        """Say on the document and on each contact or product that it is gone; who mends that lets the document go."""
        links.write({"missing": True, "status": "missing", "error": self.env._(
            "It is not in QuickBooks any more: it was deleted there, or merged into another.")})
        parcel.job.write({"request_id": False})
        parcel.job._fail(ENTRY_GONE, self.env._(
            "%(names)s is not in QuickBooks any more: it was deleted there, or merged into another. Link it to that "
            "one, or clear its ID so that it is created again (Mend the link); then this goes by itself.",
            names=", ".join(link._record().display_name or link.qbo_id for link in links)),
            detail=f"{error.message} {error.detail}".strip(), session=session, origin="qbo")
        link = links[0]
        parcel.job.blocked_key = Target(link.entity, link.model, link.res_id, link.role).key()


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
