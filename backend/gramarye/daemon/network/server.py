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
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Message, Refused, Watch, Watching
from gramarye_protocol.pixels import Buffer

from ..subscriptions import Client, Watchers
from ..worker_pipe import SizedPreview
from .clients import RATE, Caller, Callers
from .connection_guard import hang_up
from .keyring import LOCAL, Keyring
from .outbox import Letter, Outbox
from .receive import Incoming, receive

log = logging.getLogger(__name__)

_LARGE = 1 << 20
"""Bytes beyond which hashing moves to a thread, so that others are answered meanwhile."""

_LARGE_AT_ONCE = 4
"""Large messages in hand; further ones wait in their senders' sockets."""

_MOST_WORDS = 2000
"""Characters of a refusal, which may quote what came: a longer one would not fit into a body."""

_RETRY = 0.02
"""Seconds until a client whose pipe was full is tried again."""


_SUSPICIOUS = ("requests-too-many", "message-replayed", "message-stale")
"""Refusals of signed messages that a client of good will has no use for; others only tell of what was asked."""


_FAREWELL = 1.0
"""Seconds that a client which is shut out has to hear why."""


class Office(Protocol):
    """Who answers: `desk.Desk`."""

    async def answer(self, client: Client, message: Message) -> Message:
        """The reply to a request."""

    def present_state(self, message: Watch) -> list[Event]:
        """What a new watcher should hear at once."""


class Server:
    """Moves messages between the socket and the desk; knows clients only by their routing ids.

    Each client to whom something is to be sent has an outbox and one task that empties it, so that a slow
    one keeps nobody else waiting. ``took`` is told how many bytes came by which connection, ``on_left`` the jobs that
    a lost client watched, and how.
    """

    def __init__(
        self,
        socket: zmq.asyncio.Socket,
        keyring: Keyring,
        watchers: Watchers,
        max_message: int,
        took: Callable[[int, int], None],
        on_left: Callable[[list[tuple[str, Watching]]], None],
    ) -> None:
        self._socket = socket
        self._plain: zmq.Socket[bytes] = zmq.Socket.shadow(socket.underlying)
        self._keyring = keyring
        self._callers = Callers()
        self._watchers = watchers
        self._max_message = max_message
        self._took = took
        self._on_left = on_left
        self._outboxes: dict[Client, Outbox] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._requests: set[asyncio.Task[None]] = set()
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self.heard_at = time.monotonic()

    async def receive(self, desk: Office) -> None:
        """Answer requests for ever."""
        while True:
            incoming = await receive(self._socket, self._plain)
            self._took(incoming.line, incoming.nbytes)
            caller = self._callers.of(incoming, time.monotonic())
            if caller.is_shut_out:  # what it sent before its connection was closed
                continue
            is_large = incoming.nbytes >= _LARGE
            if is_large:
                await self._large.acquire()
            task = asyncio.create_task(self._serve(desk, caller, incoming, is_large))
            if is_large:
                task.add_done_callback(lambda _: self._large.release())
            _keep(task, self._requests)
            await asyncio.sleep(0)  # a message that is there already is received without a pause: others' turn

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

    def tidy(self) -> None:
        """Shut out clients whose keys were removed, and forget those that have long been silent."""
        self._keyring.refresh()
        for caller in self._callers.all():
            if self._keyring.key(caller.user) is None:
                self._shut_out(caller, "its key was removed")
        self._callers.tidy(time.monotonic(), self._outboxes.keys() | self._watchers.clients())

    async def finish(self, patience: float) -> None:
        """See requests in hand answered and what waits sent, for at most ``patience`` seconds each."""
        for tasks in (self._requests, self._senders):
            if tasks:
                await asyncio.wait(tasks, timeout=patience)
        for task in (*self._requests, *self._senders):
            task.cancel()

    async def _serve(self, desk: Office, caller: Caller, incoming: Incoming, is_large: bool) -> None:
        client = caller.client
        try:
            envelope = await self._open(incoming, is_large)
            await _paced(caller, envelope)
        except ProtocolError as error:
            self._refuse(caller, error)
            return
        self.heard_at = time.monotonic()
        reply = await desk.answer(client, envelope.message)
        self._callers.keep(caller, time.monotonic())
        self._post(client, Letter(reply, envelope.id))
        if isinstance(envelope.message, Watch) and not isinstance(reply, Refused):
            for event in desk.present_state(envelope.message):
                self._post(client, Letter(event))

    def _refuse(self, caller: Caller, error: ProtocolError) -> None:
        """Say so; close the connection of one to which that had to be said too often."""
        request = error.request if isinstance(error, RefusedRequest) else ""
        self._post(caller.client, Letter(Refused(error.code, error.message, error.hint), request))
        now = time.monotonic()
        is_suspicious = not isinstance(error, RefusedRequest) or error.code in _SUSPICIOUS
        is_hasty = not is_suspicious and caller.requests.wait(now) is None
        if (is_suspicious or is_hasty) and caller.refusals.wait(now) is None:
            self._shut_out(caller, f"it was refused too often, at last with {error.code}")

    def _shut_out(self, caller: Caller, why: str) -> None:
        """Read nothing of this client any more, and close its connection once it has been told why."""
        if not caller.is_shut_out:
            caller.is_shut_out = True
            log.warning("a client's connection is closed: %s", why)
            _keep(asyncio.create_task(self._bid_farewell(caller)), self._senders)

    async def _bid_farewell(self, caller: Caller) -> None:
        deadline = time.monotonic() + _FAREWELL
        while caller.client in self._outboxes and time.monotonic() < deadline:
            await asyncio.sleep(_RETRY)
        hang_up(caller.line)
        self._forget(caller.client)

    async def _open(self, incoming: Incoming, is_large: bool) -> Envelope:
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
            frames = await self._sealed(client, letter)
            if frames is None:
                self._forget(client)
                return
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

    async def _sealed(self, client: Client, letter: Letter) -> list[Buffer] | None:
        """The letter's frames; None where its reader has no key any more."""
        caller = self._callers.find(client)
        key = self._keyring.key(LOCAL if caller is None else caller.user)
        if key is None:
            return None
        size = getattr(getattr(letter.message, "pixels", None), "nbytes", 0)
        arguments = (_brief(letter.message), key, DAEMON, time.time(), letter.reply_to)
        return seal(*arguments) if size < _LARGE else await asyncio.to_thread(seal, *arguments)

    def _forget(self, client: Client) -> None:
        self._outboxes.pop(client, None)
        self._on_left(self._watchers.drop(client))


async def _paced(caller: Caller, envelope: Envelope) -> None:
    """Hold up a request that comes too fast. Errors: ``requests-too-many``, as `RefusedRequest`."""
    wait = caller.requests.wait(time.monotonic())
    if wait is None:
        error = ProtocolError(
            "requests-too-many",
            f"More than {RATE:.0f} requests a second came from this client.",
            "Wait for each answer before asking again.",
        )
        raise RefusedRequest(error, envelope.id)
    if wait:
        await asyncio.sleep(wait)


def _brief(message: Message) -> Message:
    """The message, a refusal's words cut to what fits."""
    if isinstance(message, Refused) and len(message.message) > _MOST_WORDS:
        return replace(message, message=f"{message.message[:_MOST_WORDS]}... and so on.")
    return message


def _keep(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    """Hold a task while it runs (the event loop does not), and log what it should not have raised."""
    among.add(task)

    def ended(task: asyncio.Task[None]) -> None:
        among.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task of the server failed unexpectedly", exc_info=task.exception())

    task.add_done_callback(ended)
