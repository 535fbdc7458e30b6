"""Said before a person presses: what QuickBooks will not take, or should not be changed there any more."""

from odoo import api, fields, models
from odoo.tools import format_date


class QboStatusMixin(models.AbstractModel):
    _inherit = "qbo.status.mixin"

    qbo_caution = fields.Char(
        "Before you change it", compute="_compute_qbo_caution", groups="qbo_sync.group_user", copy=False)

    def _qbo_cautions(self, backend, told):
        """Return sentences about one linked document; ``told`` is what QuickBooks said last, as stored."""
        day = fields.Date.to_date(told.get("txn_date"))
        cautions = []
        if day and backend.qbo_closing_date and day <= backend.qbo_closing_date:
            cautions.append(self.env._(
                "its period is closed in QuickBooks (until %(day)s)",
                day=format_date(self.env, backend.qbo_closing_date)))
        if day and backend.tax_filed_until and day <= backend.tax_filed_until:
            cautions.append(self.env._(
                "its tax was filed (until %(day)s)", day=format_date(self.env, backend.tax_filed_until)))
        return cautions

    @api.depends_context("company", "lang", "uid")
    def _compute_qbo_caution(self):
        served = self._qbo_backend_ids()
        backends = {backend.id: backend for backend in self._qbo_backends()}
        for record in self:
            backend = backends.get(served.get(record._origin.id))
            record.qbo_caution = backend and record._qbo_caution_text(backend)

    def _qbo_caution_text(self, backend):
        told = self._qbo_told(backend, self._name, self._origin.ids)
        cautions = self._qbo_cautions(backend, told[0]) if told else []
        return bool(cautions) and self._qbo_caution_sentence(", ".join(cautions))

    def _qbo_caution_sentence(self, what):
        return self.env._("Before you change or cancel this: %(what)s. A credit note is the safe way.", what=what)

    def _qbo_told(self, backend, model, ids):
        """Return what QuickBooks last said about linked records of ``model``, as stored; void ones left out."""
        bindings = self.env["qbo.binding"].sudo().search([
            ("backend_id", "=", backend.id), ("model", "=", model), ("res_id", "in", ids), ("qbo_id", "!=", False),
            ("missing", "=", False)], order="role, id")
        told = [(binding.base or {}).get("qbo") for binding in bindings]
        return [one for one in told if one and not one.get("voided")]


class AccountMove(models.Model):
    _inherit = "account.move"

    def _qbo_cautions(self, backend, told):
        """Add payments that are on a bank deposit in QuickBooks."""
        cautions = super()._qbo_cautions(backend, told)
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        others = (items.matched_credit_ids.credit_move_id | items.matched_debit_ids.debit_move_id).move_id
        if any(one.get("deposited") for one in self._qbo_told(
                backend, "account.payment", others.origin_payment_id.ids)):
            cautions.insert(0, self.env._("it is paid, and the payment is deposited in QuickBooks"))
        return cautions

    def action_qbo_credit_note(self):
        """Open Odoo's dialog for a credit note of this document: it leaves the document and its period alone."""
        self.ensure_one()
        action = self.action_reverse()
        return {**action, "context": {"active_model": "account.move", "active_ids": self.ids, "active_id": self.id}}


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _qbo_cautions(self, backend, told):
        """Add that the payment itself is on a bank deposit in QuickBooks."""
        cautions = super()._qbo_cautions(backend, told)
        if told.get("deposited"):
            cautions.insert(0, self.env._("it is deposited in QuickBooks, which refuses any change of it (take it off "
                                          "the deposit there first)"))
        return cautions

    def _qbo_caution_sentence(self, what):
        return self.env._("Before you change or cancel this payment: %(what)s.", what=what)
