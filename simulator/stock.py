"""Quantities of stocked items: each move has its value, first in first out; the cost of sales follows from it."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from simulator.errors import Fault
from simulator.money import ZERO, Json, cents, dec, plain
from simulator.schema import FACTS, SCHEMA, Entity, detail

if TYPE_CHECKING:
    from simulator.company import Company

SIGNS: dict[str, int] = FACTS["stock_signs"]
"""What a positive quantity on a document does to the stock."""


def whole(amount: Decimal) -> int:
    """Return an amount in hundredths. Raises Fault 2110 for more than the books hold."""
    if abs(amount) > 10 ** 15:
        raise Fault("2110", amount, element="Amount")
    return cents(amount)


def stocked(company: "Company", key: str) -> Json | None:
    """Return an item if its quantity is tracked."""
    body = company.cached(f"item:{key}", lambda: company.get("Item", key))
    return body if body and body["Type"] == "Inventory" else None


def record(company: "Company", entity: Entity, body: Json, lines: list[Json]) -> None:
    """Write the moves of a transaction; what comes in has its value, what goes out gets it from ``settle``.
    Raises Fault 6270 for a date before the item was tracked."""
    sign = SIGNS.get(entity.name, 0) * (-1 if body.get("Credit") else 1)
    if not sign or (str(body.get("PrivateNote", "")).startswith("Voided") and not dec(body.get("TotalAmt"))):
        return
    for line in lines:
        part = detail(line)
        key = str(part.get("ItemRef", {}).get("value", ""))
        quantity = sign * dec(part.get("Qty", part.get("QtyDiff", 1)))
        item = stocked(company, key) if quantity else None
        if item is None:
            continue
        if body["TxnDate"] < item["InvStartDate"]:
            raise Fault("6270", element="")
        bought = line["DetailType"] == "ItemBasedExpenseLineDetail"
        booked = sign * whole(dec(line["Amount"]) * dec(body.get("ExchangeRate", 1))) if bought else 0
        value = booked if bought or quantity < ZERO else whole(quantity * dec(item.get("PurchaseCost")))
        contra = (body.get("AdjustAccountRef") or item["ExpenseAccountRef"])["value"]
        company.run("insert into stock values(?, ?, ?, ?, ?, ?, ?, ?, ?)", int(body["Id"]), entity.name, int(key),
                    body["TxnDate"], str(quantity), booked, value, int(contra))
        company.dirty_items.add(int(key))


def forget(company: "Company", key: int) -> None:
    """Remove the moves of a transaction."""
    rows = company.rows("select item from stock where realm = ? and txn = ?", key)
    if rows:
        company.dirty_items.update(row[0] for row in rows)
        company.run("delete from stock where realm = ? and txn = ?", key)


def differences(company: "Company", key: int) -> Iterator[tuple[int, int, int, int]]:
    """Return item, asset account, contra account and what the lines of a transaction leave to post, in hundredths."""
    for item, contra, rest in company.rows(
            "select item, contra, value - booked from stock where realm = ? and txn = ? and value <> booked", key):
        asset = (stocked(company, str(item)) or {}).get("AssetAccountRef")
        if asset:
            yield item, int(asset["value"]), contra, rest


def settle(company: "Company") -> list[tuple[str, int]]:
    """Value the moves of changed items anew and write their quantities; returns the transactions that now cost else."""
    changed: dict[tuple[str, int], None] = {}
    items, company.dirty_items = company.dirty_items, set()
    for key in sorted(items):
        body = company.get("Item", key) or {}
        moves = company.rows("select rowid, entity, txn, qty, value from stock where realm = ? and item = ? order by "
                             "date, cast(qty as real) < 0, txn, rowid", key)
        values = _first_in_first_out([(Decimal(move[3]), move[4]) for move in moves], dec(body.get("PurchaseCost")))
        for (row, entity, txn, _quantity, before), value in zip(moves, values, strict=True):
            if value != before:
                company.store.run("update stock set value = ? where rowid = ?", value, row)
                changed[entity, txn] = None
        quantity = plain(sum((Decimal(move[3]) for move in moves), ZERO))
        if body and body.get("QtyOnHand") != quantity:
            company.put(SCHEMA["Item"], {**body, "QtyOnHand": quantity}, bump=False)
    return list(changed)


def _first_in_first_out(moves: list[tuple[Decimal, int]], cost: Decimal) -> list[int]:
    """Return the values: what goes out takes the oldest units, also of later receipts; beyond them the item's cost."""
    layers = [[quantity, Decimal(value) / quantity] for quantity, value in moves if quantity > ZERO]
    exact, given, found = ZERO, 0, []
    for quantity, value in moves:
        left = -quantity
        while left > ZERO and layers:
            used = min(left, layers[0][0])
            exact, left = exact + used * layers[0][1], left - used
            layers[0][0] -= used
            if not layers[0][0]:
                layers.pop(0)
        exact += max(left, ZERO) * cost * 100
        whole = int(exact.to_integral_value(ROUND_HALF_UP))
        found.append(value if quantity > ZERO else given - whole)
        given = whole
    return found
