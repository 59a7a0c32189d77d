"""The input pictures of a painting, checked, centred and resizable to every size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...errors import InputError
from ..loss.regions import StylePicture
from ..recipe import Recipe
from ..vgg.layers import MIN_SIDE
from ..vgg.network import Network
from .margin import fitting_margin, with_margin
from .pictures import Bounds, Cover, Picture, centre_of, to_levels
from .resize import fitted, resize


@dataclass(frozen=True, eq=False)
class StyleInput:
    """A style: ``picture`` is (H, W, 3) RGB 0..1.

    ``weight`` is relative to the other styles' weights. ``scale`` enlarges the strokes: the style's longest side
    becomes ``scale`` times the content's with the recipe's style_fit "content", or ``scale`` times its own with "own".
    ``cover``, (H, W), 0..1, is the weight of each of its pixels, such as its alpha. ``mask``, (h, w), 0..1, is
    stretched over the content and selects where this style is painted; a style without a mask is painted where no mask
    is. With a mask, the weight is the strength of the style in its region.
    """

    picture: Picture
    weight: float = 1.0
    scale: float = 1.0
    cover: Cover | None = None
    mask: Cover | None = None


@dataclass(frozen=True, eq=False)
class PreparedStyle:
    """A style's centred pixels (1, 3, H, W) and cover (1, 1, H, W), and its mask with the painting's margin."""

    x: Tensor
    style: StyleInput
    cover: Tensor | None
    mask: Tensor | None


@dataclass(frozen=True, eq=False)
class PaintingInputs:
    """Centred pictures, (1, 3, H, W) on the CPU in the pixels' format; ``centre`` (1, 3, 1, 1) is the content's.

    Content, cover and start extend the layer by ``margin`` pixels on each side. ``cover`` (1, 1, H, W), 0..1, is the
    visibility of each pixel; None if all are fully visible.
    """

    recipe: Recipe
    margin: int
    content: Tensor
    centre: Tensor
    styles: Sequence[PreparedStyle]
    start: Tensor | None
    cover: Tensor | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The painting's height and width, margin included."""
        return self.content.shape[2], self.content.shape[3]

    def style_sizes(self, zoom: float = 1.0) -> list[tuple[int, int]]:
        """Return (height, width) of each style at each stroke size, for a painting at ``zoom`` times its full size."""
        return [
            self._style_size(prepared, zoom * stroke)
            for prepared in self.styles
            for stroke, _ in self.recipe.stroke_layers()
        ]

    def style_pictures(self, height: int, width: int, device: torch.device, dtype: torch.dtype) -> list[StylePicture]:
        """Return each style at each stroke size, for a painting of height x width pixels, margin included."""
        zoom = max(height, width) / max(self.size)
        pictures = []
        for prepared in self.styles:
            mask = _resize_mask(prepared.mask, height, width, device, dtype)
            for stroke, layers in self.recipe.stroke_layers():
                size = self._style_size(prepared, zoom * stroke)
                x = resize(prepared.x, *size).to(device, dtype)
                cover = _resize_mask(prepared.cover, *size, device, dtype)
                pictures.append(StylePicture(x, prepared.style.weight, cover, mask, layers))
        return pictures

    def cover_at(self, height: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor | None:
        """Return `cover` for a painting of height x width pixels, margin included."""
        return _resize_mask(self.cover, height, width, device, dtype)

    def full_size_style_pictures(self) -> list[StylePicture]:
        """Return the styles at their own size, with masks at the painting's full size."""
        return [StylePicture(each.x, each.style.weight, each.cover, each.mask) for each in self.styles]

    def frozen_mask(self, x: Tensor) -> Tensor | None:
        """Return the mask of frozen pixels for a painting of x's size, (1, 1, H, W) of bool, or None if there are none.

        Frozen pixels are invisible, or outside every mask if all styles have masks. They keep the content's colours.
        """
        size = (x.shape[2], x.shape[3], x.device, x.dtype)
        unseen = [~(cover > 0.0) for cover in (self.cover_at(*size),) if cover is not None]
        masks = [_resize_mask(prepared.mask, *size) for prepared in self.styles]
        masked = [mask for mask in masks if mask is not None]
        if len(masked) == len(masks):
            unseen.append(torch.stack(masked).amax(dim=0) <= 0.0)
        where = torch.stack(unseen).any(dim=0) if unseen else None
        return where if where is not None and bool(where.any()) else None

    def _style_size(self, prepared: PreparedStyle, zoom: float) -> tuple[int, int]:
        own = (prepared.x.shape[2], prepared.x.shape[3])
        longest = max(self.size) - 2 * self.margin if self.recipe.style_fit == "content" else max(own)
        height, width = fitted(*own, zoom * prepared.style.scale * longest)
        return max(MIN_SIDE, height), max(MIN_SIDE, width)

    def bounds(self, device: torch.device, dtype: torch.dtype) -> Bounds | None:
        """Return the pixels' bounds, black and white; None if the recipe does not clamp."""
        if not self.recipe.clamp:
            return None
        return Bounds((0.0 - self.centre).to(device, dtype), (255.0 - self.centre).to(device, dtype))


def prepare_inputs(
    content: Picture,
    styles: Sequence[StyleInput],
    recipe: Recipe,
    network: Network,
    start: Picture | None,
    dtype: torch.dtype = torch.float32,
    cover: Cover | None = None,
) -> PaintingInputs:
    """Check and centre the pictures of a painting; ``dtype`` is its pixels' format.

    ``cover``, (h, w), 0..1, is stretched over the content and gives the visibility of each pixel. InputError:
    ``layer-too-small``, ``style-too-small``, ``pixels-not-finite``, ``picture-malformed``, ``no-style``,
    ``style-bad-value``, ``start-missing``, ``mask-empty``.
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
    height, width = levels.shape[2], levels.shape[3]
    margin = fitting_margin(recipe.margin, height, width)

    def over_content(values: Cover | None) -> Tensor | None:
        return None if values is None else with_margin(_mask_tensor(values, height, width, dtype), margin)

    def prepared(style: StyleInput) -> PreparedStyle:
        picture = to_levels(style.picture, "style", dtype, "style-too-small")
        own = None
        if style.cover is not None and not _is_full(style.cover):
            own = _mask_tensor(style.cover, picture.shape[2], picture.shape[3], dtype)
        return PreparedStyle(
            picture.sub_(centre_of(picture, recipe.centre, network)), style, own, over_content(style.mask)
        )

    seen = None if _is_full(cover) else over_content(cover)
    return PaintingInputs(
        recipe=recipe,
        margin=margin,
        content=with_margin(levels.sub_(centre), margin),
        centre=centre,
        styles=_visible_styles([prepared(style) for style in styles], seen),
        start=None if begun is None else with_margin(resize(begun, height, width).sub_(centre), margin),
        cover=seen,
    )


def _is_full(cover: Cover | None) -> bool:
    return cover is None or bool((cover >= 1.0).all())


def _mask_tensor(values: Cover, height: int, width: int, dtype: torch.dtype) -> Tensor:
    """Resize (h, w), 0..1, to (1, 1, height, width)."""
    tensor = torch.tensor(np.ascontiguousarray(values), dtype=dtype)[None, None]
    return resize(tensor, height, width).clamp(0.0, 1.0)


def _resize_mask(
    values: Tensor | None, height: int, width: int, device: torch.device, dtype: torch.dtype
) -> Tensor | None:
    """Resize a mask, 0..1; areas of exactly 0 or 1 stay exactly 0 or 1."""
    if values is None:
        return None
    return resize(values, height, width).clamp(0.0, 1.0).to(device, dtype)


def _visible_styles(styles: Sequence[PreparedStyle], seen: Tensor | None) -> Sequence[PreparedStyle]:
    """Return the styles without a mask or with a visible pixel in it. InputError ``mask-empty`` if there are none."""

    def is_visible(mask: Tensor | None) -> bool:
        return mask is None or bool(((mask if seen is None else mask * seen) > 0.0).any())

    visible = [prepared for prepared in styles if is_visible(prepared.mask)]
    if not visible:
        raise InputError(
            "mask-empty", "The masks leave nothing to paint.", "Make a mask white where its style is to be painted."
        )
    return visible


def _check_styles(styles: Sequence[StyleInput]) -> None:
    if not styles:
        raise InputError("no-style", "There is no style to paint in.", "Name at least one picture.")
    for style in styles:
        if not (math.isfinite(style.weight) and style.weight >= 0.0):
            raise _bad_style(f"weight must be a number from 0 up, not {style.weight}")
        if not (math.isfinite(style.scale) and 0.0 < style.scale <= 16.0):
            raise _bad_style(f"scale must lie within 0 and 16, not {style.scale}")
    if not sum(style.weight for style in styles) > 0.0:
        raise _bad_style("weight must be above 0 for at least one style")


def _bad_style(what: str) -> InputError:
    return InputError("style-bad-value", f"A style's {what}.", "The defaults are weight 1 and scale 1.")
