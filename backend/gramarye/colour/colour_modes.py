"""What a recipe's ``colour`` means for the pictures that are painted from, and for the painting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .luminance import lightness_stats, match_lightness, remove_chroma
from .recolour_style import match_colours
from .spaces import SPACES, Space

Values = NDArray[np.float32]
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class ColourPreservation:
    """``colour``, ``colour_space`` and ``colour_match`` of a recipe."""

    colour: str
    colour_space: str
    colour_match: str

    @property
    def changes_inputs(self) -> bool:
        """Whether anything is painted from in other colours than its own."""
        return self.colour in ("layer-before", "luminance")

    @property
    def chroma_space(self) -> Space | None:
        """How the painting's lightness is parted from the layer's chroma; None where the painting's colours stay."""
        return SPACES[self.colour_space] if self.colour in ("layer", "luminance") else None

    def content(self, picture: Values) -> Values:
        """A layer, or a picture to start from, as it is painted from; (H, W, 3) sRGB in 0..1, as all here."""
        return remove_chroma(picture, SPACES[self.colour_space]) if self.colour == "luminance" else picture

    def style(self, picture: Values, layer: Values, weights: Weights | None) -> Values:
        """A style as it is painted from, for a layer (h, w, 3) whose pixels count as (h, w) ``weights`` say."""
        if self.colour == "layer-before":
            return match_colours(picture, layer, weights, self.colour_match)
        if self.colour == "luminance":
            space = SPACES[self.colour_space]
            return match_lightness(picture, lightness_stats(layer, space, weights), space)
        return picture
