"""Objects of python-quickbooks, as an application makes them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import quickbooks
from intuitlib.client import AuthClient
from quickbooks import objects as qbo
from quickbooks.objects.base import Ref
from quickbooks.objects.billpayment import BillPaymentCreditCard, BillPaymentLine, CheckPayment
from quickbooks.objects.budget import Budget
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.creditcardpayment_entity import CreditCardPayment
from quickbooks.objects.customertype import CustomerType
from quickbooks.objects.deposit import DepositLine, DepositLineDetail
from quickbooks.objects.detailline import (
    AccountBasedExpenseLine,
    AccountBasedExpenseLineDetail,
    ItemBasedExpenseLine,
    ItemBasedExpenseLineDetail,
    SalesItemLine,
    SalesItemLineDetail,
)
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.journalentry import Entity, JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.recurringtransaction import RecurringTransaction
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

__all__ = [
    "Budget",
    "CompanyCurrency",
    "CustomerType",
    "ExchangeRate",
    "RecurringTransaction",
    "TaxRateDetails",
    "TaxService",
]
NUMBERS = itertools.count(1)


def connect(simulator: Any, **options: Any) -> quickbooks.QuickBooks:
    """A client with live tokens."""
    tokens = simulator.grant()
    auth = AuthClient(
        simulator.client_id,
        simulator.secret,
        simulator.redirect,
        simulator.discovery,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        realm_id=simulator.realm,
    )
    made = quickbooks.QuickBooks(
        auth_client=auth, refresh_token=tokens["refresh_token"], company_id=simulator.realm, minorversion=75, **options
    )
    made.api_url_v3 = f"{simulator.url}/v3"
    return made


def new(kind: type, **values: Any) -> Any:
    """An object of the library with some of its fields set."""
    made = kind()
    for name, value in values.items():
        assert hasattr(made, name) or name in kind.class_dict, f"{kind.__name__} has no {name}"
        setattr(made, name, value)
    return made


def name(word: str = "Fidelity") -> str:
    return f"{word} {next(NUMBERS)}"


def ref(value: Any, title: str = "", kind: str = "") -> Ref:
    made = Ref()
    made.value, made.name, made.type = str(value), title, kind
    return made


def first(kind: type, qb: Any, where: str = "") -> Any:
    found = kind.where(where, max_results=1, qb=qb)
    assert found, f"no {kind.__name__} where {where}"
    return found[0]


def account(qb: Any, kind: str) -> Ref:
    return first(qbo.Account, qb, f"AccountType = '{kind}'").to_ref()


def service(qb: Any) -> Ref:
    return first(qbo.Item, qb, "Type = 'Service'").to_ref()


def customer(qb: Any) -> Any:
    return new(qbo.Customer, DisplayName=name("Customer")).save(qb=qb)


def vendor(qb: Any) -> Any:
    return new(qbo.Vendor, DisplayName=name("Vendor")).save(qb=qb)


def sale(qb: Any, amount: float = 100, **detail: Any) -> SalesItemLine:
    inner = new(SalesItemLineDetail, ItemRef=service(qb), Qty=2, UnitPrice=amount / 2, **detail)
    return new(SalesItemLine, Amount=amount, Description="work", SalesItemLineDetail=inner)


def expense(qb: Any, amount: float = 40) -> AccountBasedExpenseLine:
    inner = new(AccountBasedExpenseLineDetail, AccountRef=account(qb, "Expense"))
    return new(AccountBasedExpenseLine, Amount=amount, Description="rent", AccountBasedExpenseLineDetail=inner)


def goods(qb: Any, amount: float = 30) -> ItemBasedExpenseLine:
    item = first(qbo.Item, qb, "Type = 'Inventory'").to_ref()
    inner = new(ItemBasedExpenseLineDetail, ItemRef=item, Qty=3, UnitPrice=amount / 3)
    return new(ItemBasedExpenseLine, Amount=amount, ItemBasedExpenseLineDetail=inner)


def invoice(qb: Any, amount: float = 100, **values: Any) -> Any:
    values.setdefault("CustomerRef", values.pop("customer", None) or customer(qb).to_ref())
    return new(qbo.Invoice, Line=[sale(qb, amount)], **values).save(qb=qb)


def bill(qb: Any, amount: float = 40, **values: Any) -> Any:
    values.setdefault("VendorRef", values.pop("vendor", None) or vendor(qb).to_ref())
    return new(qbo.Bill, Line=[expense(qb, amount)], **values).save(qb=qb)


def applied(kind: type, amount: float, *documents: Any) -> Any:
    return new(kind, Amount=amount, LinkedTxn=[one.to_linked_txn() for one in documents])


def journal_line(posting: str, where: Ref, amount: float, party: Entity | None = None) -> JournalEntryLine:
    inner = new(JournalEntryLineDetail, PostingType=posting, AccountRef=where, Entity=party)
    return new(JournalEntryLine, Amount=amount, Description="entry", JournalEntryLineDetail=inner)


# How an application makes an object of each class; one that is not saved yet.
def make_item(qb: Any) -> Any:
    return new(qbo.Item, Name=name("Item"), Type="Service", UnitPrice=12.5, IncomeAccountRef=account(qb, "Income"))


def make_payment(qb: Any) -> Any:
    return new(qbo.Payment, CustomerRef=customer(qb).to_ref(), TotalAmt=25, PaymentRefNum="77")


def make_bill_payment(qb: Any) -> Any:
    owed = bill(qb)
    check = new(CheckPayment, BankAccountRef=account(qb, "Bank"))
    line = applied(BillPaymentLine, 40, owed)
    return new(qbo.BillPayment, VendorRef=owed.VendorRef, PayType="Check", CheckPayment=check, TotalAmt=40, Line=[line])


def make_deposit(qb: Any) -> Any:
    inner = new(DepositLineDetail, AccountRef=account(qb, "Income"))
    line = new(DepositLine, Amount=20, Description="cash", DepositLineDetail=inner)
    return new(qbo.Deposit, DepositToAccountRef=account(qb, "Bank"), Line=[line])


def make_journal(qb: Any) -> Any:
    lines = [journal_line("Debit", account(qb, "Expense"), 15), journal_line("Credit", account(qb, "Bank"), 15)]
    return new(qbo.JournalEntry, Line=lines)


def make_time(qb: Any) -> Any:
    worker = new(qbo.Employee, GivenName=name("Ann"), FamilyName="Lee").save(qb=qb)
    return new(
        qbo.TimeActivity,
        NameOf="Employee",
        EmployeeRef=worker.to_ref(),
        CustomerRef=customer(qb).to_ref(),
        ItemRef=service(qb),
        Hours=2,
        Minutes=30,
        TxnDate="2026-10-01",
        Description="digging",
    )


def sales(kind: type, **values: Any) -> Callable[[Any], Any]:
    return lambda qb: new(kind, CustomerRef=customer(qb).to_ref(), Line=[sale(qb)], **values)


def purchase(qb: Any) -> Any:
    return new(qbo.Purchase, PaymentType="Cash", AccountRef=account(qb, "Bank"), Line=[expense(qb)])


def order(qb: Any) -> Any:
    return new(
        qbo.PurchaseOrder, VendorRef=vendor(qb).to_ref(), APAccountRef=account(qb, "Accounts Payable"), Line=[goods(qb)]
    )


def refund(qb: Any) -> Any:
    return new(
        qbo.RefundReceipt, CustomerRef=customer(qb).to_ref(), Line=[sale(qb)], DepositToAccountRef=account(qb, "Bank")
    )


def transfer(qb: Any) -> Any:
    banks = qbo.Account.where("AccountType = 'Bank'", max_results=2, qb=qb)
    return new(qbo.Transfer, FromAccountRef=banks[0].to_ref(), ToAccountRef=banks[1].to_ref(), Amount=60)


def card_payment(qb: Any) -> Any:
    return new(
        CreditCardPayment,
        BankAccountRef=account(qb, "Bank"),
        CreditCardAccountRef=account(qb, "Credit Card"),
        Amount=35,
    )


@dataclass
class Life:
    """What one class can do: how it is made, what then holds, one change, how it ends."""

    kind: type
    make: Callable[[Any], Any]
    holds: dict[str, Any]
    change: tuple[str, Any]
    ends: str = "delete"
    wanted: str = ""  # a filter that finds it, with its own attributes in braces
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.kind.__name__


def names(kind: type, key: str, holds: dict[str, Any], change: tuple[str, Any], **values: Any) -> Life:
    made = lambda qb: new(kind, **{key: name(kind.__name__)}, **values)  # noqa: E731
    return Life(kind, made, holds, change, "deactivate", f"{key} = '{{{key}}}'")


NUMBERED = "DocNumber = '{DocNumber}'"
LIVES = [
    names(qbo.Customer, "DisplayName", {"Balance": 0, "Active": True, "Job": False}, ("Notes", "changed")),
    names(qbo.Vendor, "DisplayName", {"Balance": 0, "Vendor1099": False}, ("AcctNum", "V-1")),
    Life(
        qbo.Employee,
        lambda qb: new(qbo.Employee, GivenName=name("Ann"), FamilyName="Lee"),
        {"FamilyName": "Lee"},
        ("EmployeeNumber", "7"),
        "deactivate",
        "DisplayName = '{DisplayName}'",
    ),
    names(
        qbo.Account,
        "Name",
        {"Classification": "Asset", "CurrentBalance": 0},
        ("Description", "changed"),
        AccountType="Bank",
    ),
    Life(
        qbo.Item,
        make_item,
        {"Type": "Service", "UnitPrice": 12.5, "TrackQtyOnHand": False},
        ("Description", "changed"),
        "deactivate",
        "Name = '{Name}'",
    ),
    names(qbo.Class, "Name", {"SubClass": False, "Active": True}, ("Active", True)),
    names(qbo.Department, "Name", {"SubDepartment": False, "Active": True}, ("Active", True)),
    names(qbo.Term, "Name", {"DueDays": 9, "Type": "STANDARD"}, ("DueDays", 10), DueDays=9),
    names(qbo.PaymentMethod, "Name", {"Type": "NON_CREDIT_CARD"}, ("Type", "CREDIT_CARD"), Type="NON_CREDIT_CARD"),
    Life(
        qbo.Invoice, sales(qbo.Invoice), {"TotalAmt": 100, "Balance": 100}, ("PrivateNote", "changed"), wanted=NUMBERED
    ),
    Life(
        qbo.CreditMemo,
        sales(qbo.CreditMemo),
        {"TotalAmt": 100, "RemainingCredit": 100},
        ("PrivateNote", "changed"),
        wanted=NUMBERED,
    ),
    Life(
        qbo.SalesReceipt,
        sales(qbo.SalesReceipt),
        {"TotalAmt": 100, "Balance": 0},
        ("PrivateNote", "changed"),
        wanted=NUMBERED,
    ),
    Life(
        qbo.Estimate,
        sales(qbo.Estimate),
        {"TotalAmt": 100, "TxnStatus": "Pending"},
        ("TxnStatus", "Accepted"),
        wanted=NUMBERED,
    ),
    Life(qbo.RefundReceipt, refund, {"TotalAmt": 100, "Balance": 0}, ("PrivateNote", "changed"), wanted=NUMBERED),
    Life(
        qbo.Payment,
        make_payment,
        {"TotalAmt": 25, "UnappliedAmt": 25},
        ("PaymentRefNum", "78"),
        wanted="CustomerRef = '{CustomerRef.value}'",
    ),
    Life(
        qbo.Bill,
        lambda qb: new(qbo.Bill, VendorRef=vendor(qb).to_ref(), Line=[expense(qb), goods(qb)]),
        {"TotalAmt": 70, "Balance": 70},
        ("PrivateNote", "changed"),
        wanted="VendorRef = '{VendorRef.value}'",
    ),
    Life(
        qbo.VendorCredit,
        lambda qb: new(qbo.VendorCredit, VendorRef=vendor(qb).to_ref(), Line=[expense(qb)]),
        {"TotalAmt": 40},
        ("PrivateNote", "changed"),
        wanted="TotalAmt = '40'",
    ),
    Life(
        qbo.BillPayment,
        make_bill_payment,
        {"TotalAmt": 40, "PayType": "Check"},
        ("PrivateNote", "changed"),
        wanted="VendorRef = '{VendorRef.value}'",
    ),
    Life(
        qbo.Purchase,
        purchase,
        {"TotalAmt": 40, "PaymentType": "Cash"},
        ("PrivateNote", "changed"),
        wanted="PaymentType = 'Cash'",
    ),
    Life(qbo.PurchaseOrder, order, {"TotalAmt": 30, "POStatus": "Open"}, ("PrivateNote", "changed"), wanted=NUMBERED),
    Life(
        qbo.JournalEntry,
        make_journal,
        {"TotalAmt": 0, "Adjustment": False},
        ("PrivateNote", "changed"),
        wanted="TxnDate = '{TxnDate}'",
    ),
    Life(qbo.Deposit, make_deposit, {"TotalAmt": 20}, ("PrivateNote", "changed"), wanted="TotalAmt = '20'"),
    Life(qbo.Transfer, transfer, {"Amount": 60}, ("PrivateNote", "changed"), wanted="TxnDate = '{TxnDate}'"),
    Life(
        qbo.TimeActivity,
        make_time,
        {"Hours": 2, "Minutes": 30, "NameOf": "Employee"},
        ("Description", "changed"),
        wanted="TxnDate = '2026-10-01'",
    ),
    Life(CreditCardPayment, card_payment, {"Amount": 35}, ("PrivateNote", "changed"), wanted="TxnDate = '{TxnDate}'"),
    Life(
        qbo.Attachable,
        lambda qb: new(qbo.Attachable, Note=name("note")),
        {},
        ("Note", "changed"),
        wanted="Note = '{Note}'",
    ),
]
BY_CARD = BillPaymentCreditCard
PAYMENT_LINE, BILL_LINE = PaymentLine, BillPaymentLine
