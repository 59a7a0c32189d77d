"""`PixelBuffer` accepts only data of the right size, and is transferred unchanged."""

from __future__ import annotations

import itertools

import pytest

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, Opener, seal
from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import CHANNELS, DEPTH_BYTES, PixelBuffer


@pytest.mark.parametrize(("layout", "depth"), list(itertools.product(CHANNELS, DEPTH_BYTES)))
def test_every_layout_and_depth_travels_bit_exactly(layout: str, depth: str) -> None:
    size = 3 * 5 * CHANNELS[layout] * DEPTH_BYTES[depth]
    data = bytes(number % 251 for number in range(size))
    pixels = PixelBuffer(3, 5, layout, depth, data, b"icc\0profile", (-7, 9))
    sent = Submit(pixels, (StyleInput(pixels),))
    received = Opener(b"k", CLIENT).open(seal(sent, b"k", CLIENT, 0.0), 0.0).message
    assert received == sent


@pytest.mark.parametrize("held", [0, 11, 13])
def test_a_buffer_of_another_length_is_refused(held: int) -> None:
    with pytest.raises(ProtocolError, match="take 12 bytes"):
        PixelBuffer(2, 2, "RGB", "u8", bytes(held))


def test_payloads_are_not_copied() -> None:
    data = bytearray(12)
    frames = seal(Submit(PixelBuffer(2, 2, "RGB", "u8", data), ()), b"k", CLIENT, 0.0)
    data[0] = 7
    assert bytes(frames[3])[0] == 7
