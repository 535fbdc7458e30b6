"""Rules of payments: what they apply to which document, what stays unapplied, and what that does to the documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from simulator import ledger
from simulator.company import AFTER, BEFORE_REMOVE, PERSON, RULES, VOID, Company
from simulator.errors import Fault, business, missing
from simulator.money import ZERO, Json, cents, dec, from_cents, loads, money
from simulator.schema import FACTS, SCHEMA, Entity, is_id

SIDES: dict[str, tuple[str, str, int, list[str]]] = FACTS["payment_sides"]
"""Control account, who pays or is paid, the sign of a charge in the ledger, and what is settled, beside the OTHERS."""
OTHERS: dict[str, str] = FACTS["settled_by_any"]
CONTROLS = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
BALANCED = tuple(name for side in SIDES.values() for name in side[3])
"""Documents that carry their open balance."""
STATES: dict[str, tuple[str, str, str]] = FACTS["source_states"]
"""What documents are made from: the property that tells so, its value when one was made and when not."""
LISTING = (*BALANCED, "JournalEntry")
"""Documents that list what is applied to them."""


@dataclass
class Share:
    """One application: so much of a payment to (charge) or from (credit) a document; amounts in hundredths."""

    entity: str
    target: Json
    amount: int
    part: ledger.Part
    credit: bool

    @property
    def home(self) -> int:
        """The home amount: all that is open when the document is settled, else by its rate."""
        if self.amount == abs(self.part.cur):
            return abs(self.part.home)
        return cents(from_cents(self.amount) * dec(self.target.get("ExchangeRate", 1)))


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a payment, and write its links."""
    person = SIDES[entity.name][1]
    company.set_currency(body, company.get(person, body[f"{person}Ref"]["value"]) or {})
    if entity.name == "BillPayment":
        _way_of_payment(company, body)
    else:
        body["DepositToAccountRef"] = body.get("DepositToAccountRef") or {
            "value": str(company.account("UndepositedFunds"))}
        body.setdefault("LinkedTxn", [])
    company.check_total(dec(body["TotalAmt"]))
    relink(company, entity, body, strict=True)


def _way_of_payment(company: Company, body: Json) -> None:
    """Check the account that bills are paid from. Raises Fault 2020 without it, 6430 for an account of another type."""
    used, name, kind = ledger.WAYS[body["PayType"]]
    for other, *_rest in ledger.WAYS.values():
        if other != used:
            body.pop(other, None)
    if not body.get(used, {}).get(name):
        raise missing(name)
    body[used][name] = company.resolve("Account", body[used][name], name)
    require_account(company, body[used][name], kind)
    if kind == "Bank":
        body[used].setdefault("PrintStatus", "NotSet")


def require_account(company: Company, reference: Json, *kinds: str) -> Json:
    """Return an account that is to be of one of some types. Raises Fault 6430."""
    account = company.get("Account", reference["value"]) or {}
    if account.get("AccountType") not in kinds:
        raise Fault("6430", account.get("AccountType"), element="")
    return account


def resolve_name(company: Company, reference: Json, element: str) -> Json:
    """Return the reference to a customer, vendor or employee with its name and type; the id tells a type not given.
    Raises Fault 2500 or 610."""
    kind = str(reference.get("type", "")).title()
    if kind not in ("Customer", "Vendor", "Employee"):
        kind = company.value("select entity from object where realm = ? and id = ? and entity in ('Customer', "
                             "'Vendor', 'Employee')", reference.get("value")) or "Vendor"
    return {**company.resolve(kind, reference, element), "type": kind}


def name_on_control(company: Company, body: Json, reference: Json, name: Json) -> str:
    """Check the name of a line: on A/R a customer, on A/P a vendor, of that currency; returns its id there.
    Raises Fault 6000."""
    account = company.get("Account", reference["value"]) or {}
    wanted = CONTROLS.get(account["AccountType"])
    if not wanted:
        return ""
    if name.get("type") != wanted:
        raise business(f"When you use {account['AccountType']}, you must choose a {wanted.lower()} in the Name field.")
    own = (company.get(wanted, name["value"]) or {}).get("CurrencyRef")
    if not own == account["CurrencyRef"] == body["CurrencyRef"] and not body.get("HomeAdjustment"):
        raise business(f"The currency of the transaction must be the currency of the {wanted.lower()}.")
    return str(name["value"])


def _wanted(documents: list[str], body: Json) -> dict[tuple[str, int], int]:
    """Return hundredths by entity and id; a line with two links gives the amount to each, a document counts once.
    Raises Fault 2240 for a negative amount, 6000 for a type that payments are not applied to."""
    wanted: dict[tuple[str, int], int] = {}
    for line in body.get("Line", []):
        amount = cents(line.get("Amount"))
        if amount < 0:
            raise Fault("2240", line["Amount"], element="Line.Amount")
        for target in line.get("LinkedTxn", []):
            kind, key = target.get("TxnType"), str(target.get("TxnId", ""))
            name = kind if kind in documents else OTHERS.get(kind)
            if name is None or not is_id(key):
                raise business(f"A payment cannot be applied to {kind} {key}.")
            wanted[name, int(key)] = wanted.get((name, int(key)), 0) + amount
    return wanted


def relink(company: Company, entity: Entity, body: Json, strict: bool, without: int | None = None) -> set[int]:
    """Replace the links of a payment by what its lines ask, capped to what is open; returns the documents touched.
    Raises Fault 6000 for an unknown document, another customer or currency, or more applied than there is."""
    source, customers = int(body["Id"]), entity.name == "Payment"
    touched = {row[0] for row in company.rows("select target from link where realm = ? and source = ?", source)}
    company.run("delete from link where realm = ? and source = ?", source)
    shares = [share for (name, key), amount in _wanted(SIDES[entity.name][3], body).items() if key != without
              for share in _shares(company, entity, body, name, key, amount, strict)]
    shares = _fit(shares, cents(body["TotalAmt"]), strict)
    for number, share in enumerate(shares):
        sign, key = 1 if share.part.cur > 0 else -1, int(share.target["Id"])
        company.run("insert into link values(?, ?, ?, ?, ?, ?, ?, ?, ?)", source, number, share.entity, key,
                    sign * share.amount, sign * share.home, share.part.party, share.part.account)
        touched.add(key)
    if customers:
        applied = sum(-share.amount if share.credit else share.amount for share in shares)
        body["UnappliedAmt"] = money(dec(body["TotalAmt"]) - from_cents(applied))
    body["Line"] = [_line(share, customers) for share in shares]
    if not shares:
        del body["Line"]
    return touched


def _shares(company: Company, entity: Entity, body: Json, name: str, key: int, amount: int,
            strict: bool) -> list[Share]:
    """Return what goes to a document: to its part of this customer or vendor, first of all, or of the family."""
    subtype, person, sign, _documents = SIDES[entity.name]
    own, shares = int(body[f"{person}Ref"]["value"]), []
    try:
        target = linked(company, name, str(key))
        parts = [part for part in ledger.open_parts(company, key, subtype)
                 if _same_family(company, person, own, part.party)]
        if not parts and dec(target.get("TotalAmt", 1)):
            raise business(f"The {name} {key} belongs to another {person.lower()}.")
        if target["CurrencyRef"] != body["CurrencyRef"]:
            raise business(f"The {name} {key} is in another currency.")
    except Fault:
        if strict:
            raise
        return []
    for part in sorted(parts, key=lambda part: part.party != own):
        used = min(amount, abs(part.cur))
        amount -= used
        if used:
            shares.append(Share(name, target, used, part, part.cur * sign < 0))
    return shares


def _same_family(company: Company, person: str, own: int, other: int) -> bool:
    below = company.descendants
    return own == other or person == "Customer" and (other in below(person, own) or own in below(person, other))


def _fit(shares: list[Share], total: int, strict: bool) -> list[Share]:
    """Credits pay no more than there is to pay, and payment and credits cover what is paid."""
    charges, credits = ([share for share in shares if share.credit == kind] for kind in (False, True))
    credit_sum = _sum(credits)
    excess = _sum(charges) - total - credit_sum
    if excess > 0 and strict:
        raise business("The amount applied is more than the payment and the credits.")
    _lower(charges, excess)
    _lower(credits, credit_sum - _sum(charges))
    return [share for share in shares if share.amount]


def _sum(shares: list[Share]) -> int:
    return sum(share.amount for share in shares)


def _lower(shares: list[Share], excess: int) -> None:
    for share in reversed(shares):
        cut = min(max(excess, 0), share.amount)
        share.amount -= cut
        excess -= cut


def _line(share: Share, extended: bool) -> Json:
    line = link_line(txn_type(share.entity, share.target), share.target["Id"], from_cents(share.amount))
    opened = format(from_cents(abs(share.part.cur)), "f")
    return line if not extended else {**line, "LineEx": name_values(
        txnId=share.target["Id"], txnOpenBalance=opened, txnReferenceNumber=share.target.get("DocNumber"))}


def link_line(kind: str, key: object, amount: Decimal) -> Json:
    """Return the line of a payment that applies an amount to a document."""
    return {"Amount": money(amount), "LinkedTxn": [{"TxnId": str(key), "TxnType": kind}]}


def name_values(**values: str | None) -> Json:
    """Return names and values in the shape in which the service wraps such pairs."""
    return {"any": [{
        "name": "{http://schema.intuit.com/finance/v3}NameValue", "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "declaredType": "com.intuit.schema.finance.v3.NameValue", "value": {"Name": name, "Value": value},
        "nil": False, "globalScope": True, "typeSubstituted": False} for name, value in values.items() if value]}


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


def linked(company: Company, name: str, key: str, *known: str) -> Json:
    """Return a document to link with. Raises Fault 6000 when it is not there, or none of the known kinds."""
    found = None if known and name not in known else company.get(name, key)
    if found is None:
        raise business(f"The entity {name} {key} that you are trying to link does not exist.")
    return found


def link_keys(body: Json, *names: str) -> set[tuple[str, str]]:
    """Return type and id of what a document and its lines are linked with, of some types."""
    links = [link for part in (body, *body.get("Line", [])) for link in part.get("LinkedTxn", [])]
    return {(link["TxnType"], str(link.get("TxnId", ""))) for link in links if link.get("TxnType") in names}


def mark(company: Company, owner: str, kind: str, now: set[tuple[str, str]], before: set[tuple[str, str]],
         ) -> None:
    """Write on the other side what a document is linked with now, and no longer."""
    for name, key in sorted(now ^ before):
        found, added = company.get(name, key), (name, key) in now
        if found is None:
            continue
        if "LinkedTxn" in SCHEMA[name].fields:
            others = [link for link in found.get("LinkedTxn", []) if link["TxnId"] != owner]
            found["LinkedTxn"] = others + [{"TxnId": owner, "TxnType": kind}] * added
        if name in STATES:
            field, on, off = STATES[name]
            found[field] = on if added else "Accepted" if "AcceptedDate" in found else off
        write(company, name, found)


def write(company: Company, name: str, body: Json) -> None:
    """Write and tell a document that changed together with another one."""
    company.put(SCHEMA[name], body)
    company.tell(SCHEMA[name], body["Id"], "Update")


def after(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Bring the documents of a new or changed payment up to date."""
    touched = {int(line["LinkedTxn"][0]["TxnId"]) for part in (body, old or {}) for line in part.get("Line", [])}
    for key in touched:
        refresh(company, key)
    return False


def open_balance(company: Company, entity: str, body: Json) -> Json:
    """Return the properties of a document that follow from what is applied to it."""
    others = [link for link in body.get("LinkedTxn", []) if "Payment" not in link["TxnType"]]
    fresh: Json = {"LinkedTxn": others + linked_payments(company, int(body["Id"]))}
    if entity not in BALANCED:
        return fresh
    sign = 1 if entity in ("Invoice", "StatementCharge", "VendorCredit") else -1
    used = company.value("select sum(cur) from link where realm = ? and target = ?", int(body["Id"]))
    rest = max(dec(body["TotalAmt"]) - dec(body.get("Deposit")) - sign * from_cents(used or 0), ZERO)
    fresh["Balance"] = money(rest)
    if entity == "CreditMemo":
        fresh["RemainingCredit"] = fresh["Balance"]
    if "HomeTotalAmt" in body:
        fresh["HomeBalance"] = money(rest * dec(body["ExchangeRate"]))
    return fresh


def refresh(company: Company, key: int) -> None:
    """Write balance and links of a document anew; its SyncToken moves when they changed."""
    for name, body in _found(company, key, LISTING):
        fresh = open_balance(company, name, body)
        if any((body.get(field) or 0) != (value or 0) for field, value in fresh.items()):
            write(company, name, body | fresh)


def _found(company: Company, key: int, names: Iterable[str]) -> list[tuple[str, Json]]:
    """Return the transaction of an id with its entity, if it is one of some; they share one sequence of ids."""
    words = ", ".join(f"'{name}'" for name in names)
    rows = company.rows(f"select entity, body from object where realm = ? and id = ? and entity in ({words})", key)
    return [(name, loads(text)) for name, text in rows]


def apply_credit(company: Company, invoice: Json, memo: Json, amount: Decimal) -> Json:
    """Apply a credit memo to an invoice as QuickBooks itself does: with a payment of zero."""
    lines = [link_line("Invoice", invoice["Id"], amount), link_line("CreditMemo", memo["Id"], amount)]
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
    for name, body in _found(company, source, SIDES):
        before = (body.get("Line"), body.get("UnappliedAmt"))
        touched = relink(company, SCHEMA[name], body, strict=False, without=without)
        ledger.post(company, SCHEMA[name], body)
        if before != (body.get("Line"), body.get("UnappliedAmt")):
            write(company, name, body)
        for key in touched - {without}:
            refresh(company, key)


def rework_all(company: Company, key: int, without: int | None = None) -> bool:
    """Work out again the payments that are applied to a document; tells whether there are any."""
    rows = company.rows("select distinct source from link where realm = ? and target = ?", key)
    for (source,) in rows:
        rework(company, source, without)
    return bool(rows)


def release(company: Company, entity: Entity, body: Json) -> None:
    """Take a document that goes out of every payment that is applied to it."""
    rework_all(company, int(body["Id"]), without=int(body["Id"]))


def after_target(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Bring the payments of a changed document up to date."""
    return old is not None and rework_all(company, int(body["Id"]))


def before_remove_source(company: Company, entity: Entity, body: Json) -> None:
    """Take an estimate or order out of the documents that were made from it."""
    for link in body["LinkedTxn"]:
        found = company.get(link["TxnType"], link["TxnId"]) or {}
        for part in (found, *found.get("Line", [])):
            if "LinkedTxn" in part:
                part["LinkedTxn"] = [each for each in part["LinkedTxn"] if each["TxnType"] != entity.name]
        if found:
            write(company, link["TxnType"], found)


def before_remove(company: Company, entity: Entity, body: Json) -> None:
    """Unapply a payment before it is voided or deleted. Raises Fault 6540 when it has been deposited."""
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
BEFORE_REMOVE["journal"] = release
AFTER.update(dict.fromkeys(("purchase", "journal", "deposit"), after_target))
