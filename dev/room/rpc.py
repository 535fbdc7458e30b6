"""Odoo's external API, as any outside script uses it: JSON-RPC."""

import itertools
import json
import urllib.request
from typing import Any

from .say import Missing

TIMEOUT = 900  # seconds; a first sync works in slices below a minute, a module's update takes longer


class OdooError(Missing):
    """Odoo refused a call; the problem is what it would show a person, the remedy where in the program it came from."""


class Odoo:
    """A user of one database."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.url = url
        self.database = database
        self.login = login
        self.password = password
        self.numbers = itertools.count(1)
        self.uid = self._rpc("common", "login", database, login, password)
        if not self.uid:
            raise OdooError(f"{login} cannot log in to {database}.")

    def _rpc(self, service: str, method: str, *arguments: Any) -> Any:
        parameters = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "params": parameters, "id": next(self.numbers)}
        request = urllib.request.Request(
            f"{self.url}/jsonrpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            answer = json.load(response)
        if error := answer.get("error"):
            data = error.get("data", {})
            trace = "\n".join(f"| {line}" for line in (data.get("debug") or "").splitlines()[-12:])
            raise OdooError(f"{data.get('name', '')}: {data.get('message') or error['message']}", trace)
        return answer.get("result")

    def call(self, model: str, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a public method. Raises :class:`OdooError` with Odoo's message."""
        return self._rpc(
            "object", "execute_kw", self.database, self.uid, self.password, model, method, arguments, options)

    def search_read(self, model: str, domain: list, fields: list[str], **options: Any) -> list[dict[str, Any]]:
        return self.call(model, "search_read", domain, fields=fields, **options)

    def count(self, model: str, domain: list) -> int:
        return self.call(model, "search_count", domain)
