"""Analytic accounts and branches on one side, classes and locations on the other."""

import dataclasses
from decimal import Decimal

from odoo import models

ANALYTIC = "account.analytic.account"
WHOLE = Decimal(100)


class QboSyncDimensions(models.AbstractModel):
    """Translates the analytic distribution of lines by the rules of the connection.

    QuickBooks takes one class for a line (or a document) and one location for a document. A line that is shared out to
    several accounts of a plan, or only partly given to one, is a question to a person, unless the rule says that the
    largest share counts.
    """

    _name = "qbo.sync.dimensions"
    _description = "QuickBooks Classes and Locations"

    # === OUT === #

    def _of_lines(self, session, row, lines):
        """Return what a document says: ({line id: class id}, class of the document, its location, a problem or None).

        What is not mapped is collected by the session's resolver.

        :param row: values of the document, with its company
        :param lines: values of its lines, with ``analytic_distribution``
        """
        backend = session.backend
        plan, places = backend._class_plan(), backend._department_plan()
        if not plan and not places and not backend._by_branch():
            return {}, "", "", None
        items = [line for line in lines if line["display_type"] == "product"]
        per_line, whole, problem = self._classes(session, plan, items)
        if backend._by_branch():
            branch = self.env["res.company"].browse(row["company_id"])
            location = session.resolver.out("Department", branch, required=branch != backend.company_id)
        else:
            location, split = self._one_for_all(session, "Department", places, items)
            problem = problem or split
        return per_line, whole, location, problem

    def _classes(self, session, plan, items):
        if not plan:
            return {}, "", None
        if session.backend.qbo_class_tracking == "txn":
            whole, problem = self._one_for_all(session, "Class", plan, items)
            return {}, whole, problem
        result = {}
        for line in items:
            account, problem = self._single(session, plan, self._shares(session, plan, [line]), line["name"])
            if problem:
                return {}, "", problem
            result[line["id"]] = session.resolver.out("Class", account)
        return result, "", None

    def _one_for_all(self, session, entity, plan, items):
        """Return the one entry of a whole document, and a problem where its lines do not agree."""
        if not plan:
            return "", None
        account, problem = self._single(session, plan, self._shares(session, plan, items), "")
        return ("", problem) if problem else (session.resolver.out(entity, account), None)

    def _shares(self, session, plan, items):
        """Return {analytic account: amount}, with what no account of the plan gets under an empty one."""
        accounts = self._accounts(session, plan)
        shares, none = {}, self.env[ANALYTIC]
        for line in items:
            left = weight = abs(Decimal(repr(line["amount_currency"]))) or Decimal(1)
            for key, percent in (line["analytic_distribution"] or {}).items():
                for account in (accounts[int(part)] for part in key.split(",") if int(part or 0) in accounts):
                    part = weight * Decimal(repr(percent)) / WHOLE
                    shares[account] = shares.get(account, 0) + part
                    left -= part
            if left:
                shares[none] = shares.get(none, 0) + left
        return shares

    def _accounts(self, session, plan):
        """Return {id: analytic account} of a plan, archived ones included."""
        return session.once(("analytic", plan.id), lambda: {account.id: account for account in self.env[
            ANALYTIC].with_context(active_test=False).search([("plan_id", "child_of", plan.id)])})

    def _single(self, session, plan, shares, name):
        """Return the account that counts (empty for none), and the problem of an amount that is shared out."""
        if len(shares) <= 1 or session.backend.dimension_split == "largest":
            return max(shares, key=lambda account: (shares[account], -(account.id or 0)),
                       default=self.env[ANALYTIC]), None
        named = ", ".join(account.display_name or self.env._("none") for account in shares)
        what = self.env._("The line '%(line)s'", line=name) if name else self.env._("The document")
        return self.env[ANALYTIC], ("several_analytic", self.env._(
            "%(what)s is shared out to several analytic accounts of %(plan)s (%(accounts)s), and QuickBooks takes one. "
            "Give it one, or have an administrator choose that the largest share counts (Rules of the connection).",
            what=what, plan=plan.name, accounts=named))

    def _kept(self, wanted, theirs, ours):
        """Return what QuickBooks should say with its own location and class, and whether classes of lines are its own.

        They are QuickBooks' where no rule lets Odoo decide them. Classes of lines also are where Odoo has never given
        this document any: it may be older than the rule.
        """
        backends = self.env["qbo.backend"]
        backend = backends.browse(backends._id_for_company(self.env.company.id))
        plan, values = backend._class_plan(), {}
        if not plan or backend.qbo_class_tracking != "txn":
            values["class_id"] = theirs.class_id
        if not backend._department_plan() and not backend._by_branch():
            values["department_id"] = theirs.department_id
        named = bool(ours) and any(line.class_id for line in ours.lines)
        return dataclasses.replace(wanted, **values), not plan or not named

    # === IN === #

    def _ask(self, session, document):
        """Ask the resolver for the counterparts of all that a document of QuickBooks names."""
        for line in document.lines:
            self._distribution(session, document, line)
        self._branch(session, document)

    def _distribution(self, session, document, line):
        """Return the analytic distribution of a line; empty where no rule gives it one."""
        backend, found = session.backend, self.env[ANALYTIC]
        if line.kind == "note":
            return {}
        if backend._class_plan():
            found |= session.resolver.inn("Class", line.class_id or document.class_id, ANALYTIC)
        if backend._department_plan():
            found |= session.resolver.inn("Department", document.department_id, ANALYTIC)
        return {",".join(str(account_id) for account_id in sorted(found.ids)): 100.0} if found else {}

    def _branch(self, session, document):
        """Return the branch whose location a document has; empty for that of the connection itself."""
        if not session.backend._by_branch():
            return self.env["res.company"]
        return session.resolver.inn("Department", document.department_id, "res.company")

    def _merged(self, session, old, new):
        """Return ``old``, the distribution of a line of Odoo, with the accounts of mapped plans as in ``new``.

        Accounts of other plans are Odoo's own and stay.
        """
        backend = session.backend
        plans = backend._class_plan() | backend._department_plan()
        mapped = {account_id for plan in plans for account_id in self._accounts(session, plan)}
        added = [part for key in new for part in key.split(",")]
        result = {}
        for key, percent in (old or {}).items():
            kept = [part for part in key.split(",") if int(part) not in mapped]
            if kept:
                joined = ",".join(sorted({*kept, *added}, key=int))
                result[joined] = result.get(joined, 0) + percent
        return result or dict(new)

    def _line_values(self, session, document, line):
        """Return what a new line of Odoo gets; nothing where Odoo's own defaults decide."""
        if line.kind == "note" or not (session.backend._class_plan() or session.backend._department_plan()):
            return {}
        return {"analytic_distribution": self._distribution(session, document, line) or False}

    def _keep_others(self, session, move, values):
        """Give rewritten lines back what the old lines of ``move`` said of plans that QuickBooks does not know.

        A line goes on in the one of the same product and text, in their order.

        :param values: the values of the new lines, which are changed
        """
        old = {}
        for line in move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id)):
            old.setdefault((line.product_id.id, line.name), []).append(line.analytic_distribution)
        for line in values:
            found = old.get((line.get("product_id") or False, line.get("name")))
            before = found.pop(0) if found else None
            if before:
                line["analytic_distribution"] = self._merged(session, before, line.get("analytic_distribution") or {}) \
                    if "analytic_distribution" in line else before

    def _only(self, before, document, changed, others):
        """Tell whether classes, location and fields of ``others`` are all that QuickBooks changed."""
        if not before or changed - {"lines", "total", "total_tax", "class_id", "department_id"} - others:
            return False
        bare, said = ([dataclasses.replace(line, class_id="", service_date=None, line_id="", links=())
                       for line in one.lines] for one in (before, document))
        return (bare, before.total, before.total_tax) == (said, document.total, document.total_tax)

    def _take_over(self, session, move, document):
        """Write the classes and the location of a document on the lines of a posted move; False where they do not pair.

        The books stay as they are: no draft, no new number, no application undone.
        """
        items = [line for line in document.lines if line.kind == "item"]
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product").sorted(
            lambda line: (line.sequence, line.id))
        if len(items) != len(lines):
            return False
        for item, line in zip(items, lines, strict=True):
            wanted = self._line_values(session, document, item)
            if wanted:
                line.analytic_distribution = self._merged(
                    session, line.analytic_distribution, wanted["analytic_distribution"] or {}) or False
        return True
