"""Inventory items of QuickBooks and stocked products of Odoo: the cost of goods sold is booked on one side only."""

import dataclasses
from datetime import date

from odoo import models

from .item import KINDS


class QboSyncStock(models.AbstractModel):
    _name = "qbo.sync.stock"
    _description = "QuickBooks Inventory Items"

    def _kept(self, session, product, document, before):
        """Return the item of a product with its kind: an item that exists keeps its kind, a new one follows the rule.

        :param before: what Odoo said of the item last; None for a new one
        """
        backend = session.backend
        if before is not None:
            goods = (KINDS["consu"], "Inventory")
            kind = before.kind if {before.kind, document.kind} <= set(goods) else document.kind
            return dataclasses.replace(document, kind=kind, asset_account_id=before.asset_account_id)
        if backend.stock_keeper != "qbo" or product.type != "consu":
            return document
        return dataclasses.replace(
            document, kind="Inventory", asset_account_id=backend.stock_asset_id.qbo_id,
            expense_account_id=backend.stock_cost_id.qbo_id, inventory_from=backend.stock_start_date)

    def _confirmed(self, arrival, product):
        """Return the product that an item was recognised as; None where a person must say yes to two costs first."""
        if not product or arrival.document.kind != "Inventory" \
                or not self.env["qbo.sync.item"]._stocked(product):
            return product
        arrival.problem = ("double_cogs", self._double_cost(arrival.document.name, product))
        return None

    def _double_cost(self, item, product):
        """Return the sentence about a product whose cost both sides would book."""
        return self.env._(
            "QuickBooks keeps the stock of %(item)s and Odoo that of %(product)s: if they are one, both book the cost "
            "of goods sold of each sale. Turn inventory off on one side, or link them by hand and confirm it.",
            item=item, product=product.display_name)

    def _too_early(self, session, row, lines):
        """Return the problem of a document from before QuickBooks keeps the stock of one of its items, else None."""
        starts = session.once(("inventory",), lambda: self._starts(session))
        for line in lines if starts and row["invoice_date"] else ():
            item_id = line["product_id"] and session.qbo_id("Item", "product.product", line["product_id"])
            start = starts.get(item_id)
            if start and row["invoice_date"] < start:
                return ("6270", self.env._(
                    "QuickBooks keeps the stock of %(product)s from %(start)s on, and the document is of %(day)s. "
                    "Change the item's start date in QuickBooks, or the date of the document.",
                    product=self.env["product.product"].browse(line["product_id"]).display_name, start=start,
                    day=row["invoice_date"]))
        return None

    def _starts(self, session):
        """Return {item id: the day from which QuickBooks keeps its stock}."""
        items = self.env["qbo.reference"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", "Item"), ("kind", "=", "Inventory")])
        return {item.qbo_id: date.fromisoformat(item.document["inventory_from"]) for item in items
                if (item.document or {}).get("inventory_from")}
