"""Notifications of QuickBooks: is it Intuit who speaks, and what does it say changed.

Source: Intuit, "Webhooks", and "Upcoming change to webhooks payload structure" (12 November 2025). A notification
carries no data; it only says where to look. Two shapes are in use: an object with ``eventNotifications`` and a list
of CloudEvents. One body may speak of several companies, twice of the same change, and in any order.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import wire
from .errors import MalformedAnswer

_ENTITIES = {
    name.lower(): name
    for name in (
        "Account", "Bill", "BillPayment", "Budget", "ChangeOrder", "Class", "CompanyCurrency", "CreditMemo",
        "Currency", "Customer", "Department", "Deposit", "Employee", "Estimate", "Invoice", "Item", "JournalCode",
        "JournalEntry", "Payment", "PaymentMethod", "Preferences", "Purchase", "PurchaseOrder", "RefundReceipt",
        "SalesReceipt", "TaxAgency", "Term", "TimeActivity", "Transfer", "Vendor", "VendorCredit",
    )
}  # fmt: skip

_OPERATIONS = {
    "create": "Create",
    "created": "Create",
    "update": "Update",
    "updated": "Update",
    "delete": "Delete",
    "deleted": "Delete",
    "merge": "Merge",
    "merged": "Merge",
    "void": "Void",
    "voided": "Void",
    "emailed": "Emailed",
}


@dataclass(frozen=True)
class Event:
    """One change: ``entity`` and ``operation`` in the words of the API ("CreditMemo", "Update").

    ``at`` is aware (UTC) or None when the notification gives no readable time; ``deleted_id`` is the record that a
    merge did away with; ``event_id`` is the id of a CloudEvent, the same for a repeated delivery.
    """

    realm_id: str
    entity: str
    qbo_id: str
    operation: str
    at: datetime | None
    deleted_id: str = ""
    event_id: str = ""


def verify(raw: bytes, signature: str | None, verifier_token: str | None) -> bool:
    """Whether ``signature`` (header ``intuit-signature``) is Intuit's for exactly these bytes.

    The signature is the base64 of HMAC-SHA256 over the raw body with the app's verifier token. Without a token or a
    signature the answer is no.
    """
    if not verifier_token or not signature:
        return False
    digest = hmac.new(verifier_token.encode("utf-8"), raw, hashlib.sha256).digest()
    expected = base64.b64encode(digest)
    return hmac.compare_digest(expected, signature.strip().encode("utf-8", "replace"))


def parse(raw: bytes) -> list[Event]:
    """Return the events of a notification in either shape, in the order in which they stand.

    Entries without company, entity or id are left out: there is nothing to look for. Raises MalformedAnswer when the
    body is not JSON or has neither shape.
    """
    answer = wire.loads(raw)
    if isinstance(answer, list):
        found = _cloud_events(answer)
    elif isinstance(answer, dict) and isinstance(answer.get("eventNotifications"), list):
        found = _notifications(answer["eventNotifications"])
    elif isinstance(answer, dict) and "specversion" in answer:
        found = _cloud_events([answer])
    else:
        raise MalformedAnswer("Not a notification of QuickBooks")
    return [event for event in found if event.realm_id and event.entity and event.qbo_id]


def _notifications(parts: list[Any]) -> Iterator[Event]:
    for part in parts:
        change = part.get("dataChangeEvent") if isinstance(part, dict) else None
        entities = change.get("entities") if isinstance(change, dict) else None
        for entry in entities if isinstance(entities, list) else ():
            if isinstance(entry, dict):
                yield Event(
                    realm_id=_word(part, "realmId"),
                    entity=_entity(_word(entry, "name")),
                    qbo_id=_word(entry, "id"),
                    operation=_operation(_word(entry, "operation")),
                    at=_time(_word(entry, "lastUpdated")),
                    deleted_id=_word(entry, "deletedId"),
                )


def _cloud_events(entries: list[Any]) -> Iterator[Event]:
    for entry in entries:
        # "qbo.creditmemo.created.v1"
        words = _word(entry, "type").split(".") if isinstance(entry, dict) else []
        if len(words) < 3 or words[0] != "qbo":
            continue
        data = entry.get("data")
        yield Event(
            realm_id=_word(entry, "intuitaccountid"),
            entity=_entity(words[1]),
            qbo_id=_word(entry, "intuitentityid"),
            operation=_operation(words[2]),
            at=_time(_word(entry, "time")),
            deleted_id=_word(data, "deletedId") if isinstance(data, dict) else "",
            event_id=_word(entry, "id"),
        )


def _entity(name: str) -> str:
    return _ENTITIES.get(name.lower(), name)


def _operation(name: str) -> str:
    return _OPERATIONS.get(name.lower(), name)


def _word(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _time(text: str) -> datetime | None:
    try:
        return wire.parse_time(text)
    except ValueError:
        return None
