"""Paintings one after the other, without waiting for them."""

from __future__ import annotations

import time
from typing import Callable, Optional, Sequence

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit

from .connection import Daemon


class Watcher:
    """What a series tells; places count from 0."""

    def on_progress(self, place: int, view: JobView) -> None:
        """One has come so far."""

    def on_painted(self, place: int, result: Result) -> None:
        """One is there."""

    def on_failed(self, refused: Refused) -> None:
        """One came to nothing, and there will be no others."""


class Series:
    """Call `turn` again and again, and `stop` where no more are wanted."""

    def __init__(self, daemon: Daemon, submits: Sequence[Submit], watcher: Watcher) -> None:
        self._daemon = daemon
        self._submits = submits
        self._watcher = watcher
        self._place = 0
        self._painting: Optional[PaintJob] = None
        self.ended = False
        self._next()

    def turn(self) -> None:
        """See to what is due."""
        if self.ended or self._painting is None:
            return
        self._painting.tick(time.monotonic())
        if self._daemon.trouble is not None:
            self._fail(self._daemon.trouble)

    def stop(self) -> None:
        """Cancel the one that forms."""
        if not self.ended and self._painting is not None:
            self._painting.cancel()
        self.ended = True

    def _next(self) -> None:
        place = self._place
        show = _One(
            lambda view: self._watcher.on_progress(place, view), lambda result: self._came(place, result), self._fail
        )
        self._painting = PaintJob(self._daemon.session, self._submits[place], show)
        self._daemon.on_event = self._painting.handle_event

    def _came(self, place: int, result: Result) -> None:
        if self.ended:
            return
        self._place += 1
        self.ended = self._place == len(self._submits)
        self._watcher.on_painted(place, result)
        if not self.ended:
            self._next()

    def _fail(self, refused: Refused) -> None:
        if not self.ended:
            self.ended = True
            self._watcher.on_failed(refused)


class _One(PaintJobListener):
    def __init__(
        self,
        on_progress: Callable[[JobView], None],
        on_painted: Callable[[Result], None],
        on_failed: Callable[[Refused], None],
    ) -> None:
        self._progressed = on_progress
        self._painted = on_painted
        self._failed = on_failed

    def on_progress(self, view: JobView) -> None:
        self._progressed(view)

    def on_painted(self, result: Result, _done: Done) -> None:
        self._painted(result)

    def on_failed(self, refused: Refused) -> None:
        self._failed(refused)
