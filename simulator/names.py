"""Rules of the lists: names, uniqueness, the suffix of inactive rows, parents, what accounts and items need."""

import re
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

from simulator import entries, ledger
from simulator.company import AFTER, PERSON, RULES, Company
from simulator.errors import Fault, business, missing, need, not_found
from simulator.money import ZERO, Json, dec, dumps, money
from simulator.schema import FACTS, SCHEMA, TYPE_FIELDS, Entity

SUFFIX = re.compile(r" \(deleted(?:-\d+)?\)$")
CLASSIFICATION: dict[str, str] = FACTS["classification"]
SUBTYPES: dict[str, list[str]] = {kind: words.split() for kind, words in FACTS["subtypes"].items()}
"""Account type: its subtypes, the usual one first."""
ITEM_ACCOUNTS = {"AssetAccountRef": "Other Current Asset", "IncomeAccountRef": "Income",
                 "ExpenseAccountRef": "Cost of Goods Sold"}
"""What an inventory item needs, and the type of each account."""
MERGED = {"Customer": (("posting", "party"), ("link", "party")), "Vendor": (("posting", "party"), ("link", "party")),
          "Account": (("posting", "account"), ("link", "account")), "Item": (("posting", "item"),),
          "Class": (("posting", "klass"),), "Department": (("posting", "dept"),)}
"""Columns that point to a row of a list, and follow it when it is merged."""
DEEPEST = 5
MASKED = ("TaxIdentifier", "PrimaryTaxIdentifier")
SUB_FLAGS = {"Customer": "Job", "Item": "SubItem", "Account": "SubAccount", "Class": "SubClass",
             "Department": "SubDepartment"}


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a row of a list before it is written."""
    sent, flag = company.request.sent, SUB_FLAGS.get(entity.name, "")
    if sent.get(flag) is False and "ParentRef" not in sent:
        body.pop("ParentRef", None)
    if entity.name in PARTICULAR:
        PARTICULAR[entity.name](company, body, old)
    if "GivenName" in entity.fields:
        _person(company, entity, body, old)
    _rename_inactive(company, entity, body, old)
    if re.search(r"[\t\n:]" if entity.name != "Account" else r'[\t\n:"]', body[entity.key]):
        raise business(f"The {entity.key} must not hold a colon, a tab, a new line or, for accounts, a double quote.")
    if flag:
        _place(company, entity, body, old, flag)
    other = _clash(company, entity, body)
    if other is not None:
        raise Fault("6240", f"Id={other}", element="")
    if old is not None and _reference(old) != _reference(body):
        _repoint(company, entity, old, body, company.rewrite)


def _person(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    parts = [body.get(name) for name in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")]
    body["DisplayName"] = (body.get("DisplayName") or " ".join(part for part in parts if part)).strip()
    if not body["DisplayName"]:
        raise Fault("6080", element="")
    followed = old is not None and old.get("PrintOnCheckName") == old.get("DisplayName")
    if not body.get("PrintOnCheckName") or (followed and "PrintOnCheckName" not in company.request.names):
        body["PrintOnCheckName"] = SUFFIX.sub("", body["DisplayName"])
    body.update({name: "X" * (len(body[name]) - 4) + body[name][-4:] for name in MASKED if name in body})
    if entity.name == "Employee":
        body.update({"SSN": "XXX-XX-XXXX"} if "SSN" in body else {})
        return
    body["CurrencyRef"] = company.currency(body.get("CurrencyRef", {}).get("value", company.home))
    if old is None:
        body["Balance"] = 0


def _customer(company: Company, body: Json, old: Json | None) -> None:
    if old is None:
        body["BalanceWithJobs"] = 0
        code = company.preference("TaxPrefs", "TaxGroupCodeRef")
        if code and "DefaultTaxCodeRef" not in body and company.tax_mode == "manual" and body["Taxable"]:
            body["DefaultTaxCodeRef"] = {"value": code["value"]}
    if not body.get("ParentRef") and body.get("Job"):
        raise missing("ParentRef")
    if not body.get("ParentRef") and body.get("BillWithParent"):
        raise business("BillWithParent needs Job and ParentRef.")
    if old is not None and old["Active"] and not body["Active"] and not company.request.options.person \
            and dec(old["BalanceWithJobs"]) != ZERO:
        raise Fault("6220", "customer", element="")


def _account(company: Company, body: Json, old: Json | None) -> None:
    _account_type(body, old)
    body["CurrencyRef"] = company.currency(body.get("CurrencyRef", {}).get("value", company.home))
    if not company.preference("AccountingInfoPrefs", "UseAccountNumbers"):
        body.pop("AcctNum", None)
    if old is None:
        body["CurrentBalance"] = body["CurrentBalanceWithSubAccounts"] = 0
    elif old["Active"] and not body["Active"]:
        if body["AccountSubType"] in FACTS["system"]:
            raise business("You can't make this account inactive: QuickBooks uses it.")
        if ledger.account_balance(company, int(body["Id"])):
            raise Fault("6220", "account", element="")
    above = company.get("Account", body["ParentRef"]["value"]) if body.get("ParentRef") else None
    if above and above["AccountType"] != body["AccountType"]:
        raise business("A sub-account must have the account type of its parent.")
    if above and above["AccountSubType"] in FACTS["system"]:
        raise business("An account that QuickBooks uses cannot have sub-accounts.")


def _account_type(body: Json, old: Json | None) -> None:
    """Complete type, subtype and classification of an account from those that are sent."""
    subtype = body.get("AccountSubType", "")
    kind = body.get("AccountType") or next((kind for kind, words in SUBTYPES.items() if subtype in words), "")
    if not kind:
        raise missing("AccountType")
    if old is not None and old["AccountType"] != kind and subtype == old["AccountSubType"]:
        subtype = ""
    if subtype and subtype not in SUBTYPES[kind]:
        raise Fault("2170", f"AccountSubType : {subtype}", element="AccountSubType")
    body.update({"AccountType": kind, "AccountSubType": subtype or SUBTYPES[kind][0],
                 "Classification": CLASSIFICATION[kind]})


def _item(company: Company, body: Json, old: Json | None) -> None:
    kind, person = body["Type"], company.request.options.person
    if kind == "Group" and not person:
        raise business("A bundle can only be made or changed in QuickBooks itself.")
    if old is not None and old["Type"] == "Inventory" != kind:
        raise business("The type of an inventory item cannot be changed.")
    if kind == "Category":
        for name in ("Taxable", "UnitPrice", "PurchaseCost", "TrackQtyOnHand"):
            body.pop(name, None)
    elif kind == "Inventory":
        need(body, "QtyOnHand", "InvStartDate", *ITEM_ACCOUNTS)
        body["TrackQtyOnHand"] = True
        if old is not None and old["Active"] and not body["Active"]:
            entries.clear_stock(company, old)
            body["QtyOnHand"] = 0
    elif kind != "Group" and "IncomeAccountRef" not in body and "ExpenseAccountRef" not in body:
        raise missing("IncomeAccountRef")
    for name, wanted in ITEM_ACCOUNTS.items():
        if name in body and name in company.request.names and not person:
            account = (company.get("Account", body[name]["value"]) or {}).get("AccountType", "")
            if account in ("Accounts Receivable", "Accounts Payable") or (kind == "Inventory" and account != wanted):
                raise Fault("6430", account, element=name)


def _term(company: Company, body: Json, old: Json | None) -> None:
    sent = company.request.names
    dated = "DayOfMonthDue" in body and ("DayOfMonthDue" in sent or "DueDays" not in sent)
    for name in ("DueDays", "DiscountDays") if dated else ("DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth"):
        body.pop(name, None)
    usual = {"DueNextMonthDays": 0} if dated else {"DueDays": 0, "DiscountDays": 0}
    body.update({**usual, **body, "Type": "DATE_DRIVEN" if dated else "STANDARD"})


def _rename_inactive(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Give an inactive row its suffix, and take it away when the row comes back."""
    key, gone = entity.key, old is not None and not old.get("Active", True)
    base = SUFFIX.sub("", body[key]) if gone else body[key]
    if body.get("Active", True):
        body[key] = base
    elif old is not None and gone and SUFFIX.sub("", old[key]) == base:
        body[key] = old[key]
    else:
        tries = ({**body, key: f"{base} (deleted{f'-{number}' if number else ''})"} for number in count())
        body[key] = next(each[key] for each in tries if _clash(company, entity, each) is None)


def _full_name(company: Company, entity: Entity, body: Json) -> str:
    above = company.get(entity.name, body["ParentRef"]["value"]) if body.get("ParentRef") else None
    return f"{above['FullyQualifiedName']}:{body[entity.key]}" if above else body[entity.key]


def _place(company: Company, entity: Entity, body: Json, old: Json | None, flag: str) -> None:
    """Set FullyQualifiedName and Level from the parent, and those of the rows below."""
    parent, own = body.get("ParentRef"), int(body["Id"])
    if parent and int(parent["value"]) in [own, *company.descendants(entity.name, own)]:
        raise business("A record cannot be below itself.")
    if parent or flag in body:
        body[flag] = bool(parent)
    _set_path(entity, body, _full_name(company, entity, body))
    if old is not None and old["FullyQualifiedName"] != body["FullyQualifiedName"]:
        _move_children(company, entity, old, body)
    if old is not None and old.get("ParentRef") != parent:
        _sum_parents(company, entity, old, body)


def _set_path(entity: Entity, body: Json, full: str) -> None:
    level = full.count(":")
    if level > DEEPEST:
        raise Fault("6180", element="")
    body["FullyQualifiedName"] = full
    if "Level" in entity.fields:
        body.pop("Level", None)
        body.update({"Level": level} if level else {})


def _move_children(company: Company, entity: Entity, before: Json, after: Json) -> None:
    """Give the rows below a row their new path; what refers to them by it follows."""
    path, new = before["FullyQualifiedName"], after["FullyQualifiedName"]
    for key in company.descendants(entity.name, int(before["Id"])):
        child = company.get(entity.name, key) or {}
        old = dict(child)
        _set_path(entity, child, new + child["FullyQualifiedName"][len(path):])
        company.rewrite(entity, child)
        if _reference(old) != _reference(child):
            _repoint(company, entity, old, child, company.rewrite)


def _sum_parents(company: Company, entity: Entity, *rows: Json) -> None:
    """Have the balances of the parents of rows computed anew."""
    stale = {"Customer": company.dirty, "Account": company.dirty_accounts}.get(entity.name, set())
    stale.update(int(row["ParentRef"]["value"]) for row in rows if row.get("ParentRef"))


def _clash(company: Company, entity: Entity, body: Json) -> int | None:
    """Return the id of another row with this name: among all of the lists that share names, or at its level."""
    lists = entity.unique.split("|")
    column, wanted = ("name", body[entity.key]) if lists[1:] else ("fqn", _full_name(company, entity, body))
    row = company.row(f"select id from object where realm = ? and entity in ({','.join('?' * len(lists))}) and "
                      f"{column} = ? collate nocase and not (entity = ? and id = ?)", *lists, wanted, entity.name,
                      int(body["Id"]))
    return int(row[0]) if row else None


def _open_customer(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """A customer made with a balance owes it on an invoice against Opening Balance Equity."""
    amount = dec(company.request.sent.get("Balance"))
    if old is not None or amount <= ZERO:
        return False
    found = company.value("select id from object where realm = ? and entity = 'Item' and name = 'Opening Balance'")
    item = found or company.create(SCHEMA["Item"], {
        "Name": "Opening Balance", "Type": "Service",
        "IncomeAccountRef": {"value": str(company.account("OpeningBalanceEquity"))}}, PERSON)["Id"]
    day = body.get("OpenBalanceDate", company.clock.today().isoformat())
    return _open(company, "Invoice", day, {"CustomerRef": {"value": body["Id"]}, "DueDate": day}, [
        {"Amount": amount, "DetailType": "SalesItemLineDetail",
         "SalesItemLineDetail": {"ItemRef": {"value": str(item)}}}])


def _open_account(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """An account of the balance sheet made with a balance gets it by an entry against Opening Balance Equity."""
    amount = dec(company.request.sent.get("OpeningBalance"))
    if old is not None or not amount or body["Classification"] in ("Revenue", "Expense"):
        return False
    up = (amount > 0) == (body["Classification"] == "Asset")
    sides = ((body["Id"], up), (str(company.account("OpeningBalanceEquity")), not up))
    day = company.request.sent.get("OpeningBalanceDate", company.clock.today().isoformat())
    return _open(company, "JournalEntry", day, {}, [
        {"Amount": money(abs(amount)), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail":
         {"PostingType": "Debit" if debit else "Credit", "AccountRef": {"value": key}}} for key, debit in sides])


def _open(company: Company, entity: str, day: str, head: Json, lines: list[Json]) -> bool:
    text = "Opening Balance"
    company.create(SCHEMA[entity], {"TxnDate": day, "PrivateNote": text, **head,
                                    "Line": [{**line, "Description": text} for line in lines]}, PERSON)
    ledger.flush(company)
    return True


PARTICULAR = {"Customer": _customer, "Account": _account, "Item": _item, "Term": _term}
RULES["name"] = RULES["list"] = prepare
AFTER.update({"Customer": _open_customer, "Account": _open_account})


def merge(company: Company, entity: Entity, loser: str, winner: str) -> None:
    """Merge one list row into another as a person may: what pointed to the loser points to the winner.

    Raises:
        Fault: 610 when one of them is not there.
    """
    with company.work():
        keep, lost = (company.get(entity.name, key) for key in (winner, loser))
        if keep is None or lost is None or not entity.is_name:
            raise not_found()
        if int(winner) in [int(loser), *company.descendants(entity.name, int(loser))]:
            raise business("A record cannot be merged into itself or into one below it.")
        _repoint(company, entity, lost, keep, company.put)
        if entity.name in SUB_FLAGS:
            _move_children(company, entity, lost, keep)
            _sum_parents(company, entity, lost)
        for table, column in MERGED.get(entity.name, ()):
            company.store.run(f"update {table} set {column} = ? where realm = ? and {column} = ?", int(winner),
                              company.realm, int(loser))
        company.run("delete from object where realm = ? and entity = ? and id = ?", entity.name, int(loser))
        (company.dirty_accounts if entity.name == "Account" else company.dirty).add(int(winner))
        company.put(entity, keep)
        company.tell(entity, winner, "Merge", loser)


def _reference(row: Json) -> Json:
    """Return what refers to a row."""
    return {"value": row["Id"], "name": row.get("DisplayName") or row.get("FullyQualifiedName") or row.get("Name")}


@cache
def _pointers(target: str, owner: str) -> frozenset[str]:
    """Return the properties that refer to a list from objects of *owner*."""
    found = {rule.name for fields in (*TYPE_FIELDS.values(), *(each.fields for each in SCHEMA.values()))
             for rule in fields.values() if rule.kind == "ref" and rule.target == target}
    found |= {"EntityRef", "Entity"} if SCHEMA[target].sequence == "Names" else set()
    return frozenset(found if owner == target else found - {"ParentRef"})


def _repoint(company: Company, entity: Entity, before: Json, after: Json, save: Callable[[Entity, Json], None]) -> None:
    """Make every reference to a row one to another, or to its new name: properties of any depth."""
    fresh, renamed = _reference(after), before["Id"] == after["Id"]
    mark = dumps(_reference(before))[1:-1] if renamed else f'"value":"{before["Id"]}"'
    for owner, key in company.rows("select entity, id from object where realm = ? and instr(body, ?) > 0", mark):
        body = company.get(owner, key) or {}
        if "SyncToken" in body and _replace(body, entity, _pointers(entity.name, owner), before["Id"], fresh):
            save(SCHEMA[owner], body)


def _replace(body: Any, entity: Entity, names: frozenset[str], old: str, new: Json) -> bool:
    """Put a reference in the place of another wherever it is; returns whether it was anywhere."""
    found = False
    for name, value in (body.items() if isinstance(body, dict) else enumerate(body)):
        if isinstance(value, dict) and name in names and value.get("value") == old \
                and str(value.get("type", entity.name)).lower() == entity.name.lower():
            body[name], found = {**value, **{part: new[part] for part in new if part in value}}, True
        elif isinstance(value, dict | list):
            found |= _replace(value, entity, names, old, new)
    return found
