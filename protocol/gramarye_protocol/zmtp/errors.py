"""Errors that a ZMTP connection raises or reports."""

from __future__ import annotations


class ZmtpError(Exception):
    """Base of all ZMTP errors.

    ``code`` is stable and meant for programs; ``protocol/ZMTP.md`` lists every code. ``message`` is one sentence about
    the fault, ``hint`` one about what to do.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class ZmtpLocalError(ZmtpError):
    """The caller misused the connection. Raised; the connection is unchanged."""


class ZmtpPeerError(ZmtpError):
    """The peer violated the protocol, refused the connection or was lost. Reported in ``Closed``, the last event."""
