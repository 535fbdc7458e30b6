"""Estimates: they post nothing, invoices are made from them, and their numbers are their own."""

from decimal import Decimal

import pytest


@pytest.fixture
def estimate(empty):
    """An estimate of 100 for a new customer."""
    who = empty.customer()["Id"]
    return empty.create("Estimate", {"CustomerRef": {"value": who}, "Line": [empty.line(100)]})


def _bill(empty, estimate, **more):
    link = [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    return empty.invoice(estimate["CustomerRef"]["value"], 100, LinkedTxn=link, **more)


def test_an_estimate_posts_nothing_and_has_no_balance(empty, estimate):
    assert (estimate["TxnStatus"], estimate["TotalAmt"], estimate["LinkedTxn"]) == ("Pending", 100, [])
    assert "Balance" not in estimate and estimate["DocNumber"] == "1001"
    assert empty.invoice(estimate["CustomerRef"]["value"], 1)["DocNumber"] == "1001"
    assert empty.read("Customer", estimate["CustomerRef"]["value"])["Balance"] == 1
    assert empty.total("CustomerBalance") == 1


def test_an_invoice_closes_its_estimate(empty, estimate):
    invoice = _bill(empty, estimate)
    assert invoice["LinkedTxn"] == [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    assert invoice["Line"][0]["LinkedTxn"] == [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    closed = empty.read("Estimate", estimate["Id"])
    assert closed["TxnStatus"] == "Closed" and closed["LinkedTxn"] == [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
    empty.pay(invoice["CustomerRef"]["value"], 100, ("Invoice", invoice["Id"], 100))
    paid = empty.read("Invoice", invoice["Id"])
    assert [link["TxnType"] for link in paid["LinkedTxn"]] == ["Estimate", "Payment"]
    assert empty.update("Invoice", paid, PrivateNote="x")["LinkedTxn"] == paid["LinkedTxn"]


@pytest.mark.parametrize("undo", ["delete", "unlink", "void"])
def test_an_invoice_that_goes_opens_the_estimate_again(empty, estimate, undo):
    invoice = _bill(empty, estimate)
    if undo == "unlink":
        assert empty.update("Invoice", invoice, LinkedTxn=[])["LinkedTxn"] == []
    else:
        empty.ok("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation=undo)
    again = empty.read("Estimate", estimate["Id"])
    assert (again["TxnStatus"], again["LinkedTxn"]) == ("Pending", [])


def test_an_accepted_estimate_is_accepted_again(empty, estimate):
    accepted = empty.update("Estimate", estimate, TxnStatus="Accepted", AcceptedBy="Ada", AcceptedDate="2026-01-05")
    invoice = _bill(empty, accepted)
    empty.ok("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete")
    assert empty.read("Estimate", estimate["Id"])["TxnStatus"] == "Accepted"


def test_an_estimate_that_goes_leaves_the_invoice(empty, estimate):
    invoice = _bill(empty, estimate)
    token = empty.read("Estimate", estimate["Id"])["SyncToken"]
    empty.ok("POST", "estimate", {"Id": estimate["Id"], "SyncToken": token}, operation="delete")
    left = empty.read("Invoice", invoice["Id"])
    assert left["LinkedTxn"] == [] and left["TotalAmt"] == Decimal(100)


def test_an_unknown_estimate_and_a_wrong_status_are_refused(empty, estimate):
    who = estimate["CustomerRef"]["value"]
    link = [{"TxnId": "75", "TxnType": "Estimate"}]
    body = {"CustomerRef": {"value": who}, "Line": [empty.line(1)], "LinkedTxn": link}
    assert empty.error("POST", "invoice", body) == (
        "6000", "Business Validation Error: The entity Estimate 75 that you are trying to link does not exist.")
    body = {"CustomerRef": {"value": who}, "Line": [empty.line(1)], "TxnStatus": "Open"}
    assert empty.error("POST", "estimate", body)[0] == "2170"


def test_an_estimate_is_sent_printed_and_found(empty, estimate):
    sent = empty.ok("POST", f"estimate/{estimate['Id']}/send", sendTo="ada@example.com")["Estimate"]
    assert sent["EmailStatus"] == "EmailSent" and sent["BillEmail"]["Address"] == "ada@example.com"
    assert empty.call("GET", f"estimate/{estimate['Id']}/pdf").content.startswith(b"%PDF")
    found = empty.rows(f"select * from Estimate where CustomerRef = '{estimate['CustomerRef']['value']}'")
    assert [row["Id"] for row in found] == [estimate["Id"]]


def test_time_is_billed_by_the_invoice_that_names_it(empty):
    who, worker = empty.customer()["Id"], empty.create("Employee", {"GivenName": "Emily", "FamilyName": "Platt"})["Id"]
    time = empty.create("TimeActivity", {
        "NameOf": "Employee", "EmployeeRef": {"value": worker}, "CustomerRef": {"value": who}, "Hours": 2,
        "BillableStatus": "Billable", "ItemRef": {"value": "1"}, "HourlyRate": 50})
    invoice = empty.invoice(who, 100, LinkedTxn=[{"TxnId": time["Id"], "TxnType": "TimeActivity"}])
    assert empty.read("TimeActivity", time["Id"])["BillableStatus"] == "HasBeenBilled"
    empty.ok("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete")
    assert empty.read("TimeActivity", time["Id"])["BillableStatus"] == "Billable"
    body = {"CustomerRef": {"value": who}, "Line": [empty.line(1)],
            "LinkedTxn": [{"TxnId": "99", "TxnType": "TimeActivity"}]}
    assert empty.error("POST", "invoice", body)[0] == "6000"


def test_bad_links_are_no_500(empty, estimate):
    who = estimate["CustomerRef"]["value"]
    good = {"TxnId": estimate["Id"], "TxnType": "Estimate"}
    for links in ([{}], [{"TxnType": "Estimate"}], [{"TxnId": "x", "TxnType": "Estimate"}], [good, good],
                  [{"TxnId": "9" * 30, "TxnType": "Estimate"}], [{"TxnId": "1", "TxnType": "Moon"}], [None]):
        body = {"CustomerRef": {"value": who}, "Line": [empty.line(1)], "LinkedTxn": links}
        assert empty.call("POST", "invoice", body).status_code in (200, 400), links
    assert empty.read("Estimate", estimate["Id"])["TxnStatus"] == "Pending"
