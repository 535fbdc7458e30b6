"""Runs Odoo tests on a throw-away database and reports them."""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import databases, machine, odoo, places, postgres, say
from .results import Result, failed_tests, of_odoo, read_report

LAUNCHER = places.DEV / "odoo_test_launcher.py"
SECONDS = "test_seconds.json"
USUAL = 1.0  # seconds of a test
LIMIT = 30 * 60  # seconds; a run that takes longer hangs


@dataclass(frozen=True)
class Run:
    """What became of a run: the counts, and how long each test took, by its id."""

    result: Result
    seconds: dict[str, float]


def run(part: str, modules: str, tags: str, **variables: str) -> Run:
    """Install ``modules`` (comma separated) on a copy of the template and run the tests that ``tags`` selects.

    ``variables`` go into the environment of the tests. The database is dropped afterwards, unless ``KEEP`` is set.
    """
    odoo.ensure()
    report = places.home() / "tmp" / f"{part}-{os.getpid()}.json"
    log = places.logs() / f"{part}-{os.getpid()}.log"
    for path in (report, log):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    keep = bool(os.environ.get("KEEP"))
    with postgres.running(), databases.throw_away(f"qbo_test_{part.replace('-', '_')}", keep=keep) as database:
        shown = tags if len(tags) < 100 else f"{tags[:90]} ..."
        say.line(f"{part}: {shown} on database {database}; log: {log}")
        env = {**odoo.environment(), **variables, "QBO_SYNC_TEST_REPORT": str(report)}
        code = watch(command(database, modules, tags), log, env)
    known = read_report(report)
    result = of_odoo(part, report, log.read_text(errors="replace"), code)
    report.unlink(missing_ok=True)
    return Run(result, {name: known["seconds"].get(name, 0.0) for name in known["outcomes"]})


def shares(defined: Iterable[str], addon: str, number: int, seconds: Mapping[str, float] | None = None) -> list[str]:
    """Tags that divide the tests of ``addon`` among ``number`` runs of about the same length, class by class.

    ``defined`` are the ids of its tests, ``seconds`` how long each took when it last ran; what never ran is taken for
    USUAL. The last share is all that the others leave, so that nothing is forgotten.
    """
    sizes: Counter[str] = Counter()
    for name in defined:
        sizes[name.split(".")[-2]] += (seconds or {}).get(name, USUAL)
    classes: list[list[str]] = [[] for _share in range(number)]
    for name, _size in sizes.most_common():
        min(classes, key=lambda share: sum(sizes[other] for other in share)).append(name)
    named = [",".join(f"/{addon}:{name}" for name in sorted(share)) for share in classes[:-1] if share]
    rest = [f"-/{addon}:{name}" for share in classes[:-1] for name in sorted(share)]
    return [*named, ",".join([f"/{addon}", *rest])]


def last_seconds() -> dict[str, float]:
    """How long each test took when all were last run here, by its id; nothing when they never were."""
    kept = places.home() / SECONDS
    return json.loads(kept.read_text()) if kept.exists() else {}


def keep_seconds(seconds: Mapping[str, float]) -> None:
    """Remember how long each test took, for the shares of the next run."""
    fresh = places.home() / f"{SECONDS}.{os.getpid()}"
    fresh.write_text(json.dumps({**last_seconds(), **seconds}))
    fresh.replace(places.home() / SECONDS)  # another run may read meanwhile


def command(database: str, modules: str, tags: str) -> list[str]:
    line = odoo.command(
        database, "-i", modules, f"--test-tags={tags}", "--stop-after-init", "--max-cron-threads=0", "--workers=0",
        f"--http-port={machine.free_port()}", f"--screenshots={places.home() / 'screenshots'}",
    )
    return [line[0], str(LAUNCHER), *line[2:]]


def watch(line: list[str], log: Path, env: dict[str, str]) -> int:
    """Run Odoo, its log in a file; name each class as it starts, and show the failed tests. The exit code."""
    with log.open("w") as file:
        process = subprocess.Popen(line, env=env, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        follow(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
    for text in failed_tests(log.read_text(errors="replace").splitlines()):
        say.line(text)
    return process.returncode


def follow(process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + LIMIT
    shown = ""
    with log.open(errors="replace") as lines:
        while True:
            ended = process.poll() is not None
            for line in lines:
                name = line.partition(": Starting ")[2].partition(".")[0]
                if name.isidentifier() and name != shown:
                    shown = name
                    say.note(name)
            if ended:
                return
            if time.monotonic() > deadline:
                raise say.Missing(f"Stopped: the tests took more than {LIMIT // 60} minutes.", f"Log: {log}")
            time.sleep(0.5)
