"""Rules of sales forms: lines, subtotal, discount, tax, totals, due date, number, addresses, open balance."""

import calendar
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from simulator import billable, payments, tax
from simulator.clock import parse_date
from simulator.company import AFTER, BEFORE_REMOVE, RULES, VOID, Company
from simulator.errors import Fault, business, missing
from simulator.ledger import first_account, flat_lines
from simulator.money import ZERO, Json, dec, money, plain, round2
from simulator.payments import BALANCED, apply_open_credits, open_balance, rework_all
from simulator.schema import FACTS, SCHEMA, Entity, detail

NUMBERED = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
PARTS = ("SalesItemLineDetail", "DescriptionOnly")
"""Lines that a bundle may hold; a form has others too."""
WARNINGS: dict[str, str] = FACTS["number_warnings"]
"""Preference that has a number checked; sales forms are checked where the company has numbers of its own."""
CHARGES = {"SHIPPING_ITEM_ID": "AllowShipping", "GRATUITY_ITEM_ID": "AllowGratuity"}
"""Pseudo items of lines for the whole form -> preference that permits them."""


def prepare(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Complete and check a sales form before it is written.

    Raises:
        Fault: whatever the service refuses, see each part.
    """
    customer = company.get("Customer", body.get("CustomerRef", {}).get("value", "0")) or {}
    company.set_currency(body, customer)
    for name in ("BillAddr", "ShipAddr"):
        if name not in body and old is None and customer.get(name):
            body[name] = dict(customer[name])
    _allowed(company, entity, body)
    billable.keep_links(company, body, old)
    _lines(company, body, old)
    _check_sources(company, body)
    base, net = _discount(company, body)
    body["TxnTaxDetail"] = tax.compute(company, body, customer, base)
    set_total(company, body, net)
    _number(company, entity, body, old)
    if entity.name == "Invoice":
        usual = company.preference("SalesFormsPrefs", "DefaultTerms", {"value": "3"})
        set_due_date(company, body, customer.get("SalesTermRef"), usual, 30)
    _money_account(company, entity, body)
    if body["EmailStatus"] == "NeedToSend" and not body.get("BillEmail", {}).get("Address"):
        raise Fault("6420", element="BillEmail")
    _balance(company, entity, body, old)
    _custom_fields(company, body)


def _allowed(company: Company, entity: Entity, body: Json) -> None:
    """Refuse what the company has switched off; a class or location that is not tracked is dropped.

    Raises:
        Fault: 6000.
    """
    sent, lines = company.request.names, flat_lines(body["Line"])
    fresh = lines if "Line" in sent else []
    used = {"AllowEstimates": entity.name == "Estimate", "AllowDeposit": "Deposit" in sent and dec(body.get("Deposit")),
            "AllowDiscount": any("DiscountLineDetail" in line for line in fresh),
            **{name: any(_charge(line) == key for line in fresh) for key, name in CHARGES.items()}}
    for name, wanted in used.items():
        if wanted and not company.preference("SalesFormsPrefs", name, True):
            raise business(f"The company does not use this: {name} is off in its sales settings.")
    tracked = company.preferences.get("AccountingInfoPrefs", {})
    for part, name, preference in [
            (body, "DepartmentRef", "TrackDepartments"), (body, "ClassRef", "ClassTrackingPerTxn"),
            *((detail(line), "ClassRef", "ClassTrackingPerTxnLine") for line in lines)]:
        if not tracked.get(preference):
            part.pop(name, None)


def _charge(line: Json) -> str:
    """Return the pseudo item of a line for the whole form (shipping, gratuity), "" for other lines."""
    item = line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("value", "")
    return str(item) if item in CHARGES else ""


def _lines(company: Company, body: Json, old: Json | None) -> None:
    """Give lines their ids and numbers, resolve what they point to, drop the service's own subtotal."""
    kept, numbered, fresh = [], [], "Line" in company.request.names
    for line in body["Line"]:
        kind = line_kind(line, *PARTS, "SubTotalLineDetail", "DiscountLineDetail", "GroupLineDetail")
        if kind == "SubTotalLineDetail":
            continue
        kept.append(line)
        members = _members(company, line) if kind == "GroupLineDetail" else []
        for part in [line, *members]:
            if part is not line:
                line_kind(part, *PARTS)
            if part["DetailType"] == "SalesItemLineDetail":
                _item_line(company, part, fresh)
            if part["DetailType"] != "DiscountLineDetail" and not _charge(part):
                numbered.append(part)
    if all(line["DetailType"] == "DiscountLineDetail" for line in kept):
        raise missing("Line")
    before = (old or {}).get("Line", [])
    number_lines(numbered, [*before, *flat_lines(before)])
    body["Line"] = kept
    tax.net_of_tax(company, body, flat_lines(kept), fresh)


def line_kind(line: Json, *known: str) -> str:
    """Return the DetailType of a line. Raises Fault 2020 without one, 2170 for one that does not belong here."""
    kind = line.get("DetailType")
    if not kind:
        raise missing("DetailType")
    if kind not in known:
        raise Fault("2170", f"DetailType : {kind}", element="DetailType")
    return str(kind)


def number_lines(lines: list[Json], before: list[Json]) -> None:
    """Number lines; one without the id of a line before gets the next one."""
    known = {line["Id"] for line in before if line.get("Id", "").isdigit()}
    top = max(map(int, known), default=0)
    for number, line in enumerate(lines, 1):
        if line.get("Id", "") not in known:
            top += 1
            line["Id"] = str(top)
        line["LineNum"] = number


def _members(company: Company, line: Json) -> list[Json]:
    """Return the lines of a bundle; those of the bundle item when the caller names none."""
    group = line.setdefault("GroupLineDetail", {})
    line["Amount"] = 0
    if not group.get("Line"):
        bundle = company.get("Item", group.get("GroupItemRef", {}).get("value", "0")) or {}
        group["Line"] = [_member(company, part, dec(group.get("Quantity", 1)))
                         for part in bundle.get("ItemGroupDetail", {}).get("ItemGroupLine", [])]
    lines: list[Json] = group["Line"]
    return lines


def _member(company: Company, part: Json, times: Decimal) -> Json:
    quantity = dec(part.get("Qty", 1)) * times
    price = dec((company.get("Item", part["ItemRef"]["value"]) or {}).get("UnitPrice"))
    return {"Amount": money(quantity * price), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {
        "ItemRef": dict(part["ItemRef"]), "Qty": plain(quantity), "UnitPrice": plain(price)}}


def _item_line(company: Company, line: Json, fresh: bool) -> None:
    """Check amount and item of a sales line; one without an item gets the company's default item."""
    if "Amount" not in line:
        raise missing("Amount")
    part, charge = line.setdefault("SalesItemLineDetail", {}), _charge(line)
    billed = billable.is_expense(line) and "ItemAccountRef" in part
    if not part.get("ItemRef") and not billed:
        part["ItemRef"] = {"value": other_preference(company, "DefaultItem") or "1"}
    if fresh:
        for name, target in (("ItemRef", "Item"), ("ClassRef", "Class")):
            if part.get(name) and not (charge and name == "ItemRef"):
                part[name] = company.resolve(target, part[name], name)
        check_amount(line, part)
    if not billed:
        key = part["ItemRef"]["value"]
        part["ItemAccountRef"] = company.cached(f"income:{key}", lambda: _income(company, key))
    if company.tax_mode != "global" and not charge:
        part.setdefault("TaxCodeRef", {"value": "NON"})


def check_amount(line: Json, part: Json) -> None:
    """Check the amount against price, quantity and discount of the line; the rate of a discount gives its amount.
    Raises Fault 6070."""
    price, quantity, amount = dec(part.get("UnitPrice")), dec(part.get("Qty")), dec(line["Amount"])
    both = "UnitPrice" in part and "Qty" in part
    product = price * quantity if both and (price or quantity) else amount
    if "DiscountRate" in part:
        part["DiscountAmt"] = money(product * dec(part["DiscountRate"]) / 100)
    lowered = round2(product) - dec(part.get("DiscountAmt"))
    if all(abs(right - amount) > Decimal("0.01") for right in (round2(product), lowered)):
        raise Fault("6070", line["Amount"], element="Line.Amount")
    if "DiscountAmt" in part and both:
        line["Amount"] = money(lowered)


def _income(company: Company, key: str) -> Json:
    """Return the account that a line credits: of its item, of shipping, else the first one for income."""
    body = company.get("Item", key) or {}
    reference = body.get("IncomeAccountRef") or body.get("ExpenseAccountRef")
    if reference:
        return dict(reference)
    shipping = company.preference("SalesFormsPrefs", "DefaultShippingAccount")
    if shipping and key == "SHIPPING_ITEM_ID":
        return company.resolve("Account", {"value": shipping}, "ItemRef")
    first = first_account(company, "Income")
    if not first:
        raise business("There is no income account.")
    return company.resolve("Account", {"value": first})


def _discount(company: Company, body: Json) -> tuple[tax.Base, Decimal]:
    """Put subtotal, discount and shipping in their places; returns what is taxed, and the sum of all without tax.

    Raises:
        Fault: 6090 for a second discount, 6000 for one beyond the subtotal.
    """
    discounts = [line for line in body["Line"] if line["DetailType"] == "DiscountLineDetail"]
    charges = [line for line in body["Line"] if _charge(line)]
    lines = [line for line in body["Line"] if line["DetailType"] != "DiscountLineDetail" and not _charge(line)]
    if len(discounts) > 1:
        raise Fault("6090", "only one discount line is allowed", element="Line")
    flat = [line for line in flat_lines(lines) if line["DetailType"] == "SalesItemLineDetail"]
    subtotal = _sum(flat)
    for line in discounts:
        _discount_line(company, line, subtotal)
    amount = _sum(discounts)
    if amount > max(subtotal, ZERO):
        raise business("The discount amount can't be greater than the subtotal.")
    for line in [*discounts, *charges]:
        line.pop("Id", None)
        line.pop("LineNum", None)
    total_line: Json = {"Amount": money(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    body["Line"] = [*lines, total_line, *discounts, *charges]
    if company.tax_mode == "global":
        body.pop("ApplyTaxAfterDiscount", None)
    taxed_less = company.tax_mode == "global" or body.get("ApplyTaxAfterDiscount")
    base = tax.Base(flat, subtotal, amount if taxed_less else ZERO, charges)
    return base, subtotal - amount + _sum(charges)


def _sum(lines: list[Json]) -> Decimal:
    return sum((dec(line["Amount"]) for line in lines), ZERO)


def _discount_line(company: Company, line: Json, subtotal: Decimal) -> None:
    part = line.setdefault("DiscountLineDetail", {})
    if part.setdefault("PercentBased", False) and "DiscountPercent" in part:
        line["Amount"] = money(subtotal * dec(part["DiscountPercent"]) / 100)
    elif "Amount" not in line:
        raise missing("Amount")
    own = part.get("DiscountAccountRef", {}).get("value") or company.preference(
        "SalesFormsPrefs", "DefaultDiscountAccount") or company.account("DiscountsRefundsGiven")
    part["DiscountAccountRef"] = company.resolve("Account", {"value": str(own)}, "DiscountAccountRef")


def set_total(company: Company, body: Json, net: Decimal) -> None:
    """Write the total with tax, and in home currency for another one. Raises Fault 6000 for a negative one."""
    total = net + dec(body.get("TxnTaxDetail", {}).get("TotalTax"))
    company.check_total(total)
    body["TotalAmt"] = money(total)
    if body["CurrencyRef"]["value"] != company.home:
        body["HomeTotalAmt"] = money(total * dec(body["ExchangeRate"]))


def _number(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Number the form, or check the caller's number, as the preference for custom numbers says.

    Raises:
        Fault: 6140 for a number in use when the caller numbers.
    """
    include, number = company.request.options.include, body.get("DocNumber")
    wants = number == "AUTO_GENERATE" or body.pop("AutoDocNumber", False) or "allowautodocnum" in include
    if number not in (None, "AUTO_GENERATE"):
        refuse_duplicate(company, entity, body, old)
        return
    body.pop("DocNumber", None)
    if wants or not company.preference("SalesFormsPrefs", "CustomTxnNumbers", False):
        body["DocNumber"] = next_number(company, entity.name)


def refuse_duplicate(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Refuse a number in use where the preferences want that; bills are compared with those of the vendor.

    Raises:
        Fault: 6140.
    """
    number, warning = body.get("DocNumber"), WARNINGS.get(entity.name)
    wanted = company.preference("SalesFormsPrefs", "CustomTxnNumbers", False)
    if warning:
        wanted = other_preference(company, warning) == "true" and body.get("PaymentType", "Check") == "Check"
    same = (old or {}).get("DocNumber") == number
    if not number or not wanted or same or "allowduplicatedocnum" in company.request.options.include:
        return
    row = _taken(company, entity.name, number, int(body["Id"]), body.get("VendorRef", {}).get("value"))
    if row:
        raise Fault("6140", number, SCHEMA[row[0]].title, row[1], element="")


def other_preference(company: Company, name: str) -> str:
    """Return a value of OtherPrefs in lower case, "" for none."""
    pairs = company.preference("OtherPrefs", "NameValue", [])
    return next((str(pair.get("Value")).lower() for pair in pairs if isinstance(pair, dict)
                 and str(pair.get("Name", "")).endswith(name)), "")


def next_number(company: Company, name: str = "Invoice") -> str:
    """Return the next free number of sales forms; estimates have numbers of their own."""
    group = "DocNumber" if name in NUMBERED else name + "Number"
    numbers = (str(1000 + company.store.next_id(company.realm, group)) for _turn in count())
    return next(number for number in numbers if not _taken(company, name, number))


def _taken(company: Company, name: str, number: str, key: int = 0, party: str | None = None) -> tuple[Any, ...] | None:
    """Return entity and id of another form of the same group (and vendor) that has the number."""
    group = NUMBERED if name in NUMBERED else (name,)
    slots = ",".join("?" * len(group))
    return company.row("select entity, id from object where realm = ? and doc = ? collate nocase and entity in "
                       f"({slots}) and not (entity = ? and id = ?) and (? is null or party = ?)", number, *group, name,
                       key, party, party)


def set_due_date(company: Company, body: Json, own: Json | None, usual: Json, days: int) -> None:
    """Due date of the caller, else by the terms of the form, of its party (*own*), *usual* ones, or so many days."""
    sent = company.request.names
    if "DueDate" in body and ("DueDate" in sent or not {"SalesTermRef", "TxnDate"} & sent):
        return
    if own and not body.get("SalesTermRef"):
        body["SalesTermRef"] = {"value": own["value"]}
    reference = body.get("SalesTermRef") or usual
    term = company.get("Term", reference.get("value", "0")) or {"DueDays": days}
    body["DueDate"] = due_date(parse_date(body["TxnDate"]), term).isoformat()


def due_date(start: date, term: Json) -> date:
    """Return the due date of a term: so many days later, or a day of this or the next month."""
    if term.get("Type") != "DATE_DRIVEN":
        return start + timedelta(days=int(term.get("DueDays", 0)))
    day, year, month = int(term["DayOfMonthDue"]), start.year, start.month
    if start.day > day - int(term.get("DueNextMonthDays", 0)):
        year, month = year + month // 12, month % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _money_account(company: Company, entity: Entity, body: Json) -> None:
    """Money goes to Undeposited Funds unless said; a refund by cheque has a number or is to be printed."""
    needed = entity.name == "SalesReceipt" or (entity.name == "Invoice" and dec(body.get("Deposit")))
    if needed and not body.get("DepositToAccountRef"):
        body["DepositToAccountRef"] = company.resolve("Account", {"value": str(company.account("UndepositedFunds"))})
    if entity.name == "RefundReceipt" and not body.get("PaymentRefNum"):
        account = company.get("Account", body["DepositToAccountRef"]["value"]) or {}
        if account.get("AccountType") == "Bank" and body["PrintStatus"] == "PrintComplete":
            raise missing("PaymentRefNum")
        if account.get("AccountType") == "Bank" and body.get("PaymentMethodRef", {}).get("name") == "Check":
            body["PaymentRefNum"] = "To Print"


def _balance(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Set what is open, and keep the links that a caller may write, or that a person made before."""
    links = [link for link in body.get("LinkedTxn", [])
             if link.get("TxnType") in billable.WRITABLE or link in (old or {}).get("LinkedTxn", [])
             or company.request.options.person and link.get("TxnType")]
    if entity.name in BALANCED:
        body.update(open_balance(company, entity.name, body | {"LinkedTxn": links}))
    elif entity.name == "Estimate":
        body.setdefault("LinkedTxn", [])
    else:
        body["Balance"] = 0


def _check_sources(company: Company, body: Json) -> None:
    """Check the estimate and the time activities that an invoice is made from; lines of the estimate say so.

    Raises:
        Fault: 6000 for one that does not exist, or for a second estimate.
    """
    links = [link for link in body.get("LinkedTxn", []) if link.get("TxnType") in billable.WRITABLE]
    if sum(link["TxnType"] == "Estimate" for link in links) > 1:
        raise business("You can link only one estimate at a time.")
    for link in links:
        found = payments.linked(company, link["TxnType"], str(link.get("TxnId", "")))
        items = [detail(line).get("ItemRef") for line in flat_lines(found.get("Line", []))]
        for line in flat_lines(body["Line"]) if link["TxnType"] == "Estimate" else []:
            if detail(line).get("ItemRef", "") in items:
                line.setdefault("LinkedTxn", [{"TxnId": link["TxnId"], "TxnType": "Estimate"}])


def _custom_fields(company: Company, body: Json) -> None:
    """Answer every custom field that the company has named, with the caller's value where there is one."""
    defined = company.preference("SalesFormsPrefs", "CustomField", [])
    names = {str(item.get("Name", ""))[-1:]: item["StringValue"]
             for group in defined for item in group.get("CustomField", [])
             if item.get("Type") == "StringType" and item.get("StringValue")}
    given = {item.get("DefinitionId"): item for item in body.get("CustomField", [])}
    if names:
        body["CustomField"] = [{"DefinitionId": number, "Name": name, "Type": "StringType"} | given.get(number, {})
                               for number, name in sorted(names.items())]


def after(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Open credits go to a new invoice if the company wants it; a changed form has its payments worked out again."""
    billable.mark_sources(company, body, old or {})
    if old is None and entity.name == "Invoice" and company.preference("SalesFormsPrefs", "AutoApplyCredit"):
        return apply_open_credits(company, body)
    watched = ("TotalAmt", "ExchangeRate", "CustomerRef", "Deposit")
    changed = old is not None and any(body.get(name) != old.get(name) for name in watched)
    return changed and rework_all(company, int(body["Id"]))


def before_remove(company: Company, entity: Entity, body: Json) -> None:
    """Undo what was applied to a form before it is voided or deleted.

    Raises:
        Fault: 6540 when it has been deposited.
    """
    company.check_deposited(entity, body)
    payments.release(company, entity, body)
    billable.mark_sources(company, {**body, "LinkedTxn": []}, body)


def make_void(company: Company, entity: Entity, body: Json) -> None:
    """Set every amount to zero; quantities and prices stay."""
    for line in flat_lines(body["Line"]) + body["Line"]:
        if "Amount" in line:
            line["Amount"] = 0
    body.update({"TotalAmt": 0, "Balance": 0, "TxnTaxDetail": {"TotalTax": 0}, "LinkedTxn": []})
    body.update({name: 0 for name in ("HomeTotalAmt", "HomeBalance", "Deposit", "RemainingCredit") if name in body})


RULES["sale"] = prepare
AFTER["sale"] = after
BEFORE_REMOVE["sale"] = before_remove
VOID["sale"] = make_void
RULES["Estimate"] = prepare
BEFORE_REMOVE["Estimate"] = payments.before_remove_source
