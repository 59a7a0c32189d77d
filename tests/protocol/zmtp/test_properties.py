"""Properties: any split of a stream gives the same events, garbage ends in an error code, frames are unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gramarye_protocol.zmtp import (
    Closed,
    Event,
    Limits,
    MessageReceived,
    PingReceived,
    PongReceived,
    Ready,
    State,
    ZmtpConnection,
    ZmtpPeerError,
)
from protocol.zmtp.peers import GREETING, READY_ROUTER, command, complete_handshake, join_chunks, message, received

SMALL = Limits(max_frame=600, max_message=1000, max_message_frames=4, max_command=300)

bodies = st.binary(max_size=40) | st.integers(200, 300).map(lambda size: b"b" * size)
messages = st.lists(bodies, min_size=1, max_size=4).map(tuple)
contexts = st.binary(max_size=16)
# A message or command of the peer, and its events.
sayings: st.SearchStrategy[tuple[bytes, list[Event]]] = st.one_of(
    messages.map(lambda frames: (message(*frames), [received(*frames)])),
    contexts.map(lambda context: (command(b"PING", b"\x00\x0a" + context), [PingReceived(1.0, context)])),
    contexts.map(lambda context: (command(b"PONG", context), [PongReceived(context)])),
    st.binary(max_size=300).map(lambda data: (command(b"JOIN", data), [])),
)
conversations = st.lists(sayings, max_size=8)


def split_at(stream: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for start, end in pairwise(edges):
        yield stream[start:end]


def receive_all(connection: ZmtpConnection, parts: Iterator[bytes]) -> list[Event]:
    return [event for part in parts for event in connection.receive(part)]


@settings(deadline=None)
@given(conversation=conversations, cuts=st.lists(st.integers(0, 10**6), max_size=60))
def test_any_split_gives_the_same_events(conversation: list[tuple[bytes, list[Event]]], cuts: list[int]) -> None:
    stream = GREETING + READY_ROUTER + b"".join(said for said, _ in conversation)

    connection = ZmtpConnection()
    ready, *events = receive_all(connection, split_at(stream, cuts))

    assert isinstance(ready, Ready)
    assert events == [event for _, meant in conversation for event in meant]
    assert connection.receive_end() == [Closed(None)]


@settings(deadline=None)
@given(conversation=conversations, cut=st.integers(0, 10**6))
def test_a_truncated_stream_ends_without_error_only_between_messages(
    conversation: list[tuple[bytes, list[Event]]], cut: int
) -> None:
    connection = complete_handshake(ZmtpConnection())
    stream = b"".join(said for said, _ in conversation)
    edges = {0}
    for said, _ in conversation:
        edges.add(max(edges) + len(said))
    cut %= len(stream) + 1

    connection.receive(stream[:cut])
    (closed,) = connection.receive_end()

    assert isinstance(closed, Closed)
    assert (closed.error is None) == (cut in edges)


@settings(deadline=None)
@given(frames=st.lists(st.binary(max_size=6000), min_size=1, max_size=6), cuts=st.lists(st.integers(0, 10**6)))
def test_frames_arrive_unchanged_from_one_connection_to_another(frames: list[bytes], cuts: list[int]) -> None:
    client = complete_handshake(ZmtpConnection())
    server = complete_handshake(ZmtpConnection("ROUTER", as_server=True), ready=READY_ROUTER)

    stream = join_chunks(client.send(frames))

    assert stream == message(*frames)
    assert receive_all(server, split_at(stream, cuts)) == [received(*frames)]


@settings(deadline=None, max_examples=200)
@given(
    start=st.sampled_from([b"", GREETING[:10], GREETING[:11], GREETING, GREETING + READY_ROUTER]),
    garbage=st.lists(st.binary(max_size=400) | st.sampled_from([b"\x00", b"\x01\x00", b"\x04", b"\xff"])),
)
def test_garbage_ends_in_an_error_code_or_waits_for_more(start: bytes, garbage: list[bytes]) -> None:
    check_any_bytes([start, *garbage])


@settings(deadline=None, max_examples=200)
@given(
    conversation=conversations,
    places=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=3),
)
def test_a_stream_with_flipped_bits_ends_in_an_error_code_or_waits_for_more(
    conversation: list[tuple[bytes, list[Event]]], places: list[tuple[int, int]]
) -> None:
    stream = bytearray(GREETING + READY_ROUTER + b"".join(said for said, _ in conversation))
    for place, bits in places:
        stream[place % len(stream)] ^= bits

    check_any_bytes([bytes(stream)])


def check_any_bytes(parts: list[bytes]) -> None:
    """Check that nothing is raised, only the last event is Closed with an error, and no message exceeds the limits."""
    connection = ZmtpConnection(limits=SMALL)
    events = [event for part in parts for event in connection.receive(part)]

    assert (connection.state is State.FAILED) == (bool(events) and isinstance(events[-1], Closed))
    assert not any(isinstance(event, Closed) for event in events[:-1])
    for event in events:
        if isinstance(event, Closed):
            assert isinstance(event.error, ZmtpPeerError)
            assert event.error.code
            assert event.error.message
            assert event.error.hint
        if isinstance(event, MessageReceived):
            assert 1 <= len(event.frames) <= SMALL.max_message_frames
            assert sum(map(len, event.frames)) <= SMALL.max_message
