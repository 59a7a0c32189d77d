"""Messages off the ROUTER, part by part, so that one of a million parts is never held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
import zmq.asyncio

from gramarye_protocol.frames import MAX_PAYLOADS
from gramarye_protocol.pixels import Buffer

_MOST_FRAMES = 3 + MAX_PAYLOADS + 1
"""One more than a message may have: `frames.Opener` refuses it by that."""

_BREATHE = 1000
"""Parts thrown away between others' turns."""


@dataclass(frozen=True)
class Incoming:
    """A message with whom it came from: the routing id, the user of `gate.Gate`, and the connection's descriptor.

    ``line`` is -1 where libzmq does not tell it.
    """

    client: bytes
    frames: Sequence[Buffer]
    user: str
    line: int

    @property
    def nbytes(self) -> int:
        """Bytes of all frames."""
        return sum(memoryview(frame).nbytes for frame in self.frames)


async def receive(socket: zmq.asyncio.Socket, plain: zmq.Socket[bytes]) -> Incoming:
    """The next message; ``plain`` is the same socket without asyncio. Parts beyond what may come are thrown away."""
    part = await socket.recv(copy=False)
    client = part.bytes
    frames: list[zmq.Frame] = []
    thrown = 0
    while part.more:
        part = plain.recv(copy=False)  # libzmq hands over whole messages only, so there is no wait
        if len(frames) < _MOST_FRAMES:
            frames.append(part)
            continue
        thrown += 1
        if thrown % _BREATHE == 0:
            await asyncio.sleep(0)
    return Incoming(client, [frame.buffer for frame in frames], _user(frames), _line(frames))


def _user(frames: Sequence[zmq.Frame]) -> str:
    try:
        return str(frames[0].get("User-Id")) if frames else ""
    except zmq.ZMQError:
        return ""


def _line(frames: Sequence[zmq.Frame]) -> int:
    try:
        return int(frames[0].get(zmq.SRCFD)) if frames else -1
    except zmq.ZMQError:
        return -1
