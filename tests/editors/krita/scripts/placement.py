"""Paints with each place for the result: above the layer and its paintings, directly above it, and in its place."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QComboBox
from inside import (
    app,
    begin_painting,
    canvas,
    choose,
    docker,
    document,
    fill,
    find_widget,
    hide_other_dockers,
    is_idle,
    names,
    noise,
    opened_picture,
    pixels,
    plugin_is_ready,
    redo,
    screenshot,
    set_paint_settings,
    studio,
    undo,
)

from krita import Selection

QUICK = {"steps": 6, "sketch": 0, "scales": 1}
SELECTED = (60, 40, 120, 100)
SELECTED_LEFT, SELECTED_BELOW, LEFT_OUT = (60, 40, 60, 100), (120, 90, 60, 50), (120, 40, 60, 50)
"""Two parts of the rectangle, which are selected together, and the rest of it."""


def set_placement(value):
    combo = docker().findChild(QComboBox, "gramarye_placement")
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def painted():
    """Paint and wait until the result is in the document."""
    yield from begin_painting()
    yield is_idle
    yield 0.7


def source_of(doc):
    node = doc.rootNode().childNodes()[0]
    doc.setActiveNode(node)
    yield 0.3
    return node


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    choose("watercolour")
    set_paint_settings(recipe=QUICK)

    doc = opened_picture()
    yield 1.0
    yield from painted()
    set_paint_settings(strength=60)
    yield from painted()
    set_paint_settings(strength=70)
    set_placement("active")
    yield from painted()
    results["above"] = names(doc)

    # in place of the layer
    doc = opened_picture()
    yield 1.0
    before = canvas(doc)
    set_placement("replace")
    node = yield from source_of(doc)
    node.setName("sea")
    node.setOpacity(200)
    node.setColorLabel(3)
    yield from painted()
    copy = doc.rootNode().childNodes()[0]
    after = canvas(doc)
    results["replaced"] = [names(doc), after != before, copy.opacity(), copy.colorLabel(), doc.activeNode().name()]
    screenshot("krita-replaced")
    undo()
    doc.waitForDone()
    yield 0.7
    node.setOpacity(255)
    results["undone"] = [names(doc), canvas(doc) == before]
    node.setOpacity(200)
    redo()
    doc.waitForDone()
    yield 0.7
    results["redone"] = [names(doc), canvas(doc) == after]
    app.action("gramarye_again").trigger()
    yield lambda: not is_idle()
    yield is_idle
    yield 0.7
    results["again"] = [names(doc), studio().last_refusal is None]

    # a selection in a 16-bit document; what is transparent stays so
    doc = document(320, 240, depth="U16")
    yield 0.5
    node = yield from source_of(doc)
    fill(node, noise(8 * 320 * 240), 0, 0, 320, 240)
    fill(node, bytes(8 * 320 * 20), 0, 50, 320, 20)
    doc.refreshProjection()
    doc.waitForDone()
    before = pixels(node)
    selection = Selection()
    selection.select(*SELECTED, 255)
    doc.setSelection(selection)
    yield 0.3
    yield from painted()
    after = pixels(doc.rootNode().childNodes()[0])
    results["selected"] = [names(doc), *_changes(before, after, 320, 8)]

    # a new layer that is painted whole, with the selection as its mask
    set_placement("masked")
    selection, other = Selection(), Selection()
    other.select(*SELECTED_BELOW, 255)
    selection.select(*SELECTED_LEFT, 255)
    selection.add(other)
    doc.setSelection(selection)
    node = yield from source_of(doc)
    yield from painted()
    layer = doc.rootNode().childNodes()[1]
    results["masked"] = _masked(doc, node, layer)
    screenshot("krita-masked-layer")
    undo()
    doc.waitForDone()
    results["masked_undone"] = names(doc)[:2]
    redo()
    doc.waitForDone()
    yield 0.5
    results["masked_redone"] = _masked(doc, node, doc.rootNode().childNodes()[1])
    undo()
    doc.waitForDone()
    doc.setSelection(None)
    set_placement("replace")
    yield 0.5

    # a layer that cannot be replaced
    node = yield from source_of(doc)
    node.setLocked(True)
    yield from painted()
    results["locked"] = [len(names(doc)), find_widget("said").text()]
    return results


def _masked(doc, source, layer):
    """Return the mask's kind and values, and whether the layer is painted and the canvas changed where it hides."""
    (mask,) = layer.childNodes()
    parts = (SELECTED_LEFT, SELECTED_BELOW, LEFT_OUT)
    values = [bytes(mask.pixelData(x + 5, y + 5, 1, 1))[0] for x, y, _, _ in parts]
    original, painting, shown = (bytes(read(*LEFT_OUT)) for read in (source.pixelData, layer.pixelData, doc.pixelData))
    painted = [bytes(painting[place : place + 6]) for place in range(0, len(painting), 8)]
    kept = [bytes(original[place : place + 6]) for place in range(0, len(original), 8)]
    has_alpha = [painting[place : place + 2] for place in range(6, len(painting), 8)]
    return [
        mask.type(),
        mask.name(),
        values,
        painted != kept,
        has_alpha == [original[place : place + 2] for place in range(6, len(original), 8)],
        shown == original,
    ]


def _changes(before, after, width, size):
    """Return whether pixels inside the selection, outside, and transparent ones have changed."""
    x, y, across, down = SELECTED
    inside = outside = transparent = False
    for place in range(len(before) // size):
        old, new = before[size * place : size * (place + 1)], after[size * place : size * (place + 1)]
        row, column = divmod(place, width)
        is_inside = y <= row < y + down and x <= column < x + across
        inside = inside or (is_inside and old != new)
        outside = outside or (not is_inside and old != new)
        transparent = transparent or (old[6:] != new[6:] and old[6:] == b"\0\0")
    return [inside, outside, transparent]
