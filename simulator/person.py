"""What a person does in the pages of QuickBooks: the same rules as the API, and some acts that it does not offer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from simulator import names, payments
from simulator.billable import sold, waiting
from simulator.clock import parse_date
from simulator.company import PERSON, Company
from simulator.errors import business, not_found
from simulator.ledger import first_account, post
from simulator.money import ZERO, Json, dec, from_cents, loads, money, round2
from simulator.payments import link_line
from simulator.schema import DATA, SCHEMA, Entity, entity_named

FORMS: dict[str, tuple[str, Json]] = loads((DATA / "acts.json").read_text("utf-8"))
"""What acts create: entity and body, with ``$name`` for what the act fills in."""

ENTITIES = {"bounce": "Payment", "unapply": "Payment", "match": "Payment", "file_tax": "TaxAgency"}
"""What an act is about when the wish does not say it; an invoice for the rest."""
FINAL = ("void", "delete", "merge", "pay_tax")
"""Acts that QuickBooks cannot undo."""


def act(company: Company, wish: Json) -> Json:
    """Perform one act, and remember how to undo it.

    Args:
        wish: ``action`` and what it needs, see ``docs/simulator.md``.

    Raises:
        Fault: QuickBooks would refuse it.
        ValueError: the action or entity is not known.
    """
    action = str(wish.get("action", ""))
    entity = entity_named(str(wish.get("entity") or ENTITIES.get(action, "Invoice")))
    if action not in ACTIONS or entity is None:
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}; entity must exist")
    if action == "file_tax":
        first = company.value("select id from object where realm = ? and entity = 'TaxAgency' order by id")
        wish = {"id": first, **wish}
    with company.work():
        start, marks = len(company.events), _marks(company)
        found = [company.get(entity.name, str(key)) for key in _keys(wish)]
        result = ACTIONS[action](company, entity, wish)
        if action != "undo":
            made = [[event.entity, event.key] for event in company.events[start:] if event.operation == "Create"]
            step = {"action": action, "made": made, "before": [[entity.name, body] for body in found if body],
                    "marks": {name: marks.get(name, []) for name in ("matched", "reconciled")}}
            _mark(company, steps=[*marks.get("steps", [])[-20:], step])
    return result


def _keys(wish: Json) -> list[str]:
    keys = wish.get("ids") or [wish.get("id")]
    if not isinstance(keys, list):
        raise ValueError("ids must be a list")
    return [str(key) for key in keys if key is not None]


def _marks(company: Company) -> Json:
    """Return what only the pages know: steps to undo, ids of matched and of reconciled transactions."""
    return dict(company.store.setting(f"ui:{company.realm}", {}))


def _mark(company: Company, **marks: list[Json] | list[int]) -> None:
    company.store.set_setting(f"ui:{company.realm}", {**_marks(company), **marks})


def undo(company: Company, entity: Entity, wish: Json) -> Json:
    """Undo the last act: what it made goes, what it changed is as it was.

    Raises:
        Fault: 6000 when there is none, or QuickBooks has no way back from it.
    """
    steps = _marks(company).get("steps", [])
    if not steps or steps[-1]["action"] in FINAL:
        raise business("There is nothing that can be undone.")
    last = steps.pop()
    for name, key in reversed(last["made"]):
        body, sort = company.get(name, key), SCHEMA[name]
        if body and (sort.is_txn or sort.kind == "plain"):
            company.delete(sort, {"Id": key, "SyncToken": body["SyncToken"]}, PERSON)
        elif body and last["action"] == "create" and "Active" in body:
            edit(company, sort, {"id": key, "data": {"Active": False}})
    for name, before in last["before"]:
        _put_back(company, SCHEMA[name], before)
    _mark(company, steps=steps, **last["marks"])
    return {"undone": last["action"]}


def _put_back(company: Company, entity: Entity, before: Json) -> None:
    now, pays = company.get(entity.name, before["Id"]) or before, entity.name == "Payment"
    left = ("SyncToken", "LinkedTxn", *(["Line"] if pays else []))
    data = {name: before.get(name, "") for name, rule in entity.fields.items()
            if before.get(name) != now.get(name) and not rule.read_only and name not in left}
    if data:
        now = edit(company, entity, {"id": before["Id"], "data": data, "force": True})
    if pays:
        _reapply(company, now, before.get("Line", []))


def _reapply(company: Company, payment: Json, lines: list[Json]) -> None:
    """Apply a payment to other documents; that works for a deposited one too."""
    payment["Line"] = [{"Amount": line["Amount"], "LinkedTxn": line["LinkedTxn"]} for line in lines]
    company.put(SCHEMA["Payment"], payment, bump=False)
    payments.rework(company, int(payment["Id"]))


def _target(company: Company, entity: Entity, wish: Json) -> Json:
    body = company.get(entity.name, str(wish.get("id", "0")))
    if body is None:
        raise not_found()
    return body


def _unlocked(company: Company, entity: Entity, wish: Json) -> Json:
    body = _target(company, entity, wish)
    if entity.is_txn and not wish.get("force") and int(body["Id"]) in _marks(company).get("reconciled", []):
        raise business("This transaction has been reconciled. Changing it would change the reconciled balance.")
    return body


def _day(company: Company, wish: Json) -> str:
    return parse_date(str(wish.get("date") or company.clock.today())).isoformat()


def create(company: Company, entity: Entity, wish: Json) -> Json:
    """Create an object from ``data``."""
    return company.create(entity, dict(wish.get("data", {})), PERSON)


def edit(company: Company, entity: Entity, wish: Json) -> Json:
    """Change the properties in ``data`` of object ``id``; a reconciled one only with ``force``."""
    body = _unlocked(company, entity, wish)
    sent = {**dict(wish.get("data", {})), "Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True}
    if entity.kind == "payment":
        sent = {**{name: body[name] for name in ("CustomerRef", "TotalAmt", "Line") if name in body}, **sent}
        for line in sent.get("Line", []):
            line.pop("LineEx", None)
    return company.update(entity, sent, PERSON)


def end(company: Company, entity: Entity, wish: Json) -> Json:
    """Void or delete object ``id``; a reconciled one only with ``force``."""
    body = _unlocked(company, entity, wish)
    work = company.void if wish["action"] == "void" else company.delete
    return work(entity, {"Id": body["Id"], "SyncToken": body["SyncToken"]}, PERSON)


def undelete(company: Company, entity: Entity, wish: Json) -> Json:
    """Refused: what is deleted does not come back."""
    raise business("A deleted transaction cannot be brought back.")


def deactivate(company: Company, entity: Entity, wish: Json) -> Json:
    """Make a list row inactive; a customer's balance is cleared by a credit memo first, as the pages do."""
    body = _target(company, entity, wish)
    owed = dec(body.get("Balance"))
    if entity.name == "Customer" and owed > ZERO:
        _clear(company, body, owed)
    return edit(company, entity, {"id": body["Id"], "data": {"Active": False}})


def _clear(company: Company, customer: Json, owed: Decimal) -> None:
    memo = _make(company, "memo", customer=customer["Id"], amount=money(owed), item="1",
                 note="Created by QuickBooks Online to adjust balance for deletion")
    rows = company.rows("select id, balance from object where realm = ? and entity = 'Invoice' and party = ? and "
                        "balance > 0 order by date, id", int(customer["Id"]))
    rest, lines = dec(memo["Balance"]), []
    for key, balance in rows:
        amount = min(rest, dec(balance))
        rest -= amount
        lines.append(link_line("Invoice", key, amount))
    lines.append(link_line("CreditMemo", memo["Id"], dec(memo["Balance"]) - rest))
    _make(company, "payment", customer=customer["Id"], total=0, lines=lines)


def _make(company: Company, form: str, **values: Any) -> Json:
    """Create what a form says; a value of None leaves its property out."""
    name, body = FORMS[form]
    return company.create(SCHEMA[name], _fill(body, values), PERSON)


def _fill(part: Any, values: Json) -> Any:
    if isinstance(part, dict):
        filled = {_fill(name, values): _fill(value, values) for name, value in part.items()}
        return {name: value for name, value in filled.items() if value is not None}
    if isinstance(part, list):
        return [_fill(each, values) for each in part]
    return values.get(part[1:]) if isinstance(part, str) and part.startswith("$") else part


def merge(company: Company, entity: Entity, wish: Json) -> Json:
    """Merge list row ``id`` into row ``into``."""
    winner = str(wish.get("into", ""))
    names.merge(company, entity, str(wish.get("id", "")), winner)
    return company.get(entity.name, winner) or {}


def apply_credit(company: Company, entity: Entity, wish: Json) -> Json:
    """Apply credit memo ``credit_memo`` to invoice ``id``: QuickBooks writes a payment of zero."""
    invoice = _target(company, entity, wish)
    memo = company.get("CreditMemo", str(wish.get("credit_memo", "0")))
    if memo is None:
        raise not_found()
    amount = min(dec(invoice["Balance"]), dec(memo["Balance"]), dec(wish.get("amount", invoice["Balance"])))
    if not amount:
        raise business("There is nothing to apply.")
    return payments.apply_credit(company, invoice, memo, amount)


def late_fee(company: Company, entity: Entity, wish: Json) -> Json:
    """Add a late fee line of ``amount`` to invoice ``id``, with the item named Late Fee or item ``item``."""
    invoice = _target(company, entity, wish)
    found = company.value("select id from object where realm = ? and entity = 'Item' and name = 'Late Fee'")
    line = sold(str(wish.get("item") or found or "1"), dec(wish.get("amount", 15)), "Late fee")
    kept = [part for part in invoice["Line"] if part["DetailType"] != "SubTotalLineDetail"]
    codes = [part.get("SalesItemLineDetail", {}).get("TaxCodeRef") for part in kept]
    if company.tax_mode == "global" and any(codes):
        line["SalesItemLineDetail"]["TaxCodeRef"] = next(filter(None, codes))
    return edit(company, entity, {"id": invoice["Id"], "data": {"Line": [*kept, line]}})


def deposit(company: Company, entity: Entity, wish: Json) -> Json:
    """Deposit the payments ``ids`` to the bank account ``account`` (the first bank account when left out)."""
    account = str(wish.get("account") or first_account(company, "Bank"))
    lines = [{"Amount": 0, "LinkedTxn": [{"TxnId": key, "TxnType": wish.get("type", "Payment")}],
              "DetailType": "DepositLineDetail"} for key in _keys(wish)]
    return _make(company, "slip", bank=account, lines=lines)


def receive(company: Company, entity: Entity, wish: Json) -> Json:
    """Receive ``amount`` (what is open when left out) against invoice, or statement charge, ``id``."""
    invoice = _target(company, entity, wish)
    amount = dec(wish.get("amount") or invoice["Balance"])
    body = _fill(FORMS["payment"][1], {"customer": invoice["CustomerRef"]["value"], "total": money(amount),
                                       "lines": [link_line(entity.name, invoice["Id"], amount)]})
    return company.create(SCHEMA["Payment"], {**body, **dict(wish.get("data", {}))}, PERSON)


def unapply(company: Company, entity: Entity, wish: Json) -> Json:
    """Take document ``target`` (all when left out) out of payment ``id``."""
    payment = _target(company, entity, wish)
    gone = str(wish.get("target", ""))
    _reapply(company, payment, [line for line in payment.get("Line", [])
                                if gone and line["LinkedTxn"][0]["TxnId"] != gone])
    return _target(company, entity, wish)


# -- the bank feed and the accountant ----------------------------------------------------------------------------------

def match(company: Company, entity: Entity, wish: Json) -> Json:
    """Match the transactions ``ids`` with the bank feed: the API cannot delete them any more."""
    for key in _keys(wish):
        _target(company, entity, {"id": key})
    _mark(company, matched=[*_marks(company).get("matched", []), *map(int, _keys(wish))])
    return {"matched": _keys(wish)}


def bank_deposit(company: Company, entity: Entity, wish: Json) -> Json:
    """Add a deposit of ``amount`` from the bank feed: on A/R for ``customer``, else on account ``category``."""
    customer = {"value": str(wish["customer"]), "type": "Customer"} if wish.get("customer") else None
    made = _make(company, "banked", bank=str(wish.get("account") or first_account(company, "Bank")), payer=customer,
                 amount=money(wish.get("amount")), account=str(wish.get("category") or first_account(
                     company, "Accounts Receivable" if customer else "Income")))
    match(company, SCHEMA["Deposit"], {"id": made["Id"]})
    return made


def bounce(company: Company, entity: Entity, wish: Json) -> Json:
    """Payment ``id`` bounced: an expense on A/R takes the place of its invoices; the bank takes ``fee``."""
    payment = _target(company, entity, wish)
    slips = [company.get("Deposit", link["TxnId"]) for link in payment["LinkedTxn"] if link["TxnType"] == "Deposit"]
    own = company.get("Account", ((slips and slips[0]) or payment)["DepositToAccountRef"]["value"]) or {}
    found = own["Id"] if own.get("AccountType") == "Bank" else first_account(company, "Bank")
    bank = str(wish.get("account") or found)
    control = company.account("AccountsReceivable", payment["CurrencyRef"]["value"])
    expense = _make(company, "expense", bank=bank, account=str(control), amount=payment["TotalAmt"],
                    note="Returned payment", payee={"value": payment["CustomerRef"]["value"], "type": "Customer"})
    if dec(wish.get("fee")):
        _make(company, "expense", bank=bank, account=str(company.account("BankCharges")), amount=money(wish["fee"]),
              note="Fee for a returned payment")
    _reapply(company, payment, [link_line("Expense", expense["Id"], dec(payment["TotalAmt"]))])
    return expense


def write_off(company: Company, entity: Entity, wish: Json) -> Json:
    """Write off ``amount`` (all when left out) of invoice ``id`` to bad debts: ``how`` is credit, journal or discount.
    """
    invoice, debts = _target(company, entity, wish), str(company.account("BadDebts"))
    amount = min(dec(wish.get("amount", invoice["Balance"])), dec(invoice["Balance"]))
    customer = invoice["CustomerRef"]["value"]
    if wish.get("how") == "discount":
        discount = {"Amount": money(amount), "DetailType": "DiscountLineDetail", "DiscountLineDetail": {
            "PercentBased": False, "DiscountAccountRef": {"value": debts}}}
        lines = [line for line in invoice["Line"] if line["DetailType"] != "SubTotalLineDetail"]
        return edit(company, entity, {"id": invoice["Id"], "data": {"Line": [*lines, discount]}})
    if wish.get("how", "credit") != "journal":
        item = company.value("select id from object where realm = ? and entity = 'Item' and active = 1 and "
                             "json_extract(body, '$.IncomeAccountRef.value') = ?", debts)
        memo = _make(company, "memo", customer=customer, amount=money(amount), note="Written off",
                     item=str(item or _make(company, "bad_debt", account=debts)["Id"]))
        return payments.apply_credit(company, invoice, memo, amount)
    control = str(company.account("AccountsReceivable", invoice["CurrencyRef"]["value"]))
    entry = _make(company, "journal", currency=invoice["CurrencyRef"], note="Written off",
                  lines=[_booked(debts, amount), _booked(control, -amount, customer)])
    return _make(company, "payment", customer=customer, total=0, lines=[
        link_line("Invoice", invoice["Id"], amount), link_line("JournalEntry", entry["Id"], amount)])


def _booked(account: str, amount: Decimal, customer: str = "") -> Json:
    """Return the line of a journal entry that debits an account, or credits it with a negative amount."""
    detail = {"PostingType": "Debit" if amount > ZERO else "Credit", "AccountRef": {"value": account},
              **({"Entity": {"Type": "Customer", "EntityRef": {"value": customer}}} if customer else {})}
    return {"Amount": money(abs(amount)), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}


def revalue(company: Company, entity: Entity, wish: Json) -> Json:
    """Revalue what customers owe in ``currency`` at ``rate``: a journal entry in home currency alone."""
    code, rate = str(wish.get("currency", "EUR")), dec(wish.get("rate"))
    account = company.account("AccountsReceivable", code)
    rows = company.rows("select party, sum(cur), sum(home) from posting where realm = ? and account = ? group by party",
                        account)
    gains = [(str(account), round2(from_cents(cur) * rate) - from_cents(home), str(party)) for party, cur, home in rows]
    gains = [gain for gain in gains if gain[1]]
    if code == company.home or not rate or not gains:
        raise business("There is nothing to revalue.")
    gains.append((str(company.account("ExchangeGainOrLoss")), -sum((gain[1] for gain in gains), ZERO), ""))
    return _make(company, "journal", lines=[_booked(*gain) for gain in gains], home=True, date=wish.get("date"),
                 note=f"Revaluation of {code} at {rate}")


def reconcile(company: Company, entity: Entity, wish: Json) -> Json:
    """Reconcile ``account`` up to ``date``: a person who changes what is on it is warned."""
    account, day = str(wish.get("account") or first_account(company, "Bank")), _day(company, wish)
    rows = company.rows("select txn, sum(home) from posting where realm = ? and account = ? and date <= ? group by txn",
                        int(account), day)
    _mark(company, reconciled=sorted({*_marks(company).get("reconciled", []), *(row[0] for row in rows)}))
    return {"account": account, "date": day, "transactions": len(rows),
            "balance": money(from_cents(sum(row[1] for row in rows)))}


def file_tax(company: Company, entity: Entity, wish: Json) -> Json:
    """File the tax return of agency ``id`` (the first when left out) up to ``date``."""
    agency, day = _target(company, entity, wish), _day(company, wish)
    account = company.account("GlobalTaxPayable" if company.tax_mode == "global" else "SalesTaxPayable")
    due = company.value("select sum(home) from posting where realm = ? and account = ? and date <= ? and date > ?",
                        account, day, agency.get("LastFileDate", ""))
    made = _make(company, "return", agency=agency["Id"], start=agency.get("LastFileDate", "1970-01-01"), end=day,
                 today=company.clock.today().isoformat(), due=money(from_cents(-(due or 0))))
    edit(company, entity, {"id": agency["Id"], "data": {"LastFileDate": day}})
    return made


def pay_tax(company: Company, entity: Entity, wish: Json) -> Json:
    """Pay ``amount`` of tax to the agency from ``account`` (a bank account if left out); ``refund``: it comes back."""
    made = _make(company, "tax_payment", date=_day(company, wish), amount=money(dec(wish.get("amount"))),
                 account=str(wish.get("account") or first_account(company, "Bank")), note=str(wish.get("note", "")),
                 refund=bool(wish.get("refund")))
    post(company, SCHEMA["TaxPayment"], {**made, "TxnDate": made["PaymentDate"]})
    return made


# -- what waits to be invoiced, and what comes again -------------------------------------------------------------------

def charge(company: Company, entity: Entity, wish: Json) -> Json:
    """Note a delayed charge of ``amount`` for ``customer``, a credit when the act is one; it posts nothing."""
    sign = -1 if wish["action"] == "credit" else 1
    return _make(company, "charge", customer=str(wish.get("customer", "")), item=str(wish.get("item", "1")),
                 text=str(wish.get("text", "")), amount=money(sign * dec(wish.get("amount"))))


def invoice_charges(company: Company, entity: Entity, wish: Json) -> Json:
    """Make an invoice of all that waits for ``customer``: delayed charges, billable time, billable expenses."""
    lines, links = waiting(company, int(wish.get("customer", 0)))
    return _make(company, "invoice", customer=str(wish.get("customer")), links=links, lines=lines)


def statement_charge(company: Company, entity: Entity, wish: Json) -> Json:
    """Charge ``customer`` with ``amount`` at once, without an invoice: reports have it, the API does not."""
    return _make(company, "statement", customer=str(wish.get("customer", "")), date=wish.get("date"), lines=[
        sold(str(wish.get("item", "1")), dec(wish.get("amount")), str(wish.get("text", "")))])


def make_recurring(company: Company, entity: Entity, wish: Json) -> Json:
    """Make a template of object ``id`` that comes again each ``interval`` (Monthly when left out)."""
    copy = {name: value for name, value in _target(company, entity, wish).items()
            if name not in ("Id", "SyncToken", "MetaData", "DocNumber", "LinkedTxn", "Balance", "domain", "sparse")}
    copy["RecurringInfo"] = {
        "Name": str(wish.get("name") or f"{entity.title} {wish['id']}"), "RecurType": "Automated", "Active": True,
        "ScheduleInfo": {"IntervalType": wish.get("interval", "Monthly"), "NumInterval": 1, "DayOfMonth": 1}}
    return _make(company, "template", entity=entity.name, copy=copy)


ACTIONS: dict[str, Callable[[Company, Entity, Json], Json]] = {
    "void": end, "delete": end, "credit": charge,
    **{each.__name__: each for each in (
        create, edit, merge, deactivate, apply_credit, late_fee, deposit, receive, unapply, undelete, match,
        bank_deposit, bounce, write_off, revalue, reconcile, file_tax, pay_tax, charge, invoice_charges,
        statement_charge, make_recurring, undo)}}
