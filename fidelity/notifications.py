"""Notifications in both wire forms, held against recorded ones.

``python notifications.py FOLDER`` with QBO_SIM_URL in the environment. First our check of a signature has to agree with
the recorded vectors; then a listener takes what is sent while objects are created, changed, voided, merged and deleted.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import requests
from answers import Comparison, parse
from explained import Explained
from recordings import Company

VERIFIER = "00faeec4-08d0-4996-bb37-698ae19f0149"


def signed(body: bytes, signature: str, token: str) -> bool:
    """Whether the signature is that of the raw body."""
    return hmac.compare_digest(base64.b64encode(hmac.digest(token.encode(), body, hashlib.sha256)).decode(), signature)


class Listener(http.server.ThreadingHTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(({key.lower(): value for key, value in self.headers.items()}, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


def act(company: Company) -> None:
    """Make one event of each operation."""
    first, second = (company.send("Customer", {"DisplayName": f"Notified {number}"}) for number in (1, 2))
    line = {"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    for operation in ("void", "delete"):
        made = company.send("Invoice", {"CustomerRef": {"value": first["Id"]}, "Line": [line]})
        company.call(
            "POST",
            f"/invoice/{made['Id']}/send",
            {"sendTo": "a@example.com"},
            **{"Content-Type": "application/octet-stream"},
        )
        made = company.read("Invoice", made["Id"]) or made
        company.send("Invoice", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, operation=operation)
    company.send("Customer", {"Id": second["Id"], "SyncToken": second["SyncToken"], "sparse": True, "Notes": "changed"})
    merge = {"action": "merge", "entity": "Customer", "id": second["Id"], "into": first["Id"]}
    requests.post(f"{company.url}/_control/ui", json=merge, timeout=30).raise_for_status()


def deliveries(company: Company, style: str) -> list[tuple[dict[str, str], bytes]]:
    """What a listener gets in one wire form."""
    listener = Listener()
    wish = {
        "url": f"http://127.0.0.1:{listener.server_port}/",
        "verifier_token": VERIFIER,
        "format": style,
        "enabled": True,
    }
    requests.post(f"{company.url}/_control/webhooks", json=wish, timeout=30).raise_for_status()
    requests.post(f"{company.url}/_control/reset", json={"company": "sandbox"}, timeout=120)
    requests.post(f"{company.url}/_control/webhooks", json=wish, timeout=30).raise_for_status()
    act(Company(company.url))
    requests.get(f"{company.url}/_control/webhooks", params={"wait": 8}, timeout=30)
    listener.shutdown()
    return listener.taken


def old(taken: list[tuple[dict[str, str], bytes]], sample: str) -> list[str]:
    """Differences of the old form: shape, operations, headers."""
    found: list[str] = []
    operations = set()
    for _, body in taken:
        found += Comparison(True).run(parse(sample), parse(body.decode())).found
        for group in json.loads(body)["eventNotifications"]:
            operations |= {one["operation"] for one in group["dataChangeEvent"]["entities"]}
    missing = {"Create", "Update", "Delete", "Merge", "Void", "Emailed"} - operations
    found = [line for line in found if "deletedId" not in line]
    return found + ([f"missing operations: {sorted(missing)}"] if missing else [])


def cloud(taken: list[tuple[dict[str, str], bytes]], sample: str, types: list[str]) -> list[str]:
    """Differences of the CloudEvents form."""
    found, seen = [], set()
    known = parse(sample)[0]
    for _, body in taken:
        for event in parse(body.decode()):
            seen.add(event["type"])
            found += [f"missing $[].{key}" for key in known.keys() - event.keys()]
            found += [f"extra $[].{key}" for key in event.keys() - known.keys() - {"datacontenttype"}]
            if len(event["time"].split(".")[-1]) != len(known["time"].split(".")[-1]):
                found.append(f"form $[].time: {known['time']} -> {event['time']}")
    wanted = {
        f"qbo.{what}.v1"
        for what in ("customer.created", "customer.merged", "invoice.void", "invoice.deleted", "invoice.emailed")
    }
    return (
        found
        + [f"unknown type {name}" for name in seen - set(types)]
        + [f"missing type {name}" for name in wanted - seen]
    )


def signatures(taken: list[tuple[dict[str, str], bytes]]) -> list[str]:
    wrong = [
        f"signature of {body[:60]!r}"
        for headers, body in taken
        if not signed(body, headers.get("intuit-signature", ""), VERIFIER)
    ]
    return wrong if taken else ["nothing was delivered"]


def main() -> int:
    folder, company, explained = Path(sys.argv[1]), Company(os.environ["QBO_SIM_URL"]), Explained("webhooks")
    vectors = json.loads((folder / "signature_vectors.json").read_text())
    cloudevents = json.loads((folder / "cloudevents.json").read_text())
    for number, row in enumerate(vectors):
        good = signed(row["body"].encode(), row["intuit_signature"], row["verifier_token"])
        explained.add(f"vector {number}", [] if good == row["valid"] else ["the check of signatures is wrong"])
    for style in ("old", "cloudevents"):
        taken = deliveries(company, style)
        explained.add(f"{style} signatures", signatures(taken))
        sample = vectors[0]["body"] if style == "old" else cloudevents["cloudevents_sample"]["body"]
        found = old(taken, sample) if style == "old" else cloud(taken, sample, cloudevents["event_types"]["types"])
        explained.add(f"{style} bodies", sorted(set(found)))
    return explained.close()


if __name__ == "__main__":
    sys.exit(main())
