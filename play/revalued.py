"""What revaluations move in the receivables of one book alone, read from both ledgers, and what the overview says."""

from .pairs import ZERO, cents


def in_quickbooks(there):
    """Return what each revaluation adds to the receivables in home currency, ``{id of the journal entry: amount}``."""
    accounts = {key for key, row in there.get("Account", {}).items() if row.get("AccountType") == "Accounts Receivable"}
    found = {}
    for key, row in there.get("JournalEntry", {}).items():
        details = [(line["JournalEntryLineDetail"], cents(line["Amount"])) for line in row.get("Line", [])]
        moved = [amount if detail["PostingType"] == "Debit" else -amount for detail, amount in details
                 if detail["AccountRef"]["value"] in accounts]
        if row.get("HomeAdjustment") and moved:
            found[key] = sum(moved, ZERO)
    return found


def items_in_odoo(books):
    """Return the items that change the home value of receivables alone; exchange differences are none."""
    items = books.env["account.move.line"].search([
        ("company_id", "=", books.company.id), ("account_type", "=", "asset_receivable"),
        ("parent_state", "=", "posted"), ("currency_id", "!=", books.company.currency_id.id),
        ("amount_currency", "=", 0), ("move_id.move_type", "=", "entry")])
    return items.filtered(lambda item: item.journal_id != books.company.currency_exchange_journal_id)


def in_odoo(books):
    """Return what these add to the receivables."""
    return cents(sum(items_in_odoo(books).mapped("balance")))


def not_said(books, there):
    """Return in words what the overview says otherwise than the ledgers."""
    rows = books.env["qbo.unsynced"].search([("backend_id", "=", books.backend.id)])
    said = {row.qbo_id: cents(row.amount) for row in rows if row.entity == "JournalEntry"}
    wrong = [f"Revaluation {key} moves {amount} in QuickBooks, and the overview lists {said.get(key)}"
             for key, amount in in_quickbooks(there).items() if said.get(key) != amount]
    mine, text = in_odoo(books), cents(books.backend._staying_here().get("revaluation"))
    return wrong + [f"Revaluations move {mine} in Odoo, and the overview says {text}"] * (mine != text)
