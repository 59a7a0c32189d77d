"""After a start: what earlier daemons left unfinished is taken up where it stood."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from gramarye_protocol.jobs import CANCELLED, FAILED, QUEUED

from ...errors import DaemonError
from ..worker_pipe import JobSpec
from .ledger import CANCEL, KEEP, Entry, Ledger
from .spool import Spool

log = logging.getLogger(__name__)

RECLAIM_TIMEOUT = 60.0
"""Seconds in which the client of a job that ends with it must ask for the job again."""


@dataclass(frozen=True)
class UnfinishedJob:
    """A job to be queued again; ``keep``: it was asked to end with the best of what there is."""

    spec: JobSpec
    keep: bool


def recover_unfinished(ledger: Ledger, spool: Spool) -> list[UnfinishedJob]:
    """The jobs to go on with, oldest first; those that cannot be, or are not to be, have ended."""
    found = []
    for entry in list(ledger.unfinished()):
        spec = _spec(entry, ledger, spool)
        if spec is not None:
            ledger.update(entry.job, state=QUEUED, device="")
            found.append(UnfinishedJob(spec, entry.stop == KEEP))
    return found


def _spec(entry: Entry, ledger: Ledger, spool: Spool) -> JobSpec | None:
    ended = time.time()
    if entry.stop == CANCEL:
        ledger.update(entry.job, state=CANCELLED, ended=ended)
        return None
    try:
        return spool.read_spec(entry.job)
    except DaemonError as error:
        log.error("job cannot be gone on with: %s", error.message, extra={"job": entry.job})
        said = {"code": error.code, "message": error.message, "hint": error.hint}
        ledger.update(entry.job, state=FAILED, ended=ended, **said)
        return None


class OrphanedJobs:
    """Jobs of an earlier daemon that end with their clients: those whose clients do not come back are cancelled."""

    def __init__(self, jobs: list[str], is_watched: Callable[[str], bool], cancel: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._is_watched = is_watched
        self._cancel = cancel
        self._since = time.monotonic()

    def cancel_unclaimed(self) -> None:
        """Once the time is over, cancel what nobody watches."""
        if not self._jobs or time.monotonic() - self._since < RECLAIM_TIMEOUT:
            return
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            if not self._is_watched(job):
                log.info("job ends: its client has not come back", extra={"job": job})
                self._cancel(job)
