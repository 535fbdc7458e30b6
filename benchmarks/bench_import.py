"""SIZE invoices and their payments come in; by processor time, against the same core calls without the addon's work.

Run by ``make bench`` in Odoo's shell: ``env`` is given. Each slice of the import is followed by its floor: the
recorded calls of Odoo's core (create, post, reconcile), with the same values, contexts, batches and commits, in the
same process. ``README.md`` says what counts on which side.
"""

import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.environ["QBO_SYNC_BENCHMARKS"])

import workbench
from recorder import Recorder

COMPARED = {
    "res.partner": (), "product.product": (), "account.move": ("amount_total", "amount_tax", "amount_residual"),
    "account.payment": ("amount",),
}
OPEN = ("approval", "failed", "blocked", "conflict", "pending", "sending")

backend, realm = workbench.connect(env, size=workbench.SIZE)  # noqa: F821
workbench.map_everything(env, backend)  # noqa: F821
engine = type(env["qbo.sync"])  # noqa: F821
apply_slice = engine._step_apply
slices = []

with Recorder(env) as recorder:  # noqa: F821
    harness = 0.0

    def measured(self, session, client):
        """Apply one slice to the end, commit included, then make its floor."""
        global harness
        aside, recorder.listening = recorder.aside, True
        start = time.process_time()
        try:
            busy = apply_slice(self, session, client)
        finally:
            recorder.listening = False
        self._commit_progress(session)
        own = time.process_time() - start - (recorder.aside - aside)
        harness += recorder.aside - aside
        if busy:
            quiet = backend.with_context(qbo_applying=backend.id)
            recorder.env = quiet.env(user=1, context=dict(quiet.env.context))
            floor = recorder.floor
            harness += workbench.seconds(recorder.replay)
            slices.append((own, recorder.floor - floor))
        return busy

    engine._step_apply = measured
    wall, start = time.monotonic(), time.process_time()
    runs = workbench.sync(backend)
    addon = time.process_time() - start - harness
    engine._step_apply = apply_slice

counts = dict(env["qbo.binding"]._read_group([], ["entity"], ["__count"]))  # noqa: F821
left = env["qbo.job"].search_count([("state", "in", OPEN)])  # noqa: F821
assert not left, f"{left} jobs did not come in"
for model, amounts in COMPARED.items():
    books, floor_books = recorder.books(model, amounts)
    assert books == floor_books and books[0], f"The floor made other books: {model} {books} {floor_books}"
result = {
    "import_ratio": round(addon / recorder.floor, 3),
    "import_ratio_median_of_slices": round(statistics.median(own / floor for own, floor in slices if floor > 0.2), 3),
    "import_cpu_seconds": round(addon, 1), "import_floor_cpu_seconds": round(recorder.floor, 1),
    "import_invoices": counts.get("Invoice", 0), "import_payments": counts.get("Payment", 0),
    "import_requests": sum(runs.mapped("request_count")), "import_slices": len(slices),
    "import_wall_seconds_with_floor": round(time.monotonic() - wall, 1),
}
# The first sync after payments came looks at the bank, once in the life of a connection.
workbench.sync(backend)
idle = workbench.sync(backend)
result["idle_requests"] = sum(idle.mapped("request_count"))
result["peak_mb"] = workbench.peak_mb()
with open(os.environ["QBO_SYNC_RESULT"], "w") as file:
    json.dump(result, file)
