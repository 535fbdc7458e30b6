"""More of what people do in Odoo: sales receipts, debit notes, and the end of a month. As :mod:`~.odoo_acts`."""

import datetime

from odoo import Command

from .books import FIRST_DAY
from .habits import CLOSES
from .odoo_acts import day, document, line, payments, pick

LAST_LOCK = 15
"""The books are locked up to so many days after the first at most: something must be left to play with."""


def write_receipt(books, chance):
    """Sell for cash: mostly paid in full at once, which QuickBooks has as one sales receipt; else as chance will."""
    move = document(books, chance, "out_receipt")
    move.action_post()
    how = chance.choice(("at once", "at once", "at once", "in part", "later", "not yet"))
    if how != "not yet" and move.amount_total > 0:
        _pay(books, chance, move, move.invoice_date if how != "later" else day(chance), how == "in part")
    return f"{move.name} over {move.amount_total} for {move.partner_id.name}, paid {how}"


def pay_receipt(books, chance):
    move = pick(chance, books.documents("out_receipt", state="posted").filtered(lambda each: each.amount_residual > 0))
    if not move:
        return None
    _pay(books, chance, move, move.invoice_date if chance.random() < 0.5 else day(chance), chance.random() < 0.3)
    return move.name


def pay_in_full(books, move):
    """Pay what is open of a sales receipt on its own day."""
    _register(books, books.bank, move, move.invoice_date).action_create_payments()


def _register(books, journal, move, when):
    return books.player["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids).create({
            "journal_id": journal.id, "payment_date": when, "currency_id": move.currency_id.id})


def _pay(books, chance, move, when, in_part):
    wizard = _register(books, chance.choice((books.bank, books.cash)), move, when)
    if in_part:
        wizard.amount = max(move.currency_id.round(wizard.amount / 3), 0.01)
        wizard.payment_difference_handling = "open"
    wizard.action_create_payments()


def debit_note(books, chance):
    """Odoo's assistant: an invoice that raises another one."""
    move = pick(chance, books.documents("out_invoice", state="posted"))
    if not move or "account.debit.note" not in books.env:
        return None
    wizard = books.player["account.debit.note"].with_context(active_model="account.move", active_ids=move.ids).create(
        {"date": day(chance), "reason": "Price was too low", "copy_lines": chance.random() < 0.5})
    made = books.player["account.move"].browse(wizard.create_debit()["res_id"])
    if not made.invoice_line_ids:
        made.invoice_line_ids = [line(books, chance, move.invoice_line_ids.tax_ids[:1])]
    made.action_post()
    return f"{made.name} over {made.amount_total} for {move.name}"


def pay_back_at_once(books, chance):
    """Credit a customer and pay all of it back on the same day: QuickBooks has one refund receipt."""
    move = document(books, chance, "out_refund")
    if not move.amount_total:
        return None
    move.action_post()
    _pay(books, chance, move, move.invoice_date, False)
    return f"{move.name} over {move.amount_total} for {move.partner_id.name}"


def delete_payment(books, chance):
    payment = pick(chance, payments(books, "in_process", "paid"))
    if not payment:
        return None
    name = payment.name
    payment.action_draft()
    payment.unlink()
    return name


def change_customer(books, chance):
    """Another partner on a document, through draft."""
    move = pick(chance, books.documents("out_invoice", "out_refund", state="posted"))
    partner = move and pick(chance, books.customers() - move.partner_id)
    if not partner:
        return None
    move.button_draft()
    move.partner_id = partner
    move.action_post()
    return f"{move.name} is for {partner.name} now"


def change_date(books, chance):
    move = pick(chance, books.documents("out_invoice", "out_refund", state="posted"))
    if not move:
        return None
    move.button_draft()
    move.invoice_date = day(chance)
    move.action_post()
    return f"{move.name} is of {move.invoice_date}"


def lock_books(books, chance):
    """Lock sales, or all, up to a later day than before; who may invoice may not do that."""
    if CLOSES not in books.habits:
        return None
    name = chance.choice(("sale_lock_date", "fiscalyear_lock_date"))
    until = FIRST_DAY + datetime.timedelta(chance.randrange(LAST_LOCK))
    if books.company[name] and until <= books.company[name]:
        return None
    books.company[name] = until
    return f"{name} {until}"


def revalue(books, chance):
    """Revalue what customers owe in foreign money: an entry in home currency alone."""
    items = books.env["account.move.line"].search([
        ("company_id", "=", books.company.id), ("account_type", "=", "asset_receivable"), ("reconciled", "=", False),
        ("parent_state", "=", "posted"), ("currency_id", "in", books.foreign.ids), ("amount_currency", ">", 0)])
    item = pick(chance, items.sorted("id"))
    if not item:
        return None
    gain = chance.choice((1.25, -2.5, 0.07))
    both = {"currency_id": item.currency_id.id, "amount_currency": 0, "name": "Revaluation"}
    entry = books.env["account.move"].create({"move_type": "entry", "date": day(chance), "line_ids": [
        Command.create({**both, "account_id": item.account_id.id, "partner_id": item.partner_id.id, "balance": gain}),
        Command.create({**both, "account_id": books.debts.id, "balance": -gain})]})
    entry.action_post()
    return f"{gain} on what {item.partner_id.name} owes"


ACTS = {
    write_receipt: 4, pay_receipt: 1, debit_note: 2, pay_back_at_once: 1, delete_payment: 1, change_customer: 1,
    change_date: 1, lock_books: 1, revalue: 1,
}
"""How often each act is played."""
