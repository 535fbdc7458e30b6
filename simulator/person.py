"""What a person does in the pages of QuickBooks: the same rules as the API, and some acts that it does not offer."""

from collections.abc import Callable
from decimal import Decimal

from simulator import names, payments
from simulator.company import PERSON, Company
from simulator.errors import business, not_found
from simulator.money import ZERO, Json, dec, money
from simulator.schema import SCHEMA, Entity, entity_named


def act(company: Company, wish: Json) -> Json:
    """Perform one act.

    Args:
        wish: ``action`` and what it needs, see ``docs/simulator.md``.

    Raises:
        Fault: QuickBooks would refuse it.
        ValueError: the action or entity is not known.
    """
    action = str(wish.get("action", ""))
    entity = entity_named(str(wish.get("entity", "Invoice")))
    if action not in ACTIONS or entity is None:
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}; entity must exist")
    return ACTIONS[action](company, entity, wish)


def _target(company: Company, entity: Entity, wish: Json) -> Json:
    body = company.get(entity.name, str(wish.get("id", "0")))
    if body is None:
        raise not_found()
    return body


def create(company: Company, entity: Entity, wish: Json) -> Json:
    """Create an object from ``data``."""
    return company.create(entity, dict(wish.get("data", {})), PERSON)


def edit(company: Company, entity: Entity, wish: Json) -> Json:
    """Change the properties in ``data`` of object ``id``."""
    body = _target(company, entity, wish)
    sent = {**dict(wish.get("data", {})), "Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True}
    if entity.kind == "payment":
        sent = {**{name: body[name] for name in ("CustomerRef", "TotalAmt", "Line") if name in body}, **sent}
        for line in sent.get("Line", []):
            line.pop("LineEx", None)
    return company.update(entity, sent, PERSON)


def _by_token(verb: str) -> Callable[[Company, Entity, Json], Json]:
    def run(company: Company, entity: Entity, wish: Json) -> Json:
        body = _target(company, entity, wish)
        work: Callable[..., Json] = getattr(company, verb)
        return work(entity, {"Id": body["Id"], "SyncToken": body["SyncToken"]}, PERSON)
    return run


def deactivate(company: Company, entity: Entity, wish: Json) -> Json:
    """Make a list row inactive; a customer's balance is cleared by a credit memo first, as the pages do."""
    body = _target(company, entity, wish)
    with company.work():
        owed = dec(body.get("Balance"))
        if entity.name == "Customer" and owed > ZERO:
            _write_off(company, body, owed)
        return edit(company, entity, {"id": body["Id"], "data": {"Active": False}})


def _write_off(company: Company, customer: Json, owed: Decimal) -> None:
    memo = company.create(SCHEMA["CreditMemo"], {
        "CustomerRef": {"value": customer["Id"]},
        "PrivateNote": "Created by QuickBooks Online to adjust balance for deletion",
        "Line": [{"Amount": money(owed), "DetailType": "SalesItemLineDetail",
                  "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}]}, PERSON)
    rows = company.rows("select id, balance from object where realm = ? and entity = 'Invoice' and party = ? and "
                             "balance > 0 order by date, id", int(customer["Id"]))
    rest, lines = dec(memo["Balance"]), []
    for key, balance in rows:
        amount = min(rest, dec(balance))
        rest -= amount
        lines.append({"Amount": money(amount), "LinkedTxn": [{"TxnId": str(key), "TxnType": "Invoice"}]})
    lines.append({"Amount": money(dec(memo["Balance"]) - rest),
                  "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]})
    company.create(SCHEMA["Payment"], {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 0, "Line": lines}, PERSON)


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
    item = str(wish.get("item") or found or "1")
    line = {"Amount": money(wish.get("amount", 15)), "Description": "Late fee", "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": item}}}
    kept = [part for part in invoice["Line"] if part["DetailType"] != "SubTotalLineDetail"]
    return edit(company, entity, {"id": invoice["Id"], "data": {"Line": [*kept, line]}})


def deposit(company: Company, entity: Entity, wish: Json) -> Json:
    """Deposit the payments ``ids`` to the bank account ``account`` (the first bank account when left out)."""
    bank = company.value("select id from object where realm = ? and entity = 'Account' and active = 1 and "
                         "json_extract(body, '$.AccountType') = 'Bank' order by id")
    account = str(wish.get("account") or bank or "")
    keys = wish.get("ids") or [wish.get("id")]
    lines = [{"Amount": 0, "LinkedTxn": [{"TxnId": str(key), "TxnType": wish.get("type", "Payment")}],
              "DetailType": "DepositLineDetail"} for key in keys]
    return company.create(SCHEMA["Deposit"], {"DepositToAccountRef": {"value": account}, "Line": lines}, PERSON)


def receive(company: Company, entity: Entity, wish: Json) -> Json:
    """Receive ``amount`` (what is open when left out) against invoice ``id``."""
    invoice = _target(company, entity, wish)
    amount = money(wish.get("amount") or invoice["Balance"])
    body: Json = {"CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "TotalAmt": amount,
                  "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}]}
    return company.create(SCHEMA["Payment"], {**body, **dict(wish.get("data", {}))}, PERSON)


ACTIONS: dict[str, Callable[[Company, Entity, Json], Json]] = {
    "create": create, "edit": edit, "void": _by_token("void"), "delete": _by_token("delete"), "merge": merge,
    "deactivate": deactivate, "apply_credit": apply_credit, "late_fee": late_fee, "deposit": deposit,
    "receive": receive}
