"""`ProtocolError`: a stable code, a message and a hint."""

from __future__ import annotations


class ProtocolError(Exception):
    """Data from a peer or a connection file cannot be accepted.

    ``code`` is stable and listed in SPEC.md if it can be sent. ``message`` is one sentence about the fault, ``hint``
    one about what to do.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def malformed(message: str) -> ProtocolError:
    """Return a ``message-malformed`` error for a message that violates the specification."""
    return ProtocolError("message-malformed", message, "protocol/SPEC.md describes every message.")
