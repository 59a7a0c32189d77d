"""The messages that wait to be sent to one client. A slow client gets fewer previews and progress events."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import count

from gramarye_protocol.messages import Event, Message, Preview, Progress, Queued

MAX_WAITING = 8192
"""Messages that may wait for a client before it is dropped: several for each job that may be queued."""

_REPLACEABLE = (Progress, Preview, Queued)


@dataclass(frozen=True)
class OutgoingMessage:
    """A message and the id of the request that it answers; "" if it is an event."""

    message: Message
    reply_to: str = ""


class Outbox:
    """Messages in order; a newer progress, preview or position replaces a waiting one of the same job."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[object, ...], OutgoingMessage] = OrderedDict()
        self._numbers = count()

    def put(self, outgoing: OutgoingMessage) -> bool:
        """Add a message; return False if `MAX_WAITING` messages wait, so that the client should be dropped."""
        message = outgoing.message
        if isinstance(message, _REPLACEABLE):
            key: tuple[object, ...] = (type(message), message.job)
        else:
            key = (next(self._numbers),)
            if isinstance(message, Event):
                self._pin_waiting(message.job)
        if key not in self._waiting and len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting[key] = outgoing
        return True

    def take(self) -> OutgoingMessage | None:
        """Remove and return the next message to send; None if there is none."""
        return self._waiting.popitem(last=False)[1] if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)

    def _pin_waiting(self, job: str) -> None:
        """Make the waiting messages of a job irreplaceable, so that a change of state stays in order behind them."""
        for kind in _REPLACEABLE:
            outgoing = self._waiting.pop((kind, job), None)
            if outgoing is not None:
                self._waiting[(next(self._numbers),)] = outgoing
