"""The front's loop at the ROUTER socket: receives signed requests, sends replies and events."""

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
"""Bytes from which a message is signed or verified in a thread, so that other clients do not wait."""

_MAX_LARGE_REQUESTS = 4
"""Large messages handled at the same time; more wait in their senders' sockets."""

_MAX_REFUSAL_LENGTH = 2000
"""Characters of a refusal, which may quote the request: a longer one might not fit into a message body."""

_RETRY = 0.02
"""Seconds until a send to a client whose queue in libzmq is full is repeated."""


_SUSPICIOUS = ("requests-too-many", "message-replayed", "message-stale")
"""Codes of refused signed messages that a well-behaved client does not send; they count towards disconnection."""


_DRAIN_TIMEOUT = 1.0
"""Seconds in which a client to be disconnected can receive the reason."""


class RequestHandler(Protocol):
    """The interface of `handlers.RequestHandlers`."""

    async def answer(self, client: RoutingId, message: Message) -> Message:
        """Return the reply to a request."""

    def current_events(self, message: Watch) -> list[Event]:
        """Return the events that describe a job's present state."""


class Server:
    """Moves messages between the socket and the request handlers; knows clients only by their routing ids.

    Each client with waiting messages has an outbox and a task that sends them, so that a slow client delays no other.
    ``on_received`` is called with a connection's descriptor and the bytes that it sent; ``on_client_gone`` with the
    jobs that a lost client watched and its options for each.
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
        """Answer requests; runs until cancelled."""
        while True:
            incoming = await receive(self._socket, self._sync_socket)
            self._on_received(incoming.fd, incoming.nbytes)
            connection = self._connections.get_or_add(incoming, time.monotonic())
            if connection.is_disconnecting:  # sent before the connection was closed
                continue
            is_large = incoming.nbytes >= _LARGE
            if is_large:
                await self._large.acquire()
            task = asyncio.create_task(self._serve(handler, connection, incoming, is_large))
            if is_large:
                task.add_done_callback(lambda _: self._large.release())
            _track_task(task, self._requests)
            await asyncio.sleep(0)  # `receive` does not yield if a message is already there; let other tasks run

    def publish(self, event: Event | SizedPreview) -> None:
        """Send an event to the clients that are due it; after a final event, remove the job's subscriptions."""
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
        """Send clients whose jobs end with them the state of these jobs: the send fails if the client has left."""
        for job, client in self._subscriptions.client_bound_jobs():
            for event in handler.current_events(Watch(job))[-1:]:
                self._enqueue(client, OutgoingMessage(event))

    def drop_stale_clients(self) -> None:
        """Disconnect clients whose keys were removed, and forget those that have long been silent."""
        self._keyring.refresh()
        for connection in self._connections.all():
            if self._keyring.key(connection.user) is None:
                self._disconnect(connection, "its key was removed")
        self._connections.forget_idle(time.monotonic(), self._outboxes.keys() | self._subscriptions.clients())

    async def drain(self, patience: float) -> None:
        """Finish pending requests, then send waiting messages, for at most ``patience`` seconds each."""
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
        """Send a refusal; disconnect the client if it has had too many."""
        request = error.request if isinstance(error, RefusedRequest) else ""
        self._enqueue(connection.client, OutgoingMessage(Refused(error.code, error.message, error.hint), request))
        now = time.monotonic()
        is_suspicious = not isinstance(error, RefusedRequest) or error.code in _SUSPICIOUS
        is_hasty = not is_suspicious and connection.requests.delay(now) is None
        if (is_suspicious or is_hasty) and connection.refusals.delay(now) is None:
            self._disconnect(connection, f"it was refused too often, at last with {error.code}")

    def _disconnect(self, connection: ClientConnection, why: str) -> None:
        """Ignore this client from now on, and close its connection after it has received the reason."""
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
                f"A message of {size >> 20} MiB exceeds the limit of {self._max_message >> 20} MiB.",
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
            log.warning("a client reads too slowly and is dropped")
            self._forget(client)

    async def _send_all(self, client: RoutingId, outbox: Outbox) -> None:
        """Send a client's messages until none waits or the client is gone."""
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
                if self._outboxes.get(client) is not outbox:  # dropped meanwhile
                    return

    async def _sent(self, client: RoutingId, frames: Sequence[Buffer]) -> bool:
        """Try to send; return False if the client's queue in libzmq is full, True if sent or the client is gone."""
        try:
            await self._socket.send_multipart([client, *frames], flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        except zmq.ZMQError:  # EHOSTUNREACH: the client is gone
            self._forget(client)
        return True

    async def _sealed(self, client: RoutingId, outgoing: OutgoingMessage) -> list[Buffer] | None:
        """Return the signed frames of a message; None if the client's key was removed."""
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
    """Delay a request that comes too fast. Errors: ``requests-too-many``, as `RefusedRequest`."""
    wait = connection.requests.delay(time.monotonic())
    if wait is None:
        error = ProtocolError(
            "requests-too-many",
            f"This client sends more than {MAX_REQUESTS_PER_SECOND:.0f} requests per second.",
            "Wait for each answer before asking again.",
        )
        raise RefusedRequest(error, envelope.id)
    if wait:
        await asyncio.sleep(wait)


def _truncate_refusal(message: Message) -> Message:
    """Return the message; the text of a refusal is cut to `_MAX_REFUSAL_LENGTH` characters."""
    if isinstance(message, Refused) and len(message.message) > _MAX_REFUSAL_LENGTH:
        return replace(message, message=f"{message.message[:_MAX_REFUSAL_LENGTH]}... (cut off).")
    return message


def _track_task(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    """Keep a reference to a task while it runs (the event loop does not), and log an unexpected exception."""
    among.add(task)

    def ended(task: asyncio.Task[None]) -> None:
        among.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the server failed unexpectedly", exc_info=task.exception())

    task.add_done_callback(ended)
