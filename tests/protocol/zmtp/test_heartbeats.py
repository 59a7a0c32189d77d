"""PING and PONG both ways: against libzmq on real sockets, and the time-outs on a clock made of numbers."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import zmq

from gramarye_protocol.zmtp import (
    Closed,
    Event,
    Heartbeat,
    MessageReceived,
    PingReceived,
    PongReceived,
    Ready,
    State,
    ZmtpConnection,
    ZmtpLocalError,
)
from protocol.zmtp.peers import (
    GREETING,
    GREETING_3_0,
    PING,
    PONG,
    READY_ROUTER,
    Link,
    command,
    introduced,
    joined,
    message,
    opened,
    received,
)

MakeSocket = Callable[[int], "zmq.Socket[bytes]"]
Connect = Callable[[int, ZmtpConnection], Link]

BEAT = Heartbeat(interval=2.0, timeout=6.0)


def pinging_router(zmq_socket: MakeSocket, interval_ms: int, timeout_ms: int) -> tuple[zmq.Socket[bytes], int]:
    router = zmq_socket(zmq.ROUTER)
    router.heartbeat_ivl = interval_ms
    router.heartbeat_timeout = timeout_ms
    router.heartbeat_ttl = 3000
    return router, router.bind_to_random_port("tcp://127.0.0.1")


def ticked(connection: ZmtpConnection, *times: float) -> list[Event]:
    return [event for now in times for event in connection.tick(now)]


def error_code(events: list[Event]) -> str:
    (event,) = events
    assert isinstance(event, Closed)
    assert event.error is not None
    return event.error.code


def test_libzmq_keeps_a_peer_that_answers_its_pings(zmq_socket: MakeSocket, connect: Connect) -> None:
    router, port = pinging_router(zmq_socket, interval_ms=10, timeout_ms=5000)
    link = introduced(connect(port, ZmtpConnection(identity=b"editor")), router)

    pings = [link.wait_for(PingReceived) for _ in range(5)]
    router.send_multipart([b"editor", b"still here"])

    assert pings[0] == PingReceived(ttl=3.0, context=b"")
    assert link.wait_for(MessageReceived) == received(b"still here")


def test_libzmq_drops_a_peer_that_does_not_answer(zmq_socket: MakeSocket, connect: Connect) -> None:
    # What the test above would look like if our PONGs were not there, or not PONGs.
    _, port = pinging_router(zmq_socket, interval_ms=10, timeout_ms=100)
    link = connect(port, ZmtpConnection())
    link.wait_for(Ready)

    assert link.wait_for(Closed, answer=False) == Closed(None)


def test_libzmq_pings_within_a_message(zmq_socket: MakeSocket, connect: Connect) -> None:
    # Not in the grammar, but what the daemon's library does when a large result is read slowly.
    router, port = pinging_router(zmq_socket, interval_ms=5, timeout_ms=10_000)
    link = introduced(connect(port, ZmtpConnection(identity=b"slow")), router)
    parts = [bytes([number]) * 2**20 for number in range(40)]
    router.send_multipart([b"slow", *parts])

    within = 0
    while not any(isinstance(event, MessageReceived) for event in link.events):
        seen = len(link.events)
        link.read()
        pinged = any(isinstance(event, PingReceived) for event in link.events[seen:])
        within += pinged and link.connection.state is State.IN_MESSAGE
        if link.connection.state is State.IN_MESSAGE and not within:
            time.sleep(0.0005)  # so that libzmq's timer finds the socket full

    assert within > 0
    assert list(link.wait_for(MessageReceived).frames) == parts


@pytest.mark.parametrize("context", [b"", b"c", b"sixteen octets.."])
def test_libzmq_answers_our_ping_with_its_context(zmq_socket: MakeSocket, connect: Connect, context: bytes) -> None:
    link = connect(zmq_socket(zmq.ROUTER).bind_to_random_port("tcp://127.0.0.1"), ZmtpConnection())
    link.wait_for(Ready)

    link.write(link.connection.ping(context))

    assert link.wait_for(PongReceived) == PongReceived(context)


def test_libzmq_answers_the_heartbeats_own_pings(zmq_socket: MakeSocket, connect: Connect) -> None:
    port = zmq_socket(zmq.ROUTER).bind_to_random_port("tcp://127.0.0.1")
    link = connect(port, ZmtpConnection(heartbeat=BEAT))
    link.wait_for(Ready)

    for now in range(0, 40, 2):
        assert link.connection.tick(float(now)) == []
        if now:
            assert link.wait_for(PongReceived) == PongReceived(b"")


def test_pings_are_answered_in_order_each_with_its_context() -> None:
    connection = opened(ZmtpConnection())

    events = connection.receive(command(b"PING", b"\x00\x00one") + command(b"PING", b"\x00\x05two"))

    assert events == [PingReceived(0.0, b"one"), PingReceived(0.5, b"two")]
    assert joined(connection.data_to_send()) == command(b"PONG", b"one") + command(b"PONG", b"two")


def test_a_ping_goes_out_every_interval_to_a_peer_that_answers() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT))
    sent = []

    for second in range(9):
        assert connection.tick(100.0 + second) == []
        written = joined(connection.data_to_send())
        sent.append(written)
        if written:
            connection.receive(PONG)

    assert sent == [b"", b"", PING, b"", PING, b"", PING, b"", PING]


def test_silence_after_our_ping_loses_the_peer() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT))

    assert ticked(connection, 0, 1, 2, 3, 4, 5, 6, 7) == []
    assert joined(connection.data_to_send()) == PING  # one, however long it stays unanswered
    assert error_code(ticked(connection, 8)) == "peer_silent"
    assert connection.state is State.FAILED


def test_any_traffic_is_a_sign_of_life() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT))
    trickle = message(bytes(200))

    for second, octet in enumerate(trickle[:100]):  # no PONG, not even a whole frame
        connection.receive(bytes([octet]))
        assert connection.tick(float(second)) == []

    assert error_code(ticked(connection, *range(100, 108))) == "peer_silent"


def test_a_stall_of_the_owner_is_not_the_peers_silence() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT))
    ticked(connection, 0, 2, 4)

    assert connection.tick(3600.0) == []  # an hour in a dialog, the PONG waiting in the socket
    connection.receive(PONG)
    assert ticked(connection, 3601, 3602, 3603) == []


def test_a_clock_that_runs_backwards_delays_nothing() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT))

    assert ticked(connection, 1000, 0, 1, 2) == []
    assert joined(connection.data_to_send()) == PING


@pytest.mark.parametrize("received", [b"", GREETING[:30], GREETING, GREETING + READY_ROUTER[:9]])
def test_a_handshake_that_takes_too_long(received: bytes) -> None:
    connection = ZmtpConnection(heartbeat=BEAT)
    connection.receive(received)

    assert ticked(connection, 0, 1, 2, 3, 4, 5) == []
    assert error_code(ticked(connection, 6)) == "peer_silent"


@pytest.mark.parametrize("heartbeat", [None, BEAT])
def test_the_peers_time_to_live_is_obeyed(heartbeat: Heartbeat | None) -> None:
    connection = opened(ZmtpConnection(heartbeat=heartbeat))
    connection.receive(command(b"PING", b"\x00\x19"))  # 2.5 seconds

    assert ticked(connection, 0, 1, 2) == []
    assert error_code(ticked(connection, 3)) == "peer_silent"


def test_further_traffic_ends_the_peers_time_to_live() -> None:
    connection = opened(ZmtpConnection())

    connection.receive(command(b"PING", b"\x00\x19") + message(b"more"))

    assert ticked(connection, *range(100)) == []


def test_without_a_heartbeat_nothing_is_sent_and_nobody_lost() -> None:
    connection = opened(ZmtpConnection())

    assert ticked(connection, *range(1000)) == []
    assert connection.data_to_send() == []


def test_a_peer_of_version_3_0_is_not_pinged() -> None:
    connection = opened(ZmtpConnection(heartbeat=BEAT), greeting=GREETING_3_0)

    assert ticked(connection, *range(100)) == []
    assert connection.data_to_send() == []
    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping()
    assert refused.value.code == "ping_unsupported"


def test_one_ping_at_a_time() -> None:
    connection = opened(ZmtpConnection())
    assert joined(connection.ping(b"1")) == command(b"PING", b"\x00\x001")

    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping(b"2")
    assert refused.value.code == "ping_pending"

    assert connection.receive(command(b"PONG", b"1")) == [PongReceived(b"1")]
    assert joined(connection.ping(b"2")) == command(b"PING", b"\x00\x002")


def test_a_context_over_sixteen_bytes_is_refused_here() -> None:
    connection = opened(ZmtpConnection())

    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping(bytes(17))
    assert refused.value.code == "bad_context"
    assert connection.data_to_send() == []


def test_a_flood_of_pings_ends_the_connection() -> None:
    connection = opened(ZmtpConnection())

    assert len(connection.receive(PING * 1024)) == 1024
    assert error_code(connection.receive(PING)) == "ping_flood"


def test_pings_that_are_answered_are_no_flood() -> None:
    connection = opened(ZmtpConnection())

    for _ in range(5):
        connection.receive(PING * 1000)
        assert joined(connection.data_to_send()) == PONG * 1000


@pytest.mark.parametrize(
    "options", [{"interval": 0.0}, {"timeout": -1.0}, {"timeout": float("nan")}, {"interval": float("inf")}]
)
def test_impossible_heartbeats(options: dict[str, float]) -> None:
    with pytest.raises(ZmtpLocalError) as refused:
        Heartbeat(**options)
    assert refused.value.code == "bad_option"
