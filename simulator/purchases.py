"""Rules of bills, vendor credits, expenses and purchase orders: lines, tax, totals, due date, account, open balance."""

from simulator import billable, payments, sales, tax
from simulator.company import BEFORE_REMOVE, RULES, Company
from simulator.errors import missing
from simulator.ledger import PAYABLE
from simulator.money import ZERO, Json, dec
from simulator.schema import FACTS, Entity

NEEDS = {"AccountBasedExpenseLineDetail": ("AccountRef", "Account"), "ItemBasedExpenseLineDetail": ("ItemRef", "Item")}
"""Kind of line -> the reference that it must have, and to what."""
TXN_TYPES = {"Check": "3", "CreditCardCredit": "11", "Expense": "54"}
PAID_FROM: dict[str, list[str]] = FACTS["paid_from"]


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a document of the purchase side before it is written.
    Raises Fault whatever the service refuses, see each part."""
    party = _paid(company, body) if entity.name == "Purchase" else _vendor(company, entity, body, old)
    base = _lines(company, body, old)
    if company.tax_mode == "global":
        body["TxnTaxDetail"] = tax.compute(company, body, party, base, purchase=True)
    else:
        body.pop("TxnTaxDetail", None)
    sales.set_total(company, body, base.subtotal)
    if entity.name == "Bill":
        sales.set_due_date(company, body, party.get("TermRef"), {}, 0)
    _number(company, entity, body, old)
    _orders(company, entity, body, old)
    billable.note_expenses(company, entity, body, old)
    if entity.name in payments.BALANCED:
        body.update(payments.open_balance(company, entity.name, body))


def _vendor(company: Company, entity: Entity, body: Json, old: Json | None) -> Json:
    """Set currency, A/P account and addresses by the vendor, and return it."""
    vendor = company.get("Vendor", body["VendorRef"]["value"]) or {}
    company.set_currency(body, vendor)
    code = body["CurrencyRef"]["value"]
    reference = body.get("APAccountRef")
    if reference:
        account = payments.require_account(company, reference, "Accounts Payable")
        reference = None if account["CurrencyRef"]["value"] != code else reference
    body["APAccountRef"] = reference or company.resolve("Account", {"value": str(company.account(PAYABLE, code))})
    if old is None and vendor.get("BillAddr") and entity.name != "VendorCredit":
        body.setdefault("VendorAddr", dict(vendor["BillAddr"]))
    if entity.name == "PurchaseOrder" and old is None:
        body.setdefault("ShipAddr", dict(company.info.get("CompanyAddr", {})))
    return vendor


def _paid(company: Company, body: Json) -> Json:
    """Check account and payee of an expense; the payee, else the account, says the currency."""
    kind = body["PaymentType"]
    account = payments.require_account(company, body["AccountRef"], *PAID_FROM[kind])
    person = account
    if body.get("EntityRef"):
        body["EntityRef"] = payments.resolve_name(company, body["EntityRef"], "EntityRef")
        person = company.get(body["EntityRef"]["type"], body["EntityRef"]["value"]) or {}
    company.set_currency(body, person)
    if kind == "CreditCard":
        body.setdefault("Credit", False)
    else:
        body.pop("Credit", None)
    if kind == "Check":
        body.setdefault("PrintStatus", "NotSet")
    body["PurchaseEx"] = payments.name_values(TxnType=TXN_TYPES[payments.txn_type("Purchase", body)])
    return person


def _lines(company: Company, body: Json, old: Json | None) -> tax.Base:
    """Give lines their ids and numbers, resolve what they point to, and return what is taxed.
    Raises Fault 2020, 2170, 2500, 610, 6000 or 6070."""
    taxed = [line for line in body["Line"] if sales.line_kind(line, *NEEDS, "DescriptionOnly") in NEEDS]
    for line in taxed:
        _expense_line(company, body, line, line["DetailType"], "Line" in company.request.names)
    sales.number_lines(body["Line"], (old or {}).get("Line", []))
    if not taxed:
        raise missing("Line")
    tax.net_of_tax(company, body, taxed, "Line" in company.request.names, purchase=True)
    return tax.Base(taxed, sum((dec(line["Amount"]) for line in taxed), ZERO), ZERO)


def _expense_line(company: Company, body: Json, line: Json, kind: str, fresh: bool) -> None:
    name, target = NEEDS[kind]
    detail = line.setdefault(kind, {})
    if "Amount" not in line or not detail.get(name):
        raise missing(*[each for each, there in (("Amount", "Amount" in line), (name, detail.get(name))) if not there])
    if fresh:
        for each, entity in ((name, target), ("CustomerRef", "Customer"), ("ClassRef", "Class")):
            if detail.get(each):
                detail[each] = company.resolve(entity, detail[each], each)
        sales.check_amount(line, detail)
    detail.setdefault("BillableStatus", "NotBillable")
    if company.tax_mode != "global":
        detail.setdefault("TaxCodeRef", {"value": "NON"})
    if kind.startswith("Account"):
        payee = body.get("VendorRef", {}) | {"type": "Vendor"} if body.get("VendorRef") else body.get("EntityRef", {})
        customer = (company.get("Account", detail["AccountRef"]["value"]) or {})["AccountType"] == "Accounts Receivable"
        named = {**detail["CustomerRef"], "type": "Customer"} if customer and detail.get("CustomerRef") else payee
        payments.name_on_control(company, body, detail["AccountRef"], named)


def _number(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Number an order that has none; refuse the number of a bill or cheque twice if the company wants to be warned.
    Raises Fault 6140."""
    own = company.preference("VendorAndPurchasesPrefs", "UseCustomTxnNumbers", False)
    if entity.name == "PurchaseOrder" and not body.get("DocNumber") and not own:
        body["DocNumber"] = str(1000 + company.store.next_id(company.realm, "OrderNumber"))
    if entity.name in ("Bill", "Purchase"):
        sales.refuse_duplicate(company, entity, body, old)


def _orders(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Close the purchase orders that a document was made from, and open those that it no longer names.
    Raises Fault 6000 for an order that does not exist."""
    if entity.name == "PurchaseOrder":
        body.setdefault("LinkedTxn", [])
        return
    body["LinkedTxn"] = [link for link in body.get("LinkedTxn", []) if link.get("TxnType") == "PurchaseOrder"]
    now, before = (payments.link_keys(part, "PurchaseOrder") for part in (body, old or {}))
    for _name, key in sorted(now - before):
        payments.linked(company, "PurchaseOrder", key)
    payments.mark(company, body["Id"], entity.name, now, before)


def before_remove(company: Company, entity: Entity, body: Json) -> None:
    """Take a document out of the payments that are applied to it and the orders that it was made from."""
    payments.release(company, entity, body)
    _orders(company, entity, {"Id": body["Id"]}, body)
    billable.forget_expenses(company, body)


RULES["purchase"] = prepare
BEFORE_REMOVE["purchase"] = before_remove
RULES["PurchaseOrder"] = prepare
BEFORE_REMOVE["PurchaseOrder"] = payments.before_remove_source
