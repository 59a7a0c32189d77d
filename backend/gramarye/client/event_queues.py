"""Events that came while another job's, or a reply, was awaited."""

from __future__ import annotations

from gramarye_protocol.messages import Event, Preview, Progress


class Mailboxes:
    """One box per job that somebody reads; the events of other jobs are dropped.

    Of progress and previews a box holds the latest only, so that it stays small however long nobody looks.
    """

    def __init__(self) -> None:
        self._boxes: dict[str, list[Event]] = {}

    def open(self, job: str) -> None:
        """Keep this job's events from now on."""
        self._boxes.setdefault(job, [])

    def close(self, job: str) -> None:
        """Keep them no longer."""
        self._boxes.pop(job, None)

    def put(self, event: Event) -> None:
        """Lay an event into its job's box."""
        box = self._boxes.get(event.job)
        if box is None:
            return
        if isinstance(event, (Progress, Preview)):
            box[:] = [kept for kept in box if type(kept) is not type(event)]
        box.append(event)

    def take(self, job: str) -> Event | None:
        """The job's oldest event; None where there is none."""
        box = self._boxes.get(job)
        return box.pop(0) if box else None
