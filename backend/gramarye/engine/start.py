"""The picture that the optimisation starts from, and from which each finer size goes on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .objective import StylePicture
from .recipe import Recipe
from .recolour import palette, recoloured
from .resize import resize


def origin(recipe: Recipe, content: Tensor, start: Tensor | None, styles: Sequence[StylePicture]) -> Tensor | None:
    """The picture, at full size, that the painting is made from; None for noise.

    ``content`` and ``start`` (the artist's picture, for init "picture") are centred. The content takes on the colours
    of ``styles`` if the recipe says so and has steps to paint; but for their mean, where its statistic leaves that
    alone.
    """
    if recipe.init == "content" and recipe.recolour and recipe.steps:
        return recoloured(content, palette(styles), keeps_mean=recipe.statistic == "covariance")
    return {"content": content, "picture": start}.get(recipe.init)


def initial(recipe: Recipe, made_from: Tensor | None, height: int, width: int, dtype: torch.dtype) -> Tensor:
    """Centred pixels (1, 3, height, width) on the CPU: `origin`'s picture, of any size, or noise.

    Noise is drawn on the CPU, so that a seed gives the same picture on every device.
    """
    if made_from is not None:
        return resize(made_from, height, width)
    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    noise = torch.randn((1, 3, height, width), generator=generator, dtype=torch.float32)
    return recipe.init_noise * noise.to(dtype)


def grown(x: Tensor, made_from: Tensor | None, height: int, width: int) -> Tensor:
    """A painting x (1, 3, H, W) at a finer size: what it has changed, on the picture that it was made from.

    So the detail that the coarser size could not hold is there from the first step, not to be found again.
    """
    if made_from is None or x.shape[2:] == (height, width):
        return resize(x, height, width)
    coarse, fine = (resize(made_from, *size).to(x) for size in (x.shape[2:], (height, width)))
    return resize(x - coarse, height, width).add_(fine)
