"""Planned faults, the throttle, log, metrics, dump, clock, several companies, persistence."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import werkzeug.test
from conftest import Client

from simulator.app import Simulator
from simulator.control import new_company
from simulator.server import Running


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("429_json", 429, '"code":"3001"'),
        ("429_xml", 429, "<IntuitResponse"),
        ("500", 500, '"code":"10000"'),
        ("502", 502, "<html>"),
        ("503", 503, "<html>"),
        ("504", 504, "<html>"),
        ("expired_token", 401, '"code":"3200"'),
    ],
)
def test_planned_answers(empty, kind, status, content):
    empty.control("faults", {"kind": kind, "match": {"entity": "customer", "operation": "create"}, "count": 1})
    assert empty.call("GET", "companyinfo/1").status_code == 200
    answer = empty.call("POST", "customer", {"DisplayName": "A"})
    assert answer.status_code == status and content in answer.text
    assert empty.query("select count(*) from Customer")["totalCount"] == 0
    assert empty.customer("A")["Id"]
    assert empty.control("faults")["planned"][0]["hits"] == 1


def test_work_done_but_the_answer_lost(empty):
    for kind, more in (("502", {"commit": True}), ("cut_after", {}), ("truncated_json", {})):
        empty.control("faults", {"kind": kind, "match": {"path": "/customer$"}, **more})
        with pytest.raises((AssertionError, ValueError, requests.RequestException)):
            empty.create("Customer", {"DisplayName": kind}, requestid=kind)
        assert empty.query(f"select count(*) from Customer where DisplayName = '{kind}'")["totalCount"] == 1
        assert empty.create("Customer", {"DisplayName": kind}, requestid=kind)["DisplayName"] == kind


def test_connection_cut_before_the_work_and_malformed_json(empty):
    empty.control("faults", {"kind": "cut_before", "match": {"operation": "create"}})
    with pytest.raises(requests.ConnectionError):
        empty.create("Customer", {"DisplayName": "A"})
    assert empty.query("select count(*) from Customer")["totalCount"] == 0
    empty.control("faults", {"kind": "malformed_json", "match": {"operation": "read"}})
    with pytest.raises(ValueError):
        empty.read("CompanyInfo", "1")


def test_latency_skip_and_fault_of_choice(empty):
    empty.control(
        "faults",
        {
            "faults": [
                {"kind": "latency", "seconds": 0.3, "match": {"operation": "query"}},
                {
                    "kind": "fault",
                    "code": "6190",
                    "text": "Subscription",
                    "skip": 1,
                    "match": {"entity": "customer", "method": "POST"},
                },
            ]
        },
    )
    started = time.monotonic()
    empty.query("select * from Term")
    assert time.monotonic() - started >= 0.3
    empty.customer("A")
    assert empty.error("POST", "customer", {"DisplayName": "B"})[0] == "6190"
    assert empty.control("faults", {"clear": True}) == {"planned": []}
    assert "error" in empty.control("faults", {"kind": "meteor"}, expect=400)


def test_a_fault_hits_a_batch_by_the_entities_in_it(empty):
    empty.control("faults", {"kind": "503", "match": {"entity": "invoice"}})
    body = {"BatchItemRequest": [{"bId": "1", "operation": "create", "Customer": {"DisplayName": "A"}}]}
    assert empty.call("POST", "batch", body).status_code == 200
    body["BatchItemRequest"].append({"bId": "2", "operation": "create", "Invoice": {}})
    assert empty.call("POST", "batch", body).status_code == 503


def test_throttle_by_the_simulators_clock(empty):
    empty.control("switches", {"throttle": True})
    answers = [empty.call("GET", "companyinfo/1").status_code for _count in range(11)]
    assert answers[:10] == [200] * 10 and answers[10] == 429
    empty.control("clock", {"advance": 1.5})
    assert empty.call("GET", "companyinfo/1").status_code == 200
    empty.control("switches", {"throttle_body": "xml"})
    body = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
    codes = []
    for _count in range(41):
        empty.control("clock", {"advance": 1.1})
        codes.append(empty.call("POST", "batch", body))
    assert [answer.status_code for answer in codes[:40]] == [200] * 40
    assert codes[40].status_code == 429 and codes[40].text.startswith("<?xml")
    assert empty.control("metrics")["throttled"] == 2


def test_log_and_metrics(empty):
    empty.control("metrics", clear=1)
    who = empty.create("Customer", {"DisplayName": "A"}, requestid="q1")["Id"]
    empty.query("select * from Customer")
    empty.read("Customer", who)
    empty.call(
        "POST",
        "batch",
        {
            "BatchItemRequest": [
                {"bId": "1", "operation": "create", "Customer": {"DisplayName": "B"}},
                {"bId": "2", "Query": "select * from Term"},
                {"bId": "3", "operation": "create", "Customer": {"DisplayName": "B"}},
            ]
        },
    )
    counts = empty.control("metrics")
    wanted = {
        "requests": 4,
        "core": 2,
        "metered": 3,
        "batch": 1,
        "batch_items": 3,
        "failed": 1,
        "create": 2,
        "query": 2,
        "read": 1,
        "read_after_write": 1,
        "write_requests": 2,
        "create:Customer": 2,
        "internal_errors": 0,
    }
    assert {name: counts[name] for name in wanted} == wanted
    last = empty.control("log")["requests"][-1]
    assert (last["path"], last["batch_items"], last["status"]) == (f"/v3/company/{empty.realm}/batch", 3, 200)
    assert any(entry["requestid"] == "q1" for entry in empty.control("log")["requests"] if "requestid" in entry)


def test_reading_what_a_person_changed_is_no_read_after_write(empty):
    who = empty.customer()["Id"]
    empty.control("metrics", clear=1)
    empty.ui("edit", entity="Customer", id=who, data={"Notes": "new"})
    assert empty.read("Customer", who)["Notes"] == "new" and empty.control("metrics")["read_after_write"] == 0


def test_dump_and_company_with_given_objects(client):
    client.start(
        empty=True,
        objects={
            "Customer": [{"DisplayName": "Given"}],
            "Invoice": [{"CustomerRef": {"value": "1"}, "Line": [client.line(12)]}],
        },
    )
    dump = client.control("dump", realm=client.realm)
    assert dump["objects"]["Customer"][0]["Balance"] == 12 and dump["counts"]["Invoice"] == 1 and dump["deleted"] == {}
    assert "routes" in client.control("nowhere", expect=404)
    second = client.control("company", {"empty": True, "name": "Second", "realm": "123"})
    assert second["realmId"] == "123" and len(client.control("company")["companies"]) == 2


def test_a_company_that_cannot_be_made_leaves_the_old_one(demo):
    before = demo.control("dump", realm=demo.realm)
    assert "error" in demo.control("company", {"realm": demo.realm, "features": {"tax": "odd"}}, expect=400)
    wrong = {"Invoice": [{"CustomerRef": {"value": "999"}, "Line": []}]}
    assert "Fault" in demo.control("company", {"realm": demo.realm, "empty": True, "objects": wrong}, expect=400)
    assert demo.control("dump", realm=demo.realm) == before


def test_an_error_in_the_middle_of_a_unit_leaves_nothing_behind(empty):
    before = empty.control("dump", realm=empty.realm)
    who = {"CustomerRef": {"value": "999"}, "Line": [empty.line(1)]}
    assert empty.error("POST", "invoice", who)[0] == "2500"
    assert empty.control("dump", realm=empty.realm) == before


def test_a_file_keeps_everything_over_a_restart(tmp_path):
    path = str(tmp_path / "books.sqlite")
    first = Running(Simulator(path)).start()
    realm = new_company(first.simulator, {"size": 10})["realmId"]
    client = Client(first.url)
    client.realm = realm
    client.sign_in()
    made = client.create("Customer", {"DisplayName": "Kept"}, requestid="keep")
    before = client.control("dump", realm=realm)
    first.stop()
    second = Running(Simulator(path)).start()
    again = Client(second.url)
    again.realm, again.http.headers = realm, client.http.headers
    assert again.control("dump", realm=realm) == before
    assert again.create("Customer", {"DisplayName": "Other"}, requestid="keep")["Id"] == made["Id"]
    assert again.total("AgedReceivables") == client_total(before)
    second.stop()


def client_total(dump):
    objects = dump["objects"]
    return (
        sum(row["Balance"] for row in objects["Invoice"])
        - sum(row["Balance"] for row in objects.get("CreditMemo", []))
        - sum(row["UnappliedAmt"] for row in objects.get("Payment", []))
    )


def test_the_command_line_starts_a_server():
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", "--company", "Bay Gardens", "--size", "3"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert "Bay Gardens (realm" in line
        url = line.strip().rsplit(" ", 1)[1]
        assert requests.get(f"{url}/_control/metrics", timeout=5).json()["requests"] == 0
    finally:
        process.terminate()
        process.wait(10)


def test_parallel_clients_lose_nothing(empty):
    empty.control("metrics", clear=1)

    def work(number):
        mine = Client(empty.url)
        mine.realm, mine.http.headers = empty.realm, empty.http.headers
        for count in range(10):
            made = mine.create("Customer", {"DisplayName": f"C{number}-{count}"}, requestid=f"{number}-{count}")
            mine.invoice(made["Id"], 10)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    counts = empty.control("metrics")
    assert (counts["requests"], counts["create"], counts["internal_errors"]) == (120, 120, 0)
    assert empty.total("AgedReceivables") == 600
    numbers = [row["DocNumber"] for row in empty.rows("select DocNumber from Invoice")]
    assert len(set(numbers)) == 60


def test_two_at_once_with_one_request_id_make_one(empty):
    who = empty.customer()["Id"]
    body = {"CustomerRef": {"value": who}, "Line": [empty.line(10)]}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _number: empty.create("Invoice", body, requestid="same")["Id"], range(4)))
    assert len(set(made)) == 1 and empty.query("select count(*) from Invoice")["totalCount"] == 1


def test_several_companies_each_with_its_own_country_and_settings(client):
    client.start(empty=True)
    wishes = [{"name": "Leeds", "empty": True, "features": {"tax": "global"}},
              {"name": "Lyon", "empty": True, "features": {"tax": "global", "country": "FR", "currency": "EUR"},
               "preferences": {"SalesFormsPrefs": {"AllowShipping": True}}}]
    made = client.control("company", {"companies": wishes})["companies"]
    assert len({client.realm, *(each["realmId"] for each in made)}) == 3
    dumps = [client.control("dump", realm=each["realmId"])["objects"] for each in made]
    assert [each["CompanyInfo"][0]["Country"] for each in dumps] == ["GB", "FR"]
    settings = [each["Preferences"][0] for each in dumps]
    assert [each["CurrencyPrefs"]["HomeCurrency"]["value"] for each in settings] == ["GBP", "EUR"]
    assert [each["SalesFormsPrefs"]["AllowShipping"] for each in settings] == [False, True]


def test_bad_wishes_for_companies_change_nothing(client):
    client.start(empty=True)
    before = client.control("company")
    for wish in ({"features": {"colour": "red"}}, {"features": ["tax"]}, {"realm": "x"}, {"company": "moon"},
                 {"companies": [{"empty": True}, {"features": {"tax": "odd"}}]}, {"companies": [7]},
                 {"preferences": {"Colours": {}}, "empty": True}, {"objects": {"Invoice": [{}]}, "empty": True}):
        client.control("company", wish, expect=400)
    assert client.control("company") == before


def test_a_client_that_is_gone_leaves_no_words_on_the_terminal(capfd):
    server = Running(Simulator()).start()
    server.simulator.traffic.plan({"kind": "cut_after"})
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/op/v1/jwks", timeout=5)
    time.sleep(0.2)
    server.stop()
    assert capfd.readouterr().err == ""


def test_the_log_is_read_while_it_grows():
    simulator, done = Simulator(), threading.Event()
    log = simulator.traffic.log
    log.extend({"time": 0.0} for _ in range(40_000))

    def grow():
        while not done.is_set():
            log.append({"time": 0.0})

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(5):
            assert werkzeug.test.Client(simulator).get("/_control/log?since=1").json == {"requests": [], "count": 0}
    finally:
        done.set()
        thread.join()
        simulator.close()


def test_everything_is_taken_back_to_what_was_remembered(empty):
    """Books, ids, tokens, request ids, clock, switches, faults, metrics and log; as often as wanted."""
    kept = empty.create("Customer", {"DisplayName": "Kept"}, requestid="first")
    other = empty.control("company", {"empty": True})["realmId"]
    empty.control("faults", {"kind": "500", "match": {"entity": "vendor"}})
    empty.control("remember", {})
    before = {route: empty.control(route) for route in ("dump", "company", "faults", "switches", "metrics", "log")}
    tokens = empty.tokens
    ids = set()
    for _time in range(2):
        made = empty.create("Customer", {"DisplayName": "Made"}, requestid="second")
        ids.add(made["Id"])
        edited = {"Id": kept["Id"], "SyncToken": "0", "sparse": True, "Notes": "edited", "DisplayName": "Kept"}
        assert empty.create("Customer", edited)["SyncToken"] == "1"
        assert empty.call("POST", "vendor", {"DisplayName": "V"}).status_code == 500
        empty.control("company", {"empty": True})
        empty.control("company", {"realm": other, "size": 5})
        empty.control("clock", {"days": 40})
        empty.control("switches", {"rotate_every_time": True})
        empty.control("oauth", {"disconnect": True, "realm": empty.realm})
        assert empty.call("GET", "companyinfo/1").status_code == 401
        empty.control("restore", {})
        assert {route: empty.control(route) for route in before} == before
        assert empty.control("clock")["offset"] == 0
        assert empty.query("select count(*) from Customer")["totalCount"] == 1
        assert empty.tokens == tokens and empty.call("GET", "companyinfo/1").status_code == 200
    assert len(ids) == 1, "the ids are given anew"


def test_nothing_was_remembered(empty):
    fresh = Simulator()
    answer = werkzeug.test.Client(fresh).post("/_control/restore", json={})
    assert (answer.status_code, answer.json) == (400, {"error": "ValueError: nothing was remembered"})
    fresh.close()


def test_what_is_being_answered_ends_before_the_books_are_taken_back(empty):
    empty.control("remember", {})
    empty.control("faults", {"kind": "latency", "seconds": 0.5, "match": {"entity": "customer"}})
    with ThreadPoolExecutor() as pool:
        late = pool.submit(empty.create, "Customer", {"DisplayName": "Late"})
        while not empty.control("faults")["planned"][0]["hits"]:
            time.sleep(0.01)
        empty.control("restore", {})
        assert late.result()["DisplayName"] == "Late"
    assert empty.query("select count(*) from Customer")["totalCount"] == 0


def test_a_file_is_taken_back_too(tmp_path):
    simulator = Simulator(str(tmp_path / "books.db"))
    client = werkzeug.test.Client(simulator)
    realm = new_company(simulator, {"empty": True})["realmId"]
    client.post("/_control/remember", json={})
    before = client.get("/_control/dump").json
    client.post("/_control/ui", json={"action": "create", "entity": "Customer", "data": {"DisplayName": "A"}})
    found = client.get("/_control/dump?entity=Customer").json
    assert [row["DisplayName"] for row in found["objects"]["Customer"]] == ["A"] and len(found["objects"]) == 1
    client.post("/_control/restore", json={})
    assert client.get("/_control/dump").json == before
    simulator.close()
    again = Simulator(str(tmp_path / "books.db"))
    assert [*again.companies] == [realm] and werkzeug.test.Client(again).get("/_control/dump").json == before
    again.close()
