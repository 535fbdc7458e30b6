"""The daily look at what is open in QuickBooks and not in Odoo: by a rule, by a person, or because no app gets it."""

from odoo import fields, models

from ...qbo import decide, report
from ...qbo.errors import MalformedAnswer, Policy, QboError
from ...qbo.mapping.payment import ENTITY_OF

# What the report calls the transactions; elsewhere it speaks the company's language, and the id tells enough.
KINDS = {
    "Invoice": "Invoice", "Credit Memo": "CreditMemo", "Payment": "Payment", "Journal Entry": "JournalEntry",
    "Deposit": "Deposit", "Expense": "Purchase", "Cash Expense": "Purchase", "Check": "Purchase",
    "Credit Card Credit": "Purchase"}
# Not a record of the API, as far as Odoo knows.
OTHER = "Other"


class QboSyncLeft(models.AbstractModel):
    """Lists open invoices, credit memos, payments and other receivables of QuickBooks that do not come over.

    What moves receivables by entries is listed as it is read (``entries.py``); what is settled there is none of Odoo's,
    unless money settles it that is in Odoo too.
    Costs one request a day where a rule keeps something there; elsewhere one to compare the receivables of both
    books, and a second one where they differ.
    """

    _name = "qbo.sync.left"
    _description = "QuickBooks Open Transactions that Stay There"

    def _check(self, session, client):
        """Read what is open and renew the list.

        :raise QboError: QuickBooks cannot be reached
        """
        differ = self._may_differ(session, client)
        rows = self._open_rows(session, client) if differ else []
        if rows is not None:
            listed = self._listed(session, rows)
            for key, values in self._settled(session) if differ else ():
                told = listed.setdefault(key, {**values, "amount": 0.0})
                told["amount"] = session.backend.currency_id.round(told["amount"] + values["amount"])
            self.env["qbo.unsynced"]._replace_open(session.backend, listed)

    def _may_differ(self, session, client):
        rules = [session.policies[entity] for entity in ("Invoice", "CreditMemo", "Payment", "JournalEntry")]
        if any(rule.cutoff_date or not rule._allows("in") for rule in rules):
            return True
        # What apps are not given makes no run that crosses something, so the last comparison does not know it yet.
        self.env["qbo.sync"]._commit_progress(session)
        return bool(session.backend._check_ar(client))

    def _open_rows(self, session, client):
        """Return the rows of the report that are open, None when the company has no such report."""
        today = fields.Date.context_today(session.backend)
        self.env["qbo.sync"]._commit_progress(session)
        try:
            answer = client.report("AgedReceivableDetail", report_date=today.isoformat(), aging_method="Report_Date")
            return [row for row in report.detail_rows(answer) if row.id("txn_type") and row.amount("subt_open_bal")]
        except MalformedAnswer:
            return None
        except QboError as error:
            if error.policy in (Policy.RETRY, Policy.WAIT, Policy.STOP):
                raise
            return None

    def _listed(self, session, rows):
        """Return {(entity, id): values} of the rows that a reason keeps in QuickBooks."""
        ids = [row.id("txn_type") for row in rows]
        known = self._known(session, ids)
        skipped = self._skipped(session, ids)
        listed = {}
        for row in rows:
            qbo_id, entity = row.id("txn_type"), KINDS.get(row.text("txn_type"), OTHER)
            if (entity, qbo_id) in known or entity == OTHER and any(key[1] == qbo_id for key in known):
                continue
            reason = self._reason(session, row, entity, skipped)
            if reason:
                values = listed.setdefault((entity, qbo_id), {**self._values(row, reason), "amount": 0.0})
                values["amount"] = session.backend.currency_id.round(
                    values["amount"] + float(row.amount("subt_open_bal")))
        return listed

    def _settled(self, session):
        """Yield ((entity, id), values) of what payments settle in QuickBooks that is not in Odoo, where they are.

        There the money is used, in Odoo it is open: the receivables differ by it.
        """
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Payment"), ("qbo_id", "!=", False),
            ("missing", "=", False), ("note", "!=", False)])
        said = [(link, decide.load_base("Payment", link.base).qbo) for link in links if (link.base or {}).get("qbo")]
        known = self._known(session, [line.txn_id for _link, payment in said for line in payment.lines])
        ids = {qbo_id for _entity, qbo_id in known}
        for link, payment in said:
            record = link._record()
            for line in payment.lines if record else ():
                if line.txn_id not in ids:
                    yield (ENTITY_OF.get(line.txn_type, OTHER), line.txn_id), self._part(record, payment, line)

    def _part(self, record, payment, line):
        """Return the values of a row for what a payment settles of one transaction, in home currency at its rate."""
        amount = -line.amount if line.credit else line.amount
        return {
            "name": f"{line.txn_type} {line.txn_id}", "date": payment.txn_date,
            "partner_name": record.partner_id.display_name, "amount": float(amount * (payment.exchange_rate or 1)),
            "reason": self.env._("It is not in Odoo, and %(payment)s settles it in QuickBooks.",
                                 payment=record.display_name)}

    def _known(self, session, ids):
        """Return (entity, id) of what Odoo has, what is on its way, and what is listed as a whole."""
        domain = [("backend_id", "=", session.backend.id), ("qbo_id", "in", ids)]
        open_jobs = [("direction", "=", "in"), ("state", "not in", ("done", "warning", "cancelled", "skipped"))]
        rows = [*self.env["qbo.binding"].search([*domain, ("missing", "=", False), ("excluded", "=", False)]),
                *self.env["qbo.job"].search([*domain, *open_jobs]),
                *self.env["qbo.unsynced"].search([*domain, ("open_only", "=", False)])]
        return {(row.entity, row.qbo_id) for row in rows if row.entity not in ("Customer", "Item")}

    def _skipped(self, session, ids):
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", session.backend.id), ("qbo_id", "in", ids), ("direction", "=", "in"),
            ("state", "=", "skipped")])
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", session.backend.id), ("qbo_id", "in", ids), ("excluded", "=", True)])
        return {(row.entity, row.qbo_id) for row in (*jobs, *links)}

    def _reason(self, session, row, entity, skipped):
        """Return why a transaction is not in Odoo; '' where it may just not have been read yet."""
        if entity == OTHER:
            return self.env._(
                "QuickBooks shows %(kind)s in its report and gives it to no app. Enter it in Odoo too, or replace it "
                "in QuickBooks by an invoice.", kind=row.text("txn_type"))
        rule = session.policies[entity]
        if not rule._allows("in"):
            return self.env._("The rule '%(rule)s' does not let it come over.", rule=rule.display_name)
        day = self._day(row)
        if rule.cutoff_date and day and day < rule.cutoff_date:
            return self.env._(
                "It is dated before the From date of the rule '%(rule)s'.", rule=rule.display_name)
        if (entity, row.id("txn_type")) in skipped:
            return self.env._("A person left it in QuickBooks.")
        return ""

    def _day(self, row):
        try:
            return fields.Date.to_date(row.text("tx_date")[:10])
        except ValueError:
            return None

    def _values(self, row, reason):
        return {
            "name": " ".join(filter(None, (row.text("txn_type"), row.text("doc_num")))),
            "date": self._day(row) or False, "partner_name": row.text("cust_name"), "reason": reason}
