"""Rules of journal entries and bank deposits."""

from simulator.company import BEFORE_REMOVE, RULES, Company
from simulator.errors import Fault, business, missing
from simulator.money import ZERO, Json, dec, money
from simulator.payments import release
from simulator.schema import SCHEMA, Entity


def journal(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check a journal entry: it balances, and a line on A/R or A/P names its customer or vendor.

    Raises:
        Fault: 2020, 2300, 2500 or 6000.
    """
    body.setdefault("TxnDate", company.clock.today().isoformat())
    body.setdefault("CurrencyRef", company.currency(company.home))
    lines = [line for line in body["Line"] if line.get("DetailType") == "JournalEntryLineDetail"]
    if len(lines) < 2:
        raise business("Fill out at least two detail lines to continue.")
    sums = {"Debit": ZERO, "Credit": ZERO}
    for number, line in enumerate(lines):
        detail = line.get("JournalEntryLineDetail", {})
        if "AccountRef" not in detail or "PostingType" not in detail or "Amount" not in line:
            raise missing(*[name for name in ("AccountRef", "PostingType", "Amount") if name not in {**detail, **line}])
        if dec(line["Amount"]) < ZERO:
            raise Fault("2110", line["Amount"], element="Amount")
        line.setdefault("Id", str(number))
        _journal_line(company, detail)
        sums[detail["PostingType"]] += dec(line["Amount"])
    if sums["Debit"] != sums["Credit"]:
        raise Fault("2300", element="")
    body["TotalAmt"] = 0
    body["TxnTaxDetail"] = {}


def _journal_line(company: Company, detail: Json) -> None:
    detail["AccountRef"] = company.resolve("Account", detail["AccountRef"], "AccountRef")
    account = company.get("Account", detail["AccountRef"]["value"]) or {}
    person, needed = detail.get("Entity"), {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
    wanted = needed.get(account["AccountType"])
    if wanted and (not person or person.get("Type") != wanted):
        raise business(f"When you use {account['AccountType'].title()}, you must choose a {wanted.lower()} in the Name "
                       "field.")
    if person:
        person["EntityRef"] = company.resolve(person["Type"], person.get("EntityRef", {}), "EntityRef")


def deposit(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Check a bank deposit and mark the payments on it as deposited.

    Raises:
        Fault: 2020 or 6000 when a payment is not there, or is on another deposit.
    """
    body.setdefault("TxnDate", company.clock.today().isoformat())
    body["CurrencyRef"] = company.currency(company.home)
    undo_deposit(company, entity, old or {"Id": body["Id"], "Line": []})
    total = ZERO
    for number, line in enumerate(body["Line"], 1):
        line.setdefault("Id", str(number))
        for linked in line.get("LinkedTxn", []):
            line["Amount"] = _mark(company, linked, body["Id"])
        if "Amount" not in line or not (line.get("LinkedTxn") or line.get("DepositLineDetail", {}).get("AccountRef")):
            raise missing("Amount" if "Amount" not in line else "AccountRef")
        line["DetailType"] = "DepositLineDetail"
        line.setdefault("DepositLineDetail", {})
        total += dec(line["Amount"])
    body["TotalAmt"] = money(total - dec(body.get("CashBack", {}).get("Amount")))
    company.check_total(dec(body["TotalAmt"]))


def _mark(company: Company, linked: Json, key: str) -> object:
    name, target = linked.get("TxnType", ""), str(linked.get("TxnId", ""))
    found = company.get(name, target) if name in SCHEMA and target.isdigit() else None
    if found is None or name not in ("Payment", "SalesReceipt"):
        raise business(f"The entity {name} {target} that you are trying to link does not exist.")
    if any(item["TxnType"] == "Deposit" for item in found.get("LinkedTxn", [])):
        raise Fault("6540", element="")
    found["LinkedTxn"] = [*found.get("LinkedTxn", []), {"TxnId": key, "TxnType": "Deposit"}]
    company.put(SCHEMA[name], found)
    company.tell(SCHEMA[name], target, "Update")
    return found["TotalAmt"]


def undo_deposit(company: Company, entity: Entity, body: Json) -> None:
    """Free the payments of a deposit that goes or is written anew."""
    for line in body.get("Line", []):
        for linked in line.get("LinkedTxn", []):
            found = company.get(linked["TxnType"], linked["TxnId"])
            if found is not None:
                found["LinkedTxn"] = [item for item in found["LinkedTxn"] if item["TxnType"] != "Deposit"]
                company.put(SCHEMA[linked["TxnType"]], found)


def before_remove_journal(company: Company, entity: Entity, body: Json) -> None:
    """Take a journal entry out of the payments that it is applied by."""
    release(company, int(body["Id"]))


RULES["journal"] = journal
RULES["deposit"] = deposit
BEFORE_REMOVE["journal"] = before_remove_journal
BEFORE_REMOVE["deposit"] = undo_deposit
