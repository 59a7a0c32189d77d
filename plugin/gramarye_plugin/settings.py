"""The user's settings, and the request built from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Mapping, Optional, Tuple

from gramarye_protocol.messages import StyleInput, Submit, WatchOptions, Welcome
from gramarye_protocol.pixels import PixelBuffer

NEUTRAL_STRENGTH = 50
"""The strength that leaves the preset's weights unchanged."""

STRENGTH_PER_HALVING = 12.5
"""Increase in strength that halves the content weight: strength 0 is 16 times the preset's weight, 100 is 1/16."""

PREVIEW_EVERY, PREVIEW_SIDE = 0.25, 1024


@dataclass(frozen=True)
class PaintSettings:
    """Settings of one painting. ``strength`` is 0..100; ``stroke`` is the stroke size relative to the preset's (1).

    ``recipe`` holds the changed values of the daemon's schema. An empty ``preset`` or ``network`` is the daemon's
    default. ``has_full_recipe``: ``recipe`` is the complete recipe of an earlier painting, with the strength applied;
    ``preset`` then only says where it came from.
    """

    strength: int = NEUTRAL_STRENGTH
    stroke: float = 1.0
    preset: str = ""
    network: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    has_full_recipe: bool = False

    def values(self, welcome: Welcome) -> Dict[str, Any]:
        """Return the recipe values to send, the strength applied. KeyError for a preset that the daemon lacks."""
        if self.has_full_recipe:
            return dict(self.recipe)
        preset = welcome.presets[self.preset or welcome.default_preset]["recipe"]
        changed = dict(self.recipe)
        if self.strength != NEUTRAL_STRENGTH:
            weight = changed.get("content_weight", preset["content_weight"])
            changed["content_weight"] = weight * _content_factor(self.strength)
        return changed

    def without_full_recipe(self, welcome: Welcome) -> PaintSettings:
        """Return settings with the same recipe, which hold only what differs from the preset (if the daemon has it)."""
        if not self.has_full_recipe:
            return self
        preset = self.preset if self.preset in welcome.presets else ""
        known = welcome.presets[preset or welcome.default_preset]["recipe"]
        own = dict(self.recipe)
        own["content_weight"] = own["content_weight"] / _content_factor(self.strength)
        changed = {name: value for name, value in own.items() if name in known and not _is_same(value, known[name])}
        return replace(self, preset=preset, recipe=changed, has_full_recipe=False)


@dataclass(frozen=True)
class ChosenStyle:
    """A built-in style, given by its name, or a picture; ``title`` is shown to the user.

    ``mask`` (GRAY u8, of the layer's size) is where the style is painted; ``weight`` is then its strength there.
    """

    title: str
    name: str = ""
    picture: Any = None
    weight: float = 1.0
    mask: Optional[PixelBuffer] = None


def mix_in_style(styles: Tuple[ChosenStyle, ...], other: ChosenStyle, percent: int) -> Tuple[ChosenStyle, ...]:
    """Replace ``percent`` (0..100) of the weight of ``styles`` by ``other``; the total weight stays the same."""
    share = percent / 100.0
    kept = [replace(style, weight=style.weight * (1.0 - share)) for style in styles]
    added = replace(other, weight=sum(style.weight for style in styles) * share)
    return tuple(style for style in (*kept, added) if style.weight)


def split_second_style(
    styles: Tuple[ChosenStyle, ...],
) -> Tuple[Tuple[ChosenStyle, ...], Optional[ChosenStyle], int]:
    """Undo `mix_in_style`: return the styles, the one that was mixed in (None without one) and its share in percent."""
    if len(styles) < 2 or all(style.weight == 1.0 for style in styles):
        return tuple(replace(style, weight=1.0) for style in styles), None, 0
    *first, other = styles
    share = other.weight / sum(style.weight for style in styles)
    return tuple(replace(style, weight=1.0) for style in first), replace(other, weight=1.0), round(100 * share)


def build_submit(
    layer: PixelBuffer,
    styles: Tuple[ChosenStyle, ...],
    paint_settings: PaintSettings,
    welcome: Welcome,
    mask: Optional[PixelBuffer] = None,
    continues: str = "",
) -> Submit:
    """Build the request to paint ``layer`` within ``mask``, with previews every `PREVIEW_EVERY` seconds.

    ``continues`` is the job whose painting is continued; empty for none.
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
        preset="" if paint_settings.has_full_recipe else paint_settings.preset,
        recipe=paint_settings.values(welcome),
        network=paint_settings.network,
        mask=mask,
        continues=continues,
        title=title(styles, paint_settings),
        watch=WatchOptions(preview_every=PREVIEW_EVERY, preview_side=PREVIEW_SIDE),
    )


def title(styles: Tuple[ChosenStyle, ...], paint_settings: PaintSettings) -> str:
    """Return the new layer's name, e.g. "Gramarye starry night, strength 60"."""
    return f"Gramarye {' + '.join(style.title for style in styles)}, strength {paint_settings.strength}"


def _content_factor(strength: int) -> float:
    """Return the factor by which a strength multiplies the content weight."""
    return float(2.0 ** ((NEUTRAL_STRENGTH - strength) / STRENGTH_PER_HALVING))


def _is_same(value: Any, other: Any) -> bool:
    """Return whether two values of a recipe are the same but for rounding."""
    if isinstance(value, float) and isinstance(other, (int, float)):
        return math.isclose(value, other, rel_tol=1e-6)
    if isinstance(value, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(value) == len(other) and all(map(_is_same, value, other))
    return bool(value == other)
