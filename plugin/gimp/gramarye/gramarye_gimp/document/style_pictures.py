"""Load the chosen style for a request."""

from __future__ import annotations

import os
from typing import Any

from gi.repository import Gimp, Gio, GLib

from gramarye_plugin.settings import ChosenStyle

from ..failures import paint_error
from ..settings import StyleChoice
from .pixels import read_style_picture


def style_from_choice(choice: StyleChoice) -> ChosenStyle:
    """Return the style of ``choice``. Errors: ``no-style``, ``picture-missing``, ``picture-unreadable``."""
    if choice.layer is not None:
        return _style_from_layer(choice.layer)
    if choice.file is not None:
        return _style_from_file(choice.file)
    if choice.name:
        return _known_style(choice.name)
    raise paint_error(
        "no-style", "No style is chosen.", "Choose one of the gallery's styles, a picture file, or another layer."
    )


def style_from_text(text: str) -> ChosenStyle:
    """Return the picture at a path, or the known style with this name. A path has a slash, or its file exists.

    Errors: ``picture-missing``, ``picture-unreadable``.
    """
    is_path = "/" in text or os.sep in text or os.path.isfile(text)
    return _style_from_file(Gio.File.new_for_path(text)) if is_path else _known_style(text)


def _known_style(name: str) -> ChosenStyle:
    return ChosenStyle(name.replace("-", " ").replace("_", " "), name=name)


def _style_from_layer(layer: Any) -> ChosenStyle:
    title = layer.get_name()
    if layer.get_image().get_base_type() != Gimp.ImageBaseType.INDEXED:
        return ChosenStyle(title, picture=read_style_picture(layer.get_image(), layer))
    image = Gimp.Image.new(layer.get_width(), layer.get_height(), Gimp.ImageBaseType.RGB)
    try:
        copy = Gimp.Layer.new_from_drawable(layer, image)
        image.insert_layer(copy, None, 0)
        return ChosenStyle(title, picture=read_style_picture(image, copy))
    finally:
        image.delete()


def _style_from_file(file: Any) -> ChosenStyle:
    """Load a picture file of any format that GIMP can read."""
    name = file.get_basename()
    if not file.query_exists(None):
        message = f"There is no file {file.get_parse_name()}."
        raise paint_error("picture-missing", message, "Choose another picture, or check the path.")
    try:
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    except GLib.Error as error:
        raise _unreadable_error(name, error.message) from None
    if image is None:
        raise _unreadable_error(name, "GIMP cannot read it")
    try:
        if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            image.convert_rgb()
        merged = image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        return ChosenStyle(os.path.splitext(name)[0], picture=read_style_picture(image, merged))
    finally:
        image.delete()


def _unreadable_error(name: str, why: str) -> Any:
    return paint_error("picture-unreadable", f"{name} cannot be used as a style: {why}.", "Choose another picture.")
