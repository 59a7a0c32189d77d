"""A sketch first: the draft network paints a small copy, which is shown at once and starts the painting proper.

Its cost does not depend on the layer's size, so the first iterates come within a second at any; and the strokes
and colours that it has set need not be found again by a network that costs sixteen times as much.
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
"""Longest side of a sketch, in pixels."""

MIN_SKETCHED_SIDE = 160
"""A picture whose longest side is no more than this is painted as fast as sketched."""


def is_sketched(recipe: Recipe, network: Network, draft: Network, height: int, width: int) -> bool:
    """Whether a painting of height x width pixels with ``network`` begins with a sketch by ``draft``.

    Not where the recipe wants none, starts from something else than the content, or where its own first scale is
    as quick.
    """
    if not (recipe.sketch and recipe.steps and recipe.init == "content"):
        return False
    if network.name != draft.name:
        return max(height, width) > MIN_SKETCHED_SIDE
    first = schedule(recipe, height, width)[0]
    return max(first.height, first.width) > 1.5 * SKETCH_SIDE


def sketch_size(height: int, width: int) -> tuple[int, int]:
    """The sketch's height and width."""
    return fitted(height, width, min(SKETCH_SIDE, max(height, width)))


def sketch(
    content: Picture,
    styles: Sequence[StyleInput],
    recipe: Recipe,
    draft: Network,
    size: tuple[int, int],
    device: str,
    cover: Cover | None = None,
) -> Generator[Iterate, None, None]:
    """Sketch a layer of ``size`` (height, width); ``content`` is any copy of it that is no smaller than the sketch.

    ``cover`` is `paint`'s, of any size.

    Styles keep their size relative to the layer. Iterates and errors are `paint`'s, their full size the layer's.
    """
    zoom = max(sketch_size(*size)) / max(size)
    small = downscale(content, *sketch_size(*size))
    own = replace(recipe, steps=recipe.sketch, scales=1)
    iterates = paint(
        small, [_style_for_sketch(style, recipe, zoom) for style in styles], own, draft, device, cover=cover
    )
    return (replace(iterate, full_size=size) for iterate in iterates)


def apply_sketch(content: Picture, last: Iterate) -> Picture:
    """``content`` (H, W, 3) with what the sketch whose ``last`` iterate this is has changed in it."""
    return transfer_change(last.best_picture(own_size=True), content)


def transfer_change(painted: Picture, content: Picture) -> Picture:
    """A painting of a small copy of ``content`` (H, W, 3) at its size: ``content`` with what was changed in the copy.

    The layer's detail, which the small painting never saw, stays.
    """
    height, width = content.shape[:2]
    change = painted - downscale(content, *painted.shape[:2])
    start: Picture = np.clip(content + _resize_picture(change, height, width), 0.0, 1.0)
    return start


def shift_iterate(iterate: Iterate, steps: int, scales: int, before: int, earlier: float) -> Iterate:
    """An iterate of one part of a painting as one of the whole, which has ``steps`` steps on ``scales`` scales.

    ``before`` steps, and one scale where there are any, come before that part; ``earlier`` seconds.
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
    """(H, W, 3) to (height, width, 3), antialiased, within 0..1."""
    return np.clip(_resize_picture(picture, height, width), 0.0, 1.0)


def _style_for_sketch(style: StyleInput, recipe: Recipe, zoom: float) -> StyleInput:
    """A style for the sketch: no larger a picture than the sketch can use."""
    height, width = style.picture.shape[:2]
    if recipe.style_fit == "own":
        return replace(style, scale=style.scale * zoom)
    needed = style.scale * SKETCH_SIDE
    if max(height, width) <= 2 * needed:
        return style
    return replace(style, picture=downscale(style.picture, *fitted(height, width, needed)))


def _resize_picture(picture: Picture, height: int, width: int) -> Picture:
    x: Tensor = torch.from_numpy(np.ascontiguousarray(picture, dtype=np.float32)).permute(2, 0, 1)[None]
    resized: Picture = resize(x, height, width)[0].permute(1, 2, 0).numpy()
    return resized
