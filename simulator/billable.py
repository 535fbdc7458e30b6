"""What waits to be invoiced to a customer: delayed charges, billable time, billable expenses; and the invoice of it.

A billable line of a bill or expense has a ReimburseCharge, which the line and its document name. An invoice that a
person makes of it names it too, line by line. What an invoice names is billed until the invoice or the line goes.
"""

from decimal import Decimal

from simulator.company import PERSON, Company
from simulator.money import Json, dec, money, plain
from simulator.payments import link_keys, mark, write
from simulator.schema import SCHEMA, Entity, detail

CHARGE = "ReimburseCharge"
ENTITY_OF = {"StatementCharge": "Charge", "ChargeCredit": "Charge"}
"""What links call a delayed charge, and a delayed credit."""
WRITABLE = ("Estimate", "TimeActivity")
"""What any caller may make an invoice from."""
SOURCES = (*WRITABLE, CHARGE, *ENTITY_OF)
"""What a person may make one from, too."""
COSTS = ("Bill", "Purchase", "VendorCredit")


# -- what is billable --------------------------------------------------------------------------------------------------

def note_expenses(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Give each billable line of a bill or expense its charge, and take the charges of other lines away."""
    before = {line.get("Id"): _charge_of(line) for line in (old or {}).get("Line", [])}
    charges = []
    for line in body["Line"] if entity.name in COSTS else ():
        key = before.get(line["Id"]) or ""
        found = company.get(CHARGE, key) if key else None
        if found and found["HasBeenInvoiced"]:
            detail(line)["BillableStatus"] = "HasBeenBilled"
        elif detail(line).get("BillableStatus") == "Billable" and detail(line).get("CustomerRef"):
            key = _note(company, body, line, found)
        else:
            continue
        line["LinkedTxn"] = [*_others(line), {"TxnId": key, "TxnType": CHARGE}]
        charges.append({"TxnId": key, "TxnType": CHARGE})
    for key in set(filter(None, before.values())) - {link["TxnId"] for link in charges}:
        _forget(company, key)
    if charges or any(before.values()):
        body["LinkedTxn"] = _others(body) + charges


def forget_expenses(company: Company, body: Json) -> None:
    """Take away the charges of a document that goes."""
    for _name, key in link_keys(body, CHARGE):
        _forget(company, key)


def _charge_of(line: Json) -> str:
    return next((str(link["TxnId"]) for link in line.get("LinkedTxn", []) if link.get("TxnType") == CHARGE), "")


def _others(part: Json) -> list[Json]:
    return [link for link in part.get("LinkedTxn", []) if link.get("TxnType") != CHARGE]


def _note(company: Company, body: Json, line: Json, found: Json | None) -> str:
    """Write the charge of a line, and a line of its own for the markup; returns its id."""
    part, amount = detail(line), dec(line["Amount"])
    item, text = part.get("ItemRef"), line.get("Description", "")
    own: Json = {name: part[name] for name in ("ItemRef", "Qty", "UnitPrice") if name in part}
    own = own if item else {"ItemAccountRef": part["AccountRef"]}
    markup, lines = part.get("MarkupInfo", {}), [_line("1", amount, text, own)]
    if dec(markup.get("Percent")):
        income = markup.get("MarkUpIncomeAccountRef") or {"value": str(company.account("DiscountsRefundsGiven"))}
        lines.append(_line("2", amount * dec(markup["Percent"]) / 100, f"{markup['Percent']}% markup for {text}",
                           {"ItemAccountRef": company.resolve("Account", income)}))
    values = {"CustomerRef": {"value": part["CustomerRef"]["value"]}, "TxnDate": body["TxnDate"], "Line": lines,
              "Amount": money(sum((dec(each["Amount"]) for each in lines), Decimal(0))), "HasBeenInvoiced": False}
    if found:
        return str(company.update(SCHEMA[CHARGE], {**found, **values}, PERSON)["Id"])
    return str(company.create(SCHEMA[CHARGE], values, PERSON)["Id"])


def _line(key: str, amount: Decimal, text: str, part: Json) -> Json:
    return {"Id": key, "LineNum": int(key), "Amount": money(amount), "Description": text,
            "DetailType": "ReimburseLineDetail", "ReimburseLineDetail": part}


def _forget(company: Company, key: str) -> None:
    found = company.get(CHARGE, key)
    if found and not found["HasBeenInvoiced"]:
        company.delete(SCHEMA[CHARGE], {"Id": key, "SyncToken": found["SyncToken"]}, PERSON)


# -- the invoice of it -------------------------------------------------------------------------------------------------

def waiting(company: Company, customer: int) -> tuple[list[Json], list[Json]]:
    """Return the lines of an invoice of all that waits for a customer, and its links."""
    lines, links = [], []
    for name, key in company.rows(
            "select entity, id from object where realm = ? and party = ? and entity in ('Charge', 'TimeActivity', "
            "'ReimburseCharge') and (json_extract(body, '$.HasBeenInvoiced') = 0 or "
            "json_extract(body, '$.BillableStatus') = 'Billable') order by entity, id", customer):
        body = company.get(name, key) or {}
        lines += LINES[name](company, body)
        kind = name if name != "Charge" else "ChargeCredit" if dec(body["Amount"]) < 0 else "StatementCharge"
        links.append({"TxnId": str(key), "TxnType": kind})
    return lines, links


def sold(item: str, amount: Decimal, text: str = "", **more: object) -> Json:
    """Return the line of a sales form for an item."""
    part = {"ItemRef": {"value": item}, **{name: value for name, value in more.items() if value is not None}}
    return {"Amount": money(amount), "Description": text, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": part}


def _of_charge(company: Company, body: Json) -> list[Json]:
    return [sold(body["ItemRef"]["value"], dec(body["Amount"]), body.get("Description", ""))]


def _of_time(company: Company, body: Json) -> list[Json]:
    hours = round(Decimal(body.get("Hours", 0)) + Decimal(body.get("Minutes", 0)) / 60, 2)
    rate = dec(body.get("HourlyRate"))
    line = sold(body.get("ItemRef", {}).get("value", "1"), hours * rate, body.get("Description", ""),
                Qty=plain(hours), UnitPrice=plain(rate), ServiceDate=body["TxnDate"])
    if company.switches["time_on_lines"]:
        line["LinkedTxn"] = [{"TxnId": body["Id"], "TxnType": "TimeActivity"}]
    return [line]


def _of_expense(company: Company, body: Json) -> list[Json]:
    """A line for the expense, which has the first item where it had none, and one without any for the markup."""
    lines = []
    for line in body["Line"]:
        part = line["ReimburseLineDetail"]
        made = sold(part.get("ItemRef", {}).get("value", "1"), dec(line["Amount"]), line.get("Description", ""),
                    Qty=part.get("Qty"), UnitPrice=part.get("UnitPrice"), ServiceDate=body["TxnDate"],
                    ItemAccountRef=part.get("ItemAccountRef"))
        if line["Id"] == "2":
            del made["SalesItemLineDetail"]["ItemRef"]
        made["LinkedTxn"] = [{"TxnId": body["Id"], "TxnType": CHARGE, "TxnLineId": line["Id"]}]
        lines.append(made)
    return lines


LINES = {"Charge": _of_charge, "TimeActivity": _of_time, CHARGE: _of_expense}


# -- billed, and unbilled again ----------------------------------------------------------------------------------------

def keep_links(company: Company, body: Json, old: Json | None) -> None:
    """A line keeps what it was made from; only a person names other charges. What no line names any more goes."""
    before = {line["Id"]: line for line in (old or {}).get("Line", []) if "Id" in line}
    for line in body["Line"] if "Line" in company.request.names else ():
        was = before.get(line.get("Id"), {})
        known = was.get("LinkedTxn", [])
        sent = line.pop("LinkedTxn", known)
        if not company.request.options.person:
            sent = [link for link in sent if link.get("TxnType") in WRITABLE or link in known]
        if sent:
            line["LinkedTxn"] = sent
        if was and is_expense(line):
            _keep_account(line, was)
    named = link_keys({"Line": body["Line"]}, *SOURCES)
    gone = link_keys({"Line": (old or {}).get("Line", [])}, *SOURCES) - named
    if gone:
        body["LinkedTxn"] = [link for link in body.get("LinkedTxn", [])
                             if (link.get("TxnType"), str(link.get("TxnId", ""))) not in gone]


def is_expense(line: Json) -> bool:
    """Return whether the line of an invoice bills an expense."""
    return bool(_charge_of(line))


def _keep_account(line: Json, was: Json) -> None:
    """The line of an expense credits the account that it was billed with, as long as it has the same item."""
    part, before = detail(line), detail(was)
    part.pop("ItemAccountRef", None)
    if part.get("ItemRef", {}).get("value") == before.get("ItemRef", {}).get("value"):
        part["ItemAccountRef"] = before["ItemAccountRef"]


def mark_sources(company: Company, body: Json, before: Json) -> None:
    """Mark what an invoice is made from as billed, and what it is no longer made from as open again."""
    now, then = (_sources(part) for part in (body, before))
    mark(company, body["Id"], "Invoice", now, then)
    for name, key in now ^ then:
        if name == CHARGE:
            _mark_expense(company, key, "HasBeenBilled" if (name, key) in now else "Billable")


def _sources(body: Json) -> set[tuple[str, str]]:
    keys = link_keys({"LinkedTxn": body.get("LinkedTxn", [])}, *SOURCES)
    return {(ENTITY_OF.get(name, name), key) for name, key in keys}


def _mark_expense(company: Company, key: str, status: str) -> None:
    rows = company.rows("select distinct o.entity, o.id from object o, json_each(o.body, '$.LinkedTxn') l where "
                        f"o.realm = ? and o.entity in {COSTS} and json_extract(l.value, '$.TxnId') = ? and "
                        "json_extract(l.value, '$.TxnType') = ?", key, CHARGE)
    for name, txn in rows:
        found = company.get(name, txn) or {}
        for line in found["Line"]:
            if _charge_of(line) == key:
                detail(line)["BillableStatus"] = status
        write(company, name, found)
