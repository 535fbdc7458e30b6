"""What one slice of work carries around: plain Python, no table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from odoo.tools import SQL

from ...qbo import documents
from ..const import POLICY_OF
from ..merged_role import is_merged, stands_for


class Target(NamedTuple):
    """An Odoo record in one role of one entity."""

    entity: str
    model: str
    res_id: int
    role: str = ""

    def key(self):
        """Return the key that jobs carry while they wait for this record to be linked."""
        return f"rec:{self.entity}:{self.model}:{self.res_id}:{self.role}"

    def sent_key(self):
        """Return the key that arrivals carry while it is not known whether they are what was sent of this record."""
        return f"sent:{self.entity}:{self.model}:{self.res_id}:{self.role}"


class Need(NamedTuple):
    """Something that must happen first.

    With a target, the outbox makes a job for it; ``name`` is what is created then.
    """

    key: str
    text: str
    target: Target | None = None
    name: str = ""


@dataclass
class Reading:
    """What a handler says about one record that may have to cross.

    Exactly one of ``document``, ``gone``, ``stay`` and ``problem`` decides; ``needs`` hinder a document.
    ``gone`` is 'void' or 'delete' (what QuickBooks should do), ``stay`` tells why the record stays home for now.
    ``note`` is said on the record although it crosses. ``identity`` names the Odoo records that a document refers to:
    an approval is of those, because their QuickBooks ids may not exist yet.
    """

    target: Target
    document: documents.Document | None = None
    needs: list[Need] = field(default_factory=list)
    identity: tuple[Any, ...] = ()
    gone: str = ""
    stay: str = ""
    note: str = ""
    problem: tuple[str, str] | None = None
    name: str = ""
    partner_name: str = ""
    amount: float = 0.0
    currency_id: int = 0
    date: date | None = None


@dataclass
class Arrival:
    """One object that came from QuickBooks, on its way into Odoo."""

    job: Any
    entity: str
    qbo_id: str
    payload: dict[str, Any]
    document: documents.Document
    sync_token: str
    binding: Any = None
    record: Any = None
    fields: tuple[str, ...] = ()
    needs: list[Need] = field(default_factory=list)
    problem: tuple[str, str] | None = None
    warning: str = ""
    # Of a payment: (type, id) of what it settles and what is not here; None as long as nothing was applied anew.
    not_here: set[tuple[str, str]] | None = None
    # Why the record itself cannot be changed, so that the difference is booked beside it ('' when it can).
    instead: str = ""
    # Bindings beyond (entity, qbo_id) -> record: list of (model, res_id, role), for documents that are two records.
    also: list[tuple[str, int, str]] = field(default_factory=list)
    # Role of the link that this object makes (a customer in a foreign currency: its code).
    role: str = ""
    # Why it is not taken into Odoo at all, in words; unlike ``problem`` nobody has to act.
    stay: str = ""
    # What a person must say yes to before it is taken over, whatever the rules are.
    ask: str = ""
    # Odoo took it back and QuickBooks is right: it is posted again, as QuickBooks has it.
    posted_again: bool = False
    # How it is taken over once more (a function without arguments), and whether it has to be, later in the slice.
    redo: Any = None
    again: bool = False


def posted_key(move_id):
    """Return the key of a wait for a document of Odoo that is a draft."""
    return f"posted:{move_id}"


def qbo_key(entity, qbo_id):
    """Return the key of a wait for a QuickBooks object to be linked."""
    return f"qbo:{entity}:{qbo_id}"


class Session:
    """One backend at work in one environment: handlers, mapping resolver and link cache of one slice."""

    def __init__(self, backend, run):
        self.backend = backend
        self.run = run
        self.env = backend.env
        self.company_ids = frozenset(self.env.context["allowed_company_ids"])
        self._resolver = None
        self._links: dict[tuple[str, str], dict[tuple[int, str], str]] = defaultdict(dict)
        self._records: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
        self._numbers: dict[int, tuple[set[str], set[str]]] = {}
        self._reference_names: dict[tuple[str, str], str] = {}
        self._currencies: dict[str, int] = {}
        self._answers: dict[Any, Any] = {}
        # While it is set, what finds too little open is put off instead of failing.
        self.puts_off = False
        self.messages: list[dict[str, Any]] = []
        self.counts: dict[str, int] = defaultdict(int)
        self.summary: dict[tuple[str, str], int] = defaultdict(int)

    @cached_property
    def profile(self):
        """What the QuickBooks company can do; read when first asked, most steps find nothing to do."""
        return self.backend._profile()

    @cached_property
    def policies(self):
        """The rule of each entity; several kinds of entries share one."""
        rules = {policy.entity: policy for policy in self.backend.policy_ids}
        return {**rules, **{entity: rules[rule] for entity, rule in POLICY_OF.items() if rule in rules}}

    def quietly(self):
        """From now on, what this session writes in Odoo is not noticed as a change of this backend."""
        self.backend = self.backend.with_context(qbo_applying=self.backend.id)
        self.env = self.backend.env
        if self._resolver is not None:
            self._resolver.save_missing()
        self._resolver = None
        self._answers = {}

    def once(self, question, answer):
        """Return ``answer()``, asked once a slice for each ``question`` (a tuple)."""
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]

    @property
    def resolver(self):
        """Return the mapping resolver of this slice (made when first asked)."""
        if self._resolver is None:
            self._resolver = self.env["qbo.sync.reference"]._resolver(self.backend)
        return self._resolver

    def handler(self, entity):
        """Return the AbstractModel that reads and applies ``entity``."""
        return self.env[f"qbo.sync.{entity.lower()}"]

    def allows(self, entity, direction):
        """Tell whether the rule of ``entity`` lets it cross in ``direction``."""
        policy = self.policies.get(entity)
        return bool(policy) and policy._allows(direction)

    def preload_links(self, entity, model, ids):
        """Read the QuickBooks ids of many records at once."""
        known = self._links[entity, model]
        asked = set(ids) - {res_id for res_id, _role in known}
        if not asked:
            return
        bindings = self.env["qbo.binding"].search_read(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("model", "=", model),
             ("res_id", "in", list(asked)), ("qbo_id", "!=", False), ("missing", "=", False)],
            ["res_id", "role", "qbo_id"], load=None)
        for res_id in asked:
            known.setdefault((res_id, ""), "")
        for binding in bindings:
            known[binding["res_id"], binding["role"]] = binding["qbo_id"]
        for binding in bindings:
            place = binding["res_id"], stands_for(binding["role"])
            if is_merged(binding["role"]) and not known.get(place):
                known[place] = binding["qbo_id"]

    def qbo_id(self, entity, model, res_id, role=""):
        """Return the QuickBooks id of a record, or '' when it has none yet."""
        known = self._links[entity, model]
        if (res_id, role) not in known:
            self.preload_links(entity, model, [res_id])
        return known.get((res_id, role), "")

    def preload_records(self, entity, qbo_ids):
        """Read which Odoo records many QuickBooks objects are linked to."""
        known = self._records[entity]
        asked = {qbo_id for qbo_id in qbo_ids if qbo_id and qbo_id not in known}
        if not asked:
            return
        rows = self.env["qbo.binding"].search_read(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "in", list(asked))],
            ["qbo_id", "model", "res_id", "role"], order="role desc, id", load=None)
        # Documents need a customer and products that are there; those that were deleted come again.
        living = self._living(rows) if entity in ("Customer", "Item") else None
        for binding in rows:
            if living is None or (binding["model"], binding["res_id"]) in living:
                known[binding["qbo_id"]] = (binding["model"], binding["res_id"])

    def _living(self, rows):
        """Return (model, res_id) of those link rows whose record exists."""
        ids = defaultdict(set)
        for row in rows:
            ids[row["model"]].add(row["res_id"])
        return {(model, res_id) for model, own in ids.items() for res_id in self.env[model].browse(own).exists()._ids}

    def record_id(self, entity, qbo_id):
        """Return ``(model, res_id)`` of the Odoo record linked to an object, or None."""
        if qbo_id not in self._records[entity]:
            self.preload_records(entity, [qbo_id])
        return self._records[entity].get(qbo_id)

    def record_ids(self, entity, qbo_ids):
        """Return ``{id: (model, res_id)}`` of those objects that are linked, with one question for all."""
        self.preload_records(entity, qbo_ids)
        return {qbo_id: place for qbo_id in qbo_ids if (place := self._records[entity].get(qbo_id))}

    def is_excluded(self, entity, model, res_id):
        """Tell whether a person keeps a record out of the sync."""
        return bool(self.env["qbo.binding"].search_count([
            ("backend_id", "=", self.backend.id), ("model", "=", model), ("res_id", "=", res_id),
            ("excluded", "=", True)], limit=1))

    def taken_numbers(self, journal, numbers):
        """Return the set of numbers that documents of ``journal`` have, among ``numbers`` and those asked for before.

        What a slice gives out is not in the database yet: callers add it to the set.
        """
        asked, taken = self._numbers.setdefault(journal.id, (set(), set()))
        fresh = set(numbers) - asked
        if fresh:
            asked.update(fresh)
            taken.update(row[0] for row in self.env.execute_query(SQL(
                "SELECT name FROM account_move WHERE journal_id = %s AND name = ANY(%s)", journal.id, list(fresh))))
        return taken

    def currency_role(self, currency):
        """Return the role of customers who trade in ``currency``: empty for the home currency, else its code."""
        return "" if currency == self.backend.company_id.currency_id else currency.name

    def reference_name(self, entity, qbo_id):
        """Return the name of a list entry of QuickBooks, or its id when it is not cached."""
        if not self._reference_names:
            rows = self.env["qbo.reference"].with_context(active_test=False).search_read(
                [("backend_id", "=", self.backend.id)], ["entity", "qbo_id", "name"], load=None)
            self._reference_names = {(row["entity"], row["qbo_id"]): row["name"] for row in rows}
        return self._reference_names.get((entity, qbo_id), qbo_id)

    def currency_id(self, code):
        """Return the id of an Odoo currency by its ISO code, active or not; 0 when there is none."""
        if code not in self._currencies:
            self._currencies[code] = self.env["res.currency"].with_context(active_test=False).search(
                [("name", "=", code)], limit=1).id or 0
        return self._currencies[code]

    def linked(self, entity, model, res_id, role, qbo_id):
        """Remember a link that was made in this slice."""
        self._links[entity, model][res_id, role] = qbo_id
        self._records[entity][qbo_id] = (model, res_id)

    def forget_links(self):
        """Read links anew: some have moved."""
        self._links.clear()
        self._records.clear()
        self._answers = {}

    def crossed(self, direction, entity):
        """Count a record that crossed, for the figures and the summary of the run."""
        self.counts[direction] += 1
        self.summary[direction, entity] += 1

    def said(self):
        """Return what was said and counted so far, for :meth:`unsay`."""
        return list(self.messages), dict(self.counts), dict(self.summary)

    def unsay(self, said):
        """Take back what was said and counted since ``said``: it was rolled back."""
        self.messages = said[0]
        self.counts, self.summary = defaultdict(int, said[1]), defaultdict(int, said[2])

    def forget(self):
        """Drop figures and lines that were rolled back."""
        self.messages, self.counts, self.summary = [], defaultdict(int), defaultdict(int)

    def say(self, level, text, *, origin="odoo", direction=False, entity=False, job=None, model=False, res_id=False):
        """Keep a line for the run's history; written at the next commit point."""
        self.messages.append({
            "run_id": self.run.id, "level": level, "origin": origin, "direction": direction, "entity": entity,
            "text": text, "job_id": job.id if job else False, "model": model, "res_id": res_id})
