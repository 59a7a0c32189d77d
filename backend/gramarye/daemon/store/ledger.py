"""The ledger: every accepted job and what became of it, in SQLite, so that a job outlives connections."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING

from ...errors import DaemonError
from .schema import open_database

CANCEL, KEEP = "cancel", "keep"
"""How a job was asked to stop."""

_STATES = {"queued": QUEUED, "running": RUNNING, "done": DONE, "failed": FAILED, "cancelled": CANCELLED}


@dataclass(frozen=True)
class Entry:
    """A row: the columns of `ledger_file`; times in seconds since the epoch, 0 for never."""

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
    fetched: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self.state in (DONE, FAILED, CANCELLED)


@dataclass(frozen=True)
class EndedJob:
    """When a job ended, and when its result was last fetched (0: never), in seconds since the epoch.

    A job that left nothing to fetch counts as fetched at its end.
    """

    job: str
    ended: float
    fetched: float


class Ledger:
    """Jobs by name; every change is committed when the call returns.

    Errors of every call: ``ledger-failed`` (disk full, file locked).
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file. Errors: ``ledger-damaged``, ``ledger-unreadable``."""
        self._db = open_database(path)

    @property
    def is_new(self) -> bool:
        """Whether no job was ever recorded."""
        return not self._execute("select 1 from sqlite_sequence where name = 'jobs'", {})

    def add(self, entry: Entry) -> None:
        """Record a new job."""
        values = {**asdict(entry), "recipe": json.dumps(entry.recipe), "kept": int(entry.kept)}
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._execute(f"insert into jobs ({columns}) values ({places})", values)

    def update(self, job: str, **columns: object) -> None:
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
        """Every job that waits or runs, oldest first."""
        return (entry for entry in self.all() if not entry.has_ended)

    def latest(self, most: int) -> list[Entry]:
        """Every unfinished job and the ``most`` that came last of the others, oldest first."""
        old = "state in (:done, :failed, :cancelled) order by seq desc limit -1 offset :most"
        rows = self._execute(
            f"select * from jobs where seq not in (select seq from jobs where {old}) order by seq",
            {"most": most, **_STATES},
        )
        return [_entry(row) for row in rows]

    def ended_jobs(self) -> list[EndedJob]:
        """Of every job that has ended."""
        rows = self._execute(
            "select job, state, ended, fetched from jobs where state in (:done, :failed, :cancelled)", _STATES
        )
        return [
            EndedJob(row["job"], row["ended"], row["fetched"] if row["state"] == DONE else row["ended"]) for row in rows
        ]

    def delete_old(self, keep: int, unfetched_until: float) -> list[str]:
        """Delete all but the ``keep`` jobs that ended last; return the names of those deleted.

        A result that nobody has fetched is neither counted nor deleted, unless its job ended before
        ``unfetched_until``, in seconds since the epoch.
        """
        ended = (
            "(state in (:failed, :cancelled) or (state = :done and (fetched > 0 or ended < :unfetched_until)))"
            " order by ended desc, seq desc limit -1 offset :keep"
        )
        values = {"keep": keep, "unfetched_until": unfetched_until, **_STATES}
        old = [row["job"] for row in self._execute(f"select job from jobs where {ended}", values)]
        for job in old:
            self.delete(job)
        return old

    def delete(self, job: str) -> None:
        """Forget one job."""
        self._execute("delete from jobs where job = :job", {"job": job})

    def close(self) -> None:
        """Close the file."""
        self._db.close()

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
