"""Insert paintings into an image as new layers."""

from __future__ import annotations

import contextlib
from typing import Any, List, NamedTuple, Sequence

from gi.repository import Gegl, Gimp

from gramarye_protocol.pixels import PixelBuffer

from ..translations import tr
from .painting_note import write_painting_note
from .pixel_formats import layer_type
from .pixels import Mask, Source


class Painting(NamedTuple):
    """A painting to insert; with ``keeps_blending`` it gets the blend mode and the opacity of its layer.

    ``arguments`` are the procedure's, as JSON; they are noted with the new layer.
    """

    source: Source
    pixels: PixelBuffer
    title: str
    keeps_blending: bool
    arguments: str


def insert(image: Any, paintings: Sequence[Painting]) -> List[Any]:
    """Insert paintings above their layers as one undo step; return the new layers.

    If the image was closed or its mode changed while it was painted, the paintings become images of their own.
    """
    if not image.is_valid():
        return _open_images(paintings, tr("The image was closed while it was painted, so the painting is a new image."))
    is_rgb = image.get_base_type() == Gimp.ImageBaseType.RGB
    if any(painting.pixels.layout.startswith("RGB") is not is_rgb for painting in paintings):
        said = tr("The image's mode was changed while it was painted, so the painting is a new image.")
        return _open_images(paintings, said)
    image.undo_group_start()
    try:
        layers = [_insert(image, painting) for painting in paintings]
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return layers


def _insert(image: Any, painting: Painting) -> Any:
    source, pixels = painting.source, painting.pixels
    has_layer = source.layer.is_valid() and source.layer.get_image().get_id() == image.get_id()
    opacity, mode = 100.0, Gimp.LayerMode.NORMAL
    if painting.keeps_blending and has_layer:
        opacity, mode = source.layer.get_opacity(), source.layer.get_mode()
    layer = Gimp.Layer.new(image, painting.title, pixels.width, pixels.height, layer_type(pixels.layout), opacity, mode)
    _write_buffer(layer, source.format.name, bytes(pixels.data))
    layer.set_offsets(*pixels.offset)
    if has_layer:  # before the layer is inserted: after that, GIMP could not undo it
        write_painting_note(layer, source.layer, painting.arguments)
    parent = source.layer.get_parent() if has_layer else None
    image.insert_layer(layer, parent, image.get_item_position(source.layer) if has_layer else 0)
    if source.mask is not None:
        _add_mask(layer, source.mask)
    return layer


def _open_images(paintings: Sequence[Painting], said: str) -> List[Any]:
    """Open an image for each painting, and say why."""
    layers = []
    for painting in paintings:
        pixels, types = painting.pixels, Gimp.ImageBaseType
        kind = types.RGB if pixels.layout.startswith("RGB") else types.GRAY
        image = Gimp.Image.new_with_precision(pixels.width, pixels.height, kind, painting.source.precision)
        if pixels.profile:
            image.set_color_profile(Gimp.ColorProfile.new_from_icc_profile(bytes(pixels.profile)))
        size, normal = (pixels.width, pixels.height), Gimp.LayerMode.NORMAL
        layer = Gimp.Layer.new(image, painting.title, *size, layer_type(pixels.layout), 100.0, normal)
        _write_buffer(layer, painting.source.format.name, bytes(pixels.data))
        image.insert_layer(layer, None, 0)
        with contextlib.suppress(TypeError):  # GIMP has no windows when it runs a script
            Gimp.Display.new(image)
        layers.append(layer)
    Gimp.message(said)
    return layers


def _add_mask(layer: Any, mask: Mask) -> None:
    new_mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    _write_buffer(new_mask, mask.format, mask.data)
    layer.add_mask(new_mask)
    layer.set_apply_mask(mask.applies)


def _write_buffer(drawable: Any, name: str, data: bytes) -> None:
    width, height = drawable.get_width(), drawable.get_height()
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), name, data)
    buffer.flush()
    drawable.update(0, 0, width, height)
