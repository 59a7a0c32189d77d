"""The front's ROUTER loop: signed frames in, replies and events out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import zmq
import zmq.asyncio

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, DAEMON, Envelope, Opener, RefusedRequest, seal
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Message, Refused, Watch, Watching
from gramarye_protocol.pixels import Buffer

from .outbox import Letter, Outbox
from .pipe import SizedPreview
from .watchers import Client, Watchers

log = logging.getLogger(__name__)

HARD_MAX_FRAME = 1 << 31
"""Bytes: libzmq closes the connection of a peer that announces a longer frame, before allocating it."""

_LARGE = 1 << 20
"""Bytes beyond which hashing moves to a thread, so that others are answered meanwhile."""

_LARGE_AT_ONCE = 4
"""Large messages in hand; further ones wait in their senders' sockets."""

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
    """Moves messages between the socket and the desk; knows clients only by their routing ids.

    Each client to whom something is to be sent has an outbox and one task that empties it, so that a slow
    one keeps nobody else waiting. ``on_left`` is told the jobs that a lost client watched, and how.
    """

    def __init__(
        self,
        socket: zmq.asyncio.Socket,
        key: bytes,
        watchers: Watchers,
        max_message: int,
        on_left: Callable[[list[tuple[str, Watching]]], None],
    ) -> None:
        self._socket = socket
        self._key = key
        self._watchers = watchers
        self._max_message = max_message
        self._on_left = on_left
        self._opener = Opener(key, CLIENT)
        self._outboxes: dict[Client, Outbox] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._requests: set[asyncio.Task[None]] = set()
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self.heard_at = time.monotonic()

    async def receive(self, desk: Office) -> None:
        """Answer requests for ever."""
        while True:
            frames = await self._socket.recv_multipart(copy=False)
            client, buffers = frames[0].bytes, [frame.buffer for frame in frames[1:]]
            is_large = sum(memoryview(buffer).nbytes for buffer in buffers) >= _LARGE
            if is_large:
                await self._large.acquire()
            task = asyncio.create_task(self._serve(desk, client, buffers, is_large))
            if is_large:
                task.add_done_callback(lambda _: self._large.release())
            _keep(task, self._requests)

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

    def remind(self, desk: Office) -> None:
        """Tell clients whose jobs end with them how these stand: a send to one that is gone fails, and shows it."""
        for job, client in self._watchers.tied():
            for event in desk.present_state(Watch(job))[-1:]:
                self._post(client, Letter(event))

    async def finish(self, patience: float) -> None:
        """See requests in hand answered and what waits sent, for at most ``patience`` seconds each."""
        for tasks in (self._requests, self._senders):
            if tasks:
                await asyncio.wait(tasks, timeout=patience)
        for task in (*self._requests, *self._senders):
            task.cancel()

    async def _serve(self, desk: Office, client: Client, buffers: Sequence[Buffer], is_large: bool) -> None:
        try:
            envelope = await self._open(buffers, is_large)
        except RefusedRequest as error:
            self._post(client, Letter(Refused(error.code, error.message, error.hint), error.request))
            return
        except ProtocolError as error:
            self._post(client, Letter(Refused(error.code, error.message, error.hint)))
            return
        self.heard_at = time.monotonic()
        reply = await desk.answer(client, envelope.message)
        self._post(client, Letter(reply, envelope.id))
        if isinstance(envelope.message, Watch) and not isinstance(reply, Refused):
            for event in desk.present_state(envelope.message):
                self._post(client, Letter(event))

    async def _open(self, buffers: Sequence[Buffer], is_large: bool) -> Envelope:
        size = sum(memoryview(buffer).nbytes for buffer in buffers)
        if size > self._max_message:
            raise ProtocolError(
                "message-too-large",
                f"A message of {size >> 20} MiB is beyond {self._max_message >> 20} MiB.",
                "Send a smaller layer.",
            )
        if is_large:
            await asyncio.to_thread(self._opener.verify, buffers)
        else:
            self._opener.verify(buffers)
        return self._opener.read(buffers, time.time())

    def _post(self, client: Client, letter: Letter) -> None:
        outbox = self._outboxes.get(client)
        if outbox is None:
            outbox = self._outboxes[client] = Outbox()
            _keep(asyncio.create_task(self._send_all(client, outbox)), self._senders)
        if not outbox.put(letter):
            log.warning("a client reads too slowly and is given up")
            self._forget(client)

    async def _send_all(self, client: Client, outbox: Outbox) -> None:
        """Send a client's letters until none waits or the client is gone."""
        while self._outboxes.get(client) is outbox:
            letter = outbox.take()
            if letter is None:
                del self._outboxes[client]
                return
            frames = await self._sealed(letter)
            while not await self._sent(client, frames):
                await asyncio.sleep(_RETRY)
                if self._outboxes.get(client) is not outbox:  # given up meanwhile
                    return

    async def _sent(self, client: Client, frames: Sequence[Buffer]) -> bool:
        """Whether the frames are on their way, or nobody is there to take them; False: the pipe is full."""
        try:
            await self._socket.send_multipart([client, *frames], flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        except zmq.ZMQError:  # EHOSTUNREACH: gone
            self._forget(client)
        return True

    async def _sealed(self, letter: Letter) -> list[Buffer]:
        size = getattr(getattr(letter.message, "pixels", None), "nbytes", 0)
        arguments = (letter.message, self._key, DAEMON, time.time(), letter.reply_to)
        return seal(*arguments) if size < _LARGE else await asyncio.to_thread(seal, *arguments)

    def _forget(self, client: Client) -> None:
        self._outboxes.pop(client, None)
        self._on_left(self._watchers.drop(client))


def _keep(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    """Hold a task while it runs (the event loop does not), and log what it should not have raised."""
    among.add(task)

    def ended(task: asyncio.Task[None]) -> None:
        among.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the server failed unexpectedly", exc_info=task.exception())

    task.add_done_callback(ended)
