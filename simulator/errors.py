"""Faults with the texts that the service was recorded to give (``Fault`` body, code as a string)."""

from simulator.money import Json

TEXTS: dict[str, tuple[str, str]] = {
    "500": ("Unsupported Operation", "Operation {0} is not supported."),
    "600": ("Duplicate request id", "Duplicate request id: {0}"),
    "610": ("Object Not Found", "Object Not Found : {0}"),
    "620": ("Transaction cannot be linked", "Transaction cannot be linked: {0}"),
    "1040": ("Batch size exceeded", "The batch request holds {0} items; the maximum is 30."),
    "2010": ("Request has invalid or unsupported property", "{0}"),
    "2020": ("Required param missing, need to supply the required value for the API",
             "Required parameter {0} is missing in the request"),
    "2030": ("Invalid ID", "Id should be a valid number. Supplied value:{0}"),
    "2040": ("Invalid Number", "Number is not valid. Supplied value:{0}"),
    "2050": ("String length is either shorter or longer than supported by specification",
             "Min:0 Max:{1} Supplied length is {2} for {0}"),
    "2060": ("Invalid Date", "Date is invalid. Supplied value:{0}"),
    "2110": ("Amount is not valid", "Amount is not valid. Supplied value:{0}"),
    "2130": ("Invalid request id", "The request id is not valid: {0}"),
    "2140": ("Email Address is not valid", "Email Address does not conform to the email format. Supplied value:{0}"),
    "2170": ("Invalid Enumeration", "Invalid Enumeration : {0}"),
    "2240": ("Negative amount", "Amount of a payment line must not be negative. Supplied value:{0}"),
    "2300": ("Debits and credits do not balance", "Business Validation Error: Please balance debits and credits."),
    "2500": ("Invalid Reference Id", "Invalid Reference Id : {0} element id {1} not found"),
    "4000": ("Error parsing query", "QueryParserError: {0}"),
    "4001": ("Invalid query", "QueryValidationError: {0}"),
    "5010": ("Stale Object Error", "Stale Object Error : You and {0} were working on this at the same time. {0} "
             "finished before you did, so your work was not saved."),
    "6000": ("A business validation error has occurred while processing your request",
             "Business Validation Error: {0}"),
    "6070": ("Amount calculation incorrect in the request",
             "Amount is not equal to UnitPrice * Qty. Supplied value:{0}"),
    "6080": ("Name must be specified", "At least one of Title, GivenName, MiddleName, FamilyName, Suffix or DisplayName "
             "must be specified."),
    "6090": ("Discount information is invalid", "The discount line is invalid: {0}"),
    "6100": ("Invalid Tax Code", "Tax code of a line must be TAX or NON. Supplied value:{0}"),
    "6140": ("Duplicate Document Number Error",
             "Duplicate Document Number Error : You must specify a different number. This number has already been "
             "used. DocNumber={0} is assigned to TxnType={1} with TxnId={2}"),
    "6180": ("Too many levels", "A record may have at most 5 levels of sub-records."),
    "6190": ("Invalid Company Status", "Subscription period has ended or been canceled, or there was a billing problem "
             ": You can't add data to QuickBooks Online Plus because your trial or subscription period ended, you "
             "canceled your subscription, or there was a billing problem."),
    "6210": ("Account Period Closed, Cannot Update Through Services API",
             "The account period has closed and the account books cannot be updated through the QBO Services API. "
             "Please use the QBO website to make these changes."),
    "6220": ("Delete List Has Balance Error", "Delete List Has Balance Error : This {0} cannot be deleted because it has "
             "a non-zero balance."),
    "6240": ("Duplicate Name Exists Error", "The name supplied already exists. : {0}"),
    "6420": ("Email address missing", "Bill Email address is required when EmailStatus is NeedToSend."),
    "6430": ("Invalid account type", "Invalid account type: {0}"),
    "6540": ("Deposited Transaction cannot be changed",
             "This transaction has been deposited. If you want to change or delete it, you must first edit the deposit "
             "it appears on and remove it."),
    "10000": ("An application error has occurred while processing your request", "System Failure Error: {0}"),
}

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
        self.error = {"message": f"message={name}; errorCode={code.zfill(6)}; statusCode={status}", "detail": detail,
                      "code": code, "element": None}
        self.kind = kind

    def body(self, now: float) -> Json:
        """Return the whole body; *now* is in seconds since the epoch."""
        return {"warnings": None, "intuitObject": None, "fault": {"error": [self.error], "type": self.kind},
                "report": None, "queryResponse": None, "batchItemResponse": [], "attachableResponse": [],
                "syncErrorResponse": None, "requestId": None, "time": int(now * 1000), "status": None,
                "cdcresponse": []}


def token_expired(token: str) -> GatewayFault:
    """Return the 401 for a dead or unknown access token."""
    return GatewayFault(401, "3200", "AuthenticationFailed", f"Token expired: {token[:12]}", "AUTHENTICATION")


def wrong_realm() -> GatewayFault:
    """Return the 403 for a company that the token was not issued for."""
    return GatewayFault(403, "3100", "ApplicationAuthorizationFailed", "Application Authorization Failed", "SERVICE")


def throttled() -> GatewayFault:
    """Return the 429 of the throttle."""
    return GatewayFault(429, "3001", "ThrottleExceeded", "The request limit was reached.  Try again later", "SERVICE")
