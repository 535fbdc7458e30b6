"""Rows of lists and their families: parents that change, names that follow, rows that become one."""

from typing import Any

import pytest

from simulator.app import Simulator
from simulator.company import Company
from simulator.control import new_company
from simulator.errors import Fault
from simulator.names import merge
from simulator.query import Query
from simulator.schema import SCHEMA

Json = dict[str, Any]


class Books:
    """One company without a network."""

    def __init__(self, **features: Any) -> None:
        simulator = Simulator()
        realm = new_company(simulator, {"empty": True, "features": features})["realmId"]
        self.company: Company = simulator.companies[realm]

    def make(self, entity: str, parent: Json | None = None, **body: Any) -> Json:
        above = {"ParentRef": {"value": parent["Id"]}} if parent else {}
        return self.company.create(SCHEMA[entity], {**body, **above})

    def customer(self, name: str, parent: Json | None = None) -> Json:
        return self.make("Customer", parent, DisplayName=name, Job=bool(parent))

    def change(self, entity: str, row: Json, **changes: Any) -> Json:
        now = self.read(entity, row)
        return self.company.update(SCHEMA[entity], {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True,
                                                    **changes})

    def read(self, entity: str, row: Json) -> Json:
        found = self.company.get(entity, row["Id"])
        assert found is not None
        return found

    def invoice(self, customer: Json, amount: int) -> Json:
        return self.make("Invoice", CustomerRef={"value": customer["Id"]}, Line=[
            {"Amount": amount, "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}])

    def with_jobs(self, *rows: Json) -> list[Any]:
        return [self.read("Customer", row)["BalanceWithJobs"] for row in rows]


@pytest.fixture
def books() -> Books:
    return Books()


def test_a_job_takes_its_balance_to_another_parent(books):
    old, new = books.customer("Old"), books.customer("New")
    job = books.customer("Job", old)
    books.invoice(job, 100)
    assert books.with_jobs(old, new) == [100, 0]
    books.change("Customer", job, ParentRef={"value": new["Id"]})
    assert books.with_jobs(old, new) == [0, 100]


def test_a_sub_account_takes_its_balance_to_another_parent(books):
    old, new = (books.make("Account", Name=name, AccountType="Bank") for name in ("Old", "New"))
    below = books.make("Account", old, Name="Below", AccountType="Bank", OpeningBalance=50)
    sums = "CurrentBalanceWithSubAccounts"
    assert [books.read("Account", row)[sums] for row in (old, new)] == [50, 0]
    books.change("Account", below, ParentRef={"value": new["Id"]})
    assert [books.read("Account", row)[sums] for row in (old, new)] == [0, 50]


def test_rows_below_a_moved_row_have_its_new_depth(books):
    top, middle = books.customer("Top"), books.customer("Middle")
    low = books.customer("Low", middle)
    books.change("Customer", middle, Job=True, ParentRef={"value": top["Id"]})
    assert (books.read("Customer", middle)["Level"], books.read("Customer", low)["Level"]) == (1, 2)
    assert books.read("Customer", low)["FullyQualifiedName"] == "Top:Middle:Low"


def test_a_move_keeps_within_five_levels(books):
    rows = [books.customer("A0")]
    for level in range(1, 5):
        rows.append(books.customer(f"A{level}", rows[-1]))
    head = books.customer("B0")
    books.customer("B2", books.customer("B1", head))
    with pytest.raises(Fault) as refused:
        books.change("Customer", head, Job=True, ParentRef={"value": rows[3]["Id"]})
    assert refused.value.code == "6180"


def test_references_follow_a_new_name(books):
    parent = books.make("Account", Name="Garden", AccountType="Income")
    below = books.make("Account", parent, Name="Plants", AccountType="Income")
    item = books.make("Item", Name="Tree", Type="Service", IncomeAccountRef={"value": below["Id"]})
    assert item["IncomeAccountRef"] == {"value": below["Id"], "name": "Garden:Plants"}
    customer = books.customer("Ada")
    job = books.customer("Boat", customer)
    made = books.invoice(job, 10)
    assert made["CustomerRef"]["name"] == "Boat"
    books.change("Account", parent, Name="Park")
    books.change("Customer", job, DisplayName="Ship")
    assert books.read("Item", item)["IncomeAccountRef"]["name"] == "Park:Plants"
    now = books.read("Invoice", made)
    assert now["CustomerRef"]["name"] == "Ship"
    assert [now[name] for name in ("SyncToken", "MetaData")] == [made[name] for name in ("SyncToken", "MetaData")]


def test_the_family_of_a_merged_row_moves_with_it(books):
    above, keep, lose = (books.customer(name) for name in ("Above", "Keep", "Lose"))
    lose = books.change("Customer", lose, Job=True, ParentRef={"value": above["Id"]})
    job = books.customer("Job", lose)
    books.invoice(job, 30)
    books.invoice(lose, 5)
    assert books.with_jobs(above, lose) == [35, 35]
    merge(books.company, SCHEMA["Customer"], lose["Id"], keep["Id"])
    moved = books.read("Customer", job)
    assert (moved["FullyQualifiedName"], moved["ParentRef"]["value"], moved["Level"]) == ("Keep:Job", keep["Id"], 1)
    assert books.with_jobs(above, keep) == [0, 35]


@pytest.mark.parametrize("winner", ["itself", "below"])
def test_a_row_does_not_merge_into_its_own_family(books, winner):
    row = books.customer("Row")
    below = books.customer("Below", row)
    with pytest.raises(Fault):
        merge(books.company, SCHEMA["Customer"], row["Id"], {"itself": row, "below": below}[winner]["Id"])
    assert books.read("Customer", row)["DisplayName"] == "Row"


def test_an_address_without_id_stays_or_gets_one(books):
    row = books.customer("Ada")
    row["BillAddr"] = {"City": "Bayshore"}
    books.company.store.write(books.company.realm, SCHEMA["Customer"], row, 1, 1)
    assert books.change("Customer", row, Notes="n")["BillAddr"]["City"] == "Bayshore"


def test_rates_of_today_are_asked_for_by_a_word():
    company = Books(multicurrency=True, rates={"EUR": "1.08"}).company
    answer = Query(company, "select * from ExchangeRate where AsOfDate = CURRENT_DATE").answer()
    assert '"SourceCurrencyCode":"EUR"' in answer
    with pytest.raises(Fault) as refused:
        Query(company, "select * from ExchangeRate where AsOfDate = 'soon'")
    assert refused.value.code == "4001"


def test_a_row_leaves_its_parent(books):
    top = books.make("Class", Name="Top")
    below = books.make("Class", top, Name="Below")
    now = books.change("Class", below, SubClass=False)
    assert ("ParentRef" in now, now["SubClass"], now["FullyQualifiedName"]) == (False, False, "Below")
