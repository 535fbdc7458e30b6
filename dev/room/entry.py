"""How a script of the machine room begins and ends."""

import signal
import sys
from collections.abc import Callable

from .say import Missing, complain


def run(main: Callable[[], int]) -> None:
    """Run ``main`` and leave with its exit code; say plainly what is missing; Ctrl-C is no error report."""
    # A kill is a Ctrl-C: the servers are stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except Missing as error:
        sys.exit(complain(error))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
