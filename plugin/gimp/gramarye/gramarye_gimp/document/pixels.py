"""A layer out of GIMP and a painting into it: all contact with GIMP's image functions."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from gi.repository import Babl, Gegl, Gimp

from gramarye_protocol.pixels import PixelBuffer

from ..failures import Trouble, trouble
from .pixel_formats import Format, layer_type, profile_of, travelling


class Mask(NamedTuple):
    """A layer mask as it was read."""

    format: str
    data: bytes
    applies: bool


class Source(NamedTuple):
    """What is painted: a layer as it looks, filters included, and where the painting will go."""

    image: Any
    layer: Any
    pixels: PixelBuffer
    format: Format
    selection: Optional[PixelBuffer]
    """Where to paint; None: everywhere."""
    mask: Optional[Mask]


def source(image: Any, drawables: Any) -> Source:
    """Read the one layer that is chosen. Errors: `Trouble` in words for what cannot be painted."""
    layer = _chosen(image, drawables)
    if not layer.get_filters():
        return _read(image, layer, layer)
    copy = Gimp.Layer.new_from_drawable(layer, image)
    try:
        copy.merge_filters()
        return _read(image, layer, copy)
    finally:
        copy.delete()


def picture_of(image: Any, drawable: Any) -> PixelBuffer:
    """A drawable's pixels, to be a style."""
    return _pixels(image, drawable, travelling(drawable, with_alpha=False))


def insert(painted: Source, pixels: PixelBuffer, title: str) -> Any:
    """Put a painting above its layer, as one step to undo; returns the new layer.

    Errors: ``image-gone``, ``image-changed``.
    """
    image = painted.image
    if not image.is_valid():
        raise _kept("image-gone", "The image was closed while it was painted.")
    if (image.get_base_type() == Gimp.ImageBaseType.RGB) is not pixels.layout.startswith("RGB"):
        raise _kept("image-changed", "The image's mode was changed while it was painted.")
    layer = Gimp.Layer.new(
        image, title, pixels.width, pixels.height, layer_type(pixels.layout), 100.0, Gimp.LayerMode.NORMAL
    )
    _write(layer, painted.format.name, bytes(pixels.data))
    layer.set_offsets(*pixels.offset)
    is_there = painted.layer.is_valid() and painted.layer.get_image().get_id() == image.get_id()
    image.undo_group_start()
    try:
        parent = painted.layer.get_parent() if is_there else None
        image.insert_layer(layer, parent, image.get_item_position(painted.layer) if is_there else 0)
        if painted.mask is not None:
            _mask(layer, painted.mask)
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return layer


def _chosen(image: Any, drawables: Any) -> Any:
    if not drawables:
        raise trouble("layer-none", "No layer is chosen.", "Click on one in the Layers dialog.")
    if len(drawables) > 1:
        raise trouble(
            "layers-several", f"{len(drawables)} layers are chosen.", "Gramarye paints one at a time: choose one."
        )
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        raise trouble("image-indexed", "An indexed image has too few colours to paint in.", "Image > Mode > RGB first.")
    layer = drawables[0]
    if not layer.is_valid():
        raise trouble("layer-none", "The layer is gone.", "Choose another one, and run the filter again.")
    if not layer.is_layer():
        what = "layer mask" if layer.is_layer_mask() else "channel"
        raise trouble("layer-none", f"A {what} cannot be painted.", "Click on a layer in the Layers dialog.")
    if layer.is_group():
        hint = "Choose a layer in it, or Layer > Merge Layer Group first."
        raise trouble("layer-group", "A layer group cannot be painted.", hint)
    if layer.is_floating_sel():
        raise trouble("layer-floating", "A floating selection cannot be painted.", "Layer > Anchor Layer first.")
    if not layer.mask_intersect()[0]:
        hint = "Select a part of it, or Select > None to paint all."
        raise trouble("selection-elsewhere", "The selection does not touch the layer.", hint)
    return layer


def _read(image: Any, layer: Any, looks: Any) -> Source:
    selected = not Gimp.Selection.is_empty(image)
    chosen = travelling(looks, with_alpha=selected)
    pixels = _pixels(image, looks, chosen)
    return Source(image, layer, pixels, chosen, _selection(image, pixels) if selected else None, _mask_of(looks))


def _pixels(image: Any, drawable: Any, chosen: Format) -> PixelBuffer:
    width, height = drawable.get_width(), drawable.get_height()
    _, x, y = drawable.get_offsets()
    data = _data(drawable, 0, 0, width, height, chosen.name)
    return PixelBuffer(width, height, chosen.layout, chosen.depth, data, profile_of(image, drawable), (x, y))


def _selection(image: Any, pixels: PixelBuffer) -> PixelBuffer:
    x, y = pixels.offset
    data = _data(image.get_selection(), x, y, pixels.width, pixels.height, "Y u8")
    return PixelBuffer(pixels.width, pixels.height, "GRAY", "u8", data)


def _mask_of(layer: Any) -> Optional[Mask]:
    mask = layer.get_mask()
    if mask is None:
        return None
    name = Babl.get_name(mask.get_format())
    data = _data(mask, 0, 0, mask.get_width(), mask.get_height(), name)
    return Mask(name, data, layer.get_apply_mask())


def _mask(layer: Any, mask: Mask) -> None:
    made = layer.create_mask(Gimp.AddMaskType.WHITE)
    _write(made, mask.format, mask.data)
    layer.add_mask(made)
    layer.set_apply_mask(mask.applies)


def _data(drawable: Any, x: int, y: int, width: int, height: int, name: str) -> bytes:
    rectangle = Gegl.Rectangle.new(x, y, width, height)
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))


def _write(drawable: Any, name: str, data: bytes) -> None:
    width, height = drawable.get_width(), drawable.get_height()
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), name, data)
    buffer.flush()
    drawable.update(0, 0, width, height)


def _kept(code: str, message: str) -> Trouble:
    return trouble(code, message, "The painting is kept: in a terminal, gramarye jobs, then gramarye fetch.")
