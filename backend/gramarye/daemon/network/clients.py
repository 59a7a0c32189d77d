"""The clients that are heard from: whose they are, how fast they ask, how often they were refused."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from ..subscriptions import RoutingId
from .rate_limit import RateLimiter
from .receive import IncomingMessage

MAX_REQUESTS_PER_SECOND = 200.0
"""Requests of one client a second that are answered at once, after a burst of as many."""

BURST = 200
MAX_DELAY = 1.0
"""Seconds that faster ones are made to wait before they are refused."""

FORGIVEN = 1.0
"""Refusals a second that are forgotten again."""

MAX_REFUSALS = 200
"""Messages that could not be trusted or came too fast, after which a connection is closed."""

_IDLE_TIMEOUT = 60.0
"""Seconds after which a silent client that awaits nothing is forgotten."""


@dataclass
class ClientConnection:
    """One connection. ``user`` is `keyring.LOCAL_USER` or a public key; ``fd`` the connection's descriptor, or -1."""

    client: RoutingId
    user: str
    fd: int
    last_seen: float
    requests: RateLimiter = field(default_factory=lambda: RateLimiter(MAX_REQUESTS_PER_SECOND, BURST, MAX_DELAY))
    refusals: RateLimiter = field(default_factory=lambda: RateLimiter(FORGIVEN, MAX_REFUSALS))
    is_disconnecting: bool = False


class ClientConnections:
    """By routing id."""

    def __init__(self) -> None:
        self._connections: dict[RoutingId, ClientConnection] = {}

    def get_or_add(self, incoming: IncomingMessage, now: float) -> ClientConnection:
        """The sender of a message, which is known from now on."""
        connection = self._connections.get(incoming.client)
        if connection is None or connection.user != incoming.user:
            connection = self._connections[incoming.client] = ClientConnection(
                incoming.client, incoming.user, incoming.fd, now
            )
        if connection.fd != incoming.fd:  # the same name on a new connection
            connection.is_disconnecting = False
        connection.last_seen, connection.fd = now, incoming.fd
        return connection

    def touch(self, connection: ClientConnection, now: float) -> None:
        """Know one still, or again, that is about to be answered."""
        connection.last_seen = now
        self._connections.setdefault(connection.client, connection)

    def find(self, client: RoutingId) -> ClientConnection | None:
        """None for one that was never heard from, or not for long."""
        return self._connections.get(client)

    def all(self) -> list[ClientConnection]:
        """Those that are known."""
        return list(self._connections.values())

    def forget_idle(self, now: float, awaiting: Set[RoutingId]) -> None:
        """Forget who has been silent for long, but for those that are ``awaiting`` something."""
        for client, connection in list(self._connections.items()):
            if now - connection.last_seen > _IDLE_TIMEOUT and client not in awaiting:
                del self._connections[client]
