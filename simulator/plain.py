"""Entities that the schema describes nearly alone: time, currencies, rates, recurring templates, tax service."""

from simulator.clock import stamp
from simulator.company import AFTER, PERSON, RULES, Company
from simulator.errors import Fault, business, missing, need
from simulator.money import Json, dec, dumps, money, plain
from simulator.schema import FACTS, SCHEMA, Entity, defaults
from simulator.validate import clean, require

CURRENCIES: dict[str, str] = FACTS["currencies"]
HIDDEN = ("Id", "SyncToken", "Name", "TxnDate")
WORKERS = {"Employee": "EmployeeRef", "Vendor": "VendorRef"}
ENVELOPE = ("domain", "sparse", "Id", "SyncToken", "MetaData")


def _time(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """A time activity names who worked, how long or from when to when, and for whom when it is billed."""
    body.setdefault("TxnDate", company.clock.today().isoformat())
    wanted = [WORKERS[body["NameOf"]]] if body["NameOf"] in WORKERS else []
    if not ({"Hours", "Minutes"} & body.keys() or {"StartTime", "EndTime"} <= body.keys()):
        wanted.append("Hours")
    if body["BillableStatus"] == "Billable":
        wanted.append("CustomerRef")
    need(body, *wanted)
    if old is None and body["BillableStatus"] == "HasBeenBilled":
        raise business("Only an invoice makes a time activity billed.")


def _currency(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    if not company.multicurrency:
        raise business("Multicurrency is not switched on for this company.")
    body.setdefault("Name", CURRENCIES[body["Code"]])
    other = company.value("select id from object where realm = ? and entity = 'CompanyCurrency' and id <> ? and "
                          "json_extract(body, '$.Code') = ?", int(body["Id"]), body["Code"])
    if other:
        raise Fault("6240", f"Id={other}", element="")


def _rate(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """A rate takes the place of the one of the same currency and day; name and date are what it is found by."""
    code = body["SourceCurrencyCode"]
    body.setdefault("AsOfDate", company.clock.today().isoformat())
    if body.setdefault("TargetCurrencyCode", company.home) != company.home or dec(body["Rate"]) <= 0:
        raise business("A rate is a positive number of units of the home currency.")
    company.run("delete from object where realm = ? and entity = 'ExchangeRate' and name = ? and date = ?", code,
                body["AsOfDate"])
    body.update({"Name": code, "TxnDate": body["AsOfDate"]})


def _show(company: Company, entity: Entity, body: Json, old: Json | None) -> bool:
    """Store what is answered: a rate without Id and SyncToken, a template inside of its name with the Id there."""
    # An invoice's Deposit is a figure, although an entity has that name.
    name = next((name for name in body if name in SCHEMA and isinstance(body[name], dict)), "")
    rest = {key: value for key, value in body.items() if key != name}
    own = {key: rest[key] for key in ENVELOPE if key in rest}
    shown = {name: {**body[name], **own}} if name else {key: rest[key] for key in rest if key not in HIDDEN}
    company.store.run("update object set body = ? where realm = ? and entity = ? and id = ?", dumps(shown),
                      company.realm, entity.name, int(body["Id"]))
    return True


def exchange_rate(company: Company, args: dict[str, str]) -> Json:
    """Return the rate of ``sourcecurrencycode`` on the day ``asofdate``, today when left out.

    Raises:
        Fault: 2020 without a currency, 2060 or 2170 for a bad one.
    """
    given = {name.lower(): value for name, value in args.items()}
    if not given.get("sourcecurrencycode"):
        raise missing("sourcecurrencycode")
    asked = clean(SCHEMA["ExchangeRate"], {"SourceCurrencyCode": given["sourcecurrencycode"].upper(),
                                           "AsOfDate": given.get("asofdate")})
    code, day = asked["SourceCurrencyCode"], asked.get("AsOfDate", company.clock.today().isoformat())
    return {"SourceCurrencyCode": code, "TargetCurrencyCode": company.home, "Rate": plain(company.rate(code, day)),
            "AsOfDate": day, "domain": "QBO", "sparse": False,
            "MetaData": {"LastUpdatedTime": stamp(int(company.clock.now()))}}


def list_rates(company: Company, day: str) -> None:
    """Write down the rates of a day, one for each currency in use: a query of rates answers those of its day."""
    if not company.multicurrency:
        return
    lacking = company.rows(
        "select json_extract(body, '$.Code') from object where realm = ?1 and entity = 'CompanyCurrency' and active "
        "union select substr(name, length(?3) + 1) from setting where instr(name, ?3) = 1 "
        "except select name from object where realm = ?1 and entity = 'ExchangeRate' and date = ?2", day,
        f"rate:{company.realm}:")
    for (code,) in lacking:
        company.create(SCHEMA["ExchangeRate"], {"SourceCurrencyCode": code, "Rate": company.rate(code, day),
                                                "AsOfDate": day}, PERSON)


def _recurring(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """A template is one transaction with RecurringInfo, checked by the schema alone; nothing is posted."""
    kinds = [name for name in body if name in SCHEMA and isinstance(body[name], dict)]
    if len(kinds) != 1:
        raise missing("RecurringTransaction")
    inner = SCHEMA[kinds[0]]
    sent = clean(inner, body[inner.name])
    need(sent, "RecurringInfo")
    template = defaults(inner) | {name: value for name, value in sent.items() if not inner.fields[name].read_only}
    require(inner, template)
    company.resolve_all(inner, template, sent)
    template.setdefault("CurrencyRef", company.currency(company.home))
    template["RecurringInfo"].setdefault("Active", True)
    total = sum(dec(line.get("Amount")) for line in template.get("Line", []))
    known = old["RecurDataRef"] if old else {"value": str(company.store.next_id(company.realm, "RecurData"))}
    made = {**template, "TotalAmt": money(template.get("TotalAmt", total)), "RecurDataRef": known}
    if old and {**old, **made, "SyncToken": "", "sparse": False} == {**old, "SyncToken": "", "sparse": False}:
        del body[inner.name]
        body.update(old)
    else:
        body[inner.name] = made


def tax_service(company: Company, payload: Json) -> Json:
    """Make a tax code of new and existing rates; returns the bare answer of ``taxservice/taxcode``.

    Raises:
        Fault: 2010, 2020, 2050, 2170, 2500 for an unknown rate or agency, 6240 for a name in use.
    """
    entity = SCHEMA["TaxService"]
    sent = clean(entity, payload)
    require(entity, sent)
    with company.work():
        lists: dict[str, list[Json]] = {"Sales": [], "Purchase": []}
        for detail in sent["TaxRateDetails"]:
            side = detail.setdefault("TaxApplicableOn", "Sales")
            detail["TaxRateId"] = _rate_of(company, detail)
            used = lists["Purchase" if side == "Purchase" else "Sales"]
            used.append({"TaxRateRef": company.resolve("TaxRate", {"value": detail["TaxRateId"]}, "TaxRateId"),
                         "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0})
        key = _make(company, "TaxCode", "code", {
            "Name": sent["TaxCode"], "Description": sent["TaxCode"], "Taxable": True, "TaxGroup": True,
            "SalesTaxRateList": {"TaxRateDetail": lists["Sales"]},
            "PurchaseTaxRateList": {"TaxRateDetail": lists["Purchase"]}})
    return {"TaxCode": sent["TaxCode"], "TaxCodeId": key, "TaxRateDetails": sent["TaxRateDetails"]}


def _rate_of(company: Company, detail: Json) -> str:
    """Return the id of a rate that exists, or make the one that is described."""
    if "TaxRateId" in detail:
        return str(detail["TaxRateId"])
    need(detail, "TaxRateName", "RateValue", "TaxAgencyId")
    agency = company.resolve("TaxAgency", {"value": detail["TaxAgencyId"]}, "TaxAgencyId")
    return _make(company, "TaxRate", "rate", {
        "Name": detail["TaxRateName"], "Description": detail["TaxRateName"], "RateValue": detail["RateValue"],
        "AgencyRef": {"value": agency["value"]}, "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"})


def _make(company: Company, entity: str, label: str, body: Json) -> str:
    try:
        return str(company.create(SCHEMA[entity], body)["Id"])
    except Fault as fault:
        if fault.code == "6240":
            raise Fault("6240", f"Another tax {label} is already using this \nname. Please use a different name.",
                        element="") from None
        raise


RULES.update({"TimeActivity": _time, "CompanyCurrency": _currency, "ExchangeRate": _rate,
              "RecurringTransaction": _recurring})
AFTER.update({"ExchangeRate": _show, "RecurringTransaction": _show})
