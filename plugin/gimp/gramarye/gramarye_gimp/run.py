"""One call of the filter, from the dialog or a script to the new layer."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from typing import Any, Callable, List

from gi.repository import Gimp, GLib, GObject

from gramarye_protocol.messages import Result, Submit, Welcome

from .daemon.blocking_run import paint, wait_until_ready
from .daemon.connection import DaemonConnection
from .document.insertion import Painting, insert
from .document.last_job import job_to_continue, note_last_job
from .document.painting_note import paintable_layers
from .document.pixels import Source, check_layers, read_source
from .failures import PaintCancelled, PaintError
from .noted_arguments import arguments_to_json, recall_arguments, remember_arguments
from .progress_bar import GimpProgress, PrintedProgress
from .request import all_styles, request, to_paint
from .settings import settings_from_config
from .translations import tr

PLUGIN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The plugin's folder, which has ``backend.json``."""

PREVIEW_SIDE = 1024
"""Longest side of the previews, in pixels; the window can enlarge them."""


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
    choices = [list(drawables)] if mode == Gimp.RunMode.NONINTERACTIVE else paintable_layers(image, drawables)
    layers = choices[0]
    check_layers(image, layers)
    daemon = DaemonConnection(f"gimp {Gimp.version()}", PLUGIN_FOLDER)
    daemon.connect_or_start()
    paintings: List[Painting] = []
    try:
        if mode == Gimp.RunMode.INTERACTIVE:
            layers = _open_dialog(procedure, config, daemon, image, choices)
        welcome = wait_until_ready(daemon)
        for layer in layers:
            paintings.append(_paint_one(daemon, read_source(image, layer), config, welcome, mode))
    except (PaintError, PaintCancelled):
        if paintings:  # those that are finished are kept
            insert(image, paintings)
        raise
    finally:
        daemon.close()
    return insert(image, paintings)[-1]


def _paint_one(daemon: DaemonConnection, source: Source, config: Any, welcome: Welcome, mode: Any) -> Painting:
    submit = _build_request(source, config, welcome, mode == Gimp.RunMode.INTERACTIVE)
    result = _paint_or_restart(daemon, submit, lambda: _make_progress(source, submit.title, mode))
    note_last_job(source.layer, result.job)
    keeps_blending = config.get_property("keep-blending")
    return Painting(source, result.pixels, submit.title, keeps_blending, arguments_to_json(config))


def _paint_or_restart(daemon: DaemonConnection, submit: Submit, progress: Callable[[], GimpProgress]) -> Result:
    """Paint; if the earlier job cannot be continued, show a message and paint from the start."""
    try:
        return paint(daemon, submit, progress())
    except PaintError as error:
        if error.refused.code != "continues-unfit":
            raise
        Gimp.message(f"{tr(error.refused.message)} {tr('The layer is painted from the start.')}")
        return paint(daemon, replace(submit, continues=""), progress())


def _open_dialog(
    procedure: Any, config: Any, daemon: DaemonConnection, image: Any, choices: List[List[Any]]
) -> List[Any]:
    """Open the dialog, with the arguments that were set last; return the layers to paint, one of ``choices``.

    Its modules are imported here because they need a display, which scripts may not have.
    """
    from gi.repository import GimpUi

    from .widgets.dialog import run_dialog

    GimpUi.init("gramarye")
    recall_arguments(config, image)
    try:
        return run_dialog(procedure, config, daemon, image, choices)
    finally:
        remember_arguments(config)


def _make_progress(source: Source, title: str, mode: Any) -> GimpProgress:
    if mode == Gimp.RunMode.NONINTERACTIVE:
        return PrintedProgress(title, sys.stdout)
    if mode != Gimp.RunMode.INTERACTIVE:
        return GimpProgress(title)
    from .widgets.preview_window import PreviewWindow

    thumbnail = source.layer.get_thumbnail(PREVIEW_SIDE, PREVIEW_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
    return PreviewWindow(title, thumbnail, PREVIEW_SIDE)


def _build_request(source: Source, config: Any, welcome: Welcome, has_window: bool) -> Submit:
    styles, paint_settings = all_styles(config, source), settings_from_config(config)
    continues = job_to_continue(config, source.layer)
    submit = request(to_paint(config, source), styles, paint_settings, welcome, continues)
    preview_every = submit.watch.preview_every if has_window else 0.0
    return replace(submit, watch=replace(submit.watch, preview_every=preview_every, preview_side=PREVIEW_SIDE))


def _to_glib_error(sentence: str) -> Any:
    return GLib.Error.new_literal(Gimp.PlugIn.error_quark(), sentence, 0)
