"""A QuickBooks payment of zero: credit applied to invoices."""

from odoo import fields, models


class QboApplication(models.Model):
    """Stands for the part of a QuickBooks Payment that is no Odoo payment: credit notes applied to invoices.

    Out: one row for each credit note that is reconciled with invoices (``credit_move_id``). In: one row for each
    QuickBooks Payment with credit lines; when that payment also carries money, ``payment_id`` is its Odoo payment.
    """

    _name = "qbo.application"
    _description = "QuickBooks Credit Application"
    _rec_name = "credit_move_id"
    _check_company_auto = True

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", required=True, index=True)
    credit_move_id = fields.Many2one("account.move", check_company=True, ondelete="set null", index=True)
    payment_id = fields.Many2one("account.payment", check_company=True, ondelete="set null", index=True)
    partial_ids = fields.Many2many("account.partial.reconcile", string="Applications")
    date = fields.Date(required=True)
