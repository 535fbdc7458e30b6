"""Starts Odoo like ``odoo_launcher.py`` and writes what became of each test to the JSON file ``QBO_SYNC_TEST_REPORT``.

The file has ``outcomes`` (test id: passed, failed, skipped) and ``seconds`` (test id: duration).

Odoo itself only logs counts; the report also names the tests, so that a test that never ran can be noticed.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import odoo.cli
from odoo.tests.result import OdooTestResult

OUTCOMES: dict[str, str] = {}
SECONDS: dict[str, float] = {}


def name(test: Any) -> str:
    """The test's id; of a subtest, that of the test it belongs to."""
    return getattr(test, "test_case", test).id()


def recorded(method: str, outcome: str) -> None:
    original = getattr(OdooTestResult, method)

    def wrapper(self: OdooTestResult, test: Any, *arguments: Any) -> None:
        original(self, test, *arguments)
        # A test that Odoo will repeat has not failed yet; a failure is never overwritten.
        if not (outcome == "failed" and self._soft_fail) and OUTCOMES.get(name(test)) != "failed":
            OUTCOMES[name(test)] = outcome

    setattr(OdooTestResult, method, wrapper)


def timed() -> None:
    original = OdooTestResult.stopTest

    def wrapper(self: OdooTestResult, test: Any) -> None:
        SECONDS[name(test)] = round(time.time() - self.time_start, 2)
        original(self, test)

    OdooTestResult.stopTest = wrapper


if __name__ == "__main__":
    timed()
    recorded("startTest", "passed")
    recorded("addError", "failed")
    recorded("addFailure", "failed")
    recorded("addSkip", "skipped")
    try:
        odoo.cli.main()
    finally:
        Path(os.environ["QBO_SYNC_TEST_REPORT"]).write_text(json.dumps({"outcomes": OUTCOMES, "seconds": SECONDS}))
