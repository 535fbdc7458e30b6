"""Where QuickBooks lives, and the rule that nothing is sent anywhere else.

Addresses: Intuit, "OAuth 2.0" and "REST API basics". Authorize, token and revoke hosts are the same for sandbox and
production; the API host differs.
"""

import re
from urllib.parse import urlsplit

from .errors import HostNotAllowed

PRODUCTION = "production"
SANDBOX = "sandbox"
SIMULATOR = "simulator"

_API = {
    PRODUCTION: "https://quickbooks.api.intuit.com",
    SANDBOX: "https://sandbox-quickbooks.api.intuit.com",
}
_OAUTH_HOSTS = frozenset(
    {
        "appcenter.intuit.com",
        "oauth.platform.intuit.com",
        "developer.api.intuit.com",
        "developer.intuit.com",
        "accounts.platform.intuit.com",
        "sandbox-accounts.platform.intuit.com",
    }
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def base_url(environment: str, simulator_url: str = "") -> str:
    """Return the root address of the API, without path, for ``production``, ``sandbox`` or ``simulator``.

    Raises HostNotAllowed for another environment or a simulator without an address.
    """
    if environment in _API:
        return _API[environment]
    if environment == SIMULATOR and simulator_url:
        parts = urlsplit(simulator_url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return f"{parts.scheme}://{parts.netloc}"
    raise HostNotAllowed(f"No address for the environment {environment!r}")


def allowed_hosts(environment: str, simulator_url: str = "") -> frozenset[str]:
    """Return the hosts that a backend of this environment may talk to, API and sign-in together.

    A simulator's backend reaches the simulator only, never Intuit, and the other way round.
    """
    address = base_url(environment, simulator_url)
    if environment == SIMULATOR:
        key = host_key(address)
        name, _colon, port = key.rpartition(":")
        # The simulator may call itself localhost where the setting says 127.0.0.1: one machine, one port.
        return frozenset({f"{same}:{port}" for same in _LOOPBACK} if name in _LOOPBACK else {key})
    return _OAUTH_HOSTS | {host_key(address)}


def host_key(url: str) -> str:
    """Return the host of ``url`` as the allow-list writes it: ``name`` for https on 443, else ``name:port``.

    Raises HostNotAllowed for addresses that two parsers could read differently.
    """
    if re.search(r"[\s\\\x00-\x20\x7f]", url) or "@" in url.split("?", 1)[0]:
        raise HostNotAllowed("An address with blanks, backslashes or a user name is not accepted")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise HostNotAllowed("The address cannot be read") from None
    if parts.scheme not in ("http", "https") or not host:
        raise HostNotAllowed("Only http and https addresses are accepted")
    if parts.scheme == "https" and port in (None, 443):
        return host
    return f"{host}:{port or (443 if parts.scheme == 'https' else 80)}"


def check(url: str, allowed: frozenset[str]) -> None:
    """Raise HostNotAllowed unless ``url`` goes to one of ``allowed``.

    Plain http needs its port in the list, so a host that is allowed by name is allowed with encryption only; loopback
    addresses may be listed by name alone.
    """
    key = host_key(url)
    if key in allowed:
        return
    name = key.rsplit(":", 1)[0]
    if name in _LOOPBACK and name in allowed:
        return
    raise HostNotAllowed(f"{key} is not an address of QuickBooks")
