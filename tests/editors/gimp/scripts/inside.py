"""Runs one script inside GIMP and writes its result; functions that the scripts share."""

from __future__ import annotations

import importlib
import json
import os
import traceback
from typing import Any

from gi.repository import Babl, Gegl, Gimp

UNCHANGED = '{"steps": 0, "sketch": 0}'
"""Recipe whose painting equals the layer."""

QUICK = '{"steps": 3, "sketch": 2}'

WIDTH, HEIGHT = 36, 30


def main() -> None:
    """Run the script; called by GIMP's batch interpreter."""
    payload = json.loads(os.environ["GRAMARYE_PROBE"])
    try:
        outcome = {"result": importlib.import_module(payload["module"]).run(**payload["values"])}
    except Exception:
        outcome = {"error": traceback.format_exc()}
    with open(payload["result"], "w", encoding="utf-8") as file:
        json.dump(outcome, file)


def new_image(precision: Any = Gimp.Precision.U8_NON_LINEAR, is_gray: bool = False) -> Any:
    """Return a new image, larger than the layers of `new_layer`."""
    base = Gimp.ImageBaseType.GRAY if is_gray else Gimp.ImageBaseType.RGB
    return Gimp.Image.new_with_precision(80, 60, base, precision)


def new_layer(image: Any, has_alpha: bool = True, name: str = "layer", parent: Any = None) -> Any:
    """Insert an empty layer into the image and return it."""
    is_gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    types = Gimp.ImageType
    without, with_alpha = (types.GRAY_IMAGE, types.GRAYA_IMAGE) if is_gray else (types.RGB_IMAGE, types.RGBA_IMAGE)
    layer_type = with_alpha if has_alpha else without
    layer = Gimp.Layer.new(image, name, WIDTH, HEIGHT, layer_type, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, parent, 0)
    return layer


def filled_layer(image: Any, has_alpha: bool = True, name: str = "layer", parent: Any = None) -> Any:
    """Insert a layer filled with `pattern` and return it."""
    layer = new_layer(image, has_alpha, name, parent)
    write(layer, "R'G'B'A u8", pattern())
    return layer


def pattern() -> bytes:
    """Return 8-bit RGBA pixels with alpha from 1 to 255."""
    return b"".join(
        bytes((x * 7 % 256, y * 8 % 256, (x * y) % 256, 255 if x < 20 else 1 + (x * y) % 255))
        for y in range(HEIGHT)
        for x in range(WIDTH)
    )


def native_format(drawable: Any) -> str:
    """Return Babl's name of the drawable's own format, in which nothing is converted."""
    return str(Babl.get_name(drawable.get_format()))


def read(drawable: Any, name: str) -> bytes:
    """Return all pixels in the format ``name``."""
    rectangle = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    return bytes(drawable.get_buffer().get(rectangle, 1.0, name, Gegl.AbyssPolicy.NONE))


def write(drawable: Any, name: str, data: bytes) -> None:
    """Replace all pixels; ``name`` is the format of ``data``."""
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height()), name, data)
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def paint(image: Any, drawables: Any, **arguments: Any) -> Any:
    """Call the filter as a script does; return the new layer. Errors: RuntimeError with GIMP's message."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-gramarye")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", drawables)
    for name, value in arguments.items():
        config.set_property(name.replace("_", "-"), value)
    values = procedure.run(config)
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise RuntimeError(Gimp.get_pdb().get_last_error())
    return values.index(1)


def error_message(image: Any, drawables: Any, **arguments: Any) -> str:
    """Return the error message for the user; empty if the filter painted."""
    before = len(image.get_layers())
    try:
        paint(image, drawables, **arguments)
    except RuntimeError as error:
        assert len(image.get_layers()) == before, "a refusal left a layer"
        return str(error)
    return ""
