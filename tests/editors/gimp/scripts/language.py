"""Refusals, and labels of the dialog, in the language that the environment asks for."""

from __future__ import annotations

import sys
from typing import Any

from gi.repository import Gimp

from .inside import error_message, new_image


def run(plugin: str) -> Any:
    """Return the texts by name; ``plugin`` is the plugin's folder."""
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("GimpUi", "3.0")
    sys.path[1:1] = [plugin, f"{plugin}/lib"]
    from gi.repository import GimpUi

    from gramarye_gimp.widgets.style_chooser import StyleChooser

    GimpUi.init("test")
    image = new_image()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    config = Gimp.get_pdb().lookup_procedure("plug-in-gramarye").create_config()
    pages = StyleChooser(config, group)._stack
    return {
        "none": error_message(image, [], style="swirls"),
        "group": error_message(image, [group], style="swirls"),
        "pages": [pages.child_get_property(page, "title") for page in pages.get_children()],
    }
