"""Staying under the limits of QuickBooks Online: 10 requests a second, 500 a minute, 40 batches a minute.

Source: Intuit, "Limits and throttles" (per company and app). The defaults leave a margin, because the service counts
by its own clock and other processes of the same app may be talking to the same company.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from .errors import RateLimited

BATCH = "batch"
CORE = "core"
METERED = "metered"


class Throttle(Protocol):
    """Anything that can hold a request back until it may be sent."""

    def acquire(self, kind: str) -> None:
        """Return when a request of ``kind`` (core, metered, batch) may be sent now.

        Raises RateLimited when that would take longer than the throttle is willing to wait.
        """


class LocalThrottle:
    """Sliding windows over the requests of one company within one process; safe for threads.

    ``clock`` gives seconds that never go back, ``sleep`` takes seconds; both can be replaced in tests. With
    ``max_wait`` (seconds) a longer wait raises RateLimited with the time to wait instead of holding the thread.
    """

    def __init__(
        self,
        per_second: int = 8,
        per_minute: int = 450,
        batches_per_minute: int = 40,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        max_wait: float | None = None,
    ) -> None:
        if min(per_second, per_minute, batches_per_minute) < 1:
            raise ValueError("A throttle that allows nothing would wait for ever")
        self._all: list[tuple[int, float, deque[float]]] = [
            (per_second, 1.0, deque(maxlen=per_second)),
            (per_minute, 60.0, deque(maxlen=per_minute)),
        ]
        self._batches = (batches_per_minute, 60.0, deque[float](maxlen=batches_per_minute))
        self._clock = clock
        self._sleep = sleep
        self._max_wait = max_wait
        self._lock = threading.Lock()

    def acquire(self, kind: str) -> None:
        """Wait for a slot and take it; see `Throttle.acquire`."""
        windows = [*self._all, self._batches] if kind == BATCH else self._all
        waited = 0.0
        while (wait := self._take(windows)) > 0.0:
            if self._max_wait is not None and waited + wait > self._max_wait:
                raise RateLimited("Own limit of requests reached", code="3001", retry_after=wait)
            self._sleep(wait)
            waited += wait

    def _take(self, windows: list[tuple[int, float, deque[float]]]) -> float:
        # Slots are taken only when all windows have one; nobody holds the lock while it sleeps.
        with self._lock:
            now = self._clock()
            wait = max((_wait(limit, span, sent, now) for limit, span, sent in windows), default=0.0)
            if wait <= 0.0:
                for _limit, _span, sent in windows:
                    sent.append(now)
            return wait


def _wait(limit: int, span: float, sent: deque[float], now: float) -> float:
    # The oldest of the last `limit` requests must be a full span ago. Compared as sums, not as a difference, so that
    # a sleep of exactly the returned time is enough whatever the rounding of floats.
    if len(sent) < limit or now >= sent[0] + span:
        return 0.0
    return max(sent[0] + span - now, 0.001)
