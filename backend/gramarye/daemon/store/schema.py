"""Opens the ledger's SQLite file, checks its integrity and migrates it to the current schema.

The schema's version is SQLite's ``user_version``: the number of `MIGRATIONS` that have been applied to the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from ...errors import DaemonError

LEDGER_FILE = "jobs.sqlite"
"""Name of the file inside the state folder."""

_LOCK_TIMEOUT = 0.2
"""Seconds to wait for another program's lock; short, because the event loop is blocked meanwhile."""

_MAGIC = b"SQLite format 3\0"

_FIRST_SCHEMA = """
create table if not exists jobs (
  seq integer primary key autoincrement,
  job text unique not null,
  title text not null,
  state text not null,
  recipe text not null,
  network text not null default '',
  device text not null default '',
  steps integer not null default 0,
  total integer not null default 0,
  loss real not null default 0,
  seconds real not null default 0,
  kept integer not null default 0,
  created real not null,
  ended real not null default 0,
  code text not null default '',
  message text not null default '',
  hint text not null default ''
)
"""

MIGRATIONS = (
    "alter table jobs add column fetched real not null default 0",
    "alter table jobs add column stop text not null default ''",
)
"""One statement per schema version after the first. Append only: never change or remove one."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open or create the file at ``path``.

    Errors: ``ledger-damaged`` if the file is corrupt or has another schema, ``ledger-unreadable`` if it cannot be used
    (permissions, a full or read-only disk, another program's lock).
    """
    database = None
    try:
        if _is_truncated(path):
            raise _damaged("its last page is truncated")
        database = sqlite3.connect(path, timeout=_LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
        database.row_factory = sqlite3.Row
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")  # a committed row survives a power cut
        _check_integrity(database)
        _upgrade(database)
    except (sqlite3.Error, DaemonError) as error:
        if database is not None:
            database.close()
        raise _to_daemon_error(path, error) from None
    return database


def _is_truncated(path: Path) -> bool:
    """Whether the file ends within a page; SQLite would silently fill up the page with zeros.

    False if there is a write-ahead log, from which SQLite repairs a page that a crash left half written.
    """
    try:
        if Path(f"{path}-wal").exists() and Path(f"{path}-wal").stat().st_size:
            return False
        with open(path, "rb") as file:
            header = file.read(18)
            size = os.fstat(file.fileno()).st_size
    except OSError:  # missing, or SQLite will report the error
        return False
    page = int.from_bytes(header[16:], "big")  # https://www.sqlite.org/fileformat.html, 1.3: 1 stands for 65536
    return header.startswith(_MAGIC) and page > 0 and size % (65536 if page == 1 else page) > 0


def _check_integrity(database: sqlite3.Connection) -> None:
    """Check the whole file, including indices."""
    found = database.execute("pragma integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(found)


def _upgrade(database: sqlite3.Connection) -> None:
    """Migrate to the current schema in one transaction, so that a file is never between two versions."""
    database.execute("begin immediate")
    try:
        version = database.execute("pragma user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise _damaged(f"its schema {version} is newer than this program's {len(MIGRATIONS)}")
        if (columns := _columns(database)) and columns != _columns_of(version):
            raise _damaged("its columns are not those of its schema")
        _migrate(database, version if columns else 0, len(MIGRATIONS))
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # report the first error; closing rolls back too
            database.execute("rollback")
        raise
    database.execute("commit")


def _migrate(database: sqlite3.Connection, version: int, to: int) -> None:
    database.execute(_FIRST_SCHEMA)
    for migration in MIGRATIONS[version:to]:
        database.execute(migration)
    database.execute(f"pragma user_version = {to}")


def _columns(database: sqlite3.Connection) -> list[str]:
    return [row[1] for row in database.execute("pragma table_info(jobs)")]


def _columns_of(version: int) -> list[str]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        _migrate(model, 0, version)
        return _columns(model)


def _to_daemon_error(path: Path, error: sqlite3.Error | DaemonError) -> DaemonError:
    if isinstance(error, DaemonError):
        return error
    if not isinstance(error, sqlite3.OperationalError):  # SQLITE_CORRUPT, SQLITE_NOTADB
        return _damaged(str(error))
    return DaemonError(
        "ledger-unreadable",
        f"The list of jobs {path} cannot be opened: {error}.",
        "Check that you can write to it, that the disk is not full and that no other program has it locked.",
    )


def _damaged(how: str) -> DaemonError:
    return DaemonError(
        "ledger-damaged", f"The list of jobs is damaged: {how}.", "Start the daemon: it sets the list aside."
    )
