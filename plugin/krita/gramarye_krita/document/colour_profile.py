"""What a layer's numbers mean: its channels for the daemon, its ICC profile, and conversions by Krita itself."""

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
"""Krita brings it along."""


@dataclass(frozen=True)
class IccTransform:
    """Krita's names for a colour space: model, depth, profile."""

    model: str
    depth: str
    profile: str

    @classmethod
    def of(cls, thing: Any) -> IccTransform:
        """A node's or a document's."""
        return cls(thing.colorModel(), thing.colorDepth(), thing.colorProfile())

    @property
    def is_supported(self) -> bool:
        """Whether the daemon takes its pixels as they are."""
        return self.model in ("RGBA", "GRAYA") and self.depth in DEPTHS

    @property
    def layout(self) -> str:
        """The protocol's: integers lie in the order B, G, R, A, floats in R, G, B, A."""
        if self.model == "GRAYA":
            return "GRAYA"
        return "BGRA" if self.depth in ("U8", "U16") else "RGBA"

    @property
    def pixel_bytes(self) -> int:
        """Of one pixel of a direct space."""
        return DEPTH_BYTES[self.depth] * CHANNELS[self.layout]

    @property
    def nearest_supported(self) -> IccTransform:
        """Itself, or the nearest that the daemon takes: 8 bits become 16, so that they are rounded once less."""
        if self.is_supported:
            return self
        return IccTransform("RGBA", self.depth if self.depth in ("F16", "F32") else "U16", SRGB)


def convert_pixels(data: QByteArray, width: int, height: int, source: IccTransform, target: IccTransform) -> QByteArray:
    """Pixels of one space in another, in a document of their own: there it leaves no step to undo."""
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
    """The ICC profile of a direct space, empty for sRGB.

    Krita tells a profile's name alone, but writes the profile into the PNG files that it exports.
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
