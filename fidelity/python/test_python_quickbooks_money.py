"""python-quickbooks: what documents do to each other, and to the books."""

from decimal import Decimal

import pytest
from library import (
    BILL_LINE,
    BY_CARD,
    PAYMENT_LINE,
    RecurringTransaction,
    TaxRateDetails,
    TaxService,
    account,
    applied,
    bill,
    connect,
    customer,
    expense,
    first,
    goods,
    invoice,
    journal_line,
    name,
    new,
    ref,
    sale,
    sales,
    service,
    vendor,
)
from quickbooks import objects as qbo
from quickbooks.exceptions import QuickbooksException
from quickbooks.objects.deposit import DepositLine, DepositLineDetail
from quickbooks.objects.detailline import DescriptionOnlyLine, DiscountLine, DiscountLineDetail
from quickbooks.objects.journalentry import Entity
from quickbooks.objects.recurringtransaction import RecurringInfo, RecurringInvoice, ScheduleInfo
from quickbooks.objects.tax import TxnTaxDetail


@pytest.fixture(scope="module")
def qb(sandbox):
    return connect(sandbox)


def balance(qb, kind: str) -> float:
    return sum(one.CurrentBalance for one in qbo.Account.where(f"AccountType = '{kind}'", qb=qb, max_results=1000))


def pay(qb, who, amount, *lines):
    return new(qbo.Payment, CustomerRef=who.to_ref(), TotalAmt=amount, Line=list(lines)).save(qb=qb)


def again(one, qb):
    return type(one).get(one.Id, qb=qb)


def test_invoice_with_discount_tax_and_text(qb):
    who = customer(qb)
    discount = new(
        DiscountLine, Amount=10, DiscountLineDetail=new(DiscountLineDetail, PercentBased=True, DiscountPercent=10)
    )
    text = new(DescriptionOnlyLine, Description="thank you")
    taxed = new(TxnTaxDetail, TxnTaxCodeRef=ref("2"))
    made = new(
        qbo.Invoice,
        CustomerRef=who.to_ref(),
        TxnTaxDetail=taxed,
        Line=[sale(qb, 100, TaxCodeRef=ref("TAX")), text, discount],
    ).save(qb=qb)
    details = [line.DetailType for line in made.Line]
    assert details == ["SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail", "DiscountLineDetail"]
    assert made.Line[2].Amount == 100 and made.Line[2].Id is None
    (rate,) = made.TxnTaxDetail.TaxLine
    detail = rate.TaxLineDetail
    assert made.TxnTaxDetail.TotalTax == rate.Amount > 0 and detail.PercentBased is True
    assert rate.Amount == round(detail.NetAmountTaxable * detail.TaxPercent / 100, 2)
    assert made.TotalAmt == round(90 + rate.Amount, 2) == made.Balance
    assert made.CustomerRef.name == who.DisplayName and made.Line[0].SalesItemLineDetail.ItemRef.name


def test_payment_opens_and_closes_an_invoice(qb):
    who = customer(qb)
    owed, books = invoice(qb, 100, customer=who.to_ref()), balance(qb, "Accounts Receivable")
    paid = pay(qb, who, 70, applied(PAYMENT_LINE, 60, owed))
    after = again(owed, qb)
    assert (paid.UnappliedAmt, after.Balance, balance(qb, "Accounts Receivable")) == (10, 40, books - 70)
    assert [(one.TxnId, one.TxnType) for one in after.LinkedTxn] == [(paid.Id, "Payment")]
    assert int(after.SyncToken) > int(owed.SyncToken)
    assert qbo.Customer.get(who.Id, qb=qb).Balance == 30
    (line,) = paid.Line
    values = {one["value"]["Name"]: one["value"]["Value"] for one in line.LineEx["any"]}
    assert values["txnId"] == owed.Id and values["txnReferenceNumber"] == owed.DocNumber
    voided = paid.void(qb=qb)["Payment"]
    assert voided["TotalAmt"] == 0 and voided["UnappliedAmt"] == 0 and voided["PrivateNote"].startswith("Voided")
    assert again(owed, qb).Balance == 100 and balance(qb, "Accounts Receivable") == books


def test_credit_memo_settles_an_invoice(qb):
    who = customer(qb)
    owed = invoice(qb, 100, customer=who.to_ref())
    memo = new(qbo.CreditMemo, CustomerRef=who.to_ref(), Line=[sale(qb, 30)]).save(qb=qb)
    assert (memo.RemainingCredit, memo.Balance) == (30, 30)
    done = pay(qb, who, 0, applied(PAYMENT_LINE, 30, owed), applied(PAYMENT_LINE, 30, memo))
    assert (done.TotalAmt, again(owed, qb).Balance, again(memo, qb).RemainingCredit) == (0, 70, 0)
    done.delete(qb=qb)
    assert (again(owed, qb).Balance, again(memo, qb).RemainingCredit) == (100, 30)


def test_void_of_an_invoice(qb):
    made = invoice(qb, 100, PrivateNote="kept")
    answer = made.void(qb=qb)["Invoice"]
    assert (answer["TotalAmt"], answer["Balance"], answer["DocNumber"]) == (0, 0, made.DocNumber)
    assert answer["PrivateNote"].startswith("Voided") and answer["PrivateNote"].endswith("kept")
    assert {line["Amount"] for line in answer["Line"]} == {0}


def test_void_of_a_sales_receipt(qb):
    made = sales(qbo.SalesReceipt)(qb).save(qb=qb)
    answer = made.void(qb=qb)["SalesReceipt"]
    assert answer["TotalAmt"] == 0 and answer["PrivateNote"].startswith("Voided")


def test_void_of_another_kind_is_refused(qb):
    memo = sales(qbo.CreditMemo)(qb).save(qb=qb)
    url = f"{qb.api_url}/company/{qb.company_id}/creditmemo"
    with pytest.raises(QuickbooksException) as caught:
        qb.post(url, f'{{"Id": "{memo.Id}", "SyncToken": "0"}}', params={"operation": "void"})
    assert caught.value.error_code == 500


def test_bill_credit_and_payments(qb):
    who, books = vendor(qb), balance(qb, "Accounts Payable")
    owed = bill(qb, 80, vendor=who.to_ref())
    assert balance(qb, "Accounts Payable") - books in (80, -80)
    credit = new(qbo.VendorCredit, VendorRef=who.to_ref(), Line=[expense(qb, 30)]).save(qb=qb)
    card = new(BY_CARD, CCAccountRef=account(qb, "Credit Card"))
    parts = [applied(BILL_LINE, 80, owed), applied(BILL_LINE, 30, credit)]
    paid = new(
        qbo.BillPayment, VendorRef=who.to_ref(), PayType="CreditCard", CreditCardPayment=card, TotalAmt=50, Line=parts
    ).save(qb=qb)
    assert (paid.TotalAmt, again(owed, qb).Balance, qbo.Vendor.get(who.Id, qb=qb).Balance) == (50, 0, 0)
    assert [one.TxnType for one in again(owed, qb).LinkedTxn] == ["BillPaymentCreditCard"]
    assert balance(qb, "Accounts Payable") == books
    voided = paid.void(qb=qb)["BillPayment"]
    assert voided["TotalAmt"] == 0 and voided["PrivateNote"].startswith("Voided")
    assert (again(owed, qb).Balance, again(owed, qb).LinkedTxn) == (80, [])


def test_order_becomes_a_bill(qb):
    who = vendor(qb)
    order = new(
        qbo.PurchaseOrder, VendorRef=who.to_ref(), APAccountRef=account(qb, "Accounts Payable"), Line=[goods(qb)]
    ).save(qb=qb)
    made = new(qbo.Bill, VendorRef=who.to_ref(), Line=[goods(qb)], LinkedTxn=[order.to_linked_txn()]).save(qb=qb)
    assert ("PurchaseOrder", order.Id) in [(one.TxnType, one.TxnId) for one in made.LinkedTxn]
    assert again(order, qb).POStatus == "Closed"


def test_estimate_becomes_an_invoice(qb):
    estimate = sales(qbo.Estimate)(qb).save(qb=qb)
    made = new(
        qbo.Invoice, CustomerRef=estimate.CustomerRef, Line=[sale(qb)], LinkedTxn=[estimate.to_linked_txn()]
    ).save(qb=qb)
    assert ("Estimate", estimate.Id) in [(one.TxnType, one.TxnId) for one in made.LinkedTxn]
    after = again(estimate, qb)
    assert after.TxnStatus in ("Closed", "Converted") and [one.TxnId for one in after.LinkedTxn] == [made.Id]


def test_deposit_of_a_payment_locks_it(qb):
    who = customer(qb)
    paid = pay(qb, who, 25)
    line = new(DepositLine, Amount=25, LinkedTxn=[paid.to_linked_txn()])
    line.LinkedTxn[0].TxnLineId = "0"
    bank = account(qb, "Bank")
    made = new(qbo.Deposit, DepositToAccountRef=bank, Line=[line]).save(qb=qb)
    assert made.TotalAmt == 25
    with pytest.raises(QuickbooksException) as caught:
        again(paid, qb).delete(qb=qb)
    assert caught.value.error_code == 6540
    made.delete(qb=qb)
    again(paid, qb).delete(qb=qb)


def test_deposit_from_somebody(qb):
    who = customer(qb)
    detail = new(
        DepositLineDetail,
        AccountRef=account(qb, "Income"),
        Entity=ref(who.Id, who.DisplayName, "CUSTOMER"),
        CheckNum="12",
    )
    line = new(DepositLine, Amount=9, Description="found", DepositLineDetail=detail)
    made = new(qbo.Deposit, DepositToAccountRef=account(qb, "Bank"), Line=[line]).save(qb=qb)
    kept = made.Line[0].DepositLineDetail
    assert (kept.CheckNum, kept.Entity.value) == ("12", who.Id)


def test_journal_entry_on_receivables(qb):
    who = customer(qb)
    party = new(Entity, Type="Customer", EntityRef=who.to_ref())
    lines = [
        journal_line("Debit", account(qb, "Accounts Receivable"), 44, party),
        journal_line("Credit", account(qb, "Income"), 44),
    ]
    made = new(qbo.JournalEntry, Line=lines).save(qb=qb)
    assert qbo.Customer.get(who.Id, qb=qb).Balance == 44
    kept = made.Line[0].JournalEntryLineDetail
    assert (kept.PostingType, kept.Entity.EntityRef.value, kept.Entity.Type) == ("Debit", who.Id, "Customer")
    with pytest.raises(QuickbooksException) as caught:
        new(qbo.JournalEntry, Line=[lines[0], journal_line("Credit", account(qb, "Income"), 43)]).save(qb=qb)
    assert caught.value.error_code in (2300, 6000)
    nobody = journal_line("Debit", account(qb, "Accounts Receivable"), 44)
    with pytest.raises(QuickbooksException) as caught:
        new(qbo.JournalEntry, Line=[nobody, lines[1]]).save(qb=qb)
    assert caught.value.error_code == 6000 and "you must choose a customer in the Name field" in caught.value.detail


@pytest.mark.parametrize(("way", "kind"), [("Check", "Bank"), ("CreditCard", "Credit Card"), ("Cash", "Bank")])
def test_expenses(qb, way, kind):
    who, books = vendor(qb), balance(qb, kind)
    payee = ref(who.Id, who.DisplayName, "Vendor")
    made = new(
        qbo.Purchase, PaymentType=way, AccountRef=account(qb, kind), EntityRef=payee, Line=[expense(qb), goods(qb)]
    ).save(qb=qb)
    assert (made.TotalAmt, made.EntityRef.value, made.EntityRef.type) == (70, who.Id, "Vendor")
    assert [line.DetailType for line in made.Line] == ["AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"]
    assert abs(balance(qb, kind) - books) == 70
    assert made.Id in [one.Id for one in qbo.Purchase.where(f"PaymentType = '{way}'", qb=qb, max_results=1000)]


def test_transfer_moves_money(qb):
    banks = qbo.Account.where("AccountType = 'Bank'", max_results=2, qb=qb)
    new(qbo.Transfer, FromAccountRef=banks[0].to_ref(), ToAccountRef=banks[1].to_ref(), Amount=60).save(qb=qb)
    after = [qbo.Account.get(one.Id, qb=qb).CurrentBalance for one in banks]
    assert [now - one.CurrentBalance for now, one in zip(after, banks, strict=True)] == [-60, 60]


def test_stock(qb):
    item = first(qbo.Item, qb, "Type = 'Inventory'")
    bill(qb, vendor=vendor(qb).to_ref())
    new(qbo.Bill, VendorRef=vendor(qb).to_ref(), Line=[goods(qb)]).save(qb=qb)
    assert qbo.Item.get(item.Id, qb=qb).QtyOnHand == item.QtyOnHand + 3


def test_sub_customer(qb):
    parent = customer(qb)
    job = new(qbo.Customer, DisplayName=name("Job"), Job=True, ParentRef=parent.to_ref(), BillWithParent=True).save(
        qb=qb
    )
    assert (job.FullyQualifiedName, job.Level) == (f"{parent.DisplayName}:{job.DisplayName}", 1)
    invoice(qb, 30, customer=job.to_ref())
    above = qbo.Customer.get(parent.Id, qb=qb)
    assert (above.Balance, above.BalanceWithJobs) in [(0, 30), (30, 30)]


def test_send_and_print(qb):
    for made in (invoice(qb), sales(qbo.Estimate)(qb).save(qb=qb)):
        kind = type(made).qbo_object_name
        answer = made.send(qb=qb, send_to="ada+1@example.com")[kind]
        assert (answer["EmailStatus"], answer["BillEmail"]["Address"]) == ("EmailSent", "ada+1@example.com")
        assert answer["DeliveryInfo"]["DeliveryType"] == "Email"
        assert made.download_pdf(qb=qb).startswith(b"%PDF-")
    assert again(invoice(qb), qb).email_sent is False
    receipt = sales(qbo.SalesReceipt)(qb).save(qb=qb)
    assert receipt.download_pdf(qb=qb).startswith(b"%PDF-")
    order = new(
        qbo.PurchaseOrder, VendorRef=vendor(qb).to_ref(), APAccountRef=account(qb, "Accounts Payable"), Line=[goods(qb)]
    ).save(qb=qb)
    assert order.send(qb=qb, send_to="shop@example.com")["PurchaseOrder"]["EmailStatus"] == "EmailSent"


def test_sending_without_an_address(qb):
    with pytest.raises(QuickbooksException):
        invoice(qb).send(qb=qb)


def test_invoice_link_is_asked_for(sandbox):
    asking = connect(sandbox, invoice_link=True)
    made = invoice(
        asking, BillEmail=email("ada@example.com"), AllowOnlineCreditCardPayment=True, AllowOnlineACHPayment=True
    )
    asked = qbo.Invoice.get(made.Id, qb=asking)
    plain = qbo.Invoice.get(made.Id, qb=connect(sandbox))
    assert plain.InvoiceLink == "" and asked.InvoiceLink in ("", None) or asked.InvoiceLink.startswith("http")


def email(address: str):
    from quickbooks.objects.base import EmailAddress

    return new(EmailAddress, Address=address)


def test_decimals(sandbox):
    exact = connect(sandbox, use_decimal=True)
    made = invoice(exact, Decimal("10.10"), PrivateNote="exact")
    read = qbo.Invoice.get(made.Id, qb=exact)
    assert isinstance(read.TotalAmt, Decimal) and str(read.TotalAmt) == "10.10" == str(read.Line[0].Amount)
    read.PrivateNote = "changed"
    assert str(read.save(qb=exact).TotalAmt) == "10.10"
    assert qbo.Invoice.get(made.Id, qb=connect(sandbox)).TotalAmt == 10.1


def test_recurring_invoice(qb):
    schedule = new(ScheduleInfo, StartDate="2026-12-01", IntervalType="Monthly", NumInterval=1, DayOfMonth=1)
    info = new(RecurringInfo, Name=name("Rent"), RecurType="Automated", Active=True, ScheduleInfo=schedule)
    inner = new(RecurringInvoice, CustomerRef=customer(qb).to_ref(), Line=[sale(qb)])
    inner.RecurringInfo = info
    made = RecurringTransaction()
    made.Invoice = inner
    kept = made.save(qb=qb).Invoice
    assert kept.RecurringInfo.Name == info.Name and kept.RecurringInfo.ScheduleInfo.IntervalType == "Monthly"
    assert kept.TotalAmt == 100 and kept.Id
    before = qbo.Invoice.count(qb=qb)
    read = RecurringTransaction.get(kept.Id, qb=qb).Invoice
    assert read.RecurringInfo.Active is True and read.Id == kept.Id
    assert kept.Id in [one.Invoice.Id for one in RecurringTransaction.all(qb=qb) if getattr(one, "Invoice", None)]
    gone = RecurringTransaction()
    gone.Invoice = read
    answer = gone.delete(qb=qb)["RecurringTransaction"]
    assert answer.get("Invoice", answer)["status"] == "Deleted"
    assert qbo.Invoice.count(qb=qb) == before


def test_tax_service(qb):
    agency = new(qbo.TaxAgency, DisplayName=name("Agency")).save(qb=qb)
    rate = new(TaxRateDetails, TaxRateName=name("R"), RateValue="7.5", TaxAgencyId=agency.Id, TaxApplicableOn="Sales")
    made = new(TaxService, TaxCode=name("Code"), TaxRateDetails=[rate]).save(qb=qb)
    code = qbo.TaxCode.get(made.TaxCodeId, qb=qb)
    assert code.Name == made.TaxCode and code.Taxable is True
    used = code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.value
    assert qbo.TaxRate.get(used, qb=qb).RateValue == 7.5
    sold = new(
        qbo.Invoice,
        CustomerRef=customer(qb).to_ref(),
        TxnTaxDetail=new(TxnTaxDetail, TxnTaxCodeRef=ref(code.Id)),
        Line=[sale(qb, 200, TaxCodeRef=ref("TAX"))],
    ).save(qb=qb)
    assert (sold.TxnTaxDetail.TotalTax, sold.TotalAmt) == (15, 215)
    with pytest.raises(QuickbooksException):
        new(TaxService, TaxCode=made.TaxCode, TaxRateDetails=[rate]).save(qb=qb)


def test_item_kinds(qb):
    made = new(
        qbo.Item,
        Name=name("Pump"),
        Type="Inventory",
        TrackQtyOnHand=True,
        QtyOnHand=5,
        InvStartDate="2026-01-01",
        IncomeAccountRef=account(qb, "Income"),
        ExpenseAccountRef=account(qb, "Cost of Goods Sold"),
        AssetAccountRef=first(qbo.Account, qb, "AccountSubType = 'Inventory'").to_ref(),
        PurchaseCost=3,
    ).save(qb=qb)
    assert (made.QtyOnHand, made.Type, made.InvStartDate) == (5, "Inventory", "2026-01-01")
    category = new(qbo.Item, Name=name("Plants"), Type="Category").save(qb=qb)
    inside = new(
        qbo.Item,
        Name=name("Rose"),
        Type="NonInventory",
        SubItem=True,
        ParentRef=category.to_ref(),
        IncomeAccountRef=account(qb, "Income"),
    ).save(qb=qb)
    assert inside.FullyQualifiedName == f"{category.Name}:{inside.Name}"
    with pytest.raises(QuickbooksException):
        new(qbo.Item, Name=name("Bad"), Type="Inventory", IncomeAccountRef=account(qb, "Income")).save(qb=qb)
    assert service(qb).name
