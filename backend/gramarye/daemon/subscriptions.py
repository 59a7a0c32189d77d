"""Who watches which job, and how often each wants to hear of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gramarye_protocol.messages import Event, Progress, WatchOptions

from .worker_pipe import PreviewRate, SizedPreview

RoutingId = bytes
"""A ROUTER's routing id."""


@dataclass
class _Subscription:
    watching: WatchOptions
    progress_at: float = -math.inf
    preview_at: float = -math.inf


class Subscriptions:
    """Subscriptions by job and client. Times are a monotonic clock's seconds."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[RoutingId, _Subscription]] = {}

    def add(self, job: str, client: RoutingId, watching: WatchOptions) -> None:
        """Subscribe, or change the rates."""
        self._jobs.setdefault(job, {})[client] = _Subscription(watching)

    def is_watched(self, job: str) -> bool:
        """Whether any client watches the job."""
        return bool(self._jobs.get(job))

    def remove_client(self, client: RoutingId) -> list[tuple[str, WatchOptions]]:
        """Forget a client that is gone; returns the jobs that it watched, and how."""
        left = [(job, subscriptions.pop(client, None)) for job, subscriptions in self._jobs.items()]
        return [(job, subscription.watching) for job, subscription in left if subscription is not None]

    def clients(self) -> set[RoutingId]:
        """All who watch anything."""
        return {client for subscriptions in self._jobs.values() for client in subscriptions}

    def client_bound_jobs(self) -> list[tuple[str, RoutingId]]:
        """Jobs that end with the connection of a client."""
        return [
            (job, client)
            for job, subscriptions in self._jobs.items()
            for client, subscription in subscriptions.items()
            if subscription.watching.ends_with_client
        ]

    def remove_job(self, job: str) -> None:
        """Forget a job that has ended."""
        self._jobs.pop(job, None)

    def preview_rates(self, job: str) -> tuple[PreviewRate, ...]:
        """The previews to make: for each side, as often as its keenest watcher asks."""
        keenest: dict[tuple[int, int], float] = {}
        for subscription in self._jobs.get(job, {}).values():
            watching = subscription.watching
            if watching.preview_steps > 0 or watching.preview_every > 0:
                key = (watching.preview_side, watching.preview_steps)
                keenest[key] = min(watching.preview_every, keenest.get(key, watching.preview_every))
        return tuple(PreviewRate(side, steps, every) for (side, steps), every in sorted(keenest.items()))

    def recipients(self, event: Event, now: float) -> list[RoutingId]:
        """Those to whom ``event`` is due; a last progress always is."""
        subscriptions = self._jobs.get(event.job, {})
        if not isinstance(event, Progress):
            return list(subscriptions)
        due = []
        for client, subscription in subscriptions.items():
            if now - subscription.progress_at >= subscription.watching.progress_every or event.step == event.total:
                subscription.progress_at = now
                due.append(client)
        return due

    def preview_recipients(self, sized: SizedPreview, now: float) -> list[RoutingId]:
        """Those who asked for previews of this kind and have waited long enough."""
        due = []
        for client, subscription in self._jobs.get(sized.preview.job, {}).items():
            watching = subscription.watching
            if (watching.preview_side, watching.preview_steps) != (sized.side, sized.steps):
                continue
            # half a period of grace: the worker's clock ticks at the same rate, not in the same phase
            if watching.preview_steps or now - subscription.preview_at >= watching.preview_every * 0.5:
                subscription.preview_at = now
                due.append(client)
        return due
