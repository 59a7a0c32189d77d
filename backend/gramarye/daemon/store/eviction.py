"""Chooses the jobs to delete when space is short: fetched results first, by the time of their last fetch.

A result that was never fetched is deleted only when it is old. Queued and running jobs are never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True)
class JobUsage:
    """Disk space of a job; ``ended`` and ``fetched`` (last fetch) are seconds since the epoch, 0 for never."""

    job: str
    nbytes: int
    ended: float = 0.0
    fetched: float = 0.0


@dataclass(frozen=True)
class QuotaLimits:
    """Disk quota of all jobs in bytes, and the ``age`` in seconds at which an unfetched result may be deleted."""

    nbytes: int
    age: float = 30 * DAY


@dataclass(frozen=True)
class EvictionPlan:
    """The jobs to delete, in order, and whether the wanted bytes fit afterwards."""

    evicted: tuple[str, ...]
    fits: bool


def plan_eviction(usages: Iterable[JobUsage], wanted: int, limits: QuotaLimits, now: float) -> EvictionPlan:
    """Choose the jobs to delete so that ``wanted`` more bytes fit; no more jobs than necessary."""
    usages = list(usages)
    free_bytes = limits.nbytes - sum(usage.nbytes for usage in usages)
    evicted = []
    for usage in sorted((usage for usage in usages if _is_evictable(usage, limits, now)), key=_eviction_order):
        if wanted <= free_bytes:
            break
        evicted.append(usage.job)
        free_bytes += usage.nbytes
    return EvictionPlan(tuple(evicted), wanted <= free_bytes)


def _is_evictable(usage: JobUsage, limits: QuotaLimits, now: float) -> bool:
    if not usage.ended or not usage.nbytes:  # deleting an empty job frees nothing
        return False
    return usage.fetched > 0 or now - usage.ended > limits.age


def _eviction_order(usage: JobUsage) -> tuple[bool, float]:
    """Sort key: fetched results first, by last fetch; then the others, by end."""
    return (False, usage.fetched) if usage.fetched else (True, usage.ended)
