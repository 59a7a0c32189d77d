"""Keeps what jobs hold on disk within the limits: a job comes in only where there is room for its outcome."""

from __future__ import annotations

import logging
import time

from ...errors import DaemonError
from .deferred_writes import Recorder
from .disk_usage import space_of_outcome
from .eviction import Held, Limits, plan
from .ledger import Ledger
from .spool import LAYER, Spool, read_pixels

log = logging.getLogger(__name__)

KEPT_JOBS = 200
"""Ended jobs that are listed, of those that were fetched, left nothing to fetch, or are older than the limits' age."""

DEFAULT_QUOTA = 20 * 10**9
DEFAULT_SHARE = 5
"""Bytes that jobs may hold unless told otherwise, on a small disk a share of it: one fifth."""


class Storeroom:
    """What every job holds, in bytes. Lives in the front's event loop.

    A job that waits or runs counts with what it will leave, so that a result finds the room that was promised.
    """

    def __init__(self, ledger: Ledger, spool: Spool, recorder: Recorder, limits: Limits) -> None:
        self._ledger = ledger
        self._spool = spool
        self._recorder = recorder
        self._limits = limits
        self._held = {job: spool.size(job) for job in spool.jobs()}
        for entry in ledger.unfinished():
            self._held[entry.job] = spool.size(entry.job) + _to_come(spool, entry.job)

    @property
    def held(self) -> int:
        """Bytes that all jobs hold or are promised."""
        return sum(self._held.values())

    def admit(self, job: str, nbytes: int, in_use: str = "") -> None:
        """Promise a job its bytes, dropping results as `expiry.plan` says, but not that of the job ``in_use``.

        Errors: ``spool-full``, and nothing is dropped then; ``ledger-failed``.
        """
        if self.held + nbytes > self._limits.nbytes:
            self._make_room(nbytes, in_use)
        self._held[job] = nbytes

    def settle(self, job: str) -> None:
        """A job has ended, or was never accepted: from now on it holds what lies there."""
        self._held[job] = self._spool.size(job)
        if not self._held[job]:
            del self._held[job]

    def fetched(self, job: str) -> None:
        """Somebody has the result of a job now."""
        self._recorder.change(job, fetched=time.time())
        log.info("result fetched", extra={"job": job})

    def tidy(self) -> None:
        """Drop what is over the limits, and forget old jobs. Errors: ``ledger-failed``."""
        now = time.time()
        if self.held > self._limits.nbytes:
            self._expire(plan(self._all_held(), 0, self._limits, now).drop)
        for job in self._ledger.forget(KEPT_JOBS, now - self._limits.age):
            self._remove(job)

    def _make_room(self, nbytes: int, in_use: str) -> None:
        made = plan(self._all_held(in_use), nbytes, self._limits, time.time())
        if not made.fits:
            raise DaemonError(
                "spool-full",
                f"The job needs {_megabytes(nbytes)} of disk; jobs hold {_megabytes(self.held)} of the"
                f" {_megabytes(self._limits.nbytes)} that they may.",
                "Fetch or await what is there, or allow more: gramarye serve --spool-quota.",
            )
        self._expire(made.drop)

    def _all_held(self, in_use: str = "") -> list[Held]:
        """All of them with their endings; a job ``in_use`` counts as one that runs."""
        endings = {ending.job: ending for ending in self._ledger.endings() if ending.job != in_use}
        return [
            Held(job, nbytes, endings[job].ended, endings[job].fetched) if job in endings else Held(job, nbytes)
            for job, nbytes in self._held.items()
        ]

    def _expire(self, jobs: tuple[str, ...]) -> None:
        for job in jobs:
            log.info("job dropped to make room", extra={"job": job, "nbytes": self._held.get(job, 0)})
            self._ledger.delete(job)
            self._remove(job)

    def _remove(self, job: str) -> None:
        self._spool.remove(job)
        self._held.pop(job, None)


def default_quota(disk: int) -> int:
    """Bytes that jobs may hold on a disk of ``disk`` bytes."""
    return min(DEFAULT_QUOTA, disk // DEFAULT_SHARE)


def _to_come(spool: Spool, job: str) -> int:
    try:
        return space_of_outcome(read_pixels(spool.result(job).with_name(LAYER)))
    except DaemonError:  # nothing will come of it
        return 0


def _megabytes(nbytes: int) -> str:
    return f"{nbytes / 1e6:.4g} MB"
