"""The table that a command prints, and the status that it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, what was promised of it (empty: nothing), and whether that was kept."""

    name: str
    value: str
    promise: str = ""
    is_kept: bool = True

    def __str__(self) -> str:
        verdict = f"{self.promise}: {'kept' if self.is_kept else 'BROKEN'}" if self.promise else ""
        return f"{self.name:<52} {self.value:>24}   {verdict}".rstrip()


def count(name: str, number: int, promised: int | None = None) -> Figure:
    """A number that should be ``promised``; None: that is only told."""
    return Figure(name, str(number), "" if promised is None else str(promised), promised is None or number == promised)


def show(title: str, figures: Sequence[Figure]) -> int:
    """Print the table; 1 where a promise is broken."""
    print(title)
    for figure in figures:
        print(f"  {figure}")
    return 0 if all(figure.is_kept for figure in figures) else 1
