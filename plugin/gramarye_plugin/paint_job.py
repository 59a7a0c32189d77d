"""One painting, from its request to its result; it survives a lost connection and a restart of the daemon."""

from __future__ import annotations

from typing import Optional

from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import (
    Accepted,
    Cancel,
    Cancelled,
    Done,
    Event,
    Failed,
    FetchResult,
    Message,
    Prioritise,
    Refused,
    Result,
    Submit,
    Watch,
)

from .session import DAEMON_LOST, ConnectionState, Session

WATCH_AGAIN_AFTER = 5.0
"""Seconds without an event of a running job after which it is watched again."""


DAEMON_STOPPED = "daemon-stopped"
"""Code of a `Failed` event of a job that the next daemon continues."""


class PaintJobListener:
    """Callbacks of a painting; the defaults do nothing. Each of the last three ends the painting."""

    def on_progress(self, view: JobView) -> None:
        """A new state, progress or preview."""

    def on_waiting(self) -> None:
        """The daemon is unreachable; the job is resumed when it is back."""

    def on_painted(self, result: Result, done: Done) -> None:
        """Finished, or stopped and kept."""

    def on_failed(self, refused: Refused) -> None:
        """The painting failed; ``refused`` says why."""

    def on_cancelled(self) -> None:
        """It was cancelled."""


class PaintJob:
    """A painting. Its owner passes it every event and every change of the connection state, and calls `tick`."""

    def __init__(self, session: Session, submit: Submit, listener: PaintJobListener) -> None:
        self._session = session
        self._listener = listener
        self._watch = submit.watch
        self._view: Optional[JobView] = None
        self._done: Optional[Done] = None
        self._last_event_at: Optional[float] = None
        self._pending_cancel: Optional[bool] = None
        """``keep_best`` of a cancel to send once the job has a name and the daemon is ready; None without one."""
        self.has_ended = False
        session.request(submit, self._submit_answered)

    @property
    def job(self) -> str:
        """The job's name; empty until the daemon has accepted it."""
        return self._view.job if self._view else ""

    def cancel(self, keep: bool = False) -> None:
        """Stop the painting; with ``keep``, the best picture so far is its result."""
        self._pending_cancel = keep
        self._send_cancel()

    def prioritise(self) -> None:
        """Have the painting painted next, if it waits in the daemon's queue."""
        if self._view is not None and self._session.connection_state is ConnectionState.READY:
            self._session.request(Prioritise(self.job), lambda _answer: None)

    def handle_event(self, event: Event) -> None:
        """Handle an event; those of other jobs are ignored."""
        if self.has_ended or self._view is None or event.job != self._view.job:
            return
        self._last_event_at = None
        before, self._view = self._view, self._view.after(event)
        if isinstance(event, Done):
            self._fetch(event)
        elif isinstance(event, Failed) and event.code == DAEMON_STOPPED and not self._watch.ends_with_client:
            self._view = before
            self._listener.on_waiting()
        elif isinstance(event, Failed):
            self._fail(Refused(event.code, event.message, event.hint))
        elif isinstance(event, Cancelled):
            self.has_ended = True
            self._listener.on_cancelled()
        elif self._view is not before:
            self._listener.on_progress(self._view)

    def connection_state_changed(self) -> None:
        """React to a new `Session.connection_state`."""
        if self.has_ended or self._view is None:
            return
        if self._session.connection_state is ConnectionState.READY:
            self._watch_again()
        elif self._session.connection_state is ConnectionState.DISCONNECTED:
            self._listener.on_waiting()

    def tick(self, monotonic: float) -> None:
        """Watch the job again if it has been silent for `WATCH_AGAIN_AFTER`; call it about every second."""
        if self.has_ended or self._view is None or self._session.connection_state is not ConnectionState.READY:
            return
        if self._last_event_at is None:
            self._last_event_at = monotonic
        elif monotonic - self._last_event_at > WATCH_AGAIN_AFTER:
            self._last_event_at = None
            self._watch_again()

    def _submit_answered(self, answer: Message) -> None:
        if isinstance(answer, Accepted):
            self._view = JobView(answer.job, position=answer.position)
            self._listener.on_progress(self._view)
            self._send_cancel()
        else:
            self._fail(answer)

    def _watch_again(self) -> None:
        if self._done is not None:
            self._fetch(self._done)
        else:
            self._session.request(Watch(self.job, self._watch), self._watch_answered)
            self._send_cancel()

    def _watch_answered(self, answer: Message) -> None:
        if isinstance(answer, Refused) and answer is not DAEMON_LOST:
            self._fail(answer)

    def _send_cancel(self) -> None:
        if (
            self._pending_cancel is not None
            and self._view is not None
            and self._session.connection_state is ConnectionState.READY
        ):
            keep_best, self._pending_cancel = self._pending_cancel, None
            self._session.request(Cancel(self.job, keep_best), lambda answer: self._cancel_answered(answer, keep_best))

    def _cancel_answered(self, answer: Message, keep_best: bool) -> None:
        if answer is DAEMON_LOST:
            self._pending_cancel = keep_best

    def _fetch(self, done: Done) -> None:
        self._done = done
        self._session.request(FetchResult(self.job), self._fetch_answered)

    def _fetch_answered(self, answer: Message) -> None:
        if isinstance(answer, Result) and self._done is not None:
            self.has_ended = True
            self._listener.on_painted(answer, self._done)
        elif answer is not DAEMON_LOST:  # if the daemon is lost, fetch when it is back
            self._fail(answer)

    def _fail(self, answer: Message) -> None:
        if self.has_ended:
            return
        self.has_ended = True
        if not isinstance(answer, Refused):
            message = f"The daemon answered with {answer.KIND!r}."
            answer = Refused("reply-unexpected", message, "Update the older of the two: the plugin or the daemon.")
        self._listener.on_failed(answer)
