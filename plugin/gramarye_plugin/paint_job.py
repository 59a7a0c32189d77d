"""One painting, from the click to its last pixel, across a daemon that goes and comes back."""

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
    Refused,
    Result,
    Submit,
    Watch,
)

from .session import LOST, Session, Standing

SILENCE = 5.0
"""Seconds without a word of a running job after which it is asked for again."""


STOPPED = "daemon-stopped"
"""Of a job that goes on when a daemon runs again."""


class Show:
    """What a painting tells the editor; each does nothing unless it is overridden. The last three end it."""

    def progressed(self, view: JobView) -> None:
        """A new state, progress or preview."""

    def waiting(self) -> None:
        """The daemon is away; the job is with it and will be asked for when it is back."""

    def painted(self, result: Result, done: Done) -> None:
        """Finished, or stopped and kept."""

    def failed(self, refused: Refused) -> None:
        """It came to nothing; in words."""

    def cancelled(self) -> None:
        """It was cancelled."""


class Painting:
    """The owner hands in every event, tells of every change of the session's standing, and calls `tick`."""

    def __init__(self, session: Session, submit: Submit, show: Show) -> None:
        self._session = session
        self._show = show
        self._watch = submit.watch
        self._view: Optional[JobView] = None
        self._done: Optional[Done] = None
        self._heard: Optional[float] = None
        self._intent: Optional[bool] = None
        """A cancel that the job's name, or the daemon, is waited for with: whether to keep the best."""
        self.ended = False
        session.request(submit, self._accepted)

    @property
    def job(self) -> str:
        """Its name with the daemon; empty before that has taken it."""
        return self._view.job if self._view else ""

    def cancel(self, keep: bool = False) -> None:
        """Stop it; ``keep`` ends it with the best picture so far."""
        self._intent = keep
        self._send_intent()

    def happened(self, event: Event) -> None:
        """An event of any job."""
        if self.ended or self._view is None or event.job != self._view.job:
            return
        self._heard = None
        before, self._view = self._view, self._view.after(event)
        if isinstance(event, Done):
            self._fetch(event)
        elif isinstance(event, Failed) and event.code == STOPPED and not self._watch.ends_with_client:
            self._view = before
            self._show.waiting()
        elif isinstance(event, Failed):
            self._fail(Refused(event.code, event.message, event.hint))
        elif isinstance(event, Cancelled):
            self.ended = True
            self._show.cancelled()
        elif self._view is not before:
            self._show.progressed(self._view)

    def standing_changed(self) -> None:
        """The session lost or found a daemon."""
        if self.ended or self._view is None:
            return
        if self._session.standing is Standing.READY:
            self._ask_again()
        elif self._session.standing is Standing.AWAY:
            self._show.waiting()

    def tick(self, monotonic: float) -> None:
        """Every second or so: a job that is not heard of is asked for again."""
        if self.ended or self._view is None or self._session.standing is not Standing.READY:
            return
        if self._heard is None:
            self._heard = monotonic
        elif monotonic - self._heard > SILENCE:
            self._heard = None
            self._ask_again()

    def _accepted(self, answer: Message) -> None:
        if isinstance(answer, Accepted):
            self._view = JobView(answer.job, position=answer.position)
            self._show.progressed(self._view)
            self._send_intent()
        else:
            self._fail(answer)

    def _ask_again(self) -> None:
        if self._done is not None:
            self._fetch(self._done)
        else:
            self._session.request(Watch(self.job, self._watch), self._watched)
            self._send_intent()

    def _watched(self, answer: Message) -> None:
        if isinstance(answer, Refused) and answer is not LOST:
            self._fail(answer)

    def _send_intent(self) -> None:
        if self._intent is not None and self._view is not None and self._session.standing is Standing.READY:
            intent, self._intent = self._intent, None
            self._session.request(Cancel(self.job, intent), lambda answer: self._stopped(answer, intent))

    def _stopped(self, answer: Message, intent: bool) -> None:
        if answer is LOST:
            self._intent = intent

    def _fetch(self, done: Done) -> None:
        self._done = done
        self._session.request(FetchResult(self.job), self._fetched)

    def _fetched(self, answer: Message) -> None:
        if isinstance(answer, Result) and self._done is not None:
            self.ended = True
            self._show.painted(answer, self._done)
        elif answer is not LOST:  # lost, it is fetched when the daemon is back
            self._fail(answer)

    def _fail(self, answer: Message) -> None:
        if self.ended:
            return
        self.ended = True
        if not isinstance(answer, Refused):
            said = f"The daemon answered with {answer.KIND!r}."
            answer = Refused("reply-unexpected", said, "Update the older of the two: the plugin or the daemon.")
        self._show.failed(answer)
