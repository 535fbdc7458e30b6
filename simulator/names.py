"""Rules of the lists: names, uniqueness, the suffix of inactive rows, parents, what accounts and items need."""

import re
from typing import Any

from simulator import entries, ledger
from simulator.company import AFTER, PERSON, RULES, Company
from simulator.errors import Fault, business, missing, not_found
from simulator.money import ZERO, Json, dec, money
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
MASKED = ("TaxIdentifier", "PrimaryTaxIdentifier")
SUB_FLAGS = {"Customer": "Job", "Item": "SubItem", "Account": "SubAccount", "Class": "SubClass",
             "Department": "SubDepartment"}


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a row of a list before it is written."""
    if entity.name in PARTICULAR:
        PARTICULAR[entity.name](company, body, old)
    key = "DisplayName" if "DisplayName" in entity.fields else "Name"
    if key == "DisplayName" and entity.name != "TaxAgency":
        _person(company, entity, body, old)
    _rename_inactive(company, entity, body, old, key)
    if re.search(r"[\t\n:]" if entity.name != "Account" else r'[\t\n:"]', body[key]):
        raise business(f"The {key} must not contain a colon, a tab, a new line or, for accounts, a double quote.")
    _place(company, entity, body, old, key)
    _check_unique(company, entity, body, old, key)


def _person(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    if not body.get("DisplayName"):
        parts = [body.get(name) for name in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")]
        body["DisplayName"] = " ".join(part for part in parts if part)
    if not body["DisplayName"].strip():
        raise Fault("6080", element="")
    body["DisplayName"] = body["DisplayName"].strip()
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
    if body.get("ParentRef"):
        body["Job"] = True
    elif body.get("Job"):
        raise missing("ParentRef")
    if body.get("BillWithParent") and not body.get("ParentRef"):
        raise business("BillWithParent needs Job and ParentRef.")
    if old is not None and old["Active"] and not body["Active"] and not company.request.options.person \
            and dec(old["BalanceWithJobs"]) != ZERO:
        raise Fault("6220", "customer", element="")


def _account(company: Company, body: Json, old: Json | None) -> None:
    _account_type(body, old)
    body["CurrencyRef"] = company.currency(body.get("CurrencyRef", {}).get("value", company.home))
    if not company.preference("AccountingInfoPrefs", "UseAccountNumbers"):
        body.pop("AcctNum", None)
    for name in ("OpeningBalance", "OpeningBalanceDate"):
        body.pop(name, None)
    if old is None:
        body["CurrentBalance"] = body["CurrentBalanceWithSubAccounts"] = 0
    elif old["Active"] and not body["Active"]:
        if body["AccountSubType"] in FACTS["system"]:
            raise business("You can't make this account inactive: QuickBooks uses it.")
        if ledger.account_balance(company, int(body["Id"])):
            raise Fault("6220", "account", element="")
    _check_above(company, body)


def _account_type(body: Json, old: Json | None) -> None:
    """Complete type, subtype and classification of an account from those that are sent."""
    subtype = body.get("AccountSubType", "")
    kind = body.get("AccountType") or next((kind for kind, words in SUBTYPES.items() if subtype in words), "")
    if not kind:
        raise missing("AccountType")
    if kind not in CLASSIFICATION:
        raise Fault("2170", f"AccountType : {kind}", element="AccountType")
    if old is not None and old["AccountType"] != kind and subtype == old["AccountSubType"]:
        subtype = ""
    if subtype and subtype not in SUBTYPES[kind]:
        raise Fault("2170", f"AccountSubType : {subtype}", element="AccountSubType")
    body.update({"AccountType": kind, "AccountSubType": subtype or SUBTYPES[kind][0],
                 "Classification": CLASSIFICATION[kind]})


def _check_above(company: Company, body: Json) -> None:
    above = company.get("Account", body["ParentRef"]["value"]) if body.get("ParentRef") else None
    if above and above["AccountType"] != body["AccountType"]:
        raise business("A sub-account must have the account type of its parent.")
    if above and above["AccountSubType"] in FACTS["system"]:
        raise business("An account that QuickBooks uses cannot have sub-accounts.")


def _item(company: Company, body: Json, old: Json | None) -> None:
    kind = body["Type"]
    if kind not in ("Service", "NonInventory", "Inventory", "Category", "Group"):
        raise Fault("2170", f"Type : {kind}", element="Type")
    if kind == "Group" and not company.request.options.person:
        raise business("A bundle can only be made or changed in QuickBooks itself.")
    if old is not None and old["Type"] == "Inventory" != kind:
        raise business("The type of an inventory item cannot be changed.")
    if kind == "Category":
        for name in ("Taxable", "UnitPrice", "PurchaseCost", "TrackQtyOnHand"):
            body.pop(name, None)
    elif kind == "Inventory":
        lacking = [name for name in ("QtyOnHand", "InvStartDate", *ITEM_ACCOUNTS) if name not in body]
        if lacking:
            raise missing(*lacking)
        body["TrackQtyOnHand"] = True
        if old is not None and old["Active"] and not body["Active"]:
            entries.clear_stock(company, old)
            body["QtyOnHand"] = 0
    elif kind != "Group" and "IncomeAccountRef" not in body and "ExpenseAccountRef" not in body:
        raise missing("IncomeAccountRef")
    for name, wanted in ITEM_ACCOUNTS.items():
        _check_item_account(company, body, name, wanted if kind == "Inventory" else "")


def _check_item_account(company: Company, body: Json, name: str, wanted: str) -> None:
    if name in body and name in company.request.names and not company.request.options.person:
        kind = (company.get("Account", body[name]["value"]) or {}).get("AccountType", "")
        if kind in ("Accounts Receivable", "Accounts Payable") or (wanted and kind != wanted):
            raise Fault("6430", kind, element=name)


def _term(company: Company, body: Json, old: Json | None) -> None:
    sent = company.request.names
    dated = "DayOfMonthDue" in body and ("DayOfMonthDue" in sent or "DueDays" not in sent)
    for name in ("DueDays", "DiscountDays") if dated else ("DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth"):
        body.pop(name, None)
    usual = {"DueNextMonthDays": 0} if dated else {"DueDays": 0, "DiscountDays": 0}
    body.update({**usual, **body, "Type": "DATE_DRIVEN" if dated else "STANDARD"})


def _rename_inactive(company: Company, entity: Entity, body: Json, old: Json | None, key: str) -> None:
    """Give an inactive row its suffix, and take it away when the row comes back."""
    if "Active" not in entity.fields:
        return
    base = SUFFIX.sub("", body[key]) if old is not None and not old.get("Active", True) else body[key]
    if body["Active"]:
        body[key] = base
        return
    if old is not None and not old["Active"] and SUFFIX.sub("", old[key]) == base:
        body[key] = old[key]
        return
    body[key], count = f"{base} (deleted)", 0
    while _clash(company, entity, body, key) is not None:
        count += 1
        body[key] = f"{base} (deleted-{count})"


def _place(company: Company, entity: Entity, body: Json, old: Json | None, key: str) -> None:
    """Set FullyQualifiedName and Level from the parent, and those of the children."""
    if entity.name not in SUB_FLAGS:
        return
    parent, full, level = body.get("ParentRef"), str(body[key]), 0
    if parent:
        above = company.get(entity.name, parent["value"])
        if above is None:
            raise not_found()
        own = int(body["Id"])
        if old is not None and int(parent["value"]) in [own, *company.descendants(entity.name, own)]:
            raise business("A record cannot be below itself.")
        full, level = f"{above['FullyQualifiedName']}:{full}", above["FullyQualifiedName"].count(":") + 1
        if level > 5:
            raise Fault("6180", element="")
        body[SUB_FLAGS[entity.name]] = True
    if entity.name in ("Customer", "Item"):
        body.pop("Level", None)
        if level:
            body["Level"] = level
    if old is not None and old["FullyQualifiedName"] != full:
        _move_children(company, entity, old["FullyQualifiedName"], full, int(old["Id"]))
    body["FullyQualifiedName"] = full


def _move_children(company: Company, entity: Entity, before: str, after: str, key: int) -> None:
    for child in company.descendants(entity.name, key):
        body = company.get(entity.name, child)
        if body is not None:
            body["FullyQualifiedName"] = after + body["FullyQualifiedName"][len(before):]
            company.store.write(company.realm, entity, body, *company.times(entity.name, child))


def _clash(company: Company, entity: Entity, body: Json, key: str) -> int | None:
    """Return the id of another row with this name: among all of the lists that share names, or at its level."""
    lists = (entity.unique or entity.name).split("|")
    column = "fqn" if entity.name in SUB_FLAGS and entity.name != "Customer" else "name"
    wanted = body[key]
    if column == "fqn" and body.get("ParentRef"):
        above = company.get(entity.name, body["ParentRef"]["value"])
        wanted = f"{above['FullyQualifiedName']}:{wanted}" if above else wanted
    slots = ",".join("?" * len(lists))
    row = company.row(f"select id from object where realm = ? and entity in ({slots}) and {column} = ? collate "
                            "nocase and not (entity = ? and id = ?)", *lists, wanted, entity.name,
                            int(body["Id"]))
    return int(row[0]) if row else None


def _check_unique(company: Company, entity: Entity, body: Json, old: Json | None, key: str) -> None:
    if old is not None and old[key] == body[key] and old.get("ParentRef") == body.get("ParentRef"):
        return
    other = _clash(company, entity, body, key)
    if other is not None:
        raise Fault("6240", f"Id={other}", element="")


def _open_customer(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """A customer made with a balance owes it on an invoice against Opening Balance Equity."""
    amount = dec(company.request.sent.get("Balance"))
    if old is not None or amount <= ZERO:
        return False
    found = company.value("select id from object where realm = ? and entity = 'Item' and name = 'Opening Balance'")
    item = found or company.create(SCHEMA["Item"], {
        "Name": "Opening Balance", "Type": "Service",
        "IncomeAccountRef": {"value": str(company.account("OpeningBalanceEquity"))}}, PERSON)["Id"]
    line = {"Amount": amount, "Description": "Opening Balance", "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": str(item)}}}
    day = body.get("OpenBalanceDate", company.clock.today().isoformat())
    company.create(SCHEMA["Invoice"], {"CustomerRef": {"value": body["Id"]}, "TxnDate": day, "DueDate": day,
                                       "PrivateNote": "Opening Balance", "Line": [line]}, PERSON)
    ledger.flush(company)
    return True


def _open_account(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """An account of the balance sheet made with a balance gets it by an entry against Opening Balance Equity."""
    amount = dec(company.request.sent.get("OpeningBalance"))
    if old is not None or not amount or body["Classification"] in ("Revenue", "Expense"):
        return False
    up = (amount > 0) == (body["Classification"] == "Asset")
    sides = ((body["Id"], up), (str(company.account("OpeningBalanceEquity")), not up))
    lines = [{"Amount": money(abs(amount)), "Description": "Opening Balance", "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": {"PostingType": "Debit" if debit else "Credit", "AccountRef": {"value": key}}}
             for key, debit in sides]
    day = company.request.sent.get("OpeningBalanceDate", company.clock.today().isoformat())
    company.create(SCHEMA["JournalEntry"], {"TxnDate": day, "PrivateNote": "Opening Balance", "Line": lines}, PERSON)
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
        if keep is None or lost is None:
            raise not_found()
        _repoint(company, entity, lost, keep)
        company.run("delete from object where realm = ? and entity = ? and id = ?", entity.name,
                          int(loser))
        company.put(entity, keep)
        company.tell(entity, winner, "Merge", loser)


def _repoint(company: Company, entity: Entity, lost: Json, keep: Json) -> None:
    """Make everything that refers to one row refer to the other: properties of any depth, postings, applications."""
    names = {rule.name for fields in (*TYPE_FIELDS.values(), *(each.fields for each in SCHEMA.values()))
             for rule in fields.values() if rule.kind == "ref" and rule.target == entity.name}
    names |= {"EntityRef", "Entity"} if entity.sequence == "Names" else set()
    reference = {"value": keep["Id"], "name": keep.get("DisplayName") or keep.get("Name")}
    rows = company.rows("select entity, id from object where realm = ? and instr(body, ?) > 0",
                        f'"value":"{lost["Id"]}"')
    for owner, key in rows:
        body = company.get(owner, key) or {}
        used = names if owner == entity.name else names - {"ParentRef"}
        if "SyncToken" in body and _replace(body, used, lost["Id"], reference):
            company.put(SCHEMA[owner], body)
    old, new = int(lost["Id"]), int(keep["Id"])
    for table, column in MERGED.get(entity.name, ()):
        company.store.run(f"update {table} set {column} = ? where realm = ? and {column} = ?", new, company.realm, old)
    (company.dirty_accounts if entity.name == "Account" else company.dirty).add(new)


def _replace(body: Any, names: set[str], old: str, new: Json) -> bool:
    """Put a reference in the place of another wherever it is; returns whether it was anywhere."""
    found = False
    for name, value in (body.items() if isinstance(body, dict) else enumerate(body)):
        if isinstance(value, dict) and name in names and value.get("value") == old:
            body[name], found = {**value, **new}, True
        elif isinstance(value, dict | list):
            found |= _replace(value, names, old, new)
    return found
