"""Minimal ICC profiles (ICC.1:2022, sections 7 to 10): sRGB primaries or grey, with a pure gamma curve."""

from __future__ import annotations

import struct

WHITE = (0.9642, 1.0, 0.8249)
"""D50, the white point of the profile connection space (XYZ)."""

PRIMARIES = {
    "rXYZ": (0.43607, 0.22249, 0.01392),
    "gXYZ": (0.38515, 0.71687, 0.09708),
    "bXYZ": (0.14307, 0.06061, 0.71410),
}
"""The sRGB primaries (IEC 61966-2-1) in XYZ, adapted to D50."""


def profile(space: str, gamma: float) -> bytes:
    """Return a profile; ``space`` is "RGB " or "GRAY"."""
    curve = b"curv" + struct.pack(">4xIH2x", 1, round(gamma * 256))
    tags = {"desc": b"desc" + struct.pack(">4xI", 5) + b"test\0" + bytes(78), "wtpt": _xyz(WHITE)}
    if space == "GRAY":
        tags["kTRC"] = curve
    else:
        tags |= {name: _xyz(value) for name, value in PRIMARIES.items()}
        tags |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name.encode() + struct.pack(">II", start + len(body), len(data))
        body += padded
    header = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x",
        start + len(body), b"lcms", 0x02400000, b"mntr", space.encode(), b"XYZ ", b"acsp",
        *(round(value * 65536) for value in WHITE),
    )  # fmt: skip
    assert len(header) == 128, len(header)
    return header + table + body


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *(round(part * 65536) for part in value))
