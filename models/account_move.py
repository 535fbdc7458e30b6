"""Status of invoices and credit notes."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .sync.locked import DIFFERENCE
from .sync.representation import DOCUMENT

SYNCED_TYPES = ("out_invoice", "out_refund", "out_receipt")


class AccountMove(models.Model):
    """A document belongs to one company: its status is of the connection of that company, whichever is current."""

    _name = "account.move"
    _inherit = ["account.move", "qbo.status.mixin"]

    def _qbo_backend_sql(self, alias):
        return self.env["qbo.backend"]._qbo_sql_of_company(SQL.identifier(alias, "company_id"))

    def _qbo_backend_ids(self):
        return self.env["qbo.backend"]._qbo_ids_of_documents(self)

    def _qbo_eligible_sql(self, alias):
        return SQL("%s = ANY(%s)", SQL.identifier(alias, "move_type"), list(SYNCED_TYPES))

    def _qbo_eligible(self):
        return self.move_type in SYNCED_TYPES

    def _qbo_entity(self):
        if self.move_type == "entry":
            link = self.env["qbo.binding"].sudo().search(
                [("model", "=", self._name), ("res_id", "=", self.id)], order="id desc", limit=1)
            return link.entity or "JournalEntry"
        return {"out_refund": "CreditMemo", "out_receipt": "SalesReceipt"}.get(self.move_type, "Invoice")

    def _qbo_exclusion_values(self, backend):
        values = super()._qbo_exclusion_values(backend)
        return {**values, "role": DOCUMENT if values["entity"] == "SalesReceipt" else ""}

    def _qbo_compared(self):
        if self.move_type == "entry":
            owed = (self | self._qbo_notes()).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            several = len(owed.partner_id.commercial_partner_id) > 1
            return [] if several else [
                (self.env._("Receivables"), sum(owed.mapped("amount_currency")), "total")]
        return [
            (self.env._("Total"), self._qbo_with_notes("amount_total"), "total"),
            (self.env._("Tax"), self._qbo_with_notes("amount_tax"), "total_tax"),
            (self.env._("Open"), self._qbo_with_notes("amount_residual"), "balance"),
        ]

    def _qbo_with_notes(self, name):
        """Return an amount of this document together with the notes that book QuickBooks' changes of it."""
        notes = self._qbo_notes()
        return self[name] + sum(note[name] if note.move_type == self.move_type else -note[name] for note in notes)

    def _qbo_notes(self):
        """Return the notes and entries that book what QuickBooks changed of this document while it is locked."""
        bindings = self.env["qbo.binding"].sudo()
        own = bindings.search([
            ("model", "=", "account.move"), ("res_id", "=", self._origin.id), ("qbo_id", "!=", False)], limit=1)
        rows = own and bindings.search([
            ("backend_id", "=", own.backend_id.id), ("entity", "=", own.entity), ("qbo_id", "=", own.qbo_id),
            ("role", "=like", f"{DIFFERENCE}%")])
        return self.sudo().browse(rows and rows.mapped("res_id")).exists() - self._origin

    def button_draft(self):
        """What books a change of QuickBooks stays: the next change of QuickBooks is counted from it.

        :raise UserError: for a note that books the difference of a locked document
        """
        note = self.env["qbo.binding"].sudo().search([
            ("model", "=", "account.move"), ("res_id", "in", self.ids), ("role", "=like", f"{DIFFERENCE}%"),
            ("backend_id.state", "in", ("connected", "active", "reconnect"))], limit=1)
        if note:
            raise UserError(self.env._(
                "%(note)s books what QuickBooks changed of a document that is locked in Odoo. Change the invoice in "
                "QuickBooks instead, or make a credit note.", note=self.browse(note.res_id).display_name))
        return super().button_draft()

    def write(self, vals):
        """Excluding a document changes no document: a write would mark a posted one as modified by hand."""
        if vals.keys() == {"qbo_exclude"}:
            self.check_access("write")
            self._qbo_set_excluded(bool(vals["qbo_exclude"]))
            return True
        return super().write(vals)
