"""The two servers of the chain: the simulator and Odoo. Both stop with the block they were started in."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import odoo, places
from .say import Missing

START_LIMIT = 120  # seconds
OLD_API = "odoo.addons.rpc.controllers.jsonrpc"  # warns at each call that the API of rpc.py ends with Odoo 20


@contextlib.contextmanager
def serving(
    name: str, command: Sequence[str], probe: str, env: dict[str, str], cwd: Path,
) -> Iterator[subprocess.Popen]:
    """Run a server until the end of the block. It is up when ``probe`` (an address) answers.

    Raises :class:`~room.say.Missing` with the last lines of its log when it does not come up.
    """
    places.logs().mkdir(parents=True, exist_ok=True)
    log = places.logs() / f"{name}.log"
    with log.open("w") as file:
        # A session of its own: Ctrl-C is for us, and we stop the servers in order.
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env, cwd=cwd,
            start_new_session=True,
        )
    try:
        await_answer(process, probe, name, log)
        yield process
    finally:
        stop(process)


def await_answer(process: subprocess.Popen, probe: str, name: str, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not answers(probe):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(f"| {line}" for line in log.read_text(errors="replace").splitlines()[-15:])
            raise Missing(f"{name} did not start.", f"{tail}\nFull log: {log}")
        time.sleep(0.2)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, http.client.HTTPException):
        return False


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def simulator(label: str, port: int, *options: str) -> contextlib.AbstractContextManager[subprocess.Popen]:
    """The stand-in for QuickBooks on a port of the loopback interface. ``label`` goes into the name of its log."""
    command = [str(places.venv_python()), "-m", "simulator", "--port", str(port), *options]
    return serving(f"simulator-{label}", command, f"http://127.0.0.1:{port}/", dict(os.environ), places.ROOT)


def odoo_server(
    label: str, database: str, port: int, cron_threads: int = 1,
) -> contextlib.AbstractContextManager[subprocess.Popen]:
    """Odoo in one process with threads, for one database."""
    command = odoo.command(
        database, f"--http-port={port}", "--workers=0", f"--max-cron-threads={cron_threads}",
        f"--db-filter=^{database}$", f"--log-handler={OLD_API}:ERROR",
    )
    return serving(f"odoo-{label}", command, f"http://127.0.0.1:{port}/web/health", odoo.environment(), places.home())
