"""`Job`: the events and the result of a submitted job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gramarye_protocol.messages import Cancelled, Event, Failed, Progress, Queued, Started, WatchOptions

from ..errors import JobError
from .painting import Painting

if TYPE_CHECKING:
    from .client import Client


class Job:
    """A submitted job: iterate over its events, then call `result`.

    ``ending`` is None until the job ends, then its `Done`, `Failed` or `Cancelled` event. ``watching`` holds the
    options of the subscription. A `Client` has one `Job` per running job, so that two readers never take each other's
    events.
    """

    def __init__(self, client: Client, job: str, watching: WatchOptions) -> None:
        self._client = client
        self._last_by_type: dict[type[Event], Event] = {}
        self.id = job
        self.watching = watching
        self.ending: Event | None = None

    def __iter__(self) -> Iterator[Event]:
        """Yield events up to and including the final one. Errors: those of `Client.next_event`."""
        while self.ending is None:
            event = self._client.next_event(self.id)
            if isinstance(event, (Queued, Started, Progress)):
                # the daemon repeats the current state to a renewed subscription
                if self._last_by_type.get(type(event)) == event:
                    continue
                self._last_by_type[type(event)] = event
            yield event

    def cancel(self, keep: bool = False) -> None:
        """Stop the job after the current step; with ``keep``, it ends with `Done` and its best iterate so far."""
        self._client.cancel(self.id, keep)

    def result(self) -> Painting:
        """Wait for the job to end and fetch the painting.

        Errors: `JobError` with the code of the failure, or ``job-cancelled``; those of `Client.next_event` and
        `Client.result`.
        """
        for _ in self:
            pass
        if isinstance(self.ending, Failed):
            raise JobError(self.ending.code, self.ending.message, self.ending.hint)
        if isinstance(self.ending, Cancelled):
            raise JobError("job-cancelled", "The job was cancelled.", "Submit it again to paint it.")
        return self._client.result(self.id)
