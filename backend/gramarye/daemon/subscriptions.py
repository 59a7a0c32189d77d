"""Subscriptions: which client watches which job, and at which rates it wants events."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gramarye_protocol.messages import Event, Progress, WatchOptions

from ..engine.vgg.layers import MIN_SIDE
from .job_spec import PreviewRate
from .worker_pipe import SizedPreview

RoutingId = bytes
"""The routing id of a client's connection at the ROUTER socket."""


@dataclass
class _Subscription:
    watching: WatchOptions
    progress_at: float = -math.inf
    preview_at: float = -math.inf


class Subscriptions:
    """Subscriptions by job and client. Times are in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[RoutingId, _Subscription]] = {}

    def add(self, job: str, client: RoutingId, watching: WatchOptions) -> None:
        """Subscribe a client to a job, or change its rates."""
        self._jobs.setdefault(job, {})[client] = _Subscription(watching)

    def is_watched(self, job: str) -> bool:
        """Return whether any client watches the job."""
        return bool(self._jobs.get(job))

    def remove_client(self, client: RoutingId) -> list[tuple[str, WatchOptions]]:
        """Remove a client; return the jobs that it watched, each with its options."""
        left = [(job, subscriptions.pop(client, None)) for job, subscriptions in self._jobs.items()]
        return [(job, subscription.watching) for job, subscription in left if subscription is not None]

    def clients(self) -> set[RoutingId]:
        """Return all clients that watch a job."""
        return {client for subscriptions in self._jobs.values() for client in subscriptions}

    def client_bound_jobs(self) -> list[tuple[str, RoutingId]]:
        """Return the jobs that end with a client's connection, each with that client."""
        return [
            (job, client)
            for job, subscriptions in self._jobs.items()
            for client, subscription in subscriptions.items()
            if subscription.watching.ends_with_client
        ]

    def remove_job(self, job: str) -> None:
        """Remove a job that has ended."""
        self._jobs.pop(job, None)

    def preview_rates(self, job: str) -> tuple[PreviewRate, ...]:
        """Return the previews to make: for each side and step interval, the shortest period that a client wants."""
        periods: dict[tuple[int, int], float] = {}
        for subscription in self._jobs.get(job, {}).values():
            watching = subscription.watching
            if watching.preview_steps > 0 or watching.preview_every > 0:
                key = (watching.preview_side, watching.preview_steps)
                periods[key] = min(watching.preview_every, periods.get(key, watching.preview_every))
        return tuple(PreviewRate(side, steps, every) for (side, steps), every in sorted(periods.items()))

    def recipients(self, event: Event, now: float) -> list[RoutingId]:
        """Return the clients to send ``event`` to; progress before the last step only at each client's rate."""
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
        """Return the clients that want previews of this side and step interval and are due one."""
        due = []
        for client, subscription in self._jobs.get(sized.preview.job, {}).items():
            watching = subscription.watching
            if (watching.preview_side, watching.preview_steps) != (sized.side, sized.steps):
                continue
            # half a period of tolerance: the worker makes previews at the same rate, but not in the same phase
            if watching.preview_steps or now - subscription.preview_at >= watching.preview_every * 0.5:
                subscription.preview_at = now
                due.append(client)
        return due


def clamp_rates(watching: WatchOptions) -> WatchOptions:
    """Return ``watching`` with rates and sizes within the daemon's limits.

    Progress at most every 0.02 s, timed previews at most every 0.05 s, previews of at least `MIN_SIDE` pixels.
    """
    return WatchOptions(
        max(0.02, watching.progress_every),
        0.0 if watching.preview_every <= 0 else max(0.05, watching.preview_every),
        max(MIN_SIDE, watching.preview_side),
        max(0, watching.preview_steps),
        watching.ends_with_client,
    )
