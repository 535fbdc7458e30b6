"""Reads both books and puts the tax that documents charge side by side."""

from collections import defaultdict
from decimal import Decimal

from odoo import Command, fields, models

from ...qbo import mapping, tax_report
from ...qbo.tax_report import Charged

ENTITIES = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
MOVE_TYPES = ("out_invoice", "out_refund", "out_receipt")
TAX_ACCOUNTS = ("SalesTaxPayable", "GlobalTaxPayable", "GlobalTaxSuspense")
NAMED = 20


class QboSyncTaxComparison(models.AbstractModel):
    """Documents of both sides are compared one by one, so that a difference is told by its documents."""

    _name = "qbo.sync.tax.comparison"
    _description = "QuickBooks Comparison of Taxes"

    def _compare_asked(self, session, client):
        """Do the oldest comparison that was asked for; return whether there was one.

        :raise QboError: when QuickBooks does not answer; the wish stays
        """
        comparison = session.env["qbo.tax.comparison"].search(
            [("backend_id", "=", session.backend.id), ("state", "=", "asked")], order="id", limit=1)
        if not comparison:
            return False
        there, names = self._there(session, client, comparison)
        entries = self._other_entries(session, client, comparison)
        here = self._here(session, comparison, names)
        comparison.write({
            "state": "done", "read_at": fields.Datetime.now(),
            "line_ids": [Command.clear(), *self._line_commands(session, here, there, names)],
            "entry_ids": [Command.clear(), *(Command.create(entry) for entry in entries)]})
        return True

    # === QUICKBOOKS === #

    def _there(self, session, client, comparison):
        """Return {(month, code): {document: Charged}} of QuickBooks, and the names of its documents."""
        sales = session.handler("Invoice")
        rates, us = sales._rates(session), session.profile.is_us
        where = f"TxnDate >= '{comparison.date_from}' AND TxnDate <= '{comparison.date_to}'"
        found, names = defaultdict(dict), {}
        for entity in ENTITIES:
            for payload in client.query(entity, where=where):
                document, key = mapping.from_qbo(entity, payload), (entity, payload["Id"])
                names[key] = f"{session.handler(entity)._label(session, document)}".strip()
                if not document.voided:
                    for code, charged in tax_report.by_code(document, rates, us).items():
                        found[document.txn_date.replace(day=1), code][key] = charged
        return found, names

    def _other_entries(self, session, client, comparison):
        """Return what moved tax accounts beside documents, by the ledger, and payments to agencies it does not show."""
        ledger = self._ledger_entries(session, client, comparison)
        paid = tax_report.not_listed(self._tax_payments(session, client, comparison), ledger)
        kinds = {"payment": self.env._("Tax payment"), "refund": self.env._("Tax refund")}
        return [
            {"date": row.day, "kind": kinds.get(row.kind, row.kind), "number": row.number, "name": row.name,
             "memo": row.memo, "amount": float(row.amount)}
            for row in sorted([*ledger, *paid], key=lambda row: row.day)]

    def _tax_payments(self, session, client, comparison):
        if not session.backend._keeps_tax_payments():
            return []
        where = f"PaymentDate >= '{comparison.date_from}' AND PaymentDate <= '{comparison.date_to}'"
        return list(tax_report.tax_payments(session.backend._tax_rows(client, "TaxPayment", where)))

    def _ledger_entries(self, session, client, comparison):
        accounts = session.env["qbo.reference"].with_context(active_test=False).search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Account")]).filtered(
                lambda account: (account.document or {}).get("subkind") in TAX_ACCOUNTS)
        if not accounts:
            return []
        report = client.report(
            "GeneralLedger", start_date=comparison.date_from.isoformat(), end_date=comparison.date_to.isoformat(),
            account=",".join(accounts.mapped("qbo_id")))
        return list(tax_report.other_entries(report))

    # === ODOO === #

    def _here(self, session, comparison, names):
        """Return the same of Odoo; a document is called by its object in QuickBooks where it has one."""
        moves = session.env["account.move"].search([
            ("company_id", "in", list(session.company_ids)), ("state", "=", "posted"), ("move_type", "in", MOVE_TYPES),
            ("invoice_date", ">=", comparison.date_from), ("invoice_date", "<=", comparison.date_to)])
        keys = self._keys(session, moves)
        found = defaultdict(dict)
        for line in moves.line_ids:
            for code, charged in self._charged(session, line):
                key = keys.get(line.move_id.id, ("move", line.move_id.id))
                names[key] = line.move_id.display_name
                group = found[line.move_id.invoice_date.replace(day=1), code]
                group[key] = group.get(key, Charged()) + charged
        return found

    def _keys(self, session, moves):
        """Return {move id: (entity, QuickBooks id)} of the linked documents."""
        return {
            binding.res_id: (binding.entity, binding.qbo_id) for binding in session.env["qbo.binding"].search([
                ("backend_id", "=", session.backend.id), ("model", "=", "account.move"), ("res_id", "in", moves.ids),
                ("entity", "in", ENTITIES), ("qbo_id", "!=", False)])}

    def _charged(self, session, line):
        """Yield what one journal item says: tax, or a net amount that is taxed."""
        sales = session.handler("Invoice")
        amount = Decimal(repr(line.balance)).quantize(Decimal("0.01")) * -1
        if line.tax_line_id:
            # Of taxes that are charged together each has its own item, and the group has the code.
            tax = line.group_tax_id or sales._combined(session, self._siblings(line))
            yield self._code(session, tax or line.tax_line_id), Charged(tax=amount)
        elif line.display_type == "product" and line.tax_ids:
            charged = line.tax_ids.browse(sales._on_documents(line.tax_ids.ids))
            for tax in sales._combined(session, charged) or charged:
                yield self._code(session, tax), Charged(base=amount)

    def _siblings(self, line):
        """Return the taxes that are charged together with the one of a tax item on lines of its document."""
        sets = {base.tax_ids for base in line.move_id.line_ids if line.tax_line_id in base.tax_ids}
        return next(iter(sets)) if len(sets) == 1 else line.tax_line_id

    def _code(self, session, tax):
        """Return the tax code of QuickBooks that a tax is mapped to, else the tax by its name."""
        sales = session.handler("Invoice")
        mapped = session.once(("codes of taxes",), lambda: sales._mapped_taxes(session))
        return mapped.get(tax.id) or f"odoo:{tax.name}"

    # === SIDE BY SIDE === #

    def _line_commands(self, session, here, there, names):
        if session.profile.tax_mode == "us_automated":
            # QuickBooks finds its codes by addresses; Odoo's taxes have no code there.
            here, there = self._by_month(here), self._by_month(there)
        groups = sorted({*here, *there}, key=lambda group: (group[0], self._code_name(session, group[1])))
        return [Command.create(self._values(session, group, here.get(group, {}), there.get(group, {}), names))
                for group in groups]

    def _by_month(self, found):
        """Return the figures of all codes of a month together."""
        months = defaultdict(dict)
        for (month, _code), documents in found.items():
            for key, charged in documents.items():
                months[month, "all"][key] = months[month, "all"].get(key, Charged()) + charged
        return months

    def _values(self, session, group, here, there, names):
        ours, theirs = sum(here.values(), Charged()), sum(there.values(), Charged())
        return {
            "month": group[0], "name": self._code_name(session, group[1]), "base_odoo": float(ours.base),
            "base_qbo": float(theirs.base), "tax_odoo": float(ours.tax), "tax_qbo": float(theirs.tax),
            "explanation": self._explanation(here, there, names)}

    def _code_name(self, session, code):
        if code == "all":
            return self.env._("Automated sales tax")
        if not code:
            return self.env._("Without a tax code")
        if code.startswith("odoo:"):
            return self.env._("%(tax)s (not mapped)", tax=code.removeprefix("odoo:"))
        return session.reference_name("TaxCode", code)

    def _explanation(self, here, there, names):
        """Return the documents whose tax differs, with both figures; '' when there is none."""
        empty = Charged()
        differing = [key for key in {**here, **there} if here.get(key, empty).tax != there.get(key, empty).tax]
        lines = [
            self.env._("%(document)s: %(ours)s in Odoo, %(theirs)s in QuickBooks", document=names[key],
                       ours=here.get(key, empty).tax, theirs=there.get(key, empty).tax) for key in differing[:NAMED]]
        if len(differing) > NAMED:
            lines.append(self.env._("and %(count)s more", count=len(differing) - NAMED))
        return "\n".join(lines)
