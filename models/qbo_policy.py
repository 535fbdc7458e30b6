"""The rule of a backend for one kind of record."""

from odoo import api, fields, models

from .const import PLAN_LACKS, POLICY_ENTITIES

# Kinds of records that QuickBooks can mail (Intuit: Accounting API reference, EmailStatus).
MAILED = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")


class QboPolicy(models.Model):
    """Direction, approval and who wins, for one entity of one backend."""

    _name = "qbo.policy"
    _description = "QuickBooks Sync Rule"
    _inherit = ["mail.thread"]
    _order = "backend_id, sequence, id"
    _rec_name = "entity"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    entity = fields.Selection(POLICY_ENTITIES, required=True, readonly=True)
    direction = fields.Selection(
        [("off", "Off"), ("out", "To QuickBooks"), ("in", "From QuickBooks"), ("both", "Both ways")],
        required=True, default="both", tracking=True)
    approve_out = fields.Selection(
        [("auto", "Automatic"), ("ask", "Ask")], "Approval to QuickBooks", required=True, default="ask", tracking=True)
    approve_in = fields.Selection(
        [("auto", "Automatic"), ("ask", "Ask")], "Approval from QuickBooks", required=True, default="auto",
        tracking=True)
    winner = fields.Selection(
        [("ask", "Ask"), ("odoo", "Odoo"), ("qbo", "QuickBooks")], "Both sides changed", required=True, default="ask",
        tracking=True)
    locked_rule = fields.Selection(
        [
            ("secured", "Book the difference of secured ones, ask in locked periods"),
            ("note", "Book the difference in the open period"),
            ("ask", "Ask"),
        ],
        "Locked in Odoo", required=True, default="secured", tracking=True,
        help="What QuickBooks changes of a posted document that cannot be changed in Odoo any more (secured by its "
             "hash, sent as an e-invoice, in a locked period) becomes a debit or credit note, "
             "or an entry, of the difference alone.")
    cutoff_date = fields.Date("From date", tracking=True, help="Documents dated before this day stay home.")

    mailed_by = fields.Selection(
        [("odoo", "Odoo"), ("qbo", "QuickBooks")], "Mailed by", required=True, default="odoo", tracking=True,
        help="Who mails new documents to customers. With QuickBooks they go there marked to be sent, with the "
             "customer's e-mail address; Odoo's own mails are not held back. What was sent or printed in Odoo already, "
             "and what is only changed, is never marked.")
    mail_from = fields.Date(
        "Mailed from date", compute="_compute_mail_from", store=True, readonly=False, tracking=True,
        help="Documents dated before this day are never mailed by QuickBooks.")
    mails = fields.Boolean(compute="_compute_mails")

    unavailable = fields.Char("Not in this plan", compute="_compute_unavailable")

    _entity_uniq = models.UniqueIndex("(backend_id, entity)")

    @api.depends("entity")
    def _compute_display_name(self):
        labels = dict(self._fields["entity"]._description_selection(self.env))
        for policy in self:
            policy.display_name = labels.get(policy.entity, policy.entity)

    @api.depends("entity")
    def _compute_mails(self):
        """Tell whether QuickBooks can mail such records."""
        for policy in self:
            policy.mails = policy.entity in MAILED

    @api.depends("mailed_by")
    def _compute_mail_from(self):
        """What is older than the day on which somebody let QuickBooks mail was sent otherwise."""
        for policy in self:
            if policy.mailed_by == "qbo" and not policy.mail_from:
                policy.mail_from = fields.Date.context_today(policy)

    @api.depends("backend_id.qbo_plan", "entity")
    def _compute_unavailable(self):
        """Say which plan lacks this kind of record, empty when the plan has it."""
        for policy in self:
            plan = policy.backend_id.qbo_plan or ""
            lacking = any(word in plan.lower() and policy.entity in entities for word, entities in PLAN_LACKS.items())
            policy.unavailable = self.env._("%(plan)s does not have these", plan=plan) if lacking else False

    def _allows(self, direction):
        """Tell whether records of this entity cross in ``direction`` ('in' or 'out'): by the rule, and by the plan."""
        return bool(self) and self.direction in (direction, "both") and not self.unavailable
