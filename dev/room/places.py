"""Where things are. Nothing here touches the disk."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
ADDON = "qbo_sync"
SERIES = (19, 0)
PYTHONS = ((3, 10), (3, 13))


def home() -> Path:
    """The folder for everything that is made or fetched: ``QBO_SYNC_HOME``, or a folder in the user's cache."""
    if given := os.environ.get("QBO_SYNC_HOME"):
        return Path(given).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser().absolute() / ADDON


def venv() -> Path:
    return home() / "venv"


def venv_python() -> Path:
    return venv() / "bin" / "python"


def checkout_key() -> str:
    """A short name for this checkout, so that two clones on one machine do not share databases or addons folders."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def addons() -> Path:
    """A private addons folder that holds one link, ``qbo_sync``, to this checkout (any clone name works)."""
    return home() / "addons" / checkout_key()


def data_dir() -> Path:
    """Odoo's file store and sessions."""
    return home() / "data"


def logs() -> Path:
    return home() / "logs"


def locks() -> Path:
    return home() / "locks"


def cluster() -> Path:
    """The private PostgreSQL cluster.

    The server refuses to run as root, and another user may not look into root's cache folder: for root the cluster
    lies under ``/var/lib``.
    """
    if os.geteuid() == 0:
        key = hashlib.sha256(str(home()).encode()).hexdigest()[:8]
        return Path("/var/lib") / ADDON / key
    return home() / "postgres"
