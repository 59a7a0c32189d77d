"""The pictures of one painting, checked, centred and ready at every size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import InputError
from .layers import MIN_SIDE
from .margin import fitting_margin, with_margin
from .network import Network
from .objective import StylePicture
from .pictures import Bounds, Picture, centre_of, to_levels
from .recipe import Recipe
from .resize import fitted, resize


@dataclass(frozen=True, eq=False)
class Style:
    """A picture, (H, W, 3) RGB 0..1, to paint in the manner of.

    ``weight`` counts among several styles. ``scale`` enlarges its strokes: with the recipe's style_fit
    "content" the style's longest side becomes ``scale`` times the content's, with "own" times its own.
    """

    picture: Picture
    weight: float = 1.0
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Easel:
    """Centred pictures, (1, 3, H, W) on the CPU in the pixels' format; ``centre`` (1, 3, 1, 1) is the content's.

    Content and start have ``margin`` pixels more on each side than the layer.
    """

    recipe: Recipe
    margin: int
    content: Tensor
    centre: Tensor
    styles: Sequence[tuple[Tensor, Style]]
    start: Tensor | None

    @property
    def size(self) -> tuple[int, int]:
        """The painting's height and width, margin included."""
        return self.content.shape[2], self.content.shape[3]

    def style_sizes(self, zoom: float = 1.0) -> list[tuple[int, int]]:
        """Each style's height and width where the painting has ``zoom`` times its full size."""
        sizes = []
        for x, style in self.styles:
            own = (x.shape[2], x.shape[3])
            longest = max(self.size) - 2 * self.margin if self.recipe.style_fit == "content" else max(own)
            height, width = fitted(*own, zoom * style.scale * longest)
            sizes.append((max(MIN_SIDE, height), max(MIN_SIDE, width)))
        return sizes

    def style_pictures(self, zoom: float, device: torch.device, dtype: torch.dtype) -> list[StylePicture]:
        """The styles at those sizes."""
        sized = zip(self.styles, self.style_sizes(zoom), strict=True)
        return [StylePicture(resize(x, *size).to(device, dtype), style.weight) for (x, style), size in sized]

    def bounds(self, device: torch.device, dtype: torch.dtype) -> Bounds | None:
        """Black and white, where the recipe keeps the painting between them."""
        if not self.recipe.clamp:
            return None
        return Bounds((0.0 - self.centre).to(device, dtype), (255.0 - self.centre).to(device, dtype))


def set_up(
    content: Picture,
    styles: Sequence[Style],
    recipe: Recipe,
    network: Network,
    start: Picture | None,
    dtype: torch.dtype = torch.float32,
) -> Easel:
    """Check and centre the pictures of a painting; ``dtype`` is its pixels' format.

    InputError: ``layer-too-small``, ``style-too-small``, ``pixels-not-finite``, ``picture-malformed``,
    ``no-style``, ``style-bad-value``, ``start-missing``.
    """
    levels = to_levels(content, "layer", dtype)
    begun = None if start is None else to_levels(start, "picture to start from", dtype)
    centre = centre_of(levels, recipe.centre, network)
    if recipe.init == "picture" and start is None:
        raise InputError(
            "start-missing",
            "The recipe starts from a picture, but none came.",
            "Send one, or start from the content.",
        )
    _check_styles(styles)
    pictures = [to_levels(style.picture, "style", dtype, "style-too-small") for style in styles]
    height, width = levels.shape[2], levels.shape[3]
    margin = fitting_margin(recipe.margin, height, width)
    return Easel(
        recipe=recipe,
        margin=margin,
        content=with_margin(levels.sub_(centre), margin),
        centre=centre,
        styles=[
            (picture.sub_(centre_of(picture, recipe.centre, network)), style)
            for picture, style in zip(pictures, styles, strict=True)
        ],
        start=None if begun is None else with_margin(resize(begun, height, width).sub_(centre), margin),
    )


def _check_styles(styles: Sequence[Style]) -> None:
    if not styles:
        raise InputError("no-style", "There is no style to paint in.", "Name at least one picture.")
    for style in styles:
        if not (math.isfinite(style.weight) and style.weight >= 0.0):
            raise _bad_style(f"weight must be a number from 0 up, not {style.weight}")
        if not (math.isfinite(style.scale) and 0.0 < style.scale <= 16.0):
            raise _bad_style(f"scale must lie within 0 and 16, not {style.scale}")
    if not sum(style.weight for style in styles) > 0.0:
        raise _bad_style("weight must not be 0 for all of them")


def _bad_style(what: str) -> InputError:
    return InputError("style-bad-value", f"A style's {what}.", "Weight 1 and scale 1 are the ordinary ones.")
