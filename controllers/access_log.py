"""Keeps codes and states out of the access log."""

import logging
import re

# The query of the callback, and the same address inside the query of the login page, where it is quoted.
_SECRETS = re.compile(r"((?:[?&]|%3F|%26)(?:code|state|realmId)(?:=|%3D))(?:(?!%26|%23)[^&\s\"#])+", re.IGNORECASE)


class CallbackFilter(logging.Filter):
    """Removes what Intuit puts into the address of the callback from the line that the web server logs."""

    def filter(self, record):
        """Always let ``record`` pass, with code, state and company id of a callback replaced by ``***``."""
        line = record.getMessage()
        if "qbo_sync" in line and _SECRETS.search(line):
            record.msg, record.args = _SECRETS.sub(r"\1***", line), ()
        return True


def install():
    """Put the filter on the logger of the web server (once a process)."""
    logger = logging.getLogger("werkzeug")
    if not any(isinstance(known, CallbackFilter) for known in logger.filters):
        logger.addFilter(CallbackFilter())
