"""Paint layers with a group, mask, selection or filters, and in several colour spaces."""

from __future__ import annotations

from typing import Any

from gi.repository import Gegl, Gimp

from .inside import HEIGHT, QUICK, UNCHANGED, WIDTH, filled_layer, new_image, paint, pattern, read, write

SRGB_RGBA = "R'G'B'A u8"
"""Babl's name of 8-bit sRGB with alpha."""


def run() -> Any:
    """Return the results by name."""
    return {name: find() for name, find in FINDINGS.items()}


def _group() -> Any:
    image = new_image()
    outer, inner = Gimp.GroupLayer.new(image, "outer"), Gimp.GroupLayer.new(image, "inner")
    image.insert_layer(outer, None, 0)
    image.insert_layer(inner, outer, 0)
    filled_layer(image, name="below", parent=inner)
    layer = filled_layer(image, parent=inner)
    filled_layer(image, name="above", parent=inner)
    painted = paint(image, [layer], style="stained-glass", strength=60, recipe=UNCHANGED)
    return {"siblings": [child.get_name() for child in inner.get_children()], "name": painted.get_name()}


def _layer_mask() -> Any:
    image = new_image(Gimp.Precision.U16_NON_LINEAR)
    layer = filled_layer(image)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    write(mask, "Y u16", bytes(range(256)) * (WIDTH * HEIGHT * 2 // 256) + bytes(WIDTH * HEIGHT * 2 % 256))
    layer.set_apply_mask(False)
    painted = paint(image, [layer], style="swirls", recipe=UNCHANGED)
    made = painted.get_mask()
    return {
        "same mask": made is not None and read(made, "Y u16") == read(mask, "Y u16"),
        "same pixels": read(painted, "R'G'B'A u16") == read(layer, "R'G'B'A u16"),
        "applies": painted.get_apply_mask(),
    }


def _selection() -> Any:
    image = new_image()
    layer = filled_layer(image)
    layer.set_offsets(10, 4)
    Gimp.context_set_feather(True)
    Gimp.context_set_feather_radius(4, 4)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 5, 8, 20, 16)
    Gimp.context_set_feather(False)
    rectangle = Gegl.Rectangle.new(10, 4, WIDTH, HEIGHT)
    selected = bytes(image.get_selection().get_buffer().get(rectangle, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    painted = paint(image, [layer], style="swirls", recipe=QUICK)
    alphas = zip(read(painted, SRGB_RGBA)[3::4], pattern()[3::4], selected)
    return {
        "apart": max(abs(alpha - before * share / 255) for alpha, before, share in alphas),
        "soft": sum(0 < share < 255 for share in selected),
        "place": tuple(painted.get_offsets())[1:],
    }


def _selection_of_opaque() -> Any:
    image = new_image()
    layer = filled_layer(image, has_alpha=False)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 4, 4, 20, 20)
    painted = paint(image, [layer], style="swirls", recipe=QUICK)
    return {"has alpha": painted.has_alpha(), "opaque": read(painted, SRGB_RGBA)[3::4].count(255)}


def _filters() -> Any:
    image = new_image()
    layer = filled_layer(image)
    layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", ""))
    painted = paint(image, [layer], style="swirls", recipe=UNCHANGED)
    colours = [
        (came, before)
        for place, (came, before) in enumerate(zip(read(painted, SRGB_RGBA), pattern()))
        if place % 4 != 3
    ]
    return {
        "apart": max(abs(came - (255 - before)) for came, before in colours),
        "filters left": len(layer.get_filters()),
        "layers": len(image.get_layers()),
    }


def _painted() -> Any:
    image = new_image()
    layer = filled_layer(image)
    painted = read(paint(image, [layer], style="swirls", recipe=QUICK), SRGB_RGBA)
    return {
        "alpha": painted[3::4] == pattern()[3::4],
        "changed": sum(abs(one - other) for one, other in zip(painted, pattern())) / len(painted),
        "layer": read(layer, SRGB_RGBA) == pattern(),
    }


def _spaces() -> Any:
    """Paint the same picture in several spaces; return each mean difference from sRGB's, of 255."""
    pictures = {}
    for name, precision, profile in (
        ("sRGB", Gimp.Precision.U8_NON_LINEAR, None),
        ("linear", Gimp.Precision.FLOAT_LINEAR, None),
        ("Adobe", Gimp.Precision.U16_NON_LINEAR, Gimp.ColorProfile.new_rgb_adobe()),
        ("Adobe, linear", Gimp.Precision.HALF_LINEAR, Gimp.ColorProfile.new_rgb_adobe()),
        ("Adobe, perceptual", Gimp.Precision.U16_PERCEPTUAL, Gimp.ColorProfile.new_rgb_adobe()),
    ):
        image = new_image(precision)
        if profile is not None:
            image.set_color_profile(profile)
        pictures[name] = read(paint(image, [filled_layer(image)], style="swirls", recipe=QUICK), SRGB_RGBA)
    first = pictures.pop("sRGB")
    return {
        name: sum(abs(one - other) for one, other in zip(first, picture)) / len(first)
        for name, picture in pictures.items()
    }


FINDINGS = {
    "group": _group,
    "layer mask": _layer_mask,
    "selection": _selection,
    "selection of an opaque layer": _selection_of_opaque,
    "filters": _filters,
    "painted": _painted,
    "spaces": _spaces,
}
