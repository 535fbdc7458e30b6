"""What an invoicing user does in Odoo. Each act takes the books and a source of chance.

It returns what it did in words, or nothing when there is nothing to do it with. What Odoo refuses is an Odoo error.
"""

import datetime

from odoo import Command
from odoo.exceptions import UserError

from .books import DAYS, FIRST_DAY

PRICES = (5, 19.99, 33.33, 80, 0.07, 1250.5)
QUANTITIES = (1, 2, 3, 0.5, 7)
DISCOUNTS = (0, 0, 0, 0, 10, 33)
SALES = ("out_invoice", "out_refund", "out_receipt")


def day(chance):
    return FIRST_DAY + datetime.timedelta(chance.randrange(DAYS))


def pick(chance, records):
    """Return one record, or an empty set."""
    return records[chance.randrange(len(records))] if records else records


def line(books, chance, taxes):
    product = pick(chance, books.products)
    return Command.create({
        "product_id": product.id, "name": product.name, "quantity": chance.choice(QUANTITIES),
        "price_unit": chance.choice(PRICES), "discount": chance.choice(DISCOUNTS), "tax_ids": [Command.set(taxes.ids)]})


def document(books, chance, kind):
    """Write a document; a company has one tax on a US document, and a code on every line elsewhere."""
    tax = pick(chance, books.taxes)
    lines = []
    for _number in range(chance.randint(1, 3)):
        tax = pick(chance, books.taxes) if books.code_on_each_line else tax
        lines.append(line(books, chance, tax if books.code_on_each_line or chance.random() < 0.5 else tax.browse()))
    foreign = books.foreign if chance.random() < 0.4 else books.foreign.browse()
    return books.player["account.move"].create({
        "move_type": kind, "partner_id": pick(chance, books.customers()).id, "invoice_date": day(chance),
        "currency_id": (foreign or books.company.currency_id).id, "invoice_line_ids": lines,
        "invoice_cash_rounding_id": pick(chance, books.rounding).id if chance.random() < 0.3 else False})


def write_invoice(books, chance):
    move = document(books, chance, "out_invoice")
    if chance.random() < 0.9:
        move.action_post()
    return f"{move.display_name} over {move.amount_total} for {move.partner_id.name}"


def write_credit_note(books, chance):
    move = document(books, chance, "out_refund")
    move.action_post()
    return f"{move.name} over {move.amount_total} for {move.partner_id.name}"


def post_draft(books, chance):
    move = pick(chance, books.documents(*SALES, state="draft"))
    if not move:
        return None
    move.action_post()
    return move.name


def edit(books, chance):
    """Back to draft, other lines, posted again: what was applied comes off."""
    move = pick(chance, books.documents(*SALES, state="posted"))
    if not move:
        return None
    move.button_draft()
    chosen = pick(chance, move.invoice_line_ids.filtered(lambda each: each.display_type == "product"))
    if chosen and chance.random() < 0.7:
        chosen.write({"price_unit": chance.choice(PRICES), "quantity": chance.choice(QUANTITIES)})
    else:
        move.write({"invoice_line_ids": [line(books, chance, chosen.tax_ids)]})
    move.action_post()
    return f"{move.name} is {move.amount_total} now"


def edit_header(books, chance):
    move = pick(chance, books.documents("out_invoice", state="posted"))
    if not move:
        return None
    move.ref = f"Order {chance.randrange(1000)}"
    return f"{move.name}: {move.ref}"


def back_to_draft(books, chance):
    move = pick(chance, books.documents(*SALES, state="posted"))
    if not move:
        return None
    move.button_draft()
    return move.name


def cancel(books, chance):
    move = pick(chance, books.documents(*SALES, state="posted"))
    if not move:
        return None
    move.button_draft()
    move.button_cancel()
    return move.name


def delete(books, chance):
    move = pick(chance, books.documents(*SALES, state="draft"))
    if not move:
        return None
    name = move.display_name
    move.unlink()
    return name


def duplicate(books, chance):
    move = pick(chance, books.documents("out_invoice"))
    if not move:
        return None
    twin = move.copy({"invoice_date": day(chance)})
    twin.action_post()
    return f"{move.name} as {twin.name}"


def reverse(books, chance):
    """The button Credit Note; sometimes with a new invoice for the old one."""
    move = pick(chance, books.documents("out_invoice", state="posted"))
    if not move:
        return None
    reversal = books.player["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
    wizard = reversal.create({"journal_id": move.journal_id.id, "date": day(chance)})
    again = chance.random() < 0.3
    wizard.reverse_moves(is_modify=again)
    made = wizard.new_move_ids
    made.filtered(lambda each: each.state == "draft").action_post()
    return f"{move.name} by {', '.join(made.mapped('name'))}"


def open_invoices(books):
    return books.documents("out_invoice", state="posted").filtered(lambda move: move.amount_residual)


def register_payment(books, chance):
    """Pay one invoice in full, in part or with too much, or all open ones of its customer together."""
    move = pick(chance, open_invoices(books))
    if not move:
        return None
    moves, share = move, chance.choice((1, 1, 0.5, 0.333, 1.25))
    if chance.random() < 0.3:
        moves = open_invoices(books).filtered(
            lambda each: each.partner_id == move.partner_id and each.currency_id == move.currency_id)
    wizard = books.player["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids).create({
            "journal_id": books.bank.id, "payment_date": day(chance), "group_payment": True,
            "currency_id": move.currency_id.id})
    wizard.amount = max(move.currency_id.round(wizard.amount * share), 0.01)
    wizard.payment_difference_handling = "open"
    wizard.action_create_payments()
    return f"{wizard.amount} for {', '.join(moves.mapped('name'))}"


def receive(books, chance):
    """Money on account, for no invoice yet."""
    partner = pick(chance, books.customers())
    if not partner:
        return None
    payment = books.player["account.payment"].create({
        "payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id, "journal_id": books.bank.id,
        "amount": chance.choice(PRICES), "date": day(chance)})
    payment.action_post()
    return f"{payment.amount} from {partner.name}"


def payments(books, *states):
    return books.player["account.payment"].search([
        ("company_id", "=", books.company.id), ("partner_type", "=", "customer"), ("state", "in", states)], order="id")


def cancel_payment(books, chance):
    payment = pick(chance, payments(books, "in_process", "paid"))
    if not payment:
        return None
    payment.action_draft()
    payment.action_cancel()
    return payment.name


def edit_payment(books, chance):
    payment = pick(chance, payments(books, "in_process", "paid"))
    if not payment:
        return None
    payment.action_draft()
    payment.amount = chance.choice(PRICES)
    payment.action_post()
    return f"{payment.name} is {payment.amount} now"


def receivable(books, move):
    return move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")


def apply(books, chance):
    """The link Add under an invoice: an open credit of the same customer is applied to it.

    Odoo offers none that has no amount in the invoice's currency: the entry of a revaluation.
    """
    move = pick(chance, open_invoices(books))
    if not move:
        return None
    account = receivable(books, move).account_id
    credit = pick(chance, books.player["account.move.line"].search([
        ("account_id", "in", account.ids), ("partner_id", "=", move.commercial_partner_id.id),
        ("parent_state", "=", "posted"), ("reconciled", "=", False), ("balance", "<", 0),
        ("currency_id", "=", move.currency_id.id), ("amount_residual_currency", "!=", 0)], order="id"))
    if not credit:
        return None
    move.js_assign_outstanding_line(credit.id)
    return f"{credit.move_id.name} on {move.name}"


def unapply(books, chance):
    """The button Unreconcile of an application; Odoo has none for exchange differences."""
    partial = pick(chance, books.player["account.partial.reconcile"].search([
        ("company_id", "=", books.company.id), ("debit_move_id.move_id.move_type", "=", "out_invoice"),
        ("credit_move_id.journal_id", "!=", books.company.currency_exchange_journal_id.id),
        ("debit_move_id.account_id.account_type", "=", "asset_receivable"),
        ("credit_move_id.move_id.line_ids.account_id.account_type", "=", "asset_receivable")], order="id"))
    if not partial:
        return None
    move, credit = partial.debit_move_id.move_id, partial.credit_move_id.move_id
    move.js_remove_outstanding_partial(partial.id)
    return f"{credit.name} from {move.name}"


def new_customer(books, chance):
    partner = books.player["res.partner"].create(books.partner_values(f"Oak {chance.randrange(10**6)}"))
    return partner.name


def rename_customer(books, chance):
    partner = pick(chance, books.customers())
    if not partner:
        return None
    partner.name = f"{partner.name.split(' no ')[0]} no {chance.randrange(1000)}"
    return partner.name


def archive_customer(books, chance):
    partner = pick(chance, books.customers())
    if len(books.customers()) < 3:
        return None
    partner.action_archive()
    return partner.name


def restore_customer(books, chance):
    partner = pick(chance, books.player["res.partner"].search(
        [("active", "=", False), ("street", "=", "1 Elm Street")], order="id"))
    if not partner:
        return None
    partner.action_unarchive()
    return partner.name


def merge_customers(books, chance):
    """Merge two contacts; the assistant asks for more rights than an invoicing user has.

    Contacts of two companies are not merged: Odoo would move the documents and leave the money with the other company.
    """
    partners = books.customers()
    if len(partners) < 4:
        return None
    loser, winner = chance.sample(list(partners), 2)
    if len((loser | winner).commercial_partner_id) > 1 and (loser | winner).parent_id:
        return None
    wizard = books.env["base.partner.merge.automatic.wizard"].create({})
    names = f"{loser.name} into {winner.name}"
    wizard._merge([loser.id, winner.id], winner.sudo())
    return names


def finish(books):
    """Post what went back to draft, or cancel it: a draft says nothing to QuickBooks."""
    for move in books.documents(*SALES, state="draft"):
        with books.env.cr.savepoint():
            try:
                move.action_post()
            except UserError:
                move.button_cancel()


ACTS = {
    write_invoice: 12, write_credit_note: 4, post_draft: 2, edit: 5, edit_header: 2, back_to_draft: 1, cancel: 2,
    delete: 1, duplicate: 2, reverse: 3, register_payment: 9, receive: 2, cancel_payment: 2, edit_payment: 2, apply: 5,
    unapply: 4, new_customer: 1, rename_customer: 2, archive_customer: 1, restore_customer: 1, merge_customers: 1,
}
"""How often each act is played."""
