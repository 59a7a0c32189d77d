"""Large frames are copied at most once, and a hostile peer cannot make this side allocate much memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gramarye_protocol.zmtp import Closed, Limits, MessageReceived, ZmtpConnection
from protocol.zmtp.peers import (
    GREETING,
    PING,
    READY_ROUTER,
    command,
    complete_handshake,
    join_chunks,
    message,
    received,
)

CHUNK_SIZE = 65536
SMALL = Limits(max_frame=100_000, max_message=100_000, max_message_frames=100, max_command=1000)


class Peak:
    size = 0


@contextmanager
def trace_memory() -> Iterator[Peak]:
    """Measure the peak of memory allocated in the block, in bytes."""
    peak = Peak()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        yield peak
        peak.size = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_large_frame_in_many_pieces_is_allocated_once() -> None:
    # Joining pieces would hold two copies at the peak; growing a buffer would allocate too much.
    payload = bytes(range(256)) * (48 * 2**20 // 256)
    stream = memoryview(message(b"header", payload))
    connection = complete_handshake(ZmtpConnection())
    events = []

    with trace_memory() as peak:
        for start in range(0, len(stream), CHUNK_SIZE):
            events += connection.receive(stream[start : start + CHUNK_SIZE])

    assert events == [received(b"header", payload)]
    assert len(payload) <= peak.size < len(payload) + CHUNK_SIZE


def test_sending_a_large_frame_copies_nothing_of_it() -> None:
    payload = bytearray(16 * 2**20)
    connection = complete_handshake(ZmtpConnection())

    with trace_memory() as peak:
        chunks = connection.send([b"header", payload, b"footer"])

    assert peak.size < CHUNK_SIZE
    assert [isinstance(chunk, memoryview) and chunk.obj is payload for chunk in chunks] == [False, True, False]
    assert join_chunks(chunks) == message(b"header", bytes(payload), b"footer")


def test_frames_of_other_shapes_are_sent_as_their_bytes() -> None:
    rows = memoryview(bytes(range(12))).cast("B", (3, 4))
    wide = memoryview(bytes(range(16))).cast("I")
    connection = complete_handshake(ZmtpConnection())

    assert join_chunks(connection.send([rows, wide, memoryview(b"").cast("I")])) == message(
        bytes(range(12)), bytes(range(16)), b""
    )


def test_a_read_is_released() -> None:
    connection = complete_handshake(ZmtpConnection())
    read = bytearray(message(bytes(5000))[:4000])

    connection.receive(read)

    read.clear()  # BufferError where a view of it were kept


def test_received_frames_belong_to_the_receiver() -> None:
    connection = complete_handshake(ZmtpConnection())
    stream = message(bytes(5000))
    connection.receive(stream[:100])

    (event,) = connection.receive(stream[100:])

    assert isinstance(event, MessageReceived)
    event.frames[0].clear()  # BufferError where a view of it were kept


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(message(bytes(50_000), bytes(40_000)), id="messages"),
        pytest.param(message(bytes(900)) * 100, id="small messages"),
        pytest.param(command(b"OTHER", bytes(900)) * 100, id="unknown commands"),
        pytest.param(PING * 5000, id="PINGs"),
        pytest.param(b"\x01\x00" * 5000, id="endless empty frames"),
        pytest.param(message(bytes(2000), b"")[:-2] * 100, id="an endless message"),
        pytest.param(b"\x02" + (2**40).to_bytes(8, "big") + bytes(CHUNK_SIZE), id="a huge frame"),
        pytest.param(b"\x06" + (2**40).to_bytes(8, "big") + bytes(CHUNK_SIZE), id="a huge command"),
        pytest.param(bytes(500), id="zeros"),
    ],
)
def test_no_stream_fills_the_memory(unit: bytes) -> None:
    connection = complete_handshake(ZmtpConnection(limits=SMALL))

    with trace_memory() as peak:
        for _ in range(50):
            for start in range(0, len(unit), 5000):
                connection.receive(unit[start : start + 5000])  # the output is never fetched

    assert peak.size < 2**20


def test_nothing_large_is_allocated_before_the_handshake() -> None:
    with trace_memory() as peak:
        connection = ZmtpConnection()
        events = connection.receive(GREETING + b"\x02" + (2**29).to_bytes(8, "big"))

    assert isinstance(events[-1], Closed)
    assert peak.size < 2**20


def test_closing_releases_a_partly_received_message() -> None:
    connection = ZmtpConnection()
    connection.receive(GREETING + READY_ROUTER)

    with trace_memory() as peak:
        connection.receive(message(bytes(2**22))[:1000])
        connection.close()
        held = tracemalloc.get_traced_memory()[0]

    assert peak.size > 2**22
    assert held < 2**20
