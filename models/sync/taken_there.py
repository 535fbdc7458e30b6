"""Applications of which QuickBooks takes less, because something else settles the document there."""

from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...qbo import as_json, decide, errors
from ...qbo.documents import ZERO
from ...qbo.mapping.payment import ENTITY_OF
from ..const import ENTRY_ENTITIES
from .session import Target

TAKEN = "taken_there"
CREDIT = "CreditMemo"
OPEN = ("Invoice", CREDIT)
"""Entities of which QuickBooks tells what is open."""


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _accepted(self, document, echo):
        """Applications that QuickBooks did not take are not agreed on: they have to go out once more."""
        return decide.apply_fields(document, echo, ("lines",)) if self._left_out(document, echo) else document

    def _left_out(self, document, echo):
        """Return ``{(type, id): amount}`` of what a payment applies and QuickBooks did not take.

        :param document, echo: neutral forms of what Odoo says and of QuickBooks' answer, in the payment's currency
        """
        taken, left = self._by_document(echo), {}
        for key, amount in self._by_document(document).items():
            if amount > taken.get(key, ZERO):
                left[key] = amount - taken.get(key, ZERO)
        return left

    def _by_document(self, document):
        amounts = {}
        for line in document.lines:
            key = (line.txn_type, line.txn_id)
            amounts[key] = amounts.get(key, ZERO) + line.amount
        return amounts


class QboSyncSender(models.AbstractModel):
    _inherit = "qbo.sync.sender"

    def _took_less(self, session, parcel, echo):
        """Let a payment wait of which QuickBooks did not apply all; tell whether that is so.

        What frees the document may have gone in the same run, behind it: so it is tried once more at once.
        """
        if parcel.entity != "Payment":
            return False
        left = session.handler("Payment")._left_out(parcel.document, echo)
        if left:
            self._wait_for_room(session, parcel, left)
        return bool(left)

    def _settle_error(self, session, client, parcel, error):
        """A payment that needs more credit than is open is refused as a whole, in words that do not name the credit."""
        if type(error) is errors.BusinessFault and parcel.entity == "Payment" and parcel.document:
            self.env["qbo.sync"]._commit_progress(session)
            left = self._missing_there(session, client, parcel)
            if left:
                self._wait_for_room(session, parcel, left, error)
                return None
        return super()._settle_error(session, client, parcel, error)

    def _missing_there(self, session, client, parcel):
        """Return ``{(type, id): amount}`` of the credit that a payment uses and that is not open in QuickBooks now.

        Of an invoice QuickBooks takes what is open, and refuses nothing.
        """
        handler = session.handler("Payment")
        told = decide.load_base("Payment", parcel.binding.base).qbo if parcel.binding.base else None
        own, left = handler._by_document(told) if told else {}, {}
        asked = {key: amount for key, amount in handler._by_document(parcel.document).items() if key[0] == CREDIT}
        for row in client.query_ids(CREDIT, sorted(qbo_id for _type, qbo_id in asked)) if asked else ():
            key = (CREDIT, row["Id"])
            there = Decimal(str(row.get("Balance") or 0)) + own.get(key, ZERO)
            if there < asked[key]:
                left[key] = asked[key] - there
        return left

    def _wait_for_room(self, session, parcel, left, error=None):
        """Let a payment wait until QuickBooks has open what is ``left`` of it; at first it is tried once more.

        :param error: the fault with which QuickBooks refused all of it; None when it took a part
        """
        parcel.job.write({"request_id": False})
        if parcel.job.attempts <= 1:
            parcel.job._reopen("pending")
            parcel.job._set_status("syncing", False)
            return
        parcel.job._fail(TAKEN, self._left_text(session, parcel.document, left, bool(error)), session=session,
                         detail=error and (error.detail or error.message))
        # Of entries only a sum can be known; what it was tells later whether something became free.
        parcel.job.payload = {**parcel.job.payload, "open": {
            " ".join(key): as_json.plain(told) for key in left
            if (told := self.env["qbo.sync.applier"]._entry_open(session, *key)) is not None}}

    def _left_text(self, session, document, left, refused):
        """Say which documents have too little open in QuickBooks, and by how much."""
        asked, wording = session.handler("Payment")._by_document(document), self.env["qbo.sync.wording"]
        return " ".join(self._taken_text(
            refused, taken=asked[key] - amount, amount=asked[key],
            document=wording._record_name(session, ENTITY_OF.get(key[0], key[0]), key[1]),
            customer=wording._record_name(session, "Customer", document.customer_id)) for key, amount in left.items())

    def _taken_text(self, refused, **words):
        if refused:
            return self.env._(
                "Of %(document)s of %(customer)s only %(taken)s is open in QuickBooks, and %(amount)s is applied here, "
                "because something else uses it there. Take that off in QuickBooks, or change here what is applied; "
                "this goes by itself as soon as enough is open there.", **words)
        return self.env._(
            "QuickBooks applied %(taken)s of %(amount)s to %(document)s of %(customer)s, because something else "
            "settles it there. Take that off in QuickBooks, or change here what is applied; this goes by itself as "
            "soon as enough is open there.", **words)


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _look_again(self, session):
        """Let go on also what found too little open in QuickBooks in an earlier run, and finds enough now."""
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "out"), ("state", "=", "failed"),
            ("error_code", "=", TAKEN), ("entity", "=", "Payment"), ("run_id", "!=", session.run.id)])
        free = jobs.filtered(lambda job: self._is_open_there(session, job))
        free.write({"state": "pending", "error": False, "error_code": False})
        for job in free:
            job._set_status("syncing", False)
        return super()._look_again(session) or bool(free)

    def _is_open_there(self, session, job):
        """Tell whether QuickBooks' documents have as much open as a payment still has to apply, as far as it told."""
        left = self._still_left(session, job)
        told = {key: self._told_open(session, *key) for key in left}
        told.update({key: self._freed(session, job, key) for key in left if told[key] is None})
        known = {key: amount for key, amount in told.items() if amount is not None}
        return not left or bool(known) and all(left[key] <= amount for key, amount in known.items())

    def _freed(self, session, job, key):
        """Return what is open of an entry if it is more than when the payment was refused, None if nobody knows.

        A payment that stays in QuickBooks may settle it too: without looking back the same would be tried for ever.
        """
        now, before = self._entry_open(session, *key), (job.payload or {}).get("open", {}).get(" ".join(key))
        return now if now is None or before is None or now > Decimal(before) else ZERO

    def _entry_open(self, session, link_type, qbo_id):
        """Return what is open of an entry by what QuickBooks told of it and of all linked payments; None of others."""
        entity = ENTITY_OF.get(link_type)
        links = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, [qbo_id]) \
            if entity in ENTRY_ENTITIES else {}
        told = decide.load_base(entity, links[qbo_id].base or {}).qbo if qbo_id in links else None
        return max(abs(told.total) - self._settled_there(session, link_type, qbo_id), ZERO) if told else None

    def _settled_there(self, session, link_type, qbo_id):
        """Return how much of an entry payments settle, by what QuickBooks last told of them."""
        self.env["qbo.binding"].flush_model(["base", "missing"])
        [(amount,)] = self.env.execute_query(SQL(
            "SELECT COALESCE(SUM((line->>'amount')::numeric), 0)::text"
            "  FROM qbo_binding, jsonb_array_elements(base->'qbo'->'lines') line"
            " WHERE backend_id = %s AND entity = 'Payment' AND qbo_id IS NOT NULL AND missing IS NOT TRUE"
            "   AND base->'qbo'->'lines' IS NOT NULL AND line->>'txn_type' = %s AND line->>'txn_id' = %s",
            session.backend.id, link_type, qbo_id))
        return Decimal(amount)

    def _still_left(self, session, job):
        """Return what QuickBooks has not taken of what Odoo applies now."""
        handler, role = session.handler("Payment"), job.role or ""
        target = Target("Payment", job.model, job.res_id, role)
        document = handler._read(session, [target])[target].document
        link = self.env["qbo.binding"]._by_record(
            session.backend, "Payment", job.model, [job.res_id]).get((job.res_id, role))
        told = decide.load_base("Payment", link.base).qbo if link and link.base else None
        if not document:
            return {}
        return handler._left_out(document, told) if told else handler._by_document(document)

    def _told_open(self, session, entity, qbo_id):
        """Return what QuickBooks last told to be open of an invoice or credit memo; None of what it does not tell."""
        links = self.env["qbo.binding"]._by_qbo_id(session.backend, entity, [qbo_id]) if entity in OPEN else {}
        told = (links[qbo_id].base or {}).get("qbo") if qbo_id in links else None
        return Decimal(str(told.get("balance") or 0)) if told else None
