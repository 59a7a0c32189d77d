"""The picture that the optimisation starts from."""

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
