"""What the artist set, and the request that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Mapping, Optional, Tuple

from gramarye_protocol.messages import StyleInput, Submit, WatchOptions, Welcome
from gramarye_protocol.pixels import PixelBuffer

NEUTRAL_STRENGTH = 50
"""The strength at which layer and style weigh as the preset has them."""

STRENGTH_PER_HALVING = 12.5
"""Strength that halves the layer's weight: 0 is sixteen times it, 100 a sixteenth."""

PREVIEW_EVERY, PREVIEW_SIDE = 0.25, 1024


@dataclass(frozen=True)
class PaintSettings:
    """Settings of one painting. ``strength`` is 0..100, ``stroke`` the size of strokes, 1 the preset's.

    ``recipe`` holds values of the daemon's schema that were changed; ``network`` "" is the daemon's choice.
    ``has_full_recipe``: the recipe is one that was painted, in full, the strength already in it.
    """

    strength: int = NEUTRAL_STRENGTH
    stroke: float = 1.0
    preset: str = ""
    network: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    has_full_recipe: bool = False

    def values(self, welcome: Welcome) -> Dict[str, Any]:
        """The recipe's values that differ from the preset's. KeyError for a preset that the daemon lacks."""
        preset = welcome.presets[self.preset or welcome.default_preset]["recipe"]
        changed = dict(self.recipe)
        if self.strength != NEUTRAL_STRENGTH and not self.has_full_recipe:
            weight = changed.get("content_weight", preset["content_weight"])
            changed["content_weight"] = weight * 2.0 ** ((NEUTRAL_STRENGTH - self.strength) / STRENGTH_PER_HALVING)
        return changed


@dataclass(frozen=True)
class ChosenStyle:
    """A built-in style by its name, or a picture; ``title`` is for people.

    ``mask``, GRAY u8 of the layer's size, is where it is painted, and its weight then its strength there.
    """

    title: str
    name: str = ""
    picture: Any = None
    weight: float = 1.0
    mask: Optional[PixelBuffer] = None


def mix_in_style(styles: Tuple[ChosenStyle, ...], other: ChosenStyle, percent: int) -> Tuple[ChosenStyle, ...]:
    """``percent``, 0..100, of ``styles`` replaced by ``other``; together they weigh what the styles did."""
    share = percent / 100.0
    kept = [replace(style, weight=style.weight * (1.0 - share)) for style in styles]
    added = replace(other, weight=sum(style.weight for style in styles) * share)
    return tuple(style for style in (*kept, added) if style.weight)


def build_submit(
    layer: PixelBuffer,
    styles: Tuple[ChosenStyle, ...],
    paint_settings: PaintSettings,
    welcome: Welcome,
    mask: Optional[PixelBuffer] = None,
    continues: str = "",
) -> Submit:
    """The request for a painting of ``layer``, where ``mask`` says so, with previews as fast as a canvas shows them.

    ``continues`` is the job whose painting it goes on from.
    """
    return Submit(
        pixels=layer,
        styles=tuple(
            StyleInput(
                picture=style.picture,
                name=style.name,
                weight=style.weight,
                scale=paint_settings.stroke,
                mask=style.mask,
            )
            for style in styles
        ),
        preset=paint_settings.preset,
        recipe=paint_settings.values(welcome),
        network=paint_settings.network,
        mask=mask,
        continues=continues,
        title=title(styles, paint_settings),
        watch=WatchOptions(preview_every=PREVIEW_EVERY, preview_side=PREVIEW_SIDE),
    )


def title(styles: Tuple[ChosenStyle, ...], paint_settings: PaintSettings) -> str:
    """The new layer's name: "Gramarye starry night, strength 60"."""
    return f"Gramarye {' + '.join(style.title for style in styles)}, strength {paint_settings.strength}"
