"""What moves receivables in Odoo and does not go to QuickBooks, with its amount and the reason."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .const import POS_FIELDS, POS_SESSION, STAYING_FIELDS

KINDS = [
    ("pos", "Point of sale"), ("exchange", "Exchange difference"), ("revaluation", "Revaluation"),
    ("made", "Made by Odoo"), ("rule", "Kept by the rule"), ("before", "Before the From date"),
    ("excluded", "Excluded"),
]


class QboStays(models.Model):
    """Entries on receivables that stay in Odoo: read live from the ledger, nothing is stored.

    Only exchange differences need no counterpart, because QuickBooks books its own with the payment.
    """

    _name = "qbo.stays"
    _description = "Receivable Entry that Stays in Odoo"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"
    _depends = {
        "account.move": ["state", "move_type", "date", "name", "journal_id", "reversed_entry_id", "origin_payment_id",
                         "statement_line_id", "tax_cash_basis_rec_id"],
        "account.move.line": ["balance", "amount_currency", "currency_id", "account_id", "partner_id", "move_id"],
        "account.partial.reconcile": ["exchange_move_id"],
        "qbo.binding": ["model", "res_id", "entity", "qbo_id", "excluded", "missing"],
        "qbo.policy": ["direction", "cutoff_date"],
        "res.company": ["currency_exchange_journal_id"],
    }

    backend_id = fields.Many2one("qbo.backend", "Connection", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, "Why", readonly=True)
    name = fields.Char("Entry", readonly=True)
    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    amount = fields.Monetary(
        "Effect on receivables", readonly=True, help="What it adds to the receivables in Odoo, in home currency.")
    counted = fields.Boolean(
        "Makes a difference", readonly=True,
        help="Not for exchange differences: QuickBooks books its own, so that both sides are equal again.")
    reason = fields.Char(compute="_compute_reason")

    @api.depends_context("lang")
    @api.depends("kind")
    def _compute_reason(self):
        texts = {
            "pos": self.env._("Sales and payments of the point of sale stay in Odoo. Book the session in QuickBooks by "
                              "hand; invoices of the point of sale go there as any other."),
            "exchange": self.env._("Odoo made it when it reconciled; QuickBooks books its own with the payment."),
            "revaluation": self.env._("It corrects the home value of foreign amounts; QuickBooks makes its own."),
            "made": self.env._("Odoo made it by itself (tax on payment, stock, deferral or closing, or the reversal of "
                               "such an entry); QuickBooks books its own, or it is not needed there."),
            "rule": self.env._("The rule 'Receivable entries' does not let it go to QuickBooks."),
            "before": self.env._("It is dated before the From date of the rule 'Receivable entries'."),
            "excluded": self.env._("A person excluded it. Include it again on its form, or book it there by hand."),
        }
        for row in self:
            row.reason = texts.get(row.kind, "")

    def action_open_entry(self):
        """Open the entry."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "account.move", "res_id": self.id,
                "views": [(False, "form")]}

    # === THE QUERY === #

    @property
    def _table_query(self):
        """Each entry is looked at once: terms that the planner copies up cost seconds of compiling in large books."""
        return SQL(
            """WITH RECURSIVE served(company_id, backend_id) AS (%(served)s),
                   made(id, kind) AS (
                       %(made)s
                       UNION
                       SELECT move.id, made.kind FROM account_move move JOIN made ON move.reversed_entry_id = made.id),
                   origin AS (SELECT id, array_agg(kind) AS kinds FROM made GROUP BY id),
                   link AS (SELECT res_id, backend_id, bool_or(qbo_id IS NOT NULL) AS sent,
                                   bool_or(excluded) AS excluded
                              FROM qbo_binding WHERE model = 'account.move' GROUP BY res_id, backend_id),
                   owed AS MATERIALIZED (%(owed)s),
                   sorted AS MATERIALIZED (SELECT owed.*, %(kind)s AS kind FROM owed)
               SELECT id, backend_id, company_id, name, date, partner_id, kind, kind != 'exchange' AS counted,
                      CASE WHEN sent THEN rest ELSE amount END AS amount
                 FROM sorted WHERE kind = 'pos' OR kind IS NOT NULL AND amount != 0""",
            served=self._served(), made=self._made(), owed=self._owed(), kind=self._kind())

    def _served(self):
        """Return the query of the companies that a connection serves."""
        backends = self.env["qbo.backend"].sudo().search([("state", "in", ("connected", "active", "reconnect"))])
        pairs = [SQL("SELECT %s::int, %s::int", company.id, backend.id)
                 for backend in backends for company in backend._companies()]
        return SQL(" UNION ").join(pairs) if pairs else SQL("SELECT NULL::int, NULL::int WHERE FALSE")

    def _made(self):
        """Return the query of the entries that Odoo makes by itself, by the kind of their origin."""
        moves = self.env["account.move"]
        sessions = [f"{name}.{POS_SESSION}" for name in ("origin_payment_id", "statement_line_id")
                    if POS_SESSION in moves[name]._fields]
        return SQL(" UNION ALL ").join([
            SQL("SELECT id, 'pos' AS kind FROM account_move WHERE id IN %s",
                self._with([*(name for name in POS_FIELDS if name in moves._fields), *sessions])),
            SQL("SELECT id, 'made' FROM account_move WHERE id IN %s",
                self._with([name for name in STAYING_FIELDS if name in moves._fields])),
            SQL("SELECT exchange_move_id, 'exchange' FROM account_partial_reconcile"
                " WHERE exchange_move_id IS NOT NULL")])

    def _with(self, names):
        """Return the query of the entries of which one of the fields ``names`` is filled in."""
        return self.env["account.move"].sudo()._search(Domain("move_type", "=", "entry") & Domain.OR(
            Domain(name, "!=", False) for name in names)).subselect()

    def _owed(self):
        """Return the query of posted entries on receivables, one row for each, with what the rules look at.

        Entries of payments and bank lines, which are most of all, are left out at once.
        """
        return SQL(
            """SELECT move.id, served.backend_id, move.company_id, move.name, move.date, origin.kinds,
                      max(line.partner_id) AS partner_id, sum(line.balance) AS amount,
                      coalesce(sum(line.balance) FILTER (WHERE line.balance > 0 OR line.partner_id IS NULL), 0) AS rest,
                      bool_and(line.amount_currency = 0 AND line.currency_id != line.company_currency_id) AS home_only,
                      move.journal_id = company.currency_exchange_journal_id AS exchange_journal,
                      reversed.origin_payment_id IS NOT NULL AS returned,
                      link.sent, link.excluded,
                      policy.direction IN ('out', 'both') AS goes, policy.cutoff_date
                 FROM account_move_line line
                 JOIN account_account account ON account.id = line.account_id
                 JOIN account_move move ON move.id = line.move_id
                 JOIN account_journal journal ON journal.id = move.journal_id
                 JOIN served ON served.company_id = move.company_id
                 JOIN res_company company ON company.id = move.company_id
            LEFT JOIN account_move reversed ON reversed.id = move.reversed_entry_id
            LEFT JOIN origin ON origin.id = move.id
            LEFT JOIN link ON link.res_id = move.id AND link.backend_id = served.backend_id
            LEFT JOIN qbo_policy policy ON policy.backend_id = served.backend_id AND policy.entity = 'ReceivableEntry'
                WHERE account.account_type = 'asset_receivable' AND move.state = 'posted' AND move.move_type = 'entry'
                  AND (line.balance != 0 OR line.amount_currency != 0)
                  AND (origin.id IS NOT NULL OR journal.type = 'general' AND move.origin_payment_id IS NULL
                       AND move.statement_line_id IS NULL)
             GROUP BY move.id, served.backend_id, origin.kinds, company.id, policy.id, reversed.origin_payment_id,
                      link.sent, link.excluded""")

    def _kind(self):
        """Return the term that says why an entry stays; NULL where it crosses or may cross."""
        return SQL(
            """CASE WHEN 'pos' = ANY(kinds) THEN 'pos'
                    WHEN sent THEN NULL
                    WHEN 'exchange' = ANY(kinds) OR exchange_journal AND home_only THEN 'exchange'
                    WHEN 'made' = ANY(kinds) THEN 'made'
                    WHEN home_only THEN 'revaluation'
                    WHEN exchange_journal THEN 'made'
                    WHEN returned THEN NULL
                    WHEN excluded THEN 'excluded'
                    WHEN NOT coalesce(goes, FALSE) THEN 'rule'
                    WHEN date < cutoff_date THEN 'before'
               END""")
