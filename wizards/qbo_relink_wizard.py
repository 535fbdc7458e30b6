"""Mending a link: clear it, point it at another QuickBooks object, type an ID, or settle the record without a sync."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..models.const import SYNCED_ENTITIES
from ..models.sync.representation import DOCUMENT, SETTLEMENT
from ..qbo import mapping
from ..qbo.client import quote
from ..qbo.errors import ObjectNotFound, QboError

CANDIDATES = 20

NAME_FIELDS = {"Customer": "DisplayName", "Item": "Name", "Invoice": "DocNumber", "CreditMemo": "DocNumber",
               "SalesReceipt": "DocNumber", "RefundReceipt": "DocNumber", "JournalEntry": "DocNumber",
               "Purchase": "DocNumber"}


class QboRelinkWizard(models.TransientModel):
    """Searching and checking ask QuickBooks in the user's own turn.

    Therefore only administrators may, and nothing was written before.
    """

    _name = "qbo.relink.wizard"
    _description = "QuickBooks Link Repair"

    backend_id = fields.Many2one("qbo.backend", required=True, readonly=True)
    job_id = fields.Many2one("qbo.job", readonly=True, help="The problem that led here.")
    entity = fields.Selection(SYNCED_ENTITIES, required=True, readonly=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="model", required=True, readonly=True)
    role = fields.Char(required=True, default="", readonly=True)
    record_name = fields.Char("Odoo record", readonly=True)
    current_qbo_id = fields.Char("Linked with QuickBooks ID", readonly=True)
    choice = fields.Selection(
        [
            ("relink", "Link to another QuickBooks record"),
            ("override", "Type the QuickBooks ID"),
            ("clear", "Clear the ID"),
            ("settle", "Settle without sync"),
        ],
        required=True,
        default="relink",
    )
    search_text = fields.Char("Name or number in QuickBooks")
    candidate_ids = fields.One2many("qbo.relink.wizard.candidate", "wizard_id", "Found in QuickBooks")
    new_qbo_id = fields.Char("QuickBooks ID")
    reason = fields.Char(help="Kept in the history.")
    searched = fields.Boolean(readonly=True)
    administrators = fields.Char(compute="_compute_administrators")

    @api.depends("backend_id")
    def _compute_administrators(self):
        group = self.env.ref("qbo_sync.group_admin")
        for wizard in self:
            people = group.sudo().all_user_ids.filtered(
                lambda user, company=wizard.backend_id.company_id: user._is_internal() and company in user.company_ids)
            wizard.administrators = ", ".join(people[:3].mapped("name"))

    @api.model
    def _action_for(self, record, job=None, backend=None, place=None):
        """Return the dialog for one Odoo record (and the problem that led to it).

        :param place: (entity, role) of the link in ``backend``; found by the record when not given
        """
        wizard = self.create(self._values_for(record, job, backend, place))
        return wizard._action_open()

    @api.model
    def _values_for(self, record, job, backend=None, place=None):
        record.ensure_one()
        record.check_access("read")
        backend = backend or (job and job.backend_id)
        backend_id = backend.id if backend else record._qbo_backend_ids().get(record.id)
        if not backend_id:
            raise UserError(self.env._("No QuickBooks company is connected to this company."))
        entity, role = place or ((job.entity, job.role) if job else self._place(backend_id, record))
        binding = self._binding_of(backend_id, entity, record._name, record.id, role)
        return {
            "backend_id": backend_id,
            "job_id": job.id if job else False,
            "entity": entity,
            "model": record._name,
            "res_id": record.id,
            "role": role,
            "record_name": record.display_name,
            "current_qbo_id": binding.qbo_id,
            "search_text": record.display_name,
        }

    @api.model
    def _place(self, backend_id, record):
        """Return entity and role of a record's link; of a document it is what QuickBooks has, else what it would be.

        :raise UserError: for the payment of a receipt, which has no link of its own
        """
        link = self.env["qbo.binding"].sudo().search([
            ("backend_id", "=", backend_id), ("model", "=", record._name), ("res_id", "=", record.id),
            ("qbo_id", "!=", False), ("role", "in", ("", DOCUMENT, SETTLEMENT))], order="role", limit=1)
        if link.role == SETTLEMENT:
            document = self.env["qbo.binding"].sudo()._by_qbo_id(link.backend_id, link.entity, [link.qbo_id])
            raise UserError(self.env._(
                "%(payment)s is the money of %(receipt)s; both are one record in QuickBooks. Mend the link there.",
                payment=record.display_name, receipt=document[link.qbo_id]._record().display_name))
        if link.role == DOCUMENT:
            return link.entity, link.role
        entity = record._qbo_entity()
        return entity, DOCUMENT if entity == "SalesReceipt" else ""

    @api.model
    def _binding_of(self, backend_id, entity, model, res_id, role):
        return (
            self.env["qbo.binding"]
            .sudo()
            .search(
                [
                    ("backend_id", "=", backend_id),
                    ("entity", "=", entity),
                    ("model", "=", model),
                    ("res_id", "=", res_id),
                    ("role", "=", role),
                ],
                limit=1,
            )
        )

    def _binding(self):
        """Return the link row of the record, made when there is none yet."""
        found = self._binding_of(self.backend_id.id, self.entity, self.model, self.res_id, self.role)
        return found or found.create(
            {
                "backend_id": self.backend_id.id,
                "company_id": self.backend_id.company_id.id,
                "entity": self.entity,
                "model": self.model,
                "res_id": self.res_id,
                "role": self.role,
            }
        )

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mend the QuickBooks link"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # === ASKING QUICKBOOKS === #

    def _ask(self, function):
        """Call ``function(client)``; QuickBooks' refusals become sentences.

        :raise AccessError: for others than administrators
        """
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_admin"):
            raise AccessError(self.env._("Only an administrator of the QuickBooks sync can ask QuickBooks from here."))
        try:
            return function(self.backend_id.sudo()._get_client())
        except ObjectNotFound:
            raise UserError(self.env._("QuickBooks has no such record.")) from None
        except QboError as error:
            raise UserError(self.env["qbo.error.guide"]._sentence(error)) from error

    def action_search(self):
        """List the objects of QuickBooks whose name or number is like the text (payments: of the same day)."""
        self.ensure_one()
        where = self._where()
        rows = self._ask(lambda client: client.page(self.entity, where, 1, CANDIDATES))
        self.candidate_ids = [Command.clear(), *(Command.create(self._candidate(row)) for row in rows)]
        self.searched = True
        return self._action_open()

    def _where(self):
        text = (self.search_text or "").strip()
        if self.entity in ("Payment", "Deposit"):
            return f"TxnDate = {quote(str(self.env[self.model].browse(self.res_id).date))}"
        if not text:
            raise UserError(self.env._("Type a name or a number to search for."))
        return f"{NAME_FIELDS[self.entity]} LIKE {quote(f'%{text}%')}"

    def _candidate(self, payload):
        document = mapping.from_qbo(self.entity, payload)
        name = (
            getattr(document, "display_name", "")
            or getattr(document, "name", "")
            or getattr(document, "doc_number", "")
            or getattr(document, "reference", "")
            or payload["Id"]
        )
        taken = self.env["qbo.binding"].sudo()._by_qbo_id(self.backend_id, self.entity, [payload["Id"]])
        holder = taken.get(payload["Id"])
        return {
            "qbo_id": payload["Id"],
            "name": name,
            "detail": self._detail(document),
            "linked_with": holder._record().display_name if holder and holder._record() else False,
        }

    def _detail(self, document):
        parts = [getattr(document, "email", ""), getattr(document, "phone", ""), getattr(document, "sku", "")]
        day, total = getattr(document, "txn_date", None), getattr(document, "total", None)
        parts += [str(day)] if day else []
        parts += [f"{total:,.2f} {document.currency}"] if total is not None else []
        return ", ".join(part for part in parts if part)

    # === ACTIONS === #

    def action_apply(self):
        """Do what was chosen; the reason goes to the history."""
        self.ensure_one()
        self.backend_id._check_approver()
        reason = (self.reason or "").strip() or self.env._("No reason given")
        if self.choice == "clear":
            self._binding()._clear_id(reason)
        elif self.choice == "settle":
            self._binding()._settle_without_sync(reason)
        elif self.choice == "override":
            self._relink((self.new_qbo_id or "").strip(), reason)
        else:
            raise UserError(self.env._("Press Link on one of the rows that were found."))
        return {"type": "ir.actions.act_window_close"}

    def _relink(self, qbo_id, reason):
        """Link to ``qbo_id`` after QuickBooks confirmed that it exists."""
        if not qbo_id.isdigit():
            raise UserError(self.env._("A QuickBooks ID has digits only; you find it in the address of the page."))
        if not self.candidate_ids.filtered(lambda candidate: candidate.qbo_id == qbo_id):
            self._ask(lambda client: client.read(self.entity, qbo_id))
        self._binding()._relink(qbo_id, reason)


class QboRelinkWizardCandidate(models.TransientModel):
    """One object that QuickBooks found."""

    _name = "qbo.relink.wizard.candidate"
    _description = "QuickBooks Link Candidate"
    _order = "id"

    wizard_id = fields.Many2one("qbo.relink.wizard", required=True, ondelete="cascade", index=True)
    qbo_id = fields.Char("QuickBooks ID", required=True)
    name = fields.Char()
    detail = fields.Char("Details")
    linked_with = fields.Char("Linked with already")

    def action_link(self):
        """Link the record of the dialog to this object."""
        self.ensure_one()
        wizard = self.wizard_id
        wizard.backend_id._check_approver()
        if self.linked_with:
            raise UserError(
                self.env._("It is linked with %(record)s already. Clear that link first.", record=self.linked_with)
            )
        wizard._relink(self.qbo_id, (wizard.reason or "").strip() or self.env._("Linked by hand"))
        return {"type": "ir.actions.act_window_close"}
