"""`PaintQueue` paints several jobs in order without blocking."""

from __future__ import annotations

import time
from typing import Callable, Optional, Sequence

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit

from .connection import DaemonConnection


class QueueListener:
    """Callbacks of a `PaintQueue`; ``place`` is the index of the job, from 0."""

    def on_progress(self, place: int, view: JobView) -> None:
        """A job has made progress."""

    def on_painted(self, place: int, result: Result) -> None:
        """A job's painting has arrived."""

    def on_failed(self, refused: Refused) -> None:
        """A job failed; the remaining jobs are not painted."""


class PaintQueue:
    """Paints ``submits`` in order. Call `tick` repeatedly, and `stop` to end early."""

    def __init__(self, daemon: DaemonConnection, submits: Sequence[Submit], listener: QueueListener) -> None:
        self._daemon = daemon
        self._submits = submits
        self._listener = listener
        self._index = 0
        self._painting: Optional[PaintJob] = None
        self.has_ended = False
        self._start_next()

    def tick(self) -> None:
        """Update the current job; report a failure of the daemon."""
        if self.has_ended or self._painting is None:
            return
        self._painting.tick(time.monotonic())
        if self._daemon.refusal is not None:
            self._fail(self._daemon.refusal)

    def stop(self) -> None:
        """Cancel the current job and paint no others."""
        if not self.has_ended and self._painting is not None:
            self._painting.cancel()
        self.has_ended = True

    def _start_next(self) -> None:
        place = self._index
        listener = _CallbackListener(
            lambda view: self._show(place, view),
            lambda result: self._finish_one(place, result),
            self._fail,
        )
        self._painting = PaintJob(self._daemon.session, self._submits[place], listener)
        self._daemon.on_event = self._painting.handle_event

    def _show(self, place: int, view: JobView) -> None:
        if not self.has_ended:
            self._listener.on_progress(place, view)

    def _finish_one(self, place: int, result: Result) -> None:
        if self.has_ended:
            return
        self._index += 1
        self.has_ended = self._index == len(self._submits)
        self._listener.on_painted(place, result)
        if not self.has_ended:
            self._start_next()

    def _fail(self, refused: Refused) -> None:
        if not self.has_ended:
            self.has_ended = True
            self._listener.on_failed(refused)


class _CallbackListener(PaintJobListener):
    def __init__(
        self,
        on_progress: Callable[[JobView], None],
        on_painted: Callable[[Result], None],
        on_failed: Callable[[Refused], None],
    ) -> None:
        self._on_progress = on_progress
        self._on_painted = on_painted
        self._on_failed = on_failed

    def on_progress(self, view: JobView) -> None:
        self._on_progress(view)

    def on_painted(self, result: Result, _done: Done) -> None:
        self._on_painted(result)

    def on_failed(self, refused: Refused) -> None:
        self._on_failed(refused)
