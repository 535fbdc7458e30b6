"""Stocked items: quantities, first in first out, cost of goods sold, adjustments."""

from decimal import Decimal

import pytest

from simulator.errors import Fault
from simulator.schema import SCHEMA
from simulator.tests.test_purchases import Office, ref


class Store(Office):
    """A company with one stocked item: two pieces for 10 each since January."""

    def __init__(self):
        super().__init__()
        self.asset, self.cost = self.company.account("Inventory"), self.company.account("SuppliesMaterialsCogs")
        income = self.make("Account", Name="Goods", AccountType="Income", AccountSubType="SalesOfProductIncome")["Id"]
        self.item = self.make(
            "Item", Name="Pump", Type="Inventory", QtyOnHand=2, InvStartDate="2026-01-01", PurchaseCost=10,
            IncomeAccountRef=ref(income), ExpenseAccountRef=ref(self.cost), AssetAccountRef=ref(self.asset),
        )  # fmt: skip

    def detail(self, quantity, price):
        return {"ItemRef": ref(self.item["Id"]), "Qty": quantity, "UnitPrice": price}

    def sell(self, quantity, day="2026-03-01", entity="Invoice"):
        line = {"Amount": 20 * quantity, "DetailType": "SalesItemLineDetail"}
        lines = [{**line, "SalesItemLineDetail": self.detail(quantity, 20)}]
        return self.make(entity, CustomerRef=ref(self.customer), TxnDate=day, Line=lines)

    def buy(self, quantity, price, day="2026-02-01", entity="Bill"):
        line = {"Amount": price * quantity, "DetailType": "ItemBasedExpenseLineDetail"}
        lines = [{**line, "ItemBasedExpenseLineDetail": self.detail(quantity, price)}]
        return self.make(entity, VendorRef=ref(self.vendor), TxnDate=day, Line=lines)

    def adjust(self, **detail):
        line = {"DetailType": "ItemAdjustmentLineDetail"}
        line["ItemAdjustmentLineDetail"] = {"ItemRef": ref(self.item["Id"]), **detail}
        return self.make("InventoryAdjustment", AdjustAccountRef=ref(self.rent), TxnDate="2026-04-01", Line=[line])

    def figures(self):
        """Return quantity, value of the stock and cost of what was sold."""
        sums = [
            Decimal(self.company.value("select sum(home) from posting where realm = ? and account = ?", account) or 0)
            for account in (self.asset, self.cost)
        ]
        return self.read("Item", self.item)["QtyOnHand"], sums[0] / 100, sums[1] / 100


@pytest.fixture
def shop():
    return Store()


def test_starting_quantity_is_booked_against_opening_balance(shop):
    assert shop.figures() == (2, 20, 0)
    assert shop.balance("Account", shop.company.account("OpeningBalanceEquity")) == 20


def test_sale_costs_the_oldest_units(shop):
    shop.buy(3, 12)
    sale = shop.sell(3)
    assert shop.figures() == (2, 24, 32)
    assert shop.posted(sale, shop.asset, shop.cost, shop.receivable) == [-32, 32, 60]


def test_earlier_purchase_changes_the_cost_of_a_later_sale_and_its_deletion_too(shop):
    sale = shop.sell(3)
    assert shop.figures() == (-1, -10, 30)
    bill = shop.buy(3, 12)
    assert shop.figures() == (2, 24, 32) and shop.read("Invoice", sale)["SyncToken"] == "0"
    shop.delete("Bill", bill)
    assert shop.figures() == (-1, -10, 30)


@pytest.mark.parametrize("entity", ["CreditMemo", "VendorCredit"])
def test_returned_goods(shop, entity):
    if entity == "CreditMemo":
        shop.sell(2)
        shop.sell(1, entity=entity)
        assert shop.figures() == (1, 10, 10)
    else:
        shop.buy(1, 13, entity=entity)
        assert shop.figures() == (1, 10, -3)


def test_void_and_delete_leave_nothing_behind(shop):
    sale, other = shop.sell(1), shop.sell(1)
    shop.company.void(SCHEMA["Invoice"], sale)
    shop.delete("Invoice", other)
    assert shop.figures() == (2, 20, 0)
    assert shop.company.value("select count(*) from stock where realm = ?") == 1


def test_change_of_a_sale_moves_the_difference(shop):
    sale = shop.sell(1)
    line = {"Amount": 40, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": shop.detail(2, 20)}
    shop.update("Invoice", sale, Line=[line])
    assert shop.figures() == (0, 0, 20)


def test_adjustments_by_difference_and_to_a_quantity(shop):
    made = shop.adjust(QtyDiff=-1)
    assert made["Line"] == [{"Id": "1", "DetailType": "ItemAdjustmentLineDetail", "ItemAdjustmentLineDetail": {
        "ItemRef": ref(shop.item["Id"], name="Pump"), "QtyDiff": -1}}]  # fmt: skip
    assert shop.figures()[:2] == (1, 10) and shop.posted(made, shop.rent) == [10]
    again = shop.adjust(NewQty=4)
    assert shop.figures()[:2] == (4, 40) and again["Line"][0]["ItemAdjustmentLineDetail"]["QtyDiff"] == 3
    shop.delete("InventoryAdjustment", made)
    assert shop.figures()[:2] == (5, 50)


def test_new_quantity_on_the_item_itself(shop):
    body = shop.update("Item", shop.item, QtyOnHand=7)
    assert body["SyncToken"] == "1" and shop.figures() == (7, 70, 0)
    shop.update("Item", body, UnitPrice=3)
    assert shop.figures() == (7, 70, 0)


def test_refusals(shop):
    with pytest.raises(Fault, match="6270"):
        shop.sell(1, day="2025-12-31")
    with pytest.raises(Fault, match="6000"):
        shop.adjust(ItemRef=ref(1), QtyDiff=1)
    with pytest.raises(Fault, match="2020"):
        shop.adjust()
    assert shop.figures() == (2, 20, 0)


def test_inactive_item_leaves_no_stock(shop):
    gone = shop.update("Item", shop.item, Active=False)
    assert gone["QtyOnHand"] == 0 and shop.figures() == (0, 0, 20)
    back = shop.update("Item", gone, Active=True)
    assert back["Name"] == "Pump" and shop.figures() == (0, 0, 20)
