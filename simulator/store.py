"""Objects, ledger and tokens in SQLite: one connection, one lock, bodies kept as the JSON text of the wire."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from json import JSONDecoder
from typing import Any
from zlib import crc32

from simulator.money import Json, dec, dumps, loads
from simulator.schema import DATA, Entity, is_id

DDL = (DATA / "store.sql").read_text("utf-8")
VERSION = crc32(DDL.encode()) >> 1
"""Marks the files of these tables; SQLite keeps 31 bits."""
UPSERT = """insert into object(realm, entity, id, token, active, name, fqn, doc, party, date, due, total, balance,
    created, updated, body) values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict(realm, entity, id) do update set
    (token, active, name, fqn, doc, party, date, due, total, balance, updated, body) = (excluded.token,
    excluded.active, excluded.name, excluded.fqn, excluded.doc, excluded.party, excluded.date, excluded.due,
    excluded.total, excluded.balance, excluded.updated, excluded.body)"""
STORED = JSONDecoder(parse_float=Decimal)
"""Reads what the simulator wrote itself: nothing to refuse."""
MANY = 5000
"""Objects from which on an index of a property pays."""


def row_id(key: int | str) -> int | str:
    """Return an Id as the database has it: a number but for the tax codes TAX and NON."""
    return int(key) if is_id(str(key)) else str(key)


class OldFileError(Exception):
    """A database file whose tables are those of another version."""


class Store:
    """The database of one simulator process.

    Args:
        path: a file, or ``:memory:``.

    Raises:
        OldFileError: another version wrote the file; it is left as it is.
    """

    def __init__(self, path: str = ":memory:") -> None:
        self.path = path
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=400)
        if self.value("select count(*) from sqlite_schema") and self.value("pragma user_version") != VERSION:
            self.close()
            raise OldFileError(
                f"{path} was written by another version of the simulator. Remove it (the demo's with make reset).")
        self.db.execute(f"pragma user_version = {VERSION}")
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = normal")
        self.db.executescript(DDL)
        self._depth = 0
        self.indexes: set[str] = set()

    def index(self, entity: str, columns: str) -> None:
        """Make an index for what a query filters or sorts by, once there are many objects; few share a value."""
        name = re.sub(r"\W+", "_", f"by_{entity}_{columns}")
        if name not in self.indexes and (self.value("select max(rowid) from object") or 0) > MANY:
            self.indexes.add(name)
            self.run(f"create index if not exists {name} on object(realm, {columns}) where entity = '{entity}'")
            self.run("insert into sqlite_stat1 values('object', ?, '200000 200000 50 2 1')", name)
            self.run("analyze sqlite_schema")

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a select."""
        return self.db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a select, or None."""
        row: tuple[Any, ...] | None = self.db.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(sql, *values)
        return row[0] if row else None

    def run(self, sql: str, *values: Any) -> None:
        """Execute a statement."""
        self.db.execute(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock and a transaction; a nested one is a savepoint; an exception rolls back its own part."""
        with self.lock:
            self._depth += 1
            mark = f"s{self._depth}"
            self.db.execute("begin" if self._depth == 1 else f"savepoint {mark}")
            try:
                yield
            except BaseException:
                self.db.execute("rollback" if self._depth == 1 else f"rollback to {mark}")
                if self._depth > 1:
                    self.db.execute(f"release {mark}")
                raise
            else:
                self.db.execute("commit" if self._depth == 1 else f"release {mark}")
            finally:
                self._depth -= 1

    def next_id(self, realm: str, name: str) -> int:
        """Take the next number of a sequence of a company."""
        self.run("insert into sequence values(?, ?, 1) on conflict(realm, name) do update set value = value + 1", realm,
                 name)
        return int(self.value("select value from sequence where realm = ? and name = ?", realm, name))

    def set_sequence(self, realm: str, name: str, value: int) -> None:
        """Make sure that the next number of a sequence is above *value*."""
        self.run("insert into sequence values(?, ?, ?) on conflict(realm, name) do update set "
                 "value = max(value, excluded.value)", realm, name, value)

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a stored JSON value."""
        text = self.value("select value from setting where name = ?", name)
        return loads(text) if text is not None else default

    def set_setting(self, name: str, value: Any) -> None:
        """Store a JSON value."""
        self.run("insert or replace into setting values(?, ?)", name, dumps(value))

    def read(self, realm: str, entity: str, key: int | str) -> Json | None:
        """Return an object, freshly parsed, or None."""
        text = self.read_text(realm, entity, key)
        return STORED.decode(text) if text is not None else None

    def read_text(self, realm: str, entity: str, key: int | str) -> str | None:
        """Return an object's JSON text, or None."""
        found: str | None = self.value(
            "select body from object where realm = ? and entity = ? and id = ?", realm, entity, row_id(key))
        return found

    def write(self, realm: str, entity: Entity, body: Json, created: int, updated: int) -> None:
        """Insert an object, or replace all but its creation time; the index columns come from its body."""
        party = body.get("CustomerRef") or body.get("VendorRef") or {}
        name = body.get("DisplayName") or body.get("Name")
        total, balance = body.get("TotalAmt"), body.get("Balance")
        self.run(UPSERT, realm, entity.name, row_id(body["Id"]), int(body["SyncToken"]), int(body.get("Active", True)),
                 name, body.get("FullyQualifiedName") or name, body.get("DocNumber"),
                 int(party["value"]) if party else None, body.get("TxnDate"), body.get("DueDate"),
                 None if total is None else float(dec(total)), None if balance is None else float(dec(balance)),
                 created, updated, dumps(body))

    def remove(self, realm: str, entity: str, key: int | str, updated: int, stub: Json) -> None:
        """Delete an object and leave a stub for change data capture."""
        self.run("delete from object where realm = ? and entity = ? and id = ?", realm, entity, int(key))
        self.run("insert or replace into gone values(?, ?, ?, ?, ?)", realm, entity, int(key), updated, dumps(stub))

    def wipe(self, realm: str | None = None) -> None:
        """Delete everything of a company, or of all."""
        tables = self.all("select name from sqlite_master where type = 'table' and sql like '%realm text%'")
        for (table,) in tables:
            self.run(f"delete from {table} where ? is null or realm = ?", realm, realm)
