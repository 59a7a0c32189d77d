"""Uses styles from files, layers and documents, notes of a saved document, a 16-bit document, and the importer."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QDropEvent, QLineEdit, QMimeData, QPoint, QPointF, Qt, QUrl, QWidget
from inside import (
    ENDLESS,
    VALUES,
    activate_document,
    app,
    begin_painting,
    choose,
    click,
    close_document,
    docker,
    document,
    fill,
    find_widget,
    hide_other_dockers,
    is_idle,
    names,
    noise,
    pixels,
    plugin_is_ready,
    screenshot,
    set_paint_settings,
    studio,
    undo,
    window,
)

SHORT = {"steps": 4, "sketch": 0, "scales": 1}


def keys():
    gallery = find_widget("gallery")
    return [gallery.item(row).data(Qt.ItemDataRole.UserRole) for row in range(gallery.count())]


def drop(path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path)])
    drop_data(mime)


def drag_active_layer_to_the_gallery():
    """Drag the layer from Krita's list of layers with the mouse; it is the first in the list."""
    view = next(each for each in window().findChildren(QWidget) if each.metaObject().className() == "NodeView")
    row = view.visualRect(view.currentIndex())
    start = view.viewport().mapToGlobal(QPoint(row.x() + 60, row.center().y()))
    viewport = find_widget("gallery").viewport()
    end = viewport.mapToGlobal(QPoint(viewport.width() // 2, viewport.height() // 2))
    xdotool("mousemove", start.x(), start.y())
    yield 0.4
    xdotool("mousedown", 1)
    yield 0.4
    for part in range(1, 13):
        x, y = (a + (b - a) * part // 12 for a, b in ((start.x(), end.x()), (start.y(), end.y())))
        xdotool("mousemove", x, y)
        yield 0.08
    yield 0.3
    xdotool("mouseup", 1)
    yield 1.0


def xdotool(*arguments):
    """Run it without waiting: while something is dragged, Krita must handle events for it to end."""
    subprocess.Popen(["xdotool", *map(str, arguments)])


def drop_data(mime):
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    find_widget("gallery").dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, left, none))


def menu(name):
    """Open a button's menu; return its actions by text."""
    opened_menu = find_widget(name).menu()
    opened_menu.aboutToShow.emit()
    return {action.text(): action for action in opened_menu.actions()}


def undo_steps(doc):
    """Undo everything; return the number of steps."""
    count = 0
    while app.action("edit_undo").isEnabled() and app.action("edit_undo").text().strip() not in ("Undo", "&Undo"):
        count += 1
        undo()
        doc.waitForDone()
        yield 0.4
    return count


def begin_painting_refused():
    """Click Paint and wait for the refusal."""
    find_widget("said").setText("")
    click(find_widget("paint"))
    yield lambda: bool(find_widget("said").text())


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    set_paint_settings(recipe=SHORT)

    drop(VALUES["picture"])
    yield 0.3
    gallery = find_widget("gallery")
    results["dropped"] = VALUES["picture"] in gallery.chosen()
    place = gallery.visualItemRect(gallery.selectedItems()[0])
    results["in_sight"] = gallery.viewport().rect().contains(place.center())
    drop(VALUES["broken"])
    yield 0.3
    results["broken"] = find_widget("said").text()
    doc = document(80, 64)
    yield 0.5
    yield from begin_painting()
    yield is_idle
    yield 0.4
    results["by_file"] = names(doc)

    other = doc.createNode("brushwork", "paintlayer")
    fill(other, noise(4 * 48 * 48), 0, 0, 48, 48)
    doc.rootNode().addChildNode(other, None)
    yield 0.4
    doc.setActiveNode(other)
    yield 0.3
    yield from drag_active_layer_to_the_gallery()
    results["dropped_layer"] = gallery.chosen() == (f"layer {other.uniqueId().toString()}",)
    results["layers"] = sorted(menu("layers"))
    menu("layers")["brushwork"].trigger()
    yield 0.2
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield is_idle
    yield 0.4
    results["by_layer"] = names(doc)

    second = document(60, 50)
    second.setName("a study")
    yield 0.5
    activate_document(doc)
    yield 0.3
    offered = menu("documents")
    results["documents"] = sorted(offered)
    name = next(name for name in offered if name.startswith("a study"))
    offered[name].trigger()
    yield 0.2
    yield from begin_painting()
    yield is_idle
    yield 0.4
    results["by_document"] = [name for name in names(doc) if "study" in name]
    close_document(second)
    yield 0.4
    activate_document(doc)
    yield 0.2
    yield from begin_painting_refused()
    results["style_gone"] = find_widget("said").text()

    # a 16-bit document: 8-bit previews, one undo step
    choose("waves")
    deep = document(72, 64, depth="U16", profile="")
    yield 0.5
    set_paint_settings(recipe={**SHORT, "steps": 12})
    yield from begin_painting()
    seen = []
    yield lambda: seen.extend(name for name in names(deep) if name == "Gramarye preview") or is_idle()
    yield 0.5
    results["deep"] = [bool(seen), names(deep), deep.rootNode().childNodes()[-1].colorDepth()]
    results["deep_steps"] = yield from undo_steps(deep)
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield lambda: "Gramarye preview" in names(deep)
    yield 1.0
    studio().cancel()
    yield is_idle
    yield 0.5
    results["deep_cancelled"] = [names(deep), (yield from undo_steps(deep))]

    # save, reopen, and paint again with the note's settings
    kept = document(72, 64)
    fill(kept.rootNode().childNodes()[0], noise(4 * 72 * 64), 0, 0, 72, 64)
    kept.refreshProjection()
    yield 0.4
    set_paint_settings(strength=70, recipe={**SHORT, "seed": 7})
    choose(VALUES["picture"])
    yield from begin_painting()
    yield is_idle
    yield 0.4
    first = pixels(kept.rootNode().childNodes()[1])
    path = os.path.join(VALUES["folder"], "kept.kra")
    kept.saveAs(path)
    kept.waitForDone()
    close_document(kept)
    yield 0.5
    set_paint_settings(strength=20, recipe={})
    again = app.openDocument(path)
    app.activeWindow().addView(again)
    yield 0.8
    again.setActiveNode(again.rootNode().childNodes()[1])
    yield 0.3
    before = studio().paint_run
    app.action("gramarye_again").trigger()
    yield lambda: studio().paint_run is not before
    yield is_idle
    yield 0.4
    results["again"] = [
        names(again),
        pixels(again.rootNode().childNodes()[2]) == first if len(names(again)) > 2 else None,
    ]
    again.setActiveNode(again.rootNode().childNodes()[0])
    yield 0.3
    app.action("gramarye_again").trigger()
    yield 0.3
    results["no_note"] = find_widget("said").text()

    # Krita's plugin importer
    import builtins

    builtins.i18n = getattr(builtins, "i18n", lambda text: text)
    from plugin_importer.plugin_importer import PluginImporter

    target = os.path.join(VALUES["folder"], "imported")
    os.makedirs(target)
    results["imported"] = [each["name"] for each in PluginImporter(VALUES["zip"], target, lambda _: True).import_all()]
    results["imported_files"] = sorted(os.listdir(target)) + sorted(os.listdir(os.path.join(target, "pykrita")))
    own = app.action("gramarye_repeat").shortcut()
    results["shortcut"] = own.toString()
    results["same_shortcut"] = [
        action.text()
        for action in app.actions()
        if action.objectName() != "gramarye_repeat" and own in action.shortcuts()
    ]

    # many styles
    search = docker().findChild(QLineEdit, "gramarye_search")
    results["search_shown"] = [search.isVisible()]
    for number in range(5):
        drop(shutil.copy(VALUES["picture"], os.path.join(VALUES["folder"], f"oils {number}.jpg")))
        yield 0.2
    results["search_shown"].append(search.isVisible())
    search.setText("WAV")
    items = [gallery.item(row) for row in range(gallery.count())]
    results["found"] = [item.text() for item in items if not item.isHidden()]
    screenshot("krita-search")
    search.clear()
    results["all_again"] = all(not item.isHidden() for item in items)
    return results
