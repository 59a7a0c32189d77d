"""Rate limit for one client: requests that come too fast are delayed, then refused."""

from __future__ import annotations

_ROUNDING = 1e-6
"""Tolerance for rounding errors of times, in seconds."""


class RateLimiter:
    """Generic cell rate algorithm (ITU-T I.371, annex A): ``rate`` requests per second after a burst of ``burst``.

    Faster requests are delayed by at most ``max_delay`` seconds. Times are in seconds of the monotonic clock.
    """

    def __init__(self, rate: float, burst: int, max_delay: float = 0.0) -> None:
        self._every = 1.0 / rate
        self._ahead = burst / rate
        self._max_delay = max_delay
        self._due = 0.0

    def delay(self, now: float) -> float | None:
        """Return the seconds to delay a request that came at ``now``; None if it is refused, and then not counted."""
        due = max(self._due, now) + self._every
        delay = due - self._ahead - now
        if delay > self._max_delay + _ROUNDING:
            return None
        self._due = due
        return delay if delay > _ROUNDING else 0.0
