"""The dialog's controls on a screen, without the dialog around them, and the arguments that they set."""

from __future__ import annotations

import sys
from typing import Any, Dict, List

from gi.repository import Gimp

from .inside import filled_layer, new_image, write

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
    from gramarye_gimp.widgets.settings_column import SettingsColumn

    GimpUi.init(PROCEDURE)
    image = new_image()
    source = read_source(image, [filled_layer(image)])
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
    from gramarye_gimp.widgets.advanced_settings import MoreSettings

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

    from gramarye_gimp.widgets.region_rows import RegionRows

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
    found: Dict[str, Any] = {"of the image": config.get_property("regions"), "keep": keep.get_sensitive()}
    layers = box.get_children()[0].get_children()[0]
    found["layers"] = [row[0] for row in layers.get_model()]
    add.clicked()
    found["added"] = config.get_property("regions")
    layer, style, weight, _remove = box.get_children()[1].get_children()
    layer.set_active_id("member")
    style.set_active_id("swirls")
    weight.set_value(2.5)
    found["changed"] = config.get_property("regions")
    for row in box.get_children():
        row.get_children()[3].clicked()
    found["removed"] = [config.get_property("regions"), len(box.get_children()), keep.get_sensitive()]
    return found


def _second_style(styles: Any) -> Dict[str, Any]:
    from gi.repository import Gtk

    from gramarye_gimp.widgets.second_style import SecondStyle

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
    from gramarye_gimp.widgets.continue_check import ContinueCheckBox

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
    requests = build_variation_requests(config, read_source(image, [layer]), welcome)
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
