"""Starts Odoo like ``odoo_launcher.py`` and writes what became of each test to the JSON file ``QBO_SYNC_TEST_REPORT``.

Odoo itself only logs counts; the report also names the tests, so that a test that never ran can be noticed.
"""

import json
import os
from pathlib import Path
from typing import Any

import odoo.cli
from odoo.tests.result import OdooTestResult

OUTCOMES: dict[str, str] = {}


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


if __name__ == "__main__":
    recorded("startTest", "passed")
    recorded("addError", "failed")
    recorded("addFailure", "failed")
    recorded("addSkip", "skipped")
    try:
        odoo.cli.main()
    finally:
        Path(os.environ["QBO_SYNC_TEST_REPORT"]).write_text(json.dumps(OUTCOMES))
