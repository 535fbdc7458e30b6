"""The web pages: lists and forms with which a person plays the QuickBooks user, through the same rules as the API."""

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from simulator import person, reports
from simulator.company import PERSON, Company
from simulator.errors import Fault
from simulator.money import Json, dec, dumps, loads, money
from simulator.schema import DATA, SCHEMA, entity_named, is_id

if TYPE_CHECKING:
    from simulator.app import Simulator

FILES = DATA / "pages"
LISTS: dict[str, Json] = loads((FILES / "lists.json").read_text("utf-8"))
FORMS: dict[str, list[list[str]]] = loads((FILES / "forms.json").read_text("utf-8"))
"""Inputs of a form: name, label, type or the list to choose from, path in the object where it is not the name."""
LISTED = ("Invoice", "CreditMemo")
"""Forms with lines."""
LINES = ("SalesItemLineDetail", "DescriptionOnly")
ACTS = {"void": ("Invoice", "Payment"), "delete": ("Invoice", "CreditMemo", "Payment"), "deactivate": ("Customer",),
        "receive": ("Invoice",)}
"""Buttons besides Save, and the forms that have them."""
SPARE_LINES, SHOWN = 3, 500
Form = MultiDict[str, str]


def at(body: Any, path: str) -> Any:
    """Return what is at a dotted path of an object, "" for nothing."""
    for part in path.split("."):
        body = body.get(part, "") if isinstance(body, dict) else ""
    return body


def state(body: Json) -> tuple[str, str]:
    """Return the state of a document: class of its tag, and the word."""
    if str(body.get("PrivateNote", "")).startswith("Voided") and not dec(body["TotalAmt"]):
        return "voided", "Voided"
    return ("open", "Open") if dec(body.get("Balance")) else ("paid", "Closed")


def choices(company: Company, entity: str) -> dict[str, str]:
    """Return id and name of the active rows of a list."""
    return {str(key): name for key, name in company.rows(
        "select id, fqn from object where realm = ? and entity = ? and active = 1 order by fqn", entity)}


PAGES = Environment(loader=FileSystemLoader(FILES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
                    undefined=ChainableUndefined)
PAGES.globals.update(style=Markup((DATA / "style.css").read_text("utf-8")), lists=LISTS, forms=FORMS, listed=LISTED,
                     choices=choices)
PAGES.filters.update(at=at, state=state, json=dumps, amount=lambda value: f"{dec(value):,.2f}")


def _render(template: str, status: int = 200, **values: Any) -> Response:
    return Response(PAGES.get_template(template).render(**values), status, content_type="text/html;charset=utf-8")


def html_page(title: str, content: str, company: Company | None = None, status: int = 200) -> Response:
    """Return a whole HTML page round *content*, which is HTML."""
    return _render("base.html", status, title=title, content=Markup(content), company=company)


def handle(simulator: "Simulator", request: Request) -> Response:
    """Answer a request for a page."""
    parts = [part for part in request.path.split("/") if part]
    if not parts:
        return _render("companies.html", title="Companies", companies=simulator.company_list())
    if parts[0] != "app" or len(parts) not in (3, 4) or parts[1] not in simulator.companies:
        return html_page("Not found", "<h1>There is no such page</h1>", status=404)
    company = simulator.companies[parts[1]]
    with simulator.store.lock, simulator.by_person(request.method == "POST"):
        return _route(company, request, parts[2], parts[3] if len(parts) == 4 else "")


def _route(company: Company, request: Request, name: str, key: str) -> Response:
    if not key and name in LISTS:
        return _list(company, request, name)
    kind = getattr(entity_named(name), "name", "")
    body = company.get(kind, key) if is_id(key) else {} if key == "new" and kind in FORMS else None
    if kind and body is not None:
        if kind in FORMS:
            return _form(company, request, kind, key, body)
        return _render("record.html", title=f"{kind} {key}", company=company, tab=f"{kind.lower()}s", body=body)
    return html_page("Not found", "<h1>There is no such page or record</h1>", company, status=404)


def _list(company: Company, request: Request, name: str) -> Response:
    spec, view = LISTS[name], {"company": company, "tab": name, "title": LISTS[name]["title"]}
    if name == "ageing":
        try:
            view["report"] = reports.REPORTS["AgedReceivables"](company, dict(request.args.items()))
        except Fault as fault:
            view["error"] = _said(fault)
        return _render("ageing.html", **view)
    rows = company.rows(f"select body from object where realm = ? and entity = ? order by {spec['order']} limit ?",
                        spec["entity"], SHOWN + 1)
    bodies = [loads(row[0]) for row in rows[:SHOWN]]
    return _render("list.html", spec=spec, bodies=bodies, more=len(rows) > SHOWN, **view)


def _said(fault: Fault) -> str:
    return f"{fault.errors[0]['Detail']} (code {fault.code})"


def _form(company: Company, request: Request, kind: str, key: str, body: Json) -> Response:
    """Do what a pressed button says, or show the form; after a refusal with what was typed."""
    error, wrong, typed = "", "", Form()
    if request.method == "POST":
        try:
            target = _submit(company, kind, key, body, request.form)
            return Response("", 303, headers={"Location": f"/app/{company.realm}/{target}?saved=1"})
        except Fault as fault:
            error, wrong, typed = _said(fault), str(fault.errors[0].get("element") or ""), request.form
    shown = [line for line in body.get("Line", []) if line.get("DetailType") in LINES]
    spare = max(SPARE_LINES, _count(typed) - len(shown))
    return _render("form.html", company=company, tab=f"{kind.lower()}s", title=kind, kind=kind, body=body, typed=typed,
                   error=error, wrong=wrong, saved="saved" in request.args and not error, lines=[*shown, *[{}] * spare],
                   today=company.clock.today().isoformat())


def _count(form: Form) -> int:
    return sum(name.startswith("item_") for name in form)


def _submit(company: Company, kind: str, key: str, body: Json, form: Form) -> str:
    """Do what the pressed button says; returns the page to show next.

    Raises:
        Fault: QuickBooks refuses it.
    """
    path, wish = f"{kind.lower()}/{key}", dict[str, Any](entity=kind, id=key)
    action = next((name for name, kinds in ACTS.items() if name in form and kind in kinds and key != "new"), "edit")
    data = _sent("Payment" if action == "receive" else kind, form)
    if action == "receive":
        wish["amount"] = _number(form.get("amount", ""))
    elif action == "edit" and kind in LISTED:
        kept = [line for line in body.get("Line", []) if line.get("DetailType") not in (*LINES, "SubTotalLineDetail")]
        stored = {line["Id"]: line for line in body.get("Line", []) if "Id" in line}
        shown = (_line_data(company, form, number, stored) for number in range(_count(form)))
        data["Line"] = [*filter(None, shown), *kept]
    if key == "new" or action == "receive":
        data = {name: value for name, value in data.items() if value}
    if key == "new":
        return f"{kind.lower()}/{company.create(SCHEMA[kind], data, PERSON)['Id']}"
    person.act(company, {**wish, "action": action, "data": data})
    return f"{kind.lower()}s" if action == "delete" else path


def _sent(form: str, typed: Form) -> Json:
    """Return what was typed into a form as properties of its object."""
    data: Json = {}
    for name, _label, kind, path in FORMS[form]:
        head, _, inside = (f"{name}.value" if kind in SCHEMA else path or name).partition(".")
        if name in typed:
            value = typed[name]
            data[head] = {**data.get(head, {}), inside: value} if inside and (value or kind not in SCHEMA) else value
    return data


def _line_data(company: Company, form: Form, number: int, stored: dict[str, Json]) -> Json | None:
    """Return one line of the form over what is stored of it; one without item and text is none."""
    item, text = form.get(f"item_{number}", ""), form.get(f"text_{number}", "")
    old = stored.get(form.get(f"id_{number}", ""), {})
    if not item:
        ident = {"Id": old["Id"]} if old else {}
        return {**ident, "DetailType": "DescriptionOnly", "Description": text} if text else None
    quantity, price = _number(form.get(f"qty_{number}") or "1"), _number(form.get(f"price_{number}", ""))
    detail: Json = {**old.get(LINES[0], {}), "ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price}
    code, taxed = detail.pop("TaxCodeRef", None), form.get(f"tax_{number}")
    if company.tax_mode in ("manual", "automated"):
        detail["TaxCodeRef"] = {"value": "TAX" if taxed else "NON"}
    elif company.tax_mode == "global" and taxed:
        detail["TaxCodeRef"] = code or company.preference("TaxPrefs", "TaxGroupCodeRef")
    return {**old, "Description": text, "Amount": money(quantity * price), "DetailType": LINES[0], LINES[0]: detail}


def _number(text: str) -> Decimal:
    with suppress(ArithmeticError):
        number = dec(text.replace(",", ""))
        if abs(number) <= 10 ** 10:
            return number
    raise Fault("2110", text, element="Amount")
