"""What the benchmarks share: a connected backend, mappings, and the simulator's figures."""

import contextlib
import os
import resource
import sys
import time
from urllib.parse import parse_qs, urlparse

import requests

SIMULATOR = os.environ["QBO_SYNC_SIMULATOR"]
SIZE = int(os.environ["QBO_SYNC_SIZE"])
TIMEOUT = 600
HOOKS = ("create", "write", "unlink", "_update_address")


def control(name, **body):
    """Call a control route of the simulator; GET without a body."""
    url = f"{SIMULATOR}/_control/{name}"
    answer = requests.post(url, json=body, timeout=TIMEOUT) if body else requests.get(url, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def connect(env, **company):
    """Make a QuickBooks company and connect the current Odoo company with it; everything crosses without approval."""
    realm = control("company", **company)["realmId"]
    env["ir.config_parameter"].sudo().set_param("qbo_sync.simulator_url", SIMULATOR)
    backend = env["qbo.backend"].create({"name": "Benchmark", "environment": "simulator"})
    env.cr.commit()
    query = {key: values[0] for key, values in parse_qs(urlparse(backend.action_connect()).query).items()}
    env.cr.commit()
    consent = requests.post(f"{SIMULATOR}/connect/oauth2", data={**query, "realmId": realm, "action": "connect"},
                            allow_redirects=False, timeout=TIMEOUT)
    answer = parse_qs(urlparse(consent.headers["Location"]).query)
    backend._oauth_finish(answer["code"][0], answer["state"][0], answer["realmId"][0])
    backend.policy_ids.write({"approve_out": "auto", "approve_in": "auto"})
    env["qbo.sync.reference"]._refresh(backend._for_work(), backend._get_client())
    env.cr.commit()
    return backend, realm


def map_everything(env, backend):
    """Give every list entry of QuickBooks that documents use a counterpart in Odoo."""
    references = {(reference.entity, reference.name): reference for reference in env["qbo.reference"].search([])}
    for (entity, name), reference in references.items():
        if entity == "TaxCode" and reference.rate:
            tax = env["account.tax"].create({"name": name, "amount": reference.rate, "type_tax_use": "sale"})
            bind(env, backend, "TaxCode", tax, reference)
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    bind(env, backend, "Account", bank, references["Account", "Checking"])
    cash = env["account.journal"].create({"name": "Undeposited Funds", "code": "UNDEP", "type": "cash"})
    bind(env, backend, "Account", cash, references["Account", "Undeposited Funds"])
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    bind(env, backend, "Account", income, references["Account", "Sales of Product Income"])
    expense = env["account.account"].search([("account_type", "=", "expense")], limit=1)
    bind(env, backend, "Account", expense, next(
        reference for (entity, _name), reference in references.items()
        if entity == "Account" and reference.kind == "Expense"))
    env["qbo.mapping"].search([("state", "=", "proposed")]).action_accept()
    env.cr.commit()


def bind(env, backend, entity, record, reference):
    """Map one Odoo record, whether it was proposed already or not."""
    row = env["qbo.mapping"].search([
        ("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", record._name),
        ("res_id", "=", record.id)])
    values = {"reference_id": reference.id, "state": "mapped", "found_by": "person"}
    if row:
        row.write(values)
    else:
        env["qbo.mapping"].create({
            "backend_id": backend.id, "entity": entity, "model": record._name, "res_id": record.id, **values})


def sync(backend):
    """Sync until nothing is left; return the runs."""
    runs = backend.env["qbo.run"]
    while True:
        runs |= runs.browse(backend.sync("benchmark", max_seconds=TIMEOUT))
        if runs[-1].state != "partial":
            assert runs[-1].state == "done", runs[-1].message_ids.mapped("text")
            return runs


@contextlib.contextmanager
def without_hooks():
    """Take the addon's overrides of create, write and unlink away: what is done is then done by Odoo's core alone."""
    hooks = [
        (cls, name, cls.__dict__[name])
        for path, module in sys.modules.items() if path.startswith("odoo.addons.qbo_sync.models.hooks_")
        for cls in vars(module).values() if isinstance(cls, type) and cls.__module__ == path
        for name in HOOKS if name in cls.__dict__]
    hooked = {model for cls, _name, _hook in hooks for model in cls._inherit}
    assert hooked >= {"account.move", "account.move.line", "account.payment", "res.partner", "product.product"}, hooked
    for cls, name, _hook in hooks:
        delattr(cls, name)
    try:
        yield
    finally:
        for cls, name, hook in hooks:
            setattr(cls, name, hook)


def seconds(function):
    """Return the processor seconds of ``function()``."""
    start = time.process_time()
    function()
    return time.process_time() - start


def peak_mb():
    """Return the largest memory of this process so far, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
