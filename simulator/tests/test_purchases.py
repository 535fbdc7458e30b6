"""The purchase side, entries and transfers: what is answered, what is posted, what is refused."""

from decimal import Decimal

import pytest

from simulator.app import Simulator
from simulator.control import new_company
from simulator.errors import Fault
from simulator.money import dec
from simulator.schema import SCHEMA

SIMULATOR = Simulator()


def ref(key, **more):
    return {"value": str(key), **more}


def expense(amount, account, **more):
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": ref(account), **more},
    }


def item_line(amount, item=1, **more):
    return {
        "Amount": amount,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": {"ItemRef": ref(item), **more},
    }


def links(*parts):
    return {"Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": body["Id"], "TxnType": name}]}
                     for name, body, amount in parts]}  # fmt: skip


class Office:
    """An empty company with a bank, a card, an expense account, a vendor and a customer."""

    def __init__(self, **features):
        wish = {"empty": True, "realm": "95" if features else "96", "features": features}
        self.company = SIMULATOR.companies[new_company(SIMULATOR, wish)["realmId"]]
        self.bank = self.make("Account", Name="Main bank", AccountType="Bank")["Id"]
        self.card = self.make("Account", Name="Main card", AccountType="Credit Card")["Id"]
        self.rent = self.make("Account", Name="Space", AccountType="Expense")["Id"]
        self.vendor = self.make("Vendor", DisplayName="Norton Lumber", BillAddr={"City": "Bayshore"})["Id"]
        self.customer = self.make("Customer", DisplayName="Ada")["Id"]
        self.payable, self.receivable = map(self.company.account, ("AccountsPayable", "AccountsReceivable"))

    def make(self, entity, **body):
        return self.company.create(SCHEMA[entity], body)

    def read(self, entity, body):
        return self.company.get(entity, body["Id"])

    def update(self, entity, body, **changes):
        return self.company.update(
            SCHEMA[entity], {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True, **changes}
        )

    def delete(self, entity, body):
        return self.company.delete(SCHEMA[entity], self.read(entity, body))

    def bill(self, *amounts, vendor=None, **more):
        lines = [expense(amount, self.rent) for amount in amounts]
        return self.make("Bill", VendorRef=ref(vendor or self.vendor), Line=lines, **more)

    def pay(self, total, *parts, vendor=None, **more):
        way = {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(self.bank)}}
        who = {"VendorRef": ref(vendor or self.vendor)}
        return self.make("BillPayment", **{**who, "TotalAmt": total, **way, **links(*parts), **more})

    def invoice(self, amount, customer=None, **more):
        line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": ref(1)}}
        return self.make("Invoice", CustomerRef=ref(customer or self.customer), Line=[line], **more)

    def posted(self, body, *accounts):
        """Return what a transaction posted, in home currency: all of it by account, or that of the accounts."""
        rows = self.company.rows(
            "select account, sum(home) from posting where realm = ? and txn = ? group by account", int(body["Id"])
        )
        found = {row[0]: Decimal(row[1]) / 100 for row in rows}
        return [found.get(int(account), 0) for account in accounts] if accounts else found

    def balance(self, entity, key):
        return dec(self.company.get(entity, key)["CurrentBalance" if entity == "Account" else "Balance"])

    def refused(self, code, entity, **body):
        with pytest.raises(Fault) as caught:
            self.make(entity, **body)
        assert caught.value.code == code
        return caught.value.errors[0]["Detail"]


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def abroad():
    return Office(multicurrency=True, rates={"EUR": "1.10"})


def test_bill_is_answered_as_recorded_and_posts_to_payables(office):
    bill = office.bill("80.50", 20, PrivateNote="x")
    assert bill["TotalAmt"] == bill["Balance"] == dec("100.50")
    assert bill["DueDate"] == bill["TxnDate"] and "DocNumber" not in bill and "TxnTaxDetail" not in bill
    assert bill["APAccountRef"] == ref(office.payable, name="Accounts Payable (A/P)")
    assert bill["Line"][1] == {
        "Id": "2", "LineNum": 2, "Amount": 20, "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": ref(office.rent, name="Space"), "BillableStatus": "NotBillable", "TaxCodeRef": ref("NON"),
        },
    }  # fmt: skip
    assert office.posted(bill, office.payable, office.rent) == [dec("-100.50"), dec("100.50")]
    assert office.balance("Vendor", office.vendor) == office.balance("Account", office.payable) == dec("100.50")


def test_due_date_comes_from_the_terms_of_bill_or_vendor(office):
    office.update("Vendor", office.company.get("Vendor", office.vendor), TermRef=ref(2))
    assert office.bill(10, TxnDate="2026-06-01")["DueDate"] == "2026-06-16"
    assert office.bill(10, TxnDate="2026-06-01", SalesTermRef=ref(3))["DueDate"] == "2026-07-01"
    assert office.bill(10, TxnDate="2026-06-01", DueDate="2026-06-03")["DueDate"] == "2026-06-03"


def test_bill_payment_settles_a_bill_and_its_void_opens_it(office):
    bill = office.bill(100)
    payment = office.pay(60, ("Bill", bill, 60))
    assert "UnappliedAmt" not in payment and "LineEx" not in payment["Line"][0]
    assert payment["CheckPayment"] == {"BankAccountRef": ref(office.bank, name="Main bank"), "PrintStatus": "NotSet"}
    now = office.read("Bill", bill)
    assert now["Balance"] == 40 and now["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}]
    assert now["SyncToken"] == "1"
    assert office.posted(payment, office.bank, office.payable) == [-60, 60]
    card = {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(office.card)}}
    other = office.pay(40, ("Bill", bill, 40), **card)
    assert office.read("Bill", bill)["LinkedTxn"][1]["TxnType"] == "BillPaymentCreditCard"
    assert "CheckPayment" not in other and office.balance("Account", office.card) == 40
    void = office.company.void(SCHEMA["BillPayment"], payment)
    assert (void["TotalAmt"], void["PrivateNote"]) == (0, "Voided") and "Line" not in void
    assert office.read("Bill", bill)["Balance"] == 60 and not office.posted(payment)


def test_zero_payment_applies_a_vendor_credit(office):
    bill = office.bill(100)
    credit = office.make("VendorCredit", VendorRef=ref(office.vendor), Line=[expense(30, office.rent)])
    assert office.posted(credit, office.payable) == [30]
    payment = office.pay(0, ("Bill", bill, 30), ("VendorCredit", credit, 30))
    assert office.read("Bill", bill)["Balance"] == 70 and office.read("VendorCredit", credit)["Balance"] == 0
    assert not office.posted(payment, office.bank)[0] and office.balance("Vendor", office.vendor) == 70
    office.delete("VendorCredit", credit)
    assert office.read("Bill", bill)["Balance"] == 100 and "Line" not in office.read("BillPayment", payment)


def test_more_than_the_bill_becomes_credit_and_more_than_the_payment_is_refused(office):
    bill = office.bill(50)
    office.pay(80, ("Bill", bill, 50))
    assert office.balance("Vendor", office.vendor) == -30
    other = office.bill(50)
    who, way = (
        {"VendorRef": ref(office.vendor)},
        {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(office.bank)}},
    )
    office.refused("6000", "BillPayment", **who, **way, TotalAmt=20, **links(("Bill", other, 50)))
    office.refused("6000", "BillPayment", **who, **way, TotalAmt=-1, **links(("Bill", other, 50)))
    office.refused("6000", "BillPayment", **who, **way, TotalAmt=50, **links(("Invoice", other, 50)))
    office.refused("2020", "BillPayment", **who, PayType="Check", TotalAmt=50, **links(("Bill", other, 50)))
    office.refused("2020", "BillPayment", **who, **way, TotalAmt=50)
    wrong = {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(office.card)}}
    office.refused("6430", "BillPayment", **who, **wrong, TotalAmt=50, **links(("Bill", other, 50)))


def test_bill_that_sinks_or_goes_gives_back_what_was_paid(office):
    bill = office.bill(100)
    payment = office.pay(100, ("Bill", bill, 100))
    small = office.update("Bill", office.read("Bill", bill), Line=[expense(70, office.rent)])
    assert small["Balance"] == 0 and office.read("BillPayment", payment)["Line"][0]["Amount"] == 70
    assert office.balance("Vendor", office.vendor) == -30
    office.delete("Bill", bill)
    assert "Line" not in office.read("BillPayment", payment) and office.balance("Vendor", office.vendor) == -100


def test_order_is_closed_by_its_bill_and_opens_when_that_goes(office):
    order = office.make("PurchaseOrder", VendorRef=ref(office.vendor), Line=[item_line(50, Qty=5, UnitPrice=10)])
    assert (order["POStatus"], order["DocNumber"], order["LinkedTxn"]) == ("Open", "1001", []) and "ShipAddr" in order
    assert order["VendorAddr"]["City"] == "Bayshore" and not office.posted(order)
    bill = office.bill(50, LinkedTxn=[{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}])
    now = office.read("PurchaseOrder", order)
    assert now["POStatus"] == "Closed" and now["LinkedTxn"] == [{"TxnId": bill["Id"], "TxnType": "Bill"}]
    office.pay(50, ("Bill", bill, 50))
    assert [link["TxnType"] for link in office.read("Bill", bill)["LinkedTxn"]] == ["PurchaseOrder", "BillPaymentCheck"]
    office.delete("Bill", bill)
    assert office.read("PurchaseOrder", order)["POStatus"] == "Open"
    again = office.bill(50, LinkedTxn=[{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}])
    office.delete("PurchaseOrder", order)
    assert office.read("Bill", again)["LinkedTxn"] == []
    office.refused("6000", "Bill", VendorRef=ref(office.vendor), Line=[expense(1, office.rent)],
                   LinkedTxn=[{"TxnId": "75", "TxnType": "PurchaseOrder"}])  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail"}, "2020"),
        ({"DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail": {"ItemRef": ref(1)}}, "2020"),
        ({"Amount": 1}, "2020"),
        ({"Amount": 1, "DetailType": "SalesItemLineDetail"}, "2170"),
        (item_line(5, Qty=2, UnitPrice=3), "6070"),
        (item_line(5, item=99), "2500"),
        (expense(-5, 1), "6000"),
        ({"Description": "words", "DetailType": "DescriptionOnly"}, "2020"),
    ],
)
def test_wrong_lines_are_refused(office, line, code):
    office.refused(code, "Bill", VendorRef=ref(office.vendor), Line=[line])


def test_purchases_in_three_ways(office):
    payee = ref(office.vendor)
    card = {"PaymentType": "CreditCard", "AccountRef": ref(office.card), "Line": [expense(42.4, office.rent)]}
    bought = office.make("Purchase", **card, EntityRef=payee)
    assert bought["EntityRef"] == ref(office.vendor, name="Norton Lumber", type="Vendor")
    assert bought["Credit"] is False and bought["PurchaseEx"]["any"][0]["value"] == {"Name": "TxnType", "Value": "54"}
    assert office.posted(bought, office.card, office.rent) == [dec("-42.40"), dec("42.40")]
    back = office.make("Purchase", **card, Credit=True)
    assert office.posted(back, office.card, office.rent) == [dec("42.40"), dec("-42.40")]
    check = office.make(
        "Purchase", PaymentType="Check", AccountRef=ref(office.bank), Line=[item_line(5)], DocNumber="9"
    )
    assert check["PrintStatus"] == "NotSet" and "Credit" not in check
    office.refused("6430", "Purchase", PaymentType="Check", AccountRef=ref(office.card), Line=[item_line(5)])
    office.refused("2500", "Purchase", PaymentType="Cash", AccountRef=ref(office.bank), Line=[item_line(5)],
                   EntityRef=ref(99))  # fmt: skip


def test_bounced_cheque_is_a_cheque_on_receivables_that_a_payment_settles(office):
    line = expense(75, office.receivable, CustomerRef=ref(office.customer))
    bounced = office.make("Purchase", PaymentType="Check", AccountRef=ref(office.bank), Line=[line])
    assert office.balance("Customer", office.customer) == 75
    payment = office.make("Payment", CustomerRef=ref(office.customer), TotalAmt=75, **links(("Check", bounced, 75)))
    assert payment["UnappliedAmt"] == 0 and payment["Line"][0]["LinkedTxn"][0]["TxnType"] == "Check"
    office.delete("Purchase", bounced)
    assert office.read("Payment", payment)["UnappliedAmt"] == 75
    detail = office.refused("6000", "Purchase", PaymentType="Check", AccountRef=ref(office.bank),
                            Line=[expense(1, office.receivable)])  # fmt: skip
    assert "you must choose a customer in the Name field." in detail


def test_gain_or_loss_on_bills_in_another_currency(abroad):
    vendor = abroad.make("Vendor", DisplayName="Lumière", CurrencyRef=ref("EUR"))["Id"]
    bill = abroad.bill(100, vendor=vendor)
    assert bill["ExchangeRate"] == dec("1.1") and bill["HomeTotalAmt"] == 110
    assert bill["APAccountRef"]["name"] == "Accounts Payable (A/P) - EUR"
    payment = abroad.pay(100, ("Bill", bill, 100), vendor=vendor, ExchangeRate=Decimal("1.2"))
    gain = abroad.company.account("ExchangeGainOrLoss")
    assert abroad.posted(payment, abroad.bank, bill["APAccountRef"]["value"], gain) == [-120, 110, 10]
    assert abroad.balance("Account", bill["APAccountRef"]["value"]) == 0
    assert abroad.balance("Vendor", vendor) == 0


def test_odd_rates_do_no_harm(abroad):
    vendor = abroad.make("Vendor", DisplayName="Lumière", CurrencyRef=ref("EUR"))["Id"]
    assert abroad.bill(100, vendor=vendor, ExchangeRate=-1)["ExchangeRate"] == dec("1.1")
    line = expense(10**11 - 1, abroad.rent)
    abroad.refused("2110", "Bill", VendorRef=ref(vendor), Line=[line], ExchangeRate=10**10)


def test_tax_on_a_purchase_in_a_company_with_a_code_on_each_line():
    office = Office(tax="global")
    bill = office.make("Bill", VendorRef=ref(office.vendor), Line=[expense(100, office.rent, TaxCodeRef=ref(2))])
    tax = dec(bill["TxnTaxDetail"]["TotalTax"])
    assert tax == 20 and bill["TotalAmt"] == 120
    assert office.posted(bill, office.payable, office.rent, office.company.account("GlobalTaxPayable")) == [
        -100 - tax, 100, tax]  # fmt: skip


def test_deposit_takes_payments_and_own_lines_and_gives_cash_back(office):
    invoice = office.invoice(100)
    payment = office.make("Payment", CustomerRef=ref(office.customer), TotalAmt=100, PaymentRefNum="77",
                          PaymentMethodRef=ref(2), **links(("Invoice", invoice, 100)))  # fmt: skip
    own = {"Amount": 30, "DepositLineDetail": {
        "AccountRef": ref(office.receivable), "Entity": ref(office.customer, type="CUSTOMER")}}  # fmt: skip
    back = {"AccountRef": ref(office.card), "Amount": 20}
    linked = {"LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment"}]}
    office.refused("6540", "Deposit", DepositToAccountRef=ref(office.bank), Line=[linked, linked])
    deposit = office.make("Deposit", DepositToAccountRef=ref(office.bank), Line=[linked, own], CashBack=back)
    assert deposit["TotalAmt"] == 110 and deposit["Line"][0] == {
        "Amount": 100, "LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}],
        "DepositLineDetail": {"PaymentMethodRef": ref(2), "CheckNum": "77"},
    }  # fmt: skip
    assert deposit["Line"][1]["Id"] == "1" and deposit["Line"][1]["LineNum"] == 1
    funds = office.company.account("UndepositedFunds")
    assert office.posted(deposit, office.bank, funds, office.card, office.receivable) == [110, -100, 20, -30]
    assert office.balance("Account", funds) == 0 and office.balance("Customer", office.customer) == -30
    assert office.read("Payment", payment)["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
    other = office.invoice(50)
    used = office.make("Payment", CustomerRef=ref(office.customer), TotalAmt=20,
                       **links(("Invoice", other, 50), ("Deposit", deposit, 30)))  # fmt: skip
    assert used["UnappliedAmt"] == 0 and office.read("Invoice", other)["Balance"] == 0
    office.refused("6540", "Deposit", DepositToAccountRef=ref(office.bank), Line=[linked])
    token = office.read("Payment", payment)["SyncToken"]
    office.update("Deposit", deposit, PrivateNote="counted")
    assert office.read("Payment", payment)["SyncToken"] == token
    office.delete("Deposit", deposit)
    assert office.read("Payment", payment)["LinkedTxn"] == [] and office.read("Invoice", other)["Balance"] == 30


def test_deposit_of_a_payment_in_another_currency_at_the_rate_of_the_payment(abroad):
    customer = abroad.make("Customer", DisplayName="Lumière", CurrencyRef=ref("EUR"))["Id"]
    invoice = abroad.invoice(100, customer)
    payment = abroad.make("Payment", CustomerRef=ref(customer), TotalAmt=100, ExchangeRate=Decimal("1.3"),
                          **links(("Invoice", invoice, 100)))  # fmt: skip
    linked = {"LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment"}]}
    deposit = abroad.make("Deposit", DepositToAccountRef=ref(abroad.bank), Line=[linked])
    assert deposit["TotalAmt"] == 130
    assert abroad.balance("Account", abroad.company.account("UndepositedFunds")) == 0


def test_transfer_and_payment_of_a_card(office):
    move = office.make("Transfer", FromAccountRef=ref(office.bank), ToAccountRef=ref(office.card), Amount=250)
    assert (move["FromAccountRef"]["name"], move["Amount"]) == ("Main bank", 250) and "Line" not in move
    assert office.posted(move, office.bank, office.card) == [-250, 250]
    moved = office.update("Transfer", move, Amount=100)
    assert moved["SyncToken"] == "1" and office.balance("Account", office.bank) == -100
    paid = office.make(
        "CreditCardPaymentTxn", BankAccountRef=ref(office.bank), CreditCardAccountRef=ref(office.card), Amount=5
    )
    assert office.posted(paid, office.bank, office.card) == [-5, 5]
    office.delete("Transfer", move)
    assert office.balance("Account", office.card) == -5
    office.refused("6000", "Transfer", FromAccountRef=ref(office.bank), ToAccountRef=ref(office.bank), Amount=1)
    office.refused("6430", "Transfer", FromAccountRef=ref(office.bank), ToAccountRef=ref(office.rent), Amount=1)
    office.refused("6000", "Transfer", FromAccountRef=ref(office.bank), ToAccountRef=ref(office.card), Amount=-1)


def journal_line(side, account, amount, kind="", key=""):
    person = {"Entity": {"Type": kind, "EntityRef": ref(key)}} if kind else {}
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": side, "AccountRef": ref(account), **person},
    }


def test_journal_on_payables_is_applied_by_a_bill_payment(office):
    bill = office.bill(100)
    lines = [journal_line("Debit", office.payable, 40, "Vendor", office.vendor)]
    entry = office.make("JournalEntry", Line=[*lines, journal_line("Credit", office.rent, 40)])
    assert office.balance("Vendor", office.vendor) == 60
    office.pay(60, ("Bill", bill, 100), ("JournalEntry", entry, 40))
    assert office.read("Bill", bill)["Balance"] == 0
    applied = office.read("JournalEntry", entry)
    assert [link["TxnType"] for link in applied["LinkedTxn"]] == ["BillPaymentCheck"] and applied["SyncToken"] == "1"
    changed = [{**line, "Amount": 10} for line in entry["Line"]]
    entry = office.update("JournalEntry", applied, Line=changed)
    assert office.read("Bill", bill)["Balance"] == 30
    office.delete("JournalEntry", entry)
    assert office.read("Bill", bill)["Balance"] == 40


def test_journal_takes_one_name_on_control_accounts_of_its_currency(office, abroad):
    vendor, customer = ("Vendor", office.vendor), ("Customer", office.customer)
    other = office.make("Customer", DisplayName="Other")["Id"]
    for lines in (
        [journal_line("Debit", office.payable, 1), journal_line("Credit", office.rent, 1)],
        [journal_line("Debit", office.payable, 1, *customer), journal_line("Credit", office.rent, 1)],
        [journal_line("Debit", office.payable, 1, *vendor), journal_line("Credit", office.receivable, 1, *customer)],
        [journal_line("Debit", office.receivable, 1, "Customer", other),
         journal_line("Credit", office.receivable, 1, *customer)],
    ):  # fmt: skip
        with pytest.raises(Fault, match="6000"):
            office.make("JournalEntry", Line=lines)
    lines = [journal_line("Debit", office.receivable, 7, "", ""), journal_line("Credit", office.rent, 7)]
    lines[0]["JournalEntryLineDetail"]["Entity"] = {"EntityRef": ref(office.customer)}
    assert office.make("JournalEntry", Line=lines)["Line"][0]["JournalEntryLineDetail"]["Entity"] == {
        "Type": "Customer", "EntityRef": ref(office.customer, name="Ada")}  # fmt: skip
    foreign = abroad.make("Customer", DisplayName="Lumière", CurrencyRef=ref("EUR"))["Id"]
    lines = [journal_line("Debit", abroad.company.account("AccountsReceivable", "EUR"), 10, "Customer", foreign),
             journal_line("Credit", abroad.rent, 10)]  # fmt: skip
    abroad.refused("6000", "JournalEntry", Line=lines)
    entry = abroad.make("JournalEntry", Line=lines, CurrencyRef=ref("EUR"), ExchangeRate=Decimal("1.5"))
    assert abroad.posted(entry, abroad.rent) == [-15] and abroad.balance("Customer", foreign) == 10


def test_money_does_not_go_to_control_accounts(office):
    who, there = {"CustomerRef": ref(office.customer)}, ref(office.receivable)
    office.refused("6430", "Payment", **who, TotalAmt=5, DepositToAccountRef=there)
    sale = {"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": ref(1)}}
    office.refused("6430", "SalesReceipt", **who, Line=[sale], DepositToAccountRef=there)
    own = {"Amount": 5, "DepositLineDetail": {"AccountRef": ref(office.rent)}}
    office.refused("6430", "Deposit", DepositToAccountRef=there, Line=[own])
    assert office.company.value("select count(*) from posting where realm = ?") == 0


def test_only_four_kinds_can_be_voided():
    assert {name for name, entity in SCHEMA.items() if "void" in entity.operations} == {
        "Invoice", "SalesReceipt", "Payment", "BillPayment"}  # fmt: skip


def test_balance_of_an_account_with_sub_accounts(office):
    below = office.make("Account", Name="Sub", AccountType="Bank", SubAccount=True, ParentRef=ref(office.bank))["Id"]
    office.make("Transfer", FromAccountRef=ref(office.card), ToAccountRef=ref(below), Amount=9)
    top = office.company.get("Account", office.bank)
    assert (top["CurrentBalance"], top["CurrentBalanceWithSubAccounts"]) == (0, 9)


def test_purchases_over_http(empty):
    bank = empty.create("Account", {"Name": "Chequing", "AccountType": "Bank"})["Id"]
    card = empty.create("Account", {"Name": "Visa", "AccountType": "Credit Card"})["Id"]
    body = {"BankAccountRef": ref(bank), "CreditCardAccountRef": ref(card), "Amount": 12.5}
    made = empty.ok("POST", "creditcardpayment", body)["CreditCardPaymentTxn"]
    assert empty.ok("GET", f"creditcardpayment/{made['Id']}")["CreditCardPaymentTxn"]["Amount"] == Decimal("12.50")
    vendor = empty.create("Vendor", {"DisplayName": "V"})["Id"]
    bill = empty.create("Bill", {"VendorRef": ref(vendor), "Line": [expense(7, bank)]})
    assert empty.rows(f"select * from Bill where VendorRef = '{vendor}' and Balance > '0'")[0]["Id"] == bill["Id"]
    assert empty.error("POST", "bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="void")[0] == "500"


def test_new_line_of_a_deposit_gets_an_id_of_its_own(office):
    def line(amount, **more):
        return {"Amount": amount, "DepositLineDetail": {"AccountRef": ref(office.rent)}, **more}

    made = office.make("Deposit", DepositToAccountRef=ref(office.bank), Line=[line(1), line(2)])
    changed = office.update("Deposit", made, Line=[line(2, Id="2"), line(3)])
    assert [each["Id"] for each in changed["Line"]] == ["2", "3"]


def test_an_order_that_goes_is_told_for_its_bill(office, monkeypatch):
    order = office.make("PurchaseOrder", VendorRef=ref(office.vendor), APAccountRef=ref(office.payable),
                        Line=[item_line(5)])  # fmt: skip
    office.bill(5, LinkedTxn=[{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}])
    told = []
    monkeypatch.setattr(office.company, "notify", told.extend)
    office.delete("PurchaseOrder", order)
    assert {(event.entity, event.operation) for event in told} == {("PurchaseOrder", "Delete"), ("Bill", "Update")}
