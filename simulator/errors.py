"""Faults with the texts that the service was recorded to give (``Fault`` body, code as a string)."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from simulator.money import Json

TEXTS: dict[str, list[Any]] = json.loads((Path(__file__).parent / "data" / "faults.json").read_text("utf-8"))
"""Code: message and detail, of the gateway also status and type; the details of recorded bodies are verbatim."""
INACTIVE = ("Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, "
            "vendors or employees.")
OTHER_USER = "Someone Else"


class Fault(Exception):
    """An answer of the v3 API that refuses a request.

    Args:
        code: the service's error code.
        args: what fills the recorded text.
        element: the field named in the error, "" or None to leave the key out.
        status: HTTP status; nearly every refusal is 400.
    """

    def __init__(self, code: str, *args: object, element: str | None = None, status: int = 400,
                 timed: bool = True) -> None:
        message, detail, *_gateway = TEXTS[code]
        super().__init__(code, *args)
        self.code = code
        self.status = status
        self.timed = timed
        self.kind = "SystemFault" if code == "10000" else "ValidationFault"
        self.errors: list[Json] = [{"Message": message, "Detail": detail.format(*args), "code": code}]
        if element is not None:
            self.errors[0]["element"] = element

    def body(self) -> Json:
        """Return the ``Fault`` object, without the envelope."""
        return {"Error": self.errors, "type": self.kind}


def missing(*names: str) -> Fault:
    """Return the fault for required parameters; one error for each missing field."""
    faults = [Fault("2020", name, element=name) for name in names]
    faults[0].errors = [fault.errors[0] for fault in faults]
    return faults[0]


def not_found(detail: str = INACTIVE) -> Fault:
    """Return the fault for an absent target or an inactive reference."""
    return Fault("610", detail, element="")


def bad_id(text: str) -> Fault:
    """Return the fault for what is no id."""
    return Fault("2030", text, element="Id", timed=False)


def business(text: str) -> Fault:
    """Return a business validation error with free text."""
    return Fault("6000", text, element="")


def need(body: Json, *names: str) -> None:
    """Raise the fault for the required parameters that a body has not."""
    absent = [name for name in names if body.get(name) in (None, [], {})]
    if absent:
        raise missing(*absent)


class GatewayFault(Exception):
    """A refusal by the gateway before the API: lower-case keys and epoch time, as recorded for 401, 403 and 429."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code, *args)
        name, detail, self.status, kind = TEXTS[code]
        error = {"message": f"message={name}; errorCode={code.zfill(6)}; statusCode={self.status}",
                 "detail": detail.format(*args), "code": code, "element": None}
        self.fault = {"error": [error], "type": kind}

    def body(self, now: float) -> Json:
        """Return the whole body; *now* is in seconds since the epoch."""
        empty = dict.fromkeys(("warnings", "intuitObject", "report", "queryResponse", "syncErrorResponse", "requestId",
                               "status"))
        return {**empty, "fault": self.fault, "batchItemResponse": [], "attachableResponse": [], "cdcresponse": [],
                "time": int(now * 1000)}


def token_expired(token: str) -> GatewayFault:
    """Return the 401 for a dead or unknown access token."""
    return GatewayFault("3200", token[:12])


wrong_realm = partial(GatewayFault, "3100")
"""Returns the 403 for a company that the token was not issued for."""
throttled = partial(GatewayFault, "3001")
"""Returns the 429 of the throttle."""
