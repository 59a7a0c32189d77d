"""How fast one client may ask: slowed at first, then refused."""

from __future__ import annotations

_ROUNDING = 1e-6
"""Seconds to which a clock's floats are trusted."""


class RateLimiter:
    """The generic cell rate algorithm (ITU-T I.371, annex A): ``rate`` a second after a burst of ``burst``.

    What comes sooner has to wait, for at most ``max_delay`` seconds. Times are a monotonic clock's seconds.
    """

    def __init__(self, rate: float, burst: int, max_delay: float = 0.0) -> None:
        self._every = 1.0 / rate
        self._ahead = burst / rate
        self._max_delay = max_delay
        self._due = 0.0

    def delay(self, now: float) -> float | None:
        """Seconds until what came at ``now`` may be answered; None: not at all, and it counts for nothing."""
        due = max(self._due, now) + self._every
        delay = due - self._ahead - now
        if delay > self._max_delay + _ROUNDING:
            return None
        self._due = due
        return delay if delay > _ROUNDING else 0.0
