"""PING and PONG in both directions against libzmq on real sockets, and timeouts on a simulated clock."""

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
    SocketDriver,
    command,
    complete_handshake,
    complete_handshake_with,
    join_chunks,
    message,
    received,
)

MakeSocket = Callable[[int], "zmq.Socket[bytes]"]
Connect = Callable[[int, ZmtpConnection], SocketDriver]

HEARTBEAT = Heartbeat(interval=2.0, timeout=6.0)


def pinging_router(zmq_socket: MakeSocket, interval_ms: int, timeout_ms: int) -> tuple[zmq.Socket[bytes], int]:
    router = zmq_socket(zmq.ROUTER)
    router.heartbeat_ivl = interval_ms
    router.heartbeat_timeout = timeout_ms
    router.heartbeat_ttl = 3000
    return router, router.bind_to_random_port("tcp://127.0.0.1")


def tick_at(connection: ZmtpConnection, *times: float) -> list[Event]:
    return [event for now in times for event in connection.tick(now)]


def error_code(events: list[Event]) -> str:
    (event,) = events
    assert isinstance(event, Closed)
    assert event.error is not None
    return event.error.code


def test_libzmq_keeps_a_peer_that_answers_its_pings(zmq_socket: MakeSocket, connect: Connect) -> None:
    router, port = pinging_router(zmq_socket, interval_ms=10, timeout_ms=5000)
    driver = complete_handshake_with(connect(port, ZmtpConnection(identity=b"editor")), router)

    pings = [driver.wait_for(PingReceived) for _ in range(5)]
    router.send_multipart([b"editor", b"still here"])

    assert pings[0] == PingReceived(ttl=3.0, context=b"")
    assert driver.wait_for(MessageReceived) == received(b"still here")


def test_libzmq_drops_a_peer_that_does_not_answer(zmq_socket: MakeSocket, connect: Connect) -> None:
    # Shows that the test above fails without our PONGs.
    _, port = pinging_router(zmq_socket, interval_ms=10, timeout_ms=100)
    driver = connect(port, ZmtpConnection())
    driver.wait_for(Ready)

    assert driver.wait_for(Closed, answer=False) == Closed(None)


def test_libzmq_pings_within_a_message(zmq_socket: MakeSocket, connect: Connect) -> None:
    # Not in the grammar, but libzmq, the daemon's library, does this when a large result is read slowly.
    router, port = pinging_router(zmq_socket, interval_ms=5, timeout_ms=10_000)
    driver = complete_handshake_with(connect(port, ZmtpConnection(identity=b"slow")), router)
    parts = [bytes([number]) * 2**20 for number in range(40)]
    router.send_multipart([b"slow", *parts])

    within = 0
    while not any(isinstance(event, MessageReceived) for event in driver.events):
        seen = len(driver.events)
        driver.read()
        pinged = any(isinstance(event, PingReceived) for event in driver.events[seen:])
        within += pinged and driver.connection.state is State.IN_MESSAGE
        if driver.connection.state is State.IN_MESSAGE and not within:
            time.sleep(0.0005)  # so that the socket is full when libzmq's timer expires

    assert within > 0
    assert list(driver.wait_for(MessageReceived).frames) == parts


@pytest.mark.parametrize("context", [b"", b"c", b"sixteen octets.."])
def test_libzmq_answers_our_ping_with_its_context(zmq_socket: MakeSocket, connect: Connect, context: bytes) -> None:
    driver = connect(zmq_socket(zmq.ROUTER).bind_to_random_port("tcp://127.0.0.1"), ZmtpConnection())
    driver.wait_for(Ready)

    driver.write(driver.connection.ping(context))

    assert driver.wait_for(PongReceived) == PongReceived(context)


def test_libzmq_answers_the_heartbeats_own_pings(zmq_socket: MakeSocket, connect: Connect) -> None:
    port = zmq_socket(zmq.ROUTER).bind_to_random_port("tcp://127.0.0.1")
    driver = connect(port, ZmtpConnection(heartbeat=HEARTBEAT))
    driver.wait_for(Ready)

    for now in range(0, 40, 2):
        assert driver.connection.tick(float(now)) == []
        if now:
            assert driver.wait_for(PongReceived) == PongReceived(b"")


def test_pings_are_answered_in_order_each_with_its_context() -> None:
    connection = complete_handshake(ZmtpConnection())

    events = connection.receive(command(b"PING", b"\x00\x00one") + command(b"PING", b"\x00\x05two"))

    assert events == [PingReceived(0.0, b"one"), PingReceived(0.5, b"two")]
    assert join_chunks(connection.data_to_send()) == command(b"PONG", b"one") + command(b"PONG", b"two")


def test_a_ping_goes_out_every_interval_to_a_peer_that_answers() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT))
    sent = []

    for second in range(9):
        assert connection.tick(100.0 + second) == []
        written = join_chunks(connection.data_to_send())
        sent.append(written)
        if written:
            connection.receive(PONG)

    assert sent == [b"", b"", PING, b"", PING, b"", PING, b"", PING]


def test_silence_after_our_ping_loses_the_peer() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT))

    assert tick_at(connection, 0, 1, 2, 3, 4, 5, 6, 7) == []
    assert join_chunks(connection.data_to_send()) == PING  # only one while it is unanswered
    assert error_code(tick_at(connection, 8)) == "peer_silent"
    assert connection.state is State.FAILED


def test_any_traffic_is_a_sign_of_life() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT))
    trickle = message(bytes(200))

    for second, octet in enumerate(trickle[:100]):  # no PONG, not even a whole frame
        connection.receive(bytes([octet]))
        assert connection.tick(float(second)) == []

    assert error_code(tick_at(connection, *range(100, 108))) == "peer_silent"


def test_a_stall_of_the_owner_is_not_the_peers_silence() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT))
    tick_at(connection, 0, 2, 4)

    assert connection.tick(3600.0) == []  # an hour in a dialog, with the PONG waiting in the socket
    connection.receive(PONG)
    assert tick_at(connection, 3601, 3602, 3603) == []


def test_a_clock_that_runs_backwards_delays_nothing() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT))

    assert tick_at(connection, 1000, 0, 1, 2) == []
    assert join_chunks(connection.data_to_send()) == PING


@pytest.mark.parametrize("received", [b"", GREETING[:30], GREETING, GREETING + READY_ROUTER[:9]])
def test_a_handshake_that_takes_too_long(received: bytes) -> None:
    connection = ZmtpConnection(heartbeat=HEARTBEAT)
    connection.receive(received)

    assert tick_at(connection, 0, 1, 2, 3, 4, 5) == []
    assert error_code(tick_at(connection, 6)) == "peer_silent"


@pytest.mark.parametrize("heartbeat", [None, HEARTBEAT])
def test_the_peers_time_to_live_is_respected(heartbeat: Heartbeat | None) -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=heartbeat))
    connection.receive(command(b"PING", b"\x00\x19"))  # 2.5 seconds

    assert tick_at(connection, 0, 1, 2) == []
    assert error_code(tick_at(connection, 3)) == "peer_silent"


def test_further_traffic_ends_the_peers_time_to_live() -> None:
    connection = complete_handshake(ZmtpConnection())

    connection.receive(command(b"PING", b"\x00\x19") + message(b"more"))

    assert tick_at(connection, *range(100)) == []


def test_without_a_heartbeat_nothing_is_sent_and_nobody_lost() -> None:
    connection = complete_handshake(ZmtpConnection())

    assert tick_at(connection, *range(1000)) == []
    assert connection.data_to_send() == []


def test_a_peer_of_version_3_0_is_not_pinged() -> None:
    connection = complete_handshake(ZmtpConnection(heartbeat=HEARTBEAT), greeting=GREETING_3_0)

    assert tick_at(connection, *range(100)) == []
    assert connection.data_to_send() == []
    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping()
    assert refused.value.code == "ping_unsupported"


def test_one_ping_at_a_time() -> None:
    connection = complete_handshake(ZmtpConnection())
    assert join_chunks(connection.ping(b"1")) == command(b"PING", b"\x00\x001")

    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping(b"2")
    assert refused.value.code == "ping_pending"

    assert connection.receive(command(b"PONG", b"1")) == [PongReceived(b"1")]
    assert join_chunks(connection.ping(b"2")) == command(b"PING", b"\x00\x002")


def test_a_context_over_sixteen_bytes_is_refused_here() -> None:
    connection = complete_handshake(ZmtpConnection())

    with pytest.raises(ZmtpLocalError) as refused:
        connection.ping(bytes(17))
    assert refused.value.code == "bad_context"
    assert connection.data_to_send() == []


def test_a_flood_of_pings_ends_the_connection() -> None:
    connection = complete_handshake(ZmtpConnection())

    assert len(connection.receive(PING * 1024)) == 1024
    assert error_code(connection.receive(PING)) == "ping_flood"


def test_pings_that_are_answered_do_not_count_as_a_flood() -> None:
    connection = complete_handshake(ZmtpConnection())

    for _ in range(5):
        connection.receive(PING * 1000)
        assert join_chunks(connection.data_to_send()) == PONG * 1000


@pytest.mark.parametrize(
    "options", [{"interval": 0.0}, {"timeout": -1.0}, {"timeout": float("nan")}, {"interval": float("inf")}]
)
def test_impossible_heartbeats(options: dict[str, float]) -> None:
    with pytest.raises(ZmtpLocalError) as refused:
        Heartbeat(**options)
    assert refused.value.code == "bad_option"
