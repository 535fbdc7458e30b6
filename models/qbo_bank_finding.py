"""What the daily look at QuickBooks' bank deposits has found, and the deposits of payments."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

FINDINGS = [("double", "Possibly booked twice"), ("undeposited", "Not deposited for long")]


class QboDepositLine(models.Model):
    """A line of a bank deposit of QuickBooks, as last read: with it a payment knows when it reached which bank."""

    _name = "qbo.deposit.line"
    _description = "QuickBooks Deposit Line"
    _order = "date desc, id desc"
    _rec_name = "deposit_qbo_id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    deposit_qbo_id = fields.Char("Deposit", required=True)
    date = fields.Date()
    bank_qbo_id = fields.Char()
    txn_id = fields.Char("Deposited transaction")
    txn_type = fields.Char()

    _txn_idx = models.Index("(backend_id, txn_id)")

    def _text(self):
        """Return when and where the money arrived, for the payment's form."""
        self.ensure_one()
        bank = self.env["qbo.reference"].sudo().with_context(active_test=False).search(
            [("backend_id", "=", self.backend_id.id), ("entity", "=", "Account"), ("qbo_id", "=", self.bank_qbo_id)],
            limit=1)
        return self.env._("%(day)s into %(bank)s (deposit %(number)s)", day=format_date(self.env, self.date),
                          bank=bank.name or self.bank_qbo_id, number=self.deposit_qbo_id)


class QboBankFinding(models.Model):
    """Money that is probably booked twice, or lies in Undeposited Funds for long: a person looks."""

    _name = "qbo.bank.finding"
    _description = "Possible Double Entry"
    _order = "date desc, id desc"
    _rec_name = "name"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    kind = fields.Selection(FINDINGS, required=True)
    key = fields.Char(required=True)
    name = fields.Char("What", required=True)
    advice = fields.Char("What to do", compute="_compute_advice")
    date = fields.Date()
    days = fields.Integer(compute="_compute_days", aggregator=None)
    partner_id = fields.Many2one("res.partner", "Customer")
    amount = fields.Monetary()
    currency_id = fields.Many2one("res.currency", required=True)
    model = fields.Char()
    res_id = fields.Many2oneReference(model_field="model")
    deposit_qbo_id = fields.Char()
    seen = fields.Boolean("All right", help="A person has looked: nothing is wrong.")
    seen_by_id = fields.Many2one("res.users", "Looked at by", readonly=True)

    _key_uniq = models.UniqueIndex("(backend_id, kind, key)")

    def _compute_advice(self):
        texts = {
            "double": self.env._(
                "Open the deposit in QuickBooks. If it is the same money, remove that line and choose the payment "
                "itself instead, which waits in Undeposited Funds or stands in the bank already."),
            "undeposited": self.env._(
                "Deposit it in QuickBooks (+ New > Bank deposit), or match it with the line of the bank feed; if the "
                "bank has it under another name, that one is a second booking.")}
        for finding in self:
            finding.advice = texts[finding.kind]

    def _compute_days(self):
        today = fields.Date.context_today(self)
        for finding in self:
            finding.days = (today - finding.date).days if finding.date else 0

    @api.model
    def get_empty_list_help(self, help_message):
        """Say when the bank was looked at, or why it was not: an empty list alone looks like good news."""
        text, title = self._look(), Markup('<p class="o_view_nocontent_smiling_face">%s</p>')
        if not text:
            help_message = title % self.env._("The bank was not looked at yet")
            text = self.env._("This happens as soon as payments are linked with QuickBooks, then once a day.")
        return super().get_empty_list_help((help_message or "") + Markup("<p>%s</p>") % text)

    @api.model
    def _look(self):
        """Return when the bank was looked at last, for each connection; nothing where it never was."""
        cursors = self.env["qbo.cursor"].sudo().search([
            ("source", "=", "deposits"), ("done", "=", True),
            ("backend_id.company_id", "in", self.env.companies.ids)])
        days = [format_date(self.env, cursor.moment) for cursor in cursors]
        return self.env._("Looked at on %(days)s.", days=", ".join(sorted(set(days)))) if days else ""

    @api.model
    def action_look_again(self):
        """Have the next sync look at the bank again, and start it."""
        backends = self.env["qbo.backend"].search([("state", "=", "active")])
        if not backends:
            raise UserError(self.env._("No connection to QuickBooks is active. Ask an administrator of the "
                                       "QuickBooks sync to activate one."))
        for backend in backends:
            self.env["qbo.sync.reference"]._ask(backend)
            backend.action_sync_now(self.env._("Another look at the bank"))
        return {
            "type": "ir.actions.client", "tag": "display_notification", "params": {
                "type": "info", "next": {"type": "ir.actions.act_window_close"}, "message": self.env._(
                    "QuickBooks' bank deposits are read again in the background. Reload this page in a moment.")}}

    def action_all_right(self):
        """Take the findings off the list: a person has looked, and it stays so."""
        self.check_access("write")
        self.write({"seen": True, "seen_by_id": self.env.uid})

    def action_open_record(self):
        """Open the payment in Odoo."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": self.model, "res_id": self.res_id,
            "views": [(False, "form")]}

    def action_open_deposit(self):
        """Open the deposit in QuickBooks, or for what is not deposited the payment there."""
        self.ensure_one()
        # What is not deposited is known by its id, a sales receipt with its type before it.
        entity, qbo_id = ("Deposit", self.deposit_qbo_id) if self.deposit_qbo_id else (
            self.key.split(":") if ":" in self.key else ("Payment", self.key))
        return {"type": "ir.actions.act_url", "target": "new",
                "url": self.backend_id.sudo()._qbo_page_url(entity, qbo_id)}


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    bank_finding_count = fields.Integer(compute="_compute_bank_finding_count")

    def _compute_bank_finding_count(self):
        groups = self.env["qbo.bank.finding"]._read_group(
            [("backend_id", "in", self.ids), ("seen", "=", False)], ["backend_id"], ["__count"])
        counts = {backend.id: count for backend, count in groups}
        for backend in self:
            backend.bank_finding_count = counts.get(backend.id, 0)

    def action_open_bank_findings(self):
        """Open what the daily look at the bank has found."""
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_bank_finding")
        return {**action, "domain": [("backend_id", "in", self.ids)]}


class AccountPayment(models.Model):
    _inherit = "account.payment"

    qbo_deposit = fields.Char(
        "Deposited in QuickBooks", compute="_compute_qbo_deposit", groups="qbo_sync.group_user",
        help="The bank deposit of QuickBooks that holds this payment, as of the last daily look.")

    @api.depends("qbo_id")
    def _compute_qbo_deposit(self):
        links = self.env["qbo.binding"].sudo().search([
            ("model", "=", self._name), ("res_id", "in", self._origin.ids), ("entity", "=", "Payment"),
            ("qbo_id", "!=", False)])
        lines = self.env["qbo.deposit.line"].sudo().search([
            ("backend_id", "in", links.backend_id.ids), ("txn_type", "=", "Payment"),
            ("txn_id", "in", links.mapped("qbo_id"))])
        found = {(line.backend_id, line.txn_id): line for line in lines}
        texts = {link.res_id: found[link.backend_id, link.qbo_id]._text()
                 for link in links if (link.backend_id, link.qbo_id) in found}
        for payment in self:
            payment.qbo_deposit = texts.get(payment._origin.id, False)
