"""The last job that painted each layer in this session, so that a painting can be continued."""

from __future__ import annotations

from typing import Dict, Tuple

from .document.source import Source

AreaKey = Tuple[int, ...]


class LastJobs:
    """Maps a layer and the painted area to its last job; a layer painted at another size or area has none."""

    def __init__(self) -> None:
        self._jobs: Dict[Tuple[str, AreaKey], str] = {}

    def remember(self, source: Source, job: str) -> None:
        """Record the job that painted ``source``."""
        self._jobs[source.identity, _area_key(source)] = job

    def job(self, source: Source) -> str:
        """Return the last job that painted ``source``; empty for none."""
        return self._jobs.get((source.identity, _area_key(source)), "")


def _area_key(source: Source) -> AreaKey:
    """Return the size, and with a selection the position too: without one, a moved layer stays the same."""
    bounds = source.bounds
    size = (bounds.width(), bounds.height())
    return (*size, bounds.x(), bounds.y()) if source.is_selected else size
