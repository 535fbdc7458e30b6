"""What the tests of foreign currency share: a company that also sells in euros, at two rates."""

from .documents import DocumentCase


class CurrencyCase(DocumentCase):

    sim_wish = {"empty": True, "features": {
        "custom_txn_numbers": True, "multicurrency": True, "rates": {"EUR": "1.25"}}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.env.ref("base.EUR")
        cls.eur.active = True
        cls.su["res.currency.rate"].search([("currency_id", "=", cls.eur.id)]).unlink()
        cls.su["res.currency.rate"].create([
            {"currency_id": cls.eur.id, "company_id": cls.company.id, "name": day, "rate": rate}
            for day, rate in (("2026-01-01", 0.8), ("2026-03-20", 0.5))])
