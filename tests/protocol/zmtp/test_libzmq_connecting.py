"""libzmq sockets that connect to our `ZmtpConnection` on the bound side."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing

import pytest
import zmq

from gramarye_protocol.zmtp import Closed, MessageReceived, Ready, ZmtpConnection
from protocol.zmtp.peers import SocketDriver

MakeSocket = Callable[[int], "zmq.Socket[bytes]"]
Accept = Callable[[ZmtpConnection], SocketDriver]


def connected(peer: zmq.Socket[bytes], listener: socket.socket) -> None:
    peer.connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}")


def bound_router() -> ZmtpConnection:
    return ZmtpConnection("ROUTER", as_server=True)


def test_dealer_with_an_identity_talks_both_ways(
    zmq_socket: MakeSocket, listener: socket.socket, accept: Accept
) -> None:
    dealer = zmq_socket(zmq.DEALER)
    dealer.identity = b"krita"
    connected(dealer, listener)
    driver = accept(bound_router())
    payload = bytes(range(256)) * 20_000

    ready = driver.wait_for(Ready)
    dealer.send_multipart([b"", b"hello", payload])
    received = driver.wait_for(MessageReceived)
    driver.write(driver.connection.send(received.frames))

    assert (ready.version, ready.socket_type, ready.identity) == ((3, 1), "DEALER", b"krita")
    assert list(received.frames) == [b"", b"hello", payload]
    assert dealer.recv_multipart() == [b"", b"hello", payload]


def test_messages_queued_before_the_handshake_arrive(
    zmq_socket: MakeSocket, listener: socket.socket, accept: Accept
) -> None:
    dealer = zmq_socket(zmq.DEALER)
    connected(dealer, listener)
    for number in range(100):
        dealer.send(str(number).encode())
    driver = accept(bound_router())

    assert [int(driver.wait_for(MessageReceived).frames[0]) for _ in range(100)] == list(range(100))


def test_one_byte_at_a_time(zmq_socket: MakeSocket, listener: socket.socket, accept: Accept) -> None:
    dealer = zmq_socket(zmq.DEALER)
    connected(dealer, listener)
    driver = accept(bound_router())
    driver.wait_for(Ready, size=1)
    dealer.send_multipart([b"one", bytes(400)])

    assert list(driver.wait_for(MessageReceived, size=1).frames) == [b"one", bytes(400)]


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.ROUTER])
def test_other_legal_peers(zmq_socket: MakeSocket, listener: socket.socket, accept: Accept, kind: int) -> None:
    connected(zmq_socket(kind), listener)

    assert accept(bound_router()).wait_for(Ready).socket_type == zmq.SocketType(kind).name


@pytest.mark.parametrize("kind", [zmq.REP, zmq.SUB, zmq.PUSH, zmq.PULL, zmq.PAIR])
def test_illegal_peers_are_refused_with_an_error_command(
    zmq_socket: MakeSocket, listener: socket.socket, accept: Accept, kind: int
) -> None:
    connected(zmq_socket(kind), listener)
    driver = accept(bound_router())

    error = driver.wait_for(Closed).error
    (answer,) = driver.connection.data_to_send()

    assert error is not None
    assert error.code == "socket_type_refused"
    assert zmq.SocketType(kind).name in error.message
    assert bytes(answer) == b"\x04\x1a\x05ERROR\x13socket_type_refused"


def test_libzmq_understands_our_error_command_and_disconnects(
    zmq_socket: MakeSocket, listener: socket.socket, accept: Accept
) -> None:
    push = zmq_socket(zmq.PUSH)
    outcomes = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_DISCONNECTED
    with closing(push.get_monitor_socket(outcomes)) as monitor:
        monitor.rcvtimeo = push.rcvtimeo
        connected(push, listener)
        driver = accept(bound_router())
        driver.wait_for(Closed)
        driver.flush()  # the ERROR; our end of the stream stays open

        outcome = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
        push.disable_monitor()

    assert outcome == zmq.EVENT_DISCONNECTED


def test_a_curve_client_is_refused_by_name(zmq_socket: MakeSocket, listener: socket.socket, accept: Accept) -> None:
    if not zmq.has("curve"):
        pytest.skip("this libzmq has no CURVE")
    dealer = zmq_socket(zmq.DEALER)
    dealer.curve_publickey, dealer.curve_secretkey = zmq.curve_keypair()
    dealer.curve_serverkey = zmq.curve_keypair()[0]
    connected(dealer, listener)
    driver = accept(bound_router())
    driver.stream.sendall(bytes(driver.connection.data_to_send()[0])[:11])

    error = driver.wait_for(Closed, answer=False).error

    assert error is not None
    assert error.code == "mechanism_mismatch"
    assert "CURVE" in error.message
