"""Odoo databases: a cached template with accounting installed, copies of it, and their removal."""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from . import odoo, places, postgres
from .machine import lock, run
from .say import step

MODULES = "account,l10n_us,product"
FORMAT = 1  # raise it to have the template made anew
COMPANY = """
env.company.country_id = env.ref("base.us")
env["account.chart.template"].try_loading("generic_coa", company=env.company, install_demo=False)
assert env.company.chart_template == "generic_coa" and env.company.currency_id.name == "USD"
env.cr.commit()
"""


def template_name() -> str:
    key = hashlib.sha256(f"{FORMAT} {MODULES} {COMPANY} {odoo.version()}".encode()).hexdigest()[:10]
    return f"qbo_template_{key}"


def filestore(database: str) -> Path:
    return places.data_dir() / "filestore" / database


def template() -> str:
    """The name of the template, which is made if it is not there."""
    name = template_name()
    with lock("template"):
        if name not in postgres.databases():
            with step("Preparing an Odoo database with accounting (once, about a minute)"):
                build(name)
    return name


def build(name: str) -> None:
    unfinished = f"{name}_building"
    drop(unfinished)
    postgres.execute(f'CREATE DATABASE "{unfinished}" TEMPLATE template0 LC_COLLATE \'C\' ENCODING \'UTF8\'')
    run(odoo.command(unfinished, "-i", MODULES, "--stop-after-init"), "template", env=odoo.environment(),
        problem="Odoo could not install its accounting modules", remedy="")
    shell(unfinished, COMPANY)
    filestore(name).parent.mkdir(parents=True, exist_ok=True)
    if filestore(unfinished).exists():
        shutil.rmtree(filestore(name), ignore_errors=True)
        filestore(unfinished).rename(filestore(name))
    postgres.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def shell(database: str, program: str, **variables: str) -> str:
    """Run ``program`` in Odoo's shell on ``database``; its output. ``variables`` go into its environment.

    Raises :class:`~room.say.Missing` when the program raises.
    """
    return run(
        odoo.command(database, "--no-http", subcommand="shell"), "shell", env={**odoo.environment(), **variables},
        text=program, problem="A program in Odoo's shell failed", remedy="",
    )


def copy(name: str, source: str = "") -> None:
    """Make database ``name`` from the template, or from database ``source`` that nobody uses at the moment."""
    source = source or template()
    # The template has no users of its own, yet two copies at one moment would disturb each other.
    with lock("template"):
        postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(name), dirs_exist_ok=True)
    # Two databases with one identity would be taken for copies of each other.
    postgres.execute(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text WHERE key = 'database.uuid'", database=name)


def drop(name: str) -> None:
    """Remove a database, whoever is connected, and its files."""
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
    postgres.execute(f'DROP DATABASE IF EXISTS "{name}"')
    shutil.rmtree(filestore(name), ignore_errors=True)


@contextlib.contextmanager
def throw_away(prefix: str = "qbo_test", keep: bool = False, source: str = "") -> Iterator[str]:
    """A database that is gone after the block, unless ``keep``; a copy of the template or of ``source``."""
    name = f"{prefix}_{int(time.time())}_{os.getpid()}"
    copy(name, source)
    try:
        yield name
    finally:
        if not keep:
            drop(name)
