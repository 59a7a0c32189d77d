"""The clients that are heard from: whose they are, how fast they ask, how often they were refused."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from ..subscriptions import Client
from .rate_limit import Pace
from .receive import Incoming

RATE = 200.0
"""Requests of one client a second that are answered at once, after a burst of as many."""

BURST = 200
MOST_WAIT = 1.0
"""Seconds that faster ones are made to wait before they are refused."""

FORGIVEN = 1.0
"""Refusals a second that are forgotten again."""

MOST_REFUSALS = 200
"""Messages that could not be trusted or came too fast, after which a connection is closed."""

_KEEP = 60.0
"""Seconds after which a silent client that awaits nothing is forgotten."""


@dataclass
class Caller:
    """One connection. ``user`` is `keyring.LOCAL` or a public key; ``line`` the connection's descriptor, or -1."""

    client: Client
    user: str
    line: int
    heard: float
    requests: Pace = field(default_factory=lambda: Pace(RATE, BURST, MOST_WAIT))
    refusals: Pace = field(default_factory=lambda: Pace(FORGIVEN, MOST_REFUSALS))
    is_shut_out: bool = False


class Callers:
    """By routing id."""

    def __init__(self) -> None:
        self._callers: dict[Client, Caller] = {}

    def of(self, incoming: Incoming, now: float) -> Caller:
        """The sender of a message, which is known from now on."""
        caller = self._callers.get(incoming.client)
        if caller is None or caller.user != incoming.user:
            caller = self._callers[incoming.client] = Caller(incoming.client, incoming.user, incoming.line, now)
        if caller.line != incoming.line:  # the same name on a new connection
            caller.is_shut_out = False
        caller.heard, caller.line = now, incoming.line
        return caller

    def keep(self, caller: Caller, now: float) -> None:
        """Know one still, or again, that is about to be answered."""
        caller.heard = now
        self._callers.setdefault(caller.client, caller)

    def find(self, client: Client) -> Caller | None:
        """None for one that was never heard from, or not for long."""
        return self._callers.get(client)

    def all(self) -> list[Caller]:
        """Those that are known."""
        return list(self._callers.values())

    def tidy(self, now: float, awaiting: Set[Client]) -> None:
        """Forget who has been silent for long, but for those that are ``awaiting`` something."""
        for client, caller in list(self._callers.items()):
            if now - caller.heard > _KEEP and client not in awaiting:
                del self._callers[client]
