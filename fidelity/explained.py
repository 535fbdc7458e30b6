"""Which differences are explained, and the report of all."""

import os
import re
import sys
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef]


class Explained:
    """The differences of one suite, case by case. ``explained.toml`` has rows of pattern and reason."""

    def __init__(self, suite: str) -> None:
        rows = tomllib.loads((Path(__file__).parent / "explained.toml").read_text()).get(suite, [])
        self.rules = [(re.compile(row["pattern"]), row["reason"]) for row in rows]
        self.used: set[str] = set()
        self.lines: list[str] = []
        self.passed = self.failed = self.known = 0

    def add(self, case: str, differences: list[str]) -> None:
        """Count one case; it fails when a difference has no explanation."""
        open_ones = 0
        for line in differences:
            reason = next((reason for pattern, reason in self.rules if pattern.search(f"{case} {line}")), None)
            self.lines.append(
                f"{'explained' if reason else 'OPEN     '} {case} {line}{f'   [{reason}]' if reason else ''}"
            )
            if reason:
                self.known += 1
                self.used.add(reason)
            open_ones += not reason
        self.passed += not open_ones
        self.failed += bool(open_ones)

    def close(self) -> int:
        """Write the report, print the open differences and the totals; the exit code."""
        unused = [f"UNUSED    {reason}" for _, reason in self.rules if reason not in self.used]
        if target := os.environ.get("QBO_FIDELITY_REPORT"):
            Path(target).write_text("\n".join([*self.lines, *unused]) + "\n")
        for line in self.lines:
            if line.startswith("OPEN"):
                sys.stdout.write(line + "\n")
        sys.stdout.write(f"{self.passed} passed, {self.failed} failed ({self.known} differences explained)\n")
        return 1 if self.failed else 0
