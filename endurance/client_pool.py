"""Many clients in one process: each has its own connection and submits its planned jobs at their times."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import zmq.asyncio

from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.messages import Accepted, Cancel, Done, Event, FetchResult, Hello, Result, Status
from gramarye_protocol.pixels import PixelBuffer

from .async_client import AsyncClient
from .results import FINAL_EVENTS, ResultRecorder, Results
from .workload import LAYERS, PAINTED, UNTOUCHED, PlannedJob, submit_message

_PATIENCE = 120.0
"""Seconds after which a job without a final event counts as lost."""

_WARM_UP_REQUESTS = 150
"""Requests that each client sends first: libzmq's pipes grow to two blocks of 256 frames in each direction, and no
further.

A message has four frames; without this warm-up the front process would grow with the first hundreds of jobs of each
client.
"""

_LATE_EVENT_SECONDS = 2.0
"""Seconds to wait for a second, wrong final event."""


@dataclass(frozen=True)
class ClientPool:
    """The pool's clients and jobs; ``paintings`` has the digest of each layer's expected painting."""

    info: ConnectionInfo
    clients: int
    planned_jobs: Sequence[PlannedJob]
    paintings: Mapping[int, str]


@dataclass(frozen=True)
class PoolResult:
    """The result of a pool; ``began`` is the start of its first job, on the system's monotonic clock."""

    results: Results
    began: float


def digest(pixels: PixelBuffer) -> str:
    """Digest of the pixels alone."""
    return hashlib.sha256(pixels.data).hexdigest()


def run(client_pool: ClientPool) -> PoolResult:
    """Connect, run all jobs, disconnect; runs in a process pool."""
    return asyncio.run(_run(client_pool))


async def _run(client_pool: ClientPool) -> PoolResult:
    with zmq.asyncio.Context() as context:
        context.set(zmq.MAX_SOCKETS, 4 * client_pool.clients + 64)
        recorder = ResultRecorder()
        end_events: dict[str, asyncio.Event] = {}
        clients = [_Client(context, client_pool, recorder, end_events) for _ in range(client_pool.clients)]
        await asyncio.gather(*(client.warm_up() for client in clients))
        began, starts = time.monotonic(), asyncio.get_running_loop().time()
        await asyncio.gather(
            *(
                clients[n % len(clients)].run_job(planned_job, starts + planned_job.at)
                for n, planned_job in enumerate(client_pool.planned_jobs)
            )
        )
        await asyncio.sleep(_LATE_EVENT_SECONDS)
        await asyncio.gather(*(client.close() for client in clients))
    return PoolResult(recorder.results(), began)


class _Client:
    def __init__(
        self,
        context: zmq.asyncio.Context,
        client_pool: ClientPool,
        recorder: ResultRecorder,
        end_events: dict[str, asyncio.Event],
    ) -> None:
        self._pool = client_pool
        self._recorder = recorder
        self._end_events = end_events
        self._client = AsyncClient(context, client_pool.info, self._on_event)

    async def warm_up(self) -> None:
        await self._client.ask(Hello((1,), "crowd"))
        for _ in range(_WARM_UP_REQUESTS):
            await self._client.ask(Status("none"))

    async def close(self) -> None:
        await self._client.close()

    async def run_job(self, planned_job: PlannedJob, at: float) -> None:
        """Submit, perhaps cancel, wait for the end, and fetch the painting."""
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        reply = await self._client.ask(submit_message(planned_job.kind, planned_job.layer))
        if not isinstance(reply, Accepted):
            self._recorder.record_refused()
            return
        self._recorder.record_accepted(reply.job)
        if planned_job.cancel_after is not None:
            await asyncio.sleep(planned_job.cancel_after)
            await self._client.ask(Cancel(reply.job, planned_job.keep))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._end_event(reply.job).wait(), _PATIENCE)
        if isinstance(self._recorder.ending(reply.job), Done):
            answer = await self._client.ask(FetchResult(reply.job))
            self._recorder.record_fetched(
                is_correct=isinstance(answer, Result) and self._is_expected_result(planned_job, answer.pixels)
            )

    def _is_expected_result(self, planned_job: PlannedJob, pixels: PixelBuffer) -> bool:
        if planned_job.kind != UNTOUCHED and planned_job.keep:  # any intermediate painting is right
            return (pixels.width, pixels.height) == (planned_job.layer.width, planned_job.layer.height)
        if planned_job.kind == PAINTED:
            return digest(pixels) == self._pool.paintings[planned_job.number % LAYERS]
        return digest(pixels) == digest(planned_job.layer)

    def _on_event(self, event: Event) -> None:
        self._recorder.record_event(event)
        if isinstance(event, FINAL_EVENTS):
            self._end_event(event.job).set()

    def _end_event(self, job: str) -> asyncio.Event:
        return self._end_events.setdefault(job, asyncio.Event())
