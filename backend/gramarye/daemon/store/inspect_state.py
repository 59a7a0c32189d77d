"""Read-only view of the state folder from another process, whether or not a daemon runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DaemonError
from .open_state import SPOOL_FOLDER
from .quarantine import quarantined_folders
from .schema import LEDGER_FILE


@dataclass(frozen=True)
class StateReport:
    """Number of jobs by state, of failures by code and of unfetched results; bytes of the jobs' folders.

    ``version`` is the version of the ledger's schema, ``set_aside`` the quarantined folders.
    """

    states: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    unfetched: int = 0
    version: int = 0
    nbytes: int = 0
    set_aside: tuple[Path, ...] = ()


def inspect_state(state: Path) -> StateReport:
    """Return a report on the state folder. Errors: ``ledger-unreadable``, also if the ledger is damaged."""
    states, codes, unfetched, version = (
        _counts(state / LEDGER_FILE) if (state / LEDGER_FILE).exists() else ({}, {}, 0, 0)
    )
    return StateReport(
        states, codes, unfetched, version, folder_bytes(state / SPOOL_FOLDER), tuple(quarantined_folders(state))
    )


def titles(state: Path) -> list[str]:
    """Return the titles of all jobs in the ledger and in quarantined ledgers; unreadable ones are skipped."""
    found = []
    for path in (state / LEDGER_FILE, *(folder / LEDGER_FILE for folder in quarantined_folders(state))):
        with contextlib.suppress(sqlite3.Error), _opened(path) as database:
            found += [str(row[0]) for row in database.execute("select title from jobs")]
    return found


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder; files deleted meanwhile are not counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(parent, name)).st_size
    return total


def _counts(path: Path) -> tuple[dict[str, int], dict[str, int], int, int]:
    try:
        with _opened(path) as database:
            version = database.execute("pragma user_version").fetchone()[0]
            states = dict(database.execute("select state, count(*) from jobs group by state").fetchall())
            codes = dict(database.execute("select code, count(*) from jobs where code != '' group by code").fetchall())
            fetched = " and fetched = 0" if version else ""  # the first schema has no such column
            unfetched = database.execute(f"select count(*) from jobs where state = 'done'{fetched}").fetchone()[0]
    except sqlite3.Error as error:
        raise DaemonError(
            "ledger-unreadable",
            f"The list of jobs cannot be read: {error}.",
            "If it is damaged, gramarye serve sets it aside.",
        ) from None
    return states, codes, unfetched, version


def _opened(path: Path) -> contextlib.closing[sqlite3.Connection]:
    """Open a database read-only. Errors: sqlite3.Error."""
    return contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0))
