"""This Odoo record is that QuickBooks object."""

from odoo import api, fields, models

from .const import STATUSES, SYNCED_ENTITIES


class QboBinding(models.Model):
    """Link of an Odoo record with a QuickBooks object, and what both said when they last agreed.

    ``(model, res_id)`` has no foreign key: deleting a document must not wait for, nor delete, its link. The *role* is empty in
    the common case; else a currency (a customer of QuickBooks has one currency for ever), ``document`` / ``settlement`` (a sales
    receipt is an invoice and its payment), or ``part:<partner id>`` (an entry over several customers is several payments).
    """

    _name = "qbo.binding"
    _description = "QuickBooks Link"
    _rec_name = "qbo_id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    entity = fields.Selection(SYNCED_ENTITIES, required=True)
    model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="model", required=True)
    role = fields.Char(required=True, default="")
    qbo_id = fields.Char("QuickBooks ID")
    sync_token = fields.Char()
    status = fields.Selection(STATUSES, required=True, default="not_synced")
    base = fields.Json(help="What Odoo and QuickBooks each said when they last agreed (neutral forms).")
    excluded = fields.Boolean(help="A person keeps this record out of the sync.")
    skipped = fields.Boolean(help="A person said that this record crosses no more until it changes.")
    skipped_hash = fields.Char(help="Content that was skipped: other content is looked at again.")
    missing = fields.Boolean(help="The object was deleted in QuickBooks.")
    error = fields.Text(help="What hinders this record now, in words.")
    note = fields.Text(help="A difference that was accepted, in words (a total or tax that came back different).")
    synced_at = fields.Datetime()
    imported = fields.Boolean(help="The record came from QuickBooks.")
    alias = fields.Char(help="Name under which the record goes to QuickBooks, when its own name is taken there.")
    qbo_total = fields.Char(help="Total, tax and open balance as QuickBooks last told them, for display.")

    _qbo_uniq = models.UniqueIndex(
        "(backend_id, entity, qbo_id, role) WHERE qbo_id IS NOT NULL",
        "This QuickBooks object is already linked to another Odoo record.")
    _record_uniq = models.UniqueIndex(
        "(backend_id, entity, model, res_id, role)",
        "This Odoo record is already linked to another QuickBooks object.")
    _record_idx = models.Index("(model, res_id, backend_id) INCLUDE (status, qbo_id)")

    @api.model
    def _by_qbo_id(self, backend, entity, qbo_ids):
        """Return {qbo_id: binding} of the given objects (several roles: the first wins, document before settlement)."""
        found = self.search([("backend_id", "=", backend.id), ("entity", "=", entity), ("qbo_id", "in", list(qbo_ids))],
                            order="role desc, id")
        return {binding.qbo_id: binding for binding in found}

    @api.model
    def _by_record(self, backend, entity, model, ids):
        """Return {(res_id, role): binding} of the given records."""
        found = self.search([("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", model),
                             ("res_id", "in", list(ids))])
        return {(binding.res_id, binding.role): binding for binding in found}

    def _record(self):
        """Return the Odoo record (an empty recordset when it was deleted)."""
        self.ensure_one()
        return self.env[self.model].browse(self.res_id).exists()
