"""Paintings one after the other, without waiting for them."""

from __future__ import annotations

import time
from typing import Callable, Optional, Sequence

from gramarye_plugin.paint_job import Painting, Show
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit

from .connection import Daemon


class Watcher:
    """What a series tells; places count from 0."""

    def forming(self, place: int, view: JobView) -> None:
        """One has come so far."""

    def painted(self, place: int, result: Result) -> None:
        """One is there."""

    def failed(self, refused: Refused) -> None:
        """One came to nothing, and there will be no others."""


class Series:
    """Call `turn` again and again, and `stop` where no more are wanted."""

    def __init__(self, daemon: Daemon, submits: Sequence[Submit], watcher: Watcher) -> None:
        self._daemon = daemon
        self._submits = submits
        self._watcher = watcher
        self._place = 0
        self._painting: Optional[Painting] = None
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
            lambda view: self._watcher.forming(place, view), lambda result: self._came(place, result), self._fail
        )
        self._painting = Painting(self._daemon.session, self._submits[place], show)
        self._daemon.on_event = self._painting.happened

    def _came(self, place: int, result: Result) -> None:
        if self.ended:
            return
        self._place += 1
        self.ended = self._place == len(self._submits)
        self._watcher.painted(place, result)
        if not self.ended:
            self._next()

    def _fail(self, refused: Refused) -> None:
        if not self.ended:
            self.ended = True
            self._watcher.failed(refused)


class _One(Show):
    def __init__(
        self,
        progressed: Callable[[JobView], None],
        painted: Callable[[Result], None],
        failed: Callable[[Refused], None],
    ) -> None:
        self._progressed = progressed
        self._painted = painted
        self._failed = failed

    def progressed(self, view: JobView) -> None:
        self._progressed(view)

    def painted(self, result: Result, _done: Done) -> None:
        self._painted(result)

    def failed(self, refused: Refused) -> None:
        self._failed(refused)
