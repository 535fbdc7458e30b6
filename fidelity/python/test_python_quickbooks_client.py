"""python-quickbooks: what is not an object's life: single objects, files, reports, faults, the client itself."""

import base64
import hashlib
import hmac
import json
from datetime import date

import pytest
import quickbooks
import requests
from intuitlib.client import AuthClient
from library import (
    Budget,
    CompanyCurrency,
    CustomerType,
    ExchangeRate,
    connect,
    customer,
    invoice,
    name,
    new,
    ref,
    sale,
)
from quickbooks import objects as qbo
from quickbooks.batch import batch_create
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    SevereException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects.base import AttachableRef

REPORTS = (
    "AccountList",
    "AgedPayableDetail",
    "AgedPayables",
    "AgedReceivableDetail",
    "AgedReceivables",
    "BalanceSheet",
    "CashFlow",
    "ClassSales",
    "CustomerBalance",
    "CustomerBalanceDetail",
    "CustomerIncome",
    "CustomerSales",
    "DepartmentSales",
    "GeneralLedger",
    "InventoryValuationSummary",
    "ItemSales",
    "JournalReport",
    "ProfitAndLoss",
    "ProfitAndLossDetail",
    "TransactionList",
    "TrialBalance",
    "VendorBalance",
    "VendorBalanceDetail",
    "VendorExpenses",
)


@pytest.fixture(scope="module")
def qb(sandbox):
    return connect(sandbox)


def code_of(caught) -> int:
    return caught.value.error_code


# Single objects and lists that are only read.
def test_company_info(qb):
    found = qbo.CompanyInfo.get(qb.company_id, qb=qb)
    assert found.Id == "1" and found.CompanyName and found.Country and found.CompanyAddr.Line1
    assert [one.CompanyName for one in qbo.CompanyInfo.all(qb=qb)] == [found.CompanyName]
    found.LegalName = "Fidelity LLC"
    assert found.save(qb=qb).LegalName == "Fidelity LLC" == qbo.CompanyInfo.get(1, qb=qb).LegalName


def test_preferences(qb):
    found = qbo.Preferences.get(qb=qb)
    assert (
        found.CurrencyPrefs.HomeCurrency.value == "USD"
        and found.AccountingInfoPrefs.FirstMonthOfFiscalYear == "January"
    )
    before = found.SalesFormsPrefs.AllowDeposit
    found.SalesFormsPrefs.AllowDeposit = not before
    assert found.save(qb=qb).SalesFormsPrefs.AllowDeposit is (not before)
    assert qbo.Preferences.get(qb=qb).SalesFormsPrefs.AllowDeposit is (not before)


@pytest.mark.parametrize("kind", [qbo.TaxCode, qbo.TaxRate, qbo.TaxAgency, CustomerType, Budget])
def test_lists(qb, kind):
    found = kind.all(qb=qb)
    if kind in (qbo.TaxCode, qbo.TaxRate, qbo.TaxAgency):
        assert found
    for one in found[:3]:
        assert kind.get(one.Id, qb=qb).Id == one.Id
    if kind is not CustomerType:
        assert kind.count(qb=qb) == len(found)


def test_tax_codes_of_this_country(qb):
    codes = {one.Id: one for one in qbo.TaxCode.all(qb=qb)}
    assert {"TAX", "NON"} <= set(codes) and codes["NON"].Taxable is False
    real = next(one for one in codes.values() if one.SalesTaxRateList and one.SalesTaxRateList.TaxRateDetail)
    rates = {one.Id for one in qbo.TaxRate.all(qb=qb)}
    assert {one.TaxRateRef.value for one in real.SalesTaxRateList.TaxRateDetail} <= rates
    with pytest.raises(QuickbooksException):
        qb.create_object("TaxCode", json.dumps({"Name": "mine"}))


def test_currencies(simulator):
    simulator.company(empty=True, features={"multicurrency": True})
    qb = connect(simulator)
    euro = (
        new(CompanyCurrency, Code="EUR").save(qb=qb)
        if not CompanyCurrency.where("Code = 'EUR'", qb=qb)
        else CompanyCurrency.where("Code = 'EUR'", qb=qb)[0]
    )
    assert euro.Name == "Euro" and euro.to_ref().value == "EUR"
    today = date.today().isoformat()
    new(ExchangeRate, SourceCurrencyCode="EUR", AsOfDate=today, Rate=1.25).save(qb=qb)
    found = ExchangeRate.filter(SourceCurrencyCode="EUR", AsOfDate=today, qb=qb)
    assert [(one.Rate, one.TargetCurrencyCode) for one in found] == [(1.25, "USD")]
    who = new(qbo.Customer, DisplayName=name("Europe"), CurrencyRef=ref("EUR")).save(qb=qb)
    made = new(
        qbo.Invoice, CustomerRef=who.to_ref(), CurrencyRef=ref("EUR"), ExchangeRate=1.25, Line=[sale(qb, 100)]
    ).save(qb=qb)
    assert (made.CurrencyRef.value, made.ExchangeRate, made.TotalAmt, made.HomeTotalAmt, made.HomeBalance) == (
        "EUR",
        1.25,
        100,
        125,
        125,
    )
    with pytest.raises(QuickbooksException):
        new(CompanyCurrency, Code="XXQ").save(qb=qb)
    simulator.company(company="sandbox")


# Files.
def test_file_by_bytes_and_by_path(sandbox, tmp_path):
    qb = connect(sandbox)
    owner, content = invoice(qb), b"one\r\ntwo\x00\xff" * 50
    link = new(AttachableRef, EntityRef=owner.to_ref(), IncludeOnSend=False)
    path = tmp_path / "paper.txt"
    path.write_bytes(content)
    for way in ({"_FileBytes": content}, {"_FilePath": str(path)}):
        made = new(qbo.Attachable, AttachableRef=[link], FileName="paper.txt", ContentType="text/plain", **way).save(
            qb=qb
        )
        assert made.Size == len(content) and made.ContentType == "text/plain" and len(made.Id) >= 15
        read = qbo.Attachable.get(made.Id, qb=qb)
        assert requests.get(read.TempDownloadUri, timeout=30).content == content
        assert [one.EntityRef.value for one in read.AttachableRef] == [owner.Id]
        where = f"AttachableRef.EntityRef.Type = 'Invoice' AND AttachableRef.EntityRef.value = '{owner.Id}'"
        assert made.Id in [one.Id for one in qbo.Attachable.where(where, qb=qb)]
        url = f"{qb.api_url}/company/{qb.company_id}/download/{made.Id}"
        answer = qb.process_request("GET", url, headers={})
        assert requests.get(answer.text, timeout=30).content == content
        read.Note = "kept for seven years"
        kept = read.save(qb=qb)
        assert kept.Note == "kept for seven years" and kept.Size == len(content)
        kept.delete(qb=qb)
        with pytest.raises(ObjectNotFoundException):
            qbo.Attachable.get(made.Id, qb=qb)


def test_note_on_a_customer(sandbox):
    qb = connect(sandbox)
    link = new(AttachableRef, EntityRef=customer(qb).to_ref())
    made = new(qbo.Attachable, AttachableRef=[link], Note="call first").save(qb=qb)
    assert made.Note == "call first" and made.AttachableRef[0].EntityRef.type == "Customer" and made.FileName is None


# Reports.
def cells(rows: dict):
    for row in rows.get("Row", []):
        yield from (row.get(part, {}).get("ColData", []) for part in ("Header", "Summary") if part in row)
        if "ColData" in row:
            yield row["ColData"]
        yield from cells(row.get("Rows", {}))


@pytest.mark.parametrize("report", REPORTS)
def test_reports(sandbox, report):
    found = connect(sandbox).get_report(report, {"start_date": "2026-01-01", "end_date": "2026-12-31"})
    assert found["Header"]["ReportName"] == report and found["Header"]["Currency"] == "USD"
    assert {one["Name"] for one in found["Header"]["Option"]} >= {"NoReportData"}
    columns = found["Columns"]["Column"]
    assert columns and all({"ColTitle", "ColType"} <= set(one) for one in columns)
    flat = sum(len(one.get("Columns", {}).get("Column", [None])) for one in columns)
    rows = list(cells(found["Rows"]))
    assert all(len(row) == flat for row in rows) and all(isinstance(cell["value"], str) for row in rows for cell in row)
    if report in (
        "BalanceSheet",
        "ProfitAndLoss",
        "TrialBalance",
        "GeneralLedger",
        "AgedReceivables",
        "TransactionList",
    ):
        assert rows


def test_reports_agree(sandbox):
    qb = connect(sandbox)
    total = lambda report: float(list(cells(qb.get_report(report)["Rows"]))[-1][-1]["value"])  # noqa: E731
    control = qbo.Account.where("AccountType = 'Accounts Receivable'", qb=qb)
    assert total("AgedReceivables") == total("CustomerBalance") == sum(one.CurrentBalance for one in control) > 0
    assert total("AgedPayables") == total("VendorBalance") > 0
    open_ = sum(one.Balance for one in qbo.Invoice.all(qb=qb, max_results=1000))
    credit = sum(one.RemainingCredit for one in qbo.CreditMemo.all(qb=qb, max_results=1000))
    unapplied = sum(one.UnappliedAmt for one in qbo.Payment.all(qb=qb, max_results=1000))
    assert round(open_ - credit - unapplied, 2) == total("AgedReceivables")


def test_unknown_report(sandbox):
    with pytest.raises(QuickbooksException):
        connect(sandbox).get_report("NoSuchReport")


# Faults, as the library tells them.
def raises(kind, code, message, act, *args, **values):
    with pytest.raises(kind) as caught:
        act(*args, **values)
    assert (caught.value.error_code, caught.value.message) == (code, message)
    return caught.value.detail


def test_faults(sandbox):
    qb = connect(sandbox)
    who = customer(qb)
    detail = raises(
        QuickbooksException,
        6240,
        "Duplicate Name Exists Error",
        new(qbo.Vendor, DisplayName=who.DisplayName).save,
        qb=qb,
    )
    assert f"Id={who.Id}" in detail
    raises(ObjectNotFoundException, 610, "Object Not Found", qbo.Invoice.get, "99999999", qb=qb)
    raises(ValidationException, 2030, "Invalid ID", qbo.Invoice.get, "1.5", qb=qb)
    detail = raises(ValidationException, 4001, "Invalid query", qb.query, "select * from Custmoer")
    assert detail == "QueryValidationError: invalid context declaration: Custmoer"
    raises(ValidationException, 4001, "Invalid query", qb.query, "select * from Customer where Nothing = 'x'")
    raises(ValidationException, 4000, "Error parsing query", qb.query, "select * from Customer where")
    bad = json.dumps({"DisplayName": name(), "BadJson": True})
    detail = raises(
        ValidationException, 2010, "Request has invalid or unsupported property", qb.create_object, "Customer", bad
    )
    assert 'Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Customer)' in detail
    message = "Required param missing, need to supply the required value for the API"
    raises(ValidationException, 2020, message, qb.create_object, "Invoice", json.dumps({"Line": []}))
    message = "Unsupported Operation"
    raises(
        UnsupportedException, 500, message, qb.delete_object, "Customer", json.dumps({"Id": who.Id, "SyncToken": "0"})
    )
    missing = new(qbo.Invoice, CustomerRef=ref("99999999"), Line=[sale(qb)])
    with pytest.raises(QuickbooksException) as caught:
        missing.save(qb=qb)
    assert code_of(caught) in (610, 2500)


def test_tokens_that_are_dead(sandbox):
    qb = connect(sandbox)
    sandbox.control("oauth", {"expire_access": True})
    with pytest.raises(AuthorizationException) as caught:
        qbo.Customer.all(qb=qb)
    assert code_of(caught) == 401 and "errorCode=003200; statusCode=401" in caught.value.detail
    with pytest.raises(AuthorizationException):
        qb.download_pdf("Invoice", "1")


def test_another_company(sandbox):
    qb = connect(sandbox)
    qb.company_id = "123"
    with pytest.raises(QuickbooksException) as caught:
        qbo.Customer.all(qb=qb)
    assert "errorCode=003100; statusCode=403" in str(caught.value.message)


@pytest.mark.parametrize("kind", ["429_json", "429_xml", "500", "503", "malformed_json"])
def test_faults_on_the_way(sandbox, kind):
    qb = connect(sandbox)
    sandbox.control("faults", {"kind": kind, "count": 1})
    with pytest.raises(QuickbooksException) as caught:
        qbo.Customer.all(qb=qb)
    assert code_of(caught) >= 10000 or code_of(caught) == 3001
    assert isinstance(caught.value, SevereException) or kind != "500"
    sandbox.control("faults", {"clear": True})
    assert qbo.Customer.all(qb=qb)


def test_faults_in_a_batch(sandbox):
    qb = connect(sandbox)
    taken, fresh = customer(qb).DisplayName, name()
    done = batch_create([new(qbo.Customer, DisplayName=one) for one in (taken, fresh)], qb=qb)
    assert [one.DisplayName for one in done.successes] == [fresh]
    (fault,) = done.faults
    assert (fault.type, fault.Error[0].code, fault.original_object.DisplayName) == ("ValidationFault", "6240", taken)


def test_more_than_thirty_in_batches(sandbox):
    qb = connect(sandbox)
    done = batch_create([new(qbo.Class, Name=name("Class")) for _ in range(65)], qb=qb)
    assert len(done.successes) == 65 and len({one.Id for one in done.successes}) == 65


# Queries.
def test_query_language(sandbox):
    qb = connect(sandbox)
    odd = new(qbo.Customer, DisplayName=name("O'Hara & Söhne")).save(qb=qb)
    assert [one.Id for one in qbo.Customer.filter(DisplayName=odd.DisplayName, qb=qb)] == [odd.Id]
    assert [one.Id for one in qbo.Customer.where("DisplayName LIKE 'O\\'Hara%'", qb=qb)] == [odd.Id]
    names = [
        one.DisplayName
        for one in qbo.Customer.where("Active = true", order_by="DisplayName DESC", max_results=5, qb=qb)
    ]
    assert names == sorted(names, key=str.lower, reverse=True) and len(names) == 5
    one, two = (
        qbo.Customer.all(order_by="DisplayName", start_position=start, max_results=2, qb=qb) for start in (1, 3)
    )
    assert not {x.Id for x in one} & {x.Id for x in two}
    assert qbo.Customer.query("select * from Customer where Id = '99999999'", qb=qb) == []
    rows = qb.query("select Id, DisplayName from Customer maxresults 2")["QueryResponse"]
    assert rows["maxResults"] == 2 and rows["startPosition"] == 1
    assert all(set(row) <= {"Id", "DisplayName", "sparse", "domain"} for row in rows["Customer"])
    big = qbo.Invoice.where("TotalAmt > '100' AND Balance = '0'", qb=qb, max_results=1000)
    assert all(one.TotalAmt > 100 and one.Balance == 0 for one in big)
    assert qbo.Invoice.filter(CustomerRef=odd.Id, qb=qb) == []
    assert all(hasattr(one, "Sku") for one in qbo.Item.all(qb=qb, max_results=3))


def test_unicode_survives(sandbox):
    qb = connect(sandbox)
    text = "Größe – 測試 – é – \U0001f600"
    made = new(qbo.Customer, DisplayName=name("Ünï"), Notes=text, CompanyName="Łódź & Co").save(qb=qb)
    assert qbo.Customer.get(made.Id, qb=qb).Notes == text


# The client.
def test_sign_in_by_refresh(sandbox):
    tokens = sandbox.grant()
    auth = AuthClient(sandbox.client_id, sandbox.secret, sandbox.redirect, sandbox.discovery)
    qb = quickbooks.QuickBooks(
        auth_client=auth, refresh_token=tokens["refresh_token"], company_id=sandbox.realm, minorversion=75
    )
    qb.api_url_v3 = f"{sandbox.url}/v3"
    assert auth.access_token and auth.access_token != tokens["access_token"]
    assert qbo.CompanyInfo.get(1, qb=qb).CompanyName


def test_signature_of_notifications(sandbox):
    qb = connect(sandbox, verifier_token="secret-token")
    body = '{"eventNotifications": []}'
    good = base64.b64encode(hmac.new(b"secret-token", body.encode(), hashlib.sha256).digest()).decode()
    assert qb.validate_webhook_signature(body, good) and not qb.validate_webhook_signature(body + " ", good)


def test_current_user_is_asked_elsewhere(sandbox):
    qb = connect(sandbox)
    assert qb.isvalid_object_name("Invoice")
    with pytest.raises(Exception, match="is not a valid QBO Business Object"):
        qb.isvalid_object_name("Nonsense")
