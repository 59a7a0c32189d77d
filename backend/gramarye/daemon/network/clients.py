"""The connected clients, with their users, request rates and counts of refusals."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from ..subscriptions import RoutingId
from .rate_limit import RateLimiter
from .receive import IncomingMessage

MAX_REQUESTS_PER_SECOND = 200.0
"""Requests per second of one client that are answered without delay, after a burst of `BURST`."""

BURST = 200
MAX_DELAY = 1.0
"""Seconds by which faster requests are delayed at most; beyond that they are refused."""

FORGIVEN = 1.0
"""Refusals per second that are subtracted from a client's count."""

MAX_REFUSALS = 200
"""Count of suspicious or too frequent messages above which a client's connection is closed."""

_IDLE_TIMEOUT = 60.0
"""Seconds after which a silent client that awaits nothing is forgotten."""


@dataclass
class ClientConnection:
    """One connection.

    ``user`` is `keyring.LOCAL_USER` or a public key; ``fd`` is the file descriptor, -1 if unknown; ``last_seen`` is in
    seconds of the monotonic clock.
    """

    client: RoutingId
    user: str
    fd: int
    last_seen: float
    requests: RateLimiter = field(default_factory=lambda: RateLimiter(MAX_REQUESTS_PER_SECOND, BURST, MAX_DELAY))
    refusals: RateLimiter = field(default_factory=lambda: RateLimiter(FORGIVEN, MAX_REFUSALS))
    is_disconnecting: bool = False


class ClientConnections:
    """The connections by routing id. Times are in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._connections: dict[RoutingId, ClientConnection] = {}

    def get_or_add(self, incoming: IncomingMessage, now: float) -> ClientConnection:
        """Return the connection that sent a message; it is added if it is new."""
        connection = self._connections.get(incoming.client)
        if connection is None or connection.user != incoming.user:
            connection = self._connections[incoming.client] = ClientConnection(
                incoming.client, incoming.user, incoming.fd, now
            )
        if connection.fd != incoming.fd:  # the same routing id on a new connection
            connection.is_disconnecting = False
        connection.last_seen, connection.fd = now, incoming.fd
        return connection

    def touch(self, connection: ClientConnection, now: float) -> None:
        """Mark a connection as seen, because a reply is about to be sent; add it again if it was forgotten."""
        connection.last_seen = now
        self._connections.setdefault(connection.client, connection)

    def find(self, client: RoutingId) -> ClientConnection | None:
        """Return a client's connection; None if it is unknown or was forgotten."""
        return self._connections.get(client)

    def all(self) -> list[ClientConnection]:
        """Return all known connections."""
        return list(self._connections.values())

    def forget_idle(self, now: float, awaiting: Set[RoutingId]) -> None:
        """Remove clients that have been silent for `_IDLE_TIMEOUT` seconds, except those ``awaiting`` something."""
        for client, connection in list(self._connections.items()):
            if now - connection.last_seen > _IDLE_TIMEOUT and client not in awaiting:
                del self._connections[client]
