"""What a bookkeeper does in Odoo with the list of problems: decides, mends what the sentence says, and tries again."""

import contextlib

from odoo.exceptions import UserError

from .odoo_acts import pick, receivable

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


def _mend(books, job):
    if job.direction == "in" and job.entity == "Payment":
        items = receivable(books, _named(books, job))
        (items.matched_credit_ids | items.matched_debit_ids).unlink()
    job.action_retry()
    return f"{job.name} is tried again"


def _named(books, job):
    named = {(link["TxnType"], link["TxnId"])
             for line in (job.sudo().payload or {}).get("Line", []) for link in line["LinkedTxn"]}
    links = books.env["qbo.binding"].search([("backend_id", "=", books.backend.id), ("model", "=", "account.move")])
    links = links.filtered(lambda link: (link.entity, link.qbo_id) in named)
    return books.bookkeeper["account.move"].browse(links.mapped("res_id")).exists()


def work_through(books, chance):
    """Look at every problem once; return how many there were."""
    found = problems(books, "conflict", "failed")
    for job in found:
        with contextlib.suppress(UserError), books.env.cr.savepoint():
            _decide(job, chance) if job.state == "conflict" else _mend(books, job)
    return len(found)


ACTS = {decide: 2, mend: 2}
"""How often each act is played, among those of Odoo."""
