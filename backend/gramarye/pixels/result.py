"""From the engine's picture to the artist's pixels: the colours that the recipe keeps, alpha, mask, profile."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..colour.restore_colours import with_colours_of
from ..colour.spaces import Space
from .layer import Cover, Picture, as_preview, cover, thinned, to_picture, with_painting

ROUGH = 2
"""A preview's colours are taken from so many times its side."""


@dataclass(eq=False)
class Finish:
    """What becomes of every picture of a job. ``kept``: how the layer's colours stay under the painting's lightness.

    ``covered``, (H, W) in 0..1, is how much of each pixel is painted, and not the layer's; None: all of it.
    """

    layer: PixelBuffer
    mask: PixelBuffer | None = None
    kept: Space | None = None
    covered: Cover | None = None
    _small: dict[tuple[int, int], _Small] = field(default_factory=dict)

    def result(self, painting: Picture) -> PixelBuffer:
        """The painting as a layer; ``painting`` is (H, W, 3) sRGB in 0..1, of the layer's size."""
        shown = painting if self.kept is None else with_colours_of(painting, to_picture(self.layer), self.kept)
        return with_painting(self.layer, shown, self.mask, self.covered)

    def preview(self, picture: Picture) -> PixelBuffer:
        """The same of a small picture, (h, w, 3): RGB u8, or RGBA where it is not opaque."""
        size = picture.shape[1], picture.shape[0]
        small = self._small.get(size) or self._shrunk(size)
        self._small = {size: small}  # sizes come one after the other
        if self.kept is not None and small.colour is not None:
            picture = with_colours_of(picture, small.colour, self.kept)
        return as_preview(picture, small.visible)

    def _shrunk(self, size: tuple[int, int]) -> _Small:
        rough = thinned(self.layer, ROUGH * max(size))
        colour = _resized(to_picture(rough), size) if self.kept is not None else None
        visible = cover(rough, None if self.mask is None else thinned(self.mask, ROUGH * max(size)))
        if visible is None or visible.min() == 1.0:
            return _Small(colour, None)
        return _Small(colour, _resized(visible[..., None], size)[..., 0])


@dataclass(frozen=True, eq=False)
class _Small:
    """The layer's (h, w, 3) colour, if it is kept, and (h, w) alpha, where it is not full."""

    colour: Picture | None
    visible: Cover | None


def _resized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    channels = [
        Image.fromarray(np.ascontiguousarray(values[..., channel])).resize(size, Image.Resampling.BOX)
        for channel in range(values.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)
