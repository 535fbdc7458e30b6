"""What the demo's firm has in Odoo before it connects: its own customers, products, invoices, credit note and receipts.

A program for Odoo's shell: ``env`` is there.
"""
# ruff: noqa: F821

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

COMPANY = {
    "name": "Juniper & Sons Garden Supply", "street": "418 Orchard Lane", "city": "Bayshore", "zip": "94326",
    "phone": "+1 650 555 0118", "email": "office@juniper-sons.example", "website": "https://juniper-sons.example",
}
CUSTOMERS = [
    # name, street, city, zip, phone
    ("Cascade Landscape Design", "2210 Harbor Road", "Half Moon Bay", "94019", "+1 650 555 0142"),
    ("Maple Court Apartments", "901 Maple Court", "San Mateo", "94401", "+1 650 555 0177"),
    ("Rosewood Garden Club", "77 Rosewood Lane", "Palo Alto", "94303", "+1 650 555 0109"),
    ("Hawthorne Elementary School", "1000 2nd Avenue", "San Mateo", "94401", "+1 650 555 0163"),
    ("Pescadero Valley Nursery", "16400 Farm Road", "Half Moon Bay", "94019", "+1 650 555 0195"),
    ("Okafor & Lindqvist Architects", "512 Mission Street", "Menlo Park", "94025", "+1 650 555 0131"),
]
# As the firm's accountant keeps them in QuickBooks, where they are mapped by name and rate.
TAXES = [("California", 8.0), ("Tucson", 9.1), ("AZ State tax", 7.1)]
PRODUCTS = [
    # name, reference, type, price; goods are taxed, work is not
    ("Cedar Planter, 60 cm", "PL-060", "consu", 84.50),
    ("Drip Irrigation Kit", "DK-100", "consu", 139.00),
    ("Organic Compost, 40 l", "CP-040", "consu", 12.95),
    ("Garden Design Hour", "GD-HR", "service", 95.00),
    ("Seasonal Maintenance Visit", "MT-VISIT", "service", 160.00),
]
INVOICES = [
    # customer, days ago, lines of (product, quantity, discount in percent)
    (0, 128, [(3, 6, 0), (0, 4, 0)]),
    (1, 111, [(4, 2, 0)]),
    (2, 96, [(2, 30, 10), (0, 3, 0)]),
    (3, 83, [(1, 2, 0), (3, 3, 0)]),
    (4, 64, [(2, 120, 15)]),
    (5, 52, [(3, 11, 0), (0, 6, 5)]),
    (0, 41, [(4, 1, 0), (2, 24, 0)]),
    (1, 30, [(4, 2, 0)]),
    (2, 19, [(0, 2, 0), (1, 1, 0)]),
    (3, 9, [(2, 18, 0)]),
    (4, 5, [(1, 3, 0), (3, 2, 0)]),
    (5, 2, [(4, 1, 0), (0, 1, 0)]),
]
# Analytic plans of the firm: the accounts of the first are QuickBooks' classes, those of the second its locations.
PLANS = {
    "Line of work": ("Residential", "Commercial work", "Schools"),
    "Yard": ("Bayshore", "Halfmoon Bay", "San Mateo"),
}
# Customer: tag, line of work, yard.
KINDS = [
    (None, "Commercial work", "Halfmoon Bay"), ("Homeowners association", "Residential", "Bayshore"),
    ("Club", "Residential", "Bayshore"), (None, "Commercial work", "Bayshore"),
    (None, "Commercial work", "Halfmoon Bay"), (None, "Commercial work", "Bayshore"),
]
RECEIPTS = [
    # invoice, share of its total (above 1: the customer paid too much), days ago
    (0, 1, 98), (1, 1, 84), (2, 0.5, 70), (3, 1.1, 55), (4, 1, 33),
]
CREDITED = 5  # this invoice gets a credit note for two hours of design


def fill_company():
    company = env.company
    state = env["res.country.state"].search([("country_id", "=", company.country_id.id), ("code", "=", "CA")], limit=1)
    company.write({**COMPANY, "state_id": state.id})
    return state


def make_term():
    """The one term of the accountant that Odoo does not come with."""
    line = Command.create({"value": "percent", "value_amount": 100, "nb_days": 60})
    env["account.payment.term"].create({"name": "60 Days", "line_ids": [line]})


def name_journals():
    """The bank account, and where cheques lie until they are brought there, named as in the accountant's books."""
    env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)]).name = "Checking"
    env["account.journal"].create({"name": "Undeposited Funds", "code": "UNDEP", "type": "cash"})


def make_customers(state):
    return env["res.partner"].create([
        {"name": name, "is_company": True, "street": street, "city": city, "zip": code, "phone": phone,
         "state_id": state.id, "country_id": state.country_id.id, "customer_rank": 1,
         "email": f"accounts@{name.split()[0].lower()}.example",
         "property_payment_term_id": env.ref("account.account_payment_term_30days").id}
        for name, street, city, code, phone in CUSTOMERS
    ])


def make_products(tax):
    return env["product.product"].create([
        {"name": name, "default_code": code, "type": kind, "list_price": price,
         "taxes_id": [Command.set(tax.ids if kind == "consu" else [])]}
        for name, code, kind, price in PRODUCTS
    ])


def make_taxes():
    """The sales taxes; the first one is that of the firm's own state."""
    # The group's name stands under the invoice; the chart's own group is named after another rate.
    group = env["account.tax.group"].create({"name": "Sales tax"})
    return env["account.tax"].create([
        {"name": name, "amount": rate, "amount_type": "percent", "type_tax_use": "sale", "tax_group_id": group.id,
         "invoice_label": f"{name} {rate:g}%"}
        for name, rate in TAXES
    ])


def make_analytics():
    """Analytic accounts, which the firm has switched on; the account of each name."""
    env["res.config.settings"].create({"group_analytic_accounting": True}).execute()
    plans = {name: env["account.analytic.plan"].create({"name": name}) for name in PLANS}
    accounts = env["account.analytic.account"].create([
        {"name": name, "plan_id": plans[plan].id, "company_id": env.company.id}
        for plan, names in PLANS.items() for name in names])
    return {account.name: account for account in accounts}


def tag_customers(customers):
    for customer, (tag, _work, _yard) in zip(customers, KINDS, strict=True):
        if tag:
            customer.category_id = env["res.partner.category"].create({"name": tag})


def make_invoices(customers, products, accounts, today):
    shares = [{f"{accounts[work].id},{accounts[yard].id}": 100} for _tag, work, yard in KINDS]
    moves = env["account.move"].create([
        {"move_type": "out_invoice", "partner_id": customers[customer].id,
         "invoice_date": today - timedelta(days=days),
         "invoice_line_ids": [
             Command.create({"product_id": products[product].id, "quantity": quantity, "discount": discount,
                             "analytic_distribution": shares[customer]})
             for product, quantity, discount in lines]}
        for customer, days, lines in INVOICES
    ])
    moves.action_post()
    return moves


def make_credit_note(invoice, product, today):
    note = env["account.move"].create({
        "move_type": "out_refund", "partner_id": invoice.partner_id.id, "invoice_date": today - timedelta(days=21),
        "ref": f"Two hours less, see {invoice.name}",
        "invoice_line_ids": [Command.create({"product_id": product.id, "quantity": 2})],
    })
    note.action_post()
    receivable = (note | invoice).line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
    receivable.reconcile()


def receive(invoice, share, day):
    wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({
        "amount": invoice.currency_id.round(invoice.amount_total * share), "payment_date": day,
    })
    wizard._create_payments()


def main():
    today = fields.Date.today()
    name_journals()
    make_term()
    customers, products = make_customers(fill_company()), make_products(make_taxes()[0])
    tag_customers(customers)
    invoices = make_invoices(customers, products, make_analytics(), today)
    make_credit_note(invoices[CREDITED], products[3], today)
    for number, share, days in RECEIPTS:
        receive(invoices[number], share, today - timedelta(days=days))
    env.cr.commit()


main()
