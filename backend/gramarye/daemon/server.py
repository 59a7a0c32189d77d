"""The front's ROUTER loop: signed frames in, replies and events out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Protocol

import zmq
import zmq.asyncio

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, DAEMON, Envelope, Opener, RefusedRequest, seal
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Message, Refused, Watch
from gramarye_protocol.pixels import Buffer

from .outbox import Letter, Outbox
from .pipe import SizedPreview
from .watchers import Client, Watchers

log = logging.getLogger(__name__)

HARD_MAX_FRAME = 1 << 31
"""Bytes: libzmq closes the connection of a peer that announces a longer frame, before allocating it."""

_LARGE = 1 << 20
"""Bytes beyond which hashing moves to a thread, so that others are answered meanwhile."""

_RETRY = 0.02
"""Seconds until a client whose pipe was full is tried again."""


class Office(Protocol):
    """Who answers: `desk.Desk`."""

    async def answer(self, client: Client, message: Message) -> Message:
        """The reply to a request."""

    def present_state(self, message: Watch) -> list[Event]:
        """What a new watcher should hear at once."""


def bind_router(context: zmq.asyncio.Context) -> tuple[zmq.asyncio.Socket, str]:
    """A ROUTER on loopback, on a port that the system picks, and its endpoint."""
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # a send to a client that is gone fails, rather than vanishing
    socket.setsockopt(zmq.MAXMSGSIZE, HARD_MAX_FRAME)
    socket.setsockopt(zmq.SNDHWM, 8)  # messages held for one client before its outbox holds the rest
    socket.setsockopt(zmq.RCVHWM, 8)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 5_000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 60_000)  # an editor may stand still in a dialog
    socket.setsockopt(zmq.LINGER, 1_000)
    socket.bind("tcp://127.0.0.1:*")
    endpoint = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(endpoint, bytes)
    return socket, endpoint.decode("ascii")


class Server:
    """Moves messages between the socket and the desk; knows clients only by their routing ids."""

    def __init__(self, socket: zmq.asyncio.Socket, key: bytes, watchers: Watchers, max_message: int) -> None:
        self._socket = socket
        self._key = key
        self._watchers = watchers
        self._max_message = max_message
        self._opener = Opener(key, CLIENT)
        self._outboxes: dict[Client, Outbox] = {}
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._large = asyncio.Semaphore(2)
        self.heard_at = time.monotonic()

    async def receive(self, desk: Office) -> None:
        """Answer requests for ever."""
        while True:
            frames = await self._socket.recv_multipart(copy=False)
            client, buffers = frames[0].bytes, [frame.buffer for frame in frames[1:]]
            self.heard_at = time.monotonic()
            task = asyncio.create_task(self._serve(desk, client, buffers))
            self._tasks.add(task)
            task.add_done_callback(self._served)

    async def deliver(self) -> None:
        """Send what waits, for ever; a client that cannot take more keeps nobody else waiting."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            blocked = False
            for client in list(self._outboxes):
                blocked = await self._empty(client) or blocked
            if blocked:
                await asyncio.sleep(_RETRY)
                self._wake.set()

    def publish(self, event: Event | SizedPreview) -> None:
        """Pass an event on to those to whom it is due."""
        now = time.monotonic()
        if isinstance(event, SizedPreview):
            for client in self._watchers.preview_recipients(event, now):
                self._post(client, Letter(event.preview))
            return
        for client in self._watchers.recipients(event, now):
            self._post(client, Letter(event))
        if isinstance(event, (Done, Failed, Cancelled)):
            self._watchers.forget(event.job)

    async def finish(self, patience: float) -> None:
        """Send what still waits, for at most ``patience`` seconds."""
        end = time.monotonic() + patience
        while any(len(outbox) for outbox in self._outboxes.values()) and time.monotonic() < end:
            for client in list(self._outboxes):
                await self._empty(client)
            await asyncio.sleep(_RETRY)

    async def _serve(self, desk: Office, client: Client, buffers: Sequence[Buffer]) -> None:
        try:
            envelope = await self._open(buffers)
        except RefusedRequest as error:
            self._post(client, Letter(Refused(error.code, error.message, error.hint), error.request))
            return
        except ProtocolError as error:
            self._post(client, Letter(Refused(error.code, error.message, error.hint)))
            return
        reply = await desk.answer(client, envelope.message)
        self._post(client, Letter(reply, envelope.id))
        if isinstance(envelope.message, Watch) and not isinstance(reply, Refused):
            for event in desk.present_state(envelope.message):
                self._post(client, Letter(event))

    async def _open(self, buffers: Sequence[Buffer]) -> Envelope:
        size = sum(memoryview(buffer).nbytes for buffer in buffers)
        if size > self._max_message:
            raise ProtocolError(
                "message-too-large",
                f"A message of {size >> 20} MiB is beyond {self._max_message >> 20} MiB.",
                "Send a smaller layer.",
            )
        if size < _LARGE:
            self._opener.verify(buffers)
        else:
            async with self._large:
                await asyncio.to_thread(self._opener.verify, buffers)
        return self._opener.read(buffers, time.time())

    def _served(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a request failed unexpectedly", exc_info=task.exception())

    def _post(self, client: Client, letter: Letter) -> None:
        if not self._outboxes.setdefault(client, Outbox()).put(letter):
            log.warning("a client reads too slowly and is given up")
            self._forget(client)
        self._wake.set()

    async def _empty(self, client: Client) -> bool:
        """Send a client's letters; True where its pipe is full and some wait."""
        outbox = self._outboxes[client]
        while (letter := outbox.first()) is not None:
            frames = await self._sealed(letter)
            if outbox.first() is not letter:  # replaced by a newer one while it was sealed
                continue
            try:
                await self._socket.send_multipart([client, *frames], flags=zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return True
            except zmq.ZMQError:  # EHOSTUNREACH: gone
                self._forget(client)
                return False
            outbox.sent()
        del self._outboxes[client]
        return False

    async def _sealed(self, letter: Letter) -> list[Buffer]:
        size = getattr(getattr(letter.message, "pixels", None), "nbytes", 0)
        arguments = (letter.message, self._key, DAEMON, time.time(), letter.reply_to)
        return seal(*arguments) if size < _LARGE else await asyncio.to_thread(seal, *arguments)

    def _forget(self, client: Client) -> None:
        self._outboxes.pop(client, None)
        self._watchers.drop(client)
