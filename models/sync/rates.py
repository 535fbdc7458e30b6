"""Exchange rates of QuickBooks, taken over on request."""

from datetime import date

from odoo import models

SOURCE = "rates:"
REPLACE = "replace"
AT_ONCE = 31


class QboSyncRates(models.AbstractModel):
    """The wish for a day is a row of ``qbo.cursor``; it goes when the day has been read."""

    _name = "qbo.sync.rates"
    _description = "QuickBooks Exchange Rates"

    def _take_asked(self, session, client):
        """Take over the rates of the days that were asked for; return whether there were any.

        :raise QboError: when QuickBooks does not answer; the wish stays
        """
        wishes = session.env["qbo.cursor"].search(
            [("backend_id", "=", session.backend.id), ("source", "=like", f"{SOURCE}%")], order="source", limit=AT_ONCE)
        if not wishes:
            return False
        home = session.backend.company_id.currency_id
        currencies = session.env["res.currency"].search([("id", "!=", home.id)])
        taken, kept = 0, 0
        for wish in wishes:
            day = date.fromisoformat(wish.source.removeprefix(SOURCE))
            rows = client.exchange_rates(currencies.mapped("name"), day.isoformat())
            rates = {row["SourceCurrencyCode"]: float(row["Rate"]) for row in rows if row.get("Rate")}
            written = self._write_day(session, currencies, day, rates, wish.moment == REPLACE)
            taken, kept = taken + written, kept + len(rates) - written
        wishes.unlink()
        session.say("success", self.env._(
            "Exchange rates: %(taken)s taken over from QuickBooks, %(kept)s days kept Odoo's rate.",
            taken=taken, kept=kept), origin="qbo", direction="in")
        return True

    def _write_day(self, session, currencies, day, rates, replace):
        """Write the rates of one day where Odoo has none, or all; return how many were written.

        :param rates: {ISO code: home units for one unit}
        """
        company = session.backend.company_id.root_id
        Rate, written = session.env["res.currency.rate"], 0
        known = {rate.currency_id: rate for rate in Rate.search([("name", "=", day), ("company_id", "=", company.id)])}
        for currency in currencies:
            value = {"inverse_company_rate": rates.get(currency.name)}
            if currency.name not in rates or (currency in known and not replace):
                continue
            if currency in known:
                known[currency].write(value)
            else:
                Rate.create({"name": day, "currency_id": currency.id, "company_id": company.id, **value})
            written += 1
        return written
