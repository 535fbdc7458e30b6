"""Which fiscal position of Odoo a customer has that QuickBooks does not tax."""

from odoo import api, fields, models

# Intuit: Accounting API reference, Customer.TaxExemptionReasonId.
REASONS = [
    ("1", "Federal government"), ("2", "State government"), ("3", "Local government"), ("4", "Tribal government"),
    ("5", "Charitable organization"), ("6", "Religious organization"), ("7", "Educational organization"),
    ("8", "Hospital"), ("9", "Resale"), ("10", "Direct pay permit"), ("11", "Multiple points of use"),
    ("12", "Direct mail"), ("13", "Agricultural production"), ("14", "Industrial production or manufacturing"),
    ("15", "Foreign diplomat")]
WORDS = ("exempt", "resale", "tax free", "tax-free", "not taxable", "non-taxable")


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    exempt_position_id = fields.Many2one(
        "account.fiscal.position", "Fiscal position of exempt customers", check_company=True, tracking=True,
        help="Customers with this fiscal position are not taxable in QuickBooks, and the other way round. Without it "
             "whether a customer is taxable stays on each side as it is.")
    exempt_reason = fields.Selection(
        REASONS, "Reason of the exemption", tracking=True,
        help="Goes with customers that become exempt through Odoo; a reason that QuickBooks has stays.")
    exempt_proposal_id = fields.Many2one("account.fiscal.position", compute="_compute_exempt_proposal_id")

    @api.depends("exempt_position_id", "company_id", "qbo_tax_mode")
    def _compute_exempt_proposal_id(self):
        """Propose the only fiscal position whose name says that nothing is taxed; a person accepts it."""
        positions = self.env["account.fiscal.position"]
        for backend in self:
            found = positions
            if not backend.exempt_position_id and backend.qbo_tax_mode in ("us_manual", "us_automated"):
                found = positions.search(positions._check_company_domain(backend.company_id)).filtered(
                    lambda position: any(word in (position.name or "").casefold() for word in WORDS))
            backend.exempt_proposal_id = found if len(found) == 1 else positions

    def action_accept_exempt(self):
        """Take the proposed fiscal position."""
        self._check_admin()
        for backend in self.filtered("exempt_proposal_id"):
            backend.exempt_position_id = backend.exempt_proposal_id
        return True

    def write(self, vals):
        result = super().write(vals)
        if vals.get("exempt_position_id"):
            for backend in self:
                backend._apply_exempt()
        return result

    def _apply_exempt(self):
        """Bring linked customers in step: who is exempt on one side already, becomes so on the other."""
        backend = self._for_work()
        bindings = backend.env["qbo.binding"].search([
            ("backend_id", "=", backend.id), ("entity", "=", "Customer"), ("model", "=", "res.partner"),
            ("qbo_id", "!=", False)])
        exempt_there = {binding.res_id for binding in bindings
                        if ((binding.base or {}).get("qbo") or {}).get("taxable") is False}
        partners = backend.env["res.partner"].browse(bindings.mapped("res_id")).exists()
        free = partners.filtered(lambda one: one.id in exempt_there and not one.property_account_position_id)
        free.with_context(qbo_applying=backend.id).property_account_position_id = backend.exempt_position_id
        for binding in bindings.filtered(lambda binding: binding.res_id in free.ids and "odoo" in (binding.base or {})):
            # Both sides agree on it from now on, so that taking the position away is a change.
            binding.base = {**binding.base, "odoo": {**binding.base["odoo"], "taxable": False}}
        here = partners.filtered(lambda one: one.property_account_position_id == backend.exempt_position_id)
        backend.env["qbo.change"]._mark("res.partner", [one.id for one in here if one.id not in exempt_there])
