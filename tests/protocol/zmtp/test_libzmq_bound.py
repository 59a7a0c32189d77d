"""Our DEALER, as in an editor, against libzmq sockets that bind, as in the daemon."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import zmq

from gramarye_protocol.zmtp import Closed, MessageReceived, Ready, ZmtpConnection
from protocol.zmtp.peers import SocketDriver, complete_handshake_with

MakeSocket = Callable[[int], "zmq.Socket[bytes]"]
Connect = Callable[[int, ZmtpConnection], SocketDriver]

MEGABYTES = 5 * 2**20


def bound(peer: zmq.Socket[bytes]) -> int:
    return peer.bind_to_random_port("tcp://127.0.0.1")


@pytest.fixture
def router(zmq_socket: MakeSocket) -> zmq.Socket[bytes]:
    return zmq_socket(zmq.ROUTER)


@pytest.fixture
def driver(router: zmq.Socket[bytes], connect: Connect) -> SocketDriver:
    return complete_handshake_with(connect(bound(router), ZmtpConnection(identity=b"editor")), router)


def test_ready_has_version_and_type_of_the_peer(router: zmq.Socket[bytes], connect: Connect) -> None:
    ready = connect(bound(router), ZmtpConnection()).wait_for(Ready)

    assert (ready.version, ready.socket_type, ready.identity) == ((3, 1), "ROUTER", b"")


@pytest.mark.parametrize("size", [0, 1, 255, 256, 4095, 4096, 70_000, MEGABYTES])
def test_frames_of_every_size_class_go_and_return(driver: SocketDriver, router: zmq.Socket[bytes], size: int) -> None:
    frames = [b"signature", random.Random(size).randbytes(size), b""]

    driver.write(driver.connection.send(frames))
    arrived = router.recv_multipart()
    router.send_multipart(arrived)

    assert arrived == [b"editor", *frames]
    assert list(driver.wait_for(MessageReceived).frames) == frames


def test_many_messages_in_one_read_keep_their_order(driver: SocketDriver, router: zmq.Socket[bytes]) -> None:
    numbers = [str(number).encode() for number in range(500)]

    for number in numbers:
        driver.write(driver.connection.send([number, b"x"]))
    for number in numbers:
        assert router.recv_multipart() == [b"editor", number, b"x"]
        router.send_multipart([b"editor", number])

    assert [bytes(driver.wait_for(MessageReceived).frames[0]) for _ in numbers] == numbers


def test_one_byte_at_a_time_both_ways(router: zmq.Socket[bytes], connect: Connect) -> None:
    driver = connect(bound(router), ZmtpConnection(identity=b"slow"))
    driver.wait_for(Ready, size=1)

    for chunk in driver.connection.send([b"a", bytes(300)]):
        for octet in bytes(chunk):
            driver.stream.sendall(bytes([octet]))
    router.send_multipart(router.recv_multipart())

    assert list(driver.wait_for(MessageReceived, size=1).frames) == [b"a", bytes(300)]


def test_reads_of_random_size(driver: SocketDriver, router: zmq.Socket[bytes]) -> None:
    chance = random.Random(7)
    frames = [chance.randbytes(chance.randrange(2000)) for _ in range(40)]

    router.send_multipart([b"editor", *frames])
    while not driver.events:
        driver.read(chance.randrange(1, 700))

    assert list(driver.wait_for(MessageReceived).frames) == frames


@pytest.mark.parametrize("kind", [zmq.REP, zmq.DEALER])
def test_other_legal_peers(zmq_socket: MakeSocket, connect: Connect, kind: int) -> None:
    peer = zmq_socket(kind)
    driver = connect(bound(peer), ZmtpConnection())
    driver.wait_for(Ready)

    driver.write(driver.connection.send([b"", b"question"]))  # the empty frame is the envelope that REP expects
    asked = peer.recv_multipart()
    peer.send_multipart([*asked[:-1], b"answer"])

    assert list(driver.wait_for(MessageReceived).frames) == [b"", b"answer"]


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.PUB, zmq.XPUB, zmq.SUB, zmq.PUSH, zmq.PULL, zmq.PAIR])
def test_illegal_peers_are_refused_by_name(zmq_socket: MakeSocket, connect: Connect, kind: int) -> None:
    driver = connect(bound(zmq_socket(kind)), ZmtpConnection())
    driver.flush()

    # Our READY is not sent: libzmq would close on it at once, possibly before its own READY arrives.
    error = driver.wait_for(Closed, answer=False).error

    assert error is not None
    assert error.code == "socket_type_refused"
    assert zmq.SocketType(kind).name in error.message


@pytest.mark.parametrize("mechanism", ["CURVE", "PLAIN"])
def test_a_peer_that_demands_security_is_refused_by_name(
    router: zmq.Socket[bytes], connect: Connect, mechanism: str
) -> None:
    if mechanism == "PLAIN":
        router.plain_server = True
    elif zmq.has("curve"):
        router.curve_server = True
        router.curve_publickey, router.curve_secretkey = zmq.curve_keypair()
    else:
        pytest.skip("this libzmq has no CURVE")
    driver = connect(bound(router), ZmtpConnection())
    # libzmq sends its mechanism after our eleventh byte, and closes without an ERROR after the sixty-fourth.
    driver.stream.sendall(bytes(driver.connection.data_to_send()[0])[:11])

    error = driver.wait_for(Closed, answer=False).error

    assert error is not None
    assert error.code == "mechanism_mismatch"
    assert mechanism in error.message


def test_a_peer_that_demands_security_never_opens_the_connection(zmq_socket: MakeSocket, connect: Connect) -> None:
    peer = zmq_socket(zmq.ROUTER)
    peer.plain_server = True

    error = connect(bound(peer), ZmtpConnection()).wait_for(Closed).error

    # The code depends on how much of its greeting libzmq sends before it closes.
    assert error is not None
    assert error.code in {"mechanism_mismatch", "closed_in_handshake"}


def test_a_peer_that_leaves_between_messages(driver: SocketDriver, router: zmq.Socket[bytes]) -> None:
    router.close(linger=0)

    assert driver.wait_for(Closed) == Closed(None)


def test_a_peer_that_leaves_within_a_frame(driver: SocketDriver, router: zmq.Socket[bytes]) -> None:
    router.send_multipart([b"editor", bytes(64 * 2**20)])  # far more than the kernel's buffers
    driver.read()
    router.close(linger=0)

    error = driver.wait_for(Closed, size=2**20).error

    assert error is not None
    assert error.code == "peer_lost"
    assert driver.events == []


def test_a_connection_lost_within_a_message_delivers_nothing_of_it(
    driver: SocketDriver, router: zmq.Socket[bytes], connect: Connect
) -> None:
    half = b"".join(bytes(chunk) for chunk in driver.connection.send([b"first", bytes(1000)]))[:-1]
    driver.stream.sendall(half)
    second = connect(driver.stream.getpeername()[1], ZmtpConnection(identity=b"second"))
    driver.stream.close()
    second.wait_for(Ready)
    second.write(second.connection.send([b"whole"]))

    assert router.recv_multipart() == [b"second", b"whole"]
