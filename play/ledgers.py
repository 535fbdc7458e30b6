"""Reads both books into pairs of documents; the addon's links only say which documents belong together."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")
EFFECT = {"Invoice": 1, "CreditMemo": -1, "Payment": -1, "SalesReceipt": 1, "RefundReceipt": -1}
"""What a transaction of QuickBooks adds to what the customer owes, before anything is applied."""
OPEN = {"Invoice": "Balance", "CreditMemo": "Balance", "Payment": "UnappliedAmt"}
"""Where it says what is open; receipts are never open."""
DOCUMENTS = {"out_invoice": "Invoice", "out_refund": "CreditMemo", "out_receipt": "SalesReceipt"}
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
    tax: Decimal = ZERO
    date: str = ""
    number: str = ""
    state: str = ""


@dataclass
class Pair:
    """A document of both books; a side that does not have it is empty.

    ``rounded`` is how many amounts both sides have converted to home currency for it, each on its own.
    """

    name: str
    here: Side = field(default_factory=Side)
    there: Side = field(default_factory=Side)
    records: set = field(default_factory=set)
    qbo: tuple = ()
    near: set = field(default_factory=set)
    rounded: int = 0
    reason: str = ""

    @property
    def differs(self):
        """Return the names of what is different; of a document that one side does not have, what it says there."""
        names = {name for name in ("total", "open") if getattr(self.here, name) != getattr(self.there, name)}
        if (self.here.total or self.here.open) and (self.there.total or self.there.open):
            names |= {name for name in ("customer", "date") if getattr(self.here, name) != getattr(self.there, name)}
            names |= {"tax"} if "total" not in names and self.here.tax != self.there.tax else set()
            names |= {"number"} if not self._same_number() else set()
        return names

    def _same_number(self):
        """Numbers of QuickBooks are kept; one that Odoo has already gets QuickBooks' id behind it."""
        mine, theirs = self.here.number, self.there.number
        return not mine or not theirs or mine in (theirs, f"{theirs}/{self.qbo[1]}")

    def say(self):
        shown = ["total", "open", "customer", *sorted(self.differs & {"tax", "date", "number"})]
        figures = "; ".join(
            f"{name} {getattr(self.here, name)} here, {getattr(self.there, name)} there" for name in shown)
        return f"{self.name}: {figures}; {self.here.state or 'nothing'} in Odoo: {self.reason or 'UNEXPLAINED'}"


class Reader:
    """Reads the books once.

    ``pairs`` are by ``(entity, QuickBooks id)``, or ``(model, id)`` of what QuickBooks does not have; ``pair_of`` finds
    them by the record of Odoo. ``links_of`` and ``links_to`` are the links of a record and of an object.
    """

    def __init__(self, books):
        self.books, self.env, self.backend = books, books.env, books.backend
        self.there = books.there()
        self.pairs, self.pair_of, self.partners, self.same = {}, {}, {}, {}
        self.beside, self.values = set(), defaultdict(Decimal)
        self.links_of, self.links_to = defaultdict(list), defaultdict(list)

    def collect(self):
        self._links()
        self._documents()
        self._payments()
        self._entries()
        self._credits()
        self._values()
        self._quickbooks()

    def _links(self):
        for link in self.env["qbo.binding"].search([("backend_id", "=", self.backend.id)]):
            self.links_of[link.model, link.res_id].append(link)
            if link.qbo_id:
                self.links_to[link.entity, link.qbo_id].append(link)
            if link.entity == "Customer" and link.qbo_id:
                self._customer_of(link)

    def _customer_of(self, link):
        """Number the customers: contacts and QuickBooks customers that links tie together are one."""
        partner = self.env["res.partner"].browse(link.res_id).exists()
        if partner:
            mine, theirs = self.who(partner), self.partners.get(link.qbo_id, "")
            self.partners = {key: mine if who == theirs else who for key, who in self.partners.items()}
            self.same = {key: mine if who == theirs else who for key, who in self.same.items()}
            self.partners[link.qbo_id] = self.same[str(partner.commercial_partner_id.id)] = mine

    def who(self, partner):
        """Return the customer of documents of a contact."""
        key = str(partner.commercial_partner_id.id)
        return self.same.get(key, key)

    def _pair(self, record, name, role=None):
        """Return the pair of a record: that of the object it is linked to, else one of its own."""
        link = next((link for link in self.links_of[record] if link.entity in EFFECT and link.qbo_id
                     and role in (None, link.role)), None)
        pair = self.pairs.setdefault((link.entity, link.qbo_id) if link else (*record, role or ""), Pair(name))
        pair.records.add(record)
        pair.qbo = (link.entity, link.qbo_id) if link else pair.qbo
        self.pair_of[record] = pair
        return pair

    # === ODOO === #

    def receivable(self, move):
        return move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")

    def _documents(self):
        for move in self.env["account.move"].search(
                [("company_id", "=", self.books.company.id), ("move_type", "in", list(DOCUMENTS))]):
            pair = self._pair(("account.move", move.id), move.display_name)
            effect = EFFECT[pair.qbo[0] if pair.qbo else DOCUMENTS[move.move_type]]
            own = EFFECT[DOCUMENTS[move.move_type]]
            self._add(pair, self.receivable(move), move.state, effect * own * move.amount_total, move)
            if move.state == "posted":
                self._say_more(pair, move, effect * own)

    def _say_more(self, pair, move, sign):
        """Read tax, date and number; a document that books the difference of a locked one adds to the tax alone."""
        side = pair.here
        side.tax += cents(sign * move.amount_tax)
        roles = {link.role for link in self.links_of["account.move", move.id]}
        if not any(role.startswith("difference:") for role in roles):
            side.date, side.number = str(move.invoice_date), move.name

    def _payments(self):
        for payment in self.env["account.payment"].search(
                [("company_id", "=", self.books.company.id), ("partner_type", "=", "customer")]):
            if self._beside(self.links_of["account.payment", payment.id]):
                continue
            pair = self._pair(("account.payment", payment.id), f"Payment {payment.name}")
            state = "posted" if payment.state in POSTED_PAYMENT else payment.state
            # The payment of a receipt is a part of it.
            counted = not pair.qbo or pair.qbo[0] == "Payment"
            self._add(pair, self.receivable(payment.move_id), state, payment.amount if counted else 0, payment)
            if counted and state == "posted":
                pair.here.date = str(payment.date)

    def _beside(self, links):
        """Tell whether a payment is compared by customer alone.

        Money that goes out is an expense in QuickBooks, and a difference that is written off an entry of its own.
        """
        if not any(link.entity in ENTRIES and link.qbo_id for link in links):
            return False
        self.beside |= {(link.entity, link.qbo_id) for link in links}
        return True

    def _entries(self):
        """Read bank lines and entries that settle invoices: one payment for each customer."""
        for move in self.env["account.move"].search(
                [("company_id", "=", self.books.company.id), ("move_type", "=", "entry"), ("state", "=", "posted"),
                 ("origin_payment_id", "=", False), ("line_ids.account_type", "=", "asset_receivable")]):
            links = [link for link in self.links_of["account.move", move.id] if link.entity == "Payment"]
            if links or move.statement_line_id:
                for role in [link.role for link in links] or [""]:
                    self._entry(move, role)

    def _entry(self, move, role):
        items = self.receivable(move).filtered(lambda item: item.balance < 0)
        if role.startswith("part:"):
            items = items.filtered(lambda item: item.partner_id.commercial_partner_id.id == int(role[5:]))
        if items:
            pair = self._pair(("account.move", move.id), f"Entry {move.name}", role)
            self._add(pair, items, "posted", -sum(items.mapped("amount_currency")), items[0])
            pair.here.date = str(move.date)

    def _add(self, pair, items, state, total, source):
        """Add a record to the side of Odoo; what a draft or a cancelled one says counts for nothing."""
        side = pair.here
        side.state = f"{side.state} and {state}" if side.state else state
        pair.near |= self._applied(items)
        parts = items.matched_credit_ids | items.matched_debit_ids
        pair.rounded += len(items.move_id.line_ids) + len(parts)
        if state == "posted":
            side.total += cents(total)
            side.open += cents(sum(items.mapped("amount_residual_currency")))
            side.home += cents(sum(items.mapped("amount_residual")))
            side.currency = source.currency_id.name
            side.customer = self.who(source.partner_id)

    def _applied(self, items):
        """Return keys of all that is applied to a document, or that it is applied to."""
        others = items.matched_credit_ids.credit_move_id.move_id | items.matched_debit_ids.debit_move_id.move_id
        return {("account.payment", other.origin_payment_id.id) if other.origin_payment_id else (
            "account.move", other.id) for other in others}

    def _credits(self):
        """A row stands for what is applied of a credit note: it is near the credit note and its invoices."""
        for row in self.env["qbo.application"].search([("backend_id", "=", self.backend.id)]):
            moves = row.credit_move_id | row.partial_ids.debit_move_id.move_id
            moves |= self.receivable(row.credit_move_id).matched_debit_ids.debit_move_id.move_id
            for move in moves:
                if pair := self.pair_of.get(("account.move", move.id)):
                    pair.near.add(("qbo.application", row.id))

    # === QUICKBOOKS === #

    def _values(self):
        """Read what is open of each transaction in home currency, by customer."""
        report = self.books.report("AgedReceivableDetail", report_date=LAST_DAY)
        columns = [next(each["Value"] for each in column["MetaData"] if each["Name"] == "ColKey")
                   for column in report["Columns"]["Column"]]
        kind, customer, home = (columns.index(key) for key in ("txn_type", "cust_name", "subt_open_bal"))
        for row in _rows(report):
            entity = row[kind]["value"].replace(" ", "")
            self.values[entity, row[kind]["id"], row[customer]["id"]] += cents(row[home]["value"])

    def _quickbooks(self):
        for entity, effect in EFFECT.items():
            for key, row in self.there.get(entity, {}).items():
                if (entity, key) in self.beside:
                    continue
                pair = self.pairs.setdefault((entity, key), Pair(f"{entity} {key}"))
                left = effect * cents(row.get(OPEN.get(entity, "")))
                pair.qbo, pair.there = (entity, key), Side(
                    total=cents(row.get("TotalAmt")), open=left, currency=row["CurrencyRef"]["value"],
                    customer=self.customer(row), date=row.get("TxnDate", ""), number=row.get("DocNumber", ""),
                    tax=cents(row.get("TxnTaxDetail", {}).get("TotalTax")))
        for (entity, key, _customer), home in self.values.items():
            if (entity, key) in self.pairs and (entity, key) not in self.beside:
                self.pairs[entity, key].there.home += home
        for key, row in self.there.get("Payment", {}).items():
            # A payment of zero stands between a credit memo and its invoices.
            ends = {("Payment", key)} | {
                (link["TxnType"], link["TxnId"]) for line in row.get("Line", []) for link in line["LinkedTxn"]}
            for end in ends & set(self.pairs):
                self.pairs[end].near |= ends - {end}
                self.pairs[end].rounded += 1

    def customer(self, row):
        """Return the customer of a transaction of QuickBooks."""
        reference = row.get("CustomerRef", {})
        return self.partners.get(reference.get("value"), reference.get("name", ""))


def _rows(report):
    """Yield the rows of transactions of a report, out of its groups."""
    for row in report.get("Rows", {}).get("Row", []):
        if "ColData" in row:
            yield row["ColData"]
        yield from _rows(row)
