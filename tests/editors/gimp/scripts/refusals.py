"""What cannot be painted, and what is said of it."""

from __future__ import annotations

from typing import Any

from gi.repository import Gegl, Gimp, Gio

from .inside import complaint, filled_layer, new_image


def run(folder: str) -> Any:
    """Every complaint by what was wrong. ``folder`` may be written to."""
    image = new_image()
    layer, other = filled_layer(image), filled_layer(image)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    channel = Gimp.Channel.new(image, "channel", 80, 60, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    small = Gimp.Layer.new(image, "small", 9, 9, Gimp.ImageType.RGBA_IMAGE, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(small, None, 0)
    with open(f"{folder}/broken.png", "wb") as file:
        file.write(b"\x89PNG nothing")
    found = {
        "no layer": complaint(image, [], style="swirls"),
        "several layers": complaint(image, [layer, other], style="swirls"),
        "mask": complaint(image, [mask], style="swirls"),
        "channel": complaint(image, [channel], style="swirls"),
        "group": complaint(image, [group], style="swirls"),
        "small": complaint(image, [small], style="swirls"),
        "no style": complaint(image, [layer]),
        "unknown style": complaint(image, [layer], style="no-such-style"),
        "missing file": complaint(image, [layer], style_file=Gio.File.new_for_path(f"{folder}/none.png")),
        "broken file": complaint(image, [layer], style_file=Gio.File.new_for_path(f"{folder}/broken.png")),
        "unknown recipe": complaint(image, [layer], style="swirls", preset="no-such-recipe"),
        "unknown network": complaint(image, [layer], style="swirls", network="no-such-network"),
        "unknown colour": complaint(image, [layer], style="swirls", colour="no-such-colour"),
        "bad value": complaint(image, [layer], style="swirls", recipe='{"steps": -1}'),
        "no JSON": complaint(image, [layer], style="swirls", recipe="steps=3"),
        "no object": complaint(image, [layer], style="swirls", recipe="[3]"),
    }
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 60, 50, 10, 10)
    found["selection elsewhere"] = complaint(image, [layer], style="swirls")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    Gimp.edit_copy([other])
    floating = Gimp.edit_paste(other, False)
    found["floating"] = complaint(image, floating, style="swirls")
    indexed = new_image()
    layer = filled_layer(indexed)
    indexed.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    found["indexed"] = complaint(indexed, [layer], style="swirls")
    return found
