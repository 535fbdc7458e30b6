"""Whose payment it is in QuickBooks: of the customer whose documents it settles, or of one above or below."""

from odoo import models

from ..merged_role import MERGED, is_guest, stands_for
from .representation import ENTITIES


class QboSyncPayment(models.AbstractModel):
    """QuickBooks takes a payment for documents of its customer, of those below and of those above (fault 6000).

    In Odoo a receivable stays with the company it was booked for when a contact moves to another one, and any money of
    anybody may be reconciled with it.
    """

    _inherit = "qbo.sync.payment"

    def _finish_reading(self, session, reading, values, partner, currency, lines):
        result = super()._finish_reading(session, reading, values, partner, currency, lines)
        if reading.document and reading.document.unapplied and not reading.problem:
            self._check_rest(session, reading, partner, currency)
        return result

    def _check_rest(self, session, reading, partner, currency):
        """What money does not settle stays with who paid: not so in QuickBooks, when it settles what another one owes.
        """
        moves = self._settled_moves(reading)
        payer, _strangers = self._payer(session, partner, moves, currency)
        role = session.currency_role(currency)
        holders = self._holders(session)
        own = partner.browse(holders.get((partner.id, role), partner.id))
        if not self._related(payer, own) and reading.document.customer_id != session.qbo_id(
                "Customer", "res.partner", partner.id, role):
            reading.problem = ("several_customers", self.env._(
                "It settles documents of %(other)s, and %(rest)s of it is not applied and stays with %(customer)s. "
                "QuickBooks takes a payment of one customer, with those below it. Undo the reconciliation and register "
                "one payment for each, or apply the rest too.", other=payer.display_name,
                rest=reading.document.unapplied, customer=partner.display_name))
            reading.document = None

    def _settled_moves(self, reading):
        """Return the documents that money settles, and the credit that an application uses."""
        moves = self.env["account.move"].browse({place[0] for place in reading.identity if isinstance(place, tuple)})
        if reading.target.model == "qbo.application":
            moves |= self.env["qbo.application"].browse(reading.target.res_id).credit_move_id
        return moves

    def _customer(self, session, reading, partner, currency):
        payer, strangers = self._payer(session, partner, self._settled_moves(reading), currency)
        if strangers:
            reading.problem = ("several_customers", self.env._(
                "It settles documents of several customers: %(customers)s. QuickBooks takes a payment of one customer, "
                "with those below it. Undo the reconciliation and register one payment for each.",
                customers=", ".join(strangers.mapped("display_name"))))
        return super()._customer(session, reading, payer, currency)

    def _payer(self, session, partner, moves, currency):
        """Return the partner whose customer pays for ``moves``, and the customers when no single one can."""
        role = session.currency_role(currency)
        named = self.env["res.partner"]
        for move in moves:
            named |= self._named(session, move, partner, role)
        own = partner if named and session.qbo_id("Customer", "res.partner", partner.id, role) \
            else partner.commercial_partner_id
        if all(self._related(own, one) for one in named):
            return partner, named.browse()
        for payer in self._line(named[0]):
            if all(self._related(payer, one) for one in named):
                return payer, named.browse()
        return partner, named

    def _named(self, session, move, partner, role):
        """Return the partner whose customer a document names in QuickBooks; empty for an entry of several.

        Documents of a contact whose customer was merged there name the customer that survived.
        """
        if move.move_type in ENTITIES:
            contact, company = move.partner_id, move.commercial_partner_id
            named = contact if contact in (company, partner) or session.qbo_id(
                "Customer", "res.partner", contact.id, role) else company
        else:
            owed = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            partners = owed.partner_id.commercial_partner_id
            named = partners if len(partners) == 1 else partners & partner.commercial_partner_id
        return named.browse(self._holders(session).get((named.id, role), named.id) if named else ())

    def _holders(self, session):
        """Return {(contact, role): contact} of those whose customer was merged in QuickBooks into that of the other."""
        links = self.env["qbo.binding"]
        return session.once(("holders",), lambda: {
            (guest.res_id, stands_for(guest.role)): holder.res_id
            for guest in links.search([
                ("backend_id", "=", session.backend.id), ("entity", "=", "Customer"), ("role", "=like", f"{MERGED}%")])
            if is_guest(guest.role)
            for holder in links._by_qbo_id(session.backend, "Customer", [guest.qbo_id]).values()})

    def _related(self, one, other):
        return one in self._line(other) or other in self._line(one)

    def _line(self, partner):
        """Return a partner and all above it, the nearest first."""
        line = partner
        while partner.parent_id and partner.parent_id not in line:
            partner = partner.parent_id
            line |= partner
        return line
