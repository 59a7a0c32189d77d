"""From the engine's picture to the artist's pixels: the colours that the recipe keeps, alpha, mask, profile."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..colour.restore_colours import restore_chroma
from ..colour.spaces import Space
from .layer import Coverage, Picture, alpha_coverage, apply_painting, subsampled, to_picture, to_preview_buffer

PREVIEW_OVERSAMPLING = 2
"""A preview's colours are taken from so many times its side."""


@dataclass(eq=False)
class ResultCompositor:
    """What becomes of every picture of a job. ``chroma_space``: how the layer's colours stay under the painting's lightness.

    ``coverage``, (H, W) in 0..1, is how much of each pixel is painted, and not the layer's; None: all of it.
    """

    layer: PixelBuffer
    mask: PixelBuffer | None = None
    chroma_space: Space | None = None
    coverage: Coverage | None = None
    _preview_layers: dict[tuple[int, int], _PreviewLayer] = field(default_factory=dict)

    def result(self, painting: Picture) -> PixelBuffer:
        """The painting as a layer; ``painting`` is (H, W, 3) sRGB in 0..1, of the layer's size."""
        shown = (
            painting
            if self.chroma_space is None
            else restore_chroma(painting, to_picture(self.layer), self.chroma_space)
        )
        return apply_painting(self.layer, shown, self.mask, self.coverage)

    def preview(self, picture: Picture) -> PixelBuffer:
        """The same of a small picture, (h, w, 3): RGB u8, or RGBA where it is not opaque."""
        size = picture.shape[1], picture.shape[0]
        small = self._preview_layers.get(size) or self._preview_layer(size)
        self._preview_layers = {size: small}  # sizes come one after the other
        if self.chroma_space is not None and small.colour is not None:
            picture = restore_chroma(picture, small.colour, self.chroma_space)
        return to_preview_buffer(picture, small.visible)

    def _preview_layer(self, size: tuple[int, int]) -> _PreviewLayer:
        subsampled_layer = subsampled(self.layer, PREVIEW_OVERSAMPLING * max(size))
        colour = _resized(to_picture(subsampled_layer), size) if self.chroma_space is not None else None
        visible = alpha_coverage(
            subsampled_layer, None if self.mask is None else subsampled(self.mask, PREVIEW_OVERSAMPLING * max(size))
        )
        if visible is None or visible.min() == 1.0:
            return _PreviewLayer(colour, None)
        return _PreviewLayer(colour, _resized(visible[..., None], size)[..., 0])


@dataclass(frozen=True, eq=False)
class _PreviewLayer:
    """The layer's (h, w, 3) colour, if it is kept, and (h, w) alpha, where it is not full."""

    colour: Picture | None
    visible: Coverage | None


def _resized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    channels = [
        Image.fromarray(np.ascontiguousarray(values[..., channel])).resize(size, Image.Resampling.BOX)
        for channel in range(values.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)
