"""What QuickBooks changes of a payment that is a bank line, or an entry, in Odoo: only its applications follow."""

from odoo import models
from odoo.exceptions import UserError

from ...qbo import decide
from ...qbo.allocate import allocate
from .session import Target

# What the statement of the bank says.
BANK = frozenset({"total", "txn_date", "customer_id", "deposit_account_id", "currency", "exchange_rate"})


class QboSyncPayment(models.AbstractModel):
    _inherit = "qbo.sync.payment"

    def _update(self, session, arrival):
        if arrival.record._name != "account.move" or arrival.document.voided:
            return super()._update(session, arrival)
        self._check_receipt(session, arrival)
        if "lines" in arrival.fields:
            self._take_off(session, arrival.record, arrival.binding.role)
            self._apply_receipt(session, arrival)
        return None

    # === MAY IT BE FOLLOWED? === #

    def _check_receipt(self, session, arrival):
        """Refuse what a bank line cannot follow: what came in, from whom and when, stands on the statement.

        Reference, memo and method stay as the bank says them.
        """
        name = arrival.record.display_name
        target = Target("Payment", "account.move", arrival.record.id, arrival.binding.role)
        ours = self._read(session, [target])[target].document
        if ours is None:
            raise UserError(self.env._(
                "QuickBooks changed a payment whose match was undone in Odoo. Match %(line)s with the customer again, "
                "or void the payment in QuickBooks; then retry.", line=name))
        changed = BANK & set(arrival.fields) & set(decide.changed_fields(ours, arrival.document))
        if changed & {"customer_id"} and self._is_same_partner(session, arrival):
            changed -= {"customer_id"}
        if changed:
            labels = self.env["qbo.sync.wording"]._labels()
            raise UserError(self.env._(
                "QuickBooks changed %(what)s of a payment that is %(line)s in Odoo, where the bank says it. Change it "
                "back in QuickBooks, or correct the bank line here; then retry.",
                what=", ".join(sorted(labels[field] for field in changed)), line=name))
        self._check_uses(session, arrival, name)

    def _is_same_partner(self, session, arrival):
        """Tell whether another customer of QuickBooks is the same partner here."""
        customer = session.record_id("Customer", arrival.document.customer_id)
        partner = self._receipt_part(arrival.record, arrival.binding.role).partner_id.commercial_partner_id
        return bool(customer) and self.env["res.partner"].browse(customer[1]).commercial_partner_id == partner

    def _check_uses(self, session, arrival, name):
        """Refuse applications that Odoo's record of the money cannot say."""
        found = allocate(self._booked(session, arrival))
        if found.credits:
            raise UserError(self.env._(
                "QuickBooks uses credit in a payment that is %(line)s in Odoo. Apply that credit in a payment of its "
                "own in QuickBooks, or reconcile it here; then retry.", line=name))
        if not found.cash and not arrival.record.statement_line_id:
            raise UserError(self.env._(
                "QuickBooks took a payment off all that it settles, and in Odoo it is %(line)s, which is a payment "
                "only while it settles something. Cancel the entry here, or apply the payment in QuickBooks; then "
                "retry.",
                line=name))

    # === FOLLOWING === #

    def _receipt_part(self, move, role):
        """Return the receivable items of an entry that are a payment: those of one customer, or all."""
        return self._receipt_items(move).filtered(
            lambda item: not role or f"part:{item.partner_id.commercial_partner_id.id}" == role)

    def _take_off(self, session, record, role=""):
        if record._name != "account.move":
            return super()._take_off(session, record, role)
        self._receipt_part(record, role).remove_move_reconcile()
        return None

    def _apply_receipt(self, session, arrival):
        """Apply the items of a bank line as QuickBooks does; one that has just the amount goes first."""
        documents, foreign = self._documents(session, [arrival]), []
        items = self._receipt_part(arrival.record, arrival.binding.role)
        arrival.not_here = set()
        for txn_type, txn_id, amount in allocate(self._booked(session, arrival)).cash:
            move = documents.get((txn_type, txn_id))
            if not move:
                foreign.append((txn_type, txn_id, amount))
                continue
            for item, part in self._shares(items, amount):
                # One after the other: what is open of instalments shows only when the part before is applied.
                self.env["qbo.sync.applications"]._apply_exact(
                    self._split(self._items(session, arrival, move, 1), item, part))
        self._say_not_applied(arrival, foreign)

    def _shares(self, items, amount):
        """Return [(item, part of ``amount``)] over the open items; the last gets what is too much, and refuses it."""
        left, shares = amount, []
        open_items = [(item, self.env["qbo.sync.applications"]._open_amount(item)) for item in items]
        open_items = [(item, free) for item, free in open_items if free] or [(items[:1], amount)]
        open_items.sort(key=lambda pair: (pair[1] != amount, pair[0].id))
        for number, (item, free) in enumerate(open_items, 1):
            part = left if number == len(open_items) else min(left, free)
            if part > 0:
                shares.append((item, part))
                left -= part
        return shares
