"""An asyncio client: many fit into one event loop, and each records every event."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable

import zmq
import zmq.asyncio

from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.frames import CLIENT, DAEMON, Opener, seal
from gramarye_protocol.messages import Event, Message

_WINDOW = 600.0
"""Seconds that a message may wait in a busy event loop."""


class AsyncClient:
    """One connection to the daemon; ``on_event`` is called for every event, duplicates included."""

    def __init__(self, context: zmq.asyncio.Context, info: ConnectionInfo, on_event: Callable[[Event], None]) -> None:
        self._key = info.key_bytes
        self._opener = Opener(self._key, DAEMON, window=_WINDOW)
        self._on_event = on_event
        self._pending_replies: dict[str, asyncio.Future[Message]] = {}
        self._socket = context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.connect(info.endpoint)
        self._task = asyncio.create_task(self._receive_loop())

    async def ask(self, message: Message, patience: float = 120.0) -> Message:
        """The reply to a request. Errors: TimeoutError, and the error that broke the connection."""
        request = uuid.uuid4().hex
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending_replies[request] = reply
        await self._socket.send_multipart(seal(message, self._key, CLIENT, time.time(), message_id=request))
        await asyncio.wait((reply, self._task), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            self._task.result()
        if not reply.done():
            raise TimeoutError(f"no answer to {message.KIND} within {patience:.0f} s")
        return reply.result()

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._socket.close()

    async def _receive_loop(self) -> None:
        while True:
            frames = await self._socket.recv_multipart()
            envelope = self._opener.open(frames, time.time())
            if isinstance(envelope.message, Event):
                self._on_event(envelope.message)
                continue
            waiting = self._pending_replies.pop(envelope.reply_to, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(envelope.message)
