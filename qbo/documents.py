"""The neutral form: what a record says, apart from how Odoo or QuickBooks write it down.

Odoo records and QuickBooks payloads are both translated into these frozen dataclasses. References are
QuickBooks ids (decimal strings, empty for "none"); money is :class:`~decimal.Decimal` in the document's own currency;
exchange rates are home units for one foreign unit, as QuickBooks writes them. Text is stripped, "no text" is "".

A field with ``compare=False`` is a figure that the other side computes or assigns (a balance, a line id). It is carried
along and shown, but never makes two documents different.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

ZERO = Decimal(0)


@dataclass(frozen=True)
class Address:
    """A postal address. ``lines`` are street lines (at most five in QuickBooks), ``region`` a state code or name."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True)
class Document:
    """Base of all neutral forms. ``entity`` is the name that QuickBooks' API uses."""

    entity: ClassVar[str] = ""


@dataclass(frozen=True)
class Customer(Document):
    """A customer or, with ``parent_id``, a sub-customer (QuickBooks: Job)."""

    entity: ClassVar[str] = "Customer"
    display_name: str = ""
    company_name: str = ""
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    website: str = ""
    notes: str = ""
    bill_address: Address = Address()
    ship_address: Address = Address()
    parent_id: str = ""
    bill_with_parent: bool = False
    term_id: str = ""
    customer_type_id: str = ""
    taxable: bool | None = None
    exemption_reason: str = ""
    currency: str = ""
    active: bool = True
    balance: Decimal = field(default=ZERO, compare=False)


@dataclass(frozen=True)
class Item(Document):
    """A product or service. ``kind`` is QuickBooks' Type: Service, NonInventory, Inventory, Category or Group.

    ``inventory_from`` is the day from which QuickBooks keeps the stock of an inventory item.
    """

    entity: ClassVar[str] = "Item"
    name: str = ""
    sku: str = ""
    kind: str = "Service"
    description: str = ""
    unit_price: Decimal = ZERO
    purchase_description: str = ""
    purchase_cost: Decimal = ZERO
    income_account_id: str = ""
    expense_account_id: str = ""
    asset_account_id: str = ""
    taxable: bool | None = None
    parent_id: str = ""
    active: bool = True
    full_name: str = field(default="", compare=False)
    inventory_from: date | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Account(Document):
    """An account of the chart; ``kind`` is QuickBooks' AccountType, ``subkind`` its AccountSubType."""

    entity: ClassVar[str] = "Account"
    name: str = ""
    number: str = ""
    kind: str = ""
    subkind: str = ""
    description: str = ""
    currency: str = ""
    parent_id: str = ""
    active: bool = True
    classification: str = field(default="", compare=False)
    full_name: str = field(default="", compare=False)
    balance: Decimal = field(default=ZERO, compare=False)


@dataclass(frozen=True)
class TaxRateDetail:
    """One rate inside a tax code; ``order`` says which rates are added to the base before the next one."""

    rate_id: str = ""
    order: int = 0
    applicable: str = ""


@dataclass(frozen=True)
class TaxCode(Document):
    """A tax code. In US companies lines say TAX or NON and the document names the code."""

    entity: ClassVar[str] = "TaxCode"
    name: str = ""
    description: str = ""
    taxable: bool = True
    tax_group: bool = False
    sales_rates: tuple[TaxRateDetail, ...] = ()
    purchase_rates: tuple[TaxRateDetail, ...] = ()
    active: bool = True
    hidden: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class TaxRate(Document):
    """A tax rate in percent (8 means 8 %)."""

    entity: ClassVar[str] = "TaxRate"
    name: str = ""
    description: str = ""
    rate: Decimal = ZERO
    agency_id: str = ""
    active: bool = True


@dataclass(frozen=True)
class Term(Document):
    """A payment term: ``due_days`` after the date, or ``day_of_month_due``."""

    entity: ClassVar[str] = "Term"
    name: str = ""
    due_days: int | None = None
    day_of_month_due: int | None = None
    due_next_month_days: int | None = None
    discount_percent: Decimal = ZERO
    discount_days: int | None = None
    active: bool = True


@dataclass(frozen=True)
class PaymentMethod(Document):
    """How a customer paid; ``kind`` is CREDIT_CARD or NON_CREDIT_CARD."""

    entity: ClassVar[str] = "PaymentMethod"
    name: str = ""
    kind: str = "NON_CREDIT_CARD"
    active: bool = True


@dataclass(frozen=True)
class Dimension(Document):
    """What reports are split by: a class, a location, a type of customers; ``full_name`` has those above it."""

    name: str = ""
    parent_id: str = ""
    active: bool = True
    full_name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Class(Dimension):
    """A class, on lines or on whole documents."""

    entity: ClassVar[str] = "Class"


@dataclass(frozen=True)
class Department(Dimension):
    """A location (the API's name is Department), on whole documents."""

    entity: ClassVar[str] = "Department"


@dataclass(frozen=True)
class CustomerType(Dimension):
    """A type of customers, which the API only reads."""

    entity: ClassVar[str] = "CustomerType"


@dataclass(frozen=True)
class CompanyCurrency(Document):
    """A currency that the company uses beside its own; ``code`` is the ISO code."""

    entity: ClassVar[str] = "CompanyCurrency"
    code: str = ""
    name: str = ""
    active: bool = True


@dataclass(frozen=True)
class Link:
    """What a line was made from in QuickBooks: an estimate, billable time, a billable expense."""

    txn_id: str = ""
    txn_type: str = ""
    txn_line_id: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a sales document.

    ``kind`` is "item" (an amount), "note" (a section, a comment) or "discount" (QuickBooks' one discount line of a
    document: ``amount`` is positive there and lowers the total). ``amount`` is net of tax; ``tax_inclusive_amount`` is
    what the customer pays for the line, where its price includes tax. It only says the same in another form.
    """

    kind: str = "item"
    amount: Decimal = ZERO
    item_id: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    tax_code_id: str = ""
    tax_inclusive_amount: Decimal | None = field(default=None, compare=False)
    class_id: str = ""
    service_date: date | None = None
    discount_percent: Decimal | None = None
    discount_account_id: str = ""
    line_id: str = field(default="", compare=False)
    links: tuple[Link, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class TaxLine:
    """Tax of one rate on a document."""

    rate_id: str = ""
    amount: Decimal = ZERO
    base: Decimal = ZERO
    percent: Decimal = ZERO


@dataclass(frozen=True)
class SalesDocument(Document):
    """What invoices and credit memos share. ``total`` includes tax; amounts of a credit memo are positive.

    ``class_id`` is that of the whole document, where the company does not give classes to lines. ``mail_to`` is the
    address to which QuickBooks mails a new document, '' where it mails nothing. ``links`` is what the document bills:
    an estimate, time, expenses, delayed charges.
    """

    doc_number: str = ""
    txn_date: date | None = None
    customer_id: str = ""
    currency: str = ""
    exchange_rate: Decimal | None = None
    term_id: str = ""
    class_id: str = ""
    department_id: str = ""
    lines: tuple[Line, ...] = ()
    tax_code_id: str = ""
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    global_tax: str = ""
    apply_tax_after_discount: bool = False
    private_note: str = ""
    customer_memo: str = ""
    bill_email: str = ""
    bill_address: Address = Address()
    ship_address: Address = Address()
    voided: bool = False
    mail_to: str = field(default="", compare=False)
    links: tuple[Link, ...] = field(default=(), compare=False)
    tax_lines: tuple[TaxLine, ...] = field(default=(), compare=False)
    balance: Decimal = field(default=ZERO, compare=False)


@dataclass(frozen=True)
class Invoice(SalesDocument):
    """A customer invoice."""

    entity: ClassVar[str] = "Invoice"
    due_date: date | None = None


@dataclass(frozen=True)
class CreditMemo(SalesDocument):
    """A customer credit note; ``balance`` is the credit that is still open."""

    entity: ClassVar[str] = "CreditMemo"


@dataclass(frozen=True)
class Receipt(SalesDocument):
    """A document whose money moved with it, so that it never touches receivables.

    ``reference`` is the number of a cheque or slip; ``deposit_account_id`` is where the money went, or came from.
    """

    reference: str = ""
    method_id: str = ""
    deposit_account_id: str = ""


@dataclass(frozen=True)
class SalesReceipt(Receipt):
    """A sale that was paid at once."""

    entity: ClassVar[str] = "SalesReceipt"


@dataclass(frozen=True)
class RefundReceipt(Receipt):
    """A credit that was paid back at once; amounts are positive."""

    entity: ClassVar[str] = "RefundReceipt"


@dataclass(frozen=True)
class PaymentLine:
    """The exact part of a payment that settles one transaction, or with a credit pays for others; always positive.

    ``credit`` tells a transaction that pays from one that is settled; of a journal entry QuickBooks does not say it.
    """

    amount: Decimal = ZERO
    txn_id: str = ""
    txn_type: str = "Invoice"
    credit: bool = field(default=False, compare=False)


def payment_lines(lines: Iterable[PaymentLine]) -> tuple[PaymentLine, ...]:
    """Return ``lines`` in their one form: sorted, one line a transaction (amounts added), without lines of nothing."""
    amounts: dict[tuple[str, str], Decimal] = {}
    credits: set[tuple[str, str]] = set()
    for line in lines:
        key = (line.txn_type, line.txn_id)
        credits |= {key} if line.credit else set()
        amounts[key] = amounts.get(key, ZERO) + line.amount
    ordered = sorted(amounts, key=lambda key: (key[0], len(key[1]), key[1]))
    return tuple(
        PaymentLine(amounts[key], txn_id=key[1], txn_type=key[0], credit=key in credits)
        for key in ordered if amounts[key])


@dataclass(frozen=True)
class Payment(Document):
    """Money received, or with ``total`` 0 the application of credit memos to invoices.

    ``deposited``: it is on a bank deposit, so that QuickBooks refuses any change (fault 6540).
    ``total`` = sum of invoice lines - sum of credit lines + ``unapplied``. Lines are sorted by type and id, because
    their order means nothing: make them with :func:`payment_lines`.
    """

    entity: ClassVar[str] = "Payment"
    customer_id: str = ""
    txn_date: date | None = None
    total: Decimal = ZERO
    currency: str = ""
    exchange_rate: Decimal | None = None
    reference: str = ""
    method_id: str = ""
    deposit_account_id: str = ""
    private_note: str = ""
    lines: tuple[PaymentLine, ...] = ()
    voided: bool = False
    unapplied: Decimal = field(default=ZERO, compare=False)
    deposited: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class EntryLine:
    """What one account gets: ``amount`` is above 0 for a debit and below for a credit. An account may be unknown."""

    amount: Decimal = ZERO
    account_id: str = ""
    customer_id: str = ""
    description: str = ""
    customer_name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Entry(Document):
    """A transaction that may move receivables without being a sales document or a payment; its lines come to 0.

    ``total`` is what it adds to the receivables, see :func:`.entries.receivable_part`. ``home_adjustment``: it corrects
    the home value of foreign amounts only. ``link_type`` is the name by which payments call it.
    """

    doc_number: str = ""
    txn_date: date | None = None
    currency: str = ""
    exchange_rate: Decimal | None = None
    private_note: str = ""
    lines: tuple[EntryLine, ...] = ()
    total: Decimal = ZERO
    home_adjustment: bool = False
    voided: bool = False
    link_type: str = field(default="", compare=False)


@dataclass(frozen=True)
class JournalEntry(Entry):
    """A journal entry."""

    entity: ClassVar[str] = "JournalEntry"


@dataclass(frozen=True)
class Deposit(Entry):
    """A bank deposit, which may have lines of its own beside the payments on it."""

    entity: ClassVar[str] = "Deposit"


@dataclass(frozen=True)
class Purchase(Entry):
    """An expense, a cheque or a card charge."""

    entity: ClassVar[str] = "Purchase"


@dataclass(frozen=True)
class CompanyInfo(Document):
    """Who the connected company is."""

    entity: ClassVar[str] = "CompanyInfo"
    name: str = ""
    legal_name: str = ""
    country: str = ""
    email: str = ""
    fiscal_year_start_month: str = ""
    plan: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class Preferences(Document):
    """The settings of the company that change how documents behave."""

    entity: ClassVar[str] = "Preferences"
    home_currency: str = "USD"
    multicurrency: bool = False
    custom_txn_numbers: bool = False
    using_sales_tax: bool = False
    automated_sales_tax: bool = False
    closing_date: date | None = None
    auto_apply_credit: bool = False
    auto_apply_payments: bool = False
    allow_discount: bool = True
    default_terms_id: str = ""
    default_item_id: str = ""
    class_per_txn: bool = False
    class_per_line: bool = False
    department_tracking: bool = False
    account_numbers: bool = False


DOCUMENTS: dict[str, type[Document]] = {
    cls.entity: cls
    for cls in (Customer, Item, Account, TaxCode, TaxRate, Term, PaymentMethod, Invoice, CreditMemo, SalesReceipt,
                RefundReceipt, Payment, JournalEntry, Deposit, Purchase, CompanyInfo, Preferences,
                Class, Department, CustomerType, CompanyCurrency)
}
