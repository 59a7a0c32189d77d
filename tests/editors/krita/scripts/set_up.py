"""Sets up Gramarye from the docker, where only the plugin is there: cancels once, then installs and paints."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QApplication, QLabel, QPushButton
from inside import (
    VALUES,
    app,
    begin_painting,
    choose,
    click,
    docker,
    find_widget,
    is_idle,
    names,
    opened_picture,
    screenshot,
    set_paint_settings,
    studio,
)


def window():
    return next((each for each in QApplication.topLevelWidgets() if each.objectName() == "gramarye_setup"), None)


def part(name, kind=QPushButton):
    return window().findChild(kind, "gramarye_setup_" + name)


def opened():
    """Click "Set up" in the docker and wait until a Python was found."""
    click(find_widget("help"))
    yield lambda: window() is not None and window().isVisible() and part("start").isEnabled()


def run():
    results = {}
    yield lambda: app.action("gramarye_open") is not None
    app.action("gramarye_open").trigger()
    yield lambda: docker().isVisible() and find_widget("help").isVisible()
    yield 0.5
    results["offered"] = find_widget("help").text()
    yield from opened()
    results["said"] = part("said", QLabel).text()
    screenshot("krita-set-up-before")
    click(part("start"))
    yield lambda: os.path.isdir(VALUES["environment"])
    yield 1.0
    click(part("cancel"))
    yield lambda: window() is None or not window().isVisible()
    yield 0.5
    results["cancelled"] = os.path.isdir(VALUES["environment"])
    yield from opened()
    click(part("start"))
    yield lambda: "torch" in part("said", QLabel).text() or "Installing" in part("said", QLabel).text()
    window().grab().save(os.path.join(VALUES["screenshots"], "krita-set-up.png"))
    yield lambda: studio().link.is_ready or (window() is not None and "could not" in part("said", QLabel).text())
    results["failed"] = "" if studio().link.is_ready else part("said", QLabel).text()
    yield lambda: find_widget("gallery").count() >= 8
    doc = opened_picture()
    yield 1.0
    choose("waves")
    set_paint_settings(recipe={"steps": 3, "sketch": 0, "scales": 1}, network="draft")
    yield from begin_painting()
    yield is_idle
    yield 0.5
    results["painted"] = names(doc)
    return results
