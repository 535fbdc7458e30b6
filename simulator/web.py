"""The web pages: lists and forms with which a person plays the QuickBooks user, through the same rules as the API."""

import html
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from simulator import person, reports
from simulator.company import PERSON, Company
from simulator.errors import Fault
from simulator.money import Json, dec, dumps, money
from simulator.schema import SCHEMA, entity_named

if TYPE_CHECKING:
    from simulator.app import Simulator

STYLE = (Path(__file__).parent / "data" / "style.css").read_text("utf-8")
TABS = {"customers": "Customers", "invoices": "Invoices", "payments": "Payments", "creditmemos": "Credit memos",
        "ageing": "A/R ageing"}
PERSON_FIELDS = (("DisplayName", "Display name", ""), ("CompanyName", "Company", ""), ("GivenName", "First name", ""),
                 ("FamilyName", "Last name", ""), ("PrimaryPhone", "Phone", "FreeFormNumber"),
                 ("PrimaryEmailAddr", "E-mail", "Address"), ("Line1", "Street", "BillAddr"),
                 ("City", "City", "BillAddr"), ("CountrySubDivisionCode", "State", "BillAddr"),
                 ("PostalCode", "ZIP", "BillAddr"), ("Notes", "Notes", ""))
FORMS = ("Customer", "Invoice", "Payment", "CreditMemo")
SPARE_LINES = 3
Form = MultiDict[str, str]


def page(title: str, content: str, company: Company | None = None, tab: str = "") -> str:
    """Return a whole HTML page."""
    head = "<b>QuickBooks Simulator</b>"
    if company is not None:
        links = "".join(f'<a href="/app/{company.realm}/{path}"{" class=here" if path == tab else ""}>{label}</a>'
                        for path, label in TABS.items())
        head = f"<b>{_text(company.info.get('CompanyName', ''))}</b>{links}"
    return ('<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>{_text(title)} - Simulator</title><style>{STYLE}'
            '</style></head><body><div class="banner"><b>Simulator</b> of QuickBooks Online. Nothing here reaches '
            f"Intuit.</div><header>{head}</header><main>{content}</main></body></html>")


def html_page(title: str, content: str, company: Company | None = None, tab: str = "", status: int = 200) -> Response:
    """Return a page as a response."""
    return Response(page(title, content, company, tab), status, content_type="text/html;charset=utf-8")


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)


def handle(simulator: "Simulator", request: Request) -> Response:
    """Answer a request for a page."""
    parts = [part for part in request.path.split("/") if part]
    if not parts:
        rows = "".join(f'<li><a href="/app/{realm}/customers">{_text(name)}</a> (realm {realm})</li>'
                       for realm, name in simulator.company_list())
        return html_page("Companies", f"<h1>Companies</h1><ul>{rows}</ul>")
    if parts[0] != "app" or len(parts) not in (3, 4) or parts[1] not in simulator.companies:
        return html_page("Not found", "<h1>There is no such page</h1>", status=404)
    company = simulator.companies[parts[1]]
    with simulator.store.lock:
        simulator.person_acts = request.method == "POST"
        try:
            return _route(company, request, parts[2], parts[3] if len(parts) == 4 else "")
        finally:
            simulator.person_acts = False


def _route(company: Company, request: Request, name: str, key: str) -> Response:
    if name in LISTS and not key:
        return html_page(TABS[name], LISTS[name](company, request), company, name)
    entity = entity_named(name)
    kind = entity.name if entity else ""
    if kind in SCHEMA and kind not in FORMS and key.isdigit() and request.method == "GET":
        return html_page(kind, _plain(company, kind, key), company)
    if kind not in FORMS or not (key == "new" or key.isdigit()):
        return html_page("Not found", "<h1>There is no such page</h1>", company, status=404)
    message = '<div class="message" id="saved">Saved.</div>' if "saved" in request.args else ""
    if request.method == "POST":
        try:
            target = _submit(company, kind, key, request.form)
            return Response("", 303, headers={"Location": f"/app/{company.realm}/{target}?saved=1"})
        except Fault as fault:
            text = fault.errors[0]["Detail"]
            message = f'<div class="message error" id="error">{_text(text)} (code {fault.code})</div>'
    body: Json | None = {} if key == "new" else company.get(kind, key)
    if body is None:
        return html_page("Gone", "<h1>This record does not exist any more</h1>", company, f"{name}s", 404)
    content = {"Customer": _customer, "Payment": _payment}.get(kind, _document)(company, kind, body)
    return html_page(kind, message + content, company, f"{name}s")


def _plain(company: Company, kind: str, key: str) -> str:
    """A record without a form of its own: its properties as the API gives them."""
    body = company.get(kind, key) or {}
    rows = [[_text(name), f"<code>{_text(dumps(value))}</code>"] for name, value in body.items()]
    return f"<h1>{kind} {key}</h1>" + _table(["Property", "Value"], rows, 0, "record")


# -- lists ------------------------------------------------------------------------------------------------------------

def _table(heads: list[str], rows: list[list[str]], numbers: int, ident: str) -> str:
    """A table whose last *numbers* columns are figures; cells are HTML."""
    first = len(heads) - numbers
    cls = [" class=n" if slot >= first else "" for slot in range(len(heads))]
    top = "".join(f"<th{cls[slot]}>{head}</th>" for slot, head in enumerate(heads))
    lines = ("".join(f"<td{cls[slot]}>{cell}</td>" for slot, cell in enumerate(row)) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table id="{ident}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _bodies(company: Company, entity: str, order: str) -> list[Json]:
    rows = company.rows(f"select id from object where realm = ? and entity = ? order by {order} limit 500", entity)
    return [body for row in rows if (body := company.get(entity, row[0])) is not None]


def _link(company: Company, path: str, key: str, label: str) -> str:
    return f'<a href="/app/{company.realm}/{path}/{key}">{_text(label or key)}</a>'


def _amount(value: Any) -> str:
    return f"{dec(value):,.2f}"


def _customers(company: Company, request: Request) -> str:
    rows = [[_link(company, "customer", body["Id"], body["FullyQualifiedName"]),
             _text(body.get("PrimaryPhone", {}).get("FreeFormNumber", "")),
             _text(body.get("PrimaryEmailAddr", {}).get("Address", "")), _amount(body["Balance"])]
            for body in _bodies(company, "Customer", "fqn")]
    heads = ["Name", "Phone", "E-mail", "Open balance"]
    return _head("Customers", company, "customer") + _table(heads, rows, 1, "customers")


def _head(title: str, company: Company, path: str) -> str:
    return (f'<h1>{title}</h1><p><a class="button" id="new" href="/app/{company.realm}/{path}/new">New</a></p>'
            if path else f"<h1>{title}</h1>")


def _state(body: Json) -> str:
    if str(body.get("PrivateNote", "")).startswith("Voided") and not dec(body["TotalAmt"]):
        return '<span class="tag voided">Voided</span>'
    return '<span class="tag open">Open</span>' if dec(body["Balance"]) else '<span class="tag paid">Closed</span>'


def _documents(entity: str, path: str, title: str) -> Any:
    def show(company: Company, request: Request) -> str:
        rows = [[_link(company, path, body["Id"], body.get("DocNumber", "")), _text(body["CustomerRef"]["name"]),
                 body["TxnDate"], body.get("DueDate", ""), _state(body), _amount(body["TotalAmt"]),
                 _amount(body["Balance"])] for body in _bodies(company, entity, "date desc, id desc")]
        heads = ["No.", "Customer", "Date", "Due", "Status", "Total", "Balance"]
        return _head(title, company, path) + _table(heads, rows, 2, f"{path}s")
    return show


def _payments(company: Company, request: Request) -> str:
    rows = [[_link(company, "payment", body["Id"], body.get("PaymentRefNum", "")), _text(body["CustomerRef"]["name"]),
             body["TxnDate"], _amount(body["TotalAmt"]), _amount(body["UnappliedAmt"])]
            for body in _bodies(company, "Payment", "date desc, id desc")]
    heads = ["Reference", "Customer", "Date", "Total", "Unapplied"]
    return _head("Payments", company, "payment") + _table(heads, rows, 2, "payments")


def _ageing(company: Company, request: Request) -> str:
    report = reports.aged_receivables(company, dict(request.args.items()))
    rows: list[list[str]] = []

    def walk(items: list[Json], depth: int) -> None:
        for item in items:
            for cells in (item.get("Header", item).get("ColData"), item.get("Summary", {}).get("ColData")):
                if cells:
                    first = "&emsp;" * depth + _text(cells[0]["value"])
                    rows.append([first, *[_text(cell["value"]) for cell in cells[1:]]])
                if cells is not None and "Header" in item and cells is item["Header"].get("ColData"):
                    walk(item["Rows"]["Row"], depth + 1)
    walk(report["Rows"].get("Row", []), 0)
    heads = [_text(column["ColTitle"]) for column in report["Columns"]["Column"]]
    return f"<h1>A/R ageing on {report['Header']['EndPeriod']}</h1>" + _table(heads, rows, 6, "ageing")


# -- forms ------------------------------------------------------------------------------------------------------------

def _input(name: str, label: str, value: Any = "", kind: str = "text") -> str:
    step = ' step="any"' if kind == "number" else ""
    return f'<label>{label}<input type="{kind}"{step} name="{name}" id="{name}" value="{_text(value)}"></label>'


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> str:
    items = "".join(f'<option value="{key}"{" selected" if key == value else ""}>{_text(text)}</option>'
                    for key, text in options)
    return f'<label>{label}<select name="{name}" id="{name}">{items}</select></label>'


def _choices(company: Company, entity: str) -> list[tuple[str, str]]:
    rows = company.rows("select id, fqn from object where realm = ? and entity = ? and active = 1 order by fqn", entity)
    return [("", ""), *((str(key), name) for key, name in rows)]


def _buttons(*names: tuple[str, str, str]) -> str:
    return '<div class="buttons">' + "".join(
        f'<button type="submit" name="{name}" id="{name}" value="1" class="{style}">{label}</button>'
        for name, label, style in names) + "</div>"


def _customer(company: Company, kind: str, body: Json) -> str:
    fields = []
    for name, label, inside in PERSON_FIELDS:
        value = body.get(name, "")
        if inside == "BillAddr":
            value = body.get("BillAddr", {}).get(name, "")
        elif inside:
            value = body.get(name, {}).get(inside, "")
        fields.append(_input(name, label, value))
    more = [("deactivate", "Make inactive", "danger")] if body.get("Active") else []
    return (f"<h1>{_text(body.get('DisplayName', 'New customer'))}</h1>"
            + _form("".join(fields), ("save", "Save", ""), *more))


def _form(fields: str, *buttons: tuple[str, str, str], below: str = "") -> str:
    return f'<form method="post"><div class="grid">{fields}</div>{below}{_buttons(*buttons)}</form>'


def _lines(company: Company, body: Json) -> str:
    shown = [line for line in body.get("Line", []) if line["DetailType"] in ("SalesItemLineDetail", "DescriptionOnly")]
    items, rows = _choices(company, "Item"), []
    for number, line in enumerate([*shown, *[{} for _spare in range(SPARE_LINES)]]):
        detail = line.get("SalesItemLineDetail", {})
        quantity = detail.get("Qty", 1 if detail else "")
        price = detail.get("UnitPrice", line.get("Amount", ""))
        checked = "checked" if detail.get("TaxCodeRef", {}).get("value", "NON") != "NON" else ""
        select = _select(f"item_{number}", "", items, detail.get("ItemRef", {}).get("value", ""))
        ident, text = line.get("Id", ""), _text(line.get("Description", ""))
        amount = _amount(line["Amount"]) if "Amount" in line else ""
        rows.append([f'<input type="hidden" name="id_{number}" value="{ident}">{select}',
                     f'<input name="text_{number}" value="{text}">', f'<input name="qty_{number}" value="{quantity}">',
                     f'<input name="price_{number}" value="{price}">',
                     f'<input type="checkbox" name="tax_{number}" {checked}>', amount])
    return _table(["Item", "Description", "Qty", "Price", "Tax", "Amount"], rows, 1, "lines")


def _document(company: Company, kind: str, body: Json) -> str:
    new = not body
    title = f"New {kind.lower()}" if new else f"{kind} {_text(body.get('DocNumber', ''))} {_state(body)}"
    customer = body.get("CustomerRef", {}).get("value", "")
    fields = [_select("CustomerRef", "Customer", _choices(company, "Customer"), customer),
              _input("DocNumber", "Number", body.get("DocNumber", "")),
              _input("TxnDate", "Date", body.get("TxnDate", company.clock.today().isoformat()), "date")]
    if kind == "Invoice":
        fields.append(_input("DueDate", "Due", body.get("DueDate", ""), "date"))
    fields.append(_input("PrivateNote", "Note", body.get("PrivateNote", "")))
    voiding = [("void", "Void", "danger")] if kind == "Invoice" else []
    more = [] if new else [*voiding, ("delete", "Delete", "danger")]
    form = _form("".join(fields), ("save", "Save", ""), *more, below=_lines(company, body) + _totals(body))
    receive = _receive_form(company, body) if kind == "Invoice" and dec(body.get("Balance")) else ""
    return f"<h1>{title}</h1>{form}{receive}"


def _totals(body: Json) -> str:
    if not body:
        return ""
    tax = body.get("TxnTaxDetail", {}).get("TotalTax", 0)
    return (f'<p>Tax <b id="tax">{_amount(tax)}</b> &ensp; Total <b id="total">{_amount(body["TotalAmt"])}</b> &ensp; '
            f'Balance due <b id="balance">{_amount(body["Balance"])}</b></p>')


def _receive_form(company: Company, body: Json) -> str:
    methods = _choices(company, "PaymentMethod")
    fields = (_input("amount", "Amount received", body["Balance"], "number") + _input("PaymentRefNum", "Reference")
              + _select("PaymentMethodRef", "Method", methods, ""))
    return f"<h2>Receive payment</h2>{_form(fields, ('receive', 'Receive payment', ''))}"


def _payment(company: Company, kind: str, body: Json) -> str:
    if not body:
        fields = (_select("CustomerRef", "Customer", _choices(company, "Customer"), "")
                  + _input("TotalAmt", "Amount", "", "number") + _input("PaymentRefNum", "Reference")
                  + _select("PaymentMethodRef", "Method", _choices(company, "PaymentMethod"), ""))
        return f"<h1>New payment</h1>{_form(fields, ('save', 'Save', ''))}"
    rows = []
    for line in body.get("Line", []):
        linked = line["LinkedTxn"][0]
        number = (company.get(linked["TxnType"], linked["TxnId"]) or {}).get("DocNumber", "")
        rows.append([linked["TxnType"], _link(company, linked["TxnType"].lower(), linked["TxnId"], number),
                     _amount(line["Amount"])])
    return (f"<h1>Payment of {_amount(body['TotalAmt'])} from {_text(body['CustomerRef']['name'])}</h1>"
            f"<p>{body['TxnDate']}, unapplied {_amount(body['UnappliedAmt'])}. {_text(body.get('PrivateNote', ''))}</p>"
            + _table(["Applied to", "No.", "Amount"], rows, 1, "lines")
            + _form("", ("void", "Void", "danger"), ("delete", "Delete", "danger")))


# -- what a form does -------------------------------------------------------------------------------------------------

def _submit(company: Company, kind: str, key: str, form: Form) -> str:
    """Do what the pressed button says; returns the page to show next.

    Raises:
        Fault: QuickBooks refuses it.
    """
    path = f"{kind.lower()}/{key}"
    for action in ("void", "delete", "deactivate"):
        if action in form:
            person.act(company, {"action": action, "entity": kind, "id": key})
            return f"{kind.lower()}s" if action == "delete" else path
    if "receive" in form:
        data = {name: value for name, value in _fields(form, "PaymentRefNum", "PaymentMethodRef").items() if value}
        amount = _number(form.get("amount", ""))
        person.act(company, {"action": "receive", "entity": kind, "id": key, "amount": amount, "data": data})
        return path
    data = _customer_data(form) if kind == "Customer" else _document_data(company, kind, key, form)
    if key == "new":
        return f"{kind.lower()}/{company.create(SCHEMA[kind], data, PERSON)['Id']}"
    person.act(company, {"action": "edit", "entity": kind, "id": key, "data": data})
    return path


def _fields(form: Form, *names: str) -> Json:
    return {name: {"value": form[name]} if name.endswith("Ref") and form[name] else form[name]
            for name in names if name in form}


def _customer_data(form: Form) -> Json:
    data: Json = {}
    for name, _label, inside in PERSON_FIELDS:
        value = form.get(name, "")
        if inside == "BillAddr":
            data.setdefault("BillAddr", {})[name] = value
        else:
            data[name] = {inside: value} if inside else value
    return data


def _document_data(company: Company, kind: str, key: str, form: Form) -> Json:
    data = _fields(form, "CustomerRef", "DocNumber", "TxnDate", "DueDate", "PrivateNote", "TotalAmt", "PaymentRefNum",
                   "PaymentMethodRef")
    if kind == "Payment":
        return {name: value for name, value in data.items() if value}
    old = (company.get(kind, key) or {}) if key != "new" else {}
    kept = [line for line in old.get("Line", []) if line["DetailType"] in ("DiscountLineDetail", "GroupLineDetail")]
    count = sum(1 for name in form if name.startswith("item_"))
    lines = [line for number in range(count) if (line := _line_data(company, form, number))]
    return {**data, "Line": [*lines, *kept]}


def _line_data(company: Company, form: Form, number: int) -> Json | None:
    """Return one line of the form; one without item and text is none."""
    item, text = form.get(f"item_{number}", ""), form.get(f"text_{number}", "")
    ident = {"Id": form[f"id_{number}"]} if form.get(f"id_{number}") else {}
    if not item:
        return {**ident, "DetailType": "DescriptionOnly", "Description": text} if text else None
    quantity, price = _number(form.get(f"qty_{number}") or "1"), _number(form.get(f"price_{number}", ""))
    detail: Json = {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price}
    if company.tax_mode in ("manual", "automated"):
        detail["TaxCodeRef"] = {"value": "TAX" if form.get(f"tax_{number}") else "NON"}
    elif company.tax_mode == "global" and form.get(f"tax_{number}"):
        detail["TaxCodeRef"] = company.preference("TaxPrefs", "TaxGroupCodeRef")
    return {**ident, "Description": text, "Amount": money(quantity * price), "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": detail}


def _number(text: str) -> Decimal:
    try:
        number = dec(text.replace(",", ""))
    except ArithmeticError:
        raise Fault("2110", text, element="Amount") from None
    if not number.is_finite() or abs(number) > 10 ** 10:
        raise Fault("2110", text, element="Amount")
    return number


LISTS: dict[str, Any] = {
    "customers": _customers, "payments": _payments, "ageing": _ageing,
    "invoices": _documents("Invoice", "invoice", "Invoices"),
    "creditmemos": _documents("CreditMemo", "creditmemo", "Credit memos")}
