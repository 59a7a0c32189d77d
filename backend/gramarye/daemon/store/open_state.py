"""Opens ledger and spool when the daemon starts; damaged state is quarantined and replaced."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED

from ...errors import DaemonError
from .durable import fsync_with_parents
from .ledger import Ledger
from .quarantine import quarantine
from .recovery import UnfinishedJob, recover_unfinished
from .schema import LEDGER_FILE
from .spool import Spool

log = logging.getLogger(__name__)

SPOOL_FOLDER = "spool"
"""Name of the spool folder inside the state folder."""

_LEDGER_FILES = (LEDGER_FILE, f"{LEDGER_FILE}-wal", f"{LEDGER_FILE}-shm", f"{LEDGER_FILE}-journal")


def open_state(state: Path) -> tuple[Ledger, Spool]:
    """Open or create the ledger and the spool.

    A damaged ledger is quarantined together with the job folders, which cannot be identified without it. Job folders
    whose ledger is gone are quarantined too. Errors: ``ledger-unreadable``, ``spool-failed``, ``state-stuck``.
    """
    ledger = _ledger(state)
    spool = Spool(state / SPOOL_FOLDER)
    if ledger.is_new and any(spool.jobs()):
        folder = quarantine(state, (SPOOL_FOLDER,), datetime.now())
        log.error("jobs without a ledger were found; they are set aside in %s", folder)
        spool = Spool(state / SPOOL_FOLDER)
    _fsync_state(state)
    return ledger, spool


def _fsync_state(state: Path) -> None:
    try:
        fsync_with_parents(state)
    except OSError as error:
        raise DaemonError(
            "spool-failed", f"The folder {state} cannot be synced to disk: {error}.", "Check the disk for errors."
        ) from None


def recover_state(state: Path) -> tuple[Ledger, Spool, list[UnfinishedJob]]:
    """Open ledger and spool, delete unneeded files and return the jobs to resume. Errors: those of `open_state`."""
    ledger, spool = open_state(state)
    unfinished = recover_unfinished(ledger, spool)
    known = {entry.job: entry for entry in ledger.all()}
    for job in list(spool.jobs()):
        entry = known.get(job)
        if entry is None or entry.state in (
            FAILED,
            CANCELLED,
        ):  # never accepted, or the daemon died before it deleted the files
            spool.remove(job)
        elif entry.state == DONE:
            spool.remove_inputs(job)
    return ledger, spool, unfinished


def _ledger(state: Path) -> Ledger:
    try:
        return Ledger(state / LEDGER_FILE)
    except DaemonError as error:
        if error.code != "ledger-damaged":
            raise
        folder = quarantine(state, (SPOOL_FOLDER, *_LEDGER_FILES), datetime.now())
        log.error("%s It is set aside in %s, with its jobs", error.message, folder)
        return Ledger(state / LEDGER_FILE)
