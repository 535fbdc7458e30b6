"""Fill a company: chart, lists, a year of invoices, payments and credit memos; the same seed, the same books."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from simulator.clock import UTC, Clock, stamp
from simulator.company import PERSON, Company
from simulator.money import ZERO, Json, dec, loads, money, round2
from simulator.sales import next_number
from simulator.schema import DATA, FACTS, SCHEMA
from simulator.tax import make_code

DEMO: Json = loads((DATA / "demo.json").read_text("utf-8"))
FEATURES = {"custom_txn_numbers": ("SalesFormsPrefs", "CustomTxnNumbers"),
            "auto_apply_credit": ("SalesFormsPrefs", "AutoApplyCredit"),
            "classes": ("AccountingInfoPrefs", "ClassTrackingPerTxnLine"),
            "departments": ("AccountingInfoPrefs", "TrackDepartments")}
"""Feature of the wish -> preference that it switches on."""
HOURS = 18


class Seeder:
    """Builds one company.

    Args:
        wish: ``size``, ``seed``, ``empty``, ``name``, ``customers`` and ``features`` of the control route.
    """

    def __init__(self, company: Company, wish: Json) -> None:
        self.company = company
        self.wish = wish
        self.features: Json = wish.get("features", {})
        self.random = random.Random(int(wish.get("seed", 1)))
        self.ids: dict[str, dict[str, str]] = {}
        self.real = company.clock
        self.today = self.real.today()
        self.taxed: list[str] = []
        self.customers: list[Json] = []

    def build(self) -> None:
        """Write everything in one transaction, each thing at its own time in the past."""
        company = self.company
        notify, company.notify = company.notify, lambda events: None
        company.clock = Clock()
        try:
            with company.work():
                self._at(self.today - timedelta(days=400))
                self._settings()
                self._lists()
                if not self.wish.get("empty"):
                    self._people()
                    self._books(int(self.wish.get("size", 120)))
        finally:
            company.clock, company.notify = self.real, notify

    def _at(self, day: date) -> None:
        """Set the clock of the company to a working hour of a day, never later than now."""
        moment = datetime.combine(day, time(HOURS, self.random.randrange(60), self.random.randrange(60)), UTC)
        self.company.clock.set(min(moment.timestamp(), self.real.now() - 60))

    def _add(self, entity: str, body: Json) -> Json:
        made = self.company.create(SCHEMA[entity], body, PERSON)
        self.ids.setdefault(entity, {})[str(made.get("DisplayName") or made.get("Name") or made["Id"])] = made["Id"]
        return made

    def _settings(self) -> None:
        features, mode = self.features, self.features.get("tax", "manual")
        bodies: Json = loads((DATA / "company.json").read_text("utf-8"))
        info, prefs = bodies["CompanyInfo"], bodies["Preferences"]
        info["CompanyName"] = info["LegalName"] = self.wish.get("name", info["CompanyName"])
        info["Country"] = features.get("country", "GB" if mode == "global" else "US")
        info["CompanyStartDate"] = (self.today - timedelta(days=400)).isoformat()
        info["CustomerCommunicationAddr"] = info["LegalAddr"] = info["CompanyAddr"]
        home = features.get("currency", "GBP" if mode == "global" else "USD")
        prefs["CurrencyPrefs"] = {"MultiCurrencyEnabled": bool(features.get("multicurrency")),
                                  "HomeCurrency": {"value": home}}
        prefs["TaxPrefs"] = {"UsingSalesTax": mode != "none", "PartnerTaxEnabled": mode == "automated"}
        if mode in ("manual", "global"):
            prefs["TaxPrefs"]["TaxGroupCodeRef"] = {"value": "2"}
        if features.get("closing_date"):
            prefs["AccountingInfoPrefs"]["BookCloseDate"] = features["closing_date"]
        for feature, (group, name) in FEATURES.items():
            prefs[group][name] = bool(features.get(feature, False))
        now = int(self.company.clock.now())
        times = {"CreateTime": stamp(now), "LastUpdatedTime": stamp(now)}
        for entity, body in bodies.items():
            full = {**body, "domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0", "MetaData": times}
            self.company.store.write(self.company.realm, SCHEMA[entity], full, now, now)
        for code, rate in features.get("rates", {"EUR": "1.08", "CAD": "0.73", "GBP": "1.27"}).items():
            self.company.store.set_setting(f"rate:{self.company.realm}:{code}", dec(rate))

    def _lists(self) -> None:
        for name, kind, subtype in DEMO["chart"]:
            self._add("Account", {"Name": name, "AccountType": kind, "AccountSubType": subtype})
        for name, days in DEMO["terms"]:
            self._add("Term", {"Name": name, "DueDays": days})
        for name, kind in DEMO["methods"]:
            self._add("PaymentMethod", {"Name": name, "Type": kind})
        self._taxes()
        for name, kind, account, price, taxable, text in DEMO["items"][:1] if self.wish.get("empty") else DEMO["items"]:
            self._add("Item", {"Name": name, "Type": kind, "UnitPrice": price, "Taxable": taxable, "Description": text,
                               "Sku": name.upper().replace(" ", "-")[:20] if kind == "NonInventory" else "",
                               "IncomeAccountRef": {"value": self.ids["Account"][account]}})

    def _taxes(self) -> None:
        mode = self.features.get("tax", "manual")
        if mode == "none":
            return
        if mode != "global":
            now = int(self.company.clock.now())
            for name in FACTS["pseudo_tax_codes"]:
                body = {"Name": name, "Description": name, "Active": True, "Taxable": name == "TAX", "TaxGroup": False,
                        "domain": "QBO", "sparse": False, "Id": name, "SyncToken": "0",
                        "MetaData": {"CreateTime": stamp(now), "LastUpdatedTime": stamp(now)}}
                self.company.store.write(self.company.realm, SCHEMA["TaxCode"], body, now, now)
        agencies: dict[str, str] = {}
        self.company.store.set_sequence(self.company.realm, "TaxCode", 1)
        for name, rate, agency in {"global": DEMO["global_taxes"], "manual": DEMO["taxes"]}.get(mode, []):
            if agency not in agencies:
                agencies[agency] = self._add("TaxAgency", {"DisplayName": agency})["Id"]
            self.taxed.append(make_code(self.company, name, Decimal(rate), agencies[agency]))

    def _people(self) -> None:
        count = int(self.wish.get("customers", int(self.wish.get("size", 120)) // 8))
        for number, (name, given, family) in enumerate(DEMO["customers"]):
            self._customer(number, name, given, family)
        for parent, name in DEMO["jobs"]:
            above = {"value": self.ids["Customer"][parent]}
            self.customers.append(self._add("Customer", {"DisplayName": name, "Job": True, "ParentRef": above,
                                                         "BillWithParent": True}))
        for number in range(len(self.customers), count):
            self._customer(number, f"Customer {number + 1:05d}", "Alex", f"Number {number + 1}")
        for name in DEMO["vendors"]:
            self._add("Vendor", {"DisplayName": name, "CompanyName": name})
        for given, family in DEMO["employees"]:
            self._add("Employee", {"GivenName": given, "FamilyName": family})

    def _customer(self, number: int, name: str, given: str, family: str) -> None:
        city, state, postcode = self.random.choice(DEMO["places"])
        street = f"{self.random.randrange(10, 990)} {self.random.choice(DEMO['streets'])}"
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
        self.customers.append(self._add("Customer", body))

    # -- a year of books --------------------------------------------------------------------------------------------

    def _books(self, size: int) -> None:
        made = [self._invoice(self.today - timedelta(days=365 - round(365 * number / max(size, 1))), number)
                for number in range(size)]
        acts = sorted([act for number, invoice in enumerate(made) for act in self._fate(number, invoice)],
                      key=lambda act: act[0])
        for day, kind, invoice in acts:
            self._at(day)
            getattr(self, f"_{kind}")(day, invoice)

    def _invoice(self, day: date, number: int) -> Json:
        self._at(day)
        customer = self.random.choice(self.customers)
        lines = [self._line(customer) for _count in range(self.random.choice((1, 1, 2, 2, 3, 4)))]
        body: Json = {"CustomerRef": {"value": customer["Id"]}, "TxnDate": day.isoformat(), "Line": lines}
        if number % 9 == 4:
            detail: Json = {"PercentBased": True, "DiscountPercent": self.random.choice((5, 10))}
            body["Line"].append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
            body["ApplyTaxAfterDiscount"] = True
        if number % 6 == 1:
            text = "Guarantee: twelve months on all plants."
            body["Line"].append({"DetailType": "DescriptionOnly", "Description": text})
        note = self.random.choice(DEMO["notes"])
        if note:
            body["CustomerMemo"] = {"value": note}
        if self.company.preference("SalesFormsPrefs", "CustomTxnNumbers"):
            body["DocNumber"] = next_number(self.company)
        self._tax_code(body, customer)
        return self._add("Invoice", body)

    def _tax_code(self, body: Json, customer: Json) -> None:
        if self.company.tax_mode == "manual" and customer.get("Taxable"):
            code = customer.get("DefaultTaxCodeRef", {}).get("value", self.taxed[0])
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": code}}

    def _line(self, customer: Json) -> Json:
        name, kind, _account, price, taxable, text = self.random.choice(DEMO["items"][1:])
        quantity = Decimal(self.random.choice(("1", "2", "3", "1.5", "8", "12"))) if kind == "Service" else Decimal(
            self.random.randrange(1, 20))
        code = "TAX" if taxable and customer.get("Taxable") else "NON"
        if self.company.tax_mode == "global":
            code = self.taxed[0]
        detail: Json = {"ItemRef": {"value": self.ids["Item"][name]}, "Qty": quantity, "UnitPrice": price}
        if self.company.tax_mode != "none":
            detail["TaxCodeRef"] = {"value": code}
        return {"Description": text, "Amount": round2(quantity * Decimal(price)), "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": detail}

    def _fate(self, number: int, invoice: Json) -> list[tuple[date, str, Json]]:
        """What becomes of an invoice: paid, partly paid, paid with others, overpaid, credited, or left open."""
        day = date.fromisoformat(invoice["TxnDate"]) + timedelta(days=self.random.randrange(3, 55))
        kind = ("pay", "pay", "pay", "open", "partial", "pay", "open", "overpay", "open", "credit", "several", "pay",
                "loose_credit", "partial", "open", "advance")[number % 16]
        if kind == "open" or day > self.today or not dec(invoice["TotalAmt"]):
            return []
        return [(day, kind, invoice)]

    def _payment(self, day: date, customer: str, total: Decimal, lines: list[tuple[str, str, Decimal]]) -> None:
        method = self.random.choice(list(self.ids["PaymentMethod"].values()))
        body: Json = {"CustomerRef": {"value": customer}, "TxnDate": day.isoformat(), "TotalAmt": money(total),
                      "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
                               for kind, key, amount in lines]}
        if total:
            body["PaymentMethodRef"] = {"value": method}
            body["PaymentRefNum"] = str(self.random.randrange(1000, 99999))
        if self.random.random() < 0.3:
            body["DepositToAccountRef"] = {"value": self.ids["Account"]["Checking"]}
        self._add("Payment", body)

    def _open(self, invoice: Json) -> Decimal:
        return dec((self.company.get("Invoice", invoice["Id"]) or {}).get("Balance"))

    def _pay(self, day: date, invoice: Json) -> None:
        amount = self._open(invoice)
        if amount:
            self._payment(day, invoice["CustomerRef"]["value"], amount, [("Invoice", invoice["Id"], amount)])

    def _partial(self, day: date, invoice: Json) -> None:
        amount = round2(self._open(invoice) * Decimal(self.random.choice(("0.25", "0.4", "0.5"))))
        if amount:
            self._payment(day, invoice["CustomerRef"]["value"], amount, [("Invoice", invoice["Id"], amount)])

    def _overpay(self, day: date, invoice: Json) -> None:
        amount = self._open(invoice)
        if amount:
            self._payment(day, invoice["CustomerRef"]["value"], amount + 25, [("Invoice", invoice["Id"], amount)])

    def _advance(self, day: date, invoice: Json) -> None:
        self._payment(day, invoice["CustomerRef"]["value"], Decimal(100), [])

    def _several(self, day: date, invoice: Json) -> None:
        customer = invoice["CustomerRef"]["value"]
        rows = self.company.rows("select id, balance from object where realm = ? and entity = 'Invoice' and party = ? "
                                 "and balance > 0 and date <= ? order by id limit 3", int(customer), day.isoformat())
        lines = [("Invoice", str(key), round2(dec(balance))) for key, balance in rows]
        total = sum((line[2] for line in lines), ZERO)
        if total:
            self._payment(day, customer, total, lines)

    def _memo(self, day: date, invoice: Json) -> Json:
        """A credit memo for a part of the first line of an invoice."""
        line = next(line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail")
        amount = max(round2(dec(line["Amount"]) / 2), Decimal("0.01"))
        detail = {name: value for name, value in line["SalesItemLineDetail"].items()
                  if name in ("ItemRef", "TaxCodeRef")}
        body: Json = {"CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "TxnDate": day.isoformat(),
                      "PrivateNote": f"Goods returned, invoice {invoice.get('DocNumber', '')}",
                      "Line": [{"Amount": amount, "DetailType": "SalesItemLineDetail", "Description": "Goods returned",
                                "SalesItemLineDetail": detail}]}
        if "TxnTaxCodeRef" in invoice.get("TxnTaxDetail", {}):
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": invoice["TxnTaxDetail"]["TxnTaxCodeRef"]}
        if self.company.preference("SalesFormsPrefs", "CustomTxnNumbers"):
            body["DocNumber"] = next_number(self.company)
        return self._add("CreditMemo", body)

    def _loose_credit(self, day: date, invoice: Json) -> None:
        self._memo(day, invoice)

    def _credit(self, day: date, invoice: Json) -> None:
        memo = self._memo(day, invoice)
        amount = min(self._open(invoice), dec(memo["Balance"]))
        if amount:
            self._payment(day, invoice["CustomerRef"]["value"], ZERO, [("Invoice", invoice["Id"], amount),
                                                                      ("CreditMemo", memo["Id"], amount)])
