"""One painting through the daemon, waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Optional

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit, Welcome

from ..failures import Stopped, Trouble
from .connection import Daemon

if TYPE_CHECKING:  # it needs GIMP, this does not
    from ..widgets.progress_bar import Progress

_WAIT = 0.02
"""Seconds between looks at what else there is to do."""


def reach(daemon: Daemon) -> Welcome:
    """Wait until the daemon is ready, or it is known why not (`Trouble`)."""
    until(daemon, lambda: daemon.is_ready)
    assert daemon.session.welcome is not None, "it is ready"
    return daemon.session.welcome


def paint(daemon: Daemon, submit: Submit, progress: Progress) -> Result:
    """Wait for the painting. `Trouble` says why there is none; `Stopped`, that the user wants none."""
    outcome = _Outcome(progress)
    painting = PaintJob(daemon.session, submit, outcome)
    daemon.on_event = painting.handle_event
    progress.begin(painting)
    try:
        until(daemon, lambda: painting.has_ended, lambda: _turn(painting, progress))
    finally:
        progress.end()
    if outcome.result is not None:
        return outcome.result
    refused = daemon.trouble or outcome.refused
    raise Stopped if refused is None else Trouble(refused)


def until(daemon: Daemon, holds: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Keep things moving until something holds. Errors: `Trouble` with the daemon."""
    while not holds():
        daemon.move(_WAIT)
        meanwhile()
        if daemon.trouble is not None:
            raise Trouble(daemon.trouble)


def _turn(painting: PaintJob, progress: Progress) -> None:
    painting.tick(time.monotonic())
    progress.turn()


class _Outcome(PaintJobListener):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.result: Optional[Result] = None
        self.refused: Optional[Refused] = None

    def on_progress(self, view: JobView) -> None:
        self._progress.show(view)

    def on_painted(self, result: Result, _done: Done) -> None:
        self.result = result

    def on_failed(self, refused: Refused) -> None:
        self.refused = refused
