"""Faults with the texts that the service was recorded to give (``Fault`` body, code as a string)."""

import json
from pathlib import Path

from simulator.money import Json

TEXTS: dict[str, list[str]] = json.loads((Path(__file__).parent / "data" / "faults.json").read_text("utf-8"))
"""Code: message and detail; the details of recorded bodies are verbatim."""
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
        message, detail = TEXTS[code]
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
    fault = Fault("2020", names[0], element=names[0])
    for name in names[1:]:
        fault.errors += Fault("2020", name, element=name).errors
    return fault


def not_found(detail: str = INACTIVE) -> Fault:
    """Return the fault for an absent target or an inactive reference."""
    return Fault("610", detail, element="")


def business(text: str) -> Fault:
    """Return a business validation error with free text."""
    return Fault("6000", text, element="")


class GatewayFault(Exception):
    """A refusal by the gateway before the API: lower-case keys and epoch time, as recorded for 401, 403 and 429."""

    def __init__(self, status: int, code: str, name: str, detail: str, kind: str) -> None:
        super().__init__(code, detail)
        self.status = status
        error = {"message": f"message={name}; errorCode={code.zfill(6)}; statusCode={status}", "detail": detail,
                 "code": code, "element": None}
        self.fault = {"error": [error], "type": kind}

    def body(self, now: float) -> Json:
        """Return the whole body; *now* is in seconds since the epoch."""
        empty = dict.fromkeys(("warnings", "intuitObject", "report", "queryResponse", "syncErrorResponse", "requestId",
                               "status"))
        return {**empty, "fault": self.fault, "batchItemResponse": [], "attachableResponse": [], "cdcresponse": [],
                "time": int(now * 1000)}


def token_expired(token: str) -> GatewayFault:
    """Return the 401 for a dead or unknown access token."""
    return GatewayFault(401, "3200", "AuthenticationFailed", f"Token expired: {token[:12]}", "AUTHENTICATION")


def wrong_realm() -> GatewayFault:
    """Return the 403 for a company that the token was not issued for."""
    return GatewayFault(403, "3100", "ApplicationAuthorizationFailed", "Application Authorization Failed", "SERVICE")


def throttled() -> GatewayFault:
    """Return the 429 of the throttle."""
    return GatewayFault(429, "3001", "ThrottleExceeded", "The request limit was reached.  Try again later", "SERVICE")
