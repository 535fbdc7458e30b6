"""SIZE / 2 customers and as many invoices of Odoo go into an empty company: requests, reads after writes, seconds.

Run by ``make bench`` in Odoo's shell: ``env`` is given.
"""

import contextlib
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.environ["QBO_SYNC_BENCHMARKS"])

import workbench

backend, realm = workbench.connect(env, empty=True)  # noqa: F821
workbench.map_everything(env, backend)  # noqa: F821
half = workbench.SIZE // 2
account = env["account.account"].search([("account_type", "=", "income")], limit=1)  # noqa: F821
taxes = env["account.tax"].search([("name", "=", "California")])  # noqa: F821


def products():
    """Create 25 products."""
    return env["product.product"].create([  # noqa: F821
        {"name": f"Product {number:02}", "list_price": 10 + number, "type": "service", "taxes_id": False,
         "supplier_taxes_id": False, "property_account_income_id": account.id} for number in range(25)])


def invoice(partner, own, number):
    """Return the values of an invoice of three lines, one of them taxed."""
    return {
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": "2026-10-15",
        "invoice_line_ids": [(0, 0, {
            "product_id": own[(number * 3 + line) % len(own)].id, "quantity": line + 1,
            "price_unit": 10.25 + number % 50, "tax_ids": [(6, 0, taxes.ids if not line else [])]})
            for line in range(3)]}


def fill():
    """Create and post what goes out, in the slices that a user's imports would have."""
    own = products()
    partners = env["res.partner"].create([  # noqa: F821
        {"name": f"Customer {number:05}", "email": f"c{number}@example.com", "phone": f"555-{number:05}",
         "street": f"{number} Main St", "city": "Tucson"} for number in range(half)])
    for start in range(0, half, 200):
        moves = env["account.move"].create([  # noqa: F821
            invoice(partner, own, start + number) for number, partner in enumerate(partners[start:start + 200])])
        moves._post(soft=False)
        env.cr.commit()  # noqa: F821
        env.invalidate_all()  # noqa: F821


def posting_overhead(pairs=200):
    """Return how many times longer create, post and commit take with the addon's hooks: median of interleaved pairs."""
    own = env["product.product"].search([("name", "like", "Product ")])  # noqa: F821
    partner = env["res.partner"].search([("name", "=", "Customer 00000")])  # noqa: F821
    marks = env["qbo.change"].search_count([])  # noqa: F821
    ratios = []
    for number in range(pairs):
        times = {}
        for silent in (number % 2, 1 - number % 2):
            with workbench.without_hooks() if silent else contextlib.nullcontext():
                times[silent] = workbench.seconds(lambda number=number: post(partner, own, number))
            env.invalidate_all()  # noqa: F821
        ratios.append(times[0] / times[1])
    written = env["qbo.change"].search_count([]) - marks  # noqa: F821
    assert written == pairs, f"{pairs} postings wrote {written} marks"
    return round(statistics.median(ratios), 3)


def post(partner, own, number):
    env["account.move"].create(invoice(partner, own, number)).action_post()  # noqa: F821
    env.cr.commit()  # noqa: F821


fill()
workbench.control("metrics?clear=1")
wall, cpu = time.monotonic(), time.process_time()
runs = workbench.sync(backend)
wall, cpu = time.monotonic() - wall, time.process_time() - cpu
metrics = workbench.control("metrics")
counts = {entity: count for entity, count in env["qbo.binding"]._read_group(  # noqa: F821
    [("qbo_id", "!=", False)], ["entity"], ["__count"])}
assert counts["Customer"] == half and counts["Invoice"] == half, counts
result = {
    f"export_write_requests_{workbench.SIZE}": metrics["write_requests"],
    "reads_after_write": metrics["read_after_write"],
    "export_requests": sum(runs.mapped("request_count")), "export_customers": counts["Customer"],
    "export_invoices": counts["Invoice"], "export_items": counts["Item"], "export_wall_seconds": round(wall, 1),
    "export_cpu_seconds": round(cpu, 1), "export_peak_mb": workbench.peak_mb(),
}
result["posting_overhead"] = posting_overhead(max(20, workbench.SIZE // 10))
with open(os.environ["QBO_SYNC_RESULT"], "w") as file:
    json.dump(result, file)
