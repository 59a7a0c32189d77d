"""Colour spaces of layers: the daemon's pixel layout for them, their ICC profiles, and conversions by Krita."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gramarye_plugin.png import icc_profile
from gramarye_protocol.pixels import CHANNELS
from krita import InfoObject, Krita

from ..qt import QByteArray

DEPTHS = {"U8": "u8", "U16": "u16", "F16": "f16", "F32": "f32"}
DEPTH_BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
SRGB = "sRGB-elle-V2-srgbtrc.icc"
"""Included with Krita."""


@dataclass(frozen=True)
class IccTransform:
    """A colour space by Krita's names for its model, depth and profile."""

    model: str
    depth: str
    profile: str

    @classmethod
    def of(cls, thing: Any) -> IccTransform:
        """Return the colour space of a node or a document."""
        return cls(thing.colorModel(), thing.colorDepth(), thing.colorProfile())

    @property
    def is_supported(self) -> bool:
        """Whether the daemon accepts pixels of this space without conversion."""
        return self.model in ("RGBA", "GRAYA") and self.depth in DEPTHS

    @property
    def layout(self) -> str:
        """The protocol's layout: Krita stores integers in the order B, G, R, A and floats in R, G, B, A."""
        if self.model == "GRAYA":
            return "GRAYA"
        return "BGRA" if self.depth in ("U8", "U16") else "RGBA"

    @property
    def pixel_bytes(self) -> int:
        """Bytes per pixel, for a supported space."""
        return DEPTH_BYTES[self.depth] * CHANNELS[self.layout]

    @property
    def nearest_supported(self) -> IccTransform:
        """This space, or the nearest supported one: RGBA, with 16 bits in place of 8 to save one rounding."""
        if self.is_supported:
            return self
        return IccTransform("RGBA", self.depth if self.depth in ("F16", "F32") else "U16", SRGB)


def convert_pixels(data: QByteArray, width: int, height: int, source: IccTransform, target: IccTransform) -> QByteArray:
    """Convert pixels between colour spaces, in a temporary document so that the user's gets no undo step."""
    if source == target:
        return data
    document = Krita.instance().createDocument(width, height, "", source.model, source.depth, source.profile, 72.0)
    try:
        document.setBatchmode(True)
        node = document.rootNode().childNodes()[0]
        node.setPixelData(data, 0, 0, width, height)
        document.setColorSpace(target.model, target.depth, target.profile)
        document.waitForDone()
        return document.rootNode().childNodes()[0].pixelData(0, 0, width, height)
    finally:
        document.close()


@lru_cache(maxsize=16)
def profile_bytes(space: IccTransform) -> bytes:
    """Return the ICC profile of a supported space; empty for sRGB.

    Krita's API gives only a profile's name, so the profile is read from a PNG file that Krita exports.
    """
    if space.model == "RGBA" and space.profile == SRGB:
        return b""
    document = Krita.instance().createDocument(1, 1, "", space.model, "U8", space.profile, 72.0)
    handle, path = tempfile.mkstemp(suffix=".png", prefix="gramarye-")
    os.close(handle)
    try:
        document.setBatchmode(True)
        options = InfoObject()
        for name, value in (("alpha", True), ("forceSRGB", False), ("saveSRGBProfile", True), ("downsample", False)):
            options.setProperty(name, value)
        document.exportImage(path, options)
        with open(path, "rb") as file:
            return icc_profile(file.read())
    finally:
        document.close()
        os.unlink(path)
