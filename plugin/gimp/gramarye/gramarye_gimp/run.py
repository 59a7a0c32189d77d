"""One call of the filter, from the click or the script to the new layer."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from typing import Any, Callable

from gi.repository import Gimp, GLib, GObject

from gramarye_protocol.messages import Result, Submit, Welcome

from .daemon.blocking_run import paint, reach
from .daemon.connection import Daemon
from .document.last_job import continued, remember
from .document.pixels import Source, insert, source
from .failures import Stopped, Trouble
from .request import all_styles, request
from .settings import wishes_of
from .widgets.progress_bar import Progress

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
            _ask(procedure, config, daemon, found)
            found = source(image, drawables)  # the user may have drawn on it meanwhile
        submit = _request(found, config, reach(daemon), is_interactive)
        result = _result(daemon, submit, lambda: _progress(found, submit.title, is_interactive))
    finally:
        daemon.close()
    remember(found.layer, result.job)
    return insert(found, result.pixels, submit.title)


def _result(daemon: Daemon, submit: Submit, progress: Callable[[], Progress]) -> Result:
    """The painting; from the start, and saying so, where the earlier one cannot be gone on from."""
    try:
        return paint(daemon, submit, progress())
    except Trouble as error:
        if error.refused.code != "continues-unfit":
            raise
        Gimp.message(f"{error.refused.message} The layer is painted from the start.")
        return paint(daemon, replace(submit, continues=""), progress())


def _ask(procedure: Any, config: Any, daemon: Daemon, found: Source) -> None:
    """Open the dialog. Its modules need a screen, which scripts run without."""
    from gi.repository import GimpUi

    from .widgets.dialog import ask

    GimpUi.init("gramarye")
    ask(procedure, config, daemon, found)


def _progress(found: Source, title: str, is_interactive: bool) -> Progress:
    if not is_interactive:
        return Progress(title)
    from .widgets.preview_window import PreviewWindow

    thumbnail = found.layer.get_thumbnail(PREVIEW_SIDE, PREVIEW_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
    return PreviewWindow(title, thumbnail, PREVIEW_SIDE)


def _request(found: Source, config: Any, welcome: Welcome, has_window: bool) -> Submit:
    styles, paint_settings = all_styles(config, found), wishes_of(config)
    submit = request(found, styles, paint_settings, welcome, continued(config, found.layer))
    preview_every = submit.watch.preview_every if has_window else 0.0
    return replace(submit, watch=replace(submit.watch, preview_every=preview_every, preview_side=PREVIEW_SIDE))


def _error(sentence: str) -> Any:
    return GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
