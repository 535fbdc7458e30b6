"""The machine: commands, disk, packages, ports, locks."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import places
from .say import Missing

NETWORK = "Check the network (and the proxy settings), then run the same command again: it goes on where it stopped."


def run(
    command: Sequence[str | Path], log: str, *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
    user: str | None = None, text: str = "", problem: str = "", remedy: str = NETWORK,
) -> str:
    """Run ``command`` quietly and return its output, which also goes to ``logs/<log>.log``.

    ``text`` is its standard input; ``user`` runs it as that user (root only). Raises :class:`Missing` with ``problem``,
    ``remedy`` and the last lines of output when the command fails.
    """
    places.logs().mkdir(parents=True, exist_ok=True)
    path = places.logs() / f"{log}.log"
    options: dict = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    result = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, input=text,
        text=True, errors="replace", env=None if env is None else dict(env), cwd=cwd, check=False, **options,
    )
    with path.open("a") as file:
        file.write(f"$ {' '.join(map(str, command))}\n{result.stdout}\n")
    if result.returncode:
        tail = "\n".join(f"| {text}" for text in result.stdout.splitlines()[-12:])
        raise Missing(problem or f"{command[0]} failed", f"{tail}\n{remedy}\nFull log: {path}")
    return result.stdout


def user_group(user: str) -> int:
    import pwd  # not on every platform

    return pwd.getpwnam(user).pw_gid


def is_root() -> bool:
    return os.geteuid() == 0


def need_disk(megabytes: int, what: str) -> None:
    """Raise :class:`Missing` if the home folder has less room than ``what`` needs."""
    folder = places.home()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise Missing(
            f"Not enough disk space for {what}: {megabytes} MB needed, {free} MB free in {folder}",
            "Make room, or set QBO_SYNC_HOME to a folder on another disk.",
        )


def apt_install(packages: Sequence[str], problem: str) -> None:
    """Install Debian packages, as root. Raises :class:`Missing` when that cannot be done."""
    wanted = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Missing(problem, f"Install {wanted} with your system's package manager.")
    if not is_root():
        raise Missing(problem, f"Run: sudo apt-get install {wanted}")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "-q", "update"], "apt", env=env, problem=f"{problem}; apt-get update failed")
    run(["apt-get", "-qy", "install", "--no-install-recommends", *packages], "apt", env=env, problem=problem)


def free_port() -> int:
    """A TCP port on the loopback interface that nobody uses at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def port_taken(port: int) -> bool:
    """Whether something listens on ``port``, on the loopback interface."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def need_port(port: int, what: str, setting: str) -> None:
    """Raise :class:`Missing` if ``port`` is taken. ``setting`` names the variable that moves ``what`` elsewhere."""
    if port_taken(port):
        raise Missing(
            f"Port {port}, for {what}, is taken by another program.",
            f"Stop that program (lsof -i :{port} names it), or choose another port: {setting}={port + 1000}",
        )


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold a lock between processes, so that two set-ups do not write the same folder."""
    places.locks().mkdir(parents=True, exist_ok=True)
    with (places.locks() / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
