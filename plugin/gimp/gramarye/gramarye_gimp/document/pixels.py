"""Read a layer from GIMP."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from gi.repository import Babl, Gegl, Gimp

from gramarye_protocol.pixels import PixelBuffer

from ..failures import PaintError, paint_error
from .pixel_formats import PixelFormat, read_icc_profile, wire_format


class Mask(NamedTuple):
    """A layer mask: Babl's name of its format, its data, and whether it is applied."""

    format: str
    data: bytes
    applies: bool


class Source(NamedTuple):
    """The layer to paint: its pixels with filters applied, its selection and its layer mask."""

    image: Any
    layer: Any
    pixels: PixelBuffer
    format: PixelFormat
    selection: Optional[PixelBuffer]
    """Where to paint, GRAY u8 of the layer's size; None for everywhere."""
    mask: Optional[Mask]
    precision: Any
    """The image's precision."""


def check_layers(image: Any, drawables: Any) -> None:
    """Check that there are layers, and that all of them can be painted. Errors: `PaintError` if not."""
    if not drawables:
        raise paint_error("layer-none", "No layer is chosen.", "Click on one in the Layers dialog.")
    for layer in drawables:
        _check_layer(image, layer)


def read_source(image: Any, layer: Any) -> Source:
    """Read a layer. Errors: `PaintError` if it cannot be painted."""
    _check_layer(image, layer)
    if not layer.get_filters():
        return _read_layer(image, layer, layer)
    copy = Gimp.Layer.new_from_drawable(layer, image)
    try:
        copy.merge_filters()
        return _read_layer(image, layer, copy)
    finally:
        copy.delete()


def read_style_picture(image: Any, drawable: Any) -> PixelBuffer:
    """Return a drawable's pixels, for use as a style."""
    return _read_pixels(image, drawable, wire_format(drawable, with_alpha=False))


def can_be_painted(image: Any, layer: Any) -> bool:
    """Return whether `read_source` accepts the layer."""
    try:
        _check_layer(image, layer)
    except PaintError:
        return False
    return True


def _check_layer(image: Any, layer: Any) -> None:
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        raise paint_error(
            "image-indexed", "An indexed image has too few colours to paint in.", "Image > Mode > RGB first."
        )
    if not layer.is_valid():
        raise paint_error("layer-none", "The layer is gone.", "Choose another one, and run the filter again.")
    if not layer.is_layer():
        what = "layer mask" if layer.is_layer_mask() else "channel"
        raise paint_error("layer-none", f"A {what} cannot be painted.", "Click on a layer in the Layers dialog.")
    if layer.is_group() and not layer.get_children():
        raise paint_error("layer-group", "The layer group is empty.", "Choose a layer, or a group with layers in it.")
    if layer.is_floating_sel():
        raise paint_error("layer-floating", "A floating selection cannot be painted.", "Layer > Anchor Layer first.")
    if not layer.mask_intersect()[0]:
        hint = "Select a part of it, or Select > None to paint all."
        raise paint_error("selection-elsewhere", "The selection does not touch the layer.", hint)


def _read_layer(image: Any, layer: Any, rendered: Any) -> Source:
    has_selection = not Gimp.Selection.is_empty(image)
    pixel_format = wire_format(rendered, with_alpha=has_selection)
    pixels = _read_pixels(image, rendered, pixel_format)
    return Source(
        image,
        layer,
        pixels,
        pixel_format,
        _read_selection(image, pixels) if has_selection else None,
        _read_mask(rendered),
        image.get_precision(),
    )


def _read_pixels(image: Any, drawable: Any, pixel_format: PixelFormat) -> PixelBuffer:
    width, height = drawable.get_width(), drawable.get_height()
    _, x, y = drawable.get_offsets()
    data = _read_buffer(drawable, 0, 0, width, height, pixel_format.name)
    return PixelBuffer(
        width, height, pixel_format.layout, pixel_format.depth, data, read_icc_profile(image, drawable), (x, y)
    )


def _read_selection(image: Any, pixels: PixelBuffer) -> PixelBuffer:
    x, y = pixels.offset
    data = _read_buffer(image.get_selection(), x, y, pixels.width, pixels.height, "Y u8")
    return PixelBuffer(pixels.width, pixels.height, "GRAY", "u8", data)


def _read_mask(layer: Any) -> Optional[Mask]:
    mask = layer.get_mask()
    if mask is None:
        return None
    name = Babl.get_name(mask.get_format())
    data = _read_buffer(mask, 0, 0, mask.get_width(), mask.get_height(), name)
    return Mask(name, data, layer.get_apply_mask())


def _read_buffer(drawable: Any, x: int, y: int, width: int, height: int, name: str) -> bytes:
    rectangle = Gegl.Rectangle.new(x, y, width, height)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))
