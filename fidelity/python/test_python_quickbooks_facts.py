"""python-quickbooks: particulars that programs written for the live service rely on."""

import pytest
from library import account, bill, connect, customer, first, name, new, ref, sale, service, vendor
from quickbooks import objects as qbo
from quickbooks.objects.base import Address, CustomerMemo, EmailAddress
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.creditcardpayment_entity import CreditCardPayment
from quickbooks.objects.deposit import DepositLine, DepositLineDetail
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    DetailLine,
    DiscountLineDetail,
    ItemBasedExpenseLine,
    ItemBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.recurringtransaction import (
    RecurringBill,
    RecurringInfo,
    RecurringInvoice,
    RecurringTransaction,
    ScheduleInfo,
)
from quickbooks.objects.refundreceipt import RefundReceiptCheckPayment
from quickbooks.objects.taxservice import TaxRateDetails, TaxService


@pytest.fixture(scope="module")
def qb(sandbox):
    return connect(sandbox)


def again(one, qb):
    return type(one).get(one.Id, qb=qb)


def test_account_by_subtype_alone(qb):
    made = again(new(qbo.Account, Name=name("Till"), AcctNum="221045", AccountSubType="CashOnHand").save(qb=qb), qb)
    assert (made.AccountType, made.Classification, made.AcctNum) == ("Bank", "Asset", "221045")


def test_the_first_item_can_be_sold(qb):
    item = qbo.Item.all(max_results=1, qb=qb)[0]
    line = new(SalesItemLine, LineNum=1, Amount=100, Description="d", SalesItemLineDetail=new(SalesItemLineDetail))
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    for kind in (qbo.Invoice, qbo.CreditMemo):
        made = new(kind, CustomerRef=qbo.Customer.all(max_results=1, qb=qb)[0].to_ref(), Line=[line]).save(qb=qb)
        kept = again(made, qb).Line[0]
        assert (kept.LineNum, kept.Description, kept.Amount) == (1, "d", 100)
        assert kept.SalesItemLineDetail.ItemRef.value == item.Id


def test_numbers_as_references(qb):
    detail = new(AccountBasedExpenseLineDetail, AccountRef=ref("1", kind="Account"))
    detail.AccountRef.value = 1
    line = new(AccountBasedExpenseLine, Amount=200, AccountBasedExpenseLineDetail=detail)
    made = new(qbo.Bill, VendorRef=vendor(qb).to_ref(), Line=[line]).save(qb=qb)
    assert made.Line[0].AccountBasedExpenseLineDetail.AccountRef.value == "1"


def test_estimate_with_everything(qb):
    place = {"Line1": "65 Ocean Dr.", "City": "Half Moon Bay", "CountrySubDivisionCode": "CA", "PostalCode": "94213"}
    here = new(Address, **place, Lat="37.4300318", Long="-122.4336537")
    discount = new(DetailLine, Amount=3.5, DetailType="DiscountLineDetail")
    where = first(qbo.Account, qb, "AccountSubType = 'DiscountsRefundsGiven'").to_ref()
    discount.DiscountLineDetail = new(
        DiscountLineDetail, PercentBased=True, DiscountPercent=10, DiscountAccountRef=where
    )
    made = new(
        qbo.Estimate,
        CustomerRef=customer(qb).to_ref(),
        TotalAmt=31.5,
        PrintStatus="NeedToPrint",
        EmailStatus="NotSet",
        BillAddr=here,
        ShipAddr=new(Address, Id="2221045", **place),
        BillEmail=new(EmailAddress, Address="Cool_Cars@example.com"),
        CustomerMemo=new(CustomerMemo, value="Thank you"),
        Line=[sale(qb, 35), discount],
    ).save(qb=qb)
    kept = again(made, qb)
    assert (kept.TotalAmt, kept.ShipAddr.Line1, kept.BillEmail.Address) == (
        31.5,
        "65 Ocean Dr.",
        "Cool_Cars@example.com",
    )
    last = kept.Line[2].DiscountLineDetail
    assert (last.PercentBased, last.DiscountPercent, last.DiscountAccountRef.value) == (True, 10, where.value)
    assert kept.Line[2].Amount == 3.5 and last.DiscountAccountRef.name == where.name


def schedule(title, **values):
    when = new(ScheduleInfo, **values)
    return new(RecurringInfo, Name=name(title), RecurType="Automated", Active=True, ScheduleInfo=when)


def test_recurring_bill_and_invoice(qb):
    line = new(AccountBasedExpenseLine, Amount=500, AccountBasedExpenseLineDetail=new(AccountBasedExpenseLineDetail))
    line.AccountBasedExpenseLineDetail.AccountRef = account(qb, "Expense")
    weekly = {"IntervalType": "Weekly", "NumInterval": 1, "DaysBefore": 3, "DayOfWeek": "Friday"}
    inner = new(RecurringBill, VendorRef=vendor(qb).to_ref(), Line=[line])
    inner.RecurringInfo = schedule("Bill", StartDate="2026-12-01", EndDate="2027-03-01", **weekly)
    one = RecurringTransaction()
    one.Bill = inner
    kept = RecurringTransaction.get(one.save(qb=qb).Bill.Id, qb=qb).Bill.RecurringInfo.ScheduleInfo
    assert (kept.EndDate, kept.IntervalType, kept.DayOfWeek) == ("2027-03-01", "Weekly", "Friday")
    inner = new(RecurringInvoice, CustomerRef=customer(qb).to_ref(), Line=[sale(qb, 100)])
    monthly = {"IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1, "MaxOccurrences": 6}
    inner.RecurringInfo = schedule("Invoice", StartDate="2026-12-01", **monthly)
    two = RecurringTransaction()
    two.Invoice = inner
    read = RecurringTransaction.get(two.save(qb=qb).Invoice.Id, qb=qb)
    read.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth = 15
    read.Invoice.Line[0].Amount = 250
    read.Invoice.Line[0].SalesItemLineDetail.UnitPrice = 125
    read.Invoice.Deposit = None
    read.save(qb=qb)
    after = RecurringTransaction.get(read.Invoice.Id, qb=qb).Invoice
    assert (after.RecurringInfo.ScheduleInfo.DayOfMonth, after.Line[0].Amount) == (15, 250)
    bills = RecurringTransaction.where("Type = 'Bill'", qb=qb)
    assert bills and all(hasattr(one, "Bill") for one in bills)
    assert len(RecurringTransaction.all(qb=qb)) > 1


def test_rates_of_a_sandbox_with_currencies(simulator):
    simulator.company(company="sandbox", features={"multicurrency": True, "rates": {"EUR": "1.25"}})
    qb = connect(simulator)
    from quickbooks.objects.exchangerate import ExchangeRate

    one = ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=qb)[0]
    assert (one.SourceCurrencyCode, one.TargetCurrencyCode) == ("EUR", "USD")
    one.Rate += 1
    one.save(qb=qb)
    assert ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=qb)[0].Rate == one.Rate
    simulator.company(company="sandbox")


def test_preferences_of_the_sandbox(sandbox):
    sandbox.company(company="sandbox")
    qb = connect(sandbox)
    found = qbo.Preferences.get(qb=qb)
    assert found.Id == "1" and found.AccountingInfoPrefs.TaxYearMonth == "January"
    assert (
        found.ProductAndServicesPrefs.ForPurchase is True
        and found.VendorAndPurchasesPrefs.BillableExpenseTracking is True
    )
    assert found.TimeTrackingPrefs.WorkWeekStartDate == "Monday"
    assert found.OtherPrefs.NameValue[0].Name == "SalesFormsPrefs.DefaultCustomerMessage"
    found.EmailMessagesPrefs.EstimateMessage.Subject = "changed"
    found.save(qb=qb)
    assert qbo.Preferences.get(qb=qb).EmailMessagesPrefs.EstimateMessage.Subject == "changed"


def test_tax_service_takes_numbers(sandbox):
    qb = connect(sandbox)
    title = name("TaxCode 2210")
    rate = new(TaxRateDetails, TaxRateName=title, RateValue=10, TaxAgencyId=1, TaxApplicableOn="Sales")
    made = new(TaxService, TaxCode=title, TaxRateDetails=[rate]).save(qb=qb)
    kept = made.TaxRateDetails[0]
    assert (made.TaxCode, kept.TaxRateName, kept.RateValue, kept.TaxAgencyId) == (title, title, 10, "1")


def test_tax_codes_begin_with_the_pseudo_codes(sandbox):
    names = [one.Name for one in qbo.TaxCode.all(qb=connect(sandbox))]
    assert names[:2] == ["TAX", "NON"] and names[2:] == sorted(names[2:])


@pytest.mark.parametrize("kind", [qbo.PurchaseOrder, qbo.Purchase])
def test_purchases_of_stock(sandbox, kind):
    qb = connect(sandbox)
    item, who = first(qbo.Item, qb, "Type = 'Inventory'"), qbo.Customer.all(max_results=1, qb=qb)[0]
    code = qbo.TaxCode.all(max_results=1, qb=qb)[0]
    detail = new(ItemBasedExpenseLineDetail, BillableStatus="NotBillable", UnitPrice=100, Qty=1, ItemRef=item.to_ref())
    detail.CustomerRef, detail.TaxCodeRef = who.to_ref(), code.to_ref()
    line = new(ItemBasedExpenseLine, Amount=100, ItemBasedExpenseLineDetail=detail)
    if kind is qbo.PurchaseOrder:
        payable = qbo.Account.all(max_results=1, qb=qb)[0].to_ref()
        made = new(kind, VendorRef=vendor(qb).to_ref(), APAccountRef=payable, TotalAmt=100, Line=[line]).save(qb=qb)
    else:
        values = {
            "DocNumber": "Doc123",
            "PaymentType": "CreditCard",
            "AccountRef": account(qb, "Credit Card"),
            "Line": [line],
        }
        made = [new(kind, **values).save(qb=qb, params={"include": "allowduplicatedocnum"}) for _ in range(2)][1]
        assert made.DocNumber == "Doc123"
    kept = again(made, qb).Line[0].ItemBasedExpenseLineDetail
    assert (kept.UnitPrice, kept.Qty, kept.CustomerRef.value, kept.ItemRef.value) == (100, 1, who.Id, item.Id)
    assert kept.TaxCodeRef.value == code.Name


def test_time_from_and_to(sandbox):
    qb = connect(sandbox)
    worker = qbo.Employee.all(max_results=1, qb=qb)[0]
    made = new(
        qbo.TimeActivity,
        NameOf="Employee",
        EmployeeRef=worker.to_ref(),
        Description="d",
        CostRate=50.0,
        StartTime="2016-07-22T10:00:00-07:00",
        EndTime="2016-07-22T11:00:00-07:00",
    ).save(qb=qb)
    kept = again(made, qb)
    assert (kept.EmployeeRef.value, kept.CostRate, kept.Description) == (worker.Id, 50, "d")
    known = qbo.TimeActivity.all(max_results=1, qb=qb)[0]
    known.Description, known.CostRate = "updated", 75.0
    known.save(qb=qb)
    assert (again(known, qb).Description, again(known, qb).CostRate) == ("updated", 75)


def test_refund_by_cheque_to_nobody(sandbox):
    qb = connect(sandbox)
    cheque = new(
        RefundReceiptCheckPayment, CheckNum="1001", NameOnAcct="John Smith", AcctNum="0000000000", BankName="Bank"
    )
    line = new(DetailLine, DetailType="SalesItemLineDetail", Amount=200)
    line.SalesItemLineDetail = new(SalesItemLineDetail, ItemRef=service(qb))
    bank = first(qbo.Account, qb, "Name = 'checking'").to_ref()
    made = new(
        qbo.RefundReceipt,
        DocNumber="DocNum123",
        TotalAmt=100,
        Balance=100,
        PaymentType="Check",
        CheckPayment=cheque,
        DepositToAccountRef=bank,
        Line=[line],
    ).save(qb=qb)
    kept = again(made, qb)
    assert (kept.DocNumber, kept.Line[0].Amount, kept.DepositToAccountRef.value) == ("DocNum123", 200, bank.value)


def test_a_card_payment_and_the_way_back(sandbox):
    qb = connect(sandbox)
    card = (
        new(qbo.Account, Name=name("Card"), AccountType="Credit Card", AccountSubType="CreditCard").save(qb=qb).to_ref()
    )
    where = "Classification = 'Asset' AND FullyQualifiedName != 'Accounts Receivable (A/R)'"
    bank = qbo.Account.where(where, max_results=1, qb=qb)[0].to_ref()
    made = new(CreditCardPayment, Amount=100, BankAccountRef=bank, CreditCardAccountRef=card).save(qb=qb)
    assert (again(made, qb).BankAccountRef.value, again(made, qb).Amount) == (bank.value, 100)
    back = new(qbo.Transfer, Amount=100, FromAccountRef=card, ToAccountRef=bank).save(qb=qb)
    assert again(back, qb).Amount == 100


def test_deposit_from_bank_to_bank(sandbox):
    qb = connect(sandbox)
    one, two = qbo.Account.filter(AccountType="Bank", max_results=2, qb=qb)
    line = new(DepositLine, Amount=20, DepositLineDetail=new(DepositLineDetail, AccountRef=one.to_ref()))
    assert new(qbo.Deposit, DepositToAccountRef=two.to_ref(), Line=[line]).save(qb=qb).TotalAmt == 20


def test_paying_a_bill_again(sandbox):
    """Nothing is left to pay: the line goes, the payment is void."""
    qb = connect(sandbox)
    owed = bill(qb, 200)
    check = new(CheckPayment, BankAccountRef=account(qb, "Bank"))
    values = {"VendorRef": owed.VendorRef, "PayType": "Check", "CheckPayment": check, "TotalAmt": 200}
    line = new(BillPaymentLine, Amount=200, LinkedTxn=[owed.to_linked_txn()])
    assert new(qbo.BillPayment, **values, Line=[line]).save(qb=qb).TotalAmt == 200
    assert again(owed, qb).Balance == 0


def test_people_in_full(sandbox):
    qb = connect(sandbox)
    title = name("221045")
    parts = {
        "Title": "Ms.",
        "GivenName": "First",
        "FamilyName": "Last",
        "Suffix": "Sr.",
        "CompanyName": title,
        "DisplayName": title,
    }
    place = new(
        Address,
        Line1="123 Main",
        Line2="Apartment 1",
        City="City",
        Country="U.S.A",
        CountrySubDivisionCode="CA",
        PostalCode="94030",
    )
    made = new(qbo.Vendor, **parts, TaxIdentifier="99-9999999", PrintOnCheckName=title, BillAddr=place).save(qb=qb)
    kept = again(made, qb)
    assert {key: getattr(kept, key) for key in parts} == parts and kept.BillAddr.Country == "U.S.A"
    for kind in (qbo.Customer, qbo.Employee):
        one = kind.all(max_results=1, qb=qb)[0]
        one.GivenName = name("Changed")
        one.save(qb=qb)
        assert again(one, qb).GivenName == one.GivenName
    term = qbo.Term.all(max_results=1, qb=qb)[0]
    term.DueDays = 60
    assert term.save(qb=qb).DueDays == 60


def test_stock_item_of_long_ago(sandbox):
    qb = connect(sandbox)
    income = first(qbo.Account, qb, "AccountType = 'Income' and AccountSubType = 'SalesOfProductIncome'").to_ref()
    cost = first(qbo.Account, qb, "AccountSubType = 'SuppliesMaterialsCogs'").to_ref()
    asset = first(qbo.Account, qb, "AccountSubType = 'Inventory'").to_ref()
    values = {
        "IncomeAccountRef": income,
        "ExpenseAccountRef": cost,
        "AssetAccountRef": asset,
        "InvStartDate": "2015-01-01",
    }
    made = new(qbo.Item, Name=name("Stock"), Type="Inventory", TrackQtyOnHand=True, QtyOnHand=10, **values).save(qb=qb)
    assert (again(made, qb).QtyOnHand, again(made, qb).IncomeAccountRef.value) == (10, income.value)


def test_sales_receipt_is_not_void_at_first(sandbox):
    qb = connect(sandbox)
    made = new(qbo.SalesReceipt, TotalAmt=100, CustomerRef=customer(qb).to_ref(), Line=[sale(qb, 100)]).save(qb=qb)
    assert "Voided" not in again(made, qb).PrivateNote
    made.void(qb=qb)
    assert again(made, qb).TotalAmt == 0 and "Voided" in again(made, qb).PrivateNote
