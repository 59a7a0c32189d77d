"""One call of the filter, from the click or the script to the new layer."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from typing import Any

from gi.repository import Gimp, GLib, GObject

from gramarye_plugin.wishes import submission
from gramarye_protocol.messages import Submit, Welcome

from .daemon import Daemon
from .pixels import Source, insert, source
from .progress import Progress
from .settings import style_of, wishes_of
from .sitting import paint, reach
from .styles import chosen
from .trouble import Stopped, Trouble, trouble

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The plugin's: its backend is recorded there."""

PREVIEW_SIDE = 560
"""Pixels of the longest side of the picture in the window."""


def paint_layer(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, _data: Any) -> Any:
    """What GIMP calls. Whatever goes wrong is told in a sentence."""
    status = Gimp.PDBStatusType
    try:
        layer = _painted(procedure, mode, image, drawables, config)
    except Stopped:
        return procedure.new_return_values(status.CANCEL, None)
    except Trouble as error:
        return procedure.new_return_values(status.EXECUTION_ERROR, _error(str(error)))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        said = f"Gramarye made a mistake: {type(error).__name__}: {error}. Please report it, with GIMP's output."
        return procedure.new_return_values(status.EXECUTION_ERROR, _error(said))
    values = procedure.new_return_values(status.SUCCESS, None)
    values.remove(1)
    values.insert(1, GObject.Value(Gimp.Layer, layer))
    return values


def _painted(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any) -> Any:
    found = source(image, drawables)
    daemon = Daemon(f"gimp {Gimp.version()}", FOLDER)
    daemon.seek()
    is_interactive = mode == Gimp.RunMode.INTERACTIVE
    try:
        if is_interactive:
            _ask(procedure, config, daemon)
            found = source(image, drawables)  # the user may have drawn on it meanwhile
        welcome = reach(daemon)
        submit = _request(found, config, welcome, is_interactive)
        result = paint(daemon, submit, _progress(found, submit.title, is_interactive))
    finally:
        daemon.close()
    return insert(found, result.pixels, submit.title)


def _ask(procedure: Any, config: Any, daemon: Daemon) -> None:
    """Open the dialog. Its modules need a screen, which scripts run without."""
    from gi.repository import GimpUi

    from .dialog import ask

    GimpUi.init("gramarye")
    ask(procedure, config, daemon)


def _progress(found: Source, title: str, is_interactive: bool) -> Progress:
    if not is_interactive:
        return Progress(title)
    from .preview import PreviewWindow

    thumbnail = found.layer.get_thumbnail(PREVIEW_SIDE, PREVIEW_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
    return PreviewWindow(title, thumbnail, PREVIEW_SIDE)


def _request(found: Source, config: Any, welcome: Welcome, has_window: bool) -> Submit:
    """What is sent: the job ends with this process, which GIMP kills when its progress bar's Cancel is pressed."""
    wishes = wishes_of(config)
    style = chosen(style_of(config))
    try:
        submit = submission(found.pixels, (style,), wishes, welcome, found.selection)
    except KeyError:
        known = ", ".join(welcome.presets)
        message = f"There is no recipe named {wishes.preset!r}."
        raise trouble("recipe-unknown-preset", message, f"Recipes: {known}.") from None
    preview_every = submit.watch.preview_every if has_window else 0.0
    watch = replace(submit.watch, preview_every=preview_every, preview_side=PREVIEW_SIDE, ends_with_client=True)
    return replace(submit, watch=watch)


def _error(sentence: str) -> Any:
    return GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
