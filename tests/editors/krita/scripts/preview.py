"""Looks at the canvas, at exported files and at the saved document while a preview is in the document."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    ENDLESS,
    VALUES,
    app,
    begin_painting,
    canvas,
    choose,
    click,
    close_document,
    find_widget,
    hide_other_dockers,
    is_idle,
    names,
    plugin_is_ready,
    preview_of,
    screenshot,
    set_paint_settings,
    studio,
    trigger,
    undo,
)

from krita import InfoObject, Selection

SELECTED = (40, 30, 120, 90)


def changed(before, after, width):
    """Return whether pixels inside, and whether pixels outside the selection differ."""
    x, y, across, down = SELECTED
    inside, outside = [], []
    for place in range(len(before) // 4):
        row, column = divmod(place, width)
        is_inside = y <= row < y + down and x <= column < x + across
        (inside if is_inside else outside).append(before[4 * place : 4 * place + 4] != after[4 * place : 4 * place + 4])
    return [any(inside), any(outside)]


def export(doc, name):
    doc.exportImage(os.path.join(VALUES["folder"], name), InfoObject())


def undo_after_a_change(doc, before):
    """Change the layer while it is painted, cancel, and undo everything; yield waits, return what each undo shows."""
    yield from begin_painting()
    preview = studio().paint_run._preview
    yield lambda: preview.shown > 0 and doc.activeNode().name() == "Background"
    yield 0.3
    trigger("fill_selection_foreground_color")
    doc.waitForDone()
    yield 0.5
    filled = canvas(doc)
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    shown = [[names(doc), canvas(doc) != before]]
    for _ in range(3):
        undo()
        doc.waitForDone()
        yield 0.5
        group = preview_of(doc)
        if group is not None:
            pixels = bytes(group.childNodes()[0].pixelData(0, 0, doc.width(), doc.height()))
            shown.append([names(doc), group.locked(), group.visible(), any(pixels), canvas(doc) == before])
        else:
            shown.append([names(doc), canvas(doc) == before])
    return [filled != before, shown]


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    doc = app.openDocument(VALUES["picture"])
    doc.setBatchmode(True)
    app.activeWindow().addView(doc)
    yield 1.0
    before = canvas(doc)
    choose("waves")
    set_paint_settings(recipe=ENDLESS)

    # the whole layer, before its first preview
    yield from begin_painting()
    preview = studio().paint_run._preview
    show, preview.show = preview.show, lambda _pixels: None
    yield lambda: studio().paint_run.view is not None and studio().paint_run.view.progress is not None
    yield 0.5
    results["at_first"] = [preview.shown, names(doc), canvas(doc) == before]
    screenshot("krita-before-preview")
    export(doc, "at-first.png")
    preview.show = show
    yield lambda: preview.shown > 0
    yield 0.3
    results["formed"] = [canvas(doc) != before, preview_of(doc) is not None]
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["cancelled"] = [names(doc), canvas(doc) == before]

    results["undone"] = yield from undo_after_a_change(doc, before)
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3

    # a selection
    selection = Selection()
    selection.select(*SELECTED, 255)
    doc.setSelection(selection)
    yield 0.3
    yield from begin_painting()
    preview = studio().paint_run._preview
    yield lambda: preview.shown > 0
    yield 0.5
    results["selected"] = changed(before, canvas(doc), doc.width())
    screenshot("krita-preview-selection")
    export(doc, "selected.png")

    # saved meanwhile
    saved = os.path.join(VALUES["folder"], "meanwhile.kra")
    results["saved"] = doc.saveAs(saved)
    yield 0.5
    results["goes_on"] = not is_idle() and preview_of(doc) is not None
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["kept"] = names(doc)
    close_document(doc)
    yield 0.5
    again = app.openDocument(saved)
    again.setBatchmode(True)
    app.activeWindow().addView(again)
    yield 1.0
    results["opened"] = [names(again), canvas(again) == before, again.modified()]
    return results
