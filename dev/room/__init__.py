"""The machine room: what the scripts in ``dev/`` share.

Only the standard library is imported at module level, because ``dev/setup`` runs before the virtual environment exists.
Everything the scripts make lies outside the repository, in ``QBO_SYNC_HOME`` (see :mod:`room.places`).
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - the scripts start with whatever "python3" is
    sys.exit(
        "Python 3.10 to 3.13 is needed; this is Python {}.{}.\n"
        "Install one, or name it: make setup PYTHON=/path/to/python3.12".format(*sys.version_info[:2])
    )
