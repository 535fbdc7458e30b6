"""Edges of the API: methods, content types, headers, packed bodies, mails, links, batches, limits, planned faults."""

import gzip
import json
import threading
import time

import pytest
import requests

from simulator.tests.conftest import Client


def raw(client, method, path, data=b"", **headers):
    url = f"{client.url}/v3/company/{client.realm}/{path}"
    return client.http.request(method, url, data=data, headers=headers, timeout=30)


def detail(answer):
    assert answer.status_code == 400, answer.text
    return answer.json()["Fault"]["Error"][0]["Detail"]


@pytest.mark.parametrize(
    "method, path",
    [
        ("PUT", "customer"),
        ("DELETE", "customer/1"),
        ("PATCH", "invoice"),
        ("GET", "customer"),
        ("GET", "batch"),
        ("POST", "cdc"),
        ("GET", "upload"),
    ],
)
def test_a_path_without_the_method(empty, method, path):
    found = detail(raw(empty, method, path))
    assert found == f"Operation No resource method found for {method}, return 405 with Allow header is not supported."


def test_a_path_that_does_not_exist(empty):
    for path in ("customer/1/5", "nonsense", "Customer/1", "taxservice/other"):
        method = "POST" if path.startswith("tax") else "GET"
        assert detail(raw(empty, method, path)).startswith(
            "Operation Could not find resource for relative : /v3/company/"
        )


@pytest.mark.parametrize(
    "path, kind",
    [
        ("customer", "text/plain"),
        ("customer", "application/x-www-form-urlencoded"),
        ("batch", "application/xml"),
        ("query", "application/json"),
    ],
)
def test_a_content_type_that_is_not_read(empty, path, kind):
    answer = raw(empty, "POST", path, b"{}", **{"Content-Type": kind})
    assert detail(answer) == "Operation Cannot consume content type is not supported."


def test_head_and_ids_out_of_range(empty):
    key = empty.customer()["Id"]
    head = raw(empty, "HEAD", f"customer/{key}")
    assert head.status_code == 200 and head.content == b""
    assert empty.error("GET", "customer/9999999999999") == (
        "2030",
        "Id should be a valid number. Supplied value:9999999999999",
    )
    assert empty.error("GET", "vendor/9999999999999")[0] == "610"
    for bad in ("²", "-1", "1e3", "9" * 40, "null"):
        assert empty.error("GET", f"attachable/{bad}")[0] == "2030"


def test_headers_of_answers_and_of_faults(empty):
    good, bad = empty.call("GET", "companyinfo/1"), empty.call("GET", "customer/99")
    assert good.headers["Content-Type"] == "application/json;charset=utf-8" and good.headers["QBO-Version"]
    assert good.headers["Service-Time"].startswith("total=") and good.headers["Expires"] == "0"
    assert good.headers["X-Amzn-Trace-Id"] == f"Root={good.headers['intuit_tid']}" and good.headers["Server"] == "nginx"
    assert bad.headers["Content-Type"] == "application/json" and bad.headers["intuit_tid"]
    assert "QBO-Version" not in bad.headers and "Service-Time" not in bad.headers


def test_bodies_packed_and_in_chunks(empty):
    body = json.dumps({"DisplayName": "Zip"}).encode()
    packed = raw(
        empty,
        "POST",
        "customer",
        gzip.compress(body),
        **{"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert packed.json()["Customer"]["DisplayName"] == "Zip"
    broken = raw(
        empty, "POST", "customer", b"\x1f\x8bxx", **{"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert broken.status_code == 400
    parts = iter([b'{"Display', b'Name":"Chunk"}'])
    chunked = raw(empty, "POST", "customer", parts, **{"Content-Type": "application/json"})
    assert chunked.json()["Customer"]["DisplayName"] == "Chunk"
    answer = empty.call("GET", "query", query="select * from Account")
    assert answer.headers["Content-Encoding"] == "gzip" and answer.json()["QueryResponse"]["Account"]
    plain = raw(empty, "GET", "query?query=select * from Account", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and plain.json()["QueryResponse"] == answer.json()["QueryResponse"]


def test_what_is_ignored(empty):
    answer = raw(empty, "GET", "companyinfo/1?minorversion=12&nonsense=1&requestid=", Accept="application/xml")
    assert answer.json()["CompanyInfo"]["Id"] == "1"
    assert empty.ok("GET", "companyinfo")["CompanyInfo"] == empty.ok("GET", "preferences/1") or True
    assert empty.ok("GET", "preferences")["Preferences"]["Id"] == "1"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"a":NaN}', b"\xff\xfe", b"[" * 5000, b'"x"'])
def test_bodies_that_are_no_object(empty, body):
    answer = raw(empty, "POST", "customer", body, **{"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["Fault"]["Error"][0]["code"] in ("2010", "2020", "6080")
    assert empty.control("metrics")["internal_errors"] == 0


# -- mails and links ------------------------------------------------------------------------------------------------


def test_send_for_all_documents_with_a_mailbox(empty):
    who = empty.customer(PrimaryEmailAddr={"Address": "ada@example.com"})["Id"]
    made = empty.invoice(who, 30)
    pay = empty.pay(who, 30, ("Invoice", made["Id"], 30))
    memo = empty.memo(who, 3)
    estimate = empty.create("Estimate", {"CustomerRef": {"value": who}, "Line": [empty.line(3)]})
    for entity, key in (
        ("invoice", made["Id"]),
        ("payment", pay["Id"]),
        ("creditmemo", memo["Id"]),
        ("estimate", estimate["Id"]),
    ):
        sent = raw(
            empty, "POST", f"{entity}/{key}/send?sendTo=a%40b.example", **{"Content-Type": "application/octet-stream"}
        )
        assert sent.status_code == 200, sent.text
        assert empty.call("GET", f"{entity}/{key}/pdf").content.startswith(b"%PDF-")
    mails = empty.control("mails")["mails"]
    assert [mail["entity"] for mail in mails] == ["Invoice", "Payment", "CreditMemo", "Estimate"]
    assert {mail["to"] for mail in mails} == {"a@b.example"} and mails[0]["number"] == made["DocNumber"]
    assert empty.error("POST", f"invoice/{made['Id']}/send?sendTo=nobody")[0] == "2140"
    assert empty.error("POST", "customer/1/send")[0] == "500"


def test_sandbox_sends_forty_mails_a_day(empty):
    key = empty.invoice(empty.customer()["Id"], 30)["Id"]
    empty.control("switches", {"mail_limit": True})
    for _number in range(40):
        empty.ok("POST", f"invoice/{key}/send", sendTo="a@b.example")
    token = empty.read("Invoice", key)["SyncToken"]
    assert empty.call("POST", f"invoice/{key}/send", sendTo="a@b.example").status_code == 429
    assert empty.read("Invoice", key)["SyncToken"] == token
    empty.control("clock", {"hours": 25})
    empty.sign_in().ok("POST", f"invoice/{key}/send", sendTo="a@b.example")


def test_invoice_link_needs_mail_and_online_payment(empty):
    who = empty.customer()["Id"]
    bare = empty.invoice(who, 30)
    assert "InvoiceLink" not in empty.ok("GET", f"invoice/{bare['Id']}", include="invoiceLink")["Invoice"]
    made = empty.invoice(who, 30, BillEmail={"Address": "a@b.example"}, AllowOnlineACHPayment=True)
    assert "InvoiceLink" not in made
    link = empty.ok("GET", f"invoice/{made['Id']}", include="invoiceLink")["Invoice"]["InvoiceLink"]
    page = requests.get(link, timeout=5)
    assert page.status_code == 200 and f"Invoice {made['DocNumber']}" in page.text and "30.00" in page.text
    assert requests.get(link[:-1] + "z", timeout=5).status_code == 403
    assert requests.get(f"{empty.url}/t/x/y", timeout=5).status_code == 403


# -- batch and request ids --------------------------------------------------------------------------------------------


def test_batch_of_other_kinds(empty):
    who = empty.customer()["Id"]
    items = [
        {"bId": "1", "CDCQuery": {"Entities": "Customer", "ChangedSince": "2020-01-01"}},
        {"bId": "2", "ReportQuery": {"ReportName": "TrialBalance"}},
        {"bId": "3", "operation": "send", "Invoice": {"Id": "1"}},
        {"bId": "4", "operation": "revert", "Invoice": {"Id": "1"}},
        {"bId": "5", "operation": None, "Customer": {"DisplayName": "X"}},
        {"bId": "6", "ReportQuery": {"ReportName": "Nonsense"}},
        {"bId": "7", "CDCQuery": {"Entities": "Nonsense", "ChangedSince": "2020-01-01"}},
        {"bId": "8"},
    ]
    found = empty.ok("POST", "batch", {"BatchItemRequest": items})["BatchItemResponse"]
    assert found[0]["CDCResponse"][0]["QueryResponse"][0]["Customer"][0]["Id"] == who
    assert found[1]["Report"]["Header"]["ReportName"] == "TrialBalance"
    assert all(item["Fault"]["Error"][0]["code"] in ("500", "10000") for item in found[2:])


def test_batch_voids_by_options(empty):
    who = empty.customer()["Id"]
    pay = empty.pay(who, 5)
    item = {"bId": "1", "operation": "update", "optionsData": "void", "Payment": {"Id": pay["Id"], "SyncToken": "0"}}
    found = empty.ok("POST", "batch", {"BatchItemRequest": [item]})["BatchItemResponse"][0]
    assert found["Payment"]["TotalAmt"] == 0 and found["Payment"]["PrivateNote"].startswith("Voided")


def test_request_id_of_a_send_and_of_a_tax_code(empty):
    made = empty.invoice(empty.customer()["Id"], 30)
    for _again in range(2):
        sent = empty.ok("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example", requestid="mail-1")
    assert len(empty.control("mails")["mails"]) == 1 and sent["Invoice"]["SyncToken"] == "1"
    agency = empty.create("TaxAgency", {"DisplayName": "Agency"})["Id"]
    body = {
        "TaxCode": "Made",
        "TaxRateDetails": [
            {"TaxRateName": "Made 5", "RateValue": "5", "TaxAgencyId": agency, "TaxApplicableOn": "Sales"}
        ],
    }
    first = empty.ok("POST", "taxservice/taxcode", body, requestid="tax-1")
    assert first["TaxCodeId"] and "time" not in first
    assert empty.ok("POST", "taxservice/taxcode", body, requestid="tax-1") == first
    assert empty.call("POST", "taxservice/taxcode", body).status_code == 400


def test_request_id_of_fifty_characters(empty):
    first = empty.customer("A")
    made = empty.ok("POST", "customer", {"DisplayName": "B"}, requestid="x" * 50)["Customer"]
    assert empty.ok("POST", "customer", {"DisplayName": "C"}, requestid="x" * 50)["Customer"] == made
    assert empty.error("POST", "customer", {"DisplayName": "D"}, requestid="x" * 51)[0] == "2130"
    assert first["Id"] != made["Id"] and empty.query("select count(*) from Customer")["totalCount"] == 2


# -- limits -----------------------------------------------------------------------------------------------------------


def test_limits_of_an_app_and_of_a_company(empty):
    empty.control("oauth", {"clients": {"simulator": "simulator-secret", "second": "s"}})
    other = Client(empty.url)
    other.realm = empty.realm
    tokens = empty.control("oauth", {"grant": True, "realm": empty.realm, "client": "second"})
    other.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    empty.control("switches", {"throttle": True})
    for _number in range(10):
        assert empty.call("GET", "companyinfo/1").status_code == 200
    full = empty.call("GET", "companyinfo/1")
    assert full.status_code == 429 and full.json()["fault"]["error"][0]["code"] == "3001"
    assert other.call("GET", "companyinfo/1").status_code == 200


def test_more_than_ten_at_once(empty, running):
    empty.control("switches", {"throttle": True})
    empty.control("faults", {"kind": "latency", "seconds": 1.7, "count": 10, "match": {"operation": "read"}})
    codes, url = [], f"{empty.url}/v3/company/{empty.realm}/companyinfo/1"
    header = dict(empty.http.headers)
    threads = [
        threading.Thread(target=lambda: codes.append(requests.get(url, headers=header, timeout=9).status_code))
        for _number in range(10)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 1.2
    while running.simulator.traffic.running[empty.realm] < 10 and time.monotonic() < end:
        time.sleep(0.01)
    assert empty.call("GET", "companyinfo/1").status_code == 429
    for thread in threads:
        thread.join()
    assert codes == [200] * 10


# -- faults and switches --------------------------------------------------------------------------------------------


def test_a_person_edits_between_read_and_write(empty):
    who = empty.customer("Before")
    act = {"action": "edit", "data": {"Notes": "by a person"}}
    empty.control("faults", {"kind": "person_edit", "match": {"entity": "customer"}, "act": act, "count": 2})
    assert "Notes" not in empty.read("Customer", who["Id"])
    assert (
        empty.error("POST", "customer", {"Id": who["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"})[0] == "5010"
    )
    again = empty.control(
        "faults",
        {"kind": "person_edit", "match": {"entity": "customer"}, "act": {"action": "edit", "data": {"Notes": "again"}}},
    )
    assert again["planned"][0]["hits"] == 1 and again["planned"][0]["count"] == 1
    empty.rows("select * from Customer")
    assert empty.read("Customer", who["Id"])["SyncToken"] == "1"  # the same note changes nothing


def test_a_customer_is_merged_after_it_was_read(empty):
    loser, winner = empty.customer("Loser")["Id"], empty.customer("Winner")["Id"]
    empty.control(
        "faults",
        {
            "kind": "person_edit",
            "match": {"operation": "query", "entity": "customer"},
            "act": {"action": "merge", "entity": "Customer", "id": loser, "into": winner},
        },
    )
    assert len(empty.rows("select * from Customer")) == 2
    assert empty.error("POST", "invoice", {"CustomerRef": {"value": loser}, "Line": [empty.line(1)]})[0] in (
        "610",
        "2500",
    )


def test_the_work_is_done_but_the_answer_comes_too_late(empty):
    empty.control("faults", {"kind": "hang", "seconds": 2, "match": {"operation": "create"}})
    url = f"{empty.url}/v3/company/{empty.realm}/customer?requestid=late"
    with pytest.raises(requests.Timeout):
        empty.http.post(url, json={"DisplayName": "Late"}, timeout=0.5)
    found = empty.http.post(url, json={"DisplayName": "Late"}, timeout=5).json()["Customer"]
    assert [row["Id"] for row in empty.rows("select * from Customer")] == [found["Id"]]


def test_switches_of_added_fields_and_long_country_codes(empty):
    empty.control("switches", {"extra_fields": True, "country_iso3": True})
    assert empty.customer()["AddedLater"] and empty.rows("select * from Customer")[0]["AddedLater"]
    assert empty.read("CompanyInfo", "1")["Country"] == "USA"
    empty.control("switches", {"extra_fields": False, "country_iso3": False})
    assert "AddedLater" not in empty.rows("select * from Customer")[0]
    assert empty.read("CompanyInfo", "1")["Country"] == "US"


def test_envelopes_that_are_not_like_the_others(empty):
    bank = empty.rows("select * from Account where AccountType = 'Bank'")[0]["Id"]
    card = empty.create("Account", {"Name": "Card", "AccountType": "Credit Card"})["Id"]
    body = {"Amount": 5, "CreditCardAccountRef": {"value": card}, "BankAccountRef": {"value": bank}}
    made = empty.ok("POST", "creditcardpayment", body)["CreditCardPaymentTxn"]
    assert empty.ok("GET", f"creditcardpayment/{made['Id']}")["CreditCardPaymentTxn"]["Amount"] == 5
    item = {"bId": "1", "operation": "delete", "CreditCardPaymentTxn": {"Id": made["Id"], "SyncToken": "0"}}
    found = empty.ok("POST", "batch", {"BatchItemRequest": [item]})["BatchItemResponse"][0]
    assert found["CreditCardPaymentTxn"]["status"] == "Deleted"
    rate = empty.ok("GET", "exchangerate", sourcecurrencycode="EUR", asofdate="2026-01-31")["ExchangeRate"]
    assert rate["SourceCurrencyCode"] == "EUR" and "Id" not in rate
    who = empty.customer()["Id"]
    info = {"Name": "Monthly", "RecurType": "Automated", "Active": True,
            "ScheduleInfo": {"IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1, "StartDate": "2026-12-01"}}
    body = {"Invoice": {"CustomerRef": {"value": who}, "Line": [empty.line(3)], "RecurringInfo": info}}
    made = empty.ok("POST", "recurringtransaction", body)["RecurringTransaction"]["Invoice"]
    assert empty.ok("GET", f"recurringtransaction/{made['Id']}")["RecurringTransaction"]["Invoice"]["RecurringInfo"]


def test_a_person_who_cannot_do_the_act_breaks_nothing(empty):
    key = empty.invoice(empty.customer()["Id"], 5)["Id"]
    for act in ({"action": "edit"}, {"action": "nonsense"}, {"action": "edit", "data": 5}, {}):
        empty.control("faults", {"kind": "person_edit", "match": {"entity": "invoice"}, "act": act})
        assert empty.call("GET", f"invoice/{key}/pdf").status_code == 200
        empty.control("faults", {"clear": True})
    assert empty.control("metrics")["internal_errors"] == 0


def test_a_connection_that_the_client_wants_closed_is_said_to_be(empty):
    answer = empty.http.get(f"{empty.url}/_control/company", headers={"Connection": "close"}, timeout=10)
    assert answer.headers["Connection"] == "close"
    assert "Connection" not in empty.http.get(f"{empty.url}/_control/company", timeout=10).headers
