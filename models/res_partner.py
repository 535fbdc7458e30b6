"""Status of a partner: of its customer in QuickBooks and, where there is one, of its vendor."""

from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "qbo.status.mixin"]

    qbo_vendor_id = fields.Char(
        "QuickBooks vendor ID", compute="_compute_qbo_vendor", groups="qbo_sync.group_user", copy=False
    )
    qbo_vendor_url = fields.Char(
        "QuickBooks vendor page", compute="_compute_qbo_vendor", groups="qbo_sync.group_user", copy=False
    )

    def _qbo_entity(self):
        return "Customer"

    @api.depends_context("company")
    def _compute_qbo_vendor(self):
        links = self._qbo_links()
        backend = self._qbo_backends()[:1]
        for partner in self:
            ids = [
                link["qbo_id"]
                for link in links.get(partner._origin.id, [])
                if link["entity"] == "Vendor" and link["qbo_id"]
            ]
            partner.qbo_vendor_id = ids[0] if ids else False
            partner.qbo_vendor_url = backend._qbo_page_url("Vendor", ids[0]) if ids else False
