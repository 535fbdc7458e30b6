"""More of what people do in Odoo: bank lines, parts of credits, and contacts. As :mod:`~.odoo_acts`."""

from odoo import Command

from .odoo_acts import PRICES, day, line, open_invoices, pick, receivable


def bank_line(books, chance):
    """Enter a line of a bank statement and match it with an invoice; no payment exists then."""
    move = pick(chance, open_invoices(books).filtered(lambda each: each.currency_id == books.company.currency_id))
    if not move:
        return None
    paid = books.company.currency_id.round(move.amount_residual * chance.choice((1, 1, 0.4)))
    entry = books.bookkeeper["account.bank.statement.line"].create({
        "journal_id": books.bank.id, "amount": paid, "date": day(chance), "payment_ref": f"Transfer {move.name}",
        "partner_id": move.commercial_partner_id.id})
    _liquidity, suspense, _other = entry._seek_for_lines()
    item = receivable(books, move)[:1]
    entry.move_id.with_context(skip_readonly_check=True, force_delete=True).write({"line_ids": [
        Command.delete(suspense.id),
        Command.create({"account_id": item.account_id.id, "partner_id": item.partner_id.id, "balance": -paid,
                        "amount_currency": -paid, "currency_id": entry.currency_id.id, "name": entry.payment_ref})]})
    made = receivable(books, entry.move_id)
    (made | item.with_env(made.env)).reconcile()
    return f"{paid} for {move.name}"


def bank_lines(books):
    return books.bookkeeper["account.bank.statement.line"].search(
        [("company_id", "=", books.company.id), ("is_reconciled", "=", True)], order="id")


def undo_bank_line(books, chance):
    """Take a bank line off its invoice again."""
    entry = pick(chance, bank_lines(books))
    if not entry:
        return None
    entry.action_undo_reconciliation()
    return entry.payment_ref


def credit_part(books, chance):
    """The button Credit Note, with another price on the first line."""
    move = pick(chance, books.documents("out_invoice", state="posted"))
    if not move:
        return None
    reversal = books.player["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
    wizard = reversal.create({"journal_id": move.journal_id.id, "date": day(chance)})
    wizard.reverse_moves()
    made = wizard.new_move_ids
    first = made.invoice_line_ids.filtered(lambda each: each.display_type == "product")[:1]
    first.write({"price_unit": chance.choice(PRICES), "quantity": 1})
    made.action_post()
    return f"{made.amount_total} of {move.name} by {made.name}"


def pay_apart(books, chance):
    """Register a payment of its own for each open invoice of a customer, into the cash box."""
    move = pick(chance, open_invoices(books))
    if not move:
        return None
    moves = open_invoices(books).filtered(
        lambda each: each.partner_id == move.partner_id and each.currency_id == move.currency_id)[:3]
    wizard = books.player["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids).create({
            "journal_id": books.cash.id, "payment_date": day(chance), "group_payment": False})
    wizard.action_create_payments()
    return ", ".join(moves.mapped("name"))


def change_due_date(books, chance):
    move = pick(chance, books.documents("out_invoice", state="posted"))
    if not move:
        return None
    move.invoice_date_due = max(day(chance), move.invoice_date)
    return f"{move.name}: {move.invoice_date_due}"


def write_to_contact(books, chance):
    """Invoice a contact below a customer."""
    partner = pick(chance, books.customers().filtered(lambda each: not each.parent_id))
    if not partner:
        return None
    contact = partner.child_ids.filtered(lambda each: each.name == "Desk")[:1] or books.player["res.partner"].create(
        {"name": "Desk", "parent_id": partner.id, "type": "invoice"})
    tax = pick(chance, books.taxes)
    move = books.player["account.move"].create({
        "move_type": "out_invoice", "partner_id": contact.id, "invoice_date": day(chance),
        "invoice_line_ids": [line(books, chance, tax)]})
    move.action_post()
    return f"{move.name} over {move.amount_total} for {contact.display_name}"


def edit_contact(books, chance):
    partner = pick(chance, books.customers())
    if not partner:
        return None
    partner.write({"phone": f"555-{chance.randrange(1000, 9999)}", "email": f"desk{chance.randrange(100)}@example.com"})
    return partner.name


def rename_product(books, chance):
    product = pick(chance, books.products)
    product.write({"name": f"{product.name.split(' no ')[0]} no {chance.randrange(1000)}"})
    return product.name


def pay_with_difference(books, chance):
    """Mark an invoice as fully paid with less: the difference goes to bad debts in the entry of the payment."""
    move = pick(chance, open_invoices(books).filtered(lambda each: each.currency_id == books.company.currency_id))
    if not move:
        return None
    wizard = books.player["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids).create({
            "journal_id": books.bank.id, "payment_date": day(chance), "currency_id": move.currency_id.id})
    wizard.amount = max(move.currency_id.round(wizard.amount * 0.9), 0.01)
    wizard.write({"payment_difference_handling": "reconcile", "writeoff_account_id": books.debts.id})
    wizard.action_create_payments()
    return f"{wizard.amount} for all of {move.name}"


def refund_money(books, chance):
    """Pay money out to a customer who has credit open."""
    credit = pick(chance, books.documents("out_refund", state="posted").filtered(
        lambda each: each.amount_residual and each.currency_id == books.company.currency_id))
    if not credit:
        return None
    wizard = books.player["account.payment.register"].with_context(
        active_model="account.move", active_ids=credit.ids).create(
            {"journal_id": books.bank.id, "payment_date": day(chance)})
    wizard.action_create_payments()
    return f"{wizard.amount} for {credit.name}"


def adjust(books, chance):
    """Lower what a customer owes by an entry against bad debts."""
    move = pick(chance, open_invoices(books).filtered(lambda each: each.currency_id == books.company.currency_id))
    if not move:
        return None
    item, amount = receivable(books, move)[:1], move.amount_residual
    entry = books.env["account.move"].create({
        "move_type": "entry", "date": day(chance), "line_ids": [
            Command.create({"account_id": books.debts.id, "debit": amount, "name": "Bad debt"}),
            Command.create({"account_id": item.account_id.id, "partner_id": item.partner_id.id, "credit": amount,
                            "name": "Bad debt"})]})
    entry.action_post()
    (receivable(books, entry) | item.with_env(entry.env)).reconcile()
    return f"{amount} of {move.name}"


ACTS = {
    bank_line: 3, undo_bank_line: 1, credit_part: 3, pay_apart: 2, change_due_date: 1, write_to_contact: 2,
    edit_contact: 1, rename_product: 1, pay_with_difference: 1, refund_money: 1, adjust: 1,
}
"""How often each act is played."""
