"""Both companies of a game: an Odoo company and a simulated QuickBooks company that are connected and mapped."""

import datetime

from odoo import Command

from .habits import arrange

FIRST_DAY = datetime.date(2026, 1, 5)
DAYS = 60
"""All documents are dated within these days; the rates of foreign money change in the middle."""

KINDS = {
    "us_manual": {"tax": "manual"},
    "us_automated": {"tax": "automated"},
    "uk": {"tax": "global", "country": "GB", "currency": "USD"},
    "canada": {"tax": "global", "country": "CA", "currency": "USD"},
    "multi": {"tax": "manual", "multicurrency": True, "rates": {"EUR": "1.25"}},
}
"""Kind of company: the features that its QuickBooks company is made with."""
RATES = ((FIRST_DAY, 0.8), (FIRST_DAY + datetime.timedelta(DAYS // 2), 0.75))
"""EUR for one USD in Odoo, from a day on."""
TAXES = {"us_manual": ("California", "Tucson"), "us_automated": ("Automated CA",), "multi": ("California",),
         "uk": ("Standard", "Reduced", "Zero"), "canada": ("GST", "HST ON", "GST/PST BC", "Exempt")}
CODE_ON_EACH_LINE = ("uk", "canada")
"""Outside the US each line has a tax code of its own."""
AUTOMATED = {
    "TaxAgency": [{"DisplayName": "California agency"}],
    "TaxRate": [{"Name": "Automated CA", "Description": "Sales Tax", "RateValue": 7.25, "AgencyRef": {"value": "1"},
                 "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"}],
    "TaxCode": [{
        "Name": "Automated CA", "Description": "Automated CA", "Taxable": True, "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [{
            "TaxRateRef": {"value": "1"}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}]},
        "PurchaseTaxRateList": {"TaxRateDetail": []}}],
}
"""The code of QuickBooks' automated tax for the place of all customers; QuickBooks makes it with the first invoice."""
CANADIAN_RATES = (("GST", 5), ("HST ON", 13), ("PST BC", 7), ("Exempt", 0))
CANADIAN_CODES = {"GST": ("GST",), "HST ON": ("HST ON",), "GST/PST BC": ("GST", "PST BC"), "Exempt": ("Exempt",)}
"""Code: the rates that it adds up; each is rounded on its own."""
RATES_OF_ALL = 6
"""So many tax rates a company with tax codes has already."""


class Refused(Exception):
    """QuickBooks refuses what a person tried to do; nothing has changed."""


def wish(kind):
    """Return what the simulator is asked for: an empty company of this kind that lets Odoo number."""
    objects = {"us_automated": AUTOMATED, "canada": _canadian()}.get(kind, {})
    return {"empty": True, "features": {"custom_txn_numbers": True, **KINDS[kind]}, "objects": objects}


def _canadian():
    """Return the tax rates and codes of Canada: one federal, one harmonised, and one with a provincial part."""
    ids = {name: str(RATES_OF_ALL + number) for number, (name, _rate) in enumerate(CANADIAN_RATES, 1)}
    rates = [{"Name": name, "Description": "Sales Tax", "RateValue": rate, "AgencyRef": {"value": "1"},
              "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"} for name, rate in CANADIAN_RATES]
    codes = [{"Name": name, "Description": name, "Taxable": True, "TaxGroup": True,
              "SalesTaxRateList": {"TaxRateDetail": [
                  {"TaxRateRef": {"value": ids[part]}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": order}
                  for order, part in enumerate(parts)]},
              "PurchaseTaxRateList": {"TaxRateDetail": []}} for name, parts in CANADIAN_CODES.items()]
    return {"TaxRate": rates, "TaxCode": codes}


class Books:
    """What the players and the judge work with.

    :param env: environment of the superuser, in the company that is connected
    :param backend: the connection; connected, its lists are read
    :param kind: key of :data:`KINDS`
    :param control: ``control(route, method, **values)`` of the simulator; raises :class:`Refused` when it says no
    :param sync: ``sync()`` until nothing is left to do
    :param habits: of :data:`~.habits.HABITS`
    """

    def __init__(self, env, backend, kind, control, sync, habits=frozenset()):
        self.habits, self.rounding = habits, env["account.cash.rounding"]
        self.env, self.backend, self.kind, self.control, self.sync = env, backend, kind, control, sync
        self.company = backend.company_id
        self.realm = backend.realm_id
        self.code_on_each_line = kind in CODE_ON_EACH_LINE

    # === ARRANGING === #

    def prepare(self):
        """Write the firm's own records, map the lists, let everything cross both ways, and sync once."""
        self.backend.policy_ids.write(
            {"direction": "both", "approve_out": "auto", "approve_in": "auto", "winner": "ask"})
        self.sync()
        self._person()
        self._rates()
        self._map_accounts()
        self._map_taxes()
        self.products = self.env["product.product"].create([
            {"name": name, "type": kind, "list_price": price, "taxes_id": [Command.clear()],
             "property_account_income_id": self.income.id}
            for name, kind, price in (("Hose", "consu", 12.35), ("Advice", "service", 80))])
        self.env["res.partner"].create([self.partner_values(name) for name in ("Acme", "Birch", "Cedar")])
        for name in ("Maple", "Nettle"):
            self.person("create", "Customer", data=self.customer_data(name))
        self.person("create", "Item", data={
            "Name": "Rake", "Type": "Service", "UnitPrice": 10, "Taxable": True,
            "IncomeAccountRef": {"value": self.reference("Account", "Services").qbo_id}})
        arrange(self)
        self.sync()

    def _person(self):
        """The one who plays in Odoo writes invoices and keeps the customers, and has no right on QuickBooks."""
        groups = self.env.ref("account.group_account_invoice") | self.env.ref("base.group_partner_manager")
        user = self.env["res.users"].with_context(no_reset_password=True).create({
            "name": "Player", "login": "play", "group_ids": [Command.set(groups.ids)],
            "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]})
        # Messages about what changed are a sixth of the time of a game, and say nothing about money.
        context = {"allowed_company_ids": self.company.ids, "tracking_disable": True}
        self.player = self.env(user=user.id, su=False, context=context)
        rights = self.env.ref("account.group_account_user") | self.env.ref("qbo_sync.group_approver")
        keeper = user.copy({"name": "Bookkeeper", "login": "keep", "group_ids": [Command.set(rights.ids)]})
        self.bookkeeper = self.env(user=keeper.id, su=False, context=context)

    def _rates(self):
        self.foreign = self.env.ref("base.EUR") if self.kind == "multi" else self.env["res.currency"]
        if self.foreign:
            self.foreign.active = True
            self.foreign.rate_ids.unlink()
            self.env["res.currency.rate"].create([
                {"currency_id": self.foreign.id, "company_id": self.company.id, "name": day, "rate": rate}
                for day, rate in RATES])

    def _map_accounts(self):
        accounts = self.env["account.account"].with_company(self.company)
        self.income = accounts.search(
            [("company_ids", "in", self.company.ids), ("account_type", "=", "income")], limit=1)
        self.bank, self.cash = (
            self._journal(kind, name, code)
            for kind, name, code in (("bank", "Checking", "PLAYB"), ("cash", "Undeposited Funds", "PLAYC")))
        outstanding = accounts.create({
            "name": "Outstanding Receipts", "code": "101498", "account_type": "asset_current", "reconcile": True})
        (self.bank | self.cash).inbound_payment_method_line_ids.payment_account_id = outstanding
        self.debts = accounts.create({"name": "Bad Debts", "code": "601498", "account_type": "expense"})
        for record, name in ((self.income, "Services"), (self.debts, "Bad Debts"), (self.bank, "Checking"),
                             (self.cash, "Undeposited Funds")):
            self._map("Account", record, self.reference("Account", name))
        self.backend.default_item_id = self.reference("Item", "Services")

    def _journal(self, kind, name, code):
        return self.env["account.journal"].create(
            {"type": kind, "name": name, "code": code, "company_id": self.company.id})

    def _map_taxes(self):
        codes = self.env["qbo.reference"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "TaxCode")], order="id")
        codes = codes.filtered(lambda code: code.name in TAXES[self.kind])
        self.taxes = self.env["account.tax"].create([
            {"name": f"Play {code.name}", "amount": code.rate, "type_tax_use": "sale", "company_id": self.company.id}
            for code in codes])
        self.codes = codes
        for tax, code in zip(self.taxes, codes, strict=True):
            self._map("TaxCode", tax, code)
        if self.code_on_each_line:
            self.backend.untaxed_code_id = codes.filtered(lambda code: not code.rate)[:1]

    def reference(self, entity, name):
        """Return the entry of this name in a list of QuickBooks."""
        return self.env["qbo.reference"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("name", "=", name)], limit=1)

    def _map(self, entity, record, reference):
        row = self.env["qbo.mapping"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", entity), ("model", "=", record._name),
            ("res_id", "=", record.id)])
        values = {"reference_id": reference.id, "state": "mapped", "found_by": "person"}
        if row:
            row.write(values)
        else:
            row.create({
                "backend_id": self.backend.id, "entity": entity, "model": record._name, "res_id": record.id, **values})

    # === WHAT BOTH PLAYERS NEED === #

    def partner_values(self, name):
        """Return the values of a customer; in California, so that both sides compute the same tax."""
        return {"name": name, "is_company": True, "street": "1 Elm Street", "city": "Sacramento", "zip": "95814",
                "country_id": self.env.ref("base.us").id, "state_id": self.env.ref("base.state_us_5").id}

    def customer_data(self, name):
        return {"DisplayName": name, "BillAddr": {
            "Line1": "1 Elm Street", "City": "Sacramento", "CountrySubDivisionCode": "CA", "PostalCode": "95814",
            "Country": "US"}}

    def person(self, action, entity, **values):
        """Act as a person in QuickBooks' own pages, and return the object.

        :raise Refused: when QuickBooks says no
        """
        return self.control("ui", "POST", realm=self.realm, action=action, entity=entity, **values)

    def there(self):
        """Return all objects of the QuickBooks company: ``{entity: {id: object}}``, each in the order of the ids."""
        objects = self.control("dump", "GET", realm=self.realm)["objects"]
        return {entity: {row["Id"]: row for row in sorted(
            (row for row in rows if row["Id"].isdigit()), key=lambda row: int(row["Id"]))}
            for entity, rows in objects.items()}

    def documents(self, *kinds, **values):
        """Return the firm's documents of these kinds in Odoo, in the order of their making."""
        domain = [("company_id", "=", self.company.id), ("move_type", "in", kinds)]
        return self.player["account.move"].search(
            [*domain, *((name, "=", value) for name, value in values.items())], order="id")

    def customers(self):
        """Return the partners that are linked, in the order of their making."""
        links = self.env["qbo.binding"].search([("backend_id", "=", self.backend.id), ("entity", "=", "Customer")])
        return self.player["res.partner"].browse(sorted(set(links.mapped("res_id")))).exists().filtered("active")

    def report(self, name, **values):
        """Return a report of QuickBooks, asked for by an app of its own."""
        grant = self.control("oauth", "POST", grant=True, realm=self.realm)
        return self.control(f"../v3/company/{self.realm}/reports/{name}", "GET", token=grant["access_token"], **values)
