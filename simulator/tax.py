"""Sales tax on a document in the four models: none, US manual, US automated, and a code on each line elsewhere."""

from dataclasses import dataclass
from decimal import Decimal

from simulator.company import Company
from simulator.errors import Fault
from simulator.money import ZERO, Json, dec, money, plain, round2
from simulator.schema import FACTS, SCHEMA


@dataclass
class Base:
    """What is taxed: the sales lines, their sum, and the discount that lowers the taxable amount."""

    lines: list[Json]
    subtotal: Decimal
    discount: Decimal

    def share(self, amount: Decimal) -> Decimal:
        """Return an amount less its share of the discount."""
        if not self.discount or not self.subtotal:
            return amount
        return round2(amount - self.discount * amount / self.subtotal)


def compute(company: Company, body: Json, customer: Json, base: Base) -> Json:
    """Return the TxnTaxDetail of a document.

    Raises:
        Fault: 6100 for a US line code that is not TAX or NON, 2500 for an unknown code.
    """
    mode = company.tax_mode
    if mode == "none":
        return {"TotalTax": 0}
    if mode == "global":
        return _global(company, body, base)
    taxable = _us_taxable(base)
    sent = body.get("TxnTaxDetail", {}) if "TxnTaxDetail" in company.request.names else {}
    stored = body.get("TxnTaxDetail", {})
    code = (_automated_code(company, body, customer) if mode == "automated"
            else _manual_code(company, stored, customer, taxable))
    detail: Json = {"TxnTaxCodeRef": {"value": code}} if code else {}
    override = _override(sent, taxable, mode)
    if override is not None:
        return {**detail, **override}
    lines = _tax_lines(company, code, taxable) if code and taxable else []
    total = sum((dec(line["Amount"]) for line in lines), ZERO)
    return {**detail, "TotalTax": money(total), **({"TaxLine": lines} if lines else {})}


def _us_taxable(base: Base) -> Decimal:
    total = ZERO
    for line in base.lines:
        code = line.get("SalesItemLineDetail", {}).get("TaxCodeRef", {}).get("value", "NON")
        if code not in ("TAX", "NON"):
            raise Fault("6100", code, element="TaxCodeRef")
        total += dec(line.get("Amount")) if code == "TAX" else ZERO
    return base.share(total)


def _override(sent: Json, taxable: Decimal, mode: str) -> Json | None:
    """Return the caller's own figures where the service takes them.

    They count when their lines name the base that the document really has; under automated tax a total alone counts
    too. Lines left over from another amount are computed anew.
    """
    lines = sent.get("TaxLine", [])
    bases = [dec(line["TaxLineDetail"]["NetAmountTaxable"]) for line in lines
             if "NetAmountTaxable" in line.get("TaxLineDetail", {})]
    if lines and all(base == taxable for base in bases):
        total = sum((dec(line.get("Amount")) for line in lines), ZERO)
        return {"TotalTax": money(sent.get("TotalTax", total)), "TaxLine": lines}
    if mode == "automated" and not lines and "TotalTax" in sent and "TxnTaxCodeRef" not in sent:
        return {"TotalTax": money(sent["TotalTax"])}
    return None


def _manual_code(company: Company, stored: Json, customer: Json, taxable: Decimal) -> str | None:
    """Return the code of the document, else the customer's; one that does not exist is refused."""
    reference = stored.get("TxnTaxCodeRef", {}).get("value")
    if reference:
        company.resolve("TaxCode", {"value": reference}, "TxnTaxCodeRef")
        return str(reference)
    default = customer.get("DefaultTaxCodeRef", {}).get("value")
    return default if default and taxable and customer.get("Taxable") and default.isdigit() else None


def _automated_code(company: Company, body: Json, customer: Json) -> str | None:
    """Return the code for the place of delivery; without an address nothing is taxed."""
    address = body.get("ShipAddr") or body.get("BillAddr") or {}
    state = str(address.get("CountrySubDivisionCode", "")).upper()
    if state not in FACTS["state_tax_rates"] or not customer.get("Taxable", True):
        return None
    name = f"Automated {state}"
    found = company.value("select id from object where realm = ? and entity = 'TaxCode' and name = ?", name)
    return str(found) if found else make_code(company, name, Decimal(FACTS["state_tax_rates"][state]))


def make_code(company: Company, name: str, rate: Decimal, agency: str | None = None) -> str:
    """Create a tax rate and a code that consists of it; returns the code's id."""
    if agency is None:
        found = company.value("select id from object where realm = ? and entity = 'TaxAgency' order by id")
        agency = str(found or company.create(SCHEMA["TaxAgency"], {"DisplayName": f"{name} agency"})["Id"])
    made = company.create(SCHEMA["TaxRate"], {
        "Name": name, "Description": "Sales Tax", "RateValue": plain(rate), "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"})
    detail = {"TaxRateRef": {"value": made["Id"], "name": name}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
    code = company.create(SCHEMA["TaxCode"], {
        "Name": name, "Description": name, "Taxable": True, "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [detail]}, "PurchaseTaxRateList": {"TaxRateDetail": []}})
    return str(code["Id"])


def _rates(company: Company, code: str) -> list[tuple[str, Decimal]]:
    def load() -> list[tuple[str, Decimal]]:
        body = company.get("TaxCode", code) if code.isdigit() else None
        if body is None:
            raise Fault("2500", "TaxCodes", code, element="TaxCodeRef")
        found = []
        for detail in body.get("SalesTaxRateList", {}).get("TaxRateDetail", []):
            rate = company.get("TaxRate", detail["TaxRateRef"]["value"]) or {}
            found.append((str(detail["TaxRateRef"]["value"]), dec(rate.get("RateValue"))))
        return found
    result: list[tuple[str, Decimal]] = company.cached(f"rates:{code}", load)
    return result


def _tax_line(rate_id: str, rate: Decimal, base: Decimal, amount: Decimal) -> Json:
    return {"Amount": money(amount), "DetailType": "TaxLineDetail",
            "TaxLineDetail": {"TaxRateRef": {"value": rate_id}, "PercentBased": True, "TaxPercent": plain(rate),
                              "NetAmountTaxable": money(base)}}


def _tax_lines(company: Company, code: str, taxable: Decimal) -> list[Json]:
    """Tax is rounded for each rate over the summed base."""
    return [_tax_line(key, rate, taxable, round2(taxable * rate / 100)) for key, rate in _rates(company, code)]


def _global(company: Company, body: Json, base: Base) -> Json:
    """Tax by the code of each line, rounded for each rate over the summed net base, on top of the net amounts."""
    kind = body.get("GlobalTaxCalculation", "TaxExcluded")
    if kind == "NotApplicable":
        return {"TotalTax": 0}
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in base.lines:
        code = line.get("SalesItemLineDetail", {}).get("TaxCodeRef", {}).get("value")
        if code:
            for rate in _rates(company, code):
                bases[rate] = bases.get(rate, ZERO) + base.share(dec(line.get("Amount")))
    sent = body.get("TxnTaxDetail", {}) if "TxnTaxDetail" in company.request.names else {}
    override = _override(sent, next(iter(bases.values()), ZERO), "global") if len(bases) <= 1 else None
    if override is not None:
        return override
    lines = [_tax_line(key, rate, net, round2(net * rate / 100)) for (key, rate), net in bases.items()]
    total = sum((dec(line["Amount"]) for line in lines), ZERO)
    return {"TotalTax": money(total), **({"TaxLine": lines} if lines else {})}
