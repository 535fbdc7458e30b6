"""The OAuth screens, gone through as a person would: log in to Odoo, open the consent page, press Connect."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from .say import Missing

if TYPE_CHECKING:
    import requests

TIMEOUT = 60


class ConsentForm(HTMLParser):
    """The form of the consent page: where it goes, its hidden fields, and the companies one may choose."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.values: dict[str, str] = {}
        self.companies: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("name"):
            self.values[given["name"]] = given.get("value", "")
        elif tag == "option":
            self.companies.append(given.get("value", ""))


def new_session() -> requests.Session:
    import requests  # not there before the environment is

    return requests.Session()


def connect(url: str, database: str, login: str, password: str, backend_id: int) -> None:
    """Connect a backend. Raises :class:`~room.say.Missing` when a screen says no."""
    session = new_session()
    web_call(session, f"{url}/web/session/authenticate", db=database, login=login, password=password)
    address = web_call(
        session, f"{url}/web/dataset/call_kw/qbo.backend/action_connect", model="qbo.backend", method="action_connect",
        args=[[backend_id]], kwargs={})
    landing = agree(session, address)
    if landing.status_code != 200:
        raise Missing(f"Odoo answered {landing.status_code} at the end of the consent.", text_of(landing.text)[:500])


def web_call(session: requests.Session, address: str, **parameters: Any) -> Any:
    body = {"jsonrpc": "2.0", "method": "call", "params": parameters}
    answer = session.post(address, json=body, timeout=TIMEOUT).json()
    if error := answer.get("error"):
        raise Missing("Odoo refused the connection.", error.get("data", {}).get("message") or error["message"])
    return answer.get("result")


def agree(session: requests.Session, address: str, follow: bool = True) -> requests.Response:
    """Open the consent page, choose the first company and press Connect; where that leads."""
    page = session.get(address, timeout=TIMEOUT)
    form = ConsentForm()
    form.feed(page.text)
    if not form.companies:
        raise Missing("The consent page of QuickBooks offers no company.", text_of(page.text)[:500])
    values = {**form.values, "realmId": form.companies[0], "action": "connect"}
    return session.post(urljoin(page.url, form.action), data=values, allow_redirects=follow, timeout=TIMEOUT)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).strip()


class Accountant:
    """Somebody who reads the books in QuickBooks without Odoo: an own consent and an own token."""

    CLIENT = ("simulator", "simulator-secret")
    REDIRECT = "http://127.0.0.1:1/accountant"

    def __init__(self, simulator: str) -> None:
        self.simulator = simulator
        self.session = new_session()
        endpoints = self.session.get(f"{simulator}/.well-known/openid_configuration", timeout=TIMEOUT).json()
        query = {
            "client_id": self.CLIENT[0], "redirect_uri": self.REDIRECT, "response_type": "code", "state": "accountant",
            "scope": "com.intuit.quickbooks.accounting",
        }
        address = f"{endpoints['authorization_endpoint']}?{urlencode(query)}"
        answer = agree(self.session, address, follow=False)
        given = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.realm = given["realmId"][0]
        grant = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": self.REDIRECT}
        token = self.session.post(endpoints["token_endpoint"], data=grant, auth=self.CLIENT, timeout=TIMEOUT).json()
        self.session.headers.update(Authorization=f"Bearer {token['access_token']}", Accept="application/json")

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        response = self.session.get(
            f"{self.simulator}/v3/company/{self.realm}/{path}", params=parameters, timeout=TIMEOUT)
        response.raise_for_status()
        return response.json()

    def query(self, entity: str, where: str = "") -> list[dict[str, Any]]:
        """All objects of an entity, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            text = f"select * from {entity}{where} startposition {len(found) + 1} maxresults 1000"
            page = self.get("query", query=text)["QueryResponse"].get(entity, [])
            found += page
            if len(page) < 1000:
                return found
