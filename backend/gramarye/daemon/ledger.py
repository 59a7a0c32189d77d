"""The ledger: every accepted job and what became of it, in SQLite, so that a job outlives connections."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING

from ..errors import DaemonError

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

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self.state in (DONE, FAILED, CANCELLED)


class Ledger:
    """Jobs by name; every change is committed when the call returns."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Errors: ``ledger-unreadable``."""
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=normal")
            self._db.execute(_SCHEMA)
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
        self._db.execute(f"insert into jobs ({columns}) values ({places})", values)

    def change(self, job: str, **columns: object) -> Entry:
        """Set columns of a job and return it as it now is."""
        settings = ", ".join(f"{name} = :{name}" for name in columns)
        self._db.execute(f"update jobs set {settings} where job = :job", {**columns, "job": job})
        entry = self.find(job)
        assert entry is not None, "changed a job that was never added"
        return entry

    def find(self, job: str) -> Entry | None:
        """The job of this name."""
        row = self._db.execute("select * from jobs where job = ?", (job,)).fetchone()
        return None if row is None else _entry(row)

    def all(self) -> Iterator[Entry]:
        """Every job, oldest first."""
        return (_entry(row) for row in self._db.execute("select * from jobs order by seq").fetchall())

    def fail_unfinished(self) -> None:
        """At start: what an earlier daemon left unfinished has failed."""
        self._db.execute(
            "update jobs set state = ?, code = 'daemon-stopped', message = ?, hint = ?, ended = ?"
            " where state in (?, ?)",
            (FAILED, "The daemon stopped before this job was done.", "Paint again.", time.time(), QUEUED, RUNNING),
        )

    def forget(self, keep: int) -> list[str]:
        """Delete all but the ``keep`` newest ended jobs; return the names of those deleted."""
        old = self._db.execute(
            "select job from jobs where state in (?, ?, ?) order by seq desc limit -1 offset ?",
            (DONE, FAILED, CANCELLED, keep),
        ).fetchall()
        names = [row["job"] for row in old]
        self._db.executemany("delete from jobs where job = ?", [(name,) for name in names])
        return names

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _entry(row: sqlite3.Row) -> Entry:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118  # a Row iterates values
    values["recipe"] = json.loads(values["recipe"])
    values["kept"] = bool(values["kept"])
    return Entry(**values)
