"""Reading the four dialects in which QuickBooks speaks of faults, without judging them.

``Fault`` (business errors, with HTTP 400 and sometimes 200), ``fault`` in lower case (the gateway: authentication and
throttling), XML although JSON was asked for (throttling), and HTML or nothing (an outage). Source: recorded answers.
"""

import email.utils
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

# Recorded faults in XML have some hundred characters.
_LONGEST_XML = 20_000


@dataclass(frozen=True)
class FaultItem:
    """One entry of ``Fault.Error``: QuickBooks lists several when several fields are wrong."""

    code: str = ""
    message: str = ""
    detail: str = ""
    element: str = ""


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Return the seconds that a ``Retry-After`` header asks for (number or HTTP date), 0.0 when there is none."""
    value = _header(headers, "Retry-After").strip()
    if not value:
        return 0.0
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - (now or datetime.now(timezone.utc))).total_seconds())


def may_hold_fault(body: bytes | str) -> bool:
    """Whether reading ``body`` for a fault is worth the time; a page of 1,000 rows is not parsed twice for nothing."""
    text = body.encode("utf-8", "replace") if isinstance(body, str) else body
    return b'"Fault"' in text or b'"fault"' in text or text.lstrip()[:1] == b"<"


def read_fault(body: bytes | str) -> tuple[str, tuple[FaultItem, ...]]:
    """Return type and entries of the fault in an answer, ("", ()) when it holds none."""
    text = _text(body)
    if text.lstrip()[:1] == "<":
        return _from_xml(text)
    answer = as_object(text)
    fault = fault_of(answer)
    if fault is None:
        attachments = answer.get("AttachableResponse")
        for part in attachments if isinstance(attachments, list) else ():
            fault = fault or (fault_of(part) if isinstance(part, dict) else None)
    return ("", ()) if fault is None else items_of(fault)


def fault_of(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the ``Fault`` object of an answer or of one part of it, in either case of letters."""
    for key in ("Fault", "fault"):
        if isinstance(answer.get(key), dict):
            found: Mapping[str, Any] = answer[key]
            return found
    return None


def items_of(fault: Mapping[str, Any]) -> tuple[str, tuple[FaultItem, ...]]:
    """Return type and entries of a ``Fault`` object; the type is never empty."""
    entries = fault.get("Error") or fault.get("error") or []
    if isinstance(entries, dict):
        entries = [entries]
    items = tuple(_item_of(entry) for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()
    # A fault without any entry is still a fault.
    return _word(fault.get("type")) or "unknown", items


def _item_of(entry: Mapping[str, Any]) -> FaultItem:
    folded = {key.lower(): value for key, value in entry.items()}
    return FaultItem(
        code=_word(folded.get("code")).lstrip("0"),
        message=_word(folded.get("message")),
        detail=_word(folded.get("detail")),
        element=_word(folded.get("element")),
    )


def _from_xml(text: str) -> tuple[str, tuple[FaultItem, ...]]:
    # Expressions instead of a parser: an XML parser would expand entities of an answer nobody asked for.
    text = text[:_LONGEST_XML]
    fault = re.search(r"<(?:\w+:)?Fault\b([^>]{0,500})>", text)
    if not fault:
        return "", ()
    kind = re.search(r'type="([^"]{0,100})"', fault.group(1))
    items = []
    for head, inner in re.findall(r"<(?:\w+:)?Error\b([^>]{0,500})>(.*?)</(?:\w+:)?Error>", text, re.DOTALL):
        code = re.search(r'code="(\d{1,6})"', head)
        element = re.search(r'element="([^"]{0,200})"', head)
        items.append(
            FaultItem(
                code=code.group(1).lstrip("0") if code else "",
                message=_xml_text(inner, "Message"),
                detail=_xml_text(inner, "Detail"),
                element=element.group(1) if element else "",
            )
        )
    return kind.group(1) if kind else "unknown", tuple(items)


def _xml_text(inner: str, tag: str) -> str:
    found = re.search(rf"<(?:\w+:)?{tag}\b[^>]{{0,200}}>(.*?)</(?:\w+:)?{tag}>", inner, re.DOTALL)
    return html.unescape(found.group(1)).strip() if found else ""


def _text(body: bytes | str) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else body


def as_object(body: bytes | str) -> dict[str, Any]:
    """Return a body as a JSON object, {} for anything else."""
    try:
        answer = json.loads(_text(body))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _word(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _header(headers: Mapping[str, str], name: str) -> str:
    for key, value in headers.items():
        if key.lower() == name.lower():
            return value
    return ""


def intuit_tid(headers: Mapping[str, str]) -> str:
    """Return Intuit's transaction id, which its support asks for."""
    return _header(headers, "intuit_tid") or _header(headers, "Intuit-Tid")
