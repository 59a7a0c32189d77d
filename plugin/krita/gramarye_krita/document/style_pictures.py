"""Style pictures: read from files, converted from and to Qt images, and stored in notes as JSON."""

from __future__ import annotations

import base64
import os
import zlib
from dataclasses import dataclass
from typing import Any, Dict, Union

from gramarye_plugin.settings import ChosenStyle
from gramarye_protocol.messages import Refused
from gramarye_protocol.pixels import PixelBuffer

from ..qt import QImage, QImageReader, QSize, Qt

MAX_STYLE_SIDE = 2048
"""Longest side in pixels at which a style file is read."""


@dataclass(frozen=True)
class FileStyle:
    """A picture file of the user's."""

    path: str

    @property
    def title(self) -> str:
        """The file name without its extension, with spaces for ``_`` and ``-``."""
        return os.path.splitext(os.path.basename(self.path))[0].replace("_", " ").replace("-", " ")


def read_style(style: FileStyle) -> Union[ChosenStyle, Refused]:
    """Read a picture file as a style; `Refused` if it cannot be read."""
    reader = QImageReader(style.path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > MAX_STYLE_SIDE:
        reader.setScaledSize(size.scaled(QSize(MAX_STYLE_SIDE, MAX_STYLE_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        message = f"{os.path.basename(style.path)} cannot be read: {reader.errorString()}."
        return Refused("picture-unreadable", message, "Choose a PNG, JPEG, TIFF or WebP file.")
    return ChosenStyle(style.title, picture=buffer_from_image(image))


def buffer_from_image(image: QImage) -> PixelBuffer:
    """Convert an image to RGBA u8, with its ICC profile if Qt has one."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    profile = bytes(image.colorSpace().iccProfile()) if image.colorSpace().isValid() else b""
    return PixelBuffer(plain.width(), plain.height(), "RGBA", "u8", image_bytes(plain), profile)


def image_bytes(image: QImage) -> bytes:
    """Return an image's bytes, row by row; Qt pads each row to a multiple of four bytes."""
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return bytes(bits)


def image_from_buffer(pixels: PixelBuffer) -> QImage:
    """Convert a u8 picture from the daemon to an image."""
    data = bytes(pixels.data)
    kinds = {"RGB": QImage.Format.Format_RGB888, "RGBA": QImage.Format.Format_RGBA8888}
    kind = kinds.get(pixels.layout, QImage.Format.Format_Grayscale8)
    return QImage(data, pixels.width, pixels.height, pixels.width * pixels.channels, kind).copy()


def note_from_style(style: ChosenStyle) -> Dict[str, Any]:
    """Return a style as JSON; it includes the picture, so that a saved document can be painted again."""
    note: Dict[str, Any] = {"title": style.title, "name": style.name, "weight": style.weight}
    if style.picture is not None:
        note["picture"] = _encode_picture(style.picture)
    return note


def style_from_note(note: Dict[str, Any]) -> ChosenStyle:
    """Read a style from JSON. KeyError, ValueError or zlib.error if it is damaged."""
    picture = note.get("picture")
    kept = None if picture is None else _decode_picture(picture)
    return ChosenStyle(str(note["title"]), name=str(note["name"]), picture=kept, weight=float(note["weight"]))


def _encode_picture(picture: PixelBuffer) -> Dict[str, Any]:
    """Return a picture as JSON: pixels compressed with zlib at level 1, the profile as it is, both in base64."""
    return {
        "width": picture.width,
        "height": picture.height,
        "layout": picture.layout,
        "depth": picture.depth,
        "data": base64.b64encode(zlib.compress(bytes(picture.data), 1)).decode("ascii"),
        "profile": base64.b64encode(bytes(picture.profile)).decode("ascii"),
    }


def _decode_picture(note: Dict[str, Any]) -> PixelBuffer:
    data, profile = zlib.decompress(base64.b64decode(note["data"])), base64.b64decode(note["profile"])
    return PixelBuffer(note["width"], note["height"], note["layout"], note["depth"], data, profile)
