"""The greeting: 64 octets that each side sends first (RFC 23 and RFC 37, "Formal Grammar")."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ZmtpPeerError
from .receivebuffer import ReceiveBuffer

OWN_VERSION = (3, 1)
OLDEST_MAJOR = 3
MECHANISM = b"NULL"

_SIGNATURE_FIRST = 0xFF
_SIGNATURE_LAST = 0x7F
_PADDING_SIZE = 8
_MECHANISM_SIZE = 20
# Minor version, mechanism, as-server and filler, after the eleven octets that determine the major version.
_REST_SIZE = 1 + _MECHANISM_SIZE + 1 + 31


def encode_greeting() -> bytes:
    """Return our greeting, the same on both sides.

    RFC 23, "Version Negotiation": a peer that requires ZMTP 3 sends all 64 octets at once, with zero padding.
    RFC 23, "The NULL Security Mechanism": the as-server octet must be zero.
    """
    signature = bytes([_SIGNATURE_FIRST]) + bytes(_PADDING_SIZE) + bytes([_SIGNATURE_LAST])
    return signature + bytes(OWN_VERSION) + MECHANISM.ljust(_MECHANISM_SIZE, b"\0") + bytes(1 + 31)


@dataclass(frozen=True)
class Greeting:
    """The (major, minor) version in a peer's greeting. As-server and filler have no meaning under NULL."""

    version: tuple[int, int]


class GreetingReader:
    """Reads a peer's greeting and checks each part as soon as it arrives.

    A peer that speaks another protocol may never send 64 octets, so the check cannot wait for them.
    """

    def __init__(self, buffer: ReceiveBuffer) -> None:
        self._buffer = buffer
        self._parts: list[bytearray] = []

    def read(self) -> Greeting | None:
        """Return the greeting, or None until it is complete. Raises ``ZmtpPeerError``."""
        steps = (
            (1, _check_first),
            (_PADDING_SIZE + 1, _check_signature),
            (1, _check_major),
            (_REST_SIZE, _check_mechanism),
        )
        for size, check in steps[len(self._parts) :]:
            part = self._buffer.take(size)
            if part is None:
                return None
            check(part)
            self._parts.append(part)
        return Greeting(version=(self._parts[2][0], self._parts[3][0]))


def _check_first(part: bytearray) -> None:
    # RFC 23, "Formal Grammar": the signature starts with FF. "Detecting ZMTP 1.0 and 2.0 Peers": any other
    # first octet is the identity length of a ZMTP 1.0 peer, or another protocol.
    if part[0] != _SIGNATURE_FIRST:
        raise ZmtpPeerError(
            "not_zmtp",
            f"The peer's first byte is 0x{part[0]:02X} where ZMTP 3 has 0xFF: it speaks ZMTP 1.0 or another "
            "protocol, such as HTTP.",
            "Check that the address is the daemon's, and update the program there.",
        )


def _check_signature(part: bytearray) -> None:
    # The padding is neither checked nor interpreted (RFC 23, "Version Negotiation").
    last = part[-1]
    # RFC 23, "Detecting ZMTP 1.0 and 2.0 Peers": an even tenth octet is a ZMTP 1.0 frame's flags.
    if last & 1 == 0:
        raise _version_unsupported("ZMTP 1.0")
    # RFC 23, "Formal Grammar": the signature ends with 7F.
    if last != _SIGNATURE_LAST:
        raise ZmtpPeerError(
            "not_zmtp",
            f"The peer's greeting has 0x{last:02X} where ZMTP 3 has 0x7F: it speaks another protocol.",
            "Check that the address is the daemon's.",
        )


def _check_major(part: bytearray) -> None:
    # RFC 23, "Version Negotiation": 3.0 and all later versions must be accepted; a side that cannot downgrade to the
    # peer's version must close. libzmq announces 1.0 as 0; 1 and 2 stand for ZMTP 2.0.
    if part[0] < OLDEST_MAJOR:
        raise _version_unsupported("ZMTP 1.0" if part[0] == 0 else "ZMTP 2.0")


def _check_mechanism(part: bytearray) -> None:
    # RFC 23, "Authentication and Confidentiality": if the mechanism differs from ours, the connection must be
    # closed. Falling back would be the downgrade that "Security Considerations" forbids.
    mechanism = bytes(part[1 : 1 + _MECHANISM_SIZE])
    if mechanism != MECHANISM.ljust(_MECHANISM_SIZE, b"\0"):
        name = mechanism.rstrip(b"\0").decode("ascii", "backslashreplace")
        raise ZmtpPeerError(
            "mechanism_mismatch",
            f"The peer requires the security mechanism {name!r}; this side speaks only 'NULL'.",
            "Turn the mechanism off at the peer, or check that the address is the daemon's.",
        )


def _version_unsupported(version: str) -> ZmtpPeerError:
    return ZmtpPeerError(
        "version_unsupported",
        f"The peer speaks {version}; this side needs ZMTP 3.0 or later.",
        "Update ZeroMQ at the peer to version 4 or later.",
    )
