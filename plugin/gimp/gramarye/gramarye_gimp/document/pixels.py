"""Read a layer from GIMP and insert a painting as a new layer."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from gi.repository import Babl, Gegl, Gimp

from gramarye_protocol.pixels import PixelBuffer

from ..failures import PaintError, paint_error
from .pixel_formats import PixelFormat, layer_type, read_icc_profile, wire_format


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


def read_source(image: Any, drawables: Any) -> Source:
    """Read the selected layer. Errors: `PaintError` if there is not exactly one layer that can be painted."""
    layer = _require_one_layer(image, drawables)
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


def insert(source: Source, pixels: PixelBuffer, title: str) -> Any:
    """Insert a painting above its layer as one undo step; return the new layer.

    Errors: ``image-gone``, ``image-changed``.
    """
    image = source.image
    if not image.is_valid():
        raise _kept_painting_error("image-gone", "The image was closed while it was painted.")
    if (image.get_base_type() == Gimp.ImageBaseType.RGB) is not pixels.layout.startswith("RGB"):
        raise _kept_painting_error("image-changed", "The image's mode was changed while it was painted.")
    layer = Gimp.Layer.new(
        image, title, pixels.width, pixels.height, layer_type(pixels.layout), 100.0, Gimp.LayerMode.NORMAL
    )
    _write_buffer(layer, source.format.name, bytes(pixels.data))
    layer.set_offsets(*pixels.offset)
    has_layer = source.layer.is_valid() and source.layer.get_image().get_id() == image.get_id()
    image.undo_group_start()
    try:
        parent = source.layer.get_parent() if has_layer else None
        image.insert_layer(layer, parent, image.get_item_position(source.layer) if has_layer else 0)
        if source.mask is not None:
            _add_mask(layer, source.mask)
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return layer


def _require_one_layer(image: Any, drawables: Any) -> Any:
    if not drawables:
        raise paint_error("layer-none", "No layer is chosen.", "Click on one in the Layers dialog.")
    if len(drawables) > 1:
        raise paint_error(
            "layers-several", f"{len(drawables)} layers are chosen.", "Gramarye paints one at a time: choose one."
        )
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        raise paint_error(
            "image-indexed", "An indexed image has too few colours to paint in.", "Image > Mode > RGB first."
        )
    layer = drawables[0]
    if not layer.is_valid():
        raise paint_error("layer-none", "The layer is gone.", "Choose another one, and run the filter again.")
    if not layer.is_layer():
        what = "layer mask" if layer.is_layer_mask() else "channel"
        raise paint_error("layer-none", f"A {what} cannot be painted.", "Click on a layer in the Layers dialog.")
    if layer.is_group():
        hint = "Choose a layer in it, or Layer > Merge Layer Group first."
        raise paint_error("layer-group", "A layer group cannot be painted.", hint)
    if layer.is_floating_sel():
        raise paint_error("layer-floating", "A floating selection cannot be painted.", "Layer > Anchor Layer first.")
    if not layer.mask_intersect()[0]:
        hint = "Select a part of it, or Select > None to paint all."
        raise paint_error("selection-elsewhere", "The selection does not touch the layer.", hint)
    return layer


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


def _add_mask(layer: Any, mask: Mask) -> None:
    new_mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    _write_buffer(new_mask, mask.format, mask.data)
    layer.add_mask(new_mask)
    layer.set_apply_mask(mask.applies)


def _read_buffer(drawable: Any, x: int, y: int, width: int, height: int, name: str) -> bytes:
    rectangle = Gegl.Rectangle.new(x, y, width, height)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))


def _write_buffer(drawable: Any, name: str, data: bytes) -> None:
    width, height = drawable.get_width(), drawable.get_height()
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), name, data)
    buffer.flush()
    drawable.update(0, 0, width, height)


def _kept_painting_error(code: str, message: str) -> PaintError:
    return paint_error(code, message, "The painting is kept: in a terminal, gramarye jobs, then gramarye fetch.")
