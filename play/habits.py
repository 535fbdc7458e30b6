"""In what firms differ beside the kind of company: each game has some of these, by its seed."""

import random

SECURED = "secured"
"""Odoo secures what is posted in its sales journal by hashes; what comes over from QuickBooks has a journal beside."""
CLOSES = "closes"
"""Both sides close their books in the course of the game: Odoo by lock dates, QuickBooks by its closing date."""
ROUNDS = "rounds"
"""Some invoices of Odoo are rounded to five cents."""
HABITS = (SECURED, CLOSES, ROUNDS)
ONE_IN = 4
"""So many games have one with a habit."""


def habits_of(seed):
    """Return the habits of a game, by its seed."""
    chance = random.Random(f"{seed}/habits")
    return {habit for habit in HABITS if chance.randrange(ONE_IN) == 0}


def arrange(books):
    """Prepare an Odoo company for its habits; it is connected and its lists are mapped."""
    if SECURED in books.habits:
        _secure(books)
    if ROUNDS in books.habits:
        _round(books)


def _secure(books):
    journals = books.env["account.journal"]
    own = journals.search([("company_id", "=", books.company.id), ("type", "=", "sale")], limit=1)
    own.restrict_mode_hash_table = True
    books.backend.sale_journal_id = journals.create(
        {"type": "sale", "name": "From QuickBooks", "code": "PLAYQ", "company_id": books.company.id,
         "default_account_id": books.income.id})


def _round(books):
    item = books.person("create", "Item", data={
        "Name": "Rounding", "Type": "Service",
        "IncomeAccountRef": {"value": books.reference("Account", "Services").qbo_id}})
    books.sync()
    books.backend._target("rounding").item_id = books.reference("Item", item["Name"])
    books.rounding = books.env["account.cash.rounding"].create({
        "name": "To five cents", "strategy": "add_invoice_line", "rounding": 0.05, "rounding_method": "HALF-UP",
        "profit_account_id": books.income.id, "loss_account_id": books.income.id})
