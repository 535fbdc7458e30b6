"""Webhooks: both payload formats, signed, sent by a thread, with duplicates, delay and disorder on demand."""

import base64
import hashlib
import hmac
import http.client
import json
import random
import secrets
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from queue import Queue
from typing import Any

from simulator.company import Event
from simulator.money import Json, dumps
from simulator.schema import DATA

FACTS: Json = json.loads((DATA / "webhooks.json").read_text("utf-8"))
TOLD, VERBS, WAITS, DEFAULTS = frozenset(FACTS["told"]), FACTS["verbs"], FACTS["waits"], FACTS["config"]
"""Entities that are told; words of operations; seconds before each next attempt, the last one from then on."""


class Webhooks:
    """Collects events and delivers them to the target of the configuration; *now* is the simulator's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.config: Json = dict(DEFAULTS)
        self.deliveries: list[Json] = []
        self.counts: Counter[str] = Counter()
        self._now = now
        self._queue: Queue[list[Event]] = Queue()
        self._closed = False
        self._thread: threading.Thread | None = None

    def configure(self, wish: Json) -> Json:
        """Change the configuration and return it; raises ValueError for what does not exist."""
        if set(wish) - set(DEFAULTS) or wish.get("format", "old") not in ("old", "cloudevents"):
            raise ValueError(f"known are {', '.join(DEFAULTS)}; format must be old or cloudevents")
        for name, value in wish.items():
            kind = type(DEFAULTS[name])
            if (not 0 <= float(value) <= 3600 if kind in (int, float) else not isinstance(value, kind)) \
                    or name == "url" and value and not value.startswith(("http://", "https://")):
                raise ValueError(f"{name} cannot be {value!r}")
        self.config.update(wish)
        return self.config

    def tell(self, events: list[Event]) -> None:
        """Queue events; an Update of a thing created in the same unit is told as well, as the service does."""
        chosen = TOLD & set(self.config["entities"]) if self.config["entities"] else TOLD
        wanted = [event for event in events if event.entity in chosen]
        if not self.config["url"] or not self.config["enabled"] or not wanted:
            return
        self._queue.put(wanted)
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="webhooks", daemon=True)
            self._thread.start()

    def drain(self, seconds: float) -> bool:
        """Wait until everything queued was delivered; False when time runs out."""
        end = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.005)
        return not self._queue.unfinished_tasks

    def close(self) -> None:
        """Stop the thread."""
        self._closed = True
        self._queue.put([])

    def _loop(self) -> None:
        while not self._closed:
            parts = [self._queue.get()]
            time.sleep(float(self.config["gather"]))
            while not self._queue.empty():
                parts.append(self._queue.get())
            try:
                self._deliver([event for part in parts for event in part])
            finally:
                for _part in parts:
                    self._queue.task_done()

    def _deliver(self, events: list[Event]) -> None:
        """Send a body until it is taken or the attempts are used up; what comes later waits behind it."""
        config = dict(self.config)
        if self._closed:
            return
        time.sleep(float(config["delay"]))
        if config["reorder"]:
            random.Random(len(events)).shuffle(events)
        body = dumps(self.payload(events, config["format"])).encode()
        for _copy in range(2 if config["duplicate"] else 1):
            for attempt in range(1 + int(config["retries"])):
                if self._closed or self._post(config, body):
                    break
                if attempt < int(config["retries"]):
                    time.sleep(WAITS[min(attempt, len(WAITS) - 1)] * float(config["wait_factor"]))

    def _post(self, config: Json, body: bytes) -> bool:
        signature = sign(str(config["verifier_token"]), body)
        request = urllib.request.Request(str(config["url"]), data=body, method="POST", headers={
            "Content-Type": "application/json", "intuit-signature": signature,
            "intuit-created-time": _iso(self._now()), "intuit-t-id": str(uuid.uuid4()),
            "intuit-notification-schema-version": "0.1", "User-Agent": "intuit_notification_server/0.1"})
        try:
            with urllib.request.urlopen(request, timeout=3) as answer:
                status = int(answer.status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            status = getattr(error, "code", 0)  # an HTTPError is an OSError with a status
        self.counts["sent" if status == 200 else "failed"] += 1
        self.deliveries.append({"status": status, "body": body.decode(), "signature": signature})
        del self.deliveries[:-500]
        return status == 200

    def payload(self, events: list[Event], form: str) -> Any:
        """Return the body in one of the two formats."""
        moment = _iso(self._now())
        if form == "cloudevents":
            return [self._cloud_event(event, moment) for event in events]
        realms: dict[str, list[Json]] = {}
        for event in events:
            loser = {"deletedId": event.deleted_id} if event.deleted_id else {}
            realms.setdefault(event.realm, []).append({
                "name": event.entity, "id": event.key, "operation": event.operation, "lastUpdated": moment, **loser})
        return {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": items}}
                                       for realm, items in realms.items()]}

    def _cloud_event(self, event: Event, moment: str) -> Json:
        return {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "intuit." + secrets.token_urlsafe(32) + "=",
                "type": f"qbo.{event.entity.lower()}.{VERBS[event.operation]}.v1",
                "datacontenttype": "application/json", "time": f"{moment[:-5]}.{secrets.randbelow(10 ** 9):09d}Z",
                "intuitentityid": event.key, "intuitaccountid": event.realm,
                "data": {"deletedId": event.deleted_id} if event.deleted_id else {}}


def sign(token: str, body: bytes) -> str:
    """Return the ``intuit-signature`` of a body."""
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
