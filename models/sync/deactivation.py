"""The credit memo with which QuickBooks clears what a customer owed when a person makes the customer inactive."""

from datetime import timedelta

from odoo import models

from ...qbo import wire
from .outbox import content_hash

# What QuickBooks writes on it in English; in other languages only the time tells.
WORDS = "to adjust balance for deletion"
MOMENT = timedelta(minutes=10)


class QboSyncCreditMemo(models.AbstractModel):
    """Such a memo is a write-off that nobody wrote: it becomes a credit note here only if a person says so.

    QuickBooks' pages offer to make a customer with a balance inactive, and balance the account by a credit memo that
    they apply to all open invoices (Intuit: Accounting API reference, Customer.Active).
    """

    _inherit = "qbo.sync.creditmemo"

    def _prepare(self, session, arrivals):
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            if arrival.record or arrival.needs or arrival.problem or arrival.stay:
                continue
            if self._made_by_deactivation(session, arrival):
                arrival.warning = self.env._("Made by deactivation in QuickBooks.")
                arrival.ask = self.env._(
                    "Made by deactivation: %(name)s was made inactive in QuickBooks, which wrote off the balance of "
                    "%(amount).2f by this credit memo and applied it to all that was open. Approve it to have the same "
                    "credit note here; it lowers your income. Or clear it, if the money is still to come: then the "
                    "receivables differ by it. A contact without balance can be archived.",
                    name=self._name_of_customer(session, arrival), amount=arrival.document.total)
        return result

    def _made_by_deactivation(self, session, arrival):
        """Tell whether a memo clears the balance of a customer who became inactive: applied whole, at that moment."""
        document, created = arrival.document, arrival.payload.get("MetaData", {}).get("CreateTime")
        if document.balance or not document.total or not created:
            return False
        row = self._customer_row(session, document.customer_id)
        if not row or row.get("Active", True):
            return False
        if WORDS in document.private_note:
            return True
        ended = row.get("MetaData", {}).get("LastUpdatedTime")
        return bool(ended) and abs(wire.parse_time(ended) - wire.parse_time(created)) <= MOMENT

    def _customer_row(self, session, qbo_id):
        """Return the customer as QuickBooks last sent it, {} when it never came."""
        job = session.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", "Customer"),
            ("qbo_id", "=", qbo_id), ("state", "!=", "cancelled")], order="id desc", limit=1)
        return job.payload or {}

    def _name_of_customer(self, session, arrival):
        place = session.record_id("Customer", arrival.document.customer_id)
        return session.env[place[0]].browse(place[1]).display_name if place else arrival.document.customer_id

    def _header_values(self, session, document):
        values = super()._header_values(session, document)
        if WORDS in document.private_note:
            values["ref"] = self.env._("Made by deactivation in QuickBooks")
        return values


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _prepare(self, session, arrivals):
        """Credit that a person left in QuickBooks cannot be applied here; its application waits for nothing."""
        result = super()._prepare(session, arrivals)
        for arrival in arrivals:
            waits = [need for need in arrival.needs if need.key.startswith("qbo:CreditMemo:")]
            if waits and not arrival.document.total and not arrival.record and self._left_there(session, waits):
                arrival.needs = []
                arrival.stay = self.env._("It applies a credit memo that a person left in QuickBooks.")
        return result

    def _left_there(self, session, needs):
        ids = [need.key.rpartition(":")[2] for need in needs]
        return session.env["qbo.job"].search_count([
            ("backend_id", "=", session.backend.id), ("direction", "=", "in"), ("entity", "=", "CreditMemo"),
            ("qbo_id", "in", ids), ("state", "=", "skipped")]) > 0


class QboSyncApplier(models.AbstractModel):
    _inherit = "qbo.sync.applier"

    def _held_back(self, session, arrival):
        """Let a person say yes first where a handler asks for it, whatever the rule of the connection is."""
        held = super()._held_back(session, arrival)
        job = arrival.job
        if held or not arrival.ask or (job.approved_hash and job.approved_hash == job.payload_hash):
            return held
        job._ask(arrival.ask, job.payload_hash or content_hash(arrival.document))
        return True
