"""What needs a person's word whatever the rule of approval says: filed tax, links that would break, closed books."""

from datetime import date
from typing import NamedTuple

from odoo import models
from odoo.tools import format_date

from ...qbo import decide, documents, report
from ...qbo.errors import MalformedAnswer, Policy, QboError
from ...qbo.mapping.lines import match

# What a change of a document in a filed period may not touch unasked. Texts, terms, numbers and applications may.
FILED = frozenset({
    "lines", "total", "total_tax", "tax_code_id", "global_tax", "apply_tax_after_discount", "customer_id", "txn_date",
    "currency", "exchange_rate", "voided"})
# Lines of payments are applications: they move no tax.
FILED_OF_PAYMENT = FILED - {"lines"}


class Hold(NamedTuple):
    """A reason to ask; ``key`` stands behind the approved hash, so that an approval is of this reason too."""

    key: str
    text: str


def held_hash(digest, holds):
    """Return the hash of content that is approved in spite of ``holds``."""
    return "+".join([digest, *sorted({hold.key for hold in holds})])


def bare_hash(digest):
    """Return the hash of the content alone."""
    return (digest or "").split("+")[0]


class QboSyncGuard(models.AbstractModel):
    _name = "qbo.sync.guard"
    _description = "QuickBooks Changes that Need a Word"

    def _approved(self, job, digest, holds):
        """Tell whether a person approved this content knowing these reasons."""
        approved, *known = (job.approved_hash or "").split("+")
        return not holds or (approved == digest and {hold.key for hold in holds} <= set(known))

    def _ask(self, session, job, digest, holds, what):
        """Let a job wait for approval, with the reasons before what would cross."""
        words = "\n".join(hold.text for hold in holds)
        job._ask("\n".join(filter(None, [words, what])), held_hash(digest, holds))
        session.say("warning", self.env._("%(name)s waits for approval: %(why)s", name=job.name, why=words),
                    direction=job.direction, entity=job.entity, job=job, model=job.model or False,
                    res_id=job.res_id or False)
        session.counts["warning"] += 1

    # === WHAT CAN BE KNOWN WITHOUT ASKING QUICKBOOKS === #

    def _holds_out(self, session, target, base, document):
        """Return the reasons to ask before a record goes out; ``document`` is None when it is voided or deleted."""
        theirs = base.qbo if base else None
        holds = self._filed(session, theirs, document, base.odoo if base else None)
        if isinstance(theirs, documents.SalesDocument):
            wanted = decide.for_qbo(base, document) if document else None
            holds += self._unlinked(theirs, wanted)
        return holds

    def _holds_in(self, session, before, document):
        """Return the reasons to ask before what QuickBooks says is taken over; ``document`` is None when deleted."""
        return self._filed(session, before, document, before)

    def _filed(self, session, before, after, compared):
        """Return the hold of a change that touches a period whose tax was filed.

        :param before: what stood there, None for a new document
        :param after: what will stand there, None for a removal
        :param compared: what ``after`` is compared with to see whether it touches amounts at all
        """
        filed = session.backend.tax_filed_until
        known = [document for document in (before, after) if document and getattr(document, "txn_date", None)]
        days = [document.txn_date for document in known if not document.voided or document is before]
        if not filed or not days or min(days) > filed:
            return []
        if after is not None and compared is not None:
            touched = FILED_OF_PAYMENT if isinstance(after, documents.Payment) else FILED
            if not touched & set(decide.changed_fields(compared, after)):
                return []
        return [Hold("filed", self.env._(
            "%(day)s lies in a period whose tax was filed (until %(filed)s). The safe way is a credit note or an "
            "entry in the open period; approve this only if the return is corrected too.",
            day=format_date(self.env, min(days)), filed=format_date(self.env, filed)))]

    def _filed_always(self):
        """Return the hold of a filed period, for a person who put back what was changed there."""
        return [Hold("filed", "")]

    def _unlinked(self, theirs, wanted):
        """Return the holds of lines that come from an estimate, time or expenses and would go."""
        kept = {id(line) for line in match(wanted.lines, theirs.lines) if line} if wanted else set()
        lost = [line for line in theirs.lines if line.links and id(line) not in kept]
        holds = [Hold("unlink", self.env._(
            "Line '%(line)s' (%(amount)s) comes from %(origin)s in QuickBooks; without it that becomes unbilled again.",
            line=line.description or line.item_id, amount=line.amount, origin=self._source(line))) for line in lost]
        if theirs.links and not any(line.links for line in theirs.lines):
            # Of these QuickBooks tells only that the document bills them, and not on which line.
            gone = [f"{line.description or line.item_id} ({line.amount:,.2f})"
                    for line in theirs.lines if line.kind == "item" and id(line) not in kept]
            holds += [Hold("unlink", self.env._(
                "The document bills %(origin)s of QuickBooks, which may become unbilled again without: %(lines)s.",
                origin=self._source(theirs), lines=", ".join(gone)))] if gone else []
        return holds

    def _source(self, line):
        names = {
            "Estimate": self.env._("an estimate"), "TimeActivity": self.env._("billable time"),
            "ReimburseCharge": self.env._("a billable expense"), "ChargeCredit": self.env._("a delayed credit"),
            "StatementCharge": self.env._("a delayed charge")}
        return ", ".join(sorted({names.get(link.txn_type, link.txn_type) for link in line.links}))

    # === ARRIVALS === #

    def _asks_in(self, session, arrival):
        """Let an arrival wait for approval when it touches what needs a word; tell whether it does."""
        if not session.backend.tax_filed_until:
            return False
        stored = arrival.binding and arrival.binding.base
        before = decide.load_base(arrival.entity, stored).qbo if stored else None
        if arrival.record and before is None:
            # It is linked to what is here already: nothing is written.
            return False
        digest = bare_hash(arrival.job.payload_hash)
        holds = [] if arrival.instead else self._holds_in(session, before, arrival.document)
        if self._approved(arrival.job, digest, holds):
            return False
        what = self.env["qbo.sync.wording"]._difference(session, before, arrival.document)
        self._ask(session, arrival.job, digest, holds, what)
        return True

    def _asks_removal(self, session, job, binding):
        """Do the same for a deletion."""
        if not session.backend.tax_filed_until:
            return False
        before = decide.load_base(binding.entity, binding.base).qbo if binding.base else None
        holds = self._holds_in(session, before, None) if before is not None and not before.voided else []
        if self._approved(job, bare_hash(job.payload_hash), holds):
            return False
        self._ask(session, job, bare_hash(job.payload_hash), holds, self.env._("Deleted in QuickBooks."))
        return True

    # === BEFORE SENDING === #

    def _admit(self, session, client, parcels):
        """Return the parcels that QuickBooks can take; the others fail or ask here, with what to do about it."""
        parcels = self._without_closed(session, client, parcels)
        return self._without_reconciled(session, client, parcels)

    def _days(self, parcel):
        theirs = decide.load_base(parcel.entity, parcel.binding.base).qbo \
            if parcel.binding and parcel.binding.base else None
        return [day for document in (parcel.document, theirs) if (day := getattr(document, "txn_date", None))]

    def _without_closed(self, session, client, parcels):
        """Take out what lies in books that are closed in QuickBooks; it would refuse that (fault 6210)."""
        def closed(parcel):
            closing = session.backend.qbo_closing_date
            return bool(closing) and min(self._days(parcel), default=date.max) <= closing

        if not any(closed(parcel) for parcel in parcels):
            return parcels
        # Somebody may have opened the books since they were looked at.
        self.env["qbo.sync"]._commit_progress(session)
        session.backend._refresh_company_facts(client)
        shut = [parcel for parcel in parcels if closed(parcel)]
        for parcel in shut:
            parcel.job._fail("closed_there", self.env._(
                "The books of QuickBooks are closed until %(closing)s, and this is dated %(day)s.",
                closing=format_date(self.env, session.backend.qbo_closing_date),
                day=format_date(self.env, min(self._days(parcel)))), session=session)
        return [parcel for parcel in parcels if parcel not in shut]

    def _without_reconciled(self, session, client, parcels):
        """Take out changes of payments that were reconciled with a bank statement, unless a person approved that."""
        banked = [parcel for parcel in parcels if self._moves_bank(session, parcel)]
        asked = [parcel for parcel in banked if "cleared" not in (parcel.job.approved_hash or "").split("+")[1:]]
        if not asked:
            return parcels
        self.env["qbo.sync"]._commit_progress(session)
        days = [day for parcel in asked for day in self._days(parcel)]
        states = self._cleared(client, min(days), max(days))
        held = []
        for parcel in asked:
            if states is None:
                parcel.note = " ".join(filter(None, [parcel.note, self.env._(
                    "QuickBooks did not say whether the payment was reconciled with a bank statement")]))
            elif states.get(parcel.binding.qbo_id, "").upper().startswith("R"):
                held.append(parcel)
                self._ask_reconciled(session, parcel)
        return [parcel for parcel in parcels if parcel not in held]

    def _moves_bank(self, session, parcel):
        """Tell whether a parcel changes or voids a payment that went straight to a bank account."""
        if parcel.entity != "Payment" or parcel.operation == "create" or not parcel.binding.base:
            return False
        base = decide.load_base("Payment", parcel.binding.base)
        if not base.qbo or not base.qbo.total or not self._is_bank(session, base.qbo.deposit_account_id):
            return False
        changed = FILED_OF_PAYMENT | {"deposit_account_id"}
        return parcel.document is None or bool(
            base.odoo and changed & set(decide.changed_fields(base.odoo, parcel.document)))

    def _is_bank(self, session, account_id):
        account = self.env["qbo.reference"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Account"), ("qbo_id", "=", account_id)], limit=1)
        return account.kind == "Bank"

    def _cleared(self, client, first, last):
        """Return {id: word for cleared} of the payments dated in a range, None when the report does not tell."""
        try:
            rows = report.detail_rows(client.report(
                "TransactionList", start_date=first.isoformat(), end_date=last.isoformat(),
                transaction_type="ReceivePayment", columns="tx_date,txn_type,is_cleared"))
            return {row.id("txn_type"): row.text("is_cleared") for row in rows}
        except MalformedAnswer:
            return None
        except QboError as error:
            if error.policy != Policy.ASK:
                raise
            return None

    def _ask_reconciled(self, session, parcel):
        day = decide.load_base("Payment", parcel.binding.base).qbo.txn_date
        hold = Hold("cleared", self.env._(
            "This payment is reconciled in QuickBooks with the bank statement of %(month)s or later. Changing it "
            "makes the next reconciliation of that account begin with a difference.",
            month=format_date(self.env, day, date_format="MMMM y")))
        approved = [Hold(key, "") for key in (parcel.job.approved_hash or "").split("+")[1:]]
        digest = bare_hash(parcel.job.payload_hash) if parcel.document else parcel.operation
        self._ask(session, parcel.job, digest, [hold, *approved], parcel.job.difference or "")
