"""Odoo from Debian's archive, unpacked but not installed: installing it would pull in another Python."""

import platform
import shutil
import subprocess
from pathlib import Path

from . import places
from .machine import is_root, run
from .say import Missing

SUITE = "sid"
PACKAGES = (
    "odoo-19", "fonts-montserrat", "fonts-roboto-unhinted", "fonts-inconsolata", "fonts-ocr-b", "libjs-jquery",
    "libjs-underscore", "libjs-jquery-form",
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Debian removed this file as non-free; the bundle of the web client's tests asks for it.
SELFIE_STUB = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
FONT = "share/fonts-font-awesome/fonts/fontawesome-webfont.ttf"


def available() -> bool:
    return all(map(shutil.which, ("apt-get", "dpkg", "dpkg-deb")))


def archive() -> str:
    """The address of the archive this machine already uses, so that a mirror or proxy stays in force."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)"], check=False, capture_output=True, text=True,
    ).stdout.splitlines()
    rows = [row.rpartition(" ") for row in listing]
    # Before the first apt-get update the origin is unknown; then the path tells.
    for origin, _, uri in rows:
        if origin == "Debian" and not uri.rstrip("/").endswith("-security"):
            return uri
    for _, _, uri in rows:
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise Missing("This machine's apt does not know a Debian archive.")


def own_suite() -> str:
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "bookworm")


def apt(state: Path, suite: str) -> list[str]:
    """An apt-get that keeps lists, cache and sources in ``state`` and leaves the machine's own configuration alone."""
    for folder in ("lists/partial", "cache/archives/partial", "etc"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (state / "sources.list").write_text(f"deb {signed}{archive()} {suite} main\n")
    options = {
        "Dir::State": state, "Dir::State::Lists": state / "lists", "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": state / "cache", "Dir::Etc::sourcelist": state / "sources.list", "Dir::Etc::sourceparts": "-",
    }
    if is_root():
        options["APT::Sandbox::User"] = "root"
    return ["apt-get", *(part for key, value in options.items() for part in ("-o", f"{key}={value}"))]


def download(state: Path, suite: str, packages: tuple[str, ...]) -> list[Path]:
    command = apt(state, suite)
    run([*command, "-q", "update"], "odoo", problem="The package lists of Debian could not be fetched")
    debs = state / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir()
    run([*command, "-q", "download", *packages], "odoo", cwd=debs,
        problem=f"Debian's {suite} could not give {', '.join(packages)}")
    return sorted(debs.glob("*.deb"))


def unpack(target: Path) -> None:
    """Download Odoo and the fonts and scripts its files link to, and unpack them below ``target``."""
    work = places.home() / "tmp" / "apt"
    shutil.rmtree(work, ignore_errors=True)
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for deb in download(work / SUITE, SUITE, PACKAGES):
        run(["dpkg", "-x", deb, partial], "odoo", problem=f"{deb.name} could not be unpacked")
    unpack_font(work, partial)
    stub = partial / "usr/lib/python3/dist-packages/odoo/addons" / SELFIE_STUB
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.touch()
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    shutil.rmtree(work, ignore_errors=True)


def unpack_font(work: Path, target: Path) -> None:
    """Font Awesome 4, which the web client needs; newer suites have a release without these files."""
    for suite in dict.fromkeys((own_suite(), "bookworm")):
        for deb in download(work / suite, suite, ("fonts-font-awesome",)):
            run(["dpkg", "-x", deb, target], "odoo", problem=f"{deb.name} could not be unpacked")
        if (target / "usr" / FONT).exists():
            return
    raise Missing("Font Awesome 4, which Odoo's web client needs, is not in the archive.")
