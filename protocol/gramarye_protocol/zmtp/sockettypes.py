"""Socket types and identities in the metadata of READY (RFC 23, "Connection Metadata")."""

from __future__ import annotations

from typing import Mapping

from .errors import ZmtpLocalError, ZmtpPeerError

# RFC 23, "The Socket-Type Property": the legal peers of the two types that a single connection can implement
# without the envelopes of REQ and REP (RFC 28).
LEGAL_PEERS: Mapping[str, frozenset[str]] = {
    "DEALER": frozenset({"REP", "DEALER", "ROUTER"}),
    "ROUTER": frozenset({"REQ", "DEALER", "ROUTER"}),
}
_WITH_IDENTITY = frozenset({"REQ", "DEALER", "ROUTER"})
_LARGEST_IDENTITY = 255


def own_properties(socket_type: str, identity: bytes) -> Mapping[str, bytes]:
    """Return the metadata of our READY. Raises ``ZmtpLocalError`` (``bad_option``)."""
    if socket_type not in LEGAL_PEERS:
        raise ZmtpLocalError("bad_option", f"The socket type {socket_type!r} is unknown.", "Use 'DEALER' or 'ROUTER'.")
    fault = _identity_fault(identity)
    if fault is not None:
        raise ZmtpLocalError("bad_option", f"The identity {fault}.", "Choose another one, or none.")
    properties = {"Socket-Type": socket_type.encode("ascii")}
    # RFC 23, "The Identity Property": an identity may be announced; an empty one has no effect.
    if identity:
        properties["Identity"] = identity
    return properties


def peer_socket_type(own: str, properties: Mapping[str, bytes]) -> str:
    """Return the peer's socket type. Raises ``ZmtpPeerError`` (``socket_type_refused``)."""
    announced = properties.get("socket-type", b"").decode("ascii", "backslashreplace")
    # RFC 23, "The Socket-Type Property": the peer's type should be enforced. A missing type is refused too.
    if announced not in LEGAL_PEERS[own]:
        raise ZmtpPeerError(
            "socket_type_refused",
            f"The peer is a {announced or 'socket without a type'}; a {own} cannot talk to it.",
            "Check that the address is the daemon's.",
        )
    return announced


def peer_identity(socket_type: str, properties: Mapping[str, bytes]) -> bytes:
    """Return the peer's identity, b"" for none. Raises ``ZmtpPeerError`` (``identity_refused``)."""
    # RFC 23, "The Identity Property": it is ignored for all other socket types.
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
        return "begins with a zero byte, which ZeroMQ reserves"
    return None
