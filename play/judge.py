"""Compares both books: document by document, customer by customer, and the control account.

A difference is explained by a job or a link that waits for a person, or by a rule of :data:`~.rules.DOCUMENTED`.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from .rules import MEANINGLESS, STATUSES, WAITS

ZERO = Decimal("0.00")
KINDS = {"out_invoice": "Invoice", "out_refund": "CreditMemo"}
LINKED = ("Invoice", "CreditMemo", "Payment")
ENTRIES = ("JournalEntry", "Deposit", "Purchase")
"""Transactions that touch what a customer owes without being a document or a payment."""
LAST_DAY = "2099-12-31"
POSTED_PAYMENT = ("in_process", "paid")


def cents(value):
    """Return an amount of either side as exact money."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01")) + ZERO


@dataclass
class Side:
    """What one book says of a document; ``open`` is what it adds to what the customer owes."""

    total: Decimal = ZERO
    open: Decimal = ZERO
    customer: str = ""
    currency: str = ""
    home: Decimal = ZERO
    state: str = ""


@dataclass
class Pair:
    """A document of both books; a side that does not have it is empty."""

    name: str
    here: Side = field(default_factory=Side)
    there: Side = field(default_factory=Side)
    record: tuple = ()
    qbo: tuple = ()
    near: set = field(default_factory=set)
    reason: str = ""

    @property
    def differs(self):
        both = (self.here.total or self.here.open) and (self.there.total or self.there.open)
        return (self.here.total, self.here.open) != (self.there.total, self.there.open) or bool(
            both and self.here.customer != self.there.customer)

    def say(self):
        return (f"{self.name}: total {self.here.total} here, {self.there.total} there; open {self.here.open} here, "
                f"{self.there.open} there; customer {self.here.customer} here, {self.there.customer} there; "
                f"{self.here.state or 'nothing'} in Odoo: {self.reason or 'UNEXPLAINED'}")


@dataclass
class Verdict:
    """All differences, in words; ``unexplained`` are those that nobody waits for."""

    explained: list
    unexplained: list
    documents: int = 0
    reasons: Counter = field(default_factory=Counter)

    @property
    def count(self):
        return len(self.explained) + len(self.unexplained)


class Judge:
    """Compares the books of a game once; make a new one for another look."""

    def __init__(self, books):
        self.books, self.env, self.backend = books, books.env, books.backend
        self.there = books.there()
        self.home = books.company.currency_id.name
        self.pairs = {}

    def verdict(self):
        """Return the :class:`Verdict`."""
        self.env.invalidate_all()
        self._links()
        self._read_odoo()
        self._read_quickbooks()
        differing = [pair for pair in self.pairs.values() if pair.differs]
        for pair in differing:
            pair.reason = self._reason(pair)
        for pair in differing:
            pair.reason = pair.reason or self._reason_near(pair)
        found = [(pair.say() + ("" if pair.reason else self._applications(pair)), bool(pair.reason))
                 for pair in differing]
        found += self._customers() + self._unfinished()
        found += self._control(differing)
        return Verdict(
            [text for text, known in found if known], [text for text, known in found if not known], len(self.pairs),
            Counter(_kind_of(pair.reason) for pair in differing if pair.reason))

    # === READING === #

    def _links(self):
        links = self.env["qbo.binding"].search([("backend_id", "=", self.backend.id)])
        self.by_record = {(link.entity, link.model, link.res_id, link.role): link for link in links}
        self.qbo_ids = {(link.entity, link.qbo_id): link for link in links if link.qbo_id}
        self._customers_of(link for link in links if link.entity == "Customer" and link.qbo_id)

    def _customers_of(self, links):
        """Number the customers: contacts and QuickBooks customers that links tie together are one."""
        self.same, self.partners = {}, {}
        for link in links:
            partner = self.env["res.partner"].browse(link.res_id).exists()
            if not partner:
                continue
            mine, theirs = self._who(partner), self.partners.get(link.qbo_id, "")
            self.partners = {key: mine if who == theirs else who for key, who in self.partners.items()}
            self.same = {key: mine if who == theirs else who for key, who in self.same.items()}
            self.partners[link.qbo_id] = self.same[str(partner.commercial_partner_id.id)] = mine

    def _who(self, partner):
        """Return the customer of documents of a contact."""
        key = str(partner.commercial_partner_id.id)
        return self.same.get(key, key)

    def _pair(self, entity, model, res_id, name):
        link = self.by_record.get((entity, model, res_id, ""))
        key = (entity, link.qbo_id) if link and link.qbo_id else (model, res_id)
        pair = self.pairs.setdefault(key, Pair(name))
        pair.record, pair.qbo = (model, res_id), (entity, link.qbo_id if link else "")
        return pair

    def _read_odoo(self):
        company = [("company_id", "=", self.books.company.id)]
        for move in self.env["account.move"].search([*company, ("move_type", "in", list(KINDS))]):
            pair = self._pair(KINDS[move.move_type], "account.move", move.id, move.display_name)
            pair.here = self._side(move, move.state, move.amount_total, move)
            pair.near = self._applied(move)
        for payment in self.env["account.payment"].search(
                [*company, ("partner_type", "=", "customer"), ("payment_type", "=", "inbound")]):
            pair = self._pair("Payment", "account.payment", payment.id, f"Payment {payment.name}")
            state = "posted" if payment.state in POSTED_PAYMENT else payment.state
            pair.here = self._side(payment, state, payment.amount, payment.move_id)
            pair.near = self._applied(payment.move_id)

        for row in self.env["qbo.application"].search([("backend_id", "=", self.backend.id)]):
            key = ("qbo.application", row.id)
            moves = row.credit_move_id | row.partial_ids.debit_move_id.move_id
            moves |= self._receivable(row.credit_move_id).matched_debit_ids.debit_move_id.move_id
            for pair in self.pairs.values():
                if pair.record[:1] == ("account.move",) and pair.record[1] in moves.ids:
                    pair.near.add(key)

    def _side(self, record, state, total, move):
        if state != "posted":
            return Side(state=state)
        items = self._receivable(move)
        return Side(
            total=cents(total), open=cents(sum(items.mapped("amount_residual_currency"))), state=state,
            home=cents(sum(items.mapped("amount_residual"))), currency=record.currency_id.name,
            customer=self._who(record.partner_id))

    def _receivable(self, move):
        return move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")

    def _applied(self, move):
        """Return keys of all that is applied to a document, or that it is applied to."""
        items = self._receivable(move)
        others = items.matched_credit_ids.credit_move_id.move_id | items.matched_debit_ids.debit_move_id.move_id
        return {("account.payment", other.origin_payment_id.id) if other.origin_payment_id else (
            "account.move", other.id) for other in others}

    def _read_quickbooks(self):
        for entity, sign, open_name in (("Invoice", 1, "Balance"), ("CreditMemo", -1, "Balance"),
                                        ("Payment", -1, "UnappliedAmt")):
            for key, row in self.there.get(entity, {}).items():
                pair = self.pairs.setdefault((entity, key), Pair(f"{entity} {key}"))
                pair.qbo, left = (entity, key), sign * cents(row.get(open_name))
                pair.there = Side(
                    total=cents(row.get("TotalAmt")), open=left, currency=row["CurrencyRef"]["value"],
                    customer=self.partners.get(row["CustomerRef"]["value"], row["CustomerRef"]["name"]),
                    home=cents(left * Decimal(str(row.get("ExchangeRate", 1)))))
        for key, row in self.there.get("Payment", {}).items():
            # A payment of zero stands between a credit memo and its invoices.
            ends = {("Payment", key)} | {
                (link["TxnType"], link["TxnId"]) for line in row.get("Line", []) for link in line["LinkedTxn"]}
            for end in ends & set(self.pairs):
                self.pairs[end].near |= ends - {end}

    # === EXPLAINING === #

    def _reason(self, pair):
        """Return what explains the difference of a document itself, or ''."""
        if pair.here.state == "draft" and (pair.there.total or pair.there.open):
            return "rule draft"
        return self._waiting(pair.record, pair.qbo)

    def _waiting(self, record, qbo):
        """Return what a person is told about a record or an object, or ''."""
        for job in self._jobs(record, qbo):
            if job.state in WAITS and not self._says_nothing(job):
                return f"{job.direction} {job.state} {job.error_code or ''}: {(job.error or '')[:120]}"
            if job.state == "blocked" and self._leads_to_a_person(job, set()):
                return f"{job.direction} blocked: {(job.error or '')[:120]}"
        own = {self.qbo_ids.get(qbo), *(self.by_record.get((entity, *record, "")) for entity in LINKED)}
        for link in filter(None, own):
            if link.status in STATUSES and not self._says_nothing(link):
                return f"link {link.status}: {(link.error or '')[:120]}"
            if link.note:
                return f"note: {link.note[:120]}"
        return ""

    def _says_nothing(self, job):
        """A sentence that no bookkeeper can act upon is no reason."""
        return any(words in (job.error or "") for words in MEANINGLESS)

    def _jobs(self, record, qbo):
        found = self.env["qbo.job"]
        base = [("backend_id", "=", self.backend.id), ("state", "in", (*WAITS, "blocked"))]
        if record:
            found |= found.search([*base, ("model", "=", record[0]), ("res_id", "=", record[1])])
        if qbo and qbo[1]:
            found |= found.search([*base, ("entity", "=", qbo[0]), ("qbo_id", "=", qbo[1])])
        return found

    def _leads_to_a_person(self, job, seen):
        """Follow what a job waits for: at the end there must be a job of a person, or a mapping."""
        key = job.blocked_key or ""
        if key.startswith(("map:", "ref:")) or key in seen:
            return key.startswith(("map:", "ref:"))
        parts = key.split(":")
        if parts[0] in ("rec", "sent"):
            jobs = self._jobs((parts[2], int(parts[3])), ())
            link = self.by_record.get((parts[1], parts[2], int(parts[3]), ""))
        elif parts[0] in ("qbo", "in"):
            jobs, link = self._jobs((), (parts[1], parts[2])), self.qbo_ids.get((parts[1], parts[2]))
        else:
            return False
        return any(other.state in WAITS or (
            other.state == "blocked" and self._leads_to_a_person(other, seen | {key})) for other in jobs) or bool(
                link and link.status in STATUSES)

    def _reason_near(self, pair):
        """Totals are equal and only what is open differs: then something that is applied to it may be explained."""
        if pair.here.total != pair.there.total or pair.here.customer != pair.there.customer:
            return ""
        for key in sorted(pair.near, key=str):
            other = self.pairs.get(key) or next(
                (each for each in self.pairs.values() if key in (each.record, each.qbo)), None)
            if other and other is not pair and other.reason:
                return f"through {other.name} ({other.reason})"
            reason = self._waiting(key, ()) if isinstance(key[1], int) else self._waiting((), key)
            if reason:
                return f"through {key[0]} {key[1]} ({reason})"
        return ""

    def _applications(self, pair):
        """Return in words what is applied to a document on each side, and the last jobs of it."""
        words = []
        if pair.record[:1] in (("account.move",), ("account.payment",)):
            record = self.env[pair.record[0]].browse(pair.record[1])
            items = self._receivable(record if record._name == "account.move" else record.move_id)
            words += [f"here {partial.debit_move_id.move_id.name} < {partial.credit_move_id.move_id.name} "
                      f"{partial.debit_amount_currency}"
                      for partial in items.matched_credit_ids | items.matched_debit_ids]
        for key, row in self.there.get("Payment", {}).items():
            parts = [(line["Amount"], *line["LinkedTxn"][0].values()) for line in row.get("Line", [])]
            if pair.qbo == ("Payment", key) or any(set(pair.qbo) <= set(map(str, part)) for part in parts):
                words.append(f"there Payment {key} of {row['TotalAmt']}: {parts}")
        domain = [("model", "=", pair.record[0]), ("res_id", "=", pair.record[1])] if pair.record else [
            ("entity", "=", pair.qbo[0]), ("qbo_id", "=", pair.qbo[1])]
        words += [f"{job.direction} {job.state} {job.operation or ''} {(job.error or job.difference or '')[:200]!r}"
                  for job in self.env["qbo.job"].search(domain, order="id desc", limit=4)]
        return "".join(f"\n                 {word}" for word in words)

    # === CUSTOMERS, UNFINISHED WORK, CONTROL ACCOUNT === #

    def _customers(self):
        """Compare what remains of each customer's balance without the documents: entries."""
        here, there = defaultdict(Decimal), defaultdict(Decimal)
        rows = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.books.company.id), ("account_type", "=", "asset_receivable"),
             ("parent_state", "=", "posted")], ["partner_id", "currency_id"], ["amount_residual_currency:sum"])
        for partner, currency, owed in rows:
            here[self._who(partner), currency.name] += cents(owed)
        for key, row in self.there.get("Customer", {}).items():
            there[self.partners.get(key, row["DisplayName"]), row["CurrencyRef"]["value"]] += cents(row.get("Balance"))
        for pair in self.pairs.values():
            here[pair.here.customer, pair.here.currency] -= pair.here.open
            there[pair.there.customer, pair.there.currency] -= pair.there.open
        entries = self._entries_that_wait()
        return [
            (f"Customer {who} in {currency}, beside documents: {here[who, currency]} here, {there[who, currency]} "
             f"there: {entries.get(who, 'UNEXPLAINED')}", who in entries)
            for who, currency in sorted(set(here) | set(there)) if here[who, currency] != there[who, currency]]

    def _entries_that_wait(self):
        """Return {customer: what a person is told} of entries in QuickBooks that are not in Odoo as they are there."""
        found = {}
        for entity in ENTRIES:
            for key, row in self.there.get(entity, {}).items():
                reason = self._waiting((), (entity, key))
                for holder in (row, *row.get("Line", [])) if reason else ():
                    found.update({self.partners.get(name, name): reason for name in self._named(holder)})
        return found

    def _named(self, holder):
        details = [value for name, value in holder.items() if name.endswith("LineDetail")] + [holder]
        for detail in details:
            entity = detail.get("Entity", {})
            yield from (part["value"] for part in (entity.get("EntityRef", entity), detail.get("EntityRef", {}))
                        if "value" in part)

    def _unfinished(self):
        """Return the jobs that neither ended nor wait for a person."""
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", self.backend.id), ("state", "in", ("pending", "sending", "blocked"))])
        return [(f"Job {job.direction} {job.entity} {job.name} is {job.state} ({job.blocked_key}): {job.error}", False)
                for job in jobs if job.state != "blocked" or not self._leads_to_a_person(job, set())]

    def _control(self, differing):
        """Compare the receivable accounts with QuickBooks' ageing report, in home currency.

        They may differ by what the documents differ and by entries that wait, and by nothing else.
        """
        lines = self.env["account.move.line"].search([
            ("company_id", "=", self.books.company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted")])
        here, there = cents(sum(lines.mapped("balance"))), self._ageing()
        if here == there:
            return []
        known = sum((pair.here.home - pair.there.home for pair in differing), ZERO)
        rest = here - there - known
        # The home value of a part of a foreign document is rounded on each side.
        foreign = [pair for pair in differing if {pair.here.currency, pair.there.currency} - {self.home, ""}]
        if abs(rest) <= len(foreign) * Decimal("0.01"):
            rest = ZERO
        entries = bool(self._entries_that_wait())
        text = f"Receivables {here} here, {there} there; documents explain {known}"
        return [(f"{text}{', entries the rest' if rest and entries else '' if not rest else ' UNEXPLAINED'}",
                 not rest or entries)]

    def _ageing(self):
        report = self.books.report("AgedReceivables", report_date=LAST_DAY, aging_method="Report_Date")
        return _grand_total(report)


def _kind_of(reason):
    """Return the kind of a reason: without names, figures and the sentence."""
    near = "through another: " if reason.startswith("through") else ""
    return near + re.sub(r"\s+", " ", re.sub(r"^through .*? \(|\)$", "", reason).split(":")[0]).strip()


def _grand_total(report):
    rows = report.get("Rows", {}).get("Row", [])
    totals = [row["Summary"]["ColData"] for row in rows if row.get("group") == "GrandTotal" and "Summary" in row]
    return cents(totals[-1][-1]["value"]) if totals else ZERO
