"""Lists of QuickBooks as plain payloads, and an Odoo company that maps to them."""

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

ACCOUNTS = [
    {"Id": "79", "Name": "Sales of Product Income", "AccountType": "Income"},
    {"Id": "80", "Name": "Consulting", "AcctNum": "400100", "AccountType": "Income"},
    {"Id": "35", "Name": "Checking", "AccountType": "Bank", "AccountSubType": "Checking"},
    {"Id": "4", "Name": "Undeposited Funds", "AccountType": "Other Current Asset",
     "AccountSubType": "UndepositedFunds"},
    {"Id": "84", "Name": "Accounts Receivable (A/R)", "AccountType": "Accounts Receivable"},
]
RATES = [
    {"Id": "1", "Name": "State", "RateValue": 6.25}, {"Id": "2", "Name": "City", "RateValue": 2},
]


def detail(rate, order=0):
    return {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": order}


CODES = [
    {"Id": "TAX", "Name": "TAX", "Taxable": True}, {"Id": "NON", "Name": "NON", "Taxable": False},
    {"Id": "5", "Name": "Austin", "Taxable": True, "TaxGroup": True,
     "SalesTaxRateList": {"TaxRateDetail": [detail("1"), detail("2")]}},
]
TERMS = [
    {"Id": "1", "Name": "Due on receipt", "DueDays": 0}, {"Id": "3", "Name": "Net 30", "DueDays": 30},
    {"Id": "9", "Name": "Net 45 (deleted)", "DueDays": 45, "Active": False},
]
METHODS = [{"Id": "1", "Name": "Cash"}, {"Id": "2", "Name": "Check"}]
ITEMS = [
    {"Id": "1", "Name": "Services", "Type": "Service", "IncomeAccountRef": {"value": "79"}},
    {"Id": "2", "Name": "Hours", "Type": "Service", "IncomeAccountRef": {"value": "80"}},
    {"Id": "3", "Name": "Garden", "Type": "Category"},
]


class Lists:
    """Answers the questions of a refresh from plain payloads, and counts them."""

    def __init__(self, **lists):
        self.lists = {"Account": ACCOUNTS, "TaxRate": RATES, "TaxCode": CODES, "Term": TERMS, "PaymentMethod": METHODS,
                      "Item": ITEMS, **lists}
        self.default_item = ""
        self.calls = []

    def query(self, entity, where="", order_by="Id", page=1000):
        self.calls.append((entity, where))
        return iter([{"SyncToken": "0", "Active": True, **payload} for payload in self.lists.get(entity, [])])

    def preferences(self):
        self.calls.append(("Preferences", ""))
        named = [{"Name": "SalesFormsPrefs.DefaultItem", "Value": self.default_item}] if self.default_item else []
        return {"Id": "1", "SyncToken": "0", "OtherPrefs": {"NameValue": named}}


class MappingCase(AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("qbo_sync.group_admin")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.backend = cls.env["qbo.backend"].create({
            "name": "Mapped", "company_id": cls.company.id, "environment": "simulator", "state": "connected",
            "realm_id": "913", "accept_certain": True})._for_work()
        cls.sync = cls.backend.env["qbo.sync.reference"]
        cls.bookkeeper = cls.env.user
        cls.sales = cls.company_data["default_account_revenue"]
        cls.tax = cls.env["account.tax"].create({
            "name": "Austin", "amount": 8.25, "amount_type": "percent", "type_tax_use": "sale",
            "company_id": cls.company.id})
        cls.env = cls.backend.env

    def refresh(self, **lists):
        client = Lists(**lists)
        self.sync._refresh(self.backend, client)
        return client

    def reference(self, entity, qbo_id):
        return self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id)])

    def row(self, entity, record):
        return self.env["qbo.mapping"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", entity), ("model", "=", record._name),
            ("res_id", "=", record.id)])

    def map(self, entity, record, qbo_id, **values):
        return self.env["qbo.mapping"].create({
            "backend_id": self.backend.id, "entity": entity, "model": record._name, "res_id": record.id,
            "reference_id": self.reference(entity, qbo_id).id, **values})

    def assertMapped(self, entity, record, qbo_id):
        row = self.row(entity, record)
        self.assertEqual((row.state, row.reference_id.qbo_id), ("mapped", qbo_id))

    def blocked(self, key, direction="out", **values):
        return self.env["qbo.job"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "direction": direction, "entity": "Invoice",
            "model": "account.move", "res_id": 1, "qbo_id": "77" if direction == "in" else "", "state": "blocked",
            "blocked_key": key, **values})
