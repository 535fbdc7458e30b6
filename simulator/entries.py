"""Rules of journal entries, bank deposits and transfers."""

from decimal import Decimal

from simulator import ledger, payments
from simulator.company import AFTER, BEFORE_REMOVE, PERSON, RULES, Company
from simulator.errors import Fault, business, missing
from simulator.money import ZERO, Json, dec, from_cents, money, plain
from simulator.sales import number_lines, refuse_duplicate
from simulator.schema import FACTS, SCHEMA, Entity

ASSETS = tuple(kind for kind, sort in FACTS["classification"].items()
               if sort in ("Asset", "Liability", "Equity") and kind not in payments.CONTROLS)
TRANSFERS: dict[str, dict[str, tuple[str, ...]]] = {
    "Transfer": {"FromAccountRef": ASSETS, "ToAccountRef": ASSETS},
    "CreditCardPaymentTxn": {"BankAccountRef": ("Bank",), "CreditCardAccountRef": ("Credit Card",)}}
"""Where a transfer may come from and go to."""
BANKED = ("Payment", "SalesReceipt")


def journal(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check a journal entry: it balances, and a line on A/R or A/P names its customer or vendor.
    Raises Fault 2020, 2300, 2500 or 6000."""
    company.set_currency(body, {"CurrencyRef": body.get("CurrencyRef") or company.currency(company.home)})
    if not (company.request.options.person or (old or {}).get("HomeAdjustment")):
        body.pop("HomeAdjustment", None)
    lines = [line for line in body["Line"] if line.get("DetailType") == "JournalEntryLineDetail"]
    if len(lines) < 2:
        raise business("Fill out at least two detail lines to continue.")
    total, taxes, names = ZERO, ZERO, set()
    for number, line in enumerate(lines):
        detail = line.get("JournalEntryLineDetail", {})
        lacking = [name for name in ("AccountRef", "PostingType", "Amount") if name not in {**detail, **line}]
        if lacking:
            raise missing(*lacking)
        if dec(line["Amount"]) < ZERO:
            raise Fault("2110", line["Amount"], element="Amount")
        line.setdefault("Id", str(number))
        detail["AccountRef"] = company.resolve("Account", detail["AccountRef"], "AccountRef")
        person, named = detail.get("Entity"), {}
        if person:
            sent = {**person.get("EntityRef", {}), "type": person.get("Type", "")}
            named = payments.resolve_name(company, sent, "EntityRef")
            person.update({"Type": named["type"], "EntityRef": {"value": named["value"], "name": named["name"]}})
        names.add(payments.name_on_control(company, body, detail["AccountRef"], named))
        sign = 1 if detail["PostingType"] == "Debit" else -1
        taxes += sign * dec(detail.get("TaxAmount")) if company.tax_mode == "global" else ZERO
        total += sign * dec(line["Amount"])
    if len(names - {""}) > 1 and not body.get("HomeAdjustment"):
        raise business("You can only add or edit one name at a time.")
    if total + taxes:
        raise Fault("2300", element="")
    refuse_duplicate(company, entity, body, old)
    body["TotalAmt"] = 0
    body["TxnTaxDetail"] = {**body.get("TxnTaxDetail", {}), "TotalTax": money(taxes)} if taxes else {}


def deposit(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check a bank deposit and mark the payments on it as deposited.
    Raises Fault 2020, 6000 when a payment is not there, or 6540 when it is on a deposit already."""
    account = company.get("Account", body["DepositToAccountRef"]["value"]) or {}
    company.set_currency(body, account)
    for line in body["Line"]:
        (_linked_line if line.get("LinkedTxn") else _own_line)(company, body, line)
    linked = [link["TxnId"] for line in body["Line"] for link in line.get("LinkedTxn", [])]
    if len(linked) > len(set(linked)):
        raise Fault("6540", element="")
    now, before = (payments.link_keys(part, *BANKED) for part in (body, old or {}))
    payments.mark(company, body["Id"], "Deposit", now, before)
    number_lines([line for line in body["Line"] if not line.get("LinkedTxn")], (old or {}).get("Line", []))
    back = body.get("CashBack", {})
    if dec(back.get("Amount")) and not back.get("AccountRef"):
        raise missing("AccountRef")
    total = sum((dec(line["Amount"]) for line in body["Line"]), ZERO) - dec(back.get("Amount"))
    company.check_total(total)
    body["TotalAmt"] = money(total)


def _own_line(company: Company, body: Json, line: Json) -> None:
    detail = line.setdefault("DepositLineDetail", {})
    if "Amount" not in line or not detail.get("AccountRef"):
        raise missing("Amount" if "Amount" not in line else "AccountRef")
    line["DetailType"] = "DepositLineDetail"
    detail["AccountRef"] = company.resolve("Account", detail["AccountRef"], "AccountRef")
    named = payments.resolve_name(company, detail["Entity"], "Entity") if detail.get("Entity") else {}
    payments.name_on_control(company, body, detail["AccountRef"], named)
    if named:
        detail["Entity"] = {**named, "type": named["type"].upper()}


def _linked_line(company: Company, body: Json, line: Json) -> None:
    """A line for a payment or receipt has its amount, and method and number below; no id of its own.
    Raises Fault 6000 for what is not there or not in undeposited funds, 6540 for what is on another deposit."""
    amount: Decimal | int = ZERO
    for name in ("Id", "LineNum", "DetailType", "DepositLineDetail"):
        line.pop(name, None)
    for linked in line["LinkedTxn"]:
        name, key = linked.get("TxnType", ""), str(linked.get("TxnId", ""))
        found = payments.linked(company, name, key, *BANKED)
        if any(item["TxnType"] == "Deposit" and item["TxnId"] != body["Id"] for item in found.get("LinkedTxn", [])):
            raise Fault("6540", element="")
        if found["DepositToAccountRef"]["value"] != str(company.account("UndepositedFunds")):
            raise business(f"The {name} {key} is not in undeposited funds.")
        linked.setdefault("TxnLineId", "0")
        same = found["CurrencyRef"] == body["CurrencyRef"]
        amount += dec(found["TotalAmt"]) if same else from_cents(ledger.waiting(company, key)[0])
        facts = {"PaymentMethodRef": "PaymentMethodRef", "PaymentRefNum": "CheckNum"}
        shown = {name: found[field] for field, name in facts.items() if found.get(field)}
        line.update({"DepositLineDetail": shown} if shown else {})
    line["Amount"] = money(amount)


def before_remove_deposit(company: Company, entity: Entity, body: Json) -> None:
    """Free the payments on a deposit, and take the deposit itself out of what is applied to it."""
    payments.mark(company, body["Id"], "Deposit", set(), payments.link_keys(body, *BANKED))
    payments.release(company, entity, body)


def transfer(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check a transfer between two accounts, or a payment of a credit card.
    Raises Fault 6000 for the same account twice or a negative amount, 6430 for a wrong type of account."""
    company.set_currency(body, {})
    for name, kinds in TRANSFERS[entity.name].items():
        payments.require_account(company, body[name], *kinds)
    if len({body[name]["value"] for name in TRANSFERS[entity.name]}) == 1:
        raise business("The account to transfer from and the account to transfer to must be different.")
    company.check_total(dec(body["Amount"]))


def adjustment(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check an adjustment of quantities; a new quantity becomes the difference.
    Raises Fault 2020, or 6000 for an item whose quantity is not tracked."""
    company.set_currency(body, {})
    for number, line in enumerate(body["Line"], 1):
        detail = line.setdefault("ItemAdjustmentLineDetail", {})
        if not detail.get("ItemRef") or not {"QtyDiff", "NewQty"} & detail.keys():
            raise missing("QtyDiff" if detail.get("ItemRef") else "ItemRef")
        detail["ItemRef"] = company.resolve("Item", detail["ItemRef"], "ItemRef")
        item = company.get("Item", detail["ItemRef"]["value"]) or {}
        if item["Type"] != "Inventory":
            raise business(f"The quantity of {item['Name']} is not tracked.")
        if "NewQty" in detail:
            detail["QtyDiff"] = plain(dec(detail.pop("NewQty")) - dec(item["QtyOnHand"]))
        line.update({"Id": line.get("Id", str(number)), "DetailType": "ItemAdjustmentLineDetail"})


def opening_stock(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Book the quantity that an item begins with, or by which a caller changed it, against opening balance equity."""
    sent = old is None or "QtyOnHand" in company.request.names
    change = dec(body.get("QtyOnHand")) - dec((old or {}).get("QtyOnHand"))
    if body["Type"] == "Inventory" and sent and change and body["Active"]:
        equity = str(company.account("OpeningBalanceEquity"))
        _adjust(company, body, body["InvStartDate"], equity, change, f"Opening inventory for {body['Name']}")
    return False


def clear_stock(company: Company, item: Json) -> None:
    """Book what is there of an item that goes out of use against its cost of goods sold."""
    day = max(company.clock.today().isoformat(), item["InvStartDate"])
    if dec(item["QtyOnHand"]):
        _adjust(company, item, day, item["ExpenseAccountRef"]["value"], -dec(item["QtyOnHand"]),
                f"{item['Name']} made inactive")


def _adjust(company: Company, item: Json, day: str, account: str, change: Decimal, note: str) -> None:
    part = {"ItemRef": {"value": item["Id"]}, "QtyDiff": plain(change)}
    company.create(SCHEMA["InventoryAdjustment"], {
        "TxnDate": day, "PrivateNote": note, "AdjustAccountRef": {"value": account},
        "Line": [{"DetailType": "ItemAdjustmentLineDetail", "ItemAdjustmentLineDetail": part}]}, PERSON)


AFTER["Item"] = opening_stock
RULES["stock"] = adjustment
RULES["journal"] = journal
RULES["deposit"] = deposit
RULES["transfer"] = transfer
BEFORE_REMOVE["deposit"] = before_remove_deposit
