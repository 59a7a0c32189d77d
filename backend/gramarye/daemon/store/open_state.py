"""Ledger and spool as an earlier daemon left them; what is damaged is set aside and begun anew."""

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
"""The name of the folder of jobs' folders in the state folder."""

_LEDGER_FILES = (LEDGER_FILE, f"{LEDGER_FILE}-wal", f"{LEDGER_FILE}-shm", f"{LEDGER_FILE}-journal")


def open_state(state: Path) -> tuple[Ledger, Spool]:
    """Open both, or make them.

    A damaged ledger takes its jobs' folders with it: without it nobody knows whose they are. So do folders whose
    ledger is gone. Errors: ``ledger-unreadable``, ``spool-failed``, ``state-stuck``.
    """
    ledger = _ledger(state)
    spool = Spool(state / SPOOL_FOLDER)
    if ledger.is_new and any(spool.jobs()):
        folder = quarantine(state, (SPOOL_FOLDER,), datetime.now())
        log.error("no list tells of the jobs that were found: they are set aside in %s", folder)
        spool = Spool(state / SPOOL_FOLDER)
    _fsync_state(state)
    return ledger, spool


def _fsync_state(state: Path) -> None:
    try:
        fsync_with_parents(state)
    except OSError as error:
        raise DaemonError(
            "spool-failed", f"The folder {state} cannot be written through: {error}.", "See that its disk is well."
        ) from None


def recover_state(state: Path) -> tuple[Ledger, Spool, list[UnfinishedJob]]:
    """Both, rid of all that no job needs, and the jobs to go on with. Errors: those of `open_state`."""
    ledger, spool = open_state(state)
    unfinished = recover_unfinished(ledger, spool)
    known = {entry.job: entry for entry in ledger.all()}
    for job in list(spool.jobs()):
        entry = known.get(job)
        if entry is None or entry.state in (FAILED, CANCELLED):  # never accepted, or its end was cut short
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
