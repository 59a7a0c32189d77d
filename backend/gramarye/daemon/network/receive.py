"""Receives messages from the ROUTER part by part, so that one of a million parts is not kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
import zmq.asyncio

from gramarye_protocol.frames import MAX_PAYLOADS
from gramarye_protocol.pixels import Buffer

_MAX_FRAMES = 3 + MAX_PAYLOADS + 1
"""One more than a valid message has, so that `frames.Opener` refuses a longer one."""

_YIELD_EVERY = 1000
"""Number of discarded parts after which other tasks may run."""


@dataclass(frozen=True)
class IncomingMessage:
    """A message with its sender: the routing id, the user id set by `zap_auth.ZapAuth`, and the file descriptor.

    ``fd`` is -1 if libzmq does not report it.
    """

    client: bytes
    frames: Sequence[Buffer]
    user: str
    fd: int

    @property
    def nbytes(self) -> int:
        """Size of all frames in bytes."""
        return sum(memoryview(frame).nbytes for frame in self.frames)


async def receive(socket: zmq.asyncio.Socket, sync_socket: zmq.Socket[bytes]) -> IncomingMessage:
    """Receive the next message; parts beyond the limit are discarded.

    ``sync_socket`` is the same socket without asyncio.
    """
    part = await socket.recv(copy=False)
    client = part.bytes
    frames: list[zmq.Frame] = []
    discarded = 0
    while part.more:
        part = sync_socket.recv(copy=False)  # libzmq delivers complete messages only, so this does not block
        if len(frames) < _MAX_FRAMES:
            frames.append(part)
            continue
        discarded += 1
        if discarded % _YIELD_EVERY == 0:
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
