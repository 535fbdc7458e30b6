"""SIZE invoices and their payments come in; by processor time, against the same core calls without the addon's work.

Run by ``make bench`` in Odoo's shell: ``env`` is given. Each slice of the import is followed by its floor: the recorded calls of Odoo's
core (create, post, reconcile), with the same values, contexts, batches and commits, in the same process.
"""

import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.environ["QBO_SYNC_BENCHMARKS"])

import workbench  # noqa: E402
from recorder import Recorder  # noqa: E402

backend, realm = workbench.connect(env, size=workbench.SIZE)  # noqa: F821
workbench.map_everything(env, backend)  # noqa: F821
engine = type(env["qbo.sync"])  # noqa: F821
apply_slice = engine._step_apply
slices = []

with Recorder(env) as recorder:  # noqa: F821
    floor_total = 0.0

    def measured(self, session, client):
        global floor_total
        recorder.listening = True
        start = time.process_time()
        try:
            busy = apply_slice(self, session, client)
        finally:
            recorder.listening = False
        self.env.flush_all()
        self._commit_progress(session)
        own = time.process_time() - start
        if busy:
            quiet = backend.with_context(qbo_applying=backend.id)
            recorder.env = quiet.env(user=1, context=dict(quiet.env.context))
            floor = workbench.seconds(recorder.replay)
            floor += workbench.seconds(lambda: (self.env.cr.commit(), self.env.invalidate_all()))
            floor_total += floor
            slices.append((own, floor))
        return busy

    engine._step_apply = measured
    wall, start = time.monotonic(), time.process_time()
    runs = workbench.sync(backend)
    total = time.process_time() - start
    engine._step_apply = apply_slice

bindings = env["qbo.binding"]._read_group([], ["entity"], ["__count"])  # noqa: F821
counts = dict(bindings)
open_jobs = env["qbo.job"].search_count([("state", "in", ("failed", "blocked", "conflict", "pending", "sending"))])  # noqa: F821
assert not open_jobs, f"{open_jobs} jobs did not come in"
addon = total - floor_total
result = {
    "import_ratio": round(addon / floor_total, 3),
    "import_ratio_median_of_slices": round(statistics.median(own / floor for own, floor in slices if floor > 0.2), 3),
    "import_cpu_seconds": round(addon, 1), "import_floor_cpu_seconds": round(floor_total, 1),
    "import_invoices": counts.get("Invoice", 0), "import_payments": counts.get("Payment", 0),
    "import_requests": sum(runs.mapped("request_count")), "import_slices": len(slices),
    "import_wall_seconds_with_floor": round(time.monotonic() - wall, 1),
}
idle = workbench.sync(backend)
result["idle_requests"] = sum(idle.mapped("request_count"))
result["peak_mb"] = workbench.peak_mb()
with open(os.environ["QBO_SYNC_RESULT"], "w") as file:
    json.dump(result, file)
