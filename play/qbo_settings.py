"""What an accountant does in QuickBooks' settings, and with receipts. As :mod:`~.qbo_acts`."""

import datetime

from .books import FIRST_DAY
from .habits import CLOSES
from .qbo_acts import amount, by_verb, code, item_line, live, open_rows, pick

LAST_CLOSING = 15
"""The books are closed up to so many days after the first at most: something must be left to play with."""


def _preferences(books, group, **values):
    books.person("edit", "Preferences", id="1", data={group: values})


def apply_by_itself(books, chance, found):
    """Turn "automatically apply credits" on or off: QuickBooks then applies open credits to each new invoice."""
    now = bool(found["Preferences"]["1"]["SalesFormsPrefs"].get("AutoApplyCredit"))
    _preferences(books, "SalesFormsPrefs", AutoApplyCredit=not now)
    return "off" if now else "on"


def close_books(books, chance, found):
    """Move the closing date forward: an app cannot change what is dated up to it."""
    until = str(FIRST_DAY + datetime.timedelta(chance.randrange(LAST_CLOSING)))
    if CLOSES not in books.habits or until <= found["Preferences"]["1"]["AccountingInfoPrefs"].get("BookCloseDate", ""):
        return None
    _preferences(books, "AccountingInfoPrefs", BookCloseDate=until)
    return f"until {until}"


def write_off_by_discount(books, chance, found):
    """Give up a part of an invoice by a discount on it."""
    row = pick(chance, open_rows(found, "Invoice"))
    if not row or any(line["DetailType"] == "DiscountLineDetail" for line in row["Line"]):
        return None
    books.person("write_off", "Invoice", id=row["Id"], how="discount", amount=float(min(
        amount(row["Balance"]), amount(chance.choice((0.5, 1, 3.33))))))
    return f"Invoice {row['Id']}"


def bounce_with_fee(books, chance, found):
    """A payment came back, and the bank took a fee."""
    row = pick(chance, (each for each in live(found, "Payment") if each.get("Line")))
    if not row:
        return None
    books.person("bounce", "Payment", id=row["Id"], fee=12.5)
    return f"Payment {row['Id']}"


def edit_receipt(books, chance, found):
    """Another quantity and price on one line of what was paid at once."""
    entity = chance.choice(("SalesReceipt", "RefundReceipt"))
    row = pick(chance, live(found, entity))
    if not row:
        return None
    lines = [line for line in row["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    sold = [line for line in lines if line["DetailType"] == "SalesItemLineDetail"]
    line, fresh = pick(chance, sold), item_line(books, chance, found, code(books, chance))
    line["Amount"] = fresh["Amount"]
    line["SalesItemLineDetail"].update(
        {name: fresh["SalesItemLineDetail"][name] for name in ("Qty", "UnitPrice")})
    made = books.person("edit", entity, id=row["Id"], data={"Line": lines})
    return f"{entity} {row['Id']} is {made['TotalAmt']} now"


void_receipt = by_verb("void", "SalesReceipt")
delete_receipt = by_verb("delete", "SalesReceipt", "RefundReceipt")


ACTS = {
    apply_by_itself: 1, close_books: 1, write_off_by_discount: 1, bounce_with_fee: 1, edit_receipt: 1, void_receipt: 1,
    delete_receipt: 1,
}
"""How often each act is played."""
