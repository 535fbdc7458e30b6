"""The whole chain: an Odoo with the addon, the simulator, the consent between them, and a sync."""

import hashlib
import json
import os
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from . import consent, databases, odoo, places, postgres, say
from .machine import run
from .rpc import Odoo, OdooError
from .say import Missing

DEMO_DATABASE = "qbo_demo"
COMPANY = "Juniper & Sons Garden Supply"
LOGIN = "admin"
PASSWORD = "admin"  # of a database that only listens on the loopback interface
SLICE = 30  # seconds of one call of sync()
SLICES = 200
BUSY = "is running. Please wait"  # what sync() says beside another one
BUSY_LIMIT = 300  # seconds
ADDON_FOLDERS = ("controllers", "data", "demo", "models", "qbo", "report", "security", "static", "views", "wizards")


def odoo_port() -> int:
    return int(os.environ.get("ODOO_PORT", "8069"))


def simulator_port() -> int:
    return int(os.environ.get("SIMULATOR_PORT", "8090"))


def demo_folder() -> Path:
    return places.home() / "demo"


def addon_files() -> Iterator[Path]:
    yield from (places.ROOT / name for name in ("__init__.py", "__manifest__.py", "hooks.py"))
    for folder in ADDON_FOLDERS:
        yield from sorted((places.ROOT / folder).rglob("*"))


def addon_fingerprint() -> str:
    """Changes when a file of the addon does, or Odoo itself: then the database needs an update."""
    digest = hashlib.sha256(odoo.version().encode())
    for path in addon_files():
        if path.is_file() and path.suffix not in (".pyc", ".pyo"):
            digest.update(str(path.relative_to(places.ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare(database: str, data: str = "") -> None:
    """Have ``database`` with the addon as it is now in the checkout.

    ``data`` is a program for Odoo's shell that fills a new database.
    """
    stamp = demo_folder() / f"{database}.sha256"
    fingerprint = addon_fingerprint()
    new = database not in postgres.databases()
    if not new and stamp.exists() and stamp.read_text() == fingerprint:
        return
    if new:
        databases.copy(database)
    with say.step("Installing the addon" if new else "Updating the addon"):
        install(database, "-i" if new else "-u")
    if new and data:
        with say.step("Writing the company's own customers, products and invoices"):
            databases.shell(database, data)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)


def install(database: str, option: str = "-i", *beside: str) -> None:
    """Install or update the addon, and the modules ``beside``."""
    modules = ",".join((places.ADDON, *beside))
    command = odoo.command(database, option, modules, "--stop-after-init", "--no-http", "--log-level=warn")
    run(command, "install", env=odoo.environment(), problem="The addon could not be installed", remedy="")


@dataclass
class Books:
    """One Odoo company and its connection to one QuickBooks company."""

    odoo: Odoo
    simulator: str
    backend: int = 0
    runs: list[int] = field(default_factory=list)
    _accountant: consent.Accountant | None = None

    # === CONNECTION === #

    def connect(self) -> bool:
        """Make the connection through the OAuth screens. False if it was there already."""
        self.set_parameter("qbo_sync.simulator_url", self.simulator)
        self.set_parameter("web.base.url", self.odoo.url)
        self.set_parameter("web.base.url.freeze", "True")
        rows = self.odoo.search_read("qbo.backend", [("environment", "=", "simulator")], ["state"], limit=1)
        if rows:
            self.backend = rows[0]["id"]
        else:
            self.backend = self.odoo.call("qbo.backend", "create", {"name": "QuickBooks", "environment": "simulator"})
        if rows and rows[0]["state"] in ("connected", "active"):
            return False
        consent.connect(self.odoo.url, self.odoo.database, self.odoo.login, self.odoo.password, self.backend)
        state = self.read("state", "state_message")
        if state["state"] not in ("connected", "active"):
            raise Missing("The consent did not connect Odoo with QuickBooks.", state["state_message"] or "")
        return True

    def set_parameter(self, key: str, value: str) -> None:
        self.odoo.call("ir.config_parameter", "set_param", key, value)

    def read(self, *fields: str) -> dict[str, Any]:
        return self.odoo.call("qbo.backend", "read", [self.backend], list(fields))[0]

    def activate(self) -> None:
        if self.read("state")["state"] == "connected":
            self.odoo.call("qbo.backend", "action_activate", [self.backend])

    # === SYNC === #

    def sync(self, description: str, show: bool = True) -> dict[str, Any]:
        """Sync until nothing is left to do; the totals of the runs that it took.

        Raises :class:`~room.say.Missing` when a run fails.
        """
        totals = dict.fromkeys(("in_count", "out_count", "warning_count", "failed_count", "request_count"), 0)
        for number in range(SLICES):
            run_id = self._slice(description)
            state = self.odoo.call("qbo.run", "read", [run_id], ["state", *totals])[0]
            for key in totals:
                totals[key] += state[key]
            self.runs.append(run_id)
            if state["state"] == "failed":
                raise Missing("The sync failed.", "\n".join(self.messages(run_id)))
            if state["state"] == "done":
                return totals
            if show:
                say.note(f"... {totals['in_count']} in, {totals['out_count']} out after {number + 1} slices")
        raise Missing(f"The sync is not done after {SLICES} calls.", "\n".join(self.messages(self.runs[-1])))

    def _slice(self, description: str, patience: int = BUSY_LIMIT) -> int:
        """One call of sync(); when the worker of Odoo itself has just begun one, wait for it."""
        try:
            return self.odoo.call("qbo.backend", "sync", [self.backend], description, SLICE)
        except OdooError as error:
            if BUSY not in str(error) or not patience:
                raise
        time.sleep(1)
        return self._slice(description, patience - 1)

    def messages(self, run_id: int, levels: tuple[str, ...] = ("error", "warning")) -> list[str]:
        rows = self.odoo.search_read(
            "qbo.run.message", [("run_id", "=", run_id), ("level", "in", levels)], ["text"], limit=20)
        return [row["text"] for row in rows]

    def approve(self) -> int:
        """Approve everything that waits, as a person does in the dialog; how many rows that were."""
        waiting = self.jobs("approval")
        if waiting:
            wizard = self.odoo.call("qbo.sync.wizard", "create", {"backend_id": self.backend})
            self.odoo.call("qbo.sync.wizard", "action_approve", [wizard])
        return waiting

    def jobs(self, *states: str) -> int:
        return self.odoo.count("qbo.job", [("backend_id", "=", self.backend), ("state", "in", states)])

    def problems(self) -> list[str]:
        """The first few jobs that wait for a person, and why."""
        rows = self.odoo.search_read(
            "qbo.job", [("backend_id", "=", self.backend), ("state", "in", ("failed", "blocked", "conflict"))],
            ["name", "state", "error", "blocked_key"], limit=5)
        return [f"{row['name']}: {row['state']}: {row['error'] or row['blocked_key']}" for row in rows]

    # === MAPPINGS === #

    def map_lists(self) -> list[str]:
        """Answer the questions on the mapping screen: accept what is certain, and choose for what is missing.

        The rows that stay without an answer although something waits for them.
        """
        self.odoo.call("qbo.mapping", "action_accept_all_certain", [])
        domain = [("backend_id", "=", self.backend), ("state", "!=", "mapped")]
        open_rows = self.odoo.search_read("qbo.mapping", domain, ["entity", "model", "record_name", "reference_id"])
        for row in open_rows:
            if reference := (row["reference_id"] or [0])[0] or self.choose(row):
                self.odoo.call("qbo.mapping", "write", [row["id"]], {"reference_id": reference, "state": "mapped"})
        rows = self.odoo.search_read("qbo.mapping", domain, ["entity", "record_name", "blocked_count"])
        return [f"{row['entity']} {row['record_name']}" for row in rows if row["blocked_count"]]

    def choose(self, row: dict[str, Any]) -> int:
        """The entry an accountant would choose for a row without a proposal; 0 if there is no likely one."""
        for part, wanted in CHOICES.get((row["entity"], row["model"]), ()):
            if part.lower() in row["record_name"].lower():
                found = self.odoo.search_read(
                    "qbo.reference",
                    [("backend_id", "=", self.backend), ("entity", "=", row["entity"]), ("name", "=", wanted)], ["id"])
                if found:
                    return found[0]["id"]
        return 0

    # === BOTH SIDES, FROM OUTSIDE === #

    @property
    def accountant(self) -> consent.Accountant:
        if self._accountant is None:
            self._accountant = consent.Accountant(self.simulator)
        return self._accountant

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each entity: linked records in Odoo, and objects in QuickBooks."""
        return {
            entity: (self.linked(entity), len(self.accountant.query(entity, where)))
            for entity, (_model, _domain, where) in ENTITIES.items()
        }

    def linked(self, entity: str) -> int:
        """How many records of Odoo have a QuickBooks id."""
        if entity == "Payment":
            # A credit note applied to an invoice is a payment in QuickBooks, but no payment record in Odoo.
            domain = [("backend_id", "=", self.backend), ("entity", "=", entity), ("qbo_id", "!=", False)]
            return self.odoo.count("qbo.binding", domain)
        model, domain, _where = ENTITIES[entity]
        return self.odoo.count(model, [*domain, ("qbo_id", "!=", False)])

    def inventory(self) -> dict[str, tuple[int, int]]:
        """For each kind of document: how many there are in Odoo and in QuickBooks, linked or not."""
        return {
            entity: (self.odoo.count(model, domain), len(self.accountant.query(entity, where)))
            for entity, (model, domain, where) in ENTITIES.items() if entity in DOCUMENTS
        }

    def duplicates(self, before: dict[str, tuple[int, int]]) -> int:
        """How many documents exist that should not.

        After the first sync each side has what it had ``before`` plus what the other had; more than that, a QuickBooks
        id on two Odoo records, or a document number twice for one customer is a duplicate.
        """
        after, found = self.inventory(), 0
        for entity, (odoo_before, qbo_before) in before.items():
            wanted = odoo_before + qbo_before
            found += sum(max(0, count - wanted) for count in after[entity])
            model, domain, where = ENTITIES[entity]
            rows = self.odoo.search_read(model, [*domain, ("qbo_id", "!=", False)], ["qbo_id"])
            found += repeated(row["qbo_id"] for row in rows)
            if entity != "Payment":
                objects = self.accountant.query(entity, where)
                found += repeated(
                    (each["DocNumber"], each["CustomerRef"]["value"]) for each in objects if "DocNumber" in each)
        return found

    def receivables(self) -> tuple[Decimal, Decimal]:
        """Total receivables: of Odoo's open entries, and of QuickBooks' report."""
        rows = self.odoo.search_read(
            "account.move.line",
            [("account_id.account_type", "=", "asset_receivable"), ("parent_state", "=", "posted"),
             ("reconciled", "=", False)], ["amount_residual"])
        here = sum((Decimal(str(row["amount_residual"])) for row in rows), Decimal(0))
        return here.quantize(CENT), grand_total(self.accountant.get("reports/AgedReceivables")).quantize(CENT)

    def metrics(self) -> dict[str, int]:
        """The simulator's counts of requests, by kind."""
        with urllib.request.urlopen(f"{self.simulator}/_control/metrics", timeout=60) as response:
            return json.load(response)


def repeated(keys: Iterable[Any]) -> int:
    """How many keys are there once more than they should be."""
    return sum(count - 1 for count in Counter(keys).values())


def grand_total(report: dict[str, Any]) -> Decimal:
    """The total of a report of QuickBooks: the last amount of the row of the group GrandTotal."""
    for row in report.get("Rows", {}).get("Row", []):
        if row.get("group") == "GrandTotal":
            return Decimal(row["Summary"]["ColData"][-1]["value"] or "0")
    return Decimal(0)


def settle(books: Books, description: str, approve: bool) -> dict[str, int]:
    """Sync, answer the questions of the mapping screen, approve what waits, and sync until nothing moves any more."""
    totals: Counter[str] = Counter()
    for _ in range(5):
        totals.update(books.sync(description))
        # Later, what is not mapped is a person's question.
        unanswered = books.map_lists() if approve else []
        approved = books.approve() if approve else 0
        if not approved and not books.jobs("pending", "sending"):
            break
    for row in unanswered:
        say.note(f"no likely counterpart: {row}")
    return dict(totals)


CENT = Decimal("0.01")
NAME_LIST = " where Active in (true, false)"

# QuickBooks' entity: the Odoo model, which of its records, and which QuickBooks objects.
ENTITIES: dict[str, tuple[str, list, str]] = {
    "Customer": ("res.partner", [], NAME_LIST),
    "Item": ("product.product", [], NAME_LIST),
    "Invoice": ("account.move", [("move_type", "=", "out_invoice"), ("state", "=", "posted")], ""),
    "CreditMemo": ("account.move", [("move_type", "=", "out_refund"), ("state", "=", "posted")], ""),
    "Payment": ("account.payment", [("payment_type", "=", "inbound"), ("state", "in", ("in_process", "paid"))], ""),
}
DOCUMENTS = ("Invoice", "CreditMemo")

# For rows without a proposal: a part of the Odoo record's name, and the QuickBooks entry. The first that fits.
CHOICES = {
    ("Account", "account.account"): (
        ("Product Sales", "Sales of Product Income"), ("Sales", "Sales of Product Income"), ("Services", "Services"),
    ),
    ("Account", "account.journal"): (("Bank", "Checking"), ("Cash", "Undeposited Funds")),
    ("Term", "account.payment.term"): (("Immediate", "Due on receipt"), ("15 Days", "Net 15"), ("30 Days", "Net 30")),
    ("PaymentMethod", "account.payment.method.line"): (("", "Check"),),
}
