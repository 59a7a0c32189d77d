"""The one family of errors that the ZMTP machine raises or reports."""

from __future__ import annotations


class ZmtpError(Exception):
    """Something is wrong on a ZMTP connection.

    ``code`` is stable and meant for programs, ``message`` says what is wrong, ``hint`` what to do about it.
    Every code is listed in ``protocol/ZMTP.md``.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class ZmtpLocalError(ZmtpError):
    """The caller asked for what the connection cannot do. Raised; the connection stays as it was."""


class ZmtpPeerError(ZmtpError):
    """The peer broke the protocol, refused us or was lost. Reported in ``Closed``; the connection is over."""
