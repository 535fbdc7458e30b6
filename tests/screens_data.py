"""Rows for looking at the screens without a QuickBooks company: what a firm sees on an ordinary Tuesday."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

NAMES = (
    "Amy's Bird Sanctuary", "Bill's Windsurf Shop", "Cool Cars", "Diego Rodriguez", "Freeman Sporting Goods",
    "Geeta Kalapatapu", "Jeff's Jalopies", "Kookies by Kathy", "Rondonuwu Fruit and Vegi", "Sushi by Katsuyuki",
)
STATUSES = ("synced", "synced", "failed", "approval", "synced", "syncing", "conflict", "excluded")
TAX_MISSING = 'Tax "GST 5 %" has no QuickBooks code.'
NAME_TAKEN = 'Another customer already has the name "Cool Cars".'
ERRORS = {
    "failed": TAX_MISSING,
    "conflict": "The date was changed here (3 May) and in QuickBooks (5 May).",
}
MESSAGES = (
    ("success", "odoo", "out", "Invoice INV/2026/00041 was sent, 1,200.00."),
    ("success", "qbo", "in", "Customer Amy's Bird Sanctuary: phone (650) 555-3311 -> (650) 555-0100."),
    ("warning", "qbo", "out", "Invoice INV/2026/00042: tax 8.25 here, 8.26 in QuickBooks."),
    ("error", "qbo", "out", "Customer Cool Cars: another customer already has that name."),
)


def fill(env):
    """Make a connected company with approvals, problems, history and mappings; return its backend."""
    backend = _backend(env)
    partners = _partners(env)
    moves = _invoices(env, partners)
    _bindings(env, backend, partners, moves)
    runs = _runs(env, backend)
    _jobs(env, backend, partners, moves, runs)
    _mappings(env, backend)
    _differences(env, backend, partners)
    return backend


def _backend(env):
    company = env.company
    backend = env["qbo.backend"].create({
        "name": f"{company.name} in QuickBooks", "environment": "simulator", "company_id": company.id})
    backend.write({
        "state": "active", "realm_id": "9130357849201", "qbo_company_name": "Craig's Landscaping LLC",
        "qbo_country": "US", "qbo_home_currency": company.currency_id.name, "qbo_tax_mode": "us_manual",
        "qbo_custom_txn_numbers": True, "qbo_plan": "Plus", "ar_odoo": 120431.22, "ar_qbo": 120431.22,
        "ar_difference": 0.0, "ar_checked_at": fields.Datetime.now(),
    })
    return backend


def _partners(env):
    return env["res.partner"].create([
        {
            "name": name, "phone": f"(650) 555-33{number:02}", "email": f"office{number}@example.com",
            "is_company": True, "city": "Bayshore", "customer_rank": 1,
        }
        for number, name in enumerate(NAMES, start=11)])


def _invoices(env, partners):
    product = env["product.product"].create({"name": "Garden maintenance", "list_price": 120.0, "type": "service"})
    moves = env["account.move"].create([
        {
            "move_type": "out_refund" if number == 5 else "out_invoice", "partner_id": partner.id,
            "invoice_date": fields.Date.today() - timedelta(days=3 * number),
            "invoice_line_ids": [Command.create({
                "product_id": product.id, "quantity": number + 1, "price_unit": 120.0, "tax_ids": []})],
        }
        for number, partner in enumerate(partners)])
    moves[:8].action_post()
    return moves


def _entity(move):
    return "CreditMemo" if move.move_type == "out_refund" else "Invoice"


# === LINKS === #


def _bindings(env, backend, partners, moves):
    rows = [
        _document_link(number, move, status)
        for number, (move, status) in enumerate(zip(moves, STATUSES, strict=False))]
    rows += [_customer_link(number, partner) for number, partner in enumerate(partners[:9])]
    common = {"backend_id": backend.id, "company_id": backend.company_id.id}
    env["qbo.binding"].create([{**common, **row} for row in rows])


def _document_link(number, move, status):
    linked = status in ("synced", "conflict", "syncing")
    told = {"total": f"{move.amount_total:.2f}", "total_tax": "0", "balance": f"{move.amount_residual:.2f}"}
    return {
        "model": "account.move", "res_id": move.id, "entity": _entity(move), "status": status,
        "error": ERRORS.get(status), "qbo_id": str(200 + number) if linked else False,
        "synced_at": fields.Datetime.now() - timedelta(hours=number) if linked else False,
        "excluded": status == "excluded", "base": {"odoo": {}, "qbo": told},
    }


def _customer_link(number, partner):
    taken = number == 2
    return {
        "model": "res.partner", "res_id": partner.id, "entity": "Customer", "status": "failed" if taken else "synced",
        "qbo_id": False if taken else str(10 + number), "error": NAME_TAKEN if taken else False,
        "synced_at": fields.Datetime.now(),
    }


# === HISTORY === #


def _runs(env, backend):
    now = fields.Datetime.now()
    runs = env["qbo.run"]
    for back in range(14, -1, -1):
        runs |= env["qbo.run"].create({
            "backend_id": backend.id, "company_id": backend.company_id.id,
            "trigger": "manual" if back % 5 == 0 else "schedule",
            "description": "Before the month end" if back == 5 else False,
            "state": "partial" if back == 9 else "done",
            "started_at": now - timedelta(days=back, minutes=12), "ended_at": now - timedelta(days=back, minutes=11),
            "duration": 14 + back, "in_count": 3 * back % 11, "out_count": 5 * back % 7, "warning_count": back % 3,
            "failed_count": 2 if back in (2, 9) else 0, "request_count": 6 + back, "write_count": back % 4,
        })
    env["qbo.run.message"].create([
        {"run_id": runs[-1].id, "level": level, "origin": origin, "direction": direction, "text": text}
        for level, origin, direction, text in MESSAGES])
    return runs


# === JOBS === #


def _jobs(env, backend, partners, moves, runs):
    rows = [
        *_arrivals(),
        *(_approval(number, move) for number, move in enumerate(moves[3:6])),
        *(_blocked(number, move) for number, move in enumerate(moves[6:9])),
        _failed(partners[2]),
        _conflict(moves[2]),
        *(_done(number, move) for number, move in enumerate(moves[:2])),
    ]
    common = {
        "backend_id": backend.id, "company_id": backend.company_id.id, "run_id": runs[-1].id,
        "currency_id": backend.currency_id.id,
    }
    env["qbo.job"].create([{**common, **row} for row in rows])


def _document(move):
    return {
        "direction": "out", "entity": "Invoice", "model": "account.move", "res_id": move.id, "name": move.name,
        "partner_name": move.partner_id.name, "amount": move.amount_total,
    }


def _arrivals():
    return [
        {
            "direction": "in", "entity": "Customer", "qbo_id": "10", "state": "approval", "payload_hash": "a1",
            "name": "Customer Amy's Bird Sanctuary", "partner_name": "Amy's Bird Sanctuary",
            "difference": "Phone: (650) 555-3311 -> (650) 555-0100",
        },
        {
            "direction": "in", "entity": "Payment", "qbo_id": "77", "state": "approval", "payload_hash": "a2",
            "name": "Payment cheque 77", "amount": 87.5, "partner_name": "Freeman Sporting Goods",
            "difference": "Pays 1034 (50.00), 1037 (37.50)",
        },
    ]


def _approval(number, move):
    effect = -move.amount_total if move.move_type == "out_refund" else move.amount_total
    difference = [
        f"A/R {effect:+,.2f}", f"Garden maintenance {number + 4} x 120.00",
        f"also creates customer {move.partner_id.name}"]
    return {
        **_document(move), "entity": _entity(move), "state": "approval", "document_date": move.invoice_date,
        "payload_hash": f"b{number}", "difference": "\n".join(difference),
    }


def _blocked(number, move):
    return {
        **_document(move), "name": move.name or f"Invoice {number}", "state": "blocked",
        "blocked_key": "map:TaxCode:account.tax:1", "error": TAX_MISSING, "error_code": "waits",
        "document_date": move.invoice_date,
    }


def _failed(partner):
    return {
        "direction": "out", "entity": "Customer", "model": "res.partner", "res_id": partner.id, "state": "failed",
        "error": NAME_TAKEN, "error_code": "6240",
        "error_detail": "Duplicate Name Exists Error: The name supplied already exists. : Id=58",
        "name": "Customer Cool Cars", "partner_name": "Cool Cars",
    }


def _conflict(move):
    return {
        **_document(move), "state": "conflict", "error": "Odoo and QuickBooks both changed it.",
        "error_code": "conflict", "difference": "Date: Odoo says 3 May, QuickBooks says 5 May",
        "dispute": [
            {"fields": ["txn_date"], "label": "date", "base": "2026-05-01", "odoo": "2026-05-03", "qbo": "2026-05-05"},
            {"fields": ["lines", "total"], "label": "lines, total",
             "base": "lines: Design, 2 x 50.00 = 100.00\ntotal: 100.00",
             "odoo": "lines: Design, 3 x 50.00 = 150.00\ntotal: 150.00",
             "qbo": "lines: Design, 2 x 50.00 = 100.00\nLate fee = 15.00\ntotal: 115.00"},
            {"fields": ["private_note"], "label": "memo", "base": "", "odoo": "PO 7", "qbo": "Ask Amy first"}],
    }


def _done(number, move):
    return {
        **_document(move), "state": "done", "qbo_id": str(200 + number), "done_at": fields.Datetime.now(),
        "approved_by_id": move.env.uid, "payload": {"DocNumber": move.name},
    }


# === MAPPINGS === #


def _mappings(env, backend):
    accounts = env["account.account"].search(
        [("account_type", "=", "income"), ("company_ids", "in", backend.company_id.ids)], limit=3)
    references = env["qbo.reference"].create([
        {
            "backend_id": backend.id, "entity": "Account", "qbo_id": str(79 + number), "name": name,
            "code": str(4000 + number), "kind": "Income",
        }
        for number, name in enumerate(["Landscaping Services", "Sales of Product Income", "Discounts given"])])
    rows = [
        {
            "backend_id": backend.id, "entity": "Account", "model": "account.account", "res_id": account.id,
            "reference_id": reference.id, "state": "mapped" if number else "proposed",
            "found_by": "name" if number else "similar", "confidence": 100 if number else 87,
        }
        for number, (account, reference) in enumerate(zip(accounts, references, strict=False))]
    tax = env["account.tax"].search(
        [("type_tax_use", "=", "sale"), ("company_id", "=", backend.company_id.id)], limit=1)
    if tax:
        rows.append({
            "backend_id": backend.id, "entity": "TaxCode", "model": "account.tax", "res_id": tax.id,
            "state": "missing"})
    env["qbo.mapping"].create(rows)


# === WHAT DIFFERS BETWEEN THE BOOKS === #


def _differences(env, backend, partners):
    today = fields.Date.today()
    env["qbo.bank.finding"].create([
        {
            "backend_id": backend.id, "kind": kind, "key": partner.name, "date": today - timedelta(days=days),
            "amount": amount, "partner_id": partner.id, "currency_id": backend.currency_id.id, "name": name}
        for kind, partner, days, amount, name in (
            ("double", partners[0], 4, 1200.0, "A deposit into Checking books 1,200.00 on Sales of Product Income; the "
                                               "payment of 3 May is the same money."),
            ("undeposited", partners[4], 26, 87.5, "The payment of 12 April is not on a deposit yet."),
            ("undeposited", partners[7], 19, 310.0, "The payment of 19 April is not on a deposit yet."))])
    env["qbo.unsynced"].create([
        {
            "backend_id": backend.id, "entity": entity, "qbo_id": str(number), "name": name, "amount": amount,
            "date": today - timedelta(days=number), "partner_name": partner and partner.name, "reason": reason}
        for number, (entity, name, amount, partner, reason) in enumerate((
            ("JournalEntry", "Journal entry 17", -40.0, partners[2], "The rule 'Receivable entries' does not let it "
                                                                     "come over."),
            ("JournalEntry", "Journal entry 18", 12.08, None, "It is on receivables without a customer.")), start=5)])
    env["qbo.tax.comparison"].create({
        "backend_id": backend.id, "date_from": "2026-04-01", "date_to": "2026-06-30", "state": "done",
        "read_at": fields.Datetime.now(),
        "line_ids": [
            Command.create({
                "month": f"2026-0{month}-01", "name": name, "base_odoo": base, "base_qbo": base, "tax_odoo": tax,
                "tax_qbo": tax + more,
                "explanation": "INV/2026/00042: 8.25 in Odoo, 8.26 in QuickBooks" if more else ""})
            for month, name, base, tax, more in (
                (4, "California", 8120.0, 649.6, 0), (4, "Tucson", 1400.0, 127.4, 0),
                (5, "California", 6300.0, 504.0, 0.01), (5, "Tucson", 990.0, 90.09, 0),
                (6, "California", 7410.5, 592.84, 0))],
        "entry_ids": [Command.create({
            "date": "2026-04-20", "kind": "Sales Tax Payment", "number": "1041", "name": "Board of Equalization",
            "memo": "First quarter", "amount": -1822.4})]})
