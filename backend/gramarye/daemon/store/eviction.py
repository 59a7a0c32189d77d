"""Which results go where jobs would hold more than they may: those that were fetched, oldest fetch first.

One that nobody has fetched goes only when it is old, and what waits or runs never does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True)
class JobUsage:
    """What one job holds: bytes, and when it ended and was last fetched, in seconds since the epoch, 0 for never."""

    job: str
    nbytes: int
    ended: float = 0.0
    fetched: float = 0.0


@dataclass(frozen=True)
class QuotaLimits:
    """``nbytes`` that all jobs may hold; ``age``: seconds after its end when a job that nobody fetched may go."""

    nbytes: int
    age: float = 30 * DAY


@dataclass(frozen=True)
class EvictionPlan:
    """The jobs to drop, in order, and whether what was wanted fits then."""

    evicted: tuple[str, ...]
    fits: bool


def plan_eviction(usages: Iterable[JobUsage], wanted: int, limits: QuotaLimits, now: float) -> EvictionPlan:
    """Make room for ``wanted`` bytes more, dropping no job more than that takes."""
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
    if not usage.ended or not usage.nbytes:  # what holds nothing frees nothing
        return False
    return usage.fetched > 0 or now - usage.ended > limits.age


def _eviction_order(usage: JobUsage) -> tuple[bool, float]:
    """Fetched ones first, by their last fetch; then the others, by their end."""
    return (False, usage.fetched) if usage.fetched else (True, usage.ended)
