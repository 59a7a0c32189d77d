"""Start of the optimisation, and upsampling of a painting to the next finer size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..loss.regions import PaintedRegion, StylePicture, painted_regions
from ..recipe import Recipe
from .recolour import palette, recolour
from .resize import resize


def start_picture(
    recipe: Recipe,
    content: Tensor,
    start: Tensor | None,
    styles: Sequence[StylePicture],
    cover: Tensor | None = None,
) -> Tensor | None:
    """Return the picture, at full size, that the painting starts from; None for noise.

    ``content`` and ``start`` (for init "picture") are centred. For init "content" with recolour and steps, each region
    of the content takes on the colours of its ``styles``; the mean colour stays if the statistic is "covariance", which
    ignores it. ``cover`` (1, 1, H, W), 0..1, weights the content's pixels in its colour statistics.
    """
    if recipe.init == "content" and recipe.recolour and recipe.steps:
        return _recolour_regions(recipe, content, painted_regions(styles, cover))
    return {"content": content, "picture": start}.get(recipe.init)


def _recolour_regions(recipe: Recipe, content: Tensor, parts: Sequence[PaintedRegion]) -> Tensor:
    keeps_mean = recipe.statistic == "covariance"
    if len(parts) == 1:
        (only,) = parts
        return recolour(content, palette(only.styles), keeps_mean, only.map)
    painted = content.clone()
    for part in parts:
        assert part.map is not None, "one of several regions is not the whole"
        change = recolour(content, palette(part.styles), keeps_mean, part.map) - content
        painted += change.mul_(part.map)
    return painted


def initial_pixels(recipe: Recipe, base_picture: Tensor | None, height: int, width: int, dtype: torch.dtype) -> Tensor:
    """Return centred pixels (1, 3, height, width) on the CPU: ``base_picture`` resized, or noise if it is None.

    Noise is drawn on the CPU, so that a seed gives the same picture on every device.
    """
    if base_picture is not None:
        return resize(base_picture, height, width)
    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    noise = torch.randn((1, 3, height, width), generator=generator, dtype=torch.float32)
    return recipe.init_noise * noise.to(dtype)


def upsample_painting(x: Tensor, base_picture: Tensor | None, height: int, width: int) -> Tensor:
    """Return a painting x (1, 3, H, W) at a finer size: its change from ``base_picture``, added to that at this size.

    The fine detail that the coarser size could not hold is then present from the first step. Without ``base_picture``,
    x is only resized.
    """
    if base_picture is None or x.shape[2:] == (height, width):
        return resize(x, height, width)
    coarse, fine = (resize(base_picture, *size).to(x) for size in (x.shape[2:], (height, width)))
    return resize(x - coarse, height, width).add_(fine)
