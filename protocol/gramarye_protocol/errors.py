"""The one error type of the protocol: a stable code, a sentence, and a hint."""

from __future__ import annotations


class ProtocolError(Exception):
    """What a peer sent cannot be accepted.

    ``code`` is listed in SPEC.md and stable, ``message`` says what is wrong, ``hint`` what to do.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def malformed(message: str) -> ProtocolError:
    """The refusal of what does not follow the specification, in one sentence."""
    return ProtocolError("message-malformed", message, "protocol/SPEC.md describes every message.")
