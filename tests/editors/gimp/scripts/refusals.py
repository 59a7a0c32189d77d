"""Error messages for layers and arguments that cannot be painted."""

from __future__ import annotations

from typing import Any

from gi.repository import Gegl, Gimp, Gio

from .inside import error_message, filled_layer, new_image


def run(folder: str) -> Any:
    """Return the error messages by case; a broken file is written to ``folder``."""
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
        "no layer": error_message(image, [], style="swirls"),
        "one of several": error_message(image, [layer, channel], style="swirls"),
        "mask": error_message(image, [mask], style="swirls"),
        "channel": error_message(image, [channel], style="swirls"),
        "group": error_message(image, [group], style="swirls"),
        "small": error_message(image, [small], style="swirls"),
        "no style": error_message(image, [layer]),
        "unknown style": error_message(image, [layer], style="no-such-style"),
        "missing file": error_message(image, [layer], style_file=Gio.File.new_for_path(f"{folder}/none.png")),
        "broken file": error_message(image, [layer], style_file=Gio.File.new_for_path(f"{folder}/broken.png")),
        "unknown recipe": error_message(image, [layer], style="swirls", preset="no-such-recipe"),
        "unknown network": error_message(image, [layer], style="swirls", network="no-such-network"),
        "unknown colour": error_message(image, [layer], style="swirls", colour="no-such-colour"),
        "bad value": error_message(image, [layer], style="swirls", recipe='{"steps": -1}'),
        "strength": error_message(image, [layer], style="swirls", strength=150),
        "stroke": error_message(image, [layer], style="swirls", stroke=0.0),
        "mix": error_message(image, [layer], style="swirls", second_style="waves", mix=-1),
        "missing second file": error_message(image, [layer], style="swirls", second_style="pictures/none.png"),
        "no JSON": error_message(image, [layer], style="swirls", recipe="steps=3"),
        "no object": error_message(image, [layer], style="swirls", recipe="[3]"),
    }
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 60, 50, 10, 10)
    found["selection elsewhere"] = error_message(image, [layer], style="swirls")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    Gimp.edit_copy([other])
    floating = Gimp.edit_paste(other, False)
    found["floating"] = error_message(image, floating, style="swirls")
    indexed = new_image()
    layer = filled_layer(indexed)
    indexed.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    found["indexed"] = error_message(indexed, [layer], style="swirls")
    return found
