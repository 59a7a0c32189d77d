"""Styles from files, layers and documents; notes in a saved document; 16 bits while it is painted; the importer."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    VALUES,
    app,
    begin_painting,
    choose,
    document,
    fill,
    idle,
    names,
    noise,
    opened,
    part,
    pixels,
    show,
    shut,
    studio,
    undo,
    wish,
)
from PyQt5.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt5.QtGui import QDropEvent

ENDLESS = {"steps": 100000, "sketch": 0, "scales": 1, "optimiser": "adam"}
SHORT = {"steps": 4, "sketch": 0, "scales": 1}


def keys():
    gallery = part("gallery")
    return [gallery.item(row).data(Qt.UserRole) for row in range(gallery.count())]


def drop(path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path)])
    part("gallery").dropEvent(QDropEvent(QPoint(5, 5), Qt.CopyAction, mime, Qt.LeftButton, Qt.NoModifier))


def menu(name):
    """What a button's menu offers, opened."""
    opened_menu = part(name).menu()
    opened_menu.aboutToShow.emit()
    return {action.text(): action for action in opened_menu.actions()}


def undo_steps(doc):
    """How often undo does something."""
    count = 0
    while app.action("edit_undo").isEnabled() and app.action("edit_undo").text().strip() not in ("Undo", "&Undo"):
        count += 1
        undo()
        doc.waitForDone()
        yield 0.4
    return count


def run():
    yield opened()
    found = {}
    wish(recipe=SHORT)

    drop(VALUES["picture"])
    yield 0.3
    found["dropped"] = VALUES["picture"] in part("gallery").chosen()
    drop(VALUES["broken"])
    yield 0.3
    found["broken"] = part("said").text()
    doc = document(80, 64)
    yield 0.5
    yield from begin_painting()
    yield idle
    yield 0.4
    found["by_file"] = names(doc)

    other = doc.createNode("brushwork", "paintlayer")
    fill(other, noise(4 * 48 * 48), 0, 0, 48, 48)
    doc.rootNode().addChildNode(other, None)
    yield 0.4
    found["layers"] = sorted(menu("layers"))
    menu("layers")["brushwork"].trigger()
    yield 0.2
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield idle
    yield 0.4
    found["by_layer"] = names(doc)

    second = document(60, 50)
    second.setName("a study")
    yield 0.5
    show(doc)
    yield 0.3
    offered = menu("documents")
    found["documents"] = sorted(offered)
    name = next(name for name in offered if name.startswith("a study"))
    offered[name].trigger()
    yield 0.2
    yield from begin_painting()
    yield idle
    yield 0.4
    found["by_document"] = [name for name in names(doc) if "study" in name]
    shut(second)
    yield 0.4
    show(doc)
    yield 0.2
    yield from begin_painting_refused()
    found["style_gone"] = part("said").text()

    # a document of 16 bits: previews of 8, one step to undo
    choose("waves")
    deep = document(72, 64, depth="U16", profile="")
    yield 0.5
    wish(recipe={**SHORT, "steps": 12})
    yield from begin_painting()
    seen = []
    yield lambda: seen.extend(name for name in names(deep) if name == "Gramarye preview") or idle()
    yield 0.5
    found["deep"] = [bool(seen), names(deep), deep.rootNode().childNodes()[-1].colorDepth()]
    found["deep_steps"] = yield from undo_steps(deep)
    wish(recipe=ENDLESS)
    yield from begin_painting()
    yield lambda: "Gramarye preview" in names(deep)
    yield 1.0
    studio().cancel()
    yield idle
    yield 0.5
    found["deep_cancelled"] = [names(deep), (yield from undo_steps(deep))]

    # saved, opened again, painted again with the note's settings
    kept = document(72, 64)
    fill(kept.rootNode().childNodes()[0], noise(4 * 72 * 64), 0, 0, 72, 64)
    kept.refreshProjection()
    yield 0.4
    wish(strength=70, recipe={**SHORT, "seed": 7})
    choose(VALUES["picture"])
    yield from begin_painting()
    yield idle
    yield 0.4
    first = pixels(kept.rootNode().childNodes()[1])
    path = os.path.join(VALUES["folder"], "kept.kra")
    kept.saveAs(path)
    kept.waitForDone()
    shut(kept)
    yield 0.5
    wish(strength=20, recipe={})
    again = app.openDocument(path)
    app.activeWindow().addView(again)
    yield 0.8
    again.setActiveNode(again.rootNode().childNodes()[1])
    yield 0.3
    before = studio().commission
    app.action("gramarye_again").trigger()
    yield lambda: studio().commission is not before
    yield idle
    yield 0.4
    found["again"] = [
        names(again),
        pixels(again.rootNode().childNodes()[2]) == first if len(names(again)) > 2 else None,
    ]
    again.setActiveNode(again.rootNode().childNodes()[0])
    yield 0.3
    app.action("gramarye_again").trigger()
    yield 0.3
    found["no_note"] = part("said").text()

    # Krita's own importer
    import builtins

    builtins.i18n = getattr(builtins, "i18n", lambda text: text)
    from plugin_importer.plugin_importer import PluginImporter

    target = os.path.join(VALUES["folder"], "imported")
    os.makedirs(target)
    found["imported"] = [each["name"] for each in PluginImporter(VALUES["zip"], target, lambda _: True).import_all()]
    found["imported_files"] = sorted(os.listdir(target)) + sorted(os.listdir(os.path.join(target, "pykrita")))
    found["shortcut"] = app.action("gramarye_repeat").shortcut().toString()
    return found


def begin_painting_refused():
    """Click Paint where nothing can be painted."""
    from inside import click

    part("said").setText("")
    click(part("paint"))
    yield lambda: bool(part("said").text())
