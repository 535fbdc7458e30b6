"""python-quickbooks: the whole life of an object of every class that can be written."""

from datetime import datetime, timedelta, timezone

import pytest
from library import LIVES, Life, connect
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException

EVERY = pytest.mark.parametrize("life", LIVES, ids=str)
DELETED = [life for life in LIVES if life.ends == "delete"]
NO_CDC: set[str] = set()


@pytest.fixture(scope="module")
def qb(sandbox):
    return connect(sandbox)


def saved(life: Life, qb):
    return life.make(qb).save(qb=qb)


def token(one) -> int:
    return int(one.SyncToken)


@EVERY
def test_create_and_read(qb, life):
    made = saved(life, qb)
    assert made.Id.isdigit() and made.SyncToken == "0" and made.domain == "QBO" and made.sparse is False
    assert {key: getattr(made, key) for key in life.holds} == life.holds
    read = life.kind.get(made.Id, qb=qb)
    assert read.to_dict() == made.to_dict()


@EVERY
def test_the_answer_has_times_and_envelope(qb, life):
    url = f"{qb.api_url}/company/{qb.company_id}/{life.kind.qbo_object_name.lower()}/{saved(life, qb).Id}"
    body = qb.get(url)
    (entity,) = set(body) - {"time"}
    assert entity == (getattr(life.kind, "qbo_json_object_name", "") or life.kind.qbo_object_name)
    created = datetime.fromisoformat(body[entity]["MetaData"]["CreateTime"])
    assert created.utcoffset() in (timedelta(hours=-7), timedelta(hours=-8)) and not created.microsecond
    assert abs(datetime.now(timezone.utc) - created) < timedelta(minutes=5)


@EVERY
def test_update(qb, life):
    made = saved(life, qb)
    key, value = life.change
    setattr(made, key, value)
    changed = made.save(qb=qb)
    assert getattr(changed, key) == value and changed.Id == made.Id
    assert {name: getattr(changed, name) for name in life.holds if name != key} == {
        k: v for k, v in life.holds.items() if k != key
    }
    assert getattr(life.kind.get(made.Id, qb=qb), key) == value
    expected = 0 if key == "Active" else 1
    assert token(changed) == expected


@EVERY
def test_stale_token(qb, life):
    made = saved(life, qb)
    key, value = life.change if life.change[0] != "Active" else ("Name", made.Name + " renamed")
    before = getattr(made, key)
    setattr(made, key, value)
    made.save(qb=qb)
    setattr(made, key, before)
    with pytest.raises(QuickbooksException) as caught:
        made.save(qb=qb)
    assert (caught.value.error_code, caught.value.message) == (5010, "Stale Object Error")


@EVERY
def test_query_filter_count_and_choose(qb, life):
    made = saved(life, qb)
    where = life.wanted.format(**vars(made))
    found = life.kind.where(where, qb=qb, max_results=1000)
    assert made.Id in [one.Id for one in found]
    assert life.kind.count(where, qb=qb) == len(found)
    twin = next(one for one in found if one.Id == made.Id)
    assert twin.to_dict() == made.to_dict()
    if "." not in where:
        key, text = where.replace("'", "").split(" = ")
        assert made.Id in [one.Id for one in life.kind.filter(**{key: text}, qb=qb, max_results=1000)]
    assert [one.Id for one in life.kind.choose([made.Id], qb=qb)] == [made.Id]
    assert life.kind.choose(["99999999"], qb=qb) == []


@EVERY
def test_all_in_pages(qb, life):
    keys = {saved(life, qb).Id for _ in range(3)}
    total = life.kind.count(qb=qb)
    found, start = [], 1
    while True:
        page = life.kind.all(order_by="MetaData.CreateTime", start_position=start, max_results=5, qb=qb)
        found += [one.Id for one in page]
        if len(page) < 5:
            break
        start += 5
    assert len(found) == len(set(found)) == total
    assert keys <= set(found)


@EVERY
def test_to_ref(qb, life):
    made = saved(life, qb)
    if not hasattr(made, "to_ref"):
        assert made.to_linked_txn().TxnId == made.Id
        return
    made = made.to_ref()
    assert made.value.isdigit() and made.type == life.kind.qbo_object_name


@EVERY
def test_same_request_id_gives_the_first_answer(qb, life):
    if life.kind.__name__ == "Attachable":
        pytest.skip("save() of the library takes no request id here")
    first, second = life.make(qb), life.make(qb)
    key = f"fidelity-{life}-{id(first)}"[:50]
    one, other = first.save(qb=qb, request_id=key), second.save(qb=qb, request_id=key)
    assert other.Id == one.Id


@EVERY
def test_end(qb, life):
    made = saved(life, qb)
    if life.ends == "delete":
        answer = made.delete(qb=qb)
        (body,) = [value for value in answer.values() if isinstance(value, dict)]
        assert (body["status"], body["Id"], body["domain"]) == ("Deleted", made.Id, "QBO")
        with pytest.raises(ObjectNotFoundException) as caught:
            life.kind.get(made.Id, qb=qb)
        assert caught.value.error_code == 610
        assert life.kind.choose([made.Id], qb=qb) == []
        return
    made.Active = False
    gone = made.save(qb=qb)
    assert gone.Active is False and token(gone) == 1
    key = life.wanted.split(" = ")[0]
    assert getattr(gone, key).endswith(" (deleted)")
    assert life.kind.get(made.Id, qb=qb).Active is False
    assert life.kind.choose([made.Id], qb=qb) == []
    assert [one.Id for one in life.kind.where(f"Id = '{made.Id}' AND Active IN (true, false)", qb=qb)] == [made.Id]
    gone.Active = True
    setattr(gone, key, getattr(made, key))
    assert gone.save(qb=qb).Active is True


@EVERY
def test_batch(qb, life):
    if life.kind.__name__ == "CreditCardPayment":
        pytest.skip("the library reads batch answers of this class under a wrong name")
    done = batch_create([life.make(qb) for _ in range(3)], qb=qb)
    assert [fault.Error[0].Detail for fault in done.faults] == [] and len(done.successes) == 3
    key, value = life.change
    for one in done.successes:
        setattr(one, key, value)
    changed = batch_update(done.successes, qb=qb)
    assert not changed.faults and {getattr(one, key) for one in changed.successes} == {value}
    if life.ends == "delete":
        ended = batch_delete(changed.successes, qb=qb)
        assert not ended.faults and {one.status for one in ended.successes} == {"Deleted"}
        assert life.kind.choose([one.Id for one in done.successes], qb=qb) == []


@pytest.mark.parametrize(
    "life", [life for life in LIVES if life.kind.__name__ not in ("TimeActivity", "CreditCardPayment")], ids=str
)
def test_change_data_capture(qb, life):
    since = datetime.now(timezone.utc) - timedelta(minutes=10)
    made = saved(life, qb)
    changes = change_data_capture([life.kind], since.strftime("%Y-%m-%dT%H:%M:%S+00:00"), qb=qb)
    group = getattr(changes, life.kind.qbo_object_name)
    assert made.Id in [one.Id for one in group]
    if life.ends == "delete":
        made = life.kind.get(made.Id, qb=qb)
        made.delete(qb=qb)
        changes = change_data_capture([life.kind], since.strftime("%Y-%m-%dT%H:%M:%S+00:00"), qb=qb)
        group = getattr(changes, life.kind.qbo_object_name)
        assert [one.status for one in group if one.Id == made.Id] == ["Deleted"]


@pytest.mark.parametrize("life", DELETED, ids=str)
def test_deleting_twice(qb, life):
    made = saved(life, qb)
    made.delete(qb=qb)
    with pytest.raises(ObjectNotFoundException):
        made.delete(qb=qb)
