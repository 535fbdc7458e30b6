"""Sales tax on a document in the four models: none, US manual, US automated, and a code on each line elsewhere."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from simulator.company import Company
from simulator.errors import Fault, business
from simulator.money import ZERO, Json, dec, money, plain, round2
from simulator.schema import FACTS, SCHEMA, detail

TAX_WORDS = {"CA": "GST/HST", "AU": "GST", "IN": "GST", "SG": "GST", "NZ": "GST"}
LIMIT = 750
"""Taxable lines that automated tax takes on one document."""


@dataclass
class Base:
    """What is taxed: the lines, their sum, the discount that lowers the taxable amount; shipping, which it spares."""

    lines: list[Json]
    subtotal: Decimal
    discount: Decimal
    extra: list[Json] = field(default_factory=list)

    def share(self, amount: Decimal) -> Decimal:
        """Return an amount less its share of the discount."""
        if not self.discount or not self.subtotal:
            return amount
        return round2(amount - self.discount * amount / self.subtotal)

    def sums(self, name: str = "") -> dict[str, Decimal]:
        """Return taxable amounts by tax code, "" for none; *name* is a property to take instead where a line has it."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for part in (self.lines, self.extra):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for line in part:
                own = detail(line)
                sums[own.get("TaxCodeRef", {}).get("value", "")] += dec(own.get(name) or line.get("Amount"))
            for code, amount in sums.items():
                found[code] += self.share(amount) if part is self.lines else amount
        return found


def compute(company: Company, body: Json, party: Json, base: Base, purchase: bool = False) -> Json:
    """Return the TxnTaxDetail of a document; *party* is its customer or vendor.

    Raises:
        Fault: 6100 for a US line code that is not TAX or NON, 2500 for an unknown code, 6000 for a line without code.
    """
    mode = company.tax_mode
    if mode == "global":
        return _global(company, body, base, purchase)
    body.pop("GlobalTaxCalculation", None)
    return {"TotalTax": 0} if mode == "none" else _american(company, body, party, base, mode == "automated")


def _american(company: Company, body: Json, customer: Json, base: Base, automated: bool) -> Json:
    """One code for the document, taxed on the sum of the TAX lines; automated tax finds the code by the address."""
    sums = base.sums()
    wrong = sorted(code for code in sums if code not in ("TAX", "NON", ""))
    if wrong:
        raise Fault("6100", wrong[0], element="TaxCodeRef")
    taxable, stored = sums.get("TAX", ZERO), body.get("TxnTaxDetail", {})
    sent = stored if "TxnTaxDetail" in company.request.names else {}
    own = automated and sent.get("UseAutomatedSalesTax") is False and bool(sent.get("TxnTaxCodeRef"))
    if automated and len(base.lines) > LIMIT:
        raise business(f"A transaction with sales tax can have at most {LIMIT} lines.")
    code = (_automated_code(company, body, customer) if automated and not own
            else _manual_code(company, stored, customer, taxable))
    result: Json = {"TxnTaxCodeRef": {"value": code}} if code else {}
    refused = not company.switches.get("tax_override", True) or automated and sent.get("UseAutomatedSalesTax")
    override = None if refused else _override(sent, taxable, automated)
    if automated and (own or override):
        result["TaxReviewStatus"] = "NON_AST_TAX" if own else "AST_TAX_OVERRIDE"
    if override is not None:
        return {**result, **override}
    rates = _rates(company, code, body) if code and taxable else []
    return {**result, **_total([_tax_line(key, rate, taxable) for key, rate, _on in rates])}


def _total(lines: list[Json]) -> Json:
    total = sum((dec(line.get("Amount")) for line in lines), ZERO)
    return {"TotalTax": money(total), **({"TaxLine": lines} if lines else {})}


def _override(sent: Json, taxable: Decimal, automated: bool) -> Json | None:
    """Return the caller's own figures where the service takes them.

    They count when their lines name the base that the document really has; under automated tax a total alone counts
    too. Lines left over from another amount are computed anew.
    """
    lines = sent.get("TaxLine", [])
    bases = [dec(detail(line)["NetAmountTaxable"]) for line in lines if "NetAmountTaxable" in detail(line)]
    if lines and all(base == taxable for base in bases):
        return {"TotalTax": money(sent.get("TotalTax", _total(lines)["TotalTax"])), "TaxLine": lines}
    if automated and not lines and "TotalTax" in sent and "TxnTaxCodeRef" not in sent:
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
    """Return the code for the place of delivery; without an address, and to the exempt, nothing is taxed."""
    address = body.get("ShipAddr") or body.get("BillAddr") or {}
    state = str(address.get("CountrySubDivisionCode", "")).upper()
    exempt = not customer.get("Taxable", True) or customer.get("TaxExemptionReasonId")
    if state not in FACTS["state_tax_rates"] or exempt:
        return None
    name = f"Automated {state}"
    found = company.value("select id from object where realm = ? and entity = 'TaxCode' and name = ?", name)
    return str(found) if found else make_code(company, name, Decimal(FACTS["state_tax_rates"][state]))


def make_code(company: Company, name: str, rate: Decimal) -> str:
    """Create a tax rate and a code that consists of it; returns the code's id."""
    found = company.value("select id from object where realm = ? and entity = 'TaxAgency' order by id")
    agency = str(found or company.create(SCHEMA["TaxAgency"], {"DisplayName": f"{name} agency"})["Id"])
    made = company.create(SCHEMA["TaxRate"], {
        "Name": name, "Description": "Sales Tax", "RateValue": plain(rate), "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"})
    part = {"TaxRateRef": {"value": made["Id"], "name": name}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
    code = company.create(SCHEMA["TaxCode"], {
        "Name": name, "Description": name, "Taxable": True, "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [part]}, "PurchaseTaxRateList": {"TaxRateDetail": []}})
    return str(code["Id"])


def _rates(company: Company, code: str, body: Json, purchase: bool = False) -> list[tuple[str, Decimal, str]]:
    """Return id, percentage on the document's date and what it is applied to, for each rate of a code in its order."""
    def load() -> list[tuple[str, Json, str]]:
        found = company.get("TaxCode", code)
        if found is None:
            raise Fault("2500", "TaxCodes", code, element="TaxCodeRef")
        parts = found.get("PurchaseTaxRateList" if purchase else "SalesTaxRateList", {}).get("TaxRateDetail", [])
        keys = [(str(part["TaxRateRef"]["value"]), part.get("TaxTypeApplicable", ""))
                for part in sorted(parts, key=lambda part: int(part.get("TaxOrder", 0)))]
        return [(key, company.get("TaxRate", key) or {}, on) for key, on in keys]
    rates = company.cached(f"rates:{code}:{purchase}", load)
    return [(key, _percent(rate, body["TxnDate"]), on) for key, rate, on in rates]


def _percent(rate: Json, day: str) -> Decimal:
    """Return the percentage of a rate on a day: of its dated values, the one in force."""
    dated = rate.get("EffectiveTaxRate", [])
    for part in dated if isinstance(dated, list) else [dated]:
        if part.get("EffectiveDate", "")[:10] <= day <= (part.get("EndDate") or "9999")[:10]:
            return dec(part.get("RateValue"))
    return dec(rate.get("RateValue"))


def _tax_line(rate_id: str, rate: Decimal, base: Decimal, amount: Decimal | None = None) -> Json:
    return {"Amount": money(base * rate / 100 if amount is None else amount), "DetailType": "TaxLineDetail",
            "TaxLineDetail": {"TaxRateRef": {"value": rate_id}, "PercentBased": True, "TaxPercent": plain(rate),
                              "NetAmountTaxable": money(base)}}


def _apply(rates: list[tuple[str, Decimal, str]], net: Decimal) -> list[tuple[str, Decimal, Decimal]]:
    """Return id, percentage and base for each rate of a code: on the net amount, on the tax before it, or on both."""
    found, before = [], ZERO
    for key, rate, on in rates:
        base = before if on == "TaxOnTax" else net + before if on == "TaxOnAmountPlusTax" else net
        found.append((key, rate, base))
        before += base * rate / 100
    return found


def net_of_tax(company: Company, body: Json, lines: list[Json], fresh: bool, purchase: bool = False) -> None:
    """Lower lines with a price that includes tax to their net amounts.

    The caller gives such a price as TaxInclusiveAmt, and where the switch says so as Amount.
    """
    if company.tax_mode != "global" or body.get("GlobalTaxCalculation") != "TaxInclusive" or not fresh:
        return
    for line in lines:
        part, code = detail(line), detail(line).get("TaxCodeRef", {}).get("value")
        if not code or line["DetailType"] == "DiscountLineDetail":
            continue
        if company.switches.get("tax_inclusive_lines") == "gross" and not dec(part.get("TaxInclusiveAmt")):
            part["TaxInclusiveAmt"] = line["Amount"]
        total = dec(part.get("TaxInclusiveAmt"))
        if total:
            parts = _apply(_rates(company, code, body, purchase), Decimal(1))
            line["Amount"] = money(total / (1 + sum((base * rate / 100 for _key, rate, base in parts), ZERO)))
            if dec(part.get("Qty")) and "UnitPrice" in part:
                part["UnitPrice"] = plain((dec(line["Amount"]) / dec(part["Qty"])).quantize(Decimal("0.0000001")))


def _global(company: Company, body: Json, base: Base, purchase: bool) -> Json:
    """Tax by the code of each line, rounded for each rate over its summed base, on top of the net amounts."""
    if body.setdefault("GlobalTaxCalculation", "TaxExcluded") == "NotApplicable":
        return {"TotalTax": 0}
    sums, word = base.sums(), TAX_WORDS.get(str(company.info.get("Country")), "VAT")
    if sums.get("") and {"Line", "GlobalTaxCalculation"} & company.request.names:
        raise business(f"Make sure all your transactions have a {word} rate before you save.")
    sent = body.get("TxnTaxDetail", {}) if "TxnTaxDetail" in company.request.names else {}
    if sent.get("TaxLine") and company.switches.get("tax_override", True):
        return _total(sent["TaxLine"])
    gross = body["GlobalTaxCalculation"] == "TaxInclusive" and all(
        dec(detail(line).get("TaxInclusiveAmt")) or not dec(line.get("Amount")) for line in base.lines)
    inclusive = base.sums("TaxInclusiveAmt") if gross else sums
    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    fixed: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for code, net in sums.items():
        parts = _apply(_rates(company, code, body, purchase), net) if code else []
        for key, rate, amount in parts:
            bases[key, rate] += amount
        if inclusive[code] != net and parts:
            key, rate, _amount = parts[-1]
            others = sum((round2(part[2] * part[1] / 100) for part in parts[:-1]), ZERO)
            fixed[key, rate] += inclusive[code] - net - others
    return _total([_tax_line(key, rate, net, fixed.get((key, rate))) for (key, rate), net in bases.items()])
