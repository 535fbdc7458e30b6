"""Odoo 19: where it comes from and how it is called."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import debian, places
from .machine import NETWORK, need_disk, run
from .say import Missing, note, step

REPOSITORY = "https://github.com/odoo/odoo.git"
LAUNCHER = places.DEV / "odoo_launcher.py"


def source_link() -> Path:
    """A link to the folder that holds the package ``odoo``."""
    return places.home() / "odoo"


def package_folder(folder: Path) -> Path | None:
    """The folder to put on PYTHONPATH for a source tree or an unpacked Debian package; None if there is no Odoo 19."""
    for candidate in (folder, folder / "usr/lib/python3/dist-packages"):
        release = candidate / "odoo" / "release.py"
        if release.exists() and is_series(release.read_text()):
            return candidate
    return None


def is_series(release: str) -> bool:
    """Whether the text of ``odoo/release.py`` is of the series we support."""
    match = re.search(r"^version_info = \(\s*(\d+),\s*(\d+)", release, re.M)
    return bool(match) and tuple(map(int, match.groups())) == places.SERIES


def ensure() -> None:
    """Find or fetch Odoo and link it. The choice is kept until ``ODOO_HOME`` names another one."""
    given = os.environ.get("ODOO_HOME")
    if given:
        link(from_home(given))
    elif not source_link().exists() or package_folder(source_link()) is None:
        link(importable() or fetch())
    link_addon()


def from_home(given: str) -> Path:
    folder = package_folder(Path(given).expanduser().absolute())
    if folder is None:
        remedy = "Unset it, or name the folder of a 19.0 source tree."
        raise Missing(f"ODOO_HOME={given} does not hold Odoo 19.0.", remedy)
    return folder


def importable() -> Path | None:
    """Odoo as installed on the machine, seen by the machine's own Python."""
    program = "import odoo.release; print(odoo.release.__file__)"
    python = shutil.which("python3") or "python3"
    found = subprocess.run([python, "-c", program], check=False, capture_output=True, text=True, cwd="/")
    if found.returncode:
        return None
    folder = package_folder(Path(found.stdout.strip()).parents[1])
    if folder is None:
        return None
    # Its neighbours must not shadow the environment's packages: a folder with a link to Odoo alone.
    alone = places.home() / "odoo-installed"
    alone.mkdir(parents=True, exist_ok=True)
    relink(alone / "odoo", folder / "odoo")
    return alone


def fetch() -> Path:
    """Odoo from Debian's archive, else from its repository."""
    need_disk(2500, "Odoo")
    problems = []
    if debian.available():
        try:
            with step("Fetching Odoo 19 from Debian's archive (130 MB)"):
                target = places.home() / "odoo-debian"
                debian.unpack(target)
            if folder := package_folder(target):
                return folder
            problems.append("The package odoo-19 is no longer of series 19.0.")
        except Missing as error:
            problems.append(error.problem)
    try:
        with step("Cloning Odoo 19 (about 400 MB)"):
            target = places.home() / "odoo-clone"
            clone(target)
        return from_home(str(target))
    except Missing as error:
        problems.append(error.problem)
    for problem in problems:
        note(problem)
    raise Missing(
        "Odoo 19 could not be had, neither from Debian's archive nor from its repository.",
        f"{NETWORK}\nOr name a source tree you have: ODOO_HOME=/path/to/odoo make setup",
    )


def clone(target: Path) -> None:
    if not shutil.which("git"):
        raise Missing("git is not installed.")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    env = dict(os.environ, GIT_TERMINAL_PROMPT="0")
    run(["git", "clone", "-q", "--depth", "1", "--branch", "19.0", REPOSITORY, partial], "odoo", env=env,
        problem="The repository of Odoo could not be cloned")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def link(folder: Path) -> None:
    if source_link().resolve() != folder.resolve():
        relink(source_link(), folder)


def link_addon() -> None:
    places.addons().mkdir(parents=True, exist_ok=True)
    relink(places.addons() / places.ADDON, places.ROOT)


def relink(path: Path, target: Path) -> None:
    if path.is_symlink() and path.resolve() == target.resolve():
        return
    if path.is_symlink() or path.exists():
        path.unlink()
    path.symlink_to(target)


def version() -> str:
    """A text that changes when another Odoo is linked."""
    release = source_link() / "odoo" / "release.py"
    return f"{source_link().resolve()} {int(release.stat().st_mtime)}"


def addons_path() -> str:
    """The addons folders, comma separated. The core addons beside ``odoo`` are named for a git tree only."""
    folders = [places.addons(), source_link() / "addons"]
    return ",".join(str(folder) for folder in folders if (folder / places.ADDON).exists() or (folder / "web").exists())


def environment() -> dict[str, str]:
    """The environment of an Odoo process."""
    env = dict(os.environ)
    env["PYTHONPATH"] = str(source_link())
    # Without bytecode each start of Odoo compiles some hundred files again: two seconds.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def command(database: str, *arguments: str, subcommand: str = "server") -> list[str]:
    """The command line of an Odoo ``subcommand`` on ``database``, with Odoo's own options in ``arguments``."""
    from . import postgres  # the two modules know each other

    return [
        str(places.venv_python()), str(LAUNCHER), subcommand, f"--addons-path={addons_path()}",
        f"--data-dir={places.data_dir()}", *postgres.odoo_options(), f"--database={database}",
        *(["--no-database-list", "--http-interface=127.0.0.1"] if subcommand == "server" else []), *arguments,
    ]
