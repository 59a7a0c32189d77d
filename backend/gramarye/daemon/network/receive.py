"""Messages off the ROUTER, part by part, so that one of a million parts is never held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
import zmq.asyncio

from gramarye_protocol.frames import MAX_PAYLOADS
from gramarye_protocol.pixels import Buffer

_MAX_FRAMES = 3 + MAX_PAYLOADS + 1
"""One more than a message may have: `frames.Opener` refuses it by that."""

_YIELD_EVERY = 1000
"""Parts thrown away between others' turns."""


@dataclass(frozen=True)
class IncomingMessage:
    """A message with whom it came from: the routing id, the user of `zap_auth.ZapAuth`, and the connection's descriptor.

    ``fd`` is -1 where libzmq does not tell it.
    """

    client: bytes
    frames: Sequence[Buffer]
    user: str
    fd: int

    @property
    def nbytes(self) -> int:
        """Bytes of all frames."""
        return sum(memoryview(frame).nbytes for frame in self.frames)


async def receive(socket: zmq.asyncio.Socket, sync_socket: zmq.Socket[bytes]) -> IncomingMessage:
    """The next message; ``sync_socket`` is the same socket without asyncio. Parts beyond what may come are thrown away."""
    part = await socket.recv(copy=False)
    client = part.bytes
    frames: list[zmq.Frame] = []
    thrown = 0
    while part.more:
        part = sync_socket.recv(copy=False)  # libzmq hands over whole messages only, so there is no wait
        if len(frames) < _MAX_FRAMES:
            frames.append(part)
            continue
        thrown += 1
        if thrown % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
    return IncomingMessage(client, [frame.buffer for frame in frames], _user(frames), _source_fd(frames))


def _user(frames: Sequence[zmq.Frame]) -> str:
    try:
        return str(frames[0].get("User-Id")) if frames else ""
    except zmq.ZMQError:
        return ""


def _source_fd(frames: Sequence[zmq.Frame]) -> int:
    try:
        return int(frames[0].get(zmq.SRCFD)) if frames else -1
    except zmq.ZMQError:
        return -1
