"""Resumes the jobs that an earlier daemon left unfinished."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from gramarye_protocol.jobs import CANCELLED, FAILED, QUEUED

from ...errors import DaemonError
from ..job_spec import JobSpec
from .ledger import CANCEL, KEEP, Entry, Ledger
from .spool import Spool

log = logging.getLogger(__name__)

RECLAIM_TIMEOUT = 60.0
"""Seconds after the start within which a client must watch its job again, if the job ends with its client."""


@dataclass(frozen=True)
class UnfinishedJob:
    """A job to queue again; ``keep``: a client asked to stop it and keep its best painting."""

    spec: JobSpec
    keep: bool


def recover_unfinished(ledger: Ledger, spool: Spool) -> list[UnfinishedJob]:
    """Return the jobs to queue again, oldest first; mark the cancelled and the unreadable ones as ended."""
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
        log.error("job cannot be resumed: %s", error.message, extra={"job": entry.job})
        failure = {"code": error.code, "message": error.message, "hint": error.hint}
        ledger.update(entry.job, state=FAILED, ended=ended, **failure)
        return None


class OrphanedJobs:
    """Jobs of an earlier daemon that end with their clients; cancels those whose clients do not return."""

    def __init__(self, jobs: list[str], is_watched: Callable[[str], bool], cancel: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._is_watched = is_watched
        self._cancel = cancel
        self._since = time.monotonic()

    def cancel_unclaimed(self) -> None:
        """After `RECLAIM_TIMEOUT`, cancel the jobs that no client watches; does nothing before."""
        if not self._jobs or time.monotonic() - self._since < RECLAIM_TIMEOUT:
            return
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            if not self._is_watched(job):
                log.info("job ends: its client has not come back", extra={"job": job})
                self._cancel(job)
