"""Sales tax in the four models: what is taxed, at which rate, in which order, and when the caller's figures count."""

from decimal import Decimal

import pytest

from simulator.app import Simulator
from simulator.company import PERSON
from simulator.control import new_company
from simulator.errors import Fault
from simulator.schema import SCHEMA

D = Decimal


class Books:
    """A company in this process, without the wire."""

    def __init__(self, **features) -> None:
        self.simulator = Simulator()
        self.realm = new_company(self.simulator, {"empty": True, "features": features})["realmId"]
        self.company = self.simulator.companies[self.realm]
        self.who = self.make("Customer", DisplayName="Ada")["Id"]

    def make(self, entity, **body):
        return self.company.create(SCHEMA[entity], body)

    def invoice(self, *lines, entity="Invoice", **more):
        rows = [self.line(*each) if isinstance(each, tuple) else each for each in lines]
        return self.make(entity, **{"CustomerRef": {"value": self.who}, "Line": rows, **more})

    @staticmethod
    def line(amount, code=None, **detail):
        detail.setdefault("ItemRef", {"value": "1"})
        if code:
            detail["TaxCodeRef"] = {"value": code}
        return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    def rate(self, name, value, **more):
        agency = self.company.value("select id from object where realm = ? and entity = 'TaxAgency'")
        return self.company.create(SCHEMA["TaxRate"], {"Name": name, "RateValue": value,
                                                       "AgencyRef": {"value": str(agency)}, **more}, PERSON)["Id"]

    def code(self, name, *rates, purchase=()):
        def parts(rows):
            return {"TaxRateDetail": [{"TaxRateRef": {"value": key}, "TaxTypeApplicable": on, "TaxOrder": order}
                                      for order, (key, on) in enumerate(rows)]}
        return self.company.create(SCHEMA["TaxCode"], {
            "Name": name, "Taxable": True, "TaxGroup": True, "SalesTaxRateList": parts(rates),
            "PurchaseTaxRateList": parts(purchase)}, PERSON)["Id"]


@pytest.fixture
def world():
    """A British company; code 2 is 20 %, code 3 is 5 %."""
    return Books(tax="global")


@pytest.fixture
def states():
    """An American company with manual tax; code 2 is 8 %."""
    return Books(tax="manual")


def tax_of(body):
    return body["TxnTaxDetail"]["TotalTax"]


DISCOUNT = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}


def test_the_recorded_refund(states):
    """Subtotal 345.00, discount after tax, untaxed shipping of 5.00: 337.93 in the recording."""
    states.company.update(SCHEMA["Preferences"], {
        "Id": "1", "SyncToken": "0", "sparse": True, "SalesFormsPrefs": {"AllowShipping": True}})
    code = states.code("Seattle", (states.rate("Seattle", "6.5"), "TaxOnAmount"))
    made = states.invoice(
        states.line(345, "TAX", Qty=15, UnitPrice=23), DISCOUNT, states.line(5, ItemRef={"value": "SHIPPING_ITEM_ID"}),
        entity="RefundReceipt", DepositToAccountRef={"value": str(states.company.account("UndepositedFunds"))},
        TxnTaxDetail={"TxnTaxCodeRef": {"value": code}})
    assert (made["TotalAmt"], tax_of(made)) == (D("337.93"), D("22.43"))
    kinds = [(line["DetailType"], line["Amount"], "Id" in line) for line in made["Line"]]
    assert kinds == [("SalesItemLineDetail", 345, True), ("SubTotalLineDetail", 345, False),
                     ("DiscountLineDetail", D("34.50"), False), ("SalesItemLineDetail", 5, False)]


def test_a_group_code_has_a_line_for_each_rate_rounded_over_the_sum(states):
    parts = [(states.rate(name, value), "TaxOnAmount") for name, value in (("County", "0.5"), ("State", "6.25"))]
    code = states.code("City", *parts)
    made = states.invoice((D("10.03"), "TAX"), (D("10.03"), "TAX"), TxnTaxDetail={"TxnTaxCodeRef": {"value": code}})
    lines = made["TxnTaxDetail"]["TaxLine"]
    assert [(line["Amount"], line["TaxLineDetail"]["NetAmountTaxable"]) for line in lines] == [
        (D("0.10"), D("20.06")), (D("1.25"), D("20.06"))]


@pytest.mark.parametrize(("first", "second", "total"), [
    ("TaxOnAmount", "TaxOnAmount", D("15")), ("TaxOnAmount", "TaxOnAmountPlusTax", D("15.50")),
    ("TaxOnAmount", "TaxOnTax", D("10.50"))])
def test_compound_rates(world, first, second, total):
    code = world.code("Both", (world.rate("Ten", 10), first), (world.rate("Five", 5), second))
    assert tax_of(world.invoice((100, code))) == total


def test_a_rate_has_its_time(world):
    dated = [{"RateValue": "17.5", "EffectiveDate": "1970-01-01T00:00:00-08:00", "EndDate": "2011-01-03"},
             {"RateValue": 20, "EffectiveDate": "2011-01-04"}]
    code = world.code("Dated", (world.rate("Dated", 20, EffectiveTaxRate=dated), "TaxOnAmount"))
    assert tax_of(world.invoice((100, code), TxnDate="2011-01-03")) == D("17.5")
    assert tax_of(world.invoice((100, code), TxnDate="2011-01-04")) == 20


def test_global_tax_needs_a_code_on_each_line(world):
    with pytest.raises(Fault) as refused:
        world.invoice((100,))
    assert "Make sure all your transactions have a VAT rate before you save." in refused.value.errors[0]["Detail"]
    assert world.invoice((100,), GlobalTaxCalculation="NotApplicable")["TotalAmt"] == 100


def test_global_discount_is_taken_before_tax(world):
    made = world.invoice((100, "2"), DISCOUNT)
    assert (tax_of(made), made["TotalAmt"]) == (18, 108) and "ApplyTaxAfterDiscount" not in made


def test_prices_that_include_tax(world):
    """As recorded in Canada: 9.00 and 3.00 with 13 %, less 20 %, are 8.49 and 1.11 of tax."""
    code = world.code("HST", (world.rate("HST", 13), "TaxOnAmount"))
    less = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 20}}
    made = world.invoice(world.line(9, code, Qty=15, UnitPrice="0.6", TaxInclusiveAmt=9),
                         world.line(3, code, Qty=24, UnitPrice="0.125", TaxInclusiveAmt=3), less,
                         GlobalTaxCalculation="TaxInclusive")
    assert [line["Amount"] for line in made["Line"]] == [D("7.96"), D("2.65"), D("10.61"), D("2.12")]
    assert made["Line"][0]["SalesItemLineDetail"]["UnitPrice"] == D("0.5306667")
    assert (tax_of(made), made["TotalAmt"]) == (D("1.11"), D("9.60"))
    again = world.company.update(SCHEMA["Invoice"], {**made, "PrivateNote": "x"})
    assert (again["Line"], again["TotalAmt"]) == (made["Line"], made["TotalAmt"])


def test_amounts_are_net_unless_the_switch_says_gross(world):
    net = world.invoice((100, "2"), GlobalTaxCalculation="TaxInclusive")
    assert (net["Line"][0]["Amount"], net["TotalAmt"]) == (100, 120)
    world.simulator.switches["tax_inclusive_lines"] = "gross"
    gross = world.invoice((100, "2"), GlobalTaxCalculation="TaxInclusive")
    assert (gross["Line"][0]["Amount"], gross["TotalAmt"]) == (D("83.33"), 100)
    assert gross["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 100
    less = world.invoice((100, "2"), DISCOUNT, GlobalTaxCalculation="TaxInclusive")
    assert (less["TotalAmt"], tax_of(less)) == (90, D("15.00"))


def test_tax_sent_again_is_an_override(world):
    made = world.invoice((100, "2"))
    kept = world.company.update(SCHEMA["Invoice"], {**made, "Line": [world.line(200, "2")]})
    assert (tax_of(kept), kept["TotalAmt"]) == (20, 220)
    anew = world.company.update(SCHEMA["Invoice"], {"Id": kept["Id"], "SyncToken": kept["SyncToken"], "sparse": True,
                                                    "Line": [world.line(200, "2")]})
    assert tax_of(anew) == 40


def test_purchases_have_their_own_rates(world):
    plus, minus, sale = world.rate("In", 20), world.rate("Out", -20), world.rate("Sale", 0)
    code = world.code("Reverse", (sale, "TaxOnAmount"), purchase=((plus, "TaxOnAmount"), (minus, "TaxOnAmount")))
    vendor = world.make("Vendor", DisplayName="V")["Id"]
    rent = str(world.company.value("select id from object where realm = ? and entity = 'Account' and "
                                   "json_extract(body, '$.AccountType') = 'Expense'"))

    def bill(code):
        return world.make("Bill", VendorRef={"value": vendor}, Line=[{
            "Amount": 10, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": rent}, "TaxCodeRef": {"value": code}}}])

    made = bill(code)
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [2, -2] and made["TotalAmt"] == 10
    assert bill("2")["TotalAmt"] == 12


def test_purchases_at_prices_that_include_tax_have_their_own_rates(world):
    buys = (world.rate("Buys", 10), "TaxOnAmount")
    code = world.code("Half", (world.rate("Sales", 20), "TaxOnAmount"), purchase=[buys])
    rent = world.company.value("select id from object where realm = ? and entity = 'Account' and "
                               "json_extract(body, '$.AccountType') = 'Expense'")
    made = world.make("Bill", VendorRef={"value": world.make("Vendor", DisplayName="V")["Id"]}, Line=[{
        "Amount": 110, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": str(rent)}, "TaxCodeRef": {"value": code}, "TaxInclusiveAmt": 110}}],
        GlobalTaxCalculation="TaxInclusive")  # fmt: skip
    assert (made["Line"][0]["Amount"], tax_of(made), made["TotalAmt"]) == (100, 10, 110)


def test_automated_tax_and_who_is_spared():
    books = Books(tax="automated")
    place = {"Line1": "1 Main St", "City": "Fresno", "CountrySubDivisionCode": "CA", "PostalCode": "93650"}
    assert tax_of(books.invoice((100, "TAX"))) == 0
    taxed = books.invoice((100, "TAX"), ShipAddr=place, TxnTaxDetail={"TxnTaxCodeRef": {"value": "NON"}})
    assert tax_of(taxed) > 0 and taxed["TxnTaxDetail"]["TxnTaxCodeRef"]["value"] != "NON"
    free = books.make("Customer", DisplayName="School", TaxExemptionReasonId="4")["Id"]
    assert tax_of(books.invoice((100, "TAX"), CustomerRef={"value": free}, ShipAddr=place)) == 0
    forced = books.invoice((100, "TAX"), ShipAddr=place, TxnTaxDetail={"TotalTax": 1})
    assert tax_of(forced) == 1 and forced["TxnTaxDetail"]["TaxReviewStatus"] == "AST_TAX_OVERRIDE"
    back = books.invoice((100, "TAX"), ShipAddr=place, TxnTaxDetail={"TotalTax": 1, "UseAutomatedSalesTax": True})
    assert tax_of(back) == tax_of(taxed)
    code = taxed["TxnTaxDetail"]["TxnTaxCodeRef"]
    own = books.invoice((100, "TAX"), TxnTaxDetail={"TxnTaxCodeRef": code, "UseAutomatedSalesTax": False})
    assert tax_of(own) == tax_of(taxed) and own["TxnTaxDetail"]["TaxReviewStatus"] == "NON_AST_TAX"
    with pytest.raises(Fault, match="6000"):
        books.invoice(*[(1, "TAX")] * 751)


def test_a_credit_memo_gives_tax_back(states):
    body = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}
    states.invoice((100, "TAX"), **body)
    memo = states.invoice((50, "TAX"), entity="CreditMemo", **body)
    assert (tax_of(memo), memo["RemainingCredit"]) == (4, 54)
    payable = states.company.get("Account", states.company.account("SalesTaxPayable"))
    assert payable["CurrentBalance"] == 4


def test_the_tax_model_of_others_is_not_used(states):
    code = {"TxnTaxCodeRef": {"value": "2"}}
    made = states.invoice((100, "TAX"), GlobalTaxCalculation="TaxInclusive", TxnTaxDetail=code)
    assert made["TotalAmt"] == 108 and "GlobalTaxCalculation" not in made


def test_a_service_that_takes_no_figures_of_callers(states):
    line = {"Amount": 8.01, "DetailType": "TaxLineDetail", "TaxLineDetail": {
        "TaxRateRef": {"value": "1"}, "PercentBased": True, "TaxPercent": 8, "NetAmountTaxable": 100}}
    body = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 8.01, "TaxLine": [line]}}
    assert str(tax_of(states.invoice((100, "TAX"), **body))) == "8.01"
    states.company.switches["tax_override"] = False
    assert tax_of(states.invoice((100, "TAX"), **body)) == 8
