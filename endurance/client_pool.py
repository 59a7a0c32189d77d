"""Many clients in one process: each has its connection, and runs its errands at their times."""

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

from .async_client import Caller
from .results import ENDINGS, Book, Tally
from .workload import LAYERS, PAINTED, UNTOUCHED, Errand, submission

_PATIENCE = 120.0
"""Seconds after which a job without an ending is lost."""

_CHAT = 150
"""Questions with which each client begins: libzmq's pipes grow to two blocks of 256 frames each way, and then no more.

A message has four frames, so without this the front would grow with every job of the first hundreds of each client.
"""

_AFTERMATH = 2.0
"""Seconds in which a second ending would still be heard."""


@dataclass(frozen=True)
class Crowd:
    """``paintings``: the digest of what each of the layers that are painted comes to."""

    info: ConnectionInfo
    clients: int
    errands: Sequence[Errand]
    paintings: Mapping[int, str]


@dataclass(frozen=True)
class Attendance:
    """What a crowd came to; ``began`` is when its first errand could, by the system's monotonic clock."""

    tally: Tally
    began: float


def digest(pixels: PixelBuffer) -> str:
    """Of the pixels alone."""
    return hashlib.sha256(pixels.data).hexdigest()


def run(crowd: Crowd) -> Attendance:
    """Come, run all errands, leave; for a process pool."""
    return asyncio.run(_run(crowd))


async def _run(crowd: Crowd) -> Attendance:
    with zmq.asyncio.Context() as context:
        context.set(zmq.MAX_SOCKETS, 4 * crowd.clients + 64)
        book = Book()
        ended: dict[str, asyncio.Event] = {}
        clients = [_Client(context, crowd, book, ended) for _ in range(crowd.clients)]
        await asyncio.gather(*(client.greet() for client in clients))
        began, starts = time.monotonic(), asyncio.get_running_loop().time()
        await asyncio.gather(
            *(clients[n % len(clients)].do(errand, starts + errand.at) for n, errand in enumerate(crowd.errands))
        )
        await asyncio.sleep(_AFTERMATH)
        await asyncio.gather(*(client.leave() for client in clients))
    return Attendance(book.tally(), began)


class _Client:
    def __init__(self, context: zmq.asyncio.Context, crowd: Crowd, book: Book, ended: dict[str, asyncio.Event]) -> None:
        self._crowd = crowd
        self._book = book
        self._ended = ended
        self._caller = Caller(context, crowd.info, self._hear)

    async def greet(self) -> None:
        await self._caller.ask(Hello((1,), "crowd"))
        for _ in range(_CHAT):
            await self._caller.ask(Status("none"))

    async def leave(self) -> None:
        await self._caller.close()

    async def do(self, errand: Errand, at: float) -> None:
        """Submit, perhaps cancel, await the end, and fetch what was painted."""
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        reply = await self._caller.ask(submission(errand.kind, errand.layer))
        if not isinstance(reply, Accepted):
            self._book.refuse()
            return
        self._book.accept(reply.job)
        if errand.cancel_after is not None:
            await asyncio.sleep(errand.cancel_after)
            await self._caller.ask(Cancel(reply.job, errand.keep))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._end(reply.job).wait(), _PATIENCE)
        if isinstance(self._book.ending(reply.job), Done):
            answer = await self._caller.ask(FetchResult(reply.job))
            self._book.fetch(is_right=isinstance(answer, Result) and self._is_right(errand, answer.pixels))

    def _is_right(self, errand: Errand, pixels: PixelBuffer) -> bool:
        if errand.kind != UNTOUCHED and errand.keep:  # whatever it had come to
            return (pixels.width, pixels.height) == (errand.layer.width, errand.layer.height)
        if errand.kind == PAINTED:
            return digest(pixels) == self._crowd.paintings[errand.number % LAYERS]
        return digest(pixels) == digest(errand.layer)

    def _hear(self, event: Event) -> None:
        self._book.hear(event)
        if isinstance(event, ENDINGS):
            self._end(event.job).set()

    def _end(self, job: str) -> asyncio.Event:
        return self._ended.setdefault(job, asyncio.Event())
