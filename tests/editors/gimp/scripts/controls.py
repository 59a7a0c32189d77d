"""The dialog's controls on a screen, without the dialog around them, and the arguments that they set."""

from __future__ import annotations

import sys
from typing import Any, Dict, List

from gi.repository import Gegl, Gimp

from .inside import filled_layer, native_format, new_image, read, write

PROCEDURE = "plug-in-gramarye"


def run(plugin: str) -> Any:
    """Return the results by name; ``plugin`` is the plugin's folder."""
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("GimpUi", "3.0")
    sys.path[1:1] = [plugin, f"{plugin}/lib"]
    from gramarye_gimp.daemon.blocking_run import poll_until, wait_until_ready
    from gramarye_gimp.daemon.connection import DaemonConnection
    from gramarye_protocol.messages import ListStyles

    daemon = DaemonConnection("test", plugin)
    daemon.connect_or_start()
    welcome = wait_until_ready(daemon)
    answers: List[Any] = []
    daemon.session.request(ListStyles(), answers.append)
    poll_until(daemon, lambda: bool(answers))
    styles = answers[0].styles
    return {
        "networks": _networks(welcome),
        "more": _more_settings(welcome),
        "regions": _regions(styles),
        "loaded": _load_settings(welcome, styles),
        "style": _style(styles),
        "layers": _layers(),
        "image gone": _image_gone(),
        "named": _named(),
        "second": _second_style(styles),
        "go on": _continue_last(),
        "eight": {kind: _variations(daemon, welcome, kind == "gray") for kind in ("colour", "gray")},
    }


def _config() -> Any:
    return Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()


def _networks(welcome: Any) -> Dict[str, Any]:
    """Choose the quick network and the default, set a network that is not installed, and reset."""
    from gi.repository import GimpUi

    from gramarye_gimp.document.pixels import read_source
    from gramarye_gimp.variation_requests import build_variation_requests
    from gramarye_gimp.widgets.settings.settings_column import SettingsColumn

    GimpUi.init(PROCEDURE)
    image = new_image()
    source = read_source(image, filled_layer(image))
    config = _config()
    config.set_property("style", "swirls")
    dialog = GimpUi.ProcedureDialog.new(Gimp.get_pdb().lookup_procedure(PROCEDURE), config, "test")
    column = SettingsColumn(dialog, config, source)
    column.fill(welcome)
    combo = column._choices["network"].widget

    def shown() -> List[str]:
        return [combo.get_active_text(), config.get_property("network") or ""]

    def sent() -> str:
        return str(build_variation_requests(config, source, welcome)[0].submit.network)

    found: Dict[str, Any] = {
        "label": column._labels["network"].get_text(),
        "help": combo.get_tooltip_text(),
        "entries": [[row[1], row[0]] for row in combo.get_model()],
        "is shown": combo.get_visible(),
        "at first": [*shown(), sent()],
    }
    combo.set_active_id("draft")
    found["quick"] = [*shown(), sent()]
    combo.set_active_id("")
    found["full"] = [*shown(), sent()]
    config.set_property("network", "vgg19-mat")  # as when saved settings are loaded
    found["saved"] = [*shown(), sent()]
    config.set_property("network", "")
    found["reset"] = [*shown(), sent()]
    dialog.destroy()
    return found


def _more_settings(welcome: Any) -> Dict[str, Any]:
    from gramarye_gimp.widgets.settings.advanced_settings import MoreSettings

    config = _config()
    config.set_property("recipe", '{"content_weight": 3.5}')
    more = MoreSettings(config)
    more.fill(welcome)
    grid = more.widget.get_child()
    rows: List[List[str]] = []
    while grid.get_child_at(1, len(rows)) != grid.get_child_at(0, len(rows)):  # the last row is one button
        label, widget = (grid.get_child_at(column, len(rows)) for column in (0, 1))
        rows.append([label.get_text(), _shown(widget), label.get_tooltip_text()])
    at = {row[0]: grid.get_child_at(1, place) for place, row in enumerate(rows)}
    back = grid.get_child_at(0, len(rows))
    found: Dict[str, Any] = {"rows": rows, "title": more.widget.get_label(), "back": back.get_label()}
    found["back at first"] = back.get_sensitive()
    at["Steps"].set_text("60")
    at["Stroke sizes"].set_text("0.5, 1.5")
    at["Start from"].set_active(2)
    at["Start recoloured"].set_active(2)
    found["set"] = [config.get_property("recipe"), more.validation_error]
    at["Steps"].set_text("many")
    found["wrong"] = [config.get_property("recipe"), more.validation_error, _icon(at["Steps"])]
    config.set_property("preset", "seed")
    found["placeholder of seed"] = at["Steps"].get_placeholder_text()
    at["Steps"].set_text("many")
    back.clicked()
    found["gone back"] = [
        config.get_property("recipe"),
        more.validation_error,
        _icon(at["Steps"]),
        at["Steps"].get_text(),
    ]
    config.set_property("recipe", '{"steps": 7}')  # as when saved settings are loaded
    found["loaded"] = at["Steps"].get_text()
    return found


def _shown(widget: Any) -> str:
    """Return an entry's placeholder, or a combo box's active text."""
    is_entry = hasattr(widget, "get_placeholder_text")
    return str((widget.get_placeholder_text() if is_entry else widget.get_active_text()) or "")


def _icon(entry: Any) -> bool:
    from gi.repository import Gtk

    return entry.get_icon_name(Gtk.EntryIconPosition.SECONDARY) is not None


def _regions(styles: Any) -> Dict[str, Any]:
    from gi.repository import Gtk

    from gramarye_gimp.widgets.settings.region_rows import RegionRows

    image = new_image()
    painted = filled_layer(image)
    filled_layer(image, name="sky")
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 1)
    filled_layer(image, name="member", parent=group)
    config, keep = _config(), Gtk.CheckButton()
    config.set_property("regions", '[{"layer": "gone", "style": "waves"}, {"layer": "group", "style": "waves"}]')
    rows = RegionRows(config, image, painted, keep)
    rows.fill(styles)
    _, box, add, _ = rows.widget.get_child().get_children()
    rows.save()
    found: Dict[str, Any] = {"of the image": config.get_property("regions"), "keep": keep.get_sensitive()}
    layers = box.get_children()[0].get_children()[0]
    found["layers"] = [row[0] for row in layers.get_model()]
    add.clicked()
    found["added"] = config.get_property("regions")
    layer, style, weight, _remove = box.get_children()[1].get_children()
    layer.set_active(2)
    style.set_active_id("swirls")
    weight.set_value(2.5)
    found["changed"] = config.get_property("regions")
    for row in box.get_children():
        row.get_children()[3].clicked()
    found["removed"] = [config.get_property("regions"), len(box.get_children()), keep.get_sensitive()]
    found.update(_other_regions(styles))
    return found


def _other_regions(styles: Any) -> Dict[str, Any]:
    """Add regions to an image of one opaque layer: without and with a selection, a channel and a mask."""
    from gi.repository import Gtk

    from gramarye_gimp.widgets.settings.region_rows import RegionRows

    image = new_image()
    photo = filled_layer(image, has_alpha=False, name="photo")
    bare = RegionRows(_config(), image, photo, Gtk.CheckButton())
    add = bare.widget.get_child().get_children()[2]
    found: Dict[str, Any] = {"nothing to add": [add.get_sensitive(), add.get_tooltip_text()]}
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    channel = Gimp.Channel.new(image, "hair", 80, 60, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    photo.add_mask(photo.create_mask(Gimp.AddMaskType.WHITE))
    config = _config()
    rows = RegionRows(config, image, photo, Gtk.CheckButton())
    rows.fill(styles)
    _, box, add, _ = rows.widget.get_child().get_children()
    for _ in range(4):
        add.clicked()
    found["items"] = [row[0] for row in box.get_children()[0].get_children()[0].get_model()]
    found["all"] = config.get_property("regions")
    return found


def _load_settings(welcome: Any, styles: Any) -> Dict[str, Any]:
    """Set every argument at once, as Load Saved Settings and Reset do; a control that answers would never end."""
    from gi.repository import GimpUi

    from gramarye_gimp.document.pixels import read_source
    from gramarye_gimp.widgets.settings.settings_column import SettingsColumn
    from gramarye_gimp.widgets.style_chooser import StyleChooser

    image = new_image()
    layer = filled_layer(image)
    filled_layer(image, name="sky")
    config, saved = _config(), _config()
    dialog = GimpUi.ProcedureDialog.new(Gimp.get_pdb().lookup_procedure(PROCEDURE), config, "test")
    column, chooser = SettingsColumn(dialog, config, read_source(image, layer)), StyleChooser(config, layer)
    column.fill(welcome)
    column.fill_styles(styles)
    chooser.gallery.fill(styles)
    saved.set_property("style", "waves")
    saved.set_property("second-style", "charcoal")
    saved.set_property("strength", 70)
    saved.set_property("network", "draft")
    saved.set_property("recipe", '{"steps": 20}')
    saved.set_property("regions", '[{"layer": "sky", "style": "waves", "weight": 1.0}]')
    empty = _config()
    found = {}
    for name, source in (("saved", saved), ("reset", empty), ("saved again", saved)):
        config.freeze_notify()
        for argument in ("style", "second-style", "strength", "network", "recipe", "regions"):
            config.set_property(argument, source.get_property(argument))
        config.thaw_notify()
        column.save()
        found[name] = [
            chooser.choice.name,
            config.get_property("strength"),
            config.get_property("network") or "",
            config.get_property("recipe") or "",
            config.get_property("regions") or "",
        ]
    dialog.destroy()
    return found


def _style(styles: Any) -> Dict[str, Any]:
    """Choose on each page; the arguments follow at once."""
    from gi.repository import Gio

    from gramarye_gimp.settings import style_from_config
    from gramarye_gimp.widgets.style_chooser import StyleChooser

    image = new_image()
    painted, other = filled_layer(image), filled_layer(image, name="other")
    config = _config()
    chooser = StyleChooser(config, painted)
    chooser.gallery.fill(styles)
    found: Dict[str, Any] = {"at first": [chooser.choice.name, config.get_property("style") or "", chooser.error]}
    chooser.gallery._flow.select_child(chooser.gallery._flow.get_child_at_index(3))
    found["gallery"] = [chooser.choice.name == styles[3].name, style_from_config(config).name == styles[3].name]
    chooser._stack.set_visible_child_name("file")
    found["no file"] = [any(style_from_config(config)), chooser.error]
    chooser._stack.set_visible_child_name("layer")
    layer = style_from_config(config).layer
    found["layer"] = [layer is not None and layer.get_id() == other.get_id(), chooser.error]
    config.set_property("style-layer", None)  # as when settings are loaded
    config.set_property("style-file", Gio.File.new_for_path(styles[0].name))
    config.set_property("style-file", None)
    config.set_property("style", styles[1].name)
    found["loaded"] = [chooser.choice.name == styles[1].name, config.get_property("style") == styles[1].name]
    image.remove_layer(other)
    for left in Gimp.get_images():
        if left.get_id() != image.get_id():
            left.delete()
    alone = StyleChooser(_config(), painted)
    alone._stack.set_visible_child_name("layer")
    found["no layer"] = [any(alone.choice), alone.error]
    return found


def _layers() -> Dict[str, Any]:
    """A painting offers the layer that it was painted from first, and its settings."""
    from gramarye_gimp.document.painting_note import paintable_layers, write_painting_note
    from gramarye_gimp.noted_arguments import arguments_to_json, set_arguments
    from gramarye_gimp.widgets.layer_choice import LayerChoice

    image = new_image()
    photo, painting = filled_layer(image, name="photo"), filled_layer(image, name="painting")
    config = _config()
    config.set_property("style", "waves")
    config.set_property("strength", 70)
    config.set_property("stroke", 2.0)
    config.set_property("style-layer", photo)
    write_painting_note(painting, photo, arguments_to_json(config))
    changes: List[str] = []
    used: List[str] = []
    choice = LayerChoice(paintable_layers(image, [painting]), lambda: changes.append("changed"), used.append)
    combo, button = choice.widget.get_children()[1], choice.widget.get_children()[2]
    found: Dict[str, Any] = {"offered": [row[0] for row in combo.get_model()], "chosen": choice.chosen[0].get_name()}
    combo.set_active(1)
    found["other"] = [choice.chosen[0].get_name(), changes]
    button.clicked()
    other = _config()
    set_arguments(other, used[0], image)
    found["settings"] = [other.get_property(name) for name in ("style", "strength", "stroke")]
    found["style layer"] = other.get_property("style-layer").get_name()
    single = LayerChoice(paintable_layers(image, [photo]), lambda: None, used.append)
    found["photo"] = [len(single.widget.get_children()), single.widget.get_children()[1].get_sensitive()]
    image.remove_layer(photo)
    found["source gone"] = [layer.get_name() for layers in paintable_layers(image, [painting]) for layer in layers]
    several = LayerChoice(paintable_layers(image, [painting, filled_layer(image)]), lambda: None, used.append)
    found["several"] = [row[0] for row in several.widget.get_children()[1].get_model()]
    return found


def _named() -> Dict[str, Any]:
    """Save settings under two names, choose one, and remove it."""
    from gramarye_gimp.noted_arguments import NamedArguments, set_arguments
    from gramarye_gimp.widgets.settings.named_settings import NamedSettings

    config, image = _config(), new_image()
    named = NamedSettings(config, NamedArguments(), lambda text: set_arguments(config, text, image))
    config.set_property("strength", 70)
    for name, strength in (("soft", 20), ("Hard, Straße", 90)):
        config.set_property("strength", strength)
        named._name.set_text(name)
        named._name.activate()
    found: Dict[str, Any] = {"names": [row[0] for row in named._combo.get_model()]}
    named._combo.set_active_id("soft")
    found["chosen"] = config.get_property("strength")
    named._remove_button.clicked()
    found["removed"] = [row[0] for row in named._combo.get_model()]
    found["read again"] = NamedArguments().names
    return found


def _image_gone() -> Dict[str, Any]:
    """Insert a painting whose image was closed, and one whose image was made grey."""
    from gramarye_gimp.document.insertion import Painting, insert
    from gramarye_gimp.document.pixels import read_source

    found = {}
    for what in ("closed", "grey"):
        image = new_image(Gimp.Precision.U16_LINEAR)
        source = read_source(image, filled_layer(image))
        if what == "closed":
            image.delete()
        else:
            image.convert_grayscale()
        (layer,) = insert(image, [Painting(source, source.pixels, "Gramarye swirls", False, "{}")])
        other = layer.get_image()
        found[what] = [
            layer.get_name(),
            other.get_precision() == Gimp.Precision.U16_LINEAR,
            read(layer, native_format(layer)) == bytes(source.pixels.data),
            len(other.get_layers()),
        ]
        other.delete()
    return found


def _second_style(styles: Any) -> Dict[str, Any]:
    from gi.repository import Gtk

    from gramarye_gimp.widgets.settings.second_style import SecondStyle

    config, mix = _config(), Gtk.Label()
    second = SecondStyle(config, mix)
    second.fill(styles)
    texts = [row[0] for row in second.widget.get_model()]
    before = [config.get_property("second-style") or "", mix.get_visible()]
    second.widget.set_active_id("waves")
    chosen = [config.get_property("second-style"), mix.get_visible()]
    config.set_property("second-style", "/pictures/night.png")
    shown = second.widget.get_active_text()
    config.set_property("second-style", "")
    return {
        "texts": texts,
        "before": before,
        "chosen": chosen,
        "file": shown,
        "after": [second.widget.get_active_text(), mix.get_visible()],
    }


def _continue_last() -> Dict[str, Any]:
    from gramarye_gimp.document.last_job import job_to_continue, note_last_job
    from gramarye_gimp.widgets.settings.continue_check import ContinueCheckBox

    layer = filled_layer(new_image())
    config = _config()
    bare = ContinueCheckBox(config, layer)
    bare.save()
    found = {
        "bare": [bare.widget.get_visible(), config.get_property("continues") or "", job_to_continue(config, layer)]
    }
    note_last_job(layer, "job7")
    box = ContinueCheckBox(config, layer)
    box.save()
    found["on"] = [box.widget.get_visible(), box.widget.get_active(), job_to_continue(config, layer)]
    box.widget.set_active(False)
    box.save()
    found["off"] = [config.get_property("continues"), job_to_continue(config, layer)]
    found["stays off"] = [ContinueCheckBox(config, layer).widget.get_active()]
    return found


def _variations(daemon: Any, welcome: Any, is_gray: bool) -> Dict[str, Any]:
    """Build the requests for a large layer whose left half is selected, and paint the first."""
    from gramarye_gimp.daemon.blocking_run import paint
    from gramarye_gimp.document.pixels import read_source
    from gramarye_gimp.downscale import to_rgba
    from gramarye_gimp.progress_bar import GimpProgress
    from gramarye_gimp.settings import settings_from_config
    from gramarye_gimp.variation_requests import apply_variation, build_variation_requests

    base = Gimp.ImageBaseType.GRAY if is_gray else Gimp.ImageBaseType.RGB
    image = Gimp.Image.new_with_precision(640, 400, base, Gimp.Precision.U16_LINEAR)
    kind = Gimp.ImageType.GRAY_IMAGE if is_gray else Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, "layer", 600, 400, kind, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    colour = (180, 180, 180) if is_gray else (200, 120, 40)
    write(layer, "R'G'B' u8", bytes(colour) * (600 * 400))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 300, 400)
    config = _config()
    config.set_property("style", "swirls")
    config.set_property("recipe", '{"steps": 4}')
    config.set_property("regions", '[{"layer": "layer", "style": "waves"}]')
    requests = build_variation_requests(config, read_source(image, layer), welcome)
    submit = requests[0].submit
    selected, region = submit.mask, submit.styles[1].mask
    assert selected is not None
    assert region is not None
    painted = paint(daemon, submit, GimpProgress("small"))
    apply_variation(config, requests[0].variation)
    whole, middle = to_rgba(painted.pixels), 4 * (submit.pixels.width * (submit.pixels.height // 2) + 40)
    return {
        "count": len(requests),
        "size": [submit.pixels.width, submit.pixels.height, submit.pixels.layout, submit.pixels.depth],
        "colour": max(abs(one - other) for one, other in zip(_colour(submit.pixels), colour)),
        "selected": [selected.data[0], selected.data[-1], len(selected.data)],
        "region": [len(submit.styles), min(region.data), len(region.data)],
        "steps": submit.recipe["steps"],
        "seen": [whole.layout, whole.data[middle + 3], whole.data[3 - 4 + 4 * submit.pixels.width]],
        "taken": [settings_from_config(config).strength, round(settings_from_config(config).stroke, 3)],
        "title": submit.title,
    }


def _colour(pixels: Any) -> List[int]:
    grey = bytes(pixels.data[:1]) * 3
    return list(grey if pixels.layout == "GRAYA" else bytes(pixels.data[:3]))
