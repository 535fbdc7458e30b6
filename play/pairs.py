"""What is compared: a document, payment or entry as both books say it."""

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")
HIDDEN = "StatementCharge"
"""What QuickBooks has in its receivables and gives to no app."""
EFFECT = {"Invoice": 1, "CreditMemo": -1, "Payment": -1, "SalesReceipt": 1, "RefundReceipt": -1, HIDDEN: 1}
"""What a transaction of QuickBooks adds to what the customer owes, before anything is applied."""
OPEN = {"Invoice": "Balance", "CreditMemo": "Balance", "Payment": "UnappliedAmt", HIDDEN: "Balance"}
"""Where it says what is open; receipts are never open."""
DOCUMENTS = {"out_invoice": "Invoice", "out_refund": "CreditMemo", "out_receipt": "SalesReceipt"}
ENTRIES = ("JournalEntry", "Deposit", "Purchase")
"""Transactions that touch what a customer owes without being a document or a payment."""
ENTITY_OF = {"Expense": "Purchase", "Check": "Purchase", "CreditCardCredit": "Purchase"}
"""Entity of what links and reports of QuickBooks call otherwise."""
LAST_DAY = "2099-12-31"
POSTED_PAYMENT = ("in_process", "paid")


def cents(value):
    """Return an amount of either side as exact money."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01")) + ZERO


@dataclass
class Side:
    """What one book says of a document; ``open`` is what it adds to what the customer owes.

    ``customer`` owes it; ``contact`` (Odoo only) is the customer of the contact that is named, which may have moved to
    another company since. ``home`` is that in home currency.
    """

    total: Decimal = ZERO
    open: Decimal = ZERO
    customer: str = ""
    contact: str = ""
    currency: str = ""
    home: Decimal = ZERO
    tax: Decimal = ZERO
    date: str = ""
    number: str = ""
    state: str = ""


@dataclass(eq=False)
class Pair:
    """A document of both books; a side that does not have it is empty.

    ``records`` and ``ends`` are the records and the transactions of QuickBooks that it is; ``near`` what is applied to
    it. ``rounded`` is how many amounts both sides have converted to home currency for it, each on its own;
    ``said`` is what notes of links say is different.
    """

    name: str
    here: Side = field(default_factory=Side)
    there: Side = field(default_factory=Side)
    records: set = field(default_factory=set)
    qbo: tuple = ()
    ends: set = field(default_factory=set)
    near: set = field(default_factory=set)
    rounded: int = 0
    said: set = field(default_factory=set)
    reason: str = ""

    @property
    def differs(self):
        """Return the names of what is different; of a document that one side does not have, what it says there."""
        names = {name for name in ("total", "open") if getattr(self.here, name) != getattr(self.there, name)}
        if (self.here.total or self.here.open) and (self.there.total or self.there.open):
            names |= {"date"} if self.here.date != self.there.date else set()
            # What a contact that moved to another company owes stays with the first in Odoo, and moves in QuickBooks.
            names |= {"customer"} if self.there.customer not in (self.here.customer, self.here.contact) else set()
            names |= {"tax"} if "total" not in names and self.here.tax != self.there.tax else set()
            names |= {"number"} if not self._same_number() else set()
        return names

    def _same_number(self):
        """Numbers of QuickBooks are kept; one that Odoo has already gets QuickBooks' id behind it."""
        mine, theirs = self.here.number, self.there.number
        return not mine or not theirs or mine in (theirs, f"{theirs}/{self.qbo[1]}")

    def say(self):
        shown = ["total", "open", "customer", *sorted(self.differs & {"tax", "date", "number"})]
        figures = "; ".join(
            f"{name} {getattr(self.here, name)} here, {getattr(self.there, name)} there" for name in shown)
        return f"{self.name}: {figures}; {self.here.state or 'nothing'} in Odoo: {self.reason or 'UNEXPLAINED'}"
