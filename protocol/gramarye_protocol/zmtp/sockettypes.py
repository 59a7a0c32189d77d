"""Who this side may be, whom it may talk to, and under what identity (RFC 23, "Connection Metadata")."""

from __future__ import annotations

from typing import Mapping

from .errors import ZmtpLocalError, ZmtpPeerError

# RFC 23, "The Socket-Type Property": the legal pairs, for the two types that a single connection can stand
# for without the envelopes that REQ and REP add (RFC 28).
LEGAL_PEERS: Mapping[str, frozenset[str]] = {
    "DEALER": frozenset({"REP", "DEALER", "ROUTER"}),
    "ROUTER": frozenset({"REQ", "DEALER", "ROUTER"}),
}
_WITH_IDENTITY = frozenset({"REQ", "DEALER", "ROUTER"})
_LARGEST_IDENTITY = 255


def own_properties(socket_type: str, identity: bytes) -> Mapping[str, bytes]:
    """The metadata of our READY. Raises ``ZmtpLocalError`` (``bad_option``)."""
    if socket_type not in LEGAL_PEERS:
        raise ZmtpLocalError("bad_option", f"The socket type {socket_type!r} is unknown.", "Use 'DEALER' or 'ROUTER'.")
    fault = _identity_fault(identity)
    if fault is not None:
        raise ZmtpLocalError("bad_option", f"The identity {fault}.", "Choose another, or none.")
    properties = {"Socket-Type": socket_type.encode("ascii")}
    # RFC 23, "The Identity Property": it may be announced; an empty one says nothing.
    if identity:
        properties["Identity"] = identity
    return properties


def peer_socket_type(own: str, properties: Mapping[str, bytes]) -> str:
    """The peer's socket type. Raises ``ZmtpPeerError`` (``socket_type_refused``)."""
    announced = properties.get("socket-type", b"").decode("ascii", "backslashreplace")
    # RFC 23, "The Socket-Type Property": the peer's type should be enforced. One that is not announced
    # cannot be, and is refused as well.
    if announced not in LEGAL_PEERS[own]:
        raise ZmtpPeerError(
            "socket_type_refused",
            f"The peer is a {announced or 'socket of no announced type'}, with which a {own} cannot talk.",
            "Check that the address is the daemon's.",
        )
    return announced


def peer_identity(socket_type: str, properties: Mapping[str, bytes]) -> bytes:
    """The peer's identity, b"" for none. Raises ``ZmtpPeerError`` (``identity_refused``)."""
    # RFC 23, "The Identity Property": for any other socket type it is ignored.
    if socket_type not in _WITH_IDENTITY:
        return b""
    identity = properties.get("identity", b"")
    fault = _identity_fault(identity)
    if fault is not None:
        raise ZmtpPeerError(
            "identity_refused", f"The peer's identity {fault}.", "Give the peer another identity, or none."
        )
    return identity


def _identity_fault(identity: bytes) -> str | None:
    # RFC 23, "The Identity Property": identity = 0*255OCTET.
    if len(identity) > _LARGEST_IDENTITY:
        return f"is {len(identity)} bytes long, over {_LARGEST_IDENTITY}"
    # RFC 37, "The Identity Property": the first octet shall not be zero.
    if identity[:1] == b"\0":
        return "begins with a zero byte, which ZeroMQ keeps for itself"
    return None
