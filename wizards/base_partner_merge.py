"""When two partners become one, the survivor keeps the links to QuickBooks."""

from odoo import models


class PartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        """The survivor takes over the links of the merged partners.

        One that was another customer of the same QuickBooks company stays linked beside the survivor's own. The worker
        makes it inactive there when no document names it; else a person is asked to merge the two in QuickBooks,
        because nobody but a person can, on QuickBooks' own pages.
        """
        result = super()._update_reference_fields(src_partners, dst_partner)
        self.env["qbo.binding"].sudo()._follow_record("res.partner", src_partners.ids, dst_partner.id)
        self.env["qbo.change"]._mark("res.partner", (src_partners | dst_partner).ids)
        return result
