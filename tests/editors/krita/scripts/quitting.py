"""Quits Krita while it paints."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    ENDLESS,
    VALUES,
    app,
    begin_painting,
    choose,
    document,
    fill,
    noise,
    plugin_is_ready,
    set_paint_settings,
    studio,
)


def run():
    yield plugin_is_ready()
    doc = document()
    yield 0.5
    fill(doc.rootNode().childNodes()[0], noise(4 * 96 * 80), 0, 0, 96, 80)
    choose("waves")
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield lambda: studio().paint_run.view is not None and studio().paint_run.view.progress is not None
    with open(VALUES["job"], "w", encoding="utf-8") as file:
        file.write(studio().paint_run._painting.job)
    doc.setModified(False)
    app.action("file_quit").trigger()
    yield lambda: False  # until Krita has ended
