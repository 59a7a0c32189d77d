"""Paints with real clicks and keys, and checks everything that may happen to a painting meanwhile."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from binding import QApplication, QPoint
from gramarye_krita.document.annotations import read_notes
from inside import (
    ENDLESS,
    VALUES,
    activate_document,
    app,
    begin_painting,
    click,
    close_document,
    docker,
    find_widget,
    hide_other_dockers,
    is_idle,
    names,
    pixels,
    press,
    preview_of,
    screenshot,
    set_paint_settings,
    studio,
    undo,
    window,
)


def menu_entry(menu, text):
    return next(action for action in menu.actions() if action.text().replace("&", "").startswith(text))


def open_by_menu():
    """Choose Filter > Artistic > Gramarye with the mouse."""
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


def picture_of(doc):
    """Return the pixels of the preview's paint layer."""
    return pixels(preview_of(doc).childNodes()[0])


def has_preview(doc):
    return lambda: preview_of(doc) is not None and studio().paint_run.view.progress is not None


def button_places():
    """Return where the buttons are, in the docker."""
    buttons = [find_widget(name) for name in ("paint", "keep", "cancel")]
    return [[button.mapTo(docker(), QPoint()).y(), button.isVisible(), button.isEnabled()] for button in buttons]


def opened_picture():
    doc = app.openDocument(VALUES["picture"])
    doc.setBatchmode(True)
    app.activeWindow().addView(doc)
    return doc


def run():
    yield lambda: app.action("gramarye_open") is not None
    results = {}
    yield 1.0
    results["without"] = app.action("gramarye_open").isEnabled()
    doc = opened_picture()
    yield 1.0
    results["with"] = app.action("gramarye_open").isEnabled()
    yield from open_by_menu()
    hide_other_dockers()
    yield lambda: docker().isVisible() and studio().link.is_ready and find_widget("gallery").count() >= 8
    yield 0.5
    gallery = find_widget("gallery")
    item = next(gallery.item(row) for row in range(gallery.count()) if gallery.item(row).text() == VALUES["style"])
    gallery.scrollToItem(item)
    click(gallery.viewport(), gallery.visualItemRect(item).center())
    yield 0.3
    results["chosen"] = list(gallery.chosen())
    set_paint_settings(recipe={"steps": 60, "sketch": 0})
    yield 0.3
    results["places"] = [button_places()]
    began = time.monotonic()
    yield from begin_painting()
    yield has_preview(doc)
    results["first_preview"] = time.monotonic() - began
    results["during"] = names(doc)
    results["locked"] = preview_of(doc).locked()
    results["active_during"] = None
    yield 1.0
    results["active_during"] = doc.activeNode().name()
    results["folded"] = [preview_of(doc).collapsed(), [node.locked() for node in preview_of(doc).childNodes()]]
    first, seen = picture_of(doc), bytes(doc.pixelData(0, 0, doc.width(), doc.height()))
    results["seen_during"] = [len(set(first)), seen != pixels(doc.rootNode().childNodes()[0])]
    results["said_during"] = find_widget("said").text()
    screenshot("krita-painting")
    results["places"].append(button_places())
    yield lambda: is_idle() or picture_of(doc) != first
    yield lambda: is_idle() or bytes(doc.pixelData(0, 0, doc.width(), doc.height())) != seen
    results["forms"] = not is_idle()
    yield is_idle
    yield 0.5
    screenshot("krita-painted")
    results["places"].append(button_places())
    results["after"] = names(doc)
    stored = studio().settings
    click(find_widget("cancel"))  # a second click, too late
    yield 0.3
    results["second_click"] = [studio().settings == stored, is_idle(), names(doc) == results["after"]]
    result = doc.rootNode().childNodes()[1]
    results["result"] = [
        result.locked(),
        len(set(pixels(result))),
        pixels(result) != pixels(doc.rootNode().childNodes()[0]),
    ]
    kept = pixels(result)
    press("ctrl+z")
    yield 0.7
    results["undone"] = names(doc)
    press("ctrl+shift+z")
    yield 0.7
    results["redone"] = names(doc)
    results["redone_exact"] = len(names(doc)) > 1 and pixels(doc.rootNode().childNodes()[1]) == kept

    # painted once more: above the earlier one, from the same source
    app.action("gramarye_repeat").trigger()
    yield is_idle
    yield 0.5
    results["repeated"] = names(doc)
    undo()
    yield 0.5
    undo()
    yield 0.5
    results["cleared"] = names(doc)

    # cancelled
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(doc)
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["cancelled"] = [names(doc), find_widget("said").text()]

    # kept; meanwhile another painting is refused
    yield from begin_painting()
    yield has_preview(doc)
    app.action("gramarye_repeat").trigger()
    yield 0.3
    results["busy"] = [find_widget("said").text()]
    yield lambda: find_widget("said").text().startswith("Step")
    app.action("gramarye_repeat").trigger()
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["kept"] = names(doc)
    results["busy"].append(find_widget("said").text())
    undo()
    yield 0.3
    results["kept_undone"] = names(doc)

    # the user adds a layer meanwhile, so the last undo step is theirs
    yield from begin_painting()
    yield has_preview(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["cancelled_while_working"] = names(doc)
    mine = next(node for node in doc.rootNode().childNodes() if node.name() == "mine")
    mine.remove()
    yield 0.3

    # the same, but the painting is kept
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["kept_while_working"] = names(doc)
    kept = next(node for node in doc.rootNode().childNodes() if node.name().startswith("Gramarye"))
    results["kept_inside"] = [[node.name(), node.type(), node.locked()] for node in kept.childNodes()]
    painting = pixels(kept.childNodes()[0])
    results["kept_seen"] = (
        len(set(painting)) > 100 and bytes(doc.pixelData(0, 0, doc.width(), doc.height())) == painting
    )
    undo()
    yield 0.5
    undo()
    yield 0.5
    results["undone_while_working"] = names(doc)

    # the preview is removed: the painting continues
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    preview_of(doc).setLocked(False)
    preview_of(doc).remove()
    yield 0.6
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["preview_removed"] = names(doc)
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
    yield has_preview(doc)
    next(node for node in doc.rootNode().childNodes() if node.name() == "doomed").remove()
    yield 0.6
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["source_deleted"] = names(doc)

    # the daemon is killed
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    before = studio().paint_run.view.progress
    os.kill(studio().link.session.welcome.pid, signal.SIGKILL)
    said = []
    yield lambda: said.append(find_widget("said").text()) or "Waiting for the daemon" in said[-1]
    yield lambda: studio().link.is_ready
    yield lambda: studio().paint_run.view.progress not in (None, before)
    results["killed"] = [said[-1], names(doc)]
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["after_killing"] = names(doc)
    undo()
    yield 0.3

    # it ends while another document is in front
    known = [node.uniqueId() for node in doc.rootNode().childNodes()]
    set_paint_settings(recipe={"steps": 30, "sketch": 0, "scales": 1, "optimiser": "adam"})
    yield from begin_painting()
    yield has_preview(doc)
    yield 0.5
    other = opened_picture()
    yield is_idle
    yield 0.5
    results["ended_behind"] = names(other)
    activate_document(doc)
    yield 1.5
    painted = [node for node in doc.rootNode().childNodes() if node.uniqueId() not in known]
    results["shown_again"] = [[node.name(), node.type()] for node in painted]
    results["shown_again_note"] = painted[0].uniqueId().toString() in read_notes(doc)
    undo()
    yield 0.5
    results["shown_again_undone"] = [node.uniqueId() for node in doc.rootNode().childNodes()] == known
    close_document(other)
    yield 0.5
    doc.setActiveNode(doc.rootNode().childNodes()[0])

    # the document is closed
    other = opened_picture()
    yield 1.0
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(other)
    close_document(other)
    yield is_idle
    results["closed"] = find_widget("said").text()
    yield 0.5  # until the cancel is sent: Krita is killed next, and an endless job would block the next script's
    return results
