"""Paints in two documents at once: the second painting waits in the daemon's queue, and the docker lists both."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QApplication, QLabel, QPushButton, QToolButton
from inside import (
    ENDLESS,
    VALUES,
    activate_document,
    app,
    begin_painting,
    choose,
    click,
    docker,
    find_widget,
    has_preview,
    hide_other_dockers,
    is_idle,
    names,
    opened_picture,
    plugin_is_ready,
    screenshot,
    set_paint_settings,
    studio,
    window,
)


def rows():
    """Return the texts of the list; empty if it is hidden."""
    labels = [label for label in docker().findChildren(QLabel, "gramarye_queued") if label.isVisible()]
    return [label.text() for label in labels]


def copy_button():
    return docker().findChild(QToolButton, "gramarye_said_copy")


def layers_listed():
    return [row.split(" – ")[0] for row in rows()]


def variation_windows():
    return [each for each in QApplication.topLevelWidgets() if each.objectName() == "gramarye_sheet"]


def row_button(name, place):
    return [button for button in docker().findChildren(QToolButton, name) if button.isVisible()][place]


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    choose(VALUES["style"])
    results = {}
    first = opened_picture()
    first.rootNode().childNodes()[0].setName("sea")
    first.rootNode().childNodes()[0].enableAnimation()
    yield 1.0
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(first)
    results["alone"] = rows()
    yield 0.3
    results["animated"] = find_widget("said").text()
    app.action("gramarye_again").trigger()
    yield 0.3
    results["refused"] = [find_widget("said").text(), copy_button().isVisible()]
    click(copy_button())
    yield 0.3
    results["copied"] = QApplication.clipboard().text()
    screenshot("krita-refusal")
    yield lambda: find_widget("said").text().startswith("Step")
    results["refused"].append(copy_button().isVisible())

    # a second document; the second click of a double click is not a wish for another painting
    second = opened_picture()
    second.rootNode().childNodes()[0].setName("harbour")
    yield 1.0
    set_paint_settings(recipe={"steps": 6, "sketch": 0, "scales": 1})
    click(find_widget("paint"))
    click(find_widget("paint"))
    yield lambda: len(rows()) > 1
    yield 1.0
    results["queued"] = layers_listed()
    results["documents"] = [row.split(" – ")[1] for row in rows()]
    second.rootNode().childNodes()[0].setName("boats")
    click(find_widget("paint"))
    yield lambda: len(rows()) > 2
    yield 0.5
    results["three"] = layers_listed()
    screenshot("krita-queue")
    results["high"] = window().height()
    click(row_button("gramarye_next", 2))
    yield lambda: layers_listed() != results["three"]
    yield 0.5
    results["next"] = layers_listed()
    click(row_button("gramarye_cancel_one", 2))
    yield lambda: len(rows()) < 3
    yield 0.5
    results["one_cancelled"] = layers_listed()
    results["unchanged_meanwhile"] = names(second)

    # the first is cancelled, and the second is painted
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["painted"] = [names(first), names(second)]
    results["list_after"] = rows()

    # all are cancelled
    activate_document(first)
    yield 0.5
    first.setActiveNode(first.rootNode().childNodes()[0])
    yield 0.3
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(first)
    yield 0.6
    click(find_widget("paint"))
    yield lambda: len(rows()) > 1
    yield 0.5
    # variations wait for the paintings, and nothing is lost if they are wanted twice
    click(docker().findChild(QPushButton, "gramarye_eight"))
    yield lambda: studio().variation_run is not None and studio().variation_run.view is not None
    yield 0.5
    results["variations_wait"] = variation_windows()[0].findChild(QLabel, "gramarye_sheet_said").text()
    click(docker().findChild(QPushButton, "gramarye_eight"))
    yield 0.5
    results["variations_twice"] = [len(variation_windows()), find_widget("said").text()]
    screenshot("krita-variations-wait")
    variation_windows()[0].close()
    yield 0.3
    click(docker().findChild(QPushButton, "gramarye_cancel_all"))
    yield is_idle
    yield 0.7
    results["all_cancelled"] = [names(first), len(studio().queue.unfinished)]
    return results
