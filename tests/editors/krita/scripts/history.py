"""Uses the history of a document: inserts a painting again, compares, takes its settings, marks and discards."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QByteArray, QListWidget, QToolButton
from inside import (
    ENDLESS,
    VALUES,
    app,
    begin_painting,
    canvas,
    choose,
    click,
    close_document,
    docker,
    double_click,
    find_widget,
    has_preview,
    hide_other_dockers,
    is_idle,
    names,
    opened_picture,
    pixels,
    plugin_is_ready,
    redo,
    screenshot,
    set_paint_settings,
    studio,
    undo,
    use_mouse,
    window,
)

QUICK = {"steps": 6, "sketch": 0, "scales": 1}


def button(name):
    return docker().findChild(QToolButton, "gramarye_history" + name)


def thumbnails():
    return docker().findChild(QListWidget, "gramarye_history_list")


def tips():
    """Return the listed paintings by their tooltips."""
    return [thumbnails().item(row).toolTip() for row in range(thumbnails().count())]


def choose_painting(row):
    item = thumbnails().item(row)
    click(thumbnails().viewport(), thumbnails().visualItemRect(item).center())


def colours(row):
    """Return the number of different colours in a thumbnail."""
    image = thumbnails().item(row).icon().pixmap(64, 64).toImage()
    return len({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())})


def painted():
    """Paint with the docker's settings and wait for the end."""
    yield from begin_painting()
    yield is_idle
    yield 0.7


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    doc = opened_picture()
    yield 1.0
    before = canvas(doc)
    choose(VALUES["style"])
    set_paint_settings(recipe=QUICK, strength=70)
    click(button(""))  # open the section
    yield 0.3
    results["at_first"] = [tips(), button("_insert").isEnabled()]
    yield from painted()
    first = pixels(doc.rootNode().childNodes()[1])
    results["one"] = tips()
    results["colours"] = colours(0)

    # undone, and inserted again
    undo()
    doc.waitForDone()
    yield 0.5
    results["undone"] = [names(doc), tips()]
    choose_painting(0)
    yield 0.3
    results["nothing_to_compare"] = button("_compare").isEnabled()
    click(button("_insert"))
    yield lambda: len(names(doc)) == 2
    yield 0.7
    results["inserted"] = [names(doc), pixels(doc.rootNode().childNodes()[1]) == first, doc.activeNode().name()]
    undo()
    doc.waitForDone()
    yield 0.5
    after_undo = names(doc)
    redo()
    doc.waitForDone()
    yield 0.5
    results["one_step"] = [after_undo, names(doc)]

    # another painting
    doc.setActiveNode(doc.rootNode().childNodes()[0])  # a redo activates what it brings back
    yield 0.3
    choose("waves")
    set_paint_settings(recipe={**QUICK, "tv_weight": 3.0}, strength=30)
    yield from painted()
    results["two"] = tips()
    results["recent"] = [find_widget("gallery").item(place).text() for place in range(2)]
    screenshot("krita-history")

    # compare
    choose_painting(0)
    yield 0.3
    shown = canvas(doc)
    use_mouse(button("_compare"), "mousedown")
    yield 0.7
    results["compared"] = [canvas(doc) == before, [node.visible() for node in doc.rootNode().childNodes()]]
    use_mouse(button("_compare"), "mouseup")
    yield 0.7
    results["compared_after"] = canvas(doc) == shown and shown != before

    # the settings of the older one
    choose_painting(1)
    yield 0.3
    click(button("_settings"))
    yield 0.5
    values = studio().settings
    results["settings"] = [
        list(values.chosen),
        values.paint_settings.strength,
        dict(values.paint_settings.recipe),
        values.paint_settings.network,
        values.paint_settings.preset,
    ]
    results["selected"] = list(find_widget("gallery").chosen())

    # favourites come first, and stay when the document is saved
    click(button("_favourite"))
    yield 0.5
    results["favourite"] = [tips(), button("_favourite").isChecked()]
    screenshot("krita-history-favourite")
    saved = os.path.join(VALUES["folder"], "history.kra")
    doc.saveAs(saved)
    yield 0.5
    close_document(doc)
    yield 1.0
    results["closed"] = tips()
    again = app.openDocument(saved)
    again.setBatchmode(True)
    app.activeWindow().addView(again)
    yield 1.0
    results["opened"] = tips()
    double_click(thumbnails().viewport(), thumbnails().visualItemRect(thumbnails().item(0)).center())
    yield lambda: len(names(again)) == 4
    yield 0.7
    results["after_opening"] = [names(again), pixels(again.rootNode().childNodes()[3]) == first]

    # discarded; and one that the daemon does not have
    choose_painting(1)
    yield 0.3
    click(button("_discard"))
    yield 0.5
    results["discarded"] = [tips(), len(names(again))]
    kept = bytes(again.annotation("gramarye-history")).decode()
    job = json.loads(kept)["paintings"][0]["job"]
    again.setAnnotation("gramarye-history", "", QByteArray(kept.replace(job, "0" * len(job)).encode()))
    studio().history.revision += 1
    docker()._update()
    choose_painting(0)
    yield 0.3
    click(button("_insert"))
    yield lambda: studio().last_refusal is not None
    yield 0.3
    results["gone"] = find_widget("said").text()

    # on a small screen, with a queue
    window().setGeometry(0, 0, 1366, 768)
    yield 0.5
    again.setActiveNode(again.rootNode().childNodes()[0])
    yield 0.3
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(again)
    yield 0.6
    click(find_widget("paint"))
    yield lambda: len(studio().queue.unfinished) > 1
    yield 0.5
    results["small"] = [window().height(), thumbnails().isVisible()]
    studio().cancel_all()
    yield is_idle
    yield 0.5
    results["small_after"] = [window().height(), thumbnails().isVisible()]
    return results
