"""Paint a picture with the quick, the default and the genuine VGG19 network."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp, Gio

from .inside import paint, read

SHORT = '{"steps": 4, "sketch": 0, "scales": 1}'


def run(picture: str, painted: str) -> Any:
    """Save VGG19's painting of the file ``picture`` as ``painted``; return its mean difference from the picture."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(picture))
    (layer,) = image.get_layers()
    for network in ("draft", ""):
        image.remove_layer(paint(image, [layer], style="swirls", network=network, recipe=SHORT))
    made = paint(image, [layer], style="swirls", network="vgg19-8bit", recipe='{"steps": 40}')
    before, after = read(layer, "R'G'B' u8"), read(made, "R'G'B' u8")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(painted), None)
    return {"name": made.get_name(), "apart": sum(abs(a - b) for a, b in zip(before, after)) / len(before)}
