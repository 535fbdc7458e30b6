"""Rules of the lists: names, uniqueness, the suffix of inactive rows, parents, what accounts and items need."""

import re

from simulator.company import RULES, Company
from simulator.errors import Fault, business, missing, not_found
from simulator.ledger import account_balance
from simulator.money import ZERO, Json, dec
from simulator.schema import FACTS, SCHEMA, Entity

SUFFIX = re.compile(r" \(deleted(?:-\d+)?\)$")
CLASSIFICATION: dict[str, str] = FACTS["classification"]
SUBTYPE: dict[str, str] = FACTS["default_subtype"]
TYPE_OF_SUBTYPE: dict[str, str] = FACTS["type_of_subtype"]
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
    if entity.name == "Employee":
        return
    code = body.get("CurrencyRef", {}).get("value", company.home)
    if code != company.home and not company.multicurrency:
        raise business(f"The currency {code} is not switched on for this company.")
    body["CurrencyRef"] = company.currency(code)
    if old is None:
        body["Balance"] = 0


def _customer(company: Company, body: Json, old: Json | None) -> None:
    if old is None:
        body["BalanceWithJobs"] = 0
        if "DefaultTaxCodeRef" not in body and company.tax_mode == "manual" and body["Taxable"]:
            code = company.preference("TaxPrefs", "TaxGroupCodeRef")
            if code:
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
    if not body.get("AccountType"):
        kind = TYPE_OF_SUBTYPE.get(body.get("AccountSubType", ""))
        if kind is None:
            raise missing("AccountType")
        body["AccountType"] = kind
    if body["AccountType"] not in CLASSIFICATION:
        raise Fault("2170", f"AccountType : {body['AccountType']}", element="AccountType")
    body.setdefault("AccountSubType", SUBTYPE[body["AccountType"]])
    body["Classification"] = CLASSIFICATION[body["AccountType"]]
    body["CurrencyRef"] = company.currency(body.get("CurrencyRef", {}).get("value", company.home))
    if old is None:
        body["CurrentBalance"] = body["CurrentBalanceWithSubAccounts"] = 0
    elif old["Active"] and not body["Active"]:
        if body["AccountSubType"] in FACTS["system"]:
            raise business("You can't make this account inactive: QuickBooks uses it.")
        if account_balance(company, int(body["Id"])):
            raise Fault("6220", "account", element="")


def _item(company: Company, body: Json, old: Json | None) -> None:
    kind = body["Type"]
    if kind not in ("Service", "NonInventory", "Inventory", "Category", "Group"):
        raise Fault("2170", f"Type : {kind}", element="Type")
    if old is not None and old["Type"] == "Inventory" != kind:
        raise business("The type of an inventory item cannot be changed.")
    if kind == "Category":
        return
    if kind == "Inventory":
        lacking = [name for name in ("QtyOnHand", "InvStartDate", "AssetAccountRef", "IncomeAccountRef",
                                     "ExpenseAccountRef") if name not in body]
        if lacking:
            raise missing(*lacking)
        body["TrackQtyOnHand"] = True
    elif "IncomeAccountRef" not in body and "ExpenseAccountRef" not in body:
        raise missing("IncomeAccountRef")
    _check_income(company, body)


def _check_income(company: Company, body: Json) -> None:
    reference = body.get("IncomeAccountRef")
    if reference:
        account = company.get("Account", reference["value"]) or {}
        if account.get("AccountType") in ("Accounts Receivable", "Accounts Payable"):
            raise Fault("6430", account["AccountType"], element="IncomeAccountRef")


def _term(company: Company, body: Json, old: Json | None) -> None:
    if "DayOfMonthDue" in body:
        body["Type"] = "DATE_DRIVEN"
        body.setdefault("DueNextMonthDays", 0)
        return
    body["Type"] = "STANDARD"
    body.setdefault("DueDays", 0)
    body.setdefault("DiscountDays", 0)


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
    if "FullyQualifiedName" not in entity.fields:
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
        if entity.name in SUB_FLAGS:
            body[SUB_FLAGS[entity.name]] = True
    if entity.name in ("Customer", "Item"):
        body.pop("Level", None)
        if level:
            body["Level"] = level
    below = old is not None and old["FullyQualifiedName"] != full
    if old is not None and below:
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


PARTICULAR = {"Customer": _customer, "Account": _account, "Item": _item, "Term": _term}
RULES["name"] = prepare
RULES["list"] = prepare


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
    name = f"{entity.name}Ref"
    rows = company.rows("select entity, id from object where realm = ? and instr(body, ?) > 0 and "
                             "json_extract(body, ?) = ?", f'"{name}"', f"$.{name}.value", lost["Id"])
    for owner, key in rows:
        body = company.get(owner, key)
        if body is not None:
            body[name] = {"value": keep["Id"], "name": keep.get("DisplayName") or keep.get("Name")}
            company.put(SCHEMA[owner], body)
    if entity.name == "Customer":
        company.store.run("update posting set party = ? where realm = ? and party = ?", int(keep["Id"]), company.realm,
                          int(lost["Id"]))
        company.dirty.add(int(keep["Id"]))
