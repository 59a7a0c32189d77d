"""Paint with layers and picture files as styles."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp, Gio

from .inside import UNCHANGED, filled_layer, new_image, paint, read, write

STRONG = {"strength": 100, "recipe": '{"steps": 12, "sketch": 6}'}


def run(folder: str) -> Any:
    """Return the new layers' names and mean colours; a picture is written to ``folder``."""
    image = new_image()
    layer = filled_layer(image)
    red = _grainy_layer("red paper", (220, 20, 20))
    indexed = _grainy_layer("indexed", (20, 20, 220))
    indexed.get_image().convert_indexed(
        Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8, False, False, ""
    )
    file = Gio.File.new_for_path(f"{folder}/green paper.png")
    green = _grainy_layer("green", (20, 200, 20))
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, green.get_image(), file, None)
    before = len(Gimp.get_images())
    found = {
        "layer": paint(image, [layer], style_layer=red, **STRONG),
        "file": paint(image, [layer], style_file=file, **STRONG),
        "indexed layer": paint(image, [layer], style_layer=indexed, **STRONG),
        "group": paint(image, [layer], style_layer=_grouped(red), recipe=UNCHANGED),
        "itself": paint(image, [layer], style_layer=layer, recipe=UNCHANGED),
        "layer before file and name": paint(image, [layer], style_layer=red, style_file=file, style="swirls", **STRONG),
    }
    means = {name: _mean(painted) for name, painted in found.items()}
    return {
        "names": {name: painted.get_name() for name, painted in found.items()},
        "means": means,
        "images left": len(Gimp.get_images()) - before,
    }


def _grouped(layer: Any) -> Any:
    image = layer.get_image()
    group = Gimp.GroupLayer.new(image, "red group")
    image.insert_layer(group, None, 0)
    copy = layer.copy()
    image.insert_layer(copy, group, 0)
    return group


def _grainy_layer(name: str, colour: Any) -> Any:
    image = new_image()
    layer = filled_layer(image, has_alpha=False, name=name)
    grain = b"".join(
        bytes(min(255, part + (place * 37) % 30) for part in colour)
        for place in range(layer.get_width() * layer.get_height())
    )
    write(layer, "R'G'B' u8", grain)
    return layer


def _mean(layer: Any) -> list[float]:
    pixels = read(layer, "R'G'B'A u8")
    return [sum(pixels[part::4]) / len(pixels[part::4]) for part in range(3)]
