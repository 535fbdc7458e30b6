"""A changed mapping: what is in QuickBooks with the old entry, and sending it again when a person wants that."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    linked_count = fields.Integer(
        "Documents in QuickBooks", compute="_compute_linked_count",
        help="Documents that use the record and are linked. A change of the mapping leaves them as they are, until a "
             "person sends them again.")

    @api.depends("entity", "model", "res_id", "backend_id")
    def _compute_linked_count(self):
        for mapping in self:
            mapping.linked_count = len(mapping._linked_documents())

    def _linked_documents(self):
        """Return the posted documents that use the record and that are linked with QuickBooks (as superuser)."""
        self.ensure_one()
        table, domain, field, _count = self._usage(self.backend_id, self.entity, self.model)
        found = self.env[table].sudo().search([*domain, (field, "in", [self.res_id])])
        documents = found.move_id if table == "account.move.line" else found
        links = self.env["qbo.binding"].sudo().search_fetch(
            [("backend_id", "=", self.backend_id.id), ("model", "=", documents._name),
             ("res_id", "in", documents.ids), ("qbo_id", "!=", False), ("excluded", "=", False)], ["res_id"])
        return documents.browse(sorted(set(links.mapped("res_id"))))

    @api.onchange("reference_id")
    def _onchange_reference_id(self):
        """Say what the change does not do by itself."""
        before = self._origin.reference_id
        count = self._origin.linked_count if self._origin and before and before != self.reference_id else 0
        if not count:
            return None
        return {"warning": {
            "type": "notification", "title": self.env._("Documents stay as they are"), "message": self.env._(
                "Documents that went to QuickBooks with %(entry)s: %(count)s. What is sent from now on gets the new "
                "entry; open the mapping to see those documents and to send them again.",
                count=count, entry=before.display_name)}}

    def action_open_documents(self):
        """Show the documents in QuickBooks that a change of the mapping concerns."""
        self.ensure_one()
        documents = self._linked_documents()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("In QuickBooks with %(record)s", record=self.record_name),
            "res_model": documents._name,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", documents.ids)],
            "context": {"create": False},
        }

    def action_send_again(self):
        """Have the worker compare the documents of this mapping with QuickBooks and change what differs.

        Rules of direction and approval hold as for any other change.

        :raise UserError: nothing is mapped, or nothing that uses the record is in QuickBooks
        """
        self.ensure_one()
        self.check_access("write")
        documents = self._linked_documents()
        if self.state != "mapped" or not documents:
            raise UserError(self.env._("No document in QuickBooks uses this mapping."))
        self.env["qbo.change"].sudo()._mark(
            documents._name, documents.ids, set(self.backend_id.sudo()._companies().ids))
        self.message_post(body=self.env._("Documents that are sent again: %(count)s.", count=len(documents)))
        if self.backend_id.state == "active":
            self.backend_id.sudo()._wake()
