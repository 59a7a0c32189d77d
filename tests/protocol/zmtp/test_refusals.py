"""Invalid input is refused with its code as early as possible; unusual but legal input is accepted."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from gramarye_protocol.zmtp import (
    Closed,
    Limits,
    Ready,
    State,
    ZmtpConnection,
    ZmtpLocalError,
    ZmtpPeerError,
)
from protocol.zmtp.peers import (
    GREETING,
    GREETING_3_0,
    READY_DEALER,
    READY_ROUTER,
    SocketDriver,
    command,
    complete_handshake,
    join_chunks,
    message,
    properties,
    received,
)

SMALL = Limits(max_frame=1000, max_message=1500, max_message_frames=3, max_command=300)
TYPE = (b"Socket-Type", b"ROUTER")


def ready(*pairs: tuple[bytes, bytes]) -> bytes:
    return command(b"READY", properties(*pairs))


def refusal(connection: ZmtpConnection, data: bytes) -> ZmtpPeerError:
    """Return the error that the last byte of ``data`` causes; check that no earlier byte does."""
    assert connection.receive(data[:-1]) == []
    (event,) = connection.receive(data[-1:])
    assert isinstance(event, Closed)
    assert event.error is not None
    assert connection.state is State.FAILED
    return event.error


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"H", "not_zmtp", "HTTP"),
        (b"\x01", "not_zmtp", "ZMTP 1.0"),
        (b"\x00", "not_zmtp", "0x00"),
        (b"\xff" + bytes(7) + b"\x01\x00", "version_unsupported", "ZMTP 1.0"),
        (b"\xff" + bytes(8) + b"\x81", "not_zmtp", "0x81"),
        (b"\xff" + bytes(8) + b"\x7f\x00", "version_unsupported", "ZMTP 1.0"),
        (b"\xff" + bytes(8) + b"\x7f\x01", "version_unsupported", "ZMTP 2.0"),
        (b"\xff" + bytes(8) + b"\x7f\x02", "version_unsupported", "ZMTP 2.0"),
        (GREETING.replace(b"NULL\0", b"CURVE"), "mechanism_mismatch", "'CURVE'"),
        (GREETING.replace(b"NULL\0", b"PLAIN"), "mechanism_mismatch", "'PLAIN'"),
        (GREETING.replace(b"NULL\0", b"NULLX"), "mechanism_mismatch", "'NULLX'"),
        (GREETING.replace(b"NULL", b"null"), "mechanism_mismatch", "'null'"),
        (GREETING.replace(b"NULL\0", b"NULL "), "mechanism_mismatch", "'NULL '"),
    ],
)
def test_invalid_greetings(data: bytes, code: str, word: str) -> None:
    error = refusal(ZmtpConnection(), data)

    assert error.code == code
    assert word in error.message


@pytest.mark.parametrize(
    ("greeting", "version"),
    [
        (GREETING_3_0, (3, 0)),
        (GREETING.replace(b"\x7f\x03\x01", b"\x7f\x03\x09"), (3, 9)),
        (GREETING.replace(b"\x7f\x03\x01", b"\x7f\xff\x00"), (255, 0)),
        (b"\xff" + b"whatever" + GREETING[9:], (3, 1)),  # padding is not significant
        (GREETING[:32] + b"\x01" + b"\x05" * 31, (3, 1)),  # as-server and filler mean nothing under NULL
    ],
)
def test_legal_greetings(greeting: bytes, version: tuple[int, int]) -> None:
    (event,) = ZmtpConnection().receive(greeting + READY_ROUTER)

    assert isinstance(event, Ready)
    assert event.version == version


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (command(b"READY", b"\x05"), "bad_metadata"),
        (command(b"READY", b"\x03abc\x00\x00\x00"), "bad_metadata"),
        (command(b"READY", b"\x03abc\x00\x00\x00\x02x"), "bad_metadata"),
        (command(b"READY", b"\x03abc\xff\xff\xff\xffx"), "bad_metadata"),
        (ready(TYPE, (b"", b"x")), "bad_metadata"),
        (ready(TYPE, (b"a b", b"x")), "bad_metadata"),
        (ready(TYPE, (b"\xff", b"x")), "bad_metadata"),
        (ready(TYPE, (b"socket-TYPE", b"DEALER")), "bad_metadata"),
        (ready(), "socket_type_refused"),
        (ready((b"Socket-Type", b"PUB")), "socket_type_refused"),
        (ready((b"Socket-Type", b"router")), "socket_type_refused"),
        (ready((b"Socket-Type", b"\xff\x00")), "socket_type_refused"),
        (ready(TYPE, (b"Identity", bytes(1))), "identity_refused"),
        (ready(TYPE, (b"Identity", b"i" * 256)), "identity_refused"),
    ],
)
def test_invalid_metadata_is_refused_with_an_error_command(data: bytes, code: str) -> None:
    connection = ZmtpConnection()
    connection.receive(GREETING)
    connection.data_to_send()

    assert refusal(connection, data).code == code
    assert join_chunks(connection.data_to_send()) == command(b"ERROR", bytes([len(code)]) + code.encode())


def test_legal_metadata() -> None:
    pairs = [(b"SOCKET-type", b"ROUTER"), (b"identity", b"i" * 255), (b"X-a_b.c+1", bytes(300)), (b"e", b"")]
    connection = ZmtpConnection()

    (event,) = connection.receive(GREETING + ready(*pairs))

    assert isinstance(event, Ready)
    assert (event.socket_type, event.identity) == ("ROUTER", b"i" * 255)
    assert event.properties == {name.decode().lower(): value for name, value in pairs}


def test_the_identity_of_a_socket_type_without_identities_is_ignored() -> None:
    (event,) = ZmtpConnection().receive(GREETING + ready((b"Socket-Type", b"REP"), (b"Identity", bytes(1))))

    assert isinstance(event, Ready)
    assert event.identity == b""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (message(b"early")[:2], "unexpected_message"),
        (b"\x01\x00", "unexpected_message"),
        (command(b"PING", b"\x00\x00"), "unexpected_command"),
        (command(b"PONG"), "unexpected_command"),
        (command(b"HELLO"), "unexpected_command"),
        (command(b"ERROR"), "bad_command"),
        (command(b"ERROR", b"\x05no"), "bad_command"),
        (b"\x06" + (8193).to_bytes(8, "big"), "command_too_large"),
    ],
)
def test_invalid_input_instead_of_ready(data: bytes, code: str) -> None:
    connection = ZmtpConnection()
    connection.receive(GREETING)

    assert refusal(connection, data).code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x08", "bad_flags"),
        (b"\x80", "bad_flags"),
        (b"\x05", "bad_flags"),  # a command that announces more
        (b"\x07", "bad_flags"),
        (b"\x04\x00", "bad_command"),
        (b"\x04\x01\x00", "bad_command"),
        (b"\x04\x03\x04PI", "bad_command"),
        (command(b"P NG"), "bad_command"),
        (command(b"P1NG"), "bad_command"),
        (command(b"\xc3\xa9"), "bad_command"),
        (command(b"PING"), "bad_command"),
        (command(b"PING", b"\x00"), "bad_command"),
        (command(b"PING", bytes(2 + 17)), "bad_command"),
        (command(b"PONG", bytes(17)), "bad_command"),
        (READY_ROUTER, "unexpected_command"),
        (message(b"", b"x")[:2] + READY_ROUTER, "unexpected_command"),
        (message(b"", b"x")[:2] + command(b"SUBSCRIBE", b"all"), "unexpected_command"),
        (b"\x06" + (301).to_bytes(8, "big"), "command_too_large"),
        (b"\x02" + (1001).to_bytes(8, "big"), "frame_too_large"),
        (b"\x02" + (2**62).to_bytes(8, "big"), "frame_too_large"),
        (b"\x02" + (2**64 - 1).to_bytes(8, "big"), "frame_too_large"),
        (
            b"\x01\xff" + bytes(255) + b"\x03" + (1000).to_bytes(8, "big") + bytes(1000) + b"\x00\xf6",
            "message_too_large",
        ),
        (b"\x01\x00" * 3 + b"\x00\x00", "too_many_frames"),
    ],
)
def test_invalid_traffic(data: bytes, code: str) -> None:
    assert refusal(complete_handshake(ZmtpConnection(limits=SMALL)), data).code == code


def test_sizes_equal_to_the_limits_are_legal() -> None:
    connection = complete_handshake(ZmtpConnection(limits=SMALL))
    full = message(bytes(1000), bytes(250), bytes(250))

    assert connection.receive(full * 2) == [received(bytes(1000), bytes(250), bytes(250))] * 2
    assert connection.receive(command(b"OTHER", bytes(294))) == []


def test_a_long_frame_may_have_a_short_body() -> None:
    connection = complete_handshake(ZmtpConnection())

    assert connection.receive(b"\x02" + bytes(7) + b"\x01x") == [received(b"x")]


def test_a_frame_within_the_limits_that_does_not_fit_into_memory() -> None:
    connection = complete_handshake(ZmtpConnection(limits=Limits(max_frame=2**62, max_message=2**63 - 1)))

    (event,) = connection.receive(b"\x02" + (2**62).to_bytes(8, "big") + b"x")

    assert isinstance(event, Closed)
    assert event.error is not None
    assert event.error.code == "out_of_memory"


@pytest.mark.parametrize("start", [GREETING, GREETING + READY_ROUTER])
def test_the_peers_error_command_ends_it_with_its_reason(start: bytes) -> None:
    connection = ZmtpConnection()
    connection.receive(start)

    error = refusal(connection, command(b"ERROR", b"\x06busy\n\xff"))

    assert error.code == "refused_by_peer"
    assert "busy??" in error.message


def test_what_came_before_the_fault_is_delivered() -> None:
    connection = complete_handshake(ZmtpConnection())

    first, last = connection.receive(message(b"good") + b"\x08")

    assert first == received(b"good")
    assert isinstance(last, Closed)


def test_after_the_end_everything_is_ignored() -> None:
    connection = complete_handshake(ZmtpConnection())
    connection.receive(b"\x08")

    assert connection.receive(message(b"late")) == []
    assert connection.receive_end() == []
    assert connection.tick(0.0) == []
    connection.close()
    assert connection.state is State.FAILED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "closed_in_handshake"),
        (GREETING[:40], "closed_in_handshake"),
        (GREETING, "closed_in_handshake"),
        (GREETING + READY_ROUTER + b"\x00", "peer_lost"),
        (GREETING + READY_ROUTER + message(b"", b"")[:2], "peer_lost"),
        (GREETING + READY_ROUTER + message(bytes(9000))[:-1], "peer_lost"),
    ],
)
def test_the_stream_ends_too_early(data: bytes, code: str) -> None:
    connection = ZmtpConnection()
    connection.receive(data)

    (event,) = connection.receive_end()

    assert isinstance(event, Closed)
    assert event.error is not None
    assert event.error.code == code


@pytest.mark.parametrize(
    ("speech", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "not_zmtp"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_zmtp"),
        (b"\x01\x00", "not_zmtp"),  # ZMTP 1.0 without identity
        (b"\xff" + bytes(7) + b"\x01\x7f\x01\x05\x00\x00", "version_unsupported"),  # ZMTP 2.0 DEALER
    ],
)
def test_peers_of_other_protocols_on_a_real_socket(
    listener: socket.socket, connect: Callable[[int, ZmtpConnection], SocketDriver], speech: bytes, code: str
) -> None:
    driver = connect(listener.getsockname()[1], ZmtpConnection())
    stranger, _ = listener.accept()
    with stranger:
        stranger.sendall(speech)
        error = driver.wait_for(Closed).error

    assert error is not None
    assert error.code == code


@pytest.mark.parametrize(
    "options",
    [
        {"socket_type": "PUB"},
        {"socket_type": "dealer"},
        {"identity": b"\0mine"},
        {"identity": b"i" * 256},
    ],
)
def test_invalid_options(options: dict[str, object]) -> None:
    with pytest.raises(ZmtpLocalError) as refused:
        ZmtpConnection(**options)  # type: ignore[arg-type]  # invalid options on purpose
    assert refused.value.code == "bad_option"


@pytest.mark.parametrize("bound", ["max_frame", "max_message", "max_message_frames", "max_command"])
@pytest.mark.parametrize("value", [0, -1, 2**63])
def test_invalid_limits(bound: str, value: int) -> None:
    with pytest.raises(ZmtpLocalError) as refused:
        Limits(**{bound: value})
    assert refused.value.code == "bad_option"


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([], "empty_message"),
        (["text"], "bad_buffer"),
        ([b"fine", None], "bad_buffer"),
        (b"one buffer", "bad_buffer"),
        ("text", "bad_buffer"),
        ([memoryview(b"abcdef")[::2]], "bad_buffer"),
    ],
)
def test_what_cannot_be_sent_sends_nothing(frames: list[bytes], code: str) -> None:
    connection = complete_handshake(ZmtpConnection())

    with pytest.raises(ZmtpLocalError) as refused:
        connection.send(frames)

    assert refused.value.code == code
    assert connection.data_to_send() == []


@pytest.mark.parametrize("data", ["text", None, memoryview(b"abcdef")[::2]])
def test_what_cannot_be_received_changes_nothing(data: bytes) -> None:
    connection = complete_handshake(ZmtpConnection())

    with pytest.raises(ZmtpLocalError) as refused:
        connection.receive(data)

    assert refused.value.code == "bad_buffer"
    assert connection.receive(message(b"x")) == [received(b"x")]


def test_a_bound_side_answers_ready_only_after_it_read_one() -> None:
    connection = ZmtpConnection("ROUTER", as_server=True)
    assert join_chunks(connection.data_to_send()) == GREETING

    connection.receive(GREETING)
    assert connection.data_to_send() == []

    connection.receive(READY_DEALER)
    assert join_chunks(connection.data_to_send()) == READY_ROUTER
