"""What a bookkeeper does in Odoo with the list of problems: decides, mends what the sentence says, and tries again."""

import contextlib

from odoo.exceptions import UserError

from .books import Refused
from .odoo_acts import pick, receivable
from .odoo_receipts import pay_in_full

DEPOSITED = "6540"
INACTIVE = "610"
GONE = "entry_gone"
LOCKS = ("sale_lock_date", "fiscalyear_lock_date")
LONG_AGO = "2000-01-01"
TURNS = 3
"""So often the bookkeeper works through the whole list at the end of a game, with a sync after each time."""


def problems(books, *states):
    return books.bookkeeper["qbo.job"].search(
        [("backend_id", "=", books.backend.id), ("state", "in", states)], order="id")


def decide(books, chance):
    """Say in a conflict which side is right."""
    job = pick(chance, problems(books, "conflict"))
    return _decide(job, chance) if job else None


def _decide(job, chance):
    side = chance.choice(("odoo", "qbo"))
    if side == "odoo":
        job.action_odoo_is_right()
    else:
        job.action_qbo_is_right()
    return f"{job.name}: {side} is right"


def mend(books, chance):
    """Take off what is applied in Odoo to the documents that a payment of QuickBooks names, and try it again."""
    job = pick(chance, problems(books, "failed"))
    return _mend(books, job) if job else None


def approve(books, chance):
    """Look at what waits for approval, and approve one."""
    job = pick(chance, problems(books, "approval"))
    return _approve(job) if job else None


def _approve(job):
    job._approve()
    return f"{job.name} is approved"


def _mend(books, job):
    if job.error_code == DEPOSITED:
        _take_from_deposit(books, job)
    if job.error_code == INACTIVE:
        _activate(books, job)
    if job.error_code == GONE:
        return _create_again(books, job)
    if job.direction == "in" and job.entity == "Payment":
        items = receivable(books, _named(books, job))
        (items.matched_credit_ids | items.matched_debit_ids).unlink()
    job.action_retry()
    return f"{job.name} is tried again"


def _take_from_deposit(books, job):
    """Delete the bank deposit in QuickBooks: its payments go back to Undeposited Funds."""
    links = books.env["qbo.binding"].search([
        ("backend_id", "=", books.backend.id), ("model", "=", job.model), ("res_id", "=", job.res_id)])
    own = {(link.entity, link.qbo_id) for link in links} | {(job.entity, job.qbo_id)}
    for key, row in books.there().get("Deposit", {}).items():
        if any((link["TxnType"], link["TxnId"]) in own for line in row["Line"] for link in line.get("LinkedTxn", [])):
            books.person("delete", "Deposit", id=key, force=True)


def _activate(books, job):
    """Make the customer active again in QuickBooks, whom a document of Odoo names."""
    key = ((job.sudo().payload or {}).get("document") or {}).get("customer_id")
    if not books.there()["Customer"].get(key, {}).get("Active", True):
        books.person("edit", "Customer", id=key, data={"Active": True})


def _create_again(books, job):
    """Clear the ID of the contact or product that is gone in QuickBooks."""
    action = job.action_mend_link()
    wizard = books.bookkeeper[action["res_model"]].browse(action["res_id"])
    wizard.choice = "clear"
    wizard.action_apply()
    return f"{wizard.record_name} is created again for {job.name}"


def _named(books, job):
    named = {(link["TxnType"], link["TxnId"])
             for line in (job.sudo().payload or {}).get("Line", []) for link in line["LinkedTxn"]}
    links = books.env["qbo.binding"].search([("backend_id", "=", books.backend.id), ("model", "=", "account.move")])
    links = links.filtered(lambda link: (link.entity, link.qbo_id) in named)
    return books.bookkeeper["account.move"].browse(links.mapped("res_id")).exists()


def refresh(books):
    """Have QuickBooks' lists read again, and with them what does not come over."""
    books.bookkeeper["qbo.mapping"].action_refresh_lists()


def make_room(books):
    """Open the books of both sides again and pay all sales receipts, so that what waited for that can go.

    Return whether there was anything to do.
    """
    closed = any(books.company[name] for name in LOCKS)
    closed |= bool(books.there()["Preferences"]["1"]["AccountingInfoPrefs"].get("BookCloseDate"))
    if closed:
        books.company.write(dict.fromkeys(LOCKS, False))
        books.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": LONG_AGO}})
    unpaid = books.documents("out_receipt", state="posted").filtered(lambda move: move.amount_residual > 0)
    for move in unpaid:
        with contextlib.suppress(UserError), books.env.cr.savepoint():
            pay_in_full(books, move)
    return closed or bool(unpaid)


def work_through(books, chance):
    """Look at every problem once; return how many there were."""
    found = problems(books, "conflict", "failed", "approval")
    for job in found:
        with contextlib.suppress(UserError, Refused), books.env.cr.savepoint():
            _settle(books, job, chance)
    return len(found)


def _settle(books, job, chance):
    if job.state == "conflict":
        _decide(job, chance)
    elif job.state == "approval":
        _approve(job)
    else:
        _mend(books, job)


ACTS = {decide: 2, mend: 2, approve: 2}
"""How often each act is played, among those of Odoo."""
