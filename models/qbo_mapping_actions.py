"""What people do with mappings, and what follows from it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .const import PSEUDO_TAX_CODES

CERTAIN = 90

# QuickBooks' code for a reference to what it does not have.
NO_SUCH_ENTRY = "2500"

# Where the money of a journal can lie in QuickBooks.
MONEY_KINDS = ("Bank", "Credit Card", "Other Current Asset")


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    accept_certain = fields.Boolean(
        "Use certain matches at once", tracking=True,
        help="Accounts, bank and cash journals, taxes, items, classes, locations and types of customers that say the "
             "same on both sides (number or name and type, rate and name) are used without asking. Off: they are "
             "proposals that wait for a person's yes, like all others.")


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    found_by = fields.Selection(selection_add=[("days", "Same number of days"), ("similar",)])
    reference_active = fields.Boolean(related="reference_id.active", string="Active in QuickBooks")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create([self._completed(vals) for vals in vals_list])
        for mapping, vals in zip(mappings, vals_list, strict=True):
            mapping._keep_one_default(vals.get("default_in"))
        mappings._release_jobs()
        return mappings

    def write(self, vals):
        vals = self._completed(vals)
        touched = vals.keys() & {"default_in", "reference_id", "state"}
        left = self.reference_id if touched else self.reference_id.browse()
        result = super().write(vals)
        if touched:
            for mapping in self:
                mapping._keep_one_default(vals.get("default_in"))
            if "default_in" not in vals:
                self._promote(left)
            self._release_jobs()
        return result

    def unlink(self):
        left = self.reference_id
        result = super().unlink()
        self._promote(left)
        return result

    @api.model
    def _completed(self, vals):
        """Say who decided, when a caller only says which entry.

        A person who empties a proposal has said no: ``found_by`` stays "person", and no proposal is made again.
        """
        if "reference_id" not in vals or "state" in vals:
            return vals
        state, confidence = ("mapped", 100) if vals["reference_id"] else ("missing", 0)
        return {"state": state, "found_by": "person", "confidence": confidence, **vals}

    # === THE ONE THAT IMPORTS USE === #

    def _keep_one_default(self, wish):
        """Let one mapped record of a model be the one that imports use for an entry: the chosen one, else the first."""
        self.ensure_one()
        if not self.default_in or self.state != "mapped":
            return
        others = self._siblings(self.reference_id, self.model).filtered("default_in") - self
        if wish:
            others.write({"default_in": False})
        elif others:
            self.write({"default_in": False})

    @api.model
    def _promote(self, references):
        """When the one that imports used has left its entry, let the next one take its place."""
        for reference in references.exists():
            for siblings in self._siblings(reference).grouped("model").values():
                if not any(siblings.mapped("default_in")):
                    siblings[0].write({"default_in": True})

    @api.model
    def _siblings(self, reference, model=None):
        """Return the mapped rows of an entry."""
        domain = [("reference_id", "=", reference.id), ("state", "=", "mapped")]
        return self.search(domain + ([("model", "=", model)] if model else []))

    # === CONSTRAINTS === #

    @api.constrains("entity", "model")
    def _check_pair(self):
        for mapping in self:
            if (mapping.entity, mapping.model) not in self.env["qbo.sync.propose"]._pairs():
                raise ValidationError(self.env._(
                    "Records of this kind (%(model)s) are not mapped to this list.", model=mapping.model))

    @api.constrains("reference_id", "entity", "backend_id")
    def _check_reference(self):
        for mapping in self:
            reference = mapping.reference_id
            if reference and (reference.backend_id != mapping.backend_id or reference.entity != mapping.entity):
                raise ValidationError(self.env._(
                    "%(entry)s belongs to another QuickBooks company or list.", entry=reference.display_name))
            if reference.entity == "TaxCode" and reference.qbo_id in PSEUDO_TAX_CODES:
                raise ValidationError(self.env._(
                    "%(entry)s only says whether a line is taxed. Choose the code whose rate %(tax)s charges.",
                    entry=reference.display_name, tax=mapping.record_name))
            if mapping.model == "account.journal" and reference and reference.kind not in MONEY_KINDS:
                raise ValidationError(self.env._(
                    "The journal %(journal)s needs a bank account, a credit card or Undeposited Funds of QuickBooks, "
                    "not %(entry)s (%(kind)s).",
                    journal=mapping.record_name, entry=reference.display_name, kind=reference.kind or ""))

    @api.constrains("state", "reference_id")
    def _check_mapped(self):
        self.filtered(lambda mapping: mapping.state != "missing")._check_chosen()

    @api.constrains("model", "res_id", "backend_id")
    def _check_record_company(self):
        for mapping in self:
            record = self.env[mapping.model].sudo().browse(mapping.res_id).exists()
            field = next((name for name in ("company_ids", "company_id") if name in record._fields), None)
            companies = record if record._name == "res.company" else record[field] if field else None
            allowed = mapping.backend_id._companies() | mapping.backend_id.sudo().company_id.parent_ids
            if companies and not companies & allowed:
                raise ValidationError(self.env._(
                    "%(record)s belongs to another company than the QuickBooks connection.",
                    record=mapping.record_name))

    def _check_chosen(self):
        """Refuse rows without an entry.

        :raises ValidationError: naming the first of them.
        """
        empty = self.filtered(lambda mapping: not mapping.reference_id)[:1]
        if empty:
            raise ValidationError(self.env._(
                "Choose the QuickBooks entry of %(record)s first.", record=empty.record_name))

    # === RELEASE === #

    def _release_jobs(self):
        """Let the jobs go on that waited for these mappings, in both directions."""
        usable = self.filtered(lambda mapping: mapping.state == "mapped" and mapping.reference_id)
        for backend, mappings in usable.grouped("backend_id").items():
            keys = [mapping._blocking_key() for mapping in mappings if mapping.reference_id.active]
            keys += [mapping._inbound_key() for mapping in mappings]
            jobs = self.env["qbo.job"].sudo()
            jobs._release(backend, keys)
            # What QuickBooks refused because of an entry that it does not have may have the right one now.
            jobs.search([("backend_id", "=", backend.id), ("direction", "=", "out"), ("state", "=", "failed"),
                         ("error_code", "=", NO_SUCH_ENTRY)])._again()

    def _inbound_key(self):
        """Return the key that imports carry while they wait for a record of Odoo for this entry."""
        return f"ref:{self.entity}:{self.model}:{self.reference_id.qbo_id}"

    # === ACTIONS === #

    def action_accept(self):
        """Use the proposed entries from now on."""
        self._check_chosen()
        for mapping in self:
            if not mapping.reference_id.active:
                raise UserError(self.env._(
                    "%(entry)s is inactive in QuickBooks. Make it active there and refresh the lists, or choose "
                    "another entry.", entry=mapping.reference_id.display_name))
        self.filtered(lambda mapping: mapping.state != "mapped").write({"state": "mapped"})

    def action_accept_all_certain(self):
        """Accept the proposals that are nearly certain: of the chosen rows, else of the list with the button."""
        domain = Domain([("state", "=", "proposed"), ("confidence", ">=", CERTAIN), ("reference_id.active", "=", True)])
        if self:
            domain &= Domain("id", "in", self.ids)
        elif self.env.context.get("active_model") == self._name:
            domain &= Domain(self.env.context.get("active_domain") or [])
        self.env["qbo.mapping"].search(domain).action_accept()

    def action_refresh_lists(self):
        """Have QuickBooks' lists read again: the worker does it, nothing is asked of QuickBooks in the user's turn."""
        backends = self.env["qbo.backend"].search([("state", "in", ("connected", "active"))])
        if not backends:
            raise UserError(self.env._("No company is connected to QuickBooks."))
        for backend in backends:
            self.env["qbo.sync.reference"]._ask(backend)
            if backend.state == "active":
                backend.action_sync_now(self.env._("Refresh of the lists"))
            else:
                # Nothing but the lists may cross before the activation.
                backend._wake()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "QuickBooks' lists are read again in the background. Reload this page in a moment."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_record(self):
        """Open the Odoo record of the row."""
        self.ensure_one()
        if not self.env[self.model].browse(self.res_id).exists():
            raise UserError(self.env._("This record was deleted in Odoo."))
        others = self.env.companies - self.company_id
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "views": [(False, "form")],
            "context": {"allowed_company_ids": [self.company_id.id, *others.ids]},
        }

    @api.model
    def _action_for_key(self, backend, key):
        """Return the window in which a person maps what a blocked job waits for; False when ``key`` is no mapping's.

        For an entry of QuickBooks without a record, the window shows every record that it could be.
        """
        sort, _separator, rest = (key or "").partition(":")
        entity, model, counterpart = (rest.split(":", 2) + ["", "", ""])[:3]
        if sort not in ("map", "ref") or (entity, model) not in self.env["qbo.sync.propose"]._pairs():
            return False
        domain = [("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", model)]
        if sort == "map":
            domain.append(("res_id", "=", int(counterpart)))
        else:
            self.env["qbo.sync.propose"]._offer(backend, entity, model)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mappings"),
            "res_model": "qbo.mapping",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": domain,
        }

    def _action_of_connection(self, backend):
        """Return the window of all mappings of a connection."""
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_mapping")
        return {**action, "domain": [("backend_id", "=", backend.id)]}
