"""What one can ask of a QuickBooks company: query, read, changes, create, update, delete, void, batch, reports.

Objects are plain dicts as QuickBooks writes them, money as Decimal or int; python-quickbooks' payload classes send
empty strings for everything that is not set. Source: Intuit, "REST API features" and "Query operations and syntax".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from . import wire
from .errors import MalformedAnswer, QboError, UnknownOutcome, error_from_item
from .throttle import BATCH, CORE, METERED
from .transport import Transport

PAGE_MAX = 1000
BATCH_MAX = 30
BID_MAX = 10
CDC_MAX = 1000
_IDS_IN_ONE_QUERY = 200

# Lists whose queries hide inactive rows unless asked for them.
NAME_LISTS = frozenset(
    {
        "Account", "Class", "CompanyCurrency", "Customer", "CustomerType", "Department", "Employee", "Item",
        "PaymentMethod", "TaxAgency", "TaxCode", "TaxRate", "Term", "Vendor",
    }
)  # fmt: skip
# These are voided by an update with a flag; an invoice has an operation of its own, other types cannot be voided.
_VOID_BY_UPDATE = frozenset({"Payment", "SalesReceipt", "BillPayment"})


@dataclass(frozen=True)
class CdcResult:
    """Changes since a moment: whole objects and ids of deleted ones by entity.

    ``full`` says that the answer was cut at 1,000 objects and the window must be narrowed. ``time`` is the server's
    clock (aware, UTC), the next cursor.
    """

    changed: dict[str, list[dict[str, Any]]]
    deleted: dict[str, list[str]]
    full: bool
    time: datetime


@dataclass(frozen=True)
class BatchItem:
    """One operation of a batch: create, update, delete, void, or a query (``operation`` "query", ``query`` filled).

    ``bid`` has at most 10 characters and is unique within the batch; ``options`` becomes ``optionsData``.
    """

    bid: str
    operation: str
    entity: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    options: str = ""


def quote(value: str) -> str:
    r"""Return ``value`` as a literal of the query language: in single quotes, with ``\'`` for a quote inside.

    A doubled quote is not accepted by QuickBooks. Line breaks and tabs become blanks: the parser refuses them.
    """
    clean = "".join(" " if ord(letter) < 32 or ord(letter) == 127 else letter for letter in value)
    return "'" + clean.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Client:
    """The operations of one company over its `Transport`. Every method raises QboError."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    # ------------------------------------------------------------------ reading

    def query(
        self,
        entity: str,
        where: str = "",
        order_by: str = "Id",
        page: int = PAGE_MAX,
        include_inactive: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Yield all objects of ``entity`` that fulfil ``where``, page by page, each Id once.

        Ends with a page shorter than asked for. A page that fails raises, so a partial list never looks complete.
        ``include_inactive`` adds ``Active IN (true, false)`` for name lists.
        """
        if not 1 <= page <= PAGE_MAX:
            raise ValueError(f"A page has 1 to {PAGE_MAX} rows")
        statement = _select("*", entity, where, include_inactive) + (f" ORDERBY {order_by}" if order_by else "")
        seen: set[str] = set()
        position = 1
        while True:
            rows = self._rows(f"{statement} STARTPOSITION {position} MAXRESULTS {page}", entity)
            # Pages are no snapshot: a row that moved between two requests comes twice.
            fresh = [row for row in rows if str(row.get("Id", "")) not in seen]
            seen.update(str(row["Id"]) for row in fresh if row.get("Id"))
            yield from fresh
            if len(rows) < page:
                return
            if not fresh:
                raise MalformedAnswer("The same page came twice")
            position += page

    def page(self, entity: str, where: str, start: int, size: int = PAGE_MAX) -> list[dict[str, Any]]:
        """Return one page of `query` (``start`` counts from 1), for readers who store their position meanwhile."""
        statement = _select("*", entity, where, False)
        return self._rows(f"{statement} ORDERBY Id STARTPOSITION {start} MAXRESULTS {size}", entity)

    def server_time(self) -> datetime:
        """Return the clock of the service (aware, UTC): where following the changes may begin."""
        return self.cdc(["Customer"], datetime.now(timezone.utc)).time

    def query_ids(self, entity: str, ids: Sequence[str], include_inactive: bool = True) -> list[dict[str, Any]]:
        """Return the objects with these ids, inactive ones included; ids that do not exist are left out."""
        found: list[dict[str, Any]] = []
        unique = list(dict.fromkeys(str(value) for value in ids))
        for start in range(0, len(unique), _IDS_IN_ONE_QUERY):
            chunk = unique[start : start + _IDS_IN_ONE_QUERY]
            where = f"Id IN ({', '.join(quote(value) for value in chunk)})"
            found += self.query(entity, where, include_inactive=include_inactive)
        return found

    def count(self, entity: str, where: str = "", include_inactive: bool = False) -> int:
        """Return how many objects of ``entity`` fulfil ``where``."""
        total = self._ask(_select("COUNT(*)", entity, where, include_inactive)).get("totalCount")
        if not isinstance(total, int):
            raise MalformedAnswer("The count is missing")
        return total

    def read(self, entity: str, qbo_id: str) -> dict[str, Any]:
        """Return one object, active or not; raises ObjectNotFound when it was deleted."""
        answer = self.transport.request("GET", f"{_segment(entity)}/{_id(qbo_id)}", kind=METERED)
        return _unwrap(answer, entity)

    def company_info(self) -> dict[str, Any]:
        """Return CompanyInfo of the connected company."""
        path = f"companyinfo/{self.transport.company_id}"
        return _unwrap(self.transport.request("GET", path, kind=METERED), "CompanyInfo")

    def preferences(self) -> dict[str, Any]:
        """Return Preferences of the connected company."""
        return _unwrap(self.transport.request("GET", "preferences", kind=METERED), "Preferences")

    def report(self, name: str, **params: Any) -> dict[str, Any]:
        """Return a report as QuickBooks writes it; see `report` for reading its numbers. Dates go as YYYY-MM-DD."""
        values = {key: value for key, value in params.items() if value not in (None, "")}
        return self.transport.request("GET", f"reports/{_segment(name, fold=False)}", params=values, kind=METERED)

    def exchange_rates(self, codes: Sequence[str], day: str) -> list[dict[str, Any]]:
        """Return the rates of foreign currencies on a day (YYYY-MM-DD): home units for one unit of the currency.

        Rates have no id; QuickBooks knows one for each currency that the company uses. Source: Intuit, Accounting API
        reference, ExchangeRate.
        """
        wanted = ", ".join(quote(code) for code in codes)
        where = f"SourceCurrencyCode IN ({wanted}) AND AsOfDate = {quote(day)}"
        return self._rows(_select("*", "ExchangeRate", where, False), "ExchangeRate") if codes else []

    def cdc(self, entities: Sequence[str], since: datetime) -> CdcResult:
        """Return what changed in ``entities`` since ``since`` (aware; at most 30 days ago) in one request.

        Raises ValueError for a time without zone. Own writes are among the changes.
        """
        if not entities:
            raise ValueError("No entity to ask for")
        params = {"entities": ",".join(entities), "changedSince": wire.format_time(since)}
        return _cdc_result(self.transport.request("GET", "cdc", params=params, kind=METERED))

    # ------------------------------------------------------------------ writing

    def create(self, entity: str, payload: Mapping[str, Any], request_id: str) -> dict[str, Any]:
        """Create an object and return it as QuickBooks stored it."""
        return self._write(entity, payload, request_id)

    def create_tax_code(self, payload: Mapping[str, Any], request_id: str) -> str:
        """Create a tax code with its rates and return its id.

        Codes and rates are made by a service with a shape of its own (Intuit: Accounting API reference, TaxService);
        its answer has no envelope. Raises MalformedAnswer when it names no code.
        """
        answer = self.transport.request(
            "POST", "taxservice/taxcode", json=dict(payload), request_id=request_id, kind=CORE)
        if not answer.get("TaxCodeId"):
            raise MalformedAnswer("The answer holds no TaxCodeId")
        return str(answer["TaxCodeId"])

    def update(self, entity: str, payload: Mapping[str, Any], request_id: str) -> dict[str, Any]:
        """Update an object (``Id`` and ``SyncToken`` in ``payload``, ``sparse`` for changed fields only).

        Returns it as QuickBooks stored it; raises StaleObject when the token is old.
        """
        return self._write(entity, payload, request_id)

    def delete(self, entity: str, qbo_id: str, sync_token: str, request_id: str) -> dict[str, Any]:
        """Delete a transaction and return the stub ``{"Id", "status": "Deleted"}``. Name lists cannot be deleted."""
        payload = {"Id": _id(qbo_id), "SyncToken": sync_token}
        return self._write(entity, payload, request_id, {"operation": "delete"})

    def void(self, entity: str, qbo_id: str, sync_token: str, request_id: str) -> dict[str, Any]:
        """Void an Invoice, Payment, SalesReceipt or BillPayment and return it.

        Raises ValueError for other types: QuickBooks has no way to void them through the API.
        """
        payload: dict[str, Any] = {"Id": _id(qbo_id), "SyncToken": sync_token}
        if entity in _VOID_BY_UPDATE:
            params = {"operation": "update", "include": "void"}
            return self._write(entity, {**payload, "sparse": True}, request_id, params)
        _checked_void(entity)
        return self._write(entity, payload, request_id, {"operation": "void"})

    def batch(self, items: Sequence[BatchItem], request_id: str) -> dict[str, dict[str, Any] | QboError]:
        """Send up to 30 operations in one request and return for each ``bid`` its object or its error.

        A query's answer is its QueryResponse. An item that the answer does not mention is an UnknownOutcome: sending
        the same batch with the same request id tells. Raises QboError when the batch as a whole failed, ValueError
        for a batch that breaks the limits.
        """
        _check_batch(items)
        body = {"BatchItemRequest": [_batch_request(item) for item in items]}
        answer = self.transport.request("POST", "batch", json=body, request_id=request_id, kind=BATCH)
        parts = answer.get("BatchItemResponse")
        if not isinstance(parts, list):
            raise MalformedAnswer("The answer of the batch has no items")
        # Matched by bId: QuickBooks promises no order.
        by_bid = {str(part.get("bId", "")): part for part in parts if isinstance(part, dict)}
        return {item.bid: _batch_answer(item, by_bid.get(item.bid)) for item in items}

    # ------------------------------------------------------------------ parts

    def _write(
        self, entity: str, payload: Mapping[str, Any], request_id: str, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        answer = self.transport.request(
            "POST", _segment(entity), params=params, json=dict(payload), request_id=request_id, kind=CORE
        )
        return _unwrap(answer, entity)

    def _ask(self, statement: str) -> dict[str, Any]:
        # POST, because a list of ids outgrows a URL and names of customers do not belong into access logs.
        answer = self.transport.request("POST", "query", data=statement, content_type="application/text", kind=METERED)
        rows = answer.get("QueryResponse")
        if not isinstance(rows, dict):
            raise MalformedAnswer("The answer of the query has no QueryResponse")
        return rows

    def _rows(self, statement: str, entity: str) -> list[dict[str, Any]]:
        answer = self._ask(statement)
        rows = answer.get(entity)
        if rows is None:
            # An empty page is an empty object; the case of the key follows the service, not the question.
            lists = [value for key, value in answer.items() if key.lower() == entity.lower()]
            rows = lists[0] if lists else []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise MalformedAnswer(f"The list of {entity} is not a list of objects")
        return rows


def _select(what: str, entity: str, where: str, include_inactive: bool) -> str:
    conditions = [where] if where else []
    if include_inactive and entity in NAME_LISTS:
        conditions.append("Active IN (true, false)")
    tail = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {what} FROM {_segment(entity, fold=False)}{tail}"


def _segment(entity: str, fold: bool = True) -> str:
    if not entity.isascii() or not entity.replace("/", "").isalnum():
        raise ValueError(f"Not an entity: {entity!r}")
    return entity.lower() if fold else entity


def _id(qbo_id: str) -> str:
    if not qbo_id.isascii() or not qbo_id.isalnum():
        raise ValueError("Not an id of QuickBooks")
    return qbo_id


def _unwrap(answer: Mapping[str, Any], entity: str) -> dict[str, Any]:
    for key, value in answer.items():
        if key.lower() == entity.lower() and isinstance(value, dict):
            return value
    raise MalformedAnswer(f"The answer holds no {entity}")


def _cdc_result(answer: Mapping[str, Any]) -> CdcResult:
    changed: dict[str, list[dict[str, Any]]] = {}
    deleted: dict[str, list[str]] = {}
    total = 0
    for entity, rows in _cdc_groups(answer):
        total += len(rows)
        for row in rows:
            if row.get("status") == "Deleted":
                deleted.setdefault(entity, []).append(str(row.get("Id", "")))
            else:
                changed.setdefault(entity, []).append(row)
    return CdcResult(changed, deleted, total >= CDC_MAX, _server_time(answer))


def _cdc_groups(answer: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    responses = answer.get("CDCResponse")
    if not isinstance(responses, list):
        raise MalformedAnswer("The answer has no CDCResponse")
    for response in responses:
        groups = response.get("QueryResponse", []) if isinstance(response, dict) else None
        if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
            raise MalformedAnswer("The changes have no QueryResponse")
        for part in (response, *groups):
            # An entity without changes is an empty object; one that failed must not look like that.
            fault = error_from_item(part)
            if fault is not None:
                raise fault
        for group in groups:
            for key, rows in group.items():
                if isinstance(rows, list):
                    yield key, [row for row in rows if isinstance(row, dict)]


def _server_time(answer: Mapping[str, Any]) -> datetime:
    try:
        return wire.parse_time(str(answer.get("time", "")))
    except ValueError:
        raise MalformedAnswer("The answer has no time, so there is no next cursor") from None


def _check_batch(items: Sequence[BatchItem]) -> None:
    if not 1 <= len(items) <= BATCH_MAX:
        raise ValueError(f"A batch has 1 to {BATCH_MAX} items")
    bids = [item.bid for item in items]
    if len(set(bids)) != len(bids) or not all(1 <= len(bid) <= BID_MAX for bid in bids):
        raise ValueError(f"Batch ids are unique and have 1 to {BID_MAX} characters")


def _batch_request(item: BatchItem) -> dict[str, Any]:
    if item.operation == "query":
        return {"bId": item.bid, "Query": item.query}
    operation, options, payload = item.operation, item.options, dict(item.payload)
    if operation == "void" and item.entity in _VOID_BY_UPDATE:
        operation, options, payload = "update", "void", {**payload, "sparse": True}
    elif operation == "void":
        _checked_void(item.entity)
    request: dict[str, Any] = {"bId": item.bid, "operation": operation}
    if options:
        request["optionsData"] = options
    request[item.entity] = payload
    return request


def _batch_answer(item: BatchItem, part: Mapping[str, Any] | None) -> dict[str, Any] | QboError:
    if part is None:
        return UnknownOutcome("QuickBooks did not answer this item of the batch")
    error = error_from_item(part)
    if error is not None:
        return error
    try:
        return _unwrap(part, "QueryResponse" if item.operation == "query" else item.entity)
    except MalformedAnswer as missing:
        return missing


def _checked_void(entity: str) -> None:
    if entity != "Invoice":
        raise ValueError(f"QuickBooks cannot void a {entity} through its API")
