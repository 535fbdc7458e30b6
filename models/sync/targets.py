"""Lines that go to QuickBooks as an item that is not their product's."""

from odoo import models


class QboSyncTargets(models.AbstractModel):
    """Rounding lines, and products that are known to QuickBooks by their account only."""

    _name = "qbo.sync.targets"
    _description = "QuickBooks Items of Special Lines"

    def _item(self, session, line):
        """Return the item of a special line; None for an ordinary one.

        An account without an item is collected by the session's resolver.

        :param line: values of a journal item
        """
        if line["display_type"] == "rounding":
            item = session.once(("rounding",), lambda: session.backend._target("rounding").item_id)
            return item.qbo_id if item.active else None
        product = self.env["product.product"].browse(line["product_id"] or [])
        if not product.qbo_by_account:
            return None
        return session.resolver.item_of(self.env["account.account"].browse(line["account_id"]))

    def _keep_products(self, move, values):
        """Give rewritten lines back the products that QuickBooks knows by their account only.

        A line goes on in the first one of the same text.

        :param values: the values of the new lines, which are changed
        """
        old = {}
        for line in move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id)):
            if line.product_id.qbo_by_account:
                old.setdefault(line.name, []).append(line)
        for line in values:
            before = old.get(line.get("name"))
            if before:
                kept = before.pop(0)
                line.update(product_id=kept.product_id.id, account_id=kept.account_id.id)
