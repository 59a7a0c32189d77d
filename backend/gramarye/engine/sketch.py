"""Sketches: the draft network paints a small copy first, which is shown at once and starts the full painting.

A sketch is never larger than the painting's first scale, and never larger than `SKETCH_SIDE`, so the first iterates
arrive within a second at any size. The full network, at sixteen times the cost, starts from the sketch's strokes and
colours.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from .images.inputs import StyleInput
from .images.iterate import Iterate
from .images.pictures import Cover, Picture
from .images.resize import fitted, resize
from .paint import paint
from .pyramid import schedule
from .recipe import Recipe
from .vgg.network import Network

SKETCH_SIDE = 256
"""Longest side of the largest sketch, in pixels."""

MIN_SKETCHED_SIDE = 160
"""Pictures up to this longest side, in pixels, are not sketched: painting them is as fast."""


def is_sketched(recipe: Recipe, network: Network, draft: Network, height: int, width: int) -> bool:
    """Return whether a painting of height x width pixels with ``network`` begins with a sketch by ``draft``.

    It does not if the recipe disables sketches, has no steps or does not start from the content, or if its own first
    scale is as fast.
    """
    if not (recipe.sketch and recipe.steps and recipe.init == "content"):
        return False
    if network.name != draft.name:
        return max(height, width) > MIN_SKETCHED_SIDE
    return _first_side(recipe, height, width) > 1.5 * SKETCH_SIDE


def sketch_size(recipe: Recipe, height: int, width: int) -> tuple[int, int]:
    """Height and width of the sketch of a height x width layer."""
    return fitted(height, width, min(SKETCH_SIDE, _first_side(recipe, height, width)))


def sketch(
    content: Picture,
    styles: Sequence[StyleInput],
    recipe: Recipe,
    draft: Network,
    size: tuple[int, int],
    device: str,
    cover: Cover | None = None,
) -> Generator[Iterate, None, None]:
    """Sketch a layer of ``size`` (height, width); ``content`` is a copy of it, at least as large as the sketch.

    ``cover`` is that of `paint`, at any size. Styles keep their size relative to the layer. Iterates and errors are
    those of `paint`; the iterates' full size is the layer's.
    """
    own_size = sketch_size(recipe, *size)
    own_styles = [_style_for_sketch(style, recipe, size, own_size) for style in styles]
    own_recipe = replace(recipe, steps=recipe.sketch, scales=1)
    iterates = paint(downscale(content, *own_size), own_styles, own_recipe, draft, device, cover=cover)
    return (replace(iterate, full_size=size) for iterate in iterates)


def apply_sketch(content: Picture, last: Iterate) -> Picture:
    """Return ``content`` (H, W, 3) with the changes of a sketch, given the sketch's ``last`` iterate."""
    return transfer_change(last.best_picture(own_size=True), content)


def transfer_change(painted: Picture, content: Picture) -> Picture:
    """Enlarge ``painted``, a painting of a small copy of ``content``, to the size of ``content`` (H, W, 3).

    Only the change from the small copy is enlarged and added to ``content``, so the layer's fine detail stays.
    """
    height, width = content.shape[:2]
    change = painted - downscale(content, *painted.shape[:2])
    start: Picture = np.clip(content + _resize_picture(change, height, width), 0.0, 1.0)
    return start


def shift_iterate(iterate: Iterate, steps: int, scales: int, before: int, earlier: float) -> Iterate:
    """Renumber an iterate of one part of a painting for the whole of ``steps`` steps on ``scales`` scales.

    The part is preceded by ``before`` steps, by one scale if ``before`` is not 0, and by ``earlier`` seconds.
    """
    return replace(
        iterate,
        step=before + iterate.step,
        total=steps,
        scale=iterate.scale + bool(before),
        scales=scales,
        seconds=earlier + iterate.seconds,
    )


def downscale(picture: Picture, height: int, width: int) -> Picture:
    """Resize (H, W, 3) to (height, width, 3), antialiased, clipped to 0..1."""
    return np.clip(_resize_picture(picture, height, width), 0.0, 1.0)


def _first_side(recipe: Recipe, height: int, width: int) -> int:
    """Longest side of the painting's first scale."""
    first = schedule(recipe, height, width)[0]
    return max(first.height, first.width)


def _style_for_sketch(
    style: StyleInput, recipe: Recipe, size: tuple[int, int], own_size: tuple[int, int]
) -> StyleInput:
    """The style for a sketch of ``own_size`` of a layer of ``size``, downscaled if it is much larger than needed."""
    height, width = style.picture.shape[:2]
    if recipe.style_fit == "own":
        return replace(style, scale=style.scale * max(own_size) / max(size))
    needed = style.scale * max(own_size)
    if max(height, width) <= 2 * needed:
        return style
    return replace(style, picture=downscale(style.picture, *fitted(height, width, needed)))


def _resize_picture(picture: Picture, height: int, width: int) -> Picture:
    x: Tensor = torch.from_numpy(np.ascontiguousarray(picture, dtype=np.float32)).permute(2, 0, 1)[None]
    resized: Picture = resize(x, height, width)[0].permute(1, 2, 0).numpy()
    return resized
