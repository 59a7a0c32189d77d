"""The picture that the optimisation starts from, and from which each finer size goes on."""

from __future__ import annotations

import torch
from torch import Tensor

from .recipe import Recipe
from .resize import resize


def initial(recipe: Recipe, content: Tensor, start: Tensor | None, height: int, width: int) -> Tensor:
    """Centred pixels (1, 3, height, width) on the CPU, in the content's format.

    ``content`` and ``start`` (the artist's picture, for init "picture") are centred, of any size. Noise is
    drawn on the CPU, so that a seed gives the same picture on every device.
    """
    if recipe.init == "content":
        return resize(content, height, width)
    if recipe.init == "picture":
        assert start is not None, "paint refuses a recipe without its picture"
        return resize(start, height, width)
    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    noise = torch.randn((1, 3, height, width), generator=generator, dtype=torch.float32)
    return recipe.init_noise * noise.to(content.dtype)


def origin(recipe: Recipe, content: Tensor, start: Tensor | None) -> Tensor | None:
    """The picture, at full size, that the painting is made from; None for noise."""
    return {"content": content, "picture": start}.get(recipe.init)


def grown(x: Tensor, made_from: Tensor | None, height: int, width: int) -> Tensor:
    """A painting x (1, 3, H, W) at a finer size: what it has changed, on the picture that it was made from.

    So the detail that the coarser size could not hold is there from the first step, not to be found again.
    """
    if made_from is None or x.shape[2:] == (height, width):
        return resize(x, height, width)
    coarse, fine = (resize(made_from, *size).to(x) for size in (x.shape[2:], (height, width)))
    return resize(x - coarse, height, width).add_(fine)
