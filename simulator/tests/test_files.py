"""Attachments: uploads as several clients write them, links, temporary addresses, deletion."""

import base64
import json

import pytest
import requests
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects import Attachable, AttachableRef, Ref

BYTES = bytes(range(256)) + b"\r\n--x\r\n\n"


def upload(client, *files, **args):
    """Upload (metadata, name, type, content) as node and browsers do; returns the list of answers."""
    parts = []
    for number, (metadata, name, kind, content) in enumerate(files, 1):
        parts.append((f"file_metadata_0{number}", (None, json.dumps(metadata), "application/json")))
        parts.append((f"file_content_0{number}", (name, content, kind)))
    url = f"{client.url}/v3/company/{client.realm}/upload"
    answer = client.http.post(url, files=parts, params=args, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["AttachableResponse"]


def link(entity, key):
    return {"AttachableRef": [{"EntityRef": {"type": entity, "value": key}}]}


def test_upload_read_and_fetch(empty):
    invoice = empty.invoice(empty.customer()["Id"], 5)
    metadata = {**link("Invoice", invoice["Id"]), "FileName": "Beleg äöü.png", "ContentType": "image/png"}
    made = upload(empty, (metadata, "x.png", "image/png", BYTES))[0]["Attachable"]
    assert len(made["Id"]) == 19 and made["Size"] == len(BYTES) and made["SyncToken"] == "0"
    assert made["FileAccessUri"] == f"/v3/company/{empty.realm}/download/{made['Id']}"
    assert made["AttachableRef"] == [{"EntityRef": {"type": "Invoice", "value": invoice["Id"]}, "IncludeOnSend": False}]
    found = requests.get(made["TempDownloadUri"], timeout=5)
    assert found.content == BYTES and found.headers["Content-Type"] == "image/png"
    assert empty.read("Attachable", made["Id"])["TempDownloadUri"].startswith(empty.url)
    text = empty.call("GET", f"download/{made['Id']}")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert requests.get(text.text, timeout=5).content == BYTES


def test_the_temporary_address_dies_after_15_minutes_and_cannot_be_forged(empty):
    address = upload(empty, ({}, "a.txt", "text/plain", b"a"))[0]["Attachable"]["TempDownloadUri"]
    assert requests.get(address[:-1] + "x", timeout=5).status_code == 403
    empty.control("clock", {"advance": 890})
    assert requests.get(address, timeout=5).status_code == 200
    empty.control("clock", {"advance": 20})
    old = requests.get(address, timeout=5)
    assert old.status_code == 403 and "AccessDenied" in old.text
    assert requests.get(address.split("?")[0], timeout=5).status_code == 403


def test_several_files_and_a_fault_inside_a_200(empty):
    customer = empty.customer()["Id"]
    good, bad, odd, last = upload(
        empty,
        (link("Customer", customer), "a.txt", "text/plain", b"a"),
        (link("Estimate", "75"), "b.txt", "text/plain", b"b"),
        (link("Nothing", "1"), "c.txt", "text/plain", b"c"),
        ({}, "d.txt", "text/plain", b"d"),
    )
    assert good["Attachable"]["FileName"] == "a.txt" and last["Attachable"]["FileName"] == "d.txt"
    assert bad["Fault"]["Error"][0] == {
        "Message": "A business validation error has occurred while processing your request",
        "Detail": "Business Validation Error: The entity Estimate 75 that you are trying to link does not exist. "
        "Estimate 75",
        "code": "6000",
        "element": "",
    }
    assert odd["Fault"]["Error"][0]["code"] == "6050"
    assert empty.query("select count(*) from Attachable")["totalCount"] == 2


def test_the_recorded_body_of_a_client_with_crlf(empty):
    boundary = "-----------RubyMultipartPost-9c1a"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file_metadata_01"; filename="attachment.json"\r\n'
        "Content-Length: 11\r\nContent-Type: application/json\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        '{"FileName":"no_detail.xml","ContentType":"text/xml"}'
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file_content_01"; filename="no_detail.xml"\r\n'
        f"Content-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\n\r\n<a>\n</a>\n\r\n--{boundary}--\r\n"
    )
    url = f"{empty.url}/v3/company/{empty.realm}/upload"
    header = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    made = empty.http.post(url, data=body, headers=header, timeout=5).json()["AttachableResponse"][0]["Attachable"]
    assert made["Size"] == 9 and made["ContentType"] == "text/xml"


@pytest.fixture
def qb(empty, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    discovery = f"{empty.url}/.well-known/openid_configuration"
    auth = AuthClient("simulator", "simulator-secret", "http://localhost/", discovery)
    auth.access_token = empty.tokens["access_token"]
    client = QuickBooks(auth_client=auth, refresh_token=empty.tokens["refresh_token"], company_id=empty.realm)
    client.sandbox, client.api_url_v3 = False, f"{empty.url}/v3"
    return client


def test_python_quickbooks_uploads_and_notes(empty, qb):
    customer = empty.customer()["Id"]
    item = Attachable()
    item.FileName, item.ContentType, item._FileBytes = "scan.pdf", "application/pdf", BYTES * 3000
    item.AttachableRef = [AttachableRef()]
    item.AttachableRef[0].EntityRef = Ref()
    item.AttachableRef[0].EntityRef.type, item.AttachableRef[0].EntityRef.value = "Customer", customer
    item.save(qb=qb)
    made = empty.read("Attachable", item.Id)
    assert (
        made["Size"] == len(BYTES) * 3000 and requests.get(made["TempDownloadUri"], timeout=5).content == BYTES * 3000
    )
    note = Attachable()
    note.Note = "call back"
    note.save(qb=qb)
    assert empty.read("Attachable", note.Id)["Note"] == "call back"
    assert empty.error("GET", f"download/{note.Id}")[0] == "610"


def test_update_delete_query(empty):
    customer = empty.customer()["Id"]
    made = upload(empty, (link("Customer", customer), "a.txt", "text/plain", b"a"))[0]["Attachable"]
    upload(empty, ({}, "b.txt", "text/plain", b"b"))
    changed = empty.update("Attachable", made, Note="seen", FileName="c.txt")
    assert changed["SyncToken"] == "1" and changed["Note"] == "seen" and changed["Size"] == 1
    assert requests.get(changed["TempDownloadUri"], timeout=5).content == b"a"
    for where in (
        "FileName = 'c.txt'",
        f"AttachableRef.EntityRef.value = '{customer}'",
        "AttachableRef.EntityRef.Type = 'Customer'",
    ):
        assert [row["Id"] for row in empty.rows(f"select * from Attachable where {where}")] == [made["Id"]], where
    stub = empty.ok("POST", "attachable", {"Id": made["Id"]}, operation="delete")["Attachable"]
    assert stub == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert empty.error("GET", f"attachable/{made['Id']}")[0] == "610"
    assert requests.get(changed["TempDownloadUri"], timeout=5).status_code == 403


def test_replaying_an_upload_keeps_one_file(empty):
    first = upload(empty, ({}, "a.txt", "text/plain", b"a"), requestid="up-1")
    assert (
        upload(empty, ({}, "a.txt", "text/plain", b"a"), requestid="up-1")[0]["Attachable"]["Id"]
        == (first[0]["Attachable"]["Id"])
    )
    assert empty.query("select count(*) from Attachable")["totalCount"] == 1


def test_a_content_type_with_a_line_break_does_no_harm(empty):
    made = upload(empty, ({"ContentType": "text/html\r\nX-Evil: 1"}, "a.htm", "text/html", b"a"))[0]["Attachable"]
    found = requests.get(made["TempDownloadUri"], timeout=5)
    assert found.status_code == 200 and "X-Evil" not in found.headers
    assert found.headers["Content-Disposition"].startswith("attachment")


def test_too_large(empty):
    from simulator import files

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "LARGEST", 10)
        fault = upload(empty, ({}, "a.txt", "text/plain", b"a" * 11))[0]["Fault"]
    assert fault["Error"][0]["code"] == "6030"


@pytest.mark.parametrize(
    "kind, body",
    [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\n\n--x\n"),
        ("multipart/form-data; boundary=x", b'--x\nContent-Disposition: form-data; name="file_content_01"'),
        (
            "multipart/form-data; boundary=x",
            b'--x\nContent-Disposition: form-data; name="file_content_01"\n'
            b"Content-Transfer-Encoding: base64\n\nA\n--x--",
        ),
        ("multipart/form-data", base64.b64encode(BYTES)),
    ],
)
def test_rubbish_is_refused_and_breaks_nothing(empty, kind, body):
    url = f"{empty.url}/v3/company/{empty.realm}/upload"
    answer = empty.http.post(url, data=body, headers={"Content-Type": kind}, timeout=5)
    assert answer.status_code in (200, 400) and empty.control("metrics")["internal_errors"] == 0
