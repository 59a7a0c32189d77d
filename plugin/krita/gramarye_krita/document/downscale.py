"""Scaled-down copies of the layer and masks for the variations, and images for the screen."""

from __future__ import annotations

from typing import Optional

from gramarye_protocol.pixels import PixelBuffer
from krita import Krita

from ..qt import QByteArray, QImage, Qt
from .colour_profile import IccTransform, convert_pixels
from .reader import SRGB_U8
from .source import MIN_SIDE, PaintInput
from .style_pictures import image_bytes


def scale_to_fit(pixels: PixelBuffer, side: int) -> float:
    """Return the scale (at most 1) for a longest side of ``side``, but a shortest of at least `MIN_SIDE`."""
    shortest, longest = sorted((pixels.width, pixels.height))
    return min(1.0, max(side / longest, MIN_SIDE / shortest))


def downscale(pixels: PaintInput, space: IccTransform, zoom: float) -> PaintInput:
    """Return the layer and masks scaled by ``zoom``."""
    if zoom == 1.0:
        return pixels
    layer = pixels.layer
    width, height = round(layer.width * zoom), round(layer.height * zoom)
    data = _scaled(layer, space, width, height)
    small = PixelBuffer(width, height, layer.layout, layer.depth, data, layer.profile)
    mask = _scale_optional_mask(pixels.mask, width, height)
    return PaintInput(small, mask, tuple(_scale_mask(region, width, height) for region in pixels.regions))


def screen_image(pixels: PixelBuffer, space: IccTransform) -> QImage:
    """Convert pixels of the colour space ``space`` to an sRGB image."""
    data = convert_pixels(QByteArray(bytes(pixels.data)), pixels.width, pixels.height, space, SRGB_U8)
    image = QImage(bytes(data), pixels.width, pixels.height, 4 * pixels.width, QImage.Format.Format_ARGB32)
    return image.copy()


def _scaled(pixels: PixelBuffer, space: IccTransform, width: int, height: int) -> bytes:
    """Scale pixels in a temporary Krita document: Qt does not support all depths."""
    document = Krita.instance().createDocument(
        pixels.width, pixels.height, "", space.model, space.depth, space.profile, 72.0
    )
    try:
        document.setBatchmode(True)
        node = document.rootNode().childNodes()[0]
        node.setPixelData(QByteArray(bytes(pixels.data)), 0, 0, pixels.width, pixels.height)
        document.scaleImage(width, height, 72, 72, "Bicubic")
        document.waitForDone()
        return bytes(document.rootNode().childNodes()[0].pixelData(0, 0, width, height))
    finally:
        document.close()


def _scale_optional_mask(mask: Optional[PixelBuffer], width: int, height: int) -> Optional[PixelBuffer]:
    return None if mask is None else _scale_mask(mask, width, height)


def _scale_mask(mask: PixelBuffer, width: int, height: int) -> PixelBuffer:
    image = QImage(bytes(mask.data), mask.width, mask.height, mask.width, QImage.Format.Format_Grayscale8)
    small = image.scaled(
        width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    ).convertToFormat(QImage.Format.Format_Grayscale8)
    row, data = small.bytesPerLine(), image_bytes(small)
    packed = b"".join(data[line * row : line * row + width] for line in range(height))
    return PixelBuffer(width, height, "GRAY", "u8", packed)
