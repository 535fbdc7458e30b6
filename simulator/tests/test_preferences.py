"""What the settings of a company change in the service's behaviour."""

import pytest

from simulator import person
from simulator.app import Simulator
from simulator.company import Options
from simulator.control import new_company
from simulator.errors import Fault
from simulator.schema import SCHEMA


class Books:
    """A company in this process with some features."""

    def __init__(self, **features) -> None:
        self.simulator = Simulator()
        realm = new_company(self.simulator, {"empty": True, "features": features})["realmId"]
        self.company = self.simulator.companies[realm]
        self.who = self.make("Customer", DisplayName="Ada")["Id"]
        self.vendor = self.make("Vendor", DisplayName="Bell")["Id"]

    def make(self, entity, include=(), **body):
        return self.company.create(SCHEMA[entity], body, Options(frozenset(include)))

    def account(self, kind):
        return {"value": str(self.company.value("select id from object where realm = ? and entity = 'Account' and "
                                                "json_extract(body, '$.AccountType') = ? order by id", kind))}

    def line(self, amount=100, **detail):
        detail.setdefault("ItemRef", {"value": "1"})
        return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    def sale(self, entity="Invoice", *lines, **more):
        body = {"CustomerRef": {"value": self.who}, "Line": list(lines) or [self.line()], **more}
        return self.make(entity, **body)

    def expense(self):
        return [{"Amount": 10, "DetailType": "AccountBasedExpenseLineDetail",
                 "AccountBasedExpenseLineDetail": {"AccountRef": self.account("Expense")}}]

    def bill(self, number, **more):
        return self.make("Bill", **{"VendorRef": {"value": self.vendor}, "DocNumber": number, "Line": self.expense(),
                                    **more})

    def check(self, number, kind="Check", **more):
        return self.make("Purchase", PaymentType=kind, AccountRef=self.account("Bank"), DocNumber=number,
                         Line=self.expense(), **more)

    def journal(self, number):
        lines = [{"Amount": 5, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": {
            "PostingType": side, "AccountRef": self.account(kind)}}
            for side, kind in (("Debit", "Bank"), ("Credit", "Income"))]
        return self.make("JournalEntry", DocNumber=number, Line=lines)


def refused(code, act, *args, **named):
    with pytest.raises(Fault) as fault:
        act(*args, **named)
    assert fault.value.code == code, fault.value.errors


DISCOUNT = {"DetailType": "DiscountLineDetail", "Amount": 10, "DiscountLineDetail": {}}
SHIPPING = {"DetailType": "SalesItemLineDetail", "Amount": 5,
            "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}}


def test_custom_numbers_of_sales_forms():
    books = Books(custom_txn_numbers=True)
    assert "DocNumber" not in books.sale()
    books.sale(DocNumber="A-1")
    refused("6140", books.sale, "CreditMemo", DocNumber="a-1")
    assert books.sale("Estimate", DocNumber="A-1")["DocNumber"] == "A-1"
    refused("6140", books.sale, "Estimate", DocNumber="A-1")
    assert books.sale(include=["allowduplicatedocnum"], DocNumber="A-1")["DocNumber"] == "A-1"
    free = Books()
    free.sale(DocNumber="A-1")
    assert free.sale(DocNumber="A-1")["DocNumber"] == "A-1"


def test_custom_numbers_of_purchases():
    def order(books):
        line = {"Amount": 1, "DetailType": "ItemBasedExpenseLineDetail",
                "ItemBasedExpenseLineDetail": {"ItemRef": {"value": "1"}}}
        return books.make("PurchaseOrder", VendorRef={"value": books.vendor}, Line=[line],
                          APAccountRef={"value": str(books.company.account("AccountsPayable"))})
    assert order(Books())["DocNumber"] == "1001"
    assert "DocNumber" not in order(Books(custom_purchase_numbers=True))


@pytest.mark.parametrize("on", [True, False])
def test_warnings_about_numbers(on):
    books = Books(warn_duplicates=["bills", "checks", "journals"] if on else [])
    other = books.make("Vendor", DisplayName="Other")["Id"]
    for act in (books.bill, books.check, books.journal):
        act("7")
        if on:
            refused("6140", act, "7")
        else:
            act("7")
    books.bill("7", VendorRef={"value": other})
    books.check("7", kind="Cash")
    books.bill("7", include=["allowduplicatedocnum"])


def test_the_closed_period_binds_the_api_and_not_a_person():
    books = Books(closing_date="2026-03-31")
    refused("6210", books.sale, TxnDate="2026-03-31")
    refused("6210", books.bill, "1", TxnDate="2026-01-01")
    assert books.sale(TxnDate="2026-04-01")["TotalAmt"] == 100
    body = {"CustomerRef": {"value": books.who}, "TxnDate": "2026-03-31", "Line": [books.line()]}
    assert person.act(books.company, {"action": "create", "data": body})["TxnDate"] == "2026-03-31"


def test_credits_are_applied_by_themselves():
    books = Books(auto_apply_credit=True)
    books.sale("CreditMemo", books.line(30))
    assert books.sale()["Balance"] == 70
    plain = Books()
    plain.sale("CreditMemo", plain.line(30))
    assert plain.sale()["Balance"] == 100


def test_payments_without_lines_stay_unapplied():
    books = Books(auto_apply_payments=True)
    books.sale()
    assert books.make("Payment", CustomerRef={"value": books.who}, TotalAmt=40)["UnappliedAmt"] == 40


def test_one_currency_until_others_are_switched_on():
    euro = {"value": "EUR"}
    refused("6000", Books().sale, CurrencyRef=euro)
    books = Books(multicurrency=True)
    assert books.sale()["ExchangeRate"] == 1
    refused("6000", books.sale, CurrencyRef=euro)


@pytest.mark.parametrize(("feature", "entity", "lines", "more"), [
    ("shipping", "Invoice", [SHIPPING], {}), ("discounts", "Invoice", [DISCOUNT], {}),
    ("deposits", "Invoice", [], {"Deposit": 20}), ("estimates", "Estimate", [], {})])
def test_what_the_sales_settings_permit(feature, entity, lines, more):
    books = Books(**{feature: True})
    assert books.sale(entity, books.line(), *[dict(line) for line in lines], **more)["TotalAmt"] > 0
    closed = Books(**{feature: False})
    refused("6000", closed.sale, entity, closed.line(), *[dict(line) for line in lines], **more)


def test_shipping_and_a_deposit_on_an_invoice():
    made = Books(shipping=True).sale("Invoice", Books.line(Books, 100), SHIPPING, Deposit=25)
    assert (made["TotalAmt"], made["Balance"]) == (105, 80)
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"


@pytest.mark.parametrize(("features", "kept"), [
    ({}, ()), ({"classes": True}, ("line",)), ({"classes_per_txn": True}, ("form",)),
    ({"departments": True}, ("place",))])
def test_classes_and_locations_count_where_they_are_tracked(features, kept):
    books = Books(**features)
    sort, place = ({"value": books.make(name, Name="A")["Id"]} for name in ("Class", "Department"))
    made = books.sale("Invoice", books.line(ClassRef=sort), ClassRef=sort, DepartmentRef=place)
    found = {"line": "ClassRef" in made["Line"][0]["SalesItemLineDetail"], "form": "ClassRef" in made,
             "place": "DepartmentRef" in made}
    assert {name for name, there in found.items() if there} == set(kept)


def test_terms():
    books = Books(default_terms="2")
    assert books.sale(TxnDate="2026-01-01")["DueDate"] == "2026-01-16"
    term = books.make("Term", Name="Tenth", DayOfMonthDue=10, DueNextMonthDays=5)["Id"]
    late = books.sale(TxnDate="2026-01-08", SalesTermRef={"value": term})
    assert late["DueDate"] == "2026-02-10"
    own = books.sale(TxnDate="2026-01-08", DueDate="2026-01-09", SalesTermRef={"value": term})
    assert own["DueDate"] == "2026-01-09"


@pytest.mark.parametrize(("by_txn_date", "column"), [(True, 5), (False, 1)])
def test_ageing_by_the_date_that_the_company_chose(client, by_txn_date, column):
    client.start(empty=True, features={"ageing_by_txn_date": by_txn_date})
    today = client.control("clock")["now"][:10]
    client.invoice(client.customer()["Id"], 100, TxnDate=f"{int(today[:4]) - 1}{today[4:8]}01", DueDate=today)
    cells = [cell["value"] for cell in client.report("AgedReceivables")["Rows"]["Row"][-1]["Summary"]["ColData"]]
    assert cells[column] == "100.00", cells


def test_line_discounts():
    books = Books()
    made = books.sale("Invoice", books.line(100, Qty=2, UnitPrice=50, DiscountRate=10))
    assert (made["TotalAmt"], made["Line"][0]["SalesItemLineDetail"]["DiscountAmt"]) == (90, 10)
    again = books.company.update(SCHEMA["Invoice"], {**made, "PrivateNote": "x"})
    assert again["TotalAmt"] == 90
    refused("6070", books.sale, "Invoice", books.line(70, Qty=2, UnitPrice=50, DiscountRate=10))


def test_a_refund_by_cheque_has_a_number_or_is_to_be_printed():
    books = Books()
    bank, cheque = books.account("Bank"), {"value": "2"}
    made = books.sale("RefundReceipt", DepositToAccountRef=bank, PaymentMethodRef=cheque)
    assert made["PaymentRefNum"] == "To Print"
    refused("2020", books.sale, "RefundReceipt", DepositToAccountRef=bank, PrintStatus="PrintComplete")
    own = books.sale("RefundReceipt", DepositToAccountRef=bank, PrintStatus="PrintComplete", PaymentRefNum="9")
    assert own["PaymentRefNum"] == "9"


def test_a_bundle_brings_its_lines():
    books = Books()
    parts = [books.make("Item", Name=name, Type="Service", UnitPrice=price, IncomeAccountRef=books.account("Income"))
             for name, price in (("A", 3), ("B", "0.5"))]
    inside = [{"ItemRef": {"value": part["Id"], "name": part["Name"]}, "Qty": 2} for part in parts]
    group = {**parts[0], "Id": "99", "Name": "Box", "Type": "Group", "ItemGroupDetail": {"ItemGroupLine": inside}}
    books.company.store.write(books.company.realm, SCHEMA["Item"], group, 1, 1)
    made = books.sale("Invoice", {"DetailType": "GroupLineDetail", "GroupLineDetail": {
        "GroupItemRef": {"value": "99"}, "Quantity": 3}})
    inner = made["Line"][0]["GroupLineDetail"]["Line"]
    assert [(part["Amount"], part["LineNum"]) for part in inner] == [(18, 2), (3, 3)]
    assert (made["Line"][0]["Amount"], made["TotalAmt"]) == (0, 21)
    again = books.company.update(SCHEMA["Invoice"], {**made, "PrivateNote": "x"})
    assert again["Line"] == made["Line"]
