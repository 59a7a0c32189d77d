"""protocol/ZMTP.md agrees with the code: bytes, states and errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gramarye_protocol.zmtp import (
    TRANSITIONS,
    Closed,
    Event,
    PingReceived,
    PongReceived,
    Ready,
    ZmtpConnection,
)
from protocol.zmtp.peers import complete_handshake, join_chunks, received

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "protocol" / "gramarye_protocol" / "zmtp"
DOCUMENT = (ROOT / "protocol" / "ZMTP.md").read_text(encoding="utf-8")


def octets(block: str) -> bytes:
    """Return the bytes of a hex block: pairs of digits, ``00*8`` for a repetition, comments after ``;``."""
    words = [word for line in block.splitlines() for word in line.partition(";")[0].split()]
    found = b""
    for word in words:
        pair, _, count = word.partition("*")
        found += bytes.fromhex(pair) * int(count or 1)
    return found


BLOCKS = {name: octets(block) for name, block in re.findall(r"^```hex (\S+)\n(.*?)^```$", DOCUMENT, re.M | re.S)}


def table(header: str) -> list[list[str]]:
    """Return the cells of the table under ``header``, without the separator row."""
    _, _, rest = DOCUMENT.partition(header + "\n")
    rows = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


def after_greeting(connection: ZmtpConnection) -> ZmtpConnection:
    connection.data_to_send()
    connection.receive(BLOCKS["greeting"])
    return connection


def ready_router() -> bytes:
    connection = after_greeting(ZmtpConnection("ROUTER", as_server=True))
    connection.receive(BLOCKS["ready-dealer"])
    return join_chunks(connection.data_to_send())


def error() -> bytes:
    connection = after_greeting(ZmtpConnection("ROUTER", as_server=True))
    connection.receive(BLOCKS["ready-dealer"].replace(b"DEALER", b"PUSHER"))
    return join_chunks(connection.data_to_send())


def sent(*frames: bytes) -> bytes:
    return join_chunks(complete_handshake(ZmtpConnection()).send(frames))


def answer(ping: bytes) -> bytes:
    connection = complete_handshake(ZmtpConnection())
    connection.receive(ping)
    return join_chunks(connection.data_to_send())


# The code never sends a PING with a time-to-live, so it reads one example that it does not write.
WRITTEN: dict[str, Callable[[], bytes]] = {
    "greeting": lambda: join_chunks(ZmtpConnection().data_to_send()),
    "ready-dealer": lambda: join_chunks(after_greeting(ZmtpConnection()).data_to_send()),
    "ready-dealer-identity": lambda: join_chunks(after_greeting(ZmtpConnection(identity=b"krita")).data_to_send()),
    "ready-router": ready_router,
    "error": error,
    "message-short": lambda: sent(b"hi"),
    "message-two-frames": lambda: sent(b"", b"abc"),
    "message-long": lambda: sent(b"Z" * 255, b"Z" * 256),
    "ping": lambda: join_chunks(complete_handshake(ZmtpConnection()).ping()),
    "pong": lambda: answer(BLOCKS["ping"]),
    "pong-context": lambda: answer(BLOCKS["ping-ttl-context"]),
}
READ: dict[str, list[Event]] = {
    "message-short": [received(b"hi")],
    "message-two-frames": [received(b"", b"abc")],
    "message-long": [received(b"Z" * 255, b"Z" * 256)],
    "ping": [PingReceived(0.0, b"")],
    "ping-ttl-context": [PingReceived(3.0, b"ab")],
    "pong": [PongReceived(b"")],
    "pong-context": [PongReceived(b"ab")],
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_code_writes_these_bytes(name: str) -> None:
    assert WRITTEN[name]() == BLOCKS[name]


@pytest.mark.parametrize("name", READ)
def test_the_code_reads_these_bytes(name: str) -> None:
    assert complete_handshake(ZmtpConnection()).receive(BLOCKS[name]) == READ[name]


def test_two_machines_shake_hands_with_these_bytes() -> None:
    editor = after_greeting(ZmtpConnection())
    daemon = after_greeting(ZmtpConnection("ROUTER", as_server=True))

    (met_daemon,) = editor.receive(BLOCKS["ready-router"])
    (met_editor,) = daemon.receive(BLOCKS["ready-dealer-identity"])

    assert isinstance(met_daemon, Ready)
    assert isinstance(met_editor, Ready)
    assert (met_daemon.socket_type, met_daemon.identity) == ("ROUTER", b"")
    assert (met_editor.socket_type, met_editor.identity) == ("DEALER", b"krita")


def test_the_error_example_is_read_as_a_refusal() -> None:
    (event,) = after_greeting(ZmtpConnection()).receive(BLOCKS["error"])

    assert isinstance(event, Closed)
    assert event.error is not None
    assert event.error.code == "refused_by_peer"
    assert "socket_type_refused" in event.error.message


def test_every_example_is_checked() -> None:
    assert set(BLOCKS) == set(WRITTEN) | set(READ)


def test_the_state_table_equals_the_code() -> None:
    written = [tuple(row) for row in table("| State | Input | Next |")]
    in_code = [
        (state.value, given.value, target.value) for state, row in TRANSITIONS.items() for given, target in row.items()
    ]

    assert sorted(written) == sorted(in_code)


def test_the_error_table_equals_the_code() -> None:
    assert {(code, source) for code, source, _ in table("| Code | From | When |")} == codes_in_the_source()


def codes_in_the_source() -> set[tuple[str, str]]:
    """Return the code and the source (peer or owner) of every error that the package raises."""
    sides = {"ZmtpPeerError": "peer", "ZmtpLocalError": "owner"}
    found = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in sides:
                found |= {
                    (constant.value, sides[node.func.id])
                    for constant in ast.walk(node.args[0])
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
                }
    return found
