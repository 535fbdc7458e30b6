"""Settings of the property-based tests: quick, and nothing is written below the repository."""

import os
from pathlib import Path

from hypothesis import configuration, settings

# The tables of characters that hypothesis makes once (a second of work) stay with the other caches.
_home = os.environ.get("QBO_SYNC_HOME") or Path.home() / ".cache" / "qbo_sync"
configuration.set_hypothesis_home_dir(Path(_home) / "hypothesis")
settings.register_profile("core", database=None, deadline=None)
settings.load_profile("core")
