"""What is missing in QuickBooks is created there when a person asks for it: noted here, done by the worker."""

from odoo import fields, models
from odoo.exceptions import UserError

# What QuickBooks lets a program create without deciding more than a name and what the Odoo record says.
CREATABLE = ("TaxCode", "Term", "PaymentMethod", "Item", "Class", "Department", "CompanyCurrency")


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    creation = fields.Selection(
        [("asked", "To be created"), ("failed", "Not created")], copy=False, tracking=True,
        help="A person asked for this record to be created in QuickBooks; the next sync does it.")
    creation_error = fields.Char(copy=False)
    creation_request_id = fields.Char(copy=False, groups="base.group_system")
    creation_payload = fields.Text(copy=False, groups="base.group_system")
    creation_like_id = fields.Many2one(
        "qbo.reference", "Same tax agency as", copy=False,
        domain="[('backend_id', '=', backend_id), ('entity', '=', 'TaxRate')]",
        help="Where QuickBooks pays several tax agencies: a rate that is paid to the agency of the new tax.")
    can_create = fields.Boolean(compute="_compute_can_create")

    def _compute_can_create(self):
        for mapping in self:
            mapping.can_create = mapping.entity in CREATABLE and mapping.state == "missing" \
                and mapping.creation != "asked"

    def action_create_in_quickbooks(self):
        """Ask for the records to be created in QuickBooks and mapped to what is created; the worker does it.

        :raise UserError: when none of the rows can be created
        """
        rows = self.filtered("can_create")
        if not rows:
            raise UserError(self.env._(
                "Choose missing taxes, payment terms, payment methods, items, classes, locations or currencies. "
                "Accounts are created in QuickBooks itself, where the accountant decides their type, and so are types "
                "of customers."))
        for backend in rows.backend_id:
            if backend.state not in ("connected", "active"):
                raise UserError(self.env._("%(name)s is not connected to QuickBooks.", name=backend.display_name))
        rows.write({"creation": "asked", "creation_error": False})
        rows.sudo().write({"creation_request_id": False, "creation_payload": False})
        for backend, wanted in rows.grouped("backend_id").items():
            # Before the activation nothing but the lists may cross: the wish waits for the first sync.
            if backend.state == "active":
                names = ", ".join(wanted.mapped("record_name"))
                backend.action_sync_now(self.env._("Creation of %(names)s", names=names))

    def action_cancel_creation(self):
        """Take a wish back that the worker has not begun to fulfil."""
        rows = self.filtered(lambda row: row.creation and not row.sudo().creation_request_id)
        rows.write({"creation": False, "creation_error": False})
