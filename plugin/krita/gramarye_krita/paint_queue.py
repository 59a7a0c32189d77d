"""The paintings of this Krita: those that wait or run, in the daemon's order, and the last one that has ended."""

from __future__ import annotations

from typing import Iterator, List, Optional, Tuple

from .paint_run import PaintRun


class PaintQueue:
    """Holds the paintings; the daemon paints them one after the other."""

    def __init__(self) -> None:
        self._unfinished: List[PaintRun] = []
        self._ended: List[PaintRun] = []

    def __iter__(self) -> Iterator[PaintRun]:
        """Iterate over all paintings, also those that have ended; the queue may change meanwhile."""
        return iter((*self._ended, *self._unfinished))

    @property
    def unfinished(self) -> Tuple[PaintRun, ...]:
        """The paintings that have not ended, the one that is painted first."""
        return tuple(sorted(self._unfinished, key=lambda run: run.place))

    @property
    def current(self) -> Optional[PaintRun]:
        """The painting to show: the first that has not ended, else the last that has; None if there was none."""
        return next(iter((*self.unfinished, *reversed(self._ended))), None)

    def add(self, run: PaintRun) -> None:
        """Add a painting, and forget those that have ended, unless they wait for their document to be shown."""
        self._ended = [each for each in self._ended if each.waits_for_document]
        self._unfinished.append(run)

    def take_ended(self, run: PaintRun) -> bool:
        """Note that a painting has ended; return False if that was known."""
        if run not in self._unfinished:
            return False
        self._unfinished.remove(run)
        self._ended.append(run)
        return True
