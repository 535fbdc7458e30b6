"""Proposals for what reports are split by, and for currencies."""

from odoo import models

from ...qbo.matching import Entry
from .dimensions import ANALYTIC

# Records that a person may want to map although no document waits for them.
LISTED = (
    ("Class", ANALYTIC), ("Department", ANALYTIC), ("Department", "res.company"),
    ("CustomerType", "res.partner.category"), ("CompanyCurrency", "res.currency"),
)


class QboSyncPropose(models.AbstractModel):
    _inherit = "qbo.sync.propose"

    def _odoo_entries(self, backend, entity, model):
        if (entity, model) not in LISTED:
            return super()._odoo_entries(backend, entity, model)
        if model == ANALYTIC:
            return self._analytic_entries(backend, entity)
        reader = {"res.company": self._branch_entries, "res.partner.category": self._category_entries,
                  "res.currency": self._currency_entries}[model]
        return reader(backend)

    def _write_questions(self, backend, entity, model, rows, odoo, qbo):
        """Of these lists every record in use gets its row, because nothing else brings it to the screen."""
        written = super()._write_questions(backend, entity, model, rows, odoo, qbo)
        if (entity, model) not in LISTED:
            return written
        known = {*rows, *written.mapped("res_id")}
        return written | self.env["qbo.mapping"].create([
            {"backend_id": backend.id, "entity": entity, "model": model, "res_id": entry.key, "state": "missing"}
            for entry in odoo if entry.used and entry.key not in known])

    def _analytic_entries(self, backend, entity):
        """Return the analytic accounts of the plan that a rule makes classes or locations."""
        plan = backend._class_plan() if entity == "Class" else backend._department_plan()
        if not plan:
            return []
        return [Entry(account.id, names=(account.name,), used=True)
                for account in self._records(backend, ANALYTIC, [("plan_id", "child_of", plan.id)])]

    def _branch_entries(self, backend):
        if not backend._by_branch():
            return []
        return [Entry(company.id, names=(company.name,), used=True) for company in backend._companies()]

    def _category_entries(self, backend):
        """Return the tags of customers, where QuickBooks has types of customers at all."""
        if not self._qbo_entries(backend, "CustomerType", "res.partner.category"):
            return []
        partners = self.env["res.partner"]
        groups = partners._read_group(
            [*partners._check_company_domain(backend._companies()), ("customer_rank", ">", 0),
             ("category_id", "!=", False)], ["category_id"])
        used = {tag.id for (tag,) in groups}
        return [Entry(tag.id, names=(tag.name,), used=tag.id in used)
                for tag in self.env["res.partner.category"].search([])]

    def _currency_entries(self, backend):
        """Return the active currencies of Odoo and those that only QuickBooks uses, without the home currency."""
        if not backend.qbo_multicurrency:
            return []
        theirs = [entry.code for entry in self._qbo_entries(backend, "CompanyCurrency", "res.currency")]
        found = self.env["res.currency"].with_context(active_test=False).search(
            ["|", ("active", "=", True), ("name", "in", theirs)])
        return [Entry(currency.id, names=(currency.full_name or currency.name,), code=currency.name, used=True)
                for currency in found - backend.company_id.currency_id]
