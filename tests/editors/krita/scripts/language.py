"""Refuses to paint an empty layer, and a value that is out of range, in Krita's language."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QLineEdit
from inside import VALUES, app, choose, click, docker, document, find_widget, plugin_is_ready, screenshot


def run():
    yield plugin_is_ready()
    results = {"paint": find_widget("paint").text(), "menu": app.action("gramarye_open").text()}
    choose("waves")
    doc = document(96, 80)
    empty = doc.createNode("Nichts & 無", "paintlayer")
    doc.rootNode().addChildNode(empty, None)
    doc.setActiveNode(empty)
    doc.waitForDone()
    yield 0.5
    click(find_widget("paint"))
    yield lambda: bool(find_widget("said").text())
    results["empty"] = find_widget("said").text()
    screenshot(f"krita-language-{VALUES['language']}")
    steps = docker().findChild(QLineEdit, "gramarye_more_steps")
    steps.setText("0.5x")
    steps.editingFinished.emit()
    yield 0.8  # an earlier click would count as the second one of a double click
    click(find_widget("paint"))
    yield 0.5
    results["number"] = find_widget("said").text()
    return results
