"""Payments: partial, several invoices, over-payment, credits, void, delete, deposit; and what they do to documents."""

import pytest


@pytest.fixture
def who(empty):
    return empty.customer()["Id"]


def test_partial_payment_moves_balance_links_and_token(empty, who):
    made = empty.invoice(who, 100)
    paid = empty.pay(who, 40, ("Invoice", made["Id"], 40), PaymentRefNum="CHK-77")
    assert (paid["UnappliedAmt"], paid["ProcessPayment"], paid["DepositToAccountRef"]) == (0, False, {"value": "4"})
    extra = {item["value"]["Name"]: item["value"]["Value"] for item in paid["Line"][0]["LineEx"]["any"]}
    assert extra == {"txnId": made["Id"], "txnOpenBalance": "100.00", "txnReferenceNumber": made["DocNumber"]}
    after = empty.read("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"]) == (60, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert empty.read("Customer", who)["Balance"] == 60


def test_over_payment_and_unapplied_payment(empty, who):
    made = empty.invoice(who, 5)
    paid = empty.pay(who, 30, ("Invoice", made["Id"], 30))
    assert paid["UnappliedAmt"] == 25 and paid["Line"][0]["Amount"] == 5
    loose = empty.pay(who, 10)
    assert loose["UnappliedAmt"] == 10 and "Line" not in loose
    assert empty.read("Customer", who)["Balance"] == -35 and empty.total("AgedReceivables") == -35


def test_several_invoices_and_refusals(empty, who):
    first, second = empty.invoice(who, 50), empty.invoice(who, 70)
    other = empty.invoice(empty.customer("Other")["Id"], 10)
    empty.pay(who, 100, ("Invoice", first["Id"], 50), ("Invoice", second["Id"], 50))
    assert empty.read("Invoice", second["Id"])["Balance"] == 20
    for amount, key, code in ((5, other["Id"], "6000"), (5, "999", "6000"), (-5, second["Id"], "2240")):
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": "Invoice"}]}
        assert empty.error("POST", "payment", {"CustomerRef": {"value": who}, "TotalAmt": 5, "Line": [line]})[0] == code
    line = {"Amount": 20, "LinkedTxn": [{"TxnId": second["Id"], "TxnType": "Invoice"}]}
    assert empty.error("POST", "payment", {"CustomerRef": {"value": who}, "TotalAmt": 5, "Line": [line]})[0] == "6000"


def test_a_parent_may_pay_for_its_sub_customer(empty, who):
    job = empty.customer("Job", ParentRef={"value": who})["Id"]
    made = empty.invoice(job, 30)
    empty.pay(who, 30, ("Invoice", made["Id"], 30))
    assert empty.read("Customer", job)["Balance"] == 0 and empty.read("Customer", who)["BalanceWithJobs"] == 0


def test_credit_memo_is_applied_by_a_payment_of_zero(empty, who):
    made, memo = empty.invoice(who, 100), empty.memo(who, 40)
    assert memo["RemainingCredit"] == memo["Balance"] == 40
    paid = empty.pay(who, 0, ("Invoice", made["Id"], 40), ("CreditMemo", memo["Id"], 40))
    assert (paid["TotalAmt"], paid["UnappliedAmt"]) == (0, 0)
    after = empty.read("CreditMemo", memo["Id"])
    assert (after["RemainingCredit"], after["Balance"]) == (0, 0) and empty.read("Invoice", made["Id"])["Balance"] == 60
    assert empty.total("CustomerBalance") == 60


def test_one_line_with_two_links_works_too(empty, who):
    made, memo = empty.invoice(who, 100), empty.memo(who, 40)
    line = {
        "Amount": 40,
        "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Invoice"}, {"TxnId": memo["Id"], "TxnType": "CreditMemo"}],
    }
    empty.create("Payment", {"CustomerRef": {"value": who}, "TotalAmt": 0, "Line": [line]})
    assert empty.read("Invoice", made["Id"])["Balance"] == 60


def test_update_must_say_all_and_unapplies_what_it_leaves_out(empty, who):
    first, second = empty.invoice(who, 50), empty.invoice(who, 70)
    paid = empty.pay(who, 100, ("Invoice", first["Id"], 50), ("Invoice", second["Id"], 50))
    sparse = {"Id": paid["Id"], "SyncToken": paid["SyncToken"], "sparse": True, "PrivateNote": "x"}
    assert empty.error("POST", "payment", sparse)[0] == "2020"
    line = {"Amount": 50, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]}
    sent = {"Id": paid["Id"], "SyncToken": "0", "TotalAmt": 100, "CustomerRef": {"value": who}, "Line": [line]}
    changed = empty.ok("POST", "payment", sent)["Payment"]
    assert (changed["UnappliedAmt"], changed["SyncToken"], len(changed["Line"])) == (50, "1", 1)
    assert (
        empty.read("Invoice", second["Id"])["Balance"] == 70 and empty.read("Invoice", second["Id"])["LinkedTxn"] == []
    )
    assert empty.read("Invoice", first["Id"])["Balance"] == 0


def test_void_opens_the_invoice_again(empty, who):
    made = empty.invoice(who, 100)
    paid = empty.pay(who, 40, ("Invoice", made["Id"], 40))
    gone = empty.ok(
        "POST", "payment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True}, operation="update", include="void"
    )["Payment"]
    assert (gone["TotalAmt"], gone["UnappliedAmt"], gone["PrivateNote"]) == (0, 0, "Voided") and "Line" not in gone
    after = empty.read("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"], after["LinkedTxn"]) == (100, "2", [])


def test_delete_payment_and_delete_invoice(empty, who):
    made = empty.invoice(who, 100)
    paid = empty.pay(who, 40, ("Invoice", made["Id"], 40))
    empty.ok("POST", "payment", {"Id": paid["Id"], "SyncToken": "0"}, operation="delete")
    assert empty.read("Invoice", made["Id"])["Balance"] == 100
    paid = empty.pay(who, 40, ("Invoice", made["Id"], 40))
    token = empty.read("Invoice", made["Id"])["SyncToken"]
    empty.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": token}, operation="delete")
    after = empty.read("Payment", paid["Id"])
    assert (after["UnappliedAmt"], after["SyncToken"]) == (40, "1") and "Line" not in after
    assert empty.total("AgedReceivables") == -40


def test_void_of_a_paid_invoice_leaves_the_money_unapplied(empty, who):
    made, memo = empty.invoice(who, 100), empty.memo(who, 30)
    paid = empty.pay(who, 70, ("Invoice", made["Id"], 100), ("CreditMemo", memo["Id"], 30))
    token = empty.read("Invoice", made["Id"])["SyncToken"]
    empty.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": token}, operation="void")
    assert empty.read("Payment", paid["Id"])["UnappliedAmt"] == 70
    assert empty.read("CreditMemo", memo["Id"])["Balance"] == 30 and empty.total("AgedReceivables") == -100


def test_invoice_lowered_below_what_was_paid(empty, who):
    made = empty.invoice(who, 100)
    paid = empty.pay(who, 100, ("Invoice", made["Id"], 100))
    after = empty.read("Invoice", made["Id"])
    lowered = empty.update("Invoice", after, Line=[empty.line(60)])
    assert (lowered["TotalAmt"], lowered["Balance"]) == (60, 0)
    assert empty.read("Payment", paid["Id"])["UnappliedAmt"] == 40 and empty.total("AgedReceivables") == -40


def test_invoice_with_several_payments_lowered_below_one_of_them(empty, who):
    made, other = empty.invoice(who, 267), empty.invoice(who, 500)
    both = empty.pay(who, 589, ("Invoice", made["Id"], 89), ("Invoice", other["Id"], 500))
    paid = [both["Id"], empty.pay(who, 178, ("Invoice", made["Id"], 178))["Id"]]
    empty.update("Invoice", empty.read("Invoice", made["Id"]), Line=[empty.line(80)])
    after = empty.read("Invoice", made["Id"])
    left = [empty.read("Payment", key)["UnappliedAmt"] for key in paid]
    assert (after["TotalAmt"], after["Balance"], left) == (80, 0, [89, 98])
    assert empty.read("Customer", who)["Balance"] == -187 and empty.total("AgedReceivables") == -187


def test_deposited_payment_is_locked_until_the_deposit_goes(empty, who):
    made = empty.invoice(who, 100)
    paid = empty.pay(who, 100, ("Invoice", made["Id"], 100))
    deposit = empty.ui("deposit", ids=[paid["Id"]])
    assert deposit["TotalAmt"] == 100
    after = empty.read("Payment", paid["Id"])
    assert after["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
    assert empty.read("Account", "1")["CurrentBalance"] == 100 and empty.read("Account", "4")["CurrentBalance"] == 0
    assert (
        empty.error("POST", "payment", {"Id": paid["Id"], "SyncToken": after["SyncToken"]}, operation="delete")[0]
        == "6540"
    )
    empty.ok("POST", "deposit", {"Id": deposit["Id"], "SyncToken": deposit["SyncToken"]}, operation="delete")
    token = empty.read("Payment", paid["Id"])["SyncToken"]
    empty.ok("POST", "payment", {"Id": paid["Id"], "SyncToken": token}, operation="delete")
    assert empty.read("Account", "4")["CurrentBalance"] == 0


def test_acts_of_a_person(empty, who):
    made, memo = empty.invoice(who, 100), empty.memo(who, 40)
    empty.ui("late_fee", id=made["Id"], amount=15)
    assert empty.read("Invoice", made["Id"])["TotalAmt"] == 115
    zero = empty.ui("apply_credit", id=made["Id"], credit_memo=memo["Id"])
    assert zero["TotalAmt"] == 0
    empty.ui("receive", id=made["Id"], amount="50")
    assert empty.read("Invoice", made["Id"])["Balance"] == 25
    empty.ui("edit", entity="Payment", id=zero["Id"], data={"PrivateNote": "seen"})
    assert (
        empty.read("Payment", zero["Id"])["PrivateNote"] == "seen"
        and empty.read("Invoice", made["Id"])["Balance"] == 25
    )
    empty.ui("void", entity="Invoice", id=made["Id"])
    assert empty.total("AgedReceivables") == -90
    assert "error" in empty.control("ui", {"action": "dance"}, expect=400)


def test_credits_are_applied_by_themselves_when_the_company_wants_it(client):
    client.start(empty=True, features={"auto_apply_credit": True})
    who = client.customer()["Id"]
    memos = [client.memo(who, 30), client.memo(who, 50)]
    made = client.invoice(who, 60)
    assert (made["Balance"], len(made["LinkedTxn"])) == (0, 2)
    assert [client.read("CreditMemo", memo["Id"])["Balance"] for memo in memos] == [0, 20]
    assert client.total("AgedReceivables") == -20


def test_a_document_named_twice_is_not_paid_twice(empty, who):
    made, memo = empty.invoice(who, 10), empty.memo(who, 10)
    paid = empty.pay(who, 10, ("Invoice", made["Id"], 10), ("Invoice", made["Id"], 10), ("CreditMemo", memo["Id"], 10))
    assert [line["Amount"] for line in paid["Line"]] == [10, 10] and paid["UnappliedAmt"] == 10
    assert empty.total("AgedReceivables") == -10 and empty.read("Invoice", made["Id"])["Balance"] == 0
