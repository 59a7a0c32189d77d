"""The results of a pool's jobs: the events that clients received, and the outcome of each job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from gramarye_protocol.messages import Cancelled, Done, Event, Failed

FINAL_EVENTS = (Done, Failed, Cancelled)


@dataclass(frozen=True)
class Results:
    """Numbers of jobs: ``lost`` had no final event, ``duplicated`` several, ``wrong`` another job's painting or none.

    ``unknown_jobs`` counts final events of jobs that nobody here submitted.
    """

    accepted: int = 0
    refused: int = 0
    done: int = 0
    cancelled: int = 0
    failed: int = 0
    fetched: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    unknown_jobs: int = 0

    def __add__(self, other: Results) -> Results:
        return Results(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class ResultRecorder:
    """Records the events and results of one pool."""

    def __init__(self) -> None:
        self._accepted: Counter[str] = Counter()
        self._endings: dict[str, list[Event]] = {}
        self._refused = self._fetched = self._wrong = 0

    def record_accepted(self, job: str) -> None:
        """The daemon accepted a job."""
        self._accepted[job] += 1

    def record_refused(self) -> None:
        """The daemon refused a job."""
        self._refused += 1

    def record_event(self, event: Event) -> None:
        """A client received an event."""
        if isinstance(event, FINAL_EVENTS):
            self._endings.setdefault(event.job, []).append(event)

    def record_fetched(self, *, is_correct: bool) -> None:
        """A painting was fetched, or its fetch failed."""
        self._fetched += 1
        self._wrong += not is_correct

    def ending(self, job: str) -> Event | None:
        """The first final event of that job."""
        told = self._endings.get(job)
        return told[0] if told else None

    def results(self) -> Results:
        """The numbers, once all jobs have ended."""
        told = {job: self._endings.get(job, []) for job in self._accepted}
        firsts = Counter(type(endings[0]) for endings in told.values() if endings)
        return Results(
            accepted=self._accepted.total(),
            refused=self._refused,
            done=firsts[Done],
            cancelled=firsts[Cancelled],
            failed=firsts[Failed],
            fetched=self._fetched,
            lost=sum(not endings for endings in told.values()),
            duplicated=sum(len(endings) > 1 for endings in told.values()) + _count_repeated(self._accepted.values()),
            wrong=self._wrong,
            unknown_jobs=len(set(self._endings) - set(self._accepted)),
        )


def _count_repeated(counts: Iterable[int]) -> int:
    """Number of ids that were given to several jobs."""
    return sum(count > 1 for count in counts)
