"""Who keeps the bank: one rule for each bank, cash and card journal."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

JOURNALS = ("bank", "cash", "credit")


class QboBankRule(models.Model):
    """Where the payments of a journal go in QuickBooks, so that no deposit is booked twice.

    A bank feed proposes to add each deposit that it cannot match. When a payment from Odoo waits in Undeposited Funds
    meanwhile, that books the income twice, and the receivables do not show it.
    """

    _name = "qbo.bank.rule"
    _description = "QuickBooks Bank Rule"
    _inherit = ["mail.thread"]
    _order = "backend_id, journal_id, id"
    _rec_name = "journal_id"
    _check_company_auto = True

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    journal_id = fields.Many2one("account.journal", required=True, ondelete="cascade", readonly=True, index=True)
    keeper = fields.Selection(
        [("odoo", "Odoo keeps the bank"), ("qbo", "QuickBooks keeps the bank"), ("home", "Payments stay in Odoo")],
        "Who keeps the bank", required=True, default="odoo", tracking=True,
        help="Odoo: payments go straight to the mapped bank account, and nobody adds deposits there. QuickBooks: "
             "payments go to Undeposited Funds or a clearing account, and are deposited there. Stay in Odoo: payments "
             "of this journal do not cross, because somebody enters them in QuickBooks.")
    clearing_id = fields.Many2one(
        "qbo.reference", "Payments go to", tracking=True, ondelete="restrict",
        domain="[('backend_id', '=', backend_id), ('entity', '=', 'Account'), "
               "('kind', 'in', ('Other Current Asset', 'Bank'))]",
        help="Undeposited Funds, or the clearing account from which QuickBooks deposits.")
    mapped_id = fields.Many2one("qbo.reference", "Bank account in QuickBooks", compute="_compute_mapped_id")
    feed_off = fields.Boolean(
        "Bank feed is off", tracking=True,
        help="Somebody has looked: this account has no bank feed in QuickBooks, or nobody adds its lines there. The "
             "API does not tell.")
    decided = fields.Boolean(help="A person has chosen; until then the rule follows the mapping of the journal.")
    warning = fields.Char("To look at", compute="_compute_warning")

    _journal_uniq = models.UniqueIndex("(backend_id, journal_id)")

    # === COMPUTE METHODS === #

    @api.depends("journal_id", "backend_id")
    def _compute_mapped_id(self):
        rows = self.env["qbo.mapping"].search([
            ("backend_id", "in", self.backend_id.ids), ("entity", "=", "Account"), ("model", "=", "account.journal"),
            ("state", "=", "mapped"), ("res_id", "in", self.journal_id.ids)])
        found = {(row.backend_id, row.res_id): row.reference_id for row in rows}
        for rule in self:
            rule.mapped_id = found.get((rule.backend_id, rule.journal_id.id), False)

    @api.depends("keeper", "clearing_id", "feed_off", "mapped_id")
    def _compute_warning(self):
        for rule in self:
            rule.warning = rule._what_is_open()

    def _what_is_open(self):
        """Return what a person has to do before this rule is safe, False when nothing."""
        self.ensure_one()
        if self.keeper == "qbo" and not self.clearing_id:
            return self.env._("Choose Undeposited Funds or the clearing account.")
        if self.keeper != "odoo":
            return False
        if not self.mapped_id:
            return self.env._("The journal is not mapped to an account of QuickBooks yet.")
        if self.mapped_id.kind in ("Bank", "Credit Card") and not self.feed_off:
            return self.env._(
                "Switch off the bank feed of %(account)s in QuickBooks, and tick the box: what it adds would be booked "
                "twice.", account=self.mapped_id.name)
        return False

    # === CONSTRAINTS === #

    @api.constrains("keeper", "clearing_id", "backend_id")
    def _check_clearing(self):
        for rule in self.filtered(lambda rule: rule.keeper == "qbo"):
            clearing = rule.clearing_id
            if not clearing or clearing.backend_id != rule.backend_id or clearing.entity != "Account":
                raise ValidationError(self.env._(
                    "%(journal)s: where QuickBooks keeps the bank, choose the account of QuickBooks that receives the "
                    "payments until they are deposited.", journal=rule.journal_id.display_name))

    # === LOOKUP === #

    @api.model
    def _ensure(self, backend):
        """Give each bank, cash and card journal of the connection its rule; returns the new ones.

        A journal that is mapped to Undeposited Funds, or another account that is no bank, keeps that meaning, until a
        person says who keeps the bank.
        """
        journals = self.env["account.journal"].search(
            [("type", "in", JOURNALS), ("company_id", "in", backend._companies().ids)])
        known = self.search([("backend_id", "=", backend.id)])
        rules = self.create([
            {"backend_id": backend.id, "journal_id": journal.id} for journal in journals - known.journal_id])
        for rule in (known | rules).filtered(lambda rule: not rule.decided and rule.keeper == "odoo"):
            if rule.mapped_id.kind == "Other Current Asset":
                rule.write({"keeper": "qbo", "clearing_id": rule.mapped_id.id})
        return rules

    def write(self, vals):
        if "keeper" in vals and not self.env.su:
            vals = {**vals, "decided": True}
        return super().write(vals)

    @api.model
    def _by_journal(self, backend):
        """Return {journal id: rule} of a connection."""
        return {rule.journal_id.id: rule for rule in self.search([("backend_id", "=", backend.id)])}

    @api.onchange("keeper")
    def _onchange_keeper(self):
        if self.keeper == "qbo" and not self.clearing_id:
            self.clearing_id = self.env["qbo.reference"].search(
                [("backend_id", "=", self.backend_id.id), ("entity", "=", "Account"),
                 ("kind", "=", "Other Current Asset")]).filtered(
                     lambda account: (account.document or {}).get("subkind") == "UndepositedFunds")[:1]
