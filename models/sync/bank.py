"""The daily look at the bank: deposits of QuickBooks, what was booked twice, and what waits to be deposited."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL

from ...qbo import bank
from ...qbo.errors import Policy, QboError
from ...qbo.mapping.errors import MappingError
from .representation import DOCUMENT

# Deposits are read again for so long: they are edited and deleted.
WINDOW = timedelta(days=90)
# Money that lies in Undeposited Funds for longer is a question.
PATIENCE = timedelta(days=14)
DOUBLE_KINDS = ("Income", "Other Income", "Accounts Receivable")
CURSOR = "deposits"


class QboSyncBank(models.AbstractModel):
    """Reads the bank deposits once a day and compares them with the payments that are linked.

    Costs one request a day for each 1,000 deposits.
    """

    _name = "qbo.sync.bank"
    _description = "QuickBooks Bank Check"

    def _check(self, session, client):
        """Read deposits and renew the findings.

        :raise QboError: QuickBooks cannot be reached; a company that has no deposits to read is none of that
        """
        backend, today = session.backend, fields.Date.context_today(session.backend)
        self.env["qbo.bank.rule"]._ensure(backend)
        self.env["qbo.sync"]._commit_progress(session)
        lines, since = self._deposits(session, client, today)
        self.env["qbo.sync.inbox"]._cursor(session, CURSOR).write({"done": True, "moment": today.isoformat()})
        if lines is None:
            return
        self._store(backend, lines, since)
        self._renew(backend, "double", self._doubles(backend, lines, since))
        self._renew(backend, "undeposited", self._undeposited(backend, today))

    def _looked_at(self, session):
        """Tell whether the bank was ever looked at."""
        return self.env["qbo.sync.inbox"]._cursor(session, CURSOR).done

    def _first_look(self, session):
        """Tell whether to look for the first time: there are payments, and none that comes in waits for a mapping."""
        if self._looked_at(session):
            return False
        payments = [("backend_id", "=", session.backend.id), ("entity", "=", "Payment")]
        coming = [("direction", "=", "in"), ("state", "in", ("pending", "blocked"))]
        return bool(self.env["qbo.binding"].search_count([*payments, ("qbo_id", "!=", False)], limit=1)) and \
            not self.env["qbo.job"].search_count([*payments, *coming], limit=1)

    def _deposits(self, session, client, today):
        """Return the lines of the deposits since a day, None where this company has none to read; and that day."""
        since = self._since(session, today)
        try:
            return self._read(list(client.query("Deposit", where=f"TxnDate >= '{since.isoformat()}'"))), since
        except QboError as error:
            if error.policy in (Policy.RETRY, Policy.WAIT, Policy.STOP):
                raise
            return None, since

    def _since(self, session, today):
        """Return the first day of the deposits that are read: at first that of the oldest payment which may wait."""
        day = today - WINDOW
        if self._looked_at(session):
            return day
        rows = self._payments(session.backend, SQL("TRUE"))
        return min([day, *(receipt.day for receipt, _row in rows)])

    def _read(self, payloads):
        return [line for payload in payloads for line in self._read_one(payload)]

    def _read_one(self, payload):
        try:
            return bank.deposit_lines(payload)
        except MappingError:
            # A deposit that cannot be read hides nothing but itself; the receivables are compared anyway.
            return ()

    def _store(self, backend, lines, since):
        """Keep which payments lie on which deposit; what was read again replaces what was known of those days."""
        rows = self.env["qbo.deposit.line"]
        ids = {line.deposit_id for line in lines}
        rows.search([("backend_id", "=", backend.id), "|", ("date", ">=", since), ("deposit_qbo_id", "in", list(ids))
                     ]).unlink()
        rows.create([
            {"backend_id": backend.id, "deposit_qbo_id": line.deposit_id, "date": line.day,
             "bank_qbo_id": line.bank_id, "txn_id": line.txn_id, "txn_type": line.txn_type}
            for line in lines if line.txn_id])

    # === PAYMENTS === #

    def _payments(self, backend, condition):
        """Return [(receipt, link row)] of the linked payments and sales receipts for which ``condition`` holds.

        :param SQL condition: on ``said``, what QuickBooks said of the payment last (the stored neutral form)
        """
        self.env["qbo.binding"].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT entity, qbo_id, model, res_id, said ->> 'txn_date', said ->> 'total', said ->> 'customer_id',"
            " said ->> 'deposit_account_id', said ->> 'currency'"
            " FROM (SELECT entity, qbo_id, model, res_id, base -> 'qbo' AS said FROM qbo_binding"
            " WHERE backend_id = %s AND (entity = 'Payment' OR entity = 'SalesReceipt' AND role = %s)"
            " AND qbo_id IS NOT NULL AND NOT missing AND base IS NOT NULL)"
            " AS linked WHERE said ->> 'txn_date' IS NOT NULL AND said ->> 'total' IS NOT NULL"
            " AND said ->> 'voided' IS NULL AND %s ORDER BY 5, 1, 2", backend.id, DOCUMENT, condition))
        return [
            (bank.Receipt(qbo_id, date.fromisoformat(day), Decimal(total), customer_id or "", entity,
                          frozenset(filter(None, [account_id]))), (model, res_id, currency))
            for entity, qbo_id, model, res_id, day, total, customer_id, account_id, currency in rows]

    def _with_banks(self, backend, found):
        """Return receipts with the bank accounts that their money can have reached.

        That is where it was put; money in Undeposited Funds can reach the bank of its journal, else any.
        """
        banks = frozenset(self._accounts_of(backend, "Bank"))
        mapped = {row.res_id: row.reference_id.qbo_id for row in self.env["qbo.mapping"].search([
            ("backend_id", "=", backend.id), ("entity", "=", "Account"), ("model", "=", "account.journal"),
            ("reference_id.qbo_id", "in", list(banks))])}
        result = []
        for receipt, (model, res_id, _currency) in found:
            record = self.env[model].browse(res_id).exists()
            journal = record.journal_id if record and "journal_id" in record._fields else self.env["account.journal"]
            own = receipt.banks & banks or frozenset(filter(None, [mapped.get(journal.id)])) or banks
            result.append(dataclasses.replace(receipt, banks=own))
        return result

    def _accounts_of(self, backend, *kinds):
        return set(self.env["qbo.reference"].search([
            ("backend_id", "=", backend.id), ("entity", "=", "Account"), ("kind", "in", kinds)]).mapped("qbo_id"))

    # === FINDINGS === #

    def _doubles(self, backend, lines, since):
        """Return the values of deposit lines that book what a payment has booked."""
        accounts = self._accounts_of(backend, *DOUBLE_KINDS)
        amounts = {str(line.amount.normalize() + 0) for line in lines if line.account_id in accounts}
        if not amounts:
            return []
        found = self._payments(backend, SQL(
            "said ->> 'txn_date' >= %s AND (said ->> 'total')::numeric = ANY(%s::numeric[])",
            (since - bank.NEAR).isoformat(), sorted(amounts)))
        rows = {(receipt.entity, receipt.qbo_id): row for receipt, row in found}
        return [
            {**self._finding(backend, rows[receipt.entity, receipt.qbo_id], line.day, line.amount),
             "key": f"{line.deposit_id}:{line.number}:{receipt.qbo_id}", "deposit_qbo_id": line.deposit_id,
             "name": self._double_text(backend, line, receipt)}
            for line, receipt in bank.double_entries(lines, self._with_banks(backend, found), accounts)]

    def _double_text(self, backend, line, receipt):
        words = {"day": line.day, "bank": self._account(backend, line.bank_id), "amount": line.amount,
                 "account": self._account(backend, line.account_id), "paid": receipt.day}
        if line.customer_id:
            return self.env._(
                "A deposit of %(day)s into %(bank)s books %(amount)s on %(account)s; the payment of %(paid)s is the "
                "same money.", **words)
        return self.env._(
            "A deposit of %(day)s into %(bank)s books %(amount)s on %(account)s and names nobody; the payment of "
            "%(paid)s has the same amount and may be the same money.", **words)

    def _undeposited(self, backend, today):
        """Return the values of payments and sales receipts that lie in Undeposited Funds for more than two weeks."""
        others = self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", backend.id), ("entity", "=", "Account"), ("kind", "=", "Other Current Asset")])
        funds = [account.qbo_id for account in others if (account.document or {}).get("subkind") == "UndepositedFunds"]
        found = self._payments(backend, SQL(
            "said ->> 'txn_date' < %s AND said ->> 'deposit_account_id' = ANY(%s)",
            (today - PATIENCE).isoformat(), funds)) if funds else []
        self.env["qbo.deposit.line"].flush_model()
        deposited = {(line.txn_type, line.txn_id) for line in self.env["qbo.deposit.line"].search([
            ("backend_id", "=", backend.id), ("txn_type", "in", ("Payment", "SalesReceipt")),
            ("txn_id", "in", [receipt.qbo_id for receipt, _row in found])])}
        return [
            {**self._finding(backend, row, receipt.day, receipt.amount),
             "key": receipt.qbo_id if receipt.entity == "Payment" else f"{receipt.entity}:{receipt.qbo_id}",
             "name": self.env._("The payment of %(day)s is not on a deposit yet.", day=receipt.day)
             if receipt.entity == "Payment" else
             self.env._("The sales receipt of %(day)s is not on a deposit yet.", day=receipt.day)}
            for receipt, row in found if (receipt.entity, receipt.qbo_id) not in deposited]

    def _finding(self, backend, row, day, amount):
        model, res_id, code = row
        record = self.env[model].browse(res_id).exists()
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)], limit=1)
        partner = record.partner_id if record and "partner_id" in record._fields else self.env["res.partner"]
        return {
            "date": day, "amount": float(amount), "model": model, "res_id": res_id, "partner_id": partner.id,
            "currency_id": (currency or backend.company_id.currency_id).id}

    def _account(self, backend, qbo_id):
        account = self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", backend.id), ("entity", "=", "Account"), ("qbo_id", "=", qbo_id)], limit=1)
        return account.name or qbo_id

    def _renew(self, backend, kind, values):
        """Write what is new, drop what is not so any more, keep what a person has looked at."""
        rows = self.env["qbo.bank.finding"]
        known = {row.key: row for row in rows.search([("backend_id", "=", backend.id), ("kind", "=", kind)])}
        wanted = {value["key"]: value for value in values}
        rows.union(*(row for key, row in known.items() if key not in wanted)).unlink()
        rows.create([{"backend_id": backend.id, "kind": kind, **value}
                     for key, value in wanted.items() if key not in known])
