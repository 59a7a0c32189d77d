"""The job that painted a layer last, in this session: where a painting can go on from."""

from __future__ import annotations

from typing import Dict, Tuple

from .source import Source

Place = Tuple[int, ...]


class Earlier:
    """A layer of another size, or another part of it, has no painting to go on from."""

    def __init__(self) -> None:
        self._jobs: Dict[Tuple[str, Place], str] = {}

    def remember(self, source: Source, job: str) -> None:
        """That job has painted it."""
        self._jobs[source.identity, _place(source)] = job

    def job(self, source: Source) -> str:
        """The job that painted it last; empty for none."""
        return self._jobs.get((source.identity, _place(source)), "")


def _place(source: Source) -> Place:
    """Where a layer lies does not matter, but where it is selected does."""
    bounds = source.bounds
    size = (bounds.width(), bounds.height())
    return (*size, bounds.x(), bounds.y()) if source.is_selected else size
