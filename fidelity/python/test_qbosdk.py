"""qbosdk (fyle): lists, exports, files, tokens. Its hosts are constants: they are redirected below it, in requests."""

import base64
import itertools
from urllib.parse import urlsplit

import pytest
import requests
from qbosdk import QuickbooksOnlineSDK, revoke_refresh_token
from qbosdk.exceptions import InvalidTokenError, UnauthorizedClientError, WrongParamsError

NUMBERS = itertools.count(1)
LISTS = {
    "accounts": "Account",
    "departments": "Department",
    "customers": "Customer",
    "classes": "Class",
    "vendors": "Vendor",
    "employees": "Employee",
    "tax_codes": "TaxCode",
    "items": "Item",
}


@pytest.fixture(scope="module", autouse=True)
def redirected(simulator):
    """Requests to hosts of Intuit go to the simulator."""
    original = requests.Session.request

    def request(self, method, url, *args, **values):
        parts = urlsplit(url)
        if parts.netloc.lower().endswith("intuit.com"):
            url = simulator.url + parts.path + (f"?{parts.query}" if parts.query else "")
        return original(self, method, url, *args, **values)

    requests.Session.request = request
    yield
    requests.Session.request = original


def connect(simulator, **values):
    parts = {"client_id": simulator.client_id, "client_secret": simulator.secret, "environment": "sandbox"}
    parts |= {"refresh_token": simulator.grant()["refresh_token"], "realm_id": simulator.realm}
    return QuickbooksOnlineSDK(**{**parts, **values})


@pytest.fixture(scope="module")
def sdk(sandbox):
    return connect(sandbox)


def name(word="sdk"):
    return f"{word} {next(NUMBERS)}"


def flat(pages):
    return [one for page in pages for one in page]


def line(sdk, amount=40):
    account = next(one for one in sdk.accounts.get() if one["AccountType"] == "Expense")
    detail = {"AccountRef": {"value": account["Id"]}}
    return {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}


def bill(sdk):
    who = sdk.vendors.post({"DisplayName": name("Vendor")})["Vendor"]
    return sdk.bills.post({"VendorRef": {"value": who["Id"]}, "Line": [line(sdk)]})["Bill"]


def test_sign_in(sandbox, sdk):
    assert sdk.access_token and sdk.access_token_expires_in == 3600
    with pytest.raises(InvalidTokenError):
        connect(sandbox, refresh_token="nonsense")
    with pytest.raises(UnauthorizedClientError):
        connect(sandbox, client_secret="wrong")
    given = sandbox.grant()
    assert revoke_refresh_token(given["refresh_token"], sandbox.client_id, sandbox.secret)["message"]
    with pytest.raises(InvalidTokenError):
        connect(sandbox, refresh_token=given["refresh_token"])


@pytest.mark.parametrize("api", LISTS)
def test_lists(sdk, api):
    lists = getattr(sdk, api)
    every = lists.get()
    assert flat(lists.get_all_generator()) == every and lists.count() == len(every) > 0
    assert all(one["Active"] for one in every)
    assert flat(lists.get_all_generator("2099-01-01T00:00:00-08:00")) == []
    assert {one["Id"] for one in flat(lists.get_all_generator("2010-01-01T00:00:00-08:00"))} == {
        one["Id"] for one in every
    }
    assert all(one["Active"] is False for one in flat(lists.get_inactive(None)))


def test_single_objects(sdk):
    assert sdk.company_info.get()["CompanyName"]
    assert sdk.preferences.get()["CurrencyPrefs"]["HomeCurrency"]["value"] == "USD"
    rate = sdk.tax_rates.get()[0]
    assert sdk.tax_rates.get_by_id(rate["Id"])["RateValue"] == rate["RateValue"]


def test_employee_and_vendor(sdk):
    made = sdk.employees.post({"GivenName": name("Ann"), "FamilyName": "Lee"})["Employee"]
    assert made["DisplayName"] == f"{made['GivenName']} Lee"
    who = name("Joe & Söhne")
    sdk.vendors.post({"DisplayName": who})
    with pytest.raises(WrongParamsError) as caught:
        sdk.vendors.post({"DisplayName": who})
    assert "6240" in str(caught.value.response)


def test_vendor_by_name(sdk):
    who = sdk.vendors.post({"DisplayName": name("Searched")})["Vendor"]
    assert sdk.vendors.search_vendor_by_display_name(who["DisplayName"])["Id"] == who["Id"]
    assert sdk.vendors.search_vendor_by_display_name("nobody at all") is None


def test_bills_and_payments(sdk):
    owed = bill(sdk)
    assert (owed["TotalAmt"], owed["Balance"]) == (40, 40) and sdk.bills.get_by_id(owed["Id"]) == owed
    bank = next(one for one in sdk.accounts.get() if one["AccountType"] == "Bank")
    paid = sdk.bill_payments.post(
        {
            "VendorRef": owed["VendorRef"],
            "TotalAmt": 40,
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": bank["Id"]}},
            "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": owed["Id"], "TxnType": "Bill"}]}],
        }
    )["BillPayment"]
    after = sdk.bills.get_by_id(owed["Id"])
    assert after["Balance"] == 0 and after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"}]
    assert paid["Id"] in [one["Id"] for one in flat(sdk.bill_payments.get_all_generator())]
    assert owed["Id"] in [one["Id"] for one in sdk.bills.get()]


def test_expense_and_journal(sdk):
    bank = next(one for one in sdk.accounts.get() if one["AccountType"] == "Bank")
    spent = {
        "PaymentType": "Cash",
        "AccountRef": {"value": bank["Id"]},
        "Line": [line(sdk, 12.34)],
        "PrivateNote": "taxi",
    }
    made = sdk.purchases.post(spent)["Purchase"]
    assert sdk.purchases.get_by_id(made["Id"])["Purchase"][0]["TotalAmt"] == 12.34
    parts = [
        {
            "Amount": 5,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": way, "AccountRef": {"value": bank["Id"]}},
        }
        for way in ("Debit", "Credit")
    ]
    entry = sdk.journal_entries.post({"Line": parts})["JournalEntry"]
    assert [
        one["JournalEntryLineDetail"]["PostingType"] for one in sdk.journal_entries.get_by_id(entry["Id"])["Line"]
    ] == ["Debit", "Credit"]


@pytest.mark.parametrize("api", ["bills", "purchases", "journal_entries"])
def test_delete(sdk, api):
    """The SDK always sends SyncToken 1: the object was changed once."""
    bank = next(one for one in sdk.accounts.get() if one["AccountType"] == "Bank")
    sides = [
        {
            "Amount": 5,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": way, "AccountRef": {"value": bank["Id"]}},
        }
        for way in ("Debit", "Credit")
    ]
    bodies = {
        "bills": lambda: bill(sdk),
        "purchases": lambda: sdk.purchases.post(
            {"PaymentType": "Cash", "AccountRef": {"value": bank["Id"]}, "Line": [line(sdk)]}
        )["Purchase"],
        "journal_entries": lambda: sdk.journal_entries.post({"Line": sides})["JournalEntry"],
    }
    made = bodies[api]()
    changed = getattr(sdk, api).post({**made, "PrivateNote": "changed"})
    (body,) = [value for value in changed.values() if isinstance(value, dict)]
    assert body["SyncToken"] == "1" and body["PrivateNote"] == "changed"
    gone = getattr(sdk, api).delete(made["Id"])
    assert [value["status"] for value in gone.values() if isinstance(value, dict)] == ["Deleted"]
    if api == "purchases":  # this one asks by a query
        assert sdk.purchases.get_by_id(made["Id"]) == {}
        return
    with pytest.raises(WrongParamsError):
        getattr(sdk, api).get_by_id(made["Id"])


def test_file(sdk):
    owed, content = bill(sdk), b"%PDF-1.4 receipt" * 20
    made = sdk.attachments.post(owed["Id"], "Bill", base64.b64encode(content).decode(), "receipt.pdf")
    kept = made["Attachable"]
    assert kept["AttachableRef"][0]["EntityRef"] == {"value": owed["Id"], "type": "Bill"} and kept["Size"] == len(
        content
    )
    assert requests.get(kept["TempDownloadUri"], timeout=30).content == content
    assert kept["Id"] in [one["Id"] for one in flat(sdk.attachments.get_all_generator())]


def test_rates(simulator):
    simulator.company(empty=True, features={"multicurrency": True, "rates": {"EUR": "1.25"}})
    sdk = connect(simulator)
    assert sdk.exchange_rates.get_by_source("EUR")["Rate"] == 1.25
    assert {one["SourceCurrencyCode"] for one in sdk.exchange_rates.get()} >= {"EUR"}
