"""The table that a command prints, and its exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """A measurement, the guarantee about it (empty: none), and whether it is kept."""

    name: str
    value: str
    promise: str = ""
    is_kept: bool = True

    def __str__(self) -> str:
        verdict = f"{self.promise}: {'kept' if self.is_kept else 'BROKEN'}" if self.promise else ""
        return f"{self.name:<52} {self.value:>24}   {verdict}".rstrip()


def count(name: str, number: int, promised: int | None = None) -> Measurement:
    """A number that must equal ``promised``; None: it is only reported."""
    return Measurement(
        name, str(number), "" if promised is None else str(promised), promised is None or number == promised
    )


def print_report(title: str, measurements: Sequence[Measurement]) -> int:
    """Print the table; return 1 if a guarantee is broken."""
    print(title)
    for measurement in measurements:
        print(f"  {measurement}")
    return 0 if all(measurement.is_kept for measurement in measurements) else 1
