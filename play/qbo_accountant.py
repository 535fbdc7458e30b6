"""More of what people do in QuickBooks' pages: money that finds its invoice later, the bank, the tax return.

As :mod:`~.qbo_acts`: each act returns what it did in words, or nothing when there is nothing to do it with.
"""

from .odoo_acts import PRICES, day
from .qbo_acts import active, amount, live, open_rows, pick, sale


def apply_money(books, chance, found):
    """Set what a payment has left against an open invoice of the same customer."""
    row = pick(chance, (each for each in live(found, "Payment") if amount(each.get("UnappliedAmt"))))
    invoice = row and pick(chance, (each for each in open_rows(found, "Invoice")
                                    if each["CustomerRef"]["value"] == row["CustomerRef"]["value"]))
    if not invoice:
        return None
    part = min(amount(row["UnappliedAmt"]), amount(invoice["Balance"]))
    lines, own = [], {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    for line in row.get("Line", []):
        link = line["LinkedTxn"][0]
        if (link["TxnType"], link["TxnId"]) == ("Invoice", invoice["Id"]):
            part += amount(line["Amount"])
        else:
            lines.append({"Amount": line["Amount"], "LinkedTxn": line["LinkedTxn"]})
    books.person("edit", "Payment", id=row["Id"], data={"Line": [*lines, {"Amount": float(part), "LinkedTxn": [own]}]})
    return f"Payment {row['Id']} on Invoice {invoice['Id']}"


def receive_with_credit(books, chance, found):
    """Receive what an open credit memo leaves of an invoice, and use both up in one payment."""
    memo = pick(chance, open_rows(found, "CreditMemo"))
    row = memo and pick(chance, (
        each for each in open_rows(found, "Invoice") if each["CustomerRef"]["value"] == memo["CustomerRef"]["value"]
        and amount(each["Balance"]) > amount(memo["Balance"])))
    if not row or row.get("ExchangeRate") != memo.get("ExchangeRate"):
        return None
    owed, credit, when = amount(row["Balance"]), amount(memo["Balance"]), day(chance)
    money = {name: row[name] for name in ("CurrencyRef", "ExchangeRate") if name in row}
    made = books.person("create", "Payment", data={
        "CustomerRef": {"value": row["CustomerRef"]["value"]}, "TotalAmt": float(owed - credit), "TxnDate": str(when),
        **money, "Line": [
            {"Amount": float(part), "LinkedTxn": [{"TxnId": each["Id"], "TxnType": kind}]}
            for part, each, kind in ((owed, row, "Invoice"), (credit, memo, "CreditMemo"))]})
    return f"Payment {made['Id']}: {owed - credit} and CreditMemo {memo['Id']} for Invoice {row['Id']}"


def unapply_one(books, chance, found):
    """Take one document out of a payment of several."""
    row = pick(chance, (each for each in live(found, "Payment") if len(each.get("Line", [])) > 1))
    if not row:
        return None
    gone = row["Line"][chance.randrange(len(row["Line"]))]["LinkedTxn"][0]["TxnId"]
    books.person("unapply", "Payment", id=row["Id"], target=gone)
    return f"{gone} out of Payment {row['Id']}"


def match(books, chance, found):
    """Match a payment with the bank feed: from now on an app cannot delete it."""
    row = pick(chance, live(found, "Payment"))
    if not row:
        return None
    books.person("match", "Payment", id=row["Id"])
    return f"Payment {row['Id']}"


def reconcile(books, chance, found):
    """Reconcile the bank account: a person who changes what is on it is warned."""
    until = day(chance)
    made = books.person("reconcile", "Account", date=str(until))
    return f"{made['transactions']} transactions until {until}"


def file_tax(books, chance, found):
    agency = pick(chance, active(found, "TaxAgency"))
    if not agency:
        return None
    until = day(chance)
    books.person("file_tax", "TaxAgency", id=agency["Id"], date=str(until))
    return f"until {until}"


def revalue(books, chance, found):
    """Revalue what customers owe in foreign money: an entry in home currency alone."""
    if not books.foreign:
        return None
    rate, when = chance.choice((1.2, 1.28)), str(day(chance))
    made = books.person("revalue", "JournalEntry", currency="EUR", rate=rate, date=when)
    return f"entry {made['Id']}"


def _at_home(books, chance, found):
    """Return a customer who owes home currency; none where each line needs a tax code, which charges have not."""
    customer = pick(chance, (each for each in active(found, "Customer")
                             if each["CurrencyRef"]["value"] == books.company.currency_id.name))
    return None if books.code_on_each_line else customer


def invoice_charges(books, chance, found):
    """Note two delayed charges, and make an invoice of all that waits for the customer."""
    customer = _at_home(books, chance, found)
    if not customer:
        return None
    for _number in range(2):
        books.person("charge", "Charge", customer=customer["Id"], amount=chance.choice(PRICES), text="Waited")
    made = books.person("invoice_charges", "Invoice", customer=customer["Id"])
    return f"Invoice {made['Id']} over {made['TotalAmt']}"


def bill_time_and_expense(books, chance, found):
    """Note hours for a customer and a bill of a vendor, sometimes with a markup, and make an invoice of what waits."""
    customer = _at_home(books, chance, found)
    if not customer:
        return None
    worker = pick(chance, active(found, "Employee")) or books.person(
        "create", "Employee", data={"GivenName": "Em", "FamilyName": "Platt"})
    vendor = pick(chance, active(found, "Vendor")) or books.person("create", "Vendor", data={"DisplayName": "Tiler"})
    item = pick(chance, (row for row in active(found, "Item") if row["Type"] == "Service"))
    account = next(row["Id"] for row in found["Account"].values() if row["AccountType"] == "Expense")
    own = {"CustomerRef": {"value": customer["Id"]}, "BillableStatus": "Billable"}
    books.person("create", "TimeActivity", data={
        **own, "NameOf": "Employee", "EmployeeRef": {"value": worker["Id"]}, "ItemRef": {"value": item["Id"]},
        "Hours": chance.randint(1, 8), "Minutes": chance.choice((0, 20, 45)), "HourlyRate": chance.choice((35, 47.5)),
        "TxnDate": str(day(chance)), "Description": "Worked"})
    markup = {"MarkupInfo": {"PercentBased": True, "Percent": 15}} if chance.random() < 0.5 else {}
    books.person("create", "Bill", data={
        "VendorRef": {"value": vendor["Id"]}, "TxnDate": str(day(chance)), "Line": [{
            "Amount": chance.choice(PRICES), "Description": "Spent", "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, **own, **markup}}]})
    made = books.person("invoice_charges", "Invoice", customer=customer["Id"])
    return f"Invoice {made['Id']} over {made['TotalAmt']}"


def statement_charge(books, chance, found):
    """Charge a customer without an invoice: QuickBooks gives it to no app."""
    customer = _at_home(books, chance, found)
    if not customer:
        return None
    made = books.person("statement_charge", "StatementCharge", customer=customer["Id"], text="Yearly",
                        amount=chance.choice(PRICES), date=str(day(chance)))
    return f"StatementCharge {made['Id']} over {made['TotalAmt']} for {customer['DisplayName']}"


def pay_statement_charge(books, chance, found):
    """Receive a part of such a charge, or all of it: in Odoo the money settles nothing."""
    row = pick(chance, open_rows(found, "StatementCharge"))
    if not row:
        return None
    part = amount(row["Balance"]) if chance.random() < 0.5 else max(amount(row["Balance"]) / 4, amount("0.01"))
    made = books.person("receive", "StatementCharge", id=row["Id"], amount=float(amount(part)))
    return f"Payment {made['Id']} of {made['TotalAmt']} for StatementCharge {row['Id']}"


def undo(books, chance, found):
    books.person("undo", "Invoice")
    return "the last act"


def sales_receipt(books, chance, found):
    """Sell for cash: nobody owes anything."""
    return _paid_at_once(books, chance, found, "SalesReceipt")


def refund_receipt(books, chance, found):
    """Give money back at once: nobody owes anything."""
    return _paid_at_once(books, chance, found, "RefundReceipt")


def _paid_at_once(books, chance, found, entity):
    account = next(row["Id"] for row in found["Account"].values() if row["Name"] == "Checking")
    return sale(books, chance, found, entity, DepositToAccountRef={"value": account})


def reactivate_customer(books, chance, found):
    row = pick(chance, (each for each in found.get("Customer", {}).values() if each.get("Active") is False))
    if not row:
        return None
    books.person("edit", "Customer", id=row["Id"], data={
        "Active": True, "DisplayName": f"{row['DisplayName'].split(' (deleted')[0]} again {chance.randrange(1000)}"})
    return row["DisplayName"]


def edit_contact(books, chance, found):
    row = pick(chance, active(found, "Customer"))
    if not row:
        return None
    books.person("edit", "Customer", id=row["Id"], data={
        "PrimaryEmailAddr": {"Address": f"office{chance.randrange(1000)}@example.com"},
        "PrimaryPhone": {"FreeFormNumber": f"555-{chance.randrange(1000, 9999)}"}})
    return row["DisplayName"]


def new_job(books, chance, found):
    """Open a sub-customer, with invoices of its own."""
    row = pick(chance, (each for each in active(found, "Customer") if not each.get("Job")))
    if not row:
        return None
    made = books.person("create", "Customer", data={
        **books.customer_data(f"Job {chance.randrange(10**6)}"), "ParentRef": {"value": row["Id"]}, "Job": True,
        "CurrencyRef": row["CurrencyRef"]})
    return f"{made['DisplayName']} of {row['DisplayName']}"


def rename_item(books, chance, found):
    row = pick(chance, (row for row in active(found, "Item") if row["Type"] in ("Service", "NonInventory")))
    if not row:
        return None
    books.person("edit", "Item", id=row["Id"], data={
        "Name": f"{row['Name'].split(' nr ')[0]} nr {chance.randrange(1000)}", "UnitPrice": chance.choice(PRICES)})
    return row["Name"]


ACTS = {
    apply_money: 4, receive_with_credit: 3, unapply_one: 2, match: 1, reconcile: 1, file_tax: 1, invoice_charges: 1,
    revalue: 1, undo: 1, sales_receipt: 1, refund_receipt: 1, reactivate_customer: 1, edit_contact: 1, new_job: 1,
    rename_item: 1, bill_time_and_expense: 1, statement_charge: 1,
    pay_statement_charge: 1,
}
"""How often each act is played."""
