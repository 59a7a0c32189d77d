"""`JobView`, the state of a job as a client sees it, updated by events (SPEC, "Job states")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from .messages import Cancelled, Done, Event, Failed, Preview, Progress, Queued, Started
from .pixels import PixelBuffer

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"

TRANSITIONS = {
    QUEUED: frozenset({QUEUED, RUNNING, DONE, FAILED, CANCELLED}),  # done: the client missed events
    RUNNING: frozenset(
        {QUEUED, RUNNING, DONE, FAILED, CANCELLED}
    ),  # queued: the worker died and the job will be resumed
    DONE: frozenset({DONE}),
    FAILED: frozenset({FAILED}),
    CANCELLED: frozenset({CANCELLED}),
}
"""State -> the states that may follow. The last three are final."""

_STATE_OF = {
    Queued: QUEUED,
    Started: RUNNING,
    Progress: RUNNING,
    Preview: RUNNING,
    Done: DONE,
    Failed: FAILED,
    Cancelled: CANCELLED,
}


@dataclass(frozen=True)
class JobView:
    """Immutable state of one job, for display."""

    job: str
    state: str = QUEUED
    position: int = 0
    progress: Optional[Progress] = None
    preview: Optional[PixelBuffer] = None
    done: Optional[Done] = None
    failure: Optional[Failed] = None

    @property
    def is_ended(self) -> bool:
        """Whether the state is final."""
        return self.state in (DONE, FAILED, CANCELLED)

    def after(self, event: Event) -> JobView:
        """Return the view after ``event``; self if it is another job's event, unknown, or not allowed in this state."""
        state = _STATE_OF.get(type(event))
        if event.job != self.job or state is None or state not in TRANSITIONS[self.state]:
            return self
        view = replace(self, state=state)
        if isinstance(event, Queued):
            return replace(view, position=event.position, progress=None)
        if isinstance(event, Progress):
            return replace(view, progress=event)
        if isinstance(event, Preview):
            return replace(view, preview=event.pixels)
        if isinstance(event, Done):
            return replace(view, done=event)
        if isinstance(event, Failed):
            return replace(view, failure=event)
        return view
