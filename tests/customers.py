"""Customers as QuickBooks sends them, and the case that both directions share."""

from odoo.tests import tagged

from .masterdata import MasterDataCase


def customer(qbo_id, name, **values):
    """Return a Customer as QuickBooks sends it."""
    return {
        "Id": qbo_id,
        "SyncToken": "0",
        "DisplayName": name,
        "FullyQualifiedName": name,
        "Active": True,
        "Job": False,
        "Balance": 0,
        "BalanceWithJobs": 0,
        "Taxable": True,
        "CurrencyRef": {"value": "USD"},
        **values,
    }


def sub(qbo_id, name, parent_id, **values):
    return customer(qbo_id, name, Job=True, ParentRef={"value": parent_id}, Level=1, BillWithParent=True, **values)


@tagged("post_install", "-at_install")
class CustomerCase(MasterDataCase):
    def handler(self, session):
        return session.handler("Customer")

    def make_partner(self, **values):
        return self.env["res.partner"].create({"name": "Acme", "customer_rank": 1, **values})
