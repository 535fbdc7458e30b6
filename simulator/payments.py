"""Rules of payments: what they apply to which document, what stays unapplied, and what that does to the documents."""

from dataclasses import dataclass
from decimal import Decimal

from simulator import ledger
from simulator.company import AFTER, BEFORE_REMOVE, PERSON, RULES, VOID, Company
from simulator.errors import Fault, business
from simulator.money import Json, cents, dec, from_cents, money, round2
from simulator.schema import SCHEMA, Entity

TARGETS = ("Invoice", "CreditMemo", "JournalEntry")


@dataclass
class Share:
    """One application: so much of a payment to (charge) or from (credit) a document; amounts in hundredths."""

    entity: str
    key: int
    amount: int
    open_cur: int
    open_home: int
    number: str
    rate: Decimal

    @property
    def credit(self) -> bool:
        """True when the document is a credit that pays others."""
        return self.open_cur < 0

    @property
    def home(self) -> int:
        """The home amount: all that is open when the document is settled, else by its rate."""
        if self.amount == abs(self.open_cur):
            return abs(self.open_home)
        return cents(round2(from_cents(self.amount) * self.rate))


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a payment, and write its links."""
    from simulator.sales import set_currency
    customer = company.get("Customer", body["CustomerRef"]["value"]) or {}
    body.setdefault("TxnDate", company.clock.today().isoformat())
    set_currency(company, body, customer)
    if not body.get("DepositToAccountRef"):
        body["DepositToAccountRef"] = {"value": str(company.account("UndepositedFunds"))}
    body.setdefault("LinkedTxn", [])
    company.check_total(dec(body["TotalAmt"]))
    relink(company, body, strict=True)


def _wanted(body: Json) -> dict[tuple[str, int], int]:
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
            if target.get("TxnType") not in TARGETS or not str(target.get("TxnId", "")).isdigit():
                raise business(f"A payment cannot be applied to {target.get('TxnType')} {target.get('TxnId')}.")
            key = (target["TxnType"], int(target["TxnId"]))
            wanted[key] = wanted.get(key, 0) + amount
    return wanted


def relink(company: Company, body: Json, strict: bool, without: int | None = None) -> set[int]:
    """Replace the links of a payment by what its lines ask, capped to what is open; returns the documents touched.

    Raises:
        Fault: 6000 for an unknown document, another customer or currency, or more applied than there is.
    """
    source = int(body["Id"])
    before = {row[0] for row in company.rows("select target from link where realm = ? and source = ?", source)}
    company.run("delete from link where realm = ? and source = ?", source)
    shares = [share for (name, key), amount in _wanted(body).items() if key != without
              for share in _share(company, body, name, key, amount, strict)]
    shares = _fit(shares, cents(body["TotalAmt"]), strict)
    for number, share in enumerate(shares):
        sign = -1 if share.credit else 1
        company.run("insert into link values(?, ?, ?, ?, ?, ?, ?)", source, number, share.entity, share.key,
                    sign * share.amount, sign * share.home)
    applied = sum(-share.amount if share.credit else share.amount for share in shares)
    body["UnappliedAmt"] = money(dec(body["TotalAmt"]) - from_cents(applied))
    body["Line"] = [_line(share) for share in shares]
    if not shares:
        del body["Line"]
    return before | {share.key for share in shares}


def _share(company: Company, body: Json, name: str, key: int, amount: int, strict: bool) -> list[Share]:
    target = company.get(name, key)
    if target is None:
        if strict:
            raise business(f"The entity {name} {key} that you are trying to link does not exist.")
        return []
    if name != "JournalEntry" and not _same_family(company, body, target):
        if strict:
            raise business(f"The {name} {key} belongs to another customer.")
        return []
    if target["CurrencyRef"]["value"] != body["CurrencyRef"]["value"]:
        raise business(f"The {name} {key} is in another currency.")
    open_cur, open_home = ledger.open_amount(company, key)
    amount = min(amount, abs(open_cur))
    if not amount:
        return []
    rate = dec(target.get("ExchangeRate", 1))
    return [Share(name, key, amount, open_cur, open_home, target.get("DocNumber", ""), rate)]


def _same_family(company: Company, body: Json, target: Json) -> bool:
    own, other = int(body["CustomerRef"]["value"]), int(target["CustomerRef"]["value"])
    below = company.descendants
    return own == other or other in below("Customer", own) or own in below("Customer", other)


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


def _line(share: Share) -> Json:
    values = {"txnId": str(share.key), "txnOpenBalance": format(from_cents(abs(share.open_cur)), "f"),
              "txnReferenceNumber": share.number}
    extra = [{"name": "{http://schema.intuit.com/finance/v3}NameValue",
              "declaredType": "com.intuit.schema.finance.v3.NameValue",
              "scope": "javax.xml.bind.JAXBElement$GlobalScope", "value": {"Name": name, "Value": value}, "nil": False,
              "globalScope": True, "typeSubstituted": False}
             for name, value in values.items() if value]
    return {"Amount": money(from_cents(share.amount)),
            "LinkedTxn": [{"TxnId": str(share.key), "TxnType": share.entity}], "LineEx": {"any": extra}}


def linked_payments(company: Company, key: int) -> list[Json]:
    """Return the LinkedTxn list of a document: the payments applied to it."""
    rows = company.rows("select distinct source from link where realm = ? and target = ? order by source", key)
    return [{"TxnId": str(row[0]), "TxnType": "Payment"} for row in rows]


def after(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Bring the documents of a new or changed payment up to date."""
    touched = {int(line["LinkedTxn"][0]["TxnId"]) for part in (body, old or {}) for line in part.get("Line", [])}
    for key in touched:
        refresh(company, key)
    return False


def refresh(company: Company, key: int) -> None:
    """Write balance and links of a document anew; its SyncToken moves when they changed."""
    entity = company.value("select entity from object where realm = ? and id = ? and entity in ('Invoice', "
                           "'CreditMemo')", key)
    body = company.get(entity, key) if entity else None
    if body is None or entity is None:
        return
    rest = from_cents(abs(ledger.open_amount(company, key)[0]))
    kept = [link for link in body.get("LinkedTxn", []) if link["TxnType"] != "Payment"]
    fresh: Json = {"Balance": money(rest), "LinkedTxn": [*kept, *linked_payments(company, key)]}
    if entity == "CreditMemo":
        fresh["RemainingCredit"] = fresh["Balance"]
    if "HomeTotalAmt" in body:
        fresh["HomeBalance"] = money(rest * dec(body["ExchangeRate"]))
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
    body = company.get("Payment", source)
    if body is None:
        return
    before = {"Line": body.get("Line"), "UnappliedAmt": body["UnappliedAmt"]}
    touched = relink(company, body, strict=False, without=without)
    ledger.post(company, SCHEMA["Payment"], body)
    if before != {"Line": body.get("Line"), "UnappliedAmt": body["UnappliedAmt"]}:
        company.put(SCHEMA["Payment"], body)
        company.tell(SCHEMA["Payment"], body["Id"], "Update")
    for key in touched - {without}:
        refresh(company, key)


def release(company: Company, target: int) -> None:
    """Take a document out of every payment that is applied to it."""
    rows = company.rows("select distinct source from link where realm = ? and target = ?", target)
    for (source,) in rows:
        rework(company, source, without=target)


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
    body.update({"TotalAmt": 0, "UnappliedAmt": 0})
    body.pop("Line", None)


RULES["payment"] = prepare
AFTER["payment"] = after
BEFORE_REMOVE["payment"] = before_remove
VOID["payment"] = make_void
