"""A client that exchanges single frames with the daemon, valid or invalid."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import zmq

from gramarye_protocol.connection import read_connection
from gramarye_protocol.frames import CLIENT, DAEMON, Envelope, Opener, seal
from gramarye_protocol.messages import Message, StyleInput, Submit, WatchOptions
from gramarye_protocol.pixels import PixelBuffer

from .homes import Home

PATIENCE = 20.0


class Peer:
    """A DEALER socket that has the daemon's key."""

    def __init__(self, home: Home, receive_limit: int = 1000) -> None:
        """Connect to the home's daemon; ``receive_limit`` is the socket's ZMQ_RCVHWM, in messages."""
        self.info = read_connection(str(home.connection_file))
        self._opener = Opener(self.info.key_bytes, DAEMON)
        self._kept: list[Envelope] = []
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVHWM, receive_limit)
        self._socket.connect(self.info.endpoint)

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._context.term()

    def seal(self, message: Message, **options: Any) -> list[bytes]:
        """Return the frames of a message, signed with the current time."""
        return [bytes(f) for f in seal(message, self.info.key_bytes, CLIENT, time.time(), **options)]

    def send(self, frames: Sequence[bytes]) -> None:
        """Send frames unchanged."""
        self._socket.send_multipart(list(frames))

    def ask(self, message: Message) -> Message:
        """Send a request and return its reply; keep events that arrive before it."""
        frames = self.seal(message, message_id=f"{time.monotonic_ns():x}")
        self.send(frames)
        request = frames[1].split(b'"id":"')[1].split(b'"')[0].decode()
        return self.await_envelope(lambda envelope: envelope.reply_to == request).message

    def await_envelope(self, wanted: Callable[[Envelope], bool], patience: float = PATIENCE) -> Envelope:
        """Return the next envelope for which ``wanted`` is true, from those kept by earlier calls or those to come."""
        kept = next((envelope for envelope in self._kept if wanted(envelope)), None)
        if kept is not None:
            self._kept.remove(kept)
            return kept
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._socket.poll(200):
                envelope = self._opener.open(self._socket.recv_multipart(), time.time())
                if wanted(envelope):
                    return envelope
                self._kept.append(envelope)
        raise AssertionError("the daemon did not send the awaited message")

    def await_kind(self, *kinds: type[Message], patience: float = PATIENCE) -> Any:
        """Return the next message of one of these kinds."""
        return self.await_envelope(lambda envelope: isinstance(envelope.message, kinds), patience).message


def noise_layer(width: int = 24, height: int = 20, layout: str = "RGBA") -> PixelBuffer:
    """Return a small layer with structure and, if it has alpha, a transparent corner."""
    channels = len(layout)
    data = bytearray(
        (x * 7 + y * 13 + (x * y) % 11 * c) % 256 for y in range(height) for x in range(width) for c in range(channels)
    )
    if layout in ("RGBA", "BGRA"):
        for y in range(height):
            for x in range(width):
                data[(y * width + x) * 4 + 3] = 0 if x + y < 6 else 255 - x % 200
    return PixelBuffer(width, height, layout, "u8", bytes(data))


def red_stripes(side: int = 32) -> PixelBuffer:
    """Return a style that differs clearly from `noise_layer`."""
    return PixelBuffer(
        side, side, "RGB", "u8", b"".join(bytes((230, 30 * (x % 4), 20)) for _ in range(side) for x in range(side))
    )


def small_submit(steps: int = 5, watch: WatchOptions = WatchOptions(), **recipe: Any) -> Submit:  # noqa: B008  # frozen
    """Return a job that takes well under a second with the tiny network."""
    style = StyleInput(noise_layer(20, 24, "RGB"))
    values = {"steps": steps, "scales": 1, **recipe}
    return Submit(noise_layer(), (style,), recipe=values, network="tiny", watch=watch)


def endless_submit(watch: WatchOptions = WatchOptions()) -> Submit:  # noqa: B008  # frozen
    """Return a job that runs until it is stopped."""
    return small_submit(steps=100_000, watch=watch, optimiser="adam")
