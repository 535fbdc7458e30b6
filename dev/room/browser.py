"""Chromium, for tours and pictures."""

import shutil

from .machine import apt_install
from .say import step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure() -> None:
    """Have a browser. Raises :class:`~room.say.Missing` when there is none and it cannot be installed."""
    if not found():
        with step("Installing Chromium"):
            apt_install(["chromium"], "Chromium is needed for the browser tests and the pictures.")
