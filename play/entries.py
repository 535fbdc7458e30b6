"""Reads what touches receivables without being a document or a payment of its own: entries, deposits, expenses.

What links tie together is one group: a payment in Odoo that writes off a difference is a payment and an entry in
QuickBooks, money paid out an expense and a payment of zero. A group is compared by customer.
"""

from collections import defaultdict

from . import revalued
from .pairs import ENTITY_OF, ENTRIES, Pair, cents


def effects(there):
    """Return what transactions of QuickBooks add to what a customer owes: ``{(entity, id): {customer: amount}}``.

    Revaluations are left out: in the customer's currency they add nothing.
    """
    accounts = {key for key, row in there.get("Account", {}).items() if row.get("AccountType") == "Accounts Receivable"}
    own, found = revalued.in_quickbooks(there), defaultdict(lambda: defaultdict(lambda: cents(0)))
    for entity in ENTRIES:
        for key, row in there.get(entity, {}).items():
            for line in row.get("Line", []) if entity != "JournalEntry" or key not in own else ():
                account, customer, sign = _line(entity, row, line)
                if account in accounts:
                    found[entity, key][customer] += sign * cents(line["Amount"])
    return found


def _line(entity, row, line):
    """Return account, customer and sign of a line."""
    detail = line.get(line.get("DetailType"), {})
    who, account = detail.get("Entity", {}), detail.get("AccountRef", {}).get("value")
    if entity == "JournalEntry":
        return account, who.get("EntityRef", {}).get("value"), 1 if detail["PostingType"] == "Debit" else -1
    if entity == "Deposit":
        return account, who.get("value"), -1
    return account, row.get("EntityRef", {}).get("value"), -1 if row.get("Credit") else 1


class Entries:
    """Adds the groups to the pairs of a :class:`~.ledgers.Reader`."""

    def __init__(self, reader):
        self.reader, self.env, self.books, self.there = reader, reader.env, reader.books, reader.there
        self.group_of = {}

    def collect(self):
        moves = self._moves()
        for record, ends in self.reader.beside.items():
            self._join([record, *(end for end in ends if end[1])])
        for record in moves.values():
            links = [(link.entity, link.qbo_id) for link in self.reader.links_of[record]
                     if link.qbo_id and link.entity in (*ENTRIES, "Payment")]
            self._join([record, *links])
        for move, record in moves.items():
            self._add_move(move, record)
        applied = self._applied()
        for end, amounts in effects(self.there).items():
            self._join([end])
            for customer, amount in amounts.items():
                row = self.there["Customer"].get(customer, {})
                who = self.reader.partners.get(customer, row.get("DisplayName", ""))
                used = applied[end] if len(amounts) == 1 else applied[end, who]
                self._add_there(end, who, row, amount, amount - (used if amount > 0 else -used))
        for end in self._of_groups("Payment"):
            row = self.there["Payment"].get(end[1])
            if row:
                who = self.reader.customer(row)
                self._add_there(end, who, row, -cents(row["TotalAmt"]), -cents(row["UnappliedAmt"]))

    def _of_groups(self, entity):
        return sorted(key for key in self.group_of if key[0] == entity)

    def _join(self, keys):
        """Make one group of the records and transactions ``keys`` and of the groups that these are in."""
        groups = {id(group): group for key in keys for group in [self.group_of.get(key, [key])]}
        whole = [key for group in groups.values() for key in group]
        self.group_of.update({key: whole for key in whole})

    def _moves(self):
        """Return {posted entry: record that links name} of Odoo, without what is compared as a payment."""
        found = {}
        lines = self.reader.receivables()
        own = revalued.items_in_odoo(self.books)
        for move in (lines - own).move_id.sorted("id"):
            payment = move.origin_payment_id
            record = ("account.payment", payment.id) if payment else ("account.move", move.id)
            exchange = move.journal_id == self.books.company.currency_exchange_journal_id
            if move.move_type == "entry" and not exchange and not self.reader.pair_of.get(record):
                found[move] = record
        return found

    def _pair(self, key, *whose):
        """Return the pair of a record or object, for a customer and currency."""
        group = self.group_of[key]
        pair = self.reader.pairs.setdefault(("group", str(min(group, key=str)), *whose), Pair("Entry"))
        pair.ends |= {end for end in group if isinstance(end[1], str)}
        pair.records |= {end for end in group if isinstance(end[1], int)}
        for end in group:
            if pair not in self.reader.groups[end]:
                self.reader.groups[end].append(pair)
        return pair

    def _add_move(self, move, record):
        items = self.reader.receivable(move)
        for own in items.grouped(lambda item: (item.partner_id, item.currency_id)).values():
            pair = self._pair(record, self.reader.who(own.partner_id), own.currency_id.name)
            pair.name = f"Entry {move.name}"
            self.reader.add(pair, own, "posted", sum(own.mapped("amount_currency")), own[0])

    def _add_there(self, end, who, row, total, left):
        """Add what a transaction says of a customer; ``row`` has its currency."""
        currency = row["CurrencyRef"]["value"]
        pair = self._pair(end, who, currency)
        pair.name = f"{end[0]} {end[1]}" if pair.name == "Entry" else pair.name
        pair.there.total, pair.there.open = pair.there.total + total, pair.there.open + left
        pair.there.customer, pair.there.currency = who, currency

    def _applied(self):
        """Return what payments of QuickBooks use of entries: ``{end: amount}`` and ``{(end, customer): amount}``."""
        used = defaultdict(lambda: cents(0))
        for row in self.there.get("Payment", {}).values():
            for line in row.get("Line", []):
                for link in line["LinkedTxn"]:
                    end = (ENTITY_OF.get(link["TxnType"], link["TxnType"]), link["TxnId"])
                    used[end] += cents(line["Amount"])
                    used[end, self.reader.customer(row)] += cents(line["Amount"])
        return used
