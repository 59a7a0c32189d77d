"""The job that painted a layer last, in this session: where a painting can go on from."""

from __future__ import annotations

from typing import Dict, Tuple

from .source import Source

AreaKey = Tuple[int, ...]


class LastJobs:
    """A layer of another size, or another part of it, has no painting to go on from."""

    def __init__(self) -> None:
        self._jobs: Dict[Tuple[str, AreaKey], str] = {}

    def remember(self, source: Source, job: str) -> None:
        """That job has painted it."""
        self._jobs[source.identity, _area_key(source)] = job

    def job(self, source: Source) -> str:
        """The job that painted it last; empty for none."""
        return self._jobs.get((source.identity, _area_key(source)), "")


def _area_key(source: Source) -> AreaKey:
    """Where a layer lies does not matter, but where it is selected does."""
    bounds = source.bounds
    size = (bounds.width(), bounds.height())
    return (*size, bounds.x(), bounds.y()) if source.is_selected else size
