"""Whether a figure grows: the slope of its samples (Theil and Sen's, which single leaps do not move)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import theilslopes

from .report import Figure

WARMING = 1 / 3
"""Share of the time at the start that tells of warming up, and is left out."""

WARM_AFTER = 130.0
"""Seconds that are left out at least, if there are more: a daemon remembers messages for 120 (SPEC, "Replay")."""

JUDGED_FOR = 120.0
"""Seconds of what is left below which a slope is told, and not judged."""

GROWTH = 256.0
"""kB a minute that a process may surely grow by, once warm: a day of that is less than it takes for one picture."""


@dataclass(frozen=True)
class Trend:
    """``slope`` per minute; ``surely`` is the least that it is with a confidence of 95 percent."""

    start: float
    end: float
    slope: float
    surely: float
    is_long_enough: bool


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """The trend of ``values``, taken at those times, once warmed up; of a short time, of its last part."""
    lasted = seconds[-1] - seconds[0]
    is_long_enough = lasted >= WARM_AFTER + JUDGED_FOR
    left_out = max(WARM_AFTER if is_long_enough else 0.0, WARMING * lasted)
    kept = [(at, value) for at, value in zip(seconds, values, strict=True) if at - seconds[0] >= left_out]
    first, last = kept[0][1], kept[-1][1]
    if len(kept) < 2:
        return Trend(first, last, 0.0, 0.0, False)
    slope, _, low, _ = theilslopes([value for _, value in kept], [at for at, _ in kept], alpha=0.95)
    return Trend(first, last, 60.0 * float(slope), 60.0 * float(low), is_long_enough)


def memory_figures(name: str, seconds: Sequence[float], kilobytes: Sequence[float]) -> list[Figure]:
    """What is told of a process's resident memory."""
    found = trend(seconds, kilobytes)
    slope = f"{found.slope:+.0f} (surely {found.surely:+.0f}) kB/min"
    told = Figure(f"resident memory of the {name}, once warm", f"{found.start:.0f} to {found.end:.0f} kB")
    if not found.is_long_enough:
        return [told, Figure("  its slope, of too short a time to judge", slope)]
    return [told, Figure("  its slope", slope, f"surely under {GROWTH:g}", found.surely < GROWTH)]
