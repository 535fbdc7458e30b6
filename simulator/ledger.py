"""The double-entry ledger under all transactions: postings in hundredths, debit positive, credit negative.

Each posting has the home amount and the amount in the transaction's currency. What a payment applies to another
transaction is a link: ``cur`` and ``home`` say by how much it lowers (invoice) or raises (credit) the target's open
amount in A/R.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from simulator.money import Json, cents, dec, from_cents, money, round2
from simulator.schema import SCHEMA, Entity

if TYPE_CHECKING:
    from simulator.company import Company


class Posting(NamedTuple):
    """One line of the ledger: amounts in hundredths, what a report groups by in whole ids."""

    account: int
    party: int | None
    """Customer, vendor or employee: they share one sequence of ids."""
    home: int
    cur: int
    memo: str = ""
    klass: int | None = None
    dept: int | None = None
    item: int | None = None


class Entry:
    """The postings of one transaction, collected in its currency.

    Args:
        body: the transaction: its rate and department hold for every posting.
    """

    def __init__(self, body: Json) -> None:
        self.rate = dec(body.get("ExchangeRate", 1)) or Decimal(1)
        self.dept = _id(body.get("DepartmentRef"))
        self.klass = _id(body.get("ClassRef"))
        self.lines: list[Posting] = []

    def add(self, account: int, amount: Decimal, party: int | None = None, home: Decimal | None = None,
            line: Json | None = None) -> None:
        """Add a debit (positive) or credit (negative) in the transaction's currency.

        Args:
            line: the line of the form that it comes from: its text, class, department and item go into the ledger.
        """
        if amount or home:
            value = round2(amount * self.rate) if home is None else home
            detail = (line or {}).get((line or {}).get("DetailType", ""), {})
            self.lines.append(Posting(
                account, party, cents(value), cents(amount), (line or {}).get("Description", ""),
                _id(detail.get("ClassRef")) or self.klass, _id(detail.get("DepartmentRef")) or self.dept,
                _id(detail.get("ItemRef"))))


def _id(reference: Json | None) -> int | None:
    value = str((reference or {}).get("value", ""))
    return int(value) if value.isdigit() else None


def post(company: "Company", entity: Entity, body: Json) -> None:
    """Replace the postings of a transaction by what its body says now."""
    unpost(company, int(body["Id"]))
    lines = _lines(company, entity, body)
    company.store.db.executemany(
        "insert into posting values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(company.realm, int(body["Id"]), entity.name, line.account, line.party, body["TxnDate"], *line[2:])
         for line in lines])
    _mark(company, ((line.account, line.party) for line in lines))


def unpost(company: "Company", key: int) -> None:
    """Remove the postings of a transaction."""
    rows = company.rows("select account, party from posting where realm = ? and txn = ?", key)
    if rows:
        _mark(company, ((row[0], row[1]) for row in rows))
        company.run("delete from posting where realm = ? and txn = ?", key)


def _mark(company: "Company", pairs: Iterable[tuple[int, int | None]]) -> None:
    for account, party in pairs:
        company.dirty_accounts.add(account)
        if party is not None:
            company.dirty.add(party)


def _lines(company: "Company", entity: Entity, body: Json) -> list[Posting]:
    """Return the postings; what converting to home currency left over is exchange gain or loss."""
    entry = Entry(body)
    poster = POSTERS.get(entity.name) or POSTERS.get(entity.kind)
    if poster is not None:
        poster(company, entity, body, entry)
    rest = sum(line.home for line in entry.lines)
    return [*entry.lines, Posting(company.account("ExchangeGainOrLoss"), None, -rest, 0)] if rest else entry.lines


def flat_lines(lines: list[Json]) -> list[Json]:
    """Return the sales lines with those inside groups."""
    found: list[Json] = []
    for line in lines:
        found += line["GroupLineDetail"].get("Line", []) if line.get("DetailType") == "GroupLineDetail" else [line]
    return found


def _sale(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    """Invoice and SalesReceipt debit money or A/R and credit income; CreditMemo and RefundReceipt the other way."""
    sign = -1 if entity.name in ("CreditMemo", "RefundReceipt") else 1
    party = int(body["CustomerRef"]["value"]) if body.get("CustomerRef") else None
    total = dec(body["TotalAmt"])
    if entity.name in ("Invoice", "CreditMemo"):
        entry.add(company.account("AccountsReceivable", body["CurrencyRef"]["value"]), sign * total, party)
    else:
        entry.add(int(body["DepositToAccountRef"]["value"]), sign * total, party)
    for line in flat_lines(body.get("Line", [])):
        amount = dec(line.get("Amount"))
        if line["DetailType"] == "SalesItemLineDetail":
            account = line["SalesItemLineDetail"].get("ItemAccountRef")
            entry.add(int(account["value"]), -sign * amount, line=line)
        elif line["DetailType"] == "DiscountLineDetail":
            account = line["DiscountLineDetail"]["DiscountAccountRef"]
            entry.add(int(account["value"]), sign * amount, line=line)
    if dec(body.get("Deposit")):
        entry.add(int(body["DepositToAccountRef"]["value"]), dec(body["Deposit"]))
        entry.add(company.account("AccountsReceivable", body["CurrencyRef"]["value"]), -dec(body["Deposit"]), party)
    tax = dec(body.get("TxnTaxDetail", {}).get("TotalTax"))
    if tax:
        kind = "GlobalTaxPayable" if company.tax_mode == "global" else "SalesTaxPayable"
        entry.add(company.account(kind), -sign * tax)


def _payment(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    """Money in; A/R at the rates of the documents paid, the rest at the payment's; the difference is exchange gain."""
    total = dec(body["TotalAmt"])
    receivable = company.account("AccountsReceivable", body["CurrencyRef"]["value"])
    own = int(body["CustomerRef"]["value"])
    entry.add(int(body["DepositToAccountRef"]["value"]), total)
    rows = company.rows(
        "select l.cur, l.home, p.party from link l join posting p on p.realm = l.realm and p.txn = l.target where "
        "l.realm = ? and l.source = ? and p.account = ? group by l.rowid order by l.rowid", int(body["Id"]), receivable)
    for cur, home, party in rows:
        entry.add(receivable, -from_cents(cur), party, home=-from_cents(home))
    entry.add(receivable, -(total - from_cents(sum(row[0] for row in rows))), own)


def _journal(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    for line in body.get("Line", []):
        detail = line.get("JournalEntryLineDetail")
        if detail:
            person = detail.get("Entity", {})
            party = int(person["EntityRef"]["value"]) if person.get("Type") == "Customer" else None
            sign = 1 if detail["PostingType"] == "Debit" else -1
            entry.add(int(detail["AccountRef"]["value"]), sign * dec(line["Amount"]), party, line=line)


def _deposit(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    entry.add(int(body["DepositToAccountRef"]["value"]), dec(body["TotalAmt"]))
    for line in body.get("Line", []):
        detail = line.get("DepositLineDetail", {})
        account = detail.get("AccountRef")
        person = detail.get("Entity", {})
        party = int(person["value"]) if str(person.get("type", "")).lower() == "customer" else None
        source = int(account["value"]) if account else company.account("UndepositedFunds")
        entry.add(source, -dec(line["Amount"]), party, line=line)
    back = body.get("CashBack", {})
    if dec(back.get("Amount")):
        entry.add(int(back["AccountRef"]["value"]), dec(back["Amount"]))


POSTERS = {"sale": _sale, "payment": _payment, "journal": _journal, "deposit": _deposit}


def receivable_sum(company: "Company", columns: str, where: str, *values: object) -> tuple[int, ...]:
    """Return sums over the postings on accounts receivable, 0 for nothing."""
    accounts = company.cached("receivables", company.receivables)
    slots = ",".join("?" * len(accounts))
    row = company.row(f"select {columns} from posting where realm = ? and {where} and account in ({slots})", *values,
                      *accounts)
    return tuple(int(value or 0) for value in row or ())


def party_balance(company: "Company", keys: list[int]) -> Decimal:
    """Return what customers owe, in their own currency."""
    slots = ",".join("?" * len(keys))
    return from_cents(receivable_sum(company, "sum(cur)", f"party in ({slots})", *keys)[0])


def account_balance(company: "Company", key: int) -> int:
    """Return debit less credit of an account in home hundredths."""
    return int(company.value("select sum(home) from posting where realm = ? and account = ?", key) or 0)


def open_amount(company: "Company", key: int) -> tuple[int, int]:
    """Return the open A/R amount of a transaction now, in currency and home hundredths; credits are negative."""
    posted = receivable_sum(company, "sum(cur), sum(home)", "txn = ?", key)
    used = company.row("select sum(cur), sum(home) from link where realm = ? and target = ?", key) or (0, 0)
    return posted[0] - (used[0] or 0), posted[1] - (used[1] or 0)

def flush(company: "Company") -> None:
    """Write changed balances into customers and accounts; only a customer's LastUpdatedTime moves, no SyncToken."""
    parties, company.dirty = company.dirty, set()
    accounts, company.dirty_accounts = company.dirty_accounts, set()
    for key in _with_parents(company, parties):
        body = company.get("Customer", key)
        if body is None:
            continue
        own = party_balance(company, [key])
        family = party_balance(company, [key, *company.descendants("Customer", key)])
        if (dec(body["Balance"]), dec(body["BalanceWithJobs"])) != (own, family):
            body.update({"Balance": money(own), "BalanceWithJobs": money(family)})
            company.put(SCHEMA["Customer"], body, bump=False)
    for key in accounts:
        body = company.get("Account", key) or {}
        sign = -1 if body["Classification"] in ("Liability", "Equity", "Revenue") else 1
        body["CurrentBalance"] = money(sign * from_cents(account_balance(company, key)))
        body["CurrentBalanceWithSubAccounts"] = body["CurrentBalance"]
        company.store.write(company.realm, SCHEMA["Account"], body, *company.times("Account", key))


def _with_parents(company: "Company", keys: set[int]) -> list[int]:
    found: list[int] = []
    for key in keys:
        current: int | None = key
        while current is not None and current not in found:
            found.append(current)
            parent = (company.get("Customer", current) or {}).get("ParentRef")
            current = int(parent["value"]) if parent else None
    return found
