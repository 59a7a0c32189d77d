"""One call of the filter, from the dialog or a script to the new layer."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from typing import Any, Callable

from gi.repository import Gimp, GLib, GObject

from gramarye_protocol.messages import Result, Submit, Welcome

from .daemon.blocking_run import paint, wait_until_ready
from .daemon.connection import DaemonConnection
from .document.last_job import job_to_continue, note_last_job
from .document.pixels import Source, insert, read_source
from .failures import PaintCancelled, PaintError
from .progress_bar import GimpProgress
from .request import all_styles, request
from .settings import settings_from_config
from .translations import tr

PLUGIN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The plugin's folder, which has ``backend.json``."""

PREVIEW_SIDE = 560
"""Longest side of the preview in the window, in pixels."""


def paint_layer(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, _data: Any) -> Any:
    """Run the procedure; GIMP calls this. Every error is returned to GIMP as one sentence."""
    status = Gimp.PDBStatusType
    try:
        layer = _paint(procedure, mode, image, drawables, config)
    except PaintCancelled:
        return procedure.new_return_values(status.CANCEL, None)
    except PaintError as error:
        return procedure.new_return_values(status.EXECUTION_ERROR, _to_glib_error(error.translated(tr)))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        report = f"Gramarye made a mistake: {type(error).__name__}: {error}. Please report it, with GIMP's output."
        return procedure.new_return_values(status.EXECUTION_ERROR, _to_glib_error(report))
    values = procedure.new_return_values(status.SUCCESS, None)
    values.remove(1)
    values.insert(1, GObject.Value(Gimp.Layer, layer))
    return values


def _paint(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any) -> Any:
    source = read_source(image, drawables)
    daemon = DaemonConnection(f"gimp {Gimp.version()}", PLUGIN_FOLDER)
    daemon.connect_or_start()
    is_interactive = mode == Gimp.RunMode.INTERACTIVE
    try:
        if is_interactive:
            _open_dialog(procedure, config, daemon, source)
            source = read_source(image, drawables)  # the user may have changed the layer meanwhile
        submit = _build_request(source, config, wait_until_ready(daemon), is_interactive)
        result = _paint_or_restart(daemon, submit, lambda: _make_progress(source, submit.title, is_interactive))
    finally:
        daemon.close()
    note_last_job(source.layer, result.job)
    return insert(source, result.pixels, submit.title)


def _paint_or_restart(daemon: DaemonConnection, submit: Submit, progress: Callable[[], GimpProgress]) -> Result:
    """Paint; if the earlier job cannot be continued, show a message and paint from the start."""
    try:
        return paint(daemon, submit, progress())
    except PaintError as error:
        if error.refused.code != "continues-unfit":
            raise
        Gimp.message(f"{tr(error.refused.message)} {tr('The layer is painted from the start.')}")
        return paint(daemon, replace(submit, continues=""), progress())


def _open_dialog(procedure: Any, config: Any, daemon: DaemonConnection, source: Source) -> None:
    """Open the dialog. Its modules are imported here because they need a display, which scripts may not have."""
    from gi.repository import GimpUi

    from .widgets.dialog import run_dialog

    GimpUi.init("gramarye")
    run_dialog(procedure, config, daemon, source)


def _make_progress(source: Source, title: str, is_interactive: bool) -> GimpProgress:
    if not is_interactive:
        return GimpProgress(title)
    from .widgets.preview_window import PreviewWindow

    thumbnail = source.layer.get_thumbnail(PREVIEW_SIDE, PREVIEW_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
    return PreviewWindow(title, thumbnail, PREVIEW_SIDE)


def _build_request(source: Source, config: Any, welcome: Welcome, has_window: bool) -> Submit:
    styles, paint_settings = all_styles(config, source), settings_from_config(config)
    submit = request(source, styles, paint_settings, welcome, job_to_continue(config, source.layer))
    preview_every = submit.watch.preview_every if has_window else 0.0
    return replace(submit, watch=replace(submit.watch, preview_every=preview_every, preview_side=PREVIEW_SIDE))


def _to_glib_error(sentence: str) -> Any:
    return GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
