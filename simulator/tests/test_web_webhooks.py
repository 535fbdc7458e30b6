"""The web pages as a browser's forms use them, and the delivery of webhooks."""

import base64
import hashlib
import hmac
import json
import threading
import time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from simulator.company import Event
from simulator.webhooks import TOLD, Webhooks, sign


def page(client, path, expect=200, **form):
    url = f"{client.url}/app/{client.realm}/{path}"
    answer = requests.post(url, data=form, timeout=5) if form else requests.get(url, timeout=5)
    assert answer.status_code == expect, answer.text[-500:]
    return answer


@pytest.mark.parametrize(
    "path",
    [
        "customers",
        "invoices",
        "payments",
        "creditmemos",
        "ageing",
        "customer/new",
        "customer/1",
        "invoice/new",
        "invoice/1",
        "payment/new",
        "creditmemo/new",
    ],
)
def test_pages_show(demo, path):
    text = page(demo, path).text
    assert "<b>Simulator</b>" in text and "viewport" in text and "Alder Park Landscaping" in text


def test_lists_show_what_the_api_says(demo):
    assert page(demo, "customers").text.count("/customer/") == 41
    assert page(demo, "invoices").text.count("/invoice/") == 121
    total = f"{demo.total('AgedReceivables'):.2f}"
    assert total in page(demo, "ageing").text
    page(demo, "invoice/99999", 404)
    page(demo, "nonsense", 404)
    assert demo.realm in requests.get(demo.url, timeout=5).text


def test_customer_form(empty):
    made = page(empty, "customer/new", DisplayName="Web & Co", PrimaryPhone="555-1", City="Bayshore", save="1")
    assert "Saved." in made.text and 'value="Web &amp; Co"' in made.text
    key = made.url.split("/")[-1].split("?")[0]
    page(empty, f"customer/{key}", DisplayName="Web & Co", PrimaryPhone="555-2", City="", Notes="", save="1")
    body = empty.read("Customer", key)
    assert body["PrimaryPhone"] == {"FreeFormNumber": "555-2"} and "BillAddr" not in body and body["SyncToken"] == "1"
    clash = page(empty, "customer/new", DisplayName="Web & Co", save="1")
    assert 'id="error"' in clash.text and "6240" in clash.text
    page(empty, f"customer/{key}", deactivate="1")
    assert empty.read("Customer", key)["Active"] is False


def test_a_form_leaves_what_it_does_not_show(empty):
    empty.start(empty=True, features={"classes": True})
    who, kind = empty.customer()["Id"], empty.create("Class", {"Name": "North"})["Id"]
    line = empty.line(20, ClassRef={"value": kind}, ServiceDate="2026-11-01")
    made = empty.create("Invoice", {"CustomerRef": {"value": who}, "Line": [line]})
    page(empty, f"invoice/{made['Id']}", CustomerRef=who, id_0="1", item_0="1", qty_0="2", price_0="20", save="1")
    detail = empty.read("Invoice", made["Id"])["Line"][0]["SalesItemLineDetail"]
    assert (detail["Qty"], detail["ClassRef"]["value"], detail["ServiceDate"]) == (2, kind, "2026-11-01")


def test_invoice_and_payment_forms(empty):
    who = empty.customer()["Id"]
    made = page(
        empty,
        "invoice/new",
        CustomerRef=who,
        TxnDate="2026-11-01",
        item_0="1",
        text_0="Work",
        qty_0="3",
        price_0="20",
        tax_0="on",
        item_1="",
        text_1="",
        qty_1="",
        price_1="",
        save="1",
    )
    key = made.url.split("/")[-1].split("?")[0]
    body = empty.read("Invoice", key)
    assert (
        body["TotalAmt"] == Decimal("64.80") and body["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX"
    )
    page(
        empty,
        f"invoice/{key}",
        CustomerRef=who,
        TxnDate="2026-11-01",
        DocNumber=body["DocNumber"],
        id_0="1",
        item_0="1",
        text_0="Work",
        qty_0="4",
        price_0="20",
        save="1",
    )
    assert empty.read("Invoice", key)["TotalAmt"] == 80 and empty.read("Invoice", key)["Line"][0]["Id"] == "1"
    paid = page(empty, f"invoice/{key}", amount="50", PaymentRefNum="7", PaymentMethodRef="2", receive="1")
    assert "30.00" in paid.text and empty.read("Invoice", key)["Balance"] == 30
    payment = empty.rows("select * from Payment")[0]
    assert (payment["PaymentRefNum"], payment["PaymentMethodRef"]) == ("7", {"value": "2"})
    assert "2110" in page(empty, f"invoice/{key}", amount="many", receive="1").text
    page(empty, f"payment/{payment['Id']}", void="1")
    assert empty.read("Invoice", key)["Balance"] == 80
    assert "Voided" in page(empty, f"invoice/{key}", void="1").text
    page(empty, f"invoice/{key}", delete="1")
    assert empty.query("select count(*) from Invoice")["totalCount"] == 0


@pytest.fixture
def receiver():
    """A small web server that keeps what it is sent."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((data, dict(self.headers)))
            self.send_response(server.answer())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.answer = lambda: 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.got, server.url = got, f"http://127.0.0.1:{server.server_port}/hook"
    yield server
    server.shutdown()
    server.server_close()


def hooked(client, receiver, **config):
    client.control(
        "webhooks",
        {
            "url": receiver.url,
            "verifier_token": "secret",
            "duplicate": False,
            "reorder": False,
            "delay": 0,
            "format": "old",
            **config,
        },
    )


def test_webhooks_in_the_old_format_are_signed(empty, receiver):
    hooked(empty, receiver)
    who = empty.customer()
    assert empty.control("webhooks", wait=5)["counts"]["sent"] >= 1
    data, headers = receiver.got[0]
    wanted = base64.b64encode(hmac.new(b"secret", data, hashlib.sha256).digest()).decode()
    assert {name.lower(): value for name, value in headers.items()}["intuit-signature"] == wanted
    notice = json.loads(data)["eventNotifications"][0]
    assert notice["realmId"] == empty.realm
    entity = notice["dataChangeEvent"]["entities"][0]
    assert (entity["name"], entity["id"], entity["operation"]) == ("Customer", who["Id"], "Create")


def test_cloudevents_tell_of_payment_invoice_void_and_merge(empty, receiver):
    who, other = empty.customer()["Id"], empty.customer("Other")["Id"]
    made = empty.invoice(who, 10)
    hooked(empty, receiver, format="cloudevents", duplicate=True)
    paid = empty.pay(who, 10, ("Invoice", made["Id"], 10))
    empty.control("webhooks", wait=5)
    assert receiver.got[0][0] == receiver.got[1][0]
    events = {(event["type"], event["intuitentityid"]) for event in json.loads(receiver.got[0][0])}
    assert events == {("qbo.payment.created.v1", paid["Id"]), ("qbo.invoice.updated.v1", made["Id"])}
    assert json.loads(receiver.got[0][0])[0]["intuitaccountid"] == empty.realm
    receiver.got.clear()
    empty.ui("void", entity="Payment", id=paid["Id"])
    empty.ui("merge", entity="Customer", id=who, into=other)
    empty.control("webhooks", wait=5)
    kinds = {event["type"] for data, _headers in receiver.got for event in json.loads(data)}
    assert {"qbo.payment.void.v1", "qbo.invoice.updated.v1", "qbo.customer.merged.v1"} <= kinds


def test_nothing_is_told_of_what_failed(empty, receiver):
    hooked(empty, receiver)
    empty.error("POST", "customer", {"DisplayName": "a:b"})
    empty.control("webhooks", wait=5)
    assert receiver.got == []
    assert "error" in empty.control("webhooks", {"format": "telegram"}, expect=400)


def vectors(name):
    found = Path(__file__).parents[3] / "shared" / "recordings" / "webhooks" / name
    if not found.exists():
        pytest.skip("the recordings are not beside this repository")
    return json.loads(found.read_text("utf-8"))


def test_the_signature_is_that_of_recorded_notices():
    for vector in vectors("signature_vectors.json"):
        same = sign(vector["verifier_token"], vector["body"].encode()) == vector["intuit_signature"]
        assert same == vector["valid"]


def test_cloud_events_look_like_the_recorded_ones(empty):
    recorded = vectors("cloudevents.json")
    sample, types = json.loads(recorded["cloudevents_sample"]["body"])[0], set(recorded["event_types"]["types"])
    events = [Event(empty.realm, name, "7", "Create") for name in TOLD if name != "Preferences"]
    events += [Event("9", "Preferences", "1", "Update"), Event("9", "Invoice", "1", "Void")]
    made = Webhooks(lambda: 1_700_000_000.0).payload(events, "cloudevents")
    assert {event["type"] for event in made} - types <= {"qbo.journalcode.created.v1"}
    for event in made:
        assert set(sample) <= set(event) and len(event["time"]) == len(sample["time"])
        assert len(event["source"]) == len(sample["source"])


def test_several_realms_in_one_body_and_a_choice_of_entities(empty, receiver):
    second = empty.control("company", {"empty": True, "name": "Second"})["realmId"]
    hooked(empty, receiver, gather=0.4, entities=["Customer"])
    for realm in (empty.realm, second):
        empty.control("ui", {"realm": realm, "action": "create", "entity": "Customer", "data": {"DisplayName": "A"}})
        empty.control("ui", {"realm": realm, "action": "create", "entity": "Vendor", "data": {"DisplayName": "V"}})
    empty.control("webhooks", wait=5)
    (data, _headers) = receiver.got[0]
    notices = json.loads(data)["eventNotifications"]
    assert {notice["realmId"] for notice in notices} == {empty.realm, second}
    assert {item["name"] for notice in notices for item in notice["dataChangeEvent"]["entities"]} == {"Customer"}
    empty.control("webhooks", {"gather": 0, "entities": []})


def test_what_is_not_taken_is_sent_again_and_the_next_waits_behind(empty, receiver):
    answers = [503, 500, 200]
    receiver.answer = lambda: answers.pop(0) if answers else 200
    hooked(empty, receiver, retries=3, wait_factor=0.002)
    empty.customer("First")
    time.sleep(0.01)
    empty.customer("Second")
    empty.control("webhooks", wait=5)
    bodies = [data for data, _headers in receiver.got]
    assert bodies[0] == bodies[1] == bodies[2] and len(set(bodies)) >= 1 and not answers
    empty.control("webhooks", {"retries": 2, "wait_factor": 0.01})


def test_merge_names_the_loser_and_a_sent_invoice_is_emailed(empty, receiver):
    one, two = empty.customer("One")["Id"], empty.customer("Two")["Id"]
    key = empty.invoice(one, 5)["Id"]
    hooked(empty, receiver)
    empty.ui("merge", entity="Customer", id=one, into=two)
    empty.ok("POST", f"invoice/{key}/send", sendTo="a@b.example")
    empty.control("webhooks", wait=5)
    items = [
        item
        for data, _headers in receiver.got
        for item in json.loads(data)["eventNotifications"][0]["dataChangeEvent"]["entities"]
    ]
    assert {"name": "Customer", "id": two, "operation": "Merge", "deletedId": one}.items() <= next(
        item for item in items if item["operation"] == "Merge"
    ).items()
    assert ("Invoice", key, "Emailed") in {(item["name"], item["id"], item["operation"]) for item in items}
