"""The front's ROUTER loop: signed frames in, replies and events out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import zmq
import zmq.asyncio

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import DAEMON, Envelope, RefusedRequest, seal
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Message, Refused, Watch, WatchOptions
from gramarye_protocol.pixels import Buffer

from ..subscriptions import RoutingId, Subscriptions
from ..worker_pipe import SizedPreview
from .clients import MAX_REQUESTS_PER_SECOND, ClientConnection, ClientConnections
from .connection_guard import close_connection
from .keyring import LOCAL_USER, Keyring
from .outbox import Outbox, OutgoingMessage
from .receive import IncomingMessage, receive

log = logging.getLogger(__name__)

_LARGE = 1 << 20
"""Bytes beyond which hashing moves to a thread, so that others are answered meanwhile."""

_MAX_LARGE_REQUESTS = 4
"""Large messages in hand; further ones wait in their senders' sockets."""

_MAX_REFUSAL_LENGTH = 2000
"""Characters of a refusal, which may quote what came: a longer one would not fit into a body."""

_RETRY = 0.02
"""Seconds until a client whose pipe was full is tried again."""


_SUSPICIOUS = ("requests-too-many", "message-replayed", "message-stale")
"""Refusals of signed messages that a client of good will has no use for; others only tell of what was asked."""


_DRAIN_TIMEOUT = 1.0
"""Seconds that a client which is shut out has to hear why."""


class RequestHandler(Protocol):
    """Who answers: `handler.Desk`."""

    async def answer(self, client: RoutingId, message: Message) -> Message:
        """The reply to a request."""

    def current_events(self, message: Watch) -> list[Event]:
        """What a new watcher should hear at once."""


class Server:
    """Moves messages between the socket and the desk; knows clients only by their routing ids.

    Each client to whom something is to be sent has an outbox and one task that empties it, so that a slow
    one keeps nobody else waiting. ``on_received`` is told how many bytes came by which connection, ``on_client_gone`` the jobs that
    a lost client watched, and how.
    """

    def __init__(
        self,
        socket: zmq.asyncio.Socket,
        keyring: Keyring,
        subscriptions: Subscriptions,
        max_message: int,
        on_received: Callable[[int, int], None],
        on_client_gone: Callable[[list[tuple[str, WatchOptions]]], None],
    ) -> None:
        self._socket = socket
        self._sync_socket: zmq.Socket[bytes] = zmq.Socket.shadow(socket.underlying)
        self._keyring = keyring
        self._connections = ClientConnections()
        self._subscriptions = subscriptions
        self._max_message = max_message
        self._on_received = on_received
        self._on_client_gone = on_client_gone
        self._outboxes: dict[RoutingId, Outbox] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._requests: set[asyncio.Task[None]] = set()
        self._large = asyncio.Semaphore(_MAX_LARGE_REQUESTS)
        self.last_request_at = time.monotonic()

    async def serve_requests(self, handler: RequestHandler) -> None:
        """Answer requests for ever."""
        while True:
            incoming = await receive(self._socket, self._sync_socket)
            self._on_received(incoming.fd, incoming.nbytes)
            connection = self._connections.get_or_add(incoming, time.monotonic())
            if connection.is_disconnecting:  # what it sent before its connection was closed
                continue
            is_large = incoming.nbytes >= _LARGE
            if is_large:
                await self._large.acquire()
            task = asyncio.create_task(self._serve(handler, connection, incoming, is_large))
            if is_large:
                task.add_done_callback(lambda _: self._large.release())
            _track_task(task, self._requests)
            await asyncio.sleep(0)  # a message that is there already is received without a pause: others' turn

    def publish(self, event: Event | SizedPreview) -> None:
        """Pass an event on to those to whom it is due."""
        now = time.monotonic()
        if isinstance(event, SizedPreview):
            for client in self._subscriptions.preview_recipients(event, now):
                self._enqueue(client, OutgoingMessage(event.preview))
            return
        for client in self._subscriptions.recipients(event, now):
            self._enqueue(client, OutgoingMessage(event))
        if isinstance(event, (Done, Failed, Cancelled)):
            self._subscriptions.remove_job(event.job)

    def probe_clients(self, handler: RequestHandler) -> None:
        """Tell clients whose jobs end with them how these stand: a send to one that is gone fails, and shows it."""
        for job, client in self._subscriptions.client_bound_jobs():
            for event in handler.current_events(Watch(job))[-1:]:
                self._enqueue(client, OutgoingMessage(event))

    def drop_stale_clients(self) -> None:
        """Shut out clients whose keys were removed, and forget those that have long been silent."""
        self._keyring.refresh()
        for connection in self._connections.all():
            if self._keyring.key(connection.user) is None:
                self._disconnect(connection, "its key was removed")
        self._connections.forget_idle(time.monotonic(), self._outboxes.keys() | self._subscriptions.clients())

    async def drain(self, patience: float) -> None:
        """See requests in hand answered and what waits sent, for at most ``patience`` seconds each."""
        for tasks in (self._requests, self._senders):
            if tasks:
                await asyncio.wait(tasks, timeout=patience)
        for task in (*self._requests, *self._senders):
            task.cancel()

    async def _serve(
        self, handler: RequestHandler, connection: ClientConnection, incoming: IncomingMessage, is_large: bool
    ) -> None:
        client = connection.client
        try:
            envelope = await self._open_envelope(incoming, is_large)
            await _throttle(connection, envelope)
        except ProtocolError as error:
            self._refuse(connection, error)
            return
        self.last_request_at = time.monotonic()
        reply = await handler.answer(client, envelope.message)
        self._connections.touch(connection, time.monotonic())
        self._enqueue(client, OutgoingMessage(reply, envelope.id))
        if isinstance(envelope.message, Watch) and not isinstance(reply, Refused):
            for event in handler.current_events(envelope.message):
                self._enqueue(client, OutgoingMessage(event))

    def _refuse(self, connection: ClientConnection, error: ProtocolError) -> None:
        """Say so; close the connection of one to which that had to be said too often."""
        request = error.request if isinstance(error, RefusedRequest) else ""
        self._enqueue(connection.client, OutgoingMessage(Refused(error.code, error.message, error.hint), request))
        now = time.monotonic()
        is_suspicious = not isinstance(error, RefusedRequest) or error.code in _SUSPICIOUS
        is_hasty = not is_suspicious and connection.requests.delay(now) is None
        if (is_suspicious or is_hasty) and connection.refusals.delay(now) is None:
            self._disconnect(connection, f"it was refused too often, at last with {error.code}")

    def _disconnect(self, connection: ClientConnection, why: str) -> None:
        """Read nothing of this client any more, and close its connection once it has been told why."""
        if not connection.is_disconnecting:
            connection.is_disconnecting = True
            log.warning("a client's connection is closed: %s", why)
            _track_task(asyncio.create_task(self._drain_then_close(connection)), self._senders)

    async def _drain_then_close(self, connection: ClientConnection) -> None:
        deadline = time.monotonic() + _DRAIN_TIMEOUT
        while connection.client in self._outboxes and time.monotonic() < deadline:
            await asyncio.sleep(_RETRY)
        close_connection(connection.fd)
        self._forget(connection.client)

    async def _open_envelope(self, incoming: IncomingMessage, is_large: bool) -> Envelope:
        size, opener = incoming.nbytes, self._keyring.opener(incoming.user)
        if opener is None:
            raise ProtocolError("message-unsigned", "The key of this client was removed.", "Ask for a new pass.")
        if size > self._max_message:
            raise ProtocolError(
                "message-too-large",
                f"A message of {size >> 20} MiB is beyond {self._max_message >> 20} MiB.",
                "Send a smaller layer.",
            )
        if is_large:
            await asyncio.to_thread(opener.verify, incoming.frames)
        else:
            opener.verify(incoming.frames)
        return opener.read(incoming.frames, time.time())

    def _enqueue(self, client: RoutingId, outgoing: OutgoingMessage) -> None:
        outbox = self._outboxes.get(client)
        if outbox is None:
            outbox = self._outboxes[client] = Outbox()
            _track_task(asyncio.create_task(self._send_all(client, outbox)), self._senders)
        if not outbox.put(outgoing):
            log.warning("a client reads too slowly and is given up")
            self._forget(client)

    async def _send_all(self, client: RoutingId, outbox: Outbox) -> None:
        """Send a client's letters until none waits or the client is gone."""
        while self._outboxes.get(client) is outbox:
            outgoing = outbox.take()
            if outgoing is None:
                del self._outboxes[client]
                return
            frames = await self._sealed(client, outgoing)
            if frames is None:
                self._forget(client)
                return
            while not await self._sent(client, frames):
                await asyncio.sleep(_RETRY)
                if self._outboxes.get(client) is not outbox:  # given up meanwhile
                    return

    async def _sent(self, client: RoutingId, frames: Sequence[Buffer]) -> bool:
        """Whether the frames are on their way, or nobody is there to take them; False: the pipe is full."""
        try:
            await self._socket.send_multipart([client, *frames], flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        except zmq.ZMQError:  # EHOSTUNREACH: gone
            self._forget(client)
        return True

    async def _sealed(self, client: RoutingId, outgoing: OutgoingMessage) -> list[Buffer] | None:
        """The letter's frames; None where its reader has no key any more."""
        connection = self._connections.find(client)
        key = self._keyring.key(LOCAL_USER if connection is None else connection.user)
        if key is None:
            return None
        size = getattr(getattr(outgoing.message, "pixels", None), "nbytes", 0)
        arguments = (_truncate_refusal(outgoing.message), key, DAEMON, time.time(), outgoing.reply_to)
        return seal(*arguments) if size < _LARGE else await asyncio.to_thread(seal, *arguments)

    def _forget(self, client: RoutingId) -> None:
        self._outboxes.pop(client, None)
        self._on_client_gone(self._subscriptions.remove_client(client))


async def _throttle(connection: ClientConnection, envelope: Envelope) -> None:
    """Hold up a request that comes too fast. Errors: ``requests-too-many``, as `RefusedRequest`."""
    wait = connection.requests.delay(time.monotonic())
    if wait is None:
        error = ProtocolError(
            "requests-too-many",
            f"More than {MAX_REQUESTS_PER_SECOND:.0f} requests a second came from this client.",
            "Wait for each answer before asking again.",
        )
        raise RefusedRequest(error, envelope.id)
    if wait:
        await asyncio.sleep(wait)


def _truncate_refusal(message: Message) -> Message:
    """The message, a refusal's words cut to what fits."""
    if isinstance(message, Refused) and len(message.message) > _MAX_REFUSAL_LENGTH:
        return replace(message, message=f"{message.message[:_MAX_REFUSAL_LENGTH]}... and so on.")
    return message


def _track_task(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    """Hold a task while it runs (the event loop does not), and log what it should not have raised."""
    among.add(task)

    def ended(task: asyncio.Task[None]) -> None:
        among.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the server failed unexpectedly", exc_info=task.exception())

    task.add_done_callback(ended)
