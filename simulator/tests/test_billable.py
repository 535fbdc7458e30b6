"""What waits to be invoiced to a customer: billable time, billable expenses, delayed charges; billed and unbilled."""

import pytest

EXPENSE = "AccountBasedExpenseLineDetail"


@pytest.fixture
def ada(empty):
    return empty.customer()["Id"]


def _time(empty, ada, hours=2, **more):
    worker = empty.rows("select * from Employee") or [empty.create("Employee", {"GivenName": "Em", "FamilyName": "P"})]
    return empty.create("TimeActivity", {
        "NameOf": "Employee", "EmployeeRef": {"value": worker[0]["Id"]}, "CustomerRef": {"value": ada}, "Hours": hours,
        "BillableStatus": "Billable", "ItemRef": {"value": "1"}, "HourlyRate": 50, "Description": "Digging", **more})


def _bill(empty, ada, *amounts, **detail):
    """A bill with a line for each amount, all to be billed to the customer."""
    vendor = empty.create("Vendor", {"DisplayName": "Tiles"})["Id"]
    account = empty.rows("select * from Account where AccountType = 'Expense'")[0]
    part = {"AccountRef": {"value": account["Id"]}, "CustomerRef": {"value": ada}, "BillableStatus": "Billable"}
    return empty.create("Bill", {"VendorRef": {"value": vendor}, "Line": [
        {"Amount": amount, "Description": f"Tiles {amount}", "DetailType": EXPENSE, EXPENSE: {**part, **detail}}
        for amount in amounts]})


def _statuses(empty, bill):
    return [line[EXPENSE]["BillableStatus"] for line in empty.read("Bill", bill["Id"])["Line"]]


def _plain(lines):
    """Return lines as an app sends them that names no link."""
    return [{name: float(value) if name == "Amount" else value for name, value in line.items() if name != "LinkedTxn"}
            for line in lines]


def _sent_back(empty, invoice, *lines):
    for line in lines:
        for name in ("Qty", "UnitPrice"):
            line["SalesItemLineDetail"].pop(name, None)
    return empty.update("Invoice", invoice, Line=_plain(lines))


def _lines(invoice):
    return [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]


def test_a_billable_line_has_a_charge(empty, ada):
    bill = _bill(empty, ada, 30, 12)
    charges = empty.rows("select * from ReimburseCharge where HasBeenInvoiced = false")
    assert sorted(charge["Amount"] for charge in charges) == [12, 30]
    assert {charge["CustomerRef"]["value"] for charge in charges} == {ada}
    links = [link for line in bill["Line"] for link in line["LinkedTxn"]]
    assert bill["LinkedTxn"] == links == [{"TxnId": each["TxnId"], "TxnType": "ReimburseCharge"} for each in links]
    bill["Line"][0][EXPENSE]["BillableStatus"] = "NotBillable"
    bill["Line"][1]["Amount"] = 15
    changed = empty.update("Bill", bill, Line=_plain(bill["Line"]))
    [charge] = empty.rows("select * from ReimburseCharge")
    assert (charge["Amount"], changed["LinkedTxn"]) == (15, [{"TxnId": charge["Id"], "TxnType": "ReimburseCharge"}])
    empty.ok("POST", "bill", {"Id": bill["Id"], "SyncToken": changed["SyncToken"]}, operation="delete")
    assert not empty.rows("select * from ReimburseCharge")


def test_an_invoice_of_all_that_waits(empty, ada):
    time, bill = _time(empty, ada, Minutes=30), _bill(empty, ada, 30, MarkupInfo={"PercentBased": True, "Percent": 10})
    charge = bill["LinkedTxn"][0]["TxnId"]
    made = empty.ui("invoice_charges", customer=ada)
    assert made["TotalAmt"] == 158 and empty.total("CustomerBalance") == 158
    assert made["LinkedTxn"] == [{"TxnId": charge, "TxnType": "ReimburseCharge"},
                                 {"TxnId": time["Id"], "TxnType": "TimeActivity"}]
    expense, markup, hours = _lines(made)
    assert [line["LinkedTxn"][0].get("TxnLineId") for line in (expense, markup, hours)] == ["1", "2", None]
    assert expense["SalesItemLineDetail"]["ItemAccountRef"] == bill["Line"][0][EXPENSE]["AccountRef"]
    assert "ItemRef" not in markup["SalesItemLineDetail"] and markup["Amount"] == 3
    assert (hours["SalesItemLineDetail"]["Qty"], hours["SalesItemLineDetail"]["UnitPrice"]) == (2.5, 50)
    assert empty.read("TimeActivity", time["Id"])["BillableStatus"] == "HasBeenBilled"
    billed = empty.read("ReimburseCharge", charge)
    assert (billed["HasBeenInvoiced"], billed["LinkedTxn"]) == (True, [{"TxnId": made["Id"], "TxnType": "Invoice"}])
    assert _statuses(empty, bill) == ["HasBeenBilled"]
    # Nothing waits any more; a change of the bill leaves it so.
    note = empty.update("Bill", empty.read("Bill", bill["Id"]), PrivateNote="Paid")
    assert note["Line"][0][EXPENSE]["BillableStatus"] == "HasBeenBilled"
    assert empty.control("ui", {"realm": empty.realm, "action": "invoice_charges", "customer": ada}, 400)


def test_lines_keep_what_they_bill(empty, ada):
    time, bill = _time(empty, ada), _bill(empty, ada, 30)
    made = empty.ui("invoice_charges", customer=ada)
    noted = empty.update("Invoice", made, PrivateNote="x")
    assert (noted["Line"], noted["LinkedTxn"]) == (made["Line"], made["LinkedTxn"])
    expense, hours = _lines(made)
    expense["Amount"] = 33
    changed = _sent_back(empty, noted, expense, hours)
    assert changed["TotalAmt"] == 133 and changed["LinkedTxn"] == made["LinkedTxn"]
    assert [line["LinkedTxn"] for line in _lines(changed)] == [line["LinkedTxn"] for line in _lines(made)]
    account = bill["Line"][0][EXPENSE]["AccountRef"]
    assert _lines(changed)[0]["SalesItemLineDetail"]["ItemAccountRef"] == account
    # Without its line the expense waits again; with another item the line is one of that item.
    changed = _sent_back(empty, changed, hours)
    assert [link["TxnType"] for link in changed["LinkedTxn"]] == ["TimeActivity"]
    assert _statuses(empty, bill) == ["Billable"]
    empty.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": changed["SyncToken"]}, operation="void")
    assert empty.read("TimeActivity", time["Id"])["BillableStatus"] == "Billable"
    again = empty.ui("invoice_charges", customer=ada)
    assert again["TotalAmt"] == 130
    other = _lines(again)[0]
    other["SalesItemLineDetail"] = {"ItemRef": {"value": empty.create("Item", {
        "Name": "Rake", "Type": "Service", "IncomeAccountRef": hours["SalesItemLineDetail"]["ItemAccountRef"]})["Id"]}}
    moved = _sent_back(empty, again, *_lines(again))
    assert _lines(moved)[0]["SalesItemLineDetail"]["ItemAccountRef"] != account


def test_only_a_person_bills_expenses(empty, ada):
    link = [{"TxnId": _bill(empty, ada, 30)["LinkedTxn"][0]["TxnId"], "TxnType": "ReimburseCharge"}]
    lie = empty.create("Invoice", {"CustomerRef": {"value": ada}, "LinkedTxn": link, "Line": [
        {**empty.line(30), "LinkedTxn": link}]})
    assert lie["LinkedTxn"] == [] and "LinkedTxn" not in lie["Line"][0]


def test_a_company_whose_lines_do_not_name_the_time(empty, ada):
    empty.control("switches", {"time_on_lines": False})
    try:
        time = _time(empty, ada)
        made = empty.ui("invoice_charges", customer=ada)
    finally:
        empty.control("switches", {"time_on_lines": True})
    assert made["LinkedTxn"] == [{"TxnId": time["Id"], "TxnType": "TimeActivity"}]
    assert "LinkedTxn" not in made["Line"][0]


def test_delayed_charges_wait_again(empty, ada):
    empty.ui("charge", customer=ada, amount=50)
    made = empty.ui("invoice_charges", customer=ada)
    assert [link["TxnType"] for link in made["LinkedTxn"]] == ["StatementCharge"]
    empty.ui("delete", id=made["Id"])
    assert empty.ui("invoice_charges", customer=ada)["TotalAmt"] == 50


def test_a_statement_charge_is_in_reports_alone(empty, ada):
    made = empty.ui("statement_charge", customer=ada, amount=40, text="Yearly", date="2026-01-05")
    assert (made["TotalAmt"], made["Balance"]) == (40, 40)
    assert empty.total("AgedReceivables") == empty.read("Customer", ada)["Balance"] == 40
    [group] = empty.report("AgedReceivableDetail", report_date="2026-02-01")["Rows"]["Row"][:-1]
    cells = group["Rows"]["Row"][0]["ColData"]
    assert {"value": "Statement Charge", "id": made["Id"]} in cells and {"value": "2026-01-05"} in cells
    for statement in ("select * from StatementCharge", "select * from Charge"):
        assert empty.call("GET", "query", query=statement).status_code == 400
    for path in (f"statementcharge/{made['Id']}", f"invoice/{made['Id']}"):
        assert empty.call("GET", path).status_code == 400
    assert empty.error("GET", "cdc", entities="StatementCharge", changedSince="2026-01-01")[0]
    paid = empty.ui("receive", entity="StatementCharge", id=made["Id"], amount=15)
    assert paid["Line"][0]["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "StatementCharge"}]
    assert (empty.total("AgedReceivables"), paid["UnappliedAmt"]) == (25, 0)
    empty.ui("delete", entity="StatementCharge", id=made["Id"])
    assert empty.total("AgedReceivables") == -15
