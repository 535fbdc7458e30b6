"""Batches, change data capture, request ids."""


def item(number, operation, entity, body):
    return {"bId": str(number), "operation": operation, entity: body}


def test_batch_answers_each_item_on_its_own(empty):
    who = empty.customer()
    made = empty.invoice(who["Id"], 10)
    answer = empty.ok(
        "POST",
        "batch",
        {
            "BatchItemRequest": [
                item(1, "create", "Vendor", {"DisplayName": "Boraski Family Store"}),
                item(2, "delete", "Invoice", {"Id": "12999", "SyncToken": "0"}),
                item(3, "update", "Invoice", {"Id": made["Id"], "SyncToken": "9", "sparse": True, "PrivateNote": "x"}),
                {"bId": "4", "Query": "select * from Invoice where TotalAmt > '3.00'"},
                item(5, "create", "Customer", {"DisplayName": "ada lovelace"}),
                item(6, "delete", "Invoice", {"Id": made["Id"], "SyncToken": "0"}),
            ]
        },
    )["BatchItemResponse"]
    assert [part["bId"] for part in answer] == list("123456")
    assert answer[0]["Vendor"]["DisplayName"] == "Boraski Family Store"
    assert [answer[slot]["Fault"]["Error"][0]["code"] for slot in (1, 2, 4)] == ["610", "5010", "6240"]
    assert answer[3]["QueryResponse"]["maxResults"] == 1 and answer[5]["Invoice"]["status"] == "Deleted"


def test_batch_void_and_limits(empty):
    who = empty.customer()["Id"]
    made = empty.invoice(who, 10)
    answer = empty.ok(
        "POST", "batch", {"BatchItemRequest": [item("a", "void", "Invoice", {"Id": made["Id"], "SyncToken": "0"})]}
    )["BatchItemResponse"]
    assert answer[0]["Invoice"]["PrivateNote"] == "Voided"
    many = {"BatchItemRequest": [item(n, "create", "Customer", {"DisplayName": f"C{n}"}) for n in range(31)]}
    assert empty.error("POST", "batch", many)[0] == "1040"
    assert empty.call("POST", "batch", {"BatchItemRequest": []}).status_code == 400


def test_requestid_replays_the_first_answer_even_after_delete(empty):
    who = empty.customer()["Id"]
    body = {"CustomerRef": {"value": who}, "Line": [empty.line(10)]}
    first = empty.ok("POST", "invoice", body, requestid="r1")
    assert empty.ok("POST", "invoice", body, requestid="r1") == first
    empty.ok("POST", "invoice", {"Id": first["Invoice"]["Id"], "SyncToken": "0"}, operation="delete")
    assert empty.ok("POST", "invoice", body, requestid="r1") == first
    assert empty.ok("POST", "invoice", body, requestid="r2")["Invoice"]["Id"] != first["Invoice"]["Id"]
    assert empty.query("select count(*) from Invoice")["totalCount"] == 1
    assert (
        empty.ok("POST", "customer", {"DisplayName": "A"}, requestid="")["Customer"]["Id"]
        != empty.ok("POST", "customer", {"DisplayName": "B"}, requestid="")["Customer"]["Id"]
    )
    assert empty.error("POST", "customer", {"DisplayName": "C"}, requestid="x" * 51)[0] == "2130"


def test_a_refused_request_is_not_remembered(empty):
    empty.customer("Taken")
    assert empty.error("POST", "customer", {"DisplayName": "Taken"}, requestid="r9")[0] == "6240"
    assert empty.ok("POST", "customer", {"DisplayName": "Free"}, requestid="r9")["Customer"]["DisplayName"] == "Free"


def test_requestid_of_a_batch_counts_for_each_item(empty):
    both = [item(1, "create", "Customer", {"DisplayName": "A"}), item(2, "create", "Customer", {"DisplayName": "B"})]
    first = empty.ok("POST", "batch", {"BatchItemRequest": both}, requestid="b1")["BatchItemResponse"]
    again = empty.ok("POST", "batch", {"BatchItemRequest": both[::-1]}, requestid="b1")["BatchItemResponse"]
    assert again == first[::-1] and empty.query("select count(*) from Customer")["totalCount"] == 2
    long = [item("x" * 11, "create", "Customer", {"DisplayName": "C"})]
    assert empty.error("POST", "batch", {"BatchItemRequest": long}, requestid="b2")[0] == "2130"
    assert empty.error("POST", "batch", {"BatchItemRequest": both}, requestid="y" * 37)[0] == "2130"


def changes(client, since, *entities):
    answer = client.ok("GET", "cdc", entities=",".join(entities), changedSince=since)
    return answer["CDCResponse"][0]["QueryResponse"], answer["time"]


def test_cdc_gives_changes_stubs_and_empty_groups(empty):
    empty.control("clock", {"advance": 10})
    _groups, since = changes(empty, "2026-01-01T00:00:00-08:00", "Customer")
    empty.control("clock", {"advance": 10})
    who = empty.customer()
    first, second = empty.invoice(who["Id"], 1), empty.invoice(who["Id"], 2)
    empty.ok("POST", "invoice", {"Id": first["Id"], "SyncToken": "0"}, operation="delete")
    empty.control("clock", {"advance": 10})
    groups, later = changes(empty, since, "customer", "Invoice", "Vendor")
    assert [row["Id"] for row in groups[0]["Customer"]] == [who["Id"]] and groups[2] == {}
    live, stub = groups[1]["Invoice"]
    assert live["Id"] == second["Id"] and groups[1]["maxResults"] == groups[1]["totalCount"] == 2
    assert stub == {"domain": "QBO", "status": "Deleted", "Id": first["Id"], "MetaData": stub["MetaData"]}
    empty.control("clock", {"advance": 10})
    empty.ok("POST", "invoice", {"Id": second["Id"], "SyncToken": "0"}, operation="delete")
    groups, _time = changes(empty, later, "Invoice")
    assert "startPosition" not in groups[0] and groups[0]["maxResults"] == groups[0]["totalCount"] == 1


def test_payment_brings_the_invoice_and_the_customer_into_cdc(empty):
    who = empty.customer()["Id"]
    made = empty.invoice(who, 10)
    empty.control("clock", {"advance": 100})
    _groups, since = changes(empty, "2026-01-01", "Customer")
    empty.pay(who, 10, ("Invoice", made["Id"], 10))
    groups, _time = changes(empty, since, "Invoice", "Customer", "Payment")
    assert [len(group[name]) for group, name in zip(groups, ("Invoice", "Customer", "Payment"), strict=True)] == [
        1,
        1,
        1,
    ]
    assert groups[1]["Customer"][0]["SyncToken"] == "0"


def test_cdc_refusals_and_the_30_day_switch(empty):
    assert empty.error("GET", "cdc", changedSince="2026-01-01")[1].endswith("entities is required")
    assert empty.error("GET", "cdc", entities="estimates", changedSince="2026-01-01")[1].endswith("entity=estimates")
    assert empty.error("GET", "cdc", entities="TaxCode", changedSince="2026-01-01")[0] == "10000"
    assert empty.error("GET", "cdc", entities="Invoice", changedSince="soon")[0] == "2060"
    empty.ok("GET", "cdc", entities="Invoice", changedSince="2011-10-10T09:00:00-07:00")
    empty.control("switches", {"cdc_30_days": True})
    assert empty.call("GET", "cdc", entities="Invoice", changedSince="2011-10-10T09:00:00-07:00").status_code == 400


def test_cdc_gives_at_most_1000(running, empty):
    who = empty.customer()["Id"]
    empty.invoice(who, 10)
    running.simulator.store.run(
        "with recursive n(i) as (select 1000 union all select i + 1 from n where i < 1998) insert into object "
        "select realm, entity, n.i, token, active, name, fqn, doc, party, date, due, total, balance, created, "
        "updated, body from object, n where realm = ? and entity = 'Invoice'",
        empty.realm,
    )
    groups, _time = changes(empty, "2001-01-01", "Invoice", "Customer")
    assert groups[0]["maxResults"] == 1000 and groups[1] == {}
