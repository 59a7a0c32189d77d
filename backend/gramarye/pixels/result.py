"""Composition of results: puts the layer's colours, alpha, mask and profile back on the engine's picture."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..colour.restore_colours import restore_chroma
from ..colour.spaces import Space
from .layer import Coverage, Picture, alpha_coverage, apply_painting, subsampled, to_picture, to_preview_buffer
from .resize import resize

PREVIEW_OVERSAMPLING = 2
"""A preview's colours and alpha are reduced from a layer subsampled to at least this multiple of its longest side."""

PREVIEW_FILTER = Image.Resampling.BOX
"""The mean of the few samples of each pixel: fast, and it does not overshoot."""


@dataclass(eq=False)
class ResultCompositor:
    """Composes the pictures of one job.

    ``chroma_space`` is the colour space in which the layer's chroma is kept; None keeps the painting's colours.
    ``coverage`` (H, W), 0..1, is the opacity of the painting over the layer; None means 1 everywhere.
    """

    layer: PixelBuffer
    mask: PixelBuffer | None = None
    chroma_space: Space | None = None
    coverage: Coverage | None = None
    _preview_layers: dict[tuple[int, int], _PreviewLayer] = field(default_factory=dict)

    def result(self, painting: Picture) -> PixelBuffer:
        """Return the finished layer of ``painting`` (H, W, 3), sRGB in 0..1, in the layer's size."""
        shown = (
            painting
            if self.chroma_space is None
            else restore_chroma(painting, to_picture(self.layer), self.chroma_space)
        )
        return apply_painting(self.layer, shown, self.mask, self.coverage)

    def preview(self, picture: Picture) -> PixelBuffer:
        """Return a preview of a small picture (h, w, 3): RGB u8, or RGBA u8 if it is not opaque."""
        size = picture.shape[1], picture.shape[0]
        small = self._preview_layers.get(size) or self._preview_layer(size)
        self._preview_layers = {size: small}  # only the current size is kept
        if self.chroma_space is not None and small.colour is not None:
            picture = restore_chroma(picture, small.colour, self.chroma_space)
        return to_preview_buffer(picture, small.visible)

    def _preview_layer(self, size: tuple[int, int]) -> _PreviewLayer:
        subsampled_layer = subsampled(self.layer, PREVIEW_OVERSAMPLING * max(size))
        colour = resize(to_picture(subsampled_layer), *size, PREVIEW_FILTER) if self.chroma_space is not None else None
        visible = alpha_coverage(
            subsampled_layer, None if self.mask is None else subsampled(self.mask, PREVIEW_OVERSAMPLING * max(size))
        )
        if visible is None or visible.min() == 1.0:
            return _PreviewLayer(colour, None)
        return _PreviewLayer(colour, resize(visible[..., None], *size, PREVIEW_FILTER)[..., 0])


@dataclass(frozen=True, eq=False)
class _PreviewLayer:
    """The layer's colour (h, w, 3), None unless its chroma is kept, and its alpha (h, w), None if opaque."""

    colour: Picture | None
    visible: Coverage | None
