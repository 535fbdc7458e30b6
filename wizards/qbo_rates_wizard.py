"""The dialog "Import exchange rates"."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.sync.rates import REPLACE, SOURCE

MOST_DAYS = 92


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    def action_open_rates_dialog(self):
        """Open the dialog "Import exchange rates"."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Import exchange rates"),
            "res_model": "qbo.rates.wizard", "views": [(False, "form")], "target": "new",
            "context": {"default_backend_id": self.id}}


class QboRatesWizard(models.TransientModel):
    """Asks the worker for QuickBooks' rates of some days."""

    _name = "qbo.rates.wizard"
    _description = "QuickBooks Exchange Rates"

    backend_id = fields.Many2one(
        "qbo.backend", "Connection", required=True, domain="[('state', 'in', ('connected', 'active'))]")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    replace = fields.Boolean(
        "Replace rates that are there",
        help="Off: a day that has a rate in Odoo keeps it. Documents keep their own rate.")

    def action_import(self):
        """Note the days for the worker, one request each, and wake it.

        :raise UserError: for a period that ends before it begins or is too long
        """
        self.ensure_one()
        self.backend_id._check_approver()
        count = (self.date_to - self.date_from).days + 1
        if not 0 < count <= MOST_DAYS:
            raise UserError(self.env._("Choose a period of 1 to %(most)s days.", most=MOST_DAYS))
        cursors = self.env["qbo.cursor"].sudo()
        names = [f"{SOURCE}{self.date_from + timedelta(days=number)}" for number in range(count)]
        mode = {"moment": REPLACE if self.replace else False}
        known = cursors.search([("backend_id", "=", self.backend_id.id), ("source", "in", names)])
        known.write(mode)
        cursors.create([
            {"backend_id": self.backend_id.id, "source": name, **mode}
            for name in names if name not in known.mapped("source")])
        self.backend_id.action_sync_now(self.env._("Exchange rates"), take_in=False, send_out=False)
        return {"type": "ir.actions.act_window_close"}
