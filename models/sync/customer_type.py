"""Tags of customers on one side, the type of a customer on the other."""

from odoo import Command, models

ENTITY, MODEL = "CustomerType", "res.partner.category"


class QboSyncCustomerType(models.AbstractModel):
    """A customer of QuickBooks has one type; a partner may have many tags, of which those that are mapped count."""

    _name = "qbo.sync.customertype"
    _description = "QuickBooks Types of Customers"

    def _out(self, session, tag_ids, agreed_id):
        """Return the type of a customer and a note for a person, one of them possibly empty.

        :param tag_ids: ids of the tags of the partner
        :param agreed_id: the type on which both sides agreed last; it stays where several tags could be it
        """
        tags = self.env[MODEL].browse(tag_ids)
        types = {session.resolver.settled(ENTITY, tag): tag.name for tag in tags}
        types.pop("", None)
        if len(types) < 2:
            return next(iter(types), ""), ""
        return agreed_id, self.env._(
            "Several tags are types of customers in QuickBooks (%(tags)s), which takes one. Its type stays as it is "
            "until one tag is left.", tags=", ".join(sorted(types.values())))

    def _in(self, session, type_id, partner):
        """Return the values that give ``partner`` (empty for a new one) the tag of a type, and a warning.

        Other tags stay; that of another type goes.
        """
        mapped = session.resolver.mapped_ids(ENTITY, MODEL)
        if not mapped:
            return {}, ""
        tag = session.resolver.inn(ENTITY, type_id, MODEL, required=False)
        if type_id and not tag:
            return {}, self.env._(
                "The type of customer '%(name)s' of QuickBooks is not mapped to a tag, so the tags stay as they are.",
                name=session.reference_name(ENTITY, type_id))
        kept = set(partner.category_id.ids) - mapped if partner else set()
        return {"category_id": [Command.set(sorted(kept | set(tag.ids)))]}, ""
