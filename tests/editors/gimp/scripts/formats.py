"""Paint a layer of every format, with no steps."""

from __future__ import annotations

import itertools
import random
import struct
from typing import Any

from gi.repository import Gimp

from .inside import UNCHANGED, native_format, new_image, new_layer, paint, read, write

CODES = {"u8": "B", "u16": "H", "u32": "I", "half": "e", "float": "f", "double": "d"}


def run() -> Any:
    """Return the results for every precision, with and without gray, alpha and an embedded profile."""
    names: list[str] = [
        f"{depth}_{curve}" for depth in ("U8", "U16", "U32", "HALF", "FLOAT", "DOUBLE") for curve in CURVES
    ]
    found = {}
    either = (False, True)
    for name, is_gray, has_alpha, has_profile in itertools.product(names, either, either, either):
        key = " ".join(
            (name, "gray" if is_gray else "RGB", "alpha" if has_alpha else "opaque", "own" if has_profile else "sRGB")
        )
        found[key] = _round_trip(getattr(Gimp.Precision, name), is_gray, has_alpha, has_profile)
    return found


CURVES = ("NON_LINEAR", "LINEAR", "PERCEPTUAL")


def _round_trip(precision: Any, is_gray: bool, has_alpha: bool, has_profile: bool) -> dict[str, Any]:
    image = new_image(precision, is_gray)
    if has_profile:
        profile = Gimp.ColorProfile.new_d50_gray_lab_trc() if is_gray else Gimp.ColorProfile.new_rgb_adobe()
        image.set_color_profile(profile)
    layer = new_layer(image, has_alpha)
    code = CODES[native_format(layer).split(" ", 1)[1].split("-", 1)[0]]
    sent = _random(code, len(read(layer, native_format(layer))))
    write(layer, native_format(layer), sent)
    layer.set_offsets(-3, 5)
    painted = paint(image, [layer], style="swirls", recipe=UNCHANGED)
    received = read(painted, native_format(layer))
    found = {
        "same": received == sent,
        "apart": _max_difference(code, received, sent),
        "format": native_format(painted) == native_format(layer),
        "place": tuple(painted.get_offsets())[1:] == (-3, 5),
        "precision": image.get_precision() == precision,
        "above": [other.get_id() for other in image.get_layers()] == [painted.get_id(), layer.get_id()],
    }
    image.delete()
    return found


def _random(code: str, size: int) -> bytes:
    rng = random.Random(7)
    count = size // struct.calcsize(code)
    if code in "BHI":
        return rng.randbytes(size)
    return struct.pack(f"<{count}{code}", *(rng.random() for _ in range(count)))


def _max_difference(code: str, received: bytes, sent: bytes) -> float:
    """Return the largest difference, as a fraction of full scale."""
    count = len(sent) // struct.calcsize(code)
    full = {"B": 255, "H": 65535, "I": 4294967295}.get(code, 1)
    pairs = zip(struct.unpack(f"<{count}{code}", received), struct.unpack(f"<{count}{code}", sent))
    return float(max(abs(one - other) for one, other in pairs)) / full
