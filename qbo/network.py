"""What a failed exchange means: that nothing was sent, or that nobody knows."""

import requests
import urllib3

from .errors import HostNotAllowed, QboError, UnknownOutcome, Unreachable
from .redact import redact


def network_error(error: requests.exceptions.RequestException) -> QboError:
    """Return Unreachable when ``error`` means that nothing was sent, else UnknownOutcome.

    The text of the original is left out on purpose: it holds the address with its query.
    """
    words = _network_words(error)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable("No connection in time", detail=words)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return HostNotAllowed("The address cannot be used", detail=words)
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable("The proxy refused the connection", detail=words)
    if isinstance(error, requests.exceptions.Timeout):
        return UnknownOutcome("No answer in time", detail=words)
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Unreachable("The certificate was refused", code="certificate", detail=words)
    # NewConnectionError covers refused connections, unknown names and missing routes.
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)):
        return Unreachable("No connection", detail=words)
    return UnknownOutcome("The connection was cut", detail=words)


def _network_words(error: BaseException) -> str:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = type(reason).__name__ if isinstance(reason, BaseException) else ""
    return redact(" ".join(part for part in (type(error).__name__, cause) if part))
