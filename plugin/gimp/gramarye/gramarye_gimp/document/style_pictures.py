"""The style that was chosen, as the request carries it."""

from __future__ import annotations

import os
from typing import Any

from gi.repository import Gimp, Gio, GLib

from gramarye_plugin.settings import ChosenStyle

from ..failures import trouble
from ..settings import StyleWish
from .pixels import picture_of


def chosen(wish: StyleWish) -> ChosenStyle:
    """Errors: ``no-style``, ``picture-unreadable``."""
    if wish.layer is not None:
        return _of_layer(wish.layer)
    if wish.file is not None:
        return _of_file(wish.file)
    if wish.name:
        return _known(wish.name)
    raise trouble("no-style", "No style is chosen.", "Choose one of the gallery, a picture file, or another layer.")


def named(text: str) -> ChosenStyle:
    """A style that the daemon knows, or the picture at a path. Errors: ``picture-unreadable``."""
    return _of_file(Gio.File.new_for_path(text)) if os.path.isabs(text) else _known(text)


def _known(name: str) -> ChosenStyle:
    return ChosenStyle(name.replace("-", " ").replace("_", " "), name=name)


def _of_layer(layer: Any) -> ChosenStyle:
    title = layer.get_name()
    if layer.get_image().get_base_type() != Gimp.ImageBaseType.INDEXED:
        return ChosenStyle(title, picture=picture_of(layer.get_image(), layer))
    image = Gimp.Image.new(layer.get_width(), layer.get_height(), Gimp.ImageBaseType.RGB)
    try:
        copy = Gimp.Layer.new_from_drawable(layer, image)
        image.insert_layer(copy, None, 0)
        return ChosenStyle(title, picture=picture_of(image, copy))
    finally:
        image.delete()


def _of_file(file: Any) -> ChosenStyle:
    """GIMP reads it, so it may be of any kind that GIMP knows."""
    name = file.get_basename()
    try:
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    except GLib.Error as error:
        raise _unreadable(name, error.message) from None
    if image is None:
        raise _unreadable(name, "GIMP cannot read it")
    try:
        if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            image.convert_rgb()
        merged = image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        return ChosenStyle(os.path.splitext(name)[0], picture=picture_of(image, merged))
    finally:
        image.delete()


def _unreadable(name: str, why: str) -> Any:
    return trouble("picture-unreadable", f"{name} cannot be used as a style: {why}.", "Choose another picture.")
