"""The parsers of test results."""

import json

from room import odoo_tests, results

LOG = """\
2026-11-22 01:37:31,472 8950 INFO db odoo.addons.qbo_sync.tests.test_a: Starting TestA.test_one ...
2026-11-22 01:37:31,480 8950 ERROR db odoo.addons.qbo_sync.tests.test_a: FAIL: TestA.test_one
Traceback (most recent call last):
AssertionError: 1 != 2
2026-11-22 01:37:31,490 8950 WARNING db odoo.models: something is odd
  and goes on here
2026-11-22 01:37:31,500 8950 ERROR ? odoo.tests.result: 1 failed, 0 error(s) of 1 tests when loading database 'db'
"""


def test_warning_is_a_failure_and_a_failed_test_is_counted_once(tmp_path):
    report = tmp_path / "report.json"
    outcomes = {"a.TestA.test_one": "failed", "a.TestA.test_two": "passed", "a.TestA.test_three": "skipped"}
    report.write_text(json.dumps({"outcomes": outcomes, "seconds": {}}))
    result = results.of_odoo("odoo", report, LOG, 1)
    assert (result.passed, result.failed, result.skipped) == (1, 2, 1)
    assert [remark.partition(" WARNING ")[2] for remark in result.remarks] == [
        "db odoo.models: something is odd\n  and goes on here"
    ]


def test_nothing_ran_is_a_failure(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"outcomes": {}, "seconds": {}}))
    assert results.of_odoo("odoo", report, "", 0).failed == 1
    assert results.of_odoo("odoo", tmp_path / "missing.json", "", 0).failed == 1
    assert results.of_pytest("core", tmp_path / "missing.xml", 5).failed == 1


def test_exit_code_without_a_failed_test_is_a_failure(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"outcomes": {"a.TestA.test_one": "passed"}, "seconds": {}}))
    assert results.of_odoo("odoo", report, "", 0).failed == 0
    assert results.of_odoo("odoo", report, "", 255).failed == 1


def test_pytest_counts(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase name='a'/><testcase name='b'><failure/></testcase>"
        "<testcase name='c'><skipped/></testcase><testcase name='d'><error/></testcase></testsuite></testsuites>"
    )
    result = results.of_pytest("core", report, 1)
    assert (result.passed, result.failed, result.skipped) == (1, 2, 1)


def test_total_line():
    parts = [results.Result("core", 3, 0, 1), results.Result("odoo", 4, 2, 0)]
    assert results.total_line(parts) == "7 passed, 2 failed, 1 skipped"


def test_a_test_that_never_ran_is_found(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "class TestA:\n    def test_one(self): pass\n    def test_two(self): pass\n"
        "@tagged('-standard', 'screenshots')\nclass TestPictures:\n    def test_three(self): pass\n"
    )
    defined = results.defined_tests(tmp_path, "p")
    assert set(defined) == {"p.test_a.TestA.test_one", "p.test_a.TestA.test_two"}
    assert results.never_run(defined, ["p.test_a.TestA.test_one"]) == ["p.test_a.TestA.test_two"]
    # A method inherited from a base class runs under the name of the class that inherits it.
    assert results.never_run(defined, ["p.test_a.TestA.test_one", "p.test_b.TestB.test_two"]) == []


def test_the_slowest_tests_come_first():
    seconds = {"addons.tests.test_a.TestA.test_one": 0.5, "addons.tests.test_b.TestB.test_two": 12.25}
    assert results.slowest(seconds, 1) == ["  12.2 s  test_b.TestB.test_two"]


def test_shares_divide_the_classes_and_the_last_takes_the_rest():
    defined = [f"addon.tests.test_{name.lower()}.{name}.test_{number}"
               for name, count in (("A", 5), ("B", 3), ("C", 3)) for number in range(count)]
    assert odoo_tests.shares(defined, "addon", 1) == ["/addon"]
    assert odoo_tests.shares(defined, "addon", 2) == ["/addon:A", "/addon,-/addon:A"]
    # B took longest when it last ran.
    long = {"addon.tests.test_b.B.test_0": 12.0}
    assert odoo_tests.shares(defined, "addon", 2, long) == ["/addon:B", "/addon,-/addon:B"]


def test_how_long_tests_took_is_remembered(monkeypatch, tmp_path):
    monkeypatch.setenv("QBO_SYNC_HOME", str(tmp_path))
    assert odoo_tests.last_seconds() == {}
    odoo_tests.keep_seconds({"a": 1.5, "b": 2.0})
    odoo_tests.keep_seconds({"b": 3.0})
    assert odoo_tests.last_seconds() == {"a": 1.5, "b": 3.0}


def test_runs_of_one_part_are_joined():
    one, other = results.Result("odoo-1", passed=2), results.Result("odoo-2", passed=1, skipped=1)
    other.fail("broken")
    whole = results.joined("odoo", (one, other))
    assert (whole.passed, whole.failed, whole.skipped, whole.remarks) == (3, 1, 1, ["broken"])
