"""Attachments: files sent in a multipart upload, what they are linked to, and the short-lived addresses they are at."""

import binascii
import hashlib
import hmac
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from email.parser import HeaderParser
from urllib.parse import quote

from werkzeug.http import parse_options_header

from simulator.clock import UTC, Clock
from simulator.company import BEFORE_REMOVE, RULES, Company
from simulator.errors import Fault, business, missing
from simulator.money import Json
from simulator.schema import SCHEMA, Entity, entity_named
from simulator.store import Store

LARGEST = 100 * 1024 * 1024
FIRST_ID = 5_000_000_000_000_500_000
SECONDS = 900
STAMP = "%Y%m%dT%H%M%SZ"
ADDRESS = re.compile(r'(^|"(?:TempDownloadUri|InvoiceLink)":")(/(?:attachments|t)/\d+/\d+)')
Upload = tuple[bytes, str, str, bytes]
"""Metadata as sent, file name, content type, content."""


def uploads(content_type: str, body: bytes) -> list[Upload]:
    """Return the files of a multipart body, CRLF or bare LF, binary or base64; raises Fault 500, 2010 or 2020."""
    boundary = parse_options_header(content_type)[1].get("boundary")
    if not boundary:
        raise Fault("500", "Cannot consume content type")
    found: dict[str, tuple[Message, bytes]] = {}
    for text in re.split(rb"(?:^|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?=\r?\n|$)", body)[1:]:
        head, content = [*re.split(rb"\r?\n\r?\n", text, maxsplit=1), b""][:2]
        header = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip())
        if "base64" in header.get("Content-Transfer-Encoding", ""):
            try:
                content = b64decode(content)
            except binascii.Error:
                raise Fault("2010", "Property Name:file_content specified is unsupported or invalid") from None
        found[str(header.get_param("name", "", "Content-Disposition"))] = header, content
    marks = sorted({name.removeprefix("file_content_") for name in found if name.startswith("file_content_")})
    if not marks:
        raise missing("file_content_01")
    return [(found.get(f"file_metadata_{mark}", (header, b""))[1], header.get_filename() or f"file_{mark}",
             header.get_content_type(), content)
            for mark in marks for header, content in [found[f"file_content_{mark}"]]]


def attach(company: Company, metadata: Json, name: str, kind: str, content: bytes) -> Json:
    """Keep a file as a new Attachable, or as that of the metadata's Id; raises Fault 6030, 6000 or 6050."""
    if len(content) > LARGEST:
        raise Fault("6030", len(content))
    entity, sent = SCHEMA["Attachable"], {"FileName": name, "ContentType": kind, **metadata}
    with company.work():
        body = (company.update if sent.get("Id") else company.create)(entity, sent)
        body |= {"FileAccessUri": f"/v3/company/{company.realm}/download/{body['Id']}", "Size": len(content),
                 "TempDownloadUri": f"/attachments/{company.realm}/{body['Id']}"}
        company.put(entity, body, bump=False)
        company.run("insert or replace into file values(?, ?, ?)", int(body["Id"]), content)
    return body


def _check(company: Company, entity: Entity, body: Json, old: Json | None) -> None:
    """Give a new Attachable one of the long ids, and check what it is linked to."""
    if old is None and int(body["Id"]) < FIRST_ID:
        body["Id"] = str(FIRST_ID + int(body["Id"]))
    for link in body.get("AttachableRef", []):
        target, link["IncludeOnSend"] = link.get("EntityRef") or {}, link.get("IncludeOnSend", False)
        kind, key = target.get("type", ""), target.get("value", "")
        linked = entity_named(kind)
        if target and (linked is None or linked.kind == "single"):
            raise Fault("6050", kind)
        if linked and (not key.isdigit() or len(key) > 18 or company.get(linked.name, key) is None):
            raise business(f"The entity {kind} {key} that you are trying to link does not exist. {kind} {key}")


def _forget(company: Company, entity: Entity, body: Json) -> None:
    company.run("delete from file where realm = ? and id = ?", int(body["Id"]))


RULES["Attachable"] = _check
BEFORE_REMOVE["Attachable"] = _forget


class Files:
    """The place that files are fetched from, with signed addresses that are good for 15 minutes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def fill_in(self, base: str, text: str) -> str:
        """Return an answer with a signed address of now for each file and invoice link in it."""
        if not text.startswith("/") and '":"/' not in text:
            return text
        return ADDRESS.sub(lambda found: found[1] + self.address(base, found[2]), text)

    def address(self, base: str, path: str) -> str:
        """Return the signed address of a file."""
        moment = datetime.fromtimestamp(int(self.clock.now()), UTC).strftime(STAMP)
        return (f"{base}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={moment}&X-Amz-SignedHeaders=host&"
                f"X-Amz-Expires={SECONDS}&X-Amz-Signature={self._sign(path, moment)}")

    def _sign(self, path: str, moment: str) -> str:
        key = self.store.setting("file_key")
        if key is None:
            key = secrets.token_hex(32)
            self.store.set_setting("file_key", key)
        return hmac.new(key.encode(), f"{path} {moment}".encode(), hashlib.sha256).hexdigest()

    def fetch(self, path: str, args: Mapping[str, str]) -> tuple[bytes, dict[str, str]] | Json | None:
        """Return content and headers of the file at an address, or an invoice; None when forged, too old or gone."""
        moment = args.get("X-Amz-Date", "")
        if not hmac.compare_digest(self._sign(path, moment).encode(), args.get("X-Amz-Signature", "").encode()):
            return None
        _, kind, realm, key = path.split("/")
        if kind == "t":
            return self.store.read(realm, "Invoice", key)
        age = self.clock.now() - datetime.strptime(moment, STAMP).replace(tzinfo=UTC).timestamp()
        row = self.store.one("select data from file where realm = ? and id = ?", realm, int(key))
        body = self.store.read(realm, "Attachable", key)
        if row is None or body is None or age > SECONDS:
            return None
        kind = str(body.get("ContentType", ""))
        return row[0], {"Content-Type": kind if kind.isascii() and kind.isprintable() else "application/octet-stream",
                        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(body.get('FileName', ''))}"}
