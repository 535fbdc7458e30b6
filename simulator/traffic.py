"""What happens to requests on the wire: the log, the counts, the throttle, and the faults that tests ask for."""

import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field, fields
from typing import Any

from simulator.money import Json, loads
from simulator.schema import DATA

LIMITS = ((True, 60, 500, False), (True, 1, 10, False), (True, 60, 40, True), (False, 60, 800, False),
          (False, 60, 120, True))
"""One app or all apps of a company; seconds; how many requests; only batches."""
AT_ONCE = 10
METERED = ("read", "query", "cdc", "report")
BODIES: Json = loads((DATA / "outages.json").read_text("utf-8"))
"""HTML of a gateway that is down, with room for a title, and the throttle's XML, with room for the time; all kinds."""
OUTAGES: dict[str, str] = BODIES["titles"]


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
    hits: int = field(default=0, init=False)

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


WISHES: dict[str, Any] = {item.name: item.type for item in fields(Planned) if item.init}


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

    def settle(self, seconds: float) -> bool:
        """Wait until no request of the API is being answered; False when time runs out."""
        end = time.monotonic() + seconds
        while any(self.running.values()) and time.monotonic() < end:
            time.sleep(0.005)
        return not any(self.running.values())

    def plan(self, wish: Json) -> Planned:
        """Add a planned fault; raises ValueError when the kind is not known."""
        if wish.get("kind") not in BODIES["kinds"]:
            raise ValueError(f"kind must be one of {', '.join(BODIES['kinds'])}")
        planned = Planned(**{name: make(wish[name]) for name, make in WISHES.items() if name in wish})
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
        over = self.running[realm] > AT_ONCE
        for own, window, limit, _batches in (row for row in LIMITS if batch or not row[3]):
            times = self._recent.setdefault((f"{realm} {client if own else ''}", window, limit), deque())
            while times and not now - window < times[0] <= now:
                times.popleft()
            if len(times) < limit:
                times.append(now)
            else:
                over = True
        return over

    def note(self, realm: str, kinds: list[str], touched: list[tuple[str, str, str]]) -> None:
        """Count what a successful request did: writes are core, everything else is metered."""
        metered = sum(kind in METERED for kind in kinds)
        writes = len(kinds) - metered - kinds.count("failed") - kinds.count("replay")
        self.counts.update([*kinds, "write_requests" if writes else "read_requests"])
        self.counts.update(metered=metered, core=writes)
        for operation, entity, key in touched:
            if operation != "read":
                self.counts[f"{operation}:{entity}"] += 1
                self.written.add((realm, entity, key))
            elif (realm, entity, key) in self.written:
                self.counts["read_after_write"] += 1

    def forget_writes(self, realm: str, entity: str, key: str) -> None:
        """A person changed an object: reading it again is no read after an own write."""
        self.written.discard((realm, entity, key))
