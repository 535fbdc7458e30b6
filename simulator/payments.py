"""Rules of payments: what they apply to which document, what stays unapplied, and what that does to the documents."""

from dataclasses import dataclass
from decimal import Decimal

from simulator import ledger
from simulator.company import AFTER, BEFORE_REMOVE, PERSON, RULES, VOID, Company
from simulator.errors import Fault, business, missing
from simulator.money import ZERO, Json, cents, dec, from_cents, loads, money, round2
from simulator.schema import SCHEMA, Entity



@dataclass(frozen=True)
class Side:
    """Customers' payments settle A/R, bill payments A/P; what a charge is has the sign of its postings."""

    subtype: str
    person: str
    sign: int
    targets: dict[str, str]
    """Name of the type in a line -> entity."""


_BOTH = {"JournalEntry": "JournalEntry", "Deposit": "Deposit", "Purchase": "Purchase", "Expense": "Purchase",
         "Check": "Purchase", "CreditCardCredit": "Purchase"}
SIDES = {"Payment": Side(ledger.RECEIVABLE, "Customer", 1, {"Invoice": "Invoice", "CreditMemo": "CreditMemo", **_BOTH}),
         "BillPayment": Side(ledger.PAYABLE, "Vendor", -1, {"Bill": "Bill", "VendorCredit": "VendorCredit", **_BOTH})}
BALANCED = ("Invoice", "CreditMemo", "Bill", "VendorCredit")
"""Documents that carry their open balance."""


@dataclass
class Share:
    """One application: so much of a payment to (charge) or from (credit) a document; amounts in hundredths."""

    entity: str
    key: int
    amount: int
    part: ledger.Part
    sign: int
    target: Json

    @property
    def credit(self) -> bool:
        """True when the document is a credit that pays others."""
        return self.part.cur * self.sign < 0

    @property
    def home(self) -> int:
        """The home amount: all that is open when the document is settled, else by its rate."""
        if self.amount == abs(self.part.cur):
            return abs(self.part.home)
        return cents(round2(from_cents(self.amount) * dec(self.target.get("ExchangeRate", 1))))


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a payment, and write its links."""
    from simulator.sales import set_currency
    side = SIDES[entity.name]
    body.setdefault("TxnDate", company.clock.today().isoformat())
    set_currency(company, body, company.get(side.person, body[f"{side.person}Ref"]["value"]) or {})
    if entity.name == "Payment":
        if not body.get("DepositToAccountRef"):
            body["DepositToAccountRef"] = {"value": str(company.account("UndepositedFunds"))}
        body.setdefault("LinkedTxn", [])
    else:
        _way_of_payment(company, body)
    company.check_total(dec(body["TotalAmt"]))
    relink(company, entity, body, strict=True)


def _way_of_payment(company: Company, body: Json) -> None:
    """Check the account that bills are paid from.

    Raises:
        Fault: 2020 without it, 6000 for an account of another type.
    """
    card = body["PayType"] == "CreditCard"
    used, other, name, kind = (("CreditCardPayment", "CheckPayment", "CCAccountRef", "Credit Card") if card else
                               ("CheckPayment", "CreditCardPayment", "BankAccountRef", "Bank"))
    body.pop(other, None)
    if not body.get(used, {}).get(name):
        raise missing(name)
    body[used][name] = company.resolve("Account", body[used][name], name)
    require_account(company, body[used][name], kind)
    if not card:
        body[used].setdefault("PrintStatus", "NotSet")


def require_account(company: Company, reference: Json, *kinds: str) -> Json:
    """Return an account that is to be of one of some types.

    Raises:
        Fault: 6000.
    """
    account = company.get("Account", reference["value"]) or {}
    if account.get("AccountType") not in kinds:
        raise business(f"The account {account.get('Name')} must be of the type {' or '.join(kinds)}.")
    return account


def _wanted(side: Side, body: Json) -> dict[tuple[str, int], int]:
    """Return hundredths by entity and id; a line with two links gives the amount to each, a document counts once.

    Raises:
        Fault: 2240 for a negative amount, 6000 for a type that payments are not applied to.
    """
    wanted: dict[tuple[str, int], int] = {}
    for line in body.get("Line", []):
        amount = cents(line.get("Amount"))
        if amount < 0:
            raise Fault("2240", line["Amount"], element="Line.Amount")
        for target in line.get("LinkedTxn", []):
            if target.get("TxnType") not in side.targets or not str(target.get("TxnId", "")).isdigit():
                raise business(f"A payment cannot be applied to {target.get('TxnType')} {target.get('TxnId')}.")
            key = (side.targets[target["TxnType"]], int(target["TxnId"]))
            wanted[key] = wanted.get(key, 0) + amount
    return wanted


def relink(company: Company, entity: Entity, body: Json, strict: bool, without: int | None = None) -> set[int]:
    """Replace the links of a payment by what its lines ask, capped to what is open; returns the documents touched.

    Raises:
        Fault: 6000 for an unknown document, another customer or currency, or more applied than there is.
    """
    source, side = int(body["Id"]), SIDES[entity.name]
    before = {row[0] for row in company.rows("select target from link where realm = ? and source = ?", source)}
    company.run("delete from link where realm = ? and source = ?", source)
    shares = [share for (name, key), amount in _wanted(side, body).items() if key != without
              for share in _shares(company, side, body, name, key, amount, strict)]
    shares = _fit(shares, cents(body["TotalAmt"]), strict)
    for number, share in enumerate(shares):
        sign = 1 if share.part.cur > 0 else -1
        company.run("insert into link values(?, ?, ?, ?, ?, ?, ?, ?, ?)", source, number, share.entity, share.key,
                    sign * share.amount, sign * share.home, share.part.party, share.part.account)
    if entity.name == "Payment":
        applied = sum(-share.amount if share.credit else share.amount for share in shares)
        body["UnappliedAmt"] = money(dec(body["TotalAmt"]) - from_cents(applied))
    body["Line"] = [_line(share, entity.name == "Payment") for share in shares]
    if not shares:
        del body["Line"]
    return before | {share.key for share in shares}


def _shares(company: Company, side: Side, body: Json, name: str, key: int, amount: int, strict: bool) -> list[Share]:
    """Return what goes to a document: to its part of this customer or vendor, first of all, or of the family."""
    target = company.get(name, key)
    own = int(body[f"{side.person}Ref"]["value"])
    parts = [] if target is None else [part for part in ledger.open_parts(company, key, side.subtype)
                                       if _same_family(company, side.person, own, part.party)]
    trouble = (f"The entity {name} {key} that you are trying to link does not exist." if target is None else
               f"The {name} {key} belongs to another {side.person.lower()}." if not parts and dec(
                   target.get("TotalAmt", 1)) else
               f"The {name} {key} is in another currency." if target["CurrencyRef"] != body["CurrencyRef"] else "")
    if trouble and strict:
        raise business(trouble)
    if trouble or target is None:
        return []
    shares = []
    for part in sorted(parts, key=lambda part: part.party != own):
        used = min(amount, abs(part.cur))
        amount -= used
        if used:
            shares.append(Share(name, key, used, part, side.sign, target))
    return shares


def _same_family(company: Company, person: str, own: int, other: int) -> bool:
    below = company.descendants
    return own == other or person == "Customer" and (other in below(person, own) or own in below(person, other))


def _fit(shares: list[Share], total: int, strict: bool) -> list[Share]:
    """Credits pay no more than there is to pay, and payment and credits cover what is paid."""
    charges = sum(share.amount for share in shares if not share.credit)
    credit_sum = sum(share.amount for share in shares if share.credit)
    if charges > total + credit_sum and strict:
        raise business("The amount applied is more than the payment and the credits.")
    _lower([share for share in shares if not share.credit], charges - total - credit_sum)
    charges = sum(share.amount for share in shares if not share.credit)
    _lower([share for share in shares if share.credit], credit_sum - charges)
    return [share for share in shares if share.amount]


def _lower(shares: list[Share], excess: int) -> None:
    for share in reversed(shares):
        cut = min(max(excess, 0), share.amount)
        share.amount -= cut
        excess -= cut


def _line(share: Share, extended: bool) -> Json:
    line: Json = {"Amount": money(from_cents(share.amount)),
                  "LinkedTxn": [{"TxnId": str(share.key), "TxnType": txn_type(share.entity, share.target)}]}
    if not extended:
        return line
    values = {"txnId": str(share.key), "txnOpenBalance": format(from_cents(abs(share.part.cur)), "f"),
              "txnReferenceNumber": share.target.get("DocNumber", "")}
    extra = [{"name": "{http://schema.intuit.com/finance/v3}NameValue",
              "declaredType": "com.intuit.schema.finance.v3.NameValue",
              "scope": "javax.xml.bind.JAXBElement$GlobalScope", "value": {"Name": name, "Value": value}, "nil": False,
              "globalScope": True, "typeSubstituted": False}
             for name, value in values.items() if value]
    return {**line, "LineEx": {"any": extra}}


def txn_type(entity: str, body: Json) -> str:
    """Return what links call a transaction."""
    if entity == "BillPayment":
        return f"BillPayment{body['PayType']}"
    if entity == "Purchase":
        return "CreditCardCredit" if body.get("Credit") else "Check" if body["PaymentType"] == "Check" else "Expense"
    return entity


def linked_payments(company: Company, key: int) -> list[Json]:
    """Return the LinkedTxn list of a document: the payments applied to it."""
    rows = company.rows("select distinct l.source, o.entity, o.body from link l join object o on o.realm = l.realm and "
                        "o.id = l.source and o.entity in ('Payment', 'BillPayment') where l.realm = ? and l.target = ? "
                        "order by l.source", key)
    return [{"TxnId": str(row[0]), "TxnType": txn_type(row[1], loads(row[2]))} for row in rows]


def after(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Bring the documents of a new or changed payment up to date."""
    touched = {int(line["LinkedTxn"][0]["TxnId"]) for part in (body, old or {}) for line in part.get("Line", [])}
    for key in touched:
        refresh(company, key)
    return False


def open_balance(company: Company, entity: str, body: Json) -> Json:
    """Return the properties of a document that follow from what is applied to it."""
    sign = 1 if entity in ("Invoice", "VendorCredit") else -1
    used = company.value("select sum(cur) from link where realm = ? and target = ?", int(body["Id"]))
    rest = max(dec(body["TotalAmt"]) - dec(body.get("Deposit")) - sign * from_cents(used or 0), ZERO)
    others = [link for link in body.get("LinkedTxn", []) if "Payment" not in link["TxnType"]]
    fresh: Json = {"Balance": money(rest), "LinkedTxn": others + linked_payments(company, int(body["Id"]))}
    if entity == "CreditMemo":
        fresh["RemainingCredit"] = fresh["Balance"]
    if "HomeTotalAmt" in body:
        fresh["HomeBalance"] = money(rest * dec(body["ExchangeRate"]))
    return fresh


def refresh(company: Company, key: int) -> None:
    """Write balance and links of a document anew; its SyncToken moves when they changed."""
    slots = ",".join("?" * len(BALANCED))
    entity = company.value(f"select entity from object where realm = ? and id = ? and entity in ({slots})", key, *BALANCED)
    body = company.get(entity, key) if entity else None
    if body is None:
        return
    fresh = open_balance(company, entity, body)
    if any(body.get(name) != value for name, value in fresh.items()):
        company.put(SCHEMA[entity], body | fresh)
        company.tell(SCHEMA[entity], body["Id"], "Update")


def apply_credit(company: Company, invoice: Json, memo: Json, amount: Decimal) -> Json:
    """Apply a credit memo to an invoice as QuickBooks itself does: with a payment of zero."""
    lines = [{"Amount": money(amount), "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]},
             {"Amount": money(amount), "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]}]
    return company.create(SCHEMA["Payment"], {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "TotalAmt": 0, "Line": lines,
        "PrivateNote": "Created by QB Online to link credits to charges."}, PERSON)


def apply_open_credits(company: Company, invoice: Json) -> bool:
    """Apply the customer's open credit memos to a new invoice, oldest first; tells whether there were any."""
    rows = company.rows("select id from object where realm = ? and entity = 'CreditMemo' and party = ? and balance > 0 "
                        "order by date, id", int(invoice["CustomerRef"]["value"]))
    rest = dec(invoice["Balance"])
    for (key,) in rows:
        memo = company.get("CreditMemo", key) or {}
        amount = min(rest, dec(memo["Balance"]))
        if amount:
            apply_credit(company, invoice, memo, amount)
            rest -= amount
    return bool(rows)


def rework(company: Company, source: int, without: int | None = None) -> None:
    """Work out a payment again after a document of it changed or went."""
    name = company.value("select entity from object where realm = ? and id = ? and entity in ('Payment', "
                         "'BillPayment')", source)
    body = company.get(name, source) if name else None
    if body is None:
        return
    before = {"Line": body.get("Line"), "UnappliedAmt": body.get("UnappliedAmt")}
    touched = relink(company, SCHEMA[name], body, strict=False, without=without)
    ledger.post(company, SCHEMA[name], body)
    if before != {"Line": body.get("Line"), "UnappliedAmt": body.get("UnappliedAmt")}:
        company.put(SCHEMA[name], body)
        company.tell(SCHEMA[name], body["Id"], "Update")
    for key in touched - {without}:
        refresh(company, key)


def rework_all(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Work out again the payments that are applied to a changed document."""
    rows = company.rows("select distinct source from link where realm = ? and target = ?", int(body["Id"])) if old else []
    for (source,) in rows:
        rework(company, source)
    return bool(rows)


def release(company: Company, target: int) -> None:
    """Take a document out of every payment that is applied to it."""
    rows = company.rows("select distinct source from link where realm = ? and target = ?", target)
    for (source,) in rows:
        rework(company, source, without=target)


def before_remove_target(company: Company, entity: Entity, body: Json) -> None:
    """Take a document out of the payments that are applied to it."""
    release(company, int(body["Id"]))


def before_remove(company: Company, entity: Entity, body: Json) -> None:
    """Unapply a payment before it is voided or deleted.

    Raises:
        Fault: 6540 when it has been deposited.
    """
    company.check_deposited(entity, body)
    company.run("delete from link where realm = ? and source = ?", int(body["Id"]))
    after(company, entity, body, None)


def make_void(company: Company, entity: Entity, body: Json) -> None:
    """Zero the payment; its lines go."""
    body.update({"TotalAmt": 0, **({"UnappliedAmt": 0} if entity.name == "Payment" else {})})
    body.pop("Line", None)


RULES["payment"] = prepare
AFTER["payment"] = after
BEFORE_REMOVE["payment"] = before_remove
VOID["payment"] = make_void
for _kind in ("purchase", "journal", "deposit"):
    AFTER[_kind] = rework_all
for _kind in ("purchase", "journal", "transfer", "stock", "order"):
    BEFORE_REMOVE[_kind] = before_remove_target
