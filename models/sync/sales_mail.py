"""Who mails a document to its customer: Odoo, unless the rule of its kind says QuickBooks."""

from odoo import models
from odoo.tools import email_normalize_all

LONGEST = 100  # Intuit: Accounting API reference, EmailAddress.Address


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    def _mail_to(self, session, reading, row):
        """Return the address to which QuickBooks mails a new document, '' where it does not.

        Never a document that QuickBooks has already, that was sent or printed in Odoo, or that is older than the rule:
        its customer has got it long ago. A document for a customer without an address goes unmailed, with a note.
        """
        policy = session.policies[self._qbo_entity]
        if policy.mailed_by != "qbo" or row["is_move_sent"] or session.qbo_id(
                self._qbo_entity, "account.move", row["id"], self._role):
            return ""
        if policy.mail_from and row["invoice_date"] and row["invoice_date"] < policy.mail_from:
            session.once(("not mailed", self._qbo_entity), lambda: self._say_older(session, reading, policy))
            return ""
        partners = [self._partner(row[name]) for name in ("partner_id", "commercial_partner_id")]
        address = next(filter(None, map(self._address, partners)), "")
        if not address:
            reading.note = self.env._(
                "QuickBooks mails it to nobody: %(customer)s has no e-mail address in Odoo. Mail it by hand, and enter "
                "the address for the next one.", customer=partners[0].display_name)
        return address

    def _address(self, partner):
        """Return the addresses of a contact as QuickBooks takes them, as many as fit; '' for none."""
        found = ""
        for address in email_normalize_all(partner.email or ""):
            longer = f"{found}, {address}" if found else address
            found = longer if len(longer) <= LONGEST else found
        return found

    def _say_older(self, session, reading, policy):
        session.say("info", self.env._(
            "%(name)s, and what else is dated before %(day)s, is not mailed by QuickBooks.", name=reading.name,
            day=policy.mail_from), direction="out", entity=self._qbo_entity)

    def _preview(self, document):
        texts = [super()._preview(document)]
        if document.mail_to:
            texts.append(self.env._("QuickBooks mails it to %(address)s", address=document.mail_to))
        return "; ".join(filter(None, texts))
