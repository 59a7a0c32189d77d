"""`EventQueues`: events that arrive while the client waits for a reply or for another job."""

from __future__ import annotations

from gramarye_protocol.messages import Event, Preview, Progress


class EventQueues:
    """One queue per watched job; events of other jobs are dropped.

    A queue keeps only the latest progress event and the latest preview, so that it stays small if it is not read.
    """

    def __init__(self) -> None:
        self._queues: dict[str, list[Event]] = {}

    def open(self, job: str) -> None:
        """Start queueing the events of a job."""
        self._queues.setdefault(job, [])

    def close(self, job: str) -> None:
        """Drop a job's queue and its events."""
        self._queues.pop(job, None)

    def put(self, event: Event) -> None:
        """Append an event to its job's queue."""
        queue = self._queues.get(event.job)
        if queue is None:
            return
        if isinstance(event, (Progress, Preview)):
            queue[:] = [kept for kept in queue if type(kept) is not type(event)]
        queue.append(event)

    def take(self, job: str) -> Event | None:
        """Remove and return the job's oldest event; None if there are no events."""
        queue = self._queues.get(job)
        return queue.pop(0) if queue else None
