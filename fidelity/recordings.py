"""Recorded requests of the real service, sent to the simulator; the answers are compared with the recorded ones.

``python recordings.py FOLDER`` with QBO_SIM_URL in the environment (a simulator with one company). Prints what differs,
then ``N passed, M failed (K differences explained)``; everything goes to the file QBO_FIDELITY_REPORT.

The recorded company is not ours. An object that a recording reads or changes gets a twin: ours with the same name,
else a new one made from the recorded object. Then the request is sent as it was, with ids and tokens of the twin.
"""

import copy
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import requests
from answers import Comparison, Number, parse
from explained import Explained

Json = dict[str, Any]
READ_ONLY = {
    "Id",
    "SyncToken",
    "MetaData",
    "domain",
    "sparse",
    "Balance",
    "BalanceWithJobs",
    "TotalAmt",
    "FullyQualifiedName",
    "LinkedTxn",
    "Active",
    "status",
    "DocNumber",
    "Level",
    "FileAccessUri",
    "TempDownloadUri",
    "Size",
    "CurrentBalance",
    "CurrentBalanceWithSubAccounts",
    "TxnTaxDetail",
    "PrintOnCheckName",
    "Classification",
    "DefaultTaxCodeRef",
}
KINDS = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "ItemRef": "Item",
    "PaymentMethodRef": "PaymentMethod",
    "DepositToAccountRef": "Account",
}
# The first three are compared, the others have to be there or not.
HEADERS = (
    "content-type",
    "cache-control",
    "expires",
    "www-authenticate",
    "qbo-version",
    "service-time",
    "intuit-tid",
)
NAMED = {
    "customer": "Customer",
    "vendor": "Vendor",
    "employee": "Employee",
    "account": "Account",
    "invoice": "Invoice",
    "salesreceipt": "SalesReceipt",
    "attachable": "Attachable",
    "estimate": "Estimate",
}


class Company:
    """Our company, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        grant = requests.post(f"{url}/_control/oauth", json={"grant": True}, timeout=30).json()
        self.realm, self.token = grant["realmId"], grant["access_token"]

    def call(self, method: str, path: str, query: Any = (), body: Any = None, **headers: str) -> requests.Response:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            **headers,
        }
        return requests.request(
            method, f"{self.url}/v3/company/{self.realm}{path}", params=query, data=data, headers=sent, timeout=60
        )

    def read(self, entity: str, key: str) -> Json | None:
        answer = self.call("GET", f"/{entity.lower()}/{key}")
        return answer.json()[entity] if answer.ok else None

    def rows(self, statement: str) -> list[Json]:
        answer = self.call("GET", "/query", [("query", statement)]).json().get("QueryResponse", {})
        return next((value for value in answer.values() if isinstance(value, list)), [])

    def send(self, entity: str, body: Json, **query: str) -> Json:
        answer = self.call("POST", f"/{entity.lower()}", query, body)
        if not answer.ok:
            raise LookupError(f"no twin: {answer.text[:300]}")
        return answer.json()[entity]


class Replay:
    """Sends the recordings of one folder, in their order."""

    def __init__(self, company: Company, pairs: list[Json], bodies: dict[str, str]) -> None:
        self.company, self.pairs, self.bodies = company, pairs, bodies
        self.twins: dict[tuple[str, str, str], str] = {}
        self.pool: dict[str, list[Any]] = {}
        for text in bodies.values():
            gather(parse(text) if text.startswith("{") else {}, self.pool)

    # twins

    def twin(self, file: str, entity: str, recorded: Json) -> Json:
        """Our object for a recorded one, the same throughout a file. Raises LookupError."""
        known = self.twins.get((file, entity, recorded["Id"]))
        found = (
            self.company.read(entity, known) if known else self.find(entity, recorded) or self.make(entity, recorded)
        )
        if found is None:
            raise LookupError(f"the twin of {entity} {recorded['Id']} is gone")
        self.twins[file, entity, recorded["Id"]] = found["Id"]
        return found

    def find(self, entity: str, recorded: Json) -> Json | None:
        """Ours with the same name; documents are always made anew."""
        key = "DisplayName" if "DisplayName" in recorded else "Name"
        if key not in recorded:
            return None
        for name in (recorded[key], recorded[key].removesuffix(" (deleted)")):
            quoted = name.replace("'", "\\'")
            if rows := self.company.rows(
                f"select * from {entity} where {key} = '{quoted}' and Active in (true, false)"
            ):
                return (
                    rows[0]
                    if recorded.get("Active", True) or not rows[0]["Active"]
                    else self.deactivate(entity, rows[0])
                )
        return None

    def deactivate(self, entity: str, mine: Json) -> Json:
        return self.company.send(
            entity, {"Id": mine["Id"], "SyncToken": mine["SyncToken"], "sparse": True, "Active": False}
        )

    def make(self, entity: str, recorded: Json) -> Json:
        if entity == "Attachable":
            return self.upload()
        body = self.translate({key: value for key, value in native(recorded).items() if key not in READ_ONLY})
        for key in ("DisplayName", "Name"):
            if key in body:
                body[key] = body[key].removesuffix(" (deleted)")
        if "Line" in body:
            body["Line"] = [
                {key: value for key, value in line.items() if key not in ("Id", "LineNum")}
                for line in body["Line"]
                if line.get("DetailType") != "SubTotalLineDetail"
            ]
        made = self.company.send(entity, body)
        return self.deactivate(entity, made) if recorded.get("Active") is False else made

    def upload(self) -> Json:
        pair = next(pair for pair in self.pairs if pair["file"].startswith("attachment/create"))
        request = self.request(pair, parse(self.bodies[pair["id"]]))
        return self.company.call(**request).json()["AttachableResponse"][0]["Attachable"]

    def translate(self, value: Any, key: str = "") -> Any:
        """References by what they name, not by the recorded company's ids."""
        if isinstance(value, list):
            return [self.translate(one) for one in value]
        if not isinstance(value, dict):
            return value
        if key in KINDS and "value" in value:
            name_key = "DisplayName" if KINDS[key] in ("Customer", "Vendor") else "Name"
            named = str(value.get("name", "")).replace("'", "\\'")
            rows = (named and self.company.rows(f"select * from {KINDS[key]} where {name_key} = '{named}'")) or (
                [found]
                if (found := self.company.read(KINDS[key], value["value"]))
                else self.company.rows(f"select * from {KINDS[key]}")
            )
            return {"value": rows[0]["Id"]}
        drop = ("Id", "Lat", "Long") if key.endswith("Addr") else ()
        return {name: self.translate(one, name) for name, one in value.items() if name not in drop}

    # requests

    def request(self, pair: Json, recorded: Any) -> Json:
        """The recorded request in the terms of our company: arguments of ``Company.call``."""
        asked = pair["request"]
        path = asked["path"].replace("/v3/company/{realm}", "")
        body = copy.deepcopy(asked.get("body"))
        parts = path.strip("/").split("/")
        entity = NAMED.get(parts[0], "")
        headers = {"Content-Type": asked["content_type"]} if asked.get("content_type") else {}
        if entity and len(parts) > 1 and parts[1].isdigit() and pair["response"]["status"] == 200:
            base = recorded[entity] if isinstance(recorded, dict) else {"Id": parts[1]}
            parts[1] = self.twin(pair["file"], entity, self.complete(entity, base))["Id"]
            path = "/" + "/".join(parts)
        elif isinstance(body, str):
            body = self.multipart(pair, body)
        elif isinstance(body, dict) and "BatchItemRequest" in body:
            body["BatchItemRequest"] = [
                self.batch_item(pair, item, recorded["BatchItemResponse"][at])
                for at, item in enumerate(body["BatchItemRequest"])
            ]
        elif isinstance(body, dict) and entity:
            body = self.change(pair, entity, body, recorded)
        return {"method": asked["method"], "path": path, "query": asked["query"], "body": body, **headers}

    def complete(self, entity: str, base: Json) -> Json:
        """A recorded object without content (PDF, deleted) is taken from another recording."""
        if len(base) > 4:
            return base
        for pair in self.pairs:
            other = parse(self.bodies[pair["id"]]) if self.bodies[pair["id"]].startswith("{") else {}
            if len(other.get(entity, {})) > 4:
                return {**other[entity], "Id": base["Id"]}
        return base

    def change(self, pair: Json, entity: str, body: Json, recorded: Json) -> Json:
        if "Id" not in body:
            if "6240" in str(recorded):
                self.find(entity, body) or self.company.send(entity, body)
            return self.translate(body)
        mine = self.twin(pair["file"], entity, self.complete(entity, {**recorded.get(entity, {}), "Id": body["Id"]}))
        return {**self.translate(body), "Id": mine["Id"], "SyncToken": mine["SyncToken"]}

    def batch_item(self, pair: Json, item: Json, recorded: Json) -> Json:
        entity = next((name for name in NAMED.values() if name in item), "")
        body = item.get(entity, {})
        if "Id" in body and "5010" in str(recorded):
            mine = self.twin(pair["file"], entity, self.complete(entity, {"Id": body["Id"]}))
            self.company.send(
                entity, {"Id": mine["Id"], "SyncToken": mine["SyncToken"], "sparse": True, "PrivateNote": "newer"}
            )
            return {**item, entity: {**body, "Id": mine["Id"], "SyncToken": mine["SyncToken"]}}
        return {**item, entity: {**body, "Id": "99999999"}} if "610" in str(recorded) and "Id" in body else item

    def multipart(self, pair: Json, body: str) -> bytes:
        found = re.search(r'"type":"(\w+)","value":"(\d+)"', body)
        if found and found[1] == "Invoice":
            mine = self.twin(pair["file"], "Invoice", self.complete("Invoice", {"Id": found[2]}))
            body = body.replace(found[0], f'"type":"Invoice","value":"{mine["Id"]}"')
        return body.encode()

    # answers

    def play(self, pair: Json) -> list[str]:
        """Send one recorded request; how the answer differs."""
        text = self.bodies[pair["id"]]
        recorded = parse(text) if text.startswith("{") else text
        good = self.company.token
        try:
            request = self.request(pair, recorded)
            self.company.token = "expired" if pair["response"]["status"] == 401 else good
            answer = self.company.call(**request)
        except LookupError as error:
            return [f"twin $: {error}"]
        finally:
            self.company.token = good
        return head(pair["response"], answer) + self.body(pair, recorded, request, answer)

    def body(self, pair: Json, recorded: Any, request: Json, answer: requests.Response) -> list[str]:
        if isinstance(recorded, str):
            return (
                []
                if answer.content[:4].decode(errors="replace") == recorded[:4]
                else ["value $: not the recorded kind of content"]
            )
        try:
            ours = parse(answer.text)
        except ValueError:
            return [f"type $: object -> {answer.text[:80]!r}"]
        listing = any(key in recorded for key in ("QueryResponse", "CDCResponse", "Rows"))
        found = Comparison(listing, self.pool).run(recorded, ours).found
        return found + tokens(pair["request"].get("body"), recorded, request["body"], ours)


def gather(value: Any, pool: dict[str, list[Any]]) -> None:
    """Collect whole objects of a recorded answer by entity."""
    if isinstance(value, list):
        for one in value:
            gather(one, pool)
    elif isinstance(value, dict):
        for key, one in value.items():
            for row in one if isinstance(one, list) else [one]:
                if isinstance(row, dict) and "SyncToken" in row:
                    pool.setdefault(key, []).append(row)
            gather(one, pool)


def native(value: Any) -> Any:
    """Numbers as JSON numbers again."""
    if isinstance(value, Number):
        return float(value) if "." in value else int(value)
    if isinstance(value, dict):
        return {key: native(one) for key, one in value.items()}
    return [native(one) for one in value] if isinstance(value, list) else value


def head(recorded: Json, answer: requests.Response) -> list[str]:
    """Differences of status and of the headers that clients read."""
    found = []
    if recorded["status"] != answer.status_code:
        found.append(f"status $: {recorded['status']} -> {answer.status_code} {answer.text[:200]}")
    theirs = {key.lower(): value for key, value in recorded["headers"].items()}
    for name in HEADERS:
        mine = answer.headers.get(name) or answer.headers.get(name.replace("-", "_"))
        pair = [(value or "").replace(" ", "") for value in (theirs.get(name), mine)]
        if bool(pair[0]) != bool(pair[1]) or (pair[0] != pair[1] and name in HEADERS[:3]):
            found.append(f"header {name}: {theirs.get(name)} -> {mine}")
    return found


def tokens(asked: Any, recorded: Json, sent: Any, ours: Json) -> list[str]:
    """A change raises SyncToken by as much as the recorded one did."""
    if not (isinstance(asked, dict) and isinstance(sent, dict) and "SyncToken" in asked):
        return []
    after = [
        next((one.get("SyncToken") for one in body.values() if isinstance(one, dict)), None)
        for body in (recorded, ours)
    ]
    if None in after:
        return []
    theirs, mine = int(after[0]) - int(asked["SyncToken"]), int(after[1]) - int(sent["SyncToken"])
    return [] if theirs == mine else [f"token $.SyncToken: +{theirs} -> +{mine}"]


def main() -> int:
    folder = Path(sys.argv[1])
    pairs = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    bodies = {row["id"]: row["body"] for row in map(json.loads, (folder / "bodies.jsonl").read_text().splitlines())}
    replay, explained = Replay(Company(os.environ["QBO_SIM_URL"]), pairs, bodies), Explained("recordings")
    for pair in pairs:
        explained.add(f"{pair['file']}#{pair['n']}", replay.play(pair))
    return explained.close()


if __name__ == "__main__":
    sys.exit(main())
