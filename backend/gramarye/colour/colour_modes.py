"""`ColourPreservation`: how a recipe's ``colour`` options change the content, the styles and the painting."""

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
    """A recipe's ``colour``, ``colour_space`` and ``colour_match``."""

    colour: str
    colour_space: str
    colour_match: str

    @property
    def changes_inputs(self) -> bool:
        """Whether content or styles are recoloured before painting."""
        return self.colour in ("layer-before", "luminance")

    @property
    def chroma_space(self) -> Space | None:
        """The space in which the painting gets the layer's chroma; None if the painting keeps its colours."""
        return SPACES[self.colour_space] if self.colour in ("layer", "luminance") else None

    def content(self, picture: Values) -> Values:
        """Return a layer or an initial picture, (H, W, 3) sRGB in 0..1, recoloured if ``colour`` requires it."""
        return remove_chroma(picture, SPACES[self.colour_space]) if self.colour == "luminance" else picture

    def style(self, picture: Values, layer: Values, weights: Weights | None) -> Values:
        """Return a style, (H, W, 3) sRGB in 0..1, recoloured if ``colour`` requires it.

        ``layer`` is (h, w, 3); ``weights`` (h, w) are the weights of its pixels, None for equal weights.
        """
        if self.colour == "layer-before":
            return match_colours(picture, layer, weights, self.colour_match)
        if self.colour == "luminance":
            space = SPACES[self.colour_space]
            return match_lightness(picture, lightness_stats(layer, space, weights), space)
        return picture
