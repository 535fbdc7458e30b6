"""Acts that only people do: bank feed, bounced payments, write-offs, reconciliation, tax returns, and undoing them."""

from decimal import Decimal

import pytest

from simulator import person, reports
from simulator.app import Simulator
from simulator.control import new_company
from simulator.errors import Fault
from simulator.ledger import first_account
from simulator.schema import SCHEMA


class Books:
    """A company in this process, and a person in it."""

    def __init__(self, **features) -> None:
        self.simulator = Simulator()
        realm = new_company(self.simulator, {"empty": True, "features": features})["realmId"]
        self.company = self.simulator.companies[realm]
        self.who = self.make("Customer", DisplayName="Ada")["Id"]

    def make(self, entity, **body):
        return self.company.create(SCHEMA[entity], body)

    def get(self, entity, key):
        return self.company.get(entity, key)

    def invoice(self, amount=100, **more):
        detail = {"ItemRef": {"value": "1"}}
        line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        return self.make("Invoice", **{"CustomerRef": {"value": self.who}, "Line": [line], **more})

    def act(self, action, **wish):
        return person.act(self.company, {"action": action, **wish})

    def paid(self, amount=100):
        """An invoice and its payment."""
        invoice = self.invoice(amount)
        return invoice, self.act("receive", id=invoice["Id"])

    def delete(self, entity, key):
        body = self.get(entity, key)
        return self.company.delete(SCHEMA[entity], {"Id": key, "SyncToken": body["SyncToken"]})

    def open(self, invoice):
        return self.get("Invoice", invoice["Id"])["Balance"]

    def balance(self, subtype):
        key = self.company.account(subtype)
        found = self.company.value("select sum(home) from posting where realm = ? and account = ?", key)
        return Decimal(found or 0) / 100

    def ties_out(self):
        """Debits are credits, and customers owe what A/R says."""
        assert not self.company.value("select sum(home) from posting where realm = ?")
        owed = sum(Decimal(str(self.get("Customer", row[0])["Balance"])) for row in self.company.rows(
            "select id from object where realm = ? and entity = 'Customer'"))
        assert owed == self.balance("AccountsReceivable")


@pytest.fixture
def books():
    made = Books()
    yield made
    made.ties_out()


def refused(books, action, **wish):
    with pytest.raises(Fault) as fault:
        books.act(action, **wish)
    return fault.value.errors[0]["code"]


def test_what_is_matched_cannot_be_deleted_by_the_api(books):
    _invoice, payment = books.paid()
    books.act("match", id=payment["Id"])
    with pytest.raises(Fault, match="6480"):
        books.delete("Payment", payment["Id"])
    books.act("undo")
    assert books.delete("Payment", payment["Id"])["status"] == "Deleted"


def test_a_deposit_from_the_bank_feed_on_receivables(books):
    made = books.act("bank_deposit", amount=40, customer=books.who)
    assert made["Line"][0]["DepositLineDetail"]["Entity"]["value"] == books.who
    assert books.get("Customer", books.who)["Balance"] == -40
    with pytest.raises(Fault, match="6480"):
        books.delete("Deposit", made["Id"])
    books.act("bank_deposit", amount=7)
    assert books.balance("AccountsReceivable") == -40
    invoice = books.invoice()
    books.make("Payment", CustomerRef={"value": books.who}, TotalAmt=0, Line=[
        {"Amount": 40, "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
        for key, kind in ((invoice["Id"], "Invoice"), (made["Id"], "Deposit"))])
    assert books.open(invoice) == 60 and books.get("Customer", books.who)["Balance"] == 60


@pytest.mark.parametrize("deposited", [False, True])
def test_a_bounced_payment_opens_the_invoice_again(books, deposited):
    invoice, payment = books.paid()
    if deposited:
        books.act("deposit", ids=[payment["Id"]])
    expense = books.act("bounce", id=payment["Id"], fee=25)
    assert books.open(invoice) == 100
    line = books.get("Payment", payment["Id"])["Line"][0]["LinkedTxn"][0]
    assert line == {"TxnId": expense["Id"], "TxnType": "Expense"}
    assert (books.balance("BankCharges"), books.balance("AccountsReceivable")) == (25, 100)
    books.ties_out()
    books.act("undo")
    assert books.open(invoice) == 0 and books.get("Purchase", expense["Id"]) is None
    assert books.balance("BankCharges") == 0


@pytest.mark.parametrize(("how", "made"), [("credit", "CreditMemo"), ("journal", "JournalEntry")])
def test_a_write_off(books, how, made):
    invoice = books.invoice()
    payment = books.act("write_off", id=invoice["Id"], amount=60, how=how)
    assert {line["LinkedTxn"][0]["TxnType"] for line in payment["Line"]} == {"Invoice", made}
    assert (books.open(invoice), books.balance("BadDebts"), payment["TotalAmt"]) == (40, 60, 0)
    books.ties_out()
    books.act("undo")
    assert (books.open(invoice), books.balance("BadDebts")) == (100, 0)
    books.act("write_off", id=invoice["Id"])
    assert books.open(invoice) == 0


def test_a_write_off_by_discount(books):
    invoice = books.invoice()
    lowered = books.act("write_off", id=invoice["Id"], amount=60, how="discount")
    assert (lowered["TotalAmt"], books.open(invoice), books.balance("BadDebts")) == (40, 40, 60)
    books.ties_out()


def test_unapply_and_undo(books):
    invoice, payment = books.paid()
    assert books.act("unapply", id=payment["Id"])["UnappliedAmt"] == 100
    assert books.open(invoice) == 100
    books.act("undo")
    assert books.open(invoice) == 0


def test_an_edited_payment_is_as_it_was(books):
    invoice, payment = books.paid()
    books.act("edit", entity="Payment", id=payment["Id"], data={"TotalAmt": 150, "PrivateNote": "more"})
    assert books.get("Payment", payment["Id"])["UnappliedAmt"] == 50
    books.act("undo")
    back = books.get("Payment", payment["Id"])
    assert (back["TotalAmt"], back["UnappliedAmt"], "PrivateNote" in back, books.open(invoice)) == (100, 0, False, 0)


def test_a_reconciled_transaction_warns_a_person(books):
    _invoice, payment = books.paid()
    slip = books.act("deposit", ids=[payment["Id"]])
    found = books.act("reconcile")
    assert (found["transactions"], found["balance"]) == (1, 100)
    assert refused(books, "delete", entity="Deposit", id=slip["Id"]) == "6000"
    assert refused(books, "edit", entity="Deposit", id=slip["Id"], data={"PrivateNote": "x"}) == "6000"
    books.act("edit", entity="Deposit", id=slip["Id"], data={"PrivateNote": "x"}, force=True)
    assert books.delete("Deposit", slip["Id"])["status"] == "Deleted"


def test_lists_of_transactions_tell_what_was_reconciled(books):
    for account in ("Checking", "Checking", ""):
        into = {"DepositToAccountRef": {"value": first_account(books.company, "Bank")}} if account else {}
        books.make("Payment", CustomerRef={"value": books.who}, TotalAmt=50, TxnDate="2026-03-10", **into)
    first, second, third = sorted(row[0] for row in books.company.rows(
        "select id from object where realm = ? and entity = 'Payment'"))
    books.act("match", ids=[str(second)])

    def cleared():
        rows = reports.run("TransactionList", books.company, dict(
            start_date="2026-03-01", end_date="2026-03-31",
            transaction_type="ReceivePayment", columns="tx_date,txn_type,is_cleared"))["Rows"]["Row"]
        return {int(row["ColData"][1]["id"]): [cell["value"] for cell in row["ColData"][2:]] for row in rows}

    assert cleared() == {first: [""], second: ["C"], third: [""]}
    books.act("reconcile", date="2026-03-31")
    assert cleared() == {first: ["R"], second: ["R"], third: [""]}
    books.simulator.switches["report_cleared"] = False
    assert cleared() == {first: [], second: [], third: []}


def test_a_tax_return(books):
    code, taxed = {"TxnTaxCodeRef": {"value": "2"}}, {"TaxCodeRef": {"value": "TAX"}}
    line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": taxed}
    books.invoice(Line=[line], TxnTaxDetail=code, TxnDate="2026-03-15")
    filed = books.act("file_tax", date="2026-03-31")
    assert (filed["NetTaxAmountDue"], filed["EndDate"]) == (8, "2026-03-31")
    agency = filed["AgencyRef"]["value"]
    assert books.get("TaxAgency", agency)["LastFileDate"] == "2026-03-31"
    assert books.act("file_tax", date="2026-06-30")["NetTaxAmountDue"] == 0
    books.act("undo")
    books.act("undo")
    assert "LastFileDate" not in books.get("TaxAgency", agency)


def test_tax_is_paid_to_the_agency():
    books = Books(tax="global", country="GB")
    owed = books.company.account("GlobalTaxPayable")
    paid = books.act("pay_tax", amount="12.50", date="2026-05-07", note="Q1")
    books.act("pay_tax", amount=2, date="2026-05-20", refund=True)
    assert (paid["PaymentDate"], paid["PaymentAmount"], paid["Refund"]) == ("2026-05-07", Decimal("12.5"), False)
    assert books.balance("GlobalTaxPayable") == Decimal("10.5")
    books.ties_out()
    asked = {"account": str(owed), "start_date": "2026-05-01", "end_date": "2026-05-31"}
    assert str(reports.run("GeneralLedger", books.company, asked)).count("Tax Payment") == 2


def test_a_revaluation_is_in_home_currency_alone():
    books = Books(multicurrency=True, rates={"EUR": "1.10"})
    books.who = books.make("Customer", DisplayName="Blaise", CurrencyRef={"value": "EUR"})["Id"]
    invoice = books.invoice()
    entry = books.act("revalue", currency="EUR", rate="1.25")
    account = books.company.account("AccountsReceivable", "EUR")
    value = "select sum(home), sum(cur) from posting where realm = ? and account = ?"
    assert books.company.row(value, account) == (12500, 10000)
    assert entry["HomeAdjustment"] is True and books.open(invoice) == 100
    assert books.get("Customer", books.who)["Balance"] == 100
    assert not books.company.value("select sum(home) from posting where realm = ?")
    assert refused(books, "revalue", currency="EUR", rate="1.25") == "6000"
    books.act("undo")
    assert books.company.row(value, account) == (11000, 10000)


def test_delayed_charges_post_nothing_until_they_are_invoiced(books):
    books.act("charge", customer=books.who, amount=50, text="Hours")
    books.act("credit", customer=books.who, amount=10)
    assert books.balance("AccountsReceivable") == 0
    made = books.act("invoice_charges", customer=books.who)
    assert made["TotalAmt"] == 40
    assert [link["TxnType"] for link in made["LinkedTxn"]] == ["StatementCharge", "ChargeCredit"]
    noted = books.company.update(SCHEMA["Invoice"], {**made, "PrivateNote": "x"})
    assert noted["LinkedTxn"] == made["LinkedTxn"]
    assert refused(books, "invoice_charges", customer=books.who) == "2020"
    lie = books.invoice(LinkedTxn=[{"TxnId": "1", "TxnType": "ChargeCredit"}])
    assert lie["LinkedTxn"] == []


def test_a_template_comes_from_a_document(books):
    made = books.act("make_recurring", id=books.invoice()["Id"], interval="Weekly")
    assert "Weekly" in str(made) and len(books.company.rows(
        "select id from object where realm = ? and entity = 'RecurringTransaction'")) == 1


def test_late_fee_edit_and_deactivation_are_undone(books):
    invoice = books.invoice()
    books.act("late_fee", id=invoice["Id"])
    assert books.open(invoice) == 115
    books.act("undo")
    assert books.open(invoice) == 100
    books.act("deactivate", entity="Customer", id=books.who)
    assert books.get("Customer", books.who)["Active"] is False and books.open(invoice) == 0
    books.act("undo")
    assert books.get("Customer", books.who)["DisplayName"] == "Ada" and books.open(invoice) == 100


def test_what_is_gone_stays_gone(books):
    invoice = books.invoice()
    assert refused(books, "undelete", id=invoice["Id"]) == "6000"
    books.act("delete", id=invoice["Id"])
    assert refused(books, "undo") == "6000"
    with pytest.raises(ValueError, match="action"):
        books.act("dance")


def test_bad_wishes_are_400_and_leave_nothing(empty):
    who = empty.customer()["Id"]
    before = empty.control("dump", realm=empty.realm)["counts"]
    for wish in ({"action": "bounce", "id": "7"}, {"action": "write_off", "id": None}, {"action": "match", "ids": "x"},
                 {"action": "bank_deposit", "amount": "much"}, {"action": "charge", "customer": {}},
                 {"action": "revalue", "rate": []}, {"action": "file_tax", "id": "9"}, {"action": "undo"},
                 {"action": "make_recurring", "id": "x"}, {"action": "invoice_charges", "customer": who},
                 {"action": "reconcile", "account": "bank"},
                 {"action": "reconcile", "date": "12"}, {"action": "create", "data": []}):
        empty.control("ui", {"realm": empty.realm, **wish}, expect=400)
    assert empty.control("dump", realm=empty.realm)["counts"] == before
