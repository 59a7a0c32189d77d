"""Paints with real clicks and keys, from the menu to undo and redo."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from binding import QApplication, QPoint
from inside import (
    VALUES,
    app,
    begin_painting,
    click,
    docker,
    find_widget,
    has_preview,
    hide_other_dockers,
    is_idle,
    names,
    opened_picture,
    picture_of,
    pixels,
    plugin_is_ready,
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


def open_menu(menu, text):
    """Click an entry that opens a menu, and wait until that is shown; return it."""
    entry = menu_entry(menu, text)
    click(menu, menu.actionGeometry(entry).center())
    yield entry.menu().isVisible
    yield 0.3
    return entry.menu()


def open_by_menu():
    """Choose Filter > Artistic > Gramarye with the mouse."""
    filters = yield from open_menu(window().menuBar(), "Filter")
    artistic = yield from open_menu(filters, "Artistic")
    screenshot_screen("krita-menu")
    click(artistic, artistic.actionGeometry(menu_entry(artistic, "Gramarye: paint in")).center())
    yield lambda: not artistic.isVisible()


def screenshot_screen(name):
    QApplication.primaryScreen().grabWindow(0).save(os.path.join(VALUES["screenshots"], name + ".png"))


def button_places():
    """Return where the buttons are, in the docker."""
    buttons = [find_widget(name) for name in ("paint", "keep", "cancel")]
    return [[button.mapTo(docker(), QPoint()).y(), button.isVisible(), button.isEnabled()] for button in buttons]


def open_docker(results):
    """Open the docker by the menu and choose a style; return the document."""
    yield lambda: app.action("gramarye_open") is not None
    yield 1.0
    results["without"] = app.action("gramarye_open").isEnabled()
    doc = opened_picture()
    yield 1.0
    results["with"] = app.action("gramarye_open").isEnabled()
    yield from open_by_menu()
    yield 1.0
    results["opened"] = docker().isVisible()
    hide_other_dockers()
    yield plugin_is_ready()
    yield 0.5
    gallery = find_widget("gallery")
    item = next(gallery.item(row) for row in range(gallery.count()) if gallery.item(row).text() == VALUES["style"])
    gallery.scrollToItem(item)
    click(gallery.viewport(), gallery.visualItemRect(item).center())
    yield 0.3
    results["chosen"] = list(gallery.chosen())
    return doc


def paint(doc, results):
    """Paint, and look at the document and the docker before, meanwhile and afterwards."""
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


def click_too_late(doc, results):
    """Click Cancel when the painting has ended, and look at the result."""
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


def undo_and_redo(doc, results):
    """Undo and redo with the keys."""
    result = doc.rootNode().childNodes()[1]
    kept = pixels(result)
    press("ctrl+z")
    yield 0.7
    results["undone"] = names(doc)
    press("ctrl+shift+z")
    yield 0.7
    results["redone"] = names(doc)
    results["redone_exact"] = len(names(doc)) > 1 and pixels(doc.rootNode().childNodes()[1]) == kept


def repeat(doc, results):
    """Paint once more: above the earlier one, from the same source."""
    app.action("gramarye_repeat").trigger()
    yield is_idle
    yield 0.5
    results["repeated"] = names(doc)
    undo()
    yield 0.5
    undo()
    yield 0.5
    results["cleared"] = names(doc)


def run():
    results = {}
    doc = yield from open_docker(results)
    for part in (paint, click_too_late, undo_and_redo, repeat):
        yield from part(doc, results)
    return results
