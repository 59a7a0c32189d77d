"""The whole way with real clicks and keys, and everything that may happen to a painting on it."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    VALUES,
    app,
    begin_painting,
    click,
    docker,
    idle,
    names,
    part,
    pixels,
    press,
    screenshot,
    shut,
    studio,
    undo,
    window,
    wish,
)
from PyQt5.QtWidgets import QApplication

ENDLESS = {"steps": 100000, "sketch": 0, "scales": 1, "optimiser": "adam"}


def menu_entry(menu, text):
    return next(action for action in menu.actions() if action.text().replace("&", "").startswith(text))


def open_by_menu():
    """Filters > Artistic > Gramarye, with the mouse."""
    bar = window().menuBar()
    filters = menu_entry(bar, "Filter")
    click(bar, bar.actionGeometry(filters).center())
    yield 0.5
    artistic = menu_entry(filters.menu(), "Artistic")
    click(filters.menu(), filters.menu().actionGeometry(artistic).center())
    yield 0.5
    entry = menu_entry(artistic.menu(), "Gramarye: paint")
    screenshot_screen("krita-menu")
    click(artistic.menu(), artistic.menu().actionGeometry(entry).center())
    yield 0.5


def screenshot_screen(name):
    QApplication.primaryScreen().grabWindow(0).save(os.path.join(VALUES["screenshots"], name + ".png"))


def roomy():
    """The docker alone on the right, so that all of it shows."""
    for each in app.dockers():
        if each.objectName() not in ("gramarye_docker", "KisLayerBox", "ToolBox"):
            each.setVisible(False)


def preview_of(doc):
    return next((node for node in doc.rootNode().childNodes() if node.name() == "Gramarye preview"), None)


def picture_of(doc):
    """The preview's own pixels."""
    return pixels(preview_of(doc).childNodes()[0])


def previewed(doc):
    return lambda: preview_of(doc) is not None and studio().commission.view.progress is not None


def opened_picture():
    doc = app.openDocument(VALUES["picture"])
    doc.setBatchmode(True)
    app.activeWindow().addView(doc)
    return doc


def run():
    yield lambda: app.action("gramarye_open") is not None
    found = {}
    yield 1.0
    found["without"] = app.action("gramarye_open").isEnabled()
    doc = opened_picture()
    yield 1.0
    found["with"] = app.action("gramarye_open").isEnabled()
    yield from open_by_menu()
    roomy()
    yield lambda: docker().isVisible() and studio().link.is_ready and part("gallery").count() >= 8
    yield 0.5
    gallery = part("gallery")
    item = next(gallery.item(row) for row in range(gallery.count()) if gallery.item(row).text() == VALUES["style"])
    gallery.scrollToItem(item)
    click(gallery.viewport(), gallery.visualItemRect(item).center())
    yield 0.3
    found["chosen"] = list(gallery.chosen())
    wish(recipe={"steps": 60, "sketch": 0})
    yield 0.3
    began = time.monotonic()
    yield from begin_painting()
    yield previewed(doc)
    found["first_preview"] = time.monotonic() - began
    found["during"] = names(doc)
    found["locked"] = preview_of(doc).locked()
    found["active_during"] = None
    yield 1.0
    found["active_during"] = doc.activeNode().name()
    found["folded"] = [preview_of(doc).collapsed(), [node.locked() for node in preview_of(doc).childNodes()]]
    first, seen = picture_of(doc), bytes(doc.pixelData(0, 0, doc.width(), doc.height()))
    found["seen_during"] = [len(set(first)), seen != pixels(doc.rootNode().childNodes()[0])]
    found["said_during"] = part("said").text()
    screenshot("krita-painting")
    yield lambda: idle() or picture_of(doc) != first
    yield lambda: idle() or bytes(doc.pixelData(0, 0, doc.width(), doc.height())) != seen
    found["forms"] = not idle()
    yield idle
    yield 0.5
    screenshot("krita-painted")
    found["after"] = names(doc)
    result = doc.rootNode().childNodes()[1]
    found["result"] = [
        result.locked(),
        len(set(pixels(result))),
        pixels(result) != pixels(doc.rootNode().childNodes()[0]),
    ]
    kept = pixels(result)
    press("ctrl+z")
    yield 0.7
    found["undone"] = names(doc)
    press("ctrl+shift+z")
    yield 0.7
    found["redone"] = names(doc)
    found["redone_exact"] = len(names(doc)) > 1 and pixels(doc.rootNode().childNodes()[1]) == kept

    # painted once more: above the earlier one, from the same source
    app.action("gramarye_repeat").trigger()
    yield idle
    yield 0.5
    found["repeated"] = names(doc)
    undo()
    yield 0.5
    undo()
    yield 0.5
    found["cleared"] = names(doc)

    # cancelled
    wish(recipe=ENDLESS)
    yield from begin_painting()
    yield previewed(doc)
    click(part("cancel"))
    yield idle
    yield 0.5
    found["cancelled"] = [names(doc), part("said").text()]

    # kept
    yield from begin_painting()
    yield previewed(doc)
    yield 0.5
    click(part("keep"))
    yield idle
    yield 0.5
    found["kept"] = names(doc)
    undo()
    yield 0.3
    found["kept_undone"] = names(doc)

    # the artist works on: another layer is made meanwhile, and the step to undo is theirs
    yield from begin_painting()
    yield previewed(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(part("cancel"))
    yield idle
    yield 0.5
    found["cancelled_while_working"] = names(doc)
    mine = next(node for node in doc.rootNode().childNodes() if node.name() == "mine")
    mine.remove()
    yield 0.3

    # the same, and the painting comes to its end
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield previewed(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(part("keep"))
    yield idle
    yield 0.5
    found["kept_while_working"] = names(doc)
    kept = next(node for node in doc.rootNode().childNodes() if node.name().startswith("Gramarye"))
    found["kept_inside"] = [[node.name(), node.type(), node.locked()] for node in kept.childNodes()]
    painting = pixels(kept.childNodes()[0])
    found["kept_seen"] = len(set(painting)) > 100 and bytes(doc.pixelData(0, 0, doc.width(), doc.height())) == painting
    undo()
    yield 0.5
    undo()
    yield 0.5
    found["undone_while_working"] = names(doc)

    # the preview is removed: the painting goes on
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield previewed(doc)
    preview_of(doc).setLocked(False)
    preview_of(doc).remove()
    yield 0.6
    click(part("keep"))
    yield idle
    yield 0.5
    found["preview_removed"] = names(doc)
    undo()
    yield 0.5

    # the source is deleted meanwhile
    source = doc.rootNode().childNodes()[0].duplicate()
    source.setName("doomed")
    doc.rootNode().addChildNode(source, None)
    yield 0.3
    doc.setActiveNode(source)
    yield 0.3
    yield from begin_painting()
    yield previewed(doc)
    next(node for node in doc.rootNode().childNodes() if node.name() == "doomed").remove()
    yield 0.6
    click(part("keep"))
    yield idle
    yield 0.5
    found["source_deleted"] = names(doc)

    # the daemon is killed
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield previewed(doc)
    before = studio().commission.view.progress
    os.kill(studio().link.session.welcome.pid, signal.SIGKILL)
    said = []
    yield lambda: said.append(part("said").text()) or "is away" in said[-1]
    yield lambda: studio().link.is_ready
    yield lambda: studio().commission.view.progress not in (None, before)
    found["killed"] = [said[-1], names(doc)]
    click(part("keep"))
    yield idle
    yield 0.5
    found["after_killing"] = names(doc)
    undo()
    yield 0.3

    # the document is closed
    other = opened_picture()
    yield 1.0
    wish(recipe=ENDLESS)
    yield from begin_painting()
    yield previewed(other)
    shut(other)
    yield idle
    found["closed"] = part("said").text()
    return found
