"""The stand-in for QuickBooks Online, started once for all tests of a process."""

import atexit
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 40
TOKEN_PATH = "/oauth2/v1/tokens/bearer"

# Odoo's test classes terminate every child process that they find when they end, so the simulator must not be one: the
# outer shell ends at once. It must not outlive the tests either, however they end: it is killed when the pipe on
# descriptor 3 closes.
START = """
exec 3<&0
( "$0" -m simulator --port 0 --company empty </dev/null 3<&- & simulator=$!; cat <&3 >/dev/null; kill $simulator ) &
"""

_running = {}


def simulator():
    """Return the control of the simulator of this process; starts it when it does not run.

    :raise RuntimeError: when it does not start, with what it printed
    """
    if "control" not in _running:
        _running["control"] = SimulatorControl(_start())
    return _running["control"]


def stop():
    """Stop the simulator; the next call of :func:`simulator` starts another one."""
    _running.pop("control", None)
    if "pipe" in _running:
        _running.pop("pipe").close()


def _start():
    handle, log = tempfile.mkstemp(prefix="simulator-", suffix=".log")
    with os.fdopen(handle, "wb") as output:
        shell = subprocess.Popen(
            ["/bin/sh", "-c", START, sys.executable], cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=output)
    shell.wait(10)
    _running["pipe"] = shell.stdin
    atexit.register(stop)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = Path(log).read_text(errors="replace")
        if " on http://" in text:
            os.unlink(log)
            return text.split(" on ", 1)[1].split()[0]
        if "Traceback" in text or "cannot listen" in text:
            break
        time.sleep(0.05)
    stop()
    raise RuntimeError(f"The simulator did not start:\n{Path(log).read_text(errors='replace')}")


class SimulatorControl:
    """The control routes of the simulator, and the consent page as a person would use it."""

    def __init__(self, url):
        self.url = url

    # === CONTROL === #

    def control(self, route, method="POST", /, **values):
        """Call ``/_control/<route>`` and return its JSON answer; a refusal is an error of the test."""
        sent = {"params": values} if method == "GET" else {"json": values}
        response = requests.request(method, f"{self.url}/_control/{route}", timeout=60, **sent)
        if response.status_code >= 400:
            raise AssertionError(f"/_control/{route} {values}: {response.status_code} {response.text[:500]}")
        return response.json() if response.content else {}

    def reset(self, **wish):
        """Forget companies, log, faults and clock, and make a company as wished."""
        return self.control("reset", **wish)

    def remember(self):
        """Keep what everything is now, for :meth:`restore`."""
        return self.control("remember")

    def restore(self):
        """Take everything back to what was remembered."""
        return self.control("restore")

    def company(self, **wish):
        """Make a company and return what the simulator says of it (``realmId``, ``name``, ``counts``)."""
        return self.control("company", **wish)

    def ui(self, realm, **wish):
        """Act as a person in QuickBooks' own pages."""
        return self.control("ui", realm=realm, **wish)

    def faults(self, **wish):
        """Let the next matching requests fail."""
        return self.control("faults", **wish)

    def clock(self, **wish):
        """Move the simulator's clock."""
        return self.control("clock", **wish)

    def switches(self, **wish):
        """Change the habits of the simulated service, and return them all."""
        return self.control("switches", **wish)

    def oauth(self, **wish):
        """Let tokens run out (``expire_access``), or disconnect as a person in QuickBooks does (``disconnect``)."""
        return self.control("oauth", **wish)

    def log(self, **wish):
        """Return the requests that arrived, oldest first."""
        return self.control("log", "GET", **wish)["requests"]

    def dump(self, realm, **wish):
        """Return all objects of a company."""
        return self.control("dump", "GET", realm=realm, **wish)

    def metrics(self):
        """Return the counts of requests by kind."""
        return self.control("metrics", "GET")

    # === CONSENT PAGE === #

    def consent(self, url, realm, action="connect"):
        """Open the consent page ``url`` and press a button on it.

        :param str action: 'connect' or 'cancel'
        :return: the whole address to which the browser would be sent
        """
        page = requests.get(url, timeout=30)
        if page.status_code != 200:
            raise AssertionError(f"The consent page answered {page.status_code}: {page.text[:500]}")
        form = dict(parse_qsl(urlsplit(url).query))
        response = requests.post(
            url.split("?", 1)[0], data={**form, "realmId": realm, "action": action}, allow_redirects=False, timeout=30)
        return response.headers["Location"]

    @staticmethod
    def query(location):
        """Return the query of an address as ``{name: value}``."""
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
