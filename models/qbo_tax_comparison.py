"""Tax charged by code and month in both books, side by side, and what else moved QuickBooks' tax accounts."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

FILED_BY = [("qbo", "QuickBooks"), ("odoo", "Odoo")]


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    tax_filed_by = fields.Selection(
        FILED_BY, "Tax returns are filed in", tracking=True,
        help="One side files and pays. Payments to agencies and adjustments are never synced: on the other side they "
             "are booked by hand, or not at all.")


class QboTaxComparison(models.Model):
    """A comparison that a person asked for; the worker reads both books and writes the figures."""

    _name = "qbo.tax.comparison"
    _description = "QuickBooks Tax Comparison"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    backend_id = fields.Many2one(
        "qbo.backend", "Connection", required=True, ondelete="cascade", index=True,
        default=lambda self: self.env["qbo.backend"]._id_for_company(self.env.company.id))
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    currency_id = fields.Many2one(related="backend_id.currency_id")
    tax_filed_by = fields.Selection(related="backend_id.tax_filed_by")
    date_from = fields.Date(
        "From", required=True, default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "quarter"))
    date_to = fields.Date(
        "To", required=True, default=lambda self: fields.Date.end_of(fields.Date.context_today(self), "quarter"))
    state = fields.Selection(
        [("new", "New"), ("asked", "Waits for the sync"), ("done", "Compared")], required=True, default="new",
        readonly=True)
    read_at = fields.Datetime("Compared at", readonly=True)
    line_ids = fields.One2many("qbo.tax.comparison.line", "comparison_id", readonly=True)
    entry_ids = fields.One2many("qbo.tax.comparison.entry", "comparison_id", readonly=True)
    tax_odoo = fields.Monetary("Tax in Odoo", compute="_compute_totals", store=True)
    tax_qbo = fields.Monetary("Tax in QuickBooks", compute="_compute_totals", store=True)
    difference = fields.Monetary(compute="_compute_totals", store=True, help="Odoo less QuickBooks, in home currency.")

    _dates = models.Constraint("CHECK (date_from <= date_to)", "The period ends before it begins.")

    @api.depends_context("lang")
    @api.depends("date_from", "date_to")
    def _compute_name(self):
        for comparison in self:
            comparison.name = self.env._(
                "Taxes %(start)s - %(end)s", start=format_date(self.env, comparison.date_from),
                end=format_date(self.env, comparison.date_to))

    @api.depends("line_ids.tax_odoo", "line_ids.tax_qbo")
    def _compute_totals(self):
        for comparison in self:
            comparison.tax_odoo = sum(comparison.line_ids.mapped("tax_odoo"))
            comparison.tax_qbo = sum(comparison.line_ids.mapped("tax_qbo"))
            comparison.difference = comparison.currency_id.round(comparison.tax_odoo - comparison.tax_qbo) \
                if comparison.currency_id else 0.0

    def action_compare(self):
        """Ask the worker to read both books; the figures are here after the next turn of the sync.

        :raise UserError: when the connection is down
        """
        for comparison in self:
            backend = comparison.backend_id
            if backend.state not in ("connected", "active"):
                raise UserError(self.env._(
                    "%(backend)s is not connected to QuickBooks.", backend=backend.display_name))
            comparison.sudo().state = "asked"
            # Nothing has to cross for a comparison.
            backend.action_sync_now(self.env._("Comparison of taxes"), take_in=False, send_out=False)
        return True


class QboTaxComparisonLine(models.Model):
    """What one tax code has in one month."""

    _name = "qbo.tax.comparison.line"
    _description = "QuickBooks Tax Comparison Line"
    _order = "differs desc, month, name, id"

    comparison_id = fields.Many2one("qbo.tax.comparison", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="comparison_id.company_id", store=True)
    currency_id = fields.Many2one(related="comparison_id.currency_id")
    month = fields.Date("Month from", required=True)
    name = fields.Char("Tax code", required=True)
    base_odoo = fields.Monetary("Net in Odoo")
    base_qbo = fields.Monetary("Net in QuickBooks")
    tax_odoo = fields.Monetary("Tax in Odoo")
    tax_qbo = fields.Monetary("Tax in QuickBooks")
    difference = fields.Monetary(compute="_compute_difference", store=True)
    explanation = fields.Text("Documents that differ")
    differs = fields.Boolean(compute="_compute_differs", store=True, help="These rows come first.")
    month_name = fields.Char("Month", compute="_compute_month_name")

    @api.depends("tax_odoo", "tax_qbo")
    def _compute_difference(self):
        for line in self:
            line.difference = line.tax_odoo - line.tax_qbo

    @api.depends("difference", "explanation")
    def _compute_differs(self):
        for line in self:
            line.differs = bool(line.explanation or not line.currency_id.is_zero(line.difference))

    @api.depends_context("lang")
    @api.depends("month")
    def _compute_month_name(self):
        for line in self:
            line.month_name = format_date(self.env, line.month, date_format="MMMM y")


class QboTaxComparisonEntry(models.Model):
    """A payment to an agency or an adjustment in QuickBooks; it is shown and never created in Odoo."""

    _name = "qbo.tax.comparison.entry"
    _description = "QuickBooks Tax Payment or Adjustment"
    _order = "date, id"

    comparison_id = fields.Many2one("qbo.tax.comparison", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="comparison_id.company_id", store=True)
    currency_id = fields.Many2one(related="comparison_id.currency_id")
    date = fields.Date(required=True)
    kind = fields.Char("Type", required=True)
    number = fields.Char()
    name = fields.Char("Payee or agency")
    memo = fields.Char()
    amount = fields.Monetary(help="Above zero raises what is owed to the agency.")
