"""Keeps what jobs hold on disk within the limits: a job comes in only where there is room for its outcome."""

from __future__ import annotations

import logging
import time

from ...errors import DaemonError
from .deferred_writes import DeferredWriter
from .disk_usage import output_bytes
from .eviction import JobUsage, QuotaLimits, plan_eviction
from .ledger import Ledger
from .spool import LAYER, Spool, read_pixels

log = logging.getLogger(__name__)

KEPT_JOBS = 200
"""Ended jobs that are listed, of those that were fetched, left nothing to fetch, or are older than the limits' age."""

DEFAULT_QUOTA = 20 * 10**9
DEFAULT_SHARE = 5
"""Bytes that jobs may hold unless told otherwise, on a small disk a share of it: one fifth."""


class DiskQuota:
    """What every job holds, in bytes. Lives in the front's event loop.

    A job that waits or runs counts with what it will leave, so that a result finds the room that was promised.
    """

    def __init__(self, ledger: Ledger, spool: Spool, writer: DeferredWriter, limits: QuotaLimits) -> None:
        self._ledger = ledger
        self._spool = spool
        self._writer = writer
        self._limits = limits
        self._bytes_by_job = {job: spool.size(job) for job in spool.jobs()}
        for entry in ledger.unfinished():
            self._bytes_by_job[entry.job] = spool.size(entry.job) + _expected_bytes(spool, entry.job)

    @property
    def reserved_bytes(self) -> int:
        """Bytes that all jobs hold or are promised."""
        return sum(self._bytes_by_job.values())

    def reserve(self, job: str, nbytes: int, in_use: str = "") -> None:
        """Promise a job its bytes, dropping results as `eviction.plan_eviction` says, but not that of the job ``in_use``.

        Errors: ``spool-full``, and nothing is dropped then; ``ledger-failed``.
        """
        if self.reserved_bytes + nbytes > self._limits.nbytes:
            self._evict_for(nbytes, in_use)
        self._bytes_by_job[job] = nbytes

    def end_reservation(self, job: str) -> None:
        """A job has ended, or was never accepted: from now on it holds what lies there."""
        self._bytes_by_job[job] = self._spool.size(job)
        if not self._bytes_by_job[job]:
            del self._bytes_by_job[job]

    def record_fetch(self, job: str) -> None:
        """Somebody has the result of a job now."""
        self._writer.update(job, fetched=time.time())
        log.info("result fetched", extra={"job": job})

    def enforce_limits(self) -> None:
        """Drop what is over the limits, and forget old jobs. Errors: ``ledger-failed``."""
        now = time.time()
        if self.reserved_bytes > self._limits.nbytes:
            self._evict(plan_eviction(self._all_held(), 0, self._limits, now).evicted)
        for job in self._ledger.delete_old(KEPT_JOBS, now - self._limits.age):
            self._remove(job)

    def _evict_for(self, nbytes: int, in_use: str) -> None:
        made = plan_eviction(self._all_held(in_use), nbytes, self._limits, time.time())
        if not made.fits:
            raise DaemonError(
                "spool-full",
                f"The job needs {_megabytes(nbytes)} of disk; jobs hold {_megabytes(self.reserved_bytes)} of the"
                f" {_megabytes(self._limits.nbytes)} that they may.",
                "Fetch or await what is there, or allow more: gramarye serve --spool-quota.",
            )
        self._evict(made.evicted)

    def _all_held(self, in_use: str = "") -> list[JobUsage]:
        """All of them with their endings; a job ``in_use`` counts as one that runs."""
        ended_jobs = {ending.job: ending for ending in self._ledger.ended_jobs() if ending.job != in_use}
        return [
            JobUsage(job, nbytes, ended_jobs[job].ended, ended_jobs[job].fetched)
            if job in ended_jobs
            else JobUsage(job, nbytes)
            for job, nbytes in self._bytes_by_job.items()
        ]

    def _evict(self, jobs: tuple[str, ...]) -> None:
        for job in jobs:
            log.info("job dropped to make room", extra={"job": job, "nbytes": self._bytes_by_job.get(job, 0)})
            self._ledger.delete(job)
            self._remove(job)

    def _remove(self, job: str) -> None:
        self._spool.remove(job)
        self._bytes_by_job.pop(job, None)


def default_quota(disk: int) -> int:
    """Bytes that jobs may hold on a disk of ``disk`` bytes."""
    return min(DEFAULT_QUOTA, disk // DEFAULT_SHARE)


def _expected_bytes(spool: Spool, job: str) -> int:
    try:
        return output_bytes(read_pixels(spool.result_path(job).with_name(LAYER)))
    except DaemonError:  # nothing will come of it
        return 0


def _megabytes(nbytes: int) -> str:
    return f"{nbytes / 1e6:.4g} MB"
