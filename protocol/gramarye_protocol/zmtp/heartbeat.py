"""Heartbeats: when to send a PING and when to consider the peer lost (RFC 37, "Connection Heartbeating").

The owner passes in the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .errors import ZmtpLocalError


@dataclass(frozen=True)
class Heartbeat:
    """Send a PING every ``interval`` seconds; the peer is lost ``timeout`` seconds after a PING without any traffic.

    The handshake must be complete ``timeout`` seconds after the first ``tick``. RFC 37: the timeout is usually a small
    multiple of the interval. Raises ``ZmtpLocalError`` (``bad_option``).
    """

    interval: float = 5.0
    timeout: float = 15.0

    def __post_init__(self) -> None:
        for name, seconds in (("interval", self.interval), ("timeout", self.timeout)):
            # Also refuses NaN, for which every comparison is false.
            if not 0 < seconds < float("inf"):
                raise ZmtpLocalError(
                    "bad_option", f"The heartbeat's {name} is {seconds}.", "Use a finite number of seconds above 0."
                )


class HeartbeatAction(Enum):
    NONE = "nothing to do"
    SEND_PING = "send a PING"
    HANDSHAKE_LATE = "the handshake takes too long"
    PEER_SILENT = "nothing arrived after our PING"
    TTL_EXPIRED = "nothing arrived within the time-to-live of its PING"


# Longest gap between two ticks that counts, in seconds, without a heartbeat.
_MAX_GAP = 1.0


class HeartbeatMonitor:
    """Tracks the peer's signs of life on a clock that advances only in ``tick``.

    An editor's event loop may stop for a minute (a dialog, a slow filter) while the peer's bytes wait in the socket.
    The peer is not silent then, so a gap between two ticks counts as one interval at most.
    """

    def __init__(self, heartbeat: Heartbeat | None) -> None:
        self._heartbeat = heartbeat
        self._max_gap = _MAX_GAP if heartbeat is None else heartbeat.interval
        self._last_tick: float | None = None
        self._clock = 0.0
        self._open = False
        self._pings_allowed = False
        self._next_ping = 0.0
        self._is_awaiting_pong = False
        self._has_traffic = False
        self._last_traffic_at = 0.0
        self._ping_sent_at = 0.0
        self._ttl = 0.0

    @property
    def is_awaiting_pong(self) -> bool:
        return self._is_awaiting_pong

    def traffic_received(self) -> None:
        """Record incoming bytes. RFC 37: any incoming traffic, not only a PONG, is a sign of life."""
        self._has_traffic = True
        self._ttl = 0.0

    def handshake_completed(self, pings_allowed: bool) -> None:
        """Record that the handshake is complete; ``pings_allowed`` if the peer knows the PING command."""
        self._open = True
        self._pings_allowed = pings_allowed
        self._next_ping = self._clock + self._max_gap

    def ping_sent(self) -> None:
        """Record that a PING was sent and its PONG is awaited."""
        self._is_awaiting_pong = True
        self._ping_sent_at = self._clock

    def pong_received(self) -> None:
        self._is_awaiting_pong = False

    def set_peer_ttl(self, ttl: float) -> None:
        """Set the time-to-live of the peer's PING: seconds without traffic until the peer is lost; 0 for no limit."""
        self._ttl = ttl

    def tick(self, now: float) -> HeartbeatAction:
        """Return what to do at ``now``, in seconds on a monotonic clock."""
        elapsed = 0.0 if self._last_tick is None else now - self._last_tick
        self._last_tick = now
        self._clock += min(max(elapsed, 0.0), self._max_gap)
        if self._has_traffic:
            self._has_traffic = False
            self._last_traffic_at = self._clock
        action = self._check_lost()
        if action is HeartbeatAction.NONE and self._ping_is_due():
            self._next_ping = self._clock + self._max_gap
            return HeartbeatAction.SEND_PING
        return action

    def _check_lost(self) -> HeartbeatAction:
        # RFC 37: the peer is dead if no traffic follows its PING within a non-zero TTL.
        if 0 < self._ttl <= self._clock - self._last_traffic_at:
            return HeartbeatAction.TTL_EXPIRED
        if self._heartbeat is None:
            return HeartbeatAction.NONE
        if not self._open:
            late = self._clock >= self._heartbeat.timeout
            return HeartbeatAction.HANDSHAKE_LATE if late else HeartbeatAction.NONE
        # RFC 37: the peer is dead if no traffic follows our PING within the timeout.
        silence = self._clock - max(self._last_traffic_at, self._ping_sent_at)
        if self._is_awaiting_pong and silence >= self._heartbeat.timeout:
            return HeartbeatAction.PEER_SILENT
        return HeartbeatAction.NONE

    def _ping_is_due(self) -> bool:
        # RFC 37: only a small number of PINGs without a PONG. Here it is one.
        return (
            self._heartbeat is not None
            and self._pings_allowed
            and not self._is_awaiting_pong
            and self._clock >= self._next_ping
        )
