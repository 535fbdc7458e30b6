"""Numbers that came from QuickBooks must not continue Odoo's sequence."""

from odoo import fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    qbo_imported_number = fields.Boolean(
        "Numbered in QuickBooks", readonly=True, copy=False,
        help="The number came from QuickBooks; Odoo's own numbering passes over it.")

    def _get_last_sequence_domain(self, relaxed=False):
        """Leave imported numbers out: after '1037' from QuickBooks the next invoice is not 1038."""
        where, params = super(AccountMove, self.with_context(qbo_own_numbers=True))._get_last_sequence_domain(relaxed)
        return f"{where} AND qbo_imported_number IS NOT TRUE", params

    def _search(self, domain, *args, **kwargs):
        # The search inside the method above picks the document whose number tells how often the sequence starts again.
        if self.env.context.get("qbo_own_numbers"):
            domain = Domain(domain) & Domain("qbo_imported_number", "=", False)
        return super()._search(domain, *args, **kwargs)
