"""The virtual environment."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import places
from .machine import apt_install, is_root, need_disk, run
from .say import Missing, step

REQUIREMENTS = (
    places.ROOT / "requirements.txt",
    places.DEV / "requirements-odoo.txt",
    places.DEV / "requirements-tools.txt",
)


def find_python() -> str:
    """A Python interpreter of a supported version: the running one, or one on the PATH."""
    low, high = places.PYTHONS
    if low <= sys.version_info[:2] <= high:
        return sys.executable
    for minor in range(high[1], low[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0:
            return found
    running = ".".join(map(str, sys.version_info[:2]))
    raise Missing(
        f"Python 3.{low[1]} to 3.{high[1]} is needed; this is Python {running}.",
        "Install one of them, or name it: make setup PYTHON=/path/to/python3.12",
    )


def fingerprint() -> str:
    """Changes when a requirements file does."""
    digest = hashlib.sha256()
    for path in REQUIREMENTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def ready() -> bool:
    stamp = places.venv() / "requirements.sha256"
    return stamp.exists() and stamp.read_text() == fingerprint() and places.venv_python().exists()


def ensure() -> None:
    """Make the environment, or bring it up to date with the requirements files."""
    if ready():
        return
    need_disk(1000, "the Python environment")
    if not places.venv_python().exists():
        with step("Making a Python environment"):
            create(find_python())
    with step("Installing the Python packages (about a minute the first time)"):
        install(*REQUIREMENTS)
    (places.venv() / "requirements.sha256").write_text(fingerprint())


def create(python: str) -> None:
    places.home().mkdir(parents=True, exist_ok=True)
    probe = subprocess.run([python, "-c", "import ensurepip, venv"], check=False, capture_output=True)
    if probe.returncode and is_root():
        # Debian splits these modules off the interpreter.
        apt_install(["python3-venv"], f"{python} cannot make virtual environments")
    run([python, "-m", "venv", "--clear", places.venv()], "venv",
        problem=f"{python} cannot make a virtual environment", remedy="On Debian: apt-get install python3-venv")


def install(*files: Path) -> None:
    arguments = [part for path in files for part in ("-r", str(path))]
    # Wheels only: a clean machine has no compiler, and its message would be unreadable.
    pip = [places.venv_python(), "-m", "pip", "install", "--disable-pip-version-check", "--only-binary=:all:"]
    run([*pip, *arguments], "pip", problem="The Python packages could not be installed")


def inside() -> None:
    """Continue the running script with the environment's own Python. Returns when that is the case."""
    if Path(sys.prefix).resolve() != places.venv().resolve():
        os.execv(places.venv_python(), [str(places.venv_python()), *sys.argv])
