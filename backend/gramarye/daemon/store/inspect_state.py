"""What lies in the state folder, looked at from outside, whether a daemon runs or not; nothing is changed."""

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
    """Jobs by state, failures by code, results that nobody has fetched, bytes of the jobs' folders.

    ``version`` is that of the ledger's schema; ``set_aside`` are folders of damaged lists and their jobs.
    """

    states: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    unfetched: int = 0
    version: int = 0
    nbytes: int = 0
    set_aside: tuple[Path, ...] = ()


def inspect_state(state: Path) -> StateReport:
    """Errors: ``ledger-unreadable``, also where it is damaged."""
    states, codes, unfetched, version = (
        _counts(state / LEDGER_FILE) if (state / LEDGER_FILE).exists() else ({}, {}, 0, 0)
    )
    return StateReport(
        states, codes, unfetched, version, folder_bytes(state / SPOOL_FOLDER), tuple(quarantined_folders(state))
    )


def titles(state: Path) -> list[str]:
    """Of the jobs in the ledger and in those set aside, as far as they can be read."""
    found = []
    for path in (state / LEDGER_FILE, *(folder / LEDGER_FILE for folder in quarantined_folders(state))):
        with contextlib.suppress(sqlite3.Error), _opened(path) as database:
            found += [str(row[0]) for row in database.execute("select title from jobs")]
    return found


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; those that go meanwhile count for nothing."""
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
            fetched = " and fetched = 0" if version else ""  # the first schema did not say
            unfetched = database.execute(f"select count(*) from jobs where state = 'done'{fetched}").fetchone()[0]
    except sqlite3.Error as error:
        raise DaemonError(
            "ledger-unreadable",
            f"The list of jobs cannot be read: {error}.",
            "A damaged one is set aside: gramarye serve",
        ) from None
    return states, codes, unfetched, version


def _opened(path: Path) -> contextlib.closing[sqlite3.Connection]:
    """Without making or changing it. Errors: sqlite3.Error."""
    return contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0))
