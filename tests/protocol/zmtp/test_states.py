"""Every state with every input: the connection does exactly what the table says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from gramarye_protocol.zmtp import (
    TRANSITIONS,
    Closed,
    Event,
    Heartbeat,
    Input,
    State,
    ZmtpConnection,
    ZmtpLocalError,
    connection,
)
from gramarye_protocol.zmtp.states import next_state
from protocol.zmtp.peers import GREETING, PING, PONG, READY_ROUTER, command, message

OPEN = GREETING + READY_ROUTER
FROM_PEER = {
    Input.GREETING: GREETING,
    Input.READY: READY_ROUTER,
    Input.ERROR: command(b"ERROR", b"\x00"),
    Input.PING: PING,
    Input.PONG: PONG,
    Input.OTHER_COMMAND: command(b"OTHER"),
    Input.MORE_FRAME: message(b"", b"")[:2],
    Input.LAST_FRAME: message(b""),
    Input.FAULT: b"\x08",
}
RECEIVED = {
    State.AWAIT_GREETING: b"",
    State.AWAIT_READY: GREETING,
    State.OPEN: OPEN,
    State.IN_MESSAGE: OPEN + message(b"", b"")[:2],
    State.CLOSED: b"",
    State.FAILED: OPEN + b"\x08",
}
ENDED_BY = {
    Input.ERROR: {"refused_by_peer"},
    Input.END: {"closed_in_handshake", "peer_lost"},
    Input.SILENCE: {"peer_silent"},
    Input.FAULT: {"bad_flags", "not_zmtp"},
}
EVERY_PAIR = list(product(State, Input))


def in_state(state: State) -> ZmtpConnection:
    made = ZmtpConnection(heartbeat=Heartbeat(interval=1.0, timeout=3.0))
    made.receive(RECEIVED[state])
    if state is State.CLOSED:
        made.close()
    assert made.state is state
    return made


def apply_input(made: ZmtpConnection, given: Input) -> list[Event]:
    if given in FROM_PEER:
        return made.receive(FROM_PEER[given])
    if given is Input.SILENCE:
        return [event for second in range(10) for event in made.tick(float(second))]
    if given is Input.END:
        return made.receive_end()
    if given is Input.CLOSE:
        made.close()
    else:
        made.send([b"frame"])
    return []


@pytest.mark.parametrize(("state", "given"), [pair for pair in EVERY_PAIR if pair[1] in TRANSITIONS[pair[0]]])
def test_transition(state: State, given: Input) -> None:
    made = in_state(state)

    events = apply_input(made, given)

    assert made.state is TRANSITIONS[state][given]
    if made.state is State.FAILED and state is not State.FAILED:
        assert isinstance(events[-1], Closed)
        assert events[-1].error is not None
        assert events[-1].error.code in ENDED_BY[given]


@pytest.mark.parametrize(("state", "given"), [pair for pair in EVERY_PAIR if pair[1] not in TRANSITIONS[pair[0]]])
def test_no_transition(state: State, given: Input) -> None:
    made = in_state(state)

    if given is Input.SEND:
        with pytest.raises(ZmtpLocalError) as refused:
            made.send([b"frame"])
        assert refused.value.code == ("closed" if state.is_final else "not_open")
        assert made.state is state
    elif state.is_final:
        assert apply_input(made, given) == []
        assert made.state is state
    else:
        assert isinstance(apply_input(made, given)[-1], Closed)
        assert made.state is State.FAILED


def test_the_connection_takes_every_transition_from_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = set()

    def recorded(state: State, given: Input) -> State:
        target = next_state(state, given)
        taken.add((state, given, target))
        return target

    monkeypatch.setattr(connection, "next_state", recorded)
    for state, given in EVERY_PAIR:
        if given in TRANSITIONS[state]:
            apply_input(in_state(state), given)

    assert taken == {(state, given, target) for state in State for given, target in TRANSITIONS[state].items()}


@pytest.mark.parametrize("call", [ZmtpConnection.send, ZmtpConnection.ping])
def test_sending_waits_for_ready(call: Callable[[ZmtpConnection, object], object]) -> None:
    made = in_state(State.AWAIT_READY)

    with pytest.raises(ZmtpLocalError) as refused:
        call(made, [b"frame"])
    assert refused.value.code == "not_open"
