"""Exempt customers: a fiscal position in Odoo, not taxable in QuickBooks (Intuit: API reference, Customer)."""

import dataclasses

from odoo import models

from .customer import ENTITY, agreed


class QboSyncCustomer(models.AbstractModel):
    _inherit = "qbo.sync.customer"

    def _read_one(self, session, target, row, facts):
        reading = super()._read_one(session, target, row, facts)
        position = session.backend.exempt_position_id
        if not position or not session.profile.is_us or row is None or reading.document is None:
            return reading
        link = next((link for link in facts["links"]
                     if (link["res_id"], link["role"]) == (target.res_id, target.role)), None)
        taxable, reason = self._taxable(
            session, row["property_account_position_id"] == position.id, agreed(ENTITY, link))
        reading.document = dataclasses.replace(reading.document, taxable=taxable, exemption_reason=reason)
        return reading

    def _taxable(self, session, exempt, base):
        """Return whether Odoo says that a customer is taxable, and the reason; None where it has never said anything.

        What QuickBooks alone knows is not overwritten: "taxable" is said of those only who were exempt before.
        """
        known = base.taxable if base else None
        if not exempt:
            return (None if known is None else True), ""
        return False, base.exemption_reason if base and known is False else session.backend.exempt_reason or ""

    def _plain_values(self, session, arrival, fields):
        values = super()._plain_values(session, arrival, fields)
        if "taxable" in fields:
            values.update(self._position_values(session, arrival))
        return values

    def _create_values(self, session, arrival, parent):
        return {**super()._create_values(session, arrival, parent), **self._position_values(session, arrival)}

    def _position_values(self, session, arrival):
        """Return the fiscal position: that of exempt customers, or none where one ceased to be exempt.

        Another fiscal position is never touched.
        """
        position = session.backend.exempt_position_id
        own = arrival.record.property_account_position_id if arrival.record else position.browse()
        if not position or not session.profile.is_us or arrival.document.taxable is None:
            return {}
        if arrival.document.taxable is False and not own:
            return {"property_account_position_id": position.id}
        if arrival.document.taxable and own == position:
            return {"property_account_position_id": False}
        return {}
