"""What lies in the state folder, looked at from outside, whether a daemon runs or not; nothing is changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DaemonError
from .open_state import SPOOL
from .quarantine import set_aside_before
from .schema import LEDGER


@dataclass(frozen=True)
class Survey:
    """Jobs by state, failures by code, results that nobody has fetched, bytes of the jobs' folders.

    ``version`` is that of the ledger's schema; ``set_aside`` are folders of damaged lists and their jobs.
    """

    states: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    unfetched: int = 0
    version: int = 0
    nbytes: int = 0
    set_aside: tuple[Path, ...] = ()


def survey(state: Path) -> Survey:
    """Errors: ``ledger-unreadable``, also where it is damaged."""
    states, codes, unfetched, version = _counts(state / LEDGER) if (state / LEDGER).exists() else ({}, {}, 0, 0)
    return Survey(states, codes, unfetched, version, nbytes(state / SPOOL), tuple(set_aside_before(state)))


def titles(state: Path) -> list[str]:
    """Of the jobs in the ledger and in those set aside, as far as they can be read."""
    found = []
    for path in (state / LEDGER, *(folder / LEDGER for folder in set_aside_before(state))):
        with contextlib.suppress(sqlite3.Error), _opened(path) as database:
            found += [str(row[0]) for row in database.execute("select title from jobs")]
    return found


def nbytes(folder: Path) -> int:
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
