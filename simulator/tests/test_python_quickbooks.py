"""The library python-quickbooks as a client: its own requests, its own objects."""

import pytest
import quickbooks
from conftest import Client
from intuitlib import client as intuitlib
from intuitlib.enums import Scopes
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException, QuickbooksException
from quickbooks.objects import (
    Account,
    Class,
    CompanyInfo,
    CreditMemo,
    Customer,
    Department,
    Invoice,
    Item,
    Payment,
    PaymentMethod,
    Preferences,
    TaxAgency,
    TaxCode,
    TaxRate,
    Term,
    Vendor,
)
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.payment import PaymentLine


@pytest.fixture
def qb(running, monkeypatch):
    """A signed-in library client; the sign-in goes through intuit-oauth and the consent page."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = Client(running.url).start()
    auth = intuitlib.AuthClient(
        "simulator", "simulator-secret", "http://localhost/callback", f"{running.url}/.well-known/openid_configuration"
    )
    assert auth.get_authorization_url([Scopes.ACCOUNTING]).startswith(f"{running.url}/connect/oauth2?")
    back = client.consent()
    auth.get_bearer_token(back["code"], realm_id=back["realmId"])
    auth.refresh()
    made = quickbooks.QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=client.realm)
    made.api_url_v3 = f"{running.url}/v3"
    made.simulator = client
    return made


def new_invoice(qb, customer, amount):
    line = SalesItemLine()
    line.Amount, line.SalesItemLineDetail = amount, SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = Item.all(max_results=1, qb=qb)[0].to_ref()
    made = Invoice()
    made.CustomerRef, made.Line = customer.to_ref(), [line]
    return made.save(qb=qb)


@pytest.mark.parametrize(
    "kind",
    [Account, Customer, Invoice, CreditMemo, Payment, Item, PaymentMethod, TaxAgency, TaxCode, TaxRate, Term, Vendor],
)
def test_all_get_and_count(qb, kind):
    found = kind.all(qb=qb, max_results=1000)
    assert len(found) == kind.count(qb=qb) > 0
    assert kind.get(found[0].Id, qb=qb).Id == found[0].Id


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Customer, {"DisplayName": "New"}),
        (Vendor, {"DisplayName": "New"}),
        (Class, {"Name": "New"}),
        (Department, {"Name": "New"}),
        (Account, {"Name": "New", "AccountType": "Bank"}),
        (Term, {"Name": "New", "DueDays": 7}),
        (PaymentMethod, {"Name": "New"}),
        (TaxAgency, {"DisplayName": "New"}),
    ],
)
def test_create_update_and_deactivate(qb, kind, values):
    made = kind()
    for name, value in values.items():
        setattr(made, name, value)
    made = made.save(qb=qb)
    assert int(made.Id) > 0 and made.SyncToken == "0"
    if kind is not TaxAgency:
        made.Active = False
        made = made.save(qb=qb)
        key = next(iter(values))
        assert made.SyncToken == "1" and getattr(kind.get(made.Id, qb=qb), key) == "New (deleted)"


def test_filters_and_query(qb):
    assert [row.DisplayName for row in Customer.filter(DisplayName="Corner Bakery O'Shea", qb=qb)] == [
        "Corner Bakery O'Shea"
    ]
    assert (
        Customer.where("Active = true", order_by="DisplayName", max_results=3, qb=qb)[0].DisplayName == "14 Juniper Way"
    )
    assert len(Invoice.choose(["1", "2"], field="Id", qb=qb)) == 2
    assert Item.query("select * from Item where Type = 'Service'", qb=qb)


def test_invoice_life(qb):
    customer = Customer.all(max_results=1, qb=qb)[0]
    made = new_invoice(qb, customer, 100)
    assert (made.TotalAmt, made.Balance, made.SyncToken) == (100, 100, "0")
    made.PrivateNote = "changed"
    made = made.save(qb=qb)
    assert made.SyncToken == "1" and made.TotalAmt == 100
    paid = Payment()
    paid.TotalAmt, paid.CustomerRef = 40, customer.to_ref()
    line = PaymentLine()
    line.Amount, line.LinkedTxn = 40, [made.to_linked_txn()]
    paid.Line = [line]
    paid = paid.save(qb=qb, request_id="one")
    again = Payment()
    again.__dict__.update({"TotalAmt": 40, "CustomerRef": paid.CustomerRef})
    assert again.save(qb=qb, request_id="one").Id == paid.Id
    assert Invoice.get(made.Id, qb=qb).Balance == 60
    Payment.get(paid.Id, qb=qb).void(qb=qb)
    fresh = Invoice.get(made.Id, qb=qb)
    assert fresh.Balance == 100
    fresh.send(qb=qb, send_to="a@b.example")
    assert Invoice.get(made.Id, qb=qb).EmailStatus == "EmailSent" and made.download_pdf(qb=qb).startswith(b"%PDF")
    Invoice.get(made.Id, qb=qb).void(qb=qb)
    fresh = Invoice.get(made.Id, qb=qb)
    assert fresh.TotalAmt == 0 and fresh.PrivateNote.startswith("Voided")
    fresh.delete(qb=qb)
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(made.Id, qb=qb)


def test_errors_arrive_as_the_library_maps_them(qb):
    made = Customer()
    made.DisplayName = "Zinnia Café"
    with pytest.raises(QuickbooksException) as caught:
        made.save(qb=qb)
    assert caught.value.error_code == 6240 and "Id=" in caught.value.detail
    qb.simulator.control("oauth", {"expire_access": True})
    with pytest.raises(AuthorizationException):
        Customer.all(qb=qb)


def test_batch_cdc_reports_and_single_objects(qb):
    customers = []
    for number in range(35):
        made = Customer()
        made.DisplayName = f"Batch {number}"
        customers.append(made)
    done = batch_create(customers, qb=qb)
    assert len(done.successes) == 35 and not done.faults
    found = [Customer.get(row.Id, qb=qb) for row in done.successes[:2]]
    found[0].Notes = "x"
    assert len(batch_update(found[:1], qb=qb).successes) == 1
    invoice = new_invoice(qb, found[1], 5)
    assert len(batch_delete([invoice], qb=qb).successes) == 1
    changes = change_data_capture([Invoice, Customer], "2026-01-01T00:00:00", qb=qb)
    assert changes.Customer and changes.Invoice
    assert qb.get_report("AgedReceivables")["Header"]["ReportName"] == "AgedReceivables"
    assert CompanyInfo.get(1, qb=qb).CompanyName == "Alder Park Landscaping"
    assert Preferences.get(qb=qb).CurrencyPrefs
