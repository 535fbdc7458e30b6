"""What happens to requests on the wire: the log, the counts, the throttle, and the faults that tests ask for."""

import json
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.money import Json

LIMITS = ((True, 60, 500, False), (True, 1, 10, False), (True, 60, 40, True), (False, 60, 800, False),
          (False, 60, 120, True))
"""One app or all apps of a company; seconds; how many requests; only batches."""
AT_ONCE = 10
KINDS = ("latency", "429_json", "429_xml", "500", "502", "503", "504", "cut_before", "cut_after", "truncated_json",
         "malformed_json", "expired_token", "fault", "hang", "person_edit")
BODIES: dict[str, str] = json.loads((Path(__file__).parent / "data" / "outages.json").read_text("utf-8"))
"""HTML of a gateway that is down, with room for a title, and the throttle's XML, with room for the time."""
HTML_TITLES = ("502 Bad Gateway", "503 Service Temporarily Unavailable", "504 Gateway Time-out")
OUTAGES = {"500": "", **{title[:3]: title for title in HTML_TITLES}}


@dataclass
class Planned:
    """A fault for the next requests that match."""

    kind: str
    match: Json = field(default_factory=dict)
    count: int = 1
    skip: int = 0
    seconds: float = 0.0
    commit: bool = False
    """For 5xx: do the work first, so that only the answer is lost."""
    code: str = "6000"
    text: str = ""
    act: Json = field(default_factory=dict)
    """For person_edit: what a person does right after the answer."""
    hits: int = 0

    def fits(self, facts: dict[str, Any]) -> bool:
        """Tell whether a request is one of those meant."""
        if self.kind == "person_edit":
            facts = {**facts, "entity": facts["entity"] | facts.get("queried", set())}
            if facts["operation"] not in ("read", "query"):
                return False
        for name, wanted in self.match.items():
            have = facts.get(name)
            words = have if isinstance(have, set) else {str(have).lower()}
            if not (re.search(str(wanted), str(have)) if name == "path" else str(wanted).lower() in words):
                return False
        return True


PLANNED: dict[str, Any] = {"kind": str, "match": dict, "count": int, "skip": int, "seconds": float, "commit": bool,
                           "code": str, "text": str, "act": dict}


@dataclass
class Traffic:
    """Log, metrics, throttle and planned faults of a simulator."""

    log: deque[Json] = field(default_factory=lambda: deque(maxlen=50_000))
    counts: Counter[str] = field(default_factory=Counter)
    planned: list[Planned] = field(default_factory=list)
    written: set[tuple[str, str, str]] = field(default_factory=set)
    running: Counter[str] = field(default_factory=Counter)
    """Requests of each company that are being answered."""
    _recent: dict[tuple[str, int, int], deque[float]] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget log, counts, faults and throttle windows."""
        for kept in (self.log, self.counts, self.planned, self.written, self._recent):
            kept.clear()

    def plan(self, wish: Json) -> Planned:
        """Add a planned fault; raises ValueError when the kind is not known."""
        if wish.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        planned = Planned(**{name: make(wish[name]) for name, make in PLANNED.items() if name in wish})
        self.planned.append(planned)
        return planned

    def take(self, facts: dict[str, Any]) -> Planned | None:
        """Return the planned fault for a request, used up by one."""
        for planned in self.planned:
            if planned.count > 0 and planned.fits(facts):
                if planned.skip > 0:
                    planned.skip -= 1
                    continue
                planned.count -= 1
                planned.hits += 1
                return planned
        return None

    def begin(self, realm: str, batch: bool, items: int) -> None:
        """Count a request that starts."""
        self.counts.update({"requests": 1, **({"batch": 1, "batch_items": items} if batch else {})})
        self.running[realm] += 1

    def over_limit(self, realm: str, client: str, batch: bool, now: float) -> bool:
        """Count a request against the limits of a company and an app; tells whether one is exceeded."""
        over = [self._over((f"{realm} {client if own else ''}", window, limit), now)
                for own, window, limit, batches in LIMITS if batch or not batches]
        return any(over) or self.running[realm] > AT_ONCE

    def _over(self, key: tuple[str, int, int], now: float) -> bool:
        _name, window, limit = key
        times = self._recent.setdefault(key, deque())
        while times and (times[0] <= now - window or times[0] > now):
            times.popleft()
        if len(times) >= limit:
            return True
        times.append(now)
        return False

    def note(self, realm: str, kinds: list[str], touched: list[tuple[str, str, str]]) -> None:
        """Count what a successful request did: writes are core, everything else is metered."""
        writes = 0
        for kind in kinds:
            self.counts[kind] += 1
            if kind in ("read", "query", "cdc", "report"):
                self.counts["metered"] += 1
            elif kind not in ("failed", "replay"):
                self.counts["core"] += 1
                writes += 1
        for operation, entity, key in touched:
            if operation != "read":
                self.counts[f"{operation}:{entity}"] += 1
                self.written.add((realm, entity, key))
            elif (realm, entity, key) in self.written:
                self.counts["read_after_write"] += 1
        self.counts["write_requests" if writes else "read_requests"] += 1

    def forget_writes(self, realm: str, entity: str, key: str) -> None:
        """A person changed an object: reading it again is no read after an own write."""
        self.written.discard((realm, entity, key))
