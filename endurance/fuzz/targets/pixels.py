"""A layer from an editor: its description, pixels and colour profile, converted to the array that the engine paints."""

from __future__ import annotations

import numpy as np

from gramarye.errors import GramaryeError
from gramarye.pixels.layer import apply_painting, to_picture
from gramarye_protocol.codec import decode, dump_json, encode, parse_json
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.pixels import CHANNELS, DEPTH_BYTES, Buffer, PixelBuffer
from support.icc_profiles import profile

from ..byte_fields import join_chunks, split_chunks
from ..target import MIB, Target


def run(data: bytes) -> object:
    """Convert a layer, and convert a painting back to its format."""
    head, *payloads = split_chunks(data) or [b""]
    pixels = decode(PixelBuffer, parse_json(head, "pixels"), payloads, "pixels")
    with np.errstate(all="ignore"):
        picture = to_picture(pixels)
        assert picture.shape == (pixels.height, pixels.width, 3)
        assert np.isfinite(picture).all()
        painting = apply_painting(pixels, picture)
    assert memoryview(painting.data).nbytes == pixels.nbytes
    assert (painting.layout, painting.depth, painting.offset) == (pixels.layout, pixels.depth, pixels.offset)
    return painting


def seeds() -> dict[str, bytes]:
    """Every layout and depth, some with a profile."""
    found: dict[str, bytes] = {}
    for layout, channels in CHANNELS.items():
        for depth, size in DEPTH_BYTES.items():
            grey = layout.startswith("GRAY")
            icc = profile("GRAY" if grey else "RGB ", 1.8) if depth in ("u8", "f32") else b""
            sample = np.float16(0.5).tobytes() if depth == "f16" else np.float32(0.5).tobytes()
            data = b"".join([sample if depth.startswith("f") else b"\x80" * size] * (6 * channels))
            pixels = PixelBuffer(3, 2, layout, depth, data, icc, (1, -2))
            payloads: list[Buffer] = []
            head = dump_json(encode(pixels, payloads))
            found[f"{layout}-{depth}"] = join_chunks([head, *(bytes(payload) for payload in payloads)])
    return found


TARGET = Target(
    "pixels",
    run,
    (ProtocolError, GramaryeError),
    seeds,
    memory=512 * MIB,
    dictionary=(
        *CHANNELS,
        *DEPTH_BYTES,
        "width",
        "height",
        "profile",
        "rTRC",
        "kTRC",
        "A2B0",
        "curv",
        "para",
        "mft2",
        "mAB ",
    ),
)
