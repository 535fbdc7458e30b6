"""The double-entry ledger under all transactions: postings in hundredths, debit positive, credit negative.

Each posting has the home amount and the amount in the transaction's currency. What a payment applies to another
transaction is a link: ``cur`` and ``home`` say by how much it lowers (invoice) or raises (credit) the target's open
amount in A/R.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator import stock
from simulator.errors import Fault, business
from simulator.money import ZERO, Json, cents, dec, from_cents, money
from simulator.schema import FACTS, SCHEMA, Entity, detail

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
            value = amount * self.rate if home is None else home
            part = detail(line or {})
            self.lines.append(Posting(
                account, party, stock.whole(value), cents(amount), (line or {}).get("Description", ""),
                _id(part.get("ClassRef")) or self.klass, _id(part.get("DepartmentRef")) or self.dept,
                _id(part.get("ItemRef"))))


def _id(reference: Json | None) -> int | None:
    value = str((reference or {}).get("value", ""))
    return int(value) if value.isdigit() else None


def post(company: "Company", entity: Entity, body: Json, moved: bool = True) -> None:
    """Replace the postings of a transaction by what its body says now; *moved* unless only a cost of stock changed."""
    unpost(company, int(body["Id"]), moved)
    if moved:
        stock.record(company, entity, body, flat_lines(body.get("Line", [])))
    lines = _lines(company, entity, body)
    company.store.db.executemany(
        "insert into posting values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(company.realm, int(body["Id"]), entity.name, line.account, line.party, body["TxnDate"], *line[2:])
         for line in lines])
    _mark(company, lines)


def unpost(company: "Company", key: int, moved: bool = True) -> None:
    """Remove the postings of a transaction, and what it moved in stock."""
    if moved:
        stock.forget(company, key)
    rows = company.rows("select account, party from posting where realm = ? and txn = ?", key)
    if rows:
        _mark(company, rows)
        company.run("delete from posting where realm = ? and txn = ?", key)


def _mark(company: "Company", rows: Sequence[tuple[Any, ...]]) -> None:
    """Remember that balances change: rows begin with an account and a party."""
    company.dirty_accounts.update(row[0] for row in rows)
    company.dirty.update(row[1] for row in rows if row[1] is not None)


def _lines(company: "Company", entity: Entity, body: Json) -> list[Posting]:
    """Return the postings; what converting to home currency left over is exchange gain or loss.
    Raises Fault 6430 for money in A/R or A/P, 6000 for a line there without a name."""
    entry = Entry(body)
    poster = POSTERS.get(entity.name) or POSTERS.get(entity.kind)
    if poster is not None:
        poster(company, entity, body, entry)
    for item, asset, contra, value in stock.differences(company, int(body["Id"])):
        entry.lines += [Posting(account, party_of(body), sign * value, sign * value, "", entry.klass, entry.dept, item)
                        for account, sign in ((asset, 1), (contra, -1))]
    if any(line.party is None and line.account in (*controls(company), *controls(company, PAYABLE))
           for line in entry.lines):
        raise business("When you use Accounts Receivable, you must choose a customer in the Name field.")
    rest = sum(line.home for line in entry.lines)
    return [*entry.lines, Posting(company.account("ExchangeGainOrLoss"), None, -rest, 0)] if rest else entry.lines


def flat_lines(lines: list[Json]) -> list[Json]:
    """Return the sales lines with those inside groups."""
    found: list[Json] = []
    for line in lines:
        found += detail(line).get("Line", []) if line.get("DetailType") == "GroupLineDetail" else [line]
    return found


RECEIVABLE, PAYABLE = "AccountsReceivable", "AccountsPayable"
FORMS: dict[str, tuple[int, str]] = FACTS["document_heads"]
"""Whether the head of a document is debited (1) or credited (-1), and the property that names its account, or the
subtype of a control account."""
WAYS: dict[str, tuple[str, str, str]] = FACTS["bill_payments"]
"""How bills are paid: the properties that hold the account, and its type."""
LINE_ACCOUNTS: dict[str, str] = FACTS["line_accounts"]


def party_of(body: Json) -> int | None:
    """Return the customer, vendor or payee of a document."""
    return _id(body.get("CustomerRef") or body.get("VendorRef") or body.get("EntityRef"))


def head_account(company: "Company", body: Json, head: str) -> int:
    """Return the account of a document's head: the one it names, else the control account of its currency."""
    if head not in (RECEIVABLE, PAYABLE):
        return _cash(company, body[head])
    named = body.get("APAccountRef") if head == PAYABLE else None
    return int(named["value"]) if named else company.account(head, body["CurrencyRef"]["value"])


def _cash(company: "Company", reference: Json) -> int:
    """Return the account that money goes into or comes from. Raises Fault 6430 for A/R and A/P."""
    key = int(reference["value"])
    if key in controls(company) or key in controls(company, PAYABLE):
        raise Fault("6430", reference.get("name", key), element="")
    return key


def _document(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    """The head takes the total, the lines and the tax take the other side."""
    sign, name = FORMS[entity.name]
    sign *= -1 if body.get("Credit") else 1
    party, head = party_of(body), head_account(company, body, name)
    entry.add(head, sign * dec(body["TotalAmt"]), party)
    for line in flat_lines(body.get("Line", [])):
        kind, part = line["DetailType"], detail(line)
        if kind == "ItemBasedExpenseLineDetail":
            account = expense_account(company, part["ItemRef"]["value"])
        elif kind in LINE_ACCOUNTS:
            account = int(part[LINE_ACCOUNTS[kind]]["value"])
        else:
            continue
        amount = dec(line.get("Amount")) * (sign if kind == "DiscountLineDetail" else -sign)
        entry.add(account, amount, _id(part.get("CustomerRef")) or party, line=line)
    if dec(body.get("Deposit")):
        entry.add(_cash(company, body["DepositToAccountRef"]), dec(body["Deposit"]), party)
        entry.add(head, -dec(body["Deposit"]), party)
    _tax(company, body, entry, -sign, party)


def _tax(company: "Company", body: Json, entry: Entry, sign: int, party: int | None) -> None:
    tax = dec(body.get("TxnTaxDetail", {}).get("TotalTax"))
    if tax:
        kind = "GlobalTaxPayable" if company.tax_mode == "global" else "SalesTaxPayable"
        entry.add(company.account(kind), sign * tax, party)


def expense_account(company: "Company", item: str) -> int:
    """Return the account that buying an item debits: its asset account if it is stocked, else its expense account."""
    body = company.cached(f"item:{item}", lambda: company.get("Item", item)) or {}
    names = ("AssetAccountRef",) if body.get("Type") == "Inventory" else ("ExpenseAccountRef", "IncomeAccountRef")
    found = next((body[name]["value"] for name in names if body.get(name)), None)
    return int(found or company.account("SuppliesMaterialsCogs"))


def _payment(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    """Money in or out; A/R or A/P at the rates of the documents paid, the rest at the payment's own."""
    sign, subtype = (1, RECEIVABLE) if entity.name == "Payment" else (-1, PAYABLE)
    party, rest = party_of(body), sign * dec(body["TotalAmt"])
    entry.add(_cash(company, money_account(body)), rest, party)
    rows = company.rows("select cur, home, party, account from link where realm = ? and source = ? order by rowid",
                        int(body["Id"]))
    for cur, home, owner, account in rows:
        entry.add(account, -from_cents(cur), owner, home=-from_cents(home))
        rest -= from_cents(cur)
    entry.add(head_account(company, body, subtype), -rest, party)


def money_account(body: Json) -> Json:
    """Return the reference of the account that a payment goes into or out of."""
    if "PayType" not in body:
        return dict(body["DepositToAccountRef"])
    outer, inner, _kind = WAYS[body["PayType"]]
    return dict(body[outer][inner])


def _journal(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    for line in body.get("Line", []):
        part = line.get("JournalEntryLineDetail")
        if part:
            sign = 1 if part["PostingType"] == "Debit" else -1
            amount, alone = sign * dec(line["Amount"]), bool(body.get("HomeAdjustment"))
            entry.add(int(part["AccountRef"]["value"]), ZERO if alone else amount,
                      _id(part.get("Entity", {}).get("EntityRef")), home=amount if alone else None, line=line)
    _tax(company, body, entry, 1, None)


def _deposit(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    entry.add(_cash(company, body["DepositToAccountRef"]), dec(body["TotalAmt"]))
    for line in body.get("Line", []):
        for linked in line.get("LinkedTxn", []):
            home, party = waiting(company, linked["TxnId"])
            entry.add(company.account("UndepositedFunds"), -dec(line["Amount"]), party, home=-from_cents(home))
        if not line.get("LinkedTxn"):
            part = line["DepositLineDetail"]
            entry.add(int(part["AccountRef"]["value"]), -dec(line["Amount"]), _id(part.get("Entity")), line=line)
    if dec(body.get("CashBack", {}).get("Amount")):
        entry.add(_cash(company, body["CashBack"]["AccountRef"]), dec(body["CashBack"]["Amount"]))


def waiting(company: "Company", key: str) -> tuple[int, int | None]:
    """Return what a payment or receipt put into undeposited funds, in home hundredths, and from whom."""
    row = company.row("select sum(home), max(party) from posting where realm = ? and txn = ? and account = ?", int(key),
                      company.account("UndepositedFunds")) or (0, None)
    return int(row[0] or 0), row[1]


def _tax_payment(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    owed = company.account("GlobalTaxPayable" if company.tax_mode == "global" else "SalesTaxPayable")
    amount = dec(body["PaymentAmount"]) * (-1 if body.get("Refund") else 1)
    entry.add(int(body["PaymentAccountRef"]["value"]), -amount)
    entry.add(owed, amount)


def _transfer(company: "Company", entity: Entity, body: Json, entry: Entry) -> None:
    amount, party = dec(body["Amount"]), party_of(body)
    entry.add(int((body.get("FromAccountRef") or body["BankAccountRef"])["value"]), -amount, party)
    entry.add(int((body.get("ToAccountRef") or body["CreditCardAccountRef"])["value"]), amount, party)


POSTERS = {"sale": _document, "purchase": _document, "payment": _payment, "journal": _journal, "deposit": _deposit,
           "transfer": _transfer, "TaxPayment": _tax_payment}


def controls(company: "Company", subtype: str = RECEIVABLE) -> list[int]:
    """Return the ids of all accounts receivable, or payable."""
    kind = "Accounts Receivable" if subtype == RECEIVABLE else "Accounts Payable"
    return company.cached(f"control:{subtype}", lambda: [row[0] for row in company.rows(
        "select id from object where realm = ? and entity = 'Account' and json_extract(body, '$.AccountType') = ?",
        kind)])


def first_account(company: "Company", kind: str) -> str:
    """Return the id of the first active account of a type, "" for none."""
    return str(company.value("select id from object where realm = ? and entity = 'Account' and active = 1 and "
                             "json_extract(body, '$.AccountType') = ? order by id", kind) or "")


def _slots(keys: Iterable[int]) -> str:
    return ",".join(map(str, keys)) or "0"


def party_balance(company: "Company", keys: list[int], subtype: str = RECEIVABLE) -> Decimal:
    """Return what customers owe, in their own currency; for vendors, the negative of what is owed to them."""
    return from_cents(company.value(f"select sum(cur) from posting where realm = ? and party in ({_slots(keys)}) and "
                                    f"account in ({_slots(controls(company, subtype))})") or 0)


def account_balance(company: "Company", *keys: int) -> int:
    """Return debit less credit of accounts in home hundredths."""
    return int(company.value(f"select sum(home) from account_sum where realm = ? and account in ({_slots(keys)})") or 0)


class Part(NamedTuple):
    """What of a transaction is open on a control account for one customer or vendor; credits are negative."""

    account: int
    party: int
    cur: int
    home: int


def open_parts(company: "Company", key: int, subtype: str) -> list[Part]:
    """Return the open parts of a transaction in A/R or A/P: one, but for deposits with several names.

    What other payments settle more than it is now (they are worked out one after the other) is no credit of it.
    """
    accounts = _slots(controls(company, subtype))
    rows = company.rows(
        "select account, party, sum(cur), sum(home) from (select account, party, cur, home, 1 as own from posting "
        f"where realm = ?1 and txn = ?2 and +account in ({accounts}) union all select account, party, -cur, -home, 0 "
        "from link where realm = ?1 and target = ?2) group by account, party having max(own) = 1 "
        "and sum(cur) * sum(own * cur) >= 0", key)
    return [Part(*row) for row in rows]


def flush(company: "Company") -> None:
    """Write changed balances into customers, vendors and accounts; LastUpdatedTime of a name moves, no SyncToken."""
    for name, txn in stock.settle(company) if company.dirty_items else ():
        post(company, SCHEMA[name], company.get(name, txn) or {}, moved=False)
    parties, company.dirty = company.dirty, set()
    accounts, company.dirty_accounts = company.dirty_accounts, set()
    for key in _with_parents(company, "Customer", parties):
        name, body = "Customer", company.get("Customer", key)
        if body is None:
            name, body = "Vendor", company.get("Vendor", key)
            fresh = {"Balance": -party_balance(company, [key], PAYABLE)}
        else:
            family = [key, *company.descendants(name, key)]
            fresh = {"Balance": party_balance(company, [key]), "BalanceWithJobs": party_balance(company, family)}
        if body is not None and any(dec(body.get(field)) != value for field, value in fresh.items()):
            company.put(SCHEMA[name], {**body, **{field: money(value) for field, value in fresh.items()}}, bump=False)
    for key in _with_parents(company, "Account", accounts):
        body = company.get("Account", key) or {}
        if body["Classification"] not in ("Revenue", "Expense"):
            sign, below = 1 if body["Classification"] == "Asset" else -1, company.descendants("Account", key)
            for field, keys in (("CurrentBalance", [key]), ("CurrentBalanceWithSubAccounts", [key, *below])):
                body[field] = money(sign * from_cents(account_balance(company, *keys)))
            company.rewrite(SCHEMA["Account"], body)


def _with_parents(company: "Company", entity: str, keys: set[int]) -> list[int]:
    found: list[int] = []
    for key in keys:
        current: int | None = key
        while current is not None and current not in found:
            found.append(current)
            parent = (company.get(entity, current) or {}).get("ParentRef")
            current = int(parent["value"]) if parent else None
    return found
