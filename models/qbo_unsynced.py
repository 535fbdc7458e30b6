"""What moves receivables in QuickBooks and does not come over, with its amount and the reason."""

from odoo import api, fields, models

from .const import ENTRY_ENTITIES, SYNCED_ENTITIES

KINDS = ("Invoice", "CreditMemo", "Payment", *ENTRY_ENTITIES)


class QboUnsynced(models.Model):
    """Written by the worker from what it reads anyway; a row goes away with its reason."""

    _name = "qbo.unsynced"
    _description = "QuickBooks Transaction that Does not Come Over"
    _order = "date desc, id desc"

    backend_id = fields.Many2one("qbo.backend", "Connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    entity = fields.Selection(
        [pair for pair in SYNCED_ENTITIES if pair[0] in KINDS] + [("Other", "Other")], "Type", required=True)
    qbo_id = fields.Char("QuickBooks ID", required=True)
    name = fields.Char("Transaction")
    date = fields.Date()
    partner_name = fields.Char("Customer")
    amount = fields.Monetary(
        "Effect on receivables", help="What it adds to the receivables in QuickBooks, in home currency.")
    open_only = fields.Boolean(
        "Open part", help="Told is what is open of it today, and what money settles of it that is in Odoo; what else "
                          "it settled there, or was settled with, counts not.")
    reason = fields.Char()
    url = fields.Char("QuickBooks page", compute="_compute_url")

    _qbo_uniq = models.UniqueIndex("(backend_id, entity, qbo_id)")

    @api.depends("backend_id", "entity", "qbo_id")
    def _compute_url(self):
        for row in self:
            row.url = row.entity != "Other" and row.backend_id._qbo_page_url(row.entity, row.qbo_id)

    def action_open_in_quickbooks(self):
        """Open the page of the transaction in QuickBooks."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    @api.model
    def _replace(self, backend, entity, qbo_ids, listed):
        """Say anew which of ``qbo_ids`` stay out: ``listed`` is {id: values}; the others are none of these any more.

        :return: whether there is or was any
        """
        known = {row.qbo_id: row for row in self.search([
            ("backend_id", "=", backend.id), ("entity", "=", entity), ("qbo_id", "in", list(qbo_ids))])}
        listed = {qbo_id: {**values, "open_only": False} for qbo_id, values in listed.items()}
        self.union(*[row for qbo_id, row in known.items() if qbo_id not in listed]).unlink()
        for qbo_id in listed.keys() & known.keys():
            known[qbo_id].write(listed[qbo_id])
        self.create([
            {"backend_id": backend.id, "entity": entity, "qbo_id": qbo_id, **values}
            for qbo_id, values in listed.items() if qbo_id not in known])
        return bool(known or listed)

    @api.model
    def _forget_linked(self, backend):
        """Take off the list what has come over since it was made."""
        rows = self.search([("backend_id", "=", backend.id), ("open_only", "=", True)])
        links = self.env["qbo.binding"].search([
            ("backend_id", "=", backend.id), ("qbo_id", "in", rows.mapped("qbo_id")), ("missing", "=", False),
            ("entity", "not in", ["Customer", "Item"])])
        linked = {(entity, link.qbo_id) for link in links for entity in (link.entity, "Other")}
        rows.filtered(lambda row: (row.entity, row.qbo_id) in linked).unlink()

    @api.model
    def _replace_open(self, backend, listed):
        """Say anew of which transactions only the open part is told: ``listed`` is {(entity, id): values}."""
        known = {(row.entity, row.qbo_id): row for row in self.search([
            ("backend_id", "=", backend.id), ("open_only", "=", True)])}
        self.union(*[row for key, row in known.items() if key not in listed]).unlink()
        for key in listed.keys() & known.keys():
            known[key].write(listed[key])
        self.create([
            {"backend_id": backend.id, "entity": entity, "qbo_id": qbo_id, "open_only": True, **values}
            for (entity, qbo_id), values in listed.items() if (entity, qbo_id) not in known])
