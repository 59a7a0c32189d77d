"""Whether a measurement grows: the Theil-Sen slope of its samples, which is robust against single jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import theilslopes

from .report import Measurement

WARM_UP_SHARE = 1 / 3
"""Share of the time at the start that counts as warm-up and is left out."""

MIN_WARM_UP_SECONDS = 130.0
"""Least seconds of warm-up, if the run is longer: a daemon remembers message ids for 120 s (SPEC, "Replay")."""

MIN_JUDGED_SECONDS = 120.0
"""Least seconds after warm-up for which the slope is checked; below it, the slope is only reported."""

MAX_SLOPE = 256.0
"""Largest certain growth in kB per minute after warm-up: in a day, less than one picture takes."""


@dataclass(frozen=True)
class Trend:
    """``slope`` per minute; ``slope_lower_bound`` is its lower bound with 95 percent confidence."""

    start: float
    end: float
    slope: float
    slope_lower_bound: float
    is_long_enough: bool


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """The trend of ``values`` after warm-up; of a short run, of its last part."""
    lasted = seconds[-1] - seconds[0]
    is_long_enough = lasted >= MIN_WARM_UP_SECONDS + MIN_JUDGED_SECONDS
    left_out = max(MIN_WARM_UP_SECONDS if is_long_enough else 0.0, WARM_UP_SHARE * lasted)
    kept = [(at, value) for at, value in zip(seconds, values, strict=True) if at - seconds[0] >= left_out]
    first, last = kept[0][1], kept[-1][1]
    if len(kept) < 2:
        return Trend(first, last, 0.0, 0.0, False)
    slope, _, low, _ = theilslopes([value for _, value in kept], [at for at, _ in kept], alpha=0.95)
    return Trend(first, last, 60.0 * float(slope), 60.0 * float(low), is_long_enough)


def memory_measurements(name: str, seconds: Sequence[float], kilobytes: Sequence[float]) -> list[Measurement]:
    """The measurements of a process's resident memory."""
    found = trend(seconds, kilobytes)
    slope = f"{found.slope:+.0f} (surely {found.slope_lower_bound:+.0f}) kB/min"
    told = Measurement(f"resident memory of the {name}, once warm", f"{found.start:.0f} to {found.end:.0f} kB")
    if not found.is_long_enough:
        return [told, Measurement("  its slope, of too short a time to judge", slope)]
    return [told, Measurement("  its slope", slope, f"surely under {MAX_SLOPE:g}", found.slope_lower_bound < MAX_SLOPE)]
