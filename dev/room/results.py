"""Results of test runs, from pytest's and Odoo's reports."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # our own pytest wrote the file

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[^\s:]+): "
    r"(?P<message>.*)"
)
LOUD = ("WARNING", "ERROR", "CRITICAL")
# These lines tell of a failed test, which is counted already.
COUNTED = re.compile(
    r"=+$|FAIL: |ERROR: |\d+ failed, \d+ error\(s\) of \d+ tests|Module \S+: \d+ failures, \d+ errors of \d+ tests$"
    r"|At least one test failed when loading the modules"
)


@dataclass
class Result:
    """Counts of one part of the tests, and what there is to say about it."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remarks: list[str] = field(default_factory=list)

    def fail(self, remark: str) -> None:
        self.failed += 1
        self.remarks.append(remark)

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped


def joined(part: str, results: Iterable[Result]) -> Result:
    """What several runs of one part came to together."""
    whole = Result(part)
    for result in results:
        whole.passed += result.passed
        whole.failed += result.failed
        whole.skipped += result.skipped
        whole.remarks += result.remarks
    return whole


def total_line(results: Iterable[Result]) -> str:
    """The closing line, for people and for programs: ``N passed, N failed, N skipped``."""
    parts = list(results)
    return ", ".join(f"{sum(getattr(part, key) for part in parts)} {key}" for key in ("passed", "failed", "skipped"))


def of_pytest(part: str, report: Path, exit_code: int) -> Result:
    """Counts from pytest's JUnit file. A run that died, or that ran nothing, has failed."""
    result = Result(part)
    if report.exists():
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
            setattr(result, outcome, getattr(result, outcome) + 1)
    return judged(result, exit_code)


def of_odoo(part: str, report: Path, log: str, exit_code: int) -> Result:
    """Counts from the report of our launcher; each warning or error in the log is a failure as well."""
    result = Result(part)
    for outcome in read_report(report)["outcomes"].values():
        setattr(result, outcome, getattr(result, outcome) + 1)
    for record in loud_records(log.splitlines()):
        result.fail(record)
    return judged(result, exit_code)


def read_report(report: Path) -> dict[str, dict[str, Any]]:
    """The report of our launcher; empty if Odoo died before it was written."""
    return json.loads(report.read_text()) if report.exists() else {"outcomes": {}, "seconds": {}}


def slowest(seconds: dict[str, float], number: int = 5) -> list[str]:
    """The tests that took longest, for the person who waits."""
    ordered = sorted(seconds.items(), key=lambda pair: -pair[1])[:number]
    return [f"{duration:6.1f} s  {'.'.join(name.split('.')[-3:])}" for name, duration in ordered]


def judged(result: Result, exit_code: int) -> Result:
    if exit_code and not result.failed:
        result.fail(f"{result.part}: the test process ended with exit code {exit_code}")
    if not result.total:
        result.fail(f"{result.part}: no test ran")
    return result


def records(lines: Iterable[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Odoo's log records, each with the lines that continue it (tracebacks, screenshots)."""
    current: re.Match[str] | None = None
    text: list[str] = []
    for line in lines:
        if match := RECORD.match(line):
            if current:
                yield current, "\n".join(text)
            current, text = match, [line]
        else:
            text.append(line)
    if current:
        yield current, "\n".join(text)


def loud_records(lines: Iterable[str]) -> list[str]:
    """Warnings and errors in a log, without the lines that announce a failed test."""
    return [
        text for match, text in records(lines)
        if match["level"] in LOUD and not COUNTED.match(match["message"])
    ]


def failed_tests(lines: Iterable[str]) -> list[str]:
    """The records that tell why a test failed."""
    return [text for match, text in records(lines) if match["message"].startswith(("FAIL: ", "ERROR: "))]


def defined_tests(folder: Path, package: str) -> dict[str, str]:
    """The test methods written in ``folder``: id and method name. Classes that are not standard are left out."""
    return {
        f"{package}.{path.stem}.{node.name}.{item.name}": item.name
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef) and is_standard(node)
        for item in node.body if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
    }


def is_standard(node: ast.ClassDef) -> bool:
    return not any("-standard" in ast.unparse(decorator) for decorator in node.decorator_list)


def never_run(defined: dict[str, str], ran: Iterable[str]) -> list[str]:
    """Tests that Odoo left out without a word: a file not imported, a plain TestCase, an inherited method not allowed.

    A method of a base class counts as run if any class ran a method of that name.
    """
    ids = set(ran)
    methods = {name.rpartition(".")[2] for name in ids}
    return [name for name, method in defined.items() if name not in ids and method not in methods]
