"""The states of a connection and all transitions between them, as one table.

``protocol/ZMTP.md`` shows the same table; a test compares the two. Every other input is refused.
"""

from __future__ import annotations

from enum import Enum
from typing import Mapping

from .errors import ZmtpError, ZmtpLocalError, ZmtpPeerError


class State(Enum):
    """State of a connection. The value is its name in error messages."""

    AWAIT_GREETING = "await greeting"
    AWAIT_READY = "await ready"
    OPEN = "open"
    IN_MESSAGE = "in message"
    CLOSED = "closed"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether the connection has ended."""
        return self in (State.CLOSED, State.FAILED)


class Input(Enum):
    """Input of the state machine. The value is its name in error messages."""

    # From the peer.
    GREETING = "a greeting"
    READY = "a READY command"
    ERROR = "an ERROR command"
    PING = "a PING command"
    PONG = "a PONG command"
    OTHER_COMMAND = "a command of another name"
    MORE_FRAME = "a message frame with MORE set"
    LAST_FRAME = "the last frame of a message"
    END = "the end of the stream between two frames"
    # From this side.
    SEND = "a message to send"
    CLOSE = "close()"
    SILENCE = "a timeout"
    FAULT = "a protocol violation"


_PEER_COMMANDS = (Input.READY, Input.ERROR, Input.PING, Input.PONG, Input.OTHER_COMMAND)

TRANSITIONS: Mapping[State, Mapping[Input, State]] = {
    State.AWAIT_GREETING: {
        Input.GREETING: State.AWAIT_READY,
        Input.END: State.FAILED,
        Input.CLOSE: State.CLOSED,
        Input.SILENCE: State.FAILED,
        Input.FAULT: State.FAILED,
    },
    State.AWAIT_READY: {
        # RFC 23, "The NULL Security Mechanism": null = ready *message | error. A PING may come only "after the
        # security handshake is complete" (RFC 37, "Connection Heartbeating").
        Input.READY: State.OPEN,
        Input.ERROR: State.FAILED,
        Input.END: State.FAILED,
        Input.CLOSE: State.CLOSED,
        Input.SILENCE: State.FAILED,
        Input.FAULT: State.FAILED,
    },
    State.OPEN: {
        # RFC 23, "Formal Grammar": traffic = *(command | message).
        Input.PING: State.OPEN,
        Input.PONG: State.OPEN,
        # Commands of newer minor versions are ignored, as libzmq does.
        Input.OTHER_COMMAND: State.OPEN,
        # RFC 23, "Error Handling": an ERROR is always fatal.
        Input.ERROR: State.FAILED,
        Input.MORE_FRAME: State.IN_MESSAGE,
        Input.LAST_FRAME: State.OPEN,
        Input.SEND: State.OPEN,
        Input.END: State.CLOSED,
        Input.CLOSE: State.CLOSED,
        Input.SILENCE: State.FAILED,
        Input.FAULT: State.FAILED,
    },
    State.IN_MESSAGE: {
        # The grammar allows no command within a message, but libzmq sends PING and PONG between the frames of a message
        # that a slow peer delays. These two are accepted; of the others, only ERROR has a transition.
        Input.PING: State.IN_MESSAGE,
        Input.PONG: State.IN_MESSAGE,
        Input.ERROR: State.FAILED,
        Input.MORE_FRAME: State.IN_MESSAGE,
        Input.LAST_FRAME: State.OPEN,
        # The directions are independent: sending does not wait for the peer to finish its message.
        Input.SEND: State.IN_MESSAGE,
        # RFC 23, "Messages": all the frames of a message are delivered, or none.
        Input.END: State.FAILED,
        Input.CLOSE: State.CLOSED,
        Input.SILENCE: State.FAILED,
        Input.FAULT: State.FAILED,
    },
    # Final: later data is ignored, and close() has no effect.
    State.CLOSED: {Input.CLOSE: State.CLOSED},
    State.FAILED: {Input.CLOSE: State.FAILED},
}


def next_state(state: State, given: Input) -> State:
    """Return the state after ``given``. Raises ``ZmtpError`` if the table has no such transition."""
    target = TRANSITIONS[state].get(given)
    if target is None:
        raise _unexpected(state, given)
    return target


def _unexpected(state: State, given: Input) -> ZmtpError:
    if given is Input.SEND and state.is_final:
        return ZmtpLocalError("closed", "The connection is closed.", "Open a new one.")
    if given is Input.SEND:
        return ZmtpLocalError(
            "not_open", "The handshake with the peer is not complete.", "Wait for the Ready event, then send."
        )
    return ZmtpPeerError(
        "unexpected_command" if given in _PEER_COMMANDS else "unexpected_message",
        f"The peer sent {given.value} in the state '{state.value}', where it is not allowed.",
        "The program at the other end violates ZMTP: update or replace it.",
    )
