"""A visible line of a cent, where QuickBooks takes no figures of tax and rounds otherwise."""

from decimal import Decimal

from odoo import models

from ...qbo import documents
from ..const import IMPLIED

CENT = Decimal("0.01")


class QboSyncSales(models.AbstractModel):
    _inherit = "qbo.sync.sales"

    def _rounded(self, session, reading, values):
        """Return the values of a document with its rounding line, where one was found to be needed.

        The tax is then the one that QuickBooks computes; the line makes up for the cents.
        """
        amount = self._rounding_of(session, reading.target)
        if not amount:
            return values
        line = documents.Line(
            kind="item", amount=amount, item_id=self._rounding_item(session).qbo_id or "",
            description=self.env._("Rounding of tax"), tax_code_id=self._free_of_tax(session))
        return {**values, "lines": (*values["lines"], line), "total_tax": values["total_tax"] - amount}

    def _rounding_of(self, session, target):
        return self._roundings(session).get(target[1:], documents.ZERO)

    def _roundings(self, session):
        """Return {(model, record id, role): amount} of the documents that have a rounding line."""
        return session.once(("roundings", self._qbo_entity), lambda: {
            (binding.model, binding.res_id, binding.role): _cents(binding.rounding)
            for binding in session.env["qbo.binding"].search([
                ("backend_id", "=", session.backend.id), ("entity", "=", self._qbo_entity), ("rounding", "!=", 0)])})

    def _rounding_item(self, session):
        return session.backend._target("rounding").item_id or session.backend.default_item_id

    def _free_of_tax(self, session):
        """Return the tax code of a line that is not taxed."""
        return "NON" if session.profile.is_us else self._untaxed_code(session)

    def _round_off(self, session, parcel, echo):
        """Have a document sent once more with a line of the cents that QuickBooks charged otherwise.

        Only where nothing but the tax differs, and by one cent for each rate at most; more is for a person to see.

        :param parcel: what was sent and answered
        :param echo: the neutral form of the answer
        :return: whether it is sent again
        """
        sent = parcel.document
        missing = sent.total - echo.total
        amount = _cents(parcel.binding.rounding) + missing
        most = CENT * max(1, len(echo.tax_lines))
        if not missing or missing != sent.total_tax - echo.total_tax or abs(amount) > most:
            return False
        if not self._rounding_item(session) or not self._free_of_tax(session):
            return False
        parcel.binding.rounding = float(amount)
        job = self.env["qbo.sync.outbox"]._enqueue(session, {parcel.target})
        job.write({"approved_hash": IMPLIED})
        self._say_rounding(session, parcel, echo, amount)
        return True

    def _say_rounding(self, session, parcel, echo, amount):
        text = self.env._(
            "%(name)s: QuickBooks computes the tax as %(theirs)s, and takes no other figure. A rounding line of "
            "%(amount)s makes the totals equal.", name=parcel.job.name, theirs=echo.total_tax, amount=amount
        ) if amount else self.env._("%(name)s: its rounding line is needed no more.", name=parcel.job.name)
        session.say("info", text, direction="out", entity=parcel.entity, job=parcel.job)

    def _rewrite(self, session, move, arrival):
        """What QuickBooks has changed comes with its rounding line, which is one of Odoo's from then on."""
        if arrival.binding:
            self._roundings(session).pop((arrival.binding.model, arrival.binding.res_id, arrival.binding.role), None)
            arrival.binding.rounding = 0.0
        return super()._rewrite(session, move, arrival)


def _cents(value):
    return Decimal(repr(value or 0.0)).quantize(CENT)
