"""Fill a company from rows of data: the demo company with a year of books made by chance, or the sample company.

The same seed gives the same books. Rows name references by id, or by the name of what they point to; ``@30`` is the
date 30 days ago, ``@-01-31`` a day of this year.
"""

import random
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from simulator import ledger
from simulator.clock import UTC, Clock, stamp
from simulator.company import PERSON, Company
from simulator.money import ZERO, Json, dec, loads, money, round2
from simulator.sales import next_number
from simulator.schema import DATA, FACTS, SCHEMA

COMPANY = (DATA / "company.json").read_text("utf-8")
FEATURES: dict[str, str] = loads(COMPANY)["features"]
"""Feature of a wish -> preference that it switches."""
KINDS = ("demo", "sandbox", "empty")
DETAILS = {"S": ("SalesItemLineDetail", "ItemRef"), "I": ("ItemBasedExpenseLineDetail", "ItemRef"),
           "A": ("AccountBasedExpenseLineDetail", "AccountRef"), "D": ("DepositLineDetail", "AccountRef"),
           "Debit": ("JournalEntryLineDetail", "AccountRef"), "Credit": ("JournalEntryLineDetail", "AccountRef")}
"""Kind of a line in a row -> its detail, and the reference in it."""
HOURS = 18


def _days(count: float) -> timedelta:
    return timedelta(days=count)


class Seeder:
    """Builds one company as a wish of the control route says; raises ValueError when there is no such company."""

    def __init__(self, company: Company, wish: Json) -> None:
        kind = wish.get("company", "demo")
        if kind not in KINDS:
            raise ValueError(f"company must be one of {', '.join(KINDS)}")
        self.company = company
        self.wish = wish
        self.demo = kind != "sandbox"
        self.empty = bool(wish.get("empty")) or kind == "empty"
        self.data: Json = loads((DATA / ("demo.json" if self.demo else "sandbox.json")).read_text("utf-8"))
        self.features: Json = wish.get("features", {})
        self.mode = self.features.get("tax", "manual")
        self.random = random.Random(int(wish.get("seed", 1)))
        self.ids: dict[str, dict[str, str]] = {}
        self.real = company.clock
        self.today = self.real.today()
        self.start = self.today - _days(self.data.get("age", 400))
        self.goods: list[list[Any]] = self.data["lists"][-1][3:]
        self.taxed: list[str] = []
        self.customers: list[Json] = []

    def build(self) -> None:
        """Write everything in one transaction, each thing at its own time in the past."""
        company = self.company
        notify, company.notify = company.notify, lambda events: None
        company.clock = Clock()
        try:
            with company.work():
                self._at(self.start)
                self._settings()
                self._tables(self.data["taxes"].get(self.mode, []))
                self.taxed = list(self.ids.get("TaxCode", {}).values())
                self._tables(self.data["lists"])
                if not self.empty:
                    self._people()
                    self._tables(self.data["people"])
                    self._documents(self.data.get("documents", []))
                    self._books(int(self.wish.get("size", 120)) if self.demo else 0)
        finally:
            company.clock, company.notify = self.real, notify

    def _at(self, day: date) -> None:
        """Set the clock of the company to a working hour of a day, never later than now."""
        moment = datetime.combine(day, time(HOURS, self.random.randrange(60), self.random.randrange(60)), UTC)
        self.company.clock.set(min(moment.timestamp(), self.real.now() - 60))

    # -- rows of data ----------------------------------------------------------------------------------------------

    def _add(self, entity: str, body: Json, key: int = 0) -> Json:
        """Create an object, with a given id if there is one."""
        if key:
            self.company.store.set_sequence(self.company.realm, SCHEMA[entity].sequence, key - 1)
        made = self.company.create(SCHEMA[entity], body, PERSON)
        self.ids.setdefault(entity, {})[str(made.get("DisplayName") or made.get("Name") or made["Id"])] = made["Id"]
        self.customers += [made] if entity == "Customer" else []
        return made

    def _raw(self, entity: str, body: Json) -> None:
        """Write what nobody creates: company, preferences, the two words among the tax codes."""
        now = int(self.company.clock.now())
        full = {**body, "domain": "QBO", "sparse": False, "SyncToken": "0",
                "MetaData": {"CreateTime": stamp(now), "LastUpdatedTime": stamp(now)}}
        self.company.store.write(self.company.realm, SCHEMA[entity], full, now, now)

    def _shape(self, entity: str, row: Json) -> Json:
        """Return the body that a row means."""
        body: Json = {}
        for path, value in row.items():
            name, _, inner = path.partition(".")
            if inner and value is not None:
                body.setdefault(name, {})[inner] = value
            elif value is not None:
                body[name] = self._value(entity, name, value)
        return body

    def _value(self, entity: str, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._shape(entity, inner) for inner in value]
        if isinstance(value, str) and re.fullmatch(r"@-\d\d-\d\d", value):
            return f"{self.today.year}{value[1:]}"
        if isinstance(value, str) and re.fullmatch(r"@-?\d+", value):
            return (self.today - _days(int(value[1:]))).isoformat()
        if name.endswith("Ref") and isinstance(value, str | int):
            field = SCHEMA[entity].fields.get(name)
            return {"value": self.ids.get(field.target if field else "", {}).get(str(value), str(value))}
        return value

    def _tables(self, tables: list[list[Any]]) -> None:
        """Create lists: entity, names of the columns, rows; old and new ones where the data wants it."""
        for entity, columns, *rows in tables:
            for number, row in enumerate(rows[:1] if self.empty and entity == "Item" else rows):
                if "spread" in self.data:
                    self._at(self.today - _days(self.data["spread"] * (1 - number / len(rows))))
                body = self._shape(entity, dict(zip(columns, row, strict=False)))
                self._add(entity, body, body.pop("Id", 0))

    def _documents(self, rows: list[list[Any]]) -> None:
        """Create transactions: entity, id or 0, age in days, properties, lines; or change what has the id."""
        for entity, key, age, properties, lines in rows:
            day = self.today - _days(age)
            self._at(day)
            body = self._shape(entity, properties)
            old = self.company.get(entity, key) if key else None
            if old:  # stocked items get their starting quantity last: it takes an id
                self.company.update(SCHEMA[entity], {**old, **body, "sparse": True}, PERSON)
                continue
            if "TxnDate" in SCHEMA[entity].fields:
                body["TxnDate"] = day.isoformat()
            if lines:
                body["Line"] = [self._line(entity, *line) for line in lines]
            self._add(entity, body, key)
            ledger.flush(self.company)

    def _line(self, entity: str, kind: str, key: int | str, amount: Any, *rest: Any) -> Json:
        """Return a line: an application (kind is the type of what is paid), a discount in percent, or a detail.

        Args:
            amount: the quantity of an item; its price is the first of the rest, texts and details come after it.
        """
        if kind in SCHEMA:
            linked = {"TxnId": str(key), "TxnType": kind, **({"TxnLineId": "0"} if entity == "Deposit" else {})}
            return {"Amount": amount, "LinkedTxn": [linked]}
        if kind == "%":
            return {"DetailType": "DiscountLineDetail",
                    "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": amount}}
        name, reference = DETAILS[kind]
        detail: Json = {reference: {"value": str(key)}}
        line: Json = {"DetailType": name, "Amount": amount, name: detail}
        if reference == "ItemRef":
            line["Description"] = (self.company.get("Item", key) or {}).get("Description", "")
            detail.update({"Qty": amount, "UnitPrice": rest[0]})
            line["Amount"], rest = round2(dec(amount) * dec(rest[0])), rest[1:]
        if kind in ("Debit", "Credit"):
            detail["PostingType"] = kind
        for more in rest:
            line.update({"Description": more} if isinstance(more, str) else {})
            detail.update(self._shape(entity, more) if isinstance(more, dict) else {})
        return line

    def _settings(self) -> None:
        features, mode = self.features, self.mode
        bodies: Json = loads(COMPANY)
        for entity, groups in self.data.get("company", {}).items():
            for name, value in groups.items():
                bodies[entity][name] = {**bodies[entity].get(name, {}), **value} if isinstance(value, dict) else value
        info, prefs = bodies["CompanyInfo"], bodies["Preferences"]
        info["CompanyName"] = info["LegalName"] = self.wish.get("name", info["CompanyName"])
        info["Country"] = features.get("country", "GB" if mode == "global" else "US")
        info["CompanyStartDate"] = self.start.isoformat()
        info["CustomerCommunicationAddr"] = info["LegalAddr"] = info["CompanyAddr"]
        home = features.get("currency", "GBP" if mode == "global" else "USD")
        prefs["CurrencyPrefs"] = {"MultiCurrencyEnabled": bool(features.get("multicurrency")),
                                  "HomeCurrency": {"value": home}}
        prefs["TaxPrefs"] = {"UsingSalesTax": mode != "none", "PartnerTaxEnabled": mode == "automated"}
        if mode in ("manual", "global"):
            prefs["TaxPrefs"]["TaxGroupCodeRef"] = {"value": "2"}
        if features.get("closing_date"):
            prefs["AccountingInfoPrefs"]["BookCloseDate"] = features["closing_date"]
        for feature, path in bodies.pop("features").items():
            group, name = path.split(".")
            prefs[group][name] = bool(features.get(feature, prefs[group].get(name, False)))
        if "default_terms" in features:
            prefs["SalesFormsPrefs"]["DefaultTerms"] = {"value": str(features["default_terms"])}
        warnings = bodies.pop("warnings")
        if "warn_duplicates" in features:
            others = [pair for pair in prefs["OtherPrefs"]["NameValue"] if pair["Name"] not in warnings.values()]
            prefs["OtherPrefs"]["NameValue"] = others + [
                {"Name": name, "Value": str(word in features["warn_duplicates"]).lower()}
                for word, name in warnings.items()]
        for entity, body in bodies.items():
            self._raw(entity, {**body, "Id": "1"})
        for name in FACTS["pseudo_tax_codes"] if mode in ("manual", "automated") else ():
            self._raw("TaxCode", {"Id": name, "Name": name, "Description": name, "Active": True,
                                  "Taxable": name == "TAX", "TaxGroup": False})
        self.company.store.set_sequence(self.company.realm, "TaxCode", 1)
        for code, rate in features.get("rates", {"EUR": "1.08", "CAD": "0.73", "GBP": "1.27"}).items():
            self.company.store.set_setting(f"rate:{self.company.realm}:{code}", dec(rate))

    # -- a year of books by chance -----------------------------------------------------------------------------------

    def _people(self) -> None:
        wanted = int(self.wish.get("customers", int(self.wish.get("size", 120)) // 8)) if self.demo else 0
        for number, (name, given, family) in enumerate(self.data.get("customers", [])):
            self._customer(number, name, given, family)
        self._tables(self.data.get("jobs", []))
        for number in range(len(self.customers), wanted):
            self._customer(number, f"Customer {number + 1:05d}", "Alex", f"Number {number + 1}")

    def _customer(self, number: int, name: str, given: str, family: str) -> None:
        city, state, postcode = self.random.choice(self.data["places"])
        street = f"{self.random.randrange(10, 990)} {self.random.choice(self.data['streets'])}"
        phone = f"({self.random.choice((415, 510, 650))}) 555-{1000 + number % 9000:04d}"
        body: Json = {
            "DisplayName": name, "CompanyName": name, "GivenName": given, "FamilyName": family,
            "PrimaryPhone": {"FreeFormNumber": phone},
            "PrimaryEmailAddr": {"Address": f"office{number + 1}@customers.example.com"},
            "BillAddr": {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": postcode},
            "Taxable": number % 4 != 3, "SalesTermRef": {"value": str(self.random.choice((1, 2, 3, 3, 3, 4)))}}
        body["ShipAddr"] = dict(body["BillAddr"])
        if self.company.tax_mode == "manual" and state == "AZ":
            body["DefaultTaxCodeRef"] = {"value": self.taxed[1]}
        self._add("Customer", body)

    def _books(self, size: int) -> None:
        made = [self._invoice(self.today - _days(365 - round(365 * number / size)), number) for number in range(size)]
        acts = []
        for number, invoice in enumerate(made):
            day = date.fromisoformat(invoice["TxnDate"]) + _days(self.random.randrange(3, 55))
            kind = self.data["fates"][number % 16]
            if kind != "open" and day <= self.today and dec(invoice["TotalAmt"]):
                acts.append((day, kind, invoice))
        for day, kind, invoice in sorted(acts, key=lambda act: act[0]):
            self._at(day)
            self._settle(day, kind, invoice)

    def _form(self, entity: str, day: date, customer: str, code: str | None, body: Json) -> Json:
        """Create an invoice or a credit memo."""
        body = {"CustomerRef": {"value": customer}, "TxnDate": day.isoformat(), **body}
        if self.company.preference("SalesFormsPrefs", "CustomTxnNumbers"):
            body["DocNumber"] = next_number(self.company)
        if code:
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": code}}
        return self._add(entity, body)

    def _invoice(self, day: date, number: int) -> Json:
        self._at(day)
        customer = self.random.choice(self.customers)
        body: Json = {"Line": [self._good(customer) for _count in range(self.random.choice((1, 1, 2, 2, 3, 4)))]}
        if number % 9 == 4:
            body["Line"].append(self._line("Invoice", "%", 0, self.random.choice((5, 10))))
            body["ApplyTaxAfterDiscount"] = True
        if number % 6 == 1:
            text = "Guarantee: twelve months on all plants."
            body["Line"].append({"DetailType": "DescriptionOnly", "Description": text})
        note = self.random.choice(self.data["notes"])
        if note:
            body["CustomerMemo"] = {"value": note}
        code = None
        if self.company.tax_mode == "manual" and customer.get("Taxable"):
            code = customer.get("DefaultTaxCodeRef", {}).get("value", self.taxed[0])
        return self._form("Invoice", day, customer["Id"], code, body)

    def _good(self, customer: Json) -> Json:
        """Return an invoice line of something sold."""
        name, kind, _account, price, taxable, _text, _sku = self.random.choice(self.goods)
        quantity = Decimal(self.random.choice(("1", "2", "3", "1.5", "8", "12"))) if kind == "Service" else Decimal(
            self.random.randrange(1, 20))
        code = "TAX" if taxable and customer.get("Taxable") else "NON"
        if self.company.tax_mode == "global":
            code = self.taxed[0]
        more = {"TaxCodeRef": code} if self.company.tax_mode != "none" else {}
        return self._line("Invoice", "S", self.ids["Item"][name], quantity, price, more)

    def _settle(self, day: date, kind: str, invoice: Json) -> None:
        """Let an invoice be paid, partly paid, paid with others, overpaid or credited; or take an advance."""
        customer, total = invoice["CustomerRef"]["value"], None
        lines: list[tuple[str, str, Decimal]] = []
        memo = self._memo(day, invoice) if "credit" in kind else {}
        amount = dec((self.company.get("Invoice", invoice["Id"]) or {}).get("Balance"))
        if kind == "several":
            rows = self.company.rows(
                "select id, balance from object where realm = ? and entity = 'Invoice' and party = ? and balance > 0 "
                "and date <= ? order by id limit 3", int(customer), day.isoformat())
            lines = [("Invoice", str(key), round2(dec(balance))) for key, balance in rows]
        elif kind == "partial":
            amount = round2(amount * Decimal(self.random.choice(("0.25", "0.4", "0.5"))))
        elif kind == "credit":
            amount, total = min(amount, dec(memo["Balance"])), ZERO
        if kind in ("pay", "partial", "overpay", "credit") and amount:
            lines = [("Invoice", invoice["Id"], amount)]
        if lines or kind == "advance":
            extra = {"overpay": 25, "advance": 100}.get(kind, 0)
            total = sum((line[2] for line in lines), Decimal(extra)) if total is None else total
            self._payment(day, customer, total, [*lines, *([("CreditMemo", memo["Id"], amount)] if memo else [])])

    def _payment(self, day: date, customer: str, total: Decimal, lines: list[tuple[str, str, Decimal]]) -> None:
        method = self.random.choice(list(self.ids["PaymentMethod"].values()))
        body: Json = {"CustomerRef": {"value": customer}, "TxnDate": day.isoformat(), "TotalAmt": money(total),
                      "Line": [self._line("Payment", *line) for line in lines]}
        if total:
            body["PaymentMethodRef"] = {"value": method}
            body["PaymentRefNum"] = str(self.random.randrange(1000, 99999))
        if self.random.random() < 0.3:
            body["DepositToAccountRef"] = {"value": self.ids["Account"]["Checking"]}
        self._add("Payment", body)

    def _memo(self, day: date, invoice: Json) -> Json:
        """Return a new credit memo for a part of the first line of an invoice."""
        line = next(line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail")
        amount = max(round2(dec(line["Amount"]) / 2), Decimal("0.01"))
        detail = {name: value for name, value in line["SalesItemLineDetail"].items()
                  if name in ("ItemRef", "TaxCodeRef")}
        code = invoice.get("TxnTaxDetail", {}).get("TxnTaxCodeRef", {}).get("value")
        return self._form("CreditMemo", day, invoice["CustomerRef"]["value"], code, {
            "PrivateNote": f"Goods returned, invoice {invoice.get('DocNumber', '')}",
            "Line": [{"Amount": amount, "DetailType": "SalesItemLineDetail", "Description": "Goods returned",
                      "SalesItemLineDetail": detail}]})
