"""What people do with mappings, and what follows from it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CERTAIN = 90

# Where the money of a journal can lie in QuickBooks.
MONEY_KINDS = ("Bank", "Credit Card", "Other Current Asset")


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    found_by = fields.Selection(selection_add=[("days", "Same number of days"), ("similar",)])
    reference_active = fields.Boolean(related="reference_id.active", string="Active in QuickBooks")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create([self._completed(vals) for vals in vals_list])
        mappings._keep_one_default([vals.get("default_in") for vals in vals_list])
        mappings._release_jobs()
        return mappings

    def write(self, vals):
        vals = self._completed(vals)
        result = super().write(vals)
        if vals.keys() & {"default_in", "reference_id", "state"}:
            self._keep_one_default([vals.get("default_in")] * len(self))
            self._release_jobs()
        return result

    @api.model
    def _completed(self, vals):
        """Say who decided, when a caller only says which entry.

        A person who empties a proposal has said no: ``found_by`` stays "person", and no proposal is made again.
        """
        if "reference_id" not in vals or "state" in vals:
            return vals
        chosen = bool(vals["reference_id"])
        return {"state": "mapped" if chosen else "missing", "found_by": "person", "confidence": 100 if chosen else 0, **vals}

    def _keep_one_default(self, wishes):
        """Let one record of a model be the one that imports use for an entry: the one just chosen, else the first."""
        for mapping, wish in zip(self, wishes, strict=True):
            if not mapping.default_in or not mapping.reference_id:
                continue
            others = self.search([
                ("backend_id", "=", mapping.backend_id.id), ("reference_id", "=", mapping.reference_id.id),
                ("model", "=", mapping.model), ("default_in", "=", True), ("id", "!=", mapping.id)])
            if wish:
                super(QboMapping, others).write({"default_in": False})
            elif others:
                super(QboMapping, mapping).write({"default_in": False})

    @api.constrains("reference_id", "entity", "backend_id")
    def _check_reference(self):
        for mapping in self:
            reference = mapping.reference_id
            if reference and (reference.backend_id != mapping.backend_id or reference.entity != mapping.entity):
                raise ValidationError(self.env._(
                    "%(entry)s belongs to another QuickBooks company or list.", entry=reference.display_name))
            if mapping.model == "account.journal" and reference and reference.kind not in MONEY_KINDS:
                raise ValidationError(self.env._(
                    "The journal %(journal)s needs a bank account, a credit card or Undeposited Funds of QuickBooks, not %(entry)s (%(kind)s).",
                    journal=mapping.record_name, entry=reference.display_name, kind=reference.kind or ""))

    @api.constrains("state", "reference_id")
    def _check_mapped(self):
        for mapping in self:
            if mapping.state != "missing" and not mapping.reference_id:
                raise ValidationError(self.env._("Choose the QuickBooks entry of %(record)s first.", record=mapping.record_name))

    @api.constrains("model", "res_id", "backend_id")
    def _check_record_company(self):
        for mapping in self:
            record = self.env[mapping.model].sudo().browse(mapping.res_id).exists()
            companies = record["company_ids"] if "company_ids" in record._fields else record["company_id"]
            allowed = mapping.backend_id._companies() | mapping.backend_id.sudo().company_id.parent_ids
            if companies and not companies & allowed:
                raise ValidationError(self.env._(
                    "%(record)s belongs to another company than the QuickBooks connection.", record=mapping.record_name))

    # === RELEASE === #

    def _release_jobs(self):
        """Let the jobs go on that waited for these mappings, in both directions."""
        usable = self.filtered(lambda mapping: mapping.state == "mapped" and mapping.reference_id)
        for backend, mappings in usable.grouped("backend_id").items():
            keys = [mapping._blocking_key() for mapping in mappings if mapping.reference_id.active]
            keys += [mapping._inbound_key() for mapping in mappings if mapping.default_in]
            if keys:
                self.env["qbo.job"].sudo()._release(backend, keys)

    def _inbound_key(self):
        """Return the key that imports carry while they wait for a record of Odoo for this entry."""
        return f"ref:{self.entity}:{self.model}:{self.reference_id.qbo_id}"

    # === ACTIONS === #

    def action_accept(self):
        """Use the proposed entries from now on."""
        for mapping in self:
            if not mapping.reference_id:
                raise UserError(self.env._("Choose the QuickBooks entry of %(record)s first.", record=mapping.record_name))
            if not mapping.reference_id.active:
                raise UserError(self.env._(
                    "%(entry)s is inactive in QuickBooks. Make it active there and refresh the lists, or choose another entry.",
                    entry=mapping.reference_id.display_name))
        self.filtered(lambda mapping: mapping.state != "mapped").write({"state": "mapped"})

    def action_accept_all_certain(self):
        """Accept the proposals that are nearly certain: of the chosen rows, or when none are chosen of the user's companies."""
        domain = [("state", "=", "proposed"), ("confidence", ">=", CERTAIN), ("reference_id.active", "=", True)]
        self.env["qbo.mapping"].search(domain + ([("id", "in", self.ids)] if self else [])).action_accept()

    def action_refresh_lists(self):
        """Have QuickBooks' lists read again: the worker does it, nothing is asked of QuickBooks in the user's turn."""
        backends = self.env["qbo.backend"].search([("state", "in", ("connected", "active"))])
        if not backends:
            raise UserError(self.env._("No company is connected to QuickBooks."))
        for backend in backends:
            self.env["qbo.sync.reference"]._ask(backend)
            backend.sudo().action_sync_now(self.env._("Refresh of the lists"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("QuickBooks' lists are read again in the background. Reload this page in a moment."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_record(self):
        """Open the Odoo record of the row."""
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This record was deleted in Odoo."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "views": [(False, "form")],
            "context": {"allowed_company_ids": [self.company_id.id] + [
                company.id for company in self.env.companies if company != self.company_id]},
        }

    @api.model
    def _action_for_key(self, backend, key):
        """Return the window in which a person maps what a blocked job waits for; False when ``key`` is no mapping's.

        For an entry of QuickBooks without a record the window shows the rows of that list, so that one can be pointed at it.
        """
        sort, _separator, rest = (key or "").partition(":")
        entity, model, reference = (rest.split(":", 2) + ["", "", ""])[:3]
        if sort not in ("map", "ref") or not reference:
            return False
        domain = [("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", model)]
        if sort == "map":
            domain.append(("res_id", "=", int(reference)))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mappings"),
            "res_model": "qbo.mapping",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }
