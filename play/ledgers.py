"""Reads both books into pairs of documents; the addon's links only say which documents belong together."""

from collections import defaultdict

from .entries import Entries
from .pairs import DOCUMENTS, EFFECT, ENTITY_OF, ENTRIES, LAST_DAY, OPEN, POSTED_PAYMENT, ZERO, Pair, Side, cents

ROUNDING = "Rounding of tax"
"""The text of the visible line of cents, where QuickBooks computes another tax than Odoo."""


class Reader:
    """Reads the books once.

    ``pairs`` are by ``(entity, QuickBooks id)``, or ``(model, id)`` of what QuickBooks does not have; ``pair_of`` finds
    them by the record of Odoo, ``groups`` those of entries by record and object. ``links_of`` and ``links_to`` are the
    links of a record and of an object.
    """

    def __init__(self, books):
        self.books, self.env, self.backend = books, books.env, books.backend
        self.there = books.there()
        self.pairs, self.pair_of, self.partners, self.same = {}, {}, {}, {}
        self.beside, self.values, self.groups = {}, defaultdict(lambda: cents(0)), defaultdict(list)
        self.links_of, self.links_to = defaultdict(list), defaultdict(list)

    def collect(self):
        self._links()
        self._documents()
        self._payments()
        self._entries()
        self._values()
        self._quickbooks()
        Entries(self).collect()
        self._credits()
        self._settled()

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

    def at(self, key):
        """Return the pairs of a record, or of an object of QuickBooks."""
        pair = self.pairs.get(key) or self.pair_of.get(key)
        return [pair] if pair else self.groups.get(key, [])

    def receivables(self):
        """Return all items of Odoo's receivable accounts."""
        return self.env["account.move.line"].search([
            ("company_id", "=", self.books.company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted")])

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
            self.add(pair, self.receivable(move), move.state, effect * own * move.amount_total, move)
            if move.state == "posted":
                self._say_more(pair, move, effect * own)

    def _say_more(self, pair, move, sign):
        """Read tax, date and number; a document that books the difference of a locked one adds to the tax alone."""
        side = pair.here
        rounded = move.invoice_line_ids.filtered(lambda line: line.name == ROUNDING)
        side.tax += cents(sign * (move.amount_tax + sum(rounded.mapped("price_subtotal"))))
        roles = {link.role for link in self.links_of["account.move", move.id]}
        if not any(role.startswith("difference:") for role in roles):
            side.date, side.number = str(move.invoice_date), move.name

    def _payments(self):
        for payment in self.env["account.payment"].search(
                [("company_id", "=", self.books.company.id), ("partner_type", "=", "customer")]):
            links = self.links_of["account.payment", payment.id]
            if any(link.entity in ENTRIES and link.qbo_id for link in links):
                # Money that goes out is an expense in QuickBooks, a difference that is written off an entry beside.
                self.beside["account.payment", payment.id] = {(link.entity, link.qbo_id) for link in links}
                continue
            pair = self._pair(("account.payment", payment.id), f"Payment {payment.name}")
            state = "posted" if payment.state in POSTED_PAYMENT else payment.state
            # The payment of a receipt is a part of it.
            counted = not pair.qbo or pair.qbo[0] == "Payment"
            self.add(pair, self.receivable(payment.move_id), state, payment.amount if counted else 0, payment)
            if counted and state == "posted":
                pair.here.date = str(payment.date)
                self._pay_for(pair, self.receivable(payment.move_id))

    def _pay_for(self, pair, items):
        """Money that is all used for documents of another customer is that one's: QuickBooks takes it no other way."""
        others = items.matched_debit_ids.debit_move_id | items.matched_credit_ids.credit_move_id
        customers = {self.who(partner) for partner in others.partner_id}
        if len(customers) == 1 and not pair.here.open:
            pair.here.customer = customers.pop()

    def _entries(self):
        """Read bank lines and entries that settle invoices: one payment for each customer."""
        for move in self.env["account.move"].search(
                [("company_id", "=", self.books.company.id), ("move_type", "=", "entry"), ("state", "=", "posted"),
                 ("origin_payment_id", "=", False), ("line_ids.account_type", "=", "asset_receivable")]):
            links = [link for link in self.links_of["account.move", move.id] if link.qbo_id or link.entity == "Payment"]
            if any(link.entity in ENTRIES for link in links):
                continue
            if links or move.statement_line_id:
                for role in [link.role for link in links] or [""]:
                    self._entry(move, role)

    def _entry(self, move, role):
        items = self.receivable(move).filtered(lambda item: item.balance < 0)
        if role.startswith("part:"):
            items = items.filtered(lambda item: item.partner_id.commercial_partner_id.id == int(role[5:]))
        if items:
            pair = self._pair(("account.move", move.id), f"Entry {move.name}", role)
            self.add(pair, items, "posted", -sum(items.mapped("amount_currency")), items[0])
            self._pay_for(pair, items)
            pair.here.date = str(move.date)

    def add(self, pair, items, state, total, source):
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
            side.customer = self.who(items.partner_id[:1] or source.partner_id)
            # The money of a receipt stays with whom it came from.
            side.contact = side.contact or self.who(source.partner_id)

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
            paid = [("account.payment", payment.id) for payment in moves.origin_payment_id]
            for key in [*paid, *(("account.move", move.id) for move in moves)]:
                for pair in self.at(key):
                    pair.near.add(("qbo.application", row.id))

    # === QUICKBOOKS === #

    def _values(self):
        """Read what is open of each transaction in home currency, by customer."""
        report = self.books.report("AgedReceivableDetail", report_date=LAST_DAY)
        columns = [next(each["Value"] for each in column["MetaData"] if each["Name"] == "ColKey")
                   for column in report["Columns"]["Column"]]
        kind, customer, home = (columns.index(key) for key in ("txn_type", "cust_name", "subt_open_bal"))
        for row in _rows(report):
            name = row[kind]["value"].replace(" ", "")
            self.values[ENTITY_OF.get(name, name), row[kind]["id"], row[customer]["id"]] += cents(row[home]["value"])

    def _quickbooks(self):
        beside = {end for ends in self.beside.values() for end in ends}
        for entity, effect in EFFECT.items():
            for key, row in self.there.get(entity, {}).items():
                if (entity, key) in beside:
                    continue
                pair = self.pairs.setdefault((entity, key), Pair(f"{entity} {key}"))
                left = effect * cents(row.get(OPEN.get(entity, "")))
                pair.qbo, pair.there = (entity, key), Side(
                    total=cents(row.get("TotalAmt")), open=left, currency=row["CurrencyRef"]["value"],
                    customer=self.customer(row), date=row.get("TxnDate", ""), number=row.get("DocNumber", ""),
                    tax=_tax(row))

    def _settled(self):
        """Read home values, and what payments settle."""
        for (entity, key, customer), home in self.values.items():
            found = self.at((entity, key))
            who = self.partners.get(customer)
            for pair in [each for each in found if len(found) == 1 or each.there.customer == who][:1]:
                pair.there.home += home
        for key, row in self.there.get("Payment", {}).items():
            # A payment of zero stands between a credit memo and its invoices.
            ends = {("Payment", key)} | {
                (ENTITY_OF.get(link["TxnType"], link["TxnType"]), link["TxnId"])
                for line in row.get("Line", []) for link in line["LinkedTxn"]}
            for end in ends:
                for pair in self.at(end):
                    pair.near |= ends - {end}
                    pair.rounded += 1

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


def _tax(row):
    """Return the tax of a transaction of QuickBooks, with the line of cents that makes up for its own rounding."""
    lines = [line for line in row.get("Line", []) if line.get("Description") == ROUNDING]
    return cents(row.get("TxnTaxDetail", {}).get("TotalTax")) + sum((cents(line["Amount"]) for line in lines), ZERO)
