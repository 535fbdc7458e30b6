"""What makes the receivables of both books differ although nothing is wrong."""

from odoo import api, fields, models
from odoo.tools import formatLang


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    ar_explanation = fields.Text(
        "Explained", compute="_compute_ar_explanation",
        help="What moves the receivables of one side only, by the rules: revaluations, the point of sale, what is not "
             "brought over, and what stays in Odoo.")

    @api.depends_context("lang")
    @api.depends("ar_checked_at")
    def _compute_ar_explanation(self):
        for backend in self:
            backend.ar_explanation = "\n".join(text for amount, text in backend._ar_explained() if amount) or False

    def _ar_explained(self):
        """Return [(amount in home currency, sentence)] of what makes a difference by the rules."""
        here, there = self._staying_here(), self._not_brought_over()
        revalued, sessions = here.pop("revaluation", 0), here.pop("pos", 0)
        others = self.currency_id.round(sum(here.values()))
        return [
            (revalued, self.env._(
                "%(amount)s comes from revaluations in Odoo, which stay there.", amount=self._home_text(revalued))),
            (sessions, self.env._(
                "%(amount)s comes from the point of sale of Odoo, whose entries stay there.",
                amount=self._home_text(sessions))),
            (others, self.env._(
                "%(amount)s stands in Odoo alone: see Compare > Stays in Odoo.", amount=self._home_text(others))),
            (there, self.env._(
                "%(amount)s stands in QuickBooks alone: see Compare > Not brought over.",
                amount=self._home_text(there))),
        ]

    def _home_text(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _staying_here(self):
        """Return {kind: what entries that stay in Odoo have added to its receivables until today}."""
        today = fields.Date.context_today(self)
        groups = self.env["qbo.stays"].sudo()._read_group(
            [("backend_id", "=", self.id), ("counted", "=", True), ("date", "<=", today)], ["kind"], ["amount:sum"])
        return {kind: self.currency_id.round(total) for kind, total in groups}

    def _not_brought_over(self):
        [(total,)] = self.env["qbo.unsynced"].sudo()._read_group(
            [("backend_id", "=", self.id)], [], ["amount:sum"])
        return self.currency_id.round(total)
