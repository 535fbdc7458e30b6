"""The panel on a record's form: both figures side by side, and what happened, in plain words."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_datetime, formatLang

from .merged_role import MERGED
from .sync.entries_role import WRITTEN_OFF

STEPS_SHOWN = 8


class QboStatusMixin(models.AbstractModel):
    _inherit = "qbo.status.mixin"

    qbo_panel = fields.Html(compute="_compute_qbo_panel", sanitize=False, groups="qbo_sync.group_user", copy=False)

    def _qbo_compared(self):
        """Return the figures that both sides must say alike: ``[(label, amount in Odoo, field of neutral form)]``."""
        return []

    @api.depends_context("company", "lang", "tz", "uid")
    def _compute_qbo_panel(self):
        served = self._qbo_backend_ids()
        for record in self:
            backend_id = served.get(record._origin.id)
            record.qbo_panel = record._qbo_panel_html(backend_id) if backend_id else False

    def _qbo_panel_html(self, backend_id):
        linked = self._origin._qbo_linked()
        domain = [("backend_id", "=", backend_id), ("model", "=", linked._name), ("res_id", "in", linked.ids)]
        binding = (
            self.env["qbo.binding"]
            .sudo()
            .search(
                [
                    *domain,
                    ("qbo_id", "!=", False),
                    ("role", "not =like", f"{MERGED}%"),
                    ("role", "!=", WRITTEN_OFF),
                ],
                order="role desc, id",
                limit=1,
            )
        )
        jobs = (
            self.env["qbo.job"]
            .sudo()
            .search([*domain, ("state", "!=", "cancelled")], order="id desc", limit=STEPS_SHOWN)
        )
        return self._qbo_figures_html(binding) + self._qbo_steps_html(jobs) + self._qbo_repairs_html(binding)

    def _qbo_figures_html(self, binding):
        told = (binding.base or {}).get("qbo") or {}
        compared = self._qbo_compared()
        if not binding or not told or not compared:
            return Markup()
        rows = self._qbo_number_row(told.get("doc_number")) + Markup().join(
            self._qbo_figure_row(label, here, float(told.get(name) or 0)) for label, here, name in compared
        )
        return Markup(
            "<table class='table table-sm w-auto o_qbo_figures'><thead><tr><th></th>"
            "<th class='text-end'>%s</th><th></th><th class='text-end'>%s</th></tr></thead>"
            "<tbody>%s</tbody></table><p class='text-muted small'>%s</p>"
        ) % (self.env._("In Odoo"), self.env._("In QuickBooks"), rows, self._qbo_told_at(binding))

    def _qbo_told_at(self, binding):
        """Return how old QuickBooks' figures are, in words."""
        if not binding.synced_at:
            return ""
        time = format_datetime(self.env, binding.synced_at, dt_format="short")
        return self.env._("As QuickBooks last told, %(time)s", time=time)

    def _qbo_number_row(self, number):
        """Return the row of the document's number, which QuickBooks may have given by itself."""
        if not number:
            return Markup()
        return Markup("<tr><td>%s</td><td class='text-end'>%s</td><td>%s</td><td class='text-end'>%s</td></tr>") % (
            self.env._("Number"), self.display_name, "=" if number == self.display_name else "", number)

    def _qbo_figure_row(self, label, here, there):
        equal = self.currency_id.compare_amounts(here, there) == 0
        return Markup(
            "<tr><td>%s</td><td class='text-end'>%s</td><td class='%s'>%s</td><td class='text-end'>%s</td></tr>"
        ) % (
            label,
            formatLang(self.env, here, currency_obj=self.currency_id),
            "o_qbo_equal" if equal else "o_qbo_unequal",
            "=" if equal else "≠",
            formatLang(self.env, there, currency_obj=self.currency_id),
        )

    def _qbo_steps_html(self, jobs):
        if not jobs:
            return Markup()
        steps = Markup().join(Markup("<li>%s</li>") % job._step_text() for job in jobs)
        return Markup("<ul class='list-unstyled o_qbo_steps'>%s</ul>") % steps

    def _qbo_repairs_html(self, binding):
        """Return what people did to the link by hand, with their reasons."""
        lines = (binding.history or "").splitlines()
        if not lines:
            return Markup()
        return Markup("<div class='text-muted'>%s</div>") % Markup().join(
            Markup("<div>%s</div>") % line for line in lines
        )
