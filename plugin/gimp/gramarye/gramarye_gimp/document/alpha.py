"""The alpha of another layer or group, with its layer mask, filters and members applied."""

from __future__ import annotations

from typing import Any

from gi.repository import Gegl, Gimp

from gramarye_protocol.pixels import PixelBuffer


def alpha(image: Any, item: Any, like: PixelBuffer) -> PixelBuffer:
    """Return the item's alpha as GRAY u8 over the rectangle of ``like``, ignoring its visibility and opacity."""
    scratch_image = Gimp.Image.new(image.get_width(), image.get_height(), Gimp.ImageBaseType.RGB)
    try:
        copy = Gimp.Layer.new_from_drawable(item, scratch_image)
        scratch_image.insert_layer(copy, None, 0)
        copy.set_opacity(100.0)
        copy.set_mode(Gimp.LayerMode.NORMAL)
        copy.set_visible(True)
        merged = scratch_image.merge_visible_layers(Gimp.MergeType.EXPAND_AS_NECESSARY)
        _, x, y = merged.get_offsets()
        rectangle = Gegl.Rectangle.new(like.offset[0] - x, like.offset[1] - y, like.width, like.height)
        data = bytes(merged.get_buffer().get(rectangle, 1.0, "A u8", Gegl.AbyssPolicy.NONE))
    finally:
        scratch_image.delete()
    return PixelBuffer(like.width, like.height, "GRAY", "u8", data)
