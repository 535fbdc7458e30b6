"""What makes the receivables of both books differ although nothing is wrong."""

from odoo import api, fields, models
from odoo.tools import formatLang


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    ar_explanation = fields.Text(
        "Explained", compute="_compute_ar_explanation",
        help="What moves the receivables of one side only, by the rules: revaluations, and what is not brought over.")

    @api.depends_context("lang")
    @api.depends("ar_checked_at")
    def _compute_ar_explanation(self):
        for backend in self:
            parts = []
            here, there = backend._revalued(), backend._not_brought_over()
            if here:
                parts.append(self.env._(
                    "%(amount)s by revaluations in Odoo, which stay there.", amount=backend._home_text(here)))
            if there:
                parts.append(self.env._(
                    "%(amount)s by what is listed under 'Not brought over' in QuickBooks.",
                    amount=backend._home_text(there)))
            backend.ar_explanation = "\n".join(parts) or False

    def _home_text(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _revalued(self):
        """Return what revaluations have added to the receivables in Odoo: the home value of foreign amounts alone."""
        company = self.sudo().company_id
        [(total,)] = self.env["account.move.line"].sudo()._read_group([
            ("company_id", "in", self._companies().ids), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"), ("currency_id", "!=", company.currency_id.id), ("amount_currency", "=", 0),
            ("move_id.move_type", "=", "entry"), ("journal_id", "!=", company.currency_exchange_journal_id.id),
        ], [], ["balance:sum"])
        return self.currency_id.round(total)

    def _not_brought_over(self):
        [(total,)] = self.env["qbo.unsynced"].sudo()._read_group(
            [("backend_id", "=", self.id)], [], ["amount:sum"])
        return self.currency_id.round(total)
