"""The limits of requests a second and a minute, on a clock that the test moves."""

import threading
import unittest

from qbo.errors import Policy, RateLimited
from qbo.throttle import BATCH, CORE, LocalThrottle


class Clock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []
        self.lock = threading.Lock()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds


def sent_at(throttle, clock, count, kind=CORE):
    times = []
    for _number in range(count):
        throttle.acquire(kind)
        times.append(clock.now)
    return times


class TestLocalThrottle(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()

    def throttle(self, **values):
        return LocalThrottle(clock=self.clock, sleep=self.clock.sleep, **values)

    def assert_never_more(self, times, limit, span):
        for index in range(len(times) - limit):
            self.assertGreaterEqual(times[index + limit] - times[index], span - 1e-6)

    def test_eight_a_second(self):
        times = sent_at(self.throttle(), self.clock, 40)
        self.assert_never_more(times, 8, 1.0)
        self.assertEqual(times[:8], [1000.0] * 8)
        self.assertAlmostEqual(times[-1], 1004.0, places=3)

    def test_450_a_minute(self):
        times = sent_at(self.throttle(), self.clock, 1000)
        self.assert_never_more(times, 450, 60.0)
        self.assertGreaterEqual(times[900], 1120.0)
        self.assertLess(times[900], 1121.0)

    def test_40_batches_a_minute_do_not_hold_up_others(self):
        throttle = self.throttle()
        batches = sent_at(throttle, self.clock, 40, BATCH)
        throttle.acquire(CORE)
        self.assertLess(self.clock.now - 1000.0, 6.0)
        throttle.acquire(BATCH)
        self.assertGreaterEqual(self.clock.now, batches[0] + 60.0)

    def test_long_wait_is_reported_instead(self):
        throttle = self.throttle(per_second=1, max_wait=0.5)
        throttle.acquire(CORE)
        with self.assertRaises(RateLimited) as caught:
            throttle.acquire(CORE)
        self.assertIs(caught.exception.policy, Policy.WAIT)
        self.assertAlmostEqual(caught.exception.retry_after, 1.0)
        self.assertEqual(self.clock.slept, [])

    def test_threads_share_the_slots(self):
        throttle = self.throttle(per_second=3)
        times, lock = [], threading.Lock()

        def work():
            for _number in range(10):
                throttle.acquire(CORE)
                with lock:
                    times.append(self.clock.now)

        threads = [threading.Thread(target=work) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        self.assertEqual(len(times), 40)
        # 40 requests at 3 a second: the 40th slot opens 13 seconds after the first.
        self.assertGreaterEqual(self.clock.now, 1013.0 - 1e-6)

    def test_a_limit_of_nothing_is_refused(self):
        with self.assertRaises(ValueError):
            LocalThrottle(per_second=0)


if __name__ == "__main__":
    unittest.main()
