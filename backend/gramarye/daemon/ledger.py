"""The ledger: every accepted job and what became of it, in SQLite, so that a job outlives connections."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING

from ..errors import DaemonError

_PATIENCE = 0.2
"""Seconds to wait for a lock that another program holds: everybody else waits meanwhile."""

_SCHEMA = """
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

_ADDED = {"stop": "text not null default ''"}
"""Columns that files of earlier versions lack."""

CANCEL, KEEP = "cancel", "keep"
"""How a job was asked to stop."""

_STATES = {"queued": QUEUED, "running": RUNNING, "done": DONE, "failed": FAILED, "cancelled": CANCELLED}


@dataclass(frozen=True)
class Entry:
    """A row: the columns of the schema above."""

    job: str
    title: str
    state: str
    recipe: dict[str, Any]
    created: float
    network: str = ""
    device: str = ""
    steps: int = 0
    total: int = 0
    loss: float = 0.0
    seconds: float = 0.0
    kept: bool = False
    ended: float = 0.0
    code: str = ""
    message: str = ""
    hint: str = ""
    stop: str = ""
    """`CANCEL` or `KEEP` where it was asked to stop."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self.state in (DONE, FAILED, CANCELLED)


class Ledger:
    """Jobs by name; every change is committed when the call returns.

    Errors of every call: ``ledger-failed`` (disk full, file locked).
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file. Errors: ``ledger-unreadable``."""
        try:
            self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")  # what was accepted outlives a power cut
            self._db.execute(_SCHEMA)
            self._add_columns()
        except sqlite3.Error as error:
            raise DaemonError(
                "ledger-unreadable",
                f"The list of jobs {path} cannot be opened: {error}.",
                "Move that file away and start the daemon again.",
            ) from None

    def add(self, entry: Entry) -> None:
        """Record a new job."""
        values = {**asdict(entry), "recipe": json.dumps(entry.recipe), "kept": int(entry.kept)}
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._execute(f"insert into jobs ({columns}) values ({places})", values)

    def change(self, job: str, **columns: object) -> None:
        """Set columns of a job."""
        settings = ", ".join(f"{name} = :{name}" for name in columns)
        self._execute(f"update jobs set {settings} where job = :job", {**columns, "job": job})

    def find(self, job: str) -> Entry | None:
        """The job of this name."""
        rows = self._execute("select * from jobs where job = :job", {"job": job})
        return _entry(rows[0]) if rows else None

    def all(self) -> Iterator[Entry]:
        """Every job, oldest first."""
        return (_entry(row) for row in self._execute("select * from jobs order by seq", {}))

    def unfinished(self) -> Iterator[Entry]:
        """What an earlier daemon left queued or running, oldest first."""
        return (entry for entry in self.all() if not entry.has_ended)

    def forget(self, keep: int) -> list[str]:
        """Delete all but the ``keep`` jobs that ended last; return the names of those deleted."""
        ended = "state in (:done, :failed, :cancelled) order by ended desc, seq desc limit -1 offset :keep"
        old = self._execute(f"select job from jobs where {ended}", {"keep": keep, **_STATES})
        for row in old:
            self._execute("delete from jobs where job = :job", {"job": row["job"]})
        return [row["job"] for row in old]

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _add_columns(self) -> None:
        there = {row["name"] for row in self._db.execute("pragma table_info(jobs)")}
        for name, kind in _ADDED.items():
            if name not in there:
                self._db.execute(f"alter table jobs add column {name} {kind}")

    def _execute(self, statement: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise DaemonError(
                "ledger-failed", f"The list of jobs cannot be used: {error}.", "See that the disk is not full."
            ) from None


def _entry(row: sqlite3.Row) -> Entry:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118  # a Row iterates values
    values["recipe"] = json.loads(values["recipe"])
    values["kept"] = bool(values["kept"])
    return Entry(**values)
