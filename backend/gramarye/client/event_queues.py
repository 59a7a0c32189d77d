"""Events that came while another job's, or a reply, was awaited."""

from __future__ import annotations

from gramarye_protocol.messages import Event, Preview, Progress


class EventQueues:
    """One box per job that somebody reads; the events of other jobs are dropped.

    Of progress and previews a box holds the latest only, so that it stays small however long nobody looks.
    """

    def __init__(self) -> None:
        self._queues: dict[str, list[Event]] = {}

    def open(self, job: str) -> None:
        """Keep this job's events from now on."""
        self._queues.setdefault(job, [])

    def close(self, job: str) -> None:
        """Keep them no longer."""
        self._queues.pop(job, None)

    def put(self, event: Event) -> None:
        """Lay an event into its job's box."""
        queue = self._queues.get(event.job)
        if queue is None:
            return
        if isinstance(event, (Progress, Preview)):
            queue[:] = [kept for kept in queue if type(kept) is not type(event)]
        queue.append(event)

    def take(self, job: str) -> Event | None:
        """The job's oldest event; None where there is none."""
        queue = self._queues.get(job)
        return queue.pop(0) if queue else None
