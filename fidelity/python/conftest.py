"""A simulator (QBO_SIM_URL), its control routes, and clients of the library under test."""

import itertools
import os
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

TIMEOUT = 60
Json = dict[str, Any]


class Simulator:
    """The person beside the client: makes companies, presses buttons, moves the clock."""

    client_id, secret, redirect = "simulator", "simulator-secret", "https://app.example.com/callback"

    def __init__(self, url: str) -> None:
        self.url = url
        self.discovery = f"{url}/.well-known/openid_configuration"
        self.realm = ""

    def control(self, route: str, body: Json | None = None) -> Json:
        address = f"{self.url}/_control/{route}"
        answer = (
            requests.get(address, timeout=TIMEOUT) if body is None else requests.post(address, json=body, timeout=300)
        )
        assert answer.ok, answer.text
        return answer.json()

    def company(self, **wish: Any) -> str:
        """Forget everything, make one company; its realm."""
        self.realm = self.control("reset", wish)["realmId"]
        return self.realm

    def grant(self) -> Json:
        return self.control("oauth", {"grant": True, "realm": self.realm})

    def consent(self, address: str, action: str = "connect", **changes: str) -> dict[str, str]:
        """Open a consent page as a browser does, press a button; what the redirect carries."""
        session = requests.Session()
        page = session.get(address, timeout=TIMEOUT)
        assert page.ok, page.text
        form = dict(re.findall(r'<input[^>]*type="?hidden"?[^>]*name="?([^" >]+)"?[^>]*value="([^"]*)"', page.text))
        form = {name: value.replace("&#34;", '"').replace("&amp;", "&") for name, value in form.items()}
        realm = re.search(r'<option[^>]*value="?(\d+)', page.text)
        assert realm, page.text
        form |= {"realmId": self.realm or realm[1], "action": action, **changes}
        answer = session.post(page.url.split("?")[0], data=form, allow_redirects=False, timeout=TIMEOUT)
        assert answer.status_code in (302, 303), answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture(scope="session")
def simulator() -> Simulator:
    if not os.environ.get("QBO_SIM_URL"):
        pytest.exit("QBO_SIM_URL must name a simulator; dev/fidelity starts one", returncode=2)
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    return Simulator(os.environ["QBO_SIM_URL"])


@pytest.fixture(scope="module")
def sandbox(simulator: Simulator) -> Simulator:
    """A fresh sandbox company for the tests of one file."""
    simulator.company(company="sandbox")
    return simulator


NUMBERS = itertools.count(1)


@pytest.fixture
def new() -> Any:
    """Makes names that nobody had."""
    return lambda word="New": f"{word} {next(NUMBERS)}"
