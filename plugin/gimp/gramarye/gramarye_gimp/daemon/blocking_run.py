"""Paint one job and wait for its result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Optional

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit, Welcome

from ..failures import PaintCancelled, PaintError
from .connection import MAX_RESTARTS, DaemonConnection

if TYPE_CHECKING:  # it needs GIMP, this module does not
    from ..progress_bar import GimpProgress

_POLL_INTERVAL = 0.02
"""Longest wait for the daemon in one poll, in seconds."""


def wait_until_ready(daemon: DaemonConnection) -> Welcome:
    """Wait until the daemon is ready. Errors: `PaintError`."""
    poll_until(daemon, lambda: daemon.is_ready)
    assert daemon.session.welcome is not None, "it is ready"
    return daemon.session.welcome


def paint(daemon: DaemonConnection, submit: Submit, progress: GimpProgress) -> Result:
    """Paint ``submit`` and return its result. Errors: `PaintError`; `PaintCancelled` if the user stopped it.

    If the daemon dies, the next one, which is found or started, goes on with the painting.
    """
    outcome = _OutcomeListener(progress)
    painting = PaintJob(daemon.session, submit, outcome)
    daemon.on_event, daemon.on_state_changed = painting.handle_event, painting.connection_state_changed
    daemon.restarts_left = MAX_RESTARTS
    progress.begin(painting)
    try:
        poll_until(daemon, lambda: painting.has_ended, lambda: _tick(painting, progress))
    finally:
        progress.end()
    if outcome.result is not None:
        return outcome.result
    refused = daemon.refusal or outcome.refused
    raise PaintCancelled if refused is None else PaintError(refused)


def poll_until(
    daemon: DaemonConnection, condition: Callable[[], bool], on_poll: Callable[[], None] = lambda: None
) -> None:
    """Poll the daemon until ``condition`` is true. Errors: `PaintError` if the daemon refuses."""
    while not condition():
        daemon.poll(_POLL_INTERVAL)
        on_poll()
        if daemon.refusal is not None:
            raise PaintError(daemon.refusal)


def _tick(painting: PaintJob, progress: GimpProgress) -> None:
    painting.tick(time.monotonic())
    progress.process_events()


class _OutcomeListener(PaintJobListener):
    def __init__(self, progress: GimpProgress) -> None:
        self._progress = progress
        self.result: Optional[Result] = None
        self.refused: Optional[Refused] = None

    def on_progress(self, view: JobView) -> None:
        self._progress.show(view)

    def on_waiting(self) -> None:
        self._progress.wait()

    def on_painted(self, result: Result, _done: Done) -> None:
        self.result = result

    def on_failed(self, refused: Refused) -> None:
        self.refused = refused
