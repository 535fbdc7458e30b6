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
        """Return the posted documents that use the record and are linked with QuickBooks (as superuser).

        Payments and bank lines are told by their entries, so that one list shows them all.
        """
        self.ensure_one()
        if self.entity == "Account" and self.model == "account.account":
            return self._linked_entries()
        table, domain, field, _count = self._usage(self.backend_id, self.entity, self.model)
        found = self.env[table].sudo().search([*domain, (field, "in", [self.res_id])])
        if table in ("account.move.line", "account.payment"):
            found = found.move_id
        if self.model == "account.journal":
            found |= found.search([("journal_id", "=", self.res_id), ("statement_line_id", "!=", False),
                                   ("state", "=", "posted")])
        links = self._links([("res_id", "in", found.ids), ("model", "=", found._name)])
        if found._name != "account.move":
            return found.browse(sorted(set(links.mapped("res_id"))))
        links |= self._links([("res_id", "in", found.origin_payment_id.ids), ("model", "=", "account.payment")])
        return (found & self._entries_of(links)).sorted("id")

    def _linked_entries(self):
        """Return the entries of Odoo that QuickBooks has as journal entries and that book on the account."""
        entries = self._entries_of(self._links([("entity", "=", "JournalEntry"), ("imported", "=", False)]))
        return entries.filtered_domain([("state", "=", "posted"), ("line_ids.account_id", "in", [self.res_id])])

    def _links(self, domain):
        return self.env["qbo.binding"].sudo().search_fetch(
            [("backend_id", "=", self.backend_id.id), ("qbo_id", "!=", False), ("excluded", "=", False), *domain],
            ["model", "res_id"])

    def _entries_of(self, links):
        """Return the entries that links are of; of payments theirs."""
        ids = {model: rows.mapped("res_id") for model, rows in links.grouped("model").items()}
        payments = self.env["account.payment"].sudo().browse(sorted(set(ids.get("account.payment", ())))).exists()
        moves = self.env["account.move"].sudo().browse(sorted(set(ids.get("account.move", ())))).exists()
        return (moves | payments.move_id).sorted("id")

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
            "context": {"create": False, **self._columns(documents)},
        }

    def _columns(self, documents):
        """Return the context in which Odoo's list of entries shows customer and date of sales documents."""
        sales = documents._name == "account.move" and all(document.is_sale_document() for document in documents)
        return {"default_move_type": "out_invoice"} if sales else {}

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
        companies = set(self.backend_id.sudo()._companies().ids)
        marked = [documents]
        if documents._name == "account.move":
            marked.append(documents.origin_payment_id)
        for records in filter(None, marked):
            self.env["qbo.change"].sudo()._mark(records._name, records.ids, companies)
        self.message_post(body=self.env._("Documents that are sent again: %(count)s.", count=len(documents)))
        if self.backend_id.state == "active":
            self.backend_id.sudo()._wake()
