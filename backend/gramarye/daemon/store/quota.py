"""Disk quota: accepts a job only if its inputs and its outputs fit, and evicts old results."""

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
"""Ended jobs to keep; unfetched results younger than `QuotaLimits.age` do not count."""

DEFAULT_QUOTA = 20 * 10**9
DEFAULT_SHARE = 5
"""Default quota in bytes; on a small disk, one fifth of the disk."""


class DiskQuota:
    """Disk space of every job, in bytes. Use it only in the event loop of the front process.

    A queued or running job counts with its future outputs, so that there is always room for its result.
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
        """Bytes that all jobs use or have reserved."""
        return sum(self._bytes_by_job.values())

    def reserve(self, job: str, nbytes: int, in_use: str = "") -> None:
        """Reserve bytes for a job; evicts results (`eviction.plan_eviction`) if need be, except that of ``in_use``.

        Errors: ``spool-full``, in which case nothing is evicted; ``ledger-failed``.
        """
        if self.reserved_bytes + nbytes > self._limits.nbytes:
            self._evict_for(nbytes, in_use)
        self._bytes_by_job[job] = nbytes

    def end_reservation(self, job: str) -> None:
        """Replace a reservation by the actual size; for a job that has ended or was never accepted."""
        self._bytes_by_job[job] = self._spool.size(job)
        if not self._bytes_by_job[job]:
            del self._bytes_by_job[job]

    def record_fetch(self, job: str) -> None:
        """Record that the result of a job was fetched now."""
        self._writer.update(job, fetched=time.time())
        log.info("result fetched", extra={"job": job})

    def enforce_limits(self) -> None:
        """Evict results beyond the quota and delete old jobs. Errors: ``ledger-failed``."""
        now = time.time()
        if self.reserved_bytes > self._limits.nbytes:
            self._evict(plan_eviction(self._usages(), 0, self._limits, now).evicted)
        for job in self._ledger.delete_old(KEPT_JOBS, now - self._limits.age):
            self._remove(job)

    def _evict_for(self, nbytes: int, in_use: str) -> None:
        plan = plan_eviction(self._usages(in_use), nbytes, self._limits, time.time())
        if not plan.fits:
            raise DaemonError(
                "spool-full",
                f"The job needs {_megabytes(nbytes)} of disk; jobs hold {_megabytes(self.reserved_bytes)} of the"
                f" {_megabytes(self._limits.nbytes)} that they may.",
                "Fetch finished results, wait for running jobs, or allow more: gramarye serve --spool-quota.",
            )
        self._evict(plan.evicted)

    def _usages(self, in_use: str = "") -> list[JobUsage]:
        """Return the usage of every job; the job ``in_use`` counts as running."""
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
    """Return the default quota in bytes on a disk of ``disk`` bytes."""
    return min(DEFAULT_QUOTA, disk // DEFAULT_SHARE)


def _expected_bytes(spool: Spool, job: str) -> int:
    try:
        return output_bytes(read_pixels(spool.result_path(job).with_name(LAYER)))
    except DaemonError:  # no layer: the job will fail
        return 0


def _megabytes(nbytes: int) -> str:
    return f"{nbytes / 1e6:.4g} MB"
