"""Compares both books: document by document, customer by customer, and the control account.

A difference is explained by a job or a link that waits for a person, or by a rule of :data:`~.rules.DOCUMENTED`.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from . import revalued
from .ledgers import Reader
from .pairs import EFFECT, HIDDEN, LAST_DAY, ZERO, cents
from .rules import LABELS, MEANINGLESS, NOT_HERE, STATUSES, WAITS

HALF = Decimal("0.005")
"""An amount in foreign money that is converted differs by so much from its exact value in home currency."""
FIGURES = re.compile(rf"({'|'.join(LABELS)}) is (-?[\d.]+) in Odoo and (-?[\d.]+) in QuickBooks")


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
        self.home = books.company.currency_id.name
        self.reader = Reader(books)
        self.there, self.pairs = self.reader.there, self.reader.pairs

    def verdict(self):
        """Return the :class:`Verdict`."""
        self.env.invalidate_all()
        self.reader.collect()
        differing = [pair for pair in self.pairs.values() if pair.differs]
        for pair in differing:
            pair.reason = self._reason(pair)
        while any([self._explain_near(pair) for pair in differing if not pair.reason]):
            pass
        found = [(pair.say() + ("" if pair.reason else self._applications(pair)), bool(pair.reason))
                 for pair in differing]
        found += self._customers() + self._unfinished() + self._values() + self._control()
        found += [(text, False) for text in revalued.not_said(self.books, self.there)]
        return Verdict(
            [text for text, known in found if known], [text for text, known in found if not known], len(self.pairs),
            Counter(_kind_of(pair.reason) for pair in differing if pair.reason))

    # === EXPLAINING === #

    def _reason(self, pair):
        """Return what explains all that is different about a document, or ''."""
        if pair.qbo[:1] == (HIDDEN,):
            return self._listed(pair)
        if pair.here.state == "draft" and (pair.there.total or pair.there.open):
            return "rule draft"
        ends = sorted({pair.qbo, *pair.ends})
        waiting = [self._waiting(record, ()) for record in sorted(pair.records)]
        waiting = list(filter(None, waiting + [self._waiting((), end) for end in ends]))
        if waiting:
            return waiting[0]
        links = {link for record in pair.records for link in self.reader.links_of.get(record, ())}
        said = [link.note for link in links.union(*(self.reader.links_to.get(end, ()) for end in ends)) if link.note]
        pair.said = self._said_by(pair, " ".join(said))
        return f"note: {said[0][:120]}" if pair.differs <= pair.said else ""

    def _listed(self, pair):
        """What no app gets is explained by nothing but its row in the list, with customer and amount.

        Told is what is open, and what money settles that is in Odoo; without any it is on no list.
        """
        settled = sum((cents(line["Amount"]) for key, payment in self.there.get("Payment", {}).items()
                       if self.reader.links_to.get(("Payment", key)) for line in payment.get("Line", [])
                       if pair.qbo[1] in [link["TxnId"] for link in line["LinkedTxn"]]), ZERO)
        if not pair.there.open + settled:
            return "rule listed"
        row = self.env["qbo.unsynced"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "Other"), ("qbo_id", "=", pair.qbo[1])])
        customer = self.there["Customer"][self.there[HIDDEN][pair.qbo[1]]["CustomerRef"]["value"]]
        # Of what is settled, the customer is called as in Odoo.
        named = row.partner_name == customer["FullyQualifiedName"] or row.partner_name and not pair.there.open
        return "rule listed" if named and cents(row.amount) == pair.there.open + settled else ""

    def _said_by(self, pair, text):
        """Return what notes say is different: only with the figures of today, or a document that is really missing."""
        known, sign = set(), pair.qbo and EFFECT.get(pair.qbo[0]) or 1
        for label, *said in FIGURES.findall(text):
            name = LABELS[label]
            figures = [cents(amount) * (sign if name == "open" else 1) for amount in said]
            known |= {name} if figures == [getattr(pair.here, name), getattr(pair.there, name)] else set()
        if NOT_HERE in text and any(
                not other.records for key in pair.near for other in self.reader.at(key)):
            known.add("open")
        return known

    def _waiting(self, record, qbo):
        """Return what a person is told about a record or an object, or ''."""
        for job in self._jobs(record, qbo):
            if job.state in WAITS and not self._says_nothing(job):
                return f"{job.direction} {job.state} {job.error_code or ''}: {(job.error or '')[:120]}"
            if job.state == "blocked" and self._leads_to_a_person(job, set()):
                return f"{job.direction} blocked: {(job.error or '')[:120]}"
        for link in (*self.reader.links_to.get(qbo, ()), *self.reader.links_of.get(record, ())):
            if link.status in STATUSES and not self._says_nothing(link):
                return f"link {link.status}: {(link.error or '')[:120]}"
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
        """Follow what a job waits for: at the end is a job of a person, a mapping, a draft, or a sale to be paid."""
        key = job.blocked_key or ""
        if key.startswith("posted:"):
            return self.env["account.move"].browse(int(key[7:])).exists().state == "draft"
        if key.startswith("paid:"):
            return bool(self.env["account.move"].browse(int(key[5:])).exists().amount_residual)
        if key.startswith(("map:", "ref:", "set:")) or key in seen:
            return key not in seen
        parts = key.split(":")
        if parts[0] in ("rec", "sent"):
            jobs = self._jobs((parts[2], int(parts[3])), ())
            links = self.reader.links_of.get((parts[2], int(parts[3])), ())
        elif parts[0] in ("qbo", "in"):
            jobs, links = self._jobs((), (parts[1], parts[2])), self.reader.links_to.get((parts[1], parts[2]), ())
        else:
            return False
        return any(other.state in WAITS or (
            other.state == "blocked" and self._leads_to_a_person(other, seen | {key})) for other in jobs) or any(
                link.status in STATUSES for link in links)

    def _explain_near(self, pair):
        pair.reason = self._reason_near(pair)
        return bool(pair.reason)

    def _reason_near(self, pair):
        """Only what is open differs, beside what a note says: then something that is applied to it may be explained."""
        if pair.differs - pair.said != {"open"}:
            return self._reason_of_receipt(pair)
        for key in sorted(pair.near, key=str):
            for other in self.reader.at(key):
                if other is not pair and other.reason:
                    return f"through {other.name} ({other.reason})"
            reason = self._waiting(key, ()) if isinstance(key[1], int) else self._waiting((), key)
            reason = reason or self._not_taken(key, pair)
            if reason:
                return f"through {key[0]} {key[1]} ({reason})"
        return ""

    def _reason_of_receipt(self, pair):
        """Money that pays one document and no other goes with that, as a receipt, and waits with it."""
        others = {other for key in pair.near for other in self.reader.at(key) if other is not pair}
        if pair.qbo or pair.ends or pair.here.open or len(others) != 1:
            return ""
        [document] = others
        there = not document.there.total or document.qbo[:1] == ("SalesReceipt",)
        waits = document.reason and there and document.here.total == pair.here.total
        return f"through {document.name}, rule receipt ({document.reason})" if waits else ""

    def _not_taken(self, key, pair):
        """Return the note of a credit that QuickBooks applied otherwise, if it is by what the document differs."""
        gap = abs(pair.here.open - pair.there.open)
        return next((f"note: {link.note[:120]}" for link in self.reader.links_of.get(key, ()) for _label, mine, theirs
                     in FIGURES.findall(link.note or "") if abs(cents(mine) - cents(theirs)) == gap), "")

    def _applications(self, pair):
        """Return in words what is applied to a document on each side, and the last jobs of it."""
        words = []
        for model, res_id in sorted(pair.records):
            record = self.env[model].browse(res_id)
            items = self.reader.receivable(record if model == "account.move" else record.move_id)
            words += [f"here {partial.debit_move_id.move_id.name} < {partial.credit_move_id.move_id.name} "
                      f"{partial.debit_amount_currency}"
                      for partial in items.matched_credit_ids | items.matched_debit_ids]
        for key, row in self.there.get("Payment", {}).items():
            parts = [(line["Amount"], *line["LinkedTxn"][0].values()) for line in row.get("Line", [])]
            if pair.qbo == ("Payment", key) or pair.qbo and any(set(pair.qbo) <= set(map(str, part)) for part in parts):
                words.append(f"there Payment {key} of {row['TotalAmt']}: {parts}")
        # Jobs of new objects have no record, and no job has the record -1.
        model, res_id = min(pair.records, default=("", -1))
        domain = ["|", "&", ("model", "=", model), ("res_id", "=", res_id),
                  "&", ("entity", "=", (*pair.qbo, "")[0]), ("qbo_id", "=", (*pair.qbo, "", "")[1])]
        words += [f"{job.direction} {job.state} {job.operation or ''} {(job.error or job.difference or '')[:200]!r}"
                  for job in self.env["qbo.job"].search(domain, order="id desc", limit=4)]
        return "".join(f"\n                 {word}" for word in words)

    # === CUSTOMERS, UNFINISHED WORK, CONTROL ACCOUNT === #

    def _customers(self):
        """Compare each customer's balance as a whole: nothing may be left of it without documents and entries."""
        here, there = defaultdict(Decimal), defaultdict(Decimal)
        rows = self.env["account.move.line"]._read_group(
            [("company_id", "=", self.books.company.id), ("account_type", "=", "asset_receivable"),
             ("parent_state", "=", "posted")], ["partner_id", "currency_id"], ["amount_residual_currency:sum"])
        for partner, currency, owed in rows:
            here[self.reader.who(partner), currency.name] += cents(owed)
        for key, row in self.there.get("Customer", {}).items():
            who = self.reader.partners.get(key, row["DisplayName"])
            there[who, row["CurrencyRef"]["value"]] += cents(row.get("Balance"))
        for pair in self.pairs.values():
            here[pair.here.customer, pair.here.currency] -= pair.here.open
            there[pair.there.customer, pair.there.currency] -= pair.there.open
        values = self._values_beside()
        return [(f"Customer {key[0]} in {key[1]}, beside documents: {here[key]} here, {there[key]} there, "
                 f"{values[key]} {self.home} more here UNEXPLAINED", False)
                for key in sorted(set(here) | set(there) | set(values)) if here[key] != there[key] or values[key]]

    def _unfinished(self):
        """Return the jobs that neither ended nor wait for a person."""
        jobs = self.env["qbo.job"].search([
            ("backend_id", "=", self.backend.id), ("state", "in", ("pending", "sending", "blocked"))])
        return [(f"Job {job.direction} {job.entity} {job.name} is {job.state} ({job.blocked_key}): {job.error}", False)
                for job in jobs if job.state != "blocked" or not self._leads_to_a_person(job, set())]

    # === VALUE IN HOME CURRENCY === #

    def _values(self):
        """Compare the home value of what is open in foreign money and agrees: each side rounds it on its own."""
        found = []
        for pair in self.pairs.values():
            gap, most = pair.here.home - pair.there.home, HALF * (1 + pair.rounded)
            if gap and not pair.differs and abs(gap) > most:
                found.append((f"{pair.name}: {pair.here.home} {self.home} here, {pair.there.home} there UNEXPLAINED"
                              f"{self._applications(pair)}", False))
        return found

    def _values_beside(self):
        """Return {(customer, currency): value here less there} of what customers owe beside documents.

        Revaluations are left out: each book makes its own.
        """
        gaps, theirs = defaultdict(Decimal), revalued.in_quickbooks(self.there)
        for item in self.reader.receivables() - revalued.items_in_odoo(self.books):
            gaps[self.reader.who(item.partner_id), item.currency_id.name] += cents(item.amount_residual)
        for (entity, txn, customer), home in self.reader.values.items():
            if entity == "JournalEntry" and txn in theirs:
                continue
            row = self.there["Customer"][customer]
            gaps[self.reader.partners.get(customer, row["DisplayName"]), row["CurrencyRef"]["value"]] -= home
        for pair in self.pairs.values():
            gaps[pair.here.customer, pair.here.currency] -= pair.here.home
            gaps[pair.there.customer, pair.there.currency] += pair.there.home
        return gaps

    def _control(self):
        """Compare the receivable accounts with QuickBooks' ageing report, in home currency.

        What single documents and customers differ by is judged there; beside these there are only revaluations.
        """
        here, there = cents(sum(self.reader.receivables().mapped("balance"))), self._ageing()
        known = sum((pair.here.home - pair.there.home for pair in self.pairs.values()), ZERO)
        moved = revalued.in_odoo(self.books) - sum(revalued.in_quickbooks(self.there).values(), ZERO)
        beside = sum(self._values_beside().values(), ZERO)
        rest = here - there - known - beside - moved
        text = (f"Receivables {here} here, {there} there; documents differ by {known}, customers by {beside}, "
                f"revaluations by {moved}")
        return [(f"{text} UNEXPLAINED", False)] if rest else []

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
