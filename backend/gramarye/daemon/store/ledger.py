"""The ledger: a table of all accepted jobs and their outcomes, in SQLite.

Idea. A job belongs to the ledger, not to the connection it came by. Clients may disconnect, workers and the daemon may
die; any client can still find the job by its name and fetch its result later.

Durability. Data reaches the disk before anything that refers to it. A submitted job is stored in this order: its
pictures (fsync the file, rename it into place, fsync the folder: `durable`), its description ``job.json``, the entry of
its folder in the spool, its row here; then `Accepted` is sent. When a job is done, the worker stores painting and
result in the same way; then the row is updated, then `Done` is sent. When a job is deleted, its row goes before its
folder.

Invariant. After a kill or a power cut, every accepted job has a row, and the folder of every unfinished job is
complete. `open_state` deletes folders without a row: their jobs were never accepted, or were being deleted. `recovery`
queues the unfinished jobs again, which resume from their checkpoints.

Exception. Updates of accepted jobs go through `DeferredWriter`: if the disk is full or the file is locked, the event is
sent at once and the write is retried. If the daemon dies first, the row stays as it was: a request to stop is
forgotten, and a job whose end is not recorded fails at the next start, because its inputs have been deleted.

SQLite. ``synchronous=full`` fsyncs the write-ahead log at every commit; ``normal`` could lose the last commits in a
power cut. The write-ahead log lets `inspect_state` read while the daemon writes. In autocommit mode every statement is
a transaction. The lock timeout is short, because a waiting statement blocks the event loop.
"""

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
"""Values of the column ``stop``: how a client asked a job to stop."""

_STATES = {"queued": QUEUED, "running": RUNNING, "done": DONE, "failed": FAILED, "cancelled": CANCELLED}


@dataclass(frozen=True)
class Entry:
    """A row of the table in `schema`; times in seconds since the epoch, 0 for never."""

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
    """`CANCEL` or `KEEP`; empty if no client asked the job to stop."""
    fetched: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether the job is done, failed or cancelled."""
        return self.state in (DONE, FAILED, CANCELLED)


@dataclass(frozen=True)
class EndedJob:
    """Times of a job's end and of the last fetch of its result (0: never), in seconds since the epoch.

    A job without a result counts as fetched at its end.
    """

    job: str
    ended: float
    fetched: float


class Ledger:
    """The table of jobs; every change is committed when the call returns.

    Every method may raise ``ledger-failed`` (disk full, file locked).
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file. Errors: ``ledger-damaged``, ``ledger-unreadable``."""
        self._db = open_database(path)

    @property
    def is_new(self) -> bool:
        """Whether no job was ever recorded."""
        return not self._execute("select 1 from sqlite_sequence where name = 'jobs'", {})

    def add(self, entry: Entry) -> None:
        """Add a job."""
        values = {**asdict(entry), "recipe": json.dumps(entry.recipe), "kept": int(entry.kept)}
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._execute(f"insert into jobs ({columns}) values ({places})", values)

    def update(self, job: str, **columns: object) -> None:
        """Set columns of a job."""
        settings = ", ".join(f"{name} = :{name}" for name in columns)
        self._execute(f"update jobs set {settings} where job = :job", {**columns, "job": job})

    def find(self, job: str) -> Entry | None:
        """Return the job of this name; None if there is none."""
        rows = self._execute("select * from jobs where job = :job", {"job": job})
        return _entry(rows[0]) if rows else None

    def all(self) -> Iterator[Entry]:
        """Return all jobs, oldest first."""
        return (_entry(row) for row in self._execute("select * from jobs order by seq", {}))

    def unfinished(self) -> Iterator[Entry]:
        """Return all queued and running jobs, oldest first."""
        return (entry for entry in self.all() if not entry.has_ended)

    def latest(self, most: int) -> list[Entry]:
        """Return all unfinished jobs and the newest ``most`` of the ended ones, oldest first."""
        old = "state in (:done, :failed, :cancelled) order by seq desc limit -1 offset :most"
        rows = self._execute(
            f"select * from jobs where seq not in (select seq from jobs where {old}) order by seq",
            {"most": most, **_STATES},
        )
        return [_entry(row) for row in rows]

    def ended_jobs(self) -> list[EndedJob]:
        """Return the times of all ended jobs."""
        rows = self._execute(
            "select job, state, ended, fetched from jobs where state in (:done, :failed, :cancelled)", _STATES
        )
        return [
            EndedJob(row["job"], row["ended"], row["fetched"] if row["state"] == DONE else row["ended"]) for row in rows
        ]

    def delete_old(self, keep: int, unfetched_until: float) -> list[str]:
        """Delete the ended jobs except the ``keep`` that ended last; return the names of the deleted jobs.

        A job with an unfetched result is neither counted nor deleted, unless it ended before ``unfetched_until``
        (seconds since the epoch).
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
        """Delete a job."""
        self._execute("delete from jobs where job = :job", {"job": job})

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _execute(self, statement: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise DaemonError(
                "ledger-failed", f"The list of jobs cannot be used: {error}.", "Check that the disk is not full."
            ) from None


def _entry(row: sqlite3.Row) -> Entry:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118  # a Row iterates values
    values["recipe"] = json.loads(values["recipe"])
    values["kept"] = bool(values["kept"])
    return Entry(**values)
