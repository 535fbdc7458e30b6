"""What must not lie below the root: Odoo's exporter and reloader follow links, and everything here is the addon."""

import os
import subprocess
import sys

import pytest

from room import places

FORBIDDEN = ("venv", ".venv", "node_modules", "site-packages")


def folders_and_files():
    for folder, names, files in os.walk(places.ROOT):
        if ".git" in names:
            names.remove(".git")
        yield from (os.path.join(folder, name) for name in names + files)


def test_no_link_and_no_environment_below_the_root():
    paths = list(folders_and_files())
    assert len(paths) > 10
    assert [path for path in paths if os.path.islink(path)] == []
    assert [path for path in paths if os.path.basename(path) in FORBIDDEN] == []


def test_the_addon_link_leads_here():
    assert (places.addons() / places.ADDON).resolve() == places.ROOT


def test_scripts_are_executable():
    scripts = [path for path in places.DEV.iterdir() if path.is_file() and not path.suffix]
    assert scripts
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_every_target_has_its_script():
    listing = subprocess.run(["make", "-s", "help"], cwd=places.ROOT, check=True, capture_output=True, text=True).stdout
    targets = [line.split()[0] for line in listing.splitlines() if line.strip()]
    assert {"setup", "demo", "smoke", "test", "lint", "bench", "shell", "reset", "screenshots"} <= set(targets)
    missing = [name for name in targets if name != "help" and not (places.DEV / name).exists()]
    assert missing == []


def test_the_scripts_start_before_the_environment_exists():
    modules = sorted(path.stem for path in (places.DEV / "room").glob("*.py") if path.stem != "__init__")
    program = f"import sys; sys.path.insert(0, {str(places.DEV)!r}); from room import {', '.join(modules)}"
    bare = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False, capture_output=True, text=True)
    assert bare.stderr == ""
    assert bare.returncode == 0


def test_nothing_generated_is_tracked():
    if not (places.ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=places.ROOT, check=True, capture_output=True, text=True).stdout
    names = tracked.splitlines()
    assert names
    assert [name for name in names if name.endswith((".pyc", ".sqlite", ".log")) or "__pycache__" in name] == []
