"""What waits to be sent to one client. A slow one gets fewer previews, never an endless queue."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import count

from gramarye_protocol.messages import Event, Message, Preview, Progress, Queued

MAX_WAITING = 8192
"""Letters that may wait for a client before it is given up: several for each job that may be queued."""

_REPLACEABLE = (Progress, Preview, Queued)


@dataclass(frozen=True)
class OutgoingMessage:
    """A message and the request that it answers."""

    message: Message
    reply_to: str = ""


class Outbox:
    """Letters in order; a newer progress, preview or position takes the place of one of the same job that waits."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[object, ...], OutgoingMessage] = OrderedDict()
        self._numbers = count()

    def put(self, outgoing: OutgoingMessage) -> bool:
        """Add a letter; False where the client is so far behind that it should be given up."""
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
        """Remove and return the letter to send next."""
        return self._waiting.popitem(last=False)[1] if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)

    def _pin_waiting(self, job: str) -> None:
        """A change of state follows: what waits stays before it, and later ones queue behind it."""
        for kind in _REPLACEABLE:
            outgoing = self._waiting.pop((kind, job), None)
            if outgoing is not None:
                self._waiting[(next(self._numbers),)] = outgoing
