"""When two partners become one, the survivor keeps the links to QuickBooks."""

from odoo import models


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        """The survivor takes over the links of the merged partners, unless it has one to the same QuickBooks company.

        Then the merged partner's link stays without a record, and its QuickBooks customer is made inactive by the
        worker, or the reason why it cannot be (a balance) waits under Problems: QuickBooks merges customers only on its
        own pages.
        """
        result = super()._update_reference_fields(src_partners, dst_partner)
        links = (
            self.env["qbo.binding"]
            .sudo()
            .search([("model", "=", "res.partner"), ("res_id", "in", (src_partners | dst_partner).ids)], order="id")
        )
        own = {_place(link): link for link in links if link.res_id == dst_partner.id}
        for link in links:
            if link.res_id == dst_partner.id or not link.qbo_id:
                continue
            empty = own.get(_place(link))
            if empty and (empty.qbo_id or empty.excluded):
                continue
            if empty:
                empty.unlink()
            own[_place(link)] = link
            link.res_id = dst_partner.id
        self.env["qbo.change"]._mark("res.partner", (src_partners | dst_partner).ids)
        return result


def _place(link):
    """Return what the links of one record may have once each."""
    return link.backend_id.id, link.entity, link.role
