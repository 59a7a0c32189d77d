"""Who watches which job, and how often each wants to hear of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gramarye_protocol.messages import Event, Progress, Watching

from .worker_pipe import PreviewRate, SizedPreview

Client = bytes
"""A ROUTER's routing id."""


@dataclass
class _Watcher:
    watching: Watching
    progress_at: float = -math.inf
    preview_at: float = -math.inf


class Watchers:
    """Subscriptions by job and client. Times are a monotonic clock's seconds."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[Client, _Watcher]] = {}

    def add(self, job: str, client: Client, watching: Watching) -> None:
        """Subscribe, or change the rates."""
        self._jobs.setdefault(job, {})[client] = _Watcher(watching)

    def is_watched(self, job: str) -> bool:
        """Whether any client watches the job."""
        return bool(self._jobs.get(job))

    def drop(self, client: Client) -> list[tuple[str, Watching]]:
        """Forget a client that is gone; returns the jobs that it watched, and how."""
        left = [(job, watchers.pop(client, None)) for job, watchers in self._jobs.items()]
        return [(job, watcher.watching) for job, watcher in left if watcher is not None]

    def clients(self) -> set[Client]:
        """All who watch anything."""
        return {client for watchers in self._jobs.values() for client in watchers}

    def tied(self) -> list[tuple[str, Client]]:
        """Jobs that end with the connection of a client."""
        return [
            (job, client)
            for job, watchers in self._jobs.items()
            for client, watcher in watchers.items()
            if watcher.watching.ends_with_client
        ]

    def forget(self, job: str) -> None:
        """Forget a job that has ended."""
        self._jobs.pop(job, None)

    def preview_rates(self, job: str) -> tuple[PreviewRate, ...]:
        """The previews to make: for each side, as often as its keenest watcher asks."""
        keenest: dict[tuple[int, int], float] = {}
        for watcher in self._jobs.get(job, {}).values():
            watching = watcher.watching
            if watching.preview_steps > 0 or watching.preview_every > 0:
                key = (watching.preview_side, watching.preview_steps)
                keenest[key] = min(watching.preview_every, keenest.get(key, watching.preview_every))
        return tuple(PreviewRate(side, steps, every) for (side, steps), every in sorted(keenest.items()))

    def recipients(self, event: Event, now: float) -> list[Client]:
        """Those to whom ``event`` is due; a last progress always is."""
        watchers = self._jobs.get(event.job, {})
        if not isinstance(event, Progress):
            return list(watchers)
        due = []
        for client, watcher in watchers.items():
            if now - watcher.progress_at >= watcher.watching.progress_every or event.step == event.total:
                watcher.progress_at = now
                due.append(client)
        return due

    def preview_recipients(self, sized: SizedPreview, now: float) -> list[Client]:
        """Those who asked for previews of this kind and have waited long enough."""
        due = []
        for client, watcher in self._jobs.get(sized.preview.job, {}).items():
            watching = watcher.watching
            if (watching.preview_side, watching.preview_steps) != (sized.side, sized.steps):
                continue
            # half a period of grace: the worker's clock ticks at the same rate, not in the same phase
            if watching.preview_steps or now - watcher.preview_at >= watching.preview_every * 0.5:
                watcher.preview_at = now
                due.append(client)
        return due
