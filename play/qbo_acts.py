"""What an accountant does in QuickBooks' own pages. Each act takes the books, a source of chance, and all objects.

It returns what it did in words, or nothing when there is nothing to do it with. What QuickBooks refuses is
:class:`~.books.Refused`.
"""

from decimal import Decimal

from .odoo_acts import DISCOUNTS, PRICES, QUANTITIES, day

CENT = Decimal("0.01")


def amount(value):
    """Return an amount as exact money."""
    return Decimal(str(value or 0)).quantize(CENT)


def pick(chance, rows):
    """Return one object, or None."""
    rows = list(rows)
    return rows[chance.randrange(len(rows))] if rows else None


def live(found, entity):
    return [row for row in found.get(entity, {}).values() if amount(row.get("TotalAmt"))]


def active(found, entity):
    return [row for row in found.get(entity, {}).values() if row.get("Active") is not False]


def open_rows(found, entity):
    return [row for row in live(found, entity) if amount(row.get("Balance"))]


def item_line(books, chance, found, code=None):
    item = pick(chance, (row for row in active(found, "Item") if row["Type"] in ("Service", "NonInventory")))
    quantity, price = Decimal(str(chance.choice(QUANTITIES))), amount(chance.choice(PRICES))
    taxed = {"value": code.qbo_id} if books.code_on_each_line else {"value": "TAX" if code else "NON"}
    return {"Amount": float((quantity * price).quantize(CENT, "ROUND_HALF_UP")), "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": float(quantity),
                                    "UnitPrice": float(price), "TaxCodeRef": taxed}}


def code(books, chance):
    return books.codes[chance.randrange(len(books.codes))]


def money_of(books, chance, customer, when):
    """Return currency and rate of a document: the customer's currency, at the rate of the day."""
    currency = customer["CurrencyRef"]["value"]
    if currency == books.company.currency_id.name:
        return {}
    return {"CurrencyRef": {"value": currency}, "ExchangeRate": 1.25 if when.day % 2 else 1.3}


def sale(books, chance, found, entity, **values):
    customer, when = pick(chance, active(found, "Customer")), day(chance)
    if not customer:
        return None
    own = code(books, chance)
    lines = []
    for _number in range(chance.randint(1, 3)):
        if books.code_on_each_line:
            own = code(books, chance)
        taxed = books.code_on_each_line or chance.random() < 0.5
        lines.append(item_line(books, chance, found, own if taxed else None))
    percent = chance.choice(DISCOUNTS)
    if percent:
        lines.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": {
            "PercentBased": True, "DiscountPercent": percent}})
    tax = {} if books.code_on_each_line else {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": own.qbo_id}}}
    made = books.person("create", entity, data={
        "CustomerRef": {"value": customer["Id"]}, "TxnDate": str(when), "Line": lines, **tax,
        **money_of(books, chance, customer, when), **values})
    return f"{entity} {made['Id']} over {made['TotalAmt']} for {customer['DisplayName']}"


def write_invoice(books, chance, found):
    return sale(books, chance, found, "Invoice")


def write_credit(books, chance, found):
    return sale(books, chance, found, "CreditMemo")


def edit(books, chance, found):
    """Another quantity and price on one line, or one line more."""
    entity = chance.choice(("Invoice", "Invoice", "CreditMemo"))
    row = pick(chance, live(found, entity))
    if not row:
        return None
    lines = [line for line in row["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    sold = [line for line in lines if line["DetailType"] == "SalesItemLineDetail"]
    fresh = item_line(books, chance, found, code(books, chance))
    if sold and chance.random() < 0.7:
        line = sold[chance.randrange(len(sold))]
        line["Amount"] = fresh["Amount"]
        for name in ("Qty", "UnitPrice"):
            line["SalesItemLineDetail"][name] = fresh["SalesItemLineDetail"][name]
    else:
        lines.append(fresh)
    made = books.person("edit", entity, id=row["Id"], data={"Line": lines})
    return f"{entity} {row['Id']} is {made['TotalAmt']} now"


def edit_header(books, chance, found):
    row = pick(chance, live(found, "Invoice"))
    if not row:
        return None
    books.person("edit", "Invoice", id=row["Id"], data={"PrivateNote": f"Note {chance.randrange(1000)}"})
    return f"note of Invoice {row['Id']}"


def by_verb(verb, *entities):
    """Return the act of doing this to an object of one of these kinds."""
    def act(books, chance, found):
        entity = chance.choice(entities)
        row = pick(chance, live(found, entity))
        if not row:
            return None
        books.person(verb, entity, id=row["Id"])
        return f"{entity} {row['Id']}"
    act.__name__ = f"{verb}_" + "_".join(entities).lower()
    return act


void = by_verb("void", "Invoice", "Payment")
delete = by_verb("delete", "Invoice", "CreditMemo")
delete_payment = by_verb("delete", "Payment")
unapply = by_verb("unapply", "Payment")


def late_fee(books, chance, found):
    row = pick(chance, open_rows(found, "Invoice"))
    if not row:
        return None
    books.person("late_fee", "Invoice", id=row["Id"], amount=chance.choice((5, 15, 7.77)))
    return f"Invoice {row['Id']}"


def receive(books, chance, found):
    """Receive in full, in part, or more than is open."""
    row = pick(chance, open_rows(found, "Invoice"))
    if not row:
        return None
    share, when = Decimal(chance.choice(("1", "1", "0.5", "0.333", "1.4"))), day(chance)
    total = max((amount(row["Balance"]) * share).quantize(CENT), CENT)
    return _receive(books, chance, found, row["CustomerRef"]["value"], total, [row], when)


def receive_for_several(books, chance, found):
    row = pick(chance, open_rows(found, "Invoice"))
    if not row:
        return None
    rows = [each for each in open_rows(found, "Invoice") if each["CustomerRef"] == row["CustomerRef"]]
    total = sum((amount(each["Balance"]) for each in rows), Decimal(0))
    return _receive(books, chance, found, row["CustomerRef"]["value"], total, rows, day(chance))


def receive_on_account(books, chance, found):
    customer = pick(chance, active(found, "Customer"))
    if not customer:
        return None
    return _receive(books, chance, found, customer["Id"], amount(chance.choice(PRICES)), [], day(chance))


def _receive(books, chance, found, customer_id, total, rows, when):
    left, lines = total, []
    for row in rows:
        part = min(left, amount(row["Balance"]))
        left -= part
        if part:
            lines.append({"Amount": float(part), "LinkedTxn": [{"TxnId": row["Id"], "TxnType": "Invoice"}]})
    data = {"CustomerRef": {"value": customer_id}, "TotalAmt": float(total), "TxnDate": str(when), "Line": lines,
            **money_of(books, chance, found["Customer"][customer_id], when)}
    made = books.person("create", "Payment", data=data)
    return f"Payment {made['Id']}: {total} for {', '.join(row['Id'] for row in rows) or 'nothing yet'}"


def edit_payment(books, chance, found):
    """Another amount; what it settles sinks with it."""
    row = pick(chance, live(found, "Payment"))
    if not row:
        return None
    total = amount(chance.choice(PRICES))
    left, lines = total, []
    for line in row.get("Line", []):
        if line["LinkedTxn"][0]["TxnType"] != "Invoice":
            return None
        part = min(left, amount(line["Amount"]))
        left -= part
        if part:
            lines.append({"Amount": float(part), "LinkedTxn": line["LinkedTxn"]})
    books.person("edit", "Payment", id=row["Id"], data={"TotalAmt": float(total), "Line": lines})
    return f"Payment {row['Id']} is {total} now"


def apply_credit(books, chance, found):
    memo = pick(chance, open_rows(found, "CreditMemo"))
    row = memo and pick(chance, (each for each in open_rows(found, "Invoice")
                                 if each["CustomerRef"]["value"] == memo["CustomerRef"]["value"]))
    if not row:
        return None
    part = amount(row["Balance"]) if chance.random() < 0.6 else max(
        (amount(row["Balance"]) / 2).quantize(CENT), CENT)
    books.person("apply_credit", "Invoice", id=row["Id"], credit_memo=memo["Id"], amount=float(part))
    return f"CreditMemo {memo['Id']} on Invoice {row['Id']}"


def deposit(books, chance, found):
    """Take the money to the bank: the payment cannot lose its amount any more."""
    row = pick(chance, (each for each in live(found, "Payment") if each["DepositToAccountRef"]["value"] == _undeposited(
        found) and not any(link["TxnType"] == "Deposit" for link in each.get("LinkedTxn", []))))
    if not row:
        return None
    books.person("deposit", "Payment", ids=[row["Id"]])
    return f"Payment {row['Id']}"


def _undeposited(found):
    return next(row["Id"] for row in found["Account"].values() if row["Name"] == "Undeposited Funds")


def write_off(books, chance, found):
    row = pick(chance, open_rows(found, "Invoice"))
    if not row:
        return None
    books.person("write_off", "Invoice", id=row["Id"], amount=float(amount(row["Balance"])))
    return f"Invoice {row['Id']}"


def write_off_by_journal(books, chance, found):
    row = pick(chance, open_rows(found, "Invoice"))
    if not row:
        return None
    books.person("write_off", "Invoice", id=row["Id"], how="journal")
    return f"Invoice {row['Id']}"


def bounce(books, chance, found):
    row = pick(chance, (each for each in live(found, "Payment") if each.get("Line")))
    if not row:
        return None
    books.person("bounce", "Payment", id=row["Id"])
    return f"Payment {row['Id']}"


def bank_deposit(books, chance, found):
    customer = pick(chance, (each for each in active(found, "Customer")
                             if each["CurrencyRef"]["value"] == books.company.currency_id.name))
    if not customer:
        return None
    books.person("bank_deposit", "Deposit", customer=customer["Id"], amount=chance.choice(PRICES))
    return customer["DisplayName"]


def new_customer(books, chance, found):
    currency = {"CurrencyRef": {"value": "EUR"}} if books.foreign and chance.random() < 0.5 else {}
    made = books.person("create", "Customer", data={
        **books.customer_data(f"Pine {chance.randrange(10**6)}"), **currency})
    return made["DisplayName"]


def rename_customer(books, chance, found):
    row = pick(chance, active(found, "Customer"))
    if not row:
        return None
    books.person("edit", "Customer", id=row["Id"], data={
        "DisplayName": f"{row['DisplayName'].split(' nr ')[0]} nr {chance.randrange(1000)}"})
    return row["DisplayName"]


def merge_customers(books, chance, found):
    rows = active(found, "Customer")
    if len(rows) < 4:
        return None
    loser = pick(chance, rows)
    # QuickBooks keeps each currency in accounts of its own.
    winner = pick(chance, (row for row in rows if row is not loser and row["CurrencyRef"] == loser["CurrencyRef"]))
    if not winner:
        return None
    books.person("merge", "Customer", id=loser["Id"], into=winner["Id"])
    return f"{loser['DisplayName']} into {winner['DisplayName']}"


def deactivate_customer(books, chance, found):
    rows = active(found, "Customer")
    if len(rows) < 4:
        return None
    row = pick(chance, rows)
    books.person("deactivate", "Customer", id=row["Id"])
    return row["DisplayName"]


ACTS = {
    write_invoice: 10, write_credit: 4, edit: 5, edit_header: 2, void: 2, delete: 2, delete_payment: 1, unapply: 2,
    late_fee: 3, receive: 8, receive_for_several: 2, receive_on_account: 2, edit_payment: 2, apply_credit: 4,
    deposit: 2, write_off: 2, write_off_by_journal: 1, bounce: 1, bank_deposit: 1, new_customer: 1, rename_customer: 2,
    merge_customers: 1, deactivate_customer: 1,
}
"""How often each act is played."""
